/*
 * How much of each pixel is torn.
 *
 * Inside a region's blurred reach a pixel is a mixture of what fills the tear (level p) and the tendon around it (level
 * b): f = (I - b) / (p - b). Levels and the region's sharp outline are found in turn: blurring the outline with the
 * known point spread predicts the share r of the contrast that each pixel recovers; the levels are regressions on r
 * (levels.c); the shares f follow, all views together; and the outline becomes the one whose blurred image they are
 * (outline.c). Volumes are sums of f weighed by r, a matched filter: no threshold, hence no bias from the grid or from
 * the blur, and little from what else is raised nearby. The geometric transfer matrix of Rousset et al. (J Nucl Med
 * 1998;39:904-911) is the source of the idea.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "films.h"
#include "teno/memory.h"
#include "work.h"

/* A region's reach ends where less than this share of its largest contrast can be seen: 2 to 3 SDs of the blur. */
static const double REACH = 0.025;
/* Regions may grow to where the blur of their outline, blurred again, still leaves this share. */
static const double DOMAIN = 0.003;
/* How far a pixel at the boundary looks for deeper neighbours, SD in mm. */
static const double SLIVER_REACH_MM = 0.5;
/* A share beyond this is a wrong level or an artefact, not noise. */
static const double MOST_SHARE = 1.2;
/* The outline and the sections' sums agree to a few per cent; a small tear's outline may consist of few pixels. */
static const double SCALE[2] = {0.7, 1.3};
/* A tear has at least this share of its volume below what the outside can show through. */
static const double LEAST_DEEP = 0.25;
enum { ROUNDS = 6 };

double joint_trust(const TearMap *map, size_t at)
{
    double trust = 0;
    for (int c = 0; c < map->n_views; c++) trust += map->view[c].weight * (double)map->view[c].trust[at];
    return trust;
}

static void work_free(Work *w)
{
    free(w->sharp);
    free(w->joint_recovery);
    free(w->fraction);
    free(w->level);
    free(w->reach);
    free(w->queue);
    free(w->domain);
    free(w->peak);
    for (int c = 0; c < MAX_VIEWS; c++) {
        free(w->recovery[c]);
        free(w->blurred_envelope[c]);
    }
}

static int work_alloc(Work *w, TearMap *map, Error *error)
{
    size_t n = lattice_count(&map->lattice);
    *w = (Work){0};
    w->sharp = array_alloc(n, sizeof *w->sharp, error);
    w->joint_recovery = array_alloc(n, sizeof *w->joint_recovery, error);
    w->fraction = array_alloc(n, sizeof *w->fraction, error);
    w->level = array_alloc(n, sizeof *w->level, error);
    w->reach = array_alloc(n, sizeof *w->reach, error);
    w->queue = array_alloc(n, sizeof *w->queue, error);
    w->domain = array_alloc(n, sizeof *w->domain, error);
    w->peak = array_alloc((size_t)map->n_regions + 1, sizeof *w->peak, error);
    bool whole =
        w->domain && w->peak && w->sharp && w->joint_recovery && w->fraction && w->level && w->reach && w->queue;
    for (int c = 0; whole && c < map->n_views; c++) {
        w->recovery[c] = array_alloc(n, sizeof **w->recovery, error);
        w->blurred_envelope[c] = array_alloc(n, sizeof **w->blurred_envelope, error);
        if (!map->background[c]) map->background[c] = array_alloc(n, sizeof **map->background, error);
        whole = w->recovery[c] && w->blurred_envelope[c] && map->background[c] &&
                !lattice_blur(w->blurred_envelope[c], map->envelope, &map->lattice, map->view[c].psf_mm, error);
    }
    return whole ? TENO_OK : TENO_FAILED;
}

/* Share of each view in the joint map: contrast of a tear against tendinosis and noise, per volume it blurs over. */
static void view_weights(TearMap *map)
{
    double total = 0;
    for (int c = 0; c < map->n_views; c++) {
        View *view = &map->view[c];
        double contrast = fmax(1 - view->model.tendinosis / view->plateau, 0.05);
        double noise = view->pixel_noise / view->plateau, blur = view->psf_mm[0] * view->psf_mm[1] * view->psf_mm[2];
        view->weight = contrast / ((noise * noise + 0.01) * cbrt(blur * blur));
        total += view->weight;
    }
    for (int c = 0; c < map->n_views; c++) map->view[c].weight /= total;
}

/* Predicted recovery of the sharp outline in each view and jointly. */
static int recovery_predict(Work *w, const TearMap *map, Error *error)
{
    size_t n = lattice_count(&map->lattice);
    for (int c = 0; c < map->n_views; c++) {
        for (size_t at = 0; at < n; at++) w->recovery[c][at] = w->sharp[at] * map->envelope[at];
        int code = lattice_blur(w->recovery[c], w->recovery[c], &map->lattice, map->view[c].psf_mm, error);
        if (code) return code;
        for (size_t at = 0; at < n; at++) w->recovery[c][at] /= fmaxf(w->blurred_envelope[c][at], 0.05f);
    }
    for (size_t at = 0; at < n; at++) {
        double sum = 0, weight = 0;
        for (int c = 0; c < map->n_views; c++) {
            double share =
                map->view[c].weight * ((double)map->view[c].trust[at] + 1e-6); /* also where none is trusted */
            sum += share * (double)w->recovery[c][at];
            weight += share;
        }
        w->joint_recovery[at] = weight > 0 ? (float)(sum / weight) : 0;
    }
    return TENO_OK;
}

/* Grows the regions' labels over their reach, nearest first (breadth first from the outline, in scan order). */
static void reach_grow(Work *w, const TearMap *map)
{
    const Lattice *l = &map->lattice;
    size_t n = lattice_count(l), slab = lattice_slab(l), head = 0, tail = 0;
    for (size_t at = 0; at < n; at++) {
        if (w->sharp[at] <= 0) w->reach[at] = 0;
        if (w->reach[at]) w->queue[tail++] = (int)at;
    }
    for (int r = 0; r <= map->n_regions; r++) w->peak[r] = 0;
    for (size_t at = 0; at < n; at++) w->peak[w->reach[at]] = fmaxf(w->peak[w->reach[at]], w->joint_recovery[at]);
    while (head < tail) {
        size_t at = (size_t)w->queue[head++];
        int i = (int)(at % (size_t)l->nu), j = (int)(at / (size_t)l->nu % (size_t)l->nv), k = (int)(at / slab);
        const size_t next[6] = {at - 1, at + 1, at - (size_t)l->nu, at + (size_t)l->nu, at - slab, at + slab};
        const bool valid[6] = {i > 0, i<l->nu - 1, j> 0, j<l->nv - 1, k> 0, k < l->ns - 1};
        for (int d = 0; d < 6; d++) {
            if (!valid[d] || w->reach[next[d]] || !w->domain[next[d]]) continue;
            if (w->joint_recovery[next[d]] < (float)REACH * w->peak[w->reach[at]]) continue;
            w->reach[next[d]] = w->reach[at];
            w->queue[tail++] = (int)next[d];
        }
    }
}

/* Mixing share of one pixel; the views' shares averaged by weight and trust; NaN where no view is trusted. A pixel that
 * is cut off shows the least that its share can be: it may be what the outline predicts. */
static double fraction_at(const Work *w, const TearMap *map, size_t at, int r)
{
    double sum = 0, weight = 0;
    for (int c = 0; c < map->n_views; c++) {
        const View *view = &map->view[c];
        double b = (double)map->background[c][at], p = map->region[r - 1].plateau[c];
        double share = view->weight * map->region[r - 1].voice[c] * (double)view->trust[at];
        if (share <= 0 || p - b < 0.1 * p) continue;
        share *= (p - b) * (p - b) / (p * p); /* a share's variance falls with the square of the local contrast */
        double part = ((double)view->inside[at] - b) / (p - b);
        if (view->clipped[at]) part = fmax(part, (double)w->recovery[c][at]);
        sum += share * part;
        weight += share;
    }
    return weight > 0 ? sum / weight : (double)NAN;
}

/* Fractions of every reach. At the boundary the outside shows through, so that a pixel is heard as far as it is
 * trusted, and follows its deeper neighbours for the rest. */
static int fractions_mix(Work *w, const TearMap *map, Error *error)
{
    size_t n = lattice_count(&map->lattice);
    float *known = array_alloc(n, sizeof *known, error), *sum = array_alloc(n, sizeof *sum, error);
    int code = known && sum ? TENO_OK : TENO_FAILED;
    for (size_t at = 0; at < n && !code; at++) {
        double f = w->reach[at] ? fraction_at(w, map, at, w->reach[at]) : 0;
        known[at] = isfinite(f) ? map->envelope[at] * (float)pow(joint_trust(map, at), 2) : 0;
        w->fraction[at] = isfinite(f) ? (float)f : 0;
        sum[at] = known[at] * w->fraction[at];
    }
    const double sigma[3] = {SLIVER_REACH_MM, SLIVER_REACH_MM, 0};
    if (!code) code = lattice_blur(sum, sum, &map->lattice, sigma, error);
    if (!code) code = lattice_blur(known, known, &map->lattice, sigma, error);
    for (size_t at = 0; at < n && !code; at++) {
        if (!w->reach[at] || known[at] < 1e-5f) continue;
        float trust = fminf((float)joint_trust(map, at), 1);
        w->fraction[at] = trust * w->fraction[at] + (1 - trust) * sum[at] / known[at];
    }
    free(known);
    free(sum);
    return code;
}

/* Class outlines may lie inside the true ones by the blur: the domain reaches two blurs beyond, and follows
 * them; but it does not grow into what was judged to be no tear. */
static int domain_mark(Work *w, const TearMap *map, bool first, Error *error)
{
    size_t n = lattice_count(&map->lattice);
    double widest[3] = {0, 0, 0};
    for (int c = 0; c < map->n_views; c++)
        for (int a = 0; a < 3; a++) widest[a] = fmax(widest[a], map->view[c].psf_mm[a]);
    for (size_t at = 0; at < n; at++) w->fraction[at] = w->joint_recovery[at] > 0.05f ? 1 : 0;
    int code = lattice_blur(w->fraction, w->fraction, &map->lattice, widest, error);
    for (size_t at = 0; at < n && !code; at++) {
        bool within = map->envelope[at] > 0 && w->fraction[at] > (float)DOMAIN;
        w->domain[at] = within && (first || w->domain[at] || !map->barred[at]);
    }
    return code;
}

/* Outline → predicted recovery → reach, background and plateaus → fractions. */
static int round_run(Work *w, TearMap *map, bool first, Error *error)
{
    int code = recovery_predict(w, map, error);
    if (!code) code = domain_mark(w, map, first, error);
    if (code) return code;
    reach_grow(w, map);
    for (int c = 0; c < map->n_views && !code; c++) {
        code = background_carry(w, map, c, first, error);
        if (!code) code = plateaus_update(w, map, c, error);
        if (!code) voices_set(w, map, c);
    }
    if (code) return code;
    code = fractions_mix(w, map, error);
    return code ? code : outline_update(w, map, first, error);
}

/* Content of a region's core counts whole: blood and debris need not be as bright as the rest. */
static void core_fill(Work *w, TearMap *map)
{
    for (size_t at = 0; at < lattice_count(&map->lattice); at++) {
        double recovery = (double)w->joint_recovery[at];
        double core = fmin(fmax((recovery - CORE_FROM) / (CORE_FULL - CORE_FROM), 0), 1);
        if (!w->reach[at]) core = 0;
        map->core[at] = (float)core;
        w->fraction[at] = (float)((1 - core) * fmin((double)w->fraction[at], MOST_SHARE) + core);
    }
}

/* Torn share of every pixel: inside the sharp outline, scaled so that a region holds what its sections add up to. */
static int fractions_finish(Work *w, TearMap *map, Error *error)
{
    const Lattice *l = &map->lattice;
    size_t n = lattice_count(l), ns = (size_t)l->ns, m = (size_t)map->n_regions + 1;
    double *torn = array_alloc(m * (3 * ns + 3), sizeof *torn, error);
    if (!torn) return TENO_FAILED;
    double *outlined = torn + m * (3 * ns + 1), *scale = outlined + m;
    core_fill(w, map);
    sections_sum(torn, torn + m * ns, w, map);
    for (size_t at = 0; at < n; at++)
        if (w->reach[at]) outlined[w->reach[at]] += (double)(w->sharp[at] * map->envelope[at]);
    for (size_t r = 1; r < m; r++) {
        double sum = 0;
        for (size_t k = 0; k < ns; k++) sum += torn[(r - 1) * ns + k];
        scale[r] = outlined[r] > 0 ? fmin(fmax(sum / outlined[r], SCALE[0]), SCALE[1]) : 0;
        map->region[r - 1].volume_mm3 = scale[r] * outlined[r] * lattice_voxel_mm3(l);
    }
    for (size_t at = 0; at < n; at++) {
        map->region_of[at] = w->reach[at];
        map->tear[at] = w->reach[at] ? (float)scale[w->reach[at]] * w->sharp[at] * map->envelope[at] : 0;
    }
    free(torn);
    return TENO_OK;
}

/* Share of each region's torn volume that lies deeper than the outside can show through: deep[n_regions], and as much
 * of scratch behind it. */
static void deep_shares(double *deep, const TearMap *map)
{
    const Lattice *l = &map->lattice;
    double *all = deep + map->n_regions, blur = in_plane_blur_mm(map);
    for (int r = 0; r < 2 * map->n_regions; r++) deep[r] = 0;
    for (size_t at = 0; at < lattice_count(l); at++) {
        int r = map->region_of[at];
        if (!r || map->tear[at] <= 0) continue;
        all[r - 1] += (double)map->tear[at];
        if (pixel_deep(map, at, blur)) deep[r - 1] += (double)map->tear[at];
    }
    for (int r = 0; r < map->n_regions; r++) deep[r] /= fmax(all[r], 1e-9);
}

/* Regions that noise or the blur can feign are no tears, nor is a rim that nowhere goes deep. */
static int regions_prune(TearMap *map, Error *error)
{
    int kept = 0;
    double *deep = array_alloc(2 * (size_t)map->n_regions + 1, sizeof *deep, error);
    if (!deep) return TENO_FAILED;
    deep_shares(deep, map);
    for (int r = 0; r < map->n_regions; r++) {
        bool rim = deep[r] < LEAST_DEEP;
        if (rim && map->region[r].volume_mm3 >= map->smallest_mm3)
            notes_add(&map->notes,
                      "%.0f mm3 of fluid-like signal lie along the surface and nowhere deeper: the outside showing "
                      "through, or fluid around the tendon; not counted as a tear",
                      map->region[r].volume_mm3);
        int label = !rim && map->region[r].volume_mm3 >= map->smallest_mm3 ? ++kept : 0;
        if (label == r + 1) continue;
        for (size_t at = 0; at < lattice_count(&map->lattice); at++) {
            if (map->region_of[at] != r + 1) continue;
            map->region_of[at] = label;
            if (label) continue;
            map->tear[at] = map->core[at] = 0;
            if (map->class[at] == CLASS_FLUID) map->class[at] = CLASS_RAISED;
        }
        if (label) map->region[label - 1] = map->region[r];
    }
    map->n_regions = kept;
    free(deep);
    return TENO_OK;
}

/* A tear that one of the series does not show as fluid is reported with that series' word against it. */
static void disagreement_note(TearMap *map)
{
    for (int r = 0; r < map->n_regions; r++)
        for (int c = 0; c < map->n_views; c++) {
            const View *view = &map->view[c];
            if (map->region[r].plateau[c] >= view->model.fluid_threshold) continue;
            notes_add(&map->notes,
                      "the series disagree: series %d does not show the tear of %.0f mm3 as fluid-like (level %.2f of "
                      "muscle, boundary %.2f)",
                      view->channel->series->series_number, map->region[r].volume_mm3, map->region[r].plateau[c],
                      view->model.fluid_threshold);
        }
}

int fractions_estimate(TearMap *map, Error *error)
{
    Work w;
    int code = work_alloc(&w, map, error);
    if (code) goto out;
    view_weights(map);
    code = outline_start(&w, map, error);
    for (int round = 0; round < ROUNDS && !code; round++) code = round_run(&w, map, round == 0, error);
    if (!code) {
        code = fractions_finish(&w, map, error);
    }
    if (!code) code = films_cut(map, error);
    if (!code) {
        code = regions_prune(map, error);
        disagreement_note(map);
    }
out:
    work_free(&w);
    return code;
}

/*
 * How much of each pixel is torn.
 *
 * Inside a region's blurred reach a pixel is a mixture of what fills the tear (level p) and the tendon around it (level
 * b): f = (I - b) / (p - b). Levels and shares are found in turn: what the views would show of the torn shares predicts
 * how much r of the contrast each pixel recovers; the levels are regressions on r (levels.c); and the shares become
 * those whose images are f in all views (shares.c). No threshold decides what belongs to the volume, hence no bias from
 * the grid or from the blur. The geometric transfer matrix of Rousset et al. (J Nucl Med 1998;39:904-911) is the source
 * of the idea.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "films.h"
#include "teno/memory.h"
#include "work.h"

/* A region's reach ends where less than this share of its largest contrast can be seen: 2 to 3 SDs of the blur. */
static const double REACH = 0.025;
/* Regions may grow to where their blur, blurred again, still leaves this share. */
static const double DOMAIN = 0.003;
/* What stands out of the tendon around it by fewer SDs of that tendon's own unevenness in every series is the brightest
 * of its tendinosis: 2 to 5 in patches of it, 8 to 100 in tears of 15 to 3000 mm3 (development studies). */
static const double LEAST_OUT = 5;
/* Fat lies around the whole tendon: what no series tells from it, within this factor (SDs of muscle and fat, 0.15 each,
 * as logarithms), may be an outline that is a little too wide, and more of it has to lie deep. Judged. */
static const double LIKE_FAT = 0.2;
/* A region as long, and over so much of the tendon, is fluid in its sheath: a tear ends. Judged. */
static const double ALONG = 0.6, ALONG_MM = 50;
/* What looks like fat or goes all along is a tear only if so much of it lies deep. */
static const double LEAST_DEEP_DOUBTED = 0.5;
/* Strength of the two-levels term in the last round, as a share of the views' precision. Judged: with less, tendon that
 * is raised beside a tear counts as torn by parts; with three times as much small tears wear away. */
static const double MOST_BINARY = 0.1;
/* Shares below this say nothing of where a tear ends; what they add up to is at most this gain on the rest. */
static const double LEAST_SHARE = 0.2, MOST_GAIN = 1.3;
enum { ROUNDS = 6 };

static void work_free(Work *w)
{
    free(w->torn);
    free(w->joint_recovery);
    free(w->scratch);
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
    w->torn = array_alloc(n, sizeof *w->torn, error);
    w->joint_recovery = array_alloc(n, sizeof *w->joint_recovery, error);
    w->scratch = array_alloc(n, sizeof *w->scratch, error);
    w->reach = array_alloc(n, sizeof *w->reach, error);
    w->queue = array_alloc(n, sizeof *w->queue, error);
    w->domain = array_alloc(n, sizeof *w->domain, error);
    w->peak = array_alloc((size_t)map->n_regions + 1, sizeof *w->peak, error);
    bool whole = w->domain && w->peak && w->torn && w->joint_recovery && w->scratch && w->reach && w->queue;
    for (int c = 0; whole && c < map->n_views; c++) {
        w->recovery[c] = array_alloc(n, sizeof **w->recovery, error);
        w->blurred_envelope[c] = array_alloc(n, sizeof **w->blurred_envelope, error);
        if (!map->background[c]) map->background[c] = array_alloc(n, sizeof **map->background, error);
        whole = w->recovery[c] && w->blurred_envelope[c] && map->background[c] &&
                !sampling_apply(w->blurred_envelope[c], map->envelope, &map->lattice, &map->view[c].sampling, error);
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

/* What each view, and all jointly, would show of the torn shares. */
static int recovery_predict(Work *w, const TearMap *map, Error *error)
{
    size_t n = lattice_count(&map->lattice);
    for (int c = 0; c < map->n_views; c++) {
        for (size_t at = 0; at < n; at++) w->recovery[c][at] = w->torn[at] * map->envelope[at];
        int code = sampling_apply(w->recovery[c], w->recovery[c], &map->lattice, &map->view[c].sampling, error);
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

/* Grows the regions' labels over their reach, nearest first (breadth first from where they are torn, in scan order). */
static void reach_grow(Work *w, const TearMap *map)
{
    const Lattice *l = &map->lattice;
    size_t n = lattice_count(l), slab = lattice_slab(l), head = 0, tail = 0;
    for (size_t at = 0; at < n; at++) {
        if (w->torn[at] <= 0) w->reach[at] = 0;
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

/* Classes may end inside the true tear by the blur: the domain reaches two blurs beyond, and follows the tear; but it
 * does not grow into what was judged to be no tear. */
static int domain_mark(Work *w, const TearMap *map, bool first, Error *error)
{
    size_t n = lattice_count(&map->lattice);
    double widest[3] = {0, 0, 0};
    for (int c = 0; c < map->n_views; c++)
        for (int a = 0; a < 3; a++) widest[a] = fmax(widest[a], map->view[c].psf_mm[a]);
    for (size_t at = 0; at < n; at++) w->scratch[at] = w->joint_recovery[at] > 0.05f ? 1 : 0;
    int code = lattice_blur(w->scratch, w->scratch, &map->lattice, widest, error);
    for (size_t at = 0; at < n && !code; at++) {
        bool within = map->envelope[at] > 0 && w->scratch[at] > (float)DOMAIN;
        w->domain[at] = within && (first || w->domain[at] || !map->barred[at]);
    }
    return code;
}

/* Shares → predicted recovery → reach, background and plateaus → shares. */
static int round_run(Work *w, TearMap *map, bool first, double binary, Error *error)
{
    int code = recovery_predict(w, map, error);
    if (!code) code = domain_mark(w, map, first, error);
    if (code) return code;
    reach_grow(w, map);
    for (int c = 0; c < map->n_views && !code; c++) {
        code = background_carry(w, map, c, first, error);
        if (!code) code = unevenness_measure(w, map, c, error);
        if (!code) code = plateaus_update(w, map, c, error);
        if (!code) voices_set(w, map, c);
    }
    if (code) return code;
    voices_balance(map);
    return shares_update(w, map, binary, error);
}

/* Torn share of every pixel. Content of a region's core counts whole: blood and debris need not be as bright as the
 * rest. What is left of noise along the tear, less than LEAST_SHARE a pixel, goes to the pixels that surely belong to
 * it: it is part of the volume, but not of the tear's extent. */
static int fractions_finish(Work *w, TearMap *map, Error *error)
{
    size_t n = lattice_count(&map->lattice), m = (size_t)map->n_regions + 1;
    double *all = array_alloc(2 * m, sizeof *all, error), *kept = all + m;
    if (!all) return TENO_FAILED;
    for (size_t at = 0; at < n; at++) {
        int r = map->region_of[at] = w->reach[at];
        double recovery = (double)w->joint_recovery[at];
        double core = r ? fmin(fmax((recovery - CORE_FROM) / (CORE_FULL - CORE_FROM), 0), 1) : 0;
        double torn = r ? (1 - core) * (double)w->torn[at] + core : 0;
        map->core[at] = (float)core;
        map->tear[at] = (float)torn * map->envelope[at];
        all[r] += (double)map->tear[at];
        if (torn < LEAST_SHARE) map->tear[at] = 0;
        kept[r] += (double)map->tear[at];
    }
    for (size_t r = 1; r < m; r++) {
        kept[r] = kept[r] > 0 ? fmin(all[r] / kept[r], MOST_GAIN) : 0;
        map->region[r - 1].volume_mm3 = 0;
    }
    for (size_t at = 0; at < n; at++) {
        int r = map->region_of[at];
        if (!r) continue;
        map->tear[at] *= (float)kept[r];
        map->region[r - 1].volume_mm3 += (double)map->tear[at] * lattice_voxel_mm3(&map->lattice);
    }
    free(all);
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
        if (pixel_deep_behind_bursa(map, at, blur)) deep[r - 1] += (double)map->tear[at];
    }
    for (int r = 0; r < map->n_regions; r++) deep[r] /= fmax(all[r], 1e-9);
}

static bool like_fat(const TearMap *map, const Region *region)
{
    for (int c = 0; c < map->n_views; c++) {
        const View *view = &map->view[c];
        double fat = (view->channel->references.fat - view->dark) / view->scale;
        if (!(fat > 0) || fabs(log(region->plateau[c] / fat)) > LIKE_FAT) return false;
    }
    return true;
}

/* Does a region go all along the tendon? */
static bool all_along(const TearMap *map, int label)
{
    const Lattice *l = &map->lattice;
    int torn = 0, whole = 0;
    for (int k = 0; k < l->ns; k++) {
        bool of_region = false, of_tendon = false;
        for (size_t at = (size_t)k * lattice_slab(l), end = at + lattice_slab(l); at < end; at++) {
            of_region |= map->region_of[at] == label;
            of_tendon |= map->envelope[at] > 0;
        }
        torn += of_region;
        whole += of_tendon;
    }
    return torn * l->step_mm >= ALONG_MM && torn >= ALONG * whole;
}

static bool is_rim(const TearMap *map, int r, double deep)
{
    if (deep < LEAST_DEEP || deep >= LEAST_DEEP_DOUBTED) return deep < LEAST_DEEP;
    return like_fat(map, &map->region[r]) || all_along(map, r + 1);
}

static bool stands_out(const Region *region, int n_views)
{
    for (int c = 0; c < n_views; c++)
        if (region->stands_out[c] >= LEAST_OUT) return true;
    return false;
}

/* Regions that noise, the blur or uneven tendinosis can feign are no tears, nor is a rim that nowhere goes deep. */
static int regions_prune(TearMap *map, Error *error)
{
    int kept = 0;
    double *deep = array_alloc(2 * (size_t)map->n_regions + 1, sizeof *deep, error);
    if (!deep) return TENO_FAILED;
    deep_shares(deep, map);
    for (int r = 0; r < map->n_regions; r++) {
        bool large = map->region[r].volume_mm3 >= map->smallest_mm3, rim = large && is_rim(map, r, deep[r]);
        if (rim)
            notes_add(&map->notes,
                      "%.0f mm3 of fluid-like signal lie along the surface and nowhere deeper: the outside showing "
                      "through, or fluid around the tendon; not counted as a tear",
                      map->region[r].volume_mm3);
        int label = large && !rim && stands_out(&map->region[r], map->n_views) ? ++kept : 0;
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
    code = shares_start(&w, map, error);
    for (int round = 0; round < ROUNDS && !code; round++)
        code = round_run(&w, map, round == 0, MOST_BINARY * round / (ROUNDS - 1), error);
    if (!code) code = recovery_predict(&w, map, error);
    if (!code) code = fractions_finish(&w, map, error);
    if (!code) rims_fill(map);
    if (!code) code = films_cut(map, error);
    if (!code) {
        code = regions_prune(map, error);
        disagreement_note(map);
    }
out:
    work_free(&w);
    return code;
}

/*
 * How much of each pixel is torn.
 *
 * Inside a region's blurred reach a pixel is a mixture of what fills the tear (level p) and the tendon around it (level
 * b): f = (I - b) / (p - b). b is carried in from the tendon just beyond the reach, so that a tear in tendinosis is
 * not measured against normal tendon. p is found together with the region's sharp outline: the outline is where
 * f = 1/2; blurring it with the known point spread predicts the recovered share r of the contrast in every pixel; p is
 * the regression of I on r; and so on, three times. A large tear thus shows its own level, whatever fills it (fluid,
 * blood, granulation); a small one that never reaches its level leans on the expected one, or on the larger tears'
 * (their precision decides). Volumes are sums of f: no threshold, hence no bias from the grid or from the blur. The
 * geometric transfer matrix of Rousset et al. (J Nucl Med 1998;39:904-911) is the source of the idea.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine.h"
#include "teno/memory.h"

/* A region's reach ends where less than this share of its largest contrast can be seen: 2 to 3 SDs of the blur. */
static const double REACH = 0.025;
/* Regions may grow to where the blur of their class outline, blurred again, still leaves this share. */
static const double DOMAIN = 0.003;
/* Contrast of fluid over tendinosis, as a share of fluid, below which tendinosis is kept out; the width of a rim, mm.
 */
static const double WEAK_CONTRAST = 0.35, RAISED_REACH_MM = 0.8;
/* Deep inside, where the blur takes less than this, the content is torn whatever its level (blood, granulation). */
static const double CORE_FROM = 0.85, CORE_FULL = 0.97;
/* Slivers at the boundary take the fraction of neighbours within this SD, mm. */
static const double SLIVER_REACH_MM = 0.5;
/* How far the level of the tendon is carried into the tear, mm: from nearby where the weights say there is something.
 */
static const double BACKGROUND_NEAR_MM = 0.6, BACKGROUND_FAR_MM = 2;
static const float LEAST_AROUND = 1e-3f;
/* SD of the logarithm of a plateau measured with full recovery, and what is added as recovery falls to zero. */
static const double PLATEAU_SPREAD_BEST = 0.03, PLATEAU_SPREAD_LOST = 0.45;
/* The level of the tendon around a region is known to this share. */
static const double AROUND_SPREAD = 0.1;
/* Levels of two tears of one tendon agree to this (SD of the logarithm). */
static const double PLATEAU_SPREAD_BETWEEN = 0.15;
enum { ROUNDS = 4 };

typedef struct Work {
    float *sharp;               /* outline of all regions: 0 or 1 */
    float *recovery[MAX_VIEWS]; /* share of a region's contrast that each view sees */
    float *blurred_envelope[MAX_VIEWS];
    float *joint_recovery, *fraction;
    int *reach;            /* region a pixel belongs to; 0 beyond all reaches */
    unsigned char *domain; /* where regions may reach at all: within the blur of their class outline */
    int *queue;
    float *peak; /* [n_regions + 1] largest recovery of each region */
} Work;

static void work_free(Work *w)
{
    free(w->sharp);
    free(w->joint_recovery);
    free(w->fraction);
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
    w->reach = array_alloc(n, sizeof *w->reach, error);
    w->queue = array_alloc(n, sizeof *w->queue, error);
    w->domain = array_alloc(n, sizeof *w->domain, error);
    w->peak = array_alloc((size_t)map->n_regions + 1, sizeof *w->peak, error);
    bool whole = w->domain && w->peak && w->sharp && w->joint_recovery && w->fraction && w->reach && w->queue;
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

/* One step of background_carry: normalised convolution of the pixels beyond all reaches; fills where `level` is NaN. */
static int level_carry(float *level, const Work *w, const TearMap *map, int c, double reach_mm, Error *error)
{
    const View *view = &map->view[c];
    size_t n = lattice_count(&map->lattice);
    float *weight = array_alloc(n, sizeof *weight, error), *sum = array_alloc(n, sizeof *sum, error);
    int code = weight && sum ? TENO_OK : TENO_FAILED;
    for (size_t at = 0; at < n && !code; at++) {
        bool beyond = !w->reach[at] && map->class[at] != CLASS_OUTSIDE && map->class[at] != CLASS_FLUID;
        weight[at] = beyond ? map->envelope[at] * view->trust[at] : 0;
        sum[at] = weight[at] * view->inside[at];
    }
    const double sigma[3] = {reach_mm, reach_mm, fmax(reach_mm, view->psf_mm[2])};
    if (!code) code = lattice_blur(sum, sum, &map->lattice, sigma, error);
    if (!code) code = lattice_blur(weight, weight, &map->lattice, sigma, error);
    for (size_t at = 0; at < n && !code; at++)
        if (isnan(level[at]) && weight[at] > LEAST_AROUND) level[at] = sum[at] / weight[at];
    free(weight);
    free(sum);
    return code;
}

/* Level of the tendon around the regions, carried into them: from the nearest pixels, or from afar; 0 (normal) where
 * the whole section is torn. */
static int background_carry(const Work *w, TearMap *map, int c, Error *error)
{
    float *level = map->background[c];
    size_t n = lattice_count(&map->lattice);
    for (size_t at = 0; at < n; at++) level[at] = NAN;
    int code = level_carry(level, w, map, c, BACKGROUND_NEAR_MM, error);
    if (!code) code = level_carry(level, w, map, c, BACKGROUND_FAR_MM, error);
    float most = (float)map->view[c].model.fluid_threshold;
    for (size_t at = 0; at < n; at++) level[at] = isnan(level[at]) ? 0 : fminf(fmaxf(level[at], 0), most);
    return code;
}

/* Regression of the signal on the predicted recovery, region by region. level, recovery and around (mean background)
 * have [n_regions + 1] each, one behind the other, and two more of scratch behind those. */
static void plateaus_regress(const Work *w, TearMap *map, int c, double *level, double *recovery)
{
    const View *view = &map->view[c];
    size_t n = lattice_count(&map->lattice), m = (size_t)map->n_regions + 1;
    double *around = recovery + m, *square = around + m, *mass = square + m;
    for (size_t r = 0; r < 4 * m; r++) recovery[r] = 0;
    for (size_t r = 0; r < m; r++) level[r] = 0;
    for (size_t at = 0; at < n; at++) {
        int r = w->reach[at];
        double share = (double)(map->envelope[at] * view->trust[at]), f = (double)w->recovery[c][at];
        if (!r || share <= 0 || f < 0.25) continue;
        share *= f * f * f * f; /* the core knows the level, the rim does not */
        level[r] += share * f * ((double)view->inside[at] - (1 - f) * (double)map->background[c][at]);
        square[r] += share * f * f;
        around[r] += share * f * (double)w->sharp[at] * (double)map->background[c][at];
        recovery[r] += share * f * (double)w->sharp[at];
        mass[r] += share * (double)w->sharp[at];
    }
    for (size_t r = 1; r < m; r++) {
        level[r] = square[r] > 0 ? level[r] / square[r] : 0;
        around[r] = recovery[r] > 0 ? around[r] / recovery[r] : 0;
        recovery[r] = mass[r] > 0 ? recovery[r] / mass[r] : 0;
    }
}

/* SD of the logarithm of a level learnt from a region; the less it stands out of what surrounds it, the less is known.
 */
static double spread_of(double level, double recovery, double around)
{
    double own = PLATEAU_SPREAD_BEST + PLATEAU_SPREAD_LOST * (1 - recovery);
    return hypot(own, AROUND_SPREAD * around / fmax(level - around, 0.01 * level));
}

/* Precision-weighted: each region's own level, the view's common one, and the expected one behind it. */
static int plateaus_update(const Work *w, TearMap *map, int c, Error *error)
{
    View *view = &map->view[c];
    size_t m = (size_t)map->n_regions + 1;
    double *level = array_alloc(5 * m, sizeof *level, error), *recovery = level + m, *around = recovery + m;
    if (!level) return TENO_FAILED;
    plateaus_regress(w, map, c, level, recovery);
    double prior_weight = 1 / (view->plateau_spread * view->plateau_spread);
    double sum = prior_weight * log(view->plateau), weight = prior_weight;
    for (size_t r = 1; r < m; r++) {
        if (!(level[r] > view->model.raised_threshold)) continue;
        double spread = hypot(spread_of(level[r], recovery[r], around[r]), PLATEAU_SPREAD_BETWEEN);
        sum += log(level[r]) / (spread * spread);
        weight += 1 / (spread * spread);
    }
    double common = sum / weight, common_spread = hypot(sqrt(1 / weight), PLATEAU_SPREAD_BETWEEN);
    for (size_t r = 1; r < m; r++) {
        Region *region = &map->region[r - 1];
        double own = spread_of(level[r], recovery[r], around[r]), w_own = 1 / (own * own),
               w_common = 1 / (common_spread * common_spread);
        if (!(level[r] > view->model.raised_threshold)) w_own = 0;
        double mean = ((w_own > 0 ? w_own * log(level[r]) : 0) + w_common * common) / (w_own + w_common);
        region->plateau[c] = exp(mean);
        region->plateau_spread[c] = sqrt(1 / (w_own + w_common));
        if (c == 0 || recovery[r] > region->recovery) region->recovery = recovery[r];
    }
    free(level);
    return TENO_OK;
}

/* Mixing share of one pixel; the views' shares averaged by weight and trust; NaN where no view is trusted. */
static double fraction_at(const TearMap *map, size_t at, int r)
{
    double sum = 0, weight = 0;
    for (int c = 0; c < map->n_views; c++) {
        const View *view = &map->view[c];
        double b = (double)map->background[c][at], p = map->region[r - 1].plateau[c];
        double share = view->weight * (double)view->trust[at];
        if (share <= 0 || p - b < 0.1 * p) continue;
        sum += share * ((double)view->inside[at] - b) / (p - b);
        weight += share;
    }
    return weight > 0 ? sum / weight : (double)NAN;
}

/* Fractions of every reach. Slivers at the boundary that no view can be trusted with follow their neighbours. */
static int fractions_mix(Work *w, const TearMap *map, Error *error)
{
    size_t n = lattice_count(&map->lattice);
    float *known = array_alloc(n, sizeof *known, error), *sum = array_alloc(n, sizeof *sum, error);
    int code = known && sum ? TENO_OK : TENO_FAILED;
    for (size_t at = 0; at < n && !code; at++) {
        double f = w->reach[at] ? fraction_at(map, at, w->reach[at]) : 0;
        known[at] = isfinite(f) ? map->envelope[at] : 0;
        w->fraction[at] = isfinite(f) ? (float)f : 0;
        sum[at] = known[at] * w->fraction[at];
    }
    const double sigma[3] = {SLIVER_REACH_MM, SLIVER_REACH_MM, 0};
    if (!code) code = lattice_blur(sum, sum, &map->lattice, sigma, error);
    float *blurred = code ? NULL : array_alloc(n, sizeof *blurred, error);
    if (!code && !blurred) code = TENO_FAILED;
    if (!code) code = lattice_blur(blurred, known, &map->lattice, sigma, error);
    for (size_t at = 0; at < n && !code; at++)
        if (w->reach[at] && known[at] <= 0 && blurred[at] > 1e-4f) w->fraction[at] = sum[at] / blurred[at];
    free(known);
    free(sum);
    free(blurred);
    return code;
}

/*
 * The sharp outline that holds as much as the fractions sum to: pixels from the most torn downwards until their number
 * matches the sum. For a large region that is f > 1/2; for one smaller than the blur it keeps the volume right.
 */
static int outline_update(Work *w, const TearMap *map, Error *error)
{
    enum { BINS = 64 };
    size_t n = lattice_count(&map->lattice), m = (size_t)map->n_regions + 1;
    double *mass = array_alloc(m * (BINS + 2), sizeof *mass, error);
    if (!mass) return TENO_FAILED;
    double *sum = mass + m * BINS, *threshold = sum + m;
    for (size_t at = 0; at < n; at++) {
        size_t r = (size_t)w->reach[at];
        if (!r) continue;
        double f = fmin(fmax((double)w->fraction[at], 0), 1);
        sum[r] += (double)map->envelope[at] * f;
        mass[r * BINS + (size_t)fmin(f * BINS, BINS - 1)] += (double)map->envelope[at];
    }
    for (size_t r = 1; r < m; r++) {
        double held = 0;
        int bin = BINS;
        while (bin > 1 && held + mass[r * BINS + (size_t)bin - 1] / 2 < sum[r]) held += mass[r * BINS + (size_t)--bin];
        threshold[r] = fmin((double)bin / BINS, 0.5);
    }
    for (size_t at = 0; at < n; at++)
        w->sharp[at] = w->reach[at] && (double)w->fraction[at] >= threshold[w->reach[at]] ? 1 : 0;
    free(mass);
    return TENO_OK;
}

/* Class outlines may lie inside the true ones by the blur: the domain reaches two blurs beyond. But where fluid hardly
 * stands out of tendinosis, it does not reach into what is raised over more than the rim of a tear. */
static int domain_mark(Work *w, const TearMap *map, Error *error)
{
    size_t n = lattice_count(&map->lattice);
    double widest[3] = {0, 0, 0};
    for (int c = 0; c < map->n_views; c++)
        for (int a = 0; a < 3; a++) widest[a] = fmax(widest[a], map->view[c].psf_mm[a]);
    for (size_t at = 0; at < n; at++) w->fraction[at] = w->joint_recovery[at] > 0.05f ? 1 : 0;
    int code = lattice_blur(w->fraction, w->fraction, &map->lattice, widest, error);
    for (size_t at = 0; at < n && !code; at++) w->domain[at] = map->envelope[at] > 0 && w->fraction[at] > (float)DOMAIN;
    if (code || 1 - map->view[0].model.tendinosis / map->view[0].plateau > WEAK_CONTRAST) return code;
    const double sigma[3] = {RAISED_REACH_MM, RAISED_REACH_MM, 0};
    for (size_t at = 0; at < n; at++) w->fraction[at] = map->class[at] == CLASS_RAISED ? 1 : 0;
    code = lattice_blur(w->fraction, w->fraction, &map->lattice, sigma, error);
    for (size_t at = 0; at < n && !code; at++)
        if (w->fraction[at] > 0.6f && w->joint_recovery[at] < 0.15f) w->domain[at] = 0;
    return code;
}

/* Outline → predicted recovery → reach, background and plateaus → fractions. */
static int round_run(Work *w, TearMap *map, bool first, Error *error)
{
    int code = recovery_predict(w, map, error);
    if (code) return code;
    if (first) code = domain_mark(w, map, error);
    if (code) return code;
    reach_grow(w, map);
    for (int c = 0; c < map->n_views && !code; c++) {
        code = background_carry(w, map, c, error);
        for (int r = 0; r < map->n_regions && first; r++) { /* the class outline is too rough to learn a level from */
            map->region[r].plateau[c] = map->view[c].plateau;
            map->region[r].plateau_spread[c] = map->view[c].plateau_spread;
        }
        if (!code && !first) code = plateaus_update(w, map, c, error);
    }
    if (code) return code;
    code = fractions_mix(w, map, error);
    return code ? code : outline_update(w, map, error);
}

/* Fractions as shares of the pixel; the core counts whole. */
static void fractions_finish(const Work *w, TearMap *map)
{
    size_t n = lattice_count(&map->lattice);
    for (int r = 0; r < map->n_regions; r++) map->region[r].volume_mm3 = 0;
    for (size_t at = 0; at < n; at++) {
        double recovery = (double)w->joint_recovery[at], f = (double)w->fraction[at];
        double core = fmin(fmax((recovery - CORE_FROM) / (CORE_FULL - CORE_FROM), 0), 1);
        f = fmin((1 - core) * f + core, 1.2); /* below 0 stays: clamping noise would add volume */
        if (!w->reach[at]) f = core = 0;
        map->core[at] = (float)core;
        map->tear[at] = map->envelope[at] * (float)f;
        map->region_of[at] = w->reach[at];
        if (w->reach[at])
            map->region[w->reach[at] - 1].volume_mm3 += (double)map->tear[at] * lattice_voxel_mm3(&map->lattice);
    }
}

/* Regions that noise or the blur can feign are no tears. */
static void regions_prune(TearMap *map)
{
    int kept = 0;
    for (int r = 0; r < map->n_regions; r++) {
        int label = map->region[r].volume_mm3 >= map->smallest_mm3 ? ++kept : 0;
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
}

int fractions_estimate(TearMap *map, Error *error)
{
    Work w;
    int code = work_alloc(&w, map, error);
    if (code) goto out;
    size_t n = lattice_count(&map->lattice);
    view_weights(map);
    for (size_t at = 0; at < n; at++) {
        w.reach[at] = map->region_of[at];
        w.sharp[at] = w.reach[at] ? 1 : 0;
    }
    for (int round = 0; round < ROUNDS && !code; round++) code = round_run(&w, map, round == 0, error);
    if (!code) {
        fractions_finish(&w, map);
        regions_prune(map);
    }
out:
    work_free(&w);
    return code;
}

/*
 * Levels of a region in each view: of the tendon around it, and of what fills it.
 *
 * The tendon around a tear is seen beyond its reach and, with the tear's predicted part taken away, at its rim; it is
 * carried in from there, so that a tear in tendinosis is not measured against normal tendon. A large tear shows its own
 * level, whatever fills it; a small one that never reaches its level leans on the expected one, or on the larger tears'
 * (their precision decides).
 */
#include <math.h>
#include <stdlib.h>

#include "teno/memory.h"
#include "work.h"

/* How far the level of the tendon is carried into the tear, SD in mm: from nearby where the weights say there is
 * something. Nearer than a split is thick it would be the split's own. */
static const double BACKGROUND_NEAR_MM = 1.2, BACKGROUND_FAR_MM = 2.5;
static const float LEAST_AROUND = 1e-3f;
/* A pixel that owes more than this share to the tear says nothing about the tendon around it: what a tear that is taken
 * too small leaves at its rim would raise the level, and make the tear smaller still. */
static const float MOST_TORN = 0.05f;
/* The core knows a tear's level, the rim does not: weight by this power of the recovery. */
static const double CORE_POWER = 8;
/* SD of the logarithm of a plateau measured with full recovery, and what is added as recovery falls to zero. */
static const double PLATEAU_SPREAD_BEST = 0.03, PLATEAU_SPREAD_LOST = 0.45;
/* The level of the tendon around a region is known to this share. */
static const double AROUND_SPREAD = 0.1;
/* A view whose signal is cut off in less of a region's core than the first share knows its level all the same; from the
 * second on it does not: what is left of its say, and how far off its level may be (SD of the logarithm). */
static const double CUT_OFF[2] = {0.3, 0.7}, LEAST_VOICE = 0.03, CUT_OFF_SPREAD = 0.2;
/* SDs beyond which the inverse Mills ratio takes its asymptote, and the least that a variance shrinks to. */
static const double MILLS_EXACT = 5, LEAST_SHRUNK = 0.03;

/* One step of background_carry: normalised convolution of what the pixels show of the tendon, the tear's predicted part
 * taken away; fills where `level` is NaN. Before the plateaus are known (`first`) only pixels beyond all reaches speak.
 */
static int level_carry(float *level, const Work *w, const TearMap *map, int c, double reach_mm, bool first,
                       Error *error)
{
    const View *view = &map->view[c];
    size_t n = lattice_count(&map->lattice);
    float *weight = array_alloc(n, sizeof *weight, error), *sum = array_alloc(n, sizeof *sum, error);
    int code = weight && sum ? TENO_OK : TENO_FAILED;
    for (size_t at = 0; at < n && !code; at++) {
        int r = w->reach[at];
        float torn = r && !first ? w->recovery[c][at] : 0, rest = 1 - torn;
        bool beyond = !r && map->class[at] != CLASS_OUTSIDE && map->class[at] != CLASS_FLUID;
        bool around = r && !first && torn < MOST_TORN;
        weight[at] = beyond || around ? map->envelope[at] * view->trust[at] * rest * rest : 0;
        sum[at] = 0;
        if (weight[at] <= 0) continue;
        float part = around ? torn * (float)map->region[r - 1].plateau[c] : 0, own = (view->inside[at] - part) / rest;
        if (own > (float)view->model.fluid_threshold) weight[at] = 0; /* a part of the tear that the outline misses */
        sum[at] = weight[at] * own;
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
int background_carry(const Work *w, TearMap *map, int c, bool first, Error *error)
{
    float *level = map->background[c];
    size_t n = lattice_count(&map->lattice);
    for (size_t at = 0; at < n; at++) level[at] = NAN;
    int code = level_carry(level, w, map, c, BACKGROUND_NEAR_MM, first, error);
    if (!code) code = level_carry(level, w, map, c, BACKGROUND_FAR_MM, first, error);
    float most = (float)map->view[c].model.fluid_threshold;
    for (size_t at = 0; at < n; at++) level[at] = isnan(level[at]) ? 0 : fminf(fmaxf(level[at], 0), most);
    return code;
}

/* How far the tendon around each region scatters about the level that is carried into the region: mean square over the
 * sections that the region lies in, as much of it as is torn in each; away from the surface, whose unmixing adds its
 * own. */
int unevenness_measure(const Work *w, TearMap *map, int c, Error *error)
{
    const View *view = &map->view[c];
    size_t slab = lattice_slab(&map->lattice), m = (size_t)map->n_regions, ns = (size_t)map->lattice.ns;
    double *square = array_alloc(ns + m + 1, sizeof *square, error), *torn = square + ns;
    if (!square) return TENO_FAILED;
    for (size_t k = 0; k < ns; k++) {
        double sum = 0, weight = 0;
        for (size_t at = k * slab; at < (k + 1) * slab; at++) {
            bool torn_or_fluid = w->reach[at] ? w->recovery[c][at] >= MOST_TORN : map->class[at] == CLASS_FLUID;
            if (torn_or_fluid || map->class[at] == CLASS_OUTSIDE || view->trust[at] < 1) continue;
            double off = (double)(view->inside[at] - map->background[c][at]);
            sum += off * off;
            weight++;
        }
        square[k] = weight > 0 ? fmax(sum / weight - view->pixel_noise * view->pixel_noise, 0) : 0;
    }
    for (size_t r = 0; r < m; r++) map->region[r].uneven[c] = 0;
    for (size_t at = 0; at < ns * slab; at++) {
        int r = w->reach[at];
        if (!r) continue;
        map->region[r - 1].uneven[c] += (double)w->torn[at] * square[at / slab];
        torn[r - 1] += (double)w->torn[at];
    }
    for (size_t r = 0; r < m; r++) map->region[r].uneven[c] = sqrt(map->region[r].uneven[c] / fmax(torn[r], 1e-9));
    free(square);
    return TENO_OK;
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
        share *= pow(f, CORE_POWER);
        level[r] += share * f * ((double)view->inside[at] - (1 - f) * (double)map->background[c][at]);
        square[r] += share * f * f;
        around[r] += share * f * (double)w->torn[at] * (double)map->background[c][at];
        recovery[r] += share * f * (double)w->torn[at];
        mass[r] += share * (double)w->torn[at];
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

/* How much of a region's level is lost when this share of its core is cut off. */
static double cut_off_lost(double share)
{
    return fmin(fmax((share - CUT_OFF[0]) / (CUT_OFF[1] - CUT_OFF[0]), 0), 1);
}

/*
 * What is cut off is brighter than the ceiling that it is cut off at: mean and SD of the part of a normal distribution
 * of the level's logarithm that lies above it (inverse Mills ratio; the tail's asymptote where it is next to nothing).
 */
static void level_above(double *mean, double *spread, double ceiling)
{
    double z = (log(ceiling) - *mean) / *spread, tail = 0.5 * erfc(z / sqrt(2));
    double mills = z < MILLS_EXACT ? exp(-z * z / 2) / (2.5066282746310002 * tail) : z + 1 / z;
    *mean += *spread * mills;
    *spread *= sqrt(fmax(1 - mills * (mills - z), LEAST_SHRUNK));
}

/* Precision-weighted: each region's own level, the view's common one, and the expected one behind it. */
int plateaus_update(const Work *w, TearMap *map, int c, Error *error)
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
        double heard = (1 - cut_off_lost(map->region[r - 1].cut_off[c])) / (spread * spread);
        sum += heard * log(level[r]);
        weight += heard;
    }
    double common = sum / weight, common_spread = hypot(sqrt(1 / weight), PLATEAU_SPREAD_BETWEEN);
    for (size_t r = 1; r < m; r++) {
        Region *region = &map->region[r - 1];
        double own = spread_of(level[r], recovery[r], around[r]), w_own = 1 / (own * own),
               w_common = 1 / (common_spread * common_spread);
        if (!(level[r] > view->model.raised_threshold)) w_own = 0;
        w_own *= 1 - cut_off_lost(region->cut_off[c]);
        double mean = ((w_own > 0 ? w_own * log(level[r]) : 0) + w_common * common) / (w_own + w_common);
        double spread = sqrt(1 / (w_own + w_common)), lost = cut_off_lost(region->cut_off[c]);
        double above = mean, above_spread = spread;
        if (lost > 0 && region->ceiling[c] > 0) level_above(&above, &above_spread, region->ceiling[c]);
        region->plateau[c] = exp((1 - lost) * mean + lost * above);
        region->plateau_spread[c] = (1 - lost) * spread + lost * above_spread;
        double rest = hypot(region->uneven[c], view->pixel_noise);
        region->stands_out[c] = recovery[r] * fmax(region->plateau[c] - around[r], 0) / rest;
        if (c == 0 || recovery[r] > region->recovery) region->recovery = recovery[r];
    }
    free(level);
    return TENO_OK;
}

/* A view whose signal is cut off inside a region gives a level that is too low there: the others speak. */
void voices_set(const Work *w, TearMap *map, int c)
{
    size_t m = (size_t)map->n_regions;
    for (size_t r = 0; r < m; r++) map->region[r].voice[c] = map->region[r].cut_off[c] = map->region[r].ceiling[c] = 0;
    for (size_t at = 0; at < lattice_count(&map->lattice); at++) {
        if (!w->reach[at] || w->torn[at] <= 0) continue;
        double deep = (double)w->joint_recovery[at] > CORE_FROM ? 1 : 0.01; /* rims are never cut off */
        Region *region = &map->region[w->reach[at] - 1];
        region->voice[c] += deep;
        region->cut_off[c] += deep * map->view[c].clipped[at];
        region->ceiling[c] += deep * map->view[c].clipped[at] * (double)map->view[c].inside[at];
    }
    for (size_t r = 0; r < m; r++) {
        Region *region = &map->region[r];
        region->ceiling[c] /= fmax(region->cut_off[c], 1e-9);
        region->cut_off[c] /= fmax(region->voice[c], 1e-9);
        double lost = cut_off_lost(region->cut_off[c]);
        region->voice[c] = fmax(1 - lost, LEAST_VOICE);
        region->plateau_spread[c] = hypot(region->plateau_spread[c], CUT_OFF_SPREAD * lost);
    }
}

/* A say is one beside the others': where no view has more, the loudest is heard in full. */
void voices_balance(TearMap *map)
{
    for (int r = 0; r < map->n_regions; r++) {
        double *voice = map->region[r].voice, loudest = 0;
        for (int c = 0; c < map->n_views; c++) loudest = fmax(loudest, voice[c]);
        for (int c = 0; c < map->n_views && loudest > 0; c++) voice[c] /= loudest;
    }
}

/*
 * Tissue references from the image itself.
 *
 * The spin-echo equations say how bright fat, marrow and fluid are relative to muscle; the unknown is one gain. The
 * histogram of homogeneous blocks is explained by a mixture whose classes sit at gain × expected ratio, and the gain is
 * the one that explains it best (scanned, so no start is needed; shares of the classes by expectation-maximisation).
 * What suppression leaves of fat differs from scanner to scanner and, by inversion, with a few milliseconds: where
 * no series of the study shows fat as it is, the level of fat is a second unknown, scanned as well.
 * Blocks near the skin have their own shares, with subcutaneous fat expected there, because that is what tells fat from
 * muscle where their signals are close. Each class then moves to its own blocks' median: the equations choose the
 * peaks, the image gives the values.
 *
 * What this cannot do: find muscle where there is none in the field of view; the note then says that the value was
 * expected, not seen.
 */
#include "teno/preproc.h"

#include <math.h>
#include <stdlib.h>

#include "preproc/blocks.h"
#include "teno/memory.h"

enum { BINS = 120, PLACES = 2, GAINS = 80, EM_ROUNDS = 6 }; /* places: near the skin, inside */

static const double block_mm = 2.5;
static const double log_width = 6.0; /* the histogram covers a factor e^6 below the brightest block */
static const double class_sd = 0.18; /* scatter of a tissue around its expected ratio: TSE and real tissue differ from
                                        the equations by 10-20 % (clinical.md §5.4, caveats) */
static const double rim_mm = 6.0;    /* skin and subcutaneous fat behind and beside an ankle */
static const double min_class_mm3 = 300, min_fluid_mm3 = 30;

/* Shares of the classes before the image is seen, near the skin and inside; then the same where the level
 * of fat is sought. Judged: there a large share of muscle would claim half of the one large peak that
 * fat and marrow make: an ankle is mostly these. */
static const double prior[2][PLACES][TISSUE_COUNT] = {
    {{[TISSUE_DARK] = 0.15, [TISSUE_MUSCLE] = 0.15, [TISSUE_FAT] = 0.6, [TISSUE_MARROW] = 0.08, [TISSUE_FLUID] = 0.02},
     {[TISSUE_DARK] = 0.15, [TISSUE_MUSCLE] = 0.35, [TISSUE_FAT] = 0.2, [TISSUE_MARROW] = 0.28, [TISSUE_FLUID] = 0.02}},
    {{[TISSUE_DARK] = 0.15, [TISSUE_MUSCLE] = 0.15, [TISSUE_FAT] = 0.6, [TISSUE_MARROW] = 0.08, [TISSUE_FLUID] = 0.02},
     {[TISSUE_DARK] = 0.15, [TISSUE_MUSCLE] = 0.15, [TISSUE_FAT] = 0.3, [TISSUE_MARROW] = 0.38, [TISSUE_FLUID] = 0.02}},
};

typedef struct Histogram {
    bool fat_sought; /* its level is a second unknown */
    double top;      /* logarithm at the upper end */
    double weight[PLACES][BINS];
} Histogram;

static double bin_log(const Histogram *h, int bin)
{
    return h->top - log_width + (bin + 0.5) * log_width / BINS;
}

enum { OUTSIDE = 1, NOISE = 2 };

/* Mean over SD of the voxels of a block of air is 1.9 (Rayleigh), however much the correction of the coil's field has
 * raised both; a tissue that can be seen has twice as much. */
static const double noise_ratio = 2.5;

/* Marks the blocks of one slice that are darker than `air`, or less than sd_share times the SD of their voxels, and
 * reach the image's border without crossing tissue. `stack` has room for all blocks of the slice. */
static void slice_mark(const Blocks *blocks, double air, double sd_share, int k, unsigned char *mark, int as,
                       int *stack)
{
    const Grid *g = &blocks->mean.grid;
    const float *v = blocks->mean.data + grid_index(g, 0, 0, k), *sd = blocks->sd.data + grid_index(g, 0, 0, k);
    int n = 0;
    for (int i = 0; i < g->nx * g->ny; i++) {
        int x = i % g->nx, y = i / g->nx;
        bool border = x == 0 || y == 0 || x == g->nx - 1 || y == g->ny - 1;
        if (mark[i] || (border && ((double)v[i] < air || (double)v[i] < sd_share * (double)sd[i]))) stack[n++] = i;
    }
    for (int i = 0; i < n; i++)
        if (!mark[stack[i]]) mark[stack[i]] = (unsigned char)as;
    while (n > 0) {
        int i = stack[--n], x = i % g->nx;
        const int next[] = {x > 0 ? i - 1 : -1, x < g->nx - 1 ? i + 1 : -1, i - g->nx, i + g->nx};
        for (int c = 0; c < 4; c++) {
            int to = next[c];
            if (to < 0 || to >= g->nx * g->ny || mark[to]) continue;
            if (!((double)v[to] < air || (double)v[to] < sd_share * (double)sd[to])) continue;
            mark[to] = (unsigned char)as;
            stack[n++] = to;
        }
    }
}

static bool near_outside(const Grid *g, const unsigned char *outside, int i, int j, int k)
{
    int rx = (int)ceil(rim_mm / g->dx), ry = (int)ceil(rim_mm / g->dy);
    for (int y = j - ry; y <= j + ry; y++)
        for (int x = i - rx; x <= i + rx; x++)
            if (x >= 0 && y >= 0 && x < g->nx && y < g->ny && outside[grid_index(g, x, y, k)]) return true;
    return false;
}

/* One tissue's block, not an edge: its SD is noise and texture. */
static double homogeneity(double mean, double sd, double noise_sd)
{
    double excess = fmax(0, sd * sd - 1.5 * noise_sd * noise_sd) / (mean * mean);
    return 1 / (1 + excess / (0.12 * 0.12));
}

/* What is known of each block before its tissue is. */
typedef struct Samples {
    float *weight;                  /* 0 outside the body */
    unsigned char *outside, *place; /* outside: NOISE may be very dark tissue; it does not count, but has a class */
    int *stack;
    float *work;
} Samples;

static int samples_alloc(Samples *out, size_t n, Error *error)
{
    *out = (Samples){array_alloc(n, sizeof(float), error), array_alloc(n, 1, error), array_alloc(n, 1, error),
                     array_alloc(n, sizeof(int), error), array_alloc(n, sizeof(float), error)};
    return out->weight && out->outside && out->place && out->stack && out->work ? TENO_OK : TENO_FAILED;
}

static void samples_free(Samples *samples)
{
    free(samples->weight);
    free(samples->outside);
    free(samples->place);
    free(samples->stack);
    free(samples->work);
}

static void samples_fill(Samples *samples, const Blocks *blocks, double noise_sd, double brightest, bool fat_sought)
{
    const Grid *g = &blocks->mean.grid;
    double air = fmax(2.5 * noise_sd, 0.03 * brightest);
#pragma omp parallel for schedule(dynamic)
    for (int k = 0; k < g->nz; k++) {
        size_t slice = grid_index(g, 0, 0, k);
        slice_mark(blocks, air, 0, k, samples->outside + slice, OUTSIDE, samples->stack + slice);
        if (fat_sought)
            slice_mark(blocks, air, noise_ratio, k, samples->outside + slice, NOISE, samples->stack + slice);
        for (int j = 0; j < g->ny; j++)
            for (int i = 0; i < g->nx; i++) {
                size_t at = grid_index(g, i, j, k);
                if (samples->outside[at] == OUTSIDE) continue;
                double mean = fmax((double)blocks->mean.data[at], 0.5 * air);
                samples->weight[at] = (float)homogeneity(mean, (double)blocks->sd.data[at], noise_sd);
                samples->place[at] = !near_outside(g, samples->outside, i, j, k);
            }
    }
}

static void histogram_fill(Histogram *h, const Blocks *blocks, const Samples *samples, double brightest,
                           bool fat_sought)
{
    *h = (Histogram){.fat_sought = fat_sought, .top = log(brightest) + 0.7};
    for (size_t i = 0; i < grid_count(&blocks->mean.grid); i++) {
        if (!(samples->weight[i] > 0 && blocks->mean.data[i] > 0) || samples->outside[i]) continue;
        int bin = (int)((log((double)blocks->mean.data[i]) - h->top + log_width) * BINS / log_width);
        if (bin < 0) bin = 0;
        if (bin < BINS) h->weight[samples->place[i]][bin] += (double)samples->weight[i];
    }
}

/* Dark is all that lies below this share (judged) of muscle, and where the level of fat is sought below this one of
 * fat: tendon, cortex, and noise, which have no common value. */
static const double dark_of_muscle = 0.333, dark_of_fat = 0.6;

/* Density of a class at a logarithm of signal; expected: relative to muscle, of TISSUE_DARK the most. */
static double class_density(int tissue, double log_value, double log_gain, const double *expected)
{
    if (tissue == TISSUE_DARK) {
        double below = log_gain + log(expected[TISSUE_DARK]) - log_value;
        return below > 0 ? 0.5 : 0.5 * exp(-below * below / (2 * class_sd * class_sd));
    }
    if (!(expected[tissue] > 0.02)) return 0;
    double d = log_value - log_gain - log(expected[tissue]);
    /* Long echo trains show fluid brighter than one echo's equation says, never darker. */
    double sd = tissue == TISSUE_FLUID && d > 0 ? 0.5 : class_sd;
    return 0.3989 / sd * exp(-d * d / (2 * sd * sd));
}

/* Judged: share of the blocks that free fluid, an effusion and oedema, may take where the level of fat is sought: more
 * is muscle. */
static const double fluid_most = 0.04;

/* Log-likelihood of the histogram for one gain, with the classes' shares fitted; `share` receives them. */
static double gain_score(const Histogram *h, double log_gain, const double *expected,
                         double share[PLACES][TISSUE_COUNT])
{
    static const double outlier = 0.02; /* density of what is no class */
    const double(*usual)[TISSUE_COUNT] = prior[h->fat_sought];
    double score = 0;
    for (int p = 0; p < PLACES; p++) {
        double density[BINS][TISSUE_COUNT], total = 0;
        for (int b = 0; b < BINS; b++) {
            total += h->weight[p][b];
            for (int t = 1; t < TISSUE_COUNT; t++) density[b][t] = class_density(t, bin_log(h, b), log_gain, expected);
        }
        for (int t = 1; t < TISSUE_COUNT; t++) share[p][t] = usual[p][t];
        for (int round = 0; round < EM_ROUNDS; round++) {
            double mass[TISSUE_COUNT], log_likelihood = 0, sum = 0;
            /* The prior counts as a fifth of the blocks: a class may vanish, or take over, but has to earn it. */
            for (int t = 1; t < TISSUE_COUNT; t++) mass[t] = 0.2 * total * usual[p][t];
            for (int b = 0; b < BINS; b++) {
                double mixture = outlier;
                for (int t = 1; t < TISSUE_COUNT; t++) mixture += share[p][t] * density[b][t];
                log_likelihood += h->weight[p][b] * log(mixture);
                for (int t = 1; t < TISSUE_COUNT; t++)
                    mass[t] += h->weight[p][b] * share[p][t] * density[b][t] / mixture;
            }
            for (int t = 1; t < TISSUE_COUNT; t++) sum += mass[t];
            if (round == EM_ROUNDS - 1) {
                score += log_likelihood;
                for (int t = 1; t < TISSUE_COUNT; t++) score += 0.2 * total * usual[p][t] * log(share[p][t]);
            }
            for (int t = 1; t < TISSUE_COUNT && sum > 0; t++) share[p][t] = mass[t] / sum;
            if (h->fat_sought) share[p][TISSUE_FLUID] = fmin(share[p][TISSUE_FLUID], fluid_most);
        }
    }
    return score;
}

/* What suppression leaves of fat: SD of its logarithm about the expectation (as in share.c), the steps of the scan, and
 * (judged) its most, of muscle: brighter fat is not suppressed. */
static const double residue_spread = 0.8, residue_step = 0.15, residue_most = 0.8;
enum { RESIDUES = 14, TRIALS = 2 * RESIDUES + 1 }; /* steps to either side; in all */

/* The classes' ratios with another share of the fat left; false where it would not be suppressed. */
static bool residue_apply(double *ratio, const double *expected, int step, bool fat_sought)
{
    for (int t = 0; t < TISSUE_COUNT; t++) ratio[t] = expected[t];
    ratio[TISSUE_DARK] = dark_of_muscle;
    if (!fat_sought) return step == 0;
    ratio[TISSUE_FAT] *= exp(step * residue_step);
    ratio[TISSUE_DARK] = fmin(dark_of_muscle, dark_of_fat * ratio[TISSUE_FAT]);
    if (step == 0) return true;
    ratio[TISSUE_MARROW] = ratio[TISSUE_FAT];
    return ratio[TISSUE_FAT] <= residue_most;
}

/* The gain; where the level of fat is sought, `expected` receives it. */
static double gain_find(const Histogram *h, double *expected, double share[PLACES][TISSUE_COUNT])
{
    const double span = 4.0; /* muscle lies within a factor e^4 of the brightest block */
    double best = -INFINITY, score[TRIALS * GAINS], trial[PLACES][TISSUE_COUNT], ratio[TISSUE_COUNT];
    int at = 0;
#pragma omp parallel for schedule(dynamic) private(trial, ratio)
    for (int i = 0; i < TRIALS * GAINS; i++) {
        int step = i / GAINS - RESIDUES;
        double off = step * residue_step / residue_spread, log_gain = h->top - span * (i % GAINS) / GAINS;
        score[i] = -INFINITY;
        if (!residue_apply(ratio, expected, step, h->fat_sought)) continue;
        score[i] = gain_score(h, log_gain, ratio, trial) - off * off / 2;
    }
    for (int i = 0; i < TRIALS * GAINS; i++)
        if (score[i] > best) {
            best = score[i];
            at = i;
        }
    residue_apply(ratio, expected, at / GAINS - RESIDUES, h->fat_sought);
    for (int t = 0; t < TISSUE_COUNT; t++) expected[t] = ratio[t];
    double log_gain = h->top - span * (at % GAINS) / GAINS;
    gain_score(h, log_gain, expected, share);
    return log_gain;
}

/* Most probable class of each block, into `tissue`; 0 for air and for blocks with an edge through them. */
static void blocks_label(Vol *tissue, const Blocks *blocks, const Samples *samples, double log_gain,
                         const double *expected, double share[PLACES][TISSUE_COUNT])
{
    size_t n = grid_count(&tissue->grid);
    for (size_t i = 0; i < n; i++) {
        double best = 0.002, value = log(fmax((double)blocks->mean.data[i], 1e-30));
        if (samples->weight[i] < 0.4F) continue;
        for (int t = 1; t < TISSUE_COUNT; t++) {
            double p = share[samples->place[i]][t] * class_density(t, value, log_gain, expected);
            if (p > best) {
                best = p;
                tissue->data[i] = (float)t;
            }
        }
    }
}

static int by_value(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* Median of the blocks of a tissue; NaN when there is less of it than `min_mm3`. */
static double tissue_median(const Vol *tissue, const Vol *mean, Tissue wanted, double min_mm3, float *work)
{
    size_t n = 0, count = grid_count(&tissue->grid);
    for (size_t i = 0; i < count; i++)
        if ((int)tissue->data[i] == (int)wanted) work[n++] = mean->data[i];
    if ((double)n * grid_voxel_mm3(&tissue->grid) < min_mm3) return NAN;
    qsort(work, n, sizeof *work, by_value);
    return (double)work[n / 2];
}

static void references_measure(TissueReferences *out, const Vol *tissue, const Vol *mean, const double *expected,
                               float *work)
{
    out->muscle = tissue_median(tissue, mean, TISSUE_MUSCLE, min_class_mm3, work);
    out->muscle_seen = !isnan(out->muscle);
    out->fat = tissue_median(tissue, mean, TISSUE_FAT, min_class_mm3, work);
    out->tendon = tissue_median(tissue, mean, TISSUE_DARK, min_class_mm3, work);
    /* Fluid is told from its neighbours only where it outshines them all. */
    bool distinct = expected[TISSUE_FLUID] > 1.25 && expected[TISSUE_FLUID] > 1.25 * expected[TISSUE_FAT];
    out->fluid = distinct ? tissue_median(tissue, mean, TISSUE_FLUID, min_fluid_mm3, work) : (double)NAN;
    if (isnan(out->muscle) && !isnan(out->fat) && expected[TISSUE_FAT] > 0.1) {
        out->muscle = out->fat / expected[TISSUE_FAT];
        notes_add(&out->notes, "muscle not found; expected from fat and the sequence's timing");
    } else if (isnan(out->muscle)) {
        notes_add(&out->notes, "neither muscle nor fat found");
    }
    if (isnan(out->fat)) notes_add(&out->notes, "fat not found");
    if (isnan(out->tendon)) notes_add(&out->notes, "no dark tissue found");
    if (isnan(out->fluid))
        notes_add(&out->notes, distinct ? "no free fluid found" : "fluid does not stand out in this contrast");
}

int references_find(TissueReferences *out, Vol *tissues, const Vol *vol, const Series *series, double noise_sd,
                    bool fat_sought, Error *error)
{
    Blocks blocks = {0};
    Vol tissue = {0};
    *out = (TissueReferences){.tendon = NAN, .muscle = NAN, .fat = NAN, .fluid = NAN};
    int code = blocks_make(&blocks, vol, block_mm, error);
    if (code) return code;
    Samples samples;
    code = samples_alloc(&samples, grid_count(&blocks.mean.grid), error);
    if (!code) code = vol_alloc(&tissue, &blocks.mean.grid, error);
    if (!code) {
        Histogram histogram;
        double expected[TISSUE_COUNT], share[PLACES][TISSUE_COUNT], brightest = blocks_quantile(&blocks.mean, 0.995);
        tissue_expect(&series->acquisition, series->contrast, expected);
        samples_fill(&samples, &blocks, noise_sd, brightest, fat_sought);
        histogram_fill(&histogram, &blocks, &samples, brightest, fat_sought);
        double log_gain = gain_find(&histogram, expected, share);
        blocks_label(&tissue, &blocks, &samples, log_gain, expected, share);
        references_measure(out, &tissue, &blocks.mean, expected, samples.work);
        if (tissues) {
            *tissues = tissue;
            tissue = (Vol){0};
        }
    }
    vol_free(&tissue);
    samples_free(&samples);
    blocks_free(&blocks);
    return code;
}

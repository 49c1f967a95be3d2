/*
 * Where the series of one visit agree on muscle and fat.
 *
 * Fat and muscle are far apart without fat suppression and may be close with it, so a map of the tissues from such a
 * series is carried over to the others, and their signals are read there. Fat is plenty: the median over blocks whose
 * neighbours are fat as well. Muscle is scarce at an ankle, and what one series takes for it may be fluid, cartilage or
 * a blurred edge; but muscle is equally bright in all its blocks, in every series. So its levels are the joint mode of
 * the blocks: each channel's by mean shift (Comaniciu and Meer, IEEE TPAMI 24(5), 2002, doi:10.1109/34.1000236), blocks
 * weighed by how well the other channels' levels fit, in turn until they settle. Marrow and skin may agree as well; of
 * several modes in a channel the one counts that most blocks share and that lies where the sequence's timing puts
 * muscle beside fat. Of several maps the one counts whose muscle most blocks agree on.
 *
 * What it cannot do: work without a series that shows fat bright.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "preproc/together.h"
#include "teno/memory.h"

/* SD of the logarithm of one tissue's blocks about its level: texture, noise and what is left of the bias. */
static const double SPREAD = 0.12;
/* SD of the logarithm of muscle over fat about what the timing says: what suppression leaves of fat varies. */
static const double EXPECTED_SPREAD = 0.8;
/* What a channel that does not see a block adds to its weight: less than agreement, more than contradiction. */
static const double UNSEEN = 0.3;
/* Blocks that agree, and neighbours within the level (of 4) that must be of the same tissue. */
static const double AGREE_MIN = 6;
enum { NEIGHBOURS_FAT = 4, NEIGHBOURS_MUSCLE = 2, NEIGHBOURS_DARK = 2 };
enum { FAT_MIN = 40, DARK_MIN = 12, ROUNDS = 6, SHIFTS = 8 };

/* Logarithms of the signals of one tissue's blocks, [n][n_channels]; NaN where a channel does not see the block. */
typedef struct Witnesses {
    int n, n_channels;
    double *level;
    double *weight; /* [n] scratch */
} Witnesses;

static int same_around(const Vol *tissues, int i, int j, int k)
{
    const Grid *g = &tissues->grid;
    if (i < 1 || j < 1 || i >= g->nx - 1 || j >= g->ny - 1) return 0;
    const float *t = tissues->data + grid_index(g, i, j, k);
    return (t[0] == t[1]) + (t[0] == t[-1]) + (t[0] == t[g->nx]) + (t[0] == t[-g->nx]);
}

/* Mean signal of a channel in the middle of a block. */
static double block_signal(const Channel *channel, const Rigid *to_ref, const Grid *g, int i, int j, int k)
{
    double sum = 0;
    for (int part = 0; part < 5; part++) {
        double x = i + (part == 1 ? 0.25 : part == 2 ? -0.25 : 0), y = j + (part == 3 ? 0.25 : part == 4 ? -0.25 : 0);
        Vec3 p = rigid_apply(&channel->ref_to_channel, rigid_apply(to_ref, grid_to_lps(g, vec3(x, y, k))));
        sum += vol_sample(&channel->vol, p, (double)NAN);
    }
    return sum / 5;
}

/* Of the blocks of one tissue on the map of channel `from`. */
static int witnesses_call(Witnesses *out, const Prepared *prepared, int from, const Vol *tissues, Tissue wanted,
                          int neighbours, Error *error)
{
    Rigid to_ref = rigid_inverse(&prepared->channel[from].ref_to_channel);
    const Grid *g = &tissues->grid;
    size_t n = 0, channels = (size_t)prepared->n_channels;
    for (size_t at = 0; at < grid_count(g); at++) n += (int)tissues->data[at] == (int)wanted;
    *out = (Witnesses){.n_channels = prepared->n_channels,
                       .level = array_alloc(n * channels + 1, sizeof *out->level, error),
                       .weight = array_alloc(n + 1, sizeof *out->weight, error)};
    if (!out->level || !out->weight) return TENO_FAILED;
    for (int k = 0; k < g->nz; k++)
        for (int j = 0; j < g->ny; j++)
            for (int i = 0; i < g->nx; i++) {
                if ((int)tissues->data[grid_index(g, i, j, k)] != (int)wanted) continue;
                if (same_around(tissues, i, j, k) < neighbours) continue;
                for (int c = 0; c < out->n_channels; c++) {
                    const Channel *channel = &prepared->channel[c];
                    double signal = block_signal(channel, &to_ref, g, i, j, k), least = fmax(channel->noise_sd, 1e-6);
                    out->level[out->n * out->n_channels + c] = isnan(signal) ? signal : log(fmax(signal, least));
                }
                out->n++;
            }
    return TENO_OK;
}

static void witnesses_free(Witnesses *w)
{
    free(w->level);
    free(w->weight);
}

static double agreement(const Witnesses *w, int block, int c, double level)
{
    double off = (w->level[block * w->n_channels + c] - level) / SPREAD;
    return isnan(off) ? UNSEEN : exp(-off * off / 2);
}

static int by_level(const void *a, const void *b)
{
    const double *x = a, *y = b;
    if (x[0] != y[0]) return x[0] < y[0] ? -1 : 1;
    return (x[1] > y[1]) - (x[1] < y[1]);
}

/* Weighted median of one channel's levels; pairs: scratch of [n][2]. */
static double middle(const Witnesses *w, int c, double *pairs)
{
    int n = 0;
    double total = 0, sum = 0;
    for (int b = 0; b < w->n; b++) {
        double level = w->level[b * w->n_channels + c];
        if (isnan(level)) continue;
        pairs[2 * n] = level;
        pairs[2 * n++ + 1] = w->weight[b];
        total += w->weight[b];
    }
    if (!(total > 0)) return (double)NAN;
    qsort(pairs, (size_t)n, 2 * sizeof *pairs, by_level);
    for (int b = 0; b < n; b++)
        if ((sum += pairs[2 * b + 1]) >= total / 2) return pairs[2 * b];
    return (double)NAN;
}

/* Mean shift from `at`; `mass`: of the blocks that share the level where it ends. */
static double climb(const Witnesses *w, int c, double at, double *mass)
{
    *mass = 0;
    for (int shift = 0; shift < SHIFTS && !isnan(at); shift++) {
        double sum = 0, total = 0;
        for (int b = 0; b < w->n; b++) {
            double level = w->level[b * w->n_channels + c], weight = w->weight[b] * agreement(w, b, c, at);
            if (isnan(level)) continue;
            sum += weight * level;
            total += weight;
        }
        *mass = total;
        at = total > 0 ? sum / total : (double)NAN;
    }
    return at;
}

/* One channel's level with the blocks' weights as they are: the best of what the middle, the channel alone and its fat
 * lead to. expected: logarithm of where the timing puts muscle; NaN unknown. */
static double mode(const Witnesses *w, int c, double alone, double expected, double *pairs)
{
    const double start[] = {middle(w, c, pairs), alone, expected};
    double best = (double)NAN, most = 0;
    for (size_t i = 0; i < sizeof start / sizeof *start; i++) {
        double mass, at = climb(w, c, start[i], &mass), off = isnan(expected) ? 0 : (at - expected) / EXPECTED_SPREAD;
        mass *= exp(-off * off / 2);
        if (isnan(at) || !(mass > most)) continue;
        most = mass;
        best = at;
    }
    return best;
}

/* Weight of each block: how well the channels other than `but` agree on it. Returns the sum. */
static double weigh(const Witnesses *w, const double *level, int but)
{
    double sum = 0;
    for (int b = 0; b < w->n; b++) {
        w->weight[b] = 1;
        for (int c = 0; c < w->n_channels; c++)
            if (c != but && !isnan(level[c])) w->weight[b] *= agreement(w, b, c, level[c]);
        sum += w->weight[b];
    }
    return sum;
}

/* Logarithm of muscle's level as the timing puts it beside fat; NaN when that says nothing. */
static double muscle_expected(const Channel *channel)
{
    double expected[TISSUE_COUNT];
    tissue_expect(&channel->series->acquisition, channel->series->contrast, expected);
    double muscle = channel->references.fat / expected[TISSUE_FAT];
    return channel->series->contrast != CONTRAST_STIR && muscle > 0 ? log(muscle) : (double)NAN;
}

/* The joint mode, level[n_channels]; returns how many blocks agree on it. Starts at what channel `from` finds alone. */
static double joint_mode(double *level, const Witnesses *w, int from, const Prepared *prepared, double *pairs)
{
    for (int c = 0; c < w->n_channels; c++)
        level[c] = c == from ? log(prepared->channel[c].references.muscle) : (double)NAN;
    for (int round = 0; round < ROUNDS; round++)
        for (int c = 0; c < w->n_channels; c++) {
            if (!round && c == from) continue;
            const TissueReferences *r = &prepared->channel[c].references;
            weigh(w, level, c);
            level[c] = mode(w, c, log(r->muscle), muscle_expected(&prepared->channel[c]), pairs);
        }
    return weigh(w, level, -1);
}

/* Dark tissue that only noise shows: its mean in a magnitude image is sqrt(pi/2) SD (Gudbjartsson and Patz, 1995). */
static double noise_level(const Channel *channel)
{
    return 1.2533 * channel->noise_sd;
}

/* Dark tissue is darker than fat: where the levels found alone say otherwise, what is dark is noise alone. */
static void fat_set(Channel *channel, double fat)
{
    TissueReferences *r = &channel->references;
    r->fat = fat;
    if (r->tendon > fat) r->tendon = fmin(r->tendon, noise_level(channel));
}

/* Median signal of every channel over the blocks that one map gives to a tissue, level[n_channels]; NaN where fewer
 * than `least` are seen. */
static int tissue_levels(double *level, const Prepared *prepared, int from, const Vol *tissues, Tissue wanted,
                         int neighbours, int least, Error *error)
{
    Witnesses w;
    double *pairs = NULL;
    int code = witnesses_call(&w, prepared, from, tissues, wanted, neighbours, error);
    if (!code && !(pairs = array_alloc(2 * (size_t)w.n + 1, sizeof *pairs, error))) code = TENO_FAILED;
    for (int c = 0; c < prepared->n_channels && !code; c++) {
        int seen = 0;
        for (int b = 0; b < w.n; b++) {
            seen += !isnan(w.level[b * w.n_channels + c]);
            w.weight[b] = 1;
        }
        level[c] = seen >= least ? exp(middle(&w, c, pairs)) : (double)NAN;
    }
    free(pairs);
    witnesses_free(&w);
    return code;
}

static int fat_share(Prepared *prepared, int from, const Vol *tissues, double *level, Error *error)
{
    int code = tissue_levels(level, prepared, from, tissues, TISSUE_FAT, NEIGHBOURS_FAT, FAT_MIN, error);
    for (int c = 0; c < prepared->n_channels && !code; c++)
        if (c != from && !isnan(level[c])) fat_set(&prepared->channel[c], level[c]);
    return code;
}

/* A suppressed series alone may take fat for dark tissue, and its level is then too high; never too low. It has taken
 * it where the map, on which fat is bright, has too little that is dark. */
static int dark_share(Prepared *prepared, int from, const Vol *tissues, double *level, Error *error)
{
    int code = tissue_levels(level, prepared, from, tissues, TISSUE_DARK, NEIGHBOURS_DARK, DARK_MIN, error);
    for (int c = 0; c < prepared->n_channels && !code; c++) {
        TissueReferences *r = &prepared->channel[c].references;
        if (!series_suppressed(prepared->channel[c].series)) continue;
        r->tendon = fmin(r->tendon, isnan(level[from]) ? noise_level(&prepared->channel[c]) : level[c]);
    }
    return code;
}

/* Muscle as one map shows it: level[n_channels] and how many blocks agree. */
static int muscle_levels(double *level, double *agree, const Prepared *prepared, int from, const Vol *tissues,
                         Error *error)
{
    Witnesses w;
    double *pairs = NULL;
    int code = witnesses_call(&w, prepared, from, tissues, TISSUE_MUSCLE, NEIGHBOURS_MUSCLE, error);
    if (!code && !(pairs = array_alloc(2 * (size_t)w.n + 1, sizeof *pairs, error))) code = TENO_FAILED;
    if (!code) *agree = joint_mode(level, &w, from, prepared, pairs);
    free(pairs);
    witnesses_free(&w);
    return code;
}

static void muscle_set(Prepared *prepared, const double *level)
{
    for (int c = 0; c < prepared->n_channels; c++) {
        TissueReferences *r = &prepared->channel[c].references;
        double muscle = exp(level[c]);
        if (!(muscle > 2 * prepared->channel[c].noise_sd)) continue;
        if (!(fabs(r->muscle - muscle) < 0.15 * muscle))
            notes_add(&r->notes, "muscle read where all series show it (%.0f; alone: %.0f)", muscle, r->muscle);
        r->muscle = muscle;
        r->muscle_agreed = true;
    }
}

/* True when a channel's map of the tissues may speak for the others: fat and muscle are far apart in it. */
static bool tissues_sure(const Channel *channel)
{
    const TissueReferences *r = &channel->references;
    return !series_suppressed(channel->series) && r->fat > 1.3 * r->muscle;
}

int references_share(Prepared *prepared, const Vol *tissues, Error *error)
{
    int n = prepared->n_channels, code = TENO_OK, first = -1;
    double most = 0, *level = array_alloc(2 * (size_t)n, sizeof *level, error);
    if (!level) return TENO_FAILED;
    for (int c = 0; c < n && first < 0; c++)
        if (tissues_sure(&prepared->channel[c])) first = c;
    if (first >= 0) code = fat_share(prepared, first, &tissues[first], level, error);
    if (first >= 0 && !code) code = dark_share(prepared, first, &tissues[first], level, error);
    for (int c = 0; c < n && !code; c++) {
        double agree = 0;
        if (!tissues_sure(&prepared->channel[c])) continue;
        code = muscle_levels(level + n, &agree, prepared, c, &tissues[c], error);
        if (code || !(agree > most)) continue;
        most = agree;
        memcpy(level, level + n, (size_t)n * sizeof *level);
    }
    if (!code && most >= AGREE_MIN) muscle_set(prepared, level);
    free(level);
    return code;
}

/*
 * Coil bias of a fat-suppressed series, with the help of one that shows fat.
 *
 * Suppression fails where the main field is uneven, and then what is left of fat changes over the image as a coil field
 * does; taken for one, it makes muscle three times as bright at the calf as at the foot. A series without suppression
 * tells the two apart: its map says which blocks are muscle, fat or marrow, and the patient lay in the same coil. So
 *
 *     log signal = level of the tissue + field of the other series + change of it + (in fat and marrow) suppression
 *
 * is fitted to the blocks of these tissues at once, the change and the suppression as polynomials of order 3, by
 * iteratively reweighted least squares (Tukey's biweight). The change is held smaller than the suppression: the coil is
 * the same, the shim is not. Muscle is the judge, because it is equally bright everywhere: the field is taken only
 * where it makes muscle about as even as the field that the series found alone, or more so (a scanner may have
 * normalised the two series differently). All is linear in the number of voxels.
 *
 * What this cannot do: help a study in which no series shows fat, or hardly any muscle is seen.
 */
#include <math.h>
#include <stdlib.h>

#include "core/solve.h"
#include "preproc/blocks.h"
#include "preproc/polynomial.h"
#include "preproc/together.h"
#include "teno/memory.h"

static const double block_mm = 4; /* muscles at an ankle are small */
enum {
    LEVELS = 3, /* muscle, fat, marrow */
    TERMS = POLYNOMIAL_TERMS_ORDER_3,
    CHANGE = LEVELS,
    SUPPRESSION = CHANGE + TERMS,
    UNKNOWNS = SUPPRESSION + TERMS,
    MIN_BLOCKS = 60,
    MIN_MUSCLE = 15,
    ROUNDS = 8
};
/* Smallness of both, as in bias.c, and how much more is asked of the change. */
static const double ridge = 1e-3, same_coil = 10;
/* Beyond this (logarithm) a block is no block of its tissue: at first, and at last. */
static const double tukey_first = 0.8, tukey_last = 0.35;
static const double texture = 0.1; /* SD within a block of one tissue, of its mean; as in bias.c */
/* The shared field may leave this many times the scatter of muscle that the series' own leaves: in development studies
 * of two simulators 0.2 to 1.2 where the coil was one, 1.5 to 3.5 where it was not. */
static const double scatter_most = 1.1;

/* One block of the series whose field is looked for. */
typedef struct Witness {
    size_t block;
    int level;            /* 0 muscle, 1 fat, 2 marrow */
    double value, weight; /* logarithm of signal over the other series' field */
    float term[POLYNOMIAL_TERMS];
} Witness;

typedef struct Fit {
    Witness *witness;
    int n;
    double unknown[UNKNOWNS];
} Fit;

/* The tissue of a block of the map's series at a point of its frame, if all around is the same; TISSUE_NONE. */
static int tissue_at(const Vol *tissues, const Rigid *to_map, const Grid *grid, int i, int j, int k)
{
    static const double part[][3] = {{0, 0, 0},    {0.3, 0, 0}, {-0.3, 0, 0}, {0, 0.3, 0},
                                     {0, -0.3, 0}, {0, 0, 0.3}, {0, 0, -0.3}};
    int found = TISSUE_NONE;
    for (size_t n = 0; n < sizeof part / sizeof *part; n++) {
        Vec3 p = rigid_apply(to_map, grid_to_lps(grid, vec3(i + part[n][0], j + part[n][1], k + part[n][2])));
        Vec3 at = grid_to_vox(&tissues->grid, p);
        long x = lrint(at.x), y = lrint(at.y), z = lrint(at.z);
        if (x < 0 || y < 0 || z < 0 || x >= tissues->grid.nx || y >= tissues->grid.ny || z >= tissues->grid.nz)
            return TISSUE_NONE;
        int tissue = (int)tissues->data[grid_index(&tissues->grid, (int)x, (int)y, (int)z)];
        if (n && tissue != found) return TISSUE_NONE;
        found = tissue;
    }
    return found;
}

/* Logarithm of a coarse field at a point of its frame, held at its rim. */
static double field_log(const Vol *field, Vec3 p_lps)
{
    const Grid *g = &field->grid;
    Vec3 at = grid_to_vox(g, p_lps);
    at = vec3(fmin(fmax(at.x, 0), g->nx - 1), fmin(fmax(at.y, 0), g->ny - 1), fmin(fmax(at.z, 0), g->nz - 1));
    return log(vol_sample_vox(field, at, 1));
}

/* Every block of the series that the other one's map gives to one of the tissues. */
static int witnesses_call(Fit *fit, const Blocks *blocks, double noise_sd, const Channel *shown, const Vol *tissues,
                          const Rigid *to_shown, Error *error)
{
    const Grid *g = &blocks->mean.grid;
    fit->witness = array_alloc(grid_count(g), sizeof *fit->witness, error);
    if (!fit->witness) return TENO_FAILED;
    for (int k = 0; k < g->nz; k++)
        for (int j = 0; j < g->ny; j++)
            for (int i = 0; i < g->nx; i++) {
                size_t at = grid_index(g, i, j, k);
                double amplitude = blocks_amplitude(blocks, at, noise_sd), sd = (double)blocks->sd.data[at];
                if (!(amplitude > fmax(noise_sd, 0))) continue;
                int tissue = tissue_at(tissues, to_shown, g, i, j, k);
                if (tissue != TISSUE_MUSCLE && tissue != TISSUE_FAT && tissue != TISSUE_MARROW) continue;
                Witness *w = &fit->witness[fit->n++];
                double excess = fmax(0, sd * sd - noise_sd * noise_sd) / (amplitude * amplitude);
                w->block = at;
                w->level = tissue == TISSUE_MUSCLE ? 0 : tissue == TISSUE_FAT ? 1 : 2;
                w->value =
                    log(amplitude) - field_log(&shown->bias, rigid_apply(to_shown, grid_to_lps(g, vec3(i, j, k))));
                w->weight = 1 / (1 + excess / (texture * texture));
                polynomial_terms(w->term, g, i, j, k);
            }
    return TENO_OK;
}

/* What the fit leaves of a witness (logarithm). */
static double rest(const Fit *fit, const Witness *w)
{
    double value = w->value - fit->unknown[w->level];
    for (int t = 0; t < TERMS; t++)
        value -= (double)w->term[t] * (fit->unknown[CHANGE + t] + (w->level ? fit->unknown[SUPPRESSION + t] : 0));
    return value;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The levels to start from: medians. */
static int levels_start(Fit *fit, Error *error)
{
    double *of = array_alloc((size_t)fit->n + 1, sizeof *of, error);
    if (!of) return TENO_FAILED;
    for (int level = 0; level < LEVELS; level++) {
        int n = 0;
        for (int i = 0; i < fit->n; i++)
            if (fit->witness[i].level == level) of[n++] = fit->witness[i].value;
        qsort(of, (size_t)n, sizeof *of, by_value);
        fit->unknown[level] = n ? of[n / 2] : 0;
    }
    free(of);
    return TENO_OK;
}

static void fit_improve(Fit *fit, double tukey)
{
    double matrix[UNKNOWNS * UNKNOWNS] = {0}, right[UNKNOWNS] = {0}, row[UNKNOWNS], total = 0;
    for (int i = 0; i < fit->n; i++) {
        const Witness *w = &fit->witness[i];
        double off = rest(fit, w) / tukey;
        if (!(fabs(off) < 1)) continue;
        double weight = w->weight * (1 - off * off) * (1 - off * off);
        for (int u = 0; u < UNKNOWNS; u++) row[u] = 0;
        row[w->level] = 1;
        for (int t = 0; t < TERMS; t++) {
            row[CHANGE + t] = (double)w->term[t];
            row[SUPPRESSION + t] = w->level ? (double)w->term[t] : 0;
        }
        for (int a = 0; a < UNKNOWNS; a++) {
            right[a] += weight * row[a] * w->value;
            for (int b = 0; b <= a; b++) matrix[a * UNKNOWNS + b] += weight * row[a] * row[b];
        }
        total += weight;
    }
    for (int u = 0; u < UNKNOWNS; u++) {
        double order = u < LEVELS ? 0 : polynomial_order((u - LEVELS) % TERMS);
        matrix[u * UNKNOWNS + u] += ridge * order * order * order * total * (u < SUPPRESSION ? same_coil : 1) + 1e-9;
    }
    if (!solve_spd(matrix, right, UNKNOWNS)) return;
    for (int u = 0; u < UNKNOWNS; u++) fit->unknown[u] = right[u];
}

/* The field on the blocks, its mean logarithm 0 over the witnesses. */
static void field_write(const Fit *fit, Vol *bias, const Channel *shown, const Rigid *to_shown)
{
    const Grid *g = &bias->grid;
    float term[POLYNOMIAL_TERMS];
    for (int k = 0; k < g->nz; k++)
        for (int j = 0; j < g->ny; j++)
            for (int i = 0; i < g->nx; i++) {
                double value = field_log(&shown->bias, rigid_apply(to_shown, grid_to_lps(g, vec3(i, j, k))));
                polynomial_terms(term, g, i, j, k);
                for (int t = 0; t < TERMS; t++) value += (double)term[t] * fit->unknown[CHANGE + t];
                bias->data[grid_index(g, i, j, k)] = (float)value;
            }
    double sum = 0, low = INFINITY, high = -INFINITY;
    for (int i = 0; i < fit->n; i++) {
        double value = (double)bias->data[fit->witness[i].block];
        sum += value;
        low = fmin(low, value);
        high = fmax(high, value);
    }
    for (size_t i = 0; i < grid_count(g); i++)
        bias->data[i] = (float)exp(fmin(fmax((double)bias->data[i], low), high) - sum / fit->n);
}

/* Median distance of muscle from its median (logarithm), in a field; NaN where too little of it is seen. */
static int muscle_scatter(double *scatter, const Fit *fit, const Vol *bias, const Channel *shown, const Rigid *to_shown,
                          const Grid *g, Error *error)
{
    double *of = array_alloc((size_t)fit->n + 1, sizeof *of, error);
    if (!of) return TENO_FAILED;
    int n = 0;
    for (int i = 0; i < fit->n; i++) {
        const Witness *w = &fit->witness[i];
        if (w->level) continue;
        size_t x = w->block % (size_t)g->nx, y = w->block / (size_t)g->nx % (size_t)g->ny,
               z = w->block / ((size_t)g->nx * (size_t)g->ny);
        Vec3 p = grid_to_lps(g, vec3((double)x, (double)y, (double)z));
        of[n++] = w->value + field_log(&shown->bias, rigid_apply(to_shown, p)) - field_log(bias, p);
    }
    qsort(of, (size_t)n, sizeof *of, by_value);
    double middle = n ? of[n / 2] : 0;
    for (int i = 0; i < n; i++) of[i] = fabs(of[i] - middle);
    qsort(of, (size_t)n, sizeof *of, by_value);
    *scatter = n >= MIN_MUSCLE ? of[n / 2] : (double)NAN;
    free(of);
    return TENO_OK;
}

/* Corrects one channel again, if that is better. */
static int channel_correct(Channel *channel, Vol *own_tissues, const Channel *shown, const Vol *tissues, Error *error)
{
    Blocks blocks = {0};
    Fit fit = {0};
    Vol bias = {0};
    Rigid back = rigid_inverse(&channel->ref_to_channel), to_shown = rigid_compose(&shown->ref_to_channel, &back);
    int code = blocks_make(&blocks, &channel->series->vol, block_mm, error);
    if (!code) code = witnesses_call(&fit, &blocks, channel->noise_sd, shown, tissues, &to_shown, error);
    if (code || fit.n < MIN_BLOCKS) goto out;
    code = levels_start(&fit, error);
    if (!code) code = vol_alloc(&bias, &blocks.mean.grid, error);
    if (code) goto out;
    for (int round = 0; round < ROUNDS; round++)
        fit_improve(&fit, tukey_first * pow(tukey_last / tukey_first, (double)round / (ROUNDS - 1)));
    field_write(&fit, &bias, shown, &to_shown);
    double own, shared;
    code = muscle_scatter(&own, &fit, &channel->bias, shown, &to_shown, &bias.grid, error);
    if (!code) code = muscle_scatter(&shared, &fit, &bias, shown, &to_shown, &bias.grid, error);
    if (code || !(shared < scatter_most * own)) goto out;
    vol_free(&channel->vol);
    code = vol_copy(&channel->vol, &channel->series->vol, error);
    if (code) goto out;
    bias_divide(&channel->vol, &bias);
    vol_free(&channel->bias);
    channel->bias = bias;
    bias = (Vol){0};
    vol_free(own_tissues);
    notes_free(&channel->references.notes);
    code = references_find(&channel->references, own_tissues, &channel->vol, channel->series, channel->noise_sd, false,
                           error);
out:
    blocks_free(&blocks);
    vol_free(&bias);
    free(fit.witness);
    return code;
}

int bias_share(Prepared *prepared, Vol *tissues, Error *error)
{
    int shown = -1, code = TENO_OK;
    for (int c = prepared->n_channels - 1; c >= 0; c--)
        if (!series_suppressed(prepared->channel[c].series)) shown = c;
    for (int c = 0; c < prepared->n_channels && shown >= 0 && !code; c++)
        if (series_suppressed(prepared->channel[c].series))
            code =
                channel_correct(&prepared->channel[c], &tissues[c], &prepared->channel[shown], &tissues[shown], error);
    return code;
}

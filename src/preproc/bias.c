/*
 * Coil bias from differences between near blocks of the same tissue.
 *
 * The image is tissue × field. The logarithm of the ratio of two near blocks is the field's own change where both hold
 * the same tissue, and a large outlier where they do not. So the logarithm of the field, a polynomial of low order, is
 * fitted to all such differences at once by iteratively reweighted least squares with a redescending weight (Tukey's
 * biweight): differences between tissues drop out without any tissue being named. Pairs are near first, where the field
 * changes little and the tissues stand apart; then farther, once most of the field is gone, which ties the whole image
 * together. All is linear in the number of voxels: one pass for the block means, a fit on some thousand blocks, one
 * pass to divide.
 *
 * N4 (Tustison et al., IEEE TMI 2010, doi:10.1109/TMI.2010.2046908) sharpens one histogram of the whole image instead
 * and needs the tissues' peaks to stand apart under the field; differences of neighbours are Zheng's idea (Zheng et
 * al., IEEE TPAMI 2009, doi:10.1109/TPAMI.2008.263). What this cannot do: tell a field from a tissue that truly
 * changes over the whole image, as failing fat suppression does (bias_share.c can, beside another series).
 */
#include "teno/preproc.h"

#include <math.h>
#include <stdlib.h>

#include "core/solve.h"
#include "preproc/blocks.h"
#include "preproc/polynomial.h"
#include "teno/memory.h"

enum { TERMS = POLYNOMIAL_TERMS };

/* Smaller than muscles and fat layers, large against texture. */
static const double block_mm = 6;

/* A fit needs more pairs than terms by far. */
enum { MIN_BLOCKS = 60 };

/* Weight of a term's smallness, relative to the data's mean, times its order cubed. On a synthetic leg (tests/unit) any
 * value from 3e-4 to 3e-3 leaves a field of factor 3 within 2 %. */
static const double ridge = 1e-3;

typedef struct Stage {
    int reach;    /* blocks between the two of a pair */
    int terms;    /* 19: order 3; 34: order 4 */
    double tukey; /* logarithm of the ratio beyond which a pair counts as two tissues (fat : muscle is about 0.7,
                     fat : marrow 0.3; clinical.md §5.4) */
    int iterations;
} Stage;

static const Stage stages[] = {{1, 19, 0.30, 3}, {2, 34, 0.20, 4}, {4, 34, 0.15, 3}, {8, 34, 0.12, 3}};

/* What the fit sees: one entry a block. */
typedef struct Field {
    Grid grid;
    float *log_value, *weight; /* weight 0: background, or too dark to say anything */
    float *basis;              /* [block][TERMS] */
    double coefficient[TERMS];
    double *partial; /* [nz][TERMS*TERMS + TERMS] normal equations of each slab */
} Field;

static void field_free(Field *field)
{
    free(field->log_value);
    free(field->weight);
    free(field->basis);
    free(field->partial);
}

static int field_init(Field *field, const Blocks *blocks, double noise_sd, size_t *n_used, Error *error)
{
    const Grid *g = &blocks->mean.grid;
    size_t n = grid_count(g);
    *field = (Field){.grid = *g};
    field->log_value = array_alloc(n, sizeof *field->log_value, error);
    field->weight = array_alloc(n, sizeof *field->weight, error);
    field->basis = array_alloc(n, TERMS * sizeof *field->basis, error);
    field->partial = array_alloc((size_t)g->nz, (TERMS * TERMS + TERMS) * sizeof *field->partial, error);
    if (!field->log_value || !field->weight || !field->basis || !field->partial) return TENO_FAILED;
    /* A block of a hundred voxels still has a sure mean at 1.5 SD; below 4 % of the brightest it is air or cortex. */
    double floor_value = fmax(1.5 * noise_sd, 0.04 * blocks_quantile(&blocks->mean, 0.99));
    *n_used = 0;
    for (int k = 0; k < g->nz; k++)
        for (int j = 0; j < g->ny; j++)
            for (int i = 0; i < g->nx; i++) {
                size_t at = grid_index(g, i, j, k);
                polynomial_terms(field->basis + at * TERMS, g, i, j, k);
                double amplitude = blocks_amplitude(blocks, at, noise_sd), sd = (double)blocks->sd.data[at];
                if (!(amplitude > floor_value && amplitude > 0)) continue;
                /* A block of one tissue says more than one with an edge through it; 0.1 is texture. */
                double excess = fmax(0, sd * sd - noise_sd * noise_sd) / (amplitude * amplitude);
                field->log_value[at] = (float)log(amplitude);
                field->weight[at] = (float)(1 / (1 + excess / (0.1 * 0.1)));
                ++*n_used;
            }
    return TENO_OK;
}

static double field_at(const Field *field, size_t block)
{
    double value = 0;
    for (int t = 0; t < TERMS; t++) value += field->coefficient[t] * (double)field->basis[block * TERMS + t];
    return value;
}

/* Adds one pair to the normal equations, unless it is two tissues. */
static void pair_add(const Field *field, size_t a, size_t b, const Stage *stage, double *matrix, double *right)
{
    double pair_weight = (double)field->weight[a] * (double)field->weight[b];
    if (pair_weight <= 0.01) return;
    const float *p = field->basis + a * TERMS, *q = field->basis + b * TERMS;
    double difference = (double)field->log_value[a] - (double)field->log_value[b], row[TERMS], fitted = 0;
    for (int t = 0; t < TERMS; t++) {
        row[t] = (double)p[t] - (double)q[t];
        fitted += row[t] * field->coefficient[t];
    }
    double ratio = (difference - fitted) / stage->tukey;
    if (!(fabs(ratio) < 1)) return;
    double w = pair_weight * (1 - ratio * ratio) * (1 - ratio * ratio);
    for (int t = 0; t < stage->terms; t++) {
        double wr = w * row[t];
        right[t] += wr * difference;
        for (int u = 0; u <= t; u++) matrix[t * TERMS + u] += wr * row[u];
    }
}

static void slab_add(const Field *field, int k, const Stage *stage, double *matrix, double *right)
{
    const Grid *g = &field->grid;
    /* Thick slices: the pair along z is as long in millimetres as the others, where that is a whole step. */
    int rz = (int)lround(stage->reach * g->dx / g->dz);
    if (rz < 1) rz = 1;
    for (int j = 0; j < g->ny; j++)
        for (int i = 0; i < g->nx; i++) {
            size_t at = grid_index(g, i, j, k);
            if (field->weight[at] <= 0) continue;
            if (i + stage->reach < g->nx) pair_add(field, at, at + (size_t)stage->reach, stage, matrix, right);
            if (j + stage->reach < g->ny)
                pair_add(field, at, grid_index(g, i, j + stage->reach, k), stage, matrix, right);
            if (k + rz < g->nz) pair_add(field, at, grid_index(g, i, j, k + rz), stage, matrix, right);
        }
}

static void field_improve(Field *field, const Stage *stage)
{
    enum { SIZE = TERMS * TERMS + TERMS };
#pragma omp parallel for schedule(dynamic)
    for (int k = 0; k < field->grid.nz; k++) {
        double *slab = field->partial + (size_t)k * SIZE;
        for (int i = 0; i < SIZE; i++) slab[i] = 0;
        slab_add(field, k, stage, slab, slab + TERMS * TERMS);
    }
    double matrix[TERMS * TERMS], right[TERMS] = {0};
    int n = stage->terms;
    for (int i = 0; i < n * n; i++) matrix[i] = 0;
    for (int k = 0; k < field->grid.nz; k++) {
        const double *slab = field->partial + (size_t)k * SIZE;
        for (int t = 0; t < n; t++) {
            right[t] += slab[TERMS * TERMS + t];
            for (int u = 0; u <= t; u++) matrix[t * n + u] += slab[t * TERMS + u];
        }
    }
    /* A ridge that grows with the order: terms that few pairs constrain (thin limbs, dark corners) stay small. */
    double trace = 0;
    for (int t = 0; t < n; t++) trace += matrix[t * n + t];
    for (int t = 0; t < n; t++) {
        int order = polynomial_order(t);
        matrix[t * n + t] += ridge * order * order * order * trace / n + 1e-12;
    }
    if (!solve_spd(matrix, right, n)) return;
    for (int t = 0; t < n; t++) field->coefficient[t] = right[t];
}

/* The field on the block grid, mean of the logarithm 0 over the tissue, held within the tissue's range outside it. */
static void field_write(const Field *field, Vol *bias)
{
    size_t n = grid_count(&field->grid);
    double sum = 0, weight = 0, low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < n; i++) {
        if (field->weight[i] <= 0) continue;
        double f = field_at(field, i), w = (double)field->weight[i];
        sum += w * f;
        weight += w;
        low = fmin(low, f);
        high = fmax(high, f);
    }
    for (size_t i = 0; i < n; i++) bias->data[i] = (float)exp(fmin(fmax(field_at(field, i), low), high) - sum / weight);
}

static void bias_fit(Field *field, Vol *bias)
{
    for (size_t s = 0; s < sizeof stages / sizeof *stages; s++)
        for (int i = 0; i < stages[s].iterations; i++) field_improve(field, &stages[s]);
    field_write(field, bias);
}

int bias_correct(Vol *vol, double noise_sd, Vol *bias, Error *error)
{
    Blocks blocks = {0};
    Field field = {0};
    size_t n_used = 0;
    *bias = (Vol){0};
    int code = blocks_make(&blocks, vol, block_mm, error);
    if (!code) code = field_init(&field, &blocks, noise_sd, &n_used, error);
    if (!code) code = vol_alloc(bias, &blocks.mean.grid, error);
    if (code) goto out;
    for (size_t i = 0; i < grid_count(&bias->grid); i++) bias->data[i] = 1;
    if (n_used >= MIN_BLOCKS) {
        bias_fit(&field, bias);
        bias_divide(vol, bias);
    }
out:
    field_free(&field);
    blocks_free(&blocks);
    return code;
}

/*
 * The smallest tear that this scan can show: the larger of what noise alone produces and what the blur can resolve.
 *
 * Noise: fields with the series' own noise and correlation are thrown over a normal tendon of the same shape, and the
 * largest run of fluid-like signal that they show is recorded; 97.5 % of the fields stay below the value reported.
 * Resolution: a point-like tear of volume V peaks at V / ((2 pi)^1.5 su sv ss) of the full contrast; the smallest
 * that still reaches the fluid threshold follows.
 */
#include <math.h>
#include <stdlib.h>

#include "engine.h"
#include "teno/memory.h"
#include "teno/random.h"

enum { FIELDS = 40, FIELD_SECTIONS = 24 };
/* Noise below this share of the threshold cannot reach it: 5 SD in every pixel of every field. */
static const double HARMLESS = 0.2;

static double resolution_mm3(const View *view)
{
    double threshold = view->model.fluid_threshold / view->plateau;
    double blur = view->psf_mm[0] * view->psf_mm[1] * view->psf_mm[2];
    return threshold * 15.749609945722419 * blur;
}

/* Largest connected volume above the threshold in one field of unit noise blurred like the image. */
static int field_largest(double *largest_mm3, const View *view, const Lattice *l, double unit, uint64_t seed,
                         float *field, unsigned char *mask, int *label, Error *error)
{
    size_t n = lattice_count(l);
    int found = 0;
    for (size_t at = 0; at < n; at++) field[at] = (float)random_normal(seed, at);
    int code = lattice_blur(field, field, l, view->psf_mm, error);
    if (code) return code;
    for (size_t at = 0; at < n; at++)
        mask[at] = (double)field[at] * unit * view->pixel_noise > view->model.fluid_threshold;
    code = components_label(label, &found, mask, l, error);
    *largest_mm3 = 0;
    for (int r = 1; r <= found && !code; r++) {
        size_t pixels = 0;
        for (size_t at = 0; at < n; at++) pixels += label[at] == r;
        *largest_mm3 = fmax(*largest_mm3, (double)pixels * lattice_voxel_mm3(l));
    }
    return code;
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static int noise_mm3(double *out, const View *view, const Lattice *whole, uint64_t seed, Error *error)
{
    *out = 0;
    if (view->pixel_noise < HARMLESS * view->model.fluid_threshold) return TENO_OK;
    Lattice l = *whole;
    if (l.ns > FIELD_SECTIONS) l.ns = FIELD_SECTIONS;
    size_t n = lattice_count(&l);
    double largest[FIELDS], unit = 1;
    for (int a = 0; a < 3; a++) { /* SD of white noise after the blur is the product of (2 sqrt(pi) s)^-1/2 in pixels */
        double pixels = view->psf_mm[a] / (a == 2 ? l.step_mm : l.pixel_mm);
        unit *= sqrt(fmax(2 * 1.7724538509055159 * pixels, 1));
    }
    float *field = array_alloc(n, sizeof *field, error);
    unsigned char *mask = array_alloc(n, 1, error);
    int *label = array_alloc(n, sizeof *label, error);
    int code = field && mask && label ? TENO_OK : TENO_FAILED;
    for (int f = 0; f < FIELDS && !code; f++)
        code = field_largest(&largest[f], view, &l, unit, random_bits(seed, (uint64_t)f), field, mask, label, error);
    if (!code) {
        qsort(largest, FIELDS, sizeof *largest, compare_doubles);
        *out = largest[FIELDS - 1]; /* 39 of 40 fields, 97.5 %, stay below */
    }
    free(field);
    free(mask);
    free(label);
    return code;
}

int smallest_tear(TearMap *map, uint64_t seed, Error *error)
{
    map->smallest_mm3 = INFINITY;
    for (int c = 0; c < map->n_views; c++) { /* the best view decides what the study can show */
        double noise;
        int code = noise_mm3(&noise, &map->view[c], &map->lattice, random_seed(seed, "smallest tear"), error);
        if (code) return code;
        map->smallest_mm3 = fmin(map->smallest_mm3, fmax(noise, resolution_mm3(&map->view[c])));
    }
    return TENO_OK;
}

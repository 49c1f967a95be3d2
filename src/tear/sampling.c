/*
 * How a series samples the straightened tendon.
 *
 * Slices are some millimetres apart and fixed in space. Between them the lattice holds linear interpolations, so that
 * an edge looks sharp or wide depending on where the slices happen to lie; a Gaussian of the mean width would be right
 * on the average and wrong everywhere. Interpolation runs along one axis of the lattice, the one that the slices follow
 * each other along; how far they are tilted against it shows in each pixel's own place between two slices.
 */
#include "sampling.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "teno/memory.h"

/* A line of the lattice along the slices' axis. */
typedef struct Line {
    size_t first, stride;
    int n;
} Line;

static int line_count(const Lattice *l, int axis)
{
    return axis == 0 ? l->nv * l->ns : axis == 1 ? l->nu * l->ns : l->nu * l->nv;
}

static Line line_at(const Lattice *l, int axis, int index)
{
    size_t nu = (size_t)l->nu, slab = lattice_slab(l), at = (size_t)index;
    if (axis == 0) return (Line){at * nu, 1, l->nu};
    if (axis == 1) return (Line){at / nu * slab + at % nu, nu, l->nv};
    return (Line){at, slab, l->ns};
}

/* One of the two slices beside pixel i of a line (side 0, 1), as two of its pixels and the second one's weight;
 * `share`: how far the pixel lies towards slice 1. Beyond the ends the last pixel stands for all. */
typedef struct Tap {
    size_t low, next;
    float weight;
    bool beyond;
} Tap;

static Tap tap_at(const Line *line, int i, int side, float share, double gap)
{
    double place = i + (side - (double)share) * gap, clamped = fmin(fmax(place, 0), line->n - 1);
    int low = (int)clamped;
    if (low > line->n - 2) low = line->n > 1 ? line->n - 2 : 0;
    int next = low + 1 < line->n ? low + 1 : low;
    return (Tap){line->first + (size_t)low * line->stride, line->first + (size_t)next * line->stride,
                 (float)(clamped - low), place < 0 || place > line->n - 1};
}

static double gap_pixels(const Lattice *l, const Sampling *sampling)
{
    return sampling->gap_mm / (sampling->axis == 2 ? l->step_mm : l->pixel_mm);
}

int sampling_apply(float *out, const float *in, const Lattice *l, const Sampling *sampling, Error *error)
{
    float *blurred = array_alloc(lattice_count(l), sizeof *blurred, error);
    if (!blurred) return TENO_FAILED;
    int code = lattice_blur(blurred, in, l, sampling->psf_mm, error), lines = line_count(l, sampling->axis);
    double gap = gap_pixels(l, sampling);
#pragma omp parallel for schedule(static)
    for (int index = 0; index < lines; index++) {
        Line line = line_at(l, sampling->axis, index);
        for (int i = 0; i < line.n; i++) {
            size_t at = line.first + (size_t)i * line.stride;
            float share = sampling->between[at], value[2];
            for (int side = 0; side < 2; side++) {
                Tap tap = tap_at(&line, i, side, share, gap);
                value[side] = (1 - tap.weight) * blurred[tap.low] + tap.weight * blurred[tap.next];
            }
            out[at] = (1 - share) * value[0] + share * value[1];
        }
    }
    free(blurred);
    return code;
}

int sampling_transpose(float *out, const float *in, const Lattice *l, const Sampling *sampling, Error *error)
{
    float *spread = array_alloc(lattice_count(l), sizeof *spread, error);
    if (!spread) return TENO_FAILED;
    int lines = line_count(l, sampling->axis);
    double gap = gap_pixels(l, sampling);
    /* Each line scatters into itself alone: the order of its sums does not depend on threads. */
#pragma omp parallel for schedule(static)
    for (int index = 0; index < lines; index++) {
        Line line = line_at(l, sampling->axis, index);
        for (int i = 0; i < line.n; i++) {
            size_t at = line.first + (size_t)i * line.stride;
            if (in[at] == 0) continue;
            float share = sampling->between[at];
            for (int side = 0; side < 2; side++) {
                Tap tap = tap_at(&line, i, side, share, gap);
                if (tap.beyond) continue; /* nothing lies there */
                float part = in[at] * (side ? share : 1 - share);
                spread[tap.low] += (1 - tap.weight) * part;
                spread[tap.next] += tap.weight * part;
            }
        }
    }
    int code = lattice_blur(out, spread, l, sampling->psf_mm, error);
    free(spread);
    return code;
}

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
#include <stdlib.h>
#include <string.h>

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

/* The two pixels of a line around a real index, and the second one's weight; the ends continue. */
static int pair_at(double index, int n, int *next, float *weight)
{
    double clamped = fmin(fmax(index, 0), n - 1);
    int low = (int)clamped;
    if (low > n - 2) low = n > 1 ? n - 2 : 0;
    *next = low + 1 < n ? low + 1 : low;
    *weight = (float)(clamped - low);
    return low;
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
                int next;
                float weight;
                int low = pair_at(i + (side - (double)share) * gap, line.n, &next, &weight);
                value[side] = (1 - weight) * blurred[line.first + (size_t)low * line.stride] +
                              weight * blurred[line.first + (size_t)next * line.stride];
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
                int next;
                float weight, part = in[at] * (side ? share : 1 - share);
                double place = i + (side - (double)share) * gap;
                if (place < 0 || place > line.n - 1) continue; /* nothing lies beyond the lattice */
                int low = pair_at(place, line.n, &next, &weight);
                spread[line.first + (size_t)low * line.stride] += (1 - weight) * part;
                spread[line.first + (size_t)next * line.stride] += weight * part;
            }
        }
    }
    int code = lattice_blur(out, spread, l, sampling->psf_mm, error);
    free(spread);
    return code;
}

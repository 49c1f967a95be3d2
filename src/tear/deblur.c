/*
 * Extents along the tendon are read off a profile that the slices have blurred; this undoes the blur.
 *
 * Least squares with bounds: an area cannot be negative nor exceed the section's, and these two bounds are what makes
 * the ends of a complete rupture sharp and keeps a tear from ringing. A weak penalty on the second difference settles
 * what the data leave open. Solved by coordinate descent, which keeps the bounds exactly; the profile is short.
 * Volumes are not taken from here: a sum needs no deblurring.
 */
#include "deblur.h"

#include <math.h>
#include <stdlib.h>

#include "teno/memory.h"

/* Below this SD, in samples, there is nothing to undo. */
static const double SHARP_ENOUGH = 0.35;
/* Weight of the squared second difference against the squared misfit: the data win by far wherever they speak. */
static const double SMOOTHNESS = 0.003;
enum { SWEEPS = 80 };

/* The blur as a matrix [n][n]; beyond the ends the profile continues its last value. */
static void blur_matrix(double *h, int n, double sigma)
{
    double root = sigma * 1.41421356237309504880;
    for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) h[i * n + j] = 0;
        for (int d = -(int)ceil(4 * sigma); d <= (int)ceil(4 * sigma); d++) {
            int j = i + d < 0 ? 0 : i + d >= n ? n - 1 : i + d;
            h[i * n + j] += (erf((d + 0.5) / root) - erf((d - 0.5) / root)) / 2;
        }
    }
}

/* normal = h'h + smoothness D'D, right = h'y. */
static void normal_equations(double *normal, double *right, const double *h, const double *y, int n)
{
    static const double d2[3] = {1, -2, 1};
    for (int a = 0; a < n; a++) {
        right[a] = 0;
        for (int i = 0; i < n; i++) right[a] += h[i * n + a] * y[i];
        for (int b = a; b < n; b++) {
            double sum = 0;
            for (int i = 0; i < n; i++) sum += h[i * n + a] * h[i * n + b];
            normal[a * n + b] = normal[b * n + a] = sum;
        }
    }
    for (int i = 0; i + 2 < n; i++)
        for (int p = 0; p < 3; p++)
            for (int q = 0; q < 3; q++) normal[(i + p) * n + i + q] += SMOOTHNESS * d2[p] * d2[q];
}

/* The part of the profile that is not 0, with room for what the blur may have carried. */
static void support_find(int *first, int *count, const double *blurred, int n, double sigma)
{
    int low = 0, high = n - 1, room = (int)ceil(3 * sigma) + 2;
    while (low < n && blurred[low] == 0) low++;
    while (high > low && blurred[high] == 0) high--;
    low = low - room < 0 ? 0 : low - room;
    high = high + room >= n ? n - 1 : high + room;
    *first = low;
    *count = high - low + 1;
}

int profile_deblur(double *sharp, const double *blurred, const double *limit, int n_all, double sigma_samples,
                   Error *error)
{
    for (int i = 0; i < n_all; i++) sharp[i] = fmin(fmax(blurred[i], 0), limit[i]);
    int first, n;
    support_find(&first, &n, blurred, n_all, sigma_samples);
    if (sigma_samples < SHARP_ENOUGH || n < 3) return TENO_OK;
    size_t square = (size_t)n * (size_t)n;
    double *h = array_alloc(2 * square + (size_t)n, sizeof *h, error);
    if (!h) return TENO_FAILED;
    double *normal = h + square, *right = normal + square, *x = sharp + first;
    blur_matrix(h, n, sigma_samples);
    normal_equations(normal, right, h, blurred + first, n);
    for (int sweep = 0; sweep < SWEEPS; sweep++)
        for (int a = 0; a < n; a++) {
            double rest = right[a] + normal[a * n + a] * x[a];
            for (int b = 0; b < n; b++) rest -= normal[a * n + b] * x[b];
            x[a] = fmin(fmax(rest / normal[a * n + a], 0), limit[first + a]);
        }
    free(h);
    return TENO_OK;
}

/*
 * The straightened grid: layout, exact polygon coverage, Gaussian blur.
 *
 * Coverage is the signed-area sum that font rasterisers use: every edge adds, in each pixel row it crosses, its height
 * times the part of the row to its right; the running sum along the row is then the covered share. It is exact for a
 * polygon, so section areas and the sum over pixels agree to rounding.
 */
#include "lattice.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "teno/memory.h"

Lattice lattice_around(const TendonShape *shape, int first, int ns, double pixel_mm, double margin_mm)
{
    double u_max = 0, v_max = 0;
    for (int k = first; k < first + ns; k++)
        for (int i = 0; i < SECTION_POINTS; i++) {
            u_max = fmax(u_max, fabs((double)shape->sections[k].boundary_u_mm[i]));
            v_max = fmax(v_max, fabs((double)shape->sections[k].boundary_v_mm[i]));
        }
    Lattice l = {.ns = ns, .first = first, .pixel_mm = pixel_mm, .step_mm = shape->step_mm};
    l.nu = 2 * (int)ceil((u_max + margin_mm) / pixel_mm) + 1;
    l.nv = 2 * (int)ceil((v_max + margin_mm) / pixel_mm) + 1;
    l.s0_mm = shape->sections[first].s_mm;
    return l;
}

size_t lattice_slab(const Lattice *l)
{
    return (size_t)l->nu * (size_t)l->nv;
}

size_t lattice_count(const Lattice *l)
{
    return lattice_slab(l) * (size_t)l->ns;
}

double lattice_u_mm(const Lattice *l, int i)
{
    return (i - (l->nu - 1) / 2.0) * l->pixel_mm;
}

double lattice_v_mm(const Lattice *l, int j)
{
    return (j - (l->nv - 1) / 2.0) * l->pixel_mm;
}

double lattice_voxel_mm3(const Lattice *l)
{
    return l->pixel_mm * l->pixel_mm * l->step_mm;
}

/* Adds the part of an edge inside one pixel row: from x0 to x1 (pixels) while climbing `height` (signed, at most 1). */
static void row_add(double *row, int nx, double x0, double x1, double height)
{
    if (x0 > x1) {
        double t = x0;
        x0 = x1;
        x1 = t;
    }
    double slope = x1 > x0 ? height / (x1 - x0) : 0;
    for (double x = x0;;) {
        double cell = floor(x), end = fmin(cell + 1, x1);
        double part = x1 > x0 ? slope * (end - x) : height;
        int i = cell < 0 ? -1 : cell >= nx ? nx : (int)cell;
        double right = i < 0 ? 1 : i >= nx ? 0 : cell + 1 - (x + end) / 2; /* share of the pixel right of the edge */
        if (i < 0) i = 0;
        row[i] += part * right;
        row[i + 1] += part * (1 - right);
        if (end >= x1) break;
        x = end;
    }
}

static void edge_add(double *sum, int nx, int ny, double x0, double y0, double x1, double y1)
{
    double sign = 1;
    if (y0 > y1) {
        double t = y0;
        y0 = y1, y1 = t;
        t = x0;
        x0 = x1, x1 = t;
        sign = -1;
    }
    if (y1 <= y0) return;
    double slope = (x1 - x0) / (y1 - y0);
    int low = (int)floor(fmax(y0, 0)), high = (int)ceil(fmin(y1, ny));
    for (int y = low; y < high; y++) {
        double a = fmax(y0, y), b = fmin(y1, y + 1);
        if (b > a)
            row_add(sum + (size_t)y * (size_t)(nx + 2), nx, x0 + slope * (a - y0), x0 + slope * (b - y0),
                    sign * (b - a));
    }
}

void coverage_fill(float *slab, double *scratch, const Lattice *l, const float *u_mm, const float *v_mm, int n)
{
    size_t stride = (size_t)l->nu + 2;
    memset(scratch, 0, stride * (size_t)l->nv * sizeof *scratch);
    double cu = l->nu / 2.0, cv = l->nv / 2.0, scale = 1 / l->pixel_mm;
    for (int i = 0, j = n - 1; i < n; j = i++)
        edge_add(scratch, l->nu, l->nv, (double)u_mm[j] * scale + cu, (double)v_mm[j] * scale + cv,
                 (double)u_mm[i] * scale + cu, (double)v_mm[i] * scale + cv);
    for (int y = 0; y < l->nv; y++) {
        double running = 0;
        for (int x = 0; x < l->nu; x++) {
            running += scratch[(size_t)y * stride + (size_t)x];
            slab[(size_t)y * (size_t)l->nu + (size_t)x] = (float)fmin(fabs(running), 1);
        }
    }
}

int coverage_fill_all(float *out, const Lattice *l, const TendonShape *shape, Error *error)
{
    size_t scratch_size = ((size_t)l->nu + 2) * (size_t)l->nv;
    double *scratch = array_alloc(scratch_size * (size_t)l->ns, sizeof *scratch, error);
    if (!scratch) return TENO_FAILED;
#pragma omp parallel for schedule(static)
    for (int k = 0; k < l->ns; k++) {
        const Section *section = &shape->sections[l->first + k];
        coverage_fill(out + (size_t)k * lattice_slab(l), scratch + (size_t)k * scratch_size, l, section->boundary_u_mm,
                      section->boundary_v_mm, SECTION_POINTS);
    }
    free(scratch);
    return TENO_OK;
}

enum { MAX_TAPS = 64 };

/* Half of a normalised Gaussian: weight[0] the centre. Averages over each pixel, so that small SDs stay honest. */
static int gaussian_taps(float weight[MAX_TAPS], double sigma_pixels)
{
    int radius = (int)ceil(3 * sigma_pixels);
    if (radius > MAX_TAPS - 1) radius = MAX_TAPS - 1;
    if (sigma_pixels < 0.05) radius = 0;
    double exact[MAX_TAPS], sum = 0, root = sigma_pixels * 1.41421356237309504880;
    for (int t = 0; t <= radius; t++) {
        exact[t] = radius == 0 ? 1 : erf((t + 0.5) / root) - erf((t - 0.5) / root);
        sum += t == 0 ? exact[t] : 2 * exact[t];
    }
    for (int t = 0; t <= radius; t++) weight[t] = (float)(exact[t] / sum);
    return radius;
}

/* Blurs along the slow axis of an array [n][width]: whole rows are added, which the compiler turns into vector code. */
static void rows_blur(float *restrict out, const float *restrict in, int n, size_t stride, size_t width,
                      const float *weight, int radius, int row)
{
    const float *centre = in + (size_t)row * stride;
    for (size_t i = 0; i < width; i++) out[i] = weight[0] * centre[i];
    for (int t = 1; t <= radius; t++) {
        const float *a = in + (size_t)(row - t < 0 ? 0 : row - t) * stride;
        const float *b = in + (size_t)(row + t >= n ? n - 1 : row + t) * stride;
        float w = weight[t];
        for (size_t i = 0; i < width; i++) out[i] += w * (a[i] + b[i]);
    }
}

/* Blurs one contiguous line of n values; `padded` holds n + 2 radius. */
static void line_blur(float *restrict out, const float *restrict in, int n, const float *weight, int radius,
                      float *restrict padded)
{
    for (int i = 0; i < n; i++) padded[radius + i] = in[i];
    for (int t = 0; t < radius; t++) {
        padded[t] = in[0];
        padded[radius + n + t] = in[n - 1];
    }
    for (int i = 0; i < n; i++) out[i] = weight[0] * padded[radius + i];
    for (int t = 1; t <= radius; t++)
        for (int i = 0; i < n; i++) out[i] += weight[t] * (padded[radius + i - t] + padded[radius + i + t]);
}

/* In-plane passes of one section; scratch holds nv × nu + nu + 2 MAX_TAPS values. */
static void section_blur(float *out, const float *in, const Lattice *l, const float *wu, int ru, const float *wv,
                         int rv, float *scratch)
{
    float *padded = scratch + lattice_slab(l);
    size_t nu = (size_t)l->nu;
    for (int j = 0; j < l->nv; j++) line_blur(scratch + (size_t)j * nu, in + (size_t)j * nu, l->nu, wu, ru, padded);
    for (int j = 0; j < l->nv; j++) rows_blur(out + (size_t)j * nu, scratch, l->nv, nu, nu, wv, rv, j);
}

int lattice_blur(float *out, const float *in, const Lattice *l, const double sigma_mm[3], Error *error)
{
    float wu[MAX_TAPS], wv[MAX_TAPS], ws[MAX_TAPS];
    int ru = gaussian_taps(wu, sigma_mm[0] / l->pixel_mm), rv = gaussian_taps(wv, sigma_mm[1] / l->pixel_mm);
    int rs = gaussian_taps(ws, sigma_mm[2] / l->step_mm);
    size_t slab = lattice_slab(l), scratch_size = slab + (size_t)l->nu + 2 * MAX_TAPS;
    float *flat = array_alloc(slab * (size_t)l->ns, sizeof *flat, error);
    float *scratch = array_alloc(scratch_size * (size_t)l->ns, sizeof *scratch, error);
    int code = flat && scratch ? TENO_OK : TENO_FAILED;
    if (!code) {
#pragma omp parallel for schedule(static)
        for (int k = 0; k < l->ns; k++)
            section_blur(flat + (size_t)k * slab, in + (size_t)k * slab, l, wu, ru, wv, rv,
                         scratch + (size_t)k * scratch_size);
#pragma omp parallel for schedule(static)
        for (int k = 0; k < l->ns; k++) rows_blur(out + (size_t)k * slab, flat, l->ns, slab, slab, ws, rs, k);
    }
    free(flat);
    free(scratch);
    return code;
}

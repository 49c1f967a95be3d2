/*
 * Noise of a magnitude image from its own flat places.
 *
 * Slices are tiled with small windows. In air the magnitude of Gaussian noise is Rayleigh distributed, known by its
 * ratio of mean to SD (1.91); its mean gives the SD at once. In bright tissue the noise is Gaussian again (Gudbjartsson
 * and Patz, MRM 1995, doi:10.1002/mrm.1910340618) and the SD of the flattest windows, a plane taken out, is the noise;
 * texture and edges only ever add, so the lower end of the windows' SDs counts (the idea of local statistics:
 * Aja-Fernandez et al., Image Vis Comput 2009, doi:10.1016/j.imavis.2008.08.002). Air is the better witness where the
 * two agree. Where air was masked to zero, filtered, or summed over coils, tissue speaks alone.
 *
 * The correlation of neighbouring residuals tells how far the reconstruction interpolated: noise of a k-space that was
 * zero-filled by the factor f has the neighbour correlation sinc(1/f). What this cannot do: noise that varies over the
 * image (parallel imaging) is summed up in one number, that of tissue.
 */
#include "teno/preproc.h"

#include <math.h>
#include <stdlib.h>

#include "teno/memory.h"

enum { WINDOW = 8, MAX_SLICES = 12, MIN_WINDOWS = 24 };

static const double rayleigh_mean = 1.2533141; /* mean of a Rayleigh variable, SD units of its Gaussian */

/* Relative scatter of an SD from the 61 degrees of freedom of a window of white noise. */
static const double white_spread = 0.09;

/* One window: mean, SD about its plane, and products of neighbouring residuals. */
typedef struct Window {
    float mean, sd, raw_sd, product_x, product_y;
} Window;

/* Fits value = a + b x + c y over the window (x, y centred, so the terms are orthogonal) and takes it out. */
static Window window_measure(const float *v, int stride)
{
    const double centre = (WINDOW - 1) / 2.0, n = WINDOW * WINDOW, moment = n * (WINDOW * WINDOW - 1) / 12.0;
    double sum = 0, sum2 = 0, sx = 0, sy = 0, residual[WINDOW][WINDOW];
    for (int y = 0; y < WINDOW; y++)
        for (int x = 0; x < WINDOW; x++) {
            double value = (double)v[y * stride + x];
            sum += value;
            sum2 += value * value;
            sx += value * (x - centre);
            sy += value * (y - centre);
        }
    double mean = sum / n, ss = 0, px = 0, py = 0;
    for (int y = 0; y < WINDOW; y++)
        for (int x = 0; x < WINDOW; x++) {
            double r = (double)v[y * stride + x] - mean - sx / moment * (x - centre) - sy / moment * (y - centre);
            residual[y][x] = r;
            ss += r * r;
            if (x) px += r * residual[y][x - 1];
            if (y) py += r * residual[y - 1][x];
        }
    double pairs = n / (WINDOW * (WINDOW - 1));
    return (Window){(float)mean, (float)sqrt(ss / (n - 3)), (float)sqrt(fmax(0, sum2 / n - mean * mean) * n / (n - 1)),
                    (float)(ss > 0 ? pairs * px / ss : 0), (float)(ss > 0 ? pairs * py / ss : 0)};
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double quantile_sort(double *values, int n, double share)
{
    qsort(values, (size_t)n, sizeof *values, by_value);
    return n ? values[(int)(share * (n - 1) + 0.5)] : (double)NAN;
}

/* Windows of air: Rayleigh, so mean / SD = 1.913. Returns the Gaussian SD, 0 when there is no such air. */
static double air_noise(const Window *window, int n, double *work)
{
    int count = 0;
    for (int i = 0; i < n; i++) {
        double ratio = (double)window[i].mean / (double)window[i].raw_sd;
        /* 64 samples scatter the ratio by 0.2; ghosts and skin edges lower it. */
        if (ratio > 1.5 && ratio < 2.4) work[count++] = (double)window[i].mean;
    }
    if (count < MIN_WINDOWS) return 0;
    /* Ghosts and edges only add: the lower half is clean. Windows of 64 scatter by 7 %, so the quartile of clean ones
     * lies 0.67 x 6.5 % below their centre. */
    double low = quantile_sort(work, count, 0.25) * 1.046;
    int clean = 0;
    double sum = 0;
    for (int i = 0; i < count; i++)
        if (fabs(work[i] - low) < 0.25 * low) {
            sum += work[i];
            clean++;
        }
    return clean >= MIN_WINDOWS ? sum / clean / rayleigh_mean : 0;
}

/* Windows in bright tissue; see the head of the file. `selected` marks those that hold noise alone. `spread` is the
 * scatter of a window's SD relative to the true one. */
static double tissue_noise(const Window *window, int n, double spread, double *work, unsigned char *selected)
{
    int count = 0;
    for (int i = 0; i < n; i++) work[i] = (double)window[i].mean;
    double bright = 0.35 * quantile_sort(work, n, 0.95);
    for (int i = 0; i < n; i++)
        if ((double)window[i].mean > bright && window[i].sd > 0) work[count++] = (double)window[i].sd;
    if (count < MIN_WINDOWS) return 0;
    /* The 5 % quantile of clean windows lies 1.64 scatters low; what lies over 2.2 of them is more than noise. */
    double sd = quantile_sort(work, count, 0.05) / (1 - 1.64 * spread), limit = 1 + 2.2 * spread;
    for (int pass = 0; pass < 20; pass++) {
        double sum = 0;
        int clean = 0;
        for (int i = 0; i < count && work[i] < limit * sd; i++, clean++) sum += work[i] * work[i];
        double next = clean ? sqrt(sum / clean) : sd;
        if (fabs(next - sd) < 1e-4 * sd) break;
        sd = next;
    }
    for (int i = 0; i < n; i++)
        selected[i] = (double)window[i].mean > bright && window[i].sd > 0 && (double)window[i].sd < limit * sd;
    return sd;
}

/* Interpolation factor of white noise whose neighbours correlate by sinc(1/f). */
static double interpolation_factor(double correlation)
{
    double low = 1, high = 4;
    if (!(correlation > 0.05)) return 1; /* the scatter of the estimate */
    for (int i = 0; i < 40; i++) {
        double f = (low + high) / 2, x = 3.14159265358979 / f;
        if (sin(x) / x < correlation)
            low = f;
        else
            high = f;
    }
    return low;
}

static void windows_fill(Window *window, const Vol *vol, int slices, int per_row, int per_column)
{
    const Grid *g = &vol->grid;
#pragma omp parallel for schedule(static)
    for (int s = 0; s < slices; s++) {
        int k = slices < g->nz ? (int)(((double)s + 0.5) * g->nz / slices) : s;
        for (int y = 0; y < per_column; y++)
            for (int x = 0; x < per_row; x++)
                window[((size_t)s * (size_t)per_column + (size_t)y) * (size_t)per_row + (size_t)x] =
                    window_measure(vol->data + grid_index(g, x * WINDOW, y * WINDOW, k), g->nx);
    }
}

static void noise_correlate(Noise *out, const Window *window, const unsigned char *selected, int n, const Grid *g)
{
    double x = 0, y = 0;
    int count = 0;
    for (int i = 0; i < n; i++)
        if (selected[i]) {
            x += (double)window[i].product_x;
            y += (double)window[i].product_y;
            count++;
        }
    if (count < MIN_WINDOWS) return;
    /* Taking a plane out of a window costs white noise 3 of 64 degrees of freedom, a correlation of about -0.03. */
    out->acquired_mm[0] = g->dx * interpolation_factor(x / count + 0.03);
    out->acquired_mm[1] = g->dy * interpolation_factor(y / count + 0.03);
}

int noise_estimate(Noise *out, const Vol *vol, Error *error)
{
    const Grid *g = &vol->grid;
    *out = (Noise){.acquired_mm = {g->dx, g->dy}};
    int slices = g->nz < MAX_SLICES ? g->nz : MAX_SLICES, per_row = g->nx / WINDOW, per_column = g->ny / WINDOW;
    int n = slices * per_row * per_column, code = TENO_FAILED;
    if (n < MIN_WINDOWS) return TENO_OK;
    Window *window = array_alloc((size_t)n, sizeof *window, error);
    double *work = array_alloc((size_t)n, sizeof *work, error);
    unsigned char *selected = array_alloc((size_t)n, 1, error);
    if (!window || !work || !selected) goto out;
    code = TENO_OK;
    windows_fill(window, vol, slices, per_row, per_column);
    double air = air_noise(window, n, work), tissue = tissue_noise(window, n, white_spread, work, selected);
    noise_correlate(out, window, selected, n, g);
    /* Interpolated noise has fewer independent samples a window: more scatter, and the plane takes a larger share. */
    double factor = fmin(out->acquired_mm[0] * out->acquired_mm[1] / (g->dx * g->dy), 8), total = WINDOW * WINDOW;
    if (factor > 1.1) {
        tissue = tissue_noise(window, n, white_spread * sqrt(factor), work, selected);
        tissue *= sqrt((1 - 3 / total) / (1 - 3 * factor / total));
    }
    /* Texture may raise tissue's figure, receiver filters may lower air's: air counts only where the two are near. */
    out->from_air = air > 0 && (tissue <= 0 || (air > 0.75 * tissue && air < 1.15 * tissue));
    out->sd = out->from_air ? air : tissue;
out:
    free(window);
    free(work);
    free(selected);
    return code;
}

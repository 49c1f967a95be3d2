/* Length, involvement and gap of a tear from its torn area along s, after the slices' blur is undone. */
#include "extent.h"

#include <math.h>

#include "deblur.h"

/* An end is looked for between these shares of the largest deblurred area. */
static const double END_HIGH = 0.5, END_LOW = 0.05;
/* Distance between those two shares that an abrupt end still shows: sampling of one step, and the part of the blur's SD
 * that deblurring leaves (measured on boxes and ellipsoids in test_extent.c). */
static const double END_STEP = 0.8, END_SIGMA = 0.6;
/* From the lower share on, the area of an ellipsoid takes another tenth of the way to vanish. */
static const double END_BEYOND = 1.1;
/* measures.md, Tear: a complete section, and the share that counts to the gap. */
static const double COMPLETE_PERCENT = 95, GAP_SHARE = 0.5;

/* Real index where value/level falls through `share`, walking from `at` in direction `step`; the end if it never does.
 */
static double crossing(const double *value, const double *scale, int n, int at, int step, double share)
{
    while (at + step >= 0 && at + step < n) {
        double here = value[at] - share * scale[at], next = value[at + step] - share * scale[at + step];
        if (here >= 0 && next < 0) return at + step * here / (here - next);
        at += step;
    }
    return at;
}

/* Outermost real index, seen from the end of the array, where the value reaches `level`. */
static double outermost(const double *value, int n, int peak, int direction, double level)
{
    int at = direction > 0 ? n - 1 : 0;
    while (at != peak && value[at] < level) at -= direction;
    int beyond = at + direction;
    if (beyond < 0 || beyond >= n) return at;
    return at + direction * (value[at] - level) / fmax(value[at] - value[beyond], 1e-12);
}

/*
 * Where a tear ends. A tear that tapers reaches (nearly) to where its area vanishes; one that ends abruptly ends where
 * the area passes half, and what lies beyond is blur. The width between both tells which: what an abrupt end shows is
 * subtracted in quadrature.
 */
static double end_of(const double *sharp, int n, int peak, int direction, double sigma)
{
    double half = outermost(sharp, n, peak, direction, END_HIGH * sharp[peak]);
    double low = outermost(sharp, n, peak, direction, END_LOW * sharp[peak]);
    double taper = fabs(low - half), abrupt = hypot(END_STEP, END_SIGMA * sigma);
    return half + direction * END_BEYOND * sqrt(fmax(taper * taper - abrupt * abrupt, 0));
}

static double interval_sum(const double *value, int n, double from, double to)
{
    double sum = 0;
    for (int i = 0; i < n; i++) { /* each sample stands for half a step to either side */
        double a = fmax(from, i - 0.5), b = fmin(to, i + 0.5);
        if (b > a) sum += (b - a) * value[i];
    }
    return sum;
}

int extent_measure(Extent *out, double *sharp, const double *torn, const double *area, int n, double s0_mm,
                   double step_mm, double sigma_s_mm, Error *error)
{
    *out = (Extent){.max_at_s_mm = NAN, .distal_s_mm = NAN, .proximal_s_mm = NAN};
    int code = profile_deblur(sharp, torn, area, n, sigma_s_mm / step_mm, error);
    if (code) return code;
    int most = -1, peak = 0;
    for (int i = 0; i < n; i++) {
        out->volume_mm3 += torn[i] * step_mm * (i == 0 || i == n - 1 ? 0.5 : 1);
        if (sharp[i] > sharp[peak]) peak = i;
        if (area[i] > 0 && sharp[i] > 0 && (most < 0 || sharp[i] * area[most] > sharp[most] * area[i])) most = i;
    }
    if (most < 0) return TENO_OK;
    out->max_percent = fmin(100 * sharp[most] / area[most], 100);
    out->max_at_s_mm = s0_mm + most * step_mm;
    double distal = end_of(sharp, n, peak, -1, sigma_s_mm / step_mm),
           proximal = end_of(sharp, n, peak, 1, sigma_s_mm / step_mm);
    out->distal_s_mm = s0_mm + distal * step_mm;
    out->proximal_s_mm = s0_mm + proximal * step_mm;
    double whole = interval_sum(area, n, distal, proximal);
    out->mean_percent = whole > 0 ? fmin(100 * interval_sum(sharp, n, distal, proximal) / whole, 100) : 0;
    if (out->max_percent >= COMPLETE_PERCENT)
        out->gap_mm =
            step_mm * (crossing(sharp, area, n, most, 1, GAP_SHARE) - crossing(sharp, area, n, most, -1, GAP_SHARE));
    return TENO_OK;
}

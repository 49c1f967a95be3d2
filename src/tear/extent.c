/* Length, involvement and gap of a tear from the torn area of its sections along s. */
#include "extent.h"

#include <math.h>

/* A tear ends where its section falls below this area, mm², or this share of its largest section: about ten pixels of
 * the outline. */
static const double END_MM2 = 1, END_SHARE = 0.1;
/* Times that area an end could be drawn as well: half of the way there is its SD. */
static const double BLUNT = 3;
/* measures.md, Tear: a complete section, and the share that counts to the gap. */
static const double GAP_SHARE = 0.5;

/* Real index where value falls through share × scale, walking from `at` in direction `step`; the end if it never does.
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

/*
 * Where a tear ends, as a real index. The outermost section that reaches `level` stands for a step of which the tear
 * fills a part. An abrupt end fills the part that its area is of the next section's; a tapering one goes on to where
 * the areas vanish. Which of both it is the second difference tells.
 */
static double end_of(const double *value, int n, int peak, int direction, double level)
{
    int at = direction > 0 ? n - 1 : 0;
    while (at != peak && value[at] < level) at -= direction;
    int in = at - direction, deeper = in - direction;
    if (at == peak || in < 0 || in >= n || deeper < 0 || deeper >= n) return at + 0.5 * direction;
    double rise = value[in] - value[at], next = value[deeper] - value[in];
    double share = fmin(value[at] / fmax(value[in], 1e-9), 1), abrupt = share - 0.5;
    if (rise <= 0) return at + 0.5 * direction;
    double taper = fmin(value[at] / rise, 1), tapering = fmin(fmax(next / rise, 0), 1);
    return at + direction * (tapering * taper + (1 - tapering) * abrupt);
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

void extent_measure(Extent *out, const double *torn, const double *area, int n, double s0_mm, double step_mm)
{
    *out = (Extent){.max_at_s_mm = NAN, .distal_s_mm = NAN, .proximal_s_mm = NAN};
    int most = -1, peak = 0;
    for (int i = 0; i < n; i++) {
        out->volume_mm3 += torn[i] * step_mm * (i == 0 || i == n - 1 ? 0.5 : 1);
        if (torn[i] > torn[peak]) peak = i;
        if (area[i] > 0 && torn[i] > 0 && (most < 0 || torn[i] * area[most] > torn[most] * area[i])) most = i;
    }
    if (most < 0) return;
    out->max_percent = fmin(100 * torn[most] / area[most], 100);
    out->max_at_s_mm = s0_mm + most * step_mm;
    double end_mm2 = fmin(END_MM2, END_SHARE * torn[peak]);
    double distal = end_of(torn, n, peak, -1, end_mm2), proximal = end_of(torn, n, peak, 1, end_mm2);
    out->distal_s_mm = s0_mm + distal * step_mm;
    out->proximal_s_mm = s0_mm + proximal * step_mm;
    out->distal_blunt_mm = fabs(end_of(torn, n, peak, -1, BLUNT * end_mm2) - distal) * step_mm / 2;
    out->proximal_blunt_mm = fabs(end_of(torn, n, peak, 1, BLUNT * end_mm2) - proximal) * step_mm / 2;
    double whole = interval_sum(area, n, distal, proximal);
    out->mean_percent = whole > 0 ? fmin(100 * interval_sum(torn, n, distal, proximal) / whole, 100) : 0;
    if (out->max_percent >= COMPLETE_PERCENT)
        out->gap_mm =
            step_mm * (crossing(torn, area, n, most, 1, GAP_SHARE) - crossing(torn, area, n, most, -1, GAP_SHARE));
}

/*
 * Above its insertion the tendon comes closer to the calcaneus than an image resolves: tendon, fat and cortex become
 * one dark band long before they touch. But blurring moves brightness without losing any, so the fat that is left
 * between them is the integral of brightness from within the tendon to the marrow, whose own edge is sharp enough
 * beyond a dark layer; and the tendon ends where marrow, cortex and fat leave off. The contact is the most proximal
 * ring where no more fat is left than noise would show.
 *
 * What it cannot do: tell a bursa without fluid, as dark as tendon, from tendon.
 */
#include "segment/wedge.h"

#include <math.h>
#include <stdlib.h>

#include "segment/order.h"

#define MARROW_FROM_MM 1.5 /* beyond the middle of the cortex */
#define MARROW_TO_MM 4.5
#define CORTEX_NEAR_MM 1.5 /* from where the cortex is expected */
#define EDGE_WITHIN_MM 4.0 /* of the cortex' middle to the marrow */
#define CONTRAST_MIN 0.25  /* of marrow to cortex, in that of fat to tendon */
#define WITHIN_MM 1.0      /* where the tendon is surely itself: a tear deeper inside is no wedge */
#define BEYOND_MM 2.0      /* the marrow's edge is a step: past its blur */
#define RESOLVED_MM 1.0    /* a wedge that the outline has not run across */
#define CLOSED_MM 0.3      /* noise and texture over this depth */
#define CLOSED_SHARE 0.7   /* of the rings below the contact */
enum { LINES_MIN = 4, THIRD = 2, NEAR = 1 };

/* Brightness (0 tendon, 1 fat) at a depth in front of the centreline. */
static double brightness(const Fronts *f, int k, int line, double d_mm)
{
    double x = d_mm / FRONT_SAMPLE_MM;
    int i = (int)floor(x);
    if (k < 0 || k >= f->n_rings || i < 0 || i + 1 >= FRONT_DEPTH) return (double)NAN;
    const float *shade = f->shade + (size_t)(k * FRONT_LINES + line) * FRONT_DEPTH + i;
    return 1 - ((double)shade[0] + (x - i) * ((double)shade[1] - (double)shade[0]));
}

/* Depth of the edge between cortex and marrow, and how bright the marrow is; NaN where it is not seen. */
static double marrow_edge(const Fronts *f, int k, int line, double cortex_at_mm, double *level)
{
    double sum = 0, n = 0, darkest = INFINITY, at = cortex_at_mm;
    for (double d = cortex_at_mm + MARROW_FROM_MM; d <= cortex_at_mm + MARROW_TO_MM; d += FRONT_SAMPLE_MM) {
        double b = brightness(f, k, line, d);
        if (isnan(b)) continue;
        sum += b;
        n++;
    }
    for (double d = cortex_at_mm - CORTEX_NEAR_MM; d <= cortex_at_mm + CORTEX_NEAR_MM; d += FRONT_SAMPLE_MM) {
        double b = brightness(f, k, line, d);
        if (b < darkest) {
            darkest = b;
            at = d;
        }
    }
    if (n < 1 || !(sum / n - darkest > CONTRAST_MIN)) return (double)NAN;
    *level = sum / n;
    double half = (fmax(darkest, 0) + *level) / 2, before = darkest;
    for (double d = at + FRONT_SAMPLE_MM; d <= at + EDGE_WITHIN_MM; d += FRONT_SAMPLE_MM) {
        double b = brightness(f, k, line, d);
        if (isnan(b)) return (double)NAN;
        if (b >= half) return d - FRONT_SAMPLE_MM * (b - half) / (b - before);
        before = b;
    }
    return (double)NAN;
}

/* Thickness of what is bright between tendon and marrow. */
static double gap_mm(const Fronts *f, int k, int line, double edge_mm, double marrow_mm, double level)
{
    double sum = 0;
    for (double d = fmax(edge_mm - WITHIN_MM, 0); d <= marrow_mm + BEYOND_MM; d += FRONT_SAMPLE_MM)
        sum += FRONT_SAMPLE_MM * (brightness(f, k, line, d) / level - (d > marrow_mm));
    return sum;
}

/* Last ring from below where the wedge is closed, as a real index from the first; NaN if that is not seen. */
static double contact_find(const double closest[WEDGE_RINGS])
{
    double open[WEDGE_RINGS], closed = 0, seen = 0;
    int top = -1;
    for (int i = 0; i < WEDGE_RINGS; i++) { /* one ring may be wrong */
        double of[2 * NEAR + 1];
        int n = 0;
        for (int j = i - NEAR; j <= i + NEAR; j++)
            if (j >= 0 && j < WEDGE_RINGS && !isnan(closest[j])) of[n++] = closest[j];
        open[i] = values_median(of, n);
    }
    for (int i = 0; i + 1 < WEDGE_RINGS; i++)
        if (open[i] <= CLOSED_MM) top = i;
    for (int i = 0; i <= top; i++) {
        closed += open[i] <= CLOSED_MM;
        seen += !isnan(open[i]);
    }
    if (top < 1 || isnan(open[top + 1]) || closed < CLOSED_SHARE * seen) return (double)NAN;
    return top + (CLOSED_MM - open[top]) / (open[top + 1] - open[top]);
}

Wedge wedge_measure(const Fronts *f, const WedgePlace *place, double cortex_mm)
{
    Wedge out = {.first = place->first};
    double closest[WEDGE_RINGS], bone[WEDGE_RINGS][FRONT_LINES];
    for (int i = 0; i < WEDGE_RINGS; i++) {
        double gap[FRONT_LINES];
        int n = 0, k = place->first + i;
        for (int line = 0; line < FRONT_LINES; line++) {
            double level = 0, marrow = marrow_edge(f, k, line, place->cortex_at_mm[i][line], &level);
            bone[i][line] = (double)NAN;
            if (isnan(marrow)) continue;
            double open = gap_mm(f, k, line, place->edge_mm[i][line], marrow, level);
            if (isnan(open)) continue;
            double outline = f->edge_mm[k * FRONT_LINES + line];
            bone[i][line] = open < RESOLVED_MM ? outline - (marrow - cortex_mm - open) : 0;
            gap[n++] = open;
        }
        values_sort(gap, n);
        closest[i] = n >= LINES_MIN ? gap[THIRD] : (double)NAN; /* where it is closest, but not on one line's word */
    }
    out.contact_ring = place->first + contact_find(closest);
    for (int i = 0; i < WEDGE_RINGS; i++)
        for (int line = 0; line < FRONT_LINES; line++) {
            double of[(2 * NEAR + 1) * (2 * NEAR + 1)];
            int n = 0;
            for (int j = i - NEAR; j <= i + NEAR; j++)
                for (int l = line - NEAR; l <= line + NEAR; l++)
                    if (j >= 0 && j < WEDGE_RINGS && l >= 0 && l < FRONT_LINES && !isnan(bone[j][l]))
                        of[n++] = bone[j][l];
            out.bone_mm[i][line] = values_median(of, n);
        }
    return out;
}

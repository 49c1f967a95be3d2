/*
 * The last millimetre of alignment, for one tendon. Whole-image registration rests on fat and bone; where fat is
 * shifted against water along the frequency axis (chemical shift), and in a leg that bent a little, a thin tendon may
 * still lie a millimetre beside its outline, and its rim be taken for something else.
 *
 * The series' own edge decides: the displacement across the tendon, common to all sections, at which the signal rises
 * most from just inside the outline to just outside. Signal is clipped at the muscle's, so that a tear or a vessel
 * counts no more than any other tissue. A displacement is believed when the rise at its best is distinct.
 */
#include <math.h>
#include <stdlib.h>

#include "channels.h"
#include "teno/memory.h"

/* Largest displacement, and the distance from the outline at which inside and outside are looked at, mm. */
static const double FARTHEST_MM = 2, RING_MM = 0.7;
enum { STEPS = 8, SIDE = 2 * STEPS + 1, POINT_STRIDE = 4 };
/* The best rise must exceed the one without displacement by this share of it, and by this many of its standard errors.
 */
static const double LEAST_GAIN = 0.08, LEAST_ERRORS = 4;

static double clipped_sample(const float *slab, const Lattice *l, double u, double v, double top)
{
    double x = u / l->pixel_mm + (l->nu - 1) / 2.0, y = v / l->pixel_mm + (l->nv - 1) / 2.0;
    int i = (int)floor(x), j = (int)floor(y);
    if (i < 0 || j < 0 || i + 1 >= l->nu || j + 1 >= l->nv) return NAN;
    const float *p = slab + (size_t)j * (size_t)l->nu + (size_t)i;
    double a = x - i, b = y - j, low = fmin((double)p[0], top), right = fmin((double)p[1], top);
    double above = fmin((double)p[l->nu], top), far = fmin((double)p[l->nu + 1], top);
    return (1 - b) * ((1 - a) * low + a * right) + b * ((1 - a) * above + a * far);
}

/* Mean rise across the outline of one section displaced by (du, dv); NaN when too little of it is seen. */
static double section_rise(const float *slab, const Lattice *l, const Section *section, double du, double dv,
                           double top)
{
    double sum = 0;
    int n = 0;
    for (int i = 0; i < SECTION_POINTS; i += POINT_STRIDE) {
        int a = (i + SECTION_POINTS - 1) % SECTION_POINTS, b = (i + 1) % SECTION_POINTS;
        double tu = (double)(section->boundary_u_mm[b] - section->boundary_u_mm[a]);
        double tv = (double)(section->boundary_v_mm[b] - section->boundary_v_mm[a]), length = hypot(tu, tv);
        if (length <= 0) continue;
        double u = (double)section->boundary_u_mm[i] + du, v = (double)section->boundary_v_mm[i] + dv;
        double nu = RING_MM * tv / length, nv = -RING_MM * tu / length;
        double rise = clipped_sample(slab, l, u + nu, v + nv, top) - clipped_sample(slab, l, u - nu, v - nv, top);
        if (!isfinite(rise)) continue;
        sum += rise;
        n++;
    }
    return n > SECTION_POINTS / POINT_STRIDE / 2 ? sum / n : (double)NAN;
}

/* rise[k][SIDE²] of all sections and displacements. */
static void rises_measure(double *rise, const float *signal, const Lattice *l, const TendonShape *shape, double top)
{
#pragma omp parallel for schedule(static)
    for (int k = 0; k < l->ns; k++)
        for (int cell = 0; cell < SIDE * SIDE; cell++) {
            double du = (cell % SIDE - STEPS) * FARTHEST_MM / STEPS, dv = (cell / SIDE - STEPS) * FARTHEST_MM / STEPS;
            rise[k * SIDE * SIDE + cell] =
                section_rise(signal + (size_t)k * lattice_slab(l), l, &shape->sections[l->first + k], du, dv, top);
        }
}

/* Vertex of the parabola through three values, in steps from the middle one. */
static double vertex(double before, double at, double after)
{
    double bend = before - 2 * at + after;
    return bend < 0 ? fmin(fmax(0.5 * (before - after) / bend, -0.5), 0.5) : 0;
}

bool nudge_find(double shift_mm[2], const float *signal, const Lattice *l, const TendonShape *shape, double top)
{
    enum { CELLS = SIDE * SIDE, HOME = STEPS * SIDE + STEPS };
    double *rise = array_alloc((size_t)l->ns * CELLS, sizeof *rise, NULL), mean[CELLS] = {0};
    int counted = 0, best = HOME;
    shift_mm[0] = shift_mm[1] = 0;
    if (!rise) return false;
    rises_measure(rise, signal, l, shape, top);
    for (int k = 0; k < l->ns; k++) {
        bool whole = true;
        for (int cell = 0; cell < CELLS; cell++) whole = whole && isfinite(rise[k * CELLS + cell]);
        for (int cell = 0; cell < CELLS && whole; cell++) mean[cell] += rise[k * CELLS + cell];
        counted += whole;
    }
    for (int cell = 0; cell < CELLS; cell++)
        if (mean[cell] > mean[best]) best = cell;
    double gain = 0, square = 0; /* of the best over none, section by section */
    for (int k = 0; k < l->ns; k++) {
        double one = rise[k * CELLS + best] - rise[k * CELLS + HOME];
        if (isfinite(one)) gain += one, square += one * one;
    }
    free(rise);
    int x = best % SIDE, y = best / SIDE;
    if (counted < 10 || best == HOME || x == 0 || y == 0 || x == SIDE - 1 || y == SIDE - 1) return false;
    if (!(mean[best] > (1 + LEAST_GAIN) * mean[HOME]) || gain < LEAST_ERRORS * sqrt(square)) return false;
    shift_mm[0] = (x - STEPS + vertex(mean[best - 1], mean[best], mean[best + 1])) * FARTHEST_MM / STEPS;
    shift_mm[1] = (y - STEPS + vertex(mean[best - SIDE], mean[best], mean[best + SIDE])) * FARTHEST_MM / STEPS;
    return true;
}

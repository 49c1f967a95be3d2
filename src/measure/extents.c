/*
 * Thickness and width of a cross-section: its extents along the minor and the major principal axis of its area.
 *
 * The axes come from the second moments of the polygon's area (Green's theorem turns the area integrals into sums over
 * edges), not of its boundary points, so that the spacing of the points along the boundary does not matter.
 */
#include "teno/measure.h"

#include <math.h>

typedef struct Moments {
    double area, u, v, uu, uv, vv; /* signed integrals of 1, u, v, u², uv, v² over the polygon */
} Moments;

static Moments polygon_moments(const Section *section)
{
    Moments m = {0};
    for (int i = 0, j = SECTION_POINTS - 1; i < SECTION_POINTS; j = i++) {
        double u0 = (double)section->boundary_u_mm[j], v0 = (double)section->boundary_v_mm[j];
        double u1 = (double)section->boundary_u_mm[i], v1 = (double)section->boundary_v_mm[i];
        double cross = u0 * v1 - u1 * v0;
        m.area += cross / 2;
        m.u += cross * (u0 + u1) / 6;
        m.v += cross * (v0 + v1) / 6;
        m.uu += cross * (u0 * u0 + u0 * u1 + u1 * u1) / 12;
        m.vv += cross * (v0 * v0 + v0 * v1 + v1 * v1) / 12;
        m.uv += cross * (u0 * v1 + 2 * u0 * v0 + 2 * u1 * v1 + u1 * v0) / 24;
    }
    return m;
}

static double extent_along(const Section *section, double cosine, double sine)
{
    double low = INFINITY, high = -INFINITY;
    for (int i = 0; i < SECTION_POINTS; i++) {
        double d = cosine * (double)section->boundary_u_mm[i] + sine * (double)section->boundary_v_mm[i];
        low = fmin(low, d);
        high = fmax(high, d);
    }
    return high - low;
}

void section_extents(const Section *section, double *thickness_mm, double *width_mm)
{
    *thickness_mm = *width_mm = 0;
    Moments m = polygon_moments(section);
    if (fabs(m.area) < 1e-9) return;
    double mean_u = m.u / m.area, mean_v = m.v / m.area;
    double uu = m.uu / m.area - mean_u * mean_u, vv = m.vv / m.area - mean_v * mean_v;
    double uv = m.uv / m.area - mean_u * mean_v;
    double angle = atan2(2 * uv, uu - vv) / 2; /* of the major axis */
    *width_mm = extent_along(section, cos(angle), sin(angle));
    *thickness_mm = extent_along(section, -sin(angle), cos(angle));
}

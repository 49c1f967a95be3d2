#include "segment/outline.h"

#include <math.h>

#define FRONT_FROM 0.3 /* cosine between the outline's normal and straight ahead: from here on it looks forwards */
#define FRONT_RAMP 0.3 /* and from here beyond in full */
#define LEAST_MM 0.2   /* from the core: nothing is left */
#define STEP_MM 0.05

Outline outline_of_ring(const Tube *tube, int k)
{
    Outline out;
    Ray rays[SECTION_POINTS];
    ring_rays(rays, &tube->ring[k]);
    for (int i = 0; i < SECTION_POINTS; i++) {
        Ray ray = rays[i];
        double r = tube->radius_mm[k * SECTION_POINTS + i];
        out.u[i] = ray.u + r * ray.du;
        out.v[i] = ray.v + r * ray.dv;
    }
    for (int i = 0; i < SECTION_POINTS; i++) {
        int before = (i + SECTION_POINTS - 1) % SECTION_POINTS, after = (i + 1) % SECTION_POINTS;
        Ray ray = rays[i];
        double du = out.u[after] - out.u[before], dv = out.v[after] - out.v[before], length = hypot(du, dv);
        double front = length > 0 ? (ray.du * dv - ray.dv * du > 0 ? du : -du) / length : 0; /* -v of the normal */
        out.front[i] = fmin(fmax((front - FRONT_FROM) / FRONT_RAMP, 0), 1);
    }
    return out;
}

bool outline_across(const Outline *outline, const Ring *ring, double along, double *back, double *front)
{
    double eu = cos(ring->angle_rad), ev = sin(ring->angle_rad), x0 = 0, y0 = 0;
    *back = -INFINITY;
    *front = INFINITY;
    for (int i = 0; i <= SECTION_POINTS; i++) {
        double u = outline->u[i % SECTION_POINTS], v = outline->v[i % SECTION_POINTS];
        double x = u * eu + v * ev, y = v * eu - u * ev;
        if (i && (x0 <= along) != (x <= along)) {
            double at = y0 + (y - y0) * (along - x0) / (x - x0);
            *back = fmax(*back, at);
            *front = fmin(*front, at);
        }
        x0 = x;
        y0 = y;
    }
    return *back >= *front;
}

static bool behind_layer(const Outline *outline, const double thick_mm[SECTION_POINTS], double u, double v)
{
    for (int i = 0; i < SECTION_POINTS; i++) {
        double du = u - outline->u[i], dv = v - outline->v[i], layer = thick_mm[i] * outline->front[i];
        if (du * du + dv * dv < layer * layer) return false;
    }
    return true;
}

void outline_peel_front(Tube *tube, int k, const Outline *outline, const double thick_mm[SECTION_POINTS])
{
    Ray rays[SECTION_POINTS];
    ring_rays(rays, &tube->ring[k]);
    for (int i = 0; i < SECTION_POINTS; i++) {
        Ray ray = rays[i];
        double *r = &tube->radius_mm[k * SECTION_POINTS + i];
        while (*r > LEAST_MM && !behind_layer(outline, thick_mm, ray.u + *r * ray.du, ray.v + *r * ray.dv))
            *r = fmax(*r - STEP_MM, LEAST_MM);
    }
}

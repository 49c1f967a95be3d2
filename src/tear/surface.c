/* A tear reaches a surface where the pixels just inside the boundary are more torn than not. */
#include "surface.h"

#include <math.h>

/* A surface is reached when at least this much of it is open, mm²: a contact smaller than a voxel or two is chance. */
static const double LEAST_OPEN_MM2 = 3;
/* Pixels are probed this far below the boundary, mm, beyond the boundary's own SD. */
static const double PROBE_MM = 0.3;

static bool torn_at(const TearMap *map, int region, int k, double u, double v)
{
    const Lattice *l = &map->lattice;
    int i = (int)lround(u / l->pixel_mm + (l->nu - 1) / 2.0), j = (int)lround(v / l->pixel_mm + (l->nv - 1) / 2.0);
    if (i < 0 || j < 0 || i >= l->nu || j >= l->nv) return false;
    size_t at = (size_t)k * lattice_slab(l) + (size_t)j * (size_t)l->nu + (size_t)i;
    return map->region_of[at] == region && map->envelope[at] > 0 && map->tear[at] > 0.5f * map->envelope[at];
}

/* The surface that an outward direction (u, v) belongs to; u × v = tangent and v is posterior, so u is the patient's
 * left. */
static unsigned surface_of(double u, double v, Side side)
{
    if (fabs(v) >= fabs(u)) return v > 0 ? SURFACE_POSTERIOR : SURFACE_ANTERIOR;
    if (side == SIDE_UNKNOWN) return 0;
    return (u > 0) == (side == SIDE_LEFT) ? SURFACE_LATERAL : SURFACE_MEDIAL;
}

unsigned surfaces_reached(const TearMap *map, int region, Side side)
{
    const Lattice *l = &map->lattice;
    double open_mm2[9] = {0};
    for (int k = 0; k < l->ns; k++) {
        const Section *section = &map->shape->sections[l->first + k];
        for (int i = 0, j = SECTION_POINTS - 1; i < SECTION_POINTS; j = i++) {
            double u0 = (double)section->boundary_u_mm[j], v0 = (double)section->boundary_v_mm[j];
            double du = (double)section->boundary_u_mm[i] - u0, dv = (double)section->boundary_v_mm[i] - v0;
            double length = hypot(du, dv);
            if (length <= 0) continue;
            double nu = dv / length, nv = -du / length; /* outward of a counter-clockwise polygon */
            double below = PROBE_MM + (double)section->boundary_sd_mm;
            if (torn_at(map, region, k, u0 + du / 2 - below * nu, v0 + dv / 2 - below * nv))
                open_mm2[surface_of(nu, nv, side)] += length * l->step_mm;
        }
    }
    unsigned reached = 0;
    for (unsigned bit = 1; bit <= SURFACE_LATERAL; bit <<= 1)
        if (open_mm2[bit] >= LEAST_OPEN_MM2) reached |= bit;
    return reached;
}

/* What lies on the way from the centreline to the surface. */
#include <math.h>

#include "teno/tear.h"

double section_ray_mm(const Section *section, double cosine, double sine)
{
    double best = NAN;
    for (int i = 0, j = SECTION_POINTS - 1; i < SECTION_POINTS; j = i++) {
        double au = (double)section->boundary_u_mm[j], av = (double)section->boundary_v_mm[j];
        double bu = (double)section->boundary_u_mm[i], bv = (double)section->boundary_v_mm[i];
        /* Signed distances of both ends from the ray's line; a crossing where they change sign. */
        double da = au * sine - av * cosine, db = bu * sine - bv * cosine;
        if ((da > 0) == (db > 0)) continue;
        double t = da / (da - db), r = (au + t * (bu - au)) * cosine + (av + t * (bv - av)) * sine;
        if (r > 0 && !(r < best)) best = r;
    }
    return best;
}

double straightened_ray_share(const Straightened *s, const float *fraction, int k, double cosine, double sine,
                              double radius_mm)
{
    const size_t slab = (size_t)k * (size_t)s->nv * (size_t)s->nu;
    double sum = 0, inside = 0;
    for (double r = 0; r <= radius_mm; r += s->pixel_mm / 2) {
        int i = (int)lround(r * cosine / s->pixel_mm + (s->nu - 1) / 2.0);
        int j = (int)lround(r * sine / s->pixel_mm + (s->nv - 1) / 2.0);
        if (i < 0 || j < 0 || i >= s->nu || j >= s->nv) break;
        size_t at = slab + (size_t)j * (size_t)s->nu + (size_t)i;
        sum += (double)fraction[at];
        inside += (double)s->envelope[at];
    }
    return inside > 0 ? sum / inside : 0;
}

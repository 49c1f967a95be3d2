/* The tendon's surface unrolled: what lies along each ray from the centreline, at each s, on both dates. */
#include <math.h>

#include "compare/parts.h"
#include "teno/memory.h"

enum { ANGLES = 72 };

/* Distance from the centre to the boundary along a ray; the farthest crossing where there are several. */
static double ray_radius(const Section *section, double cosine, double sine)
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

/* Mean torn share of the envelope along a ray of one section. */
static double ray_tear(const Straightened *s, int k, double cosine, double sine, double radius)
{
    const size_t slab = (size_t)k * (size_t)s->nv * (size_t)s->nu;
    double torn = 0, inside = 0;
    for (double r = 0; r <= radius; r += s->pixel_mm / 2) {
        int i = (int)lround(r * cosine / s->pixel_mm + (s->nu - 1) / 2.0);
        int j = (int)lround(r * sine / s->pixel_mm + (s->nv - 1) / 2.0);
        if (i < 0 || j < 0 || i >= s->nu || j >= s->nv) break;
        size_t at = slab + (size_t)j * (size_t)s->nu + (size_t)i;
        torn += (double)s->tear[at];
        inside += (double)s->envelope[at];
    }
    return inside > 0 ? torn / inside : 0;
}

static void date_unroll(UnrolledMap *map, int date, const TendonShape *shape, const Straightened *s, double turn_deg)
{
    for (int k = 0; k < map->n_s; k++)
        for (int a = 0; a < map->n_angle; a++) {
            double angle = (a * map->step_deg + turn_deg) / 57.29577951, cosine = cos(angle), sine = sin(angle);
            double radius = ray_radius(&shape->sections[k], cosine, sine);
            size_t at = (size_t)k * (size_t)map->n_angle + (size_t)a;
            map->radius_mm[date][at] = (float)radius;
            bool known = s->tear && k < s->ns && isfinite(radius);
            map->tear_share[date][at] = known ? (float)ray_tear(s, k, cosine, sine, radius) : NAN;
        }
}

int map_unroll(TendonChange *change, Error *error)
{
    UnrolledMap *map = &change->map;
    *map = (UnrolledMap){.n_s = change->pre_shape.n_sections,
                         .n_angle = ANGLES,
                         .s0_mm = change->common_min_mm,
                         .step_mm = change->pre_shape.step_mm,
                         .step_deg = 360.0 / ANGLES};
    for (int date = 0; date < 2; date++) {
        size_t n = (size_t)map->n_s * ANGLES;
        map->radius_mm[date] = array_alloc(n, sizeof(float), error);
        map->tear_share[date] = array_alloc(n, sizeof(float), error);
        if (!map->radius_mm[date] || !map->tear_share[date]) return TENO_FAILED;
    }
    date_unroll(map, 0, &change->pre_shape, &change->pre_straightened, 0);
    date_unroll(map, 1, &change->post_shape, &change->post_straightened, change->angle_shift_deg);
    return TENO_OK;
}

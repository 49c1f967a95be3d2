/* The tendon's surface unrolled: what lies along each ray from the centreline, at each s, on both dates. */
#include <math.h>

#include "compare/parts.h"
#include "teno/memory.h"

enum { ANGLES = 72 };

static void date_unroll(UnrolledMap *map, int date, const TendonShape *shape, const Straightened *s)
{
    for (int k = 0; k < map->n_s; k++)
        for (int a = 0; a < map->n_angle; a++) {
            double angle = a * map->step_deg / 57.29577951, cosine = cos(angle), sine = sin(angle);
            double radius = section_ray_mm(&shape->sections[k], cosine, sine);
            size_t at = (size_t)k * (size_t)map->n_angle + (size_t)a;
            map->radius_mm[date][at] = (float)radius;
            bool known = s->tear && k < s->ns && isfinite(radius);
            map->tear_share[date][at] =
                known ? (float)straightened_ray_share(s, s->tear, k, cosine, sine, radius) : NAN;
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
    date_unroll(map, 0, &change->pre_shape, &change->pre_straightened);
    date_unroll(map, 1, &change->post_shape, &change->post_straightened);
    return TENO_OK;
}

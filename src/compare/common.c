/*
 * One ruler on both dates.
 *
 * The sections of both tendons are taken at the same positions along the tendon (every millimetre of the first date's
 * s), so that areas, volumes and tears are over the same range; then both are measured again from their own images by
 * the same engine that measures a single study. Nothing is taken over from the separate reports, whose ranges differ.
 */
#include <math.h>
#include <string.h>

#include "compare/parts.h"
#include "teno/memory.h"

double shape_index(const TendonShape *shape, double s_mm)
{
    return (s_mm - shape->sections[0].s_mm) / shape->step_mm;
}

static Vec3 mix(Vec3 a, Vec3 b, double weight)
{
    return vec3_add(vec3_scale(a, 1 - weight), vec3_scale(b, weight));
}

/* A section between two neighbours; boundary points go with their index. */
static Section section_between(const Section *a, const Section *b, double weight)
{
    Section out = weight < 0.5 ? *a : *b;
    out.centre_lps = mix(a->centre_lps, b->centre_lps, weight);
    out.tangent = vec3_unit(mix(a->tangent, b->tangent, weight));
    Vec3 v = mix(a->v, b->v, weight);
    out.v = vec3_unit(vec3_along(v, out.tangent, -vec3_dot(v, out.tangent)));
    out.u = vec3_cross(out.v, out.tangent);
    for (int i = 0; i < SECTION_POINTS; i++) {
        out.boundary_u_mm[i] =
            (float)((1 - weight) * (double)a->boundary_u_mm[i] + weight * (double)b->boundary_u_mm[i]);
        out.boundary_v_mm[i] =
            (float)((1 - weight) * (double)a->boundary_v_mm[i] + weight * (double)b->boundary_v_mm[i]);
    }
    out.boundary_sd_mm = (float)((1 - weight) * (double)a->boundary_sd_mm + weight * (double)b->boundary_sd_mm);
    return out;
}

int shape_at_common(TendonShape *out, const TendonShape *from, double first_s_mm, int n, double shift_mm, Error *error)
{
    *out = (TendonShape){.step_mm = 1, .n_sections = n};
    out->sections = array_alloc((size_t)n, sizeof *out->sections, error);
    if (!out->sections) return TENO_FAILED;
    for (int i = 0; i < n; i++) {
        double k = fmin(fmax(shape_index(from, first_s_mm + i + shift_mm), 0), from->n_sections - 1);
        int low = (int)k < from->n_sections - 1 ? (int)k : from->n_sections - 2;
        if (low < 0) low = 0;
        const Section *a = &from->sections[low], *b = from->n_sections > 1 ? a + 1 : a;
        out->sections[i] = section_between(a, b, k - low);
        out->sections[i].s_mm = first_s_mm + i;
        out->sections[i].assessed = true;
    }
    return TENO_OK;
}

/* Measures one date (0 before, 1 after) over its common shape, at the blunter date's resolution. */
static int date_measure(TendonChange *change, const Pair *pair, int date, Error *error)
{
    const Analysis *own = date ? pair->post : pair->pre, *other = date ? pair->pre : pair->post;
    const TendonResult *result = date ? pair->after : pair->before;
    Segmentation clipped = result->segmentation;
    clipped.shape = date ? change->post_shape : change->pre_shape;
    /* Both dates count s from the first date's landmark, which the aligned bone carries over. */
    clipped.origin = pair->before->segmentation.origin;
    TearOptions options = {.repeats = own->options.repeats, .seed = own->options.seed};
    Prepared seen;
    bool blunted;
    int code = prepared_blunt(&seen, &blunted, &own->prepared, &other->prepared, error);
    if (!code && blunted)
        notes_add(&change->warnings, "the images %s are sharper: measured at the resolution of the others",
                  date ? "after" : "before");
    if (!code)
        code = tendon_measure(date ? &change->post : &change->pre,
                              date ? &change->post_straightened : &change->pre_straightened, &seen, &clipped,
                              result->spec, &options, error);
    prepared_blunt_free(&seen, &own->prepared);
    return code;
}

int common_measure(TendonChange *change, const Pair *pair, Error *error)
{
    double first = change->common_min_mm;
    int n = (int)lround(change->common_max_mm - first) + 1;
    int code = shape_at_common(&change->pre_shape, &pair->before->segmentation.shape, first, n, 0, error);
    if (!code)
        code =
            shape_at_common(&change->post_shape, &pair->after->segmentation.shape, first, n, change->s_shift_mm, error);
    if (!code) code = date_measure(change, pair, 0, error);
    if (!code) code = date_measure(change, pair, 1, error);
    return code;
}

/*
 * The shape of a tendon: sections along a centreline, each a closed polygon.
 *
 * Points are carried to and from the straightened frame (k, u, v) by interpolating the frames of the two neighbouring
 * sections. A point belongs to the section plane whose plane contains it: between sections k and k+1 the signed
 * distances to the two planes, d_k >= 0 and d_k+1 <= 0, give the real index k + d_k / (d_k - d_k+1). This is exact for
 * straight centrelines and good to (section size / radius of curvature)^2 elsewhere; a tendon's curvature is small.
 */
#include "teno/tendon.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "teno/memory.h"

const char *origin_name(Origin origin)
{
    static const char *const names[] = {"insertion", "malleolus", "joint_line", "distal_image_edge"};
    return names[origin];
}

/* A tendon of the ankle runs up the leg, or forwards where the foot points or it bends around a malleolus, but hardly
 * ever across: the left is where its frames turn least. */
void section_axes(Vec3 *u, Vec3 *v, Vec3 tangent)
{
    const Vec3 back = {0, 1, 0}, left = {1, 0, 0};
    if (fabs(tangent.x) > 0.95) {
        *v = vec3_unit(vec3_along(back, tangent, -vec3_dot(back, tangent)));
        *u = vec3_cross(*v, tangent);
    } else {
        *u = vec3_unit(vec3_along(left, tangent, -vec3_dot(left, tangent)));
        *v = vec3_cross(tangent, *u);
    }
}

int shape_copy(TendonShape *out, const TendonShape *from, Error *error)
{
    *out = *from;
    out->sections = array_alloc((size_t)from->n_sections, sizeof *out->sections, error);
    if (!out->sections) return TENO_FAILED;
    memcpy(out->sections, from->sections, (size_t)from->n_sections * sizeof *out->sections);
    return TENO_OK;
}

void shape_free(TendonShape *shape)
{
    free(shape->sections);
    *shape = (TendonShape){0};
}

double section_area_mm2(const Section *section)
{
    const float *u = section->boundary_u_mm, *v = section->boundary_v_mm;
    double twice = 0;
    for (int i = 0, j = SECTION_POINTS - 1; i < SECTION_POINTS; j = i++)
        twice += (double)u[j] * (double)v[i] - (double)u[i] * (double)v[j];
    return fabs(twice) / 2;
}

bool section_contains(const Section *section, double u_mm, double v_mm)
{
    const float *u = section->boundary_u_mm, *v = section->boundary_v_mm;
    bool inside = false;
    for (int i = 0, j = SECTION_POINTS - 1; i < SECTION_POINTS; j = i++) {
        double vi = (double)v[i], vj = (double)v[j];
        if ((vi > v_mm) == (vj > v_mm)) continue;
        if (u_mm < (double)u[i] + (v_mm - vi) / (vj - vi) * ((double)u[j] - (double)u[i])) inside = !inside;
    }
    return inside;
}

/* Index of the section at or below real index k, and the weight of the next one. */
static int section_split(const TendonShape *shape, double k, double *weight)
{
    int low = (int)floor(k);
    if (low > shape->n_sections - 2) low = shape->n_sections - 2;
    if (low < 0) low = 0;
    *weight = shape->n_sections > 1 ? k - low : 0;
    return low;
}

static Vec3 mix(Vec3 a, Vec3 b, double weight)
{
    return vec3_add(vec3_scale(a, 1 - weight), vec3_scale(b, weight));
}

static float mix_float(float a, float b, double weight)
{
    return (float)((1 - weight) * (double)a + weight * (double)b);
}

Section section_between(const Section *a, const Section *b, double weight)
{
    Section out = weight < 0.5 ? *a : *b;
    out.centre_lps = mix(a->centre_lps, b->centre_lps, weight);
    out.tangent = vec3_unit(mix(a->tangent, b->tangent, weight));
    Vec3 v = mix(a->v, b->v, weight);
    out.v = vec3_unit(vec3_along(v, out.tangent, -vec3_dot(v, out.tangent)));
    out.u = vec3_cross(out.v, out.tangent);
    for (int i = 0; i < SECTION_POINTS; i++) {
        out.boundary_u_mm[i] = mix_float(a->boundary_u_mm[i], b->boundary_u_mm[i], weight);
        out.boundary_v_mm[i] = mix_float(a->boundary_v_mm[i], b->boundary_v_mm[i], weight);
    }
    out.boundary_sd_mm = mix_float(a->boundary_sd_mm, b->boundary_sd_mm, weight);
    out.film_mm = mix_float(a->film_mm, b->film_mm, weight);
    out.heel_sd_mm = fmaxf(mix_float(a->heel_sd_mm, b->heel_sd_mm, weight), 0);
    out.soleus_sd_mm = fmaxf(mix_float(a->soleus_sd_mm, b->soleus_sd_mm, weight), 0);
    return out;
}

Vec3 shape_to_lps(const TendonShape *shape, double k, double u_mm, double v_mm)
{
    double weight;
    const Section *a = shape->sections + section_split(shape, k, &weight);
    const Section *b = shape->n_sections > 1 ? a + 1 : a;
    Vec3 p = mix(a->centre_lps, b->centre_lps, weight);
    p = vec3_along(p, vec3_unit(mix(a->u, b->u, weight)), u_mm);
    return vec3_along(p, vec3_unit(mix(a->v, b->v, weight)), v_mm);
}

static double plane_distance(const Section *section, Vec3 p)
{
    return vec3_dot(vec3_sub(p, section->centre_lps), section->tangent);
}

/* Within this distance of a plane, mm, a point beyond the first or last section still belongs to it. */
static double end_reach(const TendonShape *shape)
{
    return shape->step_mm / 2;
}

static int nearest_among(const TendonShape *shape, Vec3 p_lps, int first, int last, int stride)
{
    int nearest = first;
    double best_mm2 = INFINITY;
    for (int i = first; i <= last; i += stride) {
        Vec3 d = vec3_sub(p_lps, shape->sections[i].centre_lps);
        double d_mm2 = vec3_dot(d, d);
        if (d_mm2 < best_mm2) {
            best_mm2 = d_mm2;
            nearest = i;
        }
    }
    return nearest;
}

/* Every eighth centre, then the neighbours of the best: a tendon does not turn within 8 mm. */
static int nearest_section(const TendonShape *shape, Vec3 p_lps)
{
    enum { STRIDE = 8 };
    int last = shape->n_sections - 1;
    int coarse = nearest_among(shape, p_lps, 0, last, STRIDE);
    int from = coarse > STRIDE ? coarse - STRIDE : 0, to = coarse + STRIDE < last ? coarse + STRIDE : last;
    return nearest_among(shape, p_lps, from, to, 1);
}

bool shape_from_lps(const TendonShape *shape, Vec3 p_lps, double *k, double *u_mm, double *v_mm)
{
    int n = shape->n_sections;
    if (n < 1) return false;
    /* Nearest centre first: far cheaper than solving, and immune to planes that cross far from the tendon. */
    int nearest = nearest_section(shape, p_lps);
    double d0 = plane_distance(&shape->sections[nearest], p_lps);
    int step = d0 >= 0 ? 1 : -1, at = nearest;
    double real = nearest, here = d0;
    bool found = d0 == 0;
    while (!found && at + step >= 0 && at + step < n && abs(at + step - nearest) <= 12) {
        double next = plane_distance(&shape->sections[at + step], p_lps);
        if ((here >= 0) != (next >= 0) || next == 0) {
            real = at + step * (fabs(here) / (fabs(here) + fabs(next)));
            found = true;
        } else {
            here = next;
            at += step;
        }
    }
    if (!found) {
        if ((at != 0 && at != n - 1) || fabs(here) > end_reach(shape)) return false;
        real = at + here / shape->step_mm;
    }
    double weight;
    const Section *a = shape->sections + section_split(shape, real, &weight);
    const Section *b = n > 1 ? a + 1 : a;
    Vec3 d = vec3_sub(p_lps, mix(a->centre_lps, b->centre_lps, weight));
    *k = real;
    *u_mm = vec3_dot(d, vec3_unit(mix(a->u, b->u, weight)));
    *v_mm = vec3_dot(d, vec3_unit(mix(a->v, b->v, weight)));
    return true;
}

/*
 * Where the tendon ends, as the optimal surface of the tube.
 *
 * Each point of the tube has, over all channels together, a likelihood as normal tendon, fat, muscle, or anything else
 * (fluid, degenerated tendon, vessels). Inside is tendon or anything; outside is mostly what is found a few millimetres
 * farther out on the same side: fat behind, Kager's fat or soleus in front. So bright signal does not speak against the
 * tendon unless its surroundings look the same, and a tear does not pull the boundary in. The cost of a surface is the
 * evidence that it leaves on the wrong side.
 */
#include "segment/boundary.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "segment/surface.h"
#include "teno/memory.h"

#define LEVEL_MM 0.35
#define ROOM_MM 4.0 /* beyond half as much again of the thickest section's half thickness */
#define ANGLE_COST_PER_MM 0.5
#define SECTION_COST_PER_MM 1.0
#define PRIOR_COST_PER_MM 0.06
#define BINDING 200.0 /* cost of leaving a seed out: beyond any evidence */
enum { RING_STRIDE = 2, ANGLE_STRIDE = 2, N_ANGLES = SECTION_POINTS / ANGLE_STRIDE, NEAR = 3 };

/* Levels count from the ellipse that the ring expects, so that a section of that shape is smooth. */
typedef struct Unrolled {
    const Tube *tube;
    int n_sections, n_levels;
    int expected;      /* the level of the ellipse */
    Likelihood *point; /* [n_sections][N_ANGLES][n_levels] half a level beyond each level */
    float *cost;       /* [n_sections][N_ANGLES][n_levels] */
} Unrolled;

/* Distance of a level from the core; below 0 there is nothing. */
static double level_mm(const Unrolled *u, int section, int angle, double level)
{
    return ring_expected_mm(&u->tube->ring[section * RING_STRIDE], angle * ANGLE_STRIDE) +
           (level - u->expected) * LEVEL_MM;
}

static void section_classify(Unrolled *u, int section, const Images *images)
{
    const Ring *ring = &u->tube->ring[section * RING_STRIDE];
    for (int a = 0; a < N_ANGLES; a++) {
        Ray ray = ring_ray(ring, a * ANGLE_STRIDE);
        double first_mm = level_mm(u, section, a, 0.5);
        Vec3 from = ring_point(ring, &ray, first_mm), to = ring_point(ring, &ray, first_mm + LEVEL_MM);
        points_classify(u->point + (size_t)(section * N_ANGLES + a) * (size_t)u->n_levels, u->n_levels, from,
                        vec3_sub(to, from), images);
    }
}

/* What surrounds the tendon on this side here: points 1.2 to 6 mm beyond the expected boundary, near in s and angle. */
static Shares around(const Unrolled *u, int section, int angle, const Shares *inside)
{
    Census census = {0};
    for (int s = section - NEAR; s <= section + NEAR; s++) {
        if (s < 0 || s >= u->n_sections) continue;
        int from = u->expected + (int)(1.2 / LEVEL_MM), to = u->expected + (int)(6 / LEVEL_MM);
        for (int a = angle - NEAR; a <= angle + NEAR; a++) {
            int column = s * N_ANGLES + (a + N_ANGLES) % N_ANGLES;
            for (int l = from; l < to && l < u->n_levels; l += 2)
                outside_count(&census, &u->point[column * u->n_levels + l]);
        }
    }
    return outside_shares(&census, inside);
}

/* What the tendon itself is here: points in the inner half. */
static Shares within(const Unrolled *u, int section)
{
    Census census = {0};
    for (int s = section - NEAR; s <= section + NEAR; s++) {
        if (s < 0 || s >= u->n_sections) continue;
        for (int a = 0; a < N_ANGLES; a += 2) {
            double core_mm = level_mm(u, s, a, 0), deep_mm = 0.6 * level_mm(u, s, a, u->expected);
            for (int l = 0; core_mm + l * LEVEL_MM < deep_mm; l++)
                if (core_mm + l * LEVEL_MM >= 0) inside_count(&census, &u->point[(s * N_ANGLES + a) * u->n_levels + l]);
        }
    }
    return inside_shares(&census);
}

/* From the evidence of points to the cost of a boundary at each level: what it leaves on the wrong side. */
static void section_cost(Unrolled *u, int section)
{
    Shares inside = within(u, section);
    for (int a = 0; a < N_ANGLES; a++) {
        size_t column = (size_t)(section * N_ANGLES + a) * (size_t)u->n_levels;
        double sum = 0;
        Shares outside = around(u, section, a, &inside);
        for (int l = 0; l < u->n_levels; l++) {
            u->cost[column + (size_t)l] = (float)(-sum + PRIOR_COST_PER_MM * LEVEL_MM * abs(l - u->expected));
            if (level_mm(u, section, a, l) < 0) continue;
            sum += LEVEL_MM * point_ratio(&u->point[column + (size_t)l], &inside, &outside);
        }
    }
}

/* A point given by the user binds the rays that pass it on the sections around it. */
static void bind_point(Unrolled *unrolled, Vec3 p, bool inside)
{
    for (int section = 0; section < unrolled->n_sections; section++) {
        const Ring *ring = &unrolled->tube->ring[section * RING_STRIDE];
        Vec3 d = vec3_sub(p, ring->frame.centre_lps);
        if (fabs(vec3_dot(d, ring->frame.tangent)) > RING_STRIDE * unrolled->tube->step_mm) continue;
        double u = vec3_dot(d, ring->frame.u), v = vec3_dot(d, ring->frame.v), nearest = INFINITY, along = 0;
        int at = 0;
        for (int a = 0; a < N_ANGLES; a++) {
            Ray ray = ring_ray(ring, a * ANGLE_STRIDE);
            double r = fmax((u - ray.u) * ray.du + (v - ray.v) * ray.dv, 0);
            double off = hypot(u - ray.u - r * ray.du, v - ray.v - r * ray.dv);
            if (off < nearest) {
                nearest = off;
                along = r;
                at = a;
            }
        }
        for (int turn = -1; turn <= 1; turn++) {
            int column = section * N_ANGLES + (at + turn + N_ANGLES) % N_ANGLES;
            for (int l = 0; l < unrolled->n_levels; l++)
                if (inside ? level_mm(unrolled, section, column % N_ANGLES, l) < along + LEVEL_MM
                           : level_mm(unrolled, section, column % N_ANGLES, l) > along - LEVEL_MM)
                    unrolled->cost[column * unrolled->n_levels + l] += (float)BINDING;
        }
    }
}

static void radius_from_levels(Tube *tube, const int *level, int expected, int n_sections)
{
    for (int k = 0; k < tube->n_rings; k++) {
        int s = k / RING_STRIDE, t = s + 1 < n_sections ? s + 1 : s;
        double ws = (double)(k % RING_STRIDE) / RING_STRIDE;
        for (int i = 0; i < SECTION_POINTS; i++) {
            int a = i / ANGLE_STRIDE, b = (a + 1) % N_ANGLES;
            double wa = (double)(i % ANGLE_STRIDE) / ANGLE_STRIDE;
            double low = (1 - wa) * level[s * N_ANGLES + a] + wa * level[s * N_ANGLES + b];
            double high = (1 - wa) * level[t * N_ANGLES + a] + wa * level[t * N_ANGLES + b];
            double beyond_mm = LEVEL_MM * ((1 - ws) * low + ws * high - expected);
            tube->radius_mm[k * SECTION_POINTS + i] = fmax(ring_expected_mm(&tube->ring[k], i) + beyond_mm, 0);
        }
    }
}

int boundary_find(Tube *tube, const Images *images, const BoundaryOptions *options, Error *error)
{
    int code = TENO_FAILED, *level = NULL;
    float *section_weight = NULL, *angle_weight = NULL;
    double reach = 0;
    for (int k = 0; k < tube->n_rings; k++) reach = fmax(reach, tube->ring[k].radius_mm);
    Unrolled u = {.tube = tube,
                  .n_sections = (tube->n_rings + RING_STRIDE - 1) / RING_STRIDE,
                  .expected = (int)ceil(reach / LEVEL_MM)};
    u.n_levels = u.expected + (int)ceil((0.5 * reach + ROOM_MM) / LEVEL_MM);
    size_t columns = (size_t)u.n_sections * N_ANGLES;
    if (!(u.point = array_alloc(columns * (size_t)u.n_levels, sizeof *u.point, error)) ||
        !(u.cost = array_alloc(columns * (size_t)u.n_levels, sizeof *u.cost, error)) ||
        !(level = array_alloc(columns, sizeof *level, error)) ||
        !(section_weight = array_alloc((size_t)u.n_sections, sizeof *section_weight, error)) ||
        !(angle_weight = array_alloc((size_t)u.n_sections, sizeof *angle_weight, error)))
        goto out;
#pragma omp parallel for schedule(dynamic, 4)
    for (int s = 0; s < u.n_sections; s++) section_classify(&u, s, images);
#pragma omp parallel for schedule(dynamic, 4)
    for (int s = 0; s < u.n_sections; s++) section_cost(&u, s);
    for (int i = 0; i < options->n_inside; i++) bind_point(&u, options->inside[i], true);
    for (int i = 0; i < options->n_outside; i++) bind_point(&u, options->outside[i], false);
    for (int s = 0; s < u.n_sections; s++) {
        angle_weight[s] = (float)(ANGLE_COST_PER_MM * LEVEL_MM);
        section_weight[s] = (float)(SECTION_COST_PER_MM * LEVEL_MM);
    }
    SurfaceProblem problem = {u.n_sections, N_ANGLES, u.n_levels, u.cost, section_weight, angle_weight};
    code = surface_solve(level, &problem, error);
    if (!code) radius_from_levels(tube, level, u.expected, u.n_sections);
out:
    free(u.point);
    free(u.cost);
    free(level);
    free(section_weight);
    free(angle_weight);
    return code;
}

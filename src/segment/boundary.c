/*
 * Where the tendon ends, as the optimal surface of the tube.
 *
 * Every channel gives each point of the tube a log-likelihood ratio of inside against outside. Inside is normal tendon,
 * or anything up to fluid (degenerated, torn); outside is mostly fat, some muscle, or anything. So bright signal that
 * is not fat does not speak against the tendon, and a tear does not pull the boundary in where some channel tells fluid
 * from fat. The cost of a surface is the evidence it leaves on the wrong side; channels add up.
 */
#include "segment/boundary.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "segment/surface.h"
#include "teno/memory.h"

#define LEVEL_MM 0.35
#define ROOM_MM 4.0     /* beyond the expected radius */
#define RATIO_LIMIT 2.5 /* one channel's word on one point */
#define ANGLE_COST_PER_MM 0.5
#define SECTION_COST_PER_MM 1.0
#define PRIOR_COST_PER_MM 0.06
#define BINDING 200.0 /* cost of leaving a seed out: beyond any evidence */
enum { RING_STRIDE = 2, ANGLE_STRIDE = 2, N_ANGLES = SECTION_POINTS / ANGLE_STRIDE };

static double normal_density(double x, double mean, double sd)
{
    double z = (x - mean) / sd;
    return exp(-0.5 * z * z) / (sd * 2.5066282746310002);
}

double tissue_ratio(const Scale *s, double x)
{
    double span = 1.3 * fmax(s->fluid, fmax(s->fat, 1)), floor_density = 1 / span;
    double tendon_sd = hypot(s->noise, 0.15 * s->surround);
    double inside = 0.65 * normal_density(fmax(x, 0), 0, tendon_sd) + 0.35 * floor_density;
    double outside = 0.65 * normal_density(x, s->fat, hypot(s->noise, 0.18 * s->fat)) +
                     0.15 * normal_density(x, 1, hypot(s->noise, 0.15)) + 0.2 * floor_density;
    double ratio = log(inside / outside);
    return fmin(fmax(ratio, -RATIO_LIMIT), RATIO_LIMIT);
}

typedef struct Unrolled {
    const Tube *tube;
    int n_sections, n_levels;
    float *cost; /* [n_sections][N_ANGLES][n_levels] */
} Unrolled;

/* Adds one channel's evidence on one ray: cost[l] += Σ over points on the wrong side of level l. */
static void ray_evidence(float *evidence, int n_levels, const Ring *ring, const Ray *ray, const Channel *channel,
                         const Scale *scale)
{
    Vec3 from = grid_to_vox(&channel->vol.grid, rigid_apply(&channel->ref_to_channel, ring_point(ring, ray, 0)));
    Vec3 to = grid_to_vox(&channel->vol.grid, rigid_apply(&channel->ref_to_channel, ring_point(ring, ray, LEVEL_MM)));
    Vec3 step = vec3_sub(to, from);
    for (int l = 0; l < n_levels; l++) {
        double value = vol_sample_vox(&channel->vol, vec3_along(from, step, l + 0.5), (double)NAN);
        if (isnan(value)) continue;
        evidence[l] += (float)(tissue_ratio(scale, (value - scale->tendon) / scale->unit) * LEVEL_MM);
    }
}

static void section_cost(Unrolled *unrolled, int section, const Prepared *prepared, const Scale *scale)
{
    const Ring *ring = &unrolled->tube->ring[section * RING_STRIDE];
    for (int a = 0; a < N_ANGLES; a++) {
        Ray ray = ring_ray(ring, a * ANGLE_STRIDE);
        float *cost = unrolled->cost + (size_t)(section * N_ANGLES + a) * (size_t)unrolled->n_levels;
        for (int c = 0; c < prepared->n_channels; c++)
            ray_evidence(cost, unrolled->n_levels, ring, &ray, &prepared->channel[c], &scale[c]);
        /* From evidence between levels to the cost of a boundary at each level. */
        double sum = 0;
        for (int l = 0; l < unrolled->n_levels; l++) {
            double evidence = (double)cost[l];
            cost[l] = (float)(-sum + PRIOR_COST_PER_MM * fabs(l * LEVEL_MM - ring->radius_mm));
            sum += evidence;
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
                if (inside ? l * LEVEL_MM < along + LEVEL_MM : l * LEVEL_MM > along - LEVEL_MM)
                    unrolled->cost[column * unrolled->n_levels + l] += (float)BINDING;
        }
    }
}

static void radius_from_levels(Tube *tube, const int *level, int n_sections)
{
    for (int k = 0; k < tube->n_rings; k++) {
        int s = k / RING_STRIDE, t = s + 1 < n_sections ? s + 1 : s;
        double ws = (double)(k % RING_STRIDE) / RING_STRIDE;
        for (int i = 0; i < SECTION_POINTS; i++) {
            int a = i / ANGLE_STRIDE, b = (a + 1) % N_ANGLES;
            double wa = (double)(i % ANGLE_STRIDE) / ANGLE_STRIDE;
            double low = (1 - wa) * level[s * N_ANGLES + a] + wa * level[s * N_ANGLES + b];
            double high = (1 - wa) * level[t * N_ANGLES + a] + wa * level[t * N_ANGLES + b];
            tube->radius_mm[k * SECTION_POINTS + i] = LEVEL_MM * ((1 - ws) * low + ws * high);
        }
    }
}

int boundary_find(Tube *tube, const Prepared *prepared, const Scale *scale, const BoundaryOptions *options,
                  Error *error)
{
    int code = TENO_FAILED, *level = NULL;
    float *section_weight = NULL, *angle_weight = NULL;
    double reach = 0;
    for (int k = 0; k < tube->n_rings; k++) reach = fmax(reach, tube->ring[k].radius_mm);
    Unrolled u = {.tube = tube,
                  .n_sections = (tube->n_rings + RING_STRIDE - 1) / RING_STRIDE,
                  .n_levels = (int)ceil((1.5 * reach + ROOM_MM) / LEVEL_MM)};
    size_t columns = (size_t)u.n_sections * N_ANGLES;
    if (!(u.cost = array_alloc(columns * (size_t)u.n_levels, sizeof *u.cost, error)) ||
        !(level = array_alloc(columns, sizeof *level, error)) ||
        !(section_weight = array_alloc((size_t)u.n_sections, sizeof *section_weight, error)) ||
        !(angle_weight = array_alloc((size_t)u.n_sections, sizeof *angle_weight, error)))
        goto out;
#pragma omp parallel for schedule(dynamic, 4)
    for (int s = 0; s < u.n_sections; s++) section_cost(&u, s, prepared, scale);
    for (int i = 0; i < options->n_inside; i++) bind_point(&u, options->inside[i], true);
    for (int i = 0; i < options->n_outside; i++) bind_point(&u, options->outside[i], false);
    for (int s = 0; s < u.n_sections; s++) {
        angle_weight[s] = (float)(ANGLE_COST_PER_MM * LEVEL_MM);
        section_weight[s] = (float)(SECTION_COST_PER_MM * LEVEL_MM);
    }
    SurfaceProblem problem = {u.n_sections, N_ANGLES, u.n_levels, u.cost, section_weight, angle_weight};
    code = surface_solve(level, &problem, error);
    if (!code) radius_from_levels(tube, level, u.n_sections);
out:
    free(u.cost);
    free(level);
    free(section_weight);
    free(angle_weight);
    return code;
}

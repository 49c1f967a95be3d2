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
#define ROOM_MM 4.0     /* beyond the expected radius */
#define RATIO_LIMIT 2.5 /* one channel's word on one point */
#define POINT_LIMIT 4.0 /* all channels together on one point */
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

enum { TENDON, FAT, MUSCLE, OTHER, N_CLASSES };

typedef struct Unrolled {
    const Tube *tube;
    int n_sections, n_levels;
    float (*likelihood)[N_CLASSES]; /* [n_sections][N_ANGLES][n_levels] of a point's signals in all channels, given its
                                       class */
    float *cost;                    /* [n_sections][N_ANGLES][n_levels] */
} Unrolled;

/* Densities of one channel's signal; each class may now and then show anything (partial volume, misalignment). */
static void class_densities(double density[N_CLASSES], const Scale *s, double x)
{
    double span = 1.3 * fmax(s->fluid, fmax(s->fat, 1)), any = 1 / span;
    density[TENDON] = 0.9 * normal_density(fmax(x, 0), 0, hypot(s->noise, 0.15 * s->surround)) + 0.1 * any;
    density[FAT] = 0.9 * normal_density(x, s->fat, hypot(s->noise, 0.18 * s->fat)) + 0.1 * any;
    density[MUSCLE] = 0.9 * normal_density(x, 1, hypot(s->noise, 0.25)) + 0.1 * any;
    density[OTHER] = any;
}

static void ray_likelihoods(float (*out)[N_CLASSES], int n_levels, const Ring *ring, const Ray *ray,
                            const Channel *channel, const Scale *scale)
{
    Vec3 from = grid_to_vox(&channel->vol.grid, rigid_apply(&channel->ref_to_channel, ring_point(ring, ray, 0)));
    Vec3 to = grid_to_vox(&channel->vol.grid, rigid_apply(&channel->ref_to_channel, ring_point(ring, ray, LEVEL_MM)));
    Vec3 step = vec3_sub(to, from);
    for (int l = 0; l < n_levels; l++) {
        double value = vol_sample_vox(&channel->vol, vec3_along(from, step, l + 0.5), (double)NAN), density[N_CLASSES];
        if (isnan(value)) continue;
        class_densities(density, scale, (value - scale->tendon) / scale->unit);
        for (int c = 0; c < N_CLASSES; c++) out[l][c] *= (float)density[c];
    }
}

static void section_likelihoods(Unrolled *u, int section, const Prepared *prepared, const Scale *scale)
{
    const Ring *ring = &u->tube->ring[section * RING_STRIDE];
    for (int a = 0; a < N_ANGLES; a++) {
        Ray ray = ring_ray(ring, a * ANGLE_STRIDE);
        float(*out)[N_CLASSES] = u->likelihood + (size_t)(section * N_ANGLES + a) * (size_t)u->n_levels;
        for (int l = 0; l < u->n_levels; l++)
            for (int c = 0; c < N_CLASSES; c++) out[l][c] = 1;
        for (int c = 0; c < prepared->n_channels; c++)
            ray_likelihoods(out, u->n_levels, ring, &ray, &prepared->channel[c], &scale[c]);
    }
}

/* Expected shares of the classes before looking, worth PRIOR_POINTS points. */
static const double outside_prior[N_CLASSES] = {0.06, 0.6, 0.14, 0.2}, inside_prior[N_CLASSES] = {0.75, 0, 0, 0.25};
#define PRIOR_POINTS 12.0
#define OUTSIDE_TENDON_MAX 0.12 /* dark tissue beside a tendon (cortex, other tendons) never competes with it */
#define INSIDE_OTHER_MIN 0.15   /* a tear may begin anywhere */

static void count_point(double count[N_CLASSES], const float likelihood[N_CLASSES], const double prior[N_CLASSES])
{
    double sum = 0;
    for (int c = 0; c < N_CLASSES; c++) sum += prior[c] * (double)likelihood[c];
    for (int c = 0; c < N_CLASSES && sum > 0; c++) count[c] += prior[c] * (double)likelihood[c] / sum;
}

static void shares_from(double share[N_CLASSES], const double count[N_CLASSES], const double prior[N_CLASSES])
{
    double total = 0;
    for (int c = 0; c < N_CLASSES; c++) total += share[c] = count[c] + PRIOR_POINTS * prior[c];
    for (int c = 0; c < N_CLASSES; c++) share[c] /= total;
}

/* What surrounds the tendon on this side here: points 1.2 to 6 mm beyond the expected boundary, near in s and angle. */
static void outside_shares(double share[N_CLASSES], const Unrolled *u, int section, int angle)
{
    enum { NEAR_SECTIONS = 3, NEAR_ANGLES = 3 };
    double count[N_CLASSES] = {0};
    for (int s = section - NEAR_SECTIONS; s <= section + NEAR_SECTIONS; s++) {
        if (s < 0 || s >= u->n_sections) continue;
        double radius = u->tube->ring[s * RING_STRIDE].radius_mm;
        int from = (int)((radius + 1.2) / LEVEL_MM), to = (int)((radius + 6) / LEVEL_MM);
        for (int a = angle - NEAR_ANGLES; a <= angle + NEAR_ANGLES; a++) {
            int column = s * N_ANGLES + (a + N_ANGLES) % N_ANGLES;
            for (int l = from; l < to && l < u->n_levels; l += 2)
                count_point(count, u->likelihood[column * u->n_levels + l], outside_prior);
        }
    }
    shares_from(share, count, outside_prior);
    share[TENDON] = fmin(share[TENDON], OUTSIDE_TENDON_MAX);
}

/* What the tendon itself is here: points in the inner half. */
static void inside_shares(double share[N_CLASSES], const Unrolled *u, int section)
{
    enum { NEAR_SECTIONS = 3 };
    double count[N_CLASSES] = {0};
    for (int s = section - NEAR_SECTIONS; s <= section + NEAR_SECTIONS; s++) {
        if (s < 0 || s >= u->n_sections) continue;
        int to = (int)(0.6 * u->tube->ring[s * RING_STRIDE].radius_mm / LEVEL_MM) + 1;
        for (int a = 0; a < N_ANGLES; a += 2)
            for (int l = 0; l < to && l < u->n_levels; l++)
                count_point(count, u->likelihood[(s * N_ANGLES + a) * u->n_levels + l], inside_prior);
    }
    shares_from(share, count, inside_prior);
    share[OTHER] = fmax(share[OTHER], INSIDE_OTHER_MIN);
}

static double point_ratio(const float likelihood[N_CLASSES], const double in[N_CLASSES], const double out[N_CLASSES])
{
    double inside = 1e-30, outside = 1e-30;
    for (int c = 0; c < N_CLASSES; c++) {
        inside += in[c] * (double)likelihood[c];
        outside += out[c] * (double)likelihood[c];
    }
    return fmin(fmax(log(inside / outside), -POINT_LIMIT), POINT_LIMIT);
}

/* From the evidence of points to the cost of a boundary at each level: what it leaves on the wrong side. */
static void section_cost(Unrolled *u, int section)
{
    const Ring *ring = &u->tube->ring[section * RING_STRIDE];
    double in[N_CLASSES], out[N_CLASSES];
    inside_shares(in, u, section);
    for (int a = 0; a < N_ANGLES; a++) {
        size_t column = (size_t)(section * N_ANGLES + a) * (size_t)u->n_levels;
        double sum = 0;
        outside_shares(out, u, section, a);
        for (int l = 0; l < u->n_levels; l++) {
            u->cost[column + (size_t)l] = (float)(-sum + PRIOR_COST_PER_MM * fabs(l * LEVEL_MM - ring->radius_mm));
            sum += LEVEL_MM * point_ratio(u->likelihood[column + (size_t)l], in, out);
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
    if (!(u.likelihood = array_alloc(columns * (size_t)u.n_levels, sizeof *u.likelihood, error)) ||
        !(u.cost = array_alloc(columns * (size_t)u.n_levels, sizeof *u.cost, error)) ||
        !(level = array_alloc(columns, sizeof *level, error)) ||
        !(section_weight = array_alloc((size_t)u.n_sections, sizeof *section_weight, error)) ||
        !(angle_weight = array_alloc((size_t)u.n_sections, sizeof *angle_weight, error)))
        goto out;
#pragma omp parallel for schedule(dynamic, 4)
    for (int s = 0; s < u.n_sections; s++) section_likelihoods(&u, s, prepared, scale);
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
    if (!code) radius_from_levels(tube, level, u.n_sections);
out:
    free(u.likelihood);
    free(u.cost);
    free(level);
    free(section_weight);
    free(angle_weight);
    return code;
}

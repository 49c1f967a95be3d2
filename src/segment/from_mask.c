/*
 * From a mask to sections. The mask's long axis gives a first row of planes; the centroids of the fractions in them are
 * the knots of a centreline, whose orthogonal planes give a second, better row. In each plane the boundary is where the
 * fraction falls through one half, and is then moved as a whole until it encloses the area that the fractions add up
 * to: the half level alone loses or gains area where voxels are coarse.
 *
 * A gap in the drawing between two parts is a gap between stumps: its sections are interpolated and marked as bridged.
 * It cannot follow a tendon that runs back along its own long axis (none at the ankle does within one image).
 */
#include "segment/from_mask.h"

#include <math.h>
#include <stdlib.h>

#include "teno/memory.h"

#define SAMPLE_MM 0.5         /* in the plane */
#define CENTRE_SMOOTH_MM 18.0 /* as for tendons that are found: see envelope.c */
#define HALF_LEVEL 0.5f
enum { MIN_LENGTH_MM = 10, END_WINDOW = 10, AREA_ROUNDS = 3 };

/* The fractions in one plane. */
typedef struct Slab {
    double area_mm2, centre_u_mm, centre_v_mm, minor_mm, major_mm, angle_rad;
} Slab;

static Slab plane_measure(const Vol *mask, const Section *frame, double reach_mm)
{
    int reach = (int)ceil(reach_mm / SAMPLE_MM);
    double m = 0, mu = 0, mv = 0, muu = 0, mvv = 0, muv = 0;
    for (int j = -reach; j <= reach; j++)
        for (int i = -reach; i <= reach; i++) {
            double u = i * SAMPLE_MM, v = j * SAMPLE_MM;
            double f = vol_sample(mask, vec3_along(vec3_along(frame->centre_lps, frame->u, u), frame->v, v), 0);
            m += f, mu += f * u, mv += f * v, muu += f * u * u, mvv += f * v * v, muv += f * u * v;
        }
    if (!(m > 0)) return (Slab){0};
    mu /= m, mv /= m, muu = muu / m - mu * mu, mvv = mvv / m - mv * mv, muv = muv / m - mu * mv;
    double mean = (muu + mvv) / 2, spread = hypot((muu - mvv) / 2, muv);
    return (Slab){.area_mm2 = m * SAMPLE_MM * SAMPLE_MM,
                  .centre_u_mm = mu,
                  .centre_v_mm = mv,
                  .minor_mm = 4 * sqrt(fmax(mean - spread, 0.02)), /* full axes of the ellipse with these moments */
                  .major_mm = 4 * sqrt(fmax(mean + spread, 0.02)),
                  .angle_rad = 0.5 * atan2(2 * muv, muu - mvv)};
}

/* Centre, long axis (pointing up), and how far the mask reaches along and aside of it. */
typedef struct LongAxis {
    Vec3 centre_lps, axis;
    double low_mm, high_mm, aside_mm;
} LongAxis;

/* Power iteration on the covariance: the largest eigenvector of a symmetric matrix [3][3]. */
static Vec3 main_direction(double c[3][3])
{
    Vec3 axis = {0.1, 0.2, 1};
    for (int i = 0; i < 200; i++)
        axis = vec3_unit(vec3(c[0][0] * axis.x + c[0][1] * axis.y + c[0][2] * axis.z,
                              c[1][0] * axis.x + c[1][1] * axis.y + c[1][2] * axis.z,
                              c[2][0] * axis.x + c[2][1] * axis.y + c[2][2] * axis.z));
    return axis.z < 0 ? vec3_scale(axis, -1) : axis;
}

/* Calls visit-like sums over all voxels above the half level twice: moments, then extents. */
static bool long_axis_find(LongAxis *out, const Vol *mask)
{
    const Grid *g = &mask->grid;
    double m = 0, sum[3] = {0}, c[3][3] = {{0}};
    Vec3 first = g->origin_lps;
    for (int pass = 0; pass < 2; pass++) {
        if (pass == 1) {
            if (!(m > 0)) return false;
            for (int a = 0; a < 3; a++)
                for (int b = 0; b < 3; b++) c[a][b] = c[a][b] / m - sum[a] * sum[b] / (m * m);
            out->centre_lps = vec3_add(first, vec3(sum[0] / m, sum[1] / m, sum[2] / m));
            out->axis = main_direction(c);
            out->low_mm = INFINITY, out->high_mm = -INFINITY, out->aside_mm = 0;
        }
        for (int k = 0; k < g->nz; k++)
            for (int j = 0; j < g->ny; j++)
                for (int i = 0; i < g->nx; i++) {
                    double f = (double)mask->data[grid_index(g, i, j, k)];
                    if (!(f > 0)) continue;
                    Vec3 p = grid_to_lps(g, vec3(i, j, k)), d = vec3_sub(p, pass ? out->centre_lps : first);
                    const double q[3] = {d.x, d.y, d.z};
                    if (pass == 0) {
                        m += f;
                        for (int a = 0; a < 3; a++) {
                            sum[a] += f * q[a];
                            for (int b = 0; b < 3; b++) c[a][b] += f * q[a] * q[b];
                        }
                    } else {
                        double along = vec3_dot(d, out->axis);
                        out->low_mm = fmin(out->low_mm, along);
                        out->high_mm = fmax(out->high_mm, along);
                        out->aside_mm = fmax(out->aside_mm, vec3_norm(vec3_along(d, out->axis, -along)));
                    }
                }
    }
    return true;
}

static Section frame_at(Vec3 centre_lps, Vec3 tangent)
{
    Section frame = {.centre_lps = centre_lps, .tangent = tangent};
    frame.v = vec3_unit(vec3_along(vec3(0, 1, 0), tangent, -tangent.y));
    frame.u = vec3_cross(frame.v, tangent);
    return frame;
}

static Knot slab_knot(const Slab *slab, const Section *frame)
{
    Vec3 p = vec3_along(frame->centre_lps, frame->u, slab->centre_u_mm);
    return (Knot){.centre_lps = vec3_along(p, frame->v, slab->centre_v_mm),
                  .minor_mm = slab->minor_mm,
                  .major_mm = slab->major_mm,
                  .angle_rad = slab->angle_rad,
                  .weight = 1};
}

/* First row of planes: across the long axis, 2 mm apart. Empty ones give no knot. */
static int axis_knots(Knot **out, int *n_out, const Vol *mask, const LongAxis *axis, Error *error)
{
    const double step_mm = 2;
    int n = (int)floor((axis->high_mm - axis->low_mm) / step_mm) + 1;
    *n_out = 0;
    *out = array_alloc((size_t)n, sizeof **out, error);
    if (!*out) return TENO_FAILED;
    for (int i = 0; i < n; i++) {
        Vec3 p = vec3_along(axis->centre_lps, axis->axis, axis->low_mm + i * step_mm);
        Section frame = frame_at(p, axis->axis);
        Slab slab = plane_measure(mask, &frame, axis->aside_mm + 1);
        if (slab.area_mm2 > 1) (*out)[(*n_out)++] = slab_knot(&slab, &frame);
    }
    return TENO_OK;
}

/* Second row: orthogonal to the first centreline. */
static int tube_knots(Knot **out, int *n_out, const Tube *tube, const Vol *mask, double reach_mm, Error *error)
{
    *n_out = 0;
    *out = array_alloc((size_t)tube->n_rings, sizeof **out, error);
    if (!*out) return TENO_FAILED;
    for (int k = 0; k < tube->n_rings; k += 2) {
        Slab slab = plane_measure(mask, &tube->ring[k].frame, reach_mm);
        if (slab.area_mm2 > 1) (*out)[(*n_out)++] = slab_knot(&slab, &tube->ring[k].frame);
    }
    return TENO_OK;
}

/* Distance along a ray of the outermost fall through one half; 0 when the ray meets nothing. */
static double ray_edge(const Vol *mask, const Ring *ring, const Ray *ray, double reach_mm)
{
    const double step_mm = 0.2;
    double outer = 0;
    for (int i = (int)ceil(reach_mm / step_mm); i >= 0; i--) {
        double inner = vol_sample(mask, ring_point(ring, ray, i * step_mm), 0);
        if (inner >= (double)HALF_LEVEL)
            return i * step_mm + (inner > outer ? step_mm * (inner - (double)HALF_LEVEL) / (inner - outer) : 0);
        outer = inner;
    }
    return 0;
}

static double polygon_area(const Ring *ring, const double *radius_mm, double *around_mm)
{
    double area = 0;
    *around_mm = 0;
    for (int i = SECTION_POINTS - 1, j = 0; j < SECTION_POINTS; i = j++) {
        Ray a = ring_ray(ring, i), b = ring_ray(ring, j);
        double au = a.u + radius_mm[i] * a.du, av = a.v + radius_mm[i] * a.dv;
        double bu = b.u + radius_mm[j] * b.du, bv = b.v + radius_mm[j] * b.dv;
        area += (au * bv - bu * av) / 2;
        *around_mm += hypot(bu - au, bv - av);
    }
    return area;
}

static void ring_outline(double *radius_mm, const Vol *mask, const Ring *ring, double area_mm2, double reach_mm)
{
    for (int i = 0; i < SECTION_POINTS; i++) {
        Ray ray = ring_ray(ring, i);
        radius_mm[i] = ray_edge(mask, ring, &ray, reach_mm);
    }
    for (int round = 0; round < AREA_ROUNDS; round++) {
        double around_mm, missing = area_mm2 - polygon_area(ring, radius_mm, &around_mm);
        double shift_mm = around_mm > 0 ? fmax(-0.5, fmin(0.5, missing / around_mm)) : 0;
        for (int i = 0; i < SECTION_POINTS; i++) radius_mm[i] = fmax(0, radius_mm[i] + shift_mm);
    }
}

static int compare_numbers(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Median of the areas from `first` on, in the given direction. */
static double median_area(const double *area, int n, int first, int direction)
{
    double window[END_WINDOW];
    int count = 0;
    for (int k = first; k >= 0 && k < n && count < END_WINDOW; k += direction) window[count++] = area[k];
    qsort(window, (size_t)count, sizeof *window, compare_numbers);
    return count ? window[count / 2] : 0;
}

/* The drawing ends in mid-plane between the last slice that has it and the next: where the interpolated area has fallen
 * to half of what it is inside. */
static void range_find(int *first, int *last, const double *area, int n)
{
    *first = 0, *last = n - 1;
    while (*first < n && area[*first] < 0.5 * median_area(area, n, *first + 2, 1)) (*first)++;
    while (*last > *first && area[*last] < 0.5 * median_area(area, n, *last - 2, -1)) (*last)--;
}

/* Sections of a gap get a boundary interpolated between the nearest drawn ones. */
static void gaps_bridge(Tube *tube, const double *area, int first, int last)
{
    int before = first;
    for (int k = first; k <= last; k++) {
        if (area[k] >= 0.25 * median_area(area, tube->n_rings, before, -1)) {
            for (int gap = before + 1; gap < k; gap++) {
                double w = (double)(gap - before) / (k - before);
                tube->ring[gap].bridged = true;
                for (int i = 0; i < SECTION_POINTS; i++)
                    tube->radius_mm[gap * SECTION_POINTS + i] = (1 - w) * tube->radius_mm[before * SECTION_POINTS + i] +
                                                                w * tube->radius_mm[k * SECTION_POINTS + i];
            }
            before = k;
        }
    }
}

/* Keeps rings [first, last]. */
static void tube_trim(Tube *tube, int first, int last)
{
    int n = last - first + 1;
    for (int k = 0; k < n; k++) tube->ring[k] = tube->ring[first + k];
    for (int i = 0; i < n * SECTION_POINTS; i++) {
        tube->radius_mm[i] = tube->radius_mm[first * SECTION_POINTS + i];
        tube->sd_mm[i] = tube->sd_mm[first * SECTION_POINTS + i];
    }
    tube->n_rings = n;
}

static int outlines_draw(Tube *tube, const Vol *mask, double reach_mm, Error *error)
{
    double *area = array_alloc((size_t)tube->n_rings, sizeof *area, error);
    if (!area) return TENO_FAILED;
    /* A boundary drawn on voxels is uncertain by one voxel: the SD of a uniform distribution of that width. */
    double sd_mm = sqrt(mask->grid.dx * mask->grid.dy / 12);
#pragma omp parallel for schedule(dynamic)
    for (int k = 0; k < tube->n_rings; k++) {
        area[k] = plane_measure(mask, &tube->ring[k].frame, reach_mm).area_mm2;
        ring_outline(&tube->radius_mm[k * SECTION_POINTS], mask, &tube->ring[k], area[k], reach_mm);
        for (int i = 0; i < SECTION_POINTS; i++) tube->sd_mm[k * SECTION_POINTS + i] = sd_mm;
    }
    int first, last;
    range_find(&first, &last, area, tube->n_rings);
    gaps_bridge(tube, area, first, last);
    tube_trim(tube, first, last);
    double length_mm = (last - first) * tube->step_mm, wide_mm = 0;
    for (int k = 0; k < tube->n_rings; k++)
        wide_mm = fmax(wide_mm, 2 * (tube->ring[k].half_core_mm + tube->ring[k].radius_mm));
    /* A few slices of a wide tendon are longest across it, and would be taken for one that lies on its side. */
    if (length_mm < MIN_LENGTH_MM || length_mm < 1.5 * wide_mm) tube_free(tube);
    free(area);
    return TENO_OK;
}

int tube_from_mask(Tube *out, const Vol *mask, Error *error)
{
    LongAxis axis;
    Tube straight = {0};
    Knot *knots = NULL;
    int n_knots = 0, code = TENO_OK;
    *out = (Tube){0};
    if (!long_axis_find(&axis, mask) || axis.high_mm - axis.low_mm < MIN_LENGTH_MM) return TENO_OK;
    double reach_mm = axis.aside_mm + 2;
    code = axis_knots(&knots, &n_knots, mask, &axis, error);
    if (code || n_knots < 4) goto out;
    code = tube_build(&straight, knots, n_knots, CENTRE_SMOOTH_MM, 0, 0, error);
    free(knots);
    knots = NULL;
    if (!code) code = tube_knots(&knots, &n_knots, &straight, mask, reach_mm, error);
    if (code || n_knots < 4) goto out;
    code = tube_build(out, knots, n_knots, CENTRE_SMOOTH_MM, 3, 3, error); /* room for where the drawing ends */
    if (!code) code = outlines_draw(out, mask, reach_mm, error);
out:
    free(knots);
    tube_free(&straight);
    if (code) tube_free(out);
    return code;
}

/*
 * The tube around a centreline.
 *
 * Knots are smoothed as a parametric spline (Whittaker smoothing of each coordinate over arc length), resampled every
 * millimetre, and given the frames that its tangents have (section_axes).
 */
#include "segment/tube.h"

#include <math.h>
#include <stdlib.h>

#include "segment/smooth.h"
#include "teno/memory.h"

#define STEP_MM 1.0
static const double pi = 3.14159265358979323846;

enum { X, Y, Z, MINOR, MAJOR, ANGLE_COS, ANGLE_SIN, N_TRACKS };

static void knot_tracks(const Knot *knot, double track[N_TRACKS])
{
    /* An axis has no sign: its doubled angle is smoothed, weighted by how clearly it is longer. */
    double clear = (knot->major_mm - knot->minor_mm) / (knot->major_mm + knot->minor_mm);
    track[X] = knot->centre_lps.x;
    track[Y] = knot->centre_lps.y;
    track[Z] = knot->centre_lps.z;
    track[MINOR] = knot->minor_mm;
    track[MAJOR] = knot->major_mm;
    track[ANGLE_COS] = clear * cos(2 * knot->angle_rad);
    track[ANGLE_SIN] = clear * sin(2 * knot->angle_rad);
}

/* Linear resampling of the knots at equal arc length; the weight of a sample is that of its neighbours. */
static int knots_resample(double *track, double *weight, const Knot *knot, int n_knots, int n, double length_low_mm)
{
    double at = 0;
    int segment = 0;
    for (int i = 0; i < n; i++) {
        double s = i * STEP_MM - length_low_mm;
        while (segment < n_knots - 2 &&
               at + vec3_distance(knot[segment].centre_lps, knot[segment + 1].centre_lps) < s) {
            at += vec3_distance(knot[segment].centre_lps, knot[segment + 1].centre_lps);
            segment++;
        }
        double step = vec3_distance(knot[segment].centre_lps, knot[segment + 1].centre_lps);
        double w = step > 0 ? (s - at) / step : 0, a[N_TRACKS], b[N_TRACKS];
        knot_tracks(&knot[segment], a);
        knot_tracks(&knot[segment + 1], b);
        bool inside = w >= -1e-9 && w <= 1 + 1e-9;
        weight[i] = inside ? (1 - w) * knot[segment].weight + w * knot[segment + 1].weight : 0;
        if (step > 4 * STEP_MM) weight[i] = fabs(w - lrint(w)) * step < STEP_MM ? weight[i] : 0; /* a bridged gap */
        for (int t = 0; t < N_TRACKS; t++) track[t * n + i] = (1 - w) * a[t] + w * b[t];
    }
    return segment;
}

static void ring_frame(Ring *ring, Vec3 before, Vec3 after)
{
    Section *f = &ring->frame;
    f->tangent = vec3_unit(vec3_sub(after, before));
    section_axes(&f->u, &f->v, f->tangent);
}

int tube_build(Tube *out, const Knot *knot, int n_knots, double smooth_mm, double extend_low_mm, double extend_high_mm,
               Error *error)
{
    *out = (Tube){.step_mm = STEP_MM};
    double length = 0, *track = NULL, *weight = NULL, *work = NULL;
    int code = TENO_FAILED;
    for (int i = 0; i + 1 < n_knots; i++) length += vec3_distance(knot[i].centre_lps, knot[i + 1].centre_lps);
    int n = (int)floor((extend_low_mm + length + extend_high_mm) / STEP_MM) + 1;
    if (n_knots < 3 || n < 5) return error_set(error, TENO_FAILED, "tube: %d sections, wanted at least 5", n);
    track = array_alloc((size_t)n * N_TRACKS, sizeof *track, error);
    weight = array_alloc((size_t)n, sizeof *weight, error);
    work = array_alloc((size_t)n * 3, sizeof *work, error);
    out->ring = array_alloc((size_t)n, sizeof *out->ring, error);
    out->radius_mm = array_alloc((size_t)n * SECTION_POINTS, sizeof *out->radius_mm, error);
    out->sd_mm = array_alloc((size_t)n * SECTION_POINTS, sizeof *out->sd_mm, error);
    if (!track || !weight || !work || !out->ring || !out->radius_mm || !out->sd_mm) goto out;
    out->n_rings = n;
    knots_resample(track, weight, knot, n_knots, n, extend_low_mm);
    /* The gain of this smoother falls to a half at wavelength 2π λ^(1/4) steps. */
    double lambda = pow(smooth_mm / (2 * pi * STEP_MM), 4);
    for (int t = 0; t < N_TRACKS; t++) series_smooth(track + t * n, weight, n, t < MINOR ? lambda : 16 * lambda, work);
    for (int i = 0; i < n; i++) {
        Ring *ring = &out->ring[i];
        int a = i > 0 ? i - 1 : 0, b = i + 1 < n ? i + 1 : n - 1;
        ring->frame.centre_lps = vec3(track[X * n + i], track[Y * n + i], track[Z * n + i]);
        ring_frame(ring, vec3(track[X * n + a], track[Y * n + a], track[Z * n + a]),
                   vec3(track[X * n + b], track[Y * n + b], track[Z * n + b]));
        double minor = fmax(track[MINOR * n + i], 1), major = fmax(track[MAJOR * n + i], minor);
        ring->radius_mm = minor / 2;
        ring->half_core_mm = (major - minor) / 2;
        ring->angle_rad = 0.5 * atan2(track[ANGLE_SIN * n + i], track[ANGLE_COS * n + i]);
        if (cos(ring->angle_rad) < 0) ring->angle_rad += pi;
        for (int j = 0; j < SECTION_POINTS; j++) out->radius_mm[i * SECTION_POINTS + j] = ring->radius_mm;
    }
    code = TENO_OK;
out:
    free(track);
    free(weight);
    free(work);
    if (code) tube_free(out);
    return code;
}

void tube_free(Tube *tube)
{
    free(tube->ring);
    free(tube->radius_mm);
    free(tube->sd_mm);
    *tube = (Tube){0};
}

/* A ray in the ring's own axes: it leaves the core at x, at this angle to the major axis. */
static void ray_within(const Ring *ring, int i, double *x, double *angle)
{
    /* Equal steps around the stadium of the expected radius, from the middle of the +major cap. */
    double h = ring->half_core_mm, cap = pi * ring->radius_mm, around = 2 * cap + 4 * h;
    double at = around * i / SECTION_POINTS;
    if (at < cap / 2) {
        *x = h;
        *angle = at / ring->radius_mm;
    } else if (at < cap / 2 + 2 * h) {
        *x = h - (at - cap / 2);
        *angle = pi / 2;
    } else if (at < 1.5 * cap + 2 * h) {
        *x = -h;
        *angle = pi / 2 + (at - cap / 2 - 2 * h) / ring->radius_mm;
    } else if (at < 1.5 * cap + 4 * h) {
        *x = -h + (at - 1.5 * cap - 2 * h);
        *angle = 1.5 * pi;
    } else {
        *x = h;
        *angle = 1.5 * pi + (at - 1.5 * cap - 4 * h) / ring->radius_mm;
    }
}

/* A ray in the plane of the section; c, s: cosine and sine of the ring's angle. */
static Ray ring_ray_turned(const Ring *ring, int i, double c, double s)
{
    double x, angle;
    ray_within(ring, i, &x, &angle);
    return (Ray){x * c, x * s, cos(angle + ring->angle_rad), sin(angle + ring->angle_rad)};
}

Ray ring_ray(const Ring *ring, int i)
{
    return ring_ray_turned(ring, i, cos(ring->angle_rad), sin(ring->angle_rad));
}

void ring_rays(Ray ray[SECTION_POINTS], const Ring *ring)
{
    double c = cos(ring->angle_rad), s = sin(ring->angle_rad);
    for (int i = 0; i < SECTION_POINTS; i++) ray[i] = ring_ray_turned(ring, i, c, s);
}

double ring_expected_mm(const Ring *ring, int i)
{
    double x, angle, b = ring->radius_mm, a = ring->half_core_mm + b;
    ray_within(ring, i, &x, &angle);
    double c = cos(angle) / a, s = sin(angle) / b;
    x /= a; /* (x + r c)² + (r s)² = 1 */
    double square = c * c + s * s, half = x * c;
    return (sqrt(fmax(half * half + square * (1 - x * x), 0)) - half) / square;
}

Vec3 ring_point(const Ring *ring, const Ray *ray, double distance_mm)
{
    const Section *f = &ring->frame;
    return vec3_along(vec3_along(f->centre_lps, f->u, ray->u + distance_mm * ray->du), f->v,
                      ray->v + distance_mm * ray->dv);
}

/* Moves the origin of the section's plane to the polygon's centroid. */
static void section_recentre(Section *s)
{
    double area = 0, cu = 0, cv = 0;
    for (int i = SECTION_POINTS - 1, j = 0; j < SECTION_POINTS; i = j++) {
        double ui = (double)s->boundary_u_mm[i], vi = (double)s->boundary_v_mm[i];
        double uj = (double)s->boundary_u_mm[j], vj = (double)s->boundary_v_mm[j];
        double cross = ui * vj - uj * vi;
        area += cross;
        cu += (ui + uj) * cross;
        cv += (vi + vj) * cross;
    }
    if (area == 0) return;
    cu /= 3 * area;
    cv /= 3 * area;
    for (int i = 0; i < SECTION_POINTS; i++) {
        s->boundary_u_mm[i] -= (float)cu;
        s->boundary_v_mm[i] -= (float)cv;
    }
    s->centre_lps = vec3_along(vec3_along(s->centre_lps, s->u, cu), s->v, cv);
}

int tube_to_shape(TendonShape *out, const Tube *tube, int first, int count, Error *error)
{
    *out = (TendonShape){.n_sections = count, .step_mm = tube->step_mm};
    out->sections = array_alloc((size_t)count, sizeof *out->sections, error);
    if (!out->sections) return TENO_FAILED;
    for (int k = 0; k < count; k++) {
        const Ring *ring = &tube->ring[first + k];
        Section *s = &out->sections[k];
        double sd = 0;
        *s = ring->frame;
        s->s_mm = k * tube->step_mm;
        s->bridged = ring->bridged;
        for (int i = 0; i < SECTION_POINTS; i++) {
            Ray ray = ring_ray(ring, i);
            double r = tube->radius_mm[(first + k) * SECTION_POINTS + i];
            s->boundary_u_mm[i] = (float)(ray.u + r * ray.du);
            s->boundary_v_mm[i] = (float)(ray.v + r * ray.dv);
            sd += tube->sd_mm[(first + k) * SECTION_POINTS + i];
        }
        s->boundary_sd_mm = (float)(sd / SECTION_POINTS);
        section_recentre(s);
    }
    return TENO_OK;
}

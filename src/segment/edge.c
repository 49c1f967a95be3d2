/*
 * Where exactly the edge is: the boundary's own forward model against the data.
 *
 * The current shape is rendered as each channel would see it: the fraction F of every voxel inside, through that
 * channel's pixel, slice thickness and tilt. Along the normal of each boundary point, data and F are sampled in the
 * same way and S = a + b F - b d F' is fitted: a and b are the levels outside and inside, d is how far the edge has to
 * move outwards. Since F is blurred as the data are, neither the threshold nor the thinness of a tendon nor a slice of
 * 3 mm biases d. Each channel speaks with the precision of its own fit; a membrane between neighbours decides where no
 * channel does. A Gauss-Newton step, repeated. What it cannot do: find an edge that is farther away than the window;
 * the optimal surface is there for that.
 */
#include "segment/boundary.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/solve.h"
#include "teno/memory.h"

#define SAMPLE_MM 0.25       /* along the normal */
#define REACH_MM 1.3         /* of the window to either side for a sharp channel */
#define STEP_LIMIT_MM 0.4    /* of one round */
#define MODEL_SD_MM 0.06     /* what a perfect fit may still be off: texture, ringing */
#define NEIGHBOUR_SD_MM 0.12 /* by which neighbouring radii (about 0.4 mm around, 1 mm along) usually differ */
#define RENDER_MM 0.55
#define ALIGN_LIMIT_MM 2.5 /* farther apart, the two channels do not look at the same edge */
enum { MAX_SAMPLES = 49, SWEEPS = 60, MAX_VIEWS = 8 };

/* A channel's view of the current shape. */
typedef struct View {
    const Channel *channel;
    const Scale *scale;
    Rigid map;      /* reference LPS → channel LPS, corrected by what the channel's own edges say */
    Vol fraction;   /* cropped to the shape */
    int i0, j0, k0; /* of the crop in the channel's grid */
} View;

static int clamp_int(double value, int low, int high)
{
    return value < low ? low : value > high ? high : (int)value;
}

static int view_render(View *view, const TendonShape *shape, Error *error)
{
    const Grid *g = &view->channel->vol.grid;
    Vec3 low = {INFINITY, INFINITY, INFINITY}, high = {-INFINITY, -INFINITY, -INFINITY};
    for (int k = 0; k < shape->n_sections; k++)
        for (int i = 0; i < SECTION_POINTS; i += 8) {
            const Section *s = &shape->sections[k];
            Vec3 p = vec3_along(vec3_along(s->centre_lps, s->u, (double)s->boundary_u_mm[i]), s->v,
                                (double)s->boundary_v_mm[i]);
            p = grid_to_vox(g, rigid_apply(&view->map, p));
            low = vec3(fmin(low.x, p.x), fmin(low.y, p.y), fmin(low.z, p.z));
            high = vec3(fmax(high.x, p.x), fmax(high.y, p.y), fmax(high.z, p.z));
        }
    double margin = 3 * REACH_MM;
    view->i0 = clamp_int(low.x - margin / g->dx - 1, 0, g->nx - 1);
    view->j0 = clamp_int(low.y - margin / g->dy - 1, 0, g->ny - 1);
    view->k0 = clamp_int(low.z - margin / g->dz - 1, 0, g->nz - 1);
    int i1 = clamp_int(high.x + margin / g->dx + 2, view->i0 + 1, g->nx);
    int j1 = clamp_int(high.y + margin / g->dy + 2, view->j0 + 1, g->ny);
    int k1 = clamp_int(high.z + margin / g->dz + 2, view->k0 + 1, g->nz);
    Grid crop = grid_crop(g, view->i0, view->j0, view->k0, i1 - view->i0, j1 - view->j0, k1 - view->k0);
    vol_free(&view->fraction);
    return shape_rasterise_at(&view->fraction, shape, &crop, &view->map, RENDER_MM, error);
}

/* Solves the symmetric 3 x 3 system; false when singular. `variance` gets the last diagonal of the inverse. */
static bool solve3(const double m[6], const double y[3], double x[3], double *variance)
{
    /* m: 00 01 02 11 12 22 */
    double c00 = m[3] * m[5] - m[4] * m[4], c01 = m[2] * m[4] - m[1] * m[5], c02 = m[1] * m[4] - m[2] * m[3];
    double det = m[0] * c00 + m[1] * c01 + m[2] * c02;
    if (!(det > 1e-12)) return false;
    double c11 = m[0] * m[5] - m[2] * m[2], c12 = m[1] * m[2] - m[0] * m[4], c22 = m[0] * m[3] - m[1] * m[1];
    x[0] = (c00 * y[0] + c01 * y[1] + c02 * y[2]) / det;
    x[1] = (c01 * y[0] + c11 * y[1] + c12 * y[2]) / det;
    x[2] = (c02 * y[0] + c12 * y[1] + c22 * y[2]) / det;
    *variance = c22 / det;
    return true;
}

/* What a channel says of one boundary point: move outwards by shift_mm, with this variance. */
typedef struct Vote {
    double shift_mm, variance_mm2;
} Vote;

static bool view_vote(Vote *vote, const View *view, Vec3 edge_lps, Vec3 normal, double depth_mm)
{
    const Grid *g = &view->channel->vol.grid;
    Vec3 origin = grid_to_vox(g, rigid_apply(&view->map, edge_lps));
    Vec3 ahead = grid_to_vox(g, rigid_apply(&view->map, vec3_along(edge_lps, normal, SAMPLE_MM)));
    Vec3 step = vec3_sub(ahead, origin), crop = vec3(view->i0, view->j0, view->k0);
    /* Extent of a voxel along the normal: |step| counts voxels per SAMPLE_MM. */
    double blur_mm = SAMPLE_MM *
                     (fabs(step.x) * g->dx * g->dx + fabs(step.y) * g->dy * g->dy + fabs(step.z) * g->dz * g->dz) /
                     (SAMPLE_MM * SAMPLE_MM);
    double reach = REACH_MM + 0.6 * fmax(blur_mm - 0.8, 0);
    double reach_in = fmin(reach, fmax(0.8 * depth_mm, 0.6));
    int n_in = (int)(reach_in / SAMPLE_MM), n_out = (int)(reach / SAMPLE_MM);
    if (n_in + n_out + 3 > MAX_SAMPLES) return false;
    double value[MAX_SAMPLES], fraction[MAX_SAMPLES];
    for (int i = -n_in - 1; i <= n_out + 1; i++) {
        Vec3 p = vec3_along(origin, step, i);
        value[i + n_in + 1] = vol_sample_vox(&view->channel->vol, p, (double)NAN);
        fraction[i + n_in + 1] = vol_sample_vox(&view->fraction, vec3_sub(p, crop), 0);
    }
    double m[6] = {0}, y[3] = {0}, sum_weights = 0, sum_squares = 0;
    for (int i = -n_in; i <= n_out; i++) {
        int at = i + n_in + 1;
        if (isnan(value[at])) return false;
        double s = (value[at] - view->scale->tendon) / view->scale->unit, f = fraction[at];
        double slope = (fraction[at + 1] - fraction[at - 1]) / (2 * SAMPLE_MM);
        double z = i * SAMPLE_MM / reach, w = 1 - 0.75 * z * z;
        m[0] += w;
        m[1] += w * f;
        m[2] += w * slope;
        m[3] += w * f * f;
        m[4] += w * f * slope;
        m[5] += w * slope * slope;
        y[0] += w * s;
        y[1] += w * f * s;
        y[2] += w * slope * s;
        sum_weights += w;
        sum_squares += w * s * s;
    }
    double x[3], inverse;
    if (!solve3(m, y, x, &inverse)) return false;
    double residual = fmax(sum_squares - x[0] * y[0] - x[1] * y[1] - x[2] * y[2], 0);
    /* Samples closer than a voxel are not independent: count voxels, not samples. */
    double per_voxel = fmax(blur_mm / SAMPLE_MM, 1);
    double sigma2 = per_voxel * (residual / fmax(sum_weights - 3, 1) + view->scale->noise * view->scale->noise);
    double contrast2 = x[1] * x[1];
    if (contrast2 < 0.01) return false;
    vote->shift_mm = -x[2] / x[1];
    double misplaced = MODEL_SD_MM + view->channel->alignment_residual_mm / 2;
    vote->variance_mm2 = inverse * sigma2 / contrast2 + misplaced * misplaced + 0.1 * blur_mm * blur_mm * 0.1;
    return isfinite(vote->shift_mm) && isfinite(vote->variance_mm2);
}

/* One boundary point: where it is, which way is out, and what each channel says. */
typedef struct Witness {
    Vec3 edge_lps, normal;
    double slant;         /* cosine between the ray and the normal */
    Vote vote[MAX_VIEWS]; /* variance 0: silent */
} Witness;

static void ring_witnesses(Witness *witness, const Tube *tube, int k, const View *view, int n_views)
{
    const Ring *ring = &tube->ring[k];
    const double *radius = tube->radius_mm + (size_t)k * SECTION_POINTS;
    for (int i = 0; i < SECTION_POINTS; i++) {
        int a = (i + SECTION_POINTS - 2) % SECTION_POINTS, b = (i + 2) % SECTION_POINTS;
        Ray ray = ring_ray(ring, i), before = ring_ray(ring, a), after = ring_ray(ring, b);
        double tu = after.u + radius[b] * after.du - before.u - radius[a] * before.du;
        double tv = after.v + radius[b] * after.dv - before.v - radius[a] * before.dv, length = hypot(tu, tv);
        double nu = length > 0 ? tv / length : ray.du, nv = length > 0 ? -tu / length : ray.dv;
        double slant = nu * ray.du + nv * ray.dv;
        if (slant < 0.5) {
            nu = ray.du;
            nv = ray.dv;
            slant = 1;
        }
        Witness *w = &witness[i];
        w->normal = vec3_add(vec3_scale(ring->frame.u, nu), vec3_scale(ring->frame.v, nv));
        w->edge_lps = ring_point(ring, &ray, radius[i]);
        w->slant = slant;
        for (int c = 0; c < n_views; c++) {
            w->vote[c].variance_mm2 = 0;
            if (!ring->bridged && !view_vote(&w->vote[c], &view[c], w->edge_lps, w->normal, radius[i]))
                w->vote[c].variance_mm2 = 0;
        }
    }
}

/* All channels' votes on a point, weighted by their precision. */
static void witness_decide(const Witness *w, int n_views, double *target, double *weight, double *sd)
{
    double sum = 0, sum_weights = 0, spread = 0;
    for (int c = 0; c < n_views; c++) {
        const Vote *vote = &w->vote[c];
        if (!(vote->variance_mm2 > 0)) continue;
        double shift = fmin(fmax(vote->shift_mm, -STEP_LIMIT_MM), STEP_LIMIT_MM);
        sum += shift / vote->variance_mm2;
        sum_weights += 1 / vote->variance_mm2;
        spread += shift * shift / vote->variance_mm2;
    }
    *weight = sum_weights;
    *sd = 1;
    if (!(sum_weights > 0)) return;
    double mean = sum / sum_weights;
    *target += mean / w->slant;
    *sd = sqrt(1 / sum_weights + fmax(spread / sum_weights - mean * mean, 0));
}

/*
 * The rigid motion of one channel against the reference that explains why its edges lie elsewhere: normal · (t + w × r)
 * = difference of the shifts, least squares, with the accuracy of the alignment before as a prior. The patient moved
 * between series; the tendon's own surface is the best witness of how.
 */
static void view_align(View *view, int c, const Witness *witness, size_t n, Vec3 centre)
{
    double m[36] = {0}, y[6] = {0};
    double prior = hypot(view->channel->alignment_residual_mm, 0.3), arm = 40;
    for (int i = 0; i < 6; i++) m[7 * i] = i < 3 ? 1 / (prior * prior) : arm * arm / (prior * prior);
    for (size_t i = 0; i < n; i++) {
        const Vote *reference = &witness[i].vote[0], *own = &witness[i].vote[c];
        if (!(reference->variance_mm2 > 0 && own->variance_mm2 > 0)) continue;
        double difference = own->shift_mm - reference->shift_mm;
        if (fabs(difference) > ALIGN_LIMIT_MM) continue;
        /* Neighbouring points share their voxels, and the model its errors: about one in 24 is new. */
        double weight = 1 / (24 * (reference->variance_mm2 + own->variance_mm2));
        Vec3 turn = vec3_cross(vec3_sub(witness[i].edge_lps, centre), witness[i].normal);
        const double g[6] = {witness[i].normal.x, witness[i].normal.y, witness[i].normal.z, turn.x, turn.y, turn.z};
        for (int a = 0; a < 6; a++) {
            y[a] += weight * g[a] * difference;
            for (int b = 0; b < 6; b++) m[6 * a + b] += weight * g[a] * g[b];
        }
    }
    if (!solve_spd(m, y, 6)) return;
    Rigid motion = rigid_from(vec3(y[3], y[4], y[5]), vec3(y[0], y[1], y[2]), centre);
    view->map = rigid_compose(&view->map, &motion);
}

/* Minimises Σ weight (r - target)² + Σ over neighbours (difference / NEIGHBOUR_SD)² by Gauss-Seidel sweeps. */
static void membrane(double *r, const double *target, const double *weight, int n_rings)
{
    double stiff = 1 / (NEIGHBOUR_SD_MM * NEIGHBOUR_SD_MM);
    for (int sweep = 0; sweep < SWEEPS; sweep++)
        for (int k = 0; k < n_rings; k++)
            for (int i = 0; i < SECTION_POINTS; i++) {
                int at = k * SECTION_POINTS + i;
                double sum = weight[at] * target[at], total = weight[at];
                sum += stiff * (r[k * SECTION_POINTS + (i + 1) % SECTION_POINTS] +
                                r[k * SECTION_POINTS + (i + SECTION_POINTS - 1) % SECTION_POINTS]);
                total += 2 * stiff;
                if (k > 0) {
                    sum += stiff * r[at - SECTION_POINTS];
                    total += stiff;
                }
                if (k + 1 < n_rings) {
                    sum += stiff * r[at + SECTION_POINTS];
                    total += stiff;
                }
                r[at] = fmax(sum / total, 0);
            }
}

/* All views of a shape, and what every point of its boundary hears from them. */
typedef struct Court {
    View *view; /* [n_views] */
    int n_views;
    Witness *witness; /* [n_rings][SECTION_POINTS] */
} Court;

static int court_open(Court *court, const Tube *tube, const Images *images, Error *error)
{
    size_t points = (size_t)tube->n_rings * SECTION_POINTS;
    int n = images->prepared->n_channels < MAX_VIEWS ? images->prepared->n_channels : MAX_VIEWS;
    *court = (Court){array_alloc((size_t)n, sizeof(View), error), n, array_alloc(points, sizeof(Witness), error)};
    if (!court->view || !court->witness) return TENO_FAILED;
    for (int c = 0; c < n; c++)
        court->view[c] = (View){.channel = &images->prepared->channel[c],
                                .scale = &images->scale[c],
                                .map = images->prepared->channel[c].ref_to_channel};
    return TENO_OK;
}

static int court_hear(Court *court, const Tube *tube, Error *error)
{
    TendonShape shape = {0};
    int code = tube_to_shape(&shape, tube, 0, tube->n_rings, error);
    for (int c = 0; c < court->n_views && !code; c++) code = view_render(&court->view[c], &shape, error);
    shape_free(&shape);
    if (code) return code;
#pragma omp parallel for schedule(dynamic, 4)
    for (int k = 0; k < tube->n_rings; k++)
        ring_witnesses(court->witness + (size_t)k * SECTION_POINTS, tube, k, court->view, court->n_views);
    return TENO_OK;
}

/* Echoes of one series were measured together: nothing moved between them. */
static bool same_series(const Channel *a, const Channel *b)
{
    return a->series && b->series && !strcmp(a->series->series_uid, b->series->series_uid);
}

static void court_align(Court *court, const Tube *tube)
{
    for (int c = 1; c < court->n_views; c++)
        if (!same_series(court->view[c].channel, court->view[0].channel))
            view_align(&court->view[c], c, court->witness, (size_t)tube->n_rings * SECTION_POINTS,
                       tube->ring[tube->n_rings / 2].frame.centre_lps);
}

static void court_close(Court *court)
{
    for (int c = 0; court->view && c < court->n_views; c++) vol_free(&court->view[c].fraction);
    free(court->view);
    free(court->witness);
}

int boundary_align(const Tube *tube, const Images *images, Prepared *prepared, int rounds, Error *error)
{
    Court court = {0};
    int code = prepared->n_channels > 1 ? court_open(&court, tube, images, error) : TENO_OK;
    for (int round = 0; round < rounds && court.n_views > 1 && !code; round++) {
        code = court_hear(&court, tube, error);
        if (!code) court_align(&court, tube);
    }
    for (int c = 1; c < court.n_views && !code; c++) prepared->channel[c].ref_to_channel = court.view[c].map;
    court_close(&court);
    return code;
}

int boundary_refine(Tube *tube, const Images *images, int rounds, Error *error)
{
    size_t points = (size_t)tube->n_rings * SECTION_POINTS;
    double *target = array_alloc(points, sizeof *target, error), *weight = array_alloc(points, sizeof *weight, error);
    Court court = {0};
    int code = target && weight ? court_open(&court, tube, images, error) : TENO_FAILED;
    for (int round = 0; round < rounds && !code; round++) {
        code = court_hear(&court, tube, error);
        if (code) break;
        if (round + 1 < rounds) court_align(&court, tube);
        for (size_t i = 0; i < points; i++) {
            target[i] = tube->radius_mm[i];
            witness_decide(&court.witness[i], court.n_views, &target[i], &weight[i], &tube->sd_mm[i]);
        }
        membrane(tube->radius_mm, target, weight, tube->n_rings);
    }
    court_close(&court);
    free(target);
    free(weight);
    return code;
}

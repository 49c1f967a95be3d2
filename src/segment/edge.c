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
#include "segment/film.h"
#include "segment/film_seek.h"
#include "teno/memory.h"

#define STEP_LIMIT_MM 0.4    /* of one round */
#define NEIGHBOUR_SD_MM 0.12 /* by which neighbouring radii (about 0.4 mm around, 1 mm along) usually differ */
#define CARRIED_SD_MM 0.3    /* of a boundary in a gap that is taken from above and below */
enum { SWEEPS = 60, MAX_VIEWS = 8 };
/* Patches of the boundary that may each lie off by their own (film_seek.c), and every how manieth point speaks. */
enum { PATCH_RINGS = 10, PATCHES_AROUND = 8, PATCH_POINTS = SECTION_POINTS / PATCHES_AROUND, PATCH_STRIDE = 4 };

/* One boundary point: where it is, which way is out, and what each channel says. */
typedef struct Witness {
    Vec3 edge_lps, normal;
    double slant; /* cosine between the ray and the normal */
    EdgeVote vote[MAX_VIEWS];
} Witness;

static void ring_witnesses(Witness *witness, const Tube *tube, int k, const EdgeView *view, int n_views, double film_mm)
{
    const Ring *ring = &tube->ring[k];
    const double *radius = tube->radius_mm + (size_t)k * SECTION_POINTS;
    Ray rays[SECTION_POINTS];
    ring_rays(rays, ring);
    for (int i = 0; i < SECTION_POINTS; i++) {
        int a = (i + SECTION_POINTS - 2) % SECTION_POINTS, b = (i + 2) % SECTION_POINTS;
        Ray ray = rays[i], before = rays[a], after = rays[b];
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
            if (!ring->bridged && !edge_view_vote(&w->vote[c], &view[c], w->edge_lps, w->normal, radius[i], film_mm))
                w->vote[c].variance_mm2 = 0;
        }
    }
}

/* All channels' votes on a point, weighted by their precision. */
static void witness_decide(const Witness *w, int n_views, double *target, double *weight, double *sd)
{
    double sum = 0, sum_weights = 0, spread = 0;
    for (int c = 0; c < n_views; c++) {
        const EdgeVote *vote = &w->vote[c];
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
static void view_align(EdgeView *view, int c, const Witness *witness, size_t n, Vec3 centre)
{
    double m[36] = {0}, y[6] = {0};
    double prior = hypot(view->channel->alignment_residual_mm, 0.3), arm = 40;
    for (int i = 0; i < 6; i++) m[7 * i] = i < 3 ? 1 / (prior * prior) : arm * arm / (prior * prior);
    for (size_t i = 0; i < n; i++) {
        const EdgeVote *reference = &witness[i].vote[0], *own = &witness[i].vote[c];
        if (!(reference->variance_mm2 > 0 && own->variance_mm2 > 0)) continue;
        double difference = own->shift_mm - reference->shift_mm;
        if (fabs(difference) > EDGE_LIMIT_MM) continue;
        double weight = 1 / (EDGE_SHARED * (reference->variance_mm2 + own->variance_mm2));
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

/* Sum of the four neighbours of a point in the unrolled surface, and how many there are. */
static double neighbours_sum(const double *x, int k, int i, int n_rings, int *n)
{
    const double *row = x + (size_t)k * SECTION_POINTS;
    double sum = row[(i + 1) % SECTION_POINTS] + row[(i + SECTION_POINTS - 1) % SECTION_POINTS];
    *n = 2;
    for (int side = -1; side <= 1; side += 2) {
        if (k + side < 0 || k + side >= n_rings) continue;
        sum += row[i + side * SECTION_POINTS];
        (*n)++;
    }
    return sum;
}

/*
 * Minimises Σ weight (x - target)² + Σ over neighbours (difference / NEIGHBOUR_SD)² by Gauss-Seidel sweeps. x is the
 * distance beyond the ellipse that each ring expects, not the radius: where no channel sees an edge, the section keeps
 * its shape instead of shrinking from its sharp tips.
 */
static void membrane(double *x, const double *target, const double *weight, int n_rings)
{
    double stiff = 1 / (NEIGHBOUR_SD_MM * NEIGHBOUR_SD_MM);
    for (int sweep = 0; sweep < SWEEPS; sweep++)
        for (int k = 0; k < n_rings; k++)
            for (int i = 0; i < SECTION_POINTS; i++) {
                int n, at = k * SECTION_POINTS + i;
                double sum = neighbours_sum(x, k, i, n_rings, &n);
                x[at] = (weight[at] * target[at] + stiff * sum) / (weight[at] + n * stiff);
            }
}

/* All views of a shape, and what every point of its boundary hears from them. */
typedef struct Court {
    EdgeView *view; /* [n_views] */
    int n_views;
    double film_mm;   /* thickness of the paratenon, one for the whole tendon */
    Witness *witness; /* [n_rings][SECTION_POINTS] */
} Court;

static int court_open(Court *court, const Tube *tube, const Images *images, Error *error)
{
    size_t points = (size_t)tube->n_rings * SECTION_POINTS;
    int n = images->prepared->n_channels < MAX_VIEWS ? images->prepared->n_channels : MAX_VIEWS;
    *court = (Court){array_alloc((size_t)n, sizeof(EdgeView), error), n, FILM_USUAL_MM,
                     array_alloc(points, sizeof(Witness), error)};
    if (!court->view || !court->witness) return TENO_FAILED;
    for (int c = 0; c < n; c++)
        court->view[c] = (EdgeView){.channel = &images->prepared->channel[c],
                                    .scale = &images->scale[c],
                                    .film = images->scale[c].film,
                                    .map = images->prepared->channel[c].ref_to_channel};
    return TENO_OK;
}

static int court_hear(Court *court, const Tube *tube, Error *error)
{
    TendonShape shape = {0};
    int code = tube_to_shape(&shape, tube, 0, tube->n_rings, error);
    for (int c = 0; c < court->n_views && !code; c++) code = edge_view_render(&court->view[c], &shape, error);
    shape_free(&shape);
    if (code) return code;
#pragma omp parallel for schedule(dynamic, 4)
    for (int k = 0; k < tube->n_rings; k++)
        ring_witnesses(court->witness + (size_t)k * SECTION_POINTS, tube, k, court->view, court->n_views,
                       court->film_mm);
    return TENO_OK;
}

static int patch_of(int ring, int point)
{
    return ring / PATCH_RINGS * PATCHES_AROUND + point / PATCH_POINTS;
}

/* What the views say of one patch, [n_views]. */
static void patch_hear(FilmMisfit *misfit, const Court *court, const Tube *tube, int patch)
{
    int first = patch / PATCHES_AROUND * PATCH_RINGS, point = patch % PATCHES_AROUND * PATCH_POINTS;
    for (int k = first; k < first + PATCH_RINGS && k < tube->n_rings; k++) {
        if (tube->ring[k].drowned || tube->ring[k].bridged) continue;
        for (int j = k % PATCH_STRIDE; j < PATCH_POINTS; j += PATCH_STRIDE) {
            int i = k * SECTION_POINTS + point + j;
            const Witness *w = &court->witness[i];
            for (int c = 0; c < court->n_views; c++)
                film_seek_hear(&misfit[c], &court->view[c], w->edge_lps, w->normal, tube->radius_mm[i]);
        }
    }
}

/* The film, and the place of the boundary, to start from; every point has been heard. */
static int court_seek(Court *court, Tube *tube, Error *error)
{
    int n = patch_of(tube->n_rings - 1, SECTION_POINTS - 1) + 1, code = TENO_FAILED;
    FilmMisfit *misfit = array_alloc((size_t)n * (size_t)court->n_views, sizeof *misfit, error);
    FilmGuess guess = {.shift_mm = array_alloc((size_t)n, sizeof *guess.shift_mm, error)};
    if (!misfit || !guess.shift_mm) goto out;
#pragma omp parallel for schedule(dynamic, 1)
    for (int p = 0; p < n; p++) patch_hear(misfit + p * court->n_views, court, tube, p);
    code = film_seek_best(&guess, court->view, court->n_views, misfit, n, error);
    if (code) goto out;
    court->film_mm = guess.film_mm;
    for (int i = 0; i < tube->n_rings * SECTION_POINTS; i++) {
        int k = i / SECTION_POINTS, p = patch_of(k, i % SECTION_POINTS);
        if (tube->ring[k].drowned || tube->ring[k].bridged) continue;
        tube->radius_mm[i] = fmax(tube->radius_mm[i] + guess.shift_mm[p] / court->witness[i].slant, 0);
    }
out:
    free(misfit);
    free(guess.shift_mm);
    return code;
}

/* Hears every point; at first after the film was sought. */
static int court_sit(Court *court, Tube *tube, bool first, Error *error)
{
    int code = court_hear(court, tube, error);
    if (!first || code) return code;
    code = court_seek(court, tube, error);
    return code ? code : court_hear(court, tube, error);
}

static FilmEvidence court_film(Court *court, const Tube *tube)
{
    FilmEvidence evidence = {0};
    for (int i = 0; i < tube->n_rings * SECTION_POINTS; i++)
        if (!tube->ring[i / SECTION_POINTS].drowned) film_hear(&evidence, court->witness[i].vote, court->n_views);
    court->film_mm = film_decide(&evidence, court->film_mm);
    return evidence;
}

/* Mean over a ring by how much a film 1 mm thicker moves its points inwards; NaN where no channel sees an edge. */
static double ring_pull(const Witness *witness, int n_views)
{
    double sum = 0;
    int n = 0;
    for (int i = 0; i < SECTION_POINTS; i++) {
        double pull = 0, weights = 0;
        for (int c = 0; c < n_views; c++) {
            const EdgeVote *vote = &witness[i].vote[c];
            if (!(vote->variance_mm2 > 0)) continue;
            pull += vote->film_pull / vote->variance_mm2;
            weights += 1 / vote->variance_mm2;
        }
        if (!(weights > 0)) continue;
        sum += pull / weights;
        n++;
    }
    return n > 0 ? sum / n : (double)NAN;
}

/* What the doubt about the film does to the boundary: all rings together, each by its own surroundings. A ring whose
 * place is carried over from others has their mean. */
static void film_doubt(Tube *tube, const Court *court, const FilmEvidence *evidence, double voxel_mm)
{
    double sum = 0;
    int n = 0;
    tube->film_mm = court->film_mm;
    tube->film_sd_mm = film_sd_mm(evidence, court->film_mm, voxel_mm);
    for (int pass = 0; pass < 2; pass++)
        for (int k = 0; k < tube->n_rings; k++) {
            bool carried = tube->ring[k].drowned || tube->ring[k].bridged;
            double pull = carried ? (double)NAN : ring_pull(court->witness + k * SECTION_POINTS, court->n_views);
            if (pass == 0 && isfinite(pull)) sum += pull, n++;
            if (pass == 0) continue;
            if (!isfinite(pull)) pull = n > 0 ? sum / n : 0;
            tube->ring[k].frame.film_mm = (float)(pull * tube->film_sd_mm);
        }
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

int boundary_align(Tube *tube, const Images *images, Prepared *prepared, int rounds, Error *error)
{
    Court court = {0};
    int code = prepared->n_channels > 1 ? court_open(&court, tube, images, error) : TENO_OK;
    for (int round = 0; round < rounds && court.n_views > 1 && !code; round++) {
        code = court_sit(&court, tube, round == 0, error);
        if (code) break;
        court_film(&court, tube);
        court_align(&court, tube);
    }
    for (int c = 1; c < court.n_views && !code; c++) prepared->channel[c].ref_to_channel = court.view[c].map;
    court_close(&court);
    return code;
}

int boundary_refine(Tube *tube, const Images *images, int rounds, Error *error)
{
    size_t points = (size_t)tube->n_rings * SECTION_POINTS;
    double *beyond = array_alloc(points, sizeof *beyond, error), *target = array_alloc(points, sizeof *target, error);
    double *weight = array_alloc(points, sizeof *weight, error);
    Court court = {0};
    int code = beyond && target && weight ? court_open(&court, tube, images, error) : TENO_FAILED;
    for (int round = 0; round < rounds && !code; round++) {
        code = court_sit(&court, tube, round == 0, error);
        if (code) break;
        FilmEvidence evidence = court_film(&court, tube);
        if (round + 1 < rounds)
            court_align(&court, tube);
        else
            film_doubt(tube, &court, &evidence, prepared_voxel_mm(images->prepared));
        for (size_t i = 0; i < points; i++) {
            double expected = ring_expected_mm(&tube->ring[i / SECTION_POINTS], (int)(i % SECTION_POINTS));
            beyond[i] = target[i] = tube->radius_mm[i] - expected;
            witness_decide(&court.witness[i], court.n_views, &target[i], &weight[i], &tube->sd_mm[i]);
            if (!tube->ring[i / SECTION_POINTS].drowned) continue;
            target[i] = beyond[i];
            weight[i] = 1 / (CARRIED_SD_MM * CARRIED_SD_MM);
            tube->sd_mm[i] = CARRIED_SD_MM;
        }
        membrane(beyond, target, weight, tube->n_rings);
        for (size_t i = 0; i < points; i++)
            tube->radius_mm[i] =
                fmax(beyond[i] + ring_expected_mm(&tube->ring[i / SECTION_POINTS], (int)(i % SECTION_POINTS)), 0);
    }
    court_close(&court);
    free(beyond);
    free(target);
    free(weight);
    return code;
}

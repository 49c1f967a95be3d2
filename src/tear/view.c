/*
 * One series as the tendon's inside: normalised, and freed of what blurs in from outside.
 *
 * A pixel near the boundary is a mixture: share b of the blurred envelope from inside, 1 - b from outside. The boundary
 * and the point spread are known, and the outside's signal is seen just beyond, so the inside follows:
 * I = (S - (1 - b) O) / b. This is the correction of Müller-Gärtner et al. (J Cereb Blood Flow Metab 1992;12:571-583)
 * from emission tomography, used here so that fluid in the bursa or the paratenon does not become a tear, and a
 * tear that reaches the surface does not lose its rim. Exact for a flat boundary and a slowly varying outside.
 * What it cannot do: an outside film thinner than the blur whose level is nowhere seen; such rims are left to
 * the depth rule of regions.c.
 */
#include <math.h>
#include <stdlib.h>

#include "channels.h"
#include "teno/memory.h"

/* Where less than the first share of a pixel's signal comes from inside, unmixing would amplify noise and model errors
 * more than threefold. Full trust from the second on, one SD of the blur below the boundary: nearer to it the errors of
 * boundary and alignment, a few tenths of a millimetre, show through. */
static const double LEAST_INSIDE = 0.35, MOSTLY_INSIDE = 0.85;
/* Pixels with at most this share from inside speak for the outside. */
static const double MOSTLY_OUTSIDE = 0.15;
/* How far the outside level is carried to the boundary, mm: about the thickness of the paratenon and its fluid; the
 * wider one serves where the narrow one finds nothing. */
static const double OUTSIDE_REACH_MM = 0.8, OUTSIDE_FAR_MM = 3;
/* Share of core pixels that must be dark before their level counts as that of normal tendon. */
static const double LEAST_DARK_SHARE = 0.03;
/* A sample interpolated at a random place between voxels has (2/3)³ of a voxel's noise variance. */
static const double INTERPOLATED_VARIANCE = 8.0 / 27.0;

/* SD of the logarithm of fluid's expected level (echo trains, muscle's T2 of 27-45 ms, clinical.md §5.3), and of the
 * level that fluid elsewhere in the image gives. */
static const double PLATEAU_EXPECTED_SPREAD = 0.3, PLATEAU_SEEN_SPREAD = 0.2;

void view_free(View *view)
{
    free(view->signal);
    free(view->inside);
    free(view->trust);
    free(view->clipped);
    free(view->cut);
    free(view->sampling.between);
    notes_free(&view->model.notes);
    *view = (View){0};
}

static int compare_floats(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* Half-sample mode of sorted values (Bickel and Frühwirth, Comput Stat Data Anal 2006;50:3500-3530): the densest half,
 * and its densest half, and so on. */
static size_t mode_index(const float *value, size_t n)
{
    size_t first = 0;
    while (n > 2) {
        size_t half = (n + 1) / 2, best = first;
        for (size_t i = first; i + half <= first + n; i++)
            if (value[i + half - 1] - value[i] < value[best + half - 1] - value[best]) best = i;
        first = best;
        n = half;
    }
    return first;
}

/*
 * Level of normal tendon among the core's values (sorted in place) below `limit`: the mean of what lies about the mode,
 * so that raised tissue does not pull it up; `fallback` when nothing is dark. `sd`: noise of a value.
 */
static double dark_level(float *value, size_t n, double limit, double sd, double fallback)
{
    qsort(value, n, sizeof *value, compare_floats);
    size_t below = 0;
    while (below < n && (double)value[below] < limit) below++;
    if ((double)below < LEAST_DARK_SHARE * (double)n || below < 20) return fallback;
    size_t at = mode_index(value, below), middle = at / 2;
    double mode = (double)value[at], spread = fmax(1.4826 * (mode - (double)value[middle]), sd), sum = 0;
    size_t counted = 0;
    for (size_t i = 0; i < below && (double)value[i] <= mode + 2 * spread; i++, counted++) sum += (double)value[i];
    return sum / (double)counted;
}

/* Sets dark and scale, and turns the samples into normalised signal. */
static int normalise(View *view, const float *blurred, const Lattice *l, Error *error)
{
    size_t n = lattice_count(l), core = 0;
    float *value = array_alloc(n, sizeof *value, error);
    if (!value) return TENO_FAILED;
    for (size_t i = 0; i < n; i++)
        if ((double)blurred[i] > 0.98 && isfinite(view->signal[i])) value[core++] = view->signal[i];
    double muscle = view->model.muscle_scale;
    /* Noise alone leaves 0.46 SD after the floor's correction: integral of sqrt(x) e^-x over the survivors. */
    double fallback = 0.46 * view->channel->noise_sd;
    view->dark =
        dark_level(value, core, view->model.raised_threshold * muscle, 0.6 * view->channel->noise_sd, fallback);
    view->scale = muscle - view->dark;
    free(value);
    for (size_t i = 0; i < n; i++) view->signal[i] = (float)(((double)view->signal[i] - view->dark) / view->scale);
    return TENO_OK;
}

/* Level of the outside carried to every pixel: normalised convolution of the pixels that see little of the inside. */
static int outside_level(float *out, const View *view, const float *blurred, const Lattice *l, double reach_mm,
                         Error *error)
{
    size_t n = lattice_count(l);
    float *weight = array_alloc(n, sizeof *weight, error), *sum = array_alloc(n, sizeof *sum, error);
    int code = weight && sum ? TENO_OK : TENO_FAILED;
    if (!code) {
        for (size_t i = 0; i < n; i++) {
            bool seen = isfinite(view->signal[i]);
            weight[i] = seen ? fmaxf(0, 1 - blurred[i] / (float)MOSTLY_OUTSIDE) : 0;
            sum[i] = seen ? weight[i] * view->signal[i] : 0;
        }
        const double sigma[3] = {fmax(reach_mm, 0.7 * view->psf_mm[0]), fmax(reach_mm, 0.7 * view->psf_mm[1]), 0};
        code = lattice_blur(sum, sum, l, sigma, error);
        if (!code) code = lattice_blur(weight, weight, l, sigma, error);
    }
    if (!code)
        for (size_t i = 0; i < n; i++) out[i] = weight[i] > 1e-4f ? sum[i] / weight[i] : NAN;
    free(weight);
    free(sum);
    return code;
}

static int unmix_outside(View *view, const float *envelope, const float *blurred, const Lattice *l, Error *error)
{
    size_t n = lattice_count(l);
    float *near = array_alloc(n, sizeof *near, error), *far = array_alloc(n, sizeof *far, error);
    int code = near && far ? outside_level(near, view, blurred, l, OUTSIDE_REACH_MM, error) : TENO_FAILED;
    if (!code) code = outside_level(far, view, blurred, l, OUTSIDE_FAR_MM, error);
    if (!code)
        for (size_t i = 0; i < n; i++) {
            view->inside[i] = view->trust[i] = 0;
            if (envelope[i] <= 0 || !isfinite(view->signal[i])) continue;
            double b = (double)blurred[i], outside = (double)(isfinite(near[i]) ? near[i] : far[i]);
            if (!isfinite(outside)) outside = 0, b = 1;
            if (b <= LEAST_INSIDE) continue;
            view->inside[i] = (float)(((double)view->signal[i] - (1 - b) * outside) / b);
            view->trust[i] = (float)fmin((b - LEAST_INSIDE) / (MOSTLY_INSIDE - LEAST_INSIDE), 1);
        }
    free(near);
    free(far);
    return code;
}

/*
 * What a tear's content may look like before the tear itself tells. It is fluid, blood, or something between: the
 * middle of both levels, with half their distance in the spread. The level of fluid that the image shows elsewhere
 * (joint, bursa) joins the expected one by precision, and the class boundary follows. A reference more than twice off
 * is something else (a vessel, fat) and is left out.
 */
static void plateau_start(View *view)
{
    double level = log(view->model.fluid), variance = PLATEAU_EXPECTED_SPREAD * PLATEAU_EXPECTED_SPREAD;
    double seen = (view->channel->references.fluid - view->dark) / view->scale;
    if (seen > view->model.fluid / 2 && seen < view->model.fluid * 2 && seen > view->model.tendinosis) {
        double expected = 1 / variance, found = 1 / (PLATEAU_SEEN_SPREAD * PLATEAU_SEEN_SPREAD);
        level = (expected * level + found * log(seen)) / (expected + found);
        variance = 1 / (expected + found);
        view->model.fluid_threshold = fmin(view->model.fluid_threshold, sqrt(view->model.tendinosis * exp(level)));
    }
    double half_way = log(view->model.blood / view->model.fluid) / 2;
    view->plateau = exp(level + half_way);
    view->plateau_spread = sqrt(variance + half_way * half_way);
}

/* Moves the series to where its own edge lies, and samples it again. */
static int view_nudge(View *view, const Lattice *l, const TendonShape *shape, Error *error)
{
    double shift_mm[2];
    if (!(view->model.muscle_scale > 0) || !nudge_find(shift_mm, view->signal, l, shape, view->model.muscle_scale))
        return TENO_OK;
    const Section *middle = &shape->sections[l->first + l->ns / 2];
    Vec3 move = vec3_along(vec3_scale(middle->u, shift_mm[0]), middle->v, shift_mm[1]);
    Rigid *to = &view->aligned.ref_to_channel;
    to->t = vec3_add(to->t, rigid_rotate(to, move));
    notes_add(&view->model.notes, "moved by %.1f mm across the tendon, to where its own edge lies",
              hypot(shift_mm[0], shift_mm[1]));
    return channel_straighten(view->signal, view->channel, l, shape, error);
}

int view_build(View *out, const Channel *channel, bool outlined, const Lattice *l, const TendonShape *shape,
               const float *envelope, Error *error)
{
    size_t n = lattice_count(l);
    *out = (View){.aligned = *channel};
    out->channel = channel = &out->aligned;
    signal_model(&out->model, &channel->series->acquisition, channel->series->contrast, &channel->references);
    scale_reconcile(&out->model, channel);
    out->signal = array_alloc(n, sizeof *out->signal, error);
    out->inside = array_alloc(n, sizeof *out->inside, error);
    out->trust = array_alloc(n, sizeof *out->trust, error);
    out->clipped = array_alloc(n, 1, error);
    out->cut = array_alloc(n, sizeof *out->cut, error);
    float *blurred = array_alloc(n, sizeof *blurred, error);
    int code = out->signal && out->inside && out->trust && out->clipped && out->cut && blurred ? TENO_OK : TENO_FAILED;
    if (!code) code = channel_straighten(out->signal, channel, l, shape, error);
    if (!code && !outlined) code = view_nudge(out, l, shape, error);
    if (!code) code = channel_sampling(&out->sampling, out->psf_mm, channel, l, shape, error);
    if (!code) code = sampling_apply(blurred, envelope, l, &out->sampling, error);
    if (!code) code = normalise(out, blurred, l, error);
    if (!code) code = unmix_outside(out, envelope, blurred, l, error);
    if (!code) out->clipped_share = clipped_mark(out->clipped, out->cut, channel, l, shape, envelope);
    free(blurred);
    const Grid *g = &channel->vol.grid;
    out->pixel_noise = sqrt(INTERPOLATED_VARIANCE) * channel->noise_sd / out->scale;
    out->correlation_mm3 = g->dx * g->dy * g->dz / INTERPOLATED_VARIANCE;
    plateau_start(out);
    return code;
}

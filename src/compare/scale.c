/*
 * One signal scale on both dates.
 *
 * Normalised signal is measured against muscle. Each study finds its own muscle, wherever it is in view, and between
 * visits that reference moves by tens of percent: other places of the coil's field, fascia and fat among the fibres.
 * Two things that both dates show bring it together.
 *
 * Muscle is read again at the same places near the tendon: points of the common sections, so many millimetres from the
 * centreline, that are muscle by the anatomy series of both dates with all their neighbours. What is not muscle on both
 * dates (a bent ankle moves the bellies against the tendon a little) has no say.
 *
 * Then the tissue around the tendon, mostly fat, should look the same on both dates when the sequence is the same. By
 * how much it does not is the disagreement of the two scales, where it matters. Coil field, fat suppression or the
 * muscle may be at fault, so each date's scale is moved half-way, unless on both dates several series agree on the
 * muscle: then the fat is rather at fault, and only the doubt remains. Suppressed fat is believed less than bright fat.
 * Two equally doubtful scales are then off alike, by half of what they disagreed in: an error that both dates share.
 * Beside it each date's scale repeats to 8.9 %; but what the day's coil and shim do to the tendon they do to the tissue
 * around it. Where the muscle is agreed on and the surroundings look as alike as it lets expect, the scale repeats
 * better in this pair: one look of each series, beside the published SD, which counts as one. Surroundings that look
 * more different than the published SD say nothing, as they may differ themselves. Both errors join that of every
 * quantity that hangs on the scale (change.c).
 *
 * What it cannot do: where the sequences differ there is nothing to hold against each other, and a larger error is
 * assumed; changes of the surroundings themselves (oedema everywhere) are taken for a change of scale.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compare/parts.h"
#include "teno/memory.h"

static const double reach_mm = 27, pitch_mm = 2.5; /* across: the soleus and the flexor hallucis, not the tibia */
static const double neighbour_mm = 2;              /* further than the blur of a boundary */
static const double least_muscle = 0.7, most_muscle = 1.3; /* of the anatomy series' muscle; fat is at 1.8 and more */
static const double most_correction = 2.5;                 /* beyond that the two references are not the same tissue */
enum { MIN_POINTS = 60, SECTION_STEP = 2, RING_ANGLES = 24, RING_DEPTHS = 3 };
static const double ring_mm[RING_DEPTHS] = {3, 5, 7}; /* outside the boundary: beyond paratenon and blur */

/* What a disagreement about the surroundings may come from (SD of logarithms, each date's): the muscle reference, where
 * several series agree on it and where they do not, and the surroundings themselves: fat's own signal repeats, what
 * suppression leaves of it hangs on the day's shim (all judged, but that muscle which agrees repeats as the scale
 * does). */
static const double muscle_alone_sd = 0.5, fat_sd = 0.1, residue_sd = 0.4;

/* SD of the logarithm of the scale: CV of the tendon's signal between repeated scans (Shalabi et al. 2005), and the
 * spread of tissue levels about what a sequence lets expect (tear/classes.c), which counts between different ones. */
static const double repeated_sd = 0.089, expected_sd = 0.12;
/* A scale further off than this takes tendinosis for fluid or fluid for tendinosis throughout (their levels lie a
 * factor of two apart): more doubt says no more. */
static const double most_doubt = 0.35;

static const Channel *anatomy_channel(const Prepared *prepared)
{
    for (int i = 0; i < prepared->n_channels; i++) {
        const Series *series = prepared->channel[i].series;
        if (series->role == ROLE_ANATOMY && !series->acquisition.fat_suppressed) return &prepared->channel[i];
    }
    return NULL;
}

static double channel_at(const Channel *channel, Vec3 p_lps)
{
    return vol_sample(&channel->vol, rigid_apply(&channel->ref_to_channel, p_lps), NAN);
}

static bool looks_like_muscle(const Channel *anatomy, Vec3 p_lps)
{
    const TissueReferences *r = &anatomy->references;
    double dark = isfinite(r->tendon) ? r->tendon : 0, value = (channel_at(anatomy, p_lps) - dark) / (r->muscle - dark);
    return value >= least_muscle && value <= most_muscle; /* false for NaN */
}

/* The point and its four neighbours in the section's plane. */
static bool is_muscle(const Channel *anatomy, const TendonShape *shape, int k, double u_mm, double v_mm)
{
    static const int step[5][2] = {{0, 0}, {1, 0}, {-1, 0}, {0, 1}, {0, -1}};
    for (int i = 0; i < 5; i++)
        if (!looks_like_muscle(
                anatomy, shape_to_lps(shape, k, u_mm + step[i][0] * neighbour_mm, v_mm + step[i][1] * neighbour_mm)))
            return false;
    return true;
}

static double largest_radius(const Section *section)
{
    double most = 0;
    for (int i = 0; i < SECTION_POINTS; i++)
        most = fmax(most, hypot((double)section->boundary_u_mm[i], (double)section->boundary_v_mm[i]));
    return most;
}

/* A place that is muscle on both dates. */
typedef struct Place {
    int k;
    double u_mm, v_mm;
} Place;

static int places_find(Place **out, int *n, const TendonChange *change, const Channel *anatomy[2], Error *error)
{
    int across = 2 * (int)(reach_mm / pitch_mm) + 1, sections = change->pre_shape.n_sections;
    *n = 0;
    *out = array_alloc((size_t)across * (size_t)across * (size_t)sections, sizeof **out, error);
    if (!*out) return TENO_FAILED;
    for (int k = 0; k < sections; k += SECTION_STEP) {
        double nearest = largest_radius(&change->pre_shape.sections[k]) + 2 * neighbour_mm;
        for (int j = 0; j < across; j++)
            for (int i = 0; i < across; i++) {
                Place p = {k, (i - across / 2) * pitch_mm, (j - across / 2) * pitch_mm};
                double r = hypot(p.u_mm, p.v_mm);
                if (r < nearest || r > reach_mm) continue;
                if (is_muscle(anatomy[0], &change->pre_shape, k, p.u_mm, p.v_mm) &&
                    is_muscle(anatomy[1], &change->post_shape, k, p.u_mm, p.v_mm))
                    (*out)[(*n)++] = p;
            }
    }
    return TENO_OK;
}

static int by_size(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* Median signal of a channel at the places; NaN where too few are in its field of view. */
static double level_at(const Channel *channel, const TendonShape *shape, const Place *place, int n, double *work)
{
    int found = 0;
    for (int i = 0; i < n; i++) {
        double value = channel_at(channel, shape_to_lps(shape, place[i].k, place[i].u_mm, place[i].v_mm));
        if (isfinite(value)) work[found++] = value;
    }
    if (found < MIN_POINTS) return NAN;
    qsort(work, (size_t)found, sizeof *work, by_size);
    return work[found / 2];
}

/* New muscle references of one date's fluid-sensitive channels, NaN where the old one stays. */
static void levels_find(double *muscle, const Prepared *prepared, const TendonShape *shape, const Place *place, int n,
                        double *work)
{
    for (int i = 0; i < prepared->n_channels; i++) {
        const Channel *channel = &prepared->channel[i];
        double own = channel->references.muscle;
        muscle[i] = channel->series->role == ROLE_FLUID ? level_at(channel, shape, place, n, work) : (double)NAN;
        bool plausible = muscle[i] > 2 * channel->noise_sd &&
                         (!(own > 0) || (muscle[i] < most_correction * own && own < most_correction * muscle[i]));
        if (!plausible) muscle[i] = NAN;
    }
}

/* Median of the logarithm of after over before at places around the tendon; NaN where too few are seen. */
static double ring_ratio(const TendonChange *change, const Channel *before, const Channel *after, double *work)
{
    int n = 0;
    for (int k = 0; k < change->pre_shape.n_sections; k += SECTION_STEP)
        for (int a = 0; a < RING_ANGLES; a++) {
            double c = cos(a * 2 * 3.14159265 / RING_ANGLES), s = sin(a * 2 * 3.14159265 / RING_ANGLES);
            double edge[2] = {section_ray_mm(&change->pre_shape.sections[k], c, s),
                              section_ray_mm(&change->post_shape.sections[k], c, s)};
            for (int d = 0; d < RING_DEPTHS; d++) {
                double r[2] = {edge[0] + ring_mm[d], edge[1] + ring_mm[d]};
                double x = channel_at(before, shape_to_lps(&change->pre_shape, k, r[0] * c, r[0] * s));
                double y = channel_at(after, shape_to_lps(&change->post_shape, k, r[1] * c, r[1] * s));
                if (x > 2 * before->noise_sd && y > 2 * after->noise_sd) work[n++] = log(y / x);
            }
        }
    if (n < MIN_POINTS) return NAN;
    qsort(work, (size_t)n, sizeof *work, by_size);
    return work[n / 2];
}

/* The other date's series to hold against a fluid-sensitive one: the first that is alike. */
static int alike_channel(const Channel *channel, const Prepared *other)
{
    for (int i = 0; i < other->n_channels; i++)
        if (other->channel[i].series->role == ROLE_FLUID && series_alike(channel->series, other->channel[i].series))
            return i;
    return -1;
}

static double muscle_of(const TendonChange *change, const Prepared *prepared, int date, int channel)
{
    double common = change->muscle[date][channel];
    return common > 0 ? common : prepared->channel[channel].references.muscle;
}

/* Moves both dates' scales half-way to each other; scale_sd becomes what remains in doubt. */
static int scales_reconcile(TendonChange *change, const Prepared *prepared[2], Error *error)
{
    size_t most = (size_t)change->pre_shape.n_sections * RING_ANGLES * RING_DEPTHS;
    double *work = array_alloc(most, sizeof *work, error), apart = NAN, square = 2 * repeated_sd * repeated_sd;
    int looks = 1;
    if (!work) return TENO_FAILED;
    for (int i = 0; i < prepared[0]->n_channels; i++) {
        const Channel *before = &prepared[0]->channel[i];
        int j = before->series->role == ROLE_FLUID ? alike_channel(before, prepared[1]) : -1;
        if (j < 0) continue;
        double muscle[2] = {muscle_of(change, prepared[0], 0, i), muscle_of(change, prepared[1], 1, j)};
        double ratio = ring_ratio(change, before, &prepared[1]->channel[j], work) - log(muscle[1] / muscle[0]);
        if (!isfinite(ratio)) continue;
        bool agreed = before->references.muscle_agreed && prepared[1]->channel[j].references.muscle_agreed;
        if (agreed) square += fmin(ratio * ratio, 2 * repeated_sd * repeated_sd);
        looks += agreed; /* scales that are moved are no look at how they repeat */
        bool suppressed = before->series->acquisition.fat_suppressed || before->series->contrast == CONTRAST_STIR;
        double scale = agreed ? repeated_sd : muscle_alone_sd, around = suppressed ? residue_sd : fat_sd;
        ratio *= scale * scale / (scale * scale + around * around);
        change->muscle[0][i] = muscle[0] * (agreed ? 1 : exp(-ratio / 2));
        change->muscle[1][j] = muscle[1] * (agreed ? 1 : exp(ratio / 2));
        apart = isfinite(apart) ? fmax(apart, fabs(ratio)) : fabs(ratio);
    }
    double own_sd = sqrt(square / looks / 2); /* of each date's, when they are equally good */
    change->scale_common_sd = isfinite(apart) ? fmin(apart / 2, most_doubt) : 0;
    change->scale_sd = fmin(hypot(own_sd, isfinite(apart) ? change->scale_common_sd : expected_sd), most_doubt);
    free(work);
    return TENO_OK;
}

/* Muscle at common places, on channels that show it. */
static int muscle_match(TendonChange *change, const Prepared *prepared[2], Error *error)
{
    const Channel *anatomy[2] = {anatomy_channel(prepared[0]), anatomy_channel(prepared[1])};
    if (!anatomy[0] || !anatomy[1]) return TENO_OK;
    if (!(anatomy[0]->references.muscle > 0) || !(anatomy[1]->references.muscle > 0)) return TENO_OK;
    Place *place = NULL;
    double *work = NULL;
    int n, code = places_find(&place, &n, change, anatomy, error);
    if (!code && n >= MIN_POINTS && !(work = array_alloc((size_t)n, sizeof *work, error))) code = TENO_FAILED;
    for (int date = 0; date < 2 && work; date++)
        levels_find(change->muscle[date], prepared[date], date ? &change->post_shape : &change->pre_shape, place, n,
                    work);
    free(place);
    free(work);
    return code;
}

int scale_match(TendonChange *change, const Pair *pair, Error *error)
{
    const Prepared *prepared[2] = {&pair->pre->prepared, &pair->post->prepared};
    for (int date = 0; date < 2; date++) {
        int channels = prepared[date]->n_channels;
        change->muscle[date] = array_alloc((size_t)channels, sizeof *change->muscle[date], error);
        if (!change->muscle[date]) return TENO_FAILED;
        for (int i = 0; i < channels; i++) change->muscle[date][i] = NAN;
    }
    int code = muscle_match(change, prepared, error);
    return code ? code : scales_reconcile(change, prepared, error);
}

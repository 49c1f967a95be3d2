/*
 * One ruler on both dates.
 *
 * The sections of both tendons are taken at the same positions along the tendon (every millimetre of the first date's
 * s), so that areas, volumes and tears are over the same range; then both are measured again from their own images by
 * the same engine that measures a single study. Nothing is taken over from the separate reports, whose ranges differ.
 * The same again with each date's signal scale lower and higher tells how far the tears hang on it.
 */
#include <math.h>
#include <stdlib.h>

#include "compare/parts.h"
#include "teno/memory.h"

/*
 * The paratenon, the cortex, the bursa, the outline's weak places and what fills a tear are the same patient's on both
 * dates, and misjudged alike. Share of the variance that both dates have in common, counted on digital ankles: a tear's
 * volume is off by 9.4 % on one date and the difference of two by 7.7 % (163 studies, 44 pairs; SD from the median
 * absolute deviation), the tendon's by 3.7 and 3.1 % (377, 119): 0.65 of either is common. The errors of the areas
 * along the tendon correlate as much, and no less where the field strength differs (0.83 in 4 pairs) than where it does
 * not (0.54 in 13). In other planes or voxels, or another contrast, the anatomy is still the same, but the model's
 * mistakes are not: half of it (judged).
 */
static const double seen_alike_share = 0.65, anatomy_share = 0.325;
/* A repeat costs little beside the images: as many as make the SD of a difference known to 7 %. */
enum { LEAST_REPEATS = 100 };
static const double most_voxel_ratio = 1.44; /* of areas: 1.2 of lengths, measures.md */

double shape_index(const TendonShape *shape, double s_mm)
{
    return (s_mm - shape->sections[0].s_mm) / shape->step_mm;
}

int shape_at_common(TendonShape *out, const TendonShape *from, double first_s_mm, int n, double shift_mm, Error *error)
{
    *out = (TendonShape){.step_mm = 1, .n_sections = n};
    out->sections = array_alloc((size_t)n, sizeof *out->sections, error);
    if (!out->sections) return TENO_FAILED;
    for (int i = 0; i < n; i++) {
        double k = fmin(fmax(shape_index(from, first_s_mm + i + shift_mm), 0), from->n_sections - 1);
        int low = (int)k < from->n_sections - 1 ? (int)k : from->n_sections - 2;
        if (low < 0) low = 0;
        const Section *a = &from->sections[low], *b = from->n_sections > 1 ? a + 1 : a;
        out->sections[i] = section_between(a, b, k - low);
        out->sections[i].s_mm = first_s_mm + i;
        out->sections[i].assessed = true;
    }
    return TENO_OK;
}

/* Turns a section's axes by an angle about the tangent; what they outline stays where it is. */
static void section_turn(Section *section, double c, double s)
{
    Vec3 u = section->u, v = section->v;
    section->u = vec3_along(vec3_scale(u, c), v, s);
    section->v = vec3_along(vec3_scale(v, c), u, -s);
    for (int i = 0; i < SECTION_POINTS; i++) {
        double bu = (double)section->boundary_u_mm[i], bv = (double)section->boundary_v_mm[i];
        section->boundary_u_mm[i] = (float)(c * bu + s * bv);
        section->boundary_v_mm[i] = (float)(c * bv - s * bu);
    }
}

/* The axes follow the tendon's own course, so the turn is found along it, smoothed over the neighbours. */
int axes_carry(TendonShape *post, const TendonShape *pre, const Rigid *motion, double *turn_deg, Error *error)
{
    enum { REACH = 7 };
    int n = post->n_sections;
    double(*turn)[2] = array_alloc((size_t)n, sizeof *turn, error);
    if (!turn) return TENO_FAILED;
    for (int k = 0; k < n; k++) {
        Vec3 u = rigid_rotate(motion, pre->sections[k].u);
        double angle = atan2(vec3_dot(u, post->sections[k].v), vec3_dot(u, post->sections[k].u));
        turn[k][0] = cos(angle);
        turn[k][1] = sin(angle);
    }
    for (int k = 0; k < n; k++) {
        double c = 0, s = 0;
        for (int i = k < REACH ? 0 : k - REACH; i <= k + REACH && i < n; i++) {
            c += turn[i][0];
            s += turn[i][1];
        }
        double length = fmax(hypot(c, s), 1e-9);
        section_turn(&post->sections[k], c / length, s / length);
        if (k == n / 2) *turn_deg = atan2(s, c) * 57.29577951;
    }
    free(turn);
    return TENO_OK;
}

/* Measures with the tissue references, and so the scale of the signal, lower and higher. */
static int swing_measure(TendonMeasures out[2], double scale_sd, const Prepared *prepared, const Segmentation *clipped,
                         const TendonSpec *spec, const TearOptions *options, Error *error)
{
    TearOptions bare = *options;
    bare.repeats = 0;
    Prepared swung = *prepared;
    swung.channel = array_alloc((size_t)prepared->n_channels, sizeof *swung.channel, error);
    int code = swung.channel ? TENO_OK : TENO_FAILED;
    for (int sign = 0; sign < 2 && !code; sign++) {
        Straightened unused = {0};
        for (int i = 0; i < prepared->n_channels; i++) {
            TissueReferences *references = &swung.channel[i].references;
            double factor = exp(sign ? scale_sd : -scale_sd);
            swung.channel[i] = prepared->channel[i];
            references->muscle *= factor;
            references->fat *= factor;
            references->fluid *= factor;
        }
        code = tendon_measure(&out[sign], &unused, &swung, clipped, spec, &bare, error);
        straightened_free(&unused);
    }
    free(swung.channel);
    return code;
}

/* Do all series of one date have their like on the other: the same contrast in the same planes and voxels? Field and
 * timing may differ. */
static bool seen_alike(const Prepared *own, const Prepared *other)
{
    for (int i = 0; i < own->n_channels; i++) {
        const Channel *a = &own->channel[i];
        bool found = false;
        for (int j = 0; j < other->n_channels && !found; j++) {
            const Channel *b = &other->channel[j];
            double ratio = (a->vol.grid.dx * a->vol.grid.dy) / (b->vol.grid.dx * b->vol.grid.dy);
            found = a->series->contrast == b->series->contrast && a->series->plane == b->series->plane &&
                    a->series->acquisition.fat_suppressed == b->series->acquisition.fat_suppressed &&
                    fabs(log(ratio)) < log(most_voxel_ratio);
        }
        if (!found) return false;
    }
    return true;
}

/* Measures one date (0 before, 1 after) over its common shape, at the blunter date's resolution. */
static int date_measure(TendonChange *change, const Pair *pair, int date, Error *error)
{
    const Analysis *own = date ? pair->post : pair->pre, *other = date ? pair->pre : pair->post;
    const TendonResult *result = date ? pair->after : pair->before;
    TendonMeasures *measures = date ? &change->post : &change->pre;
    Segmentation clipped = result->segmentation;
    clipped.shape = date ? change->post_shape : change->pre_shape;
    /* Both dates count s from the first date's landmark, which the aligned bone carries over. */
    clipped.origin = pair->before->segmentation.origin;
    bool alike = seen_alike(&own->prepared, &other->prepared) && seen_alike(&other->prepared, &own->prepared);
    TearOptions options = {.seed = pair->pre->options.seed,
                           .repeats = own->options.repeats,
                           .date = date + 1,
                           .common_share = alike ? seen_alike_share : anatomy_share};
    if (options.repeats > 0 && options.repeats < LEAST_REPEATS) options.repeats = LEAST_REPEATS;
    Prepared seen;
    bool blunted;
    int code = prepared_blunt(&seen, &blunted, &own->prepared, &other->prepared, error);
    if (!code && blunted)
        notes_add(&change->warnings, "the images %s are sharper: measured at the resolution of the others",
                  date ? "after" : "before");
    for (int i = 0; !code && i < seen.n_channels; i++)
        if (change->muscle[date][i] > 0) seen.channel[i].references.muscle = change->muscle[date][i];
    if (!code)
        code = tendon_measure(measures, date ? &change->post_straightened : &change->pre_straightened, &seen, &clipped,
                              result->spec, &options, error);
    if (!code && measures->has_tear_measures)
        code = swing_measure(change->swing[date], change->scale_sd, &seen, &clipped, result->spec, &options, error);
    prepared_blunt_free(&seen, &own->prepared);
    return code;
}

int common_measure(TendonChange *change, const Pair *pair, const Registration *registration, Error *error)
{
    double first = change->common_min_mm;
    int n = (int)lround(change->common_max_mm - first) + 1;
    int code = shape_at_common(&change->pre_shape, &pair->before->segmentation.shape, first, n, 0, error);
    if (!code)
        code =
            shape_at_common(&change->post_shape, &pair->after->segmentation.shape, first, n, change->s_shift_mm, error);
    /* Equal axes on both dates: maps, matching and pictures need no further turn. */
    if (!code && registration->trusted)
        code = axes_carry(&change->post_shape, &change->pre_shape, &registration->fixed_to_moving,
                          &change->angle_shift_deg, error);
    if (!code) code = scale_match(change, pair, error);
    if (!code) code = date_measure(change, pair, 0, error);
    if (!code) code = date_measure(change, pair, 1, error);
    return code;
}

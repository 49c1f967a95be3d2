/*
 * Two dates of one ankle:
 *
 *     pair_check        one patient, two studies, one side, a common signal      here
 *     bone_align        rigid motion of the bone at the tendon's end             align.c
 *     coordinates_match s of one date in the other's, bend                      coordinates.c
 *     scale_match       muscle, the unit of the signal, at the same places      scale.c
 *     common_measure    both dates over the common range with one ruler          common.c
 *     tears_match       which tear is which, and what became of it               match.c
 *     changes_fill      difference, limit, verdict of each quantity              change.c
 *     map_unroll        the surface unrolled, before and after                   unroll.c
 *
 * A pair that cannot be compared is a result with a reason. What weakens a comparison is a warning.
 */
#include "teno/compare.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compare/parts.h"
#include "teno/memory.h"

static const double min_range_mm = 10;    /* measures.md, Change */
static const double max_bend_deg = 10;    /* measures.md, Change: a warning */
static const double sure_landmark = 0.6;  /* landmarks this sure carry a comparison that the bone cannot */
static const double landmark_warn_mm = 5; /* aligned bone and landmarks that differ by more disagree */

/* Writes a reason; always false. */
static bool refuse(char *reason, size_t size, const char *format, ...) TENO_PRINTF(3, 4);
static bool refuse(char *reason, size_t size, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reason, size, format, arguments);
    va_end(arguments);
    return false;
}

static bool has_role(const Analysis *analysis, Role role)
{
    for (int i = 0; i < analysis->prepared.n_channels; i++)
        if (analysis->prepared.channel[i].series->role == role) return true;
    return false;
}

/* What concerns the two studies as a whole. */
static bool studies_check(Comparison *out)
{
    const Study *a = out->pre->study, *b = out->post->study;
    char *why = out->reason;
    size_t size = sizeof out->reason;
    if (a->study_uid[0] && !strcmp(a->study_uid, b->study_uid))
        return refuse(why, size, "both dates are the same study");
    if (!out->options.different_ids_ok && a->patient_id[0] && b->patient_id[0] && strcmp(a->patient_id, b->patient_id))
        return refuse(why, size,
                      "the two studies carry different patient ids; --different-ids-ok compares them anyway");
    if (!out->pre->prepared.n_channels || !out->post->prepared.n_channels)
        return refuse(why, size, "no series %s can be measured", out->pre->prepared.n_channels ? "after" : "before");
    bool common = (has_role(out->pre, ROLE_ANATOMY) && has_role(out->post, ROLE_ANATOMY)) ||
                  (has_role(out->pre, ROLE_FLUID) && has_role(out->post, ROLE_FLUID));
    if (!common) return refuse(why, size, "no common signal class: one date shows anatomy only, the other fluid only");
    if (!a->study_date[0] || !b->study_date[0])
        notes_add(&out->warnings, "a study has no date: compared in the order given");
    else if (strcmp(a->study_date, b->study_date) > 0)
        notes_add(&out->warnings, "the first study (%s) is later than the second (%s): compared in the order given",
                  a->study_date, b->study_date);
    return true;
}

/* What concerns one tendon before the images are looked at. */
static bool tendon_check(TendonChange *change, const Pair *pair)
{
    const TendonResult *results[2] = {pair->before, pair->after};
    for (int date = 0; date < 2; date++) {
        if (!results[date]) return refuse(change->reason, sizeof change->reason, "not measured on both dates");
        if (results[date]->status != STATUS_MEASURED)
            return refuse(change->reason, sizeof change->reason, "%s: %s %s", date ? "after" : "before",
                          status_name(results[date]->status), results[date]->reason);
    }
    Side a = pair->before->segmentation.side, b = pair->after->segmentation.side;
    if (a != SIDE_UNKNOWN && b != SIDE_UNKNOWN && a != b)
        return refuse(change->reason, sizeof change->reason, "other side: %s before, %s after", side_name(a),
                      side_name(b));
    change->side = a != SIDE_UNKNOWN ? a : b;
    if (a == SIDE_UNKNOWN || b == SIDE_UNKNOWN)
        notes_add(&change->warnings, "the side of %s is unknown",
                  a == b ? "both dates"
                  : a    ? "the second date"
                         : "the first date");
    return true;
}

static bool landmarks_sure(const Pair *pair)
{
    const Segmentation *a = &pair->before->segmentation, *b = &pair->after->segmentation;
    return a->origin == b->origin && a->origin != ORIGIN_DISTAL_IMAGE_EDGE && a->origin_confidence >= sure_landmark &&
           b->origin_confidence >= sure_landmark;
}

static bool range_check(TendonChange *change, const Pair *pair, const Registration *registration)
{
    char *why = change->reason;
    size_t size = sizeof change->reason;
    if (!registration->trusted && !landmarks_sure(pair))
        return refuse(why, size, "the two dates could not be aligned: %s", registration->reason);
    if (!registration->trusted)
        notes_add(&change->warnings, "the bone could not be aligned (%s): matched by the landmarks alone",
                  registration->reason);
    coordinates_match(change, pair, registration);
    double length = change->common_max_mm - change->common_min_mm;
    if (isnan(change->s_shift_mm) || !(length >= min_range_mm))
        return refuse(why, size, "no common range of the tendon of at least %.0f mm (%.0f mm)", min_range_mm,
                      isnan(change->s_shift_mm) ? 0 : fmax(0, length));
    if (fabs(change->s_shift_mm) > landmark_warn_mm && landmarks_sure(pair))
        notes_add(&change->warnings, "the landmarks lie %.1f mm apart after alignment of the bone, which was followed",
                  fabs(change->s_shift_mm));
    if (registration->trusted && !landmark_known(pair->before) && !landmark_known(pair->after))
        notes_add(&change->warnings, "neither date shows the tendon's landmark: where the ankle is bent differently, "
                                     "sections may be matched up to a centimetre off");
    if (change->ankle_angle_deg > max_bend_deg)
        notes_add(&change->warnings, "the ankle's angle differs by about %.0f degrees", change->ankle_angle_deg);
    return true;
}

static int tendon_compare(TendonChange *change, const Pair *pair, Registration *registration, Error *error)
{
    if (!tendon_check(change, pair)) return TENO_OK;
    int code = bone_align(registration, pair, error);
    if (code || !range_check(change, pair, registration)) return code;
    differences_note(&change->warnings, pair);
    code = common_measure(change, pair, registration, error);
    if (!code) code = tears_match(change, error);
    if (!code) code = changes_fill(change, error);
    if (!code) code = map_unroll(change, error);
    change->comparable = !code;
    return code;
}

static const TendonResult *result_of(const Analysis *analysis, const TendonSpec *spec)
{
    for (int i = 0; i < analysis->n_tendons; i++)
        if (analysis->tendons[i].spec == spec) return &analysis->tendons[i];
    return NULL;
}

static int tendons_compare(Comparison *out, Error *error)
{
    int n = out->pre->n_tendons;
    out->tendons = array_alloc((size_t)n + 1, sizeof *out->tendons, error);
    if (!out->tendons) return TENO_FAILED;
    for (int i = 0; i < n; i++) {
        const TendonResult *before = &out->pre->tendons[i];
        Pair pair = {out->pre, out->post, before, result_of(out->post, before->spec)};
        TendonChange *change = &out->tendons[out->n_tendons++];
        Registration registration = {.fixed_to_moving = rigid_identity()};
        change->spec = before->spec;
        int code = tendon_compare(change, &pair, &registration, error);
        if (code) return code;
        if (change->comparable && !out->comparable) out->registration = registration;
        out->comparable = out->comparable || change->comparable;
    }
    if (!out->comparable)
        string_set(out->reason, sizeof out->reason, n ? out->tendons[0].reason : "no tendon was measured");
    return TENO_OK;
}

int compare_run(Comparison *out, const Analysis *pre, const Analysis *post, const CompareOptions *options, Error *error)
{
    *out = (Comparison){.pre = pre, .post = post, .registration.fixed_to_moving = rigid_identity()};
    if (options) out->options = *options;
    if (!studies_check(out)) return TENO_OK;
    return tendons_compare(out, error);
}

static void map_free(UnrolledMap *map)
{
    for (int date = 0; date < 2; date++) {
        free(map->radius_mm[date]);
        free(map->tear_share[date]);
    }
}

void comparison_free(Comparison *comparison)
{
    for (int i = 0; i < comparison->n_tendons; i++) {
        TendonChange *tendon = &comparison->tendons[i];
        free(tendon->changes);
        free(tendon->tears);
        measures_free(&tendon->pre);
        measures_free(&tendon->post);
        free(tendon->muscle[0]);
        free(tendon->muscle[1]);
        for (int s = 0; s < 4; s++) measures_free(&tendon->swing[s / 2][s % 2]);
        shape_free(&tendon->pre_shape);
        shape_free(&tendon->post_shape);
        straightened_free(&tendon->pre_straightened);
        straightened_free(&tendon->post_straightened);
        map_free(&tendon->map);
        notes_free(&tendon->warnings);
    }
    free(comparison->tendons);
    notes_free(&comparison->warnings);
    *comparison = (Comparison){0};
}

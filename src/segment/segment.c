/*
 * From prepared channels to the envelope of one tendon: the order of the steps.
 */
#include "teno/segment.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "segment/confidence.h"
#include "segment/envelope.h"
#include "segment/from_mask.h"
#include "segment/locate.h"
#include "segment/respace.h"
#include "teno/memory.h"

#define ASSESSABLE 0.5 /* below this a tendon is not assessable: more often wrong than right */

/* Above the soleus junction the tendon is a thin sheet that the muscle's aponeurosis, as dark, joins at its front and
 * tips: of its outline's mean place, judged; full so many sections above. */
#define SOLEUS_SD_MM 0.06
#define SOLEUS_RAMP 10.0

const char *segment_method_name(SegmentMethod method)
{
    static const char *const names[] = {"automatic", "seeded", "mask"};
    return names[method];
}

static Segmentation segmentation_new(const SegmentRequest *request)
{
    return (Segmentation){.method = request->mask      ? SEGMENT_MASK
                                    : request->n_seeds ? SEGMENT_SEEDED
                                                       : SEGMENT_AUTOMATIC,
                          .side = request->side,
                          .origin = ORIGIN_DISTAL_IMAGE_EDGE,
                          .muscle_junction_s_mm = (double)NAN};
}

/* Inside the volume of the reference series: its grid carries the masks, so that what is measured can be seen. */
static bool point_imaged(const Prepared *prepared, Vec3 p)
{
    return !isnan(vol_sample(&prepared->channel[0].vol, p, (double)NAN));
}

static bool section_imaged(const Prepared *prepared, const Section *s)
{
    for (int i = 0; i < SECTION_POINTS; i += 2) {
        Vec3 p = vec3_along(s->centre_lps, s->u, (double)s->boundary_u_mm[i]);
        if (!point_imaged(prepared, vec3_along(p, s->v, (double)s->boundary_v_mm[i]))) return false;
    }
    return true;
}

/* Numbers the sections from the insertion (real indices of sections); the origin's place follows the centreline, also a
 * little beyond its end. */
static void landmarks_place(Segmentation *out, const Landmarks *landmarks, double insertion, double junction)
{
    TendonShape *shape = &out->shape;
    double zero = landmarks->has_insertion ? insertion : 0;
    for (int k = 0; k < shape->n_sections; k++) shape->sections[k].s_mm = (k - zero) * shape->step_mm;
    out->origin_lps = shape_to_lps(shape, zero, 0, 0);
    out->origin = landmarks->has_insertion ? ORIGIN_INSERTION : ORIGIN_DISTAL_IMAGE_EDGE;
    out->origin_confidence = landmarks->insertion_confidence;
    if (!landmarks->has_junction) return;
    for (int k = 0; k < shape->n_sections; k++)
        shape->sections[k].soleus_sd_mm = (float)(SOLEUS_SD_MM * fmin(fmax((k - junction) / SOLEUS_RAMP, 0), 1));
    out->muscle_junction_s_mm = (junction - zero) * shape->step_mm;
    out->muscle_junction_confidence = landmarks->junction_confidence;
}

/* The longest run of imaged sections becomes the shape. */
static int shape_from_tube(Segmentation *out, const Tube *tube, Landmarks *landmarks, const Prepared *prepared,
                           Error *error)
{
    TendonShape all = {0};
    int code = tube_to_shape(&all, tube, 0, tube->n_rings, error), best = 0, best_start = 0, run = 0;
    if (code) return code;
    for (int k = 0; k < all.n_sections; k++) {
        all.sections[k].assessed = section_imaged(prepared, &all.sections[k]);
        run = k >= tube->first && all.sections[k].assessed ? run + 1 : 0;
        if (run > best) {
            best = run;
            best_start = k - run + 1;
        }
    }
    if (best > 0) code = tube_to_shape(&out->shape, tube, best_start, best, error);
    double place[] = {landmarks->insertion_ring - best_start, landmarks->junction_ring - best_start};
    landmarks->has_junction &= place[1] >= 0; /* muscle all along: it begins below what is measured, or is none */
    if (!code && best > 0) code = shape_respace(&out->shape, place, 2, error);
    if (!code && best > 0) landmarks_place(out, landmarks, place[0], place[1]);
    for (int k = 0; k < out->shape.n_sections; k++) out->shape.sections[k].assessed = true;
    shape_free(&all);
    return code;
}

/* What the user says, else where the leg lies among two, else the tags; a contradiction is said. */
static void side_decide(Segmentation *out, const Prepared *prepared, const SegmentRequest *request,
                        const Located *located)
{
    Side tagged = SIDE_UNKNOWN;
    for (int c = 0; c < prepared->n_channels; c++) {
        Side side = prepared->channel[c].series ? prepared->channel[c].series->side : SIDE_UNKNOWN;
        if (side == SIDE_UNKNOWN) continue;
        if (tagged != SIDE_UNKNOWN && side != tagged)
            notes_add(&out->warnings, "the series' side tags contradict each other");
        if (tagged == SIDE_UNKNOWN) tagged = side;
    }
    bool two_legs = located && located->two_legs;
    out->side = request->side != SIDE_UNKNOWN ? request->side : two_legs ? located->side : tagged;
    if (tagged != SIDE_UNKNOWN && out->side != tagged)
        notes_add(&out->warnings, "side %s, but the series are tagged %s", side_name(out->side), side_name(tagged));
    if (two_legs && request->side == SIDE_UNKNOWN && tagged == SIDE_UNKNOWN)
        notes_add(&out->warnings, "two legs in the images; the %s one was measured (--side chooses)",
                  side_name(out->side));
}

/* The envelope around a band that was found, and how far it can be trusted. */
static int outline_band(Segmentation *out, Prepared *prepared, const SegmentRequest *request, const Images *images,
                        const Located *located, Error *error)
{
    Tube tube = {0};
    Landmarks landmarks = {0};
    Evidence evidence;
    bool achilles = request->spec->landmark == ORIGIN_INSERTION;
    if (located->knots.n < 5) {
        snprintf(out->reason, sizeof out->reason, "%s", located->reason[0] ? located->reason : "no tendon found");
        return TENO_OK;
    }
    BoundaryOptions options = {request->seeds, request->n_seeds, request->excluded, request->n_excluded};
    int code = envelope_build(&tube, prepared, located, images, &options, achilles ? &landmarks : NULL, error);
    if (!code) code = shape_from_tube(out, &tube, &landmarks, prepared, error);
    if (code) goto out;
    side_decide(out, prepared, request, located);
    code = evidence_collect(&evidence, &tube, images, error);
    if (code) goto out;
    out->confidence = confidence_from(&evidence, located, &landmarks, request->spec, out->method == SEGMENT_AUTOMATIC,
                                      out->reason, sizeof out->reason);
    out->assessable = out->confidence >= ASSESSABLE && out->shape.n_sections > 10;
    if (out->assessable) out->reason[0] = 0;
out:
    tube_free(&tube);
    return code;
}

/* Outlining corrects the series' alignment by the band's own edges: for another band it starts from the old one. */
static void alignment_copy(Rigid *to, const Prepared *prepared)
{
    for (int c = 0; c < prepared->n_channels; c++) to[c] = prepared->channel[c].ref_to_channel;
}

static void alignment_set(Prepared *prepared, const Rigid *from)
{
    for (int c = 0; c < prepared->n_channels; c++) prepared->channel[c].ref_to_channel = from[c];
}

/* The best band as a whole has turned out to be none that can be trusted (the sole's fascia in a pointed foot is as
 * long and as dark): the next best, where it can be. Its rival counts against it. */
static int outline_next(Segmentation *out, Prepared *prepared, const SegmentRequest *request, const Images *images,
                        const Rigid *unaligned, Error *error)
{
    Located located = {0};
    Segmentation next = segmentation_new(request);
    Rigid *aligned = array_alloc((size_t)prepared->n_channels, sizeof *aligned, error);
    if (!aligned) return TENO_FAILED;
    alignment_copy(aligned, prepared);
    alignment_set(prepared, unaligned);
    int code = locate_achilles(&located, 1, images, request, error);
    if (!code) code = outline_band(&next, prepared, request, images, &located, error);
    if (next.assessable) {
        Segmentation first = *out;
        *out = next;
        next = first;
    } else {
        alignment_set(prepared, aligned);
    }
    segmentation_free(&next);
    located_free(&located);
    free(aligned);
    return code;
}

static int segment_images(Segmentation *out, Prepared *prepared, const SegmentRequest *request, Error *error)
{
    Located located = {0};
    Lattice lattice = {0};
    Rigid *unaligned = array_alloc((size_t)prepared->n_channels, sizeof *unaligned, error);
    int code = unaligned ? lattice_build(&lattice, prepared, error) : TENO_FAILED;
    if (code) goto out;
    alignment_copy(unaligned, prepared);
    Images images = {prepared, lattice.scale, &lattice};
    code = out->method == SEGMENT_SEEDED ? locate_seeded(&located, &images, request, error)
                                         : locate_achilles(&located, 0, &images, request, error);
    if (!code) code = outline_band(out, prepared, request, &images, &located, error);
    if (!code && !out->assessable && out->method == SEGMENT_AUTOMATIC && located.rival > 0)
        code = outline_next(out, prepared, request, &images, unaligned, error);
out:
    located_free(&located);
    lattice_free(&lattice);
    free(unaligned);
    return code;
}

/* The shape that a person has drawn; only the landmarks are looked for in the images. */
static int segment_mask(Segmentation *out, const Prepared *prepared, const SegmentRequest *request, Error *error)
{
    Tube tube = {0};
    Landmarks landmarks = {0};
    Scale *scale = array_alloc((size_t)prepared->n_channels, sizeof *scale, error);
    Images images = {prepared, scale, NULL};
    int code = scale ? tube_from_mask(&tube, request->mask, error) : TENO_FAILED;
    if (code) goto out;
    if (tube.n_rings == 0) {
        snprintf(out->reason, sizeof out->reason, "the mask is shorter than 10 mm or hardly longer than wide");
        goto out;
    }
    for (int c = 0; c < prepared->n_channels; c++) scale[c] = channel_scale(&prepared->channel[c]);
    if (request->spec->landmark == ORIGIN_INSERTION) code = landmarks_find(&landmarks, &tube, &images, error);
    if (!code) code = shape_from_tube(out, &tube, &landmarks, prepared, error);
    out->assessable = !code && out->shape.n_sections > 10;
    if (!out->assessable) snprintf(out->reason, sizeof out->reason, "the mask lies outside the images");
    side_decide(out, prepared, request, NULL);
    out->confidence = 1; /* a person's drawing is the measure of the others */
out:
    tube_free(&tube);
    free(scale);
    return code;
}

int tendon_segment(Segmentation *out, Prepared *prepared, const SegmentRequest *request, Error *error)
{
    *out = segmentation_new(request);
    if (request->mask) return segment_mask(out, prepared, request, error);
    if (!request->n_seeds && request->spec->needs_seed) {
        snprintf(out->reason, sizeof out->reason,
                 "the %s is not found by itself: give a point inside it (--seed %s=x,y,z)", request->spec->display_name,
                 request->spec->name);
        return TENO_OK;
    }
    return segment_images(out, prepared, request, error);
}

void segmentation_free(Segmentation *segmentation)
{
    shape_free(&segmentation->shape);
    notes_free(&segmentation->warnings);
}

/*
 * The envelope: the surface needs a centreline, and the centreline is the curve through the sections' centroids, so
 * both are found twice. The first surface, around the coarse track, gives the second centreline; the edge fit then
 * moves the second surface by parts of a voxel.
 */
#include "segment/envelope.h"

#include <math.h>

#include "segment/bursa.h"
#include "segment/footprint.h"
#include "segment/neighbour.h"
#include "segment/plantaris.h"
#include "segment/rim.h"

#define TRACK_SMOOTH_MM 25.0 /* bandwidth of the coarse track: a tendon bends over centimetres */
#define CENTRE_SMOOTH_MM 18.0
enum { ALIGN_ROUNDS = 3, REFINE_ROUNDS = 3, KNOT_STRIDE = 2 };

static Knot section_knot(const Section *s)
{
    double area = 0, uu = 0, vv = 0, uv = 0;
    for (int i = SECTION_POINTS - 1, j = 0; j < SECTION_POINTS; i = j++) {
        double ui = (double)s->boundary_u_mm[i], vi = (double)s->boundary_v_mm[i];
        double uj = (double)s->boundary_u_mm[j], vj = (double)s->boundary_v_mm[j], cross = ui * vj - uj * vi;
        area += cross / 2;
        uu += cross * (ui * ui + ui * uj + uj * uj) / 12;
        vv += cross * (vi * vi + vi * vj + vj * vj) / 12;
        uv += cross * (ui * vj + 2 * ui * vi + 2 * uj * vj + uj * vi) / 24;
    }
    if (!(area > 0.5)) return (Knot){.centre_lps = s->centre_lps, .minor_mm = 1, .major_mm = 1};
    double mean = (uu + vv) / (2 * area), spread = hypot((uu - vv) / (2 * area), uv / area);
    return (Knot){.centre_lps = s->centre_lps,
                  .minor_mm = 4 * sqrt(fmax(mean - spread, 0.02)),
                  .major_mm = 4 * sqrt(mean + spread),
                  .angle_rad = 0.5 * atan2(2 * uv, uu - vv),
                  .weight = 1};
}

static int tube_knots(Knots *out, const Tube *tube, int first, Error *error)
{
    TendonShape shape = {0};
    int code = tube_to_shape(&shape, tube, 0, tube->n_rings, error);
    for (int k = first; k < shape.n_sections && !code; k += KNOT_STRIDE)
        code = knots_add(out, section_knot(&shape.sections[k]), error);
    shape_free(&shape);
    return code;
}

/* The insertion reaches no farther down than this: what is dark beyond is cortex, plantar fascia or skin. */
#define FOOTPRINT_MAX_MM 24.0

static int first_kept(const Tube *tube, const Landmarks *landmarks)
{
    int limit = landmarks->has_insertion ? (int)floor(landmarks->insertion_ring - FOOTPRINT_MAX_MM / tube->step_mm) : 0;
    return limit < 0 ? 0 : limit > tube->n_rings - 12 ? tube->n_rings - 12 : limit;
}

/* Does a series without fat suppression show the tendon's edge, fluid around it or not? */
static bool fat_shown(const Images *images)
{
    for (int c = 0; c < images->prepared->n_channels; c++)
        if (!images->scale[c].fat_dark) return true;
    return false;
}

static Vec3 ring_place(const Tube *tube, double ring)
{
    return tube->ring[(int)fmin(fmax(ring, 0), tube->n_rings - 1)].frame.centre_lps;
}

static int ring_near(const Tube *tube, Vec3 p)
{
    int nearest = 0;
    for (int k = 1; k < tube->n_rings; k++)
        if (vec3_distance(p, tube->ring[k].frame.centre_lps) < vec3_distance(p, tube->ring[nearest].frame.centre_lps))
            nearest = k;
    return nearest;
}

int envelope_build(Tube *out, Prepared *prepared, const Located *located, const Images *images,
                   const BoundaryOptions *options, Landmarks *landmarks, Error *error)
{
    Tube first = {0};
    Knots centred = {0};
    Landmarks rough = {0};
    int code = tube_build(&first, located->knots.knot, located->knots.n, TRACK_SMOOTH_MM, 1, 1, error);
    if (!code) code = boundary_find(&first, images, options, error);
    if (!code) code = plantaris_cut(&first, images, error);
    if (!code) code = neighbours_cut(&first, error);
    if (!code) code = rim_peel(&first, images, error);
    if (!code) code = boundary_align(&first, images, prepared, ALIGN_ROUNDS, error);
    if (!code && landmarks) code = landmarks_find(&rough, &first, images, error);
    if (!code) code = tube_knots(&centred, &first, landmarks ? first_kept(&first, &rough) : 0, error);
    if (!code) code = tube_build(out, centred.knot, centred.n, CENTRE_SMOOTH_MM, 1, 1, error);
    if (!code) code = boundary_find(out, images, options, error);
    if (!code) code = plantaris_cut(out, images, error);
    if (!code) code = neighbours_cut(out, error);
    if (!code) code = rim_peel(out, images, error);
    if (!code) code = boundary_refine(out, images, REFINE_ROUNDS, error);
    if (!code && !fat_shown(images)) code = rim_peel(out, images, error);
    if (!code && rough.has_insertion)
        code = bursa_cut(out, ring_near(out, ring_place(&first, rough.insertion_ring)), images, error);
    if (!code && landmarks) {
        code = landmarks_find(landmarks, out, images, error);
        if (!code && !landmarks->has_insertion && rough.has_insertion) {
            /* The first tube reached farther down; its landmark is carried over by place. */
            landmarks->has_insertion = true;
            landmarks->insertion_ring = ring_near(out, ring_place(&first, rough.insertion_ring));
            landmarks->insertion_confidence = rough.insertion_confidence;
            landmarks->cortex_mm = rough.cortex_mm;
            landmarks->cortex_sd_mm = rough.cortex_sd_mm;
            landmarks->has_wedge = false;
        }
        if (!code) code = footprint_trim(out, landmarks, images, error);
    }
    tube_free(&first);
    knots_free(&centred);
    return code;
}

/*
 * The envelope: the surface needs a centreline, and the centreline is the curve through the sections' centroids, so
 * both are found twice. The first surface, around the coarse track, gives the second centreline; the edge fit then
 * moves the second surface by parts of a voxel.
 */
#include "segment/envelope.h"

#include <math.h>

#include "segment/neighbour.h"

#define TRACK_SMOOTH_MM 25.0 /* bandwidth of the coarse track: a tendon bends over centimetres */
#define CENTRE_SMOOTH_MM 18.0
enum { REFINE_ROUNDS = 3, KNOT_STRIDE = 2 };

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

static int tube_knots(Knots *out, const Tube *tube, Error *error)
{
    TendonShape shape = {0};
    int code = tube_to_shape(&shape, tube, 0, tube->n_rings, error);
    for (int k = 0; k < shape.n_sections && !code; k += KNOT_STRIDE)
        code = knots_add(out, section_knot(&shape.sections[k]), error);
    shape_free(&shape);
    return code;
}

int envelope_build(Tube *out, const Knots *knots, const Prepared *prepared, const Scale *scale,
                   const BoundaryOptions *options, Landmarks *landmarks, Error *error)
{
    Tube first = {0};
    Knots centred = {0};
    int code = tube_build(&first, knots->knot, knots->n, TRACK_SMOOTH_MM, 1, 1, error);
    if (!code) code = boundary_find(&first, prepared, scale, options, error);
    if (!code) code = neighbours_cut(&first, error);
    if (!code) code = tube_knots(&centred, &first, error);
    if (!code) code = tube_build(out, centred.knot, centred.n, CENTRE_SMOOTH_MM, 1, 1, error);
    if (!code) code = boundary_find(out, prepared, scale, options, error);
    if (!code) code = neighbours_cut(out, error);
    if (!code) code = boundary_refine(out, prepared, scale, REFINE_ROUNDS, error);
    if (!code && landmarks) {
        code = landmarks_find(landmarks, out, prepared, scale, error);
        if (!code) cortex_remove(out, landmarks);
    }
    tube_free(&first);
    knots_free(&centred);
    return code;
}

/*
 * A tendon from seeds: of all directions through the first seed, the one across which the dark band's section is
 * smallest is its own; from there the band is followed both ways.
 */
#include "segment/locate.h"

#include <math.h>
#include <stdio.h>

/* A seed names a dark band, whose tears are bridged: tissue that is grey throughout is what it touches. */
#define GREY_SHARE 0.05

int locate_seeded(Located *out, const Images *images, const SegmentRequest *request, Error *error)
{
    *out = (Located){0};
    const TendonSpec *spec = request->spec;
    TrackOptions options = {.thickness_mm = {spec->thickness_mm[0], spec->thickness_mm[1]},
                            .width_mm = {spec->width_mm[0], spec->width_mm[1]},
                            .length_mm = spec->length_mm[1],
                            .bridge_mm = 4,
                            .grey_share = GREY_SHARE};
    Knot best = {0};
    Vec3 direction = {0, 0, 1};
    double best_area = INFINITY;
    for (int polar = 0; polar <= 6; polar++) /* within 60° of the leg's axis, every 10° */
        for (int turn = 0; turn < (polar ? 6 * polar : 1); turn++) {
            double a = polar * 0.1745, b = turn * 1.0472 / (polar ? polar : 1);
            Vec3 t = {sin(a) * cos(b), sin(a) * sin(b), cos(a)};
            Knot knot;
            if (!track_section(&knot, request->seeds[0], t, 1.5, images, &options)) continue;
            double area = knot.minor_mm * knot.major_mm;
            if (area < best_area) {
                best_area = area;
                best = knot;
                direction = t;
            }
        }
    if (!isfinite(best_area)) {
        snprintf(out->reason, sizeof out->reason, "the seed (%.1f, %.1f, %.1f) lies in no dark band of a tendon's size",
                 request->seeds[0].x, request->seeds[0].y, request->seeds[0].z);
        return TENO_OK;
    }
    Knot below = best;
    below.centre_lps = vec3_along(best.centre_lps, direction, -1);
    int code = knots_add(&out->knots, below, error);
    if (!code) code = knots_add(&out->knots, best, error);
    if (!code) code = track_extend(&out->knots, images, &options, error);
    knots_reverse(&out->knots);
    options.distally = true;
    if (!code) code = track_extend(&out->knots, images, &options, error);
    knots_reverse(&out->knots);
    if (!code && out->knots.n < 5) {
        snprintf(out->reason, sizeof out->reason, "the dark band at the seed is only %d mm long", 2 * out->knots.n);
        out->knots.n = 0;
    }
    if (code) located_free(out);
    return code;
}

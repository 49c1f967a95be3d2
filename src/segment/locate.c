/*
 * The Achilles without a seed: candidates on the lattice, the best path, both ends followed to where the band ends.
 */
#include "segment/locate.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "segment/path.h"
#include "teno/memory.h"

#define SAME_LEG_MM 35.0 /* nodes of one Achilles stay within this of each other, across the leg */
#define RIVAL_MM 10.0    /* another band, not this one's edge */
#define BAND_MIN_MM 14.0 /* of sections that look like a tendon: less cannot be told from its neighbours */

static TrackOptions track_options(const TendonSpec *spec)
{
    return (TrackOptions){.thickness_mm = {spec->thickness_mm[0], spec->thickness_mm[1]},
                          .width_mm = {spec->width_mm[0], spec->width_mm[1]},
                          .length_mm = spec->length_mm[1],
                          .bridge_mm = 6,
                          .grey_share = 1};
}

static Vec3 path_point(const Path *path, int i, const Grid *g)
{
    return grid_to_lps(g, vec3(path->node[i] % g->nx, path->node[i] / g->nx, path->first + i));
}

static double path_middle_x(const Path *path, const Grid *g)
{
    double sum = 0;
    for (int i = 0; i < path->n; i++) sum += path_point(path, i, g).x;
    return path->n ? sum / path->n : 0;
}

static double node_score(const Path *path, int i, const Bands *bands, const Grid *g)
{
    return (double)bands->score[(size_t)(path->first + i) * (size_t)(g->nx * g->ny) + (size_t)path->node[i]];
}

static double path_seen_mm(const Path *path, const Bands *bands, const Grid *g)
{
    int n = 0;
    for (int i = 0; i < path->n; i++) n += node_score(path, i, bands, g) > 0;
    return n * g->dz;
}

/* The best path elsewhere: in the other leg, or a rival that says how sure the best one is. */
static int path_elsewhere(Path *out, const Path *first, const Bands *bands, const Grid *g, double apart_mm,
                          Error *error)
{
    unsigned char *closed = array_alloc(grid_count(g), 1, error);
    if (!closed) return TENO_FAILED;
    path_close(closed, first, g, apart_mm);
    int code = path_best(out, bands, g, closed, error);
    free(closed);
    return code;
}

static int choose_path(Located *out, Path *path, int nth, const Bands *bands, const Grid *g, Side wanted, Error *error)
{
    Path other = {0}, rival = {0};
    int code = path_best(path, bands, g, NULL, error);
    if (!code) code = path_elsewhere(&other, path, bands, g, SAME_LEG_MM, error);
    if (!code) code = path_elsewhere(&rival, path, bands, g, RIVAL_MM, error);
    if (code) goto out;
    double apart = path_middle_x(&other, g) - path_middle_x(path, g);
    if (path_seen_mm(&other, bands, g) >= BAND_MIN_MM && other.score > 0.5 * path->score && fabs(apart) > 50) {
        /* Two legs, each with an Achilles: the patient's left one lies at larger x. */
        out->two_legs = true;
        out->side = apart > 0 ? SIDE_RIGHT : SIDE_LEFT;
        if (wanted != SIDE_UNKNOWN && wanted != out->side) {
            Path swap = *path;
            *path = other;
            other = swap;
            out->side = wanted;
        }
        path_free(&rival);
        code = path_elsewhere(&rival, path, bands, g, RIVAL_MM, error);
        /* The other leg's tendon is no rival within this leg. */
        if (fabs(path_middle_x(&rival, g) - path_middle_x(path, g)) > SAME_LEG_MM) rival.score = 0;
    }
    if (!code && nth) {
        Path best = *path;
        *path = rival;
        rival = best;
        if (!(path->score > 0)) path_free(path); /* an empty path, then: nothing is found */
    }
    if (!code && path->score > 0) out->rival = rival.score / path->score;
out:
    path_free(&other);
    path_free(&rival);
    return code;
}

/* Does the path follow a band here? A dark spot that it passes within a rupture is none. */
static bool node_seen(const Path *path, int i, const Bands *bands, const Grid *g)
{
    enum { AROUND = 2 };
    int n = 0, good = 0;
    for (int j = i - AROUND; j <= i + AROUND; j++) {
        if (j < 0 || j >= path->n) continue;
        n++;
        good += node_score(path, j, bands, g) > 0;
    }
    return node_score(path, i, bands, g) > 0 && 2 * good > n;
}

/* Sections without a band of their own are left to those around them. */
static int path_knots(Knots *out, const Path *path, const Bands *bands, const Lattice *lattice, Error *error)
{
    const Grid *g = &lattice->grid;
    Box *box = array_alloc((size_t)path->n, sizeof *box, error);
    int code = box ? bands_measure(box, path->node, path->first, path->n, lattice, error) : TENO_FAILED;
    for (int i = 0; i < path->n && !code; i++)
        code = knots_add(out,
                         (Knot){.centre_lps = grid_to_lps(g, vec3(box[i].centre_x, box[i].centre_y, path->first + i)),
                                .major_mm = box[i].width_mm,
                                .minor_mm = fmin(box[i].thickness_mm, box[i].width_mm),
                                .weight = node_seen(path, i, bands, g) ? 1 : 0},
                         error);
    free(box);
    return code;
}

static int extend_both_ways(Located *out, const Images *images, const TrackOptions *options, Error *error)
{
    int code = track_extend(&out->knots, images, options, error), n = out->knots.n;
    knots_reverse(&out->knots);
    TrackOptions down = *options;
    down.distally = true;
    down.turn_max_rad = 0.8;
    if (!code) code = track_extend(&out->knots, images, &down, error);
    knots_reverse(&out->knots);
    for (int i = 0; i < out->knots.n - n; i++)
        out->low_mm += vec3_distance(out->knots.knot[i].centre_lps, out->knots.knot[i + 1].centre_lps);
    return code;
}

int locate_achilles(Located *out, int nth, const Images *images, const SegmentRequest *request, Error *error)
{
    *out = (Located){0};
    const Grid *g = &images->lattice->grid;
    Bands bands = {0};
    Path path = {0};
    int code = bands_find(&bands, images->lattice, error);
    if (!code) code = choose_path(out, &path, nth, &bands, g, request->side, error);
    if (code) goto out;
    out->length_mm = path_seen_mm(&path, &bands, g);
    if (out->length_mm < BAND_MIN_MM) {
        snprintf(out->reason, sizeof out->reason,
                 "no dark band like an Achilles tendon found behind the ankle (longest %.0f mm, wanted %.0f mm)",
                 out->length_mm, BAND_MIN_MM);
        goto out;
    }
    out->path_score = path.score / (path.n * g->dz / 10);
    code = path_knots(&out->knots, &path, &bands, images->lattice, error);
    TrackOptions options = track_options(request->spec);
    if (!code) code = extend_both_ways(out, images, &options, error);
out:
    path_free(&path);
    bands_free(&bands);
    if (code) located_free(out);
    return code;
}

void located_free(Located *located)
{
    knots_free(&located->knots);
}

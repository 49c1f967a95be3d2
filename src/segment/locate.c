/*
 * The Achilles without a seed: candidates on the lattice, the best chain, both ends followed to where the band ends.
 */
#include "segment/locate.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "segment/chain.h"
#include "teno/memory.h"

#define SAME_LEG_MM 35.0  /* candidates of one Achilles stay within this of each other, across the leg */
#define CHAIN_MIN_MM 14.0 /* of dark sections: less is not a tendon that can be told from its neighbours */

static TrackOptions track_options(const TendonSpec *spec)
{
    return (TrackOptions){.thickness_mm = {spec->thickness_mm[0], spec->thickness_mm[1]},
                          .width_mm = {spec->width_mm[0], spec->width_mm[1]},
                          .length_mm = spec->length_mm[1],
                          .bridge_mm = 6};
}

static double chain_middle_x(const Chain *chain, const Blobs *blobs)
{
    double sum = 0;
    for (int i = 0; i < chain->n; i++) sum += blobs->blob[chain->blob[i]].centre_lps.x;
    return chain->n ? sum / chain->n : 0;
}

/* The best chain elsewhere: in the other leg, or a rival that says how sure the best one is. */
static int chain_elsewhere(Chain *out, const Chain *first, const Blobs *blobs, double apart_mm, double level_mm,
                           Error *error)
{
    unsigned char *usable = array_alloc((size_t)blobs->n + 1, 1, error);
    if (!usable) return TENO_FAILED;
    for (int i = 0; i < blobs->n; i++) {
        const Blob *b = &blobs->blob[i];
        usable[i] = 1;
        for (int c = 0; c < first->n; c++) {
            const Blob *f = &blobs->blob[first->blob[c]];
            if (abs(f->level - b->level) <= 4 && fabs(f->centre_lps.x - b->centre_lps.x) < apart_mm &&
                hypot(f->centre_lps.x - b->centre_lps.x, f->centre_lps.y - b->centre_lps.y) < apart_mm)
                usable[i] = 0;
        }
    }
    int code = chain_best(out, blobs, usable, level_mm, error);
    free(usable);
    return code;
}

static int chain_knots(Knots *out, const Chain *chain, const Blobs *blobs, Error *error)
{
    int code = TENO_OK;
    for (int i = 0; i < chain->n && !code; i++) {
        const Blob *b = &blobs->blob[chain->blob[i]];
        code = knots_add(out, (Knot){b->centre_lps, b->minor_mm, b->major_mm, b->angle_rad, 1}, error);
    }
    return code;
}

static int extend_both_ways(Located *out, const Images *images, const TrackOptions *options, Error *error)
{
    int code = track_extend(&out->knots, images, options, error), n = out->knots.n;
    knots_reverse(&out->knots);
    if (!code) code = track_extend(&out->knots, images, options, error);
    knots_reverse(&out->knots);
    for (int i = 0; i < out->knots.n - n; i++)
        out->low_mm += vec3_distance(out->knots.knot[i].centre_lps, out->knots.knot[i + 1].centre_lps);
    return code;
}

static int choose_chain(Located *out, Chain *chain, const Blobs *blobs, double level_mm, Side wanted, Error *error)
{
    Chain other = {0}, rival = {0};
    int code = chain_best(chain, blobs, NULL, level_mm, error);
    if (!code) code = chain_elsewhere(&other, chain, blobs, SAME_LEG_MM, level_mm, error);
    if (!code) code = chain_elsewhere(&rival, chain, blobs, 8, level_mm, error);
    if (code) goto out;
    if (chain->score > 0) out->rival = rival.score / chain->score;
    double apart = chain_middle_x(&other, blobs) - chain_middle_x(chain, blobs);
    if (other.n * level_mm >= CHAIN_MIN_MM && other.score > 0.5 * chain->score && fabs(apart) > 50) {
        /* Two legs, each with an Achilles: the patient's left one lies at larger x. */
        out->two_legs = true;
        out->side = apart > 0 ? SIDE_RIGHT : SIDE_LEFT;
        if (wanted != SIDE_UNKNOWN && wanted != out->side) {
            Chain swap = *chain;
            *chain = other;
            other = swap;
            out->side = wanted;
        }
    }
out:
    chain_free(&other);
    chain_free(&rival);
    return code;
}

int locate_achilles(Located *out, const Images *images, const SegmentRequest *request, Error *error)
{
    *out = (Located){0};
    const Lattice *lattice = images->lattice;
    Blobs blobs = {0};
    Chain chain = {0};
    int code = blobs_find(&blobs, lattice, error);
    if (code) goto out;
    blobs_score_achilles(&blobs);
    code = choose_chain(out, &chain, &blobs, lattice->grid.dz, request->side, error);
    if (code) goto out;
    out->length_mm = chain.n * lattice->grid.dz;
    if (out->length_mm < CHAIN_MIN_MM) {
        snprintf(out->reason, sizeof out->reason,
                 "no dark band like an Achilles tendon found behind the ankle (longest %.0f mm, wanted %.0f mm)",
                 out->length_mm, CHAIN_MIN_MM);
        goto out;
    }
    out->chain_score = chain.score / (out->length_mm / 10);
    code = chain_knots(&out->knots, &chain, &blobs, error);
    TrackOptions options = track_options(request->spec);
    if (!code) code = extend_both_ways(out, images, &options, error);
out:
    chain_free(&chain);
    blobs_free(&blobs);
    if (code) located_free(out);
    return code;
}

void located_free(Located *located)
{
    knots_free(&located->knots);
}

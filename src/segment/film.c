/*
 * One thickness of the paratenon for a tendon.
 *
 * A film draws the edge outwards where it is darker than what lies outside and inwards where it is brighter, so that
 * channels of different contrast see the edge at different places; and each edge's own shape says a little. Both are
 * summed over the boundary as normal equations of a change of the thickness. Thousands of points make each sum look
 * surer than it is: what all points have in common (the point spread's width, a channel's edge rule) is not averaged
 * away, and limits what the image can say against the usual thickness. What this cannot do: see a film that changes
 * along the tendon.
 */
#include "segment/film.h"

#include <math.h>

#define FILM_SPREAD_MM 0.2   /* of the usual thickness between people, with and without a little fluid */
#define CHANNEL_RULE_MM 0.02 /* by which two channels place the same edge differently all around */
#define OWN_SPREAD_MM 0.15   /* of a thickness read from the shape of edges whose blur is known to a tenth */
/* No width is read to better than this share of a voxel: the point spread is known to a tenth (edge_view.c). */
#define VOXEL_SHARE 0.1

void film_hear(FilmEvidence *evidence, const EdgeVote *vote, int n)
{
    double sum = 0, pull = 0, shift = 0, pull_pull = 0, pull_shift = 0;
    for (int c = 0; c < n; c++) {
        if (!(vote[c].variance_mm2 > 0) || fabs(vote[c].shift_mm) > EDGE_LIMIT_MM) continue;
        double weight = 1 / (vote[c].variance_mm2 * EDGE_SHARED);
        sum += weight;
        pull += weight * vote[c].film_pull;
        shift += weight * vote[c].shift_mm;
        pull_pull += weight * vote[c].film_pull * vote[c].film_pull;
        pull_shift += weight * vote[c].film_pull * vote[c].shift_mm;
        evidence->own += vote[c].film_information / EDGE_SHARED;
        evidence->own_force += vote[c].film_force / EDGE_SHARED;
    }
    if (!(sum > 0)) return;
    evidence->weight += sum;
    evidence->between += pull_pull - pull * pull / sum;
    evidence->between_force += pull_shift - pull * shift / sum;
}

/* Information about the thickness, 1/mm²; `force`: its product with the change. */
static double film_weigh(double *force, const FilmEvidence *e, double film_mm)
{
    double off = fmax(film_mm - FILM_USUAL_MM, 0);
    double information = 1 / (FILM_SPREAD_MM * FILM_SPREAD_MM + off * off);
    *force = (FILM_USUAL_MM - film_mm) * information;
    if (e->between > 0) {
        double known = 1 / (1 / e->between + CHANNEL_RULE_MM * CHANNEL_RULE_MM * e->weight / e->between);
        information += known;
        *force += known * e->between_force / e->between;
    }
    if (e->own > 0) {
        double known = 1 / (1 / e->own + OWN_SPREAD_MM * OWN_SPREAD_MM);
        information += known;
        *force += known * e->own_force / e->own;
    }
    return information;
}

double film_decide(const FilmEvidence *e, double film_mm)
{
    double force, information = film_weigh(&force, e, film_mm);
    return fmin(fmax(film_mm + force / information, 0), FILM_MAX_MM);
}

double film_sd_mm(const FilmEvidence *e, double film_mm, double voxel_mm)
{
    double force, information = film_weigh(&force, e, film_mm);
    return hypot(sqrt(1 / information), hypot(VOXEL_SHARE * voxel_mm, FILM_LEVEL_SPREAD * film_mm));
}

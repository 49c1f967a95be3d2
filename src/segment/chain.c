/*
 * Finding the Achilles: the chain of candidates that is most like an Achilles as a whole.
 *
 * Each candidate has a score from the anatomy; each step from one level to a later one costs by how far it jumps, how
 * much the size changes, and how many levels it leaves out. Leaving levels out is how a complete rupture, where no dark
 * section is left, is bridged from stump to stump. The best chain is the longest path in an acyclic graph and is found
 * exactly by dynamic programming. What it cannot do: find a tendon with no dark part at all.
 *
 * The widths of the terms are anatomy (clinical.md §1.2), taken generously: area 57 mm² normal … 151 mm² tendinopathy;
 * a gap of a neglected rupture is seldom beyond 60 mm (Kuwada IV).
 */
#include "segment/chain.h"

#include <math.h>
#include <stdlib.h>

#include "teno/memory.h"

#define GAP_MAX_MM 80.0
#define COST_PER_GAP_MM 0.12

static double square(double x)
{
    return x * x;
}

/* −x²/2, but never below −limit: a single odd feature must not veto. */
static double normal_score(double x, double limit)
{
    return fmax(-0.5 * x * x, -limit);
}

static double blob_score(const Blob *b)
{
    double score = 1.5;
    score += normal_score(log(b->area_mm2 / 70) / 0.6, 4);
    score += normal_score((b->minor_mm - 6) / 3.5, 2);
    score += isnan(b->depth_mm) ? -1 : normal_score((b->depth_mm - 9) / 6, 4);
    if (!isnan(b->beside_mm)) score += normal_score(b->beside_mm / 14, 2);
    score += 3 * (b->contrast - 0.55);
    score += 2 * (b->behind - 0.7) + (b->front - 0.6);
    /* Wider than thick, across the leg; a round section has no direction. */
    double elongation = b->major_mm / fmax(b->minor_mm, 1);
    score -= fmin(1.5, elongation - 1) * square(sin(b->angle_rad));
    return score;
}

void blobs_score_achilles(Blobs *blobs)
{
    for (int i = 0; i < blobs->n; i++) blobs->blob[i].score = blob_score(&blobs->blob[i]);
}

static double step_cost(const Blob *a, const Blob *b, double level_mm)
{
    double rise = (b->level - a->level) * level_mm;
    double shift = hypot(b->centre_lps.x - a->centre_lps.x, b->centre_lps.y - a->centre_lps.y);
    double tolerance = 0.8 + 0.35 * fmin(rise, 30); /* a slope of 20° is nothing unusual, 35° is possible */
    double growth = log(b->area_mm2 / a->area_mm2) / (0.35 + 0.01 * rise);
    return 0.5 * square(shift / tolerance) + fmin(0.5 * square(growth), 3) + COST_PER_GAP_MM * (rise - level_mm);
}

int chain_best(Chain *out, const Blobs *blobs, const unsigned char *usable, double level_mm, Error *error)
{
    *out = (Chain){0};
    size_t n = (size_t)blobs->n + 1;
    int code = TENO_FAILED, reach = (int)ceil(GAP_MAX_MM / level_mm), last = -1;
    double *total = array_alloc(n, sizeof *total, error);
    int *before = array_alloc(n, sizeof *before, error);
    out->blob = array_alloc(n, sizeof *out->blob, error);
    if (!total || !before || !out->blob) goto out;
    for (int i = 0; i < blobs->n; i++) {
        const Blob *b = &blobs->blob[i];
        double best = 0;
        before[i] = -1;
        if (usable && !usable[i]) {
            total[i] = -INFINITY;
            continue;
        }
        int lowest = b->level > reach ? b->level - reach : 0;
        for (int j = blobs->first[lowest]; j < blobs->first[b->level]; j++) {
            double candidate = total[j] - step_cost(&blobs->blob[j], b, level_mm);
            if (candidate > best) {
                best = candidate;
                before[i] = j;
            }
        }
        total[i] = b->score + best;
        if (total[i] > out->score) {
            out->score = total[i];
            last = i;
        }
    }
    for (int i = last; i >= 0; i = before[i]) out->blob[out->n++] = i;
    for (int a = 0, b = out->n - 1; a < b; a++, b--) {
        int swap = out->blob[a];
        out->blob[a] = out->blob[b];
        out->blob[b] = swap;
    }
    code = TENO_OK;
out:
    free(total);
    free(before);
    if (code) chain_free(out);
    return code;
}

void chain_free(Chain *chain)
{
    free(chain->blob);
    *chain = (Chain){0};
}

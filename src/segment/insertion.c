/*
 * The superior edge of the insertion.
 *
 * Above the insertion a wedge of fat (or a bursa) lies between the tendon and the calcaneus, whose cortex is a thin
 * dark line: going down it approaches the tendon's anterior edge and meets it at the most proximal point of contact.
 * Close to that point line and tendon blur into each other, so the line is not traced but voted for as a whole (after
 * Hough and Duda, CACM 15(1), 1972, doi:10.1145/361237.361242): every candidate is an arc that leaves the tendon's
 * edge, and its vote is how much darker the image is along the arc than at both sides of it. Ten millimetres of a line
 * that is hardly visible at any one place decide together, from all channels; no resolution is needed at the tip
 * itself. An arc that leaves at a grazing angle is found too far below; there the wedge's own thickness says where it
 * begins (wedge.c).
 *
 * What it cannot do: find an insertion that is not imaged, or a wedge filled with tissue as dark as tendon.
 */
#include "segment/insertion.h"

#include <math.h>
#include <stdlib.h>

#include "segment/order.h"
#include "teno/memory.h"

#define BESIDE_MM 1.75 /* from the middle of the cortex (1 to 2 mm, blurred) to fat and to marrow */
#define NEAREST_MM 1.5 /* of the line to the edge: closer, tendon and cortex are one */
#define FARTHEST_MM 10.0
#define ARC_MM 13.0 /* of the line that votes: beyond, calcanei differ */
#define ARC_STEP_MM 0.75
#define STEEPEST 1.9         /* rad: a line that turns back down is the lower corner of the heel */
#define CORTEX_USUAL_MM 1.2  /* posterior calcaneal cortex, 1 to 2 mm, before the image is asked */
#define CORTEX_SPREAD_MM 0.3 /* of it between people (judged) */
#define CORTEX_SD_MM 0.25    /* of what the line shows: a millimetre, no wider than the blur */
#define CORTEX_MOST_MM 2.0
#define CORTEX_FROM_MM 4.0 /* from the tendon on: nearer, its blur darkens the fat beside the line */
#define VOTE_MIN 0.08      /* of a single line: texture and vessels reach as much over this length */
#define VOTE_SURE 0.20     /* of all lines together */
#define MUSCLE_FEW 0.28    /* mean likeness to muscle in Kager's fat: noise, vessels and the blurred edge */
#define MUSCLE_MANY 0.5
/* Of the thickness above, what is left of a band beyond the footprint. Counted: 0.1 to 0.35 below four insertions of
 * the development studies, 1.9 below a soleus' lower end taken for one. */
#define SURELY_THIN 0.6
#define STILL_THICK 0.9
#define VOTE_CHANCE 0.015
#define CLEAR 0.8  /* as much above the next best vote elsewhere leaves no doubt */
#define APART 12.0 /* rings: elsewhere */
#define FAR_BELOW 20.0
#define PLATEAU 0.93
#define NEAR 3.0  /* rings: of single lines' tips around the joint one */
#define BELOW 6.0 /* rings: the tip may lie a little below the tube */
#define TIP_STEP 0.5
enum {
    EDGE_FROM = 4,
    EDGE_TO = 16,
    EDGE_MIN = 6,
    ARC_MIN = 6,
    FIRST = FRONT_MIDDLE, /* lines that vote: farther out the tendon is thin */
    LAST = FRONT_LINES - 1 - FRONT_MIDDLE
};
/* Directions in which the cortex leaves the tendon, from along it to across it (plantar flexion), and how it turns
 * forwards over the rounded corner. */
static const double angle_rad[] = {0.03, 0.1, 0.2, 0.32, 0.46, 0.62, 0.8, 1.0, 1.25, 1.5};
static const double turn_per_mm[] = {0, 0.03, 0.07, 0.13, 0.2};
enum { ANGLES = 10, TURNS = 5 };

/* A map of the fronts at ring `at` (real) on a line, at depth d from the centreline. */
static double front_at(const Fronts *f, const float *map, double at, int line, double d_mm)
{
    double x = d_mm / FRONT_SAMPLE_MM;
    int i = (int)floor(x), k = (int)floor(at);
    if (k < 0 || k + 1 >= f->n_rings || i < 0 || i + 1 >= FRONT_DEPTH) return (double)NAN;
    const float *low = map + (size_t)(k * FRONT_LINES + line) * FRONT_DEPTH + i,
                *high = low + FRONT_LINES * FRONT_DEPTH;
    double a = (double)low[0] + (x - i) * ((double)low[1] - (double)low[0]);
    double b = (double)high[0] + (x - i) * ((double)high[1] - (double)high[0]);
    return a + (at - k) * (b - a);
}

/* The tendon's own anterior edge as a line over the rings above a tip, where the wedge is open. */
static bool edge_line(const Fronts *f, int line, double tip, double *offset, double *slope)
{
    double n = 0, sk = 0, se = 0, skk = 0, ske = 0;
    for (int k = (int)ceil(tip) + EDGE_FROM; k <= (int)tip + EDGE_TO && k < f->n_rings; k++) {
        double e = k >= 0 ? f->edge_mm[k * FRONT_LINES + line] : (double)NAN;
        if (isnan(e)) continue;
        n++;
        sk += k - tip;
        se += e;
        skk += (k - tip) * (k - tip);
        ske += (k - tip) * e;
    }
    double det = n * skk - sk * sk;
    if (n < EDGE_MIN || !(det > 0)) return false;
    *slope = fmin(fmax((n * ske - sk * se) / det, -0.25), 0.25); /* a tendon hardly thins or thickens faster */
    *offset = (se - *slope * sk) / n;
    return true;
}

/* One candidate. The tendon's edge is the line fitted above the tip, or (a swollen tendon bulges) the boundary as it
 * is. */
typedef struct Curve {
    double tip, angle_rad, turn_per_mm, edge, edge_slope;
    bool as_outlined;
} Curve;

/* A point of the plane of a line: ring, and distance in front of the tendon's edge. */
typedef struct Point {
    double ring, w_mm, angle_rad;
} Point;

static Point curve_point(const Curve *c, double along_mm)
{
    double half = c->angle_rad + c->turn_per_mm * along_mm / 2; /* the chord of an arc has its mean direction */
    return (Point){c->tip + along_mm * cos(half), along_mm * sin(half), c->angle_rad + c->turn_per_mm * along_mm};
}

/* A map's value at a distance beside the curve, to the side of the marrow. */
static double beside(const Fronts *f, const float *map, int line, const Curve *c, const Point *p, double beside_mm)
{
    double ring = p->ring - beside_mm * sin(p->angle_rad), w = p->w_mm + beside_mm * cos(p->angle_rad), edge;
    int k = (int)floor(ring);
    if (k < 0 || k + 1 >= f->n_rings) return (double)NAN;
    if (c->as_outlined) {
        double a = f->edge_mm[k * FRONT_LINES + line], b = f->edge_mm[(k + 1) * FRONT_LINES + line];
        edge = a + (ring - k) * (b - a);
    } else {
        edge = c->edge + c->edge_slope * (ring - c->tip);
    }
    return front_at(f, map, ring, line, edge + w);
}

/* Sum over the curve of how much darker it is than both sides; `n` the points that could vote. */
static double curve_vote(const Fronts *f, int line, const Curve *c, double *n)
{
    double sum = 0;
    *n = 0;
    for (double along = ARC_STEP_MM; along <= ARC_MM; along += ARC_STEP_MM) {
        Point p = curve_point(c, along);
        if (p.w_mm < NEAREST_MM) continue;
        if (p.w_mm > FARTHEST_MM || p.angle_rad > STEEPEST) break;
        double wedge = fmin(BESIDE_MM, 0.5 * p.w_mm + 0.4); /* the wedge's middle when it is thin */
        double at = beside(f, f->shade, line, c, &p, 0), marrow = beside(f, f->shade, line, c, &p, BESIDE_MM);
        double fat = beside(f, f->shade, line, c, &p, -wedge);
        if (isnan(at) || isnan(marrow) || isnan(fat)) continue;
        sum += fmin(at - fmax(fat, marrow), 0.6); /* a line is darker than either side: an edge is not */
        (*n)++;
    }
    return sum;
}

/* How much of what lies in front of the tendon just above a tip is no muscle, 0 to 1: there is Kager's fat (or a bursa)
 * above the calcaneus, and an aponeurosis between muscles is no cortex. */
static double fat_above(const Fronts *f, double tip)
{
    enum { FROM = 3, TO = 14 };
    double sum = 0, n = 0;
    for (int k = (int)tip + FROM; k <= (int)tip + TO && k < f->n_rings; k++)
        for (int line = FIRST; line <= LAST && k >= 0; line++) {
            double edge = f->edge_mm[k * FRONT_LINES + line];
            if (isnan(edge)) continue;
            const float *muscle = f->muscle + (size_t)(k * FRONT_LINES + line) * FRONT_DEPTH;
            for (int i = (int)((edge + 1) / FRONT_SAMPLE_MM); i < (int)((edge + 6) / FRONT_SAMPLE_MM); i++) {
                if (i < 0 || i >= FRONT_DEPTH || isnan(muscle[i])) continue;
                sum += (double)muscle[i];
                n++;
            }
        }
    return n > 0 ? fmin(fmax((MUSCLE_MANY - sum / n) / (MUSCLE_MANY - MUSCLE_FEW), 0), 1) : 1;
}

/* Mean distance of the outline's front from the centreline over rings [from, to), which halves its thickness; NaN where
 * there are too few. */
static double mean_front(const Fronts *f, int from, int to)
{
    double sum = 0, n = 0;
    for (int k = from < 0 ? 0 : from; k < to && k < f->n_rings; k++)
        for (int line = FIRST; line <= LAST; line++) {
            double edge = f->edge_mm[k * FRONT_LINES + line];
            if (isnan(edge)) continue;
            sum += edge;
            n++;
        }
    return n >= 0.5 * (to - from) * (LAST - FIRST + 1) ? sum / n : (double)NAN;
}

/* Does the tendon end below a tip, 0 to 1? It spreads out on the heel and is gone 24 mm farther down (envelope.c); a
 * band that is as thick there as above has not inserted. */
static double ends_below(const Fronts *f, double tip)
{
    enum { GONE = 24, OVER = 10, ABOVE_FROM = 5, ABOVE_TO = 20 };
    int at = (int)tip;
    double below = mean_front(f, at - GONE - OVER, at - GONE), above = mean_front(f, at + ABOVE_FROM, at + ABOVE_TO);
    if (isnan(below) || isnan(above)) return 1;
    return fmin(fmax((STILL_THICK - below / above) / (STILL_THICK - SURELY_THIN), 0), 1);
}

/* Mean vote of lines [first, last] for the best curve with this tip, shrunk for short ones; `best` says which. */
static double tip_vote(const Fronts *f, double tip, int first, int last, Curve *best)
{
    Curve edge[FRONT_LINES];
    bool open[FRONT_LINES] = {false};
    double highest = 0;
    for (int line = first; line <= last; line++) {
        edge[line] = (Curve){.tip = tip};
        open[line] = edge_line(f, line, tip, &edge[line].edge, &edge[line].edge_slope);
    }
    for (int i = 0; i < 2 * ANGLES * TURNS; i++) {
        Curve try = {.tip = tip,
                     .angle_rad = angle_rad[i % ANGLES],
                     .turn_per_mm = turn_per_mm[i / ANGLES % TURNS],
                     .as_outlined = i >= ANGLES * TURNS};
        double sum = 0, votes = 0, lines = 0;
        for (int line = first; line <= last; line++) {
            if (!open[line]) continue;
            double n;
            try.edge = edge[line].edge;
            try.edge_slope = edge[line].edge_slope;
            sum += curve_vote(f, line, &try, &n);
            votes += n;
            lines++;
        }
        if (votes < ARC_MIN * lines || lines < 0.5 * (last - first + 1)) continue;
        double vote = sum / (votes + 2 * lines);
        if (vote <= highest) continue;
        highest = vote;
        *best = try;
    }
    return highest;
}

/* Full thickness of the dark line: its integral across, in units of its own contrast to complete darkness. */
static double curve_cortex(const Fronts *f, int line, const Curve *joint)
{
    double sum = 0;
    int n = 0;
    Curve own = *joint;
    if (!edge_line(f, line, own.tip, &own.edge, &own.edge_slope)) return (double)NAN;
    for (double along = ARC_STEP_MM; along <= ARC_MM; along += ARC_STEP_MM) {
        Point p = curve_point(&own, along);
        if (p.w_mm < CORTEX_FROM_MM || p.w_mm > FARTHEST_MM || p.angle_rad > STEEPEST) continue;
        double area = 0,
               base = (beside(f, f->shade, line, &own, &p, -2.5) + beside(f, f->shade, line, &own, &p, 2.5)) / 2;
        for (double x = -2; x <= 2; x += FRONT_SAMPLE_MM)
            area += FRONT_SAMPLE_MM * (beside(f, f->shade, line, &own, &p, x) - base);
        if (isnan(area)) continue;
        sum += area / fmax(1 - base, 0.3);
        n++;
    }
    return n ? sum / n : (double)NAN;
}

/* Where the curve's cortex is expected on a ring: distance in front of the tendon's edge. */
static double curve_depth(const Curve *c, double ring)
{
    if (ring <= c->tip) return 0;
    for (double along = 0.25; along <= ARC_MM + 4; along += 0.25) {
        Point p = curve_point(c, along);
        if (p.ring >= ring) return p.w_mm;
        if (p.angle_rad > STEEPEST) break;
    }
    return (double)NAN;
}

/* The wedge between tendon and cortex around the tip. */
static Wedge wedge_look(const Fronts *f, const Curve *joint, double cortex_mm)
{
    WedgePlace place = {.first = (int)lrint(joint->tip) - WEDGE_BELOW};
    for (int line = 0; line < FRONT_LINES; line++) {
        double edge, slope;
        bool open = edge_line(f, line, joint->tip, &edge, &slope);
        for (int i = 0; i < WEDGE_RINGS; i++) {
            double k = place.first + i;
            place.edge_mm[i][line] = open ? edge + slope * (k - joint->tip) : (double)NAN;
            place.cortex_at_mm[i][line] = place.edge_mm[i][line] + curve_depth(joint, k) + cortex_mm / 2;
        }
    }
    return wedge_measure(f, &place, cortex_mm);
}

/* The highest vote among tips more than APART rings away: what chance and other lines reach in this study. */
static double rival_vote(const double *vote, int n, int best)
{
    double highest = 0;
    for (int i = 0; i < n; i++)
        if (abs(i - best) * TIP_STEP > APART) highest = fmax(highest, vote[i]);
    return highest;
}

/* The tip of the best vote; or of one at least half as good and much more distal, because lines between muscles lie
 * higher up (not at the very end of the tube, where a heel's lower corner may lie). Near the tip the curve hardly
 * votes, so that tips just below a best one do nearly as well: the contact is where the plateau begins. */
static int choose_tip(const double *vote, int n)
{
    int best = -1;
    for (int i = 0; i < n; i++)
        if (vote[i] > 0 && (best < 0 || vote[i] > vote[best])) best = i;
    if (best < 0) return best;
    int apart = (int)(FAR_BELOW / TIP_STEP), end = (int)((BELOW + APART) / TIP_STEP), lower = -1;
    for (int i = end; i < best - apart; i++)
        if (vote[i] >= 0.5 * vote[best] && (lower < 0 || vote[i] > vote[lower])) lower = i;
    if (lower >= 0) best = lower;
    double enough = PLATEAU * vote[best];
    while (best > 0 && vote[best - 1] >= enough) best--;
    return best;
}

/* Where single lines see the tip, near that of all together: the most proximal contact, but not on one line's word. */
static double proximal_contact(const Fronts *fronts, double joint, double *spread)
{
    double tip[FRONT_LINES];
    int n = 0;
    for (int line = FIRST; line <= LAST; line++) {
        double best = 0;
        Curve curve;
        for (double at = joint - NEAR; at <= joint + NEAR; at += TIP_STEP) {
            double vote = tip_vote(fronts, at, line, line, &curve);
            if (vote <= best) continue;
            best = vote;
            tip[n] = at;
        }
        n += best >= VOTE_MIN;
    }
    *spread = NEAR;
    if (n < 3) return joint;
    values_sort(tip, n);
    *spread = (tip[n - 1] - tip[0]) / 2;
    return fmin(fmax(tip[n - 2], joint), joint + 1);
}

int insertion_find(Insertion *out, const Fronts *fronts, Error *error)
{
    *out = (Insertion){.cortex_mm = CORTEX_USUAL_MM, .cortex_sd_mm = CORTEX_SPREAD_MM};
    int n = (int)((fronts->n_rings - EDGE_FROM - EDGE_MIN + BELOW) / TIP_STEP), best = -1, n_cortex = 0;
    if (n < 1) return TENO_OK;
    double *vote = array_alloc((size_t)n, sizeof *vote, error), cortex[FRONT_LINES], spread;
    if (!vote) return TENO_FAILED;
#pragma omp parallel for schedule(dynamic, 4)
    for (int i = 0; i < n; i++) {
        Curve curve;
        double tip = i * TIP_STEP - BELOW;
        vote[i] = tip_vote(fronts, tip, FIRST, LAST, &curve) * fat_above(fronts, tip) * ends_below(fronts, tip);
    }
    best = choose_tip(vote, n);
    if (best >= 0) {
        Curve curve;
        double tip = best * TIP_STEP - BELOW, rival = rival_vote(vote, n, best);
        tip_vote(fronts, tip, FIRST, LAST, &curve);
        for (int line = FIRST; line <= LAST; line++) {
            double thick = curve_cortex(fronts, line, &curve);
            if (!isnan(thick)) cortex[n_cortex++] = thick;
        }
        if (n_cortex) {
            values_sort(cortex, n_cortex);
            double trust = CORTEX_SPREAD_MM * CORTEX_SPREAD_MM /
                           (CORTEX_SPREAD_MM * CORTEX_SPREAD_MM + CORTEX_SD_MM * CORTEX_SD_MM);
            out->cortex_mm += trust * (fmin(cortex[n_cortex / 2], CORTEX_MOST_MM) - out->cortex_mm);
            out->cortex_sd_mm = sqrt(trust) * CORTEX_SD_MM;
        }
        out->wedge = wedge_look(fronts, &curve, out->cortex_mm);
        out->ring =
            out->wedge.contact_ring > tip - NEAR ? out->wedge.contact_ring : proximal_contact(fronts, tip, &spread);
        out->confidence = fmin(1, fmax(0, vote[best] - VOTE_CHANCE) / VOTE_SURE) *
                          fmin(1, fmax(0, vote[best] / fmax(rival, 1e-6) - 1) / CLEAR);
        out->found = true;
    }
    free(vote);
    return TENO_OK;
}

/*
 * The heel is rounded: where the tendon is wider than its seat, its wings stand free, and bone must not be taken off
 * them. Fat and marrow are equally bright, so that the edge of the dark layer does not tell what it borders. But the
 * cortex has to be somewhere: going forwards from the edge, one that was not passed within the dark layer follows as a
 * second dark line. What it cannot do: see a line that lies closer than the resolution, which the outline then holds.
 */
#include "segment/contact.h"

#include <math.h>
#include <stdlib.h>

#include "segment/front.h"
#include "segment/order.h"
#include "teno/memory.h"

#define NEAREST_MM 0.75 /* of the line before the edge: nearer, the edge's own blur is dark */
#define FARTHEST_MM 6.0
#define BEYOND_MM 2.5  /* the line has ended, and marrow follows */
#define LINE_NONE 0.15 /* darker than both sides by this share of the contrast: noise and trabeculae */
#define LINE_SURE 0.35 /* a cortex of 1 mm under a blur of 1 mm */
enum { NEAR = 2, DEPTHS = 36 /* rings averaged to either side; samples in front of the edge */ };

static Contact columns_of(const Tube *tube, int k, const Outline *outline)
{
    double eu = cos(tube->ring[k].angle_rad), ev = sin(tube->ring[k].angle_rad), low = INFINITY, high = -INFINITY;
    for (int i = 0; i < SECTION_POINTS; i++) {
        double along = outline->u[i] * eu + outline->v[i] * ev;
        low = fmin(low, along);
        high = fmax(high, along);
    }
    /* Half a column in from the tips, so that each has an edge to start from. */
    double pitch = (high - low) / CONTACT_COLUMNS;
    return (Contact){.first_mm = low + pitch / 2, .pitch_mm = pitch};
}

/* Brightness (0 tendon, 1 fat) in front of the outline at every column; NaN where nothing is seen. */
static void ring_look(Contact *contact, float *bright, const Tube *tube, int k, const Images *images)
{
    const Ring *ring = &tube->ring[k];
    Outline outline = outline_of_ring(tube, k);
    double eu = cos(ring->angle_rad), ev = sin(ring->angle_rad), back, front;
    *contact = columns_of(tube, k, &outline);
    for (int j = 0; j < CONTACT_COLUMNS; j++) {
        float *row = bright + j * DEPTHS, shade[FRONT_DEPTH], muscle[FRONT_DEPTH];
        double along = contact->first_mm + j * contact->pitch_mm;
        bool met = outline_across(&outline, ring, along, &back, &front);
        Ray ray = {along * eu, along * ev, ev, -eu}; /* forwards */
        Vec3 from = ring_point(ring, &ray, met ? -front : 0), ahead = ring_point(ring, &ray, 1);
        Vec3 forwards = vec3_sub(ahead, ring_point(ring, &ray, 0));
        front_line(shade, muscle, &ring->frame, from, vec3_scale(forwards, FRONT_SAMPLE_MM), images);
        for (int i = 0; i < DEPTHS; i++) row[i] = met ? 1 - shade[i] : (float)NAN;
    }
}

/* How much darker than both sides the darkest line in front of a column is; what is not seen (NaN) makes no line. */
static double line_depth(const double bright[DEPTHS])
{
    int first = (int)(NEAREST_MM / FRONT_SAMPLE_MM), last = (int)(FARTHEST_MM / FRONT_SAMPLE_MM);
    int beyond = (int)(BEYOND_MM / FRONT_SAMPLE_MM);
    double deepest = 0, before = -INFINITY;
    for (int i = 0; i < first; i++) before = fmax(before, bright[i]);
    for (int i = first; i <= last; i++) {
        double after = -INFINITY;
        for (int j = i + 1; j <= i + beyond && j < DEPTHS; j++) after = fmax(after, bright[j]);
        deepest = fmax(deepest, fmin(before, after) - bright[i]);
        before = fmax(before, bright[i]);
    }
    return deepest;
}

/* Rings near k averaged, from the edge of each, so that noise makes no lines. */
static void ring_decide(Contact *contact, const float *bright, int k, int n)
{
    double share[CONTACT_COLUMNS];
    for (int j = 0; j < CONTACT_COLUMNS; j++) {
        double mean[DEPTHS];
        for (int i = 0; i < DEPTHS; i++) {
            double sum = 0;
            int seen = 0;
            for (int near = k - NEAR; near <= k + NEAR; near++) {
                if (near < 0 || near >= n) continue;
                double b = (double)bright[((size_t)near * CONTACT_COLUMNS + (size_t)j) * DEPTHS + (size_t)i];
                if (isnan(b)) continue;
                sum += b;
                seen++;
            }
            mean[i] = seen ? sum / seen : (double)NAN;
        }
        share[j] = 1 - fmin(fmax((line_depth(mean) - LINE_NONE) / (LINE_SURE - LINE_NONE), 0), 1);
    }
    for (int j = 0; j < CONTACT_COLUMNS; j++) { /* one column may be wrong */
        double of[3];
        int m = 0;
        for (int l = j - 1; l <= j + 1; l++)
            if (l >= 0 && l < CONTACT_COLUMNS) of[m++] = share[l];
        contact[k].share[j] = values_median(of, m);
    }
}

int contacts_measure(Contact *contact, const Tube *tube, int n, const Images *images, Error *error)
{
    float *bright = array_alloc((size_t)n * CONTACT_COLUMNS * DEPTHS, sizeof *bright, error);
    if (!bright) return TENO_FAILED;
#pragma omp parallel for schedule(dynamic, 2)
    for (int k = 0; k < n; k++) ring_look(&contact[k], bright + (size_t)k * CONTACT_COLUMNS * DEPTHS, tube, k, images);
#pragma omp parallel for schedule(static)
    for (int k = 0; k < n; k++) ring_decide(contact, bright, k, n);
    free(bright);
    return TENO_OK;
}

double contact_share(const Contact *contact, double along_mm)
{
    double x = contact->pitch_mm > 0 ? (along_mm - contact->first_mm) / contact->pitch_mm : 0;
    x = fmin(fmax(x, 0), CONTACT_COLUMNS - 1);
    int j = (int)fmin(x, CONTACT_COLUMNS - 2);
    return contact->share[j] + (x - j) * (contact->share[j + 1] - contact->share[j]);
}

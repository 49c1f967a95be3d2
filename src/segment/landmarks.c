/*
 * Landmarks from what lies in front of the tendon: the insertion (insertion.c), and higher up the soleus junction,
 * where fat gives way to muscle that touches the tendon.
 */
#include "segment/landmarks.h"

#include <math.h>
#include <stdlib.h>

#include "teno/memory.h"

#define BEFORE_MM 3.0       /* depth of the layer in front in which muscle is looked for */
#define CONFIDENCE_MIN 0.15 /* an insertion less sure than this is left out: nothing may hang on it */

/* Share of muscle in the layer in front of a ring, over the middle lines; NaN unknown. */
static double muscle_before(const Fronts *f, int k)
{
    double sum = 0;
    int n = 0;
    for (int line = FRONT_MIDDLE + 1; line < FRONT_LINES - FRONT_MIDDLE - 1; line++) {
        double edge = f->edge_mm[k * FRONT_LINES + line];
        if (isnan(edge)) continue;
        const float *muscle = f->muscle + (size_t)(k * FRONT_LINES + line) * FRONT_DEPTH;
        int first = (int)(edge / FRONT_SAMPLE_MM) + 2, last = first + (int)(BEFORE_MM / FRONT_SAMPLE_MM);
        for (int i = first; i < last; i++) {
            if (i < 0 || i >= FRONT_DEPTH || isnan(muscle[i])) continue;
            sum += (double)muscle[i];
            n++;
        }
    }
    return n ? sum / n : (double)NAN;
}

/* First ring above which muscle stays in front: the split of the muscle share into two levels with the least error. */
static void junction_find(Landmarks *out, const Fronts *fronts)
{
    int n_rings = fronts->n_rings;
    double total = 0, squares = 0, best = INFINITY, low_sum = 0;
    int n = 0, n_low = 0, at = -1;
    int from = out->has_insertion ? (int)fmax(out->insertion_ring + 10, 0) : 0;
    double *share = array_alloc((size_t)n_rings + 1, sizeof *share, NULL);
    if (!share) return;
    for (int k = from; k < n_rings; k++) {
        share[k] = muscle_before(fronts, k);
        if (isnan(share[k])) continue;
        total += share[k];
        squares += share[k] * share[k];
        n++;
    }
    double mean_low = 0, mean_high = 0;
    for (int k = from; k < n_rings; k++) {
        if (isnan(share[k])) continue;
        low_sum += share[k];
        n_low++;
        if (n_low < 5 || n - n_low < 8) continue;
        double high_sum = total - low_sum, a = low_sum / n_low, b = high_sum / (n - n_low);
        double error = squares - low_sum * a - high_sum * b;
        if (b > a && error < best) {
            best = error;
            at = k;
            mean_low = a;
            mean_high = b;
        }
    }
    free(share);
    if (at < 0 || mean_high - mean_low < 0.25) return;
    out->has_junction = true;
    out->junction_ring = at + 0.5;
    out->junction_confidence = fmin(1, (mean_high - mean_low) / 0.6) * exp(-2 * best / n);
}

int landmarks_find(Landmarks *out, const Tube *tube, const Images *images, Error *error)
{
    Fronts fronts;
    Insertion insertion;
    *out = (Landmarks){0};
    int code = fronts_sample(&fronts, tube, images, error);
    if (code) return code;
    code = insertion_find(&insertion, &fronts, error);
    if (code) goto out;
    out->has_insertion = insertion.found && insertion.confidence >= CONFIDENCE_MIN;
    out->insertion_ring = insertion.ring;
    out->insertion_confidence = insertion.confidence;
    out->cortex_mm = insertion.cortex_mm;
    out->cortex_sd_mm = insertion.cortex_sd_mm;
    out->has_wedge = insertion.found;
    out->wedge = insertion.wedge;
    junction_find(out, &fronts);
out:
    fronts_free(&fronts);
    return code;
}

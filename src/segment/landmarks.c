/*
 * Landmarks from what lies in front of the tendon.
 *
 * In front of each section, along several parallel lines, dark and bright alternate: tendon, then fat, then (near the
 * heel) the thin dark cortex of the calcaneus and the bright marrow behind it. Going down, the wedge of fat between
 * tendon and cortex narrows to nothing at the superior edge of the insertion. Where the wedge is still wide enough to
 * be seen, the distance from tendon to cortex is fitted by a line over s and extrapolated to contact: no resolution is
 * needed at the tip itself. Higher up, fat gives way to muscle touching the tendon: the soleus junction.
 * What it cannot do: find an insertion that is not imaged, or a wedge filled with tissue as dark as tendon.
 */
#include "segment/landmarks.h"

#include <math.h>
#include <stdlib.h>

#include "teno/memory.h"

#define SAMPLE_MM 0.25
#define REACH_MM 16.0     /* in front of the centreline */
#define BRIGHT_MIN_MM 0.6 /* shorter bright runs are noise */
#define CORTEX_MAX_MM 4.0 /* the corner is crossed obliquely */
#define MARROW_MIN_MM 3.0
#define CORTEX_DARK 0.3     /* of the darkness on which muscle is 0: thin lines are blurred */
#define WEDGE_MAX_MM 7.0    /* of the part that is nearly straight */
#define CORTEX_USUAL_MM 1.2 /* posterior calcaneal cortex, when the wedge does not show it */
enum { LINES = 5, DEPTH = (int)(REACH_MM / SAMPLE_MM), WEDGE_MIN_POINTS = 4, WEDGE_POINTS = 9 };
#define CONFIDENCE_MIN 0.05 /* lines that disagree this much have seen something else */
static const double line_mm[LINES] = {-4, -2, 0, 2, 4};

/* What one line meets in front of the tendon. */
typedef struct Front {
    double edge_mm;   /* of the dark band that holds the centre, from the centreline; NaN none */
    double wedge_mm;  /* from that edge to the middle of a thin dark line with bright tissue behind; NaN none */
    double cortex_mm; /* that line's thickness, as if all of its darkness were full */
    double muscle;    /* share of muscle in the first 3 mm in front of the edge, 0–1; NaN unknown */
} Front;

/* How finely this channel resolves the plane of tangent and front. */
static double channel_blur(const Channel *channel, const Section *frame)
{
    const Grid *g = &channel->vol.grid;
    Vec3 oblique = vec3_unit(vec3_sub(frame->tangent, frame->v));
    oblique = rigid_rotate(&channel->ref_to_channel, oblique);
    return fabs(vec3_dot(oblique, g->axis_x)) * g->dx + fabs(vec3_dot(oblique, g->axis_y)) * g->dy +
           fabs(vec3_dot(oblique, g->axis_z)) * g->dz;
}

/* Darkness (1 tendon, 0 at the darker of muscle and fat), shade (1 tendon, 0 fat: what a thin line's integral needs)
 * and muscle-likeness along a line to the front, all channels. */
static void line_sample(double dark[DEPTH], double shade[DEPTH], double muscle[DEPTH], const Section *frame,
                        double u_mm, const Images *images)
{
    double weights[DEPTH] = {0};
    for (int i = 0; i < DEPTH; i++) dark[i] = shade[i] = muscle[i] = 0;
    for (int c = 0; c < images->prepared->n_channels; c++) {
        const Channel *channel = &images->prepared->channel[c];
        double blur = channel_blur(channel, frame), weight = 1 / (blur * blur);
        Vec3 from = vec3_along(frame->centre_lps, frame->u, u_mm), to = vec3_along(from, frame->v, -SAMPLE_MM);
        from = grid_to_vox(&channel->vol.grid, rigid_apply(&channel->ref_to_channel, from));
        to = grid_to_vox(&channel->vol.grid, rigid_apply(&channel->ref_to_channel, to));
        Vec3 step = vec3_sub(to, from);
        for (int i = 0; i < DEPTH; i++) {
            double value = vol_sample_vox(&channel->vol, vec3_along(from, step, i), (double)NAN);
            if (isnan(value)) continue;
            double x = (value - images->scale[c].tendon) / images->scale[c].unit,
                   between = fabs(images->scale[c].fat - 1);
            shade[i] += weight * fmin(fmax(1 - x / images->scale[c].fat, 0), 1);
            dark[i] += weight * fmin(fmax(1 - x / images->scale[c].surround, 0), 1);
            muscle[i] += weight * (between > 0.2 ? fmin(fmax(1 - fabs(x - 1) / between, 0), 1) : 0);
            weights[i] += weight;
        }
    }
    for (int i = 0; i < DEPTH; i++) {
        dark[i] = weights[i] > 0 ? dark[i] / weights[i] : (double)NAN;
        shade[i] = weights[i] > 0 ? shade[i] / weights[i] : (double)NAN;
        muscle[i] = weights[i] > 0 ? muscle[i] / weights[i] : (double)NAN;
    }
}

/* End of the run of dark (or bright) samples that starts at `from`; shorter interruptions than min_mm are skipped. */
static int run_end(const double dark[DEPTH], int from, bool is_dark, double min_mm)
{
    int other = 0, least = (int)ceil(min_mm / SAMPLE_MM);
    for (int i = from; i < DEPTH && !isnan(dark[i]); i++) {
        other = (dark[i] > 0.5) != is_dark ? other + 1 : 0;
        if (other >= least) return i - other + 1;
    }
    return DEPTH;
}

static Front line_front(const Section *frame, double u_mm, const Images *images)
{
    double dark[DEPTH], shade[DEPTH], muscle[DEPTH];
    Front front = {(double)NAN, (double)NAN, 0, (double)NAN};
    line_sample(dark, shade, muscle, frame, u_mm, images);
    if (isnan(shade[0])) return front;
    int edge = run_end(shade, 0, true, BRIGHT_MIN_MM);
    if (edge >= DEPTH) return front;
    front.edge_mm = edge * SAMPLE_MM;
    int n = (int)(3 / SAMPLE_MM), first = edge + 2;
    double sum = 0;
    for (int i = first; i < first + n && i < DEPTH; i++) sum += muscle[i];
    if (first + n < DEPTH) front.muscle = sum / n;
    int line = run_end(shade, edge, false, 0.5);
    if (line >= DEPTH) return front;
    int behind = run_end(shade, line, true, BRIGHT_MIN_MM);
    if (behind >= DEPTH || (behind - line) * SAMPLE_MM > CORTEX_MAX_MM) return front;
    int marrow = run_end(shade, behind, false, 0.5);
    if ((marrow - behind) * SAMPLE_MM < MARROW_MIN_MM) return front;
    double darkest = 0; /* muscle is no cortex, however dark beside fat */
    for (int i = line; i < behind; i++) darkest = fmax(darkest, dark[i]);
    if (darkest < CORTEX_DARK) return front;
    front.wedge_mm = (line + behind) / 2.0 * SAMPLE_MM - front.edge_mm;
    for (int i = line - 3; i < behind + 3 && i < DEPTH; i++) front.cortex_mm += SAMPLE_MM * shade[i];
    return front;
}

/* Share of rings below the tip where bone lies against the band: bright behind it, and no second dark line. */
static double bone_below(const Front *front, int n_rings, int line, double tip)
{
    enum { BELOW = 10 };
    double seen = 0, bone = 0;
    for (int k = (int)tip - BELOW; k < (int)tip; k++) {
        if (k < 0 || k >= n_rings) continue;
        const Front *f = &front[k * LINES + line];
        seen++;
        bone += !isnan(f->edge_mm) && !(f->wedge_mm < WEDGE_MAX_MM) && !(f->muscle > 0.6);
    }
    return seen > 3 ? bone / seen : 0.5; /* the images may end here */
}

/* A line fitted to the wedge over WEDGE_POINTS rings from k on. */
static bool wedge_fit(const Front *front, int k, int line, double *ring, double *cortex_mm, double *quality)
{
    double n = 0, sk = 0, sw = 0, skk = 0, skw = 0, sww = 0, cortex = 0;
    const Front *lowest = &front[k * LINES + line];
    if (isnan(lowest->wedge_mm) || lowest->wedge_mm > 4.5) return false;
    for (int i = k; i < k + WEDGE_POINTS; i++) {
        const Front *f = &front[i * LINES + line];
        if (isnan(f->wedge_mm) || f->wedge_mm > WEDGE_MAX_MM) continue;
        n++;
        sk += i;
        sw += f->wedge_mm;
        skk += (double)i * i;
        skw += i * f->wedge_mm;
        sww += f->wedge_mm * f->wedge_mm;
        cortex += f->cortex_mm;
    }
    if (n < WEDGE_MIN_POINTS) return false;
    double det = n * skk - sk * sk, slope = (n * skw - sk * sw) / det, offset = (sw - slope * sk) / n;
    if (slope < 0.12 || slope > 4) return false;
    double variance = fmax(sww - offset * sw - slope * skw, 0) / n;
    *cortex_mm = cortex / n / hypot(1, slope); /* the corner's cortex is crossed obliquely */
    *ring = (*cortex_mm / 2 - offset) / slope;
    *quality = n / WEDGE_POINTS * exp(-variance);
    return *ring > k - 8 && *ring < k + 3;
}

/* The tip of the wedge on one line: the fit that fits best and has bone below. */
static bool wedge_tip(const Front *front, int n_rings, int line, double *ring, double *cortex_mm, double *quality)
{
    *quality = 0;
    for (int k = 0; k + WEDGE_POINTS <= n_rings; k++) {
        double tip, cortex, fit;
        if (!wedge_fit(front, k, line, &tip, &cortex, &fit)) continue;
        fit *= 0.25 + 0.75 * bone_below(front, n_rings, line, tip); /* a thin film may stay between */
        if (fit <= *quality) continue;
        *quality = fit;
        *ring = tip;
        *cortex_mm = cortex;
    }
    return *quality > 0.1;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static void insertion_find(Landmarks *out, const Front *front, int n_rings)
{
    double tip[LINES], cortex[LINES], quality = 0;
    int n = 0;
    for (int line = 0; line < LINES; line++) {
        double q;
        if (!wedge_tip(front, n_rings, line, &tip[n], &cortex[n], &q)) continue;
        quality += q;
        n++;
    }
    out->cortex_mm = CORTEX_USUAL_MM;
    if (n < 2) return;
    qsort(tip, (size_t)n, sizeof *tip, by_value);
    qsort(cortex, (size_t)n, sizeof *cortex, by_value);
    /* The most proximal contact, but not on the word of one line alone. */
    double middle = tip[n / 2], high = tip[n - 2];
    if (fabs(tip[n / 2] - tip[(n - 1) / 2]) > 6) return;
    out->insertion_ring = fmin(high, middle + 3);
    out->cortex_mm = fmin(fmax(cortex[n / 2], 0.7), 1.8);
    double spread = n > 2 ? (tip[n - 1] - tip[0]) / 2 : 2;
    out->insertion_confidence = quality / LINES * exp(-spread / 8);
    out->has_insertion = out->insertion_confidence >= CONFIDENCE_MIN;
}

/* First ring above which muscle stays in front: the split of the muscle share into two levels with the least error. */
static void junction_find(Landmarks *out, const Front *front, int n_rings)
{
    double total = 0, squares = 0, best = INFINITY, low_sum = 0;
    int n = 0, n_low = 0, at = -1;
    int from = out->has_insertion ? (int)fmax(out->insertion_ring + 10, 0) : 0;
    double *share = array_alloc((size_t)n_rings + 1, sizeof *share, NULL);
    if (!share) return;
    for (int k = from; k < n_rings; k++) {
        double sum = 0;
        int seen = 0;
        for (int line = 1; line < LINES - 1; line++)
            if (!isnan(front[k * LINES + line].muscle)) {
                sum += front[k * LINES + line].muscle;
                seen++;
            }
        share[k] = seen ? sum / seen : (double)NAN;
        if (!seen) continue;
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
    *out = (Landmarks){0};
    Front *front = array_alloc((size_t)tube->n_rings * LINES, sizeof *front, error);
    if (!front) return TENO_FAILED;
#pragma omp parallel for schedule(dynamic, 4)
    for (int k = 0; k < tube->n_rings; k++)
        for (int line = 0; line < LINES; line++)
            front[k * LINES + line] = line_front(&tube->ring[k].frame, line_mm[line], images);
    insertion_find(out, front, tube->n_rings);
    junction_find(out, front, tube->n_rings);
    free(front);
    return TENO_OK;
}

void cortex_remove(Tube *tube, const Landmarks *landmarks)
{
    if (!landmarks->has_insertion) return;
    for (int k = 0; k < tube->n_rings && k < landmarks->insertion_ring + 1; k++) {
        const Ring *ring = &tube->ring[k];
        for (int i = 0; i < SECTION_POINTS; i++) {
            Ray ray = ring_ray(ring, i);
            double front = -ray.dv; /* cosine between the ray and straight ahead */
            if (front < 0.3) continue;
            double share = fmin(1, landmarks->insertion_ring + 1 - k);
            double *r = &tube->radius_mm[k * SECTION_POINTS + i];
            *r = fmax(*r - share * landmarks->cortex_mm * fmin(1, (front - 0.3) / 0.3), 0.2);
        }
    }
}

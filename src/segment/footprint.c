/*
 * Tendon and cortical bone are equally dark, and where the tendon has spread out on the heel their layers are as thin
 * as the resolution. So the thickness of both together is not read off two edges but is the integral of darkness across
 * them, which blurring leaves as it is (Treece et al., Med Image Anal 2010;14:276-290, doi:10.1016/j.media.2010.01.003,
 * for cortices thinner than the blur of CT). What exceeds the cortex, measured in the same way where it is by itself
 * (insertion.c), is tendon; it ends where nothing exceeds. The cortex comes off along the outline's normals, so that
 * the wings which the outline grows along the bone beside the tendon go as well; wings that stand free of the bone
 * stay (contact.c).
 */
#include "segment/footprint.h"

#include <math.h>
#include <stdlib.h>

#include "segment/contact.h"
#include "segment/front.h"
#include "teno/memory.h"

#define CONTACT_MM 3.0   /* below the contact by more, all of the front is bone */
#define BONE_MOST 1.3    /* times the cortex */
#define BASE_NEAR_MM 1.5 /* from the outline to where fat and marrow are themselves */
#define BASE_FAR_MM 3.5
#define CONTRAST_MIN 0.3     /* of tendon to what lies beside it, of that to fat */
#define THINNEST_MM 0.8      /* less than this is no tendon: a spread of the cortex */
#define CORTEX_VARIES_MM 0.1 /* along one heel: a third of what it varies between people (judged) */
#define MIDDLE 0.6           /* part of the width over which the layer is measured: the tips are thin */
enum { COLUMNS = 9, COLUMNS_MIN = 4 };

/* Thickness of bone within the outline's front at `u`: as measured near the contact, the whole cortex below. */
static double bone_mm(const Landmarks *landmarks, int k, double u)
{
    const Wedge *wedge = &landmarks->wedge;
    double cortex = landmarks->cortex_mm, usual = cortex * fmin(1, fmax(landmarks->insertion_ring + 1 - k, 0));
    int i = k - wedge->first;
    if (!landmarks->has_wedge || i < 0 || i >= WEDGE_RINGS || k < landmarks->insertion_ring - CONTACT_MM) return usual;
    double x = fmin(fmax(u / FRONT_PITCH_MM + FRONT_LINES / 2, 0), FRONT_LINES - 1);
    int line = (int)fmin(x, FRONT_LINES - 2);
    double bone = wedge->bone_mm[i][line] + (x - line) * (wedge->bone_mm[i][line + 1] - wedge->bone_mm[i][line]);
    return isnan(bone) ? usual : fmin(fmax(bone, 0), BONE_MOST * cortex);
}

/*
 * Doubt of what is taken off the front, 1 SD: of the cortex' thickness, which was read at the corner and goes on along
 * the heel; of whether bone touches at all; and of a thick film, which the edge's model has all around the tendon: into
 * bone a tendon goes without one.
 */
static double heel_doubt(const Tube *tube, int k, const Landmarks *landmarks, const Contact *contact)
{
    double reached = fmin(fmax(landmarks->insertion_ring + 1 - k, 0), 1), share = 0, unsure = 0;
    for (int j = 0; j < CONTACT_COLUMNS; j++) {
        share += contact->share[j] / CONTACT_COLUMNS;
        unsure += contact->share[j] * (1 - contact->share[j]) / CONTACT_COLUMNS;
    }
    double film = tube->film_sd_mm > 0 ? (double)tube->ring[k].frame.film_mm * tube->film_mm / tube->film_sd_mm : 0;
    double cortex =
        hypot(share * hypot(landmarks->cortex_sd_mm, CORTEX_VARIES_MM), sqrt(unsure) * landmarks->cortex_mm);
    return reached * hypot(cortex, share * film);
}

static void bone_remove(Tube *tube, int k, const Landmarks *landmarks, const Contact *contact)
{
    Outline outline = outline_of_ring(tube, k);
    double bone[SECTION_POINTS], eu = cos(tube->ring[k].angle_rad), ev = sin(tube->ring[k].angle_rad);
    for (int i = 0; i < SECTION_POINTS; i++)
        bone[i] = bone_mm(landmarks, k, outline.u[i]) * contact_share(contact, outline.u[i] * eu + outline.v[i] * ev);
    outline_peel_front(tube, k, &outline, bone);
}

/* Thickness of the dark layer across the outline: the integral of its darkness over that of tendon, each half against
 * what lies beside it; NaN where nothing is seen. */
static double layer_mm(const Ring *ring, double along, double back, double front, const Images *images)
{
    double eu = cos(ring->angle_rad), ev = sin(ring->angle_rad);
    Ray ray = {along * eu, along * ev, ev, -eu}; /* forwards */
    Vec3 from = ring_point(ring, &ray, -(back + BASE_FAR_MM)),
         to = ring_point(ring, &ray, -(back + BASE_FAR_MM) + FRONT_SAMPLE_MM);
    float shade[FRONT_DEPTH], muscle[FRONT_DEPTH];
    front_line(shade, muscle, &ring->frame, from, vec3_sub(to, from), images);
    double length = back - front + 2 * BASE_FAR_MM, fat = 0, marrow = 0, area = 0;
    int n = (int)(length / FRONT_SAMPLE_MM), n_fat = 0, n_marrow = 0;
    if (n >= FRONT_DEPTH) return (double)NAN;
    for (int i = 0; i < n; i++) {
        if (isnan(shade[i])) return (double)NAN;
        double at = i * FRONT_SAMPLE_MM;
        if (at <= BASE_FAR_MM - BASE_NEAR_MM) {
            fat += (double)shade[i];
            n_fat++;
        } else if (at >= length - (BASE_FAR_MM - BASE_NEAR_MM)) {
            marrow += (double)shade[i];
            n_marrow++;
        }
    }
    fat /= n_fat;
    marrow /= n_marrow;
    if (1 - fat < CONTRAST_MIN || 1 - marrow < CONTRAST_MIN) return (double)NAN;
    for (int i = 0; i < n; i++) {
        double base = i < n / 2 ? fat : marrow;
        area += FRONT_SAMPLE_MM * ((double)shade[i] - base) / (1 - base);
    }
    return area;
}

/* Mean thickness of the dark layer over the middle of a ring; NaN where it is not seen. */
static double ring_layer(const Tube *tube, int k, const Images *images)
{
    const Ring *ring = &tube->ring[k];
    Outline outline = outline_of_ring(tube, k);
    double sum = 0, half = MIDDLE * (ring->half_core_mm + ring->radius_mm);
    int n = 0;
    for (int j = 0; j < COLUMNS; j++) {
        double along = half * (2.0 * j / (COLUMNS - 1) - 1), back, front;
        if (!outline_across(&outline, ring, along, &back, &front)) continue;
        double layer = layer_mm(ring, along, back, front, images);
        if (isnan(layer)) continue;
        sum += layer;
        n++;
    }
    return n >= COLUMNS_MIN ? sum / n : (double)NAN;
}

int footprint_trim(Tube *tube, const Landmarks *landmarks, const Images *images, Error *error)
{
    if (!landmarks->has_insertion) return TENO_OK;
    int n = (int)fmin(landmarks->insertion_ring + WEDGE_RINGS, tube->n_rings);
    if (n < 1) return TENO_OK;
    double *layer = array_alloc((size_t)n, sizeof *layer, error);
    Contact *contact = array_alloc((size_t)n, sizeof *contact, error);
    int code = layer && contact ? contacts_measure(contact, tube, n, images, error) : TENO_FAILED;
    if (code) goto out;
#pragma omp parallel for schedule(dynamic, 2)
    for (int k = 0; k < n; k++) {
        layer[k] = k < landmarks->insertion_ring ? ring_layer(tube, k, images) : (double)NAN;
        bone_remove(tube, k, landmarks, &contact[k]);
        tube->ring[k].frame.heel_sd_mm = (float)heel_doubt(tube, k, landmarks, &contact[k]);
    }
    /* From below: what lies higher up may be thin by a tear. */
    for (int k = 0; k < landmarks->insertion_ring && !(layer[k] - landmarks->cortex_mm >= THINNEST_MM); k++)
        if (!isnan(layer[k])) tube->first = k + 1;
out:
    free(layer);
    free(contact);
    return code;
}

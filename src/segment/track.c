/*
 * Following a dark band.
 *
 * In the plane orthogonal to the direction so far, 2 mm ahead, all channels say for each point of a patch how much it
 * looks like tendon rather than like what surrounds the band here. The connected dark region that overlaps the expected
 * section, kept to a little more than the expected size, gives the next centre, size and axis. The band ends where too
 * little of the expected section is dark for longer than a bridge, at the rim of the images, or where it widens into
 * something else. What it cannot do: choose between two bands that fuse; the expected size decides.
 */
#include "segment/track.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "segment/boundary.h"
#include "teno/chamfer.h"
#include "teno/memory.h"

#define PIXEL_MM 0.6
#define STEP_MM 2.0
#define MARGIN_MM 1.6   /* beyond the expected outline */
#define DARK_SHARE 0.45 /* of the expected section */
#define THICKER 1.5     /* than the band so far: something else */
enum { SIDE_PIXELS = 81, PATCH = SIDE_PIXELS * SIDE_PIXELS, HALF = SIDE_PIXELS / 2, MEMORY = 6 };

int knots_add(Knots *knots, Knot knot, Error *error)
{
    if (knots->n == knots->capacity) {
        int capacity = knots->capacity ? 2 * knots->capacity : 64;
        Knot *grown = array_grow(knots->knot, (size_t)capacity, sizeof *grown, error);
        if (!grown) return TENO_FAILED;
        knots->knot = grown;
        knots->capacity = capacity;
    }
    knots->knot[knots->n++] = knot;
    return TENO_OK;
}

void knots_free(Knots *knots)
{
    free(knots->knot);
    *knots = (Knots){0};
}

void knots_reverse(Knots *knots)
{
    for (int a = 0, b = knots->n - 1; a < b; a++, b--) {
        Knot swap = knots->knot[a];
        knots->knot[a] = knots->knot[b];
        knots->knot[b] = swap;
    }
}

typedef struct Patch {
    Vec3 centre, u, v;
    Likelihood point[PATCH];
    float ratio[PATCH];         /* evidence for tendon; NaN where no channel sees the point */
    unsigned char state[PATCH]; /* 1 candidate, 2 taken */
    int stack[PATCH];
    int depth[PATCH]; /* thirds of a pixel */
} Patch;

/* How deep in the dark each point lies; beyond the images and the patch is as good as dark. */
static void patch_depth(Patch *patch)
{
    for (int i = 0; i < PATCH; i++) patch->depth[i] = !(patch->ratio[i] <= 0) ? CHAMFER_FAR : 0;
    chamfer_distance(patch->depth, SIDE_PIXELS, SIDE_PIXELS);
}

/* Thickness of the band at the patch's centre, mm: twice the greatest depth within near_mm of it. */
static double patch_thickness(Patch *patch, double near_mm)
{
    int deepest = 0, near = (int)ceil(near_mm / PIXEL_MM);
    patch_depth(patch);
    for (int j = HALF - near; j <= HALF + near; j++)
        for (int i = HALF - near; i <= HALF + near; i++)
            if (patch->depth[j * SIDE_PIXELS + i] > deepest) deepest = patch->depth[j * SIDE_PIXELS + i];
    return 2 * PIXEL_MM * deepest / CHAMFER_PIXEL;
}

/* Air, a muscle or a bone is thicker than the band: whatever a disc of that size fits into is taken out of the patch,
 * so that the band does not run into the air where it lies under the skin. */
static void patch_drop_thick(Patch *patch, double thickest_mm)
{
    int radius = (int)(CHAMFER_PIXEL * thickest_mm / 2 / PIXEL_MM);
    patch_depth(patch);
    for (int i = 0; i < PATCH; i++) patch->depth[i] = patch->depth[i] > radius ? 0 : CHAMFER_FAR;
    chamfer_distance(patch->depth, SIDE_PIXELS, SIDE_PIXELS);
    for (int i = 0; i < PATCH; i++)
        if (patch->depth[i] <= radius && patch->ratio[i] > 0) patch->ratio[i] = 0;
}

/* Is (u, v) within the stadium of this knot, grown by margin_mm? */
static bool in_outline(const Knot *knot, double u, double v, double margin_mm)
{
    double c = cos(knot->angle_rad), s = sin(knot->angle_rad), x = u * c + v * s, y = v * c - u * s;
    double half = (knot->major_mm - knot->minor_mm) / 2, beyond = fmax(fabs(x) - half, 0);
    return hypot(beyond, y) <= knot->minor_mm / 2 + margin_mm;
}

/* Evidence in a square of the plane, with the surroundings of the expected section as the rival. */
static void patch_sample(Patch *patch, double half_mm, const Knot *expected, double grey_share, const Images *images)
{
    Census inside = {0}, outside = {0};
    int reach = (int)fmin(half_mm / PIXEL_MM, HALF), n = 2 * reach + 1;
    for (int i = 0; i < PATCH; i++) patch->ratio[i] = NAN;
    for (int j = HALF - reach; j <= HALF + reach; j++) {
        Likelihood *row = patch->point + j * SIDE_PIXELS + HALF - reach;
        Vec3 from = vec3_along(vec3_along(patch->centre, patch->u, -reach * PIXEL_MM), patch->v, (j - HALF) * PIXEL_MM);
        points_classify(row, n, from, vec3_scale(patch->u, PIXEL_MM), images);
        for (int i = 0; i < n; i++) {
            double u = (i - reach) * PIXEL_MM, v = (j - HALF) * PIXEL_MM;
            if (in_outline(expected, u, v, -0.25 * expected->minor_mm))
                inside_count(&inside, &row[i]);
            else if (!in_outline(expected, u, v, 1.2) && in_outline(expected, u, v, 5))
                outside_count(&outside, &row[i]);
        }
    }
    Shares in = inside_shares(&inside);
    for (int c = WORN; c <= WET; c++) in.of[c] = fmin(in.of[c], grey_share / 2);
    Shares out = outside_shares(&outside, &in);
    for (int j = HALF - reach; j <= HALF + reach; j++)
        for (int i = HALF - reach; i <= HALF + reach; i++) {
            const Likelihood *point = &patch->point[j * SIDE_PIXELS + i];
            bool unseen = point->of[TENDON] == 1 && point->of[WET] == 1;
            patch->ratio[j * SIDE_PIXELS + i] = unseen ? NAN : (float)point_ratio(point, &in, &out);
        }
}

/* Connected dark region that touches the expected outline. Returns its pixel count; `dark_share` of the expectation. */
static int patch_region(Patch *patch, const Knot *expected, double margin_mm, double *dark_share, bool *cut_off)
{
    int n = 0, done = 0, n_expected = 0, n_dark = 0;
    *cut_off = false;
    for (int i = 0; i < PATCH; i++) {
        double u = (i % SIDE_PIXELS - HALF) * PIXEL_MM, v = (i / SIDE_PIXELS - HALF) * PIXEL_MM;
        bool core = in_outline(expected, u, v, 0);
        patch->state[i] = 0;
        n_expected += core;
        if (isnan(patch->ratio[i])) {
            *cut_off |= core;
            continue;
        }
        if (patch->ratio[i] > 0 && in_outline(expected, u, v, margin_mm)) {
            patch->state[i] = 1;
            n_dark += core;
            if (in_outline(expected, u, v, -0.25 * expected->minor_mm)) {
                patch->state[i] = 2;
                patch->stack[n++] = i;
            }
        }
    }
    while (done < n) {
        int i = patch->stack[done++], x = i % SIDE_PIXELS, y = i / SIDE_PIXELS;
        if (x < 1 || y < 1 || x >= SIDE_PIXELS - 1 || y >= SIDE_PIXELS - 1) continue;
        const int next[4] = {i - 1, i + 1, i - SIDE_PIXELS, i + SIDE_PIXELS};
        for (int d = 0; d < 4; d++)
            if (patch->state[next[d]] == 1) {
                patch->state[next[d]] = 2;
                patch->stack[n++] = next[d];
            }
    }
    *dark_share = n_expected ? (double)n_dark / n_expected : 0;
    return n;
}

/* Centre, axes and sizes of the region. */
static Knot region_knot(const Patch *patch, int n)
{
    double su = 0, sv = 0, suu = 0, svv = 0, suv = 0;
    for (int p = 0; p < n; p++) {
        double u = (patch->stack[p] % SIDE_PIXELS - HALF) * PIXEL_MM,
               v = (patch->stack[p] / SIDE_PIXELS - HALF) * PIXEL_MM;
        su += u;
        sv += v;
        suu += u * u;
        svv += v * v;
        suv += u * v;
    }
    double mu = su / n, mv = sv / n, pixel = PIXEL_MM * PIXEL_MM / 12;
    double cuu = suu / n - mu * mu + pixel, cvv = svv / n - mv * mv + pixel, cuv = suv / n - mu * mv;
    double mean = (cuu + cvv) / 2, spread = hypot((cuu - cvv) / 2, cuv);
    return (Knot){.centre_lps = vec3_along(vec3_along(patch->centre, patch->u, mu), patch->v, mv),
                  .minor_mm = 4 * sqrt(fmax(mean - spread, pixel)),
                  .major_mm = 4 * sqrt(mean + spread),
                  .angle_rad = 0.5 * atan2(2 * cuv, cuu - cvv),
                  .weight = 1};
}

/* Sizes and axis drift slowly; an axis has no sign. */
static void knot_blend(Knot *found, const Knot *expected, const TrackOptions *options, double trust)
{
    double ce = cos(2 * expected->angle_rad) * (expected->major_mm - expected->minor_mm);
    double se = sin(2 * expected->angle_rad) * (expected->major_mm - expected->minor_mm);
    double cf = cos(2 * found->angle_rad) * (found->major_mm - found->minor_mm);
    double sf = sin(2 * found->angle_rad) * (found->major_mm - found->minor_mm);
    found->angle_rad = 0.5 * atan2(se + trust * (sf - se), ce + trust * (cf - ce));
    found->minor_mm = expected->minor_mm + trust * (found->minor_mm - expected->minor_mm);
    found->major_mm = expected->major_mm + trust * (found->major_mm - expected->major_mm);
    found->minor_mm = fmin(fmax(found->minor_mm, options->thickness_mm[0]), options->thickness_mm[1]);
    found->major_mm = fmin(fmax(found->major_mm, found->minor_mm), options->width_mm[1]);
}

static double patch_half(const Knot *knot)
{
    return fmin(knot->major_mm / 2 + MARGIN_MM + 4, HALF * PIXEL_MM);
}

/* Mean direction over the last few knots. */
static Vec3 last_direction(const Knots *knots)
{
    int from = knots->n > MEMORY ? knots->n - MEMORY : 0;
    return vec3_unit(vec3_sub(knots->knot[knots->n - 1].centre_lps, knots->knot[from].centre_lps));
}

int track_extend(Knots *knots, const Images *images, const TrackOptions *options, Error *error)
{
    Patch *patch = array_alloc(1, sizeof *patch, error);
    if (!patch) return TENO_FAILED;
    int code = TENO_OK, last_seen = knots->n;
    double missing_mm = 0;
    Vec3 start_direction = knots->n > 1 ? last_direction(knots) : vec3(0, 0, 0);
    for (double done = STEP_MM; done <= options->length_mm && !code; done += STEP_MM) {
        Vec3 direction = last_direction(knots);
        if (options->turn_max_rad > 0 && vec3_dot(direction, start_direction) < cos(options->turn_max_rad)) break;
        Knot expected = knots->knot[knots->n - 1];
        expected.centre_lps = vec3_along(expected.centre_lps, direction, STEP_MM);
        expected.weight = 0;
        patch->centre = expected.centre_lps;
        section_axes(&patch->u, &patch->v, vec3_scale(direction, options->distally ? -1 : 1));
        patch_sample(patch, patch_half(&expected), &expected, options->grey_share, images);
        patch_drop_thick(patch, THICKER * expected.minor_mm + 1);
        double share;
        bool cut_off;
        int n = patch_region(patch, &expected, MARGIN_MM, &share, &cut_off);
        if (cut_off) break;
        if (share >= DARK_SHARE && n > 0) {
            Knot found = region_knot(patch, n);
            knot_blend(&found, &expected, options, 0.4);
            expected = found;
            missing_mm = 0;
        } else {
            missing_mm += STEP_MM;
            if (missing_mm > options->bridge_mm) break;
        }
        code = knots_add(knots, expected, error);
        if (expected.weight > 0) last_seen = knots->n;
    }
    if (knots->n > last_seen) knots->n = last_seen;
    free(patch);
    return code;
}

bool track_section(Knot *out, Vec3 p_lps, Vec3 tangent, double near_mm, const Images *images,
                   const TrackOptions *options)
{
    Patch *patch = array_alloc(1, sizeof *patch, NULL);
    if (!patch) return false;
    *patch = (Patch){.centre = p_lps};
    section_axes(&patch->u, &patch->v, tangent);
    Knot start = {.centre_lps = p_lps, .minor_mm = 2 * near_mm, .major_mm = 2 * near_mm, .weight = 1};
    patch_sample(patch, options->width_mm[1] / 2 + 2, &start, options->grey_share, images);
    double thickness_mm = patch_thickness(patch, near_mm);
    patch_drop_thick(patch, fmin(THICKER * thickness_mm, options->thickness_mm[1]));
    double share;
    bool cut_off, found = false;
    int n = patch_region(patch, &start, options->width_mm[1] / 2, &share, &cut_off);
    if (n > 0 && share > 0.3) {
        *out = region_knot(patch, n);
        found = out->minor_mm >= 0.7 * options->thickness_mm[0] && out->minor_mm <= 1.2 * options->thickness_mm[1] &&
                out->major_mm <= 1.3 * options->width_mm[1];
    }
    free(patch);
    return found;
}

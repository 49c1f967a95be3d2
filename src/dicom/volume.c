/*
 * A volume from the frames of one orientation, echo, time and type: sorted by position along the normal, spacing from
 * the positions (PS3.3 C.7.6.2), never from tags. What does not fit is refused with what was found and what was wanted;
 * nothing is filled in.
 */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dicom/group.h"
#include "teno/memory.h"

/* Positions are decimal strings, often with 4 digits: differences carry about 1e-4 mm. Closer than this is the same. */
static const double same_position_mm = 0.01;
/* Slices of one stack are equidistant to the rounding of the header; a deviation past 5 % of the spacing is no
 * rounding. */
static const double spacing_tolerance = 0.05;
/* Of a stack with a gap, the longest part is kept if it holds this share; a gap further inside would cut the anatomy.
 */
static const double kept_share = 0.8;

static int refuse(Series *out, const char *format, ...) TENO_PRINTF(2, 3);

static int refuse(Series *out, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(out->reason, sizeof out->reason, format, arguments);
    va_end(arguments);
    out->usable = false;
    return TENO_OK;
}

static const DicomFrame *frame_of(const FrameRef *ref)
{
    return &ref->file->frames[ref->frame];
}

/* In-plane part of the grid from the first frame; false with the reason when the tags are missing or no rotation. */
static bool plane_build(Series *out, const FrameRef *ref)
{
    const DicomFrame *f = frame_of(ref);
    if (!f->has_orientation || !f->has_position) {
        refuse(out, "no %s in the header",
               f->has_orientation ? "Image Position (Patient)" : "Image Orientation (Patient)");
        return false;
    }
    if (!f->has_spacing || f->spacing_i_mm <= 0 || f->spacing_j_mm <= 0 || f->spacing_i_mm > 100 ||
        f->spacing_j_mm > 100) {
        refuse(out, "no valid Pixel Spacing in the header");
        return false;
    }
    double length_x = vec3_norm(f->row_lps), length_y = vec3_norm(f->column_lps),
           cosine = vec3_dot(f->row_lps, f->column_lps);
    if (fabs(length_x - 1) > 1e-2 || fabs(length_y - 1) > 1e-2 || fabs(cosine) > 1e-2) {
        refuse(out, "Image Orientation is no rotation: lengths %.4f and %.4f, cosine between them %.4f", length_x,
               length_y, cosine);
        return false;
    }
    Grid *g = &out->grid;
    g->nx = f->pixels.columns;
    g->ny = f->pixels.rows;
    g->dx = f->spacing_i_mm;
    g->dy = f->spacing_j_mm;
    g->axis_x = vec3_unit(f->row_lps);
    g->axis_y = vec3_unit(vec3_along(f->column_lps, g->axis_x, -vec3_dot(f->column_lps, g->axis_x)));
    g->axis_z = vec3_cross(g->axis_x, g->axis_y);
    return true;
}

/* Along the normal; at one place the lower instance number first, so that the first acquired is kept. */
static int frame_compare(const void *a, const void *b)
{
    const FrameRef *x = a, *y = b;
    if (x->position_mm != y->position_mm) return x->position_mm < y->position_mm ? -1 : 1;
    if (x->file->instance_number != y->file->instance_number)
        return x->file->instance_number < y->file->instance_number ? -1 : 1;
    int uid = strcmp(x->file->sop_instance_uid, y->file->sop_instance_uid);
    if (uid) return uid;
    int path = strcmp(x->file->path, y->file->path);
    return path ? path : x->frame - y->frame;
}

/* Keeps one frame a position; returns how many are left. */
static int duplicates_drop(Series *out, FrameRef *frames, int n)
{
    int kept = 0, copies = 0, others = 0;
    for (int i = 0; i < n; i++) {
        if (kept && frames[i].position_mm - frames[kept - 1].position_mm < same_position_mm) {
            if (strcmp(frames[i].file->sop_instance_uid, frames[kept - 1].file->sop_instance_uid) == 0)
                copies++;
            else
                others++;
        } else {
            frames[kept++] = frames[i];
        }
    }
    if (copies) notes_add(&out->warnings, "%d images are there twice; each was used once", copies);
    if (others)
        notes_add(&out->warnings,
                  "%d images lie at the place of another one; the one with the lower instance number was used", others);
    return kept;
}

static int double_compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double spacing_median(const FrameRef *frames, int n, double *work)
{
    for (int i = 0; i + 1 < n; i++) work[i] = frames[i + 1].position_mm - frames[i].position_mm;
    qsort(work, (size_t)(n - 1), sizeof *work, double_compare);
    return work[(n - 2) / 2];
}

/* Longest run of frames at the usual spacing: first index, returns its length. */
static int longest_run(const FrameRef *frames, int n, double spacing, int *first)
{
    int best = 0;
    *first = 0;
    for (int start = 0, i = 1; i <= n; i++) {
        bool joined =
            i < n && fabs(frames[i].position_mm - frames[i - 1].position_mm - spacing) <= spacing_tolerance * spacing;
        if (joined) continue;
        if (i - start > best) {
            best = i - start;
            *first = start;
        }
        start = i;
    }
    return best;
}

/* Cuts the frames down to an equidistant stack. Returns its first index; *n becomes its length, 0 when refused. */
static int stack_choose(Series *out, const FrameRef *frames, int *n, double *work)
{
    int first = 0, all = *n;
    double spacing = spacing_median(frames, all, work);
    int run = longest_run(frames, all, spacing, &first);
    if (run == all) return 0;
    int at = first > 0 ? first : run;
    double step = frames[at].position_mm - frames[at - 1].position_mm;
    *n = 0;
    if (run < 2 || run < kept_share * all) {
        refuse(out, "slices are missing or unevenly spaced: %.2f mm between slices %d and %d, elsewhere %.2f mm", step,
               at, at + 1, spacing);
        return 0;
    }
    notes_add(&out->warnings,
              "slices are missing or unevenly spaced: %.2f mm between slices %d and %d, elsewhere %.2f mm; %d of %d "
              "slices were used",
              step, at, at + 1, spacing, run, all);
    *n = run;
    return first;
}

/* The stack must run along its normal: a grid of right angles cannot hold a sheared one. */
static bool shear_check(Series *out, const FrameRef *frames, int n)
{
    const Grid *g = &out->grid;
    double pixel = fmin(g->dx, g->dy), worst = 0;
    for (int i = 0; i < n; i++) {
        Vec3 along =
            vec3_along(frame_of(&frames[0])->position_lps, g->axis_z, frames[i].position_mm - frames[0].position_mm);
        worst = fmax(worst, vec3_distance(along, frame_of(&frames[i])->position_lps));
    }
    if (worst > 0.5 * pixel) {
        refuse(out, "slices are shifted sideways by up to %.2f mm, wanted less than half a pixel (%.2f mm)", worst,
               pixel / 2);
        return false;
    }
    if (worst > 0.1 * pixel) notes_add(&out->warnings, "slices are shifted sideways by up to %.3f mm", worst);
    return true;
}

static int slices_fill(Series *out, const FrameRef *frames, int n, Error *error)
{
    out->slices = array_alloc((size_t)n, sizeof *out->slices, error);
    if (!out->slices) return TENO_FAILED;
    out->grid.nz = n;
    for (int i = 0; i < n; i++) {
        Slice *slice = &out->slices[i];
        slice->path = string_copy(frames[i].file->path, error);
        if (!slice->path) return TENO_FAILED;
        slice->frame = frames[i].frame;
        slice->position_mm = frames[i].position_mm;
        slice->pixels = frame_of(&frames[i])->pixels;
        string_set(slice->sop_instance_uid, sizeof slice->sop_instance_uid, frames[i].file->sop_instance_uid);
        string_set(slice->sop_class_uid, sizeof slice->sop_class_uid, frames[i].file->sop_class_uid);
    }
    return TENO_OK;
}

int volume_build(Series *out, FrameRef *frames, int n, Error *error)
{
    out->usable = true;
    if (!plane_build(out, &frames[0])) return slices_fill(out, frames, n, error);
    for (int i = 0; i < n; i++) {
        if (!frame_of(&frames[i])->has_position) {
            refuse(out, "no Image Position (Patient) in the header of one image");
            return slices_fill(out, frames, n, error);
        }
        frames[i].position_mm = vec3_dot(frame_of(&frames[i])->position_lps, out->grid.axis_z);
    }
    qsort(frames, (size_t)n, sizeof *frames, frame_compare);
    n = duplicates_drop(out, frames, n);
    int first = 0, used = n;
    if (n < 2) {
        refuse(out, "one slice only: no volume");
    } else {
        double *work = array_alloc((size_t)n, sizeof *work, error);
        if (!work) return TENO_FAILED;
        first = stack_choose(out, frames, &used, work);
        free(work);
    }
    if (!out->usable || used == 0) { /* kept as it is, so that it can be listed */
        first = 0;
        used = n;
    }
    frames += first;
    out->grid.origin_lps = frame_of(&frames[0])->position_lps;
    out->grid.dz =
        used > 1 ? (frames[used - 1].position_mm - frames[0].position_mm) / (used - 1) : out->slice_thickness_mm;
    if (out->usable) shear_check(out, frames, used);
    return slices_fill(out, frames, used, error);
}

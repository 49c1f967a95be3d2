/*
 * Dealing the frames of one DICOM series into the volumes that it holds. First by what the header says (matrix,
 * spacing, orientation, echo, time, type), then by what only the positions tell: two stacks side by side or far apart
 * (both ankles in one series), and several passes over the same places.
 */
#include "dicom/bins.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "teno/memory.h"

/* Stacks of two ankles lie further apart than this in the plane; slices of one stack are shifted by less. */
static const double other_stack_mm = 5;
/* Along the normal: a hole this large, and of three slices or more, is the space between two stacks. */
static const double between_stacks_mm = 20, between_stacks_slices = 3;

static const DicomFrame *frame_of(const FrameRef *ref)
{
    return &ref->file->frames[ref->frame];
}

static bool near(double a, double b, double tolerance)
{
    return (isnan(a) && isnan(b)) || fabs(a - b) <= tolerance;
}

static bool same_column_of_slices(const DicomFrame *a, const DicomFrame *b)
{
    if (!a->has_position || !b->has_position || !a->has_orientation) return true;
    Vec3 between = vec3_sub(b->position_lps, a->position_lps),
         normal = vec3_unit(vec3_cross(a->row_lps, a->column_lps));
    return vec3_norm(vec3_along(between, normal, -vec3_dot(between, normal))) < other_stack_mm;
}

static unsigned frames_differ(const DicomFrame *a, const DicomFrame *b)
{
    unsigned by = 0;
    if (a->pixels.rows != b->pixels.rows || a->pixels.columns != b->pixels.columns ||
        !near(a->spacing_i_mm, b->spacing_i_mm, 1e-4) || !near(a->spacing_j_mm, b->spacing_j_mm, 1e-4))
        by |= BY_MATRIX;
    if (vec3_distance(a->row_lps, b->row_lps) > 1e-3 || vec3_distance(a->column_lps, b->column_lps) > 1e-3)
        by |= BY_PLANE;
    if (a->echo_number != b->echo_number || !near(a->te_ms, b->te_ms, 0.1)) by |= BY_ECHO;
    if (a->temporal_index != b->temporal_index) by |= BY_TIME;
    if (strcmp(a->image_type, b->image_type) != 0 || strcmp(a->component, b->component) != 0) by |= BY_TYPE;
    if (!near(a->b_value, b->b_value, 0.5)) by |= BY_B_VALUE;
    if (strcmp(a->stack_id, b->stack_id) != 0) by |= BY_STACK;
    if (!by && !same_column_of_slices(a, b)) by |= BY_STACK;
    return by;
}

static int bin_add(Bin *bin, const FrameRef *ref, Error *error)
{
    if (bin->n == bin->capacity) {
        int capacity = bin->capacity ? 2 * bin->capacity : 32;
        FrameRef *grown = array_grow(bin->frames, (size_t)capacity, sizeof *grown, error);
        if (!grown) return TENO_FAILED;
        bin->frames = grown;
        bin->capacity = capacity;
    }
    bin->frames[bin->n++] = *ref;
    return TENO_OK;
}

/* Adds an empty bin. Pointers to bins are good until the next call. */
static Bin *bin_new(Bins *bins, Error *error)
{
    if (bins->n == bins->capacity) {
        int capacity = bins->capacity ? 2 * bins->capacity : 8;
        Bin *grown = array_grow(bins->bin, (size_t)capacity, sizeof *grown, error);
        if (!grown) return NULL;
        bins->bin = grown;
        bins->capacity = capacity;
    }
    bins->bin[bins->n] = (Bin){0};
    return &bins->bin[bins->n++];
}

static int frames_deal(Bins *bins, const FrameRef *frames, int n, Error *error)
{
    for (int i = 0; i < n; i++) {
        Bin *found = NULL;
        unsigned by = 0;
        for (int b = 0; b < bins->n && !found; b++) {
            unsigned differ = frames_differ(frame_of(&bins->bin[b].frames[0]), frame_of(&frames[i]));
            if (differ)
                by |= differ;
            else
                found = &bins->bin[b];
        }
        if (!found) {
            bins->by |= by;
            found = bin_new(bins, error);
        }
        if (!found || bin_add(found, &frames[i], error)) return TENO_FAILED;
    }
    return TENO_OK;
}

static int place_compare(const void *a, const void *b)
{
    const FrameRef *x = a, *y = b;
    if (x->position_mm != y->position_mm) return x->position_mm < y->position_mm ? -1 : 1;
    int pass = frame_of(x)->acquisition_number - frame_of(y)->acquisition_number;
    if (pass) return pass;
    int uid = strcmp(x->file->sop_instance_uid, y->file->sop_instance_uid);
    if (uid) return uid;
    return x->frame != y->frame ? x->frame - y->frame : strcmp(x->file->path, y->file->path);
}

/* Sorts a bin by place and then acquisition number; false when a position is missing. */
static bool bin_sort(Bin *bin)
{
    const DicomFrame *first = frame_of(&bin->frames[0]);
    Vec3 normal = vec3_unit(vec3_cross(first->row_lps, first->column_lps));
    for (int i = 0; i < bin->n; i++) {
        const DicomFrame *f = frame_of(&bin->frames[i]);
        if (!f->has_position || !f->has_orientation) return false;
        bin->frames[i].position_mm = vec3_dot(f->position_lps, normal);
    }
    qsort(bin->frames, (size_t)bin->n, sizeof *bin->frames, place_compare);
    return true;
}

/* Are there several passes over the same places, which the acquisition number tells apart without a rest? */
static bool has_passes(const Bin *bin)
{
    bool repeated = false;
    for (int i = 1; i < bin->n; i++) {
        const FrameRef *a = &bin->frames[i - 1], *b = &bin->frames[i];
        bool same_image = strcmp(a->file->sop_instance_uid, b->file->sop_instance_uid) == 0 && a->frame == b->frame;
        if (same_image || b->position_mm - a->position_mm > 0.01) continue;
        if (frame_of(a)->acquisition_number == frame_of(b)->acquisition_number) return false;
        repeated = true;
    }
    return repeated;
}

/* Several passes without a temporal index (dynamic series of some vendors) become volumes by acquisition number. */
static int passes_split(Bins *bins, int index, Error *error)
{
    if (!bin_sort(&bins->bin[index]) || !has_passes(&bins->bin[index])) return TENO_OK;
    Bin old = bins->bin[index];
    int first_new = bins->n, code = TENO_OK;
    bins->bin[index] = (Bin){0};
    bins->by |= BY_PASS;
    for (int i = 0; i < old.n && !code; i++) {
        int number = frame_of(&old.frames[i])->acquisition_number;
        Bin *found = NULL;
        if (bins->bin[index].n == 0 || frame_of(&bins->bin[index].frames[0])->acquisition_number == number)
            found = &bins->bin[index];
        for (int b = first_new; b < bins->n && !found; b++)
            if (frame_of(&bins->bin[b].frames[0])->acquisition_number == number) found = &bins->bin[b];
        if (!found) found = bin_new(bins, error);
        code = found ? bin_add(found, &old.frames[i], error) : TENO_FAILED;
    }
    free(old.frames);
    return code;
}

/* Splits a sorted bin at the widest space between slices, if that is one between two stacks; repeats on the rest. */
static int stacks_split(Bins *bins, int index, Error *error)
{
    enum { STACK_MIN = 3 }; /* slices */
    Bin *bin = &bins->bin[index];
    if (!bin_sort(bin)) return TENO_OK;
    for (int i = STACK_MIN; i + STACK_MIN <= bin->n; i++) {
        double space = bin->frames[i].position_mm - bin->frames[i - 1].position_mm;
        double before = bin->frames[i - 1].position_mm - bin->frames[i - 2].position_mm;
        if (space < between_stacks_mm || space < between_stacks_slices * before) continue;
        Bin *rest = bin_new(bins, error);
        if (!rest) return TENO_FAILED;
        bin = &bins->bin[index];
        for (int k = i; k < bin->n; k++)
            if (bin_add(rest, &bin->frames[k], error)) return TENO_FAILED;
        bin->n = i;
        bins->by |= BY_STACK;
        return stacks_split(bins, bins->n - 1, error);
    }
    return TENO_OK;
}

int bins_fill(Bins *out, const FrameRef *frames, int n, Error *error)
{
    *out = (Bins){0};
    int code = frames_deal(out, frames, n, error);
    for (int b = 0, n_dealt = out->n; b < n_dealt && !code; b++) code = passes_split(out, b, error);
    for (int b = 0, n_dealt = out->n; b < n_dealt && !code; b++) code = stacks_split(out, b, error);
    if (code) bins_free(out);
    return code;
}

void bins_free(Bins *bins)
{
    for (int i = 0; i < bins->n; i++) free(bins->bin[i].frames);
    free(bins->bin);
    *bins = (Bins){0};
}

/*
 * A DICOM segmentation as volumes of fractions. Writers leave out empty slices, order frames as they like and mix
 * segments; so the slices' places are collected from all frames, the step between them is found, and each frame is
 * put where it says it lies. Bits are unpacked here: DCMTK 3.6.7 reads frames wrongly whose pixels are no multiple
 * of 8.
 */
#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dicom/helper.h"
#include "dicom/layout.h"
#include "dicom/mask_parts.h"
#include "dicom/pixels.h"
#include "dicom/seg_header.h"
#include "teno/memory.h"

enum { SEG_NUMBERS = 1 << 16 }; /* segment numbers are 16 bits */

typedef struct SegSource {
    const char *path;
    Layout layout;
    DicomFile file; /* geometry and pixel format of the frames */
    SegHeader header;
    bool labels;         /* LABELMAP: a pixel's value is its segment's number */
    unsigned char *bits; /* of a BINARY one; NULL otherwise */
    float *pixels;       /* of the others, [n_frames][rows][columns], shared with the processes that decode */
    Grid grid;           /* all slices, [nz] from the lowest to the highest frame */
    int *slice;          /* [n_frames] index into the grid */
    int *owner;          /* [SEG_NUMBERS] index + 1 of the segment with a number, 0: none */
} SegSource;

static size_t pixels_size(const SegSource *source)
{
    const DicomPixels *p = &source->file.frames[0].pixels;
    return (size_t)p->rows * (size_t)p->columns * (size_t)source->file.n_frames * sizeof(float);
}

static void source_free(SegSource *source)
{
    if (source->pixels) helper_memory_free(source->pixels, pixels_size(source)); /* of the frames, so before them */
    layout_free(&source->layout);
    free(source->file.frames);
    seg_header_free(&source->header);
    free(source->bits);
    free(source->slice);
    free(source->owner);
}

static int headers_read(SegSource *source, Error *error)
{
    Error inner = {0};
    Layout *layout = &source->layout;
    if (layout_scan_whole(layout, source->path, error)) return TENO_FAILED;
    const unsigned char *bytes = layout->bytes + layout->dataset_start;
    size_t size = layout->dataset_end - layout->dataset_start;
    if (seg_header_parse(&source->header, bytes, size, layout->syntax, &inner) ||
        dicom_parse(&source->file, bytes, size, layout->syntax, &inner))
        return error_set(error, TENO_FAILED, "%s: %s", source->path, inner.message);
    if (source->header.n_frames != source->file.n_frames)
        return error_set(error, TENO_FAILED, "%s: %d frames, but %d are described", source->path, source->file.n_frames,
                         source->header.n_frames);
    if (!layout->has_pixels) return error_set(error, TENO_FAILED, "%s: a segmentation without pixels", source->path);
    return TENO_OK;
}

static bool type_is(const SegSource *source, const char *type)
{
    return strcmp(source->header.type, type) == 0;
}

static int format_check(const SegSource *source, Error *error)
{
    const DicomPixels *p = &source->file.frames[0].pixels;
    bool known = type_is(source, "BINARY") || type_is(source, "FRACTIONAL") || type_is(source, "LABELMAP");
    if (!known)
        return error_set(error, TENO_FAILED, "%s: segmentation type '%s', wanted BINARY, FRACTIONAL or LABELMAP",
                         source->path, source->header.type);
    int wanted = type_is(source, "BINARY") ? 1 : p->bits_allocated == 16 && type_is(source, "LABELMAP") ? 16 : 8;
    if (p->bits_allocated != wanted)
        return error_set(error, TENO_FAILED, "%s: %d bits a pixel, wanted %d in a %s segmentation", source->path,
                         p->bits_allocated, wanted, source->header.type);
    if (p->rows < 1 || p->columns < 1 || p->rows > DICOM_MAX_ROWS || p->columns > DICOM_MAX_ROWS || p->samples != 1)
        return error_set(error, TENO_FAILED, "%s: matrix is %d x %d with %d samples, wanted 1 to %d with one",
                         source->path, p->columns, p->rows, p->samples, DICOM_MAX_ROWS);
    if (type_is(source, "FRACTIONAL") && (source->header.maximum_fraction < 1 || source->header.maximum_fraction > 255))
        return error_set(error, TENO_FAILED, "%s: maximum fractional value is %d, wanted 1 to 255", source->path,
                         source->header.maximum_fraction);
    if (p->bits_allocated > 1 && (p->bits_stored < 1 || p->bits_stored > p->bits_allocated ||
                                  p->high_bit < p->bits_stored - 1 || p->high_bit >= p->bits_allocated))
        return error_set(error, TENO_FAILED, "%s: %d bits stored with high bit %d do not fit %d bits", source->path,
                         p->bits_stored, p->high_bit, p->bits_allocated);
    return TENO_OK;
}

/* Plain pixels have to be as many as the header says. */
static int pixels_check(SegSource *source, Error *error)
{
    const Layout *layout = &source->layout;
    bool native = layout->syntax->codec == DICOM_NATIVE;
    const DicomPixels *first = &source->file.frames[0].pixels;
    long long bits = (long long)first->rows * first->columns * source->file.n_frames * first->bits_allocated;
    long long wanted = (bits + 7) / 8;
    if (native != (layout->pixel_length >= 0))
        return error_set(error, TENO_FAILED, "%s: the form of the pixels is not that of its transfer syntax",
                         source->path);
    if (native && (layout->pixel_length < wanted || layout->pixel_offset + wanted > layout->total_bytes))
        return error_set(error, TENO_FAILED, "%s: cut off: %lld bytes of pixels, wanted %lld", source->path,
                         layout->total_bytes - layout->pixel_offset, wanted);
    if (!native && first->bits_allocated == 1)
        return error_set(error, TENO_FAILED, "%s: a binary segmentation cannot be compressed by %s", source->path,
                         layout->syntax->name);
    for (int i = 0; i < source->file.n_frames; i++) {
        DicomPixels *pixels = &source->file.frames[i].pixels;
        pixels->syntax = layout->syntax;
        pixels->offset = layout->pixel_offset;
        pixels->length = layout->pixel_length;
        pixels->word_swapped = layout->syntax->big_endian && layout->pixels_are_words && pixels->bits_allocated == 8;
    }
    return TENO_OK;
}

static int bits_read(SegSource *source, Error *error)
{
    const Layout *layout = &source->layout;
    const DicomPixels *p = &source->file.frames[0].pixels;
    if (p->bits_allocated != 1) return TENO_OK;
    size_t size = ((size_t)p->rows * (size_t)p->columns * (size_t)source->file.n_frames + 7) / 8;
    if (!(source->bits = array_alloc(size, 1, error))) return TENO_FAILED;
    if (layout->syntax->deflated) {
        memcpy(source->bits, layout->bytes + layout->pixel_offset, size);
        return TENO_OK;
    }
    FILE *file = fopen(source->path, "rb");
    bool complete =
        file && fseeko(file, (off_t)layout->pixel_offset, SEEK_SET) == 0 && fread(source->bits, 1, size, file) == size;
    if (file) fclose(file);
    return complete ? TENO_OK
                    : error_set(error, TENO_FAILED, "%s: cannot read %zu bytes of pixels", source->path, size);
}

static int frame_decode(void *context, int frame, Error *error)
{
    const SegSource *source = context;
    const DicomPixels *p = &source->file.frames[frame].pixels;
    float *out = source->pixels + (size_t)p->rows * (size_t)p->columns * (size_t)frame;
    return frame_load(out, source->path, p, frame, error);
}

/* All frames that are more than bits, in processes that a damaged code stream may kill. */
static int frames_decode(SegSource *source, Error *error)
{
    int n = source->file.n_frames;
    if (source->bits) return TENO_OK;
    if (pixels_size(source) / sizeof(float) > MASK_MAX_VOXELS)
        return error_set(error, TENO_FAILED, "%s: %zu pixels, limit is %d", source->path,
                         pixels_size(source) / sizeof(float), MASK_MAX_VOXELS);
    Error *errors = array_alloc((size_t)n, sizeof *errors, error);
    source->pixels = errors ? helper_memory(pixels_size(source), error) : NULL;
    int code = source->pixels ? helper_run(frame_decode, source, n, omp_get_max_threads(), errors, error) : TENO_FAILED;
    for (int i = 0; i < n && !code; i++)
        if (errors[i].code)
            code = error_set(error, TENO_FAILED, "%s: frame %d cannot be read: %s", source->path, i + 1,
                             errors[i].message);
    free(errors);
    return code;
}

static int compare_numbers(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Largest of the candidates of which all distances between the sorted places are multiples; 0 if none. */
static double slice_step(const double *places, int n, double tag_mm, double thickness_mm)
{
    const double same_mm = 1e-3;
    double least = INFINITY;
    for (int i = 1; i < n; i++)
        if (places[i] - places[i - 1] > same_mm) least = fmin(least, places[i] - places[i - 1]);
    if (!isfinite(least)) return tag_mm > 0 ? tag_mm : thickness_mm > 0 ? thickness_mm : 0;
    const double candidates[] = {tag_mm, least, thickness_mm, least / 2, least / 3};
    for (size_t c = 0; c < sizeof candidates / sizeof *candidates; c++) {
        double step = candidates[c];
        bool fits = step > 0;
        for (int i = 1; i < n && fits; i++) {
            double steps = (places[i] - places[0]) / step;
            fits = fabs(steps - round(steps)) < 0.05; /* positions are rounded in files; 5 % of a step moves nothing */
        }
        if (fits) return step;
    }
    return 0;
}

static bool same_plane(const DicomFrame *a, const DicomFrame *b)
{
    return b->has_orientation && b->has_position && b->has_spacing && vec3_distance(a->row_lps, b->row_lps) < 1e-4 &&
           vec3_distance(a->column_lps, b->column_lps) < 1e-4 && fabs(a->spacing_i_mm - b->spacing_i_mm) < 1e-4 &&
           fabs(a->spacing_j_mm - b->spacing_j_mm) < 1e-4 && a->pixels.rows == b->pixels.rows &&
           a->pixels.columns == b->pixels.columns;
}

/* All frames parallel, aligned along the normal, and their matrix sound. */
static int planes_check(const SegSource *source, Error *error)
{
    const DicomFrame *first = &source->file.frames[0];
    double skew = fabs(vec3_dot(first->row_lps, first->column_lps));
    if (!same_plane(first, first) || !(first->spacing_i_mm > 0) || !(first->spacing_j_mm > 0) || skew > 1e-3 ||
        fabs(vec3_norm(first->row_lps) - 1) > 1e-3 || fabs(vec3_norm(first->column_lps) - 1) > 1e-3)
        return error_set(error, TENO_FAILED, "%s: frame 1 has no sound position, orientation and pixel spacing",
                         source->path);
    for (int i = 1; i < source->file.n_frames; i++) {
        const DicomFrame *frame = &source->file.frames[i];
        Vec3 shift = vec3_sub(frame->position_lps, first->position_lps);
        double aside_mm = hypot(vec3_dot(shift, first->row_lps), vec3_dot(shift, first->column_lps));
        if (!same_plane(first, frame) || aside_mm > 0.1)
            return error_set(error, TENO_FAILED, "%s: frame %d is not parallel to and in line with frame 1",
                             source->path, i + 1);
    }
    return TENO_OK;
}

static int grid_find(SegSource *source, Error *error)
{
    if (planes_check(source, error)) return TENO_FAILED;
    int n = source->file.n_frames;
    const DicomFrame *first = &source->file.frames[0];
    Vec3 x = vec3_unit(first->row_lps), z = vec3_unit(vec3_cross(x, first->column_lps)), y = vec3_cross(z, x);
    double *places = array_alloc((size_t)n, sizeof *places, error);
    source->slice = array_alloc((size_t)n, sizeof *source->slice, error);
    if (!places || !source->slice) {
        free(places);
        return TENO_FAILED;
    }
    for (int i = 0; i < n; i++) places[i] = vec3_dot(source->file.frames[i].position_lps, z);
    qsort(places, (size_t)n, sizeof *places, compare_numbers);
    double low = places[0], high = places[n - 1],
           step = slice_step(places, n, first->spacing_between_mm, first->thickness_mm);
    free(places);
    if (!(step > 0) || (high - low) / step > SEG_MAX_FRAMES)
        return error_set(error, TENO_FAILED, "%s: frames do not lie a regular step apart", source->path);
    source->grid = (Grid){.nx = first->pixels.columns,
                          .ny = first->pixels.rows,
                          .nz = (int)lround((high - low) / step) + 1,
                          .dx = first->spacing_i_mm,
                          .dy = first->spacing_j_mm,
                          .dz = step,
                          .axis_x = x,
                          .axis_y = y,
                          .axis_z = z};
    source->grid.origin_lps = vec3_along(first->position_lps, z, low - vec3_dot(first->position_lps, z));
    for (int i = 0; i < n; i++)
        source->slice[i] = (int)lround((vec3_dot(source->file.frames[i].position_lps, z) - low) / step);
    return TENO_OK;
}

/* The segment that owns a pixel of a frame, as index + 1, and its fraction; 0: none. */
static int owner_of(const SegSource *source, int frame, size_t pixel, float *fraction)
{
    size_t at = (size_t)source->grid.nx * (size_t)source->grid.ny * (size_t)frame + pixel;
    int number = source->header.frame_segment[frame];
    if (source->bits)
        *fraction = (float)(source->bits[at / 8] >> (at % 8) & 1);
    else if (!source->labels)
        *fraction = fminf(source->pixels[at] / (float)source->header.maximum_fraction, 1);
    else {
        *fraction = 1;
        number = source->pixels[at] < SEG_NUMBERS ? (int)source->pixels[at] : 0;
    }
    return *fraction > 0 && number > 0 && number < SEG_NUMBERS ? source->owner[number] : 0;
}

static int owners_number(SegSource *source, Error *error)
{
    if (!(source->owner = array_alloc(SEG_NUMBERS, sizeof *source->owner, error))) return TENO_FAILED;
    for (int s = 0; s < source->header.n_segments; s++) {
        int number = source->header.segments[s].number;
        if (number > 0 && number < SEG_NUMBERS && !source->owner[number]) source->owner[number] = s + 1;
    }
    return TENO_OK;
}

/* A box of voxels, first and last of each axis. */
typedef struct Box {
    int low[3], high[3];
} Box;

static void box_take(Box *box, int i, int j, int k)
{
    const int at[3] = {i, j, k};
    for (int a = 0; a < 3; a++) {
        if (at[a] < box->low[a]) box->low[a] = at[a];
        if (at[a] > box->high[a]) box->high[a] = at[a];
    }
}

/* One pass over all pixels: with `segments` NULL the boxes [n_segments] grow, otherwise the volumes in them are filled.
 */
static void pixels_visit(const SegSource *source, Box *boxes, MaskSegment *segments)
{
    const Grid *grid = &source->grid;
    for (int f = 0; f < source->header.n_frames; f++)
        for (int j = 0; j < grid->ny; j++)
            for (int i = 0; i < grid->nx; i++) {
                float fraction;
                int owner = owner_of(source, f, (size_t)j * (size_t)grid->nx + (size_t)i, &fraction);
                if (!owner) continue;
                Box *box = &boxes[owner - 1];
                if (!segments) {
                    box_take(box, i, j, source->slice[f]);
                    continue;
                }
                Vol *vol = &segments[owner - 1].fraction;
                float *value = &vol->data[grid_index(&vol->grid, i - box->low[0], j - box->low[1],
                                                     source->slice[f] - box->low[2])];
                *value = fmaxf(*value, fraction);
            }
}

/* Volumes for what the segments fill, with a margin of one voxel for interpolation. A file may claim thousands of
 * segments, each as large as the whole: their sum is bounded. */
static int volumes_alloc(MaskFile *out, const SegSource *source, Box *boxes, Error *error)
{
    const int size[3] = {source->grid.nx, source->grid.ny, source->grid.nz};
    size_t kept = 0;
    for (int s = 0; s < source->header.n_segments; s++) {
        Box *box = &boxes[s];
        if (box->high[0] < 0) continue;
        for (int a = 0; a < 3; a++) {
            if (box->low[a] > 0) box->low[a]--;
            if (box->high[a] < size[a] - 1) box->high[a]++;
        }
        Grid part = grid_crop(&source->grid, box->low[0], box->low[1], box->low[2], box->high[0] - box->low[0] + 1,
                              box->high[1] - box->low[1] + 1, box->high[2] - box->low[2] + 1);
        kept += grid_count(&part);
        if (kept > MASK_MAX_VOXELS)
            return error_set(error, TENO_FAILED, "%s: its segments fill more than %d voxels", source->path,
                             MASK_MAX_VOXELS);
        if (vol_alloc(&out->segments[s].fraction, &part, error)) return TENO_FAILED;
    }
    return TENO_OK;
}

static int segments_draw(MaskFile *out, SegSource *source, Error *error)
{
    const SegHeader *header = &source->header;
    Box *boxes = array_alloc((size_t)header->n_segments, sizeof *boxes, error);
    out->segments = array_alloc((size_t)header->n_segments, sizeof *out->segments, error);
    int code = boxes && out->segments ? owners_number(source, error) : TENO_FAILED;
    for (int s = 0; s < header->n_segments && !code; s++) {
        const SegSegment *segment = &header->segments[s];
        boxes[s] = (Box){{source->grid.nx, source->grid.ny, source->grid.nz}, {-1, -1, -1}};
        mask_segment_name(&out->segments[out->n_segments++], segment->label, segment->type_value, segment->tendon_code,
                          segment->side_value);
    }
    if (!code) {
        pixels_visit(source, boxes, NULL);
        code = volumes_alloc(out, source, boxes, error);
    }
    if (!code) pixels_visit(source, boxes, out->segments);
    free(boxes);
    return code;
}

static void author_set(MaskFile *out, const SegSource *source)
{
    const SegSegment *segment = &source->header.segments[0];
    const char *how = segment->algorithm_type;
    snprintf(out->author, sizeof out->author, "%s%s%s%s%s%s%s", strcmp(how, "MANUAL") == 0 ? "manual" : "",
             strcmp(how, "AUTOMATIC") == 0 ? "automatic" : "",
             strcmp(how, "SEMIAUTOMATIC") == 0 ? "semi-automatic" : "", source->header.creator[0] ? ", by " : "",
             source->header.creator, source->header.model[0] ? ", with " : "", source->header.model);
}

int mask_read_seg(MaskFile *out, const char *path, Error *error)
{
    SegSource source = {.path = path};
    int code = headers_read(&source, error);
    if (!code) code = format_check(&source, error);
    source.labels = !code && type_is(&source, "LABELMAP");
    if (!code) code = pixels_check(&source, error);
    if (!code) code = bits_read(&source, error);
    if (!code) code = grid_find(&source, error);
    if (!code) code = frames_decode(&source, error);
    if (!code) code = segments_draw(out, &source, error);
    if (!code) {
        out->format = "DICOM SEG";
        out->grid = source.grid;
        author_set(out, &source);
        string_set(out->frame_of_reference_uid, sizeof out->frame_of_reference_uid, source.file.frame_of_reference_uid);
        string_set(out->referenced_series_uid, sizeof out->referenced_series_uid, source.header.referenced_series_uid);
    }
    source_free(&source);
    return code;
}

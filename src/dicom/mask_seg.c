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

typedef struct SegSource {
    const char *path;
    Layout layout;
    DicomFile file; /* geometry and pixel format of the frames */
    SegHeader header;
    unsigned char *bits; /* of a BINARY one; NULL otherwise */
    float *pixels;       /* of the others, [n_frames][rows][columns], shared with the processes that decode */
    Grid grid;           /* all slices, [nz] from the lowest to the highest frame */
    int *slice;          /* [n_frames] index into the grid */
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

/* Frame as fractions of one segment. */
static void frame_add(Vol *vol, const SegSource *source, int frame, int number)
{
    size_t count = (size_t)vol->grid.nx * (size_t)vol->grid.ny;
    float *slice = vol->data + count * (size_t)source->slice[frame];
    if (source->bits) {
        for (size_t i = 0, bit = count * (size_t)frame; i < count; i++, bit++)
            if (source->bits[bit / 8] >> (bit % 8) & 1) slice[i] = 1;
        return;
    }
    const float *pixels = source->pixels + count * (size_t)frame;
    bool labels = type_is(source, "LABELMAP");
    for (size_t i = 0; i < count; i++) {
        float value = labels ? (float)(pixels[i] == (float)number) : pixels[i] / (float)source->header.maximum_fraction;
        slice[i] = fmaxf(slice[i], fminf(value, 1));
    }
}

static int segment_draw(MaskSegment *out, const SegSource *source, const SegSegment *segment, Error *error)
{
    mask_segment_name(out, segment->label, segment->type_value, segment->tendon_code, segment->side_value);
    if (vol_alloc(&out->fraction, &source->grid, error)) return TENO_FAILED;
    for (int i = 0; i < source->header.n_frames; i++) {
        int number = source->header.frame_segment[i];
        if (number != segment->number && !(number == 0 && type_is(source, "LABELMAP"))) continue;
        frame_add(&out->fraction, source, i, segment->number);
    }
    return mask_crop(&out->fraction, error);
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

static int segments_draw(MaskFile *out, const SegSource *source, Error *error)
{
    const SegHeader *header = &source->header;
    if (grid_count(&source->grid) > MASK_MAX_VOXELS)
        return error_set(error, TENO_FAILED, "%s: %zu voxels, limit is %d", source->path, grid_count(&source->grid),
                         MASK_MAX_VOXELS);
    out->segments = array_alloc((size_t)header->n_segments, sizeof *out->segments, error);
    int code = out->segments ? TENO_OK : TENO_FAILED;
    for (int i = 0; i < header->n_segments && !code; i++)
        code = segment_draw(&out->segments[out->n_segments++], source, &header->segments[i], error);
    return code;
}

int mask_read_seg(MaskFile *out, const char *path, Error *error)
{
    SegSource source = {.path = path};
    int code = headers_read(&source, error);
    if (!code) code = format_check(&source, error);
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

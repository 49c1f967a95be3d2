/* One file's header: structure by layout.c, contents by DCMTK, then the checks that need both. */
#include <stdlib.h>
#include <string.h>

#include "dicom/layout.h"
#include "dicom/sop_class.h"
#include "teno/memory.h"

static int pixels_place(DicomFile *file, const Layout *layout, Error *error)
{
    for (int i = 0; i < file->n_frames; i++) {
        DicomPixels *pixels = &file->frames[i].pixels;
        pixels->syntax = layout->syntax;
        pixels->offset = layout->pixel_offset;
        pixels->length = layout->pixel_length;
        pixels->word_swapped = layout->syntax->big_endian && layout->pixels_are_words && pixels->bits_allocated == 8;
    }
    const DicomPixels *p = &file->frames[0].pixels;
    const char *path = file->path;
    if (p->rows < 1 || p->columns < 1 || p->rows > DICOM_MAX_ROWS || p->columns > DICOM_MAX_ROWS)
        return error_set(error, TENO_FAILED, "%s: matrix is %d x %d, wanted 1 to %d", path, p->columns, p->rows,
                         DICOM_MAX_ROWS);
    if (p->samples != 1)
        return error_set(error, TENO_NO_DICOM, "%s: a colour image (%d samples a pixel), not a measurement", path,
                         p->samples);
    if (p->bits_allocated != 8 && p->bits_allocated != 16 && p->bits_allocated != 32)
        return error_set(error, TENO_FAILED, "%s: %d bits a pixel, wanted 8, 16 or 32", path, p->bits_allocated);
    if (p->bits_stored < 1 || p->bits_stored > p->bits_allocated || p->high_bit < p->bits_stored - 1 ||
        p->high_bit >= p->bits_allocated)
        return error_set(error, TENO_FAILED, "%s: %d bits stored with high bit %d do not fit %d bits", path,
                         p->bits_stored, p->high_bit, p->bits_allocated);
    long long wanted = (long long)p->rows * p->columns * p->n_frames * (p->bits_allocated / 8);
    if (p->syntax->codec == DICOM_NATIVE && p->length < 0)
        return error_set(error, TENO_FAILED, "%s: encapsulated pixels in an uncompressed transfer syntax", path);
    if (p->syntax->codec != DICOM_NATIVE && p->length >= 0)
        return error_set(error, TENO_FAILED, "%s: plain pixels in a compressed transfer syntax", path);
    if (p->length >= 0 && p->length < wanted)
        return error_set(error, TENO_FAILED, "%s: %lld bytes of pixels, wanted %lld", path, p->length, wanted);
    if (p->length >= 0 && p->offset + wanted > layout->total_bytes)
        return error_set(error, TENO_FAILED, "%s: cut off: %lld bytes of pixels, wanted %lld", path,
                         layout->total_bytes - p->offset, wanted);
    return TENO_OK;
}

int dicom_file_read(DicomFile *out, const char *path, Error *error)
{
    Layout layout = {0};
    *out = (DicomFile){0};
    int code = dicom_start(error);
    if (!code) code = layout_scan(&layout, path, error);
    if (!code && layout.is_directory) code = error_set(error, TENO_NO_DICOM, "%s: a DICOMDIR, not an image", path);
    if (code) goto out;
    out->path = string_copy(path, error);
    code = out->path ? TENO_OK : TENO_FAILED;
    if (code) goto out;
    Error inner = {0};
    code = dicom_parse(out, layout.bytes + layout.dataset_start, layout.dataset_end - layout.dataset_start,
                       layout.syntax, &inner);
    if (code) {
        error_set(error, code, "%s: %s", path, inner.message);
        goto out;
    }
    code = sop_class_check(out, error);
    if (!code && !layout.has_pixels) code = error_set(error, TENO_NO_DICOM, "%s: an image object without pixels", path);
    if (!code) code = pixels_place(out, &layout, error);
out:
    layout_free(&layout);
    if (code) dicom_file_free(out);
    return code;
}

void dicom_file_free(DicomFile *file)
{
    free(file->path);
    free(file->frames);
    *file = (DicomFile){0};
}

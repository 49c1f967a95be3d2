/*
 * RLE (PS3.5 Annex G) before DCMTK decodes it: 15 offsets in a head of 64 bytes, then a PackBits segment for each byte
 * of a cell. DCMTK 3.6.7 reads beyond the stream when a segment promises more than is there, so each is walked to its
 * end first; one that is too short for the image would otherwise also leave pixels that nobody sent.
 */
#include <stdint.h>

#include "dicom/fragments.h"

enum { HEAD_BYTES = 64, MAX_SEGMENTS = 15 };

static uint32_t get32(const unsigned char *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* Does the segment [size] hold at least `wanted` bytes of output? */
static bool segment_suffices(const unsigned char *segment, size_t size, size_t wanted)
{
    size_t at = 0, made = 0;
    while (made < wanted && at < size) {
        unsigned control = segment[at++];
        if (control == 128) continue; /* no operation */
        size_t taken = control < 128 ? control + 1 : 1;
        if (taken > size - at) return false;
        made += control < 128 ? control + 1 : 257 - control;
        at += taken;
    }
    return made >= wanted;
}

int rle_check(const unsigned char *stream, size_t size, const DicomPixels *pixels, Error *error)
{
    uint32_t wanted = (uint32_t)pixels->bits_allocated / 8, found = size >= HEAD_BYTES ? get32(stream) : 0;
    size_t count = (size_t)pixels->rows * (size_t)pixels->columns;
    if (found != wanted || found > MAX_SEGMENTS)
        return error_set(error, TENO_FAILED, "RLE data of %u segments, wanted %u", found, wanted);
    for (uint32_t s = 0; s < found; s++) {
        uint32_t start = get32(stream + 4 + 4 * s), end = s + 1 < found ? get32(stream + 8 + 4 * s) : (uint32_t)size;
        if (start < HEAD_BYTES || start > end || end > size || !segment_suffices(stream + start, end - start, count))
            return error_set(error, TENO_FAILED, "RLE segment %u is too short for %zu pixels", s + 1, count);
    }
    return TENO_OK;
}

/*
 * Stored pixel values to numbers (PS3.5 §8, PS3.3 C.7.6.3 and C.11.1): the stored bits are cut out of the cell, widened
 * with their sign, turned over for MONOCHROME1 and rescaled. Padding is no image and becomes "no signal".
 */
#include "dicom/pixels.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

size_t pixels_frame_bytes(const DicomPixels *pixels)
{
    return (size_t)pixels->rows * (size_t)pixels->columns * (size_t)(pixels->bits_allocated / 8);
}

/* What turns a cell into a stored value: bits above high_bit are shifted out, those below the stored ones as well. */
typedef struct Cut {
    int up, down;
} Cut;

static Cut cut_of(const DicomPixels *p)
{
    return (Cut){p->bits_allocated - 1 - p->high_bit, p->bits_allocated - p->bits_stored};
}

static void cut_8(float *out, const unsigned char *bytes, size_t count, const DicomPixels *p)
{
    Cut cut = cut_of(p);
    for (size_t i = 0; i < count; i++) {
        uint8_t cell = (uint8_t)(bytes[p->word_swapped ? i ^ 1 : i] << cut.up);
        out[i] = (float)(p->is_signed ? (int8_t)cell >> cut.down : cell >> cut.down);
    }
}

static void cut_16(float *out, const unsigned char *bytes, size_t count, const DicomPixels *p, bool big_endian)
{
    Cut cut = cut_of(p);
    int low = big_endian ? 1 : 0, high = 1 - low;
    if (p->is_signed) {
        for (size_t i = 0; i < count; i++) {
            uint16_t cell = (uint16_t)((bytes[2 * i + low] | bytes[2 * i + high] << 8) << cut.up);
            out[i] = (float)((int16_t)cell >> cut.down);
        }
    } else {
        for (size_t i = 0; i < count; i++) {
            uint16_t cell = (uint16_t)((bytes[2 * i + low] | bytes[2 * i + high] << 8) << cut.up);
            out[i] = (float)(cell >> cut.down);
        }
    }
}

static void cut_32(float *out, const unsigned char *bytes, size_t count, const DicomPixels *p, bool big_endian)
{
    Cut cut = cut_of(p);
    for (size_t i = 0; i < count; i++) {
        uint32_t cell = 0;
        for (int b = 0; b < 4; b++) cell |= (uint32_t)bytes[4 * i + (size_t)b] << 8 * (big_endian ? 3 - b : b);
        cell <<= cut.up;
        out[i] = p->is_signed ? (float)((int32_t)cell >> cut.down) : (float)(cell >> cut.down);
    }
}

static void rescale(float *out, size_t count, const DicomPixels *p)
{
    double slope = p->slope, intercept = p->intercept;
    if (p->inverted) { /* stored → lowest + highest − stored */
        double sum = p->is_signed ? -1 : ldexp(1, p->bits_stored) - 1;
        intercept += slope * sum;
        slope = -slope;
    }
    if (slope == 1 && intercept == 0) return;
    for (size_t i = 0; i < count; i++) out[i] = (float)(slope * (double)out[i] + intercept);
}

/* Padding is marked NaN before the rescale and becomes 0, or the lowest image value where that is negative. */
static void padding_mark(float *out, size_t count, const DicomPixels *p)
{
    for (size_t i = 0; i < count; i++)
        if ((double)out[i] >= p->padding_low && (double)out[i] <= p->padding_high) out[i] = NAN;
}

static void padding_fill(float *out, size_t count)
{
    float lowest = 0;
    for (size_t i = 0; i < count; i++)
        if (out[i] < lowest) lowest = out[i];
    for (size_t i = 0; i < count; i++)
        if (isnan(out[i])) out[i] = lowest;
}

void pixels_cut(float *out, const unsigned char *bytes, size_t count, const DicomPixels *pixels, bool big_endian)
{
    if (pixels->bits_allocated == 8)
        cut_8(out, bytes, count, pixels);
    else if (pixels->bits_allocated == 16)
        cut_16(out, bytes, count, pixels, big_endian);
    else
        cut_32(out, bytes, count, pixels, big_endian);
}

void pixels_finish(float *out, const DicomPixels *pixels)
{
    size_t count = (size_t)pixels->rows * (size_t)pixels->columns;
    if (pixels->has_padding) padding_mark(out, count, pixels);
    rescale(out, count, pixels);
    if (pixels->has_padding) padding_fill(out, count);
}

void pixels_convert(float *out, const unsigned char *bytes, const DicomPixels *pixels, bool big_endian)
{
    pixels_cut(out, bytes, (size_t)pixels->rows * (size_t)pixels->columns, pixels, big_endian);
    pixels_finish(out, pixels);
}

/*
 * What a code stream says of itself: size, depth and number of components, from the frame header of JPEG and JPEG-LS
 * (ITU-T T.81 B.2.2, T.87 C.2.2) and the SIZ segment of JPEG 2000 (T.800 A.5.1). A decoder believes these and not the
 * DICOM header, so a 2 kB file could make it allocate gigabytes; here both must agree first.
 */
#include <stdint.h>

#include "dicom/fragments.h"

typedef struct StreamSize {
    uint32_t width, height;
    int components, bits;
    uint64_t tiles;
} StreamSize;

static uint32_t get16(const unsigned char *p)
{
    return (uint32_t)p[0] << 8 | p[1];
}

static uint32_t get32(const unsigned char *p)
{
    return get16(p) << 16 | get16(p + 2);
}

/* SOF0 to SOF15 without the codes that mean something else (DHT, JPG, DAC), and JPEG-LS's SOF55. */
static bool is_frame_header(unsigned marker)
{
    return (marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC) || marker == 0xF7;
}

/* Segments that may come before the frame header: DHT, DAC, DQT, DRI, LSE of JPEG-LS, APPn, COM. Others are refused:
 * DCMTK's own search for the frame header can run in circles on them. */
static bool is_table(unsigned marker)
{
    return marker == 0xC4 || marker == 0xCC || marker == 0xDB || marker == 0xDD || marker == 0xF8 || marker == 0xFE ||
           (marker >= 0xE0 && marker <= 0xEF);
}

static bool jpeg_size(StreamSize *out, const unsigned char *p, size_t size)
{
    size_t at = 2;
    while (at + 4 <= size) {
        if (p[at] != 0xFF) return false;
        unsigned marker = p[at + 1];
        if (marker == 0xFF) { /* fill byte */
            at++;
            continue;
        }
        if (!is_frame_header(marker) && !is_table(marker)) return false;
        uint32_t length = get16(p + at + 2);
        if (length < 2 || length > size - at - 2) return false;
        if (is_frame_header(marker)) {
            if (length < 8) return false;
            *out = (StreamSize){.bits = p[at + 4],
                                .height = get16(p + at + 5),
                                .width = get16(p + at + 7),
                                .components = p[at + 9],
                                .tiles = 1};
            return true;
        }
        at += 2 + (size_t)length;
    }
    return false;
}

static bool jpeg2000_size(StreamSize *out, const unsigned char *p, size_t size)
{
    enum { SIZ_FIXED_BYTES = 2 + 2 + 38 };
    if (size < SIZ_FIXED_BYTES + 3 || p[2] != 0xFF || p[3] != 0x51) return false;
    const unsigned char *siz = p + 4; /* at Lsiz */
    uint32_t x1 = get32(siz + 4), y1 = get32(siz + 8), x0 = get32(siz + 12), y0 = get32(siz + 16);
    uint32_t tile_width = get32(siz + 20), tile_height = get32(siz + 24);
    if (x1 <= x0 || y1 <= y0 || !tile_width || !tile_height) return false;
    *out = (StreamSize){.width = x1 - x0,
                        .height = y1 - y0,
                        .components = (int)get16(siz + 36),
                        .bits = (siz[38] & 0x7F) + 1,
                        .tiles = ((uint64_t)x1 / tile_width + 1) * ((uint64_t)y1 / tile_height + 1)};
    return siz[39] == 1 && siz[40] == 1; /* no subsampling */
}

int codestream_check(const unsigned char *stream, size_t size, const DicomPixels *pixels, Error *error)
{
    enum { MAX_TILES = 4096 }; /* OpenJPEG keeps about 6 kB a tile before any is decoded */
    StreamSize found = {0};
    if (pixels->syntax->codec == DICOM_RLE) return rle_check(stream, size, pixels, error);
    bool is_j2k = size > 2 && stream[0] == 0xFF && stream[1] == 0x4F,
         is_jpeg = size > 2 && stream[0] == 0xFF && stream[1] == 0xD8;
    bool wants_j2k = pixels->syntax->codec == DICOM_JPEG2000;
    if (wants_j2k ? !is_j2k || !jpeg2000_size(&found, stream, size) : !is_jpeg || !jpeg_size(&found, stream, size))
        return error_set(error, TENO_FAILED, "no %s code stream found in the pixels", pixels->syntax->name);
    if (found.width != (uint32_t)pixels->columns || found.height != (uint32_t)pixels->rows || found.components != 1)
        return error_set(error, TENO_FAILED,
                         "the code stream holds %u x %u pixels of %d components, the header says %d x %d of 1",
                         found.width, found.height, found.components, pixels->columns, pixels->rows);
    if (found.bits < 1 || found.bits > pixels->bits_allocated)
        return error_set(error, TENO_FAILED, "the code stream has %d bits a pixel, the header %d", found.bits,
                         pixels->bits_allocated);
    if (found.tiles > MAX_TILES)
        return error_set(error, TENO_FAILED, "the code stream has %llu tiles, more than %d",
                         (unsigned long long)found.tiles, MAX_TILES);
    return TENO_OK;
}

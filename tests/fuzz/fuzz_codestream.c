/* Any code stream either decodes into exactly the cells that the header promises, or is an error; nothing is written
 * beyond them. The first byte chooses the transfer syntax, the second the depth; OpenJPEG and DCMTK are reached. */
#include <stdlib.h>
#include <string.h>

#include "dicom/fragments.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    enum { ROWS = 24, COLUMNS = 20, GUARD = 64 };
    Error error = {0};
    if (size < 4 || dicom_start(&error)) return 0;
    DicomPixels pixels = {.syntax = &transfer_syntax_table[bytes[0] % transfer_syntax_count],
                          .rows = ROWS,
                          .columns = COLUMNS,
                          .n_frames = 1,
                          .samples = 1,
                          .bits_allocated = bytes[1] & 1 ? 16 : 8,
                          .is_signed = bytes[1] & 2,
                          .slope = 1};
    pixels.bits_stored = pixels.bits_allocated;
    pixels.high_bit = pixels.bits_stored - 1;
    if (pixels.syntax->codec == DICOM_NATIVE) return 0;
    size_t stream_size = (size - 2) & ~(size_t)1,
           cells_size = (size_t)ROWS * COLUMNS * (size_t)pixels.bits_allocated / 8;
    unsigned char *stream = malloc(stream_size), *cells = malloc(cells_size + GUARD);
    if (stream && cells) {
        memcpy(stream, bytes + 2, stream_size);
        memset(cells, 0x5A, cells_size + GUARD);
        if (codestream_check(stream, stream_size, &pixels, &error) == TENO_OK) {
            int code = pixels.syntax->codec == DICOM_JPEG2000
                           ? jpeg2000_decode(cells, stream, stream_size, &pixels, &error)
                           : dicom_decode_frame(cells, cells_size, stream, stream_size, &pixels, &error);
            if (code && !error.code) abort();
        }
        for (int i = 0; i < GUARD; i++)
            if (cells[cells_size + (size_t)i] != 0x5A) abort();
    }
    free(stream);
    free(cells);
    return 0;
}

/* PNG files: the only file that sees libpng. */
#ifndef TENO_OUTPUT_PNG_H
#define TENO_OUTPUT_PNG_H

#include "output/text.h"

typedef enum PngKind { PNG_GREY8, PNG_RGB_OF_XRGB32 } PngKind;

/* Encodes rows of `stride` bytes: 8-bit grey, or Cairo's RGB24 (native 32-bit words 0x00RRGGBB), appended to `out`.
 * pixels_per_m > 0 is recorded as the physical resolution. */
int png_encode(Text *out, const unsigned char *pixels, int width, int height, int stride, PngKind kind,
               double pixels_per_m, Error *error) TENO_CHECKED;

#endif

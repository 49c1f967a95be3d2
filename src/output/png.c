/*
 * PNG by libpng at level 1 with the one filter Sub: six times faster than libpng's defaults at a few per cent more
 * bytes. Run lengths only (Z_RLE) would save another fifth of the time but make the files half as large again.
 */
#include "output/png.h"

#include <png.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>

#include "teno/memory.h"

static void on_write(png_structp png, png_bytep bytes, png_size_t count)
{
    text_add_bytes(png_get_io_ptr(png), (const char *)bytes, count);
}

static void on_flush(png_structp png)
{
    (void)png;
}

static void row_to_rgb(unsigned char *rgb, const unsigned char *row, int width)
{
    const uint32_t *words = (const uint32_t *)(const void *)row;
    for (int i = 0; i < width; i++) {
        rgb[3 * i] = (unsigned char)(words[i] >> 16);
        rgb[3 * i + 1] = (unsigned char)(words[i] >> 8);
        rgb[3 * i + 2] = (unsigned char)words[i];
    }
}

/* All of libpng's work behind its own longjmp; false when it gave up. */
static bool write_image(png_structp png, png_infop info, const unsigned char *pixels, unsigned char *rgb, int width,
                        int height, int stride, PngKind kind, double pixels_per_m)
{
    if (setjmp(png_jmpbuf(png))) return false;
    bool grey = kind == PNG_GREY8;
    png_set_IHDR(png, info, (png_uint_32)width, (png_uint_32)height, 8, grey ? PNG_COLOR_TYPE_GRAY : PNG_COLOR_TYPE_RGB,
                 PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    if (pixels_per_m > 0) {
        png_uint_32 resolution = (png_uint_32)(pixels_per_m + 0.5);
        png_set_pHYs(png, info, resolution, resolution, PNG_RESOLUTION_METER);
    }
    png_set_compression_level(png, 1);
    png_set_filter(png, 0, PNG_FILTER_SUB);
    png_write_info(png, info);
    for (int j = 0; j < height; j++) {
        const unsigned char *row = pixels + (size_t)j * (size_t)stride;
        if (!grey) row_to_rgb(rgb, row, width);
        png_write_row(png, grey ? row : rgb);
    }
    png_write_end(png, info);
    return true;
}

int png_encode(Text *out, const unsigned char *pixels, int width, int height, int stride, PngKind kind,
               double pixels_per_m, Error *error)
{
    int code = TENO_FAILED;
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png ? png_create_info_struct(png) : NULL;
    unsigned char *rgb = array_alloc((size_t)width, 3, error);
    if (!png || !info || !rgb) {
        error_set(error, TENO_FAILED, "PNG: out of memory");
        goto done;
    }
    png_set_write_fn(png, out, on_write, on_flush);
    if (write_image(png, info, pixels, rgb, width, height, stride, kind, pixels_per_m) && !out->failed)
        code = TENO_OK;
    else
        error_set(error, TENO_FAILED, "PNG of %d x %d pixels cannot be made", width, height);
done:
    free(rgb);
    png_destroy_write_struct(&png, &info);
    return code;
}

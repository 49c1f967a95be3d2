/* Stored cells to numbers: width, sign, unused bits, byte order, MONOCHROME1, rescale, padding. */
#include "check.h"

#include <string.h>

#include "dicom/pixels.h"

static DicomPixels pixels_of(int allocated, int stored, int high_bit, bool is_signed)
{
    return (DicomPixels){.rows = 1,
                         .columns = 4,
                         .n_frames = 1,
                         .samples = 1,
                         .bits_allocated = allocated,
                         .bits_stored = stored,
                         .high_bit = high_bit,
                         .is_signed = is_signed,
                         .slope = 1};
}

static void expect(const DicomPixels *pixels, const unsigned char *bytes, bool big_endian, const float wanted[4])
{
    float out[4];
    pixels_convert(out, bytes, pixels, big_endian);
    for (int i = 0; i < 4; i++) check_near(out[i], wanted[i], 1e-6);
}

static void widths_signs_and_orders(void **state)
{
    (void)state;
    DicomPixels p = pixels_of(16, 16, 15, false);
    expect(&p, (const unsigned char *)"\x01\x00\xFF\xFF\x00\x80\x34\x12", false, (float[]){1, 65535, 32768, 0x1234});
    expect(&p, (const unsigned char *)"\x00\x01\xFF\xFF\x80\x00\x12\x34", true, (float[]){1, 65535, 32768, 0x1234});
    p = pixels_of(16, 16, 15, true);
    expect(&p, (const unsigned char *)"\x01\x00\xFF\xFF\x00\x80\x34\x12", false, (float[]){1, -1, -32768, 0x1234});
    p = pixels_of(8, 8, 7, false);
    expect(&p, (const unsigned char *)"\x01\xFF\x80\x10", false, (float[]){1, 255, 128, 16});
    p.word_swapped = true;
    expect(&p, (const unsigned char *)"\x01\xFF\x80\x10", true, (float[]){255, 1, 16, 128});
    p = pixels_of(32, 32, 31, true);
    expect(&p, (const unsigned char *)"\x01\0\0\0\xFF\xFF\xFF\xFF\0\0\1\0\xFE\xFF\xFF\xFF", false,
           (float[]){1, -1, 65536, -2});
}

static void bits_outside_the_stored_ones_do_not_count(void **state)
{
    (void)state;
    DicomPixels p = pixels_of(16, 12, 11, false); /* overlays used to be kept in the upper bits */
    expect(&p, (const unsigned char *)"\x01\xF0\xFF\xFF\x00\x18\x34\xA2", false, (float[]){1, 4095, 0x800, 0x234});
    p.is_signed = true;
    expect(&p, (const unsigned char *)"\x01\x00\xFF\x0F\x00\x08\xFF\x07", false, (float[]){1, -1, -2048, 2047});
    p = pixels_of(16, 12, 15, false); /* stored in the upper bits */
    expect(&p, (const unsigned char *)"\x1F\x00\xF0\xFF\x00\x80\x40\x12", false, (float[]){1, 4095, 0x800, 0x124});
}

static void rescale_and_monochrome1(void **state)
{
    (void)state;
    DicomPixels p = pixels_of(8, 8, 7, false);
    p.slope = 0.5;
    p.intercept = -10;
    expect(&p, (const unsigned char *)"\x00\x02\x04\xFF", false, (float[]){-10, -9, -8, 117.5F});
    p.inverted = true; /* 0 is white */
    expect(&p, (const unsigned char *)"\x00\x02\x04\xFF", false, (float[]){117.5F, 116.5F, 115.5F, -10});
    p = pixels_of(8, 8, 7, true);
    p.inverted = true;
    expect(&p, (const unsigned char *)"\x00\x7F\x80\xFF", false, (float[]){-1, -128, 127, 0});
}

static void padding_is_no_signal(void **state)
{
    (void)state;
    DicomPixels p = pixels_of(16, 16, 15, true);
    p.has_padding = true;
    p.padding_low = p.padding_high = -2000;
    expect(&p, (const unsigned char *)"\x30\xF8\x05\x00\x07\x00\x30\xF8", false, (float[]){0, 5, 7, 0});
    p.padding_high = 5; /* a range */
    expect(&p, (const unsigned char *)"\x30\xF8\x05\x00\x07\x00\x06\x00", false, (float[]){0, 0, 7, 6});
    p.padding_high = -2000;
    p.intercept = -100; /* the lowest image value where that is below zero */
    expect(&p, (const unsigned char *)"\x30\xF8\x05\x00\x07\x00\x06\x00", false, (float[]){-95, -95, -93, -94});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(widths_signs_and_orders),
        cmocka_unit_test(bits_outside_the_stored_ones_do_not_count),
        cmocka_unit_test(rescale_and_monochrome1),
        cmocka_unit_test(padding_is_no_signal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

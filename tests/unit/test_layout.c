/* The walk over a file's elements: what it finds, and what it refuses before DCMTK could be harmed by it. */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dicom/layout.h"

/* A file in memory that grows. */
typedef struct Bytes {
    unsigned char data[1 << 20];
    size_t n;
} Bytes;

static void put(Bytes *b, const void *data, size_t n)
{
    assert_true(b->n + n <= sizeof b->data);
    memcpy(b->data + b->n, data, n);
    b->n += n;
}

static void start(Bytes *b, const char *syntax)
{
    unsigned char head[132] = {0};
    size_t length = strlen(syntax), padded = length + (length & 1);
    memcpy(head + 128, "DICM", 4);
    b->n = 0;
    put(b, head, sizeof head);
    put(b, "\x02\x00\x10\x00UI", 6);
    put(b, (unsigned char[]){(unsigned char)padded, 0}, 2);
    put(b, syntax, padded);
}

static int scan(const Bytes *b, Layout *layout, Error *error)
{
    char path[] = "/tmp/teno-layout-XXXXXX";
    int file = mkstemp(path);
    assert_true(file >= 0 && write(file, b->data, b->n) == (ssize_t)b->n);
    close(file);
    *error = (Error){0};
    int code = layout_scan(layout, path, error);
    unlink(path);
    return code;
}

static void finds_the_pixels(void **state)
{
    (void)state;
    static Bytes b;
    Layout layout;
    Error error;
    start(&b, "1.2.840.10008.1.2.1");
    put(&b,
        "\x08\x00\x60\x00"
        "CS\x02\x00MR",
        10);
    size_t tag = b.n;
    put(&b, "\xE0\x7F\x10\x00OW\x00\x00\x04\x00\x00\x00\x01\x02\x03\x04", 16);
    assert_int_equal(scan(&b, &layout, &error), TENO_OK);
    assert_true(layout.has_pixels && layout.pixels_are_words);
    assert_int_equal(layout.pixel_offset, tag + 12);
    assert_int_equal(layout.pixel_length, 4);
    assert_int_equal(layout.dataset_end, tag);
    layout_free(&layout);
}

static void refuses_deep_nesting(void **state)
{
    (void)state;
    static Bytes b;
    Layout layout;
    Error error;
    for (int depth = 4; depth <= 20000; depth *= 10) {
        start(&b, "1.2.840.10008.1.2");
        for (int i = 0; i < depth; i++) /* implicit, undefined lengths: sequence, item, sequence … */
            put(&b, "\x40\x00\x75\x02\xFF\xFF\xFF\xFF\xFE\xFF\x00\xE0\xFF\xFF\xFF\xFF", 16);
        for (int i = 0; i < depth; i++) put(&b, "\xFE\xFF\x0D\xE0\0\0\0\0\xFE\xFF\xDD\xE0\0\0\0\0", 16);
        int code = scan(&b, &layout, &error);
        assert_int_equal(code, 2 * depth <= LAYOUT_MAX_DEPTH ? TENO_OK : TENO_FAILED);
        if (code) assert_non_null(strstr(error.message, "nested too deeply"));
        layout_free(&layout);
    }
}

static void refuses_lengths_that_lie(void **state)
{
    (void)state;
    static Bytes b;
    Layout layout;
    Error error;
    start(&b, "1.2.840.10008.1.2.1");
    put(&b,
        "\x08\x00\x60\x00"
        "CS\xFF\x7FMR",
        10);
    assert_int_equal(scan(&b, &layout, &error), TENO_FAILED);
    assert_non_null(strstr(error.message, "longer than what holds it"));
    start(&b, "1.2.840.10008.1.2.1"); /* an element that reaches out of its item */
    put(&b,
        "\x40\x00\x75\x02SQ\0\0\x12\0\0\0\xFE\xFF\x00\xE0\x0A\0\0\0\x08\x00\x60\x00"
        "CS\x0A\x00MR",
        30);
    put(&b, "0123456789", 10);
    assert_int_equal(scan(&b, &layout, &error), TENO_FAILED);
    start(&b, "1.2.840.10008.1.2.1"); /* a sequence that reaches out of the file, filled by an element that does */
    put(&b,
        "\x40\x00\x75\x02SQ\0\0\x40\0\0\0\xFE\xFF\x00\xE0\x38\0\0\0\x08\x00\x60\x00"
        "CS\x30\x00MR",
        30);
    for (int i = 0; i < 8; i++) put(&b, "0", 1);
    assert_int_equal(scan(&b, &layout, &error), TENO_FAILED);
    assert_non_null(strstr(error.message, "a sequence is longer than what holds it"));
    start(&b, "1.2.840.10008.1.2.1");
    put(&b,
        "\x08\x00\x60\x00"
        "C",
        5);
    assert_int_equal(scan(&b, &layout, &error), TENO_FAILED);
    assert_non_null(strstr(error.message, "cut off"));
}

static void refuses_foreign_files(void **state)
{
    (void)state;
    static Bytes b;
    Layout layout;
    Error error;
    b.n = 4096;
    memset(b.data, 0, b.n);
    assert_int_equal(scan(&b, &layout, &error), TENO_NO_DICOM);
    start(&b, "1.2.840.10008.1.2.4.100"); /* MPEG-2 */
    put(&b,
        "\x08\x00\x60\x00"
        "CS\x02\x00MR",
        10);
    assert_int_equal(scan(&b, &layout, &error), TENO_NO_DICOM);
    assert_non_null(strstr(error.message, "not supported"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_the_pixels),
        cmocka_unit_test(refuses_deep_nesting),
        cmocka_unit_test(refuses_lengths_that_lie),
        cmocka_unit_test(refuses_foreign_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

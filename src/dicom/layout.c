/*
 * The element structure of a DICOM file, walked before DCMTK sees a byte of it.
 *
 * DCMTK 3.6.7 recurses once a nested sequence and trusts lengths, so a small file can overflow its stack or make it
 * allocate gigabytes. Here the elements are walked with an explicit stack of bounded depth and every length is held
 * against what encloses it (PS3.5 §7). What passes is handed on: the header's bytes, and the place of Pixel Data, from
 * where uncompressed pixels are read directly. Values are not interpreted, but for the transfer syntax.
 */
#include "dicom/layout.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dicom/inflate.h"
#include "teno/memory.h"

enum {
    TAG_ITEM = (int)0xFFFEE000,
    TAG_ITEM_END = (int)0xFFFEE00D,
    TAG_SEQUENCE_END = (int)0xFFFEE0DD,
    TAG_PIXEL_DATA = 0x7FE00010,
    FIRST_READ_BYTES = 32 << 10,
};
static const uint32_t undefined_length = 0xFFFFFFFFu;

typedef enum Walk { WALK_DONE, WALK_MORE, WALK_DAMAGED } Walk;

/* What encloses the current element: an item (holds elements) or a sequence (holds items). */
typedef struct Level {
    bool is_item, undefined, explicit_vr, tentative;
    size_t end, start;
} Level;

typedef struct Element {
    uint32_t tag, length;
    char vr[3];
    size_t value; /* offset of the value */
} Element;

typedef struct Walker {
    const unsigned char *bytes;
    size_t n_bytes, at;
    long long total_bytes;
    bool explicit_vr, big_endian;
    Level levels[LAYOUT_MAX_DEPTH];
    int depth;
    const char *problem; /* set with WALK_DAMAGED */
} Walker;

static uint32_t get16(const Walker *w, size_t at)
{
    const unsigned char *p = w->bytes + at;
    return w->big_endian ? (uint32_t)(p[0] << 8 | p[1]) : (uint32_t)(p[1] << 8 | p[0]);
}

static uint32_t get32(const Walker *w, size_t at)
{
    return w->big_endian ? get16(w, at) << 16 | get16(w, at + 2) : get16(w, at + 2) << 16 | get16(w, at);
}

static bool has_long_length(const char *vr)
{
    static const char *const with_32_bits[] = {"OB", "OD", "OF", "OL", "OV", "OW", "SQ",
                                               "SV", "UC", "UN", "UR", "UT", "UV"};
    for (size_t i = 0; i < sizeof with_32_bits / sizeof with_32_bits[0]; i++)
        if (memcmp(vr, with_32_bits[i], 2) == 0) return true;
    return false;
}

/* Decodes the head of the element at w->at. */
static Walk element_read(const Walker *w, bool explicit_vr, Element *out)
{
    if (w->at + 8 > w->n_bytes) return WALK_MORE;
    *out = (Element){.tag = get16(w, w->at) << 16 | get16(w, w->at + 2), .value = w->at + 8};
    if (!explicit_vr || (out->tag >> 16) == 0xFFFE) {
        out->length = get32(w, w->at + 4);
        return WALK_DONE;
    }
    memcpy(out->vr, w->bytes + w->at + 4, 2);
    if (!has_long_length(out->vr)) {
        out->length = get16(w, w->at + 6);
        return WALK_DONE;
    }
    if (w->at + 12 > w->n_bytes) return WALK_MORE;
    out->length = get32(w, w->at + 8);
    out->value = w->at + 12;
    return WALK_DONE;
}

static Walk damaged(Walker *w, const char *problem)
{
    w->problem = problem;
    return WALK_DAMAGED;
}

/* Bytes that may still lie within the innermost level of known length. */
static long long room(const Walker *w)
{
    for (int i = w->depth - 1; i >= 0; i--)
        if (!w->levels[i].undefined) return (long long)w->levels[i].end - (long long)w->at;
    return w->total_bytes - (long long)w->at;
}

/* Whether a value of known length lies within what encloses it. */
static bool value_fits(const Walker *w, const Element *element)
{
    return element->length == undefined_length ||
           (long long)element->length <= room(w) - (long long)(element->value - w->at);
}

static Walk level_push(Walker *w, bool is_item, const Element *element, bool explicit_vr, bool tentative)
{
    if (w->depth == LAYOUT_MAX_DEPTH) return damaged(w, "sequences nested too deeply");
    if (!value_fits(w, element)) return damaged(w, "a sequence is longer than what holds it");
    w->levels[w->depth++] =
        (Level){.is_item = is_item,
                .undefined = element->length == undefined_length,
                .explicit_vr = explicit_vr,
                .tentative = tentative,
                .start = element->value,
                .end = element->value + (element->length == undefined_length ? 0 : element->length)};
    w->at = element->value;
    return WALK_DONE;
}

/* An implicit or unknown value that begins with an item tag is most likely a sequence. */
static bool looks_like_sequence(const Walker *w, const Element *element)
{
    if (element->length < 8 || element->length == undefined_length || element->value + 4 > w->n_bytes) return false;
    return (get16(w, element->value) << 16 | get16(w, element->value + 2)) == (uint32_t)TAG_ITEM;
}

/* One step inside a sequence: an item, or its end. */
static Walk step_sequence(Walker *w, const Level *level, const Element *element)
{
    if (element->tag == (uint32_t)TAG_SEQUENCE_END && level->undefined) {
        w->depth--;
        w->at = element->value;
        return WALK_DONE;
    }
    if (element->tag != (uint32_t)TAG_ITEM) return damaged(w, "a sequence holds something else than items");
    return level_push(w, true, element, level->explicit_vr, level->tentative);
}

/* One step inside an item or at the top: a value to pass over, or a sequence to enter. */
static Walk step_item(Walker *w, bool explicit_vr, const Element *element)
{
    if (element->tag == (uint32_t)TAG_ITEM_END) {
        if (w->depth == 0 || !w->levels[w->depth - 1].undefined) return damaged(w, "an item ends where none began");
        w->depth--;
        w->at = element->value;
        return WALK_DONE;
    }
    bool unknown = explicit_vr && memcmp(element->vr, "UN", 2) == 0;
    bool tentative = w->depth > 0 && w->levels[w->depth - 1].tentative;
    if (element->length == undefined_length) /* PS3.5 §6.2.2: UN of undefined length is an implicit sequence */
        return level_push(w, false, element, explicit_vr && !unknown, tentative);
    if (explicit_vr && memcmp(element->vr, "SQ", 2) == 0) return level_push(w, false, element, true, tentative);
    if ((!explicit_vr || unknown) && looks_like_sequence(w, element)) return level_push(w, false, element, false, true);
    if (!value_fits(w, element)) return damaged(w, "an element is longer than what holds it");
    w->at = element->value + element->length;
    return WALK_DONE;
}

/* A guess that it was a sequence turned out wrong: passes over it as one opaque value. Large ones are refused, because
 * DCMTK might still take them for sequences, and only a long value can nest deeply enough to harm it. */
static bool tentative_undo(Walker *w)
{
    enum { HARMLESS_BYTES = 32 << 10 };
    int first = w->depth;
    while (first > 0 && w->levels[first - 1].tentative) first--;
    if (first == w->depth) return false;
    const Level *level = &w->levels[first];
    if (level->undefined || level->end - level->start > HARMLESS_BYTES) return false;
    w->at = level->end;
    w->depth = first;
    return (long long)w->at <= w->total_bytes;
}

static void levels_close(Walker *w)
{
    while (w->depth > 0 && !w->levels[w->depth - 1].undefined && w->at == w->levels[w->depth - 1].end) w->depth--;
}

/* Walks from w->at to Pixel Data (found in *pixels) or the end (tag 0). WALK_MORE: needs more bytes. */
static Walk walk(Walker *w, Element *pixels)
{
    *pixels = (Element){0};
    for (;;) {
        levels_close(w);
        if (w->depth == 0 && (long long)w->at >= w->total_bytes) return WALK_DONE;
        const Level *level = w->depth ? &w->levels[w->depth - 1] : NULL;
        bool explicit_vr = level ? level->explicit_vr : w->explicit_vr;
        Element element;
        Walk result;
        if (room(w) < 8) {
            result = damaged(w, "an element is cut off");
        } else {
            result = element_read(w, explicit_vr, &element);
            if (result == WALK_MORE) {
                if ((long long)w->n_bytes < w->total_bytes) return WALK_MORE;
                result = damaged(w, "an element is cut off");
            } else if (w->depth == 0 && element.tag == TAG_PIXEL_DATA) {
                *pixels = element;
                return WALK_DONE;
            } else if ((!explicit_vr || memcmp(element.vr, "UN", 2) == 0) && element.value + 4 > w->n_bytes &&
                       (long long)w->n_bytes < w->total_bytes) {
                return WALK_MORE; /* to see whether it is a sequence */
            } else {
                result =
                    level && !level->is_item ? step_sequence(w, level, &element) : step_item(w, explicit_vr, &element);
            }
        }
        if (result == WALK_DAMAGED && !tentative_undo(w)) return result;
        if (w->at > w->n_bytes && (long long)w->n_bytes < w->total_bytes) return WALK_MORE;
    }
}

/* A short text without its padding; left as it is when too long. */
static void value_copy(char *out, size_t size, const unsigned char *bytes, const Element *element)
{
    if (element->length >= size) return;
    memcpy(out, bytes + element->value, element->length);
    out[element->length] = '\0';
    for (char *end = out + strlen(out); end > out && end[-1] == ' ';) *--end = '\0';
}

/* Of a data set in little endian whose transfer syntax is not said: whether its first element has letters for a VR. */
static const TransferSyntax *syntax_guess(const unsigned char *element)
{
    bool explicit_vr = element[4] >= 'A' && element[4] <= 'Z' && element[5] >= 'A' && element[5] <= 'Z';
    return transfer_syntax_find(explicit_vr ? "1.2.840.10008.1.2.1" : "1.2.840.10008.1.2");
}

/* The transfer syntax from the file meta information (PS3.10 §7.1: group 0002, explicit VR little endian). Without a
 * preamble, a data set that begins with group 0008 is taken for what its first element looks like. */
static int syntax_find(Layout *layout, const char *path, Error *error)
{
    const unsigned char *bytes = layout->bytes;
    if (layout->n_bytes < 132 + 8 || memcmp(bytes + 128, "DICM", 4) != 0) {
        if (layout->n_bytes < 132 || bytes[0] != 8 || bytes[1] != 0 || bytes[3] != 0)
            return error_set(error, TENO_NO_DICOM, "%s: not a DICOM file", path);
        layout->syntax = syntax_guess(bytes);
        return TENO_OK;
    }
    Walker w = {.bytes = bytes, .n_bytes = layout->n_bytes, .at = 132, .total_bytes = layout->total_bytes};
    char uid[65] = "", media_class[65] = "";
    Element element;
    while (element_read(&w, true, &element) == WALK_DONE && (element.tag >> 16) == 0x0002) {
        if (element.value + (size_t)element.length > layout->n_bytes)
            return error_set(error, TENO_FAILED, "%s: the file meta information is cut off", path);
        if (element.tag == 0x00020002) value_copy(media_class, sizeof media_class, bytes, &element);
        if (element.tag == 0x00020010) value_copy(uid, sizeof uid, bytes, &element);
        w.at = element.value + element.length;
    }
    layout->is_directory = strcmp(media_class, "1.2.840.10008.1.3.10") == 0;
    layout->dataset_start = w.at;
    bool little_endian = w.at + 8 <= layout->n_bytes && bytes[w.at] == 8 && bytes[w.at + 1] == 0;
    if (!uid[0] && !little_endian)
        return error_set(error, TENO_FAILED, "%s: no transfer syntax in the file meta information", path);
    layout->syntax = uid[0] ? transfer_syntax_find(uid) : syntax_guess(bytes + w.at);
    for (const char *c = uid; *c; c++)
        if (*c != '.' && (*c < '0' || *c > '9'))
            return error_set(error, TENO_FAILED, "%s: the transfer syntax is no UID", path);
    if (!layout->syntax)
        return error_set(error, TENO_NO_DICOM, "%s: transfer syntax %s is not supported; convert the file", path, uid);
    return TENO_OK;
}

/* Makes layout->bytes hold at least `wanted` bytes of the file (or all of it). */
static int read_more(Layout *layout, int file, size_t wanted, const char *path, Error *error)
{
    if ((long long)wanted > layout->total_bytes) wanted = (size_t)layout->total_bytes;
    if (wanted > LAYOUT_MAX_HEADER_BYTES)
        return error_set(error, TENO_FAILED, "%s: the header is longer than %d MB", path,
                         LAYOUT_MAX_HEADER_BYTES >> 20);
    unsigned char *grown = array_grow(layout->bytes, wanted, 1, error);
    if (!grown) return TENO_FAILED;
    layout->bytes = grown;
    while (layout->n_bytes < wanted) {
        ssize_t n = pread(file, grown + layout->n_bytes, wanted - layout->n_bytes, (off_t)layout->n_bytes);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0)
            return error_set(error, TENO_FAILED, "%s: cannot be read: %s", path, n ? strerror(errno) : "it shrank");
        layout->n_bytes += (size_t)n;
    }
    return TENO_OK;
}

static int inflate_dataset(Layout *layout, int file, const char *path, Error *error)
{
    int code = read_more(layout, file, (size_t)layout->total_bytes, path, error);
    if (code) return code;
    unsigned char *inflated = NULL;
    size_t size = 0;
    code = inflate_bounded(&inflated, &size, layout->bytes + layout->dataset_start,
                           layout->n_bytes - layout->dataset_start, LAYOUT_MAX_INFLATED_BYTES, path, error);
    if (code) return code;
    free(layout->bytes);
    layout->bytes = inflated;
    layout->n_bytes = size;
    layout->total_bytes = (long long)size;
    layout->dataset_start = 0;
    return TENO_OK;
}

static int elements_walk(Layout *layout, int file, const char *path, Error *error)
{
    Walker w = {.bytes = layout->bytes,
                .n_bytes = layout->n_bytes,
                .at = layout->dataset_start,
                .total_bytes = layout->total_bytes,
                .explicit_vr = layout->syntax->explicit_vr,
                .big_endian = layout->syntax->big_endian};
    Element pixels;
    Walk result;
    while ((result = walk(&w, &pixels)) == WALK_MORE) {
        size_t wanted = (w.at > w.n_bytes ? w.at : w.n_bytes) + 2 * layout->n_bytes;
        int code = read_more(layout, file, wanted, path, error);
        if (code) return code;
        w.bytes = layout->bytes;
        w.n_bytes = layout->n_bytes;
    }
    if (result == WALK_DAMAGED)
        return error_set(error, TENO_FAILED, "%s: damaged at byte %zu: %s", path, w.at, w.problem);
    layout->dataset_end = w.at;
    if (!pixels.tag) return TENO_OK;
    layout->has_pixels = true;
    layout->pixel_tag = w.at;
    layout->pixel_offset = (long long)pixels.value;
    layout->pixel_length = pixels.length == undefined_length ? -1 : (long long)pixels.length;
    layout->pixels_are_words = !layout->syntax->explicit_vr || memcmp(pixels.vr, "OW", 2) == 0;
    return TENO_OK;
}

/* Inflates and walks. One at a time, so that a folder of bombs costs no more memory than one of them; what is kept of
 * each is the header, unless `whole`. */
static int deflated_walk(Layout *out, int file, const char *path, bool whole, Error *error)
{
    int code;
#pragma omp critical(layout_inflate)
    {
        code = inflate_dataset(out, file, path, error);
        if (!code) code = elements_walk(out, file, path, error);
        unsigned char *kept = NULL;
        if (!code && !whole && out->dataset_end > 0) kept = realloc(out->bytes, out->dataset_end);
        if (kept) {
            out->bytes = kept;
            out->n_bytes = out->dataset_end;
        }
        if (code) layout_free(out);
    }
    return code;
}

static int scan(Layout *out, const char *path, bool whole, Error *error)
{
    *out = (Layout){0};
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0) return error_set(error, TENO_FAILED, "%s: cannot be opened: %s", path, strerror(errno));
    int code;
    struct stat info;
    if (fstat(file, &info) != 0 || !S_ISREG(info.st_mode)) {
        code = error_set(error, TENO_NO_DICOM, "%s: not a regular file", path);
        goto out;
    }
    out->total_bytes = (long long)info.st_size;
    if (out->total_bytes < 140) {
        code = error_set(error, TENO_NO_DICOM, "%s: not a DICOM file", path);
        goto out;
    }
    code = read_more(out, file, FIRST_READ_BYTES, path, error);
    if (!code) code = syntax_find(out, path, error);
    if (!code)
        code = out->syntax->deflated ? deflated_walk(out, file, path, whole, error)
                                     : elements_walk(out, file, path, error);
out:
    close(file);
    if (code) layout_free(out);
    return code;
}

int layout_scan(Layout *out, const char *path, Error *error)
{
    return scan(out, path, false, error);
}

int layout_scan_whole(Layout *out, const char *path, Error *error)
{
    return scan(out, path, true, error);
}

void layout_free(Layout *layout)
{
    free(layout->bytes);
    *layout = (Layout){0};
}

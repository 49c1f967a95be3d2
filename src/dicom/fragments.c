#include "dicom/fragments.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "teno/memory.h"

static uint32_t get32(const unsigned char *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* Collects the items; the first is the offset table. Compressed syntaxes are all little endian. */
static int items_collect(Fragments *out, Fragment *table, const unsigned char *bytes, size_t size, size_t at,
                         Error *error)
{
    int capacity = 0;
    for (bool is_table = true;; is_table = false) {
        if (at + 8 > size) return error_set(error, TENO_FAILED, "compressed pixels are cut off");
        uint32_t length = get32(bytes + at + 4);
        if (memcmp(bytes + at, "\xFE\xFF\xDD\xE0", 4) == 0 && !is_table) return TENO_OK;
        if (memcmp(bytes + at, "\xFE\xFF\x00\xE0", 4) != 0)
            return error_set(error, TENO_FAILED, "compressed pixels hold something else than items");
        if (length > size - at - 8) return error_set(error, TENO_FAILED, "compressed pixels are cut off");
        Fragment fragment = {.offset = at + 8, .length = length};
        at += 8 + (size_t)length;
        if (is_table) {
            *table = fragment;
            continue;
        }
        if (out->n == capacity) {
            capacity = capacity ? 2 * capacity : 16;
            Fragment *grown = array_grow(out->fragment, (size_t)capacity, sizeof *grown, error);
            if (!grown) return TENO_FAILED;
            out->fragment = grown;
        }
        out->fragment[out->n++] = fragment;
    }
}

static bool frames_by_table(Fragments *f, const Fragment *table, const unsigned char *bytes)
{
    if (table->length != 4 * (size_t)f->n_frames || f->n == 0) return false;
    size_t start = f->fragment[0].offset - 8;
    for (int frame = 0, k = 0; frame < f->n_frames; frame++, k++) {
        size_t wanted = start + get32(bytes + table->offset + 4 * (size_t)frame);
        while (k < f->n && f->fragment[k].offset - 8 != wanted) k++;
        if (k == f->n) return false;
        f->first[frame] = k;
    }
    return f->first[0] == 0;
}

static bool starts_frame(const unsigned char *bytes, const Fragment *fragment)
{
    const unsigned char *p = bytes + fragment->offset; /* SOI of JPEG and JPEG-LS, SOC of JPEG 2000 */
    return fragment->length >= 2 && p[0] == 0xFF && (p[1] == 0xD8 || p[1] == 0x4F);
}

static bool frames_by_marker(Fragments *f, const unsigned char *bytes)
{
    int frame = 0;
    for (int k = 0; k < f->n; k++) {
        if (!starts_frame(bytes, &f->fragment[k])) continue;
        if (frame == f->n_frames) return false;
        f->first[frame++] = k;
    }
    return frame == f->n_frames && f->first[0] == 0;
}

int fragments_find(Fragments *out, const unsigned char *bytes, size_t size, size_t offset, int n_frames, Error *error)
{
    Fragment table = {0};
    *out = (Fragments){.n_frames = n_frames};
    int code = items_collect(out, &table, bytes, size, offset, error);
    if (code) goto out;
    out->first = array_alloc((size_t)n_frames + 1, sizeof *out->first, error);
    if (!out->first) {
        code = TENO_FAILED;
        goto out;
    }
    bool found = frames_by_table(out, &table, bytes);
    if (!found && out->n == n_frames) {
        found = true;
        for (int f = 0; f < n_frames; f++) out->first[f] = f;
    }
    if (!found && n_frames == 1 && out->n > 0) {
        found = true;
        out->first[0] = 0;
    }
    if (!found) found = frames_by_marker(out, bytes);
    out->first[n_frames] = out->n;
    if (!found)
        code = error_set(error, TENO_FAILED, "%d compressed fragments cannot be told apart into %d frames", out->n,
                         n_frames);
out:
    if (code) fragments_free(out);
    return code;
}

void fragments_free(Fragments *fragments)
{
    free(fragments->fragment);
    free(fragments->first);
    *fragments = (Fragments){0};
}

int fragments_join(unsigned char **out, size_t *out_size, const Fragments *fragments, const unsigned char *bytes,
                   int frame, Error *error)
{
    size_t size = 0;
    for (int k = fragments->first[frame]; k < fragments->first[frame + 1]; k++) size += fragments->fragment[k].length;
    size += size & 1;
    *out = array_alloc(size, 1, error);
    if (!*out) return TENO_FAILED;
    *out_size = size;
    size_t at = 0;
    for (int k = fragments->first[frame]; k < fragments->first[frame + 1]; k++) {
        memcpy(*out + at, bytes + fragments->fragment[k].offset, fragments->fragment[k].length);
        at += fragments->fragment[k].length;
    }
    return TENO_OK;
}

/* Any bytes taken for encapsulated pixels give fragments that lie inside them, in frames that do not overlap, or an
 * error. */
#include <stdlib.h>

#include "dicom/fragments.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    Fragments fragments;
    Error error = {0};
    if (size < 2) return 0;
    int n_frames = 1 + bytes[0] % 8;
    if (fragments_find(&fragments, bytes, size, 1, n_frames, &error)) return error.code ? 0 : (abort(), 0);
    for (int k = 0; k < fragments.n; k++)
        if (fragments.fragment[k].offset + fragments.fragment[k].length > size) abort();
    for (int f = 0; f < n_frames; f++) {
        unsigned char *stream = NULL;
        size_t stream_size = 0;
        if (fragments.first[f] > fragments.first[f + 1] || fragments.first[f + 1] > fragments.n) abort();
        if (fragments_join(&stream, &stream_size, &fragments, bytes, f, &error) == TENO_OK) free(stream);
    }
    fragments_free(&fragments);
    return 0;
}

/* Any text is either a set of points with finite coordinates, or an error with a message. */
#include <math.h>
#include <stdlib.h>

#include "fuzz.h"
#include "teno/markups.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    FuzzFile file;
    Markups markups = {0};
    Error error = {0};
    if (fuzz_file_open(&file, bytes, size)) return 0;
    int code = markups_read(&markups, file.path, &error);
    if (code && !error.code) abort();
    for (int i = 0; !code && i < markups.n_seeds; i++)
        if (!isfinite(markups.seeds[i].p_lps.x + markups.seeds[i].p_lps.y + markups.seeds[i].p_lps.z)) abort();
    markups_free(&markups);
    fuzz_file_close(&file);
    return 0;
}

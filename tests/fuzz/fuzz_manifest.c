/* Any table is either a cohort whose sessions all have names and a path, or an error with a message. */
#include <stdlib.h>

#include "batch/cohort.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    FuzzFile file;
    Cohort cohort = {0};
    Error error = {0};
    if (fuzz_file_open(&file, bytes, size)) return 0;
    int code = sessions_from_manifest(&cohort, file.path, &error);
    if (code && (!error.code || !error.message[0])) abort();
    for (int i = 0; !code && i < cohort.n_sessions; i++)
        if (!cohort.sessions[i].subject[0] || !cohort.sessions[i].timepoint[0] || !cohort.sessions[i].path) abort();
    cohort_free(&cohort);
    fuzz_file_close(&file);
    return 0;
}

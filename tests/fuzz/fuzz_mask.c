/* Any bytes are either a mask (NIfTI or DICOM SEG) that can be freed, or an error with a message. */
#include <stdlib.h>

#include "fuzz.h"
#include "teno/mask.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    FuzzFile file;
    MaskFile mask = {0};
    Error error = {0};
    if (fuzz_file_open(&file, bytes, size)) return 0;
    if (mask_read(&mask, file.path, &error) && !error.code) abort();
    mask_free(&mask);
    fuzz_file_close(&file);
    return 0;
}

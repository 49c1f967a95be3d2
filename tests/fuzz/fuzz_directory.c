/* Any DICOMDIR either lists file IDs that stay on its disc, or is an error with a message. */
#include <stdlib.h>
#include <string.h>

#include "dicom/layout.h"
#include "fuzz.h"
#include "teno/dicom.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    FuzzFile file;
    Layout layout = {0};
    Error error = {0};
    char **ids = NULL;
    int n = 0;
    if (dicom_start(&error) || fuzz_file_open(&file, bytes, size)) return 0;
    if (layout_scan(&layout, file.path, &error) == TENO_OK) {
        const unsigned char *dataset = layout.bytes + layout.dataset_start;
        int code = dicom_directory_parse(&ids, &n, dataset, layout.dataset_end - layout.dataset_start, &error);
        if (code && !error.code) abort();
        for (int i = 0; i < n; i++) {
            if (ids[i][0] == '/' || strstr(ids[i], "..")) abort();
            free(ids[i]);
        }
        free(ids);
    }
    layout_free(&layout);
    fuzz_file_close(&file);
    return 0;
}

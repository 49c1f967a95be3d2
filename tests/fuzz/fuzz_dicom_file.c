/* Any bytes are either a header whose numbers keep the promises of teno/dicom.h, or an error with a message. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "teno/dicom.h"

static void promise(int kept)
{
    if (!kept) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    FuzzFile file;
    DicomFile header;
    Error error = {0};
    if (fuzz_file_open(&file, bytes, size)) return 0;
    if (dicom_file_read(&header, file.path, &error)) {
        promise(error.code != 0 && error.message[0] != '\0');
    } else {
        promise(header.n_frames >= 1 && header.path != NULL);
        for (int i = 0; i < header.n_frames; i++) {
            const DicomPixels *p = &header.frames[i].pixels;
            promise(p->syntax != NULL && p->rows >= 1 && p->rows <= DICOM_MAX_ROWS && p->columns >= 1);
            promise(p->columns <= DICOM_MAX_ROWS && p->samples == 1 && p->n_frames == header.n_frames);
            promise(p->bits_stored >= 1 && p->bits_stored <= p->bits_allocated && p->high_bit < p->bits_allocated);
        }
    }
    dicom_file_free(&header);
    fuzz_file_close(&file);
    return 0;
}

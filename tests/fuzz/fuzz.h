/* What fuzz targets share. Each defines LLVMFuzzerTestOneInput; replay.c or libFuzzer calls it. */
#ifndef TENO_TESTS_FUZZ_H
#define TENO_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* A path under which the bytes can be read as a file, until fuzz_file_close. */
typedef struct FuzzFile {
    int descriptor;
    char path[64];
} FuzzFile;
int fuzz_file_open(FuzzFile *out, const uint8_t *bytes, size_t size); /* 0, or -1 when there is no memory for it */
void fuzz_file_close(FuzzFile *file);

#endif

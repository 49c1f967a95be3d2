#define _GNU_SOURCE /* memfd_create */
#include "fuzz.h"

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

int fuzz_file_open(FuzzFile *out, const uint8_t *bytes, size_t size)
{
    out->descriptor = memfd_create("fuzz", 0);
    if (out->descriptor < 0) return -1;
    if (write(out->descriptor, bytes, size) != (ssize_t)size) {
        close(out->descriptor);
        return -1;
    }
    snprintf(out->path, sizeof out->path, "/proc/self/fd/%d", out->descriptor);
    return 0;
}

void fuzz_file_close(FuzzFile *file)
{
    close(file->descriptor);
}

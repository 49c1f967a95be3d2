/* One frame's pixels from its file. Uncompressed ones are read straight from their place, the others decoded. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dicom/pixels.h"
#include "teno/memory.h"

static int bytes_read(unsigned char *out, size_t size, long long offset, const char *path, Error *error)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return error_set(error, TENO_FAILED, "%s: cannot be opened: %s", path, strerror(errno));
    int code = TENO_OK;
    for (size_t done = 0; done < size && !code;) {
        ssize_t n = pread(file, out + done, size - done, (off_t)(offset + (long long)done));
        if (n > 0)
            done += (size_t)n;
        else if (n == 0 || errno != EINTR)
            code = error_set(error, TENO_FAILED, "%s: cannot read %zu bytes of pixels: %s", path, size,
                             n ? strerror(errno) : "the file is cut off");
    }
    close(file);
    return code;
}

int frame_load(float *out, const char *path, const DicomPixels *pixels, int frame, Error *error)
{
    size_t size = pixels_frame_bytes(pixels);
    unsigned char *bytes = array_alloc(size, 1, error);
    if (!bytes) return TENO_FAILED;
    int code;
    if (pixels->syntax->codec == DICOM_NATIVE && !pixels->syntax->deflated) {
        code = bytes_read(bytes, size, pixels->offset + (long long)size * frame, path, error);
        if (!code) pixels_convert(out, bytes, pixels, pixels->syntax->big_endian);
    } else {
        code = error_set(error, TENO_FAILED, "%s: %s is not decoded yet", path, pixels->syntax->name);
    }
    free(bytes);
    return code;
}

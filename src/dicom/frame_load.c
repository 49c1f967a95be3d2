/* One frame's pixels from its file. Uncompressed ones are read straight from their place, the others decoded; that is
 * to happen in a helper process (helper.h), which may die of a damaged code stream or of a file that shrinks. */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dicom/fragments.h"
#include "dicom/layout.h"
#include "dicom/pixels.h"
#include "teno/memory.h"

static int file_open(const char *path, int *file, Error *error)
{
    *file = open(path, O_RDONLY | O_CLOEXEC);
    if (*file >= 0) return TENO_OK;
    return error_set(error, TENO_FAILED, "%s: cannot be opened: %s", path, strerror(errno));
}

static int bytes_read(unsigned char *out, size_t size, int file, long long offset, const char *path, Error *error)
{
    for (size_t done = 0; done < size;) {
        ssize_t n = pread(file, out + done, size - done, (off_t)(offset + (long long)done));
        if (n > 0)
            done += (size_t)n;
        else if (n == 0 || errno != EINTR)
            return error_set(error, TENO_FAILED, "%s: cannot read %zu bytes of pixels: %s", path, size,
                             n ? strerror(errno) : "the file is cut off");
    }
    return TENO_OK;
}

/* A compressed file in memory: only the pages of the frames that are decoded get read. */
static int file_map(const unsigned char **out, size_t *out_size, const char *path, Error *error)
{
    int file, code = file_open(path, &file, error);
    struct stat info;
    if (code) return code;
    void *map = MAP_FAILED;
    if (fstat(file, &info) == 0 && info.st_size > 0)
        map = mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_PRIVATE, file, 0);
    if (map == MAP_FAILED) code = error_set(error, TENO_FAILED, "%s: cannot be read: %s", path, strerror(errno));
    close(file);
    if (code) return code;
    *out = map;
    *out_size = (size_t)info.st_size;
    return TENO_OK;
}

static int stream_decode(unsigned char *out, size_t out_size, const unsigned char *bytes, size_t size,
                         const DicomPixels *pixels, int frame, Error *error)
{
    Fragments fragments = {0};
    unsigned char *stream = NULL;
    size_t stream_size = 0;
    int code = fragments_find(&fragments, bytes, size, (size_t)pixels->offset, pixels->n_frames, error);
    if (!code) code = fragments_join(&stream, &stream_size, &fragments, bytes, frame, error);
    if (!code) code = codestream_check(stream, stream_size, pixels, error);
    if (!code)
        code = pixels->syntax->codec == DICOM_JPEG2000
                   ? jpeg2000_decode(out, stream, stream_size, pixels, error)
                   : dicom_decode_frame(out, out_size, stream, stream_size, pixels, error);
    free(stream);
    fragments_free(&fragments);
    return code;
}

static int frame_decode(float *out, const char *path, const DicomPixels *pixels, int frame, Error *error)
{
    const uint16_t one = 1;
    bool big_endian_machine = *(const unsigned char *)&one == 0;
    size_t size = 0, frame_size = pixels_frame_bytes(pixels);
    const unsigned char *file = NULL;
    unsigned char *cells = array_alloc(frame_size, 1, error);
    Error inner = {0};
    int code = cells ? file_map(&file, &size, path, error) : TENO_FAILED;
    if (code) goto out;
    code = stream_decode(cells, frame_size, file, size, pixels, frame, &inner);
    if (code)
        error_set(error, code, "%s: %s", path, inner.message);
    else
        pixels_convert(out, cells, pixels, big_endian_machine);
    munmap((void *)(size_t)file, size);
out:
    free(cells);
    return code;
}

static int frame_inflate(float *out, const char *path, const DicomPixels *pixels, int frame, Error *error)
{
    Layout layout = {0};
    int code = layout_scan_whole(&layout, path, error);
    if (code) return code;
    size_t size = pixels_frame_bytes(pixels), offset = (size_t)pixels->offset + size * (size_t)frame;
    if (offset + size > layout.n_bytes)
        code = error_set(error, TENO_FAILED, "%s: the pixels are cut off", path);
    else
        pixels_convert(out, layout.bytes + offset, pixels, false);
    layout_free(&layout);
    return code;
}

/* In blocks that stay in the processor's cache: a buffer of the whole frame would cost as many page faults as the
 * result. */
static int frame_read(float *out, const char *path, const DicomPixels *pixels, int frame, Error *error)
{
    enum { BLOCK_BYTES = 64 << 10 };
    size_t cell = (size_t)pixels->bits_allocated / 8, left = pixels_frame_bytes(pixels);
    long long offset = pixels->offset + (long long)left * frame;
    float *at = out;
    int file, code = file_open(path, &file, error);
    if (code) return code;
    while (left > 0 && !code) {
        unsigned char block[BLOCK_BYTES];
        size_t size = left < sizeof block ? left : sizeof block;
        code = bytes_read(block, size, file, offset, path, error);
        if (!code) pixels_cut(at, block, size / cell, pixels, pixels->syntax->big_endian);
        at += size / cell;
        offset += (long long)size;
        left -= size;
    }
    close(file);
    if (!code) pixels_finish(out, pixels);
    return code;
}

int frame_load(float *out, const char *path, const DicomPixels *pixels, int frame, Error *error)
{
    if (pixels->syntax->codec != DICOM_NATIVE) return frame_decode(out, path, pixels, frame, error);
    if (pixels->syntax->deflated) return frame_inflate(out, path, pixels, frame, error);
    return frame_read(out, path, pixels, frame, error);
}

#include "dicom/inflate.h"

#include <stdlib.h>
#include <zlib.h>

#include "teno/memory.h"

int inflate_bounded(unsigned char **out, size_t *out_size, const unsigned char *bytes, size_t size, size_t limit,
                    const char *path, Error *error)
{
    z_stream stream = {0};
    unsigned char *buffer = NULL;
    size_t capacity = 0;
    int code = TENO_OK, status = Z_OK;
    if (size > limit) return error_set(error, TENO_FAILED, "%s: deflated data longer than %zu bytes", path, limit);
    if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) /* negative: no zlib header, as DICOM has it */
        return error_set(error, TENO_FAILED, "%s: cannot start inflating", path);
    stream.next_in = (unsigned char *)(size_t)bytes; /* zlib takes it non-const but does not write */
    stream.avail_in = (uInt)size;
    while (status != Z_STREAM_END && !code) {
        if (stream.total_out == capacity) {
            size_t wanted = capacity ? 2 * capacity : 4 * size + 4096;
            if (wanted > limit) wanted = limit;
            if (wanted == capacity) {
                code = error_set(error, TENO_FAILED, "%s: inflates to more than %zu MB; refused", path, limit >> 20);
                break;
            }
            unsigned char *grown = array_grow(buffer, wanted, 1, error);
            if (!grown) {
                code = TENO_FAILED;
                break;
            }
            buffer = grown;
            capacity = wanted;
        }
        stream.next_out = buffer + stream.total_out;
        stream.avail_out = (uInt)(capacity - stream.total_out);
        status = inflate(&stream, Z_NO_FLUSH);
        if (status != Z_OK && status != Z_STREAM_END)
            code = error_set(error, TENO_FAILED, "%s: the deflated data are damaged or cut off", path);
    }
    *out_size = stream.total_out;
    inflateEnd(&stream);
    if (code)
        free(buffer);
    else
        *out = buffer;
    return code;
}

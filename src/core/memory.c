#include "teno/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static int size_check(size_t count, size_t size, Error *error)
{
    if (size == 0 || count <= MEMORY_LIMIT_BYTES / size) return TENO_OK;
    return error_set(error, TENO_FAILED, "memory: %zu elements of %zu bytes asked for, limit is %zu bytes", count, size,
                     MEMORY_LIMIT_BYTES);
}

void *array_alloc(size_t count, size_t size, Error *error)
{
    if (size_check(count, size, error)) return NULL;
    void *block = calloc(count ? count : 1, size ? size : 1);
    if (!block) error_set(error, TENO_FAILED, "memory: cannot allocate %zu elements of %zu bytes", count, size);
    return block;
}

void *array_grow(void *block, size_t count, size_t size, Error *error)
{
    if (size_check(count, size, error)) return NULL;
    void *grown = realloc(block, count * size > 0 ? count * size : 1);
    if (!grown) error_set(error, TENO_FAILED, "memory: cannot grow to %zu elements of %zu bytes", count, size);
    return grown;
}

char *string_copy(const char *text, Error *error)
{
    size_t size = strlen(text) + 1;
    char *copy = array_alloc(size, 1, error);
    if (copy) memcpy(copy, text, size);
    return copy;
}

void string_set(char *destination, size_t size, const char *source)
{
    if (size == 0) return;
    size_t length = source ? strlen(source) : 0;
    if (length >= size) {
        length = size - 1;
        while (length > 0 && ((unsigned char)source[length] & 0xC0) == 0x80) length--; /* inside a UTF-8 sequence */
    }
    if (length) memcpy(destination, source, length);
    destination[length] = '\0';
}

#define _DEFAULT_SOURCE /* madvise */

#include "teno/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static int size_check(size_t count, size_t size, Error *error)
{
    if (size == 0 || count <= MEMORY_LIMIT_BYTES / size) return TENO_OK;
    return error_set(error, TENO_FAILED, "memory: %zu elements of %zu bytes asked for, limit is %zu bytes", count, size,
                     MEMORY_LIMIT_BYTES);
}

/* Asks for pages of 2 MB for a large block: a volume touched the first time otherwise costs a page fault each 4 kB,
 * which takes longer than reading it. Only advice. */
static void pages_advise(void *block, size_t bytes)
{
#ifdef MADV_HUGEPAGE
    const uintptr_t large = (uintptr_t)2 << 20;
    uintptr_t first = ((uintptr_t)block + large - 1) & ~(large - 1), end = ((uintptr_t)block + bytes) & ~(large - 1);
    if (end > first) madvise((void *)first, end - first, MADV_HUGEPAGE);
#else
    (void)block;
    (void)bytes;
#endif
}

void *array_alloc(size_t count, size_t size, Error *error)
{
    if (size_check(count, size, error)) return NULL;
    void *block = calloc(count ? count : 1, size ? size : 1);
    if (!block) error_set(error, TENO_FAILED, "memory: cannot allocate %zu elements of %zu bytes", count, size);
    if (block && count * size >= (size_t)8 << 20) pages_advise(block, count * size);
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

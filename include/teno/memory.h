/* Allocation with bounded sizes. */
#ifndef TENO_MEMORY_H
#define TENO_MEMORY_H

#include <stddef.h>

#include "teno/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Zeroed array of count × size bytes, or NULL with the error set (overflow, or more than MEMORY_LIMIT_BYTES). */
void *array_alloc(size_t count, size_t size, Error *error);
/* Same, grown to `count` elements; the old block stays valid on failure. The new part is not zeroed. */
void *array_grow(void *block, size_t count, size_t size, Error *error);
/* Copy of a string, or NULL with the error set. */
char *string_copy(const char *text, Error *error);
/* Copies at most size-1 bytes, never splits a UTF-8 sequence, always terminates. */
void string_set(char *destination, size_t size, const char *source);

#define MEMORY_LIMIT_BYTES ((size_t)8 << 30)

#ifdef __cplusplus
}
#endif
#endif

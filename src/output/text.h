/* A growing text, for files that are written whole. */
#ifndef TENO_OUTPUT_TEXT_H
#define TENO_OUTPUT_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "teno/error.h"

/* Zero-initialise; free with text_free (repeatable). After the first failed allocation nothing more is added. */
typedef struct Text {
    char *data;
    size_t length, capacity;
    bool failed;
} Text;

void text_add(Text *text, const char *format, ...) TENO_PRINTF(2, 3);
void text_add_bytes(Text *text, const char *bytes, size_t count);
/* Escaped for HTML and XML text and attributes; control characters and bytes that are no UTF-8 become '?'. */
void text_add_escaped(Text *text, const char *plain);
/* The text with control characters and bytes that are no UTF-8 as '?', cut at `size`. Cairo refuses anything else. */
void text_plain(char *out, size_t size, const char *in);
/* Base64 of bytes, padded. */
void text_add_base64(Text *text, const unsigned char *bytes, size_t count);
/* One CSV field by RFC 4180, quoted where it must be. */
void text_add_csv(Text *text, const char *field);
/* Writes folder/name. */
int text_write(const Text *text, const char *folder, const char *name, Error *error) TENO_CHECKED;
void text_free(Text *text);

#endif

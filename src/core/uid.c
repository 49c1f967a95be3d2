#include "teno/uid.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { UUID_BYTES = 16, UUID_DECIMAL_DIGITS = 39 }; /* 2^128 < 10^39 */

/* Long division of the big-endian number by ten; returns the remainder. */
static int divide_by_ten(unsigned char number[UUID_BYTES])
{
    int rest = 0;
    for (int i = 0; i < UUID_BYTES; i++) {
        int value = rest * 256 + number[i];
        number[i] = (unsigned char)(value / 10);
        rest = value % 10;
    }
    return rest;
}

void uid_from_hash(char uid[UID_SIZE], Sha256 *hash)
{
    unsigned char digest[SHA256_BYTES];
    char decimal[UUID_DECIMAL_DIGITS + 1];
    sha256_finish(hash, digest);
    digest[6] = (unsigned char)((digest[6] & 0x0F) | 0x80); /* UUID version 8 */
    digest[8] = (unsigned char)((digest[8] & 0x3F) | 0x80); /* variant of RFC 9562 */
    for (int i = UUID_DECIMAL_DIGITS - 1; i >= 0; i--) decimal[i] = (char)('0' + divide_by_ten(digest));
    decimal[UUID_DECIMAL_DIGITS] = '\0';
    const char *first = decimal;
    while (first[0] == '0' && first[1]) first++;
    snprintf(uid, UID_SIZE, "2.25.%s", first);
}

void uid_from_text(char uid[UID_SIZE], const char *text)
{
    Sha256 hash;
    sha256_init(&hash);
    sha256_add(&hash, text, strlen(text));
    uid_from_hash(uid, &hash);
}

void uid_derive(char uid[UID_SIZE], const char *format, ...)
{
    char text[512], *long_text = NULL;
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (length >= (int)sizeof text && (long_text = malloc((size_t)length + 1))) {
        va_start(arguments, format);
        vsnprintf(long_text, (size_t)length + 1, format, arguments);
        va_end(arguments);
    }
    uid_from_text(uid, long_text ? long_text : text);
    free(long_text);
}

bool uid_valid(const char *uid)
{
    size_t length = strlen(uid);
    if (length == 0 || length >= UID_SIZE) return false;
    bool at_start = true;
    for (size_t i = 0; i < length; i++) {
        if (uid[i] == '.') {
            if (at_start) return false;
            at_start = true;
        } else {
            if (uid[i] < '0' || uid[i] > '9') return false;
            bool next_is_digit = uid[i + 1] >= '0' && uid[i + 1] <= '9';
            if (at_start && uid[i] == '0' && next_is_digit) return false;
            at_start = false;
        }
    }
    return !at_start;
}

#include "output/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "output/folder.h"
#include "teno/memory.h"

static bool reserve(Text *text, size_t more)
{
    if (text->failed) return false;
    if (text->length + more + 1 <= text->capacity) return true;
    size_t capacity = text->capacity ? text->capacity : 4096;
    while (capacity < text->length + more + 1) capacity *= 2;
    char *data = array_grow(text->data, capacity, 1, NULL);
    if (!data) {
        text->failed = true;
        return false;
    }
    text->data = data;
    text->capacity = capacity;
    return true;
}

void text_add_bytes(Text *text, const char *bytes, size_t count)
{
    if (!reserve(text, count)) return;
    memcpy(text->data + text->length, bytes, count);
    text->length += count;
    text->data[text->length] = 0;
}

void text_add(Text *text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int needed = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (needed < 0 || !reserve(text, (size_t)needed)) return;
    va_start(arguments, format);
    vsnprintf(text->data + text->length, (size_t)needed + 1, format, arguments);
    va_end(arguments);
    text->length += (size_t)needed;
}

/* Bytes of the UTF-8 sequence at p, 0 when it is not one (Unicode 15, table 3-7, without the rarest exclusions). */
static int utf8_length(const unsigned char *p)
{
    int n = *p < 0x80 ? 1 : *p >= 0xC2 && *p < 0xE0 ? 2 : *p >= 0xE0 && *p < 0xF0 ? 3 : *p >= 0xF0 && *p < 0xF5 ? 4 : 0;
    for (int i = 1; i < n; i++)
        if ((p[i] & 0xC0) != 0x80) return 0;
    return n;
}

void text_add_escaped(Text *text, const char *plain)
{
    static const char *const special = "&<>\"'";
    static const char *const entity[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"};
    for (const char *p = plain; *p;) {
        const char *found = strchr(special, *p);
        int n = utf8_length((const unsigned char *)p);
        bool control = (unsigned char)*p < 0x20 && *p != '\n' && *p != '\t';
        if (found)
            text_add_bytes(text, entity[found - special], strlen(entity[found - special]));
        else if (n == 0 || control || *p == 0x7F)
            text_add_bytes(text, "?", 1);
        else
            text_add_bytes(text, p, (size_t)n);
        p += n ? n : 1;
    }
}

void text_plain(char *out, size_t size, const char *in)
{
    size_t used = 0;
    for (const char *p = in; *p;) {
        int n = utf8_length((const unsigned char *)p);
        bool shown = n > 0 && (unsigned char)*p >= 0x20 && *p != 0x7F;
        size_t need = shown ? (size_t)n : 1;
        if (used + need >= size) break;
        if (shown)
            memcpy(out + used, p, need);
        else
            out[used] = '?';
        used += need;
        p += n ? n : 1;
    }
    out[used] = 0;
}

void text_add_base64(Text *text, const unsigned char *bytes, size_t count)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    if (!reserve(text, (count + 2) / 3 * 4)) return;
    char *out = text->data + text->length;
    for (size_t i = 0; i < count; i += 3) {
        unsigned b1 = i + 1 < count ? bytes[i + 1] : 0, b2 = i + 2 < count ? bytes[i + 2] : 0;
        unsigned all = (unsigned)bytes[i] << 16 | b1 << 8 | b2;
        *out++ = digits[all >> 18];
        *out++ = digits[all >> 12 & 63];
        *out++ = i + 1 < count ? digits[all >> 6 & 63] : '=';
        *out++ = i + 2 < count ? digits[all & 63] : '=';
    }
    *out = 0;
    text->length = (size_t)(out - text->data);
}

void text_add_csv(Text *text, const char *field)
{
    if (!strpbrk(field, ",\"\r\n")) {
        text_add_bytes(text, field, strlen(field));
        return;
    }
    text_add_bytes(text, "\"", 1);
    for (const char *p = field; *p; p++) {
        if (*p == '"') text_add_bytes(text, "\"", 1);
        text_add_bytes(text, p, 1);
    }
    text_add_bytes(text, "\"", 1);
}

int text_write(const Text *text, const char *folder, const char *name, Error *error)
{
    if (text->failed) return error_set(error, TENO_FAILED, "%s/%s: out of memory", folder, name);
    return file_write(folder, name, text->data ? text->data : "", text->length, error);
}

void text_free(Text *text)
{
    free(text->data);
    *text = (Text){0};
}

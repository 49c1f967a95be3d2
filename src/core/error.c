#include "teno/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int error_set(Error *error, int code, const char *format, ...)
{
    if (error && error->code == TENO_OK) {
        va_list arguments;
        error->code = code;
        va_start(arguments, format);
        vsnprintf(error->message, sizeof error->message, format, arguments);
        va_end(arguments);
    }
    return code;
}

static void notes_add_text(Notes *notes, const char *text)
{
    for (int i = 0; i < notes->count; i++)
        if (strcmp(notes->text[i], text) == 0) return;
    if (notes->count == notes->capacity) {
        int capacity = notes->capacity ? 2 * notes->capacity : 8;
        char **grown = realloc(notes->text, (size_t)capacity * sizeof *grown);
        if (!grown) return; /* a warning is not worth failing for */
        notes->text = grown;
        notes->capacity = capacity;
    }
    size_t size = strlen(text) + 1;
    char *copy = malloc(size);
    if (!copy) return;
    memcpy(copy, text, size);
    notes->text[notes->count++] = copy;
}

void notes_add(Notes *notes, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    notes_add_text(notes, text);
}

void notes_append(Notes *notes, const Notes *from)
{
    for (int i = 0; i < from->count; i++) notes_add_text(notes, from->text[i]);
}

void notes_free(Notes *notes)
{
    for (int i = 0; i < notes->count; i++) free(notes->text[i]);
    free(notes->text);
    *notes = (Notes){0};
}

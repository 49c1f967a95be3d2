#include "analysis/tape.h"

#include <string.h>

#include "teno/memory.h"

enum { MAX_TEXT = 4096, MAX_NOTES = 1000 };

static void pass(Tape *tape, void *bytes, size_t size)
{
    enum { STEP = 1 << 20 }; /* zlib counts in int */
    for (char *at = bytes; !tape->broken && size > 0;) {
        unsigned part = size < STEP ? (unsigned)size : STEP;
        int done = tape->writing ? gzwrite(tape->file, at, part) : gzread(tape->file, at, part);
        tape->broken = done != (int)part;
        at += part;
        size -= part;
    }
}

void pass_reals(Tape *tape, double *value, int n)
{
    pass(tape, value, (size_t)n * sizeof *value);
}

void pass_floats(Tape *tape, float *value, size_t n)
{
    pass(tape, value, n * sizeof *value);
}

void pass_int(Tape *tape, int *value, int low, int high)
{
    int passed = *value;
    pass(tape, &passed, sizeof passed);
    if (tape->broken || passed < low || passed > high)
        tape->broken = true;
    else
        *value = passed;
}

int pass_choice(Tape *tape, int value, int n)
{
    pass_int(tape, &value, 0, n - 1);
    return value;
}

void pass_vec3(Tape *tape, Vec3 *p)
{
    pass_reals(tape, &p->x, 1);
    pass_reals(tape, &p->y, 1);
    pass_reals(tape, &p->z, 1);
}

void pass_text(Tape *tape, char *text, size_t size)
{
    char passed[MAX_TEXT] = "";
    int length = tape->writing ? (int)strlen(text) : 0;
    pass_int(tape, &length, 0, (int)(size < sizeof passed ? size : sizeof passed) - 1);
    if (tape->writing) memcpy(passed, text, tape->broken ? 0 : (size_t)length);
    if (!tape->broken) pass(tape, passed, (size_t)length);
    if (!tape->writing && !tape->broken) memcpy(text, passed, (size_t)length + 1);
}

void pass_borrowed(Tape *tape, const char **text)
{
    char passed[MAX_TEXT] = "";
    int known = pass_choice(tape, *text != NULL, 2);
    if (tape->writing && *text) string_set(passed, sizeof passed, *text);
    if (known) pass_text(tape, passed, sizeof passed);
    if (tape->writing) return;
    *text = NULL;
    if (!known || tape->broken) return;
    notes_add(tape->texts, "%s", passed);
    for (int i = 0; i < tape->texts->count; i++) /* repeats are kept once */
        if (strcmp(tape->texts->text[i], passed) == 0) *text = tape->texts->text[i];
    tape->broken = !*text;
}

void pass_notes(Tape *tape, Notes *notes)
{
    int n = notes->count;
    pass_int(tape, &n, 0, MAX_NOTES);
    for (int i = 0; i < n && !tape->broken; i++) {
        char passed[MAX_TEXT] = "";
        if (tape->writing) string_set(passed, sizeof passed, notes->text[i]);
        pass_text(tape, passed, sizeof passed);
        if (!tape->writing && !tape->broken) notes_add(notes, "%s", passed);
    }
}

void pass_array(Tape *tape, void **array, int *n, size_t size, int high)
{
    pass_int(tape, n, 0, high);
    if (tape->broken && !tape->writing) *n = 0;
    if (tape->writing) return;
    *array = *n > 0 ? array_alloc((size_t)*n, size, NULL) : NULL;
    if (*n > 0 && !*array) {
        tape->broken = true;
        *n = 0;
    }
}

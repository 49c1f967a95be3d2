/* A compressed file of numbers that is written and read by the same calls, in the same order: each call passes its
 * value to the file, or from it. Numbers are as this kind of machine has them; gzip's own check finds damage. */
#ifndef TENO_ANALYSIS_TAPE_H
#define TENO_ANALYSIS_TAPE_H

#include <zlib.h>

#include "teno/measure.h"

typedef struct Tape {
    gzFile file;
    bool writing;
    bool broken;  /* cannot be written, or does not hold what is wanted: further calls do nothing */
    Notes *texts; /* keeps the texts that were read and are borrowed by others */
} Tape;

void pass_reals(Tape *tape, double *value, int n);
void pass_floats(Tape *tape, float *value, size_t n);
void pass_int(Tape *tape, int *value, int low, int high); /* one read from outside the limits breaks the tape */
/* For enums and flags: 0 … n-1. Returns what the value is now. */
int pass_choice(Tape *tape, int value, int n);
void pass_vec3(Tape *tape, Vec3 *p);
void pass_text(Tape *tape, char *text, size_t size); /* a whole array of characters */
/* A text that somebody else keeps: read, it lives as long as tape->texts. NULL stays NULL. */
void pass_borrowed(Tape *tape, const char **text);
void pass_notes(Tape *tape, Notes *notes);
/* The number of elements, and read, an array of them; what was in *array is not freed. NULL when there are none. */
void pass_array(Tape *tape, void **array, int *n, size_t size, int high);

#endif

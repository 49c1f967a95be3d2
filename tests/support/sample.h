/* A finished analysis of a made-up study, for the tests of what is written: an elliptic, slightly bent tendon in fat
 * and noise, with one tear of known place. Nothing here goes through the pipeline. */
#ifndef TENO_TESTS_SAMPLE_H
#define TENO_TESTS_SAMPLE_H

#include "teno/compare.h"

typedef struct Sample {
    Study study;
    Analysis analysis;
} Sample;

/* tear_radius_mm 0: no tear. The description of the first series is `description` (may be hostile). */
void sample_make(Sample *out, const char *description, double tear_radius_mm);
void sample_free(Sample *sample);
/* Two samples compared: pre with a tear of 3 mm radius, post of 2 mm. */
void sample_compare(Comparison *out, Sample *pre, Sample *post);

#endif

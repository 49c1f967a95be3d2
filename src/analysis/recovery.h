/* Puts known tears into the study's own images and measures them. */
#ifndef TENO_ANALYSIS_RECOVERY_H
#define TENO_ANALYSIS_RECOVERY_H

#include "teno/analysis.h"

/* `measures` are those of the images as they are, found with the same request. A test that cannot be made says why. */
int recovery_test(Recovery *out, const Prepared *prepared, const SegmentRequest *request,
                  const Segmentation *segmentation, const TendonMeasures *measures, unsigned long long seed,
                  Error *error) TENO_CHECKED;

#endif

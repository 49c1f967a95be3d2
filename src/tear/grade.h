/* Degree of the damage. */
#ifndef TENO_TEAR_GRADE_H
#define TENO_TEAR_GRADE_H

#include "teno/measure.h"

Grade grade_of(bool any_tear, double max_involvement_percent, bool any_tendinosis);
/* Sets grade, Kuwada and their criteria from the quantities already in `m`. */
void grade_fill(TendonMeasures *m, bool has_kuwada);

#endif

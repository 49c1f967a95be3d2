/* Sections across the tendon at matched s: how two dates are shown beside each other. */
#ifndef TENO_OUTPUT_SECTION_VIEW_H
#define TENO_OUTPUT_SECTION_VIEW_H

#include "output/panel.h"
#include "teno/compare.h"

/* The sections of one date of a comparable tendon, one every millimetre of the common range. */
typedef struct SectionSource {
    int date;
    const TendonResult *result;
    const TendonShape *shape; /* at the first date's s, in this date's LPS */
    const Channel *channel;   /* the series that shows the tear best on this date */
    const TendonChange *change;
    Window window;  /* in this date's own units, the same normalised signal on both */
    double s_first; /* of frame 0, in the first date's s */
    double s_shift; /* this date's s = first date's s + shift */
    double half_mm; /* half the width of the square that is shown */
    int n;
} SectionSource;

/* The tendon's result on one date (0: before, 1: after), of the side compared; NULL if it has no shape. */
const TendonResult *change_result(const Comparison *comparison, int tendon, int date);
/* date 0: before, 1: after. */
int section_source_make(SectionSource *out, const Comparison *comparison, int tendon, int date,
                        Error *error) TENO_CHECKED;
/* Panel of frame i: anterior is up, the patient's left is right, as in axial images. */
int section_panel_make(Panel *out, const SectionSource *source, int frame, Error *error) TENO_CHECKED;
double section_s(const SectionSource *source, int frame);
/* The frame with the largest torn area on this date; the middle one without a tear. */
int best_section(const SectionSource *source);

#endif

/* A comparison in the terms of archive objects: each date over the common range, and what changed. */
#ifndef TENO_OUTPUT_ARCHIVE_CHANGE_H
#define TENO_OUTPUT_ARCHIVE_CHANGE_H

#include "output/archive_parts.h"
#include "teno/compare.h"

/* Both dates as a comparison sees them. */
typedef struct ArchiveDates {
    Analysis analysis[ARCHIVE_DATES]; /* borrows from the comparison; owns tendons and their masks */
    ArchiveParts parts[ARCHIVE_DATES];
    ArchiveSources sources[ARCHIVE_DATES];
    bool drawn; /* some tendon is comparable, and the images of both dates are at hand */
} ArchiveDates;

/* Free in any case. */
int archive_dates_make(ArchiveDates *out, const Comparison *comparison, Error *error) TENO_CHECKED;
void archive_dates_free(ArchiveDates *dates);

/* One group a tendon, tear and tendinosis, with the differences of compare.json; an evaluation for each tendon that
 * cannot be compared. Segments of `out` stay empty. */
int archive_changes_make(ArchiveParts *out, const Comparison *comparison, const ArchiveDates *dates,
                         Error *error) TENO_CHECKED;

#endif

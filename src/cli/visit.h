/* The dates that `teno compare` was given: read, put in order, and analysed. */
#ifndef TENO_CLI_VISIT_H
#define TENO_CLI_VISIT_H

#include "cli/options.h"
#include "cli/progress.h"

/* One date. Owned by the VisitList; not moved after visits_read, because analyses point into it. */
typedef struct Visit {
    const char *input; /* as given: DICOM, or a finished OUT of analyze */
    json_t *report;    /* its report.json; NULL for DICOM */
    Options recorded;  /* options of that report */
    TextList source;   /* where its images are */
    Scan scan;
    Study *study; /* in scan */
    AnalysisOptions wanted;
    Analysis analysis;
} Visit;

typedef struct VisitList {
    Visit *visit; /* [count] */
    int count;
    Notes warnings; /* about the order of the dates */
} VisitList;

/* Every study of every input is one date, in order of study date and time; where one has no date the given order stays.
 * `out` is freed by visits_free in any case. */
int visits_read(VisitList *out, const Options *options, Error *error) TENO_CHECKED;
/* Analyses all dates. A date read from a finished analysis keeps that analysis's options; --tendon overrides. */
int visits_analyze(VisitList *visits, const Options *options, Progress *progress, Error *error) TENO_CHECKED;
void visits_free(VisitList *visits);

#endif

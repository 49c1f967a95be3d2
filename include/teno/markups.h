/* Seeds from 3D Slicer: markups JSON (.mrk.json) and the older fiducial list (.fcsv), LPS or RAS as the file says. */
#ifndef TENO_MARKUPS_H
#define TENO_MARKUPS_H

#include "teno/analysis.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct Markups {
    NamedPoint *seeds; /* [n_seeds], LPS mm */
    int n_seeds;
    NamedPoint *excluded; /* [n_excluded] points whose label begins with "not" */
    int n_excluded;
} Markups;

/* A label that begins with a tendon's name ("achilles-1") binds the point to it; any other label fits every tendon.
 * Points without a defined position are skipped. Fails with TENO_USAGE, naming file and place, on anything malformed.
 */
int markups_read(Markups *out, const char *path, Error *error) TENO_CHECKED;
void markups_free(Markups *markups);

#ifdef __cplusplus
}
#endif
#endif

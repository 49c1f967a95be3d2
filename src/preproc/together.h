/* What the series of one visit tell about each other. */
#ifndef TENO_PREPROC_TOGETHER_H
#define TENO_PREPROC_TOGETHER_H

#include "teno/preproc.h"

/* Aligns a channel to the reference; identity with a warning where that cannot be trusted. */
int channel_align(Channel *channel, const Channel *reference, Notes *warnings, Error *error) TENO_CHECKED;
/* Takes muscle and fat of a channel where the reference saw them; `tissues` is the reference's map of references_find.
 */
int references_share(Channel *channel, const Vol *tissues, Error *error) TENO_CHECKED;

#endif

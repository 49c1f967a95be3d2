/* What the series of one visit tell about each other. */
#ifndef TENO_PREPROC_TOGETHER_H
#define TENO_PREPROC_TOGETHER_H

#include "teno/preproc.h"

/* Aligns a channel to the reference; identity with a warning where that cannot be trusted. */
int channel_align(Channel *channel, const Channel *reference, Notes *warnings, Error *error) TENO_CHECKED;
/* Is its fat suppressed, by frequency or by inversion? */
bool series_suppressed(const Series *series);
/* Corrects the suppressed series' coil bias again, now that one shows where their fat is; tissues[n_channels]: the maps
 * of references_find. */
int bias_share(Prepared *prepared, Vol *tissues, Error *error) TENO_CHECKED;
/* Reads muscle and fat of every channel where all channels together see them; tissues[n_channels]: the maps of
 * references_find. */
int references_share(Prepared *prepared, const Vol *tissues, Error *error) TENO_CHECKED;

#endif

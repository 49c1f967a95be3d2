/* The figures of a result, by name: small ones for overlays/, and for papers as SVG and PNG in figures/. */
#ifndef TENO_OUTPUT_FIGURES_H
#define TENO_OUTPUT_FIGURES_H

#include "teno/compare.h"

/* overlays/NAME_*.png (the folder exists) of a result's tendon; one of analysis and comparison is NULL. */
int figures_write_overlays(const Analysis *analysis, const Comparison *comparison, int tendon, const char *folder,
                           const char *name, Error *error) TENO_CHECKED;

#endif

/* Pictures other than slices: each writes overlays/NAME_*.png of one measured tendon, or draws it on any Cairo target.
 */
#ifndef TENO_OUTPUT_PICTURES_H
#define TENO_OUTPUT_PICTURES_H

#include <cairo.h>

#include "teno/analysis.h"

/* The overlay of the slice that shows the tear, or the tendon, best. NULL without an error when there is none. */
cairo_t *best_picture(const Analysis *analysis, const TendonResult *result, Error *error);

/* Overlays of at most `most` slices of a measured tendon, evenly spaced over all that show it, all of one size. The
 * caller frees the n_pictures canvases with canvas_free, also after a failure (some may be NULL then). */
int overlay_pictures(cairo_t **pictures, int most, int *n_pictures, const Analysis *analysis,
                     const TendonResult *result, Error *error) TENO_CHECKED;

/* What s = 0 is, for people. */
const char *origin_text(Origin origin);

/* Area and torn area against s, with 95 % bands, landmarks and zones. */
void profile_draw(cairo_t *cr, const TendonResult *result, double x, double y, double w, double h);
int profile_write(const Analysis *analysis, const TendonResult *result, const char *folder, const char *name,
                  Error *error) TENO_CHECKED;

/* Whether there is a straightened tendon to draw. */
bool has_straightened(const TendonResult *result);
/* The tendon straightened along its centreline (curved planar reformation), cut front to back and side to side. */
cairo_t *straightened_picture(const Analysis *analysis, const TendonResult *result, Error *error);
int straightened_write(const Analysis *analysis, const TendonResult *result, const char *folder, const char *name,
                       Error *error) TENO_CHECKED;

#endif

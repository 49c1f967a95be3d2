/* Pictures of one measured tendon. Makers return a figure or canvas of the caller's (canvas_free), or NULL: with an
 * error set when they failed, without when there is nothing to show. */
#ifndef TENO_OUTPUT_PICTURES_H
#define TENO_OUTPUT_PICTURES_H

#include <cairo.h>

#include "teno/analysis.h"

/* The overlay of the slice that shows the tear, or the tendon, best. */
cairo_t *best_picture(const Analysis *analysis, const TendonResult *result, Error *error);
/* For a tendon that was not measured: the middle slice without an outline. */
cairo_t *context_picture(const Analysis *analysis, const TendonResult *result, Error *error);
/* All slices, or an even choice of them, at a glance. */
cairo_t *montage_picture(const Analysis *analysis, const TendonResult *result, Error *error);
/* Area and torn area against s, with 95 % bands, landmarks and zones. */
cairo_t *profile_picture(const Analysis *analysis, const TendonResult *result, Error *error);
/* The tendon straightened along its centreline (curved planar reformation), cut front to back and side to side. */
cairo_t *straightened_picture(const Analysis *analysis, const TendonResult *result, Error *error);
/* The tendon unrolled, s × direction: how thick it is, and the torn share of the way from centre to surface. */
cairo_t *map_picture(const Analysis *analysis, const TendonResult *result, Error *error);

/* Overlays of at most `most` slices of a measured tendon, evenly spaced over all that show it, all of one size. The
 * caller frees the n_pictures canvases with canvas_free, also after a failure (some may be NULL then). */
int overlay_pictures(cairo_t **pictures, int most, int *n_pictures, const Analysis *analysis,
                     const TendonResult *result, Error *error) TENO_CHECKED;

/* What s = 0 is, for people. */
const char *origin_text(Origin origin);
/* The profile's plot alone, into a rectangle. */
void profile_draw(cairo_t *cr, const TendonResult *result, double x, double y, double w, double h);
/* Whether there is a straightened tendon to draw. */
bool has_straightened(const TendonResult *result);

#endif

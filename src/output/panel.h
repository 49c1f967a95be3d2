/* One picture of a plane through the tendon: grey image, outline, tear, letters, scale. */
#ifndef TENO_OUTPUT_PANEL_H
#define TENO_OUTPUT_PANEL_H

#include <cairo.h>

#include "output/view.h"

typedef struct Panel {
    View view;   /* of the signal; the masks cover the same rectangle with their own pixels */
    Tile signal; /* the channel's own units */
    Window window;
    Tile tear, tendinosis; /* fractions 0–1; data NULL where there are none */
    Contour outline;       /* of the tendon, in pixels of outline_nx × outline_ny */
    int outline_nx, outline_ny;
} Panel;

enum { PANEL_OUTLINE = 1, PANEL_TEAR = 2, PANEL_LETTERS = 4, PANEL_SCALE = 8, PANEL_ALL = 15 };

void panel_free(Panel *panel);
/* Draws into the rectangle (x, y, w, h) of an image canvas, whole pixels. `caption` may be NULL. */
int panel_draw(cairo_t *cr, const Panel *panel, int x, int y, int w, int h, unsigned parts, const char *caption,
               Error *error) TENO_CHECKED;

/* What slice panels of one tendon have in common. */
typedef struct SliceSource {
    const TendonResult *result;
    const Grid *reference;
    const Channel *channel; /* whose signal is shown */
    Window window;
    Region region;
} SliceSource;

/* Source for the study's channel `c` (0: the reference series); false when the tendon shows nowhere. */
int slice_source_make(SliceSource *out, const Analysis *analysis, const TendonResult *result, int c, double margin_mm,
                      Error *error) TENO_CHECKED;
/* Panel of slice k of the reference series. Caller frees. */
int slice_panel_make(Panel *out, const SliceSource *source, int k, Error *error) TENO_CHECKED;
/* "slice 24 of 46 · s = 48.4 mm" */
void slice_label(char *text, size_t size, const SliceSource *source, int k);
/* The slice with most tear in it; without a tear, with most tendon. */
int best_slice(const SliceSource *source);
/* "T2 fat-suppressed, axial" */
void channel_caption(char *text, size_t size, const Channel *channel);
/* The channel that shows fluid best: the first fluid-sensitive one, else 0. */
int fluid_channel(const Analysis *analysis);

#endif

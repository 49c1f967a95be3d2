/* Small images cut out of volumes: the raw material of every picture. */
#ifndef TENO_OUTPUT_VIEW_H
#define TENO_OUTPUT_VIEW_H

#include "output/contour.h"
#include "teno/analysis.h"

/* A rectangle in space, as it is looked at: pixel (i, j) of a tile has its centre at
 * corner + i × pixel_mm × right + j × pixel_mm × down. */
typedef struct View {
    Vec3 corner_lps, right, down;
    double pixel_x_mm, pixel_y_mm;
    int nx, ny;
} View;

typedef struct Tile {
    int nx, ny;
    float *data; /* [ny][nx] */
} Tile;

/* The part of slice k of the grid that a crop [i0, i0+nx) × [j0, …) covers. */
View view_of_slice(const Grid *grid, int i0, int j0, int nx, int ny, int k);
/* The same rectangle with pixels of about `pixel_mm`, if that is finer. */
View view_refined(const View *view, double pixel_mm);
/* Samples a volume on the view; view_to_vol maps LPS of the view's frame into the volume's (NULL: same). 0 outside. */
int tile_sample(Tile *out, const View *view, const Vol *vol, const Rigid *view_to_vol, Error *error) TENO_CHECKED;
/* The tile resized to w × h pixels over the same rectangle, by Catmull-Rom splines. Overshoot is kept. */
int tile_resize(Tile *out, const Tile *tile, int w, int h, Error *error) TENO_CHECKED;
void tile_free(Tile *tile);

/* Letters of the four sides: where right, left, up and down of the view point to in the patient. */
typedef struct SideLetters {
    char left[3], right[3], up[3], down[3];
} SideLetters;
SideLetters view_letters(const View *view);
/* Letter of the patient axis a direction is nearest to; two letters when it is oblique by more than 20 degrees. */
void direction_letters(char letters[3], Vec3 direction);

/* The part of the reference series that shows a tendon, with surroundings. Voxels; slices [k0, k0 + nk). */
typedef struct Region {
    int i0, j0, nx, ny, k0, nk;
} Region;

/* Region of a measured tendon in the reference grid, `margin_mm` around it; false when its mask is empty. */
bool region_of_tendon(Region *out, const TendonResult *result, const Grid *reference, double margin_mm);
/* Range of s of the tendon in slice k of the reference grid; false when the slice does not show it. */
bool slice_s_range(const TendonResult *result, const Grid *reference, int k, double *s_low_mm, double *s_high_mm);

/* Display range of a channel: the 0.5th and 99.5th percentile of the region. */
typedef struct Window {
    double low, high;
} Window;
int window_find(Window *out, const Vol *vol, const Rigid *reference_to_vol, const Grid *reference, const Region *region,
                Error *error) TENO_CHECKED;

#endif

/* How thick a film lies on the tendon, and of what, before the edge is placed finely. */
#ifndef TENO_SEGMENT_FILM_SEEK_H
#define TENO_SEGMENT_FILM_SEEK_H

#include "segment/edge_view.h"

enum { SEEK_FILMS = 7, SEEK_SHIFTS = 9 };

/* Misfit of the edges on a patch of the boundary as one view sees it, for every film and every shift: the square
 * of[0] - 2 of[1] m + of[2] m² in the film's level m. */
typedef struct FilmMisfit {
    double of[SEEK_FILMS][SEEK_SHIFTS][3];
} FilmMisfit;

/* Adds what a view says of one point of the boundary. */
void film_seek_hear(FilmMisfit *misfit, const EdgeView *view, Vec3 edge_lps, Vec3 normal, double depth_mm);
/* The film that explains all patches in all views best, misfit[n_patches][n_views]; view[].film receives its level in
 * each view. */
typedef struct FilmGuess {
    double film_mm;
    double *shift_mm; /* [n_patches] by how much a patch lies farther out than the boundary; the caller's */
} FilmGuess;
int film_seek_best(FilmGuess *best, EdgeView *view, int n_views, const FilmMisfit *misfit, int n_patches,
                   Error *error) TENO_CHECKED;

#endif

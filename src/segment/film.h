/* How thick the paratenon is on a tendon, from all points of its boundary. */
#ifndef TENO_SEGMENT_FILM_H
#define TENO_SEGMENT_FILM_H

#include "segment/edge_view.h"

/* Sums over the boundary; zero-initialise. */
typedef struct FilmEvidence {
    double weight, between, between_force; /* channels against each other */
    double own, own_force;                 /* shapes of single edges */
} FilmEvidence;

/* Adds one point's votes, [n]. */
void film_hear(FilmEvidence *evidence, const EdgeVote *vote, int n);
/* The thickness in mm after votes that assumed film_mm. */
double film_decide(const FilmEvidence *evidence, double film_mm);
/* 1 SD of that thickness, mm, where the finest series has voxels of voxel_mm. */
double film_sd_mm(const FilmEvidence *evidence, double film_mm, double voxel_mm);

#endif

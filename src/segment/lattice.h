/* All channels of a study on one coarse common lattice, where a tendon is looked for. */
#ifndef TENO_SEGMENT_LATTICE_H
#define TENO_SEGMENT_LATTICE_H

#include "teno/preproc.h"

/* What one channel's signal means: scanner units → 0 normal tendon, 1 muscle. */
typedef struct Scale {
    double tendon, unit; /* signal of tendon, and muscle minus tendon; scanner units */
    double fat;          /* normalised level of fat */
    double fluid;        /* normalised level of fluid */
    double blood;        /* of acute blood, where it says more of a tear than fluid does; otherwise 0 */
    double film;         /* normalised level of loose connective tissue, of which the paratenon consists */
    double surround;     /* normalised level of the darker of muscle and fat: what a tendon must be darker than */
    double noise;        /* normalised SD */
    bool fat_dark;       /* fat darker than muscle: suppressed */
    bool guessed;        /* a reference was missing and replaced */
} Scale;

Scale channel_scale(const Channel *channel);

/* i to the patient's left, j posterior, k superior, turned as the axial slices are. Maps are [nz][ny][nx]. */
typedef struct Lattice {
    Grid grid;
    int n_channels;
    Scale *scale;   /* [n_channels] */
    float **signal; /* [n_channels] normalised, NaN outside the channel */
    float *dark;    /* 0–1 tendon-like in all channels that see the point, NaN outside all */
    float *shade; /* 0 like fat, 1 like normal tendon, in the channels that show fat bright if any does; NaN as dark */
    unsigned char *air; /* 1 outside the body or outside the images */
} Lattice;

int lattice_build(Lattice *out, const Prepared *prepared, Error *error) TENO_CHECKED;
/* Is the point in the air around the body (false outside the lattice's images: nothing is known there)? */
bool lattice_air(const Lattice *lattice, Vec3 p_lps);
void lattice_free(Lattice *lattice);

#endif

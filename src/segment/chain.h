/* The best chain of candidates through all levels. */
#ifndef TENO_SEGMENT_CHAIN_H
#define TENO_SEGMENT_CHAIN_H

#include "segment/blobs.h"

typedef struct Chain {
    int *blob; /* [n] indices into Blobs, ascending in level */
    int n;
    double score; /* sum of scores minus costs of steps; 0 for an empty chain */
} Chain;

/* Log-odds like score of each blob as a section of an Achilles tendon. */
void blobs_score_achilles(Blobs *blobs);
/* The chain with the highest score among blobs with usable[i] (NULL: all), exactly. */
int chain_best(Chain *out, const Blobs *blobs, const unsigned char *usable, double level_mm, Error *error) TENO_CHECKED;
void chain_free(Chain *chain);

#endif

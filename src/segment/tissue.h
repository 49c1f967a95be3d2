/* What a point may be, from its signals in all channels. */
#ifndef TENO_SEGMENT_TISSUE_H
#define TENO_SEGMENT_TISSUE_H

#include "segment/lattice.h"

/* All that the segmentation looks at. */
typedef struct Images {
    const Prepared *prepared;
    const Scale *scale;     /* [n_channels] */
    const Lattice *lattice; /* knows where air is */
} Images;

/* WET_FAT: oedematous fat, told from fluid only where fat is shown. WORN: degenerated tendon, grey in every series.
 * WET: fluid, blood, granulation, vessels: any signal up to fluid's. */
enum { TENDON, FAT, WET_FAT, MUSCLE, WORN, WET, N_CLASSES };
typedef struct Likelihood {
    float of[N_CLASSES]; /* of a point's signals in all channels, given its class */
} Likelihood;

typedef struct Shares {
    double of[N_CLASSES]; /* sum 1 */
} Shares;

/* Of `n` points from `from` by `step` (reference LPS); points in air are like fat. */
void points_classify(Likelihood *out, int n, Vec3 from, Vec3 step, const Images *images);

/* Shares of the classes in a region, by expected counts over a prior worth a dozen points. Zero-initialise the counts.
 */
typedef struct Census {
    double count[N_CLASSES];
} Census;
void outside_count(Census *census, const Likelihood *point);
void inside_count(Census *census, const Likelihood *point);
Shares inside_shares(const Census *census);
Shares outside_shares(const Census *census, const Shares *inside);

/* From the normalised signals of a lattice's node; false where no channel sees it. */
bool node_classify(Likelihood *out, const Lattice *lattice, size_t node);
/* How likely a point is tendon, sound or damaged, and not fat or muscle: 0 to 1, before anything is known of where it
 * lies but whether the soleus may be near. */
double tendon_share(const Likelihood *point, bool soleus_near);
/* How likely it is muscle, in the same way. */
double muscle_share(const Likelihood *point);

/* Logarithm of how much more likely the point is inside the tendon than outside, within ±4. */
double point_ratio(const Likelihood *point, const Shares *inside, const Shares *outside);

#endif

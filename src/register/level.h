/* One level of the registration's pyramid: points of the fixed volume, and the moving volume that they are looked up
 * in. */
#ifndef TENO_REGISTER_LEVEL_H
#define TENO_REGISTER_LEVEL_H

#include "teno/register.h"

enum { REGISTER_BINS = 64 };

/* A point of the fixed volume and the bin of its value there. */
typedef struct Sample {
    float x, y, z; /* LPS mm relative to Level.centre */
    int bin;
} Sample;

typedef struct Level {
    Vec3 centre;      /* of the samples, fixed LPS */
    double radius_mm; /* root mean square distance of the samples from it */
    Sample *sample;   /* [n], in scan order of the fixed volume */
    int n;
    const Vol *moving;
    double moving_low, moving_scale; /* (value - low) × scale is a real bin */
} Level;

/* Averages whole blocks of voxels until no axis is finer than about `spacing_mm`; a copy when none is. */
int vol_reduce(Vol *out, const Vol *from, double spacing_mm, Error *error) TENO_CHECKED;
/* Draws about n samples, more of them where the fixed volume has edges, at random places within the voxels. */
int level_init(Level *out, const Vol *fixed, const Vol *moving, const Vol *weight, int n, Error *error) TENO_CHECKED;
void level_free(Level *level);
/* Every `folds`-th sample beginning with `fold`, as a level of its own. */
int level_fold(Level *out, const Level *from, int fold, int folds, Error *error) TENO_CHECKED;

/* Mutual information of the samples under a transform, nats. */
typedef struct Mutual {
    double information, fixed_entropy, overlap;
} Mutual;
/* Joint histogram of bins [fixed][moving], in fixed point: integers add up the same in any order. */
typedef struct Joint {
    long long count[REGISTER_BINS][REGISTER_BINS], total;
} Joint;
void level_joint(Joint *out, const Level *level, const Rigid *fixed_to_moving);
Mutual joint_measure(const Joint *joint, const Level *level);
/* Slope of the information (times the number of samples) by a turn about the mapped centre (x, y, z, rad) and a shift
 * (x, y, z, mm) in moving space, and the information matrix of the samples' votes, lower triangle [6][6]. False when no
 * sample falls into the moving volume. */
bool level_slope(const Level *level, const Rigid *fixed_to_moving, const Joint *joint, double slope[6],
                 double information[36]);
/* Climbs from *transform to the nearest maximum; stops when a step moves the samples less than `tolerance_mm`. */
Mutual level_climb(const Level *level, Rigid *transform, int max_steps, double tolerance_mm);
/* Tries steps along each shift and turn, from `reach_mm` (at the samples' radius) down to an eighth of it, before
 * climbing: leaves the flat places where a climb stops. */
Mutual level_explore(const Level *level, Rigid *transform, double reach_mm);

#endif

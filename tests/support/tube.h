/* A scanned elliptic tube with tears of known volume: the smallest study that the tear engine can be tried on. */
#ifndef TENO_TESTS_TUBE_H
#define TENO_TESTS_TUBE_H

#include <stdint.h>

#include "teno/preproc.h"
#include "teno/segment.h"

/* An ellipsoid (box along z when `flat`) inside the tube, mm; signal relative to muscle. */
typedef struct TubeBlob {
    Vec3 centre, half;
    bool flat;
    double level[4]; /* per series */
} TubeBlob;

typedef struct TubeSeries {
    Acquisition acquisition;
    Contrast contrast;
    Role role;
    double voxel_mm, slice_mm, gap_mm; /* axial; in-plane and along z */
    double tendon, outside;            /* signal relative to muscle */
    double pool;                       /* a vein in the corner, relative to muscle; every ankle has some */
    double noise;                      /* SD relative to muscle */
} TubeSeries;

typedef struct Tube {
    double a_mm, b_mm, length_mm; /* semi-axes along x and y; from z = 0 up */
    double tilt_rad;              /* of the tube against z, in the y-z plane */
    TubeBlob blob[8];
    int n_blobs; /* later ones lie over earlier ones */
    TubeSeries series[4];
    int n_series;
    double boundary_error_mm; /* added to the reported boundary */
    uint64_t seed;
} Tube;

typedef struct TubeStudy {
    Study study;
    Prepared prepared;
    Segmentation segmentation;
} TubeStudy;

Tube tube_default(void); /* 7 × 3 mm, 80 mm, one axial T2 FS series 0.4 × 3.3 mm, no blob */
void tube_scan(TubeStudy *out, const Tube *tube);
void test_tube_free(TubeStudy *study);
/* Volume of blob b inside the tube, mm³, on a 0.1 mm grid. */
double tube_blob_mm3(const Tube *tube, int b);

#endif

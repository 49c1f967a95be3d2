/* Trilinear value and slope of a volume at a point: the inner loop of the registration. */
#ifndef TENO_REGISTER_LOOK_H
#define TENO_REGISTER_LOOK_H

#include "teno/vol.h"

/* Value at p (voxel coordinates) and its gradient per voxel (may be NULL); false where p has no eight neighbours. Along
 * an axis with one slice there are never eight. */
static inline bool vol_look(const Vol *vol, const double p[3], double *value, double *gradient)
{
    const Grid *g = &vol->grid;
    const int n[3] = {g->nx, g->ny, g->nz};
    const size_t stride[3] = {1, (size_t)g->nx, (size_t)g->nx * (size_t)g->ny};
    double w[3];
    size_t at = 0;
    for (int r = 0; r < 3; r++) {
        if (!(p[r] >= 0 && p[r] < n[r] - 1)) return false;
        int low = (int)p[r];
        w[r] = p[r] - low;
        at += (size_t)low * stride[r];
    }
    const float *v = vol->data + at;
    double c00 = (double)v[0], c10 = (double)v[1], c01 = (double)v[stride[1]], c11 = (double)v[stride[1] + 1];
    v += stride[2];
    double d00 = (double)v[0], d10 = (double)v[1], d01 = (double)v[stride[1]], d11 = (double)v[stride[1] + 1];
    double c0 = c00 + w[0] * (c10 - c00), c1 = c01 + w[0] * (c11 - c01);
    double d0 = d00 + w[0] * (d10 - d00), d1 = d01 + w[0] * (d11 - d01);
    double c = c0 + w[1] * (c1 - c0), d = d0 + w[1] * (d1 - d0);
    *value = c + w[2] * (d - c);
    if (gradient) {
        double cx = (c10 - c00) + w[1] * ((c11 - c01) - (c10 - c00));
        double dx = (d10 - d00) + w[1] * ((d11 - d01) - (d10 - d00));
        gradient[0] = cx + w[2] * (dx - cx);
        gradient[1] = (c1 - c0) + w[2] * ((d1 - d0) - (c1 - c0));
        gradient[2] = d - c;
    }
    return true;
}

#endif

#include "register/level.h"

#include <math.h>

static void reduce_row(float *out, int n, const Vol *from, const int f[3], int j, int k)
{
    const Grid *g = &from->grid;
    for (int i = 0; i < n; i++) {
        double sum = 0;
        for (int c = 0; c < f[2]; c++)
            for (int b = 0; b < f[1]; b++) {
                const float *v = from->data + grid_index(g, i * f[0], j * f[1] + b, k * f[2] + c);
                for (int a = 0; a < f[0]; a++) sum += (double)v[a];
            }
        out[i] = (float)(sum / (f[0] * f[1] * f[2]));
    }
}

static int reduce_factor(double spacing_mm, int n, double wanted_mm)
{
    int f = (int)(wanted_mm / spacing_mm + 0.3); /* 1.7 times too fine is halved */
    if (f > n / 4) f = n / 4;                    /* a level keeps at least four voxels an axis */
    return f < 1 ? 1 : f;
}

int vol_reduce(Vol *out, const Vol *from, double spacing_mm, Error *error)
{
    const Grid *g = &from->grid;
    int f[3] = {reduce_factor(g->dx, g->nx, spacing_mm), reduce_factor(g->dy, g->ny, spacing_mm),
                reduce_factor(g->dz, g->nz, spacing_mm)};
    if (f[0] * f[1] * f[2] == 1) return vol_copy(out, from, error);
    Grid r = *g;
    r.nx = g->nx / f[0];
    r.ny = g->ny / f[1];
    r.nz = g->nz / f[2];
    r.dx *= f[0];
    r.dy *= f[1];
    r.dz *= f[2];
    r.origin_lps = grid_to_lps(g, (Vec3){(f[0] - 1) / 2.0, (f[1] - 1) / 2.0, (f[2] - 1) / 2.0});
    int code = vol_alloc(out, &r, error);
    if (code) return code;
#pragma omp parallel for schedule(static)
    for (int k = 0; k < r.nz; k++)
        for (int j = 0; j < r.ny; j++) reduce_row(out->data + grid_index(&r, 0, j, k), r.nx, from, f, j, k);
    return TENO_OK;
}

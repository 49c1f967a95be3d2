#include "leg.h"

#include <math.h>

#include "teno/random.h"

static double ellipse(double x, double y, double cx, double cy, double rx, double ry)
{
    double a = (x - cx) / rx, b = (y - cy) / ry;
    return a * a + b * b;
}

/* Ankle-like: bones in front that change along z, muscles that end, Achilles in its paratenon behind in fat, a bag of
 * fluid. */
double leg_signal(const LegSignal *s, Vec3 p)
{
    double taper = 1 + 0.002 * p.z;
    if (ellipse(p.x, p.y, 0, 0, 38 * taper, 45 * taper) > 1) return s->air;
    double heel = ellipse(p.x, p.y, 2, 6, 22, 26) + pow((p.z + 46) / 20, 2);
    if (heel < 0.88) return s->marrow;
    if (heel < 1) return s->tendon;
    double bone = 16 + 4 * sin(p.z / 14);
    double tibia = ellipse(p.x, p.y, 6 + 0.03 * p.z, -14, bone, bone * 0.9);
    if (tibia < 0.85) return s->marrow;
    if (tibia < 1) return s->tendon;
    double fibula = ellipse(p.x, p.y, -22, 2 + 0.05 * p.z, 7, 8 + 2 * cos(p.z / 9));
    if (fibula < 0.7) return s->marrow;
    if (fibula < 1) return s->tendon;
    if (ellipse(p.x, p.y, 1, 36 + 0.02 * p.z, 7, 3) < 1) return s->tendon;
    if (ellipse(p.x, p.y, 1, 36 + 0.02 * p.z, 7.25, 3.25) < 1) return s->muscle; /* paratenon, about as bright */
    if (ellipse(p.x, p.y, 15, 12, 4, 5) + pow((p.z + 20) / 9, 2) < 1) return s->fluid;
    if (ellipse(p.x, p.y, -2, 13, 22, 11 + 0.12 * p.z) < 1 && p.z > -45) return s->muscle;
    if (ellipse(p.x, p.y, -20, -17, 9, 8) < 1) return s->muscle;
    return s->fat;
}

void leg_fill(Vol *out, const LegSignal *signal, const Rigid *leg_to_image)
{
    Rigid back = leg_to_image ? rigid_inverse(leg_to_image) : rigid_identity();
    const Grid *g = &out->grid;
#pragma omp parallel for schedule(static)
    for (int k = 0; k < g->nz; k++)
        for (int j = 0; j < g->ny; j++)
            for (int i = 0; i < g->nx; i++) {
                double sum = 0;
                for (int c = 0; c < 8; c++) {
                    Vec3 vox = {i + (c & 1 ? 0.25 : -0.25), j + (c & 2 ? 0.25 : -0.25), k + (c & 4 ? 0.25 : -0.25)};
                    sum += leg_signal(signal, rigid_apply(&back, grid_to_lps(g, vox)));
                }
                out->data[grid_index(g, i, j, k)] = (float)(sum / 8);
            }
}

double leg_bias(const Grid *g, double range, Vec3 p)
{
    Vec3 v = grid_to_vox(g, p);
    double x = 2 * v.x / (g->nx - 1) - 1, y = 2 * v.y / (g->ny - 1) - 1, z = g->nz > 1 ? 2 * v.z / (g->nz - 1) - 1 : 0;
    /* A surface coil behind and beside: about exp(±0.5 ln range) between opposite corners of the leg. */
    return exp(log(range) * (0.55 * y + 0.2 * x * y + 0.15 * z - 0.12 * x * x + 0.1 * y * y));
}

void leg_add_noise(Vol *vol, double sd, unsigned long long seed)
{
    size_t n = grid_count(&vol->grid);
#pragma omp parallel for schedule(static)
    for (size_t i = 0; i < n; i++) {
        double a = (double)vol->data[i] + sd * random_normal(seed, 2 * i), b = sd * random_normal(seed, 2 * i + 1);
        vol->data[i] = (float)sqrt(a * a + b * b);
    }
}

Grid leg_grid(int nx, int ny, int nz, double dx, double dy, double dz)
{
    return (Grid){.nx = nx,
                  .ny = ny,
                  .nz = nz,
                  .dx = dx,
                  .dy = dy,
                  .dz = dz,
                  .origin_lps = {-dx * (nx - 1) / 2, -dy * (ny - 1) / 2, -dz * (nz - 1) / 2},
                  .axis_x = {1, 0, 0},
                  .axis_y = {0, 1, 0},
                  .axis_z = {0, 0, 1}};
}

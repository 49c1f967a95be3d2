/*
 * Pixels that the scanner or an export cut off at the largest value it could store. What they show is a lower bound of
 * the signal: a level learnt from them would be too low, and a tear measured with it too large.
 */
#include <math.h>

#include "channels.h"

/* One brightest voxel is an extreme; this many that share the same largest value are a ceiling. */
enum { LEAST_AT_CEILING = 20 };

static float ceiling_of(const Vol *vol)
{
    size_t n = grid_count(&vol->grid), at_top = 0;
    float top = 0;
    for (size_t i = 0; i < n; i++) top = fmaxf(top, vol->data[i]);
    for (size_t i = 0; i < n; i++) at_top += vol->data[i] >= top;
    return at_top >= LEAST_AT_CEILING ? top : INFINITY;
}

/* Share of the eight voxels around p that are at the ceiling, as they count in the interpolation. */
static double share_at_ceiling(const Vol *vol, Vec3 p, float ceiling, bool *any)
{
    const Grid *g = &vol->grid;
    int i = (int)floor(p.x), j = (int)floor(p.y), k = (int)floor(p.z);
    double share = 0, a = p.x - i, b = p.y - j, c = p.z - k;
    *any = false;
    for (int corner = 0; corner < 8; corner++) {
        int x = i + (corner & 1), y = j + (corner >> 1 & 1), z = k + (corner >> 2);
        if (x < 0 || y < 0 || z < 0 || x >= g->nx || y >= g->ny || z >= g->nz) continue;
        if (vol->data[grid_index(g, x, y, z)] < ceiling) continue;
        *any = true;
        share += (corner & 1 ? a : 1 - a) * (corner >> 1 & 1 ? b : 1 - b) * (corner >> 2 ? c : 1 - c);
    }
    return share;
}

double clipped_mark(unsigned char *clipped, float *cut, const Channel *channel, const Lattice *l,
                    const TendonShape *shape, const float *envelope)
{
    const Vol *vol = &channel->series->vol;
    float ceiling = vol->data ? ceiling_of(vol) : INFINITY;
    size_t slab = lattice_slab(l), marked = 0, inside = 0;
    for (size_t at = 0; at < lattice_count(l); at++) clipped[at] = 0, cut[at] = 0;
    if (isinf(ceiling)) return 0;
#pragma omp parallel for schedule(static)
    for (int k = 0; k < l->ns; k++) {
        const Section *section = &shape->sections[l->first + k];
        for (size_t in = 0; in < slab; in++) {
            size_t at = (size_t)k * slab + in;
            if (envelope[at] <= 0) continue;
            Vec3 p = vec3_along(section->centre_lps, section->u, lattice_u_mm(l, (int)(in % (size_t)l->nu)));
            p = vec3_along(p, section->v, lattice_v_mm(l, (int)(in / (size_t)l->nu)));
            Vec3 q = grid_to_vox(&vol->grid, rigid_apply(&channel->ref_to_channel, p));
            bool any;
            cut[at] = (float)share_at_ceiling(vol, q, ceiling, &any);
            clipped[at] = any;
        }
    }
    for (size_t at = 0; at < lattice_count(l); at++) {
        inside += envelope[at] > 0;
        marked += clipped[at];
    }
    return inside ? (double)marked / (double)inside : 0;
}

/*
 * Raised signal that is not a tear. Regions of raised pixels, beyond the reach of any tear, that are larger and deeper
 * than what a normal tendon shows: 3 mm foci were seen in normal Achilles tendons (Soila et al., AJR 1999;173:323-328).
 * The fraction of a pixel is its signal's share of the region's own level, so that the rim counts in part.
 */
#include <math.h>
#include <stdlib.h>

#include "engine.h"
#include "teno/memory.h"

/* Signal of a pixel relative to the tendinosis expected in each view, averaged over views. */
static double raised_share(const TearMap *map, size_t at, bool of_background)
{
    double sum = 0, weight = 0;
    for (int c = 0; c < map->n_views; c++) {
        const View *view = &map->view[c];
        double share = view->weight * (double)view->trust[at];
        double signal = (double)(of_background ? map->background[c][at] : view->inside[at]);
        sum += share * signal / view->model.tendinosis;
        weight += share;
    }
    return weight > 0 ? sum / weight : 0;
}

/* A pixel is a candidate where it is raised and no tear reaches it. */
static void candidates_mark(unsigned char *mask, const TearMap *map)
{
    for (size_t at = 0; at < lattice_count(&map->lattice); at++)
        mask[at] = !map->region_of[at] && (map->class[at] == CLASS_RAISED || map->class[at] == CLASS_FLUID);
}

/* Level of each region: mean share over its pixels; 0 for regions of which too little lies deeper than the outside can
 * show through: what an outline has taken in beside the tendon is raised as well. */
static void levels_measure(double *level, const int *label, int n_regions, const TearMap *map)
{
    double *mass = level + n_regions + 1, *depth = mass + n_regions + 1;
    const Lattice *l = &map->lattice;
    double blur = in_plane_blur_mm(map);
    for (size_t at = 0; at < lattice_count(l); at++) {
        int r = label[at];
        if (!r) continue;
        double share = (double)map->envelope[at];
        level[r] += share * raised_share(map, at, false);
        mass[r] += share;
        depth[r] += pixel_deep(map, at, blur) ? share : 0;
    }
    for (int r = 1; r <= n_regions; r++)
        level[r] = depth[r] * lattice_voxel_mm3(l) >= FOCUS_MM3 ? fmax(level[r] / mass[r], 0.5) : 0;
}

int tendinosis_estimate(TearMap *map, Error *error)
{
    size_t n = lattice_count(&map->lattice);
    int n_found = 0, *label = array_alloc(n, sizeof *label, error);
    unsigned char *mask = array_alloc(n, 1, error);
    double *level = NULL;
    int code = label && mask ? TENO_OK : TENO_FAILED;
    if (!code) {
        candidates_mark(mask, map);
        code = components_label(label, &n_found, mask, &map->lattice, error);
    }
    if (!code) {
        level = array_alloc(3 * ((size_t)n_found + 1), sizeof *level, error);
        code = level ? TENO_OK : TENO_FAILED;
    }
    if (!code) {
        levels_measure(level, label, n_found, map);
        for (size_t at = 0; at < n; at++) {
            double share = 0;
            if (label[at] && level[label[at]] > 0) share = raised_share(map, at, false) / level[label[at]];
            if (map->region_of[at]) { /* what surrounds a tear */
                double around = raised_share(map, at, true);
                share = around > 0.5 ? around : 0;
            }
            share = fmin(fmax(share, 0), 1);
            map->tendinosis[at] = (float)share * (map->envelope[at] - map->tear[at]);
        }
    }
    free(label);
    free(mask);
    free(level);
    return code;
}

/*
 * Fluid in the paratenon that a tear opens into lies along the tendon's surface, and would give the tear its own
 * length. It is told by depth: where nothing deeper than the outside can show through is torn for longer than a tear
 * tapers, the tear has ended. Between two deep pieces of one region everything nearer than that stays.
 *
 * The same holds the other way round: what seems left of a tendon that is torn through, in a rim that the blur cannot
 * resolve, is the dark outside showing through. What it cannot do: see a strand as thin as that which did hold.
 */
#include "films.h"

#include <math.h>
#include <stdlib.h>

#include "extent.h"
#include "teno/memory.h"

/* A section with as much torn deep down, and that no small share of what is torn, is part of a tear. Judged: END_MM2
 * of extent.c. */
static const double DEEP_MM2 = 1;
/* A section of whose deep part this share is torn is torn through, when a rim no thicker than the blur would hold what
 * is left (measures.md: complete from 95 % on). */
static const double THROUGH = COMPLETE_PERCENT / 100;
/* A tear's ends lie shallow over no more than this; judged on tears that are open to a surface. */
static const double TAPER_MM = 6;

void films_mark(bool *film, const double *deep_mm2, size_t n, size_t taper, double least_mm2)
{
    bool any = false;
    for (size_t k = 0; k < n; k++) film[k] = true;
    for (size_t k = 0; k < n; k++) {
        if (deep_mm2[k] < DEEP_MM2) continue;
        size_t last = k;
        double sum = 0;
        for (size_t j = k; j < n && j <= last + taper; j++) {
            if (deep_mm2[j] < DEEP_MM2) continue;
            last = j;
            sum += deep_mm2[j];
        }
        if (sum >= least_mm2) {
            any = true;
            for (size_t j = k < taper ? 0 : k - taper; j < n && j <= last + taper; j++) film[j] = false;
        }
        k = last;
    }
    for (size_t k = 0; k < n && !any; k++) film[k] = false;
}

/* What a section holds, mm2: torn, whole, and both of what lies deep; and the region that most of it belongs to. */
typedef struct Filling {
    double torn, whole, deep_torn, deep;
    int region;
} Filling;

static Filling section_filling(const TearMap *map, int k, double blur)
{
    const Lattice *l = &map->lattice;
    Filling out = {0};
    double best = 0, of_region = 0;
    for (int r = 1; r <= map->n_regions; r++, of_region = 0) {
        for (size_t at = (size_t)k * lattice_slab(l), end = at + lattice_slab(l); at < end; at++)
            if (map->region_of[at] == r) of_region += (double)map->tear[at];
        if (of_region <= best) continue;
        best = of_region;
        out.region = r;
    }
    if (!out.region) return out;
    for (size_t at = (size_t)k * lattice_slab(l), end = at + lattice_slab(l); at < end; at++) {
        if (map->envelope[at] <= 0) continue;
        double torn = map->region_of[at] ? (double)map->tear[at] : 0, whole = (double)map->envelope[at];
        bool deep = pixel_deep(map, at, blur);
        out.torn += torn;
        out.whole += whole;
        out.deep_torn += deep ? torn : 0;
        out.deep += deep ? whole : 0;
    }
    double pixel_mm2 = l->pixel_mm * l->pixel_mm;
    out.torn *= pixel_mm2, out.whole *= pixel_mm2, out.deep_torn *= pixel_mm2, out.deep *= pixel_mm2;
    return out;
}

static double perimeter_mm(const Section *s)
{
    double sum = 0;
    for (int i = 0, j = SECTION_POINTS - 1; i < SECTION_POINTS; j = i++)
        sum += hypot((double)(s->boundary_u_mm[i] - s->boundary_u_mm[j]),
                     (double)(s->boundary_v_mm[i] - s->boundary_v_mm[j]));
    return sum;
}

void rims_fill(TearMap *map)
{
    const Lattice *l = &map->lattice;
    double blur = in_plane_blur_mm(map);
#pragma omp parallel for schedule(static)
    for (int k = 0; k < l->ns; k++) {
        Filling f = section_filling(map, k, blur);
        double rim_mm2 = blur * perimeter_mm(&map->shape->sections[l->first + k]);
        if (f.deep < DEEP_MM2 || f.deep_torn < THROUGH * f.deep || f.whole - f.torn > rim_mm2) continue;
        for (size_t at = (size_t)k * lattice_slab(l), end = at + lattice_slab(l); at < end; at++) {
            if (map->envelope[at] <= 0) continue;
            if (!map->region_of[at]) map->region_of[at] = f.region;
            map->tear[at] = map->envelope[at];
        }
    }
    for (int r = 0; r < map->n_regions; r++) map->region[r].volume_mm3 = 0;
    for (size_t at = 0; at < lattice_count(l); at++)
        if (map->region_of[at])
            map->region[map->region_of[at] - 1].volume_mm3 += (double)map->tear[at] * lattice_voxel_mm3(l);
}

/* Torn area of each section of each region that lies deep: deep[n_regions][ns]; 0 where it is but the small share that
 * a film has as well. `all` is scratch of the same size. */
static void deep_areas(double *deep, double *all, const TearMap *map)
{
    const Lattice *l = &map->lattice;
    size_t ns = (size_t)l->ns, slab = lattice_slab(l);
    double blur = in_plane_blur_mm(map), pixel_mm2 = l->pixel_mm * l->pixel_mm;
    for (size_t at = 0; at < lattice_count(l); at++) {
        if (!map->region_of[at] || map->tear[at] <= 0) continue;
        size_t section = (size_t)(map->region_of[at] - 1) * ns + at / slab;
        double torn_mm2 = pixel_mm2 * (double)map->tear[at];
        all[section] += torn_mm2;
        if (pixel_deep(map, at, blur)) deep[section] += torn_mm2;
    }
    for (size_t i = 0; i < (size_t)map->n_regions * ns; i++)
        if (deep[i] < LEAST_DEEP * all[i]) deep[i] = 0;
}

int films_cut(TearMap *map, Error *error)
{
    const Lattice *l = &map->lattice;
    size_t ns = (size_t)l->ns, slab = lattice_slab(l), taper = (size_t)ceil(TAPER_MM / l->step_mm);
    size_t sections = (size_t)map->n_regions * ns;
    double lost_mm3 = 0, *deep = array_alloc(2 * sections + 1, sizeof *deep, error);
    bool *film = array_alloc(sections + 1, sizeof *film, error);
    if (!deep || !film) {
        free(deep);
        free(film);
        return TENO_FAILED;
    }
    deep_areas(deep, deep + sections, map);
    for (int r = 0; r < map->n_regions; r++)
        films_mark(film + (size_t)r * ns, deep + (size_t)r * ns, ns, taper, map->smallest_mm3 / l->step_mm);
    for (size_t at = 0; at < lattice_count(l); at++) {
        int r = map->region_of[at] - 1;
        if (r < 0 || !film[(size_t)r * ns + at / slab]) continue;
        double torn_mm3 = (double)map->tear[at] * lattice_voxel_mm3(l);
        lost_mm3 += torn_mm3;
        map->region[r].volume_mm3 -= torn_mm3;
        map->region_of[at] = 0;
        map->tear[at] = map->core[at] = 0;
        if (map->class[at] == CLASS_FLUID) map->class[at] = CLASS_RAISED;
    }
    if (lost_mm3 >= map->smallest_mm3)
        notes_add(&map->notes,
                  "%.0f mm3 of fluid-like signal along the surface go on from a tear and nowhere deeper: fluid around "
                  "the tendon; not counted",
                  lost_mm3);
    free(deep);
    free(film);
    return TENO_OK;
}

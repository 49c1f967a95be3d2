/* The tear engine's own structures: views in, classes, fractions and regions out. */
#ifndef TENO_TEAR_ENGINE_H
#define TENO_TEAR_ENGINE_H

#include <stdint.h>

#include "channels.h"
#include "lattice.h"

/* Volume of a focus of 3 mm, as was seen in normal Achilles tendons (Soila et al., AJR 1999;173:323-328). */
#define FOCUS_MM3 14.1
/* A tear has at least this share of its volume, and of each section that counts, below what the outside can show
 * through: a tear of half a thin tendon's section has a third (judged). */
#define LEAST_DEEP 0.25
/* Levels of two tears of one tendon agree to this (SD of the logarithm). */
#define PLATEAU_SPREAD_BETWEEN 0.15

typedef enum Class { CLASS_OUTSIDE, CLASS_NORMAL, CLASS_RAISED, CLASS_FLUID } Class;

/* One connected tear. */
typedef struct Region {
    double volume_mm3;
    double depth_mm;          /* of its deepest pixel below the surface */
    double recovery;          /* mean share of the full contrast that the blur leaves in it, 0–1 */
    double tilt_deg;          /* of the tendon against the main field, at the region */
    double plateau[8];        /* normalised signal of its content in each view */
    double plateau_spread[8]; /* SD of the logarithm */
    double uneven[8];         /* SD of the tendon's own level around it, beside the noise */
    double cut_off[8];        /* share of it whose signal is cut off in each view */
    double ceiling[8];        /* normalised signal at which it is; 0 for none */
    double stands_out[8];     /* signal above the tendon around, in SDs of that tendon's own unevenness */
    double voice[8];          /* what each view has to say in it, 0-1, beside its weight */
    bool magic_angle;         /* raised where and how the magic angle raises */
} Region;

enum { MAX_VIEWS = 8 };

typedef struct TearMap {
    Lattice lattice;
    const TendonShape *shape; /* borrowed */
    float *envelope;          /* [ns][nv][nu] share of the pixel inside the boundary */
    View view[MAX_VIEWS];     /* fluid-sensitive series, the leading one first */
    int n_views;
    float *anatomy; /* normalised signal of the leading anatomy series; NULL if none */
    SignalModel anatomy_model;
    unsigned char *class;         /* [ns][nv][nu] Class */
    unsigned char *barred;        /* [ns][nv][nu] 1 where fluid-like signal was judged to be no tear */
    int *region_of;               /* [ns][nv][nu] 0 none, 1 … n_regions */
    float *tear, *tendinosis;     /* [ns][nv][nu] share of the pixel */
    float *core;                  /* [ns][nv][nu] 0-1: deep inside a tear, torn whatever the level */
    float *background[MAX_VIEWS]; /* level of the surrounding tendon; NULL before fractions_estimate */
    Region *region;               /* [n_regions] */
    int n_regions;
    double smallest_mm3; /* below this a region may be noise or unresolved */
    bool at_heel;        /* s counts from the insertion on the calcaneus */
    Notes notes;
} TearMap;

void tear_map_free(TearMap *map);
/* Everything up to the fractions. TENO_OK with n_views 0 when no series is sensitive to fluid. */
int tear_map_build(TearMap *out, const Prepared *prepared, const Segmentation *segmentation, int first, int ns,
                   uint64_t seed, Error *error) TENO_CHECKED;

/* Moves each view's fluid boundary to where the image shows that what fills a tear ends, if it does;
 * returns how many views it does in. */
int valleys_seek(TearMap *map);
/* Ordered three-class Markov field on all views → class. */
int classes_estimate(TearMap *map, Error *error) TENO_CHECKED;
/* Connected regions of fluid-like pixels → region_of, regions; those that are no tear go back to raised. */
int regions_find(TearMap *map, Error *error) TENO_CHECKED;
/* Plateaus, tear and tendinosis fractions of the regions found. */
int fractions_estimate(TearMap *map, Error *error) TENO_CHECKED;
/* Raised signal outside tears → tendinosis. */
int tendinosis_estimate(TearMap *map, Error *error) TENO_CHECKED;
/* Smallest volume that neither noise nor the point spread can feign. */
int smallest_tear(TearMap *map, uint64_t seed, Error *error) TENO_CHECKED;

/* How deep a tear must reach below the surface before it cannot be the outside showing through; the blur of the
 * sharpest view that it takes. */
double needed_depth_mm(double boundary_sd_mm, double blur_mm);
/* Does a pixel of the map lie as deep? blur_mm as from in_plane_blur_mm. */
bool pixel_deep(const TearMap *map, size_t at, double blur_mm);
/* And deeper than fluid of the retrocalcaneal bursa may have been taken in? */
bool pixel_deep_behind_bursa(const TearMap *map, size_t at, double blur_mm);
/* SD of a torn front of the outline at s_mm where that bursa lies: fluid there may be the bursa's or a tear's; 0 away
 * from it. */
double bursa_sd_mm(bool at_heel, double s_mm);
double in_plane_blur_mm(const TearMap *map);

/* Depth of a point below the section's boundary, mm; negative outside. */
double section_depth_mm(const Section *section, double u_mm, double v_mm);

/* Connected components (26 neighbours) of mask [ns][nv][nu]; labels in scan order from 1; returns their number in *n.
 */
int components_label(int *label, int *n, const unsigned char *mask, const Lattice *lattice, Error *error) TENO_CHECKED;

#endif

/* Series of a study as seen in the straightened frame. */
#ifndef TENO_TEAR_CHANNELS_H
#define TENO_TEAR_CHANNELS_H

#include "lattice.h"
#include "sampling.h"
#include "teno/preproc.h"
#include "teno/tear.h"

/* One fluid-sensitive series on the lattice, in normalised signal (0 normal tendon, 1 muscle). */
typedef struct View {
    Channel aligned;        /* borrows its volumes; ref_to_channel fitted to this tendon */
    const Channel *channel; /* &aligned */
    SignalModel model;
    float *signal;          /* [ns][nv][nu]; NaN outside the field of view */
    float *inside;          /* same, what lies outside the envelope taken away; 0 outside the envelope */
    float *trust;           /* 0–1: how far `inside` can be believed at this pixel */
    unsigned char *clipped; /* [ns][nv][nu] 1 where the stored signal is cut off at the series' largest value */
    float *cut;             /* [ns][nv][nu] share of the pixel's voxels for which that holds */
    double clipped_share;   /* of the tendon's pixels */
    double psf_mm[3];       /* SD of the blur along u, v, s, interpolation included, on the average */
    Sampling sampling;      /* the same place by place */
    double pixel_noise;     /* SD of a pixel, normalised signal */
    double correlation_mm3; /* volume over which that noise is correlated */
    double dark, scale;     /* scanner units of normalised 0, and of one normalised unit */
    double plateau;         /* normalised signal of what fills a tear */
    double plateau_spread;  /* SD of its logarithm */
    double weight;          /* share in the joint map, 0–1, all views sum to 1 */
} View;

/* Samples a channel on the lattice in scanner units, Rician floor removed; NaN outside its field of view. */
int channel_straighten(float *out, const Channel *channel, const Lattice *lattice, const TendonShape *shape,
                       Error *error) TENO_CHECKED;
/* How a channel samples the lattice, with `between` allocated here; psf_mm: SD of the blur along u, v, s, interpolation
 * between slices included, averaged over the sections. */
int channel_sampling(Sampling *out, double psf_mm[3], const Channel *channel, const Lattice *lattice,
                     const TendonShape *shape, Error *error) TENO_CHECKED;

/* Weighs the muscle's level against the brightest signal of the series; sets muscle_scale and scale_spread. */
void scale_reconcile(SignalModel *model, const Channel *channel);

/* Displacement across the tendon, mm along u and v, at which the outline fits the series' own edge best; false when
 * none is distinct. `top`: signal above counts as this much. */
bool nudge_find(double shift_mm[2], const float *signal, const Lattice *lattice, const TendonShape *shape, double top);

/* Marks the pixels inside the envelope that come from voxels at the largest value the series stores, and by how much
 * (`cut`); returns their share. */
double clipped_mark(unsigned char *clipped, float *cut, const Channel *channel, const Lattice *lattice,
                    const TendonShape *shape, const float *envelope);

/* Samples, normalises and frees of outside signal one channel; envelope [ns][nv][nu]. `outlined`: the shape was drawn
 * on this channel, so that it lies where it should. */
int view_build(View *out, const Channel *channel, bool outlined, const Lattice *lattice, const TendonShape *shape,
               const float *envelope, Error *error) TENO_CHECKED;
void view_free(View *view);

#endif

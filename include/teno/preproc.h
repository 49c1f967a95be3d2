/* From loaded series to channels that can be compared: bias field, noise, tissue references, alignment. */
#ifndef TENO_PREPROC_H
#define TENO_PREPROC_H

#include "teno/error.h"
#include "teno/series.h"
#include "teno/vol.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Typical signal of a tissue in this series after bias correction, scanner units; NaN where not found. */
typedef struct TissueReferences {
    double tendon, muscle, fat, fluid;
    bool muscle_seen;   /* found in the image, not expected from other tissues */
    bool muscle_agreed; /* several series show the same muscle at their levels: it is no other tissue */
    Notes notes;        /* which were found, and what replaced a missing one */
} TissueReferences;

/* One series ready for measuring. */
typedef struct Channel {
    const Series *series; /* borrowed from the study */
    Vol vol;              /* bias-corrected, scanner units */
    Vol bias;             /* the field divided out (coarse grid is allowed), mean 1 */
    double noise_sd;      /* of the underlying Gaussian noise (Rician), scanner units, where bias is 1 (elsewhere
                             noise_sd / bias); 0 unknown */
    double
        acquired_mm[2]; /* acquired pixel as the noise's correlation tells it; the image's own when not interpolated */
    double psf_mm[3];   /* effective Gaussian SD of the point spread along x, y, z of the grid */
    TissueReferences references;
    Rigid ref_to_channel; /* LPS of the reference series → LPS of this series (patients move between series) */
    double alignment_residual_mm;
} Channel;

/* All series of a study that play a role. channel[0] is the reference: its LPS frame is the analysis frame. */
typedef struct Prepared {
    Channel *channel; /* [n_channels] */
    int n_channels;
    Notes warnings;
} Prepared;

/* Loads (if needed) and prepares every series with a role. The study must outlive the result. */
int study_prepare(Prepared *out, Study *study, Error *error) TENO_CHECKED;
void prepared_free(Prepared *prepared);
/* Acquired in-plane pixel of the finest series, mm. */
double prepared_voxel_mm(const Prepared *prepared);
/* A copy that borrows the volumes but has alignments of its own: one tendon's corrections must not reach another's.
 * Free it with prepared_release. */
int prepared_borrow(Prepared *out, const Prepared *from, Error *error) TENO_CHECKED;
void prepared_release(Prepared *borrowed);

/* Noise of a magnitude image. */
typedef struct Noise {
    double sd;             /* of the underlying Gaussian noise, units of the volume; 0 unknown */
    double acquired_mm[2]; /* pixel that the neighbour correlation of the noise speaks for: spacing × interpolation */
    bool from_air;         /* measured in air; otherwise in tissue */
} Noise;
int noise_estimate(Noise *out, const Vol *vol, Error *error) TENO_CHECKED;

/* Divides a volume by its coil bias, found in the image; `bias` is allocated here on a coarse grid (all 1 where there
 * is too little tissue to tell). noise_sd: 0 unknown. Method and sources: src/preproc/bias.c. */
int bias_correct(Vol *vol, double noise_sd, Vol *bias, Error *error) TENO_CHECKED;
/* Divides by a field on a coarse grid with the same axes, interpolated linearly. */
void bias_divide(Vol *vol, const Vol *bias);

/* Tissue of each block of a few millimetres. */
typedef enum Tissue {
    TISSUE_NONE,
    TISSUE_DARK,
    TISSUE_MUSCLE,
    TISSUE_FAT,
    TISSUE_MARROW,
    TISSUE_FLUID,
    TISSUE_COUNT
} Tissue;

/* Typical signals of the tissues in a bias-corrected volume; `tissues` (Tissue as float, on a grid of blocks) is
 * allocated here and may be NULL when it is not wanted. fat_sought: how much of its fat the series suppresses is not
 * known, and no other one tells. Method: src/preproc/references.c. */
int references_find(TissueReferences *out, Vol *tissues, const Vol *vol, const Series *series, double noise_sd,
                    bool fat_sought, Error *error) TENO_CHECKED;
/* Signals, relative to muscle, that the spin-echo and inversion-recovery equations give for a series' tags, with the
 * usual timing of its contrast where a tag is missing; expected[TISSUE_COUNT] (clinical.md §5.3, §5.4). */
void tissue_expect(const Acquisition *acquisition, Contrast contrast, double *expected);
/* The same of loose connective tissue (paratenon), relative to muscle. */
double tissue_expect_loose(const Acquisition *acquisition, Contrast contrast);
/* The same for acute blood. */
double tissue_expect_blood(const Acquisition *acquisition, Contrast contrast);

#ifdef __cplusplus
}
#endif
#endif

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
    Notes notes; /* which were found, and what replaced a missing one */
} TissueReferences;

/* One series ready for measuring. */
typedef struct Channel {
    const Series *series;   /* borrowed from the study */
    Vol vol;                /* bias-corrected, scanner units */
    Vol bias;               /* the field divided out (coarse grid is allowed), mean 1 */
    double noise_sd;        /* of the underlying Gaussian noise (Rician), scanner units; 0 unknown */
    double psf_mm[3];       /* effective Gaussian SD of the point spread along x, y, z of the grid */
    TissueReferences references;
    Rigid ref_to_channel;   /* LPS of the reference series → LPS of this series (patients move between series) */
    double alignment_residual_mm;
} Channel;

/* All series of a study that play a role. channel[0] is the reference: its LPS frame is the analysis frame. */
typedef struct Prepared {
    Channel *channel;       /* [n_channels] */
    int n_channels;
    Notes warnings;
} Prepared;

/* Loads (if needed) and prepares every series with a role. The study must outlive the result. */
int study_prepare(Prepared *out, Study *study, Error *error) TENO_CHECKED;
void prepared_free(Prepared *prepared);

/* Bias field by …; noise SD of a magnitude image. The steps, exposed for tests and benchmarks. */
int bias_correct(Vol *vol, Vol *bias, Error *error) TENO_CHECKED;
double noise_estimate(const Vol *vol);
void references_find(TissueReferences *out, const Vol *vol, const Series *series, double noise_sd);

#ifdef __cplusplus
}
#endif
#endif

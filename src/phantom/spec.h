/* Everything that a phantom study is made from: the fields of SPEC.json, after the defaults were drawn from the seed.
 */
#ifndef TENO_PHANTOM_SPEC_H
#define TENO_PHANTOM_SPEC_H

#include <stdbool.h>
#include <stdint.h>

#include "phantom/tissue.h"
#include "teno/error.h"
#include "teno/geometry.h"
#include "teno/series.h"

enum { PHANTOM_MAX_TEARS = 4, PHANTOM_MAX_SERIES = 8, PHANTOM_MAX_VISITS = 4 };

typedef enum TearKind { TEARKIND_INTRASUBSTANCE, TEARKIND_SURFACE, TEARKIND_SPLIT, TEARKIND_COMPLETE } TearKind;
typedef enum BodyKind { BODY_ANKLE, BODY_CALF, BODY_KNEE, BODY_HEAD, BODY_BOTTLE } BodyKind;

typedef struct TearSpec {
    TearKind kind;
    double s_mm;        /* centre */
    double length_mm;   /* along s; a complete tear: its gap */
    double involvement; /* share of the section at the centre, 0–1; a complete tear: 1 */
    double angle_deg;   /* direction from the centreline: 0 lateral, 90 posterior, 180 medial, 270 anterior */
    double fray_mm;     /* complete: roughness of the stumps; others: roughness of the wall, share of its size */
    char fill[16];      /* fluid, blood, granulation, mixed */
} TearSpec;

typedef struct TendinosisSpec {
    double s_mm, length_mm, amount; /* fusiform region; amount 0–1, 1 = the relaxation times of tendinosis */
    double swelling;                /* thickness factor - 1 at its centre */
} TendinosisSpec;

/* The ankle itself: the same on every visit but for flexion, tendinosis, tears and fluid. */
typedef struct AnkleSpec {
    uint64_t seed;
    double size;        /* scale of the skeleton, 1 = average */
    double flexion_deg; /* plantar flexion */
    double mid_width_mm, mid_thickness_mm, insertion_width_mm, free_length_mm;
    double fat_mm;             /* subcutaneous */
    double bursa_fluid_mm;     /* thickness of fluid in the retrocalcaneal bursa, 0 none */
    double paratenon_fluid_mm; /* a film around the tendon */
    double kager_edema;        /* 0–1 */
    bool plantaris;
    TendinosisSpec tendinosis;
    TearSpec tears[PHANTOM_MAX_TEARS];
    int n_tears;
} AnkleSpec;

typedef struct SeriesSpec {
    char protocol[24]; /* a row of protocol.c */
    double fov_mm, thickness_mm, gap_mm, te_ms, tr_ms, ti_ms;
    int matrix, slices;   /* reconstructed */
    double resolution_mm; /* acquired, in plane */
    double tilt_deg[2];   /* of the slices, about their own row and column axes */
    Vec3 centre_mm;       /* of the stack, ankle coordinates */
    double snr;           /* muscle signal over the noise's standard deviation, mid volume */
} SeriesSpec;

typedef struct VisitSpec {
    char name[32], date[9];
    uint64_t seed; /* noise, motion, positioning, tissue scatter */
    AnkleSpec ankle;
    double field_t;
    char vendor[16]; /* siemens, ge, philips */
    bool head_first, side_tag;
    Vec3 position_mm;                       /* of the ankle in the scanner; x outwards from the midline */
    double leg_tilt_deg[3];                 /* rotation vector of the leg against the scanner */
    double bias;                            /* largest coil gain over the smallest */
    double fat_residual, fat_inhomogeneity; /* mean share of fat left by suppression, and its variation */
    double motion_mm, motion_deg;           /* between series */
    double jitter;                          /* of T1, T2, proton density */
    double ghost;                           /* pulsation ghosts, share of the vessel's signal */
    double brightest;                       /* pixel value of the brightest tissue, about */
    char compression[16];                   /* none, rle, jpeg-lossless, jpeg-ls */
    bool enhanced;                          /* Enhanced MR instead of one file a slice */
    SeriesSpec series[PHANTOM_MAX_SERIES];
    int n_series;
} VisitSpec;

typedef struct PhantomSpec {
    char name[64], subject[33];
    uint64_t seed;
    BodyKind body;
    Side side;
    VisitSpec visits[PHANTOM_MAX_VISITS];
    int n_visits;
} PhantomSpec;

/* A plausible healthy study drawn from a seed: one visit named "baseline", routine protocol. */
void spec_draw(PhantomSpec *out, uint64_t seed);
/* Adds a visit that repeats the last one's ankle under another name and date, repositioned. */
VisitSpec *spec_add_visit(PhantomSpec *spec, const char *name, const char *date);
/* A disease drawn from the seed: what is wrong with this ankle, if anything. */
void spec_draw_disease(AnkleSpec *ankle, uint64_t seed);
/* A follow-up drawn from the seed: changed or not, on another scanner perhaps. Needs one visit, adds the second. */
void spec_draw_follow_up(PhantomSpec *spec, uint64_t seed);
/* Keys and defaults: see spec_json.c. */
int spec_read(PhantomSpec *out, const char *path, Error *error) TENO_CHECKED;
/* One series with the protocol table's values; false when there is no such protocol. */
bool protocol_series(SeriesSpec *out, const char *protocol, double field_t);

typedef struct Protocol {
    const char *name, *plane; /* axial, sagittal, coronal, 3d */
    Sequence sequence;
    double fov_mm, thickness_mm, gap_mm, resolution_mm;
    int matrix, slices;
    double snr;
    const char *descriptions[3]; /* siemens, ge, philips habits */
} Protocol;
const Protocol *protocol_find(const char *name);

#endif

/* The digital Achilles: a swept tube of star-shaped sections with its tears, in tendon coordinates (s, u, v). */
#ifndef TENO_PHANTOM_ACHILLES_H
#define TENO_PHANTOM_ACHILLES_H

#include <stdbool.h>

#include "phantom/solid.h"
#include "phantom/spec.h"
#include "teno/error.h"

enum { ACHILLES_SAMPLES = 192, ACHILLES_ANGLES = 144 };

/* One tear, ready to be asked for points. */
typedef struct TearSolid {
    TearSpec spec;
    double size;   /* solved so that the section at the centre is torn to spec.involvement */
    uint64_t seed; /* of its roughness */
    Tissue fill, second_fill;
} TearSolid;

/*
 * Sample k lies at material coordinate m = first_m + k (mm of arc length); s = m - contact_m. Frames: u lateral, v
 * posterior, u × v = t proximal. A section's boundary is radius[k][angle] in the plane (u, stretch v), which is nearly
 * round there, so that flat sections need no finer angles than oval ones.
 */
struct Achilles {
    int n;
    double first_m, contact_m;
    Vec3 centre[ACHILLES_SAMPLES], t[ACHILLES_SAMPLES], u[ACHILLES_SAMPLES], v[ACHILLES_SAMPLES];
    double stretch[ACHILLES_SAMPLES], half_thickness[ACHILLES_SAMPLES], half_width[ACHILLES_SAMPLES];
    float radius[ACHILLES_SAMPLES][ACHILLES_ANGLES];
    double junction_m; /* where soleus fibres first reach the tendon */
    double soleus_height_mm, soleus_width_mm, soleus_shift_mm;
    TendinosisSpec tendinosis;
    double streaks; /* harmless heterogeneity of a normal tendon */
    uint64_t patch_seed;
    TearSolid tears[PHANTOM_MAX_TEARS];
    int n_tears;
};

/* The path and the shape follow from the anatomy; `calcaneus` is the (flexed) bone the insertion lies on. */
void achilles_build(Achilles *out, const AnkleSpec *ankle, const Solid *calcaneus);
/* Real sample index k and in-plane position of a point; k is not clamped to the tube's ends. */
double achilles_locate(const Achilles *a, Vec3 p, double *u_mm, double *v_mm);
/* Normalised radius at (k, u, v): 0 centre, 1 boundary. */
double achilles_q(const Achilles *a, double k, double u_mm, double v_mm);
double achilles_distance(const Achilles *a, Vec3 p);
double achilles_soleus_distance(const Achilles *a, Vec3 p);
double achilles_s(const Achilles *a, double k);

/* What a point inside the tendon is made of. */
typedef struct TendonSample {
    int tear;          /* 1-based, 0 none */
    Tissue fill;       /* of the tear */
    double tendinosis; /* 0–1 */
} TendonSample;
TendonSample achilles_sample(const Achilles *a, double k, double u_mm, double v_mm);

/* Prepares the tears of a spec; each is scaled to its involvement. */
void achilles_add_tears(Achilles *a, const TearSpec *tears, int n_tears);
bool tear_contains(const TearSolid *tear, const Achilles *a, double k, double u_mm, double v_mm);

#endif

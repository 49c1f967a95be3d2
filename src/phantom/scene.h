/* All solids of a body in order of precedence, with a coarse grid that knows which of them matter where. */
#ifndef TENO_PHANTOM_SCENE_H
#define TENO_PHANTOM_SCENE_H

#include "phantom/achilles.h"
#include "phantom/solid.h"
#include "phantom/spec.h"
#include "teno/error.h"

enum { SCENE_MAX_SOLIDS = 420, SCENE_MAX_PARTS = 32 };

typedef struct SceneCell {
    uint32_t start, count; /* in `candidates` */
} SceneCell;

typedef struct Scene {
    Solid solids[SCENE_MAX_SOLIDS]; /* earlier ones win */
    int n_solids;
    Solid body_parts[SCENE_MAX_PARTS]; /* blended into the outline of the limb */
    int n_body_parts;
    DistanceField outline;
    Achilles achilles; /* n = 0: this body has none */
    Tissue background; /* where no solid is */
    uint64_t texture_seed;
    /* cells */
    Vec3 low;
    int nx, ny, nz;
    SceneCell *cells;     /* [nz][ny][nx] */
    uint16_t *candidates; /* solids, by cell */
    size_t n_candidates, capacity;
} Scene;

/* What is at a point. `clearance_mm`: no other tissue is nearer than this (0 where the inside is not uniform). */
typedef struct SceneSample {
    Tissue tissue;
    float cos2;       /* of the angle between the local fibres and the field */
    float tendinosis; /* share of tendinosis in tendon */
    float clearance_mm;
} SceneSample;

void scene_add(Scene *scene, Solid solid);
/* Chain of segments through n points; ra, rb [n]. Parts in the hindfoot are flexed by the caller beforehand. */
void scene_add_tube(Scene *scene, Tissue tissue, const Vec3 *points, const double *ra, const double *rb, int n,
                    Vec3 across);
/* Builds the cells over the box of the body; call once, after all solids are in. */
int scene_finish(Scene *scene, Vec3 low, Vec3 high, Error *error) TENO_CHECKED;
void scene_free(Scene *scene);
SceneSample scene_sample(const Scene *scene, Vec3 p, Vec3 field_direction);
/* Smooth noise of the tissue at a point, mean 0, about SD 1. */
double scene_texture(const Scene *scene, Vec3 p, double scale_mm);

/* The bodies. */
int ankle_scene(Scene *out, const AnkleSpec *ankle, Error *error) TENO_CHECKED;
int body_scene(Scene *out, BodyKind body, const AnkleSpec *ankle, Error *error) TENO_CHECKED;

#endif

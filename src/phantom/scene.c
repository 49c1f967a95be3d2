/*
 * Point classification. Each cell of a coarse grid lists, in order of precedence, the solids whose surface may pass within
 * reach of the cell, closed by the first solid that encloses it; a point then asks only those. The reach covers half the
 * diagonal of any voxel, so that the clearance found at a voxel's centre holds for the whole voxel.
 */
#include "phantom/scene.h"

#include <math.h>
#include <stdlib.h>

#include "teno/memory.h"
#include "teno/random.h"

static const double reach_mm = 3.0; /* half the diagonal of a 0.6 × 0.6 × 5 mm voxel, and some */

void scene_add(Scene *scene, Solid solid)
{
    if (scene->n_solids < SCENE_MAX_SOLIDS) scene->solids[scene->n_solids++] = solid;
}

void scene_add_tube(Scene *scene, Tissue tissue, const Vec3 *points, const double *ra, const double *rb, int n, Vec3 across)
{
    for (int i = 0; i + 1 < n; i++) scene_add(scene, solid_segment(tissue, points[i], points[i + 1], ra + i, rb + i, across));
}

/* Candidates of one cell into `list`; returns their number. */
static int cell_candidates(const Scene *scene, Vec3 centre, double radius, uint16_t *list)
{
    int n = 0;
    for (int i = 0; i < scene->n_solids; i++) {
        double d = solid_distance(&scene->solids[i], centre);
        if (d > 0 && d / SOLID_SLACK > radius) continue;
        list[n++] = (uint16_t)i;
        if (d < 0 && -d / SOLID_SLACK > radius) break;
    }
    return n;
}

int scene_finish(Scene *scene, Vec3 low, Vec3 high, Error *error)
{
    scene->cell_mm = 5;
    scene->low = low;
    scene->nx = (int)ceil((high.x - low.x) / scene->cell_mm);
    scene->ny = (int)ceil((high.y - low.y) / scene->cell_mm);
    scene->nz = (int)ceil((high.z - low.z) / scene->cell_mm);
    size_t n_cells = (size_t)scene->nx * (size_t)scene->ny * (size_t)scene->nz, capacity = n_cells * 4;
    scene->cell_start = array_alloc(n_cells + 1, sizeof *scene->cell_start, error);
    scene->candidates = array_alloc(capacity, sizeof *scene->candidates, error);
    if (!scene->cell_start || !scene->candidates) return TENO_FAILED;
    double radius = scene->cell_mm * 0.87 + reach_mm;
    for (size_t c = 0; c < n_cells; c++) {
        int i = (int)(c % (size_t)scene->nx), j = (int)(c / (size_t)scene->nx % (size_t)scene->ny);
        int k = (int)(c / ((size_t)scene->nx * (size_t)scene->ny));
        Vec3 centre = vec3_add(low, vec3_scale((Vec3){i + 0.5, j + 0.5, k + 0.5}, scene->cell_mm));
        if (scene->n_candidates + SCENE_MAX_SOLIDS > capacity) {
            capacity *= 2;
            uint16_t *grown = array_grow(scene->candidates, capacity, sizeof *grown, error);
            if (!grown) return TENO_FAILED;
            scene->candidates = grown;
        }
        scene->cell_start[c] = (uint32_t)scene->n_candidates;
        scene->n_candidates += (size_t)cell_candidates(scene, centre, radius, scene->candidates + scene->n_candidates);
    }
    scene->cell_start[n_cells] = (uint32_t)scene->n_candidates;
    return TENO_OK;
}

void scene_free(Scene *scene)
{
    free(scene->cell_start);
    free(scene->candidates);
    scene->cell_start = NULL;
    scene->candidates = NULL;
}

/* Inside the Achilles the tissue varies: fibres, tendinosis, tears. */
static void fill_tendon(SceneSample *sample, const Achilles *a, Vec3 p, Vec3 field)
{
    double u, v, k = achilles_locate(a, p, &u, &v);
    TendonSample inside = achilles_sample(a, k, u, v);
    sample->clearance_mm = 0;
    if (inside.tear) {
        sample->tissue = inside.fill;
        return;
    }
    int i = (int)fmin(fmax(k, 0), a->n - 1);
    double c = vec3_dot(a->t[i], field);
    sample->cos2 = (float)(c * c);
    sample->tendinosis = (float)inside.tendinosis;
}

SceneSample scene_sample(const Scene *scene, Vec3 p, Vec3 field)
{
    SceneSample sample = {.tissue = TISSUE_AIR, .cos2 = 1, .clearance_mm = (float)reach_mm};
    double fx = (p.x - scene->low.x) / scene->cell_mm, fy = (p.y - scene->low.y) / scene->cell_mm;
    double fz = (p.z - scene->low.z) / scene->cell_mm;
    if (!(fx >= 0 && fy >= 0 && fz >= 0 && fx < scene->nx && fy < scene->ny && fz < scene->nz)) {
        sample.clearance_mm = 0;
        return sample;
    }
    size_t cell = ((size_t)fz * (size_t)scene->ny + (size_t)fy) * (size_t)scene->nx + (size_t)fx;
    double nearest = reach_mm;
    sample.tissue = scene->background;
    for (uint32_t c = scene->cell_start[cell]; c < scene->cell_start[cell + 1]; c++) {
        const Solid *s = &scene->solids[scene->candidates[c]];
        double d = solid_distance(s, p);
        nearest = fmin(nearest, fabs(d) / SOLID_SLACK);
        if (d >= 0) continue;
        sample.tissue = s->tissue;
        sample.clearance_mm = (float)nearest;
        if (s->kind == SOLID_ACHILLES && s->tissue == TISSUE_TENDON) {
            fill_tendon(&sample, &scene->achilles, p, field);
        } else {
            double f = vec3_dot(s->fibre, field);
            sample.cos2 = (float)(f * f);
        }
        return sample;
    }
    sample.clearance_mm = (float)nearest;
    return sample;
}

static double lattice(uint64_t seed, int x, int y, int z)
{
    uint64_t index = (uint64_t)(uint16_t)x | (uint64_t)(uint16_t)y << 16 | (uint64_t)(uint16_t)z << 32;
    return (double)(int64_t)random_bits(seed, index) * 0x1p-63;
}

double scene_texture(const Scene *scene, Vec3 p, double scale_mm)
{
    double f[3] = {p.x / scale_mm, p.y / scale_mm, p.z / scale_mm}, w[3];
    int n[3];
    for (int i = 0; i < 3; i++) {
        double low = floor(f[i]);
        n[i] = (int)low;
        w[i] = f[i] - low;
        w[i] = w[i] * w[i] * (3 - 2 * w[i]);
    }
    double sum = 0;
    for (int c = 0; c < 8; c++) {
        double weight = (c & 1 ? w[0] : 1 - w[0]) * (c & 2 ? w[1] : 1 - w[1]) * (c & 4 ? w[2] : 1 - w[2]);
        sum += weight * lattice(scene->texture_seed, n[0] + (c & 1), n[1] + (c >> 1 & 1), n[2] + (c >> 2 & 1));
    }
    return sum * 2.6;
}

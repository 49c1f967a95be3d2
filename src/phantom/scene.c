/*
 * Point classification. Each cell of a coarse grid lists, in order of precedence, the solids whose surface may pass
 * within reach of the cell, closed by the first solid that encloses it; a point then asks only those. The reach covers
 * half the diagonal of any voxel, so that the clearance found at a voxel's centre holds for the whole voxel.
 */
#include "phantom/scene.h"
#include "phantom/texture.h"
#include "phantom/vec.h"

#include <math.h>
#include <stdlib.h>

#include "teno/memory.h"
#include "teno/random.h"

static const double reach_mm = 2.6; /* over half the diagonal of a 0.6 × 0.6 × 4 mm voxel */
static const double cell_mm = 3;
enum { BLOCK = 4 }; /* cells along an edge of a block */

void scene_add(Scene *scene, Solid solid)
{
    if (scene->n_solids < SCENE_MAX_SOLIDS) scene->solids[scene->n_solids++] = solid;
}

void scene_add_tube(Scene *scene, Tissue tissue, const Vec3 *points, const double *ra, const double *rb, int n,
                    Vec3 across)
{
    for (int i = 0; i + 1 < n; i++)
        scene_add(scene, solid_segment(tissue, points[i], points[i + 1], ra + i, rb + i, across));
}

/* Those of `from` [n] (NULL: all solids) that matter within `radius` of a point, into `list`; returns their number. */
static int select_candidates(const Scene *scene, Vec3 centre, double radius, const uint16_t *from, int n_from,
                             uint16_t *list)
{
    int n = 0;
    for (int i = 0; i < n_from; i++) {
        const Solid *s = &scene->solids[from ? from[i] : i];
        double d = solid_distance(s, centre) / solid_slack(s);
        if (d > radius) continue;
        list[n++] = from ? from[i] : (uint16_t)i;
        if (-d > radius) break;
    }
    return n;
}

static int sample_outline(Scene *scene, Vec3 low, Vec3 high, Error *error)
{
    DistanceField *f = &scene->outline;
    f->low = low;
    f->step_mm = 3.5;
    f->nx = (int)ceil((high.x - low.x) / f->step_mm) + 1;
    f->ny = (int)ceil((high.y - low.y) / f->step_mm) + 1;
    f->nz = (int)ceil((high.z - low.z) / f->step_mm) + 1;
    f->value = array_alloc((size_t)f->nx * (size_t)f->ny * (size_t)f->nz, sizeof *f->value, error);
    if (!f->value) return TENO_FAILED;
#pragma omp parallel for schedule(dynamic)
    for (int k = 0; k < f->nz; k++)
        for (int j = 0; j < f->ny; j++)
            for (int i = 0; i < f->nx; i++) {
                Vec3 p = vec3_add(low, vec3_scale((Vec3){i, j, k}, f->step_mm));
                f->value[((size_t)k * (size_t)f->ny + (size_t)j) * (size_t)f->nx + (size_t)i] =
                    (float)outline_distance(scene->body_parts, scene->n_body_parts, p);
            }
    return TENO_OK;
}

/* Cells of one block: what cannot matter in the block need not be asked in its cells. */
static int fill_block(Scene *scene, int x0, int y0, int z0, Error *error)
{
    uint16_t near[SCENE_MAX_SOLIDS];
    double half = 0.5 * BLOCK * cell_mm, block_radius = half * 1.7321 + reach_mm, radius = cell_mm * 0.8661 + reach_mm;
    Vec3 corner = vec3_add(scene->low, vec3_scale((Vec3){x0, y0, z0}, cell_mm));
    int n_near =
        select_candidates(scene, vec3_add(corner, (Vec3){half, half, half}), block_radius, NULL, scene->n_solids, near);
    size_t needed = scene->n_candidates + (size_t)n_near * BLOCK * BLOCK * BLOCK;
    if (needed > scene->capacity) {
        uint16_t *grown = array_grow(scene->candidates, needed * 2, sizeof *grown, error);
        if (!grown) return TENO_FAILED;
        scene->candidates = grown;
        scene->capacity = needed * 2;
    }
    for (int c = 0; c < BLOCK * BLOCK * BLOCK; c++) {
        int x = c % BLOCK, y = c / BLOCK % BLOCK, z = c / (BLOCK * BLOCK);
        Vec3 centre = vec3_add(corner, vec3_scale((Vec3){x + 0.5, y + 0.5, z + 0.5}, cell_mm));
        SceneCell *cell = &scene->cells[((size_t)(z0 + z) * (size_t)scene->ny + (size_t)(y0 + y)) * (size_t)scene->nx +
                                        (size_t)(x0 + x)];
        cell->start = (uint32_t)scene->n_candidates;
        cell->count =
            (uint32_t)select_candidates(scene, centre, radius, near, n_near, scene->candidates + scene->n_candidates);
        scene->n_candidates += cell->count;
    }
    return TENO_OK;
}

int scene_finish(Scene *scene, Vec3 low, Vec3 high, Error *error)
{
    if (sample_outline(scene, low, high, error)) return TENO_FAILED;
    scene->low = low;
    scene->nx = BLOCK * (int)ceil((high.x - low.x) / (BLOCK * cell_mm));
    scene->ny = BLOCK * (int)ceil((high.y - low.y) / (BLOCK * cell_mm));
    scene->nz = BLOCK * (int)ceil((high.z - low.z) / (BLOCK * cell_mm));
    size_t n_cells = (size_t)scene->nx * (size_t)scene->ny * (size_t)scene->nz;
    scene->cells = array_alloc(n_cells, sizeof *scene->cells, error);
    if (!scene->cells) return TENO_FAILED;
    int blocks_x = scene->nx / BLOCK, blocks_y = scene->ny / BLOCK;
    for (int z = 0; z < scene->nz / BLOCK; z++)
        for (int y = 0; y < blocks_y; y++)
            for (int x = 0; x < blocks_x; x++)
                if (fill_block(scene, x * BLOCK, y * BLOCK, z * BLOCK, error)) return TENO_FAILED;
    return TENO_OK;
}

void scene_free(Scene *scene)
{
    free(scene->outline.value);
    scene->outline.value = NULL;
    free(scene->cells);
    free(scene->candidates);
    scene->cells = NULL;
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
    int i = (int)d_min(d_max(k, 0), a->n - 1);
    double c = v_dot(a->t[i], field);
    sample->cos2 = (float)(c * c);
    sample->tendinosis = (float)inside.tendinosis;
}

SceneSample scene_sample(const Scene *scene, Vec3 p, Vec3 field)
{
    SceneSample sample = {.tissue = TISSUE_AIR, .cos2 = 1, .clearance_mm = (float)reach_mm};
    double fx = (p.x - scene->low.x) / cell_mm, fy = (p.y - scene->low.y) / cell_mm;
    double fz = (p.z - scene->low.z) / cell_mm;
    if (!(fx >= 0 && fy >= 0 && fz >= 0 && fx < scene->nx && fy < scene->ny && fz < scene->nz)) {
        sample.clearance_mm = 0;
        return sample;
    }
    const SceneCell *cell =
        &scene->cells[((size_t)fz * (size_t)scene->ny + (size_t)fy) * (size_t)scene->nx + (size_t)fx];
    double nearest = reach_mm, tendon_mm = 0;
    bool tendon_known = false;
    sample.tissue = scene->background;
    const uint16_t *candidates = scene->candidates + cell->start;
    for (uint32_t c = 0; c < cell->count; c++) {
        const Solid *s = &scene->solids[candidates[c]];
        double d;
        if (s->kind == SOLID_ACHILLES) { /* tendon, paratenon and its fluid share one distance */
            if (!tendon_known) tendon_mm = achilles_distance(s->achilles, p);
            tendon_known = true;
            d = tendon_mm - (double)s->offset_mm;
        } else {
            d = solid_distance(s, p);
        }
        nearest = d_min(nearest, d_abs(d) / solid_slack(s));
        if (d >= 0) continue;
        sample.tissue = s->tissue;
        sample.clearance_mm = (float)nearest;
        if (s->kind == SOLID_ACHILLES && s->tissue == TISSUE_TENDON) {
            fill_tendon(&sample, &scene->achilles, p, field);
        } else {
            double f = v_dot(s->fibre, field);
            sample.cos2 = (float)(f * f);
        }
        return sample;
    }
    sample.clearance_mm = (float)nearest;
    return sample;
}

double scene_texture(const Scene *scene, Vec3 p, double scale_mm)
{
    return texture_noise(scene->texture_seed, (Vec3){p.x / scale_mm, p.y / scale_mm, p.z / scale_mm});
}

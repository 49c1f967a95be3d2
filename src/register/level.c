/*
 * Which points of the fixed volume speak for its position.
 *
 * Only edges tell where something lies, so candidates, spread evenly, are kept with a probability that grows with the
 * local gradient. Each is moved to a random place within its voxel: sampling
 * both volumes between their voxels everywhere takes away the preference of mutual information for transforms that
 * bring the two grids onto each other (Pluim et al., CVIU 2000, doi:10.1006/cviu.1999.0816; random offsets: Likar and
 * Pernus, Image Vis Comput 2001, doi:10.1016/S0262-8856(00)00053-6).
 */
#include "register/level.h"

#include <math.h>
#include <stdlib.h>

#include "register/look.h"
#include "teno/memory.h"
#include "teno/random.h"

enum { CANDIDATES = 4, RANGE_SAMPLES = 8000 }; /* candidates a wanted sample */

/* Thick slices that cross the moving volume's fine axes are best sampled at their centres, where nothing is
 * interpolated. */
static bool jitter_wanted(const Grid *fixed, const Grid *moving)
{
    const double thick = 1.6;
    if (fixed->dz < thick * fmax(fixed->dx, fixed->dy)) return true;
    return moving->dz > thick * fmax(moving->dx, moving->dy) && fabs(vec3_dot(fixed->axis_z, moving->axis_z)) > 0.7;
}

typedef struct Candidate {
    Vec3 p_lps;
    double value, gradient, weight;
} Candidate;

static int by_value(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* Robust range of the values: from the 0.5 to the 99.5 percentile of an even subset. */
static int value_range(const Vol *vol, double *low, double *high, Error *error)
{
    size_t count = grid_count(&vol->grid), n = count < RANGE_SAMPLES ? count : RANGE_SAMPLES;
    float *value = array_alloc(n, sizeof *value, error);
    if (!value) return TENO_FAILED;
    for (size_t i = 0; i < n; i++) value[i] = vol->data[(size_t)((double)i / (double)n * (double)count)];
    qsort(value, n, sizeof *value, by_value);
    *low = (double)value[n / 200];
    *high = (double)value[n - 1 - n / 200];
    if (!(*high > *low)) *high = *low + 1;
    free(value);
    return TENO_OK;
}

static Candidate candidate_draw(const Vol *fixed, const Vol *weight, bool jitter_z, size_t index, uint64_t key)
{
    const Grid *g = &fixed->grid;
    size_t nx = (size_t)g->nx, ny = (size_t)g->ny;
    double p[3] = {(double)(index % nx), (double)(index / nx % ny), (double)(index / nx / ny)}, slope[3];
    Candidate c = {.weight = 0};
    p[0] += random_uniform(key, 0) - 0.5;
    p[1] += random_uniform(key, 1) - 0.5;
    if (jitter_z) p[2] += random_uniform(key, 2) - 0.5;
    c.p_lps = grid_to_lps(g, (Vec3){p[0], p[1], p[2]});
    double share = weight ? vol_sample(weight, c.p_lps, 0) : 1;
    if (!(share > 0) || !vol_look(fixed, p, &c.value, slope)) return c;
    c.weight = share;
    slope[0] /= g->dx;
    slope[1] /= g->dy;
    slope[2] /= g->dz;
    c.gradient = sqrt(slope[0] * slope[0] + slope[1] * slope[1] + slope[2] * slope[2]);
    return c;
}

static Candidate *candidates_draw(const Vol *fixed, const Vol *weight, bool jitter_z, size_t n, Error *error)
{
    Candidate *candidate = array_alloc(n, sizeof *candidate, error);
    if (!candidate) return NULL;
    uint64_t seed = random_seed(1, "register");
    double stride = (double)grid_count(&fixed->grid) / (double)n;
#pragma omp parallel for schedule(static)
    for (size_t i = 0; i < n; i++) {
        size_t index = (size_t)(((double)i + random_uniform(seed, i)) * stride);
        candidate[i] = candidate_draw(fixed, weight, jitter_z, index, random_bits(seed, n + i));
    }
    return candidate;
}

/* Mean gradient of the candidates, weighted: the scale of the keeping probability. */
static double mean_gradient(const Candidate *candidate, size_t n, double *share)
{
    double sum = 0, weight = 0;
    for (size_t i = 0; i < n; i++) {
        sum += candidate[i].weight * candidate[i].gradient;
        weight += candidate[i].weight;
    }
    *share = weight / (double)n;
    return weight > 0 ? sum / weight : 0;
}

static void samples_keep(Level *out, const Candidate *candidate, size_t n, double per_gradient, double low, double high)
{
    uint64_t seed = random_seed(2, "register");
    double scale = REGISTER_BINS / (high - low);
    for (size_t i = 0; i < n; i++) {
        const Candidate *c = candidate + i;
        /* A tenth at least: flat regions tell which values belong together. */
        double keep = c->weight * fmin(1, fmax(0.1, c->gradient * per_gradient));
        if (!(random_uniform(seed, i) < keep)) continue;
        double bin = fmin(fmax((c->value - low) * scale, 0), REGISTER_BINS - 1);
        Vec3 d = vec3_sub(c->p_lps, out->centre);
        out->sample[out->n++] = (Sample){(float)d.x, (float)d.y, (float)d.z, (int)bin};
    }
}

/* Moves the centre to the samples' mean and measures their radius. */
static void samples_centre(Level *level)
{
    double x = 0, y = 0, z = 0, r2 = 0;
    for (int i = 0; i < level->n; i++) {
        x += (double)level->sample[i].x;
        y += (double)level->sample[i].y;
        z += (double)level->sample[i].z;
    }
    Vec3 mean = vec3_scale((Vec3){x, y, z}, level->n ? 1.0 / level->n : 0);
    for (int i = 0; i < level->n; i++) {
        Sample *s = level->sample + i;
        s->x -= (float)mean.x;
        s->y -= (float)mean.y;
        s->z -= (float)mean.z;
        r2 += (double)s->x * (double)s->x + (double)s->y * (double)s->y + (double)s->z * (double)s->z;
    }
    level->centre = vec3_add(level->centre, mean);
    level->radius_mm = level->n ? sqrt(r2 / level->n) : 0;
}

int level_init(Level *out, const Vol *fixed, const Vol *moving, const Vol *weight, int n, Error *error)
{
    const Grid *g = &fixed->grid;
    *out = (Level){.moving = moving};
    out->centre = grid_to_lps(g, (Vec3){(g->nx - 1) / 2.0, (g->ny - 1) / 2.0, (g->nz - 1) / 2.0});
    double low, high, moving_high, share;
    int code = value_range(fixed, &low, &high, error);
    if (!code) code = value_range(moving, &out->moving_low, &moving_high, error);
    if (code) return code;
    out->moving_scale = (REGISTER_BINS - 4) / (moving_high - out->moving_low);
    size_t count = grid_count(g), wanted = (size_t)n * CANDIDATES, n_candidates = wanted < count ? wanted : count;
    Candidate *candidate = candidates_draw(fixed, weight, jitter_wanted(g, &moving->grid), n_candidates, error);
    if (!candidate) return TENO_FAILED;
    double mean = mean_gradient(candidate, n_candidates, &share);
    /* A small region has fewer candidates: keep more of them. */
    double per_gradient = mean > 0 ? n / (share * (double)n_candidates * mean + 1e-30) : 0;
    out->sample = array_alloc(n_candidates, sizeof *out->sample, error);
    if (out->sample) {
        samples_keep(out, candidate, n_candidates, per_gradient, low, high);
        samples_centre(out);
    }
    free(candidate);
    return out->sample ? TENO_OK : TENO_FAILED;
}

int level_fold(Level *out, const Level *from, int fold, int folds, Error *error)
{
    *out = *from;
    out->n = 0;
    out->sample = array_alloc((size_t)(from->n / folds + 1), sizeof *out->sample, error);
    if (!out->sample) return TENO_FAILED;
    for (int i = fold; i < from->n; i += folds) out->sample[out->n++] = from->sample[i];
    return TENO_OK;
}

void level_free(Level *level)
{
    free(level->sample);
    level->sample = NULL;
    level->n = 0;
}

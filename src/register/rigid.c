/*
 * Rigid registration by mutual information, coarse to fine.
 *
 * Both volumes are averaged down by powers of two. At the coarsest level a small lattice of starts is scored and the
 * best are climbed; the winner is refined level by level, last on the voxels as they are, with Newton-like steps on a
 * fixed set of jittered edge samples (level.c, mutual.c). All sums are integers or ordered, so that threads change
 * nothing.
 *
 * The residual is estimated from the data: the last level is climbed again with each quarter of the samples alone; the
 * spread of the four answers over the sampled region, halved, is the standard error of the whole. It does not see what
 * is common to all samples (distortion, a bone that bent). A result is trusted when the samples overlap, the quarters
 * agree, and the maximum is a peak: turning or shifting by a few millimetres must cost most of the information.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "register/level.h"
#include "teno/memory.h"

enum { MAX_LEVELS = 7, COARSE_SAMPLES = 12000, KEPT_STARTS = 5, FOLDS = 4 };

static const double coarsest_mm = 5.0;
static const double near_mm = 12.0; /* bounds below this: the start is nearly right */

/* Trust: shares that unrelated anatomy does not reach and repeats of one ankle pass by far
 * (tests/unit/test_register.c). */
static const double min_overlap = 0.3, min_peak = 0.25, min_similarity = 0.04;
static const double peak_shift_mm = 5.0;

typedef struct Pyramid {
    Vol store[MAX_LEVELS];
    const Vol *level[MAX_LEVELS]; /* finest first */
    int n;
} Pyramid;

static double finest_spacing(const Grid *g)
{
    return fmin(g->dx, fmin(g->dy, g->dz));
}

static int pyramid_make(Pyramid *out, const Vol *vol, double finest_mm, int n, Error *error)
{
    *out = (Pyramid){.n = n};
    const Vol *from = vol;
    for (int l = 0; l < n; l++) {
        double spacing = finest_mm * (1 << l);
        if (l == 0 && spacing < 1.7 * finest_spacing(&vol->grid)) {
            out->level[0] = vol;
            continue;
        }
        int code = vol_reduce(&out->store[l], from, spacing, error);
        if (code) return code;
        out->level[l] = from = &out->store[l];
    }
    return TENO_OK;
}

static void pyramid_free(Pyramid *pyramid)
{
    for (int l = 0; l < MAX_LEVELS; l++) vol_free(&pyramid->store[l]);
}

static Vec3 centre_of_mass(const Vol *vol)
{
    const Grid *g = &vol->grid;
    double sum = 0, x = 0, y = 0, z = 0;
    for (int k = 0; k < g->nz; k++)
        for (int j = 0; j < g->ny; j++)
            for (int i = 0; i < g->nx; i++) {
                double v = fmax(0, (double)vol->data[grid_index(g, i, j, k)]);
                sum += v;
                x += v * i;
                y += v * j;
                z += v * k;
            }
    return grid_to_lps(g, sum > 0 ? (Vec3){x / sum, y / sum, z / sum} : (Vec3){g->nx / 2.0, g->ny / 2.0, g->nz / 2.0});
}

typedef struct Start {
    Rigid transform;
    double score;
} Start;

/* Information, less what a poor overlap may have bought. */
static double start_score(const Level *level, const Rigid *transform)
{
    Joint joint;
    level_joint(&joint, level, transform);
    Mutual m = joint_measure(&joint, level);
    return m.information * fmin(1, m.overlap / 0.7);
}

/* Keeps the best starts, best first. */
static void start_offer(Start kept[KEPT_STARTS], Start offered)
{
    for (int i = 0; i < KEPT_STARTS; i++)
        if (offered.score > kept[i].score) {
            Start lower = kept[i];
            kept[i] = offered;
            offered = lower;
        }
}

enum { TURNS = 7, SHIFTS = 27 };

/* Scores a lattice of shifts and turns about `base` that spans half of the bounds. */
static void starts_scan(Start kept[KEPT_STARTS], const Level *level, const Rigid *base, double shift_mm,
                        double angle_deg)
{
    static const int turns[TURNS][3] = {{0, 0, 0}, {1, 0, 0}, {-1, 0, 0}, {0, 1, 0}, {0, -1, 0}, {0, 0, 1}, {0, 0, -1}};
    double angle = fmin(angle_deg / 2, 15) * 0.0174532925, shift = fmin(shift_mm / 2, 12);
    Vec3 centre = rigid_apply(base, level->centre);
    Start start[TURNS * SHIFTS];
#pragma omp parallel for schedule(static)
    for (int i = 0; i < TURNS * SHIFTS; i++) {
        const int *t = turns[i / SHIFTS];
        Vec3 turn = {t[0] * angle, t[1] * angle, t[2] * angle};
        Vec3 move = {(i % 3 - 1) * shift, (i / 3 % 3 - 1) * shift, (i / 9 % 3 - 1) * shift};
        Rigid change = rigid_from(turn, move, centre);
        start[i].transform = rigid_compose(&change, base);
        start[i].score = start_score(level, &start[i].transform);
    }
    for (int i = 0; i < TURNS * SHIFTS; i++) start_offer(kept, start[i]);
}

typedef struct Search {
    Pyramid fixed, moving;
    RegisterOptions options;
    Rigid start;
    Mutual at_end;
} Search;

static void search_free(Search *search)
{
    pyramid_free(&search->fixed);
    pyramid_free(&search->moving);
}

/* Best transform of the coarsest level. */
static int search_coarse(Search *s, Rigid *best, Error *error)
{
    Level level;
    const Vol *fixed = s->fixed.level[s->fixed.n - 1], *moving = s->moving.level[s->moving.n - 1];
    int code = level_init(&level, fixed, moving, s->options.fixed_weight, COARSE_SAMPLES, error);
    if (code) return code;
    Start kept[KEPT_STARTS];
    for (int i = 0; i < KEPT_STARTS; i++) kept[i] = (Start){s->start, -1};
    /* A start that is nearly right needs no search. */
    if (s->options.max_shift_mm < near_mm)
        kept[0].score = 0;
    else
        starts_scan(kept, &level, &s->start, s->options.max_shift_mm, s->options.max_angle_deg);
    if (!s->options.has_start && s->options.max_shift_mm >= near_mm) {
        Rigid shifted = rigid_identity();
        shifted.t = vec3_sub(centre_of_mass(moving), centre_of_mass(fixed));
        starts_scan(kept, &level, &shifted, s->options.max_shift_mm, s->options.max_angle_deg);
    }
    double best_score = -1;
    for (int i = 0; i < KEPT_STARTS; i++) {
        if (kept[i].score < 0) continue;
        level_climb(&level, &kept[i].transform, 15, 0.2);
        if (i < 2) level_explore(&level, &kept[i].transform, fmin(s->options.max_shift_mm / 2, 2 * coarsest_mm));
        double score = start_score(&level, &kept[i].transform);
        if (score > best_score) {
            best_score = score;
            *best = kept[i].transform;
        }
    }
    level_free(&level);
    return TENO_OK;
}

/* Distance that two transforms put between the images of the samples, root mean square. */
static double transform_distance(const Rigid *a, const Rigid *b, const Level *level)
{
    double r = level->radius_mm / sqrt(3), sum = 0;
    for (int axis = 0; axis < 3; axis++)
        for (int sign = -1; sign <= 1; sign += 2) {
            Vec3 p = vec3_along(level->centre, (Vec3){axis == 0, axis == 1, axis == 2}, sign * r * sqrt(3));
            double d = vec3_distance(rigid_apply(a, p), rigid_apply(b, p));
            sum += d * d;
        }
    return sqrt(sum / 6);
}

/* Standard error from quarters of the samples; see the head of the file. */
static int residual_estimate(double *residual_mm, const Level *level, const Rigid *best, Error *error)
{
    double sum = 0, distance_mm[FOLDS];
    int code[FOLDS];
#pragma omp parallel for schedule(static, 1)
    for (int fold = 0; fold < FOLDS; fold++) {
        Level part;
        Rigid own = *best;
        code[fold] = level_fold(&part, level, fold, FOLDS, NULL);
        if (code[fold]) continue;
        level_climb(&part, &own, 5, 0.01);
        distance_mm[fold] = transform_distance(best, &own, level);
        level_free(&part);
    }
    for (int fold = 0; fold < FOLDS; fold++) {
        if (code[fold]) return error_set(error, code[fold], "no memory for a part of the samples");
        sum += distance_mm[fold] * distance_mm[fold];
    }
    *residual_mm = sqrt(sum / FOLDS) / sqrt(FOLDS);
    return TENO_OK;
}

/* Share of the information that is lost, on average, by moving off the maximum to the six sides. */
static double peak_share(const Level *level, const Rigid *best, double at_best)
{
    double sum = 0;
    for (int axis = 0; axis < 3; axis++)
        for (int sign = -1; sign <= 1; sign += 2) {
            Rigid off = *best;
            off.t = vec3_along(off.t, (Vec3){axis == 0, axis == 1, axis == 2}, sign * peak_shift_mm);
            Joint joint;
            level_joint(&joint, level, &off);
            sum += joint_measure(&joint, level).information;
        }
    return at_best > 0 ? 1 - sum / 6 / at_best : 0;
}

static void trust_judge(Registration *out, const Search *s, double peak, const Level *level)
{
    Rigid back = rigid_inverse(&s->start), from_start = rigid_compose(&back, &out->fixed_to_moving);
    double shift = vec3_distance(rigid_apply(&from_start, level->centre), level->centre);
    double angle = rigid_angle_deg(&from_start);
    char *why = out->reason;
    size_t size = sizeof out->reason;
    out->trusted = false;
    if (level->n < 500)
        string_set(why, size, "too little structure to align");
    else if (out->overlap < min_overlap)
        snprintf(why, size, "the volumes overlap by %.0f %%, wanted %.0f %%", 100 * out->overlap, 100 * min_overlap);
    else if (s->options.has_start && (shift > s->options.max_shift_mm || angle > s->options.max_angle_deg))
        snprintf(why, size, "it would move by %.1f mm and %.1f degrees, at most %.0f mm and %.0f degrees were expected",
                 shift, angle, s->options.max_shift_mm, s->options.max_angle_deg);
    else if (out->similarity < min_similarity || peak < min_peak)
        snprintf(why, size, "the images do not show the same structure (similarity %.3f, peak %.2f)", out->similarity,
                 peak);
    else if (out->residual_mm > 1.5)
        snprintf(why, size, "parts of the image disagree by %.1f mm", out->residual_mm);
    else
        out->trusted = true;
}

static int search_fine(Search *s, Registration *out, Error *error)
{
    for (int l = s->fixed.n - 1; l >= 0; l--) {
        Level level;
        int n = s->options.samples >> l;
        if (n < COARSE_SAMPLES) n = COARSE_SAMPLES;
        int code = level_init(&level, s->fixed.level[l], s->moving.level[l], s->options.fixed_weight, n, error);
        if (code) return code;
        if (l >= 2 && s->options.max_shift_mm >= near_mm) level_explore(&level, &out->fixed_to_moving, coarsest_mm);
        double tolerance = l ? 0.02 : 0.002;
        Mutual m = level_climb(&level, &out->fixed_to_moving, 25, tolerance);
        if (l == 0) {
            out->similarity = m.fixed_entropy > 0 ? m.information / m.fixed_entropy : 0;
            out->overlap = m.overlap;
            code = residual_estimate(&out->residual_mm, &level, &out->fixed_to_moving, error);
            trust_judge(out, s, peak_share(&level, &out->fixed_to_moving, m.information), &level);
        }
        level_free(&level);
        if (code) return code;
    }
    return TENO_OK;
}

/* The part of a volume that another grid covers, one voxel to spare; empty (data NULL) where they do not meet. */
static int vol_crop_to(Vol *out, const Vol *from, const Grid *cover, Error *error)
{
    const Grid *g = &from->grid;
    double low[3] = {INFINITY, INFINITY, INFINITY}, high[3] = {-INFINITY, -INFINITY, -INFINITY};
    for (int c = 0; c < 8; c++) {
        Vec3 corner = {c & 1 ? cover->nx - 1 : 0, c & 2 ? cover->ny - 1 : 0, c & 4 ? cover->nz - 1 : 0};
        Vec3 p = grid_to_vox(g, grid_to_lps(cover, corner));
        const double at[3] = {p.x, p.y, p.z};
        for (int a = 0; a < 3; a++) {
            low[a] = fmin(low[a], at[a]);
            high[a] = fmax(high[a], at[a]);
        }
    }
    const int size[3] = {g->nx, g->ny, g->nz};
    int first[3], n[3];
    for (int a = 0; a < 3; a++) {
        first[a] = (int)fmax(0, floor(low[a]) - 1);
        n[a] = (int)fmin(size[a] - 1, ceil(high[a]) + 1) - first[a] + 1;
        if (n[a] < 2) return TENO_OK;
    }
    Grid part = grid_crop(g, first[0], first[1], first[2], n[0], n[1], n[2]);
    int code = vol_alloc(out, &part, error);
    for (int k = 0; k < n[2] && !code; k++)
        for (int j = 0; j < n[1]; j++)
            memcpy(out->data + grid_index(&part, 0, j, k),
                   from->data + grid_index(g, first[0], first[1] + j, first[2] + k), (size_t)n[0] * sizeof(float));
    return code;
}

static void options_complete(RegisterOptions *o)
{
    if (!(o->max_shift_mm > 0)) o->max_shift_mm = REGISTER_MAX_SHIFT_MM;
    if (!(o->max_angle_deg > 0)) o->max_angle_deg = REGISTER_MAX_ANGLE_DEG;
    if (o->samples <= 0) o->samples = REGISTER_SAMPLES;
}

int register_rigid(Registration *out, const Vol *fixed, const Vol *moving, const RegisterOptions *options, Error *error)
{
    Search s = {.start = rigid_identity()};
    *out = (Registration){.fixed_to_moving = rigid_identity()};
    if (!fixed->data || !moving->data) return error_set(error, TENO_FAILED, "registration: a volume is not loaded");
    if (options) s.options = *options;
    options_complete(&s.options);
    if (s.options.has_start) s.start = s.options.start;
    out->fixed_to_moving = s.start;
    Vol part = {0};
    int code = TENO_OK;
    if (s.options.fixed_weight) {
        code = vol_crop_to(&part, fixed, &s.options.fixed_weight->grid, error);
        if (!code && !part.data) string_set(out->reason, sizeof out->reason, "the region to align is not in the image");
        if (code || !part.data) return code;
        fixed = &part;
    }
    double finest = fmax(finest_spacing(&fixed->grid), finest_spacing(&moving->grid));
    finest = fmax(finest, s.options.finest_mm);
    int n_levels = 1;
    double coarsest = s.options.max_shift_mm < near_mm ? s.options.max_shift_mm / 3 : coarsest_mm;
    while (n_levels < MAX_LEVELS && finest * (1 << n_levels) < 1.5 * coarsest) n_levels++;
    code = pyramid_make(&s.fixed, fixed, finest, n_levels, error);
    if (!code) code = pyramid_make(&s.moving, moving, finest, n_levels, error);
    if (!code) code = search_coarse(&s, &out->fixed_to_moving, error);
    if (!code) code = search_fine(&s, out, error);
    search_free(&s);
    vol_free(&part);
    return code;
}

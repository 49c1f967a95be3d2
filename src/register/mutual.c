/*
 * Mutual information and its Newton step.
 *
 * The joint histogram counts the fixed value in whole bins and the moving value with a cubic B-spline window (Mattes et
 * al., IEEE TMI 2003, doi:10.1109/TMI.2003.809072), in integers, so that threads may add in any order. Seen as a
 * likelihood, every sample votes with the score s = d/dm log p(m | f) / p(m) at its moving value m: along s times the
 * image gradient it becomes more probable. The information matrix of these votes, the sum of s^2 J J^T (Fisher's
 * identity), stands in for the Hessian, so that a step needs one pass and a handful of steps converge, where gradient
 * descent needs hundreds.
 */
#include "register/level.h"

#include <math.h>

#include "core/solve.h"
#include "register/look.h"

enum { CHUNKS = 8, SERIAL = 40000, FINE = 4, POSITIONS = REGISTER_BINS * FINE, UNIT = 1 << 14, PARAMETERS = 6 };

static const double smoothing = 0.02; /* share of independence mixed into the histogram: no logarithm of nothing */

/* Transform from the samples' frame to voxels of the moving volume. */
typedef struct Affine {
    double m[3][4];
} Affine;

static Affine affine_to_moving(const Level *level, const Rigid *t)
{
    Affine a;
    const Grid *g = &level->moving->grid;
    Vec3 origin = grid_to_vox(g, rigid_apply(t, level->centre));
    for (int c = 0; c < 3; c++) {
        Vec3 e = {c == 0, c == 1, c == 2};
        Vec3 d = vec3_sub(grid_to_vox(g, rigid_apply(t, vec3_add(level->centre, e))), origin);
        a.m[0][c] = d.x;
        a.m[1][c] = d.y;
        a.m[2][c] = d.z;
    }
    a.m[0][3] = origin.x;
    a.m[1][3] = origin.y;
    a.m[2][3] = origin.z;
    return a;
}

static inline bool moving_look(const Vol *vol, const Affine *a, const Sample *s, double *value, double *gradient)
{
    double p[3];
    for (int r = 0; r < 3; r++)
        p[r] = a->m[r][0] * (double)s->x + a->m[r][1] * (double)s->y + a->m[r][2] * (double)s->z + a->m[r][3];
    return vol_look(vol, p, value, gradient);
}

/* Real bin of a moving value, held so that the spline's four bins exist. */
static inline double moving_bin(const Level *level, double value)
{
    double bin = (value - level->moving_low) * level->moving_scale + 1.5;
    const double most = REGISTER_BINS - 2.001;
    return bin > 1 ? (bin < most ? bin : most) : 1; /* fmin and fmax would be calls */
}

static void samples_joint(Joint *out, const Level *level, const Affine *a, int begin, int end)
{
    for (int i = begin; i < end; i++) {
        const Sample *s = level->sample + i;
        double value;
        if (!moving_look(level->moving, a, s, &value, NULL)) continue;
        double bin = moving_bin(level, value);
        int low = (int)bin;
        double t = bin - low, u = 1 - t, t2 = t * t, u2 = u * u;
        long long *count = out->count[s->bin] + low - 1;
        long long w0 = (long long)(UNIT * u2 * u / 6), w3 = (long long)(UNIT * t2 * t / 6);
        long long w1 = (long long)(UNIT * (4 - 6 * t2 + 3 * t2 * t) / 6);
        count[0] += w0;
        count[1] += w1;
        count[2] += UNIT - w0 - w1 - w3;
        count[3] += w3;
        out->total += UNIT;
    }
}

static int chunk_begin(const Level *level, int chunk)
{
    return (int)((long long)level->n * chunk / CHUNKS);
}

void level_joint(Joint *out, const Level *level, const Rigid *fixed_to_moving)
{
    Affine a = affine_to_moving(level, fixed_to_moving);
    *out = (Joint){0};
    /* A few samples are counted faster than threads are woken. */
    if (level->n < SERIAL) {
        samples_joint(out, level, &a, 0, level->n);
        return;
    }
#pragma omp parallel for schedule(static)
    for (int chunk = 0; chunk < CHUNKS; chunk++) {
        Joint part = {0};
        samples_joint(&part, level, &a, chunk_begin(level, chunk), chunk_begin(level, chunk + 1));
        /* Integers: any order gives the same sum. */
#pragma omp critical(teno_joint)
        {
            for (int f = 0; f < REGISTER_BINS; f++)
                for (int m = 0; m < REGISTER_BINS; m++) out->count[f][m] += part.count[f][m];
            out->total += part.total;
        }
    }
}

static double entropy_term(double p)
{
    return p > 0 ? -p * log(p) : 0;
}

Mutual joint_measure(const Joint *joint, const Level *level)
{
    Mutual out = {.overlap = level->n ? (double)joint->total / UNIT / level->n : 0};
    if (joint->total <= 0) return out;
    double moving[REGISTER_BINS] = {0}, both = 0, moving_entropy = 0;
    for (int f = 0; f < REGISTER_BINS; f++) {
        double fixed = 0;
        for (int m = 0; m < REGISTER_BINS; m++) {
            double p = (double)joint->count[f][m] / (double)joint->total;
            fixed += p;
            moving[m] += p;
            both += entropy_term(p);
        }
        out.fixed_entropy += entropy_term(fixed);
    }
    for (int m = 0; m < REGISTER_BINS; m++) moving_entropy += entropy_term(moving[m]);
    out.information = out.fixed_entropy + moving_entropy - both;
    return out;
}

/* Value and slope of a spline through bins at real bin x. */
static void spline_at(const double *bin, double x, double *value, double *slope)
{
    int low = (int)x;
    double t = x - low, u = 1 - t;
    const double w[4] = {u * u * u / 6, (4 - 6 * t * t + 3 * t * t * t) / 6, (4 - 6 * u * u + 3 * u * u * u) / 6,
                         t * t * t / 6};
    const double d[4] = {-u * u / 2, (-4 * t + 3 * t * t) / 2, (4 * u - 3 * u * u) / 2, t * t / 2};
    *value = *slope = 0;
    for (int i = 0; i < 4; i++) {
        *value += w[i] * bin[low - 1 + i];
        *slope += d[i] * bin[low - 1 + i];
    }
}

/* score[f][position] = d/dm log(p(m | f) / p(m)) per bin, at positions a quarter of a bin apart. */
static void score_table(float score[REGISTER_BINS][POSITIONS], const Joint *joint)
{
    double p[REGISTER_BINS][REGISTER_BINS], fixed[REGISTER_BINS] = {0}, moving[REGISTER_BINS] = {0};
    for (int f = 0; f < REGISTER_BINS; f++)
        for (int m = 0; m < REGISTER_BINS; m++) {
            /* Neighbouring fixed bins hold nearly the same tissue: half their counts steady the row. */
            long long sum = 2 * joint->count[f][m] + (f > 0 ? joint->count[f - 1][m] : 0) +
                            (f < REGISTER_BINS - 1 ? joint->count[f + 1][m] : 0);
            p[f][m] = (double)sum / (4 * (double)joint->total);
            fixed[f] += p[f][m];
            moving[m] += p[f][m];
        }
    for (int f = 0; f < REGISTER_BINS; f++) {
        for (int m = 0; m < REGISTER_BINS; m++)
            p[f][m] = (1 - smoothing) * p[f][m] + smoothing * fixed[f] * moving[m] + 1e-12;
        for (int i = 0; i < POSITIONS; i++) {
            double x = (i + 0.5) / FINE, both, both_slope, alone, alone_slope;
            score[f][i] = 0;
            if (x < 1 || x > REGISTER_BINS - 2.001) continue;
            spline_at(p[f], x, &both, &both_slope);
            spline_at(moving, x, &alone, &alone_slope);
            score[f][i] = (float)(both_slope / both - alone_slope / (alone + 1e-12));
        }
    }
}

/* Sums of votes and of their information of one chunk of samples. */
typedef struct Votes {
    double sum[PARAMETERS], information[PARAMETERS][PARAMETERS];
} Votes;

static void chunk_votes(Votes *out, const Level *level, const Affine *a, const Vec3 axis_per_vox[3],
                        const Rigid *transform, float score[REGISTER_BINS][POSITIONS], int chunk)
{
    *out = (Votes){0};
    for (int i = chunk_begin(level, chunk); i < chunk_begin(level, chunk + 1); i++) {
        const Sample *s = level->sample + i;
        double value, slope[3];
        if (!moving_look(level->moving, a, s, &value, slope)) continue;
        double vote = (double)score[s->bin][(int)(moving_bin(level, value) * FINE)] * level->moving_scale;
        if (vote == 0) continue;
        Vec3 gradient = vec3_scale(axis_per_vox[0], slope[0]);
        gradient = vec3_along(gradient, axis_per_vox[1], slope[1]);
        gradient = vec3_along(gradient, axis_per_vox[2], slope[2]);
        Vec3 arm = rigid_rotate(transform, (Vec3){(double)s->x, (double)s->y, (double)s->z});
        Vec3 turn = vec3_cross(arm, gradient);
        const double row[PARAMETERS] = {vote * turn.x,     vote * turn.y,     vote * turn.z,
                                        vote * gradient.x, vote * gradient.y, vote * gradient.z};
        for (int r = 0; r < PARAMETERS; r++) {
            out->sum[r] += row[r];
            for (int c = 0; c <= r; c++) out->information[r][c] += row[r] * row[c];
        }
    }
}

bool level_slope(const Level *level, const Rigid *transform, const Joint *joint, double slope[6],
                 double information[36])
{
    if (joint->total <= 0) return false;
    float score[REGISTER_BINS][POSITIONS];
    score_table(score, joint);
    Affine a = affine_to_moving(level, transform);
    const Grid *g = &level->moving->grid;
    const Vec3 axis_per_vox[3] = {vec3_scale(g->axis_x, 1 / g->dx), vec3_scale(g->axis_y, 1 / g->dy),
                                  vec3_scale(g->axis_z, 1 / g->dz)};
    Votes part[CHUNKS];
#pragma omp parallel for schedule(static) if (level->n >= SERIAL)
    for (int chunk = 0; chunk < CHUNKS; chunk++)
        chunk_votes(&part[chunk], level, &a, axis_per_vox, transform, score, chunk);
    for (int r = 0; r < PARAMETERS; r++) {
        slope[r] = 0;
        for (int c = 0; c < PARAMETERS; c++) information[r * PARAMETERS + c] = 0;
        for (int chunk = 0; chunk < CHUNKS; chunk++) {
            slope[r] += part[chunk].sum[r];
            for (int c = 0; c <= r; c++) information[r * PARAMETERS + c] += part[chunk].information[r][c];
        }
    }
    return true;
}

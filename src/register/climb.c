/*
 * Climbing mutual information over the six parameters of a rigid motion.
 *
 * Quasi-Newton (BFGS; Nocedal and Wright, Numerical Optimization, 2006, ch. 6). The inverse Hessian starts as the
 * inverse of the votes' information matrix (mutual.c): it knows the scale of turns against shifts and which of them the
 * edges determine, so that the first step is already a good one; the updates then learn the true curvature.
 */
#include <math.h>

#include "core/solve.h"
#include "register/level.h"

enum { N = 6 };

typedef struct Climb {
    const Level *level;
    Rigid transform;
    Joint joint;
    Mutual here;
    double slope[N], inverse[N][N]; /* of the information per sample set, uphill; inverse Hessian of its negative */
} Climb;

static bool inverse_start(Climb *climb, const double *information)
{
    for (int c = 0; c < N; c++) {
        double a[N * N], b[N] = {0};
        for (int i = 0; i < N * N; i++) a[i] = information[i];
        for (int r = 0; r < N; r++) a[r * N + r] *= 1 + 1e-6;
        b[c] = 1;
        if (!solve_spd(a, b, N)) return false;
        for (int r = 0; r < N; r++) climb->inverse[r][c] = b[r];
    }
    return true;
}

/* BFGS update with the step and the loss of slope along it. */
static void inverse_update(Climb *climb, const double *step, const double *loss)
{
    double sy = 0, hy[N] = {0}, yhy = 0;
    for (int r = 0; r < N; r++) {
        sy += step[r] * loss[r];
        for (int c = 0; c < N; c++) hy[r] += climb->inverse[r][c] * loss[c];
    }
    for (int r = 0; r < N; r++) yhy += loss[r] * hy[r];
    if (!(sy > 1e-3 * yhy * 1e-3) || !(yhy > 0)) return; /* no curvature seen along this step */
    for (int r = 0; r < N; r++)
        for (int c = 0; c < N; c++)
            climb->inverse[r][c] += (1 + yhy / sy) * step[r] * step[c] / sy - (hy[r] * step[c] + step[r] * hy[c]) / sy;
}

static Rigid stepped(const Climb *climb, const double *step, double scale)
{
    Rigid move = rigid_from((Vec3){scale * step[0], scale * step[1], scale * step[2]},
                            (Vec3){scale * step[3], scale * step[4], scale * step[5]},
                            rigid_apply(&climb->transform, climb->level->centre));
    return rigid_compose(&move, &climb->transform);
}

static double step_length_mm(const Climb *climb, const double *step)
{
    double turn = vec3_norm((Vec3){step[0], step[1], step[2]}) * fmax(climb->level->radius_mm, 1);
    return turn + vec3_norm((Vec3){step[3], step[4], step[5]});
}

/* Takes scale x step when it gains information without losing the overlap. */
static bool step_try(Climb *climb, const Rigid *from, const double *step, double scale)
{
    Climb origin = {.level = climb->level, .transform = *from};
    Rigid next = stepped(&origin, step, scale);
    Joint joint;
    level_joint(&joint, climb->level, &next);
    Mutual there = joint_measure(&joint, climb->level);
    if (there.overlap < 0.7 * climb->here.overlap || !(there.information > climb->here.information)) return false;
    climb->transform = next;
    climb->joint = joint;
    climb->here = there;
    return true;
}

/* Best of step, its halves or its doubles; returns the scale taken, 0 for none. */
static double line_search(Climb *climb, const double *step, double largest)
{
    Rigid from = climb->transform;
    double scale = fmin(1, largest), taken = 0;
    for (int i = 0; i < 5 && taken == 0; i++, scale /= 2)
        if (step_try(climb, &from, step, scale)) taken = scale;
    if (taken < fmin(1, largest)) return taken;
    for (scale = 2 * taken; scale <= largest && step_try(climb, &from, step, scale); scale *= 2) taken = scale;
    return taken;
}

Mutual level_climb(const Level *level, Rigid *transform, int max_steps, double tolerance_mm)
{
    Climb climb = {.level = level, .transform = *transform};
    double information[N * N], largest_mm = 3 * fmax(level->moving->grid.dx, level->moving->grid.dy);
    level_joint(&climb.joint, level, transform);
    climb.here = joint_measure(&climb.joint, level);
    if (!level_slope(level, transform, &climb.joint, climb.slope, information) || !inverse_start(&climb, information))
        return climb.here;
    for (int i = 0; i < max_steps; i++) {
        double step[N] = {0}, loss[N], before[N];
        for (int r = 0; r < N; r++)
            for (int c = 0; c < N; c++) step[r] += climb.inverse[r][c] * climb.slope[c];
        double length = step_length_mm(&climb, step),
               scale = line_search(&climb, step, largest_mm / fmax(length, 1e-9));
        if (scale == 0 || scale * length < tolerance_mm) break;
        for (int r = 0; r < N; r++) before[r] = climb.slope[r];
        if (!level_slope(level, &climb.transform, &climb.joint, climb.slope, information)) break;
        for (int r = 0; r < N; r++) {
            loss[r] = before[r] - climb.slope[r];
            step[r] *= scale;
        }
        inverse_update(&climb, step, loss);
    }
    *transform = climb.transform;
    return climb.here;
}

/* One parameter changed: a turn that moves the samples' rim by step_mm, or a shift. */
static bool nudge_try(Climb *climb, int parameter, double step_mm)
{
    double step[N] = {0};
    step[parameter] = parameter < 3 ? step_mm / fmax(climb->level->radius_mm, 1) : step_mm;
    Rigid from = climb->transform;
    return step_try(climb, &from, step, 1);
}

Mutual level_explore(const Level *level, Rigid *transform, double reach_mm)
{
    Climb climb = {.level = level, .transform = *transform};
    level_joint(&climb.joint, level, transform);
    climb.here = joint_measure(&climb.joint, level);
    for (double step_mm = reach_mm; step_mm > reach_mm / 10; step_mm /= 2)
        for (int parameter = 0; parameter < N; parameter++)
            if (!nudge_try(&climb, parameter, step_mm)) (void)nudge_try(&climb, parameter, -step_mm);
    *transform = climb.transform;
    return level_climb(level, transform, 12, 0.1);
}

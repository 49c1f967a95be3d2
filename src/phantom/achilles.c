/*
 * Where a point lies in the tendon, and what is there. The tube is sampled every millimetre of arc length; a point is
 * projected on it by Newton steps on the distance along the tangent, which converge because the tube bends gently.
 */
#include "phantom/achilles.h"
#include "phantom/texture.h"
#include "phantom/vec.h"

#include <math.h>

static const double pi = 3.14159265358979323846;

double achilles_s(const Achilles *a, double k)
{
    return a->first_m + k - a->contact_m;
}

static int sample_below(const Achilles *a, double k)
{
    int i = (int)floor(k);
    return i < 0 ? 0 : i > a->n - 2 ? a->n - 2 : i;
}

static Vec3 mix(Vec3 a, Vec3 b, double w)
{
    return (Vec3){a.x + w * (b.x - a.x), a.y + w * (b.y - a.y), a.z + w * (b.z - a.z)};
}

double achilles_locate(const Achilles *a, Vec3 p, double *u_mm, double *v_mm)
{
    double k = (p.z - a->centre[0].z) / (a->centre[a->n - 1].z - a->centre[0].z) * (a->n - 1);
    int i = 0;
    for (int step = 0; step < 4; step++) {
        i = sample_below(a, k);
        double w = k - i;
        Vec3 d = v_sub(p, mix(a->centre[i], a->centre[i + 1], w));
        double move = v_dot(d, mix(a->t[i], a->t[i + 1], w < 0 ? 0 : w > 1 ? 1 : w));
        k += move;
        if (d_abs(move) < 0.02) break;
    }
    i = sample_below(a, k);
    double w = k - i < 0 ? 0 : k - i > 1 ? 1 : k - i;
    Vec3 d = v_sub(p, mix(a->centre[i], a->centre[i + 1], k - i));
    *u_mm = v_dot(d, mix(a->u[i], a->u[i + 1], w));
    *v_mm = v_dot(d, mix(a->v[i], a->v[i + 1], w));
    return k;
}

/* Boundary radius in the stretched plane at sample i. */
static double radius_at(const Achilles *a, int i, double angle)
{
    double x = angle / (2 * pi) * ACHILLES_ANGLES;
    if (x < 0) x += ACHILLES_ANGLES;
    int j = (int)x;
    double w = x - j;
    j %= ACHILLES_ANGLES;
    int next = j + 1 == ACHILLES_ANGLES ? 0 : j + 1;
    return (1 - w) * (double)a->radius[i][j] + w * (double)a->radius[i][next];
}

double achilles_q(const Achilles *a, double k, double u_mm, double v_mm)
{
    int i = sample_below(a, k);
    double w = k - i < 0 ? 0 : k - i > 1 ? 1 : k - i;
    double stretch = (1 - w) * a->stretch[i] + w * a->stretch[i + 1];
    double y = v_mm * stretch, r = sqrt(u_mm * u_mm + y * y), angle = atan2(y, u_mm);
    return r / ((1 - w) * radius_at(a, i, angle) + w * radius_at(a, i + 1, angle));
}

double achilles_distance(const Achilles *a, Vec3 p)
{
    double u, v, k = achilles_locate(a, p, &u, &v);
    int i = sample_below(a, k);
    double w = k - i < 0 ? 0 : k - i > 1 ? 1 : k - i;
    double stretch = (1 - w) * a->stretch[i] + w * a->stretch[i + 1];
    double y = v * stretch, r = sqrt(u * u + y * y), angle = atan2(y, u);
    double edge = (1 - w) * radius_at(a, i, angle) + w * radius_at(a, i + 1, angle);
    /* Gradient of (r - edge) without the edge's own slope; inside, the steepest direction bounds the distance. */
    double slope = r < edge ? stretch : r > 1e-6 ? sqrt(u * u + y * y * stretch * stretch) / r : 1;
    double distance = (r - edge) / d_max(slope, 1);
    if (k < 0) return distance > 0 ? hypot(distance, k) : d_max(distance, -k);
    if (k > a->n - 1) return distance > 0 ? hypot(distance, k - a->n + 1) : d_max(distance, k - a->n + 1);
    return distance;
}

/* The belly tapers to a tip at the junction and thickens proximally, on the anterior face of the tendon. */
double achilles_soleus_distance(const Achilles *a, Vec3 p)
{
    double u, v, k = achilles_locate(a, p, &u, &v), above = a->first_m + k - a->junction_m;
    if (above <= 0) return hypot(-above + 1, d_max(0, hypot(u - a->soleus_shift_mm, v) - 6));
    int i = sample_below(a, k);
    double grow = 1 - exp(-above / 38);
    double height = a->soleus_height_mm * grow + 0.4, width = a->half_width[i] * 0.7 + a->soleus_width_mm * grow;
    double front = -a->half_thickness[i] * 0.4 - height / 2;
    double x = (u - a->soleus_shift_mm * grow) / width, y = (v - front) / (height / 2 + a->half_thickness[i] * 0.5);
    double distance = (sqrt(x * x + y * y) - 1) * d_min(width, height / 2);
    return distance;
}

/* Patches of degeneration: longer along the fibres than across them. */
static double patches(uint64_t seed, double s, double u, double v)
{
    return texture_noise(seed, (Vec3){u / 2.6, v / 1.8, s / 8});
}

static double tendinosis_at(const Achilles *a, double s, double u, double v, double q)
{
    double w = 0;
    const TendinosisSpec *t = &a->tendinosis;
    if (t->amount > 0) { /* strongest in the core; the outermost fibres stay dark in part */
        double d = (s - t->s_mm) / (0.5 * t->length_mm), core = 1 - 0.5 * q * q * q * q;
        w = t->amount * exp(-d * d * d * d) * core * (0.7 + 0.3 * patches(a->patch_seed, s, u, v));
    }
    /* Fine longitudinal streaks that 45 of 100 normal tendons show (Soila et al., AJR 1999;173:323). */
    double streak = texture_noise(a->patch_seed + 1, (Vec3){u / 1.2, v / 1.0, s / 25});
    if (streak > 1) w += a->streaks * d_min(streak - 1, 1);
    return w < 0 ? 0 : w > 1 ? 1 : w;
}

TendonSample achilles_sample(const Achilles *a, double k, double u_mm, double v_mm)
{
    TendonSample sample = {0};
    double s = achilles_s(a, k);
    for (int i = 0; i < a->n_tears; i++) {
        const TearSolid *tear = &a->tears[i];
        if (!tear_contains(tear, a, k, u_mm, v_mm)) continue;
        sample.tear = i + 1;
        sample.fill = patches(tear->seed, s, u_mm, v_mm) > 0.4 ? tear->second_fill : tear->fill;
        return sample;
    }
    sample.tendinosis = tendinosis_at(a, s, u_mm, v_mm, achilles_q(a, k, u_mm, v_mm));
    for (int i = 0; i < a->n_tears; i++) { /* degenerated fibres around a tear */
        const TearSpec *t = &a->tears[i].spec;
        double d = (d_abs(s - t->s_mm) - t->length_mm / 2) / 8;
        if (d > 1) continue;
        double near = (d < 0 ? 1 : 1 - d) * 0.45 * (0.6 + 0.4 * patches(a->tears[i].seed, s, u_mm, v_mm));
        if (near > sample.tendinosis) sample.tendinosis = near;
    }
    return sample;
}

/*
 * Tears as point sets in tendon coordinates. Each kind has one free size, solved by bisection so that the section at
 * the tear's centre is torn to the share that the spec asks for; walls are roughened by smooth noise.
 */
#include <math.h>
#include <string.h>

#include "phantom/achilles.h"
#include "phantom/texture.h"
#include "phantom/vec.h"
#include "teno/random.h"

static const double pi = 3.14159265358979323846;

static bool complete_contains(const TearSolid *t, double s, double u, double v)
{
    double ends[2];
    for (int e = 0; e < 2; e++) { /* frayed stumps: displaced along s over the section */
        double fray = texture_noise(t->seed + (uint64_t)e, (Vec3){u / 2.5, v / 1.8, 0});
        ends[e] = t->spec.s_mm + (e - 0.5) * t->spec.length_mm + t->spec.fray_mm * d_min(d_max(fray, -1.8), 1.8);
    }
    return s > ends[0] && s < ends[1];
}

bool tear_contains(const TearSolid *t, const Achilles *a, double k, double u, double v)
{
    double s = achilles_s(a, k), along = (s - t->spec.s_mm) / (t->spec.length_mm / 2);
    if (t->spec.kind == TEARKIND_COMPLETE) return complete_contains(t, s, u, v);
    if (fabs(along) >= 1) return false;
    double taper = sqrt(1 - along * along),
           wall = 1 + t->spec.fray_mm * texture_noise(t->seed, (Vec3){u / 2.2, v / 1.6, s / 3});
    int i = (int)fmin(fmax(k, 0), a->n - 1);
    double angle = t->spec.angle_deg * pi / 180, c = cos(angle), sn = sin(angle);
    double q = achilles_q(a, k, u, v);
    double x = u / a->half_width[i], y = v / a->half_thickness[i]; /* about a unit disc */
    switch (t->spec.kind) {
    case TEARKIND_INTRASUBSTANCE: {
        double dx = x - 0.25 * c * (1 - t->size), dy = y - 0.25 * sn * (1 - t->size);
        return q < 0.86 && hypot(dx, dy) < t->size * taper * wall;
    }
    case TEARKIND_SURFACE: /* what lies beyond a chord across the section */
        return x * c + y * sn > 1 - 2 * t->size * taper * wall;
    case TEARKIND_SPLIT: /* a thin longitudinal cleft from the centre region out to one surface */
        return fabs(-x * sn + y * c) * fmin(a->half_width[i], a->half_thickness[i] * 1.6) <
                   3 * t->size * taper * wall &&
               x * c + y * sn > -0.55;
    default:
        return false;
    }
}

/* Share of the section through the tear's centre that is torn. */
static double involvement_at_centre(const TearSolid *t, const Achilles *a)
{
    double k = t->spec.s_mm + a->contact_m - a->first_m;
    int i = (int)fmin(fmax(k, 0), a->n - 1), inside = 0, torn = 0;
    for (int iu = -30; iu <= 30; iu++)
        for (int iv = -20; iv <= 20; iv++) {
            double u = a->half_width[i] * 1.3 * iu / 30, v = a->half_thickness[i] * 1.4 * iv / 20;
            if (achilles_q(a, k, u, v) >= 1) continue;
            inside++;
            torn += tear_contains(t, a, k, u, v);
        }
    return inside ? (double)torn / inside : 0;
}

static void fill_tissues(TearSolid *tear)
{
    const char *fill = tear->spec.fill;
    tear->fill = strcmp(fill, "blood") == 0 || strcmp(fill, "mixed") == 0 ? TISSUE_BLOOD
                 : strcmp(fill, "granulation") == 0                       ? TISSUE_GRANULATION
                                                                          : TISSUE_FLUID;
    tear->second_fill = strcmp(fill, "mixed") == 0 ? TISSUE_GRANULATION : tear->fill;
}

void achilles_add_tears(Achilles *a, const TearSpec *tears, int n_tears)
{
    for (int i = 0; i < n_tears && a->n_tears < PHANTOM_MAX_TEARS; i++) {
        TearSolid *tear = &a->tears[a->n_tears++];
        *tear = (TearSolid){.spec = tears[i]};
        tear->seed = random_seed((uint64_t)(tears[i].angle_deg * 1000), "tear");
        fill_tissues(tear);
        double low = 0, high = 1.2;
        for (int step = 0; step < 24; step++) {
            tear->size = (low + high) / 2;
            *(involvement_at_centre(tear, a) < tears[i].involvement ? &low : &high) = tear->size;
        }
    }
}

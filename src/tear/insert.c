/*
 * A tear of known volume put into the study's own images: an ellipsoid of fluid inside the tendon, in every series with
 * that series' own point spread, slice profile, expected level and noise. What a voxel shows of the ellipsoid is the
 * share f of its point spread that lies inside: S' = (1 - f) S + f L, and the noise that (1 - f) takes away is given
 * back, so that the inserted tear is as noisy as a real one.
 */
#include <math.h>

#include "teno/memory.h"
#include "teno/random.h"
#include "teno/tear.h"

/* Points that sample a voxel's point spread: in plane over ±2.5 SD, along the slice's normal over its box. */
enum { IN_PLANE = 9, THROUGH = 7 };

static bool inside(const SyntheticTear *tear, Vec3 p_lps)
{
    Vec3 d = vec3_sub(p_lps, tear->centre_lps);
    double u = vec3_dot(d, tear->u) / tear->half_mm[0], v = vec3_dot(d, tear->v) / tear->half_mm[1];
    double s = vec3_dot(d, tear->tangent) / tear->half_mm[2];
    return u * u + v * v + s * s <= 1;
}

/* Share of the point spread around a voxel, p in the reference frame, that the ellipsoid fills. */
static double share_at(const SyntheticTear *tear, Vec3 p_lps, const Vec3 axis[3], const double psf_mm[3])
{
    double sum = 0, weight = 0;
    for (int a = 0; a < IN_PLANE; a++)
        for (int b = 0; b < IN_PLANE; b++) {
            double x = 2.5 * (2.0 * a / (IN_PLANE - 1) - 1), y = 2.5 * (2.0 * b / (IN_PLANE - 1) - 1);
            double w = exp(-(x * x + y * y) / 2);
            Vec3 q = vec3_along(vec3_along(p_lps, axis[0], x * psf_mm[0]), axis[1], y * psf_mm[1]);
            for (int c = 0; c < THROUGH; c++) { /* a box of this SD is sqrt(12) SD wide */
                double z = ((c + 0.5) / THROUGH - 0.5) * 3.4641016151377544 * psf_mm[2];
                sum += w * inside(tear, vec3_along(q, axis[2], z));
                weight += w;
            }
        }
    return sum / weight;
}

/* Signal of what fills the tear, scanner units; NaN when the series has no scale. */
static double level_of(const Channel *channel)
{
    SignalModel model;
    signal_model(&model, &channel->series->acquisition, channel->series->contrast, &channel->references);
    double level = model.muscle_scale * sqrt(model.fluid * model.blood);
    notes_free(&model.notes);
    return level;
}

void tear_insert(Channel *channel, const SyntheticTear *tear, unsigned long long seed)
{
    const Grid *g = &channel->vol.grid;
    double level = level_of(channel), reach = 0;
    if (!(level > 0)) return;
    Rigid back = rigid_inverse(&channel->ref_to_channel);
    const Vec3 axis[3] = {rigid_rotate(&back, g->axis_x), rigid_rotate(&back, g->axis_y),
                          rigid_rotate(&back, g->axis_z)};
    for (int a = 0; a < 3; a++) reach = fmax(reach, tear->half_mm[a] + 3 * channel->psf_mm[a]);
    Vec3 middle = grid_to_vox(g, rigid_apply(&channel->ref_to_channel, tear->centre_lps));
    int k0 = (int)fmax(floor(middle.z - reach / g->dz), 0), k1 = (int)fmin(ceil(middle.z + reach / g->dz), g->nz - 1);
    int j0 = (int)fmax(floor(middle.y - reach / g->dy), 0), j1 = (int)fmin(ceil(middle.y + reach / g->dy), g->ny - 1);
    int i0 = (int)fmax(floor(middle.x - reach / g->dx), 0), i1 = (int)fmin(ceil(middle.x + reach / g->dx), g->nx - 1);
#pragma omp parallel for schedule(dynamic)
    for (int k = k0; k <= k1; k++)
        for (int j = j0; j <= j1; j++)
            for (int i = i0; i <= i1; i++) {
                Vec3 p_lps = rigid_apply(&back, grid_to_lps(g, vec3(i, j, k)));
                double f = share_at(tear, p_lps, axis, channel->psf_mm);
                if (f <= 0) continue;
                size_t at = grid_index(g, i, j, k);
                double lost = channel->noise_sd * sqrt(1 - (1 - f) * (1 - f));
                double real = (1 - f) * (double)channel->vol.data[at] + f * level + lost * random_normal(seed, 2 * at);
                channel->vol.data[at] = (float)hypot(real, lost * random_normal(seed, 2 * at + 1));
            }
}

double synthetic_tear_mm3(const SyntheticTear *tear)
{
    return 4.1887902047863905 * tear->half_mm[0] * tear->half_mm[1] * tear->half_mm[2];
}

/* True when the ellipsoid stays inside the boundary of every section that it crosses. */
static bool fits(const SyntheticTear *tear, const TendonShape *shape, int at)
{
    int reach = (int)ceil(tear->half_mm[2] / shape->step_mm);
    if (at - reach < 0 || at + reach >= shape->n_sections) return false;
    for (int d = -reach; d <= reach; d++) {
        const Section *section = &shape->sections[at + d];
        double left = 1 - pow(d * shape->step_mm / tear->half_mm[2], 2);
        Vec3 off = vec3_sub(vec3_along(tear->centre_lps, tear->tangent, d * shape->step_mm), section->centre_lps);
        for (int turn = 0; turn < 8 && left > 0; turn++) {
            double angle = turn * 0.7853981633974483, r = sqrt(left);
            double u = vec3_dot(off, section->u) + r * tear->half_mm[0] * cos(angle);
            double v = vec3_dot(off, section->v) + r * tear->half_mm[1] * sin(angle);
            if (!section_contains(section, u, v)) return false;
        }
    }
    return true;
}

bool synthetic_tear_place(SyntheticTear *out, const TendonShape *shape, const TendonMeasures *measures, double share,
                          double half_length_mm)
{
    /* Middle of the free stretch between tears, nearest to the mid-portion (40 mm above the insertion). */
    static const double MIDDLE_MM = 40, FREE_MM = 8, LEAST_TORN_MM2 = 0.1;
    double best = INFINITY;
    for (int row = 0; row < measures->n_profile; row++) {
        double s = measures->profile[row].s_mm, needed = half_length_mm + FREE_MM;
        bool clear = s - needed >= measures->s_min_mm && s + needed <= measures->s_max_mm;
        for (int other = 0; other < measures->n_profile && clear; other++)
            if (fabs(measures->profile[other].s_mm - s) < needed &&
                (measures->profile[other].tear_area_mm2 > LEAST_TORN_MM2 || measures->profile[other].bridged))
                clear = false;
        int at = 0;
        while (at < shape->n_sections - 1 && shape->sections[at].s_mm < s - 1e-6) at++;
        if (!clear || fabs(s - MIDDLE_MM) >= best) continue;
        const Section *section = &shape->sections[at];
        SyntheticTear tear = {.centre_lps = section->centre_lps,
                              .u = section->u,
                              .v = section->v,
                              .tangent = section->tangent,
                              .s_mm = s};
        double thickness, width;
        section_extents(section, &thickness, &width);
        tear.half_mm[0] = share * width / 2;
        tear.half_mm[1] = share * thickness / 2;
        tear.half_mm[2] = half_length_mm;
        if (!fits(&tear, shape, at)) continue;
        best = fabs(s - MIDDLE_MM);
        *out = tear;
    }
    return isfinite(best);
}

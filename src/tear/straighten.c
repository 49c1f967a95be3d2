/*
 * A series resampled on the sections' own axes.
 *
 * Magnitude images of dark tendon sit on a noise floor. E[M²] = A² + 2σ² for a Rician magnitude M of amplitude A
 * (Gudbjartsson and Patz, Magn Reson Med 1995;34:910-914), so A is estimated as sqrt(max(M² - 2σ², 0)) before
 * interpolating: what is left of the floor is a third of it, and it is measured and subtracted with the dark level.
 */
#include <math.h>
#include <stdlib.h>

#include "channels.h"
#include "teno/memory.h"

/* Slices that the tendon crosses at more than 45 degrees are interpolated along the tendon. */
static const double LEAST_CROSSING = 0.7;

/* Direction of the reference frame → its components on the channel's voxel axes, mm. */
static Vec3 to_channel_axes(const Channel *channel, Vec3 direction)
{
    Vec3 d = rigid_rotate(&channel->ref_to_channel, direction);
    const Grid *g = &channel->vol.grid;
    return vec3(vec3_dot(d, g->axis_x), vec3_dot(d, g->axis_y), vec3_dot(d, g->axis_z));
}

/* Variance of the blur along the channel's own axes, mm2, interpolation within slices included: a slice profile that
 * nobody measured is a box, SD width / √12; in plane half a voxel. Linear interpolation is a convolution with a
 * triangle of half-width d, variance d²/6. */
static void own_variances(double own[3], const Channel *channel)
{
    const Grid *g = &channel->vol.grid;
    const double spacing[3] = {g->dx, g->dy, g->dz};
    for (int a = 0; a < 3; a++) {
        double sd = channel->psf_mm[a] > 0 ? channel->psf_mm[a] : a == 2 ? g->dz / sqrt(12.0) : spacing[a] / 2;
        own[a] = sd * sd + (a < 2 ? spacing[a] * spacing[a] / 6 : 0);
    }
}

/* Box of voxels, with two to spare, that holds all pixels of the lattice; false when they miss the volume. */
static bool crop_box(int low[3], int size[3], const Channel *channel, const Lattice *l, const TendonShape *shape)
{
    const Grid *g = &channel->vol.grid;
    double lo[3] = {INFINITY, INFINITY, INFINITY}, hi[3] = {-INFINITY, -INFINITY, -INFINITY};
    double u = lattice_u_mm(l, l->nu - 1), v = lattice_v_mm(l, l->nv - 1);
    for (int k = 0; k < l->ns; k++)
        for (int corner = 0; corner < 4; corner++) {
            const Section *section = &shape->sections[l->first + k];
            Vec3 p = vec3_along(section->centre_lps, section->u, corner & 1 ? u : -u);
            p = vec3_along(p, section->v, corner & 2 ? v : -v);
            Vec3 q = grid_to_vox(g, rigid_apply(&channel->ref_to_channel, p));
            double at[3] = {q.x, q.y, q.z};
            for (int a = 0; a < 3; a++) {
                lo[a] = fmin(lo[a], at[a]);
                hi[a] = fmax(hi[a], at[a]);
            }
        }
    int n[3] = {g->nx, g->ny, g->nz};
    for (int a = 0; a < 3; a++) {
        low[a] = (int)fmax(floor(lo[a]) - 2, 0);
        size[a] = (int)fmin(ceil(hi[a]) + 2, n[a] - 1) - low[a] + 1;
        if (size[a] < 1) return false;
    }
    return true;
}

/* Part of the channel's volume with the Rician floor removed. */
static int amplitude_crop(Vol *out, const Channel *channel, const int low[3], const int size[3], Error *error)
{
    Grid grid = grid_crop(&channel->vol.grid, low[0], low[1], low[2], size[0], size[1], size[2]);
    int code = vol_alloc(out, &grid, error);
    if (code) return code;
    double bias = 1;
    if (channel->bias.data) {
        Vec3 middle = grid_to_lps(&grid, vec3(grid.nx / 2.0, grid.ny / 2.0, grid.nz / 2.0));
        double here = vol_sample(&channel->bias, middle, 1);
        if (here > 0.05) bias = here; /* dividing by the field divided the noise too */
    }
    double floor_power = 2 * channel->noise_sd * channel->noise_sd / (bias * bias);
#pragma omp parallel for schedule(static)
    for (int k = 0; k < grid.nz; k++)
        for (int j = 0; j < grid.ny; j++) {
            const float *from = channel->vol.data + grid_index(&channel->vol.grid, low[0], low[1] + j, low[2] + k);
            float *to = out->data + grid_index(&grid, 0, j, k);
            for (int i = 0; i < grid.nx; i++) {
                double power = (double)from[i] * (double)from[i] - floor_power;
                to[i] = (float)(power > 0 ? sqrt(power) : 0);
            }
        }
    return TENO_OK;
}

/* How one section's plane maps into the voxels of a crop. */
typedef struct Walk {
    Vec3 origin, du, dv; /* voxel of the centre; voxels per mm along u and v */
    Vec3 along;          /* voxels per slice along the tangent */
    bool directional;    /* interpolate between slices along the tendon, not along the slices' normal */
} Walk;

static Walk walk_of(const Channel *channel, const Section *section, const int low[3])
{
    const Grid *g = &channel->vol.grid;
    Walk w;
    w.origin = grid_to_vox(g, rigid_apply(&channel->ref_to_channel, section->centre_lps));
    const Vec3 axis[3] = {section->u, section->v, section->tangent};
    Vec3 step[3];
    for (int a = 0; a < 3; a++) {
        Vec3 p = rigid_apply(&channel->ref_to_channel, vec3_add(section->centre_lps, axis[a]));
        step[a] = vec3_sub(grid_to_vox(g, p), w.origin);
    }
    w.origin = vec3_sub(w.origin, vec3(low[0], low[1], low[2]));
    w.du = step[0];
    w.dv = step[1];
    w.directional = fabs(step[2].z) * g->dz > LEAST_CROSSING && g->nz > 1;
    w.along = w.directional ? vec3_scale(step[2], 1 / step[2].z) : vec3(0, 0, 1);
    return w;
}

/* Between two slices the tendon's content runs along the tendon: the sample is the mix of the two points where the
 * line through p along the tendon meets the slices. */
static double walk_sample(const Vol *crop, const Walk *w, Vec3 p)
{
    if (!w->directional || p.z <= 0 || p.z >= crop->grid.nz - 1) return vol_sample_vox(crop, p, NAN);
    double below = floor(p.z), weight = p.z - below;
    Vec3 a = vec3_along(p, w->along, -weight), b = vec3_along(p, w->along, 1 - weight);
    a.z = below; /* exactly on the slices, whatever rounding did */
    b.z = below + 1;
    return (1 - weight) * vol_sample_vox(crop, a, NAN) + weight * vol_sample_vox(crop, b, NAN);
}

int channel_straighten(float *out, const Channel *channel, const Lattice *l, const TendonShape *shape, Error *error)
{
    int low[3], size[3];
    if (!crop_box(low, size, channel, l, shape)) {
        for (size_t i = 0; i < lattice_count(l); i++) out[i] = NAN;
        return TENO_OK;
    }
    Vol crop = {0};
    int code = amplitude_crop(&crop, channel, low, size, error);
    if (code) return code;
#pragma omp parallel for schedule(static)
    for (int k = 0; k < l->ns; k++) {
        Walk w = walk_of(channel, &shape->sections[l->first + k], low);
        for (int j = 0; j < l->nv; j++)
            for (int i = 0; i < l->nu; i++) {
                Vec3 p = vec3_along(vec3_along(w.origin, w.du, lattice_u_mm(l, i)), w.dv, lattice_v_mm(l, j));
                out[(size_t)k * lattice_slab(l) + (size_t)j * (size_t)l->nu + (size_t)i] =
                    (float)walk_sample(&crop, &w, p);
            }
    }
    vol_free(&crop);
    return TENO_OK;
}

int channel_sampling(Sampling *out, double psf_mm[3], const Channel *channel, const Lattice *l,
                     const TendonShape *shape, Error *error)
{
    *out = (Sampling){.between = array_alloc(lattice_count(l), sizeof *out->between, error)};
    if (!out->between) return TENO_FAILED;
    const Grid *g = &channel->vol.grid;
    double own[3], sum[3] = {0, 0, 0}, mean[3] = {0, 0, 0}, between = g->dz * g->dz / 6;
    Vec3 normal = vec3(0, 0, 0);
    own_variances(own, channel);
    for (int k = 0; k < l->ns; k++) {
        const Section *section = &shape->sections[l->first + k];
        const Vec3 axis[3] = {section->u, section->v, section->tangent};
        Vec3 d[3];
        for (int a = 0; a < 3; a++) d[a] = to_channel_axes(channel, axis[a]);
        bool directional = fabs(d[2].z) > LEAST_CROSSING && g->nz > 1;
        for (int a = 0; a < 3; a++) {
            double variance = d[a].x * d[a].x * own[0] + d[a].y * d[a].y * own[1] + d[a].z * d[a].z * own[2];
            sum[a] += variance;
            mean[a] += variance;
            if (!directional) mean[a] += d[a].z * d[a].z * between;
        }
        if (directional) mean[2] += between / (d[2].z * d[2].z);
        normal = vec3_add(normal, vec3(d[0].z / l->ns, d[1].z / l->ns, d[2].z / l->ns));
    }
    for (int a = 0; a < 3; a++) {
        out->psf_mm[a] = sqrt(sum[a] / l->ns);
        psf_mm[a] = sqrt(mean[a] / l->ns);
    }
    const double along[3] = {normal.x, normal.y, normal.z};
    for (int a = 1; a < 3; a++)
        if (fabs(along[a]) > fabs(along[out->axis])) out->axis = a;
    double crossing = along[out->axis];
    /* Along the tendon the sample runs from slice to slice on its own way, otherwise along the slices' normal. */
    out->gap_mm = out->axis == 2 && fabs(crossing) > LEAST_CROSSING ? g->dz / crossing : g->dz * crossing;
    const int whole[3] = {0, 0, 0};
#pragma omp parallel for schedule(static)
    for (int k = 0; k < l->ns; k++) {
        Walk w = walk_of(channel, &shape->sections[l->first + k], whole);
        for (int j = 0; j < l->nv; j++)
            for (int i = 0; i < l->nu; i++) {
                Vec3 p = vec3_along(vec3_along(w.origin, w.du, lattice_u_mm(l, i)), w.dv, lattice_v_mm(l, j));
                out->between[(size_t)k * lattice_slab(l) + (size_t)j * (size_t)l->nu + (size_t)i] =
                    (float)(p.z - floor(p.z));
            }
    }
    return TENO_OK;
}

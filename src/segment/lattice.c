/*
 * The common lattice: every channel averaged down and resampled to about 1 x 1 x 2 mm, then expressed on the scale on
 * which normal tendon is 0 and muscle 1. Its levels lie as the axial slices do, because a pointed or a tilted foot is
 * imaged across its tendon, or else along the patient's axes. Coarse, because finding a tendon needs no detail, and
 * averaging beats noise; the boundary is placed on the series' own voxels later.
 */
#include "segment/lattice.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "teno/chamfer.h"
#include "teno/memory.h"

#define PIXEL_MM 1.0
#define LEVEL_MM 2.0
enum { MAX_NODES = 6000000 }; /* beyond this (a head, a whole leg) the lattice is made coarser */

static bool known(double value)
{
    return isfinite(value) && value >= 0;
}

/* A missing reference is replaced by what the spin-echo signals of clinical.md §5.4 make likely. */
Scale channel_scale(const Channel *channel)
{
    const TissueReferences *r = &channel->references;
    bool suppressed = channel->series && channel->series->acquisition.fat_suppressed;
    Scale scale = {.tendon = known(r->tendon) ? r->tendon : 0};
    double muscle = r->muscle;
    if (!known(muscle) || muscle <= scale.tendon) {
        muscle = known(r->fat) && r->fat > scale.tendon
                     ? scale.tendon + (r->fat - scale.tendon) / (suppressed ? 0.4 : 2)
                     : 1;
        scale.guessed = true;
    }
    scale.unit = muscle - scale.tendon;
    scale.fat = known(r->fat) && r->fat > scale.tendon ? (r->fat - scale.tendon) / scale.unit : suppressed ? 0.4 : 2;
    double expected[TISSUE_COUNT] = {[TISSUE_FLUID] = suppressed ? 2.5 : 1.3};
    if (channel->series) tissue_expect(&channel->series->acquisition, channel->series->contrast, expected);
    scale.fluid =
        known(r->fluid) && r->fluid > muscle ? (r->fluid - scale.tendon) / scale.unit : expected[TISSUE_FLUID];
    scale.film = channel->series ? tissue_expect_loose(&channel->series->acquisition, channel->series->contrast) : 1;
    /* Where the timing lets expect free fluid darker than a worn tendon, for its T1 alone (3-D PD of a short TR), what
     * fills a tear is rather brighter. */
    if (channel->series && channel->series->contrast != CONTRAST_T1 && expected[TISSUE_FLUID] < scale.film)
        scale.blood = tissue_expect_blood(&channel->series->acquisition, channel->series->contrast);
    scale.guessed |= !known(r->fat);
    scale.fat_dark = scale.fat < 1;
    scale.surround = fmin(1, scale.fat);
    scale.noise = channel->noise_sd > 0 ? channel->noise_sd / scale.unit : 0.05;
    return scale;
}

/* Widens a box, in coordinates along the axes of `g`, by the corners of a channel. */
static void channel_extent(const Channel *channel, const Grid *axes, Vec3 *low, Vec3 *high)
{
    const Grid *g = &channel->vol.grid;
    Rigid back = rigid_inverse(&channel->ref_to_channel);
    for (int c = 0; c < 8; c++) {
        Vec3 p = {c & 1 ? g->nx - 0.5 : -0.5, c & 2 ? g->ny - 0.5 : -0.5, c & 4 ? g->nz - 0.5 : -0.5};
        p = rigid_apply(&back, grid_to_lps(g, p));
        p = vec3(vec3_dot(p, axes->axis_x), vec3_dot(p, axes->axis_y), vec3_dot(p, axes->axis_z));
        *low = vec3(fmin(low->x, p.x), fmin(low->y, p.y), fmin(low->z, p.z));
        *high = vec3(fmax(high->x, p.x), fmax(high->y, p.y), fmax(high->z, p.z));
    }
}

/* Upwards across the slices of the first axial series; the patient's own axis where there is none. */
static Vec3 levels_normal(const Prepared *prepared)
{
    for (int c = 0; c < prepared->n_channels; c++) {
        const Channel *channel = &prepared->channel[c];
        if (!channel->series || channel->series->plane != PLANE_AXIAL) continue;
        Rigid back = rigid_inverse(&channel->ref_to_channel);
        Vec3 axis = vec3_sub(rigid_apply(&back, channel->vol.grid.axis_z), rigid_apply(&back, vec3(0, 0, 0)));
        return vec3_scale(axis, axis.z < 0 ? -1 : 1);
    }
    return vec3(0, 0, 1);
}

static Grid lattice_grid(const Prepared *prepared)
{
    Vec3 low = {INFINITY, INFINITY, INFINITY}, high = {-INFINITY, -INFINITY, -INFINITY};
    Grid g = {.axis_z = levels_normal(prepared)};
    g.axis_y = vec3_unit(vec3_cross(g.axis_z, vec3(1, 0, 0)));
    g.axis_x = vec3_cross(g.axis_y, g.axis_z);
    for (int c = 0; c < prepared->n_channels; c++) channel_extent(&prepared->channel[c], &g, &low, &high);
    Vec3 size = vec3_sub(high, low);
    double nodes = (size.x / PIXEL_MM + 1) * (size.y / PIXEL_MM + 1) * (size.z / LEVEL_MM + 1);
    double coarser = nodes > MAX_NODES ? cbrt(nodes / MAX_NODES) : 1;
    g.dx = g.dy = PIXEL_MM * coarser;
    g.dz = LEVEL_MM * coarser;
    g.nx = (int)(size.x / g.dx) + 1;
    g.ny = (int)(size.y / g.dy) + 1;
    g.nz = (int)(size.z / g.dz) + 1;
    Vec3 spare = vec3(size.x - (g.nx - 1) * g.dx, size.y - (g.ny - 1) * g.dy, size.z - (g.nz - 1) * g.dz);
    low = vec3_along(low, spare, 0.5);
    g.origin_lps = vec3_along(vec3_along(vec3_scale(g.axis_x, low.x), g.axis_y, low.y), g.axis_z, low.z);
    return g;
}

static int reduction(double spacing_mm, double wanted_mm, int n)
{
    int factor = (int)floor(wanted_mm / spacing_mm + 0.25);
    return factor < 1 ? 1 : factor > n ? n : factor;
}

/* Block means, so that a lattice node sees all the voxels around it. */
static int channel_reduce(Vol *out, const Vol *from, Error *error)
{
    const Grid *g = &from->grid;
    int fx = reduction(g->dx, PIXEL_MM, g->nx), fy = reduction(g->dy, PIXEL_MM, g->ny),
        fz = reduction(g->dz, PIXEL_MM, g->nz);
    Grid small = *g;
    small.nx = g->nx / fx;
    small.ny = g->ny / fy;
    small.nz = g->nz / fz;
    small.dx = g->dx * fx;
    small.dy = g->dy * fy;
    small.dz = g->dz * fz;
    small.origin_lps = grid_to_lps(g, vec3((fx - 1) / 2.0, (fy - 1) / 2.0, (fz - 1) / 2.0));
    int code = vol_alloc(out, &small, error);
    if (code) return code;
    float scale = 1.0F / (float)(fx * fy * fz);
#pragma omp parallel for schedule(static)
    for (int k = 0; k < small.nz; k++)
        for (int c = 0; c < fz * fy * small.ny; c++) {
            int j = c % (fy * small.ny);
            float *row = out->data + grid_index(&small, 0, j / fy, k);
            const float *source = from->data + grid_index(g, 0, j, k * fz + c / (fy * small.ny));
            for (int i = 0; i < small.nx; i++)
                for (int a = 0; a < fx; a++) row[i] += source[i * fx + a] * scale;
        }
    return TENO_OK;
}

static int channel_place(Lattice *lattice, int c, const Channel *channel, Error *error)
{
    Vol small = {0}, placed = {0};
    int code = channel_reduce(&small, &channel->vol, error);
    if (!code) code = vol_alloc(&placed, &lattice->grid, error);
    if (!code) {
        vol_resample(&placed, &small, &channel->ref_to_channel);
        float tendon = (float)lattice->scale[c].tendon, unit = (float)lattice->scale[c].unit;
        size_t n = grid_count(&lattice->grid);
        for (size_t i = 0; i < n; i++) placed.data[i] = (placed.data[i] - tendon) / unit;
        lattice->signal[c] = placed.data;
    }
    vol_free(&small);
    return code;
}

/* Tendon-likeness: mean over channels, each falling from 1 to 0 around half the level of the surroundings. */
static void level_darkness(Lattice *lattice, int k)
{
    size_t plane = (size_t)lattice->grid.nx * (size_t)lattice->grid.ny, start = plane * (size_t)k;
    for (size_t i = start; i < start + plane; i++) {
        double sum = 0, weights = 0;
        for (int c = 0; c < lattice->n_channels; c++) {
            const Scale *scale = &lattice->scale[c];
            double x = (double)lattice->signal[c][i] / scale->surround;
            if (isnan(x)) continue;
            double weight = scale->surround * fmin(1, scale->surround / (4 * scale->noise));
            sum += weight * fmin(fmax((0.75 - x) / 0.5, 0), 1);
            weights += weight;
        }
        lattice->dark[i] = weights > 0 ? (float)(sum / weights) : NAN;
    }
}

/* A degenerated tendon is as bright as muscle, but far darker than fat where fat is not suppressed. */
static void level_shade(Lattice *lattice, int k)
{
    size_t plane = (size_t)lattice->grid.nx * (size_t)lattice->grid.ny, start = plane * (size_t)k;
    for (size_t i = start; i < start + plane; i++) {
        double sum[2] = {0}, weights[2] = {0};
        for (int c = 0; c < lattice->n_channels; c++) {
            const Scale *scale = &lattice->scale[c];
            double x = (double)lattice->signal[c][i] / scale->fat;
            if (isnan(x)) continue;
            double weight = fmin(1, scale->fat / (4 * scale->noise));
            sum[scale->fat_dark] += weight * fmin(fmax(1 - x, -0.3), 1.1);
            weights[scale->fat_dark] += weight;
        }
        int which = weights[0] > 0 ? 0 : 1;
        lattice->shade[i] = weights[which] > 0 ? (float)(sum[which] / weights[which]) : NAN;
    }
}

#define AIR_DARK 0.7
#define AIR_DEPTH_MM 4.0 /* half the thickness of a tendon that lies under thin skin: air does not flow into one */

static bool at_rim(const float *dark, int i, int nx, int ny)
{
    int x = i % nx, y = i / nx;
    return x == 0 || y == 0 || x == nx - 1 || y == ny - 1 || isnan(dark[i - 1]) || isnan(dark[i + 1]) ||
           isnan(dark[i - nx]) || isnan(dark[i + nx]);
}

/* Air is what is dark in every channel and reaches the rim of the images through places at least twice AIR_DEPTH_MM
 * wide; in-plane, so that a tendon that is cut by the first or last level is none. `stack` and `depth`: [ny][nx]. */
static void level_air(Lattice *lattice, int k, int *stack, int *depth)
{
    int nx = lattice->grid.nx, ny = lattice->grid.ny, top = 0;
    int reach = (int)(CHAMFER_PIXEL * AIR_DEPTH_MM / lattice->grid.dx);
    size_t start = (size_t)nx * (size_t)ny * (size_t)k;
    const float *dark = lattice->dark + start;
    unsigned char *air = lattice->air + start;
    for (int i = 0; i < nx * ny; i++) depth[i] = !((double)dark[i] <= AIR_DARK) ? CHAMFER_FAR : 0;
    chamfer_distance(depth, nx, ny);
    for (int i = 0; i < nx * ny; i++)
        if (!isnan(dark[i]) && depth[i] > reach && at_rim(dark, i, nx, ny)) {
            air[i] = 1;
            stack[top++] = i;
        }
    while (top > 0) {
        int i = stack[--top], x = i % nx, y = i / nx;
        const int next[4] = {x > 0 ? i - 1 : -1, x < nx - 1 ? i + 1 : -1, y > 0 ? i - nx : -1,
                             y < ny - 1 ? i + nx : -1};
        for (int n = 0; n < 4; n++)
            if (next[n] >= 0 && !air[next[n]] && !isnan(dark[next[n]]) && depth[next[n]] > reach) {
                air[next[n]] = 1;
                stack[top++] = next[n];
            }
    }
    for (int i = 0; i < nx * ny; i++) depth[i] = air[i] ? 0 : CHAMFER_FAR;
    chamfer_distance(depth, nx, ny);
    for (int i = 0; i < nx * ny; i++) air[i] = isnan(dark[i]) || ((double)dark[i] > AIR_DARK && depth[i] <= reach);
}

/* Where no series suppresses fat, none tells it from blood as bright: only what fluid is expected to be is a tear. */
static void blood_unless_hidden(Scale *scale, int n)
{
    bool told = false;
    for (int c = 0; c < n; c++) told |= scale[c].fat_dark;
    for (int c = 0; c < n && !told; c++) scale[c].blood = 0;
}

int lattice_build(Lattice *out, const Prepared *prepared, Error *error)
{
    *out = (Lattice){.grid = lattice_grid(prepared), .n_channels = prepared->n_channels};
    size_t n = grid_count(&out->grid), plane = (size_t)out->grid.nx * (size_t)out->grid.ny;
    int *stack = array_alloc(n, sizeof *stack, error), *depth = array_alloc(n, sizeof *depth, error);
    int code = TENO_FAILED;
    if (!stack || !depth || !(out->scale = array_alloc((size_t)out->n_channels, sizeof *out->scale, error)) ||
        !(out->signal = array_alloc((size_t)out->n_channels, sizeof *out->signal, error)) ||
        !(out->dark = array_alloc(n, sizeof *out->dark, error)) ||
        !(out->shade = array_alloc(n, sizeof *out->shade, error)) || !(out->air = array_alloc(n, 1, error)))
        goto out;
    for (int c = 0; c < out->n_channels; c++) {
        out->scale[c] = channel_scale(&prepared->channel[c]);
        if (channel_place(out, c, &prepared->channel[c], error)) goto out;
    }
    blood_unless_hidden(out->scale, out->n_channels);
#pragma omp parallel for schedule(static)
    for (int k = 0; k < out->grid.nz; k++) {
        level_darkness(out, k);
        level_shade(out, k);
        level_air(out, k, stack + plane * (size_t)k, depth + plane * (size_t)k);
    }
    code = TENO_OK;
out:
    free(stack);
    free(depth);
    if (code) lattice_free(out);
    return code;
}

bool lattice_air(const Lattice *lattice, Vec3 p_lps)
{
    const Grid *g = &lattice->grid;
    Vec3 at_vox = grid_to_vox(g, p_lps);
    int i = (int)lrint(at_vox.x), j = (int)lrint(at_vox.y), k = (int)lrint(at_vox.z);
    if (i < 0 || j < 0 || k < 0 || i >= g->nx || j >= g->ny || k >= g->nz) return false;
    size_t at = grid_index(g, i, j, k);
    return lattice->air[at] && !isnan(lattice->dark[at]);
}

void lattice_free(Lattice *lattice)
{
    for (int c = 0; lattice->signal && c < lattice->n_channels; c++) free(lattice->signal[c]);
    free(lattice->signal);
    free(lattice->scale);
    free(lattice->dark);
    free(lattice->shade);
    free(lattice->air);
    *lattice = (Lattice){0};
}

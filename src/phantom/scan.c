/*
 * Image formation in the order of a scanner: tissue signal averaged over the slice profile and the pixel (one sample
 * where the tissue is uniform, jitter-free stratified samples elsewhere), imperfect fat suppression, coil gain, then
 * k-space: a windowed low pass to the acquired matrix with complex noise in it, and the magnitude. Each slice is
 * independent.
 */
#include "phantom/scan.h"
#include "phantom/vec.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "teno/memory.h"
#include "teno/random.h"

static const double pi = 3.14159265358979323846;
enum { TAPS = 12, LEVELS = 6, CORNERS = 4 };

Vec3 placement_apply(const Placement *placement, Vec3 p)
{
    if (placement->mirror) p.x = -p.x;
    return rigid_apply(&placement->world, p);
}

Vec3 placement_inverse(const Placement *placement, Vec3 p_lps)
{
    Rigid back = rigid_inverse(&placement->world);
    Vec3 p = rigid_apply(&back, p_lps);
    if (placement->mirror) p.x = -p.x;
    return p;
}

Vec3 placement_direction(const Placement *placement, Vec3 direction_lps)
{
    Rigid back = rigid_inverse(&placement->world);
    Vec3 d = rigid_rotate(&back, direction_lps);
    if (placement->mirror) d.x = -d.x;
    return d;
}

static Rigid leg_position(const VisitSpec *visit, Side side)
{
    Vec3 position = visit->position_mm;
    if (side == SIDE_RIGHT) position.x = -position.x;
    double to_rad = pi / 180;
    Vec3 tilt = {visit->leg_tilt_deg[0] * to_rad, visit->leg_tilt_deg[1] * to_rad, visit->leg_tilt_deg[2] * to_rad};
    return rigid_from(tilt, position, (Vec3){0, 0, 0});
}

Placement scan_placement(const VisitSpec *visit, Side side, int series)
{
    Placement p = {.mirror = side == SIDE_RIGHT, .world = leg_position(visit, side)};
    if (series <= 0) return p; /* motion is counted from the first series on */
    uint64_t seed = random_seed(visit->seed + (uint64_t)series, "motion");
    double mm = visit->motion_mm / sqrt(3), rad = visit->motion_deg / sqrt(3) * pi / 180;
    Vec3 turn = {random_between(seed, 0, -rad, rad), random_between(seed, 1, -rad, rad),
                 random_between(seed, 2, -rad, rad)};
    Vec3 move = {random_between(seed, 3, -mm, mm), random_between(seed, 4, -mm, mm), random_between(seed, 5, -mm, mm)};
    Rigid motion = rigid_from(turn, move, rigid_apply(&p.world, (Vec3){0, 30, 0}));
    p.world = rigid_compose(&motion, &p.world);
    return p;
}

Grid scan_grid(const VisitSpec *visit, Side side, int index)
{
    const SeriesSpec *s = &visit->series[index];
    const Protocol *protocol = protocol_find(s->protocol);
    double to_rad = pi / 180;
    Vec3 x = {1, 0, 0}, y = {0, 1, 0};
    if (strcmp(protocol->plane, "sagittal") == 0 || strcmp(protocol->plane, "3d") == 0) {
        x = (Vec3){0, 1, 0};
        y = (Vec3){0, 0, -1};
    } else if (strcmp(protocol->plane, "coronal") == 0) {
        y = (Vec3){0, 0, -1};
    }
    /* The stack follows the leg nearly, as a technologist plans it, plus its own tilt. */
    Vec3 follow = {visit->leg_tilt_deg[0] * 0.8 * to_rad, visit->leg_tilt_deg[1] * 0.8 * to_rad,
                   visit->leg_tilt_deg[2] * 0.8 * to_rad};
    Rigid leg = rigid_from(follow, (Vec3){0, 0, 0}, (Vec3){0, 0, 0});
    Rigid tilt_x = rigid_from(vec3_scale(x, s->tilt_deg[0] * to_rad), (Vec3){0, 0, 0}, (Vec3){0, 0, 0});
    Rigid tilt_y = rigid_from(vec3_scale(y, s->tilt_deg[1] * to_rad), (Vec3){0, 0, 0}, (Vec3){0, 0, 0});
    Rigid turn = rigid_compose(&leg, &tilt_x);
    turn = rigid_compose(&turn, &tilt_y);
    Grid g = {.nx = s->matrix,
              .ny = s->matrix,
              .nz = s->slices,
              .dx = s->fov_mm / s->matrix,
              .dy = s->fov_mm / s->matrix,
              .dz = s->thickness_mm + s->gap_mm};
    g.axis_x = rigid_rotate(&turn, x);
    g.axis_y = rigid_rotate(&turn, y);
    g.axis_z = vec3_cross(g.axis_x, g.axis_y);
    Placement placement = scan_placement(visit, side, -1);
    Vec3 centre = placement_apply(&placement, s->centre_mm);
    g.origin_lps = v_along(centre, g.axis_x, -(g.nx - 1) / 2.0 * g.dx);
    g.origin_lps = v_along(g.origin_lps, g.axis_y, -(g.ny - 1) / 2.0 * g.dy);
    g.origin_lps = v_along(g.origin_lps, g.axis_z, -(g.nz - 1) / 2.0 * g.dz);
    return g;
}

/* All that a voxel needs. Positions are in the model's frame. */
typedef struct Scanner {
    const Scene *scene;
    SignalTable table;
    bool suppressed; /* fat suppression by frequency: varies in space */
    double fat_residual, fat_variation, fat_phase[4];
    Vec3 origin, di, dj, dk;                       /* voxel steps, model frame */
    Vec3 field;                                    /* direction of the main field, model frame */
    double level_mm[LEVELS], level_weight[LEVELS]; /* through the slice */
    int n_levels;
    double level_step_mm;
    double dz, half_diagonal_mm, half_pixel_mm;
    Vec3 coil;
    double coil_exponent, coil_reference;
} Scanner;

static double sample_signal(const Scanner *s, const SceneSample *sample, double fat_left)
{
    Tissue t = sample->tissue;
    if (t == TISSUE_TENDON) {
        double x = (double)sample->cos2 * ANGLE_BINS, w = (double)sample->tendinosis;
        int b = x >= ANGLE_BINS ? ANGLE_BINS - 1 : (int)x;
        double normal = s->table.tendon[b] + (x - b) * (s->table.tendon[b + 1] - s->table.tendon[b]);
        return (1 - w) * normal + w * s->table.water[TISSUE_TENDINOSIS];
    }
    return s->table.water[t] + s->table.fat[t] * fat_left;
}

/* Share of fat left by suppression: a smooth function that grows towards one side, where the shim fails. */
static double fat_left(const Scanner *s, Vec3 p)
{
    if (!s->suppressed) return 1;
    double x = sin(p.x / 45 + s->fat_phase[0]) + sin(p.y / 50 + s->fat_phase[1]) + sin(p.z / 40 + s->fat_phase[2]);
    double left = s->fat_residual * exp(s->fat_variation * x * 0.6);
    return left > 1 ? 1 : left;
}

static double coil_gain(const Scanner *s, Vec3 p)
{
    double r = vec3_distance(p, s->coil);
    return pow(s->coil_reference / (r * r + 1200), s->coil_exponent);
}

static double texture_gain(const Scanner *s, Tissue tissue, Vec3 p)
{
    switch (tissue) {
    case TISSUE_MUSCLE:
        return 1 + 0.07 * scene_texture(s->scene, (Vec3){p.x, p.y, p.z * 0.35}, 2.2);
    case TISSUE_FAT:
    case TISSUE_KAGER_FAT:
        return 1 + 0.05 * scene_texture(s->scene, p, 5);
    case TISSUE_MARROW:
        return 1 + 0.06 * scene_texture(s->scene, p, 3.5);
    case TISSUE_TENDON:
        return 1;
    default:
        return 1 + 0.04 * scene_texture(s->scene, p, 3);
    }
}

/* Mean over the pixel at one level of the slice, where tissues meet. */
static double corner_signal(const Scanner *s, Vec3 at, double flip, double left)
{
    static const double corner[CORNERS][2] = {{-0.375, -0.125}, {0.125, -0.375}, {0.375, 0.125}, {-0.125, 0.375}};
    double sum = 0;
    for (int c = 0; c < CORNERS; c++) {
        Vec3 p = v_along(v_along(at, s->di, flip * corner[c][0]), s->dj, corner[c][1]);
        SceneSample sample = scene_sample(s->scene, p, s->field);
        sum += sample_signal(s, &sample, left);
    }
    return sum / CORNERS;
}

/* Levels first, first + step, … of a voxel. A sample stands for all levels that its clearance reaches; `known` is the
 * sample at the voxel's centre (0 mm). */
static double levels_signal(const Scanner *s, Vec3 p, double shift_mm, int first, int step, SceneSample known,
                            double left)
{
    double sum = 0, known_at = 0, value = sample_signal(s, &known, left);
    for (int level = first; level >= 0 && level < s->n_levels; level += step) {
        double z = s->level_mm[level] + shift_mm;
        if (d_abs(z - known_at) + s->half_pixel_mm > (double)known.clearance_mm) {
            Vec3 at = v_along(p, s->dk, z / s->dz);
            known = scene_sample(s->scene, at, s->field);
            known_at = z;
            bool uniform = (double)known.clearance_mm > s->half_pixel_mm;
            value = uniform ? sample_signal(s, &known, left) : corner_signal(s, at, level & 1 ? -1 : 1, left);
        }
        sum += s->level_weight[level] * value;
    }
    return sum;
}

/* Signal of one voxel; *pulsing is set in flowing blood. `jitter` (-0.5 to 0.5) moves the sampled levels by a share of
 * their distance, so that a surface nearly parallel to the slice shows no contour lines. */
static double voxel_signal(const Scanner *s, Vec3 p, double jitter, bool *pulsing)
{
    SceneSample centre = scene_sample(s->scene, p, s->field);
    bool uniform = (double)centre.clearance_mm > s->half_diagonal_mm;
    if (centre.tissue == TISSUE_AIR && uniform) return 0;
    *pulsing = centre.tissue == TISSUE_ARTERY || centre.tissue == TISSUE_VEIN;
    double left = fat_left(s, p), gain = coil_gain(s, p) * texture_gain(s, centre.tissue, p);
    if (uniform) return gain * sample_signal(s, &centre, left);
    double shift_mm = jitter * s->level_step_mm;
    int half = s->n_levels / 2;
    return gain * (levels_signal(s, p, shift_mm, half, 1, centre, left) +
                   levels_signal(s, p, shift_mm, half - 1, -1, centre, left));
}

/* Slice profile: flat with soft flanks that reach a little into the gap; a 3-D partition is a plain average. */
static void set_profile(Scanner *s, const SeriesSpec *series, bool volume)
{
    s->n_levels = volume ? 2 : series->thickness_mm < 2 ? 4 : LEVELS;
    double reach = volume ? 0.5 : 0.62, sum = 0;
    for (int i = 0; i < s->n_levels; i++) {
        double z = ((i + 0.5) / s->n_levels * 2 - 1) * reach;
        s->level_mm[i] = z * series->thickness_mm;
        s->level_weight[i] = volume ? 1 : 1 / (1 + exp((d_abs(z) - 0.5) / 0.05));
        sum += s->level_weight[i];
    }
    for (int i = 0; i < s->n_levels; i++) s->level_weight[i] /= sum;
    s->level_step_mm = 2 * reach / s->n_levels * series->thickness_mm;
}

static void set_coil(Scanner *s, const VisitSpec *visit, Vec3 middle)
{
    uint64_t seed = random_seed(visit->seed, "coil");
    Vec3 direction = vec3_unit((Vec3){random_normal(seed, 0), random_normal(seed, 1), 0.4 * random_normal(seed, 2)});
    s->coil = v_along(middle, direction, 60);
    double near = 1200 + 20.0 * 20.0, far = 1200 + 120.0 * 120.0;
    s->coil_exponent = log(d_max(visit->bias, 1)) / log(far / near);
    s->coil_reference = 1200 + 60.0 * 60.0;
}

static void set_scanner(Scanner *s, const Scene *scene, const VisitSpec *visit, Side side, int index, const Grid *grid)
{
    const SeriesSpec *series = &visit->series[index];
    const Protocol *protocol = protocol_find(series->protocol);
    uint64_t seed = random_seed(visit->seed + (uint64_t)index, "series");
    Sequence sequence = protocol->sequence;
    sequence.te_ms = series->te_ms;
    sequence.tr_ms = series->tr_ms;
    sequence.ti_ms = series->ti_ms;
    TissueSet tissues;
    tissue_set(&tissues, visit->field_t, visit->jitter, random_seed(visit->ankle.seed, "tissue"));
    signal_table(&s->table, &tissues, &sequence);
    s->scene = scene;
    s->suppressed = sequence.fat_suppressed && !(sequence.ti_ms > 0);
    s->fat_residual = visit->fat_residual;
    s->fat_variation = visit->fat_inhomogeneity;
    for (int i = 0; i < 4; i++) s->fat_phase[i] = random_between(seed, (uint64_t)i, 0, 2 * pi);
    Placement placement = scan_placement(visit, side, index);
    s->origin = placement_inverse(&placement, grid->origin_lps);
    s->di = vec3_scale(placement_direction(&placement, grid->axis_x), grid->dx);
    s->dj = vec3_scale(placement_direction(&placement, grid->axis_y), grid->dy);
    s->dk = vec3_scale(placement_direction(&placement, grid->axis_z), grid->dz);
    s->field = placement_direction(&placement, (Vec3){0, 0, 1});
    s->dz = grid->dz;
    set_profile(s, series, strcmp(protocol->plane, "3d") == 0);
    s->half_pixel_mm = 0.5 * sqrt(grid->dx * grid->dx + grid->dy * grid->dy);
    s->half_diagonal_mm =
        0.5 * sqrt(grid->dx * grid->dx + grid->dy * grid->dy + 1.4 * series->thickness_mm * series->thickness_mm);
    set_coil(s, visit, (Vec3){0, 15, 10});
}

/* Impulse response of a windowed k-space of `share` of the full matrix (inverse transform of a Hamming-like window). */
static void kernel_make(float kernel[2 * TAPS + 1], double share, double flat)
{
    double sum = 0, value[2 * TAPS + 1];
    for (int n = -TAPS; n <= TAPS; n++) {
        double x = share * n, parts[3] = {x, x + 1, x - 1}, h = 0;
        for (int p = 0; p < 3; p++) {
            double s = d_abs(parts[p]) < 1e-9 ? 1 : sin(pi * parts[p]) / (pi * parts[p]);
            h += (p ? (1 - flat) / 2 : flat) * s;
        }
        value[n + TAPS] = h;
        sum += h;
    }
    for (int n = 0; n <= 2 * TAPS; n++) kernel[n] = (float)(value[n] / sum);
}

static double kernel_noise_gain(const float kernel[2 * TAPS + 1])
{
    double sum = 0;
    for (int n = 0; n <= 2 * TAPS; n++) sum += (double)kernel[n] * (double)kernel[n];
    return sqrt(sum);
}

/* Periodic convolution along rows, then columns, of one slice; `scratch` holds nx ny + nx + 2 TAPS values. */
static void low_pass(float *image, int nx, int ny, const float *row_kernel, const float *column_kernel, float *scratch)
{
    size_t width = (size_t)nx;
    float *copy = scratch, *line = scratch + width * (size_t)ny;
    for (int j = 0; j < ny; j++) {
        float *row = image + (size_t)j * width, *out = copy + (size_t)j * width;
        for (int i = -TAPS; i < nx + TAPS; i++) line[i + TAPS] = row[(i + nx) % nx];
        memset(out, 0, width * sizeof *out);
        for (int t = 0; t <= 2 * TAPS; t++)
            for (size_t i = 0; i < width; i++) out[i] += row_kernel[t] * line[i + (size_t)t];
    }
    for (int j = 0; j < ny; j++) {
        float *out = image + (size_t)j * width;
        memset(out, 0, width * sizeof *out);
        for (int t = 0; t <= 2 * TAPS; t++) {
            const float *in = copy + (size_t)((j + t - TAPS + ny) % ny) * width;
            for (size_t i = 0; i < width; i++) out[i] += column_kernel[t] * in[i];
        }
    }
}

typedef struct KSpace {
    float row[2 * TAPS + 1], column[2 * TAPS + 1];
    double noise_sd;           /* before the low pass */
    double ghost, ghost_shift; /* amplitude, and distance in pixels along the columns (phase direction) */
    uint64_t seed;
} KSpace;

/* Pulsation smears vessels along the phase direction into copies of falling, alternating amplitude. */
static void add_ghost(float *slice, const KSpace *k, const Grid *grid, int i, int j)
{
    for (int order = -3; order <= 3; order++) {
        int row = j + (int)lround(order * k->ghost_shift);
        if (order == 0 || row < 0 || row >= grid->ny) continue;
        slice[(size_t)row * (size_t)grid->nx + (size_t)i] += (float)(k->ghost * (order & 1 ? 1 : -0.7) / abs(order));
    }
}

/* One slice: signal, noise in both channels, low pass, magnitude. `scratch` holds 2 nx ny + nx + 2 TAPS values. */
static void acquire_slice(float *slice, float *scratch, const Scanner *s, const KSpace *k, const Grid *grid, int z)
{
    size_t n = (size_t)grid->nx * (size_t)grid->ny;
    float *imaginary = scratch, *line = scratch + n;
    for (int j = 0; j < grid->ny; j++) {
        Vec3 row = v_along(v_along(s->origin, s->dk, z), s->dj, j);
        for (int i = 0; i < grid->nx; i++) {
            size_t at = (size_t)j * (size_t)grid->nx + (size_t)i;
            uint64_t key = (uint64_t)z * n + at;
            double radius = k->noise_sd * sqrt(-2 * log(random_uniform(k->seed, 2 * key)));
            double angle = 2 * pi * random_uniform(k->seed, 2 * key + 1);
            bool pulsing = false;
            slice[at] +=
                (float)(voxel_signal(s, v_along(row, s->di, i), random_uniform(k->seed + 1, key) - 0.5, &pulsing) +
                        radius * cos(angle));
            if (pulsing && k->ghost > 0) add_ghost(slice, k, grid, i, j);
            imaginary[at] = (float)(radius * sin(angle));
        }
    }
    low_pass(slice, grid->nx, grid->ny, k->row, k->column, line);
    low_pass(imaginary, grid->nx, grid->ny, k->row, k->column, line);
    for (size_t i = 0; i < n; i++) slice[i] = sqrtf(slice[i] * slice[i] + imaginary[i] * imaginary[i]);
}

int scan_series(Vol *out, const Scene *scene, const VisitSpec *visit, Side side, int index, Error *error)
{
    const SeriesSpec *series = &visit->series[index];
    Grid grid = scan_grid(visit, side, index);
    Scanner scanner = {0};
    set_scanner(&scanner, scene, visit, side, index, &grid);
    KSpace k = {.seed = random_seed(visit->seed + (uint64_t)index, "noise")};
    double window = random_between(k.seed, UINT64_MAX, 0.6, 0.88), share = grid.dx / series->resolution_mm;
    kernel_make(k.row, d_min(share, 1), window);
    kernel_make(k.column, d_min(share / 1.15, 1), window); /* the phase direction is coarser */
    k.noise_sd =
        scanner.table.water[TISSUE_MUSCLE] / series->snr / (kernel_noise_gain(k.row) * kernel_noise_gain(k.column));
    k.ghost = visit->ghost * 2 * scanner.table.water[TISSUE_MUSCLE]; /* inflow makes blood twice as bright as muscle */
    k.ghost_shift = random_between(k.seed, UINT64_MAX - 1, 0.06, 0.16) * grid.ny;
    size_t n = (size_t)grid.nx * (size_t)grid.ny, n_scratch = 2 * n + (size_t)(grid.nx + 2 * TAPS);
    int code = vol_alloc(out, &grid, error);
    float *scratch = code ? NULL : array_alloc((size_t)grid.nz * n_scratch, sizeof *scratch, error);
    if (!scratch) return TENO_FAILED;
#pragma omp parallel for schedule(dynamic)
    for (int z = 0; z < grid.nz; z++)
        acquire_slice(out->data + (size_t)z * n, scratch + (size_t)z * n_scratch, &scanner, &k, &grid, z);
    free(scratch);
    return TENO_OK;
}

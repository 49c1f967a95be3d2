#include "tube.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "teno/random.h"

static const double MUSCLE = 300; /* scanner units */
static const double PI = 3.14159265358979323846;

Tube tube_default(void)
{
    Tube t = {.a_mm = 7, .b_mm = 3, .length_mm = 80, .n_series = 1, .seed = 1};
    t.series[0] = (TubeSeries){.acquisition = {.tr_ms = 4000,
                                               .te_ms = 55,
                                               .ti_ms = NAN,
                                               .flip_deg = 90,
                                               .field_t = 3,
                                               .fat_suppressed = true,
                                               .sequence = "SE"},
                               .contrast = CONTRAST_T2,
                               .role = ROLE_FLUID,
                               .voxel_mm = 0.4,
                               .slice_mm = 3,
                               .gap_mm = 0.3,
                               .tendon = 0,
                               .outside = 0.5,
                               .pool = 4,
                               .noise = 0.05};
    return t;
}

/* Tube coordinates of a patient point. */
static Vec3 to_tube(const Tube *t, Vec3 p)
{
    double c = cos(t->tilt_rad), s = sin(t->tilt_rad);
    return vec3(p.x, c * p.y - s * p.z, s * p.y + c * p.z);
}

static Vec3 to_patient(const Tube *t, Vec3 q)
{
    double c = cos(t->tilt_rad), s = sin(t->tilt_rad);
    return vec3(q.x, c * q.y + s * q.z, -s * q.y + c * q.z);
}

static bool in_blob(const TubeBlob *b, Vec3 q)
{
    double x = (q.x - b->centre.x) / b->half.x, y = (q.y - b->centre.y) / b->half.y,
           z = (q.z - b->centre.z) / b->half.z;
    if (b->flat) return x * x + y * y <= 1 && fabs(z) <= 1;
    return x * x + y * y + z * z <= 1;
}

static bool in_tube(const Tube *t, Vec3 q)
{
    return q.x * q.x / (t->a_mm * t->a_mm) + q.y * q.y / (t->b_mm * t->b_mm) <= 1;
}

static double level_at(const Tube *t, int series, Vec3 p)
{
    Vec3 q = to_tube(t, p);
    if (!in_tube(t, q)) return hypot(q.x - t->a_mm - 4, q.y) < 1 ? t->series[series].pool : t->series[series].outside;
    for (int b = t->n_blobs - 1; b >= 0; b--)
        if (in_blob(&t->blob[b], q)) return t->blob[b].level[series];
    return t->series[series].tendon;
}

double tube_blob_mm3(const Tube *t, int b)
{
    const double step = 0.1;
    const TubeBlob *blob = &t->blob[b];
    long count = 0;
    for (double x = -blob->half.x + step / 2; x < blob->half.x; x += step)
        for (double y = -blob->half.y + step / 2; y < blob->half.y; y += step)
            for (double z = -blob->half.z + step / 2; z < blob->half.z; z += step) {
                Vec3 q = vec3_add(blob->centre, vec3(x, y, z));
                count += in_blob(blob, q) && in_tube(t, q);
            }
    return (double)count * step * step * step;
}

/* Mean over the voxel, with a Gaussian of half a voxel in plane and a box along the slice. */
static double voxel_signal(const Tube *t, int c, Vec3 centre)
{
    const TubeSeries *s = &t->series[c];
    enum { IN_PLANE = 7, THROUGH = 6 };
    double sum = 0, weight = 0;
    for (int a = 0; a < IN_PLANE; a++)
        for (int b = 0; b < IN_PLANE; b++) {
            double x = 3.0 * (a - IN_PLANE / 2) / (IN_PLANE / 2), y = 3.0 * (b - IN_PLANE / 2) / (IN_PLANE / 2);
            double w = exp(-(x * x + y * y) / 2);
            for (int d = 0; d < THROUGH; d++) {
                double z = ((d + 0.5) / THROUGH - 0.5) * s->slice_mm;
                Vec3 offset = vec3(x * s->voxel_mm / 2, y * s->voxel_mm / 2, z);
                sum += w * level_at(t, c, vec3_add(centre, offset));
                weight += w;
            }
        }
    return MUSCLE * sum / weight;
}

static void series_scan(Channel *channel, Series *series, const Tube *t, int c)
{
    const TubeSeries *s = &t->series[c];
    double dz = s->slice_mm + s->gap_mm, reach = t->length_mm * sin(fabs(t->tilt_rad)) + 6;
    *series = (Series){.acquisition = s->acquisition,
                       .contrast = s->contrast,
                       .role = s->role,
                       .plane = PLANE_AXIAL,
                       .usable = true,
                       .slice_thickness_mm = s->slice_mm,
                       .series_number = c + 1};
    snprintf(series->study_uid, sizeof series->study_uid, "2.25.1");
    Grid grid = {
        .dx = s->voxel_mm, .dy = s->voxel_mm, .dz = dz, .axis_x = {1, 0, 0}, .axis_y = {0, 1, 0}, .axis_z = {0, 0, 1}};
    grid.nx = (int)(2 * (t->a_mm + 6) / s->voxel_mm);
    grid.ny = (int)(2 * (t->b_mm + reach) / s->voxel_mm);
    grid.nz = (int)((t->length_mm + 20) / dz);
    /* Off the tube's symmetry, so that no edge falls on a sampling point. */
    grid.origin_lps = vec3(0.13 - grid.nx / 2.0 * grid.dx, 0.07 - grid.ny / 2.0 * grid.dy, -10.2);
    series->grid = grid;
    *channel = (Channel){.series = series,
                         .noise_sd = s->noise * MUSCLE,
                         .ref_to_channel = rigid_identity(),
                         .psf_mm = {s->voxel_mm / 2, s->voxel_mm / 2, s->slice_mm / sqrt(12)},
                         .references = {.tendon = NAN, .muscle = MUSCLE, .fat = NAN, .fluid = NAN}};
    if (vol_alloc(&channel->vol, &grid, NULL)) abort();
#pragma omp parallel for
    for (int k = 0; k < grid.nz; k++)
        for (int j = 0; j < grid.ny; j++)
            for (int i = 0; i < grid.nx; i++) {
                size_t at = grid_index(&grid, i, j, k);
                double a = voxel_signal(t, c, grid_to_lps(&grid, vec3(i, j, k)));
                double re = a + s->noise * MUSCLE * random_normal(t->seed + 100u * (unsigned)c, 2 * at);
                double im = s->noise * MUSCLE * random_normal(t->seed + 100u * (unsigned)c, 2 * at + 1);
                channel->vol.data[at] = (float)hypot(re, im);
            }
}

static void shape_make(TendonShape *shape, const Tube *t)
{
    *shape = (TendonShape){.n_sections = (int)t->length_mm + 1, .step_mm = 1};
    shape->sections = calloc((size_t)shape->n_sections, sizeof *shape->sections);
    for (int k = 0; k < shape->n_sections; k++) {
        Section *s = &shape->sections[k];
        *s = (Section){.s_mm = k,
                       .centre_lps = to_patient(t, vec3(0, 0, k)),
                       .tangent = to_patient(t, vec3(0, 0, 1)),
                       .u = {1, 0, 0},
                       .v = to_patient(t, vec3(0, 1, 0)),
                       .boundary_sd_mm = 0.15f,
                       .assessed = true};
        for (int i = 0; i < SECTION_POINTS; i++) {
            double angle = 2 * PI * i / SECTION_POINTS;
            s->boundary_u_mm[i] = (float)((t->a_mm + t->boundary_error_mm) * cos(angle));
            s->boundary_v_mm[i] = (float)((t->b_mm + t->boundary_error_mm) * sin(angle));
        }
    }
}

void tube_scan(TubeStudy *out, const Tube *tube)
{
    *out = (TubeStudy){0};
    out->study.n_series = out->prepared.n_channels = tube->n_series;
    out->study.series = calloc((size_t)tube->n_series, sizeof *out->study.series);
    out->prepared.channel = calloc((size_t)tube->n_series, sizeof *out->prepared.channel);
    for (int c = 0; c < tube->n_series; c++) series_scan(&out->prepared.channel[c], &out->study.series[c], tube, c);
    out->segmentation =
        (Segmentation){.assessable = true, .confidence = 1, .side = SIDE_LEFT, .origin = ORIGIN_INSERTION};
    shape_make(&out->segmentation.shape, tube);
}

void test_tube_free(TubeStudy *study)
{
    for (int c = 0; c < study->prepared.n_channels; c++) vol_free(&study->prepared.channel[c].vol);
    free(study->prepared.channel);
    free(study->study.series);
    shape_free(&study->segmentation.shape);
}

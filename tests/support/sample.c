#include "sample.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "teno/memory.h"
#include "teno/random.h"

enum { N_SECTIONS = 71, NU = 40, N_SERIES = 2 };
static const double half_width_mm = 7, half_thickness_mm = 3, pi = 3.14159265358979323846;

/* The tendon's centre at height z: bent like a real one seen from the side. */
static Vec3 centre_at(double z_mm)
{
    return vec3(2, 40 - 0.002 * (z_mm - 50) * (z_mm - 50), z_mm);
}

/* Fraction of tear at a place of the tendon: an ellipsoid about s = 38, a little lateral and anterior. */
static double tear_at(double s_mm, double u_mm, double v_mm, double radius_mm)
{
    if (radius_mm <= 0) return 0;
    double du = (u_mm - 1.5) / radius_mm, dv = (v_mm + 0.5) / (radius_mm * 0.7), ds = (s_mm - 38) / (radius_mm * 4);
    double d = sqrt(du * du + dv * dv + ds * ds);
    return d < 0.8 ? 1 : d > 1.2 ? 0 : (1.2 - d) / 0.4;
}

static void shape_make(TendonShape *shape)
{
    Error error = {0};
    shape->sections = array_alloc(N_SECTIONS, sizeof *shape->sections, &error);
    assert_non_null(shape->sections);
    shape->n_sections = N_SECTIONS;
    shape->step_mm = 1;
    for (int k = 0; k < N_SECTIONS; k++) {
        Section *section = &shape->sections[k];
        double z = 20 + k;
        section->s_mm = k - 5;
        section->centre_lps = centre_at(z);
        section->tangent = vec3_unit(vec3_sub(centre_at(z + 0.5), centre_at(z - 0.5)));
        section->v = vec3_unit(vec3_sub(vec3(0, 1, 0), vec3_scale(section->tangent, section->tangent.y)));
        section->u = vec3_cross(section->v, section->tangent);
        section->assessed = true;
        section->boundary_sd_mm = 0.1f;
        for (int i = 0; i < SECTION_POINTS; i++) {
            double angle = 2 * pi * i / SECTION_POINTS;
            section->boundary_u_mm[i] = (float)(half_width_mm * (1 + 0.1 * sin(k * 0.07)) * cos(angle));
            section->boundary_v_mm[i] = (float)(half_thickness_mm * (1 + 0.15 * sin(k * 0.05)) * sin(angle));
        }
    }
}

/* Signal 0–1000 of a place: fat, muscle in front, tendon, tear, air behind the skin; bright fluid when `fluid`. */
static double signal_at(const TendonShape *shape, Vec3 p, bool fluid, double radius_mm)
{
    double k, u, v;
    if (p.y > 52 - 0.001 * p.x * p.x) return 0;
    if (p.y > 50 - 0.001 * p.x * p.x) return fluid ? 200 : 350;
    if (shape_from_lps(shape, p, &k, &u, &v) && hypot(u / half_width_mm, v / half_thickness_mm) < 1.05)
        return 60 + tear_at(k - 5, u, v, radius_mm) * (fluid ? 840 : 240);
    if (p.y < 18 + 6 * sin(p.x * 0.05) && p.z > 40) return fluid ? 260 : 380;
    return fluid ? 180 : 900;
}

static void series_make(Series *series, const TendonShape *shape, const char *description, int index, double radius_mm)
{
    bool fluid = index == 1;
    Error error = {0};
    Grid grid = {160, 160, 26, 0.5, 0.5, 3.5, {-40, -20, 10}, {1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
    string_set(series->series_uid, sizeof series->series_uid, fluid ? "1.2.3.4.2" : "1.2.3.4.1");
    string_set(series->key, sizeof series->key, series->series_uid);
    string_set(series->description, sizeof series->description, description);
    string_set(series->reason, sizeof series->reason,
               fluid ? "fat-suppressed T2, axial" : "sharpest without fat suppression");
    series->role = fluid ? ROLE_FLUID : ROLE_ANATOMY;
    series->contrast = fluid ? CONTRAST_T2 : CONTRAST_T1;
    series->plane = PLANE_AXIAL;
    series->usable = true;
    series->series_number = index + 1;
    series->acquisition = (Acquisition){.tr_ms = fluid ? 4000 : 600,
                                        .te_ms = fluid ? 60 : 12,
                                        .ti_ms = (double)NAN,
                                        .flip_deg = 90,
                                        .field_t = 3,
                                        .fat_suppressed = fluid};
    series->grid = grid;
    assert_int_equal(vol_alloc(&series->vol, &grid, &error), TENO_OK);
    for (int k = 0; k < grid.nz; k++)
        for (int j = 0; j < grid.ny; j++)
            for (int i = 0; i < grid.nx; i++) {
                size_t at = grid_index(&grid, i, j, k);
                Vec3 p = grid_to_lps(&grid, vec3(i, j, k));
                series->vol.data[at] =
                    (float)fabs(signal_at(shape, p, fluid, radius_mm) + 20 * random_normal(7 + (uint64_t)index, at));
            }
}

static Quantity with_interval(double value, const char *unit, double share)
{
    Quantity q = quantity(value, unit);
    q.has_interval = true;
    q.low = value * (1 - share);
    q.high = value * (1 + share);
    return q;
}

static void straightened_make(Straightened *s, const TendonShape *shape, double radius_mm)
{
    Error error = {0};
    size_t n = (size_t)NU * NU * N_SECTIONS;
    *s = (Straightened){.nu = NU, .nv = NU, .ns = N_SECTIONS, .pixel_mm = 0.5, .step_mm = 1, .s0_mm = -5};
    float **maps[] = {&s->envelope, &s->anatomy, &s->fluid, &s->tear, &s->tendinosis};
    for (int m = 0; m < 5; m++) assert_non_null(*maps[m] = array_alloc(n, sizeof(float), &error));
    assert_non_null(s->label = array_alloc(n, sizeof(int), &error));
    for (int k = 0; k < N_SECTIONS; k++)
        for (int j = 0; j < NU; j++)
            for (int i = 0; i < NU; i++) {
                size_t at = ((size_t)k * NU + (size_t)j) * NU + (size_t)i;
                double u = (i - (NU - 1) / 2.0) * s->pixel_mm, v = (j - (NU - 1) / 2.0) * s->pixel_mm;
                bool inside = section_contains(&shape->sections[k], u, v);
                s->envelope[at] = inside ? 1 : 0;
                s->tear[at] = inside ? (float)tear_at(k - 5, u, v, radius_mm) : 0;
                s->anatomy[at] = inside ? s->tear[at] * 0.8f : 2.5f;
                s->fluid[at] = inside ? s->tear[at] * 3 : 0.7f;
                s->label[at] = s->tear[at] > 0.5f;
            }
}

static void rasters_make(TendonResult *result, const Grid *grid, double radius_mm)
{
    Error error = {0};
    Grid crop = grid_crop(grid, 60, 60, 0, 60, 70, grid->nz);
    assert_int_equal(shape_rasterise(&result->envelope, &result->segmentation.shape, &crop, NULL, &error), TENO_OK);
    assert_int_equal(vol_alloc(&result->tear, &crop, &error), TENO_OK);
    for (int k = 0; k < crop.nz; k++)
        for (int j = 0; j < crop.ny; j++)
            for (int i = 0; i < crop.nx; i++) {
                double at_k, u, v;
                size_t at = grid_index(&crop, i, j, k);
                if (shape_from_lps(&result->segmentation.shape, grid_to_lps(&crop, vec3(i, j, k)), &at_k, &u, &v))
                    result->tear.data[at] = result->envelope.data[at] * (float)tear_at(at_k - 5, u, v, radius_mm);
            }
}

static void measures_make(TendonResult *result, double radius_mm)
{
    Error error = {0};
    TendonMeasures *m = &result->measures;
    assert_int_equal(shape_measure(m, &result->segmentation.shape, ORIGIN_INSERTION, &error), TENO_OK);
    double ellipsoid = 4.0 / 3 * pi * radius_mm * radius_mm * 0.7 * radius_mm * 4 * radius_mm;
    m->has_tear_measures = true;
    m->n_repeats = 24;
    m->tear_volume_mm3 = with_interval(ellipsoid, "mm3", 0.08);
    m->tear_fraction_percent = with_interval(ellipsoid / m->tendon_volume_mm3.value * 100, "%", 0.08);
    m->tear_length_mm = with_interval(8 * radius_mm, "mm", 0.05);
    m->tear_max_involvement_percent = with_interval(radius_mm * radius_mm * 3.3, "%", 0.1);
    m->tear_max_involvement_percent.at_s_mm = 38;
    m->tear_gap_mm = quantity(0, "mm");
    m->smallest_tear_mm3 = quantity(6, "mm3");
    m->tendinosis_volume_mm3 = quantity(0, "mm3");
    m->mean_signal = quantity(0.12, "1");
    m->grade = radius_mm > 0 ? GRADE_PARTIAL_LOW : GRADE_NORMAL;
    string_set(m->grade_criteria, sizeof m->grade_criteria, "max involvement below 50 %");
    string_set(m->kuwada, sizeof m->kuwada, radius_mm > 0 ? "I" : "");
    string_set(m->kuwada_criteria, sizeof m->kuwada_criteria, "partial tear, at most 50 % involved (Kuwada 1990)");
    for (int i = 0; i < m->n_profile; i++) {
        ProfileRow *row = &m->profile[i];
        double d = (row->s_mm - 38) / (4 * radius_mm);
        row->tear_area_mm2 = radius_mm > 0 && fabs(d) < 1 ? pi * 0.7 * radius_mm * radius_mm * (1 - d * d) : 0;
        row->tendinosis_area_mm2 = 0;
        row->mean_signal = 0.05 + row->tear_area_mm2 / row->area_mm2;
        row->area_low_mm2 = row->area_mm2 * 0.95, row->area_high_mm2 = row->area_mm2 * 1.05;
        row->tear_low_mm2 = row->tear_area_mm2 * 0.9, row->tear_high_mm2 = row->tear_area_mm2 * 1.1;
    }
    if (radius_mm <= 0) return;
    assert_non_null(m->tears = array_alloc(1, sizeof *m->tears, &error));
    m->n_tears = 1;
    m->tears[0] = (Tear){.tracking_uid = "2.25.1",
                         .volume_mm3 = m->tear_volume_mm3,
                         .fraction_percent = m->tear_fraction_percent,
                         .length_mm = m->tear_length_mm,
                         .distal_s_mm = quantity(38 - 4 * radius_mm, "mm"),
                         .proximal_s_mm = quantity(38 + 4 * radius_mm, "mm"),
                         .max_involvement_percent = m->tear_max_involvement_percent,
                         .mean_involvement_percent = quantity(15, "%"),
                         .gap_mm = quantity(0, "mm"),
                         .zone = "mid-portion",
                         .surfaces = SURFACE_ANTERIOR,
                         .centre_lps = centre_at(63)};
}

void sample_make(Sample *out, const char *description, double tear_radius_mm)
{
    Error error = {0};
    Study *study = &out->study;
    *out = (Sample){0};
    string_set(study->study_uid, sizeof study->study_uid, tear_radius_mm > 2.5 ? "1.2.3.4" : "1.2.3.5");
    string_set(study->study_date, sizeof study->study_date, tear_radius_mm > 2.5 ? "20260114" : "20260420");
    string_set(study->subject, sizeof study->subject, "subject-1a2b3c");
    string_set(study->patient_id, sizeof study->patient_id, "SECRET-ID");
    string_set(study->patient_name, sizeof study->patient_name, "Secret^Name");
    Analysis *analysis = &out->analysis;
    assert_non_null(study->series = array_alloc(N_SERIES, sizeof *study->series, &error));
    assert_non_null(analysis->prepared.channel = array_alloc(N_SERIES, sizeof(Channel), &error));
    assert_non_null(analysis->tendons = array_alloc(1, sizeof *analysis->tendons, &error));
    TendonResult *result = analysis->tendons;
    analysis->n_tendons = 1;
    shape_make(&result->segmentation.shape);
    study->n_series = analysis->prepared.n_channels = N_SERIES;
    for (int i = 0; i < N_SERIES; i++) {
        Channel *channel = &analysis->prepared.channel[i];
        series_make(&study->series[i], &result->segmentation.shape, i ? "AX T2 FS" : description, i, tear_radius_mm);
        channel->series = &study->series[i];
        assert_int_equal(vol_copy(&channel->vol, &study->series[i].vol, &error), TENO_OK);
        channel->noise_sd = 20;
        channel->ref_to_channel = rigid_identity();
        channel->references =
            (TissueReferences){.tendon = 60, .muscle = i ? 260 : 380, .fat = i ? 180 : 900, .fluid = i ? 900 : 300};
    }
    analysis->study = study;
    analysis->options.repeats = 24;
    result->spec = tendon_find("achilles");
    result->status = STATUS_MEASURED;
    result->segmentation.assessable = true;
    result->segmentation.confidence = 0.93;
    result->segmentation.side = SIDE_RIGHT;
    result->segmentation.origin = ORIGIN_INSERTION;
    result->segmentation.origin_lps = centre_at(25);
    result->segmentation.muscle_junction_s_mm = 58;
    straightened_make(&result->straightened, &result->segmentation.shape, tear_radius_mm);
    rasters_make(result, &study->series[0].grid, tear_radius_mm);
    measures_make(result, tear_radius_mm);
    notes_add(&result->warnings, "a <warning> & its \"quotes\"");
}

void sample_free(Sample *sample)
{
    for (int i = 0; i < sample->study.n_series; i++) {
        vol_free(&sample->study.series[i].vol);
        notes_free(&sample->study.series[i].warnings);
    }
    analysis_free(&sample->analysis);
    free(sample->study.series);
    *sample = (Sample){0};
}

static TendonMeasures measures_of(const Sample *sample)
{
    TendonResult copy = {0};
    const TendonShape *shape = &sample->analysis.tendons[0].segmentation.shape;
    assert_int_equal(shape_copy(&copy.segmentation.shape, shape, NULL), TENO_OK);
    measures_make(&copy, cbrt(sample->analysis.tendons[0].measures.tear_volume_mm3.value / (4.0 / 3 * pi * 2.8)));
    shape_free(&copy.segmentation.shape);
    return copy.measures;
}

/* Radius from the volume that measures_make gave the ellipsoid. */
static double tear_radius(const Sample *sample)
{
    return cbrt(sample->analysis.tendons[0].measures.tear_volume_mm3.value / (4.0 / 3 * pi * 2.8));
}

static void map_make(UnrolledMap *map, const double radius_mm[2])
{
    enum { N_ANGLE = 36 };
    Error error = {0};
    *map = (UnrolledMap){.n_s = N_SECTIONS, .n_angle = N_ANGLE, .s0_mm = -5, .step_mm = 1, .step_deg = 360.0 / N_ANGLE};
    for (int date = 0; date < 2; date++) {
        assert_non_null(map->radius_mm[date] = array_alloc(N_SECTIONS * N_ANGLE, sizeof(float), &error));
        assert_non_null(map->tear_share[date] = array_alloc(N_SECTIONS * N_ANGLE, sizeof(float), &error));
        for (int k = 0; k < N_SECTIONS; k++)
            for (int a = 0; a < N_ANGLE; a++) {
                double angle = 2 * pi * (a + 0.5) / N_ANGLE;
                map->tear_share[date][k * N_ANGLE + a] =
                    (float)tear_at(k - 5, 2 * cos(angle), 2 * sin(angle), radius_mm[date]);
                map->radius_mm[date][k * N_ANGLE + a] = 5;
            }
    }
}

void sample_compare(Comparison *out, Sample *pre, Sample *post)
{
    Error error = {0};
    *out = (Comparison){.pre = &pre->analysis, .post = &post->analysis, .comparable = true, .n_tendons = 1};
    out->registration = (Registration){.fixed_to_moving = rigid_identity(), .residual_mm = 0.2, .trusted = true};
    out->options.therapy = "platelet <concentrate>";
    assert_non_null(out->tendons = array_alloc(1, sizeof *out->tendons, &error));
    TendonChange *tendon = out->tendons;
    tendon->spec = tendon_find("achilles");
    tendon->side = SIDE_RIGHT;
    tendon->comparable = true;
    tendon->common_min_mm = -5, tendon->common_max_mm = 65;
    const double radius_mm[2] = {tear_radius(pre), tear_radius(post)};
    const TendonShape *shapes[2] = {&pre->analysis.tendons[0].segmentation.shape,
                                    &post->analysis.tendons[0].segmentation.shape};
    assert_int_equal(shape_copy(&tendon->pre_shape, shapes[0], &error), TENO_OK);
    assert_int_equal(shape_copy(&tendon->post_shape, shapes[1], &error), TENO_OK);
    straightened_make(&tendon->pre_straightened, shapes[0], radius_mm[0]);
    straightened_make(&tendon->post_straightened, shapes[1], radius_mm[1]);
    map_make(&tendon->map, radius_mm);
    tendon->pre = measures_of(pre);
    tendon->post = measures_of(post);
    assert_non_null(tendon->changes = array_alloc(2, sizeof *tendon->changes, &error));
    assert_non_null(tendon->tears = array_alloc(1, sizeof *tendon->tears, &error));
    tendon->n_changes = 2, tendon->n_tears = 1;
    Quantity a = tendon->pre.tear_volume_mm3, b = tendon->post.tear_volume_mm3;
    double difference = b.value - a.value;
    tendon->changes[0] = (Change){"tear_volume_mm3",
                                  a,
                                  b,
                                  difference,
                                  difference / a.value * 100,
                                  difference - 30,
                                  difference + 30,
                                  40,
                                  "this measurement's own error",
                                  VERDICT_DECREASED,
                                  ""};
    a = tendon->pre.tendon_volume_mm3, b = tendon->post.tendon_volume_mm3;
    tendon->changes[1] =
        (Change){"tendon_volume_mm3", a, b, 0, 0, -50, 50, 600, "published: 13.6 %", VERDICT_NO_DETECTABLE_CHANGE, ""};
    tendon->tears[0] = (TearChange){"2.25.1", TEAR_SMALLER, 0, 0, tendon->changes[0]};
}

/* A mask back to sections: areas, length and centreline of a bent tendon of known shape, also in coarse slices, and
 * with a gap between two stumps. */
#include "check.h"

#include <math.h>
#include <stdlib.h>

#include "segment/from_mask.h"
#include "teno/measure.h"
#include "teno/tendon.h"

enum { N_SECTIONS = 61 };
static const double half_width_mm = 7, half_thickness_mm = 3, pi = 3.14159265358979323846;

static Vec3 centre_at(double z_mm)
{
    return vec3(1 + 0.05 * z_mm, 5 - 0.002 * (z_mm - 40) * (z_mm - 40), z_mm);
}

static void shape_make(TendonShape *shape)
{
    *shape = (TendonShape){.n_sections = N_SECTIONS, .step_mm = 1};
    shape->sections = calloc(N_SECTIONS, sizeof *shape->sections);
    assert_non_null(shape->sections);
    double z = 10;
    for (int k = 0; k < N_SECTIONS; k++) {
        Section *s = &shape->sections[k];
        s->s_mm = k;
        s->centre_lps = centre_at(z);
        s->tangent = vec3_unit(vec3_sub(centre_at(z + 0.5), centre_at(z - 0.5)));
        s->v = vec3_unit(vec3_along(vec3(0, 1, 0), s->tangent, -s->tangent.y));
        s->u = vec3_cross(s->v, s->tangent);
        for (int i = 0; i < SECTION_POINTS; i++) {
            s->boundary_u_mm[i] = (float)(half_width_mm * cos(2 * pi * i / SECTION_POINTS));
            s->boundary_v_mm[i] = (float)(half_thickness_mm * sin(2 * pi * i / SECTION_POINTS));
        }
        z += s->tangent.z; /* 1 mm of arc */
    }
}

static void mask_make(Vol *mask, double in_plane_mm, double slice_mm, bool binary, double gap_low_z, double gap_high_z)
{
    TendonShape shape;
    shape_make(&shape);
    Grid grid = {(int)(30 / in_plane_mm),
                 (int)(30 / in_plane_mm),
                 (int)(90 / slice_mm),
                 in_plane_mm,
                 in_plane_mm,
                 slice_mm,
                 {-12, -10, 0},
                 {1, 0, 0},
                 {0, 1, 0},
                 {0, 0, 1}};
    assert_int_equal(shape_rasterise(mask, &shape, &grid, NULL, NULL), TENO_OK);
    for (int k = 0; k < grid.nz; k++) {
        double z = k * slice_mm;
        for (size_t i = 0, n = (size_t)grid.nx * (size_t)grid.ny; i < n; i++) {
            float *f = &mask->data[(size_t)k * n + i];
            if (z > gap_low_z && z < gap_high_z) *f = 0;
            if (binary) *f = *f >= 0.5f;
        }
    }
    shape_free(&shape);
}

static void check_shape(double in_plane_mm, double slice_mm, bool binary, double area_tolerance)
{
    Vol mask = {0};
    Tube tube;
    TendonShape back = {0};
    mask_make(&mask, in_plane_mm, slice_mm, binary, 0, 0);
    assert_int_equal(tube_from_mask(&tube, &mask, NULL), TENO_OK);
    check_near((tube.n_rings - 1) * tube.step_mm, N_SECTIONS,
               fmax(1, slice_mm / 2) + 0.5); /* half a step beyond both ends */
    assert_int_equal(tube_to_shape(&back, &tube, 0, tube.n_rings, NULL), TENO_OK);
    double wanted = pi * half_width_mm * half_thickness_mm, sum = 0;
    int margin = 2 + (int)ceil(1.5 * slice_mm); /* at the ends slices hold only a part of the tendon */
    for (int k = margin; k < back.n_sections - margin; k++) {
        double thickness_mm, width_mm, area = section_area_mm2(&back.sections[k]);
        section_extents(&back.sections[k], &thickness_mm, &width_mm);
        check_near(area / wanted, 1, 3 * area_tolerance);
        check_near(thickness_mm, 2 * half_thickness_mm, in_plane_mm * (binary ? 1 : 0.75));
        check_near(width_mm, 2 * half_width_mm, in_plane_mm);
        Vec3 c = back.sections[k].centre_lps;
        check_near(vec3_distance(c, centre_at(c.z)), 0, 0.4);
        sum += area / (back.n_sections - 2 * margin);
    }
    check_near(sum / wanted, 1, area_tolerance);
    shape_free(&back);
    tube_free(&tube);
    vol_free(&mask);
}

static void fractions_give_the_shape_back(void **state)
{
    (void)state;
    check_shape(0.5, 3.3, false, 0.01);
    check_shape(0.6, 0.6, false, 0.01);
    check_shape(3.3, 0.5, false, 0.03); /* thick sagittal-like slices */
}

static void a_binary_mask_has_no_bias(void **state)
{
    (void)state;
    check_shape(0.5, 3.3, true, 0.02);
}

static void a_gap_is_bridged(void **state)
{
    (void)state;
    Vol mask = {0};
    Tube tube;
    int n_bridged = 0;
    mask_make(&mask, 0.5, 1, false, 35, 50);
    assert_int_equal(tube_from_mask(&tube, &mask, NULL), TENO_OK);
    check_near((tube.n_rings - 1) * tube.step_mm, N_SECTIONS, 1.5); /* half a step beyond both ends */
    for (int k = 0; k < tube.n_rings; k++) n_bridged += tube.ring[k].bridged;
    check_near(n_bridged, 14, 2);
    tube_free(&tube);
    vol_free(&mask);
}

static void what_is_too_short_gives_nothing(void **state)
{
    (void)state;
    Vol mask = {0};
    Tube tube;
    mask_make(&mask, 0.5, 1, false, 16, 200);
    assert_int_equal(tube_from_mask(&tube, &mask, NULL), TENO_OK);
    assert_int_equal(tube.n_rings, 0);
    tube_free(&tube);
    vol_free(&mask);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fractions_give_the_shape_back),
        cmocka_unit_test(a_binary_mask_has_no_bias),
        cmocka_unit_test(a_gap_is_bridged),
        cmocka_unit_test(what_is_too_short_gives_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

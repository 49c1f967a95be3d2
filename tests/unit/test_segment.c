/* The whole engine on a synthetic leg (tests/support/leg.h): the Achilles is an elliptic cylinder of 7 x 3 mm half axes
 * whose centre follows y = 36 + 0.02 z. */
#include "check.h"

#include <math.h>

#include "leg.h"
#include "teno/memory.h"
#include "teno/segment.h"

static const LegSignal proton = {0, 200, 100, 180, 4, 130};

static int leg_prepared(Prepared *out, Series *series, const LegSignal *signal)
{
    *series = (Series){.role = ROLE_ANATOMY, .usable = true, .slice_thickness_mm = 3};
    series->grid = leg_grid(220, 240, 24, 0.5, 0.5, 3.3);
    *out = (Prepared){.n_channels = 1};
    out->channel = array_alloc(1, sizeof *out->channel, NULL);
    assert_non_null(out->channel);
    Channel *c = &out->channel[0];
    *c = (Channel){.series = series, .noise_sd = 4, .ref_to_channel = rigid_identity()};
    c->references.tendon = signal->tendon;
    c->references.muscle = signal->muscle;
    c->references.fat = signal->fat;
    c->references.fluid = signal->fluid;
    if (vol_alloc(&c->vol, &series->grid, NULL)) return 1;
    leg_fill(&c->vol, signal, NULL);
    leg_add_noise(&c->vol, 4, 11);
    return 0;
}

static void leg_prepared_free(Prepared *prepared)
{
    vol_free(&prepared->channel[0].vol);
    prepared_free(prepared);
}

/* upright: takes a point of the leg as it stands to where it stood when it was filled. */
static void check_cylinder(const Segmentation *s, const Rigid *upright, double area_tolerance)
{
    double area = 0;
    int n = 0;
    for (int k = 5; k < s->shape.n_sections - 5; k++) {
        const Section *section = &s->shape.sections[k];
        Vec3 centre = rigid_apply(upright, section->centre_lps);
        check_near(centre.x, 1, 0.5);
        check_near(centre.y, 36 + 0.02 * centre.z, 0.4);
        area += section_area_mm2(section);
        n++;
    }
    assert_true(n > 40);
    check_near(area / n, 3.14159265 * 7 * 3, area_tolerance * 66);
}

/* The leg, moved by `lean` with its slices; seed: a point of the moved leg or NULL. */
static void cylinder_is_found(const Rigid *lean, const Vec3 *seed, SegmentMethod method)
{
    Prepared prepared;
    Series series;
    assert_int_equal(leg_prepared(&prepared, &series, &proton), 0);
    Grid *g = &prepared.channel[0].vol.grid;
    g->origin_lps = rigid_apply(lean, g->origin_lps);
    g->axis_x = rigid_rotate(lean, g->axis_x);
    g->axis_y = rigid_rotate(lean, g->axis_y);
    g->axis_z = rigid_rotate(lean, g->axis_z);
    series.grid = *g;
    series.plane = PLANE_AXIAL;
    SegmentRequest request = {.spec = tendon_find("achilles"), .seeds = seed, .n_seeds = seed != NULL};
    Segmentation found = {0};
    assert_int_equal(tendon_segment(&found, &prepared, &request, NULL), TENO_OK);
    assert_int_equal(found.method, method);
    assert_true(found.shape.n_sections > 50);
    const Rigid upright = rigid_inverse(lean);
    check_cylinder(&found, &upright, 0.03);
    segmentation_free(&found);
    leg_prepared_free(&prepared);
}

static void achilles_is_found_without_seed(void **state)
{
    (void)state;
    const Rigid still = rigid_identity();
    cylinder_is_found(&still, NULL, SEGMENT_AUTOMATIC);
}

static void seed_gives_the_same(void **state)
{
    (void)state;
    const Rigid still = rigid_identity();
    const Vec3 seed = {3, 36, 4};
    cylinder_is_found(&still, &seed, SEGMENT_SEEDED);
}

/* The foot points and the leg leans by 50 degrees, and the axial slices lie across it. */
static void leaning_leg_is_found(void **state)
{
    (void)state;
    const Rigid lean = rigid_from(vec3(0.87, 0.1, 0), vec3(0, 0, 0), vec3(0, 0, 0));
    cylinder_is_found(&lean, NULL, SEGMENT_AUTOMATIC);
}

/* All tissues alike: nothing to find, and no tendon may be claimed. */
static void uniform_leg_has_no_tendon(void **state)
{
    (void)state;
    Prepared prepared;
    Series series;
    const LegSignal bottle = {0, 100, 100, 100, 100, 100};
    assert_int_equal(leg_prepared(&prepared, &series, &bottle), 0);
    prepared.channel[0].references.tendon = 0;
    SegmentRequest request = {.spec = tendon_find("achilles")};
    Segmentation found = {0};
    assert_int_equal(tendon_segment(&found, &prepared, &request, NULL), TENO_OK);
    assert_false(found.assessable);
    assert_true(found.reason[0] != 0);
    segmentation_free(&found);
    leg_prepared_free(&prepared);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(achilles_is_found_without_seed),
                                       cmocka_unit_test(seed_gives_the_same), cmocka_unit_test(leaning_leg_is_found),
                                       cmocka_unit_test(uniform_leg_has_no_tendon)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Comparison without images: verdicts, sections at common positions, which tear is which, pairs that are refused. */
#include "check.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compare/parts.h"

static Quantity measured(double value, double half_width)
{
    Quantity q = quantity(value, "mm3");
    q.has_interval = true;
    q.low = value - half_width;
    q.high = value + half_width;
    return q;
}

static void verdict_needs_more_than_the_limit(void **state)
{
    (void)state;
    Quantity pre = measured(400, 30), less = measured(300, 40), same = measured(370, 40);
    Change c = change_of("tear_volume_mm3", &pre, &less, &(Limits){0});
    check_near(c.limit, 50, 1e-6);
    check_near(c.percent, -25, 1e-9);
    check_near(c.low, -150, 1e-6);
    check_near(c.high, -50, 1e-6);
    assert_int_equal(c.verdict, VERDICT_DECREASED);
    assert_int_equal(change_of("tear_volume_mm3", &pre, &same, &(Limits){0}).verdict, VERDICT_NO_DETECTABLE_CHANGE);
    assert_int_equal(change_of("tear_volume_mm3", &less, &pre, &(Limits){0}).verdict, VERDICT_INCREASED);
}

static void published_limit_is_the_least(void **state)
{
    (void)state;
    Quantity pre = measured(6600, 10), post = measured(7400, 10);
    Change c = change_of("tendon_volume_mm3", &pre, &post, &(Limits){.percent = 13.6, .source = "published"});
    check_near(c.limit, 0.136 * 6600, 1e-6);
    assert_string_equal(c.limit_source, "published");
    assert_int_equal(c.verdict, VERDICT_NO_DETECTABLE_CHANGE);
}

static void unknown_is_never_a_number(void **state)
{
    (void)state;
    Quantity pre = quantity_unknown("mm3", "no fluid-sensitive series"), post = measured(100, 10);
    Change c = change_of("tear_volume_mm3", &pre, &post, &(Limits){0});
    assert_int_equal(c.verdict, VERDICT_UNKNOWN);
    assert_true(isnan(c.difference));
    assert_string_equal(c.reason, "no fluid-sensitive series");
    Quantity bare = quantity(100, "mm3");
    assert_int_equal(change_of("tear_volume_mm3", &bare, &post, &(Limits){0}).verdict, VERDICT_UNKNOWN);
}

static void signal_scale_widens_the_limit(void **state)
{
    (void)state;
    Quantity pre = measured(400, 30), post = measured(340, 40);
    Change c = change_of("tear_volume_mm3", &pre, &post, &(Limits){.between_sd = {20, 20}});
    check_near(c.limit, sqrt(50 * 50 + 39.19928 * 39.19928), 1e-3);
    check_near(c.high - c.low, 2 * c.limit, 1e-6);
    assert_int_equal(c.verdict, VERDICT_NO_DETECTABLE_CHANGE);
    assert_non_null(strstr(c.limit_source, "8.9 %"));
}

static void interval_cut_at_nought_is_not_a_narrow_one(void **state)
{
    (void)state;
    Quantity none = measured(0, 0), some = measured(30, 5);
    none.high = 40; /* no tear found; one of 40 mm3 could have been missed */
    Change c = change_of("tear_volume_mm3", &none, &some, &(Limits){0});
    check_near(c.limit, hypot(40, 5), 1e-6);
    assert_int_equal(c.verdict, VERDICT_NO_DETECTABLE_CHANGE);
}

/* Errors that both dates share leave the difference, all of them where both are equally large. */
static void shared_errors_leave_the_difference(void **state)
{
    (void)state;
    Quantity pre = measured(400, 40), post = measured(340, 40);
    Change c = change_of("tear_volume_mm3", &pre, &post, &(Limits){.correlation = 0.5});
    check_near(c.limit, 40, 1e-6);
    assert_int_equal(c.verdict, VERDICT_DECREASED);
    check_near(change_of("tear_volume_mm3", &pre, &post, &(Limits){.correlation = 1}).limit, 0, 1e-6);
    const double a[] = {1, 2, 3, 4}, b[] = {-2, -4, -6, -8}, none[] = {5, 5, 5, 5};
    check_near(correlation_of(a, a, 4), 1, 1e-9);
    check_near(correlation_of(a, b, 4), -1, 1e-9);
    check_near(correlation_of(a, none, 4), 0, 1e-9);
    check_near(correlation_of(a, b, 0), 0, 1e-9);
}

/* Downwards the lower side of the second value counts and the upper one of the first; upwards the other two. */
static void each_side_of_the_difference_has_its_own_width(void **state)
{
    (void)state;
    Quantity pre = measured(100, 30), post = measured(60, 10);
    pre.high = 100; /* a percentage that cannot be more */
    Change c = change_of("tear_max_involvement_percent", &pre, &post, &(Limits){.between_sd = {0, 10 / 1.959964}});
    check_near(c.low, -50, 1e-6);
    check_near(c.high, -40 + sqrt(30 * 30 + 10 * 10 + 10 * 10), 1e-6);
    check_near(c.limit, c.high + 40, 1e-6);
    assert_int_equal(c.verdict, VERDICT_DECREASED);
}

static const Change *change_named(const TendonChange *change, const char *name)
{
    for (int i = 0; i < change->n_changes; i++)
        if (strcmp(change->changes[i].name, name) == 0) return &change->changes[i];
    fail_msg("no change %s", name);
    return NULL;
}

/* Torn by 93 to 97 % on both dates, called complete on one of them only: the gap may be there on either. */
static void gap_at_the_limit_of_complete_is_open(void **state)
{
    (void)state;
    TendonChange change = {0};
    for (int date = 0; date < 2; date++) {
        TendonMeasures *m = date ? &change.post : &change.pre;
        m->tear_max_involvement_percent = measured(date ? 96 : 94, 3);
        m->tear_length_mm = measured(30, 2);
        m->tear_gap_mm = measured(date ? 20 : 0, date ? 1 : 0);
    }
    assert_int_equal(changes_fill(&change, NULL), TENO_OK);
    assert_int_equal(change_named(&change, "tear_gap_mm")->verdict, VERDICT_NO_DETECTABLE_CHANGE);
    free(change.changes);
    change = (TendonChange){.pre = change.pre, .post = change.post};
    change.pre.tear_max_involvement_percent = measured(60, 3);
    change.post.tear_max_involvement_percent = measured(99.5, 0.4);
    assert_int_equal(changes_fill(&change, NULL), TENO_OK);
    assert_int_equal(change_named(&change, "tear_gap_mm")->verdict, VERDICT_INCREASED);
    free(change.changes);
}

/* A round tendon along z of the given radius; s from `first`. */
static TendonShape round_tendon(double first_s_mm, int n, double radius_mm)
{
    TendonShape shape = {.n_sections = n, .step_mm = 1};
    shape.sections = calloc((size_t)n, sizeof *shape.sections);
    assert_non_null(shape.sections);
    for (int k = 0; k < n; k++) {
        Section *s = &shape.sections[k];
        s->s_mm = first_s_mm + k;
        s->centre_lps = (Vec3){0, 0, s->s_mm};
        s->tangent = (Vec3){0, 0, 1};
        s->u = (Vec3){1, 0, 0};
        s->v = (Vec3){0, 1, 0};
        s->assessed = true;
        for (int i = 0; i < SECTION_POINTS; i++) {
            s->boundary_u_mm[i] = (float)(radius_mm * cos(2 * 3.14159265 * i / SECTION_POINTS));
            s->boundary_v_mm[i] = (float)(radius_mm * sin(2 * 3.14159265 * i / SECTION_POINTS));
        }
    }
    return shape;
}

static void sections_are_taken_at_common_positions(void **state)
{
    (void)state;
    TendonShape shape = round_tendon(-10.25, 60, 4), common;
    assert_int_equal(shape_at_common(&common, &shape, 5, 20, 2.5, NULL), TENO_OK);
    assert_int_equal(common.n_sections, 20);
    check_near(common.sections[3].s_mm, 8, 1e-9);
    check_near(common.sections[3].centre_lps.z, 10.5, 1e-6);
    check_near(section_area_mm2(&common.sections[3]), section_area_mm2(&shape.sections[0]), 1e-3);
    check_near(vec3_dot(vec3_cross(common.sections[3].u, common.sections[3].v), common.sections[3].tangent), 1, 1e-6);
    shape_free(&shape);
    shape_free(&common);
}

/* The second date lies elsewhere, is bent by 20 degrees from 30 mm above its lower end, is counted from 7 mm higher up,
 * its axes are turned by 25 degrees about it, and three of its lowest sections are badly placed. */
static void bent_tendon_keeps_its_sections(void **state)
{
    (void)state;
    TendonResult before = {.segmentation.shape = round_tendon(-10, 90, 4)}, after = {0};
    after.segmentation.shape = round_tendon(-17, 90, 4);
    before.segmentation.origin = after.segmentation.origin = ORIGIN_INSERTION;
    Registration registration = {.trusted = true};
    registration.fixed_to_moving = rigid_from((Vec3){0.2, -0.1, 0.3}, (Vec3){12, -8, 30}, (Vec3){0, 0, 0});
    const double bend = 20 / 57.29577951, turn = 25 / 57.29577951;
    for (int k = 0; k < 90; k++) {
        Section *s = &after.segmentation.shape.sections[k];
        double z = k - 10, above = fmax(0, z - 20);
        Rigid bent = rigid_from((Vec3){above > 0 ? bend : 0, 0, 0}, (Vec3){0, 0, 0}, (Vec3){0, 0, 20});
        Rigid place = rigid_compose(&registration.fixed_to_moving, &bent);
        s->centre_lps = rigid_apply(&place, (Vec3){k < 3 ? 4 : 0, 0, z + (k < 3 ? 4 : 0)});
        s->tangent = rigid_rotate(&place, (Vec3){0, 0, 1});
        s->u = rigid_rotate(&place, (Vec3){cos(turn), sin(turn), 0});
        s->v = vec3_cross(s->tangent, s->u);
    }
    before.measures.s_min_mm = -10;
    before.measures.s_max_mm = 79;
    after.measures.s_min_mm = -17;
    after.measures.s_max_mm = 72;
    TendonChange change = {0};
    coordinates_match(&change, &(Pair){.before = &before, .after = &after}, &registration);
    check_near(change.s_shift_mm, -7, 0.3);
    Pair pair = {.before = &before, .after = &after};
    assert_true(tendons_apart_mm(&pair, &registration.fixed_to_moving) < 2);
    Rigid aside = registration.fixed_to_moving, away = aside;
    aside.t.x += 10;
    away.t.z += 300;
    assert_true(tendons_apart_mm(&pair, &aside) > 5);
    assert_true(isnan(tendons_apart_mm(&pair, &away)));
    check_near(change.ankle_angle_deg, 20, 2);
    check_near(change.common_min_mm, -10, 1.01);
    check_near(change.common_max_mm, 79, 1.01);
    TendonShape *pre = &before.segmentation.shape, *post = &after.segmentation.shape;
    Vec3 at =
        vec3_along(post->sections[45].centre_lps, post->sections[45].u, (double)post->sections[45].boundary_u_mm[0]);
    double turned;
    assert_int_equal(axes_carry(post, pre, &registration.fixed_to_moving, &turned, NULL), TENO_OK);
    check_near(turned, -25, 2);
    for (int k = 5; k < 90; k += 10) /* a bend about u leaves u where it was */
        check_near(vec3_dot(rigid_rotate(&registration.fixed_to_moving, pre->sections[k].u), post->sections[k].u), 1,
                   1e-3);
    Section *s = &post->sections[45]; /* the boundary has not moved */
    Vec3 now =
        vec3_along(vec3_along(s->centre_lps, s->u, (double)s->boundary_u_mm[0]), s->v, (double)s->boundary_v_mm[0]);
    check_near(vec3_distance(at, now), 0, 1e-4);
    shape_free(&before.segmentation.shape);
    shape_free(&after.segmentation.shape);
}

/* One date of a made-up comparison: label map of 30 sections of 21 x 21 pixels of 0.5 mm. */
enum { NS = 30, NU = 21 };

typedef struct Box {
    int k0, k1, i0, i1, j0, j1; /* inclusive */
} Box;

static void date_make(TendonMeasures *measures, Straightened *s, const Box *box, int n)
{
    *s = (Straightened){.nu = NU, .nv = NU, .ns = NS, .pixel_mm = 0.5, .step_mm = 1};
    s->label = calloc(NS * NU * NU, sizeof *s->label);
    measures->tears = calloc((size_t)n + 1, sizeof *measures->tears);
    assert_true(s->label && measures->tears);
    measures->has_tear_measures = true;
    measures->n_tears = n;
    measures->smallest_tear_mm3 = quantity(5, "mm3");
    for (int t = 0; t < n; t++) {
        int count = 0;
        for (int k = box[t].k0; k <= box[t].k1; k++)
            for (int j = box[t].j0; j <= box[t].j1; j++)
                for (int i = box[t].i0; i <= box[t].i1; i++, count++) s->label[(k * NU + j) * NU + i] = t + 1;
        measures->tears[t].volume_mm3 = measured(count * 0.25, 0.08 * count * 0.25);
        snprintf(measures->tears[t].tracking_uid, sizeof measures->tears[t].tracking_uid, "2.25.%d%d", n, t);
    }
}

static TendonChange change_make(const Box *pre, int n_pre, const Box *post, int n_post)
{
    TendonChange change = {0};
    date_make(&change.pre, &change.pre_straightened, pre, n_pre);
    date_make(&change.post, &change.post_straightened, post, n_post);
    assert_int_equal(tears_match(&change, NULL), TENO_OK);
    return change;
}

static void change_drop(TendonChange *change)
{
    measures_free(&change->pre);
    measures_free(&change->post);
    straightened_free(&change->pre_straightened);
    straightened_free(&change->post_straightened);
    free(change->tears);
}

static void check_one_state(const Box *pre, int n_pre, const Box *post, int n_post, TearState wanted)
{
    TendonChange change = change_make(pre, n_pre, post, n_post);
    assert_int_equal(change.n_tears, 1);
    assert_string_equal(tear_state_name(change.tears[0].state), tear_state_name(wanted));
    change_drop(&change);
}

static void tears_get_their_states(void **state)
{
    (void)state;
    const Box big = {5, 20, 4, 8, 4, 8}, small = {8, 13, 5, 8, 5, 8}, distal = {4, 10, 4, 8, 4, 8};
    const Box halves[2] = {{5, 10, 4, 8, 4, 8}, {15, 20, 4, 8, 4, 8}},
              crumb[2] = {{5, 18, 4, 8, 4, 8}, {20, 20, 4, 7, 4, 7}};
    check_one_state(&big, 1, &big, 1, TEAR_UNCHANGED);
    check_one_state(&big, 1, &small, 1, TEAR_SMALLER);
    check_one_state(&small, 1, &big, 1, TEAR_LARGER);
    check_one_state(&big, 1, NULL, 0, TEAR_RESOLVED);
    check_one_state(NULL, 0, &big, 1, TEAR_NEW);
    check_one_state(&big, 1, halves, 2, TEAR_SPLIT);
    check_one_state(halves, 2, &big, 1, TEAR_MERGED);
    check_one_state(&big, 1, crumb, 2, TEAR_UNCHANGED); /* a crumb of 4 % is not a split */
    const Box broken[2] = {{5, 11, 4, 8, 4, 8}, {13, 20, 4, 8, 4, 8}};
    check_one_state(&big, 1, broken, 2, TEAR_UNCHANGED); /* nor is one section of noise between two parts */
    check_one_state(&distal, 1, &distal, 1, TEAR_UNCHANGED);
    const Box speck = {8, 9, 4, 6, 4, 6}; /* 4.5 mm3; either date could have missed 5 */
    check_one_state(&speck, 1, NULL, 0, TEAR_UNCHANGED);
    check_one_state(NULL, 0, &speck, 1, TEAR_UNCHANGED);
}

static void other_places_are_other_tears(void **state)
{
    (void)state;
    const Box front = {5, 12, 9, 12, 2, 6}, back = {5, 12, 9, 12, 15, 19}, far = {22, 28, 9, 12, 2, 6};
    TendonChange around = change_make(&front, 1, &back, 1), along = change_make(&front, 1, &far, 1);
    assert_int_equal(around.n_tears, 2);
    assert_int_equal(along.n_tears, 2);
    assert_int_equal(along.tears[0].state, TEAR_RESOLVED);
    assert_int_equal(along.tears[1].state, TEAR_NEW);
    change_drop(&around);
    change_drop(&along);
}

static void same_tear_keeps_its_uid(void **state)
{
    (void)state;
    const Box two[2] = {{2, 8, 4, 8, 4, 8}, {16, 24, 4, 8, 4, 8}}, one = {17, 24, 4, 8, 4, 8};
    TendonChange change = change_make(two, 2, &one, 1);
    assert_int_equal(change.n_tears, 2);
    assert_int_equal(change.tears[1].pre_index, 1);
    assert_int_equal(change.tears[1].post_index, 0);
    assert_string_equal(change.tears[1].tracking_uid, "2.25.21");
    assert_string_equal(change.post.tears[0].tracking_uid, "2.25.21");
    change_drop(&change);
}

/* The second date shows no tear where the first has one. Its image there is given as a share of the first one's. */
static TearState state_of_lone_tear(double share)
{
    const Box big = {5, 20, 4, 8, 4, 8};
    TendonChange change = {0};
    date_make(&change.pre, &change.pre_straightened, &big, 1);
    date_make(&change.post, &change.post_straightened, NULL, 0);
    Straightened *dates[2] = {&change.pre_straightened, &change.post_straightened};
    for (int d = 0; d < 2; d++) {
        dates[d]->fluid = calloc(NS * NU * NU, sizeof(float));
        assert_non_null(dates[d]->fluid);
        for (int i = 0; i < NS * NU * NU; i++) dates[d]->fluid[i] = (float)(d ? 2 * share : 2);
    }
    assert_int_equal(tears_match(&change, NULL), TENO_OK);
    assert_int_equal(change.n_tears, 1);
    check_near(change.doubt_mm3[0], share * change.pre.tears[0].volume_mm3.value, 1e-3);
    TearState state = change.tears[0].state;
    change_drop(&change);
    return state;
}

static void lone_tear_needs_an_image_that_differs(void **state)
{
    (void)state;
    assert_int_equal(state_of_lone_tear(0.1), TEAR_RESOLVED);
    assert_int_equal(state_of_lone_tear(0.9), TEAR_UNCHANGED); /* only a class boundary lies between the dates */
}

/* Two visits of one protocol: leg of fat around a dark tendon, muscle's reference wrong by a factor on the second. */
static void scales_meet_half_way(void **state)
{
    (void)state;
    Grid grid = {.nx = 61, .ny = 61, .nz = 50, .dx = 1, .dy = 1, .dz = 1, .origin_lps = {-30, -30, 0}};
    grid.axis_x = (Vec3){1, 0, 0};
    grid.axis_y = (Vec3){0, 1, 0};
    grid.axis_z = (Vec3){0, 0, 1};
    Series series = {.role = ROLE_FLUID, .contrast = CONTRAST_T2};
    series.acquisition.field_t = 3;
    Channel channel[2] = {{.series = &series, .noise_sd = 1}, {.series = &series, .noise_sd = 1}};
    const double gain[2] = {1, 2.5}, muscle[2] = {100, 2.5 * 100 * 1.44};
    for (int d = 0; d < 2; d++) {
        assert_int_equal(vol_alloc(&channel[d].vol, &grid, NULL), TENO_OK);
        for (size_t i = 0; i < grid_count(&grid); i++) channel[d].vol.data[i] = (float)(160 * gain[d]);
        channel[d].references.muscle = muscle[d];
        channel[d].ref_to_channel = rigid_identity();
    }
    Analysis pre = {.prepared = {.channel = &channel[0], .n_channels = 1}};
    Analysis post = {.prepared = {.channel = &channel[1], .n_channels = 1}};
    TendonChange change = {.pre_shape = round_tendon(0, 40, 4), .post_shape = round_tendon(0, 40, 4)};
    assert_int_equal(scale_match(&change, &(Pair){.pre = &pre, .post = &post}, NULL), TENO_OK);
    /* The same tissue nearly reads the same on both dates, 160 / 120 and 400 / 300: fat's own signal repeats to 10 %, a
     * muscle that no other series has seen to half. */
    const double share = 0.5 * 0.5 / (0.5 * 0.5 + 0.1 * 0.1);
    check_near(change.muscle[0][0], 100 * pow(1.2, share), 0.1);
    check_near(change.muscle[1][0], 360 / pow(1.2, share), 0.1);
    check_near(change.scale_common_sd, share * log(1.2), 1e-3);
    check_near(change.scale_sd, hypot(0.089, share * log(1.2)), 1e-3);
    /* An error that both dates share moves their difference by the difference of what it does to each. */
    double alike[2][2] = {{-40, 40}, {-40, 40}}, once[2][2] = {{0, 0}, {-40, 40}};
    double own_share = 0.089 / change.scale_sd;
    double sd[2], upwards[2][2] = {{0, 0}, {0, 40}};
    swing_combine(sd, &change, alike);
    check_near(sd[0], 40 * sqrt(2) * own_share, 1e-6);
    check_near(sd[1], 40 * sqrt(2) * own_share, 1e-6);
    swing_combine(sd, &change, once);
    check_near(sd[0], 40, 1e-6);
    swing_combine(sd, &change, upwards); /* only where it moves the difference */
    check_near(sd[0], 0, 1e-6);
    check_near(sd[1], 40, 1e-6);
    free(change.muscle[0]);
    free(change.muscle[1]);
    series.acquisition.fat_suppressed = true; /* fat may differ; muscle on which all series agree counts more */
    for (int d = 0; d < 2; d++) channel[d].references.muscle_agreed = true;
    assert_int_equal(scale_match(&change, &(Pair){.pre = &pre, .post = &post}, NULL), TENO_OK);
    for (int d = 0; d < 2; d++) check_near(change.muscle[d][0], muscle[d], 1e-6);
    assert_true(change.scale_common_sd < 0.02);
    check_near(change.scale_sd, hypot(0.089, change.scale_common_sd), 1e-6); /* surroundings that differ say nothing */
    free(change.muscle[0]);
    free(change.muscle[1]);
    channel[1].references.muscle =
        2.5 * 100; /* and those that are alike, that the scale repeats better than published */
    assert_int_equal(scale_match(&change, &(Pair){.pre = &pre, .post = &post}, NULL), TENO_OK);
    check_near(change.scale_sd, 0.089 / sqrt(2), 1e-6);
    free(change.muscle[0]);
    free(change.muscle[1]);
    series.acquisition = (Acquisition){.field_t = 3};
    Series other = series; /* another field strength: nothing to hold against each other, more doubt */
    other.acquisition.field_t = 1.5;
    channel[1].series = &other;
    assert_int_equal(scale_match(&change, &(Pair){.pre = &pre, .post = &post}, NULL), TENO_OK);
    assert_true(isnan(change.muscle[0][0]) && isnan(change.muscle[1][0]));
    check_near(change.scale_sd, hypot(0.089, 0.12), 1e-6);
    free(change.muscle[0]);
    free(change.muscle[1]);
    shape_free(&change.pre_shape);
    shape_free(&change.post_shape);
    vol_free(&channel[0].vol);
    vol_free(&channel[1].vol);
}

static void check_refused(const Analysis *pre, const Analysis *post, bool different_ids_ok, const char *why)
{
    CompareOptions options = {.different_ids_ok = different_ids_ok};
    Comparison comparison;
    assert_int_equal(compare_run(&comparison, pre, post, &options, NULL), TENO_OK);
    assert_false(comparison.comparable);
    if (!strstr(comparison.reason, why)) fail_msg("%s, wanted: %s", comparison.reason, why);
    comparison_free(&comparison);
}

static void bad_pairs_are_refused(void **state)
{
    (void)state;
    Study a = {.study_uid = "1.2.3", .patient_id = "A", .study_date = "20250101"}, b = a;
    Series anatomy = {.role = ROLE_ANATOMY}, fluid = {.role = ROLE_FLUID};
    Channel shown = {.series = &anatomy}, other = {.series = &fluid};
    TendonResult left = {.spec = tendon_find("achilles"), .status = STATUS_MEASURED}, right = left, none = left;
    left.segmentation.side = SIDE_LEFT;
    right.segmentation.side = SIDE_RIGHT;
    none.status = STATUS_NOT_ASSESSABLE;
    Analysis pre = {.study = &a, .prepared = {.channel = &shown, .n_channels = 1}, .tendons = &left, .n_tendons = 1};
    Analysis post = {.study = &b, .prepared = {.channel = &shown, .n_channels = 1}, .tendons = &right, .n_tendons = 1};
    check_refused(&pre, &post, false, "same study");
    snprintf(b.study_uid, sizeof b.study_uid, "1.2.4");
    snprintf(b.patient_id, sizeof b.patient_id, "B");
    check_refused(&pre, &post, false, "different patient ids");
    check_refused(&pre, &post, true, "other side");
    post.tendons = &none;
    check_refused(&pre, &post, true, "not_assessable");
    post.n_tendons = 0;
    check_refused(&pre, &post, true, "not measured on both dates");
    post.prepared.channel = &other;
    check_refused(&pre, &post, true, "no common signal class");
    post.prepared.n_channels = 0;
    check_refused(&pre, &post, true, "no series after");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(verdict_needs_more_than_the_limit),
        cmocka_unit_test(published_limit_is_the_least),
        cmocka_unit_test(signal_scale_widens_the_limit),
        cmocka_unit_test(interval_cut_at_nought_is_not_a_narrow_one),
        cmocka_unit_test(shared_errors_leave_the_difference),
        cmocka_unit_test(each_side_of_the_difference_has_its_own_width),
        cmocka_unit_test(gap_at_the_limit_of_complete_is_open),
        cmocka_unit_test(unknown_is_never_a_number),
        cmocka_unit_test(sections_are_taken_at_common_positions),
        cmocka_unit_test(bent_tendon_keeps_its_sections),
        cmocka_unit_test(tears_get_their_states),
        cmocka_unit_test(other_places_are_other_tears),
        cmocka_unit_test(same_tear_keeps_its_uid),
        cmocka_unit_test(lone_tear_needs_an_image_that_differs),
        cmocka_unit_test(scales_meet_half_way),
        cmocka_unit_test(bad_pairs_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

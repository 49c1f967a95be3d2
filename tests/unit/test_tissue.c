/* Two series, one that shows fat and one that suppresses it: what each tissue's pair of signals says. */
#include "segment/tissue.h"

#include <math.h>

#include "check.h"

enum { T1, T2_FS, SERIES };
/* Tendon 0, muscle 1. */
static Scale scale[SERIES] = {
    [T1] = {.unit = 1, .fat = 2.5, .fluid = 0.9, .film = 1, .surround = 1, .noise = 0.05},
    [T2_FS] = {.unit = 1, .fat = 0.4, .fluid = 4, .film = 1.2, .surround = 0.4, .noise = 0.05, .fat_dark = true}};

static Likelihood look(double t1, double t2_fs)
{
    float value[SERIES] = {(float)t1, (float)t2_fs}, *signal[SERIES] = {&value[T1], &value[T2_FS]};
    Lattice lattice = {.n_channels = SERIES, .scale = scale, .signal = signal};
    Likelihood point = {{0}};
    assert_true(node_classify(&point, &lattice, 0));
    return point;
}

static double evidence(Likelihood point, const Census *in, const Census *out)
{
    Shares inside = inside_shares(in), outside = outside_shares(out, &inside);
    return point_ratio(&point, &inside, &outside);
}

static void oedema_is_fat_and_fluid_is_not(void **state)
{
    (void)state;
    Census none = {{0}};
    Likelihood oedema = look(2.3, 3.5), tear = look(0.9, 3.5); /* a tear is as muscle on T1 */
    assert_true(evidence(oedema, &none, &none) < -1);
    assert_true(evidence(tear, &none, &none) > -0.2);
    assert_true(tendon_share(&oedema, true) < 0.2);
    assert_true(tendon_share(&tear, true) > 0.8);
}

static void without_fat_shown_bright_is_fluid(void **state)
{
    (void)state;
    Likelihood bright = look(NAN, 3.5);
    assert_true(bright.of[WET_FAT] == 0);
    assert_true(tendon_share(&bright, true) > 0.5);
    float unseen = NAN, *signal[1] = {&unseen};
    Lattice lattice = {.n_channels = 1, .scale = scale, .signal = signal};
    assert_false(node_classify(&bright, &lattice, 0));
}

static void muscle_is_told_where_it_may_be(void **state)
{
    (void)state;
    Likelihood muscle = look(1, 1), tendon = look(0.1, 0.1), worn = look(0.5, 0.7);
    assert_true(muscle_share(&muscle) > 0.9);
    assert_true(tendon_share(&muscle, true) < 0.3);
    assert_true(tendon_share(&muscle, false) > 2 * tendon_share(&muscle, true));
    assert_true(tendon_share(&tendon, true) > 0.9);
    assert_true(tendon_share(&worn, true) > 0.7);
    assert_true(muscle_share(&worn) < 0.3);
}

static void fluid_around_never_outweighs_fluid_inside(void **state)
{
    (void)state;
    Census in = {{0}}, out = {{0}};
    Likelihood fluid = look(0.9, 3.5), tendon = look(0.1, 0.1);
    for (int i = 0; i < 200; i++) outside_count(&out, &fluid);
    for (int i = 0; i < 200; i++) inside_count(&in, &tendon);
    assert_true(evidence(fluid, &in, &out) > -1);
    for (int i = 0; i < 200; i++) inside_count(&in, &fluid);
    assert_true(evidence(fluid, &in, &out) > -0.3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(oedema_is_fat_and_fluid_is_not),
        cmocka_unit_test(without_fat_shown_bright_is_fluid),
        cmocka_unit_test(muscle_is_told_where_it_may_be),
        cmocka_unit_test(fluid_around_never_outweighs_fluid_inside),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

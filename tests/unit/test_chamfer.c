/* Distances to a set: exact along rows and diagonals of the mask, the whole image when the set is empty. */
#include "check.h"

#include "teno/chamfer.h"

enum { NX = 9, NY = 7 };

static void distances_to_one_pixel(void **state)
{
    (void)state;
    int distance[NX * NY];
    for (int i = 0; i < NX * NY; i++) distance[i] = CHAMFER_FAR;
    distance[3 * NX + 4] = 0;
    chamfer_distance(distance, NX, NY);
    assert_int_equal(distance[3 * NX + 0], 4 * CHAMFER_PIXEL);
    assert_int_equal(distance[0 * NX + 4], 3 * CHAMFER_PIXEL);
    assert_int_equal(distance[0 * NX + 1], 3 * 4);
    assert_int_equal(distance[6 * NX + 8], 3 * 4 + CHAMFER_PIXEL);
}

static void nothing_is_far_from_everything(void **state)
{
    (void)state;
    int distance[NX * NY];
    for (int i = 0; i < NX * NY; i++) distance[i] = CHAMFER_FAR;
    chamfer_distance(distance, NX, NY);
    for (int i = 0; i < NX * NY; i++) assert_int_equal(distance[i], CHAMFER_FAR);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(distances_to_one_pixel),
        cmocka_unit_test(nothing_is_far_from_everything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

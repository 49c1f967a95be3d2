/* How a series samples the straightened tendon: slices at fixed places, and the transposed operator. */
#include "check.h"

#include <math.h>
#include <stdlib.h>

#include "tear/sampling.h"
#include "teno/random.h"

enum { NU = 41, NV = 41, NS = 41, N = NU * NV * NS };

static const Lattice LATTICE = {.nu = NU, .nv = NV, .ns = NS, .pixel_mm = 0.4, .step_mm = 1};

/* Slices 4 mm apart along an axis, the first one at pixel 0; running backwards where the gap is negative. */
static void slices_place(float *between, int axis, double gap_pixels)
{
    for (int k = 0; k < NS; k++)
        for (int j = 0; j < NV; j++)
            for (int i = 0; i < NU; i++) {
                double slice = (axis == 0 ? i : axis == 1 ? j : k) / gap_pixels;
                between[(k * NV + j) * NU + i] = (float)(slice - floor(slice));
            }
}

static double dot(const float *a, const float *b)
{
    double sum = 0;
    for (int i = 0; i < N; i++) sum += (double)a[i] * (double)b[i];
    return sum;
}

static void transpose_agrees(void **state)
{
    (void)state;
    static float between[N], x[N], y[N], ax[N], aty[N];
    for (int axis = 0; axis < 3; axis++)
        for (int back = 0; back < 2; back++) {
            double step = axis == 2 ? 1 : 0.4, gap = (back ? -3.3 : 4.1);
            Sampling sampling = {.psf_mm = {0.3, 0.5, 0.8}, .axis = axis, .gap_mm = gap, .between = between};
            slices_place(between, axis, gap / step);
            for (int i = 0; i < N; i++) { /* nothing near the borders, where the blur continues the last value */
                int u = i % NU, v = i / NU % NV, s = i / (NU * NV);
                int inner = abs(u - NU / 2) < 4 && abs(v - NV / 2) < 4 && abs(s - NS / 2) < 4;
                x[i] = inner ? (float)random_between(1, (uint64_t)i, 0, 1) : 0;
                y[i] = inner ? (float)random_between(2, (uint64_t)i, 0, 1) : 0;
            }
            assert_int_equal(sampling_apply(ax, x, &LATTICE, &sampling, NULL), 0);
            assert_int_equal(sampling_transpose(aty, y, &LATTICE, &sampling, NULL), 0);
            assert_true(dot(ax, y) > 0.1);
            check_near(dot(x, aty) / dot(ax, y), 1, 1e-5);
        }
}

/* Content of one slice is seen as a triangle that reaches from the slice before to the one behind, wherever they lie;
 * what lies between two thin slices is not seen. */
static void slices_lie_where_they_lie(void **state)
{
    (void)state;
    static float between[N], x[N], ax[N];
    Sampling sampling = {.psf_mm = {0, 0, 0}, .axis = 2, .gap_mm = 4, .between = between};
    slices_place(between, 2, 4);
    for (int i = 0; i < N; i++) x[i] = i / (NU * NV) == 8;
    assert_int_equal(sampling_apply(ax, x, &LATTICE, &sampling, NULL), 0);
    for (int k = 0; k < NS; k++) {
        double wanted = fmax(1 - fabs(k - 8.0) / 4, 0);
        check_near((double)ax[(k * NV + 20) * NU + 20], wanted, 1e-5);
    }
    for (int i = 0; i < N; i++) x[i] = i / (NU * NV) == 10;
    assert_int_equal(sampling_apply(ax, x, &LATTICE, &sampling, NULL), 0);
    for (int k = 0; k < NS; k++) check_near((double)ax[(k * NV + 20) * NU + 20], 0, 1e-5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(transpose_agrees),
        cmocka_unit_test(slices_lie_where_they_lie),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

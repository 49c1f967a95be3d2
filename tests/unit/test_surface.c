/* The minimum cut against exhaustive search, and against a surface that is known. */
#include "check.h"

#include <math.h>
#include <stdlib.h>

#include "segment/surface.h"
#include "teno/random.h"

static double surface_cost(const SurfaceProblem *p, const int *level)
{
    double sum = 0;
    for (int s = 0; s < p->n_sections; s++)
        for (int a = 0; a < p->n_angles; a++) {
            int column = s * p->n_angles + a, next = s * p->n_angles + (a + 1) % p->n_angles;
            sum += (double)p->cost[column * p->n_levels + level[column]];
            sum += (double)p->angle_weight[s] * abs(level[column] - level[next]);
            if (s + 1 < p->n_sections)
                sum += (double)p->section_weight[s] * abs(level[column] - level[column + p->n_angles]);
        }
    return sum;
}

/* 2 sections × 3 angles × 4 levels: 4096 surfaces, all tried. */
static void cut_is_the_optimum(void **state)
{
    (void)state;
    enum { S = 2, A = 3, L = 4, N = S * A };
    for (uint64_t trial = 0; trial < 200; trial++) {
        float cost[N * L], section_weight[1], angle_weight[S];
        for (uint64_t i = 0; i < N * L; i++) cost[i] = (float)floor(random_between(trial, i, -20, 20));
        section_weight[0] = (float)(trial % 7);
        angle_weight[0] = (float)(trial % 5);
        angle_weight[1] = (float)(trial % 3);
        SurfaceProblem p = {S, A, L, cost, section_weight, angle_weight};
        int found[N], level[N];
        assert_int_equal(surface_solve(found, &p, NULL), TENO_OK);
        double best = INFINITY;
        for (int code = 0; code < 1 << (2 * N); code++) {
            for (int i = 0; i < N; i++) level[i] = code >> (2 * i) & 3;
            best = fmin(best, surface_cost(&p, level));
        }
        check_near(surface_cost(&p, found), best, 1e-3);
    }
}

/* A wavy surface under heavy noise in the costs comes back within a level on average. */
static void noisy_surface_is_found(void **state)
{
    (void)state;
    enum { S = 40, A = 48, L = 30 };
    float *cost = malloc(sizeof *cost * S * A * L), section_weight[S], angle_weight[S];
    int *level = malloc(sizeof *level * S * A);
    assert_non_null(cost);
    assert_non_null(level);
    double off = 0;
    for (int s = 0; s < S; s++) {
        section_weight[s] = angle_weight[s] = 1.5F;
        for (int a = 0; a < A; a++) {
            double truth = 14 + 6 * sin(a * 0.2618) + 3 * sin(s * 0.2);
            double sum = 0;
            for (int l = 0; l < L; l++) {
                int node = (s * A + a) * L + l;
                sum += (l < truth ? -1 : 1) + 1.5 * random_normal(3, (uint64_t)node);
                cost[node] = (float)sum;
            }
        }
    }
    SurfaceProblem p = {S, A, L, cost, section_weight, angle_weight};
    assert_int_equal(surface_solve(level, &p, NULL), TENO_OK);
    for (int s = 0; s < S; s++)
        for (int a = 0; a < A; a++) off += fabs(level[s * A + a] - (14 + 6 * sin(a * 0.2618) + 3 * sin(s * 0.2)));
    assert_true(off / (S * A) < 1);
    free(cost);
    free(level);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(cut_is_the_optimum), cmocka_unit_test(noisy_surface_is_found)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

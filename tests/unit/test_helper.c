/* Helper processes: a piece that crashes, hangs, aborts or eats memory fails alone, and says how. */
#include "check.h"

#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "dicom/helper.h"

enum { N = 12 };

static int misbehave(void *context, int i, Error *error)
{
    int *squares = context;
    if (i == 2) raise(SIGSEGV);
    if (i == 3) abort();
    if (i == 5) return error_set(error, TENO_FAILED, "piece %d refuses", i);
    if (i == 7) _Exit(9);
#ifndef __SANITIZE_ADDRESS__
    if (i == 9 && !calloc((size_t)900 << 20, 1)) return error_set(error, TENO_FAILED, "no memory");
#endif
    squares[i] = i * i;
    return TENO_OK;
}

static void failures_stay_alone(void **state)
{
    (void)state;
    for (int processes = 1; processes <= 3; processes++) {
        Error errors[N] = {0}, error = {0};
        int *squares = helper_memory(N * sizeof *squares, &error);
        assert_int_equal(helper_run(misbehave, squares, N, processes, errors, &error), TENO_OK);
        for (int i = 0; i < N; i++) {
            bool bad = i == 2 || i == 3 || i == 5 || i == 7;
#ifndef __SANITIZE_ADDRESS__
            bad = bad || i == 9;
#endif
            assert_int_equal(errors[i].code, bad ? TENO_FAILED : TENO_OK);
            assert_int_equal(squares[i], bad ? 0 : i * i);
        }
        assert_string_equal(errors[5].message, "piece 5 refuses");
        assert_non_null(strstr(errors[2].message, "crashed"));
        helper_memory_free(squares, N * sizeof *squares);
    }
}

static int hang(void *context, int i, Error *error)
{
    (void)error;
    volatile int *count = context;
    while (i == 1) (*count)++;
    return TENO_OK;
}

static void a_hang_is_ended(void **state)
{
    (void)state;
    Error errors[3] = {0}, error = {0};
    int *count = helper_memory(sizeof *count, &error);
    assert_int_equal(helper_run(hang, count, 3, 1, errors, &error), TENO_OK);
    assert_int_equal(errors[0].code, TENO_OK);
    assert_int_equal(errors[1].code, TENO_FAILED);
    assert_int_equal(errors[2].code, TENO_OK);
    assert_non_null(strstr(errors[1].message, "longer than"));
    helper_memory_free(count, sizeof *count);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(failures_stay_alone), cmocka_unit_test(a_hang_is_ended)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

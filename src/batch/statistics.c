#include "batch/statistics.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_multifit.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>

Description describe(double *value, int n)
{
    const double none = NAN;
    Description d = {.n = n, none, none, none, none, none, none, none};
    if (n < 1) return d;
    size_t count = (size_t)n;
    gsl_sort(value, 1, count);
    d.mean = gsl_stats_mean(value, 1, count);
    d.median = gsl_stats_quantile_from_sorted_data(value, 1, count, 0.5);
    d.q25 = gsl_stats_quantile_from_sorted_data(value, 1, count, 0.25);
    d.q75 = gsl_stats_quantile_from_sorted_data(value, 1, count, 0.75);
    if (n < 2) return d;
    d.sd = gsl_stats_sd_m(value, 1, count, d.mean);
    double half = gsl_cdf_tdist_Pinv(0.975, n - 1) * d.sd / sqrt(n);
    d.low = d.mean - half;
    d.high = d.mean + half;
    return d;
}

static TestedDifference tested(double difference, double standard_error, double spread, int df)
{
    double half = gsl_cdf_tdist_Pinv(0.975, df) * standard_error;
    double t = standard_error > 0 ? difference / standard_error : (double)NAN;
    return (TestedDifference){.difference = difference,
                              .low = difference - half,
                              .high = difference + half,
                              .t = t,
                              .p = 2 * gsl_cdf_tdist_Q(fabs(t), df),
                              .d = spread > 0 ? difference / spread : (double)NAN,
                              .df = df};
}

static TestedDifference untested(void)
{
    const double none = NAN;
    return (TestedDifference){none, none, none, none, none, none, 0};
}

TestedDifference test_paired(const double *difference, int n)
{
    if (n < 2) return untested();
    double mean = gsl_stats_mean(difference, 1, (size_t)n), sd = gsl_stats_sd_m(difference, 1, (size_t)n, mean);
    return tested(mean, sd / sqrt(n), sd, n - 1);
}

TestedDifference test_adjusted(const double *pre, const double *post, const int *arm, int n)
{
    enum { TERMS = 3 };
    int n_arm = 0;
    for (int i = 0; i < n; i++) n_arm += arm[i];
    if (n <= TERMS || n_arm < 1 || n_arm >= n) return untested();
    gsl_matrix *x = gsl_matrix_alloc((size_t)n, TERMS), *covariance = gsl_matrix_alloc(TERMS, TERMS);
    gsl_vector *y = gsl_vector_alloc((size_t)n), *c = gsl_vector_alloc(TERMS);
    gsl_multifit_linear_workspace *work = gsl_multifit_linear_alloc((size_t)n, TERMS);
    TestedDifference result = untested();
    if (x && covariance && y && c && work) {
        double squares = 0;
        for (size_t i = 0; i < (size_t)n; i++) {
            gsl_matrix_set(x, i, 0, 1);
            gsl_matrix_set(x, i, 1, pre[i]);
            gsl_matrix_set(x, i, 2, arm[i]);
            gsl_vector_set(y, i, post[i]);
        }
        gsl_multifit_linear(x, y, c, covariance, &squares, work);
        result = tested(gsl_vector_get(c, 2), sqrt(gsl_matrix_get(covariance, 2, 2)), sqrt(squares / (n - TERMS)),
                        n - TERMS);
    }
    gsl_multifit_linear_free(work);
    gsl_vector_free(c);
    gsl_vector_free(y);
    gsl_matrix_free(covariance);
    gsl_matrix_free(x);
    return result;
}

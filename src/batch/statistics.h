/* The few statistics that a table for a paper needs; distributions by GSL. Unknown results are NaN. */
#ifndef TENO_BATCH_STATISTICS_H
#define TENO_BATCH_STATISTICS_H

typedef struct Description {
    int n;
    double mean, sd, median, q25, q75;
    double low, high; /* 95 % interval of the mean, Student's t */
} Description;
/* Sorts `value` [n]. */
Description describe(double *value, int n);

/* A difference that was tested: two-sided p by Student's t, and Cohen's d (difference / its SD). */
typedef struct TestedDifference {
    double difference, low, high, t, p, d;
    int df;
} TestedDifference;
/* Mean of paired differences against 0; d is their mean / their SD. */
TestedDifference test_paired(const double *difference, int n);
/* Analysis of covariance: post = a + b pre + c arm; the difference is c, arm 1 against arm 0 at equal baseline, d is c
 * over the residual SD (Vickers, Altman, BMJ 2001, doi:10.1136/bmj.323.7321.1123). */
TestedDifference test_adjusted(const double *pre, const double *post, const int *arm, int n);

#endif

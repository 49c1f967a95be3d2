/* Order statistics of a few values; units are the caller's. */
#ifndef TENO_SEGMENT_ORDER_H
#define TENO_SEGMENT_ORDER_H

/* Ascending, in place. */
void values_sort(double *value, int n);
/* Mean of the middle two; NaN for none. Sorts the values. */
double values_median(double *value, int n);

#endif

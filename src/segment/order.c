#include "segment/order.h"

#include <math.h>
#include <stdlib.h>

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

void values_sort(double *value, int n)
{
    if (n > 1) qsort(value, (size_t)n, sizeof *value, by_value);
}

double values_median(double *value, int n)
{
    if (n < 1) return (double)NAN;
    values_sort(value, n);
    return (value[(n - 1) / 2] + value[n / 2]) / 2;
}

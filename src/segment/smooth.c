#include "segment/smooth.h"

/* (W + λ D'D) z = W y; pentadiagonal and positive definite: LDL' in one sweep down and one up. */
void series_smooth(double *value, const double *weight, int n, double lambda, double *work)
{
    double *d = work, *e = work + n, *f = work + 2 * n;
    for (int i = 0; i < n; i++) {
        /* Column sums of the second-difference rows that touch i. */
        double a = weight[i] + 1e-9, b = 0, c = 0;
        if (i >= 2) a += lambda;
        if (i >= 1 && i + 1 < n) a += 4 * lambda;
        if (i + 2 < n) a += lambda;
        if (i >= 1 && i + 1 < n) b -= 2 * lambda;
        if (i + 2 < n) b -= 2 * lambda;
        if (i + 2 < n) c = lambda;
        double z = weight[i] * value[i];
        if (i >= 1) {
            a -= e[i - 1] * e[i - 1] * d[i - 1];
            b -= e[i - 1] * f[i - 1] * d[i - 1];
            z -= e[i - 1] * value[i - 1];
        }
        if (i >= 2) {
            a -= f[i - 2] * f[i - 2] * d[i - 2];
            z -= f[i - 2] * value[i - 2];
        }
        d[i] = a;
        e[i] = i + 1 < n ? b / a : 0;
        f[i] = i + 2 < n ? c / a : 0;
        value[i] = z;
    }
    for (int i = n - 1; i >= 0; i--) {
        value[i] /= d[i];
        if (i + 1 < n) value[i] -= e[i] * value[i + 1];
        if (i + 2 < n) value[i] -= f[i] * value[i + 2];
    }
}

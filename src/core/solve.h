/* Small dense systems. */
#ifndef TENO_CORE_SOLVE_H
#define TENO_CORE_SOLVE_H

#include <stdbool.h>

/* Solves a x = b for a symmetric positive definite matrix a[n][n] (only its lower triangle is read; overwritten by its
 * Cholesky factor); b[n] becomes x. False, with b unspecified, when the matrix is not positive definite. */
bool solve_spd(double *a, double *b, int n);

#endif

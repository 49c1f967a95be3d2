/* Smooth fields over a volume: products of Legendre polynomials, which are nearly independent of each other. */
#ifndef TENO_PREPROC_POLYNOMIAL_H
#define TENO_PREPROC_POLYNOMIAL_H

#include "teno/geometry.h"

/* Of total order 1 to 4, without the constant, in rising order. */
enum { POLYNOMIAL_TERMS = 34, POLYNOMIAL_TERMS_ORDER_3 = 19 };

/* The terms at a node of a grid, on which each axis runs from -1 to 1. */
void polynomial_terms(float term[POLYNOMIAL_TERMS], const Grid *grid, int i, int j, int k);
/* Total order of a term. */
int polynomial_order(int term);

#endif

/* Penalised smoothing of a series. */
#ifndef TENO_SEGMENT_SMOOTH_H
#define TENO_SEGMENT_SMOOTH_H

/* Replaces value[n] by the z that minimises Σ weight (z - value)² + lambda Σ (second difference of z)²
 * (Whittaker 1923; Eilers, Anal. Chem. 75, 2003, doi:10.1021/ac034173t). Zero weights interpolate and extrapolate
 * linearly. work: [3 n]. Needs two positive weights. */
void series_smooth(double *value, const double *weight, int n, double lambda, double *work);

#endif

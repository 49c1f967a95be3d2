/* The straightened tendon's sampling grid and the few operations on it. Arrays have shape [ns][nv][nu]. */
#ifndef TENO_TEAR_LATTICE_H
#define TENO_TEAR_LATTICE_H

#include <stddef.h>

#include "teno/error.h"
#include "teno/tendon.h"

typedef struct Lattice {
    int nu, nv, ns;
    double pixel_mm, step_mm; /* along u and v; along s */
    double s0_mm;             /* s of k = 0 */
    int first;                /* section of the shape at k = 0 */
} Lattice;

/* Around all sections [first, first + ns) of the shape with `margin_mm` to spare. */
Lattice lattice_around(const TendonShape *shape, int first, int ns, double pixel_mm, double margin_mm);
size_t lattice_count(const Lattice *lattice);
size_t lattice_slab(const Lattice *lattice); /* pixels a section */
double lattice_u_mm(const Lattice *lattice, int i);
double lattice_v_mm(const Lattice *lattice, int j);
double lattice_voxel_mm3(const Lattice *lattice);

/* Share of each pixel of one section inside a closed polygon (mm); exact. slab [nv][nu], scratch [nv][nu + 2]. */
void coverage_fill(float *slab, double *scratch, const Lattice *lattice, const float *u_mm, const float *v_mm, int n);
/* Same for all sections of a shape. out [ns][nv][nu]. */
int coverage_fill_all(float *out, const Lattice *lattice, const TendonShape *shape, Error *error) TENO_CHECKED;

/* Separable Gaussian with SD sigma_mm along u, v, s; edges continue their last value. In place is allowed. */
int lattice_blur(float *out, const float *in, const Lattice *lattice, const double sigma_mm[3],
                 Error *error) TENO_CHECKED;

#endif

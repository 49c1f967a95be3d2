/* What a tear's profile along s says: length, involvement, gap. */
#ifndef TENO_TEAR_EXTENT_H
#define TENO_TEAR_EXTENT_H

/* Involvement of a section from which on a tear is complete (measures.md, Tear). */
#define COMPLETE_PERCENT 95.0

typedef struct Extent {
    double volume_mm3;
    double distal_s_mm, proximal_s_mm;
    double distal_blunt_mm, proximal_blunt_mm; /* by how much the choice of where a taper ends moves the end, 1 SD */
    double max_percent, max_at_s_mm, mean_percent;
    double gap_mm;
} Extent;

/* torn[n]: torn area of each section, mm²; area[n]: the sections' areas; s of sample i is s0 +
 * i step. NaN extents when nothing is torn. */
void extent_measure(Extent *out, const double *torn, const double *area, int n, double s0_mm, double step_mm);

#endif

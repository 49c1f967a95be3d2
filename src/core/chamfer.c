#include "teno/chamfer.h"

#include <stddef.h>

static inline int smaller(int a, int b)
{
    return a < b ? a : b;
}

/* One row from the row behind it (NULL: none), and then along itself in steps of `sign`. */
static void row_sweep(int *row, const int *behind, int nx, int sign)
{
    for (int x = 0; x < nx && behind; x++) {
        int least = smaller(row[x], behind[x] + 3);
        if (x > 0) least = smaller(least, behind[x - 1] + 4);
        if (x + 1 < nx) least = smaller(least, behind[x + 1] + 4);
        row[x] = least;
    }
    int *at = sign > 0 ? row : row + nx - 1;
    for (int n = 1; n < nx; n++, at += sign) at[sign] = smaller(at[sign], at[0] + 3);
}

void chamfer_distance(int *distance, int nx, int ny)
{
    for (int y = 0; y < ny; y++) row_sweep(distance + y * nx, y ? distance + (y - 1) * nx : NULL, nx, 1);
    for (int y = ny - 1; y >= 0; y--) row_sweep(distance + y * nx, y + 1 < ny ? distance + (y + 1) * nx : NULL, nx, -1);
}

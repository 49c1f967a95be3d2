#include "teno/chamfer.h"

void chamfer_distance(int *distance, int nx, int ny)
{
    static const int step[4][3] = {{-1, 0, 3}, {-1, -1, 4}, {0, -1, 3}, {1, -1, 4}};
    for (int pass = 0; pass < 2; pass++)
        for (int p = 0; p < nx * ny; p++) {
            int i = pass ? nx * ny - 1 - p : p, x = i % nx, y = i / nx, sign = pass ? -1 : 1;
            for (int d = 0; d < 4; d++) {
                int x2 = x + sign * step[d][0], y2 = y + sign * step[d][1];
                if (x2 < 0 || y2 < 0 || x2 >= nx || y2 >= ny) continue;
                int there = distance[y2 * nx + x2] + step[d][2];
                if (there < distance[i]) distance[i] = there;
            }
        }
}

#include "phantom/texture.h"

#include <math.h>

#include "teno/random.h"

static double lattice(uint64_t seed, int x, int y, int z)
{
    uint64_t index = (uint64_t)(uint16_t)x | (uint64_t)(uint16_t)y << 16 | (uint64_t)(uint16_t)z << 32;
    return (double)(int64_t)random_bits(seed, index) * 0x1p-63;
}

double texture_noise(uint64_t seed, Vec3 p)
{
    double f[3] = {p.x, p.y, p.z}, w[3];
    int n[3];
    for (int i = 0; i < 3; i++) {
        double low = floor(f[i]);
        n[i] = (int)low;
        w[i] = f[i] - low;
        w[i] = w[i] * w[i] * (3 - 2 * w[i]);
    }
    double sum = 0;
    for (int c = 0; c < 8; c++) {
        double weight = (c & 1 ? w[0] : 1 - w[0]) * (c & 2 ? w[1] : 1 - w[1]) * (c & 4 ? w[2] : 1 - w[2]);
        sum += weight * lattice(seed, n[0] + (c & 1), n[1] + (c >> 1 & 1), n[2] + (c >> 2 & 1));
    }
    return sum * 2.6;
}

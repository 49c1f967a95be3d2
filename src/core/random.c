#include "teno/random.h"

#include <math.h>

static uint64_t mix(uint64_t z)
{
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

uint64_t random_bits(uint64_t seed, uint64_t index)
{
    return mix(mix(seed + 0x9E3779B97F4A7C15u) + (index + 1) * 0x9E3779B97F4A7C15u);
}

uint64_t random_seed(uint64_t seed, const char *stream)
{
    for (; *stream; stream++) seed = mix(seed + 0x9E3779B97F4A7C15u * (uint64_t)(unsigned char)*stream);
    return mix(seed + 1);
}

double random_uniform(uint64_t seed, uint64_t index)
{
    return ((double)(random_bits(seed, index) >> 11) + 0.5) * 0x1p-53;
}

double random_between(uint64_t seed, uint64_t index, double low, double high)
{
    return low + (high - low) * random_uniform(seed, index);
}

double random_normal(uint64_t seed, uint64_t index)
{
    double radius = sqrt(-2 * log(random_uniform(seed, 2 * index)));
    return radius * cos(6.28318530717958647692 * random_uniform(seed, 2 * index + 1));
}

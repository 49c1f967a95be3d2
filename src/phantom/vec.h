/* Vector arithmetic that is inlined: the simulator asks for tens of millions of distances a series. */
#ifndef TENO_PHANTOM_VEC_H
#define TENO_PHANTOM_VEC_H

#include "teno/geometry.h"

static inline Vec3 v_sub(Vec3 a, Vec3 b)
{
    return (Vec3){a.x - b.x, a.y - b.y, a.z - b.z};
}

static inline double v_dot(Vec3 a, Vec3 b)
{
    return a.x * b.x + a.y * b.y + a.z * b.z;
}

static inline Vec3 v_along(Vec3 origin, Vec3 direction, double distance)
{
    return (Vec3){origin.x + distance * direction.x, origin.y + distance * direction.y,
                  origin.z + distance * direction.z};
}

static inline double d_min(double a, double b)
{
    return a < b ? a : b;
}

static inline double d_max(double a, double b)
{
    return a > b ? a : b;
}

static inline double d_abs(double a)
{
    return a < 0 ? -a : a;
}

#endif

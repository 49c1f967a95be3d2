/* Points, voxel grids and rigid transforms. One frame everywhere: DICOM patient LPS, millimetres. */
#ifndef TENO_GEOMETRY_H
#define TENO_GEOMETRY_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* x to the patient's Left, y Posterior, z Superior; mm unless the name ends in _vox. */
typedef struct Vec3 {
    double x, y, z;
} Vec3;

/* Here, and not in a .c file, because the inner loops are made of them. */
static inline Vec3 vec3(double x, double y, double z)
{
    Vec3 p = {x, y, z};
    return p;
}

static inline Vec3 vec3_add(Vec3 a, Vec3 b)
{
    return vec3(a.x + b.x, a.y + b.y, a.z + b.z);
}

static inline Vec3 vec3_sub(Vec3 a, Vec3 b)
{
    return vec3(a.x - b.x, a.y - b.y, a.z - b.z);
}

static inline Vec3 vec3_scale(Vec3 a, double factor)
{
    return vec3(a.x * factor, a.y * factor, a.z * factor);
}

/* origin + distance × direction */
static inline Vec3 vec3_along(Vec3 origin, Vec3 direction, double distance)
{
    return vec3(origin.x + distance * direction.x, origin.y + distance * direction.y,
                origin.z + distance * direction.z);
}

static inline double vec3_dot(Vec3 a, Vec3 b)
{
    return a.x * b.x + a.y * b.y + a.z * b.z;
}

static inline Vec3 vec3_cross(Vec3 a, Vec3 b)
{
    return vec3(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x);
}

static inline double vec3_norm(Vec3 a)
{
    return sqrt(vec3_dot(a, a));
}

static inline double vec3_distance(Vec3 a, Vec3 b)
{
    return vec3_norm(vec3_sub(a, b));
}

/* Zero stays zero. */
static inline Vec3 vec3_unit(Vec3 a)
{
    double norm = vec3_norm(a);
    return norm > 0 ? vec3_scale(a, 1 / norm) : a;
}

/*
 * A voxel grid in space. Voxel (i, j, k) has its centre at
 *     origin_lps + i dx axis_x + j dy axis_y + k dz axis_z
 *
 *        origin ---- axis_x (columns, i) -->
 *          |
 *        axis_y (rows, j)        axis_z = axis_x × axis_y (slices, k), always right-handed
 */
typedef struct Grid {
    int nx, ny, nz;
    double dx, dy, dz; /* spacing of voxel centres, mm; dz includes the gap between slices */
    Vec3 origin_lps;
    Vec3 axis_x, axis_y, axis_z; /* orthonormal, LPS */
} Grid;

size_t grid_count(const Grid *grid); /* nx ny nz */
double grid_voxel_mm3(const Grid *grid);
Vec3 grid_to_lps(const Grid *grid, Vec3 p_vox);
bool grid_same(const Grid *a, const Grid *b, double tolerance_mm); /* same matrix, corners within the tolerance */
/* Part of a grid: voxels [i0, i0+nx) × [j0, …) × [k0, …). */
Grid grid_crop(const Grid *grid, int i0, int j0, int k0, int nx, int ny, int nz);
/* Affine as NIfTI wants it: voxel → RAS+ mm, row-major [4][4]. */
void grid_affine_ras(const Grid *grid, double affine[4][4]);

static inline size_t grid_index(const Grid *grid, int i, int j, int k)
{
    return ((size_t)k * (size_t)grid->ny + (size_t)j) * (size_t)grid->nx + (size_t)i;
}

static inline Vec3 grid_to_vox(const Grid *grid, Vec3 p_lps)
{
    Vec3 d = vec3_sub(p_lps, grid->origin_lps);
    return vec3(vec3_dot(d, grid->axis_x) / grid->dx, vec3_dot(d, grid->axis_y) / grid->dy,
                vec3_dot(d, grid->axis_z) / grid->dz);
}

/* p → r p + t; r is a rotation, row-major. */
typedef struct Rigid {
    double r[3][3];
    Vec3 t;
} Rigid;

static inline Vec3 rigid_rotate(const Rigid *m, Vec3 d)
{
    return vec3(m->r[0][0] * d.x + m->r[0][1] * d.y + m->r[0][2] * d.z,
                m->r[1][0] * d.x + m->r[1][1] * d.y + m->r[1][2] * d.z,
                m->r[2][0] * d.x + m->r[2][1] * d.y + m->r[2][2] * d.z);
}

static inline Vec3 rigid_apply(const Rigid *m, Vec3 p)
{
    return vec3_add(rigid_rotate(m, p), m->t);
}

Rigid rigid_identity(void);
Rigid rigid_compose(const Rigid *second, const Rigid *first); /* p → second(first(p)) */
Rigid rigid_inverse(const Rigid *m);
/* Rotation by the vector (axis × angle, radians) about `centre`, then translation by `shift`. */
Rigid rigid_from(Vec3 rotation_rad, Vec3 shift_mm, Vec3 centre_lps);
double rigid_angle_deg(const Rigid *m);

#ifdef __cplusplus
}
#endif
#endif

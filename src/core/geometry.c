#include "teno/geometry.h"

#include <math.h>

size_t grid_count(const Grid *grid)
{
    return (size_t)grid->nx * (size_t)grid->ny * (size_t)grid->nz;
}

double grid_voxel_mm3(const Grid *grid)
{
    return grid->dx * grid->dy * grid->dz;
}

Vec3 grid_to_lps(const Grid *grid, Vec3 p_vox)
{
    Vec3 p = vec3_along(grid->origin_lps, grid->axis_x, p_vox.x * grid->dx);
    p = vec3_along(p, grid->axis_y, p_vox.y * grid->dy);
    return vec3_along(p, grid->axis_z, p_vox.z * grid->dz);
}

bool grid_same(const Grid *a, const Grid *b, double tolerance_mm)
{
    if (a->nx != b->nx || a->ny != b->ny || a->nz != b->nz) return false;
    for (int corner = 0; corner < 8; corner++) {
        Vec3 p_vox = {corner & 1 ? a->nx - 1 : 0, corner & 2 ? a->ny - 1 : 0, corner & 4 ? a->nz - 1 : 0};
        if (!(vec3_distance(grid_to_lps(a, p_vox), grid_to_lps(b, p_vox)) <= tolerance_mm)) return false;
    }
    return true;
}

Grid grid_crop(const Grid *grid, int i0, int j0, int k0, int nx, int ny, int nz)
{
    Grid part = *grid;
    part.origin_lps = grid_to_lps(grid, (Vec3){i0, j0, k0});
    part.nx = nx;
    part.ny = ny;
    part.nz = nz;
    return part;
}

void grid_affine_ras(const Grid *grid, double affine[4][4])
{
    Vec3 columns[4] = {vec3_scale(grid->axis_x, grid->dx), vec3_scale(grid->axis_y, grid->dy),
                       vec3_scale(grid->axis_z, grid->dz), grid->origin_lps};
    for (int c = 0; c < 4; c++) {
        affine[0][c] = -columns[c].x; /* LPS → RAS turns the first two axes round */
        affine[1][c] = -columns[c].y;
        affine[2][c] = columns[c].z;
        affine[3][c] = c == 3;
    }
}

Rigid rigid_identity(void)
{
    return (Rigid){{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}, {0, 0, 0}};
}

Rigid rigid_compose(const Rigid *second, const Rigid *first)
{
    Rigid both;
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            both.r[i][j] =
                second->r[i][0] * first->r[0][j] + second->r[i][1] * first->r[1][j] + second->r[i][2] * first->r[2][j];
    both.t = rigid_apply(second, first->t);
    return both;
}

Rigid rigid_inverse(const Rigid *m)
{
    Rigid inverse;
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) inverse.r[i][j] = m->r[j][i];
    inverse.t = (Vec3){0, 0, 0};
    inverse.t = vec3_scale(rigid_apply(&inverse, m->t), -1);
    return inverse;
}

Rigid rigid_from(Vec3 rotation_rad, Vec3 shift_mm, Vec3 centre_lps)
{
    double angle = vec3_norm(rotation_rad);
    Vec3 a = vec3_unit(rotation_rad);
    double c = cos(angle), s = sin(angle), d = 1 - c;
    Rigid m = {{{c + d * a.x * a.x, d * a.x * a.y - s * a.z, d * a.x * a.z + s * a.y},
                {d * a.y * a.x + s * a.z, c + d * a.y * a.y, d * a.y * a.z - s * a.x},
                {d * a.z * a.x - s * a.y, d * a.z * a.y + s * a.x, c + d * a.z * a.z}},
               {0, 0, 0}};
    m.t = vec3_add(vec3_sub(centre_lps, rigid_rotate(&m, centre_lps)), shift_mm);
    return m;
}

double rigid_angle_deg(const Rigid *m)
{
    double cosine = (m->r[0][0] + m->r[1][1] + m->r[2][2] - 1) / 2;
    cosine = cosine > 1 ? 1 : cosine < -1 ? -1 : cosine;
    return acos(cosine) * 180 / 3.14159265358979323846;
}

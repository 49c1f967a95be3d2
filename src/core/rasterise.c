/*
 * The fraction of each voxel inside a tendon's boundary.
 *
 * Each section's polygon is first covered by fine pixels with exact area fractions in its own (u, v) plane. A voxel is
 * then the mean of sub-samples about CELL_MM apart in every direction; each sub-sample finds its real section index
 * from the two planes around it (as shape_from_lps does) and mixes the coverage of the two sections there. Blending
 * coverage linearly conserves the cross-section's area between sections. What it cannot do: resolve detail finer than
 * CELL_MM, far below any MR voxel.
 */
#include "teno/tendon.h"

#include <math.h>
#include <stdlib.h>

#include "teno/memory.h"

#define CELL_MM 0.25
enum { MAX_SUBSAMPLES = 16 }; /* along one axis of a voxel */

/* Coverage of every section on one common frame of pixels. */
typedef struct Cover {
    const TendonShape *shape;
    int nu, nv;
    double u0, v0; /* lower corner of pixel (0, 0), mm */
    float *pixel;  /* [n_sections][nv][nu] */
} Cover;

/* Adds the signed area between the edge a→b and the left border to one row of pixels; rows already clipped to v in
 * [0, 1] of this row. Exact for straight edges: the classic accumulation of font rasterisers. */
static void row_accumulate(float *row, int nu, double ua, double va, double ub, double vb)
{
    double height = vb - va;
    if (height == 0) return;
    double low = fmin(ua, ub), high = fmax(ua, ub);
    int first = (int)floor(low), last = (int)floor(high);
    if (first < 0) first = 0;
    if (last > nu - 1) last = nu - 1;
    for (int i = first; i <= last; i++) {
        /* Part of the edge over this pixel, and how much of the pixel lies to its right. */
        double left = fmax(low, i), right = fmin(high, i + 1);
        double part = high > low ? height * (right - left) / (high - low) : height;
        row[i] += (float)(part * (i + 1 - (left + right) / 2));
        if (i + 1 < nu) row[i + 1] += (float)(part * ((left + right) / 2 - i));
    }
}

static void section_cover(const Section *section, const Cover *cover, float *pixel)
{
    for (int a = SECTION_POINTS - 1, b = 0; b < SECTION_POINTS; a = b++) {
        double ua = ((double)section->boundary_u_mm[a] - cover->u0) / CELL_MM;
        double va = ((double)section->boundary_v_mm[a] - cover->v0) / CELL_MM;
        double ub = ((double)section->boundary_u_mm[b] - cover->u0) / CELL_MM;
        double vb = ((double)section->boundary_v_mm[b] - cover->v0) / CELL_MM;
        double low = fmin(va, vb), high = fmax(va, vb);
        for (int j = (int)floor(low); j <= (int)floor(high) && j < cover->nv; j++) {
            double t0 = va == vb ? 0 : (fmin(fmax(j, low), high) - va) / (vb - va);
            double t1 = va == vb ? 0 : (fmin(fmax(j + 1, low), high) - va) / (vb - va);
            if (va > vb) {
                double swap = t0;
                t0 = t1;
                t1 = swap;
            }
            row_accumulate(pixel + (size_t)j * (size_t)cover->nu, cover->nu, ua + t0 * (ub - ua), va + t0 * (vb - va),
                           ua + t1 * (ub - ua), va + t1 * (vb - va));
        }
    }
    /* Running sums turn the accumulated edges into coverage; the orientation of the polygon does not matter. */
    for (int j = 0; j < cover->nv; j++) {
        double sum = 0;
        for (int i = 0; i < cover->nu; i++) {
            float *value = pixel + (size_t)j * (size_t)cover->nu + i;
            sum += (double)*value;
            *value = (float)fmin(fabs(sum), 1);
        }
    }
}

static int cover_build(Cover *cover, const TendonShape *shape, Error *error)
{
    double low_u = INFINITY, high_u = -INFINITY, low_v = INFINITY, high_v = -INFINITY;
    for (int k = 0; k < shape->n_sections; k++)
        for (int i = 0; i < SECTION_POINTS; i++) {
            low_u = fmin(low_u, (double)shape->sections[k].boundary_u_mm[i]);
            high_u = fmax(high_u, (double)shape->sections[k].boundary_u_mm[i]);
            low_v = fmin(low_v, (double)shape->sections[k].boundary_v_mm[i]);
            high_v = fmax(high_v, (double)shape->sections[k].boundary_v_mm[i]);
        }
    *cover = (Cover){.shape = shape, .u0 = low_u - 2 * CELL_MM, .v0 = low_v - 2 * CELL_MM};
    cover->nu = (int)ceil((high_u - low_u) / CELL_MM) + 4;
    cover->nv = (int)ceil((high_v - low_v) / CELL_MM) + 4;
    size_t plane = (size_t)cover->nu * (size_t)cover->nv;
    cover->pixel = array_alloc(plane * (size_t)shape->n_sections, sizeof *cover->pixel, error);
    if (!cover->pixel) return TENO_FAILED;
#pragma omp parallel for schedule(static)
    for (int k = 0; k < shape->n_sections; k++)
        section_cover(&shape->sections[k], cover, cover->pixel + (size_t)k * plane);
    return TENO_OK;
}

static double cover_at(const Cover *cover, int k, double u_mm, double v_mm)
{
    double x = (u_mm - cover->u0) / CELL_MM - 0.5, y = (v_mm - cover->v0) / CELL_MM - 0.5;
    if (!(x >= 0 && y >= 0 && x < cover->nu - 1 && y < cover->nv - 1)) return 0;
    int i = (int)x, j = (int)y;
    double wx = x - i, wy = y - j;
    const float *p = cover->pixel + ((size_t)k * (size_t)cover->nv + (size_t)j) * (size_t)cover->nu + i;
    return (1 - wy) * ((1 - wx) * (double)p[0] + wx * (double)p[1]) +
           wy * ((1 - wx) * (double)p[cover->nu] + wx * (double)p[cover->nu + 1]);
}

static double section_distance(const Section *section, Vec3 p)
{
    return vec3_dot(vec3_sub(p, section->centre_lps), section->tangent);
}

static double section_cover_at(const Cover *cover, int k, Vec3 p)
{
    const Section *section = &cover->shape->sections[k];
    Vec3 d = vec3_sub(p, section->centre_lps);
    return cover_at(cover, k, vec3_dot(d, section->u), vec3_dot(d, section->v));
}

/* Coverage at a patient point; `k` carries the section below from one nearby point to the next. */
static double shape_cover_at(const Cover *cover, Vec3 p, int *k)
{
    const TendonShape *shape = cover->shape;
    int n = shape->n_sections;
    double low = section_distance(&shape->sections[*k], p);
    while (low < 0 && *k > 0) low = section_distance(&shape->sections[--*k], p);
    if (low < 0) return low >= -shape->step_mm / 2 ? section_cover_at(cover, 0, p) : 0;
    while (*k + 1 < n) {
        double high = section_distance(&shape->sections[*k + 1], p);
        if (high < 0) {
            double weight = low / (low - high);
            return (1 - weight) * section_cover_at(cover, *k, p) + weight * section_cover_at(cover, *k + 1, p);
        }
        low = high;
        ++*k;
    }
    return low <= shape->step_mm / 2 ? section_cover_at(cover, n - 1, p) : 0;
}

/* Voxel rectangle of one slice that the shape may touch, and a section near it. */
typedef struct Window {
    int i0, i1, j0, j1; /* half open; empty when i0 >= i1 */
    int section;
} Window;

static Window slice_window(const TendonShape *shape, const Grid *grid, const Rigid *ref_to_grid, int slice)
{
    Window w = {grid->nx, 0, grid->ny, 0, 0};
    double nearest = INFINITY;
    for (int k = 0; k < shape->n_sections; k++) {
        const Section *s = &shape->sections[k];
        Vec3 low = {INFINITY, INFINITY, INFINITY}, high = {-INFINITY, -INFINITY, -INFINITY};
        for (int i = 0; i < SECTION_POINTS; i += 2) {
            Vec3 p = vec3_along(vec3_along(s->centre_lps, s->u, (double)s->boundary_u_mm[i]), s->v,
                                (double)s->boundary_v_mm[i]);
            p = grid_to_vox(grid, ref_to_grid ? rigid_apply(ref_to_grid, p) : p);
            low = vec3(fmin(low.x, p.x), fmin(low.y, p.y), fmin(low.z, p.z));
            high = vec3(fmax(high.x, p.x), fmax(high.y, p.y), fmax(high.z, p.z));
        }
        double reach = shape->step_mm / grid->dz + 0.5, margin_x = shape->step_mm / grid->dx + 1.5,
               margin_y = shape->step_mm / grid->dy + 1.5;
        if (slice < low.z - reach || slice > high.z + reach) continue;
        double off = fabs((low.z + high.z) / 2 - slice);
        if (off < nearest) {
            nearest = off;
            w.section = k;
        }
        w.i0 = (int)fmin(w.i0, fmax(0, floor(low.x - margin_x)));
        w.j0 = (int)fmin(w.j0, fmax(0, floor(low.y - margin_y)));
        w.i1 = (int)fmax(w.i1, fmin(grid->nx, ceil(high.x + margin_x) + 1));
        w.j1 = (int)fmax(w.j1, fmin(grid->ny, ceil(high.y + margin_y) + 1));
    }
    return w;
}

static int subsamples(double spacing_mm, double sample_mm)
{
    int n = (int)ceil(spacing_mm / sample_mm - 0.01);
    return n < 1 ? 1 : n > MAX_SUBSAMPLES ? MAX_SUBSAMPLES : n;
}

/* Where the n sub-samples along an axis lie about the middle of a voxel. */
static void offsets(double offset[MAX_SUBSAMPLES], int n)
{
    for (int i = 0; i < n; i++) offset[i] = (i + 0.5) / n - 0.5;
}

static void slice_fill(Vol *out, const Cover *cover, const Rigid *grid_to_ref, int slice, Window w, double sample_mm)
{
    const Grid *g = &out->grid;
    int ni = subsamples(g->dx, sample_mm), nj = subsamples(g->dy, sample_mm), nk = subsamples(g->dz, sample_mm);
    int section = w.section;
    double ai[MAX_SUBSAMPLES], aj[MAX_SUBSAMPLES], ak[MAX_SUBSAMPLES];
    offsets(ai, ni);
    offsets(aj, nj);
    offsets(ak, nk);
    Vec3 corner[4];
    for (int c = 0; c < 4; c++) {
        Vec3 p = grid_to_lps(g, vec3(c == 1, c == 2, c == 3));
        corner[c] = grid_to_ref ? rigid_apply(grid_to_ref, p) : p;
    }
    Vec3 di = vec3_sub(corner[1], corner[0]), dj = vec3_sub(corner[2], corner[0]), dk = vec3_sub(corner[3], corner[0]);
    for (int j = w.j0; j < w.j1; j++)
        for (int i = w.i0; i < w.i1; i++) {
            Vec3 centre = vec3_along(vec3_along(vec3_along(corner[0], di, i), dj, j), dk, slice);
            double sum = 0;
            for (int c = 0; c < nk; c++)
                for (int b = 0; b < nj; b++)
                    for (int a = 0; a < ni; a++) {
                        Vec3 p = vec3_along(vec3_along(vec3_along(centre, dk, ak[c]), dj, aj[b]), di, ai[a]);
                        sum += shape_cover_at(cover, p, &section);
                    }
            out->data[grid_index(g, i, j, slice)] = (float)(sum / (ni * nj * nk));
        }
}

int shape_rasterise(Vol *out, const TendonShape *shape, const Grid *grid, const Rigid *ref_to_grid, Error *error)
{
    return shape_rasterise_at(out, shape, grid, ref_to_grid, CELL_MM, error);
}

int shape_rasterise_at(Vol *out, const TendonShape *shape, const Grid *grid, const Rigid *ref_to_grid, double sample_mm,
                       Error *error)
{
    int code = vol_alloc(out, grid, error);
    if (code || shape->n_sections < 1) return code;
    Cover cover = {0};
    code = cover_build(&cover, shape, error);
    if (code) {
        vol_free(out);
        return code;
    }
    Rigid back = rigid_identity();
    if (ref_to_grid) back = rigid_inverse(ref_to_grid);
#pragma omp parallel for schedule(dynamic, 1)
    for (int slice = 0; slice < grid->nz; slice++) {
        Window w = slice_window(shape, grid, ref_to_grid, slice);
        if (w.i0 < w.i1) slice_fill(out, &cover, ref_to_grid ? &back : NULL, slice, w, sample_mm);
    }
    free(cover.pixel);
    return TENO_OK;
}

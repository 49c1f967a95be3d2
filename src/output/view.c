#include "output/view.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "teno/memory.h"

View view_of_slice(const Grid *grid, int i0, int j0, int nx, int ny, int k)
{
    return (View){grid_to_lps(grid, vec3(i0, j0, k)), grid->axis_x, grid->axis_y, grid->dx, grid->dy, nx, ny};
}

View view_refined(const View *view, double pixel_mm)
{
    View fine = *view;
    double width = view->nx * view->pixel_x_mm, height = view->ny * view->pixel_y_mm;
    if (pixel_mm < view->pixel_x_mm) fine.nx = (int)ceil(width / pixel_mm);
    if (pixel_mm < view->pixel_y_mm) fine.ny = (int)ceil(height / pixel_mm);
    fine.pixel_x_mm = width / fine.nx;
    fine.pixel_y_mm = height / fine.ny;
    fine.corner_lps = vec3_along(view->corner_lps, view->right, (fine.pixel_x_mm - view->pixel_x_mm) / 2);
    fine.corner_lps = vec3_along(fine.corner_lps, view->down, (fine.pixel_y_mm - view->pixel_y_mm) / 2);
    return fine;
}

static int tile_alloc(Tile *out, int nx, int ny, Error *error)
{
    *out = (Tile){nx, ny, array_alloc((size_t)nx * (size_t)ny, sizeof(float), error)};
    return out->data ? TENO_OK : TENO_FAILED;
}

void tile_free(Tile *tile)
{
    free(tile->data);
    *tile = (Tile){0};
}

int tile_sample(Tile *out, const View *view, const Vol *vol, const Rigid *view_to_vol, Error *error)
{
    if (tile_alloc(out, view->nx, view->ny, error)) return TENO_FAILED;
    for (int j = 0; j < view->ny; j++) {
        Vec3 row = vec3_along(view->corner_lps, view->down, j * view->pixel_y_mm);
        for (int i = 0; i < view->nx; i++) {
            Vec3 p = vec3_along(row, view->right, i * view->pixel_x_mm);
            if (view_to_vol) p = rigid_apply(view_to_vol, p);
            out->data[(size_t)j * (size_t)view->nx + (size_t)i] = (float)vol_sample(vol, p, 0);
        }
    }
    return TENO_OK;
}

/* Catmull and Rom's cubic, weights of the samples at -1, 0, 1, 2 for a point t in [0, 1). */
static void spline_weights(double t, float w[4])
{
    w[0] = (float)(((2 - t) * t - 1) * t / 2);
    w[1] = (float)((t * t * (3 * t - 5) + 2) / 2);
    w[2] = (float)(((4 - 3 * t) * t + 1) * t / 2);
    w[3] = (float)((t - 1) * t * t / 2);
}

/* For each of n output pixels: index of the four input pixels (clamped) and their weights. */
static void spline_table(int n, int n_in, int (*index)[4], float (*weight)[4])
{
    for (int i = 0; i < n; i++) {
        double at = (i + 0.5) * n_in / n - 0.5, base = floor(at);
        spline_weights(at - base, weight[i]);
        for (int c = 0; c < 4; c++) {
            int from = (int)base - 1 + c;
            index[i][c] = from < 0 ? 0 : from >= n_in ? n_in - 1 : from;
        }
    }
}

int tile_resize(Tile *out, const Tile *tile, int w, int h, Error *error)
{
    int n = w > h ? w : h, code = TENO_FAILED;
    int(*index)[4] = array_alloc((size_t)n, sizeof *index, error);
    float(*weight)[4] = array_alloc((size_t)n, sizeof *weight, error);
    float *wide = array_alloc((size_t)w * (size_t)tile->ny, sizeof *wide, error);
    *out = (Tile){0};
    if (!index || !weight || !wide || tile_alloc(out, w, h, error)) goto done;
    spline_table(w, tile->nx, index, weight);
    for (int j = 0; j < tile->ny; j++) {
        const float *in = tile->data + (size_t)j * (size_t)tile->nx;
        float *row = wide + (size_t)j * (size_t)w;
        for (int i = 0; i < w; i++)
            row[i] = in[index[i][0]] * weight[i][0] + in[index[i][1]] * weight[i][1] + in[index[i][2]] * weight[i][2] +
                     in[index[i][3]] * weight[i][3];
    }
    spline_table(h, tile->ny, index, weight);
    for (int j = 0; j < h; j++) {
        const float *in[4], *f = weight[j];
        for (int c = 0; c < 4; c++) in[c] = wide + (size_t)index[j][c] * (size_t)w;
        float *row = out->data + (size_t)j * (size_t)w;
        for (int i = 0; i < w; i++) row[i] = in[0][i] * f[0] + in[1][i] * f[1] + in[2][i] * f[2] + in[3][i] * f[3];
    }
    code = TENO_OK;
done:
    free(index);
    free(weight);
    free(wide);
    return code;
}

void direction_letters(char letters[3], Vec3 direction)
{
    const double c[3] = {direction.x, direction.y, direction.z};
    static const char names[3][2] = {{'L', 'R'}, {'P', 'A'}, {'S', 'I'}};
    int first = 0, second = 1;
    for (int a = 1; a < 3; a++)
        if (fabs(c[a]) > fabs(c[first])) first = a;
    second = first == 0 ? 1 : 0;
    for (int a = 0; a < 3; a++)
        if (a != first && fabs(c[a]) > fabs(c[second])) second = a;
    letters[0] = names[first][c[first] < 0];
    /* 0.342 = sin 20 degrees */
    letters[1] = fabs(c[second]) > 0.342 * vec3_norm(direction) ? names[second][c[second] < 0] : 0;
    letters[2] = 0;
}

SideLetters view_letters(const View *view)
{
    SideLetters letters;
    direction_letters(letters.right, view->right);
    direction_letters(letters.left, vec3_scale(view->right, -1));
    direction_letters(letters.down, view->down);
    direction_letters(letters.up, vec3_scale(view->down, -1));
    return letters;
}

/* Bounds of the voxels at least half inside, in the crop's own indices; false when there are none. */
static bool mask_bounds(const Vol *mask, int low[3], int high[3])
{
    const Grid *g = &mask->grid;
    for (int a = 0; a < 3; a++) low[a] = 1 << 30, high[a] = -1;
    for (int k = 0; k < g->nz; k++)
        for (int j = 0; j < g->ny; j++)
            for (int i = 0; i < g->nx; i++) {
                if (mask->data[grid_index(g, i, j, k)] < 0.5f) continue;
                const int at[3] = {i, j, k};
                for (int a = 0; a < 3; a++) {
                    if (at[a] < low[a]) low[a] = at[a];
                    if (at[a] > high[a]) high[a] = at[a];
                }
            }
    return high[0] >= 0;
}

/* Widens [low, high] by the margin and keeps it inside [0, n). */
static void widen(int *low, int *high, int margin, int n)
{
    *low = *low - margin < 0 ? 0 : *low - margin;
    *high = *high + margin >= n ? n - 1 : *high + margin;
}

/* Voxel of the reference grid where the mask's crop begins. */
static void crop_offset(const Grid *reference, const Grid *crop, int offset[3])
{
    Vec3 p = grid_to_vox(reference, crop->origin_lps);
    offset[0] = (int)lround(p.x), offset[1] = (int)lround(p.y), offset[2] = (int)lround(p.z);
}

/* A tendon is flat in one plane and long in another: at least this share of the other side is shown as well. */
static const double least_aspect = 0.7;

bool region_of_tendon(Region *out, const TendonResult *result, const Grid *reference, double margin_mm)
{
    int low[3], high[3], offset[3];
    if (!result->envelope.data || !mask_bounds(&result->envelope, low, high)) return false;
    crop_offset(reference, &result->envelope.grid, offset);
    for (int a = 0; a < 3; a++) low[a] += offset[a], high[a] += offset[a];
    double w = (high[0] - low[0] + 1) * reference->dx + 2 * margin_mm;
    double h = (high[1] - low[1] + 1) * reference->dy + 2 * margin_mm;
    double more_w = fmax(0, least_aspect * h - w) / 2, more_h = fmax(0, least_aspect * w - h) / 2;
    widen(&low[0], &high[0], (int)ceil((margin_mm + more_w) / reference->dx), reference->nx);
    widen(&low[1], &high[1], (int)ceil((margin_mm + more_h) / reference->dy), reference->ny);
    widen(&low[2], &high[2], 0, reference->nz);
    *out = (Region){low[0], low[1], high[0] - low[0] + 1, high[1] - low[1] + 1, low[2], high[2] - low[2] + 1};
    return true;
}

bool slice_s_range(const TendonResult *result, const Grid *reference, int k, double *s_low_mm, double *s_high_mm)
{
    const Grid *g = &result->envelope.grid;
    const TendonShape *shape = &result->segmentation.shape;
    int offset[3];
    bool seen = false;
    crop_offset(reference, g, offset);
    k -= offset[2];
    if (k < 0 || k >= g->nz || shape->n_sections < 1) return false;
    /* Every third voxel: s changes by a fraction of a millimetre between them. */
    for (int j = 0; j < g->ny; j += 3)
        for (int i = j / 3 % 3; i < g->nx; i += 3) {
            double at, u, v;
            if (result->envelope.data[grid_index(g, i, j, k)] < 0.5f) continue;
            if (!shape_from_lps(shape, grid_to_lps(g, vec3(i, j, k)), &at, &u, &v)) continue;
            double s = shape->sections[0].s_mm + at * shape->step_mm;
            if (!seen || s < *s_low_mm) *s_low_mm = s;
            if (!seen || s > *s_high_mm) *s_high_mm = s;
            seen = true;
        }
    return seen;
}

static int compare_floats(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

int window_find(Window *out, const Vol *vol, const Rigid *reference_to_vol, const Grid *reference, const Region *region,
                Error *error)
{
    enum { SIDE = 48, SLICES = 12 }; /* 27,648 samples: percentiles good to a fraction of a grey level */
    size_t n = 0, most = (size_t)SIDE * SIDE * SLICES;
    float *sample = array_alloc(most, sizeof *sample, error);
    *out = (Window){0, 1};
    if (!sample) return TENO_FAILED;
    for (int c = 0; c < SLICES; c++)
        for (int b = 0; b < SIDE; b++)
            for (int a = 0; a < SIDE; a++) {
                Vec3 p = vec3(region->i0 + (a + 0.5) * region->nx / SIDE - 0.5,
                              region->j0 + (b + 0.5) * region->ny / SIDE - 0.5,
                              region->k0 + (c + 0.5) * region->nk / SLICES - 0.5);
                p = grid_to_lps(reference, p);
                if (reference_to_vol) p = rigid_apply(reference_to_vol, p);
                double value = vol_sample(vol, p, (double)NAN);
                if (isfinite(value)) sample[n++] = (float)value;
            }
    if (n > 1) {
        qsort(sample, n, sizeof *sample, compare_floats);
        out->low = (double)sample[n / 200];
        out->high = (double)sample[n - 1 - n / 200];
        if (!(out->high > out->low)) out->high = out->low + 1;
    }
    free(sample);
    return TENO_OK;
}

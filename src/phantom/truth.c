/* Truth by fine sampling of the geometry itself: sections a quarter of a millimetre apart, points 0.2 mm apart in them.
 */
#include "phantom/truth.h"

#include <math.h>
#include <stdlib.h>

#include "teno/memory.h"

static const double pi = 3.14159265358979323846;
static const double point_mm = 0.2;

/* The section's outline at real index k in the plane (u, v). */
static void outline(const Achilles *a, double k, double u[ACHILLES_ANGLES], double v[ACHILLES_ANGLES])
{
    int i = (int)fmin(fmax(floor(k), 0), a->n - 2);
    double w = k - i, stretch = (1 - w) * a->stretch[i] + w * a->stretch[i + 1];
    for (int j = 0; j < ACHILLES_ANGLES; j++) {
        double r = (1 - w) * (double)a->radius[i][j] + w * (double)a->radius[i + 1][j],
               angle = 2 * pi * j / ACHILLES_ANGLES;
        u[j] = r * cos(angle);
        v[j] = r * sin(angle) / stretch;
    }
}

/* Area, and extents along the principal axes of the section. */
static void outline_measure(const double *u, const double *v, TruthRow *row)
{
    double area = 0, cu = 0, cv = 0, uu = 0, vv = 0, uv = 0;
    for (int j = 0; j < ACHILLES_ANGLES; j++) {
        int n = (j + 1) % ACHILLES_ANGLES;
        double cross = u[j] * v[n] - u[n] * v[j];
        area += cross / 2;
        cu += cross * (u[j] + u[n]) / 6;
        cv += cross * (v[j] + v[n]) / 6;
        uu += cross * (u[j] * u[j] + u[j] * u[n] + u[n] * u[n]) / 12;
        vv += cross * (v[j] * v[j] + v[j] * v[n] + v[n] * v[n]) / 12;
        uv += cross * (2 * u[j] * v[j] + u[j] * v[n] + u[n] * v[j] + 2 * u[n] * v[n]) / 24;
    }
    cu /= area;
    cv /= area;
    uu = uu / area - cu * cu;
    vv = vv / area - cv * cv;
    uv = uv / area - cu * cv;
    double angle = 0.5 * atan2(2 * uv, uu - vv), low[2] = {1e9, 1e9}, high[2] = {-1e9, -1e9};
    for (int j = 0; j < ACHILLES_ANGLES; j++) {
        double along[2] = {u[j] * cos(angle) + v[j] * sin(angle), v[j] * cos(angle) - u[j] * sin(angle)};
        for (int d = 0; d < 2; d++) {
            low[d] = fmin(low[d], along[d]);
            high[d] = fmax(high[d], along[d]);
        }
    }
    row->area_mm2 = area;
    row->width_mm = high[0] - low[0];
    row->thickness_mm = high[1] - low[1];
}

static void measure_row(TruthRow *row, const Achilles *a, double k)
{
    double u[ACHILLES_ANGLES], v[ACHILLES_ANGLES];
    outline(a, k, u, v);
    outline_measure(u, v, row);
    int i = (int)fmin(fmax(floor(k), 0), a->n - 2);
    row->s_mm = achilles_s(a, k);
    row->centre = vec3_along(a->centre[i], vec3_sub(a->centre[i + 1], a->centre[i]), k - i);
    double extent_u = 0, extent_v = 0;
    for (int j = 0; j < ACHILLES_ANGLES; j++) {
        extent_u = fmax(extent_u, fabs(u[j]));
        extent_v = fmax(extent_v, fabs(v[j]));
    }
    int nu = (int)ceil(extent_u / point_mm), nv = (int)ceil(extent_v / point_mm), inside = 0, degenerate = 0;
    int torn[PHANTOM_MAX_TEARS] = {0};
    for (int iv = -nv; iv <= nv; iv++)
        for (int iu = -nu; iu <= nu; iu++) {
            double pu = (iu + 0.5) * point_mm, pv = (iv + 0.5) * point_mm;
            if (achilles_q(a, k, pu, pv) >= 1) continue;
            inside++;
            TendonSample sample = achilles_sample(a, k, pu, pv);
            if (sample.tear)
                torn[sample.tear - 1]++;
            else
                degenerate += sample.tendinosis > 0.5;
        }
    double each = inside ? row->area_mm2 / inside : 0;
    row->tendinosis_mm2 = degenerate * each;
    row->torn_all_mm2 = 0;
    for (int t = 0; t < PHANTOM_MAX_TEARS; t++) {
        row->torn_mm2[t] = torn[t] * each;
        row->torn_all_mm2 += row->torn_mm2[t];
    }
}

int truth_compute(Truth *out, const Achilles *a, Error *error)
{
    *out = (Truth){.achilles = a};
    double k0 = a->contact_m - a->first_m; /* s = 0 */
    int first = (int)ceil(-k0 * TRUTH_STEPS), last = (int)floor((a->n - 1.001 - k0) * TRUTH_STEPS);
    out->rows = array_alloc((size_t)(last - first + 1), sizeof *out->rows, error);
    if (!out->rows) return TENO_FAILED;
    out->n_rows = last - first + 1;
#pragma omp parallel for schedule(dynamic, 16)
    for (int i = 0; i < out->n_rows; i++) measure_row(&out->rows[i], a, k0 + (double)(first + i) / TRUTH_STEPS);
    return TENO_OK;
}

void truth_free(Truth *truth)
{
    free(truth->rows);
    truth->rows = NULL;
}

static bool section_inside(const Achilles *a, double k, const Placement *placement, const Grid *g)
{
    double u[ACHILLES_ANGLES], v[ACHILLES_ANGLES];
    outline(a, k, u, v);
    int i = (int)fmin(fmax(floor(k), 0), a->n - 2);
    Vec3 centre = vec3_along(a->centre[i], vec3_sub(a->centre[i + 1], a->centre[i]), k - i);
    for (int j = 0; j < ACHILLES_ANGLES; j += 4) {
        Vec3 p = vec3_along(vec3_along(centre, a->u[i], u[j]), a->v[i], v[j]);
        Vec3 q = grid_to_vox(g, placement_apply(placement, p));
        if (q.x < -0.5 || q.y < -0.5 || q.z < -0.5 || q.x > g->nx - 0.5 || q.y > g->ny - 0.5 || q.z > g->nz - 0.5)
            return false;
    }
    return true;
}

bool truth_range(const Truth *truth, const Placement *placement, const Grid *grid, double *s_min, double *s_max)
{
    const Achilles *a = truth->achilles;
    int best = 0, run = 0, best_end = -1;
    for (int i = 0; i < truth->n_rows; i++) {
        double k = truth->rows[i].s_mm + a->contact_m - a->first_m;
        run = section_inside(a, k, placement, grid) ? run + 1 : 0;
        if (run > best) {
            best = run;
            best_end = i;
        }
    }
    if (best < 2) return false;
    *s_min = truth->rows[best_end - best + 1].s_mm;
    *s_max = truth->rows[best_end].s_mm;
    return true;
}

/* Voxel box that holds the tendon, a voxel wider all round. */
static void mask_box(const Achilles *a, const Placement *placement, const Grid *g, int low[3], int high[3])
{
    double from[3] = {1e9, 1e9, 1e9}, to[3] = {-1e9, -1e9, -1e9};
    for (int i = 0; i < a->n; i++)
        for (int j = 0; j < 4; j++) {
            double du = (j & 1 ? 1.3 : -1.3) * a->half_width[i], dv = (j & 2 ? 1.3 : -1.3) * a->half_thickness[i];
            Vec3 p = vec3_along(vec3_along(a->centre[i], a->u[i], du), a->v[i], dv),
                 q = grid_to_vox(g, placement_apply(placement, p));
            double c[3] = {q.x, q.y, q.z};
            for (int d = 0; d < 3; d++) {
                from[d] = fmin(from[d], c[d]);
                to[d] = fmax(to[d], c[d]);
            }
        }
    int n[3] = {g->nx, g->ny, g->nz};
    for (int d = 0; d < 3; d++) {
        low[d] = (int)fmin(fmax(floor(from[d]) - 2, 0), n[d]);
        high[d] = (int)fmin(fmax(ceil(to[d]) + 3, 0), n[d]);
    }
}

enum { SUB_PLANE = 3, SUB_SLICE = 6 };

static void mask_voxel(const Achilles *a, const Placement *placement, const Grid *g, Vec3 voxel, float *envelope,
                       float *tear)
{
    double half = 0.5 * sqrt(g->dx * g->dx + g->dy * g->dy + g->dz * g->dz);
    double d = achilles_distance(a, placement_inverse(placement, grid_to_lps(g, voxel)));
    if (d / 1.5 > half) return;
    int inside = 0, torn = 0, nz = g->dz > 1.5 ? SUB_SLICE : SUB_PLANE;
    for (int z = 0; z < nz; z++)
        for (int y = 0; y < SUB_PLANE; y++)
            for (int x = 0; x < SUB_PLANE; x++) {
                Vec3 offset = {(x + 0.5) / SUB_PLANE - 0.5, (y + 0.5) / SUB_PLANE - 0.5, (z + 0.5) / nz - 0.5};
                Vec3 p = placement_inverse(placement, grid_to_lps(g, vec3_add(voxel, offset)));
                double u, v, k = achilles_locate(a, p, &u, &v);
                if (k < 0 || k > a->n - 1 || achilles_q(a, k, u, v) >= 1) continue;
                inside++;
                torn += achilles_sample(a, k, u, v).tear != 0;
            }
    int n = SUB_PLANE * SUB_PLANE * nz;
    *envelope = (float)inside / (float)n;
    *tear = (float)torn / (float)n;
}

int truth_masks(Vol *envelope, Vol *tear, const Truth *truth, const Placement *placement, const Grid *grid,
                Error *error)
{
    int code = vol_alloc(envelope, grid, error);
    if (!code) code = vol_alloc(tear, grid, error);
    if (code) return code;
    int low[3], high[3];
    mask_box(truth->achilles, placement, grid, low, high);
#pragma omp parallel for schedule(dynamic)
    for (int k = low[2]; k < high[2]; k++)
        for (int j = low[1]; j < high[1]; j++)
            for (int i = low[0]; i < high[0]; i++) {
                size_t at = grid_index(grid, i, j, k);
                mask_voxel(truth->achilles, placement, grid, (Vec3){i, j, k}, envelope->data + at, tear->data + at);
            }
    return TENO_OK;
}

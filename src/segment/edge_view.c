/*
 * One channel's view of a boundary: the fit of a blurred edge with a film on it.
 *
 * Along the normal, data S and the rendered fraction F of the tendon are sampled alike. Outside the tendon lies its
 * paratenon, a film of areolar tissue that is seen on every Achilles (Soila et al., AJR 1999;173:323-328,
 * doi:10.2214/ajr.173.2.10430126): thinner than a pixel, darker than fat, brighter than suppressed fat. Left out of the
 * model, it draws the edge outwards in the one and inwards in the other. With a film of thickness t its fraction is
 * G(x) = F(x - t) - F(x), and
 *
 *     M = a (1 - F - G) + b F + m G
 *
 * has the levels outside (a) and inside (b) free, that of the film (m) expected from the sequence. The shift of the
 * edge and a change of t are then one linear step. A single channel hardly tells the one from the other; two contrasts
 * do.
 */
#include "segment/edge_view.h"

#include <math.h>

#define SAMPLE_MM 0.25   /* along the normal */
#define REACH_MM 1.3     /* of the window to either side for a sharp channel */
#define MODEL_SD_MM 0.06 /* what a perfect fit may still be off: texture, ringing */
#define RENDER_MM 0.55
#define BLUR_MOST 0.4      /* variance of one pass of three taps, voxels² */
#define LEAST_CONTRAST 0.1 /* of muscle: with less there is no edge to see */
enum { MAX_SAMPLES = 72, FILM_SAMPLES = (int)(FILM_MAX_MM / SAMPLE_MM) + 2 };

static int clamp_int(double value, int low, int high)
{
    return value < low ? low : value > high ? high : (int)value;
}

/* Three taps of the given variance along a line of n values `stride` apart. */
static void line_blur(float *line, size_t stride, int n, float side)
{
    float before = line[0];
    for (int i = 0; i < n; i++) {
        float at = line[(size_t)i * stride], after = i + 1 < n ? line[(size_t)(i + 1) * stride] : at;
        line[(size_t)i * stride] = at + side * (before + after - 2 * at);
        before = at;
    }
}

/* A voxel's mean is not all: the point spread of an acquired pixel, coarser than the image's own, is wider. */
static void fraction_blur(EdgeView *view)
{
    Vol *f = &view->fraction;
    const Grid *g = &f->grid;
    const double spacing[3] = {g->dx, g->dy, g->dz};
    const int n[3] = {g->nx, g->ny, g->nz}, across[3] = {1, 0, 0}, along[3] = {2, 2, 1};
    const size_t stride[3] = {1, (size_t)g->nx, (size_t)g->nx * (size_t)g->ny};
    for (int axis = 0; axis < 3; axis++) {
        double psf = view->channel->psf_mm[axis] / spacing[axis], variance = psf * psf - 1.0 / 12;
        int passes = (int)ceil(variance / BLUR_MOST);
        for (int pass = 0; pass < passes; pass++) {
            float side = (float)(variance / passes / 2);
#pragma omp parallel for schedule(static)
            for (int a = 0; a < n[along[axis]]; a++)
                for (int b = 0; b < n[across[axis]]; b++)
                    line_blur(f->data + (size_t)a * stride[along[axis]] + (size_t)b * stride[across[axis]],
                              stride[axis], n[axis], side);
        }
    }
}

int edge_view_render(EdgeView *view, const TendonShape *shape, Error *error)
{
    const Grid *g = &view->channel->vol.grid;
    Vec3 low = {INFINITY, INFINITY, INFINITY}, high = {-INFINITY, -INFINITY, -INFINITY};
    for (int k = 0; k < shape->n_sections; k++)
        for (int i = 0; i < SECTION_POINTS; i += 8) {
            const Section *s = &shape->sections[k];
            Vec3 p = vec3_along(vec3_along(s->centre_lps, s->u, (double)s->boundary_u_mm[i]), s->v,
                                (double)s->boundary_v_mm[i]);
            p = grid_to_vox(g, rigid_apply(&view->map, p));
            low = vec3(fmin(low.x, p.x), fmin(low.y, p.y), fmin(low.z, p.z));
            high = vec3(fmax(high.x, p.x), fmax(high.y, p.y), fmax(high.z, p.z));
        }
    double margin = 3 * REACH_MM;
    view->i0 = clamp_int(low.x - margin / g->dx - 1, 0, g->nx - 1);
    view->j0 = clamp_int(low.y - margin / g->dy - 1, 0, g->ny - 1);
    view->k0 = clamp_int(low.z - margin / g->dz - 1, 0, g->nz - 1);
    int i1 = clamp_int(high.x + margin / g->dx + 2, view->i0 + 1, g->nx);
    int j1 = clamp_int(high.y + margin / g->dy + 2, view->j0 + 1, g->ny);
    int k1 = clamp_int(high.z + margin / g->dz + 2, view->k0 + 1, g->nz);
    Grid crop = grid_crop(g, view->i0, view->j0, view->k0, i1 - view->i0, j1 - view->j0, k1 - view->k0);
    vol_free(&view->fraction);
    int code = shape_rasterise_at(&view->fraction, shape, &crop, &view->map, RENDER_MM, error);
    if (!code) fraction_blur(view);
    return code;
}

/* The window along one normal. Index 0 lies FILM_SAMPLES + 1 samples before the first that is fitted. */
typedef struct Window {
    double signal[MAX_SAMPLES], fraction[MAX_SAMPLES], weight[MAX_SAMPLES];
    int first, last; /* fitted: first..last */
    double blur_mm;  /* extent of a voxel along the normal */
} Window;

static bool window_sample(Window *w, const EdgeView *view, Vec3 edge_lps, Vec3 normal, double depth_mm, double film_mm)
{
    const Grid *g = &view->channel->vol.grid;
    Vec3 origin = grid_to_vox(g, rigid_apply(&view->map, edge_lps));
    Vec3 ahead = grid_to_vox(g, rigid_apply(&view->map, vec3_along(edge_lps, normal, SAMPLE_MM)));
    Vec3 step = vec3_sub(ahead, origin), crop = vec3(view->i0, view->j0, view->k0);
    /* |step| counts voxels per SAMPLE_MM. */
    w->blur_mm =
        (fabs(step.x) * g->dx * g->dx + fabs(step.y) * g->dy * g->dy + fabs(step.z) * g->dz * g->dz) / SAMPLE_MM;
    double reach = REACH_MM + 0.6 * fmax(w->blur_mm - 0.8, 0), reach_in = fmin(reach, fmax(0.8 * depth_mm, 0.6));
    double reach_out = reach + fmax(film_mm - FILM_USUAL_MM, 0);
    int n_in = (int)(reach_in / SAMPLE_MM), n_out = (int)(reach_out / SAMPLE_MM), before = FILM_SAMPLES + 1;
    w->first = before;
    w->last = before + n_in + n_out;
    if (w->last + 2 > MAX_SAMPLES) return false;
    for (int i = 0; i <= w->last + 1; i++) {
        Vec3 p = vec3_along(origin, step, i - before - n_in);
        w->fraction[i] = vol_sample_vox(&view->fraction, vec3_sub(p, crop), 0);
        if (i < w->first || i > w->last) continue;
        double value = vol_sample_vox(&view->channel->vol, p, (double)NAN);
        if (isnan(value)) return false;
        double z = (i - before - n_in) * SAMPLE_MM / (i - before > n_in ? reach_out : reach);
        w->signal[i] = (value - view->scale->tendon) / view->scale->unit;
        w->weight[i] = 1 - 0.75 * z * z;
    }
    return true;
}

/* The fraction `back_mm` farther inside, and its slope outwards there. */
static double fraction_back(const Window *w, int i, double back_mm)
{
    double x = i - back_mm / SAMPLE_MM;
    int at = (int)floor(x);
    return w->fraction[at] + (x - at) * (w->fraction[at + 1] - w->fraction[at]);
}

static double slope_back(const Window *w, int i, double back_mm)
{
    return (fraction_back(w, i + 1, back_mm) - fraction_back(w, i - 1, back_mm)) / (2 * SAMPLE_MM);
}

enum { OUTSIDE, INSIDE, SHIFT, FILM, COLUMNS };

/* Columns of the model at a sample: for the two levels, for a shift outwards by 1 mm, and a film thicker by 1 mm. */
static void model_columns(double column[COLUMNS], const Window *w, int i, double film_mm, double film_level,
                          const double level[2])
{
    double f = w->fraction[i], back = fraction_back(w, i, film_mm);
    double wide = back > f ? back : f; /* fmax would be a call */
    double slope = slope_back(w, i, 0), wide_slope = slope_back(w, i, film_mm);
    column[OUTSIDE] = 1 - wide;
    column[INSIDE] = f;
    column[SHIFT] = -((film_level - level[OUTSIDE]) * wide_slope + (level[INSIDE] - film_level) * slope);
    column[FILM] = -(film_level - level[OUTSIDE]) * wide_slope;
}

/* Levels outside and inside for the edge as it is; false when there is too little of either to see. */
static bool levels_fit(double level[2], const Window *w, double film_mm, double film_level)
{
    double m[3] = {0}, y[2] = {0}, column[COLUMNS];
    static const double none[2] = {0, 0};
    for (int i = w->first; i <= w->last; i++) {
        model_columns(column, w, i, film_mm, film_level, none);
        double rest = w->signal[i] - film_level * (1 - column[OUTSIDE] - column[INSIDE]);
        m[0] += w->weight[i] * column[OUTSIDE] * column[OUTSIDE];
        m[1] += w->weight[i] * column[OUTSIDE] * column[INSIDE];
        m[2] += w->weight[i] * column[INSIDE] * column[INSIDE];
        y[0] += w->weight[i] * column[OUTSIDE] * rest;
        y[1] += w->weight[i] * column[INSIDE] * rest;
    }
    double det = m[0] * m[2] - m[1] * m[1];
    if (!(det > 1e-9)) return false;
    level[OUTSIDE] = (m[2] * y[0] - m[1] * y[1]) / det;
    level[INSIDE] = (m[0] * y[1] - m[1] * y[0]) / det;
    return fabs(level[OUTSIDE] - level[INSIDE]) >= LEAST_CONTRAST;
}

/* Normal equations of the linear step around the levels: m [COLUMNS][COLUMNS], y [COLUMNS], and the rest's square. */
static double step_equations(double m[COLUMNS][COLUMNS], double y[COLUMNS], const Window *w, double film_mm,
                             double film_level, const double level[2])
{
    double square = 0, column[COLUMNS];
    for (int a = 0; a < COLUMNS; a++) {
        y[a] = 0;
        for (int b = 0; b < COLUMNS; b++) m[a][b] = 0;
    }
    for (int i = w->first; i <= w->last; i++) {
        model_columns(column, w, i, film_mm, film_level, level);
        double film = film_level * (1 - column[OUTSIDE] - column[INSIDE]);
        double rest = w->signal[i] - film - level[OUTSIDE] * column[OUTSIDE] - level[INSIDE] * column[INSIDE];
        square += w->weight[i] * rest * rest;
        for (int a = 0; a < COLUMNS; a++) {
            y[a] += w->weight[i] * column[a] * rest;
            for (int b = 0; b < COLUMNS; b++) m[a][b] += w->weight[i] * column[a] * column[b];
        }
    }
    return square;
}

/* Takes unknown `pivot` out of the equations of those behind it; false when it is not determined. */
static bool eliminate(double m[COLUMNS][COLUMNS], double y[COLUMNS], int pivot, double *square)
{
    if (!(m[pivot][pivot] > 1e-9)) return false;
    *square -= y[pivot] * y[pivot] / m[pivot][pivot];
    for (int a = pivot + 1; a < COLUMNS; a++) {
        double share = m[a][pivot] / m[pivot][pivot];
        y[a] -= share * y[pivot];
        for (int b = pivot; b < COLUMNS; b++) m[a][b] -= share * m[pivot][b];
    }
    return true;
}

bool edge_view_vote(EdgeVote *vote, const EdgeView *view, Vec3 edge_lps, Vec3 normal, double depth_mm, double film_mm)
{
    Window w;
    double level[2], m[COLUMNS][COLUMNS], y[COLUMNS], film = view->film, sum_weights = 0;
    if (!window_sample(&w, view, edge_lps, normal, depth_mm, film_mm) || !levels_fit(level, &w, film_mm, film))
        return false;
    double square = step_equations(m, y, &w, film_mm, film, level);
    if (!eliminate(m, y, OUTSIDE, &square) || !eliminate(m, y, INSIDE, &square) || !(m[SHIFT][SHIFT] > 1e-9))
        return false;
    for (int i = w.first; i <= w.last; i++) sum_weights += w.weight[i];
    square = fmax(square - y[SHIFT] * y[SHIFT] / m[SHIFT][SHIFT], 0);
    /* Samples closer than a voxel are not independent: count voxels, not samples. */
    double per_voxel = fmax(w.blur_mm / SAMPLE_MM, 1), noise = view->scale->noise;
    double sigma2 = per_voxel * (square / fmax(sum_weights - 3, 1) + noise * noise);
    double misplaced = MODEL_SD_MM + view->channel->alignment_residual_mm / 2;
    vote->shift_mm = y[SHIFT] / m[SHIFT][SHIFT];
    vote->variance_mm2 = sigma2 / m[SHIFT][SHIFT] + misplaced * misplaced + 0.01 * w.blur_mm * w.blur_mm;
    vote->film_pull = m[SHIFT][FILM] / m[SHIFT][SHIFT];
    vote->film_information = (m[FILM][FILM] - vote->film_pull * m[SHIFT][FILM]) / sigma2;
    vote->film_force = (y[FILM] - vote->film_pull * y[SHIFT]) / sigma2;
    return isfinite(vote->shift_mm) && isfinite(vote->variance_mm2);
}

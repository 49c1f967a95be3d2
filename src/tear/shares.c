/*
 * How much of each pixel is torn: the map whose blurred images are the views.
 *
 * The torn share x of every pixel within the regions' reach minimises
 *
 *     Σ over views and pixels  w (R x - f)² / 2  +  λ × surface of x  +  μ Σ q x (1 - x),    0 <= x <= 1.
 *
 * R is the view's own blur, f what its signal says of the pixel's share between tendon and tear, w the precision of
 * that (noise, contrast, texture of the tissue, how many pixels share one voxel; and how uneven the tendon around is:
 * patches of tendinosis brighter than the rest are no tears, and would add up, since shares below 0 cannot). The
 * surface is the total variation of Rudin, Osher and Fatemi (Physica D 1992;60:259-268); it keeps noise from becoming
 * specks, costs a large smooth tear next to nothing, and is not charged where a tear meets the tendon's own surface.
 * The last term says that tissue is torn or not (Mumford-Shah's two levels; Chan, Esedoglu, Nikolova, SIAM J Appl Math
 * 2006;66:1632-1648, for the relaxed form), brought in by degrees, so that the start decides nothing (graduated
 * non-convexity: Blake and Zisserman, Visual Reconstruction, MIT Press 1987). Steps are those of Condat (J Optim Theory
 * Appl 2013;158:460-479).
 *
 * All views speak at once, each through its own blur: a thick sagittal slice says what it can, and no threshold decides
 * where a tear ends.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "teno/memory.h"
#include "work.h"

/* Cost of a tear's surface, in units of log-likelihood per mm2. A speck of one voxel's noise has about ten: judged on
 * tears of 40 to 1200 mm3, where a fourfold cost takes some 4 % off the volume. */
static const double SURFACE_COST = 0.1;
/* SD of a tissue's own texture as a share of the tear's level; view_weights uses the same. */
static const double TEXTURE = 0.1;
/* Volume over which the tendon's own unevenness is one and the same: (2 sqrt(pi) s)^3 with the SD s = 1.2 mm of
 * the nearest level that is carried into a tear: what is smoother, that level follows. */
static const double UNEVEN_MM3 = 77;
/* A region's brightest pixels, as a share of all of them. */
static const double BRIGHT_QUANTILE = 0.95;
/* Less of the blurred envelope than this share cannot be divided by. */
static const float LEAST_ENVELOPE = 0.05f;
/* The normalised blur may add up to more than one in thin places. */
static const double NORM_MARGIN = 1.5;
enum { STEPS = 12 };

static int by_value(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* Where to begin: where the best view's signal exceeds half of what the region's brightest twentieth shows. The class
 * boundary lies where fluid ends, not where the pixel is half fluid: a bright tear would start too wide. */
int shares_start(Work *w, const TearMap *map, Error *error)
{
    size_t n = lattice_count(&map->lattice);
    float *value = array_alloc(n + 1, sizeof *value, error);
    if (!value) return TENO_FAILED;
    int lead = 0;
    for (int c = 1; c < map->n_views; c++)
        if (map->view[c].weight > map->view[lead].weight) lead = c;
    const View *view = &map->view[lead];
    for (int r = 1; r <= map->n_regions; r++) {
        size_t count = 0;
        for (size_t at = 0; at < n; at++)
            if (map->region_of[at] == r && view->trust[at] >= 0.5f) value[count++] = view->inside[at];
        qsort(value, count, sizeof *value, by_value);
        float half = count ? value[(size_t)(BRIGHT_QUANTILE * (double)(count - 1))] / 2 : 0;
        for (size_t at = 0; at < n; at++) {
            if (map->region_of[at] != r) continue;
            w->reach[at] = r;
            w->torn[at] = view->trust[at] < 0.5f || view->inside[at] >= half ? 1 : 0;
        }
    }
    free(value);
    return TENO_OK;
}

/* The part of the lattice that regions reach, with one pixel to spare. */
typedef struct Box {
    Lattice lattice;
    size_t offset, n; /* of its first pixel in the map; pixels */
} Box;

/* What the solver keeps of the box; arrays [n]. */
typedef struct Solve {
    Box box;
    float *x, *ahead, *envelope, *gradient, *work;
    float *dual[3];                                                   /* along u, v and s */
    float *weight[MAX_VIEWS], *share[MAX_VIEWS], *inverse[MAX_VIEWS]; /* w, f and 1 / blurred envelope */
    float *most[MAX_VIEWS]; /* the share may as well be anything from f to this: signal is cut off */
    unsigned char *free;    /* x may differ from 0 */
    float *binary;          /* q */
    Sampling sampling[MAX_VIEWS];
    float *store;
} Solve;

static Box box_of(const Work *w, const TearMap *map)
{
    const Lattice *l = &map->lattice;
    int low[3] = {l->nu, l->nv, l->ns}, high[3] = {-1, -1, -1};
    size_t at = 0;
    for (int k = 0; k < l->ns; k++)
        for (int j = 0; j < l->nv; j++)
            for (int i = 0; i < l->nu; i++, at++) {
                if (!w->reach[at]) continue;
                const int here[3] = {i, j, k};
                for (int a = 0; a < 3; a++) {
                    if (here[a] < low[a]) low[a] = here[a];
                    if (here[a] > high[a]) high[a] = here[a];
                }
            }
    Box box = {.lattice = *l};
    if (high[0] < 0) return box;
    const int n[3] = {l->nu, l->nv, l->ns};
    for (int a = 0; a < 3; a++) {
        if (low[a] > 0) low[a]--;
        if (high[a] < n[a] - 1) high[a]++;
    }
    box.lattice.nu = high[0] - low[0] + 1;
    box.lattice.nv = high[1] - low[1] + 1;
    box.lattice.ns = high[2] - low[2] + 1;
    box.offset = ((size_t)low[2] * (size_t)l->nv + (size_t)low[1]) * (size_t)l->nu + (size_t)low[0];
    box.n = lattice_count(&box.lattice);
    return box;
}

/* Index in the map of row j of section k of the box. */
static size_t row_at(const Box *box, const Lattice *l, int j, int k)
{
    return box->offset + ((size_t)k * (size_t)l->nv + (size_t)j) * (size_t)l->nu;
}

static int solve_alloc(Solve *s, const Work *w, const TearMap *map, Error *error)
{
    *s = (Solve){.box = box_of(w, map)};
    size_t n = s->box.n, floats = 9 + 5 * (size_t)map->n_views;
    if (n == 0) return TENO_OK;
    s->store = array_alloc(n * floats, sizeof *s->store, error);
    s->free = array_alloc(n, 1, error);
    if (!s->store || !s->free) return TENO_FAILED;
    float *next = s->store;
    float **const one[] = {&s->x,      &s->ahead,   &s->envelope, &s->gradient, &s->work,
                           &s->binary, &s->dual[0], &s->dual[1],  &s->dual[2]};
    for (size_t i = 0; i < sizeof one / sizeof *one; i++, next += n) *one[i] = next;
    for (int c = 0; c < map->n_views; c++) {
        s->weight[c] = next;
        s->share[c] = next + n;
        s->inverse[c] = next + 2 * n;
        s->sampling[c] = map->view[c].sampling;
        s->sampling[c].between = next + 3 * n;
        s->most[c] = next + 4 * n;
        next += 5 * n;
    }
    return TENO_OK;
}

static void solve_free(Solve *s)
{
    free(s->store);
    free(s->free);
}

/* What view c says of one pixel of region r: share, precision, and the most that the share may be where voxels are cut
 * off: they may hold up to the level of what fills the tear. Not more: a pixel between a voxel that is cut off and one
 * that is not would else be torn for nothing, over a whole slice where slices are thick. */
static void witness(Solve *s, const Work *w, const TearMap *map, int c, size_t in, size_t at)
{
    const View *view = &map->view[c];
    s->share[c][in] = s->most[c][in] = s->weight[c][in] = 0;
    s->inverse[c][in] = 1 / fmaxf(w->blurred_envelope[c][at], LEAST_ENVELOPE);
    int r = w->reach[at];
    double trust = (double)view->trust[at];
    if (!r || trust <= 0) return;
    double b = (double)map->background[c][at], p = map->region[r - 1].plateau[c], contrast = p - b;
    if (contrast < 0.1 * p) return;
    double noise = hypot(view->pixel_noise, TEXTURE * p), voxel = lattice_voxel_mm3(&map->lattice);
    double share = ((double)view->inside[at] - b) / contrast;
    double own = fmin(fmax(1 - share, 0), 1) * map->region[r - 1].uneven[c];
    double variance = noise * noise * view->correlation_mm3 + own * own * UNEVEN_MM3;
    double precision = contrast * contrast * voxel / variance;
    s->weight[c][in] = (float)(precision * map->region[r - 1].voice[c] * trust * trust);
    s->share[c][in] = (float)share;
    double above = fmax(p - map->region[r - 1].ceiling[c], 0) / contrast, cut = (double)view->cut[at];
    s->most[c][in] = (float)(share + cut * above * (double)s->inverse[c][in]);
}

static void solve_fill(Solve *s, const Work *w, const TearMap *map)
{
    const Lattice *b = &s->box.lattice, *l = &map->lattice;
    size_t in = 0;
    for (int k = 0; k < b->ns; k++)
        for (int j = 0; j < b->nv; j++)
            for (size_t i = 0, row = row_at(&s->box, l, j, k); i < (size_t)b->nu; i++, in++) {
                size_t at = row + i;
                s->x[in] = w->reach[at] ? w->torn[at] : 0;
                s->free[in] = w->reach[at] != 0;
                s->envelope[in] = map->envelope[at];
                for (int c = 0; c < map->n_views; c++) {
                    s->sampling[c].between[in] = map->view[c].sampling.between[at];
                    witness(s, w, map, c, in, at);
                }
            }
    for (int a = 0; a < 3; a++) memset(s->dual[a], 0, s->box.n * sizeof(float));
}

/* out = Rᵀ in for view c; in place is allowed. */
static int blur_back(float *out, const float *in, const Solve *s, int c, Error *error)
{
    for (size_t i = 0; i < s->box.n; i++) out[i] = in[i] * s->inverse[c][i];
    int code = sampling_transpose(out, out, &s->box.lattice, &s->sampling[c], error);
    for (size_t i = 0; i < s->box.n && !code; i++) out[i] *= s->envelope[i];
    return code;
}

/* Gradient of the views' misfit. */
static int misfit_gradient(Solve *s, const TearMap *map, Error *error)
{
    size_t n = s->box.n;
    memset(s->gradient, 0, n * sizeof *s->gradient);
    for (int c = 0; c < map->n_views; c++) {
        for (size_t i = 0; i < n; i++) s->work[i] = s->x[i] * s->envelope[i];
        int code = sampling_apply(s->work, s->work, &s->box.lattice, &s->sampling[c], error);
        if (code) return code;
        for (size_t i = 0; i < n; i++) {
            float misfit = s->work[i] * s->inverse[c][i] - s->share[c][i];
            if (misfit > 0) misfit = fmaxf(s->work[i] * s->inverse[c][i] - s->most[c][i], 0);
            s->work[i] = s->weight[c][i] * misfit;
        }
        code = blur_back(s->work, s->work, s, c, error);
        if (code) return code;
        for (size_t i = 0; i < n; i++) s->gradient[i] += s->work[i];
    }
    return TENO_OK;
}

/* Faces between pixels, a pixel's towards the next along each axis: their area over the pixels', as far as both lie in
 * the tendon; nothing is charged where a tear meets the outside. */
static float face(const Solve *s, size_t a, size_t b, double area)
{
    return (float)area * fminf(s->envelope[a], s->envelope[b]);
}

/* One step of the surface's dual along all axes, and its projection. */
static void dual_step(Solve *s, const double area[3], float step, float most)
{
    const Lattice *l = &s->box.lattice;
    const size_t stride[3] = {1, (size_t)l->nu, lattice_slab(l)};
#pragma omp parallel for schedule(static)
    for (int k = 0; k < l->ns; k++)
        for (int j = 0; j < l->nv; j++)
            for (int i = 0; i < l->nu; i++) {
                size_t at = ((size_t)k * (size_t)l->nv + (size_t)j) * (size_t)l->nu + (size_t)i;
                const bool last[3] = {i + 1 == l->nu, j + 1 == l->nv, k + 1 == l->ns};
                float y[3], square = 0;
                for (int a = 0; a < 3; a++) {
                    size_t next = at + stride[a];
                    y[a] = last[a]
                               ? 0
                               : s->dual[a][at] + step * face(s, at, next, area[a]) * (s->ahead[next] - s->ahead[at]);
                    square += y[a] * y[a];
                }
                float shrink = square > most * most ? most / sqrtf(square) : 1;
                for (int a = 0; a < 3; a++) s->dual[a][at] = shrink * y[a];
            }
}

/* Step of x against the gradients of misfit, surface and two-levels term. */
static void primal_step(Solve *s, const double area[3], float step, float binary)
{
    const Lattice *l = &s->box.lattice;
    const size_t stride[3] = {1, (size_t)l->nu, lattice_slab(l)};
#pragma omp parallel for schedule(static)
    for (int k = 0; k < l->ns; k++)
        for (int j = 0; j < l->nv; j++)
            for (int i = 0; i < l->nu; i++) {
                size_t at = ((size_t)k * (size_t)l->nv + (size_t)j) * (size_t)l->nu + (size_t)i;
                const int place[3] = {i, j, k}, count[3] = {l->nu, l->nv, l->ns};
                float slope = s->gradient[at] + binary * s->binary[at] * (1 - 2 * s->x[at]);
                for (int a = 0; a < 3; a++) {
                    if (place[a] + 1 < count[a]) slope -= s->dual[a][at] * face(s, at, at + stride[a], area[a]);
                    if (place[a] > 0) slope += s->dual[a][at - stride[a]] * face(s, at - stride[a], at, area[a]);
                }
                float moved = s->free[at] ? fminf(fmaxf(s->x[at] - step * slope, 0), 1) : 0;
                s->ahead[at] = 2 * moved - s->x[at];
                s->x[at] = moved;
            }
}

static int solve_run(Solve *s, const TearMap *map, double binary, Error *error)
{
    const Lattice *l = &s->box.lattice;
    size_t n = s->box.n;
    double voxel = lattice_voxel_mm3(l), most = 0,
           area[3] = {voxel / l->pixel_mm, voxel / l->pixel_mm, voxel / l->step_mm};
    memset(s->binary, 0, n * sizeof *s->binary);
    for (int c = 0; c < map->n_views; c++) {
        int code = blur_back(s->work, s->weight[c], s, c, error);
        if (code) return code;
        for (size_t i = 0; i < n; i++) s->binary[i] += s->work[i];
    }
    for (size_t i = 0; i < n; i++) most = fmax(most, (double)s->binary[i]);
    if (!(most > 0)) return TENO_OK;
    double lipschitz = NORM_MARGIN * most;
    double norm = 4 * (area[0] * area[0] + area[1] * area[1] + area[2] * area[2]);
    double primal = 1 / lipschitz, dual = lipschitz / (2 * norm);
    for (int step = 0; step < STEPS; step++) {
        int code = misfit_gradient(s, map, error);
        if (code) return code;
        primal_step(s, area, (float)primal, (float)binary);
        dual_step(s, area, (float)dual, (float)SURFACE_COST);
    }
    return TENO_OK;
}

int shares_update(Work *w, const TearMap *map, double binary, Error *error)
{
    Solve solve;
    int code = solve_alloc(&solve, w, map, error);
    if (!code && solve.box.n > 0) {
        solve_fill(&solve, w, map);
        code = solve_run(&solve, map, binary, error);
        const Lattice *b = &solve.box.lattice;
        size_t in = 0;
        for (int k = 0; k < b->ns && !code; k++)
            for (int j = 0; j < b->nv; j++)
                for (size_t i = 0, row = row_at(&solve.box, &map->lattice, j, k); i < (size_t)b->nu; i++, in++)
                    if (w->reach[row + i]) w->torn[row + i] = solve.x[in];
    }
    solve_free(&solve);
    return code;
}

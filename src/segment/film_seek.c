/*
 * A film of fluid a millimetre thick looks like a second edge: bright on a dark tendon, brighter than suppressed fat.
 * The step from edge to edge (edge_view.c) goes to the nearer one and stays there. So before it starts, a
 * bare tendon and films of 0.25 to 1.5 mm, of areolar tissue or of fluid, are tried on all points and in all views
 * together, with every patch of the boundary where it fits best. The model is that of a blurred edge; the levels
 * outside and inside are free at each point, that of the film is one for each view, near to what the sequence lets
 * expect. The film of least misfit counts; fluid and a bare tendon have to be clearly better than areolar tissue. One
 * thickness for the whole tendon, as in film.c.
 */
#include "segment/film_seek.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "teno/memory.h"

#define SAMPLE_MM 0.25 /* also the step of films and shifts, so that nothing is interpolated */
#define REACH_MM 1.3   /* as in edge_view.c */
#define MODEL_SD 0.1   /* of muscle: texture, ringing */
#define POINT_MOST 6.0 /* misfit of a point at its best: with more, a tear, a vessel or another tendon lies there */
#define SHARED 24.0    /* points that say the same, and one rule that all have in common */
#define SHIFT_SPREAD_MM 0.25 /* of the patches about the whole boundary */
enum { STEPS_OUT = 2, STEPS_IN = SEEK_SHIFTS - 1 - STEPS_OUT, BEFORE = SEEK_FILMS - 1 + STEPS_OUT };
enum { MAX_SAMPLES = 64, MAX_VIEWS = 8, ROUNDS = 3 };

enum { AREOLAR, FLUID, KINDS };
/* Films of each kind, in steps. Areolar tissue is thin (film.c then measures how thin), but it is there: a paratenon
 * was seen on all of 100 healthy tendons (Soila et al. 1999), and where none was taken for granted the outline came to
 * lie in it. Fluid is seen from half a millimetre on. */
enum { AREOLAR_FROM = 1, AREOLAR_TO = 2, FLUID_FROM = 2 };
/* The range of their levels, times the expected one: outside of it a film is no such film. */
static const double level_least[KINDS] = {0.5, 0.5}, level_most[KINDS] = {1.6, 1.5};
/* A film of fluid has to leave this share of the misfit or less, of a bare tendon's or with a thin film. Most of the
 * misfit is the model's own error, so that its ratio counts and not its difference: in 27 development studies of two
 * simulators 0.42 to 0.88 with fluid, and from 1.02 on without, around the final centreline; around the coarse track
 * 0.77 to 0.98, and from 0.95 on. */
#define FLUID_CLEAR 0.96
/* And a bare tendon this, of that with any areolar film: 0.83 to 2.8 of it in 18 such studies with a film, 0.72 to 0.75
 * on a drawing without. */
#define BARE_CLEAR 0.78

/* Least square of the rest with the levels outside and inside free, as a square in the film's level. */
static void levels_rest(double rest[3], const double *signal, const double *fraction, int n, int film)
{
    double oo = 0, oi = 0, ii = 0, yo = 0, yi = 0, yy = 0, go = 0, gi = 0, gg = 0, yg = 0;
    for (int i = 0; i < n; i++) {
        double f = fraction[i], back = fraction[i - film], y = signal[i];
        double wide = back > f ? back : f, out = 1 - wide, g = wide - f; /* fmax would be a call */
        oo += out * out;
        oi += out * f;
        ii += f * f;
        yo += out * y;
        yi += f * y;
        yy += y * y;
        go += out * g;
        gi += f * g;
        gg += g * g;
        yg += y * g;
    }
    double det = oo * ii - oi * oi;
    rest[0] = yy;
    rest[1] = yg;
    rest[2] = gg;
    if (!(det > 1e-9)) return;
    double a = (ii * yo - oi * yi) / det, b = (oo * yi - oi * yo) / det;
    rest[0] -= a * yo + b * yi;
    rest[1] -= a * go + b * gi;
    rest[2] -= ((ii * go - oi * gi) * go + (oo * gi - oi * go) * gi) / det;
}

static double rest_at(const double rest[3], double level)
{
    return rest[0] - 2 * rest[1] * level + rest[2] * level * level;
}

void film_seek_hear(FilmMisfit *misfit, const EdgeView *view, Vec3 edge_lps, Vec3 normal, double depth_mm)
{
    const Grid *g = &view->channel->vol.grid;
    Vec3 origin = grid_to_vox(g, rigid_apply(&view->map, edge_lps));
    Vec3 ahead = grid_to_vox(g, rigid_apply(&view->map, vec3_along(edge_lps, normal, SAMPLE_MM)));
    Vec3 step = vec3_sub(ahead, origin), crop = vec3(view->i0, view->j0, view->k0);
    double blur =
        (fabs(step.x) * g->dx * g->dx + fabs(step.y) * g->dy * g->dy + fabs(step.z) * g->dz * g->dz) / SAMPLE_MM;
    double reach = REACH_MM + 0.6 * fmax(blur - 0.8, 0);
    double reach_in = fmin(reach + STEPS_IN * SAMPLE_MM, fmax(0.8 * depth_mm, 0.6));
    int n_in = (int)(reach_in / SAMPLE_MM), n = n_in + (int)(reach / SAMPLE_MM) + STEPS_OUT + 1;
    double signal[MAX_SAMPLES], fraction[MAX_SAMPLES + BEFORE + STEPS_IN], rest[SEEK_FILMS][SEEK_SHIFTS][3];
    if (n > MAX_SAMPLES) return;
    for (int i = 0; i < n; i++) {
        double value = vol_sample_vox(&view->channel->vol, vec3_along(origin, step, i - n_in), (double)NAN);
        if (isnan(value)) return;
        signal[i] = (value - view->scale->tendon) / view->scale->unit;
    }
    for (int i = 0; i < n + BEFORE + STEPS_IN; i++)
        fraction[i] = vol_sample_vox(&view->fraction, vec3_sub(vec3_along(origin, step, i - BEFORE - n_in), crop), 0);
    double noise = view->scale->noise, per_voxel = fmax(blur / SAMPLE_MM, 1), least = INFINITY;
    double scale = 1 / (2 * per_voxel * (noise * noise + MODEL_SD * MODEL_SD));
    for (int film = 0; film < SEEK_FILMS; film++)
        for (int shift = 0; shift < SEEK_SHIFTS; shift++) {
            /* A boundary shifted inwards has at this place the fraction from farther out. */
            levels_rest(rest[film][shift], signal, fraction + BEFORE + STEPS_IN - shift, n, film);
            least = fmin(least, scale * rest_at(rest[film][shift], view->scale->film));
        }
    scale /= SHARED * (1 + least / POINT_MOST);
    for (int i = 0; i < SEEK_FILMS * SEEK_SHIFTS * 3; i++) (&misfit->of[0][0][0])[i] += scale * (&rest[0][0][0])[i];
}

/* Misfit of a patch in all views at every shift. */
static void patch_misfit(double of[SEEK_SHIFTS], const FilmMisfit *misfit, int n_views, int film, const double *level)
{
    for (int shift = 0; shift < SEEK_SHIFTS; shift++) {
        of[shift] = 0;
        for (int c = 0; c < n_views; c++) of[shift] += rest_at(misfit[c].of[film][shift], level[c]);
    }
}

/* The best shift of a patch, which scatters about the common one; `least` receives its cost. */
static int patch_shift(const double of[SEEK_SHIFTS], int common, double *least)
{
    int best = common;
    *least = of[common];
    for (int shift = 0; shift < SEEK_SHIFTS; shift++) {
        double off = (shift - common) * SAMPLE_MM / SHIFT_SPREAD_MM, cost = of[shift] + off * off / 2;
        if (!(cost < *least)) continue;
        *least = cost;
        best = shift;
    }
    return best;
}

/* The shift of every patch about a common one, given film and levels; returns the misfit. */
static double shifts_fit(int *shift, const FilmMisfit *misfit, int n_views, int n_patches, int film,
                         const double *level)
{
    double sum[SEEK_SHIFTS] = {0}, of[SEEK_SHIFTS], least;
    int common = STEPS_IN;
    for (int p = 0; p < n_patches; p++) {
        patch_misfit(of, misfit + p * n_views, n_views, film, level);
        for (int s = 0; s < SEEK_SHIFTS; s++) {
            patch_shift(of, s, &least);
            sum[s] += least;
        }
    }
    for (int s = 0; s < SEEK_SHIFTS; s++)
        if (sum[s] < sum[common]) common = s;
    for (int p = 0; p < n_patches; p++) {
        patch_misfit(of, misfit + p * n_views, n_views, film, level);
        shift[p] = patch_shift(of, common, &least);
    }
    return sum[common];
}

/* Cost of a film, with the levels that suit it, in turn with the patches' shifts. */
static double film_cost(double *level, int *shift, const double *expected, const FilmMisfit *misfit, int n_views,
                        int n_patches, int kind, int film)
{
    double cost = INFINITY;
    for (int c = 0; c < n_views; c++) level[c] = expected[c];
    for (int round = 0; round < ROUNDS; round++) {
        shifts_fit(shift, misfit, n_views, n_patches, film, level);
        cost = 0;
        for (int c = 0; c < n_views; c++) {
            double stiff = 1 / (2 * FILM_LEVEL_SPREAD * FILM_LEVEL_SPREAD * expected[c] * expected[c]),
                   force = stiff * expected[c];
            for (int p = 0; p < n_patches; p++) {
                force += misfit[p * n_views + c].of[film][shift[p]][1];
                stiff += misfit[p * n_views + c].of[film][shift[p]][2];
            }
            level[c] = fmin(fmax(force / stiff, level_least[kind] * expected[c]), level_most[kind] * expected[c]);
            double off = (level[c] / expected[c] - 1) / FILM_LEVEL_SPREAD;
            cost += off * off / 2;
        }
    }
    return cost + shifts_fit(shift, misfit, n_views, n_patches, film, level);
}

/* Tries films `first` to `last` as of one kind; `best` and `film_level` receive the best of them. Returns its cost. */
static double films_try(FilmGuess *best, double *film_level, int kind, int first, int last, const EdgeView *view,
                        int n_views, const FilmMisfit *misfit, int n_patches, int *shift)
{
    double least = INFINITY, level[MAX_VIEWS], expected[MAX_VIEWS];
    for (int c = 0; c < n_views; c++) expected[c] = kind == FLUID ? view[c].scale->fluid : view[c].scale->film;
    for (int film = first; film <= last; film++) {
        double cost = film_cost(level, shift, expected, misfit, n_views, n_patches, kind, film);
        if (!(cost < least)) continue;
        least = cost;
        best->film_mm = film * SAMPLE_MM;
        for (int c = 0; c < n_views; c++) film_level[c] = level[c];
        for (int p = 0; p < n_patches; p++) best->shift_mm[p] = (shift[p] - STEPS_IN) * SAMPLE_MM;
    }
    return least;
}

int film_seek_best(FilmGuess *best, EdgeView *view, int n_views, const FilmMisfit *misfit, int n_patches, Error *error)
{
    double level[MAX_VIEWS], fluid_level[MAX_VIEWS];
    int *shift = array_alloc((size_t)n_patches, sizeof *shift, error);
    FilmGuess fluid = {.shift_mm = array_alloc((size_t)n_patches, sizeof *fluid.shift_mm, error)};
    if (shift && fluid.shift_mm) {
        double cost[AREOLAR_TO + 1];
        for (int film = 0; film <= AREOLAR_TO; film++)
            cost[film] = films_try(best, level, AREOLAR, film, film, view, n_views, misfit, n_patches, shift);
        int film = cost[AREOLAR_TO] < cost[AREOLAR_FROM] ? AREOLAR_TO : AREOLAR_FROM;
        if (cost[0] < BARE_CLEAR * cost[film]) film = 0;
        films_try(best, level, AREOLAR, film, film, view, n_views, misfit, n_patches, shift);
        double wet =
            films_try(&fluid, fluid_level, FLUID, FLUID_FROM, SEEK_FILMS - 1, view, n_views, misfit, n_patches, shift);
        bool is_fluid = wet < FLUID_CLEAR * fmin(cost[0], cost[AREOLAR_FROM]);
        if (is_fluid) {
            best->film_mm = fluid.film_mm;
            memcpy(best->shift_mm, fluid.shift_mm, (size_t)n_patches * sizeof *best->shift_mm);
        }
        for (int c = 0; c < n_views; c++) view[c].film = is_fluid ? fluid_level[c] : level[c];
    }
    int code = shift && fluid.shift_mm ? TENO_OK : TENO_FAILED;
    free(shift);
    free(fluid.shift_mm);
    return code;
}

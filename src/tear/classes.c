/*
 * Which pixels of the tendon are normal, raised or fluid-like: an ordered three-class Markov field.
 *
 * Each view votes with two log-odds, one at each class boundary of its signal model (an ordinal logistic model), as far
 * as its pixel can be trusted; the votes of all views add up. Neighbouring pixels of different class cost a Potts
 * penalty (Besag, J R Stat Soc B 1986;48:259-302, iterated conditional modes). Red and black pixels are updated in
 * turn, so that the result does not depend on threads. Compared with graph cuts ICM finds a local optimum only; the
 * data here are strong and the field serves to remove single-pixel noise, where both agree.
 */
#include <math.h>
#include <stdlib.h>

#include "engine.h"
#include "teno/memory.h"

/* Cost of one in-plane pair of unlike neighbours and of one pair along s, in units of log-odds. Pixels are a third to a
 * whole voxel, so neighbours share most of their data: a weak field suffices. */
static const double PAIR_COST = 0.5, PAIR_COST_S = 0.5;
/* No single view is more certain than e^6. */
static const double MOST_LOG_ODDS = 6;
/* Softness of a boundary as a share of its level: the spread of tissue levels about the prediction. */
static const double BOUNDARY_SOFTNESS = 0.12; /* and never below that of the scale */
enum { SWEEPS = 6 };

static double log_odds(double signal, double boundary, double noise, double scale_spread)
{
    double relative = fmax(BOUNDARY_SOFTNESS, scale_spread), soft = hypot(noise, relative * boundary);
    return fmin(fmax((signal - boundary) / soft, -MOST_LOG_ODDS), MOST_LOG_ODDS);
}

/* Log of the share of a tissue that lies above `level`, when its signals scatter lognormally about `typical`. */
static double log_tail(double level, double typical, double spread)
{
    return log(fmax(0.5 * erfc(log(level / typical) / (spread * sqrt(2))), 1e-9));
}

/* A pixel cut off at the ceiling is a lower bound of its signal: fluid over raised by how often each exceeds it. */
static double ceiling_odds(const View *view, double signal)
{
    double least = fmax(signal, 0.01), spread = fmax(view->model.tendinosis_spread, view->model.scale_spread);
    double fluid = log_tail(least, view->plateau, fmax(view->plateau_spread, view->model.scale_spread));
    return fmin(fluid - log_tail(least, view->model.tendinosis, spread), MOST_LOG_ODDS);
}

/* vote[0]: raised over normal, vote[1]: fluid over raised; summed over views. */
static void votes_sum(double vote[2], const TearMap *map, const double power[MAX_VIEWS], size_t at)
{
    vote[0] = vote[1] = 0;
    for (int c = 0; c < map->n_views; c++) {
        const View *view = &map->view[c];
        double trust = (double)view->trust[at];
        if (trust <= 0) continue;
        vote[0] += trust * log_odds((double)view->inside[at], view->model.raised_threshold, view->pixel_noise,
                                    view->model.scale_spread);
        double fluid = log_odds((double)view->inside[at], view->model.fluid_threshold, view->pixel_noise,
                                view->model.scale_spread);
        if (view->clipped[at]) fluid = fmax(fluid, ceiling_odds(view, (double)view->inside[at]));
        vote[1] += trust * power[c] * fluid;
    }
}

static Class best_class(const double vote[2], const double pair[4])
{
    /* Energies relative to fluid: normal pays both votes, raised the upper one. */
    double normal = vote[0] + vote[1] + pair[CLASS_NORMAL], raised = vote[1] + pair[CLASS_RAISED];
    double fluid = pair[CLASS_FLUID];
    if (normal <= raised && normal <= fluid) return CLASS_NORMAL;
    return raised <= fluid ? CLASS_RAISED : CLASS_FLUID;
}

/* What each class would pay for unlike neighbours. */
static void pair_costs(double pair[4], const TearMap *map, int i, int j, int k)
{
    const Lattice *l = &map->lattice;
    static const int step[6][3] = {{-1, 0, 0}, {1, 0, 0}, {0, -1, 0}, {0, 1, 0}, {0, 0, -1}, {0, 0, 1}};
    pair[CLASS_NORMAL] = pair[CLASS_RAISED] = pair[CLASS_FLUID] = 0;
    for (int n = 0; n < 6; n++) {
        int x = i + step[n][0], y = j + step[n][1], z = k + step[n][2];
        if (x < 0 || y < 0 || z < 0 || x >= l->nu || y >= l->nv || z >= l->ns) continue;
        unsigned char other = map->class[((size_t)z * (size_t)l->nv + (size_t)y) * (size_t)l->nu + (size_t)x];
        if (other == CLASS_OUTSIDE) continue;
        double cost = step[n][2] ? PAIR_COST_S : PAIR_COST;
        for (int c = CLASS_NORMAL; c <= CLASS_FLUID; c++) pair[c] += c == other ? 0 : cost;
    }
}

static bool classifiable(const TearMap *map, size_t at)
{
    if (map->envelope[at] < 0.5f) return false;
    for (int c = 0; c < map->n_views; c++)
        if (map->view[c].trust[at] > 0) return true;
    return false;
}

/* How well each view tells fluid from tendinosis, the best one 1: a series that hardly does must not overrule one that
 * does. Nor may one whose slices lie along the tendon: a tear thinner than they are looks grey in it. */
static void powers_set(double power[MAX_VIEWS], const TearMap *map)
{
    double best = 0;
    for (int c = 0; c < map->n_views; c++) {
        double contrast = fmax(1 - map->view[c].model.tendinosis / map->view[c].plateau, 0.05);
        power[c] = contrast * contrast / (map->view[c].psf_mm[0] * map->view[c].psf_mm[1]);
        best = fmax(best, power[c]);
    }
    for (int c = 0; c < map->n_views; c++) power[c] /= best;
}

int classes_estimate(TearMap *map, Error *error)
{
    const Lattice *l = &map->lattice;
    size_t n = lattice_count(l);
    double(*vote)[2] = array_alloc(n, sizeof *vote, error);
    if (!vote) return TENO_FAILED;
    static const double nobody[4] = {0, 0, 0, 0};
    double power[MAX_VIEWS];
    powers_set(power, map);
#pragma omp parallel for schedule(static)
    for (int k = 0; k < l->ns; k++)
        for (size_t at = (size_t)k * lattice_slab(l), end = at + lattice_slab(l); at < end; at++) {
            map->class[at] = CLASS_OUTSIDE;
            if (!classifiable(map, at)) continue;
            votes_sum(vote[at], map, power, at);
            map->class[at] = (unsigned char)best_class(vote[at], nobody);
        }
    for (int sweep = 0; sweep < SWEEPS; sweep++)
        for (int colour = 0; colour < 2; colour++) {
#pragma omp parallel for schedule(static)
            for (int k = 0; k < l->ns; k++)
                for (int j = 0; j < l->nv; j++)
                    for (int i = (j + k + colour) & 1; i < l->nu; i += 2) {
                        size_t at = ((size_t)k * (size_t)l->nv + (size_t)j) * (size_t)l->nu + (size_t)i;
                        if (map->class[at] == CLASS_OUTSIDE) continue;
                        double pair[4];
                        pair_costs(pair, map, i, j, k);
                        map->class[at] = (unsigned char)best_class(vote[at], pair);
                    }
        }
    free(vote);
    return TENO_OK;
}

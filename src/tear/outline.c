/*
 * The sharp outline whose blurred image the shares are.
 *
 * It is a level set, and it holds what the sections add up to. Where the blurred outline falls short of the shares the
 * level is raised, where it exceeds them lowered (Landweber's iteration, Am J Math 1951;73:615-624, on an outline
 * instead of a picture: pixels are torn or not, so that noise far from the outline adds nothing). Slices are thus
 * undone as well as pixels, and lengths and shares of a cross-section can be read off the outline.
 */
#include <math.h>
#include <stdlib.h>

#include "teno/memory.h"
#include "work.h"

/* A region's brightest pixels, as a share of all of them. */
static const double BRIGHT_QUANTILE = 0.95;
/* A share beyond this is a wrong level or an artefact, not noise. */
static const double MOST_SHARE = 1.2;
/* Sections whose recovery amounts to less than this share of the fullest one's borrow their gain. */
static const double LEAST_EVIDENCE = 0.004;
/* How much of what is missing each round adds to the level. */
static const float LEVEL_STEP = 0.5f;

static int by_value(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* First outline: where the best view's signal exceeds half of what the region's brightest twentieth shows. The class
 * boundary lies where fluid ends, not where the pixel is half fluid: a bright tear's outline would start too wide. */
int outline_start(Work *w, const TearMap *map, Error *error)
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
            w->sharp[at] = view->trust[at] < 0.5f || view->inside[at] >= half ? 1 : 0;
        }
    }
    free(value);
    return TENO_OK;
}

/*
 * Torn area of every section of every region, in pixels: torn[(r - 1) ns + k].
 *
 * A plain sum of the shares over the reach would also sum whatever else is raised there: the tail of a section, where
 * next to nothing of the tear is left to see, is wide. The shares are therefore weighed by the recovery that the
 * outline predicts (a matched filter): the least-squares gain of the predicted section times its area. Where the gain
 * rests on next to nothing it is drawn to 1.
 */
void sections_sum(double *torn, double *scratch, const Work *w, const TearMap *map)
{
    const Lattice *l = &map->lattice;
    size_t ns = (size_t)l->ns, slab = lattice_slab(l), m = (size_t)map->n_regions * ns;
    double *square = scratch, *mass = scratch + m, *most = mass + m;
    for (size_t i = 0; i < m; i++) torn[i] = square[i] = mass[i] = 0;
    for (size_t at = 0; at < lattice_count(l); at++) {
        if (!w->reach[at]) continue;
        size_t cell = (size_t)(w->reach[at] - 1) * ns + at / slab;
        double recovery = (double)w->joint_recovery[at], share = (double)map->envelope[at];
        double voice = share * joint_trust(map, at) * recovery;
        torn[cell] += voice * fmin((double)w->fraction[at], MOST_SHARE);
        square[cell] += voice * recovery;
        mass[cell] += share * recovery;
    }
    for (int r = 0; r < map->n_regions; r++) {
        most[r] = 0;
        for (size_t k = 0; k < ns; k++) most[r] = fmax(most[r], square[(size_t)r * ns + k]);
    }
    for (size_t i = 0; i < m; i++) {
        double pull = LEAST_EVIDENCE * most[i / ns];
        torn[i] = pull > 0 ? (torn[i] + pull) / (square[i] + pull) * mass[i] : 0;
    }
}

/* The level starts as the shares themselves; what they have more than the outline predicts is added round by round, so
 * that the outline's blurred image becomes theirs: a tear's tapering ends, too, of which no pixel is half torn to see.
 */
static void level_update(Work *w, const TearMap *map, bool first)
{
    for (size_t at = 0; at < lattice_count(&map->lattice); at++) {
        float rest = w->fraction[at] - w->joint_recovery[at];
        if (first || !w->reach[at])
            w->level[at] = w->fraction[at];
        else
            w->level[at] += LEVEL_STEP * (float)joint_trust(map, at) * fminf(rest, 1);
    }
}

/*
 * The sharp outline that holds as much as is torn: pixels from the most torn downwards until their number matches. For
 * a large region that is f > 1/2; for one smaller than the blur it keeps the volume right.
 */
int outline_update(Work *w, const TearMap *map, bool first, Error *error)
{
    enum { BINS = 64 };
    size_t n = lattice_count(&map->lattice), m = (size_t)map->n_regions + 1, ns = (size_t)map->lattice.ns;
    double *mass = array_alloc(m * (BINS + 2), sizeof *mass, error);
    double *torn = array_alloc(m * (3 * ns + 1), sizeof *torn, error);
    if (!mass || !torn) {
        free(mass);
        free(torn);
        return TENO_FAILED;
    }
    double *sum = mass + m * BINS, *threshold = sum + m;
    level_update(w, map, first);
    sections_sum(torn, torn + m * ns, w, map);
    for (size_t r = 1; r < m; r++)
        for (size_t k = 0; k < ns; k++) sum[r] += torn[(r - 1) * ns + k];
    for (size_t at = 0; at < n; at++) {
        size_t r = (size_t)w->reach[at];
        if (!r) continue;
        double f = fmin(fmax((double)w->level[at], 0), 1);
        mass[r * BINS + (size_t)fmin(f * BINS, BINS - 1)] += (double)map->envelope[at];
    }
    for (size_t r = 1; r < m; r++) {
        double held = 0;
        int bin = BINS;
        while (bin > 1 && held + mass[r * BINS + (size_t)bin - 1] / 2 < sum[r]) held += mass[r * BINS + (size_t)--bin];
        threshold[r] = fmin((double)bin / BINS, 0.5);
    }
    for (size_t at = 0; at < n; at++)
        w->sharp[at] = w->reach[at] && (double)w->level[at] >= threshold[w->reach[at]] ? 1 : 0;
    free(mass);
    free(torn);
    return TENO_OK;
}

/*
 * Where fluid-like begins, as the image itself shows it.
 *
 * What fills a tear is one substance: its pixels have one level, give or take noise and texture. Tendinosis is a
 * continuum from normal tendon upwards. So a tear of some size makes a narrow hill in the distribution of the levels
 * deep inside the tendon, with a valley below it, and the boundary belongs into the valley. Predicted levels are wrong
 * by factors (echo trains, muscle's own relaxation times), and where fluid and tendinosis are predicted alike they do
 * not say where the boundary is at all; the valley does. It is chosen as the least of the density times what the
 * prediction still has to say. Without a distinct hill at a level that the content of a tear may have, the predicted
 * boundary stays.
 *
 * What it cannot do: see the hill of a tear that is thin against the blur, or of one as bright as the brightest of
 * much tendinosis.
 */
#include <math.h>

#include "engine.h"

/* A hill stands out when it is so many times as high as the valley below it: 1.5 to 33 times in 14 series of
 * development studies with a large tear; 18 series with tendinosis and no tear had no hill at all at such levels. */
static const double PROMINENT = 1.5;
/* Texture of one tissue as a share of its level, over which the distribution is smoothed beside the noise. */
static const double TEXTURE = 0.05;
/* Levels that the content of a tear may have, SDs about the expected one. */
static const double CONTENT_SDS = 2;
/* A valley lower than this share of the hill is as good as empty. */
static const double EMPTY = 0.05;
/* A boundary moved by less, as a logarithm, is not worth a word. */
static const double MOVED = 0.1;
enum { BINS = 1024, LEVELS = 128 };

/* Volume per unit of normalised signal, at levels that grow by one factor. */
typedef struct Spectrum {
    double level[LEVELS], density[LEVELS];
} Spectrum;

static double width_at(const View *view, double level)
{
    return hypot(view->pixel_noise, TEXTURE * level);
}

static double kernel_sum(const double bin[BINS], double bin_width, double level, double width)
{
    double sum = 0;
    int from = (int)fmax((level - 3 * width) / bin_width, 0), to = (int)fmin((level + 3 * width) / bin_width, BINS - 1);
    for (int b = from; b <= to; b++) {
        double off = ((b + 0.5) * bin_width - level) / width;
        sum += bin[b] * exp(-off * off / 2);
    }
    return sum / (width * 2.5066282746310002);
}

/* Distribution of the levels deep inside the tendon, where nothing shows through. False when so much of it is cut off
 * that the hill may be among that. */
static bool spectrum_fill(Spectrum *out, const TearMap *map, const View *view)
{
    double bin[BINS] = {0}, blur = in_plane_blur_mm(map), low = view->model.raised_threshold, cut_off_mm3 = 0,
           top = view->plateau * exp((CONTENT_SDS + 1) * view->plateau_spread), bin_width = top / BINS;
    for (size_t at = 0; at < lattice_count(&map->lattice); at++) {
        if (view->trust[at] < 1 || view->inside[at] <= 0 || !pixel_deep(map, at, blur)) continue;
        int b = (int)((double)view->inside[at] / bin_width);
        if (view->clipped[at])
            cut_off_mm3 += lattice_voxel_mm3(&map->lattice);
        else if (b < BINS)
            bin[b] += lattice_voxel_mm3(&map->lattice);
    }
    for (int i = 0; i < LEVELS; i++) {
        out->level[i] = low * pow(top / low, (double)i / (LEVELS - 1));
        out->density[i] = kernel_sum(bin, bin_width, out->level[i], width_at(view, out->level[i]));
    }
    return cut_off_mm3 < FOCUS_MM3;
}

/* Index of the lowest distinct hill at a level that fills tears; 0 for none. */
static int hill_find(const Spectrum *s, const View *view)
{
    double least = view->plateau * exp(-CONTENT_SDS * view->plateau_spread), valley = s->density[0];
    for (int i = 1; i + 1 < LEVELS; i++) {
        valley = fmin(valley, s->density[i]);
        if (s->density[i] < s->density[i - 1] || s->density[i] < s->density[i + 1] || s->level[i] < least) continue;
        double volume = (s->density[i] - valley) * 2.5066282746310002 * width_at(view, s->level[i]);
        if (s->density[i] >= PROMINENT * valley && volume >= FOCUS_MM3) return i;
    }
    return 0;
}

/* The level below the hill with the least density, the nearer to the predicted boundary the better. */
static double boundary_below(const Spectrum *s, int hill, const View *view)
{
    const SignalModel *m = &view->model;
    double spread = hypot(m->scale_spread, hypot(m->tendinosis_spread, view->plateau_spread) / 2);
    double best = m->fluid_threshold, least = INFINITY;
    for (int i = 0; i < hill; i++) {
        double off = log(s->level[i] / m->fluid_threshold) / spread;
        double cost = log(s->density[i] / s->density[hill] + EMPTY) + off * off / 2;
        if (!(cost < least)) continue;
        least = cost;
        best = s->level[i];
    }
    return best;
}

/* The boundary goes into the valley, and the hill tells what to expect of the tears. */
static void content_known(View *view, const Spectrum *s, int hill, Notes *notes)
{
    double expected = view->model.fluid_threshold, level = s->level[hill];
    view->model.fluid_threshold = boundary_below(s, hill, view);
    view->plateau = level;
    view->plateau_spread = hypot(width_at(view, level) / level, PLATEAU_SPREAD_BETWEEN);
    if (fabs(log(view->model.fluid_threshold / expected)) < MOVED) return;
    notes_add(notes,
              "series %d: what fills a tear stands out at a level of %.2f of muscle; fluid-like is what exceeds %.2f "
              "(expected boundary %.2f)",
              view->channel->series->series_number, level, view->model.fluid_threshold, expected);
}

int valleys_seek(TearMap *map)
{
    int seen = 0;
    for (int c = 0; c < map->n_views; c++) {
        View *view = &map->view[c];
        Spectrum spectrum;
        if (!(view->model.raised_threshold > 0) || view->plateau <= view->model.raised_threshold) continue;
        int hill = spectrum_fill(&spectrum, map, view) ? hill_find(&spectrum, view) : 0;
        if (!hill) continue;
        content_known(view, &spectrum, hill, &map->notes);
        seen++;
    }
    return seen;
}

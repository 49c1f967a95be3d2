/*
 * Candidates: a matched filter for a dark band between two bright layers.
 *
 * At each point of a level, boxes of the sizes that an Achilles may have are laid on the map of tendon-likeness: the
 * mean inside against the means of a strip behind, a strip in front and strips at both sides. The band is as good as
 * its worse face, because a muscle, a cortex or a fascia has one bright face only or no width. Means over boxes (from
 * sums over the level) beat noise, and a tendon whose middle is torn or degenerated still has most of its contrast,
 * where a threshold would break it into pieces. Anatomy adds how deep below the skin of the heel and how far from the
 * leg's middle a section usually lies.
 *
 * What it cannot do: see a section that has no dark part; the path bridges those.
 */
#include "segment/bands.h"

#include <math.h>
#include <stdlib.h>

#include "segment/tissue.h"
#include "teno/memory.h"

/* Sections of 4 x 9 to 14 x 24 mm (clinical.md §1.2: 14.7 x 4.9 normal, 17.2 x 11.2 tendinopathy, 25.7 at the
 * insertion), and 3 mm for an aponeurosis or a torn end. */
static const double width_mm[] = {9, 13, 17, 24}, thickness_mm[] = {3, 5, 7.5, 11, 15};
enum { WIDTHS = 4, THICKNESSES = 5 };
#define STRIP_MM 2.0   /* of the tissue beyond a face */
#define GAP_MM 1.0     /* the blurred edge itself belongs to neither */
#define USUAL_MM2 62.0 /* the mean of clinical.md §1.2's normal sections */
#define DEPTH_MAX_MM 45.0
/* The soleus is looked for within the largest section about the path, by the share of muscle there; it comes down from
 * the upper end without a gap (judged). */
#define SOLEUS_BESIDE_MM 12.0
#define SOLEUS_BEFORE_MM 7.5
#define SOLEUS_SHARE 0.08
#define SOLEUS_GAP_MM 3.0
#define NOTHING 0.22 /* contrast below which a level rather speaks against a tendon: noise and texture reach it */
/* A degenerated tendon is grey, not dark, but still no fat; so is muscle, hence not as good. */
#define GREY_SHARE 0.7
#define WORST (-0.05) /* of a level without a band: a rupture or a bad slice must not outweigh the rest */

#define UNIMAGED_SIDE 0.3 /* mean of a side strip that is not imaged */
#define ROUNDING 1e-6     /* far above that of the sums, far below what makes a difference */

typedef struct Level {
    const Lattice *lattice;
    int nx, ny;
    double *sum, *count; /* [ny + 1][nx + 1] over all pixels above and left */
    const unsigned char *air;
    const float *map; /* how unlike the surroundings a point is */
    double least;     /* no mean over a box is below this */
} Level;

static bool level_init(Level *l, const Lattice *lattice, const float *map, size_t start)
{
    const Grid *g = &lattice->grid;
    size_t sums = ((size_t)g->nx + 1) * ((size_t)g->ny + 1);
    *l = (Level){lattice,
                 g->nx,
                 g->ny,
                 array_alloc(sums, sizeof(double), NULL),
                 array_alloc(sums, sizeof(double), NULL),
                 lattice->air + start,
                 map,
                 UNIMAGED_SIDE};
    return l->sum && l->count;
}

static void level_free(Level *l)
{
    free(l->sum);
    free(l->count);
}

/* Air is left out: a tendon lies beside skin, never beside nothing, and skin between fat and air is no band. */
static void level_sums(Level *l)
{
    int stride = l->nx + 1;
    for (int y = 0; y < l->ny; y++) {
        double row = 0, n = 0;
        for (int x = 0; x < l->nx; x++) {
            int i = y * l->nx + x, at = (y + 1) * stride + x + 1;
            if (!isnan(l->map[i]) && !l->air[i]) {
                double value = (double)l->map[i];
                row += value;
                n++;
                if (value < l->least) l->least = value;
            }
            l->sum[at] = l->sum[at - stride] + row;
            l->count[at] = l->count[at - stride] + n;
        }
    }
}

/* Mean darkness of pixels x0 <= x < x1, y0 <= y < y1; NaN where less than half of them is imaged tissue. */
static double box_mean(const Level *l, int x0, int x1, int y0, int y1)
{
    double wanted = (double)(x1 - x0) * (y1 - y0);
    x0 = x0 < 0 ? 0 : x0;
    y0 = y0 < 0 ? 0 : y0;
    x1 = x1 > l->nx ? l->nx : x1;
    y1 = y1 > l->ny ? l->ny : y1;
    if (x1 <= x0 || y1 <= y0) return (double)NAN;
    int stride = l->nx + 1, a = y0 * stride, b = y1 * stride;
    double n = l->count[b + x1] - l->count[b + x0] - l->count[a + x1] + l->count[a + x0];
    if (n < 0.5 * wanted) return (double)NAN;
    return (l->sum[b + x1] - l->sum[b + x0] - l->sum[a + x1] + l->sum[a + x0]) / n;
}

/* Contrast of one template about (x, y); NaN when it is not imaged well enough, or cannot reach `least`: then its
 * other boxes need not be looked at. */
static double template_contrast(const Level *l, int x, int y, double width, double thickness, double least)
{
    double dx = l->lattice->grid.dx, dy = l->lattice->grid.dy;
    int w = (int)lrint(width / dx), t = (int)lrint(thickness / dy), strip = (int)lrint(STRIP_MM / dy),
        gap = (int)lrint(GAP_MM / dy);
    w = w < 1 ? 1 : w;
    t = t < 1 ? 1 : t;
    strip = strip < 1 ? 1 : strip;
    int x0 = x - w / 2, y0 = y - t / 2, x1 = x0 + w, y1 = y0 + t;
    double inside = box_mean(l, x0, x1, y0, y1);
    if (isnan(inside) || inside - l->least < least - ROUNDING) return (double)NAN;
    double front = box_mean(l, x0, x1, y0 - gap - strip, y0 - gap),
           behind = box_mean(l, x0, x1, y1 + gap, y1 + gap + strip);
    if (isnan(front) || isnan(behind)) return (double)NAN;
    double faces = 0.75 * (inside - fmax(front, behind));
    if (faces + 0.25 * (inside - l->least) < least - ROUNDING) return (double)NAN;
    double right = box_mean(l, x0 - gap - strip, x0 - gap, y0, y1),
           left = box_mean(l, x1 + gap, x1 + gap + strip, y0, y1);
    double beside = isnan(right) || isnan(left) ? UNIMAGED_SIDE : fmax(right, left);
    return faces + 0.25 * (inside - beside);
}

/* A small box fits into every dark spot and into each half of a tendon: evidence grows with the area that agrees, up to
 * that of a usual section. */
static double size_weight(double width, double thickness)
{
    return fmin(sqrt(width * thickness / USUAL_MM2), 1.15);
}

/* What the place says: an Achilles lies 3 to 15 mm below the skin of the heel and behind the middle of the leg. */
static double place_prior(double depth_mm, double beside_mm)
{
    double depth = isnan(depth_mm) ? 1 : (depth_mm - 9) / 6, beside = isnan(beside_mm) ? 0.5 : beside_mm / 12;
    return -0.06 * fmin(depth * depth, 6) - 0.06 * fmin(beside * beside, 6);
}

/* For each pixel of a column the distance straight back to air: NaN when air is not imaged there. */
static double depth_behind(const Level *l, int x, int y)
{
    int back = y;
    while (back < l->ny && !l->air[back * l->nx + x]) back++;
    if (back >= l->ny || isnan(l->map[back * l->nx + x])) return (double)NAN;
    return (back - y) * l->lattice->grid.dy;
}

/* Middle of the body in a row around x; NaN when the images cut it off. */
static double row_middle(const Level *l, int x, int y)
{
    int left = x, right = x;
    while (right < l->nx && !l->air[y * l->nx + right]) right++;
    while (left >= 0 && !l->air[y * l->nx + left]) left--;
    bool whole = left >= 0 && right < l->nx && !isnan(l->map[y * l->nx + left]) && !isnan(l->map[y * l->nx + right]);
    return whole ? (left + right) / 2.0 : (double)NAN;
}

/* Without a band a node only holds the path's place, and the place has been judged where the band was. */
static double node_score(double contrast, double prior)
{
    return contrast > NOTHING ? contrast - NOTHING + prior : fmax(contrast - NOTHING, WORST) + 0.25 * prior;
}

/* Contrast below which another template changes nothing; NaN as long as there is none. */
static double wanted(double best)
{
    return isnan(best) ? best : fmax(best, NOTHING + WORST);
}

static void level_bands(Level *l, Level *shade, float *score)
{
    level_sums(l);
    level_sums(shade);
    for (int i = 0; i < l->nx * l->ny; i++) score[i] = BAND_NOWHERE;
    for (int y = 0; y < l->ny; y++) {
        double middle = (double)NAN;
        for (int x = 0; x < l->nx; x++) {
            int i = y * l->nx + x;
            if (l->air[i]) {
                middle = (double)NAN;
                continue;
            }
            if (x == 0 || l->air[i - 1]) middle = row_middle(l, x, y);
            double depth = depth_behind(l, x, y), best = (double)NAN;
            if (depth > DEPTH_MAX_MM) continue;
            for (int s = 0; s < WIDTHS * THICKNESSES; s++) {
                double width = width_mm[s % WIDTHS], thickness = thickness_mm[s / WIDTHS];
                double weight = size_weight(width, thickness), other = weight * GREY_SHARE;
                best = fmax(best, weight * template_contrast(l, x, y, width, thickness, wanted(best) / weight));
                double grey = template_contrast(shade, x, y, width, thickness, wanted(best) / other);
                best = fmax(best, weight * (GREY_SHARE * grey));
            }
            if (isnan(best)) continue;
            score[i] = (float)node_score(best, place_prior(depth, fabs(x - middle) * l->lattice->grid.dx));
        }
    }
}

int bands_find(Bands *out, const Lattice *lattice, Error *error)
{
    const Grid *g = &lattice->grid;
    size_t n = grid_count(g), plane = (size_t)g->nx * (size_t)g->ny;
    int failed = 0;
    *out = (Bands){array_alloc(n, sizeof *out->score, error)};
    if (!out->score) failed = 1;
#pragma omp parallel for schedule(dynamic)
    for (int k = 0; k < g->nz * !failed; k++) {
        size_t start = plane * (size_t)k;
        Level dark, shade;
        bool ready = level_init(&dark, lattice, lattice->dark + start, start);
        ready &= level_init(&shade, lattice, lattice->shade + start, start);
        if (ready)
            level_bands(&dark, &shade, out->score + start);
        else
#pragma omp critical(bands)
            failed = 1;
        level_free(&dark);
        level_free(&shade);
    }
    if (!failed) return TENO_OK;
    bands_free(out);
    return error_set(error, TENO_FAILED, "no memory for the candidates' maps");
}

enum { OFFSET = 3, OFFSETS = 2 * OFFSET + 1, CHOICES = WIDTHS * THICKNESSES * OFFSETS * OFFSETS, WINDOW = 5 };

/* Contrast of every size at every place near one node. */
static void node_choices(float *contrast, const Level *l, int node)
{
    for (int c = 0; c < CHOICES; c++) {
        int s = c / (OFFSETS * OFFSETS), dx = c % OFFSETS - OFFSET, dy = c / OFFSETS % OFFSETS - OFFSET;
        double width = width_mm[s % WIDTHS], thickness = thickness_mm[s / WIDTHS];
        double value = size_weight(width, thickness) *
                       template_contrast(l, node % l->nx + dx, node / l->nx + dy, width, thickness, -INFINITY);
        /* The path runs near the middle: of boxes that differ as much, the nearer one. */
        contrast[c] = isnan(value) ? -1 : (float)(value - 0.01 * (dx * dx + dy * dy) / (OFFSET * OFFSET));
    }
}

static void choose_box(Box *box, const float *contrast, int node, int i, int n, const Grid *g)
{
    double best = -INFINITY;
    for (int c = 0; c < CHOICES; c++) {
        double sum = 0;
        int from = i > WINDOW ? i - WINDOW : 0, to = i + WINDOW < n ? i + WINDOW : n - 1;
        for (int j = from; j <= to; j++) sum += (double)contrast[(size_t)j * CHOICES + (size_t)c] / (1 + abs(j - i));
        if (sum <= best) continue;
        best = sum;
        int s = c / (OFFSETS * OFFSETS);
        *box = (Box){node % g->nx + c % OFFSETS - OFFSET, node / g->nx + c / OFFSETS % OFFSETS - OFFSET,
                     width_mm[s % WIDTHS], thickness_mm[s / WIDTHS]};
    }
}

/* How much muscle there is about a node. */
static double node_muscle(const Lattice *lattice, size_t start, int node)
{
    const Grid *g = &lattice->grid;
    int rx = (int)(SOLEUS_BESIDE_MM / g->dx), ry = (int)(SOLEUS_BEFORE_MM / g->dy);
    double sum = 0, n = 0;
    for (int y = node / g->nx - ry; y <= node / g->nx + ry; y++)
        for (int x = node % g->nx - rx; x <= node % g->nx + rx; x++) {
            Likelihood point;
            if (x < 0 || y < 0 || x >= g->nx || y >= g->ny) continue;
            if (!node_classify(&point, lattice, start + (size_t)(y * g->nx + x))) continue;
            sum += muscle_share(&point);
            n++;
        }
    return n > 0 ? sum / n : 0;
}

/* The lowest node of the path that may have the soleus beside it; n without. What looks like muscle below is rather a
 * degenerated tendon, unless all series suppress fat: then marrow looks so, too. */
static int soleus_end(const int *node, int first, int n, const Lattice *lattice)
{
    size_t plane = (size_t)lattice->grid.nx * (size_t)lattice->grid.ny;
    int gap = (int)ceil(SOLEUS_GAP_MM / lattice->grid.dz), lowest = n;
    bool fat_shown = false;
    for (int c = 0; c < lattice->n_channels; c++) fat_shown |= !lattice->scale[c].fat_dark;
    if (!fat_shown) return 0;
    for (int i = n - 1; i >= 0 && lowest - i <= gap + 1; i--)
        if (node_muscle(lattice, plane * (size_t)(first + i), node[i]) > SOLEUS_SHARE) lowest = i;
    return lowest;
}

/* How much of tendon, sound or damaged, is in the points of a level as far as any box about a node reaches. A tear that
 * is brighter than suppressed fat is as much part of the section as its dark rim, the soleus beside it is not. */
static void map_tendon(float *map, const Lattice *lattice, size_t start, int node, bool muscle)
{
    const Grid *g = &lattice->grid;
    double reach_mm = fmax(width_mm[WIDTHS - 1], thickness_mm[THICKNESSES - 1]) / 2 + GAP_MM + STRIP_MM;
    int rx = (int)(reach_mm / g->dx) + OFFSET + 2, ry = (int)(reach_mm / g->dy) + OFFSET + 2;
    for (int y = 0; y < g->ny; y++)
        for (int x = 0; x < g->nx; x++) {
            int i = y * g->nx + x, dx = abs(x - node % g->nx), dy = abs(y - node / g->nx);
            Likelihood point;
            bool seen = dx <= rx && dy <= ry && node_classify(&point, lattice, start + (size_t)i);
            map[i] = seen ? (float)tendon_share(&point, muscle) : NAN;
        }
}

int bands_measure(Box *box, const int *node, int first, int n, const Lattice *lattice, Error *error)
{
    const Grid *g = &lattice->grid;
    size_t plane = (size_t)g->nx * (size_t)g->ny;
    float *contrast = array_alloc((size_t)n * CHOICES, sizeof *contrast, error);
    int failed = !contrast, soleus = soleus_end(node, first, n, lattice);
#pragma omp parallel for schedule(dynamic)
    for (int i = 0; i < n * !failed; i++) {
        size_t start = plane * (size_t)(first + i);
        Level level = {0};
        float *map = array_alloc(plane, sizeof *map, NULL);
        if (map && level_init(&level, lattice, map, start)) {
            map_tendon(map, lattice, start, node[i], i >= soleus);
            level_sums(&level);
            node_choices(contrast + (size_t)i * CHOICES, &level, node[i]);
        } else
#pragma omp critical(bands)
            failed = 1;
        level_free(&level);
        free(map);
    }
    for (int i = 0; i < n && !failed; i++) choose_box(&box[i], contrast, node[i], i, n, g);
    free(contrast);
    return failed ? error_set(error, TENO_FAILED, "no memory for the sections' boxes") : TENO_OK;
}

void bands_free(Bands *bands)
{
    free(bands->score);
    *bands = (Bands){0};
}

/*
 * The measurement as another scan could have given it. Each repeat draws, seeded by its number:
 *
 *   boundary     a smooth displacement of the outline with the boundary's own SD, correlated along and around the
 *                tendon, and a common one: the edge rule, which no averaging removes;
 *   noise        of the torn area of every section, from the series' noise, correlated along s by the slices;
 *   level        of what fills each tear and of the tendon around it, within what the image says about them;
 *   sampling     shifts of the ends of a tear by part of a slice.
 *
 * All act on profiles along s (area, torn area), to first order in the displacement, so that a repeat costs well below
 * a millisecond. What is not in it: a wrong tendon, a tear missed altogether, an artefact taken for a tear.
 */
#include "repeats.h"

#include <math.h>
#include <stdlib.h>

#include "extent.h"
#include "tear_measures.h"
#include "teno/memory.h"
#include "teno/random.h"

/* The boundary's displacement is correlated over this length along s and over a sixth of the circumference. */
static const double PATCH_MM = 6;
enum { PATCHES_AROUND = 6 };
/* SD of the edge rule common to all sections beside its floor: a share of the boundary's own SD. */
static const double EDGE_RULE_SHARE = 0.1;
/* SD of the tendon's level around a tear, as a share of the tear's level; of the mixing model itself, of the volume. */
static const double AROUND_SD = 0.015, MODEL_SD = 0.02;
/* SD of a tear's end, mm, and its part of the blur's SD; the same for the edges of a gap, where half a section counts.
 */
static const double END_SD_MM = 0.5, END_SD_BLUR = 0.45, GAP_SD_MM = 0.15, GAP_SD_BLUR = 0.15;
/* Relative SD of an involvement: floor, and what deblurring leaves open in a tear as short as the blur. */
static const double INVOLVEMENT_SD = 0.02, INVOLVEMENT_SD_SHORT = 0.15;
/* SD of thickness beyond the boundary's: none. SD of the assessed length: half a step's rounding. */
static const double LENGTH_SD_STEP = 0.29;

/* Profiles of one region that a repeat perturbs. */
struct RegionProfile {
    double *torn, *core, *reach, *noise; /* [ns] mm²: torn area, its certain part, area of the reach, noise SD */
    float *edge;                         /* [ns][SECTION_POINTS] torn share just inside the boundary */
    double level_spread;                 /* SD of the logarithm of the level */
};

/* Smooth unit-variance field on the tendon's surface: normals at nodes, interpolated, variance kept. */
static double surface_field(uint64_t seed, double s_mm, int point)
{
    double along = s_mm / PATCH_MM, around = (double)point * PATCHES_AROUND / SECTION_POINTS;
    double row = floor(along), column = floor(around), wa = along - row, wb = around - column, sum = 0, square = 0;
    for (int corner = 0; corner < 4; corner++) {
        double weight = (corner & 1 ? wa : 1 - wa) * (corner & 2 ? wb : 1 - wb);
        uint64_t node = (uint64_t)(row + 1000 + (corner & 1)) * PATCHES_AROUND +
                        (uint64_t)(column + (corner >> 1)) % PATCHES_AROUND;
        sum += weight * random_normal(seed, node);
        square += weight * weight;
    }
    return sum / sqrt(square);
}

/* Scratch of one repeat: [n] each unless said. */
typedef struct Scratch {
    double *area, *thickness, *torn, *total, *noise;
    double *shift_mm; /* [n][SECTION_POINTS] */
} Scratch;

/* Displaced outline: areas and thicknesses to first order. */
static void boundary_draw(Scratch *x, const Repeats *run, uint64_t seed)
{
    double common = random_normal(seed, 1);
    for (int k = 0; k < run->n; k++) {
        const Section *section = &run->shape->sections[run->first + k];
        double own = (double)section->boundary_sd_mm, sum = 0, ends[2] = {0, 0};
        double rule = common * hypot(run->edge_rule_mm, EDGE_RULE_SHARE * own);
        for (int i = 0; i < SECTION_POINTS; i++) {
            double shift = rule + own * surface_field(random_seed(seed, "boundary"), section->s_mm, i);
            x->shift_mm[k * SECTION_POINTS + i] = shift;
            sum += shift * run->edge_mm[k * SECTION_POINTS + i];
            /* thickness: the shifts of the two points that lie a quarter turn from the major axis */
            if (i == SECTION_POINTS / 4 || i == 3 * SECTION_POINTS / 4) ends[i > SECTION_POINTS / 2] = shift;
        }
        x->area[k] = fmax(run->m->profile[k].area_mm2 + sum, 0);
        x->thickness[k] = run->m->profile[k].thickness_mm + ends[0] + ends[1];
    }
}

/* White noise smoothed along s to the blur of the slices, unit variance. */
static void noise_draw(double *noise, int n, double sigma_samples, uint64_t seed)
{
    int radius = (int)ceil(2 * sigma_samples);
    for (int k = 0; k < n; k++) {
        double sum = 0, square = 0;
        for (int d = -radius; d <= radius; d++) {
            double weight = sigma_samples > 0.1 ? exp(-d * d / (2 * sigma_samples * sigma_samples)) : d == 0;
            sum += weight * random_normal(seed, (uint64_t)(k + d + 1000));
            square += weight * weight;
        }
        noise[k] = sum / sqrt(square);
    }
}

/* Torn area of one tear as another scan could have shown it. */
static void torn_draw(Scratch *x, const Repeats *run, const RegionProfile *region, uint64_t seed)
{
    double gain = exp(-region->level_spread * random_normal(seed, 1)) * (1 + MODEL_SD * random_normal(seed, 2));
    double around = AROUND_SD * random_normal(seed, 3);
    noise_draw(x->noise, run->n, run->blur_s_mm / run->map->lattice.step_mm, random_seed(seed, "noise"));
    for (int k = 0; k < run->n; k++) {
        x->torn[k] = 0;
        if (region->reach[k] <= 0) continue;
        double rim = region->torn[k] - region->core[k], edge = 0;
        for (int i = 0; i < SECTION_POINTS; i++) {
            size_t at = (size_t)k * SECTION_POINTS + (size_t)i;
            edge += x->shift_mm[at] * run->edge_mm[at] * (double)region->edge[at];
        }
        x->torn[k] = region->core[k] + gain * rim - around * (region->reach[k] - region->core[k]) + edge +
                     region->noise[k] * x->noise[k];
        x->torn[k] = fmax(x->torn[k], 0);
    }
}

/* Ends, involvement and gap vary beyond what the profile shows. */
static void extent_jitter(Extent *e, const Repeats *run, uint64_t seed)
{
    double blur = run->blur_s_mm, end = hypot(END_SD_MM, END_SD_BLUR * blur);
    double length = fmax(e->proximal_s_mm - e->distal_s_mm, 0.5), ratio = fmin(blur / length, 1);
    double relative = 1 + hypot(INVOLVEMENT_SD, INVOLVEMENT_SD_SHORT * ratio) * random_normal(seed, 1);
    e->distal_s_mm += hypot(end, e->distal_blunt_mm) * random_normal(seed, 2);
    e->proximal_s_mm += hypot(end, e->proximal_blunt_mm) * random_normal(seed, 3);
    e->max_percent *= relative;
    e->mean_percent *= relative;
    if (e->gap_mm > 0)
        e->gap_mm += hypot(GAP_SD_MM, GAP_SD_BLUR * blur) * 1.41421356237309504880 * random_normal(seed, 4);
}

static void tear_draw(double *value, Extent *e, Scratch *x, const Repeats *run, int t, double tendon_mm3, uint64_t seed)
{
    const Lattice *l = &run->map->lattice;
    torn_draw(x, run, &run->region[t], seed);
    extent_measure(e, x->torn, x->area, run->n, l->s0_mm, l->step_mm);
    /* A tear that hovers at the limit of «complete» has a gap in some repeats only: measure it as in the result. */
    if (run->m->tears[t].gap_mm.value > 0 && !(e->gap_mm > 0)) e->gap_mm = run->m->tears[t].gap_mm.value;
    if (!(run->m->tears[t].gap_mm.value > 0)) e->gap_mm = 0;
    extent_jitter(e, run, random_seed(seed, "extent"));
    const double all[TEAR_QUANTITIES] = {e->volume_mm3,
                                         100 * e->volume_mm3 / tendon_mm3,
                                         e->proximal_s_mm - e->distal_s_mm,
                                         e->distal_s_mm,
                                         e->proximal_s_mm,
                                         e->max_percent,
                                         e->mean_percent,
                                         e->gap_mm};
    for (int i = 0; i < TEAR_QUANTITIES; i++) value[i] = all[i];
    for (int k = 0; k < run->n; k++) x->total[k] += x->torn[k];
}

/* One repeat: every quantity in the order of repeats.h, then area and torn area of every section. */
static void values_draw(double *value, Scratch *x, const Repeats *run, int repeat)
{
    const TendonMeasures *m = run->m;
    const ProfileRow *row = m->profile;
    uint64_t seed = random_bits(random_seed(run->seed, "intervals"), (uint64_t)repeat);
    int n = run->n;
    boundary_draw(x, run, seed);
    double volume = profile_integral(row, n, x->area, m->s_min_mm, m->s_max_mm), widest = 0, thickest = 0;
    for (int k = 0; k < n; k++) {
        widest = fmax(widest, row[k].s_mm == m->max_area_mm2.at_s_mm ? x->area[k] : 0);
        thickest = fmax(thickest, row[k].s_mm == m->max_thickness_mm.at_s_mm ? x->thickness[k] : 0);
        x->total[k] = 0;
    }
    double length = m->length_mm.value + LENGTH_SD_STEP * run->shape->step_mm * random_normal(seed, 2);
    double mean = volume / m->length_mm.value, window = profile_integral(row, n, x->area, 0, 60);
    double torn_mm3 = 0, torn_length = 0, involvement = 0, gap = 0;
    for (int t = 0; t < m->n_tears; t++) {
        Extent e;
        double *own = value + TENDON_QUANTITIES + TEAR_QUANTITIES * t;
        tear_draw(own, &e, x, run, t, volume, random_bits(seed, 100u + (uint64_t)t));
        torn_mm3 += own[0];
        torn_length += own[2] - m->tears[t].length_mm.value;
        involvement = fmax(involvement,
                           own[5] - m->tears[t].max_involvement_percent.value + m->tear_max_involvement_percent.value);
        gap = fmax(gap, own[7]);
    }
    double signal = m->mean_signal.value * (1 + 0.03 * random_normal(seed, 3)); /* muscle's level is known to 3 % */
    double raised = m->tendinosis_volume_mm3.value * (1 + 0.08 * random_normal(seed, 4));
    const double all[TENDON_QUANTITIES] = {volume,
                                           window,
                                           mean,
                                           widest,
                                           thickest,
                                           length,
                                           torn_mm3,
                                           100 * torn_mm3 / volume,
                                           m->tear_length_mm.value + torn_length,
                                           involvement,
                                           gap,
                                           raised,
                                           signal};
    for (int i = 0; i < TENDON_QUANTITIES; i++) value[i] = all[i];
    double *rows = value + TENDON_QUANTITIES + TEAR_QUANTITIES * m->n_tears;
    for (int k = 0; k < n; k++) {
        rows[k] = x->area[k];
        rows[n + k] = x->total[k];
    }
}

static int scratch_alloc(Scratch *x, int n, Error *error)
{
    size_t rows = (size_t)n;
    x->area = array_alloc(rows * (5 + SECTION_POINTS), sizeof *x->area, error);
    if (!x->area) return TENO_FAILED;
    x->thickness = x->area + rows;
    x->torn = x->thickness + rows;
    x->total = x->torn + rows;
    x->noise = x->total + rows;
    x->shift_mm = x->noise + rows;
    return TENO_OK;
}

int repeat_draw(double *value, const Repeats *run, int repeat, Error *error)
{
    Scratch scratch;
    int code = scratch_alloc(&scratch, run->n, error);
    if (!code) values_draw(value, &scratch, run, repeat);
    free(scratch.area);
    return code;
}

/* Torn share just inside every boundary point. */
static void edge_fill(float *edge, const TearMap *map, int label)
{
    const Lattice *l = &map->lattice;
    for (int k = 0; k < l->ns; k++) {
        const Section *section = &map->shape->sections[l->first + k];
        for (int i = 0; i < SECTION_POINTS; i++) {
            double u = (double)section->boundary_u_mm[i], v = (double)section->boundary_v_mm[i], r = hypot(u, v);
            double in = r > 1 ? (r - 0.5) / r : 0;
            int x = (int)lround(u * in / l->pixel_mm + (l->nu - 1) / 2.0),
                y = (int)lround(v * in / l->pixel_mm + (l->nv - 1) / 2.0);
            size_t at = (size_t)k * lattice_slab(l) + (size_t)y * (size_t)l->nu + (size_t)x;
            bool torn = map->region_of[at] == label && map->envelope[at] > 0;
            edge[k * SECTION_POINTS + i] = torn ? fminf(fmaxf(map->tear[at] / map->envelope[at], 0), 1) : 0;
        }
    }
}

/* SD of a torn area of 1 mm² of reach, from the leading views' noise: per square root of mm². */
static double noise_density(const TearMap *map, const Region *region)
{
    double variance = 0;
    for (int c = 0; c < map->n_views; c++) {
        const View *view = &map->view[c];
        const Grid *g = &view->channel->vol.grid;
        double share = view->weight * view->pixel_noise / fmax(region->plateau[c], 0.1);
        variance += share * share * view->correlation_mm3 / g->dz;
    }
    return sqrt(variance);
}

static void region_fill(RegionProfile *p, const TearMap *map, int label)
{
    const Lattice *l = &map->lattice;
    const Region *region = &map->region[label - 1];
    double pixel = l->pixel_mm * l->pixel_mm, spread = 0, density = noise_density(map, region);
    for (size_t at = 0; at < lattice_count(l); at++) {
        if (map->region_of[at] != label) continue;
        size_t k = at / lattice_slab(l);
        double share = pixel * (double)map->envelope[at];
        p->torn[k] += pixel * (double)map->tear[at];
        p->core[k] += share * (double)map->core[at];
        p->reach[k] += share;
    }
    for (int k = 0; k < l->ns; k++) p->noise[k] = density * sqrt(p->reach[k]);
    for (int c = 0; c < map->n_views; c++) spread += map->view[c].weight * region->plateau_spread[c];
    p->level_spread = spread;
    edge_fill(p->edge, map, label);
}

int repeats_prepare(Repeats *run, Error *error)
{
    size_t n = (size_t)run->n, tears = (size_t)run->m->n_tears;
    run->edge_mm = array_alloc(n * SECTION_POINTS, sizeof *run->edge_mm, error);
    run->region = array_alloc(tears + 1, sizeof *run->region, error);
    if (!run->edge_mm || !run->region) return TENO_FAILED;
    for (size_t t = 0; t < tears; t++) {
        RegionProfile *p = &run->region[t];
        p->torn = array_alloc(4 * n, sizeof *p->torn, error);
        p->edge = array_alloc(n * SECTION_POINTS, sizeof *p->edge, error);
        if (!p->torn || !p->edge) return TENO_FAILED;
        p->core = p->torn + n;
        p->reach = p->core + n;
        p->noise = p->reach + n;
        region_fill(p, run->map, (int)t + 1);
    }
    for (int k = 0; k < run->n; k++) {
        const Section *s = &run->shape->sections[run->first + k];
        for (int i = 0; i < SECTION_POINTS; i++) {
            int a = (i + SECTION_POINTS - 1) % SECTION_POINTS, b = (i + 1) % SECTION_POINTS;
            run->edge_mm[k * SECTION_POINTS + i] = hypot((double)(s->boundary_u_mm[b] - s->boundary_u_mm[a]),
                                                         (double)(s->boundary_v_mm[b] - s->boundary_v_mm[a])) /
                                                   2;
        }
    }
    return TENO_OK;
}

void repeats_free(Repeats *run)
{
    for (int t = 0; run->region && t < run->m->n_tears; t++) {
        free(run->region[t].torn);
        free(run->region[t].edge);
    }
    free(run->region);
    free(run->edge_mm);
}

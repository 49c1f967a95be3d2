/*
 * The measurement as another scan could have given it. Each repeat draws, seeded by its number:
 *
 *   boundary     a smooth displacement of the outline with the boundary's own SD, correlated along and around the
 *                tendon, and those that no averaging removes: of all sections, by the paratenon's thickness and by the
 *                edge rule; of the front on the calcaneus, by the cortex; of centimetres above the soleus junction and
 *                where a tear is open to the surface; and of all if the outline may be a wrong one;
 *   noise        of the torn area of every section, from the series' noise, correlated along s by the slices;
 *   level        of what fills each tear and of the tendon around it, within what the image says about them;
 *   sampling     shifts of the ends of a tear by part of a slice.
 *
 * Two dates of one ankle are misjudged alike in part: the same bursa, the same film, the same content seen through the
 * same model. In a comparison both dates draw that share of such errors from the same numbers, at the same place of the
 * tendon, so that it leaves their difference as it does in truth; noise, sampling and a wrong outline are each date's
 * own.
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
/* And where sheets of muscle join the tendon, or where it is torn at its surface, over this length (judged). */
static const double SHEET_MM = 25;
/* SD of the outline where a tear reaches it, and no tendon is left to show where it was: the sheath stands off by
 * fluid, or falls in (judged). */
static const double SHEATH_SD_MM = 0.15;
/* SD of the edge rule common to all sections beside its floor: a share of the boundary's own SD. */
static const double EDGE_RULE_SHARE = 0.1;
/* SD of the tendon's level around a tear, as a share of the tear's level, and the share of its unevenness that lies the
 * same way all along a tear: degeneration is densest beside it (judged); of the mixing model itself, of the volume. */
static const double AROUND_SD = 0.015, AROUND_UNEVEN = 0.5, MODEL_SD = 0.02;
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
    double around_spread;                /* SD of the level around it, of its own level */
};

/* Random numbers of one repeat: of errors that the other date of a comparison has as well, and of this date's own. */
typedef struct Draw {
    uint64_t common, own;
    double common_part, own_part; /* squares add up to 1 */
} Draw;

static double draw_normal(const Draw *d, uint64_t n)
{
    double own = d->own_part * random_normal(d->own, n);
    return d->common_part > 0 ? own + d->common_part * random_normal(d->common, n) : own;
}

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

/* The same along s alone. */
static double sheet_field(uint64_t seed, double s_mm)
{
    double along = s_mm / SHEET_MM, row = floor(along), w = along - row;
    double a = random_normal(seed, (uint64_t)(row + 1000)), b = random_normal(seed, (uint64_t)(row + 1001));
    return ((1 - w) * a + w * b) / hypot(1 - w, w);
}

static double boundary_draw_at(const Draw *d, double s_mm, int point)
{
    double own = d->own_part * surface_field(random_seed(d->own, "boundary"), s_mm, point);
    if (!(d->common_part > 0)) return own;
    return own + d->common_part * surface_field(random_seed(d->common, "boundary"), s_mm, point);
}

static double sheet_draw(const Draw *d, const char *name, double s_mm)
{
    double own = d->own_part * sheet_field(random_seed(d->own, name), s_mm);
    return d->common_part > 0 ? own + d->common_part * sheet_field(random_seed(d->common, name), s_mm) : own;
}

/* Scratch of one repeat: [n] each unless said. */
typedef struct Scratch {
    double *area, *thickness, *torn, *total, *noise;
    double *shift_mm; /* [n][SECTION_POINTS] */
} Scratch;

/* Torn share just inside a boundary point, of all tears. */
static double edge_torn(const Repeats *run, int k, int point)
{
    double sum = 0;
    for (int t = 0; t < run->m->n_tears; t++) sum += (double)run->region[t].edge[k * SECTION_POINTS + point];
    return fmin(sum, 1);
}

/* What all sections have in common in one repeat, standard normal but for the outline's mm. */
typedef struct Shared {
    double rule, film, heel, outline_mm;
} Shared;

static Shared shared_draw(const Repeats *run, const Draw *d)
{
    return (Shared){.rule = draw_normal(d, 1),
                    .film = draw_normal(d, 5),
                    .heel = draw_normal(d, 6),
                    .outline_mm = run->outline_sd_mm * random_normal(d->own, 7)};
}

/* By how much every point of section k lies farther out. */
static void section_shift(double *shift_mm, const Repeats *run, int k, const Shared *shared, const Draw *d)
{
    const Section *section = &run->shape->sections[run->first + k];
    const double s_mm = section->s_mm, own = (double)section->boundary_sd_mm, *front = run->front + k * SECTION_POINTS;
    double sheet = (double)section->soleus_sd_mm * sheet_draw(d, "sheets", s_mm);
    double sheath = sheet_draw(d, "sheath", s_mm);
    double common = shared->outline_mm + shared->rule * hypot(run->edge_rule_mm, EDGE_RULE_SHARE * own) -
                    shared->film * (double)section->film_mm + sheet;
    double bursa_mm = bursa_sd_mm(run->at_heel, s_mm);
    for (int i = 0; i < SECTION_POINTS; i++) {
        double open = edge_torn(run, k, i) * hypot(SHEATH_SD_MM, bursa_mm * front[i]);
        shift_mm[i] = common + shared->heel * (double)section->heel_sd_mm * front[i] + sheath * open +
                      own * boundary_draw_at(d, s_mm, i);
    }
}

/* Displaced outline: areas and thicknesses to first order. */
static void boundary_draw(Scratch *x, const Repeats *run, const Draw *d)
{
    Shared shared = shared_draw(run, d);
    for (int k = 0; k < run->n; k++) {
        const double *shift = x->shift_mm + k * SECTION_POINTS;
        double sum = 0;
        section_shift(x->shift_mm + k * SECTION_POINTS, run, k, &shared, d);
        for (int i = 0; i < SECTION_POINTS; i++) sum += shift[i] * run->edge_mm[k * SECTION_POINTS + i];
        x->area[k] = fmax(run->m->profile[k].area_mm2 + sum, 0);
        /* thickness: the shifts of the two points that lie a quarter turn from the major axis */
        x->thickness[k] = run->m->profile[k].thickness_mm + shift[SECTION_POINTS / 4] + shift[3 * SECTION_POINTS / 4];
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
static void torn_draw(Scratch *x, const Repeats *run, const RegionProfile *region, const Draw *d)
{
    double gain = exp(-region->level_spread * draw_normal(d, 1)) * (1 + MODEL_SD * draw_normal(d, 2));
    double around = region->around_spread * draw_normal(d, 3);
    noise_draw(x->noise, run->n, run->blur_s_mm / run->map->lattice.step_mm, random_seed(d->own, "noise"));
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

static void tear_draw(double *value, Extent *e, Scratch *x, const Repeats *run, int t, double tendon_mm3, const Draw *d)
{
    const Lattice *l = &run->map->lattice;
    torn_draw(x, run, &run->region[t], d);
    extent_measure(e, x->torn, x->area, run->n, l->s0_mm, l->step_mm);
    /* A tear that hovers at the limit of «complete» has a gap in some repeats only: measure it as in the result. */
    if (run->m->tears[t].gap_mm.value > 0 && !(e->gap_mm > 0)) e->gap_mm = run->m->tears[t].gap_mm.value;
    if (!(run->m->tears[t].gap_mm.value > 0)) e->gap_mm = 0;
    extent_jitter(e, run, random_seed(d->own, "extent"));
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

static Draw draw_of(const Repeats *run, int repeat)
{
    uint64_t seed = random_bits(random_seed(run->seed, "intervals"), (uint64_t)repeat);
    uint64_t own = run->date > 0 ? random_bits(random_seed(seed, "date"), (uint64_t)run->date) : seed;
    return (Draw){seed, own, sqrt(run->common_share), sqrt(1 - run->common_share)};
}

/* One repeat: every quantity in the order of repeats.h, then area and torn area of every section. */
static void values_draw(double *value, Scratch *x, const Repeats *run, int repeat)
{
    const TendonMeasures *m = run->m;
    const ProfileRow *row = m->profile;
    Draw d = draw_of(run, repeat);
    int n = run->n;
    boundary_draw(x, run, &d);
    double volume = profile_integral(row, n, x->area, m->s_min_mm, m->s_max_mm), widest = 0, thickest = 0;
    for (int k = 0; k < n; k++) {
        widest = fmax(widest, row[k].s_mm == m->max_area_mm2.at_s_mm ? x->area[k] : 0);
        thickest = fmax(thickest, row[k].s_mm == m->max_thickness_mm.at_s_mm ? x->thickness[k] : 0);
        x->total[k] = 0;
    }
    double length = m->length_mm.value + LENGTH_SD_STEP * run->shape->step_mm * random_normal(d.own, 2);
    double mean = volume / m->length_mm.value, window = profile_integral(row, n, x->area, 0, 60);
    double torn_mm3 = 0, torn_length = 0, involvement = 0, gap = 0;
    for (int t = 0; t < m->n_tears; t++) {
        Extent e;
        double *own = value + TENDON_QUANTITIES + TEAR_QUANTITIES * t;
        Draw tear = d; /* which tear of the other date is this one is not known here: what is common moves all alike */
        tear.own = random_bits(d.own, 100u + (uint64_t)t);
        tear.common = random_seed(d.common, "tears");
        tear_draw(own, &e, x, run, t, volume, &tear);
        torn_mm3 += own[0];
        torn_length += own[2] - m->tears[t].length_mm.value;
        involvement = fmax(involvement,
                           own[5] - m->tears[t].max_involvement_percent.value + m->tear_max_involvement_percent.value);
        gap = fmax(gap, own[7]);
    }
    double signal = m->mean_signal.value * (1 + 0.03 * random_normal(d.own, 3)); /* muscle's level is known to 3 % */
    double raised = m->tendinosis_volume_mm3.value * (1 + 0.08 * random_normal(d.own, 4));
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
    double pixel = l->pixel_mm * l->pixel_mm, spread = 0, uneven = 0, density = noise_density(map, region);
    for (size_t at = 0; at < lattice_count(l); at++) {
        if (map->region_of[at] != label) continue;
        size_t k = at / lattice_slab(l);
        double share = pixel * (double)map->envelope[at];
        p->torn[k] += pixel * (double)map->tear[at];
        p->core[k] += share * (double)map->core[at];
        p->reach[k] += share;
    }
    for (int k = 0; k < l->ns; k++) p->noise[k] = density * sqrt(p->reach[k]);
    for (int c = 0; c < map->n_views; c++) {
        spread += map->view[c].weight * region->plateau_spread[c];
        uneven += map->view[c].weight * region->uneven[c] / fmax(region->plateau[c], 0.1);
    }
    p->level_spread = spread;
    p->around_spread = hypot(AROUND_SD, AROUND_UNEVEN * uneven);
    edge_fill(p->edge, map, label);
}

/* Length and direction of the outline at every point; its normal points forwards where it runs along +u. */
static void outline_fill(Repeats *run)
{
    for (int k = 0; k < run->n; k++) {
        const Section *s = &run->shape->sections[run->first + k];
        for (int i = 0; i < SECTION_POINTS; i++) {
            int a = (i + SECTION_POINTS - 1) % SECTION_POINTS, b = (i + 1) % SECTION_POINTS;
            double du = (double)(s->boundary_u_mm[b] - s->boundary_u_mm[a]),
                   dv = (double)(s->boundary_v_mm[b] - s->boundary_v_mm[a]), length = hypot(du, dv);
            run->edge_mm[k * SECTION_POINTS + i] = length / 2;
            run->front[k * SECTION_POINTS + i] = length > 0 ? fmax(du / length, 0) : 0;
        }
    }
}

int repeats_prepare(Repeats *run, Error *error)
{
    size_t n = (size_t)run->n, tears = (size_t)run->m->n_tears;
    run->edge_mm = array_alloc(n * SECTION_POINTS, sizeof *run->edge_mm, error);
    run->front = array_alloc(n * SECTION_POINTS, sizeof *run->front, error);
    run->region = array_alloc(tears + 1, sizeof *run->region, error);
    if (!run->edge_mm || !run->front || !run->region) return TENO_FAILED;
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
    outline_fill(run);
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
    free(run->front);
}

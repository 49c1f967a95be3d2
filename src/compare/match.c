/*
 * Which tear is which: overlap on the unrolled tendon.
 *
 * Every tear is a set of cells (section, angle around the centreline) of the common range. Two tears are the same where
 * enough of the smaller one's cells lie within reach of the other's. Tears that hang together over such links form a
 * group: one on each side is the same tear, smaller, unchanged or larger by the verdict on its volume; one before and
 * several after split; several before and one after merged; none on one side is new or resolved. Neither pieces within
 * reach of each other nor a piece far smaller than its group make a split: noise breaks a thin bridge, and leaves
 * crumbs.
 */
#include <math.h>
#include <stdlib.h>

#include "compare/parts.h"
#include "teno/memory.h"

enum { ANGLES = 24, REACH_SECTIONS = 2, REACH_ANGLES = 1 }; /* reach: 2 mm along the tendon, 15 degrees around it */

static const double min_overlap = 0.2;   /* share of the smaller tear's cells */
static const double min_fragment = 0.15; /* share of the group's volume on that date */

/* Cells of all tears of one date, [n][ns][ANGLES]. */
typedef struct CellMap {
    unsigned char *cell;
    int n, ns;
} CellMap;

static unsigned char *cell_at(const CellMap *map, int tear, int k, int angle)
{
    return map->cell + ((size_t)tear * (size_t)map->ns + (size_t)k) * ANGLES + angle;
}

/* Marks the angles that a pixel covers; near the centreline it covers many. */
static void pixel_mark(CellMap *map, int tear, int k, double u, double v, double pixel_mm)
{
    double r = hypot(u, v), step = 360.0 / ANGLES, half = r > pixel_mm ? asin(pixel_mm / 2 / r) * 57.29578 : 180;
    double angle = atan2(v, u) * 57.29578;
    int reach = (int)(half / step + 0.5), middle = (int)floor(angle / step);
    for (int a = middle - reach; a <= middle + reach; a++) *cell_at(map, tear, k, ((a % ANGLES) + ANGLES) % ANGLES) = 1;
}

static int cells_mark(CellMap *out, const Straightened *s, int n_tears, Error *error)
{
    *out = (CellMap){.n = n_tears, .ns = s->ns};
    out->cell = array_alloc((size_t)n_tears * (size_t)s->ns * ANGLES + 1, 1, error);
    if (!out->cell) return TENO_FAILED;
    if (!s->label) return TENO_OK;
    for (int k = 0; k < s->ns; k++)
        for (int j = 0; j < s->nv; j++)
            for (int i = 0; i < s->nu; i++) {
                int label = s->label[((size_t)k * (size_t)s->nv + (size_t)j) * (size_t)s->nu + (size_t)i];
                if (label < 1 || label > n_tears) continue;
                pixel_mark(out, label - 1, k, (i - (s->nu - 1) / 2.0) * s->pixel_mm,
                           (j - (s->nv - 1) / 2.0) * s->pixel_mm, s->pixel_mm);
            }
    return TENO_OK;
}

static bool near_cell(const CellMap *map, int tear, int k, int angle)
{
    for (int dk = -REACH_SECTIONS; dk <= REACH_SECTIONS; dk++)
        for (int da = -REACH_ANGLES; da <= REACH_ANGLES; da++)
            if (k + dk >= 0 && k + dk < map->ns && *cell_at(map, tear, k + dk, (angle + da + ANGLES) % ANGLES))
                return true;
    return false;
}

/* Share of the smaller tear's cells that lie within reach of the other's. */
static double overlap(const CellMap *a, int i, const CellMap *b, int j)
{
    int n[2] = {0, 0}, met[2] = {0, 0}, ns = a->ns < b->ns ? a->ns : b->ns;
    for (int k = 0; k < ns; k++)
        for (int angle = 0; angle < ANGLES; angle++) {
            bool in_a = *cell_at(a, i, k, angle), in_b = *cell_at(b, j, k, angle);
            n[0] += in_a;
            n[1] += in_b;
            met[0] += in_a && near_cell(b, j, k, angle);
            met[1] += in_b && near_cell(a, i, k, angle);
        }
    int smaller = n[0] < n[1] ? 0 : 1;
    return n[smaller] ? (double)met[smaller] / n[smaller] : 0;
}

/* Which tears hang together: pre tears are 0 … n_pre-1, post tears follow. Arrays [n_pre + n_post]. */
typedef struct Links {
    int n_pre, n_post;
    int *group;  /* over both dates */
    int *island; /* within one date: tears within reach of each other */
} Links;

static void label_join(int *label, int n, int a, int b)
{
    int from = label[b], to = label[a];
    for (int i = 0; i < n; i++)
        if (label[i] == from) label[i] = to;
}

static bool within_reach(const CellMap *map, int i, int j)
{
    for (int k = 0; k < map->ns; k++)
        for (int angle = 0; angle < ANGLES; angle++)
            if (*cell_at(map, i, k, angle) && near_cell(map, j, k, angle)) return true;
    return false;
}

static void islands_find(Links *links, const CellMap *map, int first)
{
    for (int i = 0; i < map->n; i++)
        for (int j = i + 1; j < map->n; j++)
            if (within_reach(map, i, j)) label_join(links->island, links->n_pre + links->n_post, first + i, first + j);
}

static void links_find(Links *links, const CellMap *pre, const CellMap *post)
{
    int n = links->n_pre + links->n_post;
    for (int i = 0; i < n; i++) links->group[i] = links->island[i] = i;
    islands_find(links, pre, 0);
    islands_find(links, post, links->n_pre);
    for (int i = 0; i < links->n_pre; i++)
        for (int j = 0; j < links->n_post; j++)
            if (overlap(pre, i, post, j) >= min_overlap) label_join(links->group, n, i, links->n_pre + j);
}

/* One date's members of a group. */
typedef struct Members {
    double volume, sd;     /* of all together; SD NaN when an interval is missing */
    double largest;        /* volume of the largest tear */
    double largest_island; /* of the largest group of tears within reach of each other */
    int count, main;       /* index of the largest; -1 none */
} Members;

static Members members_of(const Links *links, int group, const TendonMeasures *measures, int first, int n)
{
    Members m = {.main = -1};
    double variance = 0;
    for (int i = 0; i < n; i++) {
        if (links->group[first + i] != group) continue;
        const Quantity *volume = &measures->tears[i].volume_mm3;
        double sd = volume->has_interval ? (volume->high - volume->low) / 3.92 : (double)NAN;
        m.volume += volume->value;
        variance += sd * sd;
        m.count++;
        if (volume->value > m.largest || m.main < 0) {
            m.largest = volume->value;
            m.main = i;
        }
    }
    m.sd = sqrt(variance);
    for (int i = 0; i < n; i++) {
        double island = 0;
        for (int j = 0; j < n; j++)
            if (links->group[first + j] == group && links->island[first + j] == links->island[first + i])
                island += measures->tears[j].volume_mm3.value;
        if (links->group[first + i] == group) m.largest_island = fmax(m.largest_island, island);
    }
    return m;
}

static bool fragmented(const Members *m)
{
    return m->count > 1 && m->volume - m->largest_island >= min_fragment * m->volume;
}

static Quantity members_volume(const Members *m)
{
    Quantity q = quantity(m->volume, "mm3");
    q.has_interval = !isnan(m->sd);
    q.low = fmax(0, m->volume - 1.959964 * m->sd);
    q.high = m->volume + 1.959964 * m->sd;
    return q;
}

/* A tear that only one date shows, but so small that the other could have missed it, is unchanged. */
static TearState state_of(const Members *pre, const Members *post, Verdict verdict)
{
    if (!pre->count) return verdict == VERDICT_INCREASED ? TEAR_NEW : TEAR_UNCHANGED;
    if (!post->count) return verdict == VERDICT_DECREASED ? TEAR_RESOLVED : TEAR_UNCHANGED;
    bool before = fragmented(pre), after = fragmented(post);
    if (after && !before) return TEAR_SPLIT;
    if (before && !after) return TEAR_MERGED;
    return verdict == VERDICT_DECREASED ? TEAR_SMALLER : verdict == VERDICT_INCREASED ? TEAR_LARGER : TEAR_UNCHANGED;
}

/* Torn volume of a profile between two places, mm3. */
static double torn_between(const TendonMeasures *m, double low_mm, double high_mm)
{
    double sum = 0;
    for (int i = 0; i < m->n_profile; i++)
        if (m->profile[i].s_mm >= low_mm && m->profile[i].s_mm <= high_mm) sum += m->profile[i].tear_area_mm2;
    return m->n_profile > 1 ? sum * (m->profile[1].s_mm - m->profile[0].s_mm) : 0;
}

/* Widens [low, high] to the extent in s of one date's members of a group. */
static void members_extent(double *low, double *high, const Links *links, int group, const TendonMeasures *m, int first)
{
    for (int i = 0; i < m->n_tears; i++) {
        if (links->group[first + i] != group) continue;
        *low = fmin(*low, m->tears[i].distal_s_mm.value);
        *high = fmax(*high, m->tears[i].proximal_s_mm.value);
    }
}

/* What a swing of the signal scale does to the torn volume where the group is. */
static void group_swing_sd(double sd[2], const TendonChange *change, const Links *links, int group)
{
    double low = INFINITY, high = -INFINITY, moved[2][2] = {{0, 0}, {0, 0}};
    members_extent(&low, &high, links, group, &change->pre, 0);
    members_extent(&low, &high, links, group, &change->post, links->n_pre);
    for (int date = 0; date < 2; date++) {
        double own = torn_between(date ? &change->post : &change->pre, low - REACH_SECTIONS, high + REACH_SECTIONS);
        for (int sign = 0; sign < 2; sign++) {
            const TendonMeasures *swung = &change->swing[date][sign];
            if (swung->has_tear_measures)
                moved[date][sign] = torn_between(swung, low - REACH_SECTIONS, high + REACH_SECTIONS) - own;
        }
    }
    swing_combine(sd, change, moved);
}

/* One repeat's volume of one date's members of a group. */
static double members_drawn(const Links *links, int group, const TendonMeasures *m, int first, int repeat)
{
    double sum = 0;
    for (int i = 0; i < m->n_tears; i++)
        if (links->group[first + i] == group) sum += tear_volume_drawn(m, i, repeat);
    return sum;
}

/* Of the errors of the group's volume on both dates; see change.c. */
static double group_correlation(const TendonChange *change, const Links *links, int group)
{
    double value[2][MOST_REPEATS];
    int n = repeats_of_both(change);
    for (int i = 0; i < n; i++) {
        value[0][i] = members_drawn(links, group, &change->pre, 0, i);
        value[1][i] = members_drawn(links, group, &change->post, links->n_pre, i);
    }
    return correlation_of(value[0], value[1], n);
}

/* Signal of a straightened date at a place of another one's lattice; NaN outside. */
static double signal_at(const Straightened *s, int k, double u_mm, double v_mm)
{
    int i = (int)lround(u_mm / s->pixel_mm + (s->nu - 1) / 2.0),
        j = (int)lround(v_mm / s->pixel_mm + (s->nv - 1) / 2.0);
    if (i < 0 || j < 0 || k >= s->ns || i >= s->nu || j >= s->nv) return NAN;
    return (double)s->fluid[((size_t)k * (size_t)s->nv + (size_t)j) * (size_t)s->nu + (size_t)i];
}

/* Where one date has tears (of a group) and the other none: the other's signal there as a share of this one's, 0-1.
 * Near 1 the two images show the same, and only the class boundary lies between them. */
static double likeness(const Straightened *own, const Straightened *other, const int *group, int wanted)
{
    double here = 0, there = 0;
    if (!own->fluid || !other->fluid || !own->label) return 0;
    for (int k = 0; k < own->ns; k++)
        for (int j = 0; j < own->nv; j++)
            for (int i = 0; i < own->nu; i++) {
                int label = own->label[((size_t)k * (size_t)own->nv + (size_t)j) * (size_t)own->nu + (size_t)i];
                if (label < 1 || group[label - 1] != wanted) continue;
                double u = (i - (own->nu - 1) / 2.0) * own->pixel_mm, v = (j - (own->nv - 1) / 2.0) * own->pixel_mm;
                double a = signal_at(own, k, u, v), b = signal_at(other, k, u, v);
                if (!isfinite(a) || !isfinite(b)) continue;
                here += a;
                there += b;
            }
    return here > 0 ? fmin(fmax(there / here, 0), 1) : 0;
}

/* Volume in doubt of a group that one date shows alone; added to that date's doubt. */
static double group_doubt(TendonChange *change, const Links *links, int group, const Members *pre, const Members *post)
{
    double doubt = 0;
    if (!post->count)
        doubt = pre->volume * likeness(&change->pre_straightened, &change->post_straightened, links->group, group);
    if (!pre->count)
        doubt = post->volume *
                likeness(&change->post_straightened, &change->pre_straightened, links->group + links->n_pre, group);
    change->doubt_mm3[post->count > 0] += doubt;
    return doubt;
}

static void group_report(TendonChange *change, const Links *links, int group)
{
    Members pre = members_of(links, group, &change->pre, 0, links->n_pre);
    Members post = members_of(links, group, &change->post, links->n_pre, links->n_post);
    if (!pre.count && !post.count) return;
    TearChange *tear = &change->tears[change->n_tears++];
    Quantity before = members_volume(&pre), after = members_volume(&post);
    if (!pre.count) before.has_interval = after.has_interval, before.low = before.high = 0;
    if (!post.count) after.has_interval = before.has_interval, after.low = after.high = 0;
    Limits limits = {.value = smallest_seen(change),
                     .source = smallest_source,
                     .correlation = group_correlation(change, links, group)};
    group_swing_sd(limits.between_sd, change, links, group);
    between_add(&limits, group_doubt(change, links, group, &pre, &post));
    tear->volume = change_of("volume_mm3", &before, &after, &limits);
    tear->state = state_of(&pre, &post, tear->volume.verdict);
    tear->pre_index = pre.main;
    tear->post_index = post.main;
    Tear *first = pre.count ? &change->pre.tears[pre.main] : &change->post.tears[post.main];
    string_set(tear->tracking_uid, sizeof tear->tracking_uid, first->tracking_uid);
    /* The same tear keeps the first date's identity. */
    if (post.count)
        string_set(change->post.tears[post.main].tracking_uid, sizeof first->tracking_uid, tear->tracking_uid);
}

int tears_match(TendonChange *change, Error *error)
{
    if (!change->pre.has_tear_measures || !change->post.has_tear_measures) return TENO_OK;
    CellMap pre = {0}, post = {0};
    Links links = {.n_pre = change->pre.n_tears, .n_post = change->post.n_tears};
    int n = links.n_pre + links.n_post;
    links.group = array_alloc((size_t)n + 1, sizeof *links.group, error);
    links.island = array_alloc((size_t)n + 1, sizeof *links.island, error);
    change->tears = array_alloc((size_t)n + 1, sizeof *change->tears, error);
    int code = links.group && links.island && change->tears ? TENO_OK : TENO_FAILED;
    if (!code) code = cells_mark(&pre, &change->pre_straightened, links.n_pre, error);
    if (!code) code = cells_mark(&post, &change->post_straightened, links.n_post, error);
    if (!code) {
        links_find(&links, &pre, &post);
        for (int group = 0; group < n; group++) group_report(change, &links, group);
    }
    free(links.group);
    free(links.island);
    free(pre.cell);
    free(post.cell);
    return code;
}

/*
 * Is a change more than the measurement's own error?
 *
 * Each date has its 95 % interval, which need not be symmetric: it may end at 0 or 100 %. The interval of the
 * difference follows from both by the method of variance estimates recovery (Zou & Donner, Stat Med 2008;27:1693-702,
 * doi:10.1002/sim.3095; with correlated errors Zou, Psychol Methods 2007;12:399-413): downwards it takes the lower side
 * of the second value and the upper side of the first. How far their errors go together the repeats tell (common.c).
 * The repeatability limit (Raunig et al., Stat Methods Med Res 2015;24:27-67, doi:10.1177/0962280214537344) is the side
 * of the interval that faces no change, and never below what readers of such images were found to repeat, where that
 * was published: Achilles volume 13.6 % and mean signal 24.7 % (Shalabi et al., KSSTA 2005, CV 4.9 % and 8.9 %),
 * section area 11.1 % (test-retest SEM 4 %), of the first value. Beyond the limit a change has a direction; within it,
 * it is not detectable.
 *
 * The repeats behind one study's interval keep its signal scale. Between visits the scale itself repeats to 8.9 %, and
 * raised tissue near a class boundary then changes sides: both dates are also measured with the scale lower
 * and higher by what it may be off (scale.c), and what that does to a quantity joins its interval, on the side to which
 * it moves the difference. A gap exists only in a
 * complete tear: where an involvement may lie on either side of 95 %, the gap may be there or not.
 */
#include <math.h>

#include "compare/parts.h"
#include "teno/memory.h"

/* How far a difference may lie to one side of what was found: one value's distance to its limit on that side, the
 * other's to its limit on the opposite one, and what else differs between the dates. */
static double reach_of(double own, double other, const Limits *limits, int side)
{
    double between = 1.959964 * limits->between_sd[side];
    return sqrt(fmax(own * own + other * other - 2 * limits->correlation * own * other, 0) + between * between);
}

static void interval_set(Change *c, const Limits *limits)
{
    const Quantity *pre = &c->pre, *post = &c->post;
    if (!pre->has_interval || !post->has_interval) return;
    c->low = c->difference - reach_of(post->value - post->low, pre->high - pre->value, limits, 0);
    c->high = c->difference + reach_of(post->high - post->value, pre->value - pre->low, limits, 1);
}

static const char own_source[] = "the 95 % interval of the difference of the two measurements";
static const char wider_source[] =
    "the 95 % interval of the difference of the two measurements, of the signal scale between the dates (from 8.9 %, "
    "Shalabi et al. 2005), and of matching the sections";

Change change_of(const char *name, const Quantity *pre, const Quantity *post, const Limits *limits)
{
    Change c = {.name = name, .pre = *pre, .post = *post, .verdict = VERDICT_UNKNOWN};
    c.difference = c.percent = c.low = c.high = c.limit = NAN;
    if (!pre->known || !post->known) {
        string_set(c.reason, sizeof c.reason, pre->known ? post->reason : pre->reason);
        return c;
    }
    c.difference = post->value - pre->value;
    if (pre->value != 0) c.percent = 100 * c.difference / pre->value;
    interval_set(&c, limits);
    /* The side that faces no change. */
    double own = c.difference > 0 ? c.difference - c.low : c.high - c.difference;
    if (c.difference == 0) own = fmax(c.high, -c.low);
    double least = fmax(limits->percent / 100 * fabs(pre->value), limits->value);
    if (isnan(own) && !(least > 0)) {
        string_set(c.reason, sizeof c.reason, "no interval was computed (--repeats 0) and no limit is published");
        return c;
    }
    bool published = isnan(own) || least > own;
    c.limit = published ? least : own;
    c.limit_source = published                                                ? limits->source
                     : fmax(limits->between_sd[0], limits->between_sd[1]) > 0 ? wider_source
                                                                              : own_source;
    c.verdict = fabs(c.difference) <= c.limit ? VERDICT_NO_DETECTABLE_CHANGE
                : c.difference > 0            ? VERDICT_INCREASED
                                              : VERDICT_DECREASED;
    return c;
}

/* One row a quantity that is compared. */
typedef struct Row {
    const char *name;
    size_t offset; /* of the Quantity in TendonMeasures */
    double floor_percent, floor_value;
    const char *source;
    bool of_tear;
} Row;

#define QUANTITY(member) offsetof(TendonMeasures, member)
static const char volume_source[] = "published: Achilles volume 13.6 % (Shalabi et al. 2005)";
static const char area_source[] = "published: tendon section area 11.1 % (test-retest SEM 4 %)";
const char smallest_source[] = "the smallest tear that both dates could have shown";
static const char signal_source[] =
    "published: Achilles mean signal 24.7 % (Shalabi et al. 2005), at least 0.1 of muscle";
static const char tendinosis_source[] =
    "raised signal is told from normal tendon by one threshold: its volume may be off by as much as itself";
/* Normal tendon is 0 of the scale by definition; at the usual signal-to-noise of 10 to 20 for muscle that level is the
 * noise's, and is known to about a tenth of muscle. */
static const double normal_level = 0.1;

static const Row rows[] = {
    {"tendon_volume_mm3", QUANTITY(tendon_volume_mm3), 13.6, 0, volume_source, false},
    {"tendon_volume_0_60_mm3", QUANTITY(tendon_volume_0_60_mm3), 13.6, 0, volume_source, false},
    {"mean_area_mm2", QUANTITY(mean_area_mm2), 11.1, 0, area_source, false},
    {"max_area_mm2", QUANTITY(max_area_mm2), 11.1, 0, area_source, false},
    {"max_thickness_mm", QUANTITY(max_thickness_mm), 0, 0, NULL, false},
    {"mean_signal", QUANTITY(mean_signal), 24.7, normal_level, signal_source, false},
    {"tear_volume_mm3", QUANTITY(tear_volume_mm3), 0, 0, NULL, true},
    {"tear_fraction_percent", QUANTITY(tear_fraction_percent), 0, 0, NULL, true},
    {"tear_length_mm", QUANTITY(tear_length_mm), 0, 0, NULL, true},
    {"tear_max_involvement_percent", QUANTITY(tear_max_involvement_percent), 0, 0, NULL, true},
    {"tear_gap_mm", QUANTITY(tear_gap_mm), 0, 0, NULL, true},
    {"tendinosis_volume_mm3", QUANTITY(tendinosis_volume_mm3), 0, 0, NULL, false},
};

static const Quantity *quantity_at_offset(const TendonMeasures *measures, size_t offset)
{
    return (const Quantity *)(const void *)((const char *)measures + offset);
}

double smallest_seen(const TendonChange *change)
{
    const Quantity *a = &change->pre.smallest_tear_mm3, *b = &change->post.smallest_tear_mm3;
    return fmax(a->known ? a->value : 0, b->known ? b->value : 0);
}

int repeats_of_both(const TendonChange *change)
{
    int n = change->pre.n_repeats < change->post.n_repeats ? change->pre.n_repeats : change->post.n_repeats;
    return n < MOST_REPEATS ? n : MOST_REPEATS;
}

double correlation_of(const double *a, const double *b, int n)
{
    double mean_a = 0, mean_b = 0, aa = 0, bb = 0, ab = 0;
    for (int i = 0; i < n; i++) {
        mean_a += a[i] / n;
        mean_b += b[i] / n;
    }
    for (int i = 0; i < n; i++) {
        aa += (a[i] - mean_a) * (a[i] - mean_a);
        bb += (b[i] - mean_b) * (b[i] - mean_b);
        ab += (a[i] - mean_a) * (b[i] - mean_b);
    }
    return aa > 0 && bb > 0 ? ab / sqrt(aa * bb) : 0; /* also where a value is not known (NaN) */
}

void swing_combine(double sd[2], const TendonChange *change, double moved[2][2])
{
    double all = change->scale_sd * change->scale_sd, common = change->scale_common_sd * change->scale_common_sd;
    sd[0] = sd[1] = 0;
    if (!(all > 0)) return;
    for (int side = 0; side < 2; side++) {
        double way = side ? 1 : -1, pre = 0, post = 0, both = 0;
        for (int sign = 0; sign < 2; sign++) {
            pre = fmax(pre, -way * moved[0][sign]);
            post = fmax(post, way * moved[1][sign]);
            both = fmax(both, way * (moved[1][sign] - moved[0][sign]));
        }
        sd[side] = sqrt(((all - common) * (pre * pre + post * post) + common * both * both) / all);
    }
}

/* The same for a quantity; 0 where nothing was measured with another scale. */
static void swing_sd(double sd[2], const TendonChange *change, size_t offset)
{
    double moved[2][2] = {{0, 0}, {0, 0}};
    for (int date = 0; date < 2; date++) {
        const Quantity *own = quantity_at_offset(date ? &change->post : &change->pre, offset);
        for (int sign = 0; sign < 2; sign++) {
            const Quantity *swung = quantity_at_offset(&change->swing[date][sign], offset);
            if (own->known && swung->known) moved[date][sign] = swung->value - own->value;
        }
    }
    swing_combine(sd, change, moved);
}

/* SD of a tear's quantity from tears that one date's class boundary alone may have made (match.c): the share of the
 * torn volume that is in doubt, of the value. */
static double doubt_sd(const TendonChange *change, const Quantity *pre, const Quantity *post)
{
    const TendonMeasures *dates[2] = {&change->pre, &change->post};
    const Quantity *value[2] = {pre, post};
    double sum = 0;
    for (int date = 0; date < 2; date++) {
        double torn = dates[date]->tear_volume_mm3.value;
        if (!value[date]->known || !(torn > 0)) continue;
        double sd = fmin(change->doubt_mm3[date] / torn, 1) * value[date]->value;
        sum += sd * sd;
    }
    return sqrt(sum);
}

/* SD of a difference from sections matched a little off: what then enters at one end of the common range and leaves at
 * the other, in the quantities that are sums along s. */
static double range_sd(const TendonChange *change, size_t offset)
{
    const TendonMeasures *dates[2] = {&change->pre, &change->post};
    double most = 0;
    for (int date = 0; date < 2; date++) {
        const TendonMeasures *m = dates[date];
        if (m->n_profile < 1) continue;
        const ProfileRow *a = &m->profile[0], *b = &m->profile[m->n_profile - 1];
        if (offset == QUANTITY(tendon_volume_mm3)) most = fmax(most, fabs(a->area_mm2 - b->area_mm2));
        if (!m->has_tear_measures) continue;
        double torn = hypot(a->tear_area_mm2, b->tear_area_mm2);
        if (offset == QUANTITY(tear_volume_mm3)) most = fmax(most, torn);
        if (offset == QUANTITY(tear_length_mm)) most = fmax(most, torn > 0);
        if (offset == QUANTITY(tendinosis_volume_mm3))
            most = fmax(most, hypot(a->tendinosis_area_mm2, b->tendinosis_area_mm2));
    }
    return most * change->s_sd_mm;
}

/* Of the errors of a quantity on both dates, from their repeats, which draw what is common alike. */
static double errors_correlation(const TendonChange *change, size_t offset)
{
    double value[2][MOST_REPEATS];
    int n = repeats_of_both(change);
    for (int i = 0; i < n; i++) {
        value[0][i] = measures_drawn(&change->pre, offset, i);
        value[1][i] = measures_drawn(&change->post, offset, i);
    }
    return correlation_of(value[0], value[1], n);
}

void between_add(Limits *limits, double sd)
{
    for (int side = 0; side < 2; side++) limits->between_sd[side] = hypot(limits->between_sd[side], sd);
}

/* The gap with what the limit of «complete» leaves open; see the head of the file. */
static Quantity gap_open(const TendonMeasures *m)
{
    const double complete = 95; /* measures.md, Tear */
    Quantity gap = m->tear_gap_mm;
    const Quantity *involved = &m->tear_max_involvement_percent;
    if (!gap.known || !gap.has_interval || !involved->has_interval) return gap;
    if (gap.value > 0 && involved->low < complete) gap.low = 0;
    if (!(gap.value > 0) && involved->high >= complete) gap.high = fmax(gap.high, m->tear_length_mm.value);
    return gap;
}

int changes_fill(TendonChange *change, Error *error)
{
    size_t n = sizeof rows / sizeof *rows;
    change->changes = array_alloc(n, sizeof *change->changes, error);
    if (!change->changes) return TENO_FAILED;
    for (size_t i = 0; i < n; i++) {
        const Row *row = &rows[i];
        Quantity pre = *quantity_at_offset(&change->pre, row->offset);
        Quantity post = *quantity_at_offset(&change->post, row->offset);
        if (row->offset == QUANTITY(tear_gap_mm)) {
            pre = gap_open(&change->pre);
            post = gap_open(&change->post);
        }
        Limits limits = {.percent = row->floor_percent, .value = row->floor_value, .source = row->source};
        limits.correlation = errors_correlation(change, row->offset);
        swing_sd(limits.between_sd, change, row->offset);
        between_add(&limits, range_sd(change, row->offset));
        if (row->of_tear) between_add(&limits, doubt_sd(change, &pre, &post));
        if (row->offset == QUANTITY(tendinosis_volume_mm3) && pre.known && post.known) {
            /* Against digital ankles this volume is off by its own size and more, on rescans of one ankle, too. */
            limits.value = fmax(pre.value, post.value);
            limits.source = tendinosis_source;
            between_add(&limits, limits.value / 1.959964);
        }
        if (row->offset == QUANTITY(tear_volume_mm3)) {
            limits.value = smallest_seen(change);
            limits.source = smallest_source;
        }
        change->changes[change->n_changes++] = change_of(row->name, &pre, &post, &limits);
    }
    return TENO_OK;
}

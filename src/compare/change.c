/*
 * Is a change more than the measurement's own error?
 *
 * Each date's SD comes from its 95 % interval. The repeatability limit of a difference is 1.96 sqrt(sd1^2 + sd2^2)
 * (Raunig et al., Stat Methods Med Res 2015;24:27-67, doi:10.1177/0962280214537344), and never below what readers of
 * such images were found to repeat, where that was published: Achilles volume 13.6 % and mean signal 24.7 % (Shalabi et
 * al., KSSTA 2005, CV 4.9 % and 8.9 %), section area 11.1 % (test-retest SEM 4 %), of the first value. Beyond the limit
 * a change has a direction; within it, it is not detectable.
 *
 * The repeats behind one study's interval keep its signal scale. Between visits the scale itself repeats to 8.9 % at
 * best, and raised tissue near a class boundary then changes sides: both dates are also measured with the scale lower
 * and higher by what it may be off (scale.c), and what that does to a quantity joins its SD. A gap exists only in a
 * complete tear: where an involvement may lie on either side of 95 %, the gap may be there or not.
 */
#include <math.h>

#include "compare/parts.h"
#include "teno/memory.h"

/* The wider side: an interval that ends at 0 or 100 % is cut there. */
static double quantity_sd(const Quantity *q)
{
    return q->has_interval ? fmax(q->high - q->value, q->value - q->low) / 1.959964 : (double)NAN;
}

static const char own_source[] = "1.96 sqrt(SD_pre^2 + SD_post^2) of the two measurements";
static const char wider_source[] =
    "1.96 SD of the two measurements, of the signal scale between the dates (8.9 % or more, "
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
    double sd = hypot(hypot(quantity_sd(pre), quantity_sd(post)), limits->between_sd), own = 1.959964 * sd;
    double least = fmax(limits->percent / 100 * fabs(pre->value), limits->value);
    if (isnan(sd) && !(least > 0)) {
        string_set(c.reason, sizeof c.reason, "no interval was computed (--repeats 0) and no limit is published");
        return c;
    }
    if (!isnan(sd)) {
        c.low = c.difference - own;
        c.high = c.difference + own;
    }
    bool published = isnan(sd) || least > own;
    c.limit = published ? least : own;
    c.limit_source = published ? limits->source : limits->between_sd > 0 ? wider_source : own_source;
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

double swing_combine(const TendonChange *change, double moved[2][2])
{
    double all = change->scale_sd * change->scale_sd, common = change->scale_common_sd * change->scale_common_sd,
           sum = 0;
    for (int sign = 0; sign < 2 && all > 0; sign++) {
        double pre = moved[0][sign], post = moved[1][sign];
        sum += ((all - common) * (pre * pre + post * post) + common * (post - pre) * (post - pre)) / all / 2;
    }
    return sqrt(sum);
}

/* The same for a quantity; 0 where nothing was measured with another scale. */
static double swing_sd(const TendonChange *change, size_t offset)
{
    double moved[2][2] = {{0, 0}, {0, 0}};
    for (int date = 0; date < 2; date++) {
        const Quantity *own = quantity_at_offset(date ? &change->post : &change->pre, offset);
        for (int sign = 0; sign < 2; sign++) {
            const Quantity *swung = quantity_at_offset(&change->swing[date][sign], offset);
            if (own->known && swung->known) moved[date][sign] = swung->value - own->value;
        }
    }
    return swing_combine(change, moved);
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
        limits.between_sd = hypot(swing_sd(change, row->offset), range_sd(change, row->offset));
        if (row->of_tear) limits.between_sd = hypot(limits.between_sd, doubt_sd(change, &pre, &post));
        if (row->offset == QUANTITY(tendinosis_volume_mm3) && pre.known && post.known) {
            /* Against digital ankles this volume is off by its own size and more, on rescans of one ankle, too. */
            limits.value = fmax(pre.value, post.value);
            limits.source = tendinosis_source;
            limits.between_sd = hypot(limits.between_sd, limits.value / 1.959964);
        }
        if (row->offset == QUANTITY(tear_volume_mm3)) {
            limits.value = smallest_seen(change);
            limits.source = smallest_source;
        }
        change->changes[change->n_changes++] = change_of(row->name, &pre, &post, &limits);
    }
    return TENO_OK;
}

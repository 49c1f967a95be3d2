/* Tear quantities of one tendon, per tear and in total, from the fractions (measures.md, Tear). */
#include "tear_measures.h"

#include <math.h>
#include <stdlib.h>

#include "extent.h"
#include "grade.h"
#include "surface.h"
#include "teno/memory.h"
#include "teno/uid.h"

/* Zones of the Achilles, mm above the insertion (measures.md, Tear). */
static const double INSERTIONAL_MM = 20, MIDPORTION_MM = 60;

double map_blur_s_mm(const TearMap *map)
{
    double variance = 0;
    for (int c = 0; c < map->n_views; c++)
        variance += map->view[c].weight * map->view[c].psf_mm[2] * map->view[c].psf_mm[2];
    return sqrt(variance);
}

/* Torn area of every section, mm²; region 0 means all of them. */
static void torn_areas(double *torn, const TearMap *map, int region)
{
    const Lattice *l = &map->lattice;
    size_t slab = lattice_slab(l);
    for (int k = 0; k < l->ns; k++) {
        double sum = 0;
        for (size_t at = (size_t)k * slab; at < (size_t)(k + 1) * slab; at++)
            if (map->region_of[at] && (!region || map->region_of[at] == region)) sum += (double)map->tear[at];
        torn[k] = sum * l->pixel_mm * l->pixel_mm;
    }
}

/* Centroid of a tear: place along the tendon and around its centreline. */
static void place_measure(Tear *tear, const TearMap *map, int region)
{
    const Lattice *l = &map->lattice;
    double mass = 0, u = 0, v = 0, s = 0;
    for (size_t at = 0; at < lattice_count(l); at++) {
        if (map->region_of[at] != region) continue;
        double share = (double)map->tear[at];
        mass += share;
        u += share * lattice_u_mm(l, (int)(at % (size_t)l->nu));
        v += share * lattice_v_mm(l, (int)(at / (size_t)l->nu % (size_t)l->nv));
        s += share * (double)(at / lattice_slab(l));
    }
    if (mass <= 0) return;
    tear->centre_angle_deg = atan2(v / mass, u / mass) * 57.29577951308232;
    tear->centre_lps = shape_to_lps(map->shape, l->first + s / mass, u / mass, v / mass);
}

static const char *zone_of(const TearOwner *owner, double s_mm)
{
    if (!owner->spec->has_zones || owner->origin != ORIGIN_INSERTION) return NULL;
    return s_mm < INSERTIONAL_MM ? "insertional" : s_mm <= MIDPORTION_MM ? "mid-portion" : "proximal";
}

static void tear_fill(Tear *tear, const TearMap *map, int region, const double *area, double tendon_mm3, double *torn,
                      const TearOwner *owner)
{
    const Lattice *l = &map->lattice;
    Extent extent;
    *tear = (Tear){0};
    torn_areas(torn, map, region);
    extent_measure(&extent, torn, area, l->ns, l->s0_mm, l->step_mm);
    tear->volume_mm3 = quantity(extent.volume_mm3, "mm3");
    tear->fraction_percent = quantity(100 * extent.volume_mm3 / tendon_mm3, "%");
    tear->length_mm = quantity(extent.proximal_s_mm - extent.distal_s_mm, "mm");
    tear->distal_s_mm = quantity(extent.distal_s_mm, "mm");
    tear->proximal_s_mm = quantity(extent.proximal_s_mm, "mm");
    tear->max_involvement_percent = quantity_at(extent.max_percent, "%", extent.max_at_s_mm);
    tear->mean_involvement_percent = quantity(extent.mean_percent, "%");
    tear->gap_mm = quantity(extent.gap_mm, "mm");
    tear->zone = zone_of(owner, extent.max_at_s_mm);
    tear->surfaces = surfaces_reached(map, region, owner->side);
    tear->possible_magic_angle = map->region[region - 1].magic_angle;
    place_measure(tear, map, region);
    uid_derive(tear->tracking_uid, "tear %s %s %s s %.0f angle %.0f", owner->study_uid, side_name(owner->side),
               owner->spec->name, extent.max_at_s_mm, round(tear->centre_angle_deg / 15) * 15);
}

/* Regions from distal to proximal, so that label and index of a tear agree: label = index + 1. */
static int regions_sort(TearMap *map, Error *error)
{
    size_t n = lattice_count(&map->lattice), m = (size_t)map->n_regions + 1;
    size_t *first = array_alloc(m, sizeof *first, error);
    int *label = array_alloc(m, sizeof *label, error);
    Region *sorted = array_alloc(m, sizeof *sorted, error);
    int code = first && label && sorted ? TENO_OK : TENO_FAILED;
    for (size_t at = n; at-- > 0 && !code;)
        if (map->region_of[at]) first[map->region_of[at]] = at;
    for (size_t r = 1; r < m && !code; r++) {
        label[r] = 1; /* one more than the regions that start before it */
        for (size_t other = 1; other < m; other++) label[r] += first[other] < first[r];
        sorted[label[r] - 1] = map->region[r - 1];
    }
    for (size_t at = 0; at < n && !code; at++) map->region_of[at] = label[map->region_of[at]];
    for (size_t r = 1; r < m && !code; r++) map->region[r - 1] = sorted[r - 1];
    free(first);
    free(label);
    free(sorted);
    return code;
}

/* Length of the union of the tears' ranges. */
static double union_length_mm(const Tear *tear, int n)
{
    double sum = 0, reached = -INFINITY;
    for (int i = 0; i < n; i++) { /* ascending distal ends, nearly */
        double from = fmax(tear[i].distal_s_mm.value, reached), to = tear[i].proximal_s_mm.value;
        if (to > from) {
            sum += to - from;
            reached = to;
        }
    }
    return sum;
}

static void totals_fill(TendonMeasures *m, const Extent *whole)
{
    double gap = 0;
    for (int i = 0; i < m->n_tears; i++) gap = fmax(gap, m->tears[i].gap_mm.value);
    bool any = m->n_tears > 0;
    m->tear_volume_mm3 = quantity(any ? whole->volume_mm3 : 0, "mm3");
    m->tear_fraction_percent = quantity(100 * m->tear_volume_mm3.value / m->tendon_volume_mm3.value, "%");
    m->tear_length_mm = quantity(union_length_mm(m->tears, m->n_tears), "mm");
    m->tear_max_involvement_percent = any ? quantity_at(whole->max_percent, "%", whole->max_at_s_mm) : quantity(0, "%");
    m->tear_gap_mm = quantity(fmax(gap, any ? whole->gap_mm : 0), "mm");
}

/* Tendinosis, signal and torn area of every row; their totals. */
static void rows_fill(TendonMeasures *m, const TearMap *map, const double *torn, double *scratch)
{
    const Lattice *l = &map->lattice;
    size_t slab = lattice_slab(l);
    int lead = 0;
    for (int c = 1; c < map->n_views; c++)
        if (map->view[c].weight > map->view[lead].weight) lead = c;
    double signal = 0, weight = 0;
    for (int k = 0; k < l->ns; k++) {
        double raised = 0, row_signal = 0, row_weight = 0;
        for (size_t at = (size_t)k * slab; at < (size_t)(k + 1) * slab; at++) {
            double share = (double)(map->envelope[at] * map->view[lead].trust[at]);
            raised += (double)map->tendinosis[at];
            row_weight += share;
            if (share > 0) row_signal += share * (double)map->view[lead].inside[at];
        }
        ProfileRow *row = &m->profile[k];
        row->tear_area_mm2 = fmin(torn[k], row->area_mm2);
        scratch[k] = raised * l->pixel_mm * l->pixel_mm;
        row->tendinosis_area_mm2 = scratch[k];
        row->mean_signal = row_signal / row_weight; /* NaN where nothing is seen */
        signal += row_signal;
        weight += row_weight;
    }
    m->mean_signal =
        weight > 0 ? quantity(signal / weight, "1") : quantity_unknown("1", "the tendon is not in the series");
    m->tendinosis_volume_mm3 = quantity(profile_integral(m->profile, l->ns, scratch, m->s_min_mm, m->s_max_mm), "mm3");
}

int tears_measure(TendonMeasures *m, TearMap *map, const TearOwner *owner, Error *error)
{
    int n = map->lattice.ns;
    double *area = array_alloc(3 * (size_t)n, sizeof *area, error);
    m->tears = array_alloc((size_t)map->n_regions + 1, sizeof *m->tears, error);
    if (!area || !m->tears) {
        free(area);
        return TENO_FAILED;
    }
    double *torn = area + n, *scratch = torn + n;
    for (int k = 0; k < n; k++) area[k] = m->profile[k].area_mm2;
    int code = regions_sort(map, error);
    for (int r = 1; r <= map->n_regions && !code; r++)
        tear_fill(&m->tears[m->n_tears++], map, r, area, m->tendon_volume_mm3.value, torn, owner);
    if (!code) {
        Extent whole;
        torn_areas(torn, map, 0);
        extent_measure(&whole, torn, area, n, map->lattice.s0_mm, map->lattice.step_mm);
        m->has_tear_measures = true;
        m->smallest_tear_mm3 = quantity(map->smallest_mm3, "mm3");
        totals_fill(m, &whole);
        rows_fill(m, map, torn, scratch);
        grade_fill(m, owner->spec->has_zones);
    }
    free(area);
    return code;
}

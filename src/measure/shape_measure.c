/*
 * What the shape alone tells: areas, extents and volumes over the assessed range.
 *
 * Volume is the integral of the section area along the centreline. Because the sections are orthogonal to the curve
 * through their own centroids, this is exact for a bent tendon too (Pappus-Guldinus). The integral is the trapezoid
 * rule on the sections, with the range's ends interpolated where they fall between sections.
 */
#include "teno/measure.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "teno/memory.h"

/* Window in which volumes of different fields of view can be compared, mm above the insertion (measures.md, Tendon). */
static const double WINDOW_MM[2] = {0, 60};

/* The longest contiguous run of assessed sections: [first, last]; false when there is none of at least two. */
static bool assessed_run(const TendonShape *shape, int *first, int *last)
{
    int best = 0;
    for (int k = 0; k < shape->n_sections;) {
        int start = k;
        while (k < shape->n_sections && shape->sections[k].assessed) k++;
        if (k - start > best) {
            best = k - start;
            *first = start;
            *last = k - 1;
        }
        if (k == start) k++;
    }
    return best >= 2;
}

double profile_integral(const ProfileRow *row, int n, const double *value, double low_s_mm, double high_s_mm)
{
    double sum = 0;
    for (int i = 0; i + 1 < n; i++) {
        double a = row[i].s_mm, b = row[i + 1].s_mm;
        double from = fmax(a, low_s_mm), to = fmin(b, high_s_mm);
        if (to <= from || b <= a) continue;
        double at_from = value[i] + (value[i + 1] - value[i]) * (from - a) / (b - a);
        double at_to = value[i] + (value[i + 1] - value[i]) * (to - a) / (b - a);
        sum += (to - from) * (at_from + at_to) / 2;
    }
    return sum;
}

static void profile_fill(TendonMeasures *out, const TendonShape *shape, int first)
{
    for (int i = 0; i < out->n_profile; i++) {
        const Section *section = &shape->sections[first + i];
        ProfileRow *row = &out->profile[i];
        *row = (ProfileRow){.s_mm = section->s_mm, .centre_lps = section->centre_lps, .bridged = section->bridged};
        row->area_mm2 = section_area_mm2(section);
        section_extents(section, &row->thickness_mm, &row->width_mm);
        row->mean_signal = row->area_low_mm2 = row->area_high_mm2 = row->tear_low_mm2 = row->tear_high_mm2 = NAN;
    }
}

static void quantities_fill(TendonMeasures *out, const double *area, Origin origin)
{
    const ProfileRow *row = out->profile;
    int n = out->n_profile, widest = 0, thickest = 0;
    for (int i = 1; i < n; i++) {
        if (row[i].area_mm2 > row[widest].area_mm2) widest = i;
        if (row[i].thickness_mm > row[thickest].thickness_mm) thickest = i;
    }
    double length = out->s_max_mm - out->s_min_mm;
    double volume = profile_integral(row, n, area, out->s_min_mm, out->s_max_mm);
    out->tendon_volume_mm3 = quantity(volume, "mm3");
    out->length_mm = quantity(length, "mm");
    out->mean_area_mm2 = quantity(volume / length, "mm2");
    out->max_area_mm2 = quantity_at(row[widest].area_mm2, "mm2", row[widest].s_mm);
    out->max_thickness_mm = quantity_at(row[thickest].thickness_mm, "mm", row[thickest].s_mm);
    if (origin == ORIGIN_DISTAL_IMAGE_EDGE)
        out->tendon_volume_0_60_mm3 = quantity_unknown("mm3", "the landmark of s = 0 is not in the field of view");
    else if (out->s_min_mm > WINDOW_MM[0] || out->s_max_mm < WINDOW_MM[1])
        out->tendon_volume_0_60_mm3 = quantity_unknown("mm3", "the window from 0 to 60 mm is not covered");
    else
        out->tendon_volume_0_60_mm3 = quantity(profile_integral(row, n, area, WINDOW_MM[0], WINDOW_MM[1]), "mm3");
}

static void tear_unknown(TendonMeasures *out, const char *reason)
{
    out->has_tear_measures = false;
    out->tear_volume_mm3 = out->tendinosis_volume_mm3 = out->smallest_tear_mm3 = quantity_unknown("mm3", reason);
    out->tear_fraction_percent = out->tear_max_involvement_percent = quantity_unknown("%", reason);
    out->tear_length_mm = out->tear_gap_mm = quantity_unknown("mm", reason);
    out->mean_signal = quantity_unknown("1", reason);
    snprintf(out->grade_criteria, sizeof out->grade_criteria, "not graded: %s", reason);
}

int shape_measure(TendonMeasures *out, const TendonShape *shape, Origin origin, Error *error)
{
    *out = (TendonMeasures){0};
    int first = 0, last = 0;
    if (!assessed_run(shape, &first, &last))
        return error_set(error, TENO_FAILED, "shape: no two neighbouring sections lie inside the imaged volume");
    int n = last - first + 1;
    double *area = array_alloc((size_t)n, sizeof *area, error);
    out->profile = array_alloc((size_t)n, sizeof *out->profile, error);
    if (!area || !out->profile) {
        free(area);
        measures_free(out);
        return TENO_FAILED;
    }
    out->n_profile = n;
    out->s_min_mm = shape->sections[first].s_mm;
    out->s_max_mm = shape->sections[last].s_mm;
    profile_fill(out, shape, first);
    for (int i = 0; i < n; i++) area[i] = out->profile[i].area_mm2;
    quantities_fill(out, area, origin);
    tear_unknown(out, "no fluid-sensitive series");
    free(area);
    return TENO_OK;
}

/* Degree of the damage in words, with the criteria that were met and their source. */
#include <math.h>
#include <stdio.h>

#include "extent.h"
#include "grade.h"

/* Limits of the grades, percent of the cross-section (measures.md, Degree). */
static const double HALF_PERCENT = 50;

/* Kuwada GT, J Foot Surg 1990;29:361-365, limits of the gap in mm (as given by Radiopaedia). */
static const double KUWADA_II_MM = 30, KUWADA_III_MM = 60;
static const char KUWADA_SOURCE[] = "Kuwada 1990";

Grade grade_of(bool any_tear, double max_involvement_percent, bool any_tendinosis)
{
    if (!any_tear) return any_tendinosis ? GRADE_TENDINOSIS : GRADE_NORMAL;
    if (max_involvement_percent >= COMPLETE_PERCENT) return GRADE_COMPLETE;
    return max_involvement_percent < HALF_PERCENT ? GRADE_PARTIAL_LOW : GRADE_PARTIAL_HIGH;
}

static void kuwada_grade(TendonMeasures *m)
{
    double gap = m->tear_gap_mm.value;
    const char *label = "";
    char *text = m->kuwada_criteria;
    size_t size = sizeof m->kuwada_criteria;
    if (m->grade == GRADE_PARTIAL_LOW) {
        label = "I";
        snprintf(text, size, "partial tear, %.0f %% of the cross-section involved (at most 50 %%); %s",
                 m->tear_max_involvement_percent.value, KUWADA_SOURCE);
    } else if (m->grade == GRADE_PARTIAL_HIGH) {
        snprintf(text, size, "a partial tear of more than 50 %% is outside the scheme's text; %s", KUWADA_SOURCE);
    } else if (m->grade == GRADE_COMPLETE) {
        label = gap <= KUWADA_II_MM ? "II" : gap <= KUWADA_III_MM ? "III" : "IV";
        snprintf(text, size, "complete tear, gap %.0f mm (II: at most 30 mm, III: 30 to 60 mm, IV: more); %s", gap,
                 KUWADA_SOURCE);
    } else {
        snprintf(text, size, "no tear; %s grades tears only", KUWADA_SOURCE);
    }
    snprintf(m->kuwada, sizeof m->kuwada, "%s", label);
}

void grade_fill(TendonMeasures *m, bool has_kuwada)
{
    double share = m->tear_max_involvement_percent.value;
    m->grade = grade_of(m->n_tears > 0, share, m->tendinosis_volume_mm3.value > 0);
    char *text = m->grade_criteria;
    size_t size = sizeof m->grade_criteria;
    static const char source[] = "limits: Teno measures, after Kuwada 1990 and PMC3609991 (50 %, 90 %)";
    switch (m->grade) {
    case GRADE_NORMAL:
        snprintf(text, size, "no fluid-like and no raised region above the smallest detectable volume; %s", source);
        break;
    case GRADE_TENDINOSIS:
        snprintf(text, size, "raised, not fluid-like signal in %.0f mm3, no tear; %s", m->tendinosis_volume_mm3.value,
                 source);
        break;
    case GRADE_PARTIAL_LOW:
        snprintf(text, size, "largest torn share of a cross-section %.0f %% (less than 50 %%); %s", share, source);
        break;
    case GRADE_PARTIAL_HIGH:
        snprintf(text, size, "largest torn share of a cross-section %.0f %% (50 to 95 %%); %s", share, source);
        break;
    case GRADE_COMPLETE:
        snprintf(text, size, "largest torn share of a cross-section %.0f %% (at least 95 %%); %s", share, source);
        break;
    }
    m->kuwada[0] = m->kuwada_criteria[0] = '\0';
    if (has_kuwada) kuwada_grade(m);
}

/* What a person reads on the terminal after a run, and the exit status that agrees with it. */
#include "cli/result.h"

#include <stdio.h>

static void quantity_print(const char *name, const Quantity *q, const char *unit)
{
    if (!q->known) return;
    printf("  %-18s %8.1f %s", name, q->value, unit);
    if (q->has_interval) printf("  (95 %%: %.1f to %.1f)", q->low, q->high);
    putchar('\n');
}

void tendon_print(const TendonResult *result)
{
    const TendonMeasures *m = &result->measures;
    printf("%s, %s: ", result->spec->display_name,
           result->segmentation.side == SIDE_UNKNOWN ? "side unknown" : side_name(result->segmentation.side));
    if (result->status != STATUS_MEASURED) {
        printf("%s: %s\n", result->status == STATUS_FAILED ? "failed" : "not assessable", result->reason);
        return;
    }
    printf("%s (%s); confidence %.2f\n", grade_name(m->grade), m->grade_criteria, result->segmentation.confidence);
    quantity_print("tendon volume", &m->tendon_volume_mm3, "mm3");
    quantity_print("largest section", &m->max_area_mm2, "mm2");
    quantity_print("tear volume", &m->tear_volume_mm3, "mm3");
    quantity_print("max involvement", &m->tear_max_involvement_percent, "%");
    quantity_print("tear length", &m->tear_length_mm, "mm");
    if (m->grade == GRADE_COMPLETE) quantity_print("gap", &m->tear_gap_mm, "mm");
    if (!m->has_tear_measures && m->tear_volume_mm3.reason[0]) printf("  tears: %s\n", m->tear_volume_mm3.reason);
}

void warnings_print(const Notes *warnings, const char *about)
{
    for (int i = 0; i < warnings->count; i++) fprintf(stderr, "warning: %s: %s\n", about, warnings->text[i]);
}

int analysis_outcome(const Analysis *analysis, const char *out, Error *error)
{
    const Status worst_first[] = {STATUS_FAILED, STATUS_NOT_ASSESSABLE};
    for (int w = 0; w < 2; w++)
        for (int i = 0; i < analysis->n_tendons; i++) {
            const TendonResult *result = &analysis->tendons[i];
            if (result->status != worst_first[w]) continue;
            bool failed = result->status == STATUS_FAILED;
            return error_set(error, failed ? TENO_FAILED : TENO_NOT_ASSESSABLE, "%s: %s: %s; the report is in %s",
                             result->spec->name, failed ? "failed" : "not assessable", result->reason, out);
        }
    return TENO_OK;
}

static void change_print(const Change *change)
{
    if (!change->pre.known || !change->post.known) return;
    printf("  %-30s %9.1f -> %9.1f  change %+.1f (limit %.1f): %s\n", change->name, change->pre.value,
           change->post.value, change->difference, change->limit, verdict_name(change->verdict));
}

void comparison_print(const Comparison *comparison)
{
    if (!comparison->comparable) return; /* the error says it */
    printf("%s to %s\n", comparison->pre->study->study_date, comparison->post->study->study_date);
    for (int i = 0; i < comparison->n_tendons; i++) {
        const TendonChange *tendon = &comparison->tendons[i];
        printf("%s, %s: ", tendon->spec->display_name, side_name(tendon->side));
        if (!tendon->comparable) {
            printf("not comparable: %s\n", tendon->reason);
            continue;
        }
        printf("s from %.0f to %.0f mm\n", tendon->common_min_mm, tendon->common_max_mm);
        for (int j = 0; j < tendon->n_changes; j++) change_print(&tendon->changes[j]);
        for (int j = 0; j < tendon->n_tears; j++)
            printf("  tear %d: %s\n", j + 1, tear_state_name(tendon->tears[j].state));
    }
}

int comparison_outcome(const Comparison *comparison, const char *out, Error *error)
{
    if (!comparison->comparable)
        return error_set(error, TENO_NOT_COMPARABLE, "not comparable: %s; the report is in %s", comparison->reason,
                         out);
    for (int i = 0; i < comparison->n_tendons; i++)
        if (!comparison->tendons[i].comparable)
            return error_set(error, TENO_NOT_ASSESSABLE, "%s: not comparable: %s; the report is in %s",
                             comparison->tendons[i].spec->name, comparison->tendons[i].reason, out);
    return TENO_OK;
}

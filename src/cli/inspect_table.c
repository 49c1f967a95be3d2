/* What a scan found, as a table for people: studies with their series, then the files left aside, grouped by reason. */
#include <math.h>
#include <string.h>

#include "cli/inspect.h"

static void number_print(FILE *stream, const char *name, double value, const char *format)
{
    char text[32];
    if (!isfinite(value)) return;
    snprintf(text, sizeof text, format, value);
    fprintf(stream, "  %s %s", name, text);
}

static void series_print(FILE *stream, const Series *s)
{
    const Acquisition *a = &s->acquisition;
    fprintf(stream, "\n  %d  %s%s\n", s->series_number, s->description[0] ? s->description : "(no description)",
            s->lossy ? "  [lossy]" : "");
    fprintf(stream, "     %s: %s\n", !s->usable ? "left aside" : role_name(s->role), s->reason);
    if (s->usable) {
        const Grid *g = &s->grid;
        fprintf(stream, "     %s  %s%s  %d x %d x %d  %.3f x %.3f x %.3f mm", plane_name(s->plane),
                contrast_name(s->contrast), a->fat_suppressed ? " fat-suppressed" : "", g->nx, g->ny, g->nz, g->dx,
                g->dy, g->dz);
        number_print(stream, "thickness", s->slice_thickness_mm, "%.2f mm");
        number_print(stream, "TR", a->tr_ms, "%.0f");
        number_print(stream, "TE", a->te_ms, "%.1f");
        number_print(stream, "TI", a->ti_ms, "%.0f");
        number_print(stream, "field", a->field_t, "%.1f T");
        fprintf(stream, "%s%s\n", s->side == SIDE_UNKNOWN ? "" : "  side ",
                s->side == SIDE_UNKNOWN ? "" : side_name(s->side));
    }
    for (int i = 0; i < s->warnings.count; i++) fprintf(stream, "     ! %s\n", s->warnings.text[i]);
    fprintf(stream, "     %s\n", s->key);
}

static void study_print(FILE *stream, const Study *study)
{
    fprintf(stream, "study %s  subject %s  %s\n", study->study_date[0] ? study->study_date : "(no date)",
            study->subject, study->study_description);
    fprintf(stream, "  %s\n", study->study_uid);
    for (int i = 0; i < study->warnings.count; i++) fprintf(stream, "  ! %s\n", study->warnings.text[i]);
    for (int i = 0; i < study->n_series; i++) series_print(stream, &study->series[i]);
    fputs("\n", stream);
}

/* One line a reason, in order of its first file. */
static void skipped_print(FILE *stream, const Scan *scan)
{
    if (scan->n_skipped == 0) return;
    fputs("files left aside:\n", stream);
    for (int i = 0; i < scan->n_skipped; i++) {
        const char *reason = scan->skipped[i].reason;
        bool said = false;
        int count = 0;
        for (int k = 0; k < i && !said; k++) said = strcmp(scan->skipped[k].reason, reason) == 0;
        if (said) continue;
        for (int k = i; k < scan->n_skipped; k++) count += strcmp(scan->skipped[k].reason, reason) == 0;
        fprintf(stream, "  %6d  %s (%s%s)\n", count, reason, scan->skipped[i].path, count > 1 ? " …" : "");
    }
}

void inspect_print_table(FILE *stream, const Scan *scan)
{
    for (int i = 0; i < scan->n_studies; i++) study_print(stream, &scan->studies[i]);
    skipped_print(stream, scan);
    fprintf(stream, "%d files, %d of them left aside; %d %s\n", scan->n_files, scan->n_skipped, scan->n_studies,
            scan->n_studies == 1 ? "study" : "studies");
}

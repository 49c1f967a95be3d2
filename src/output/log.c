/* log.txt: what was done with what, for support. No names, ids, times, machine or folder names: same input, same bytes.
 * Its first word marks the folder as a result of ours (folder.h). */
#include "output/folder.h"
#include "output/kinds.h"
#include "output/names.h"
#include "output/text.h"

static void add_notes(Text *text, const char *prefix, const Notes *notes)
{
    for (int i = 0; i < notes->count; i++) text_add(text, "%swarning: %s\n", prefix, notes->text[i]);
}

static void add_study(Text *text, const Analysis *analysis)
{
    const Study *study = analysis->study;
    char date[DATE_SIZE];
    date_iso(date, study->study_date);
    text_add(text, "study %s, date %s, subject %s\n", study->study_uid, date[0] ? date : "unknown", study->subject);
    add_notes(text, "  ", &study->warnings);
    for (int i = 0; i < study->n_series; i++) {
        const Series *series = &study->series[i];
        text_add(text, "  series %d %s: %s, %s %s, %d x %d x %d; %s\n", series->series_number, series->key,
                 role_name(series->role), plane_name(series->plane), contrast_name(series->contrast), series->grid.nx,
                 series->grid.ny, series->grid.nz, series->reason);
        add_notes(text, "    ", &series->warnings);
    }
    add_notes(text, "  ", &analysis->prepared.warnings);
}

static void add_result(Text *text, const Analysis *analysis, const TendonResult *result)
{
    text_add(text, "  tendon %s, side %s: %s", result->spec->name, side_name(result_side(analysis, result)),
             status_name(result->status));
    if (result->status == STATUS_MEASURED)
        text_add(text, ", confidence %.3g, %d tears\n", result->segmentation.confidence, result->measures.n_tears);
    else
        text_add(text, ", %s\n", result->reason);
    add_notes(text, "    ", &result->warnings);
    add_notes(text, "    ", &result->segmentation.warnings);
    add_notes(text, "    ", &result->measures.warnings);
}

static void add_analysis(Text *text, const Analysis *analysis)
{
    add_study(text, analysis);
    for (int i = 0; i < analysis->n_tendons; i++) add_result(text, analysis, &analysis->tendons[i]);
}

int write_analysis_log(const Analysis *analysis, const char *folder, Error *error)
{
    Text text = {0};
    text_add(&text, FOLDER_MARKER " analyze teno " TENO_VERSION "\n");
    add_analysis(&text, analysis);
    int code = text_write(&text, folder, "log.txt", error);
    text_free(&text);
    return code;
}

int write_comparison_log(const Comparison *comparison, const char *folder, Error *error)
{
    Text text = {0};
    text_add(&text, FOLDER_MARKER " compare teno " TENO_VERSION "\npre: ");
    add_analysis(&text, comparison->pre);
    text_add(&text, "post: ");
    add_analysis(&text, comparison->post);
    text_add(&text, "comparison: %s\n", comparison->comparable ? "comparable" : comparison->reason);
    add_notes(&text, "  ", &comparison->warnings);
    for (int i = 0; i < comparison->n_tendons; i++) {
        const TendonChange *tendon = &comparison->tendons[i];
        text_add(&text, "  tendon %s: %s\n", tendon->spec->name, tendon->comparable ? "comparable" : tendon->reason);
        add_notes(&text, "    ", &tendon->warnings);
    }
    int code = text_write(&text, folder, "log.txt", error);
    text_free(&text);
    return code;
}

/* The files that make the folder a BIDS derivative dataset (BIDS 1.10, derivatives), for tools that look for them. */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "batch/summary.h"
#include "batch/text_file.h"

static int write_named(Text *text, const char *out, const char *name, Error *error)
{
    char path[PATH_MAX];
    path_set(path, "%s/%s", out, name);
    int code = text_file_replace(path, text, error);
    text_free(text);
    return code;
}

static int description_write(const char *out, Error *error)
{
    Text text = {0};
    text_add(&text,
             "{\n  \"Name\": \"Teno: tendons and tears\",\n  \"BIDSVersion\": \"1.10.0\",\n"
             "  \"DatasetType\": \"derivative\",\n"
             "  \"GeneratedBy\": [{\"Name\": \"teno\", \"Version\": \"%s\"}]\n}\n",
             TENO_VERSION);
    return write_named(&text, out, "dataset_description.json", error);
}

/* What is no raw data by BIDS' names is ours to name; the words for people. */
static int frame_write(const char *out, Error *error)
{
    Text ignored = {0}, readme = {0};
    text_add(&ignored, "log/\nstate/\nqc/\nresults/\nsub-*/ses-*/\nsub-*/change_*/\n");
    text_add(&readme,
             "Tendons and tears, measured by Teno on MR images. Research use; not a diagnosis.\n\n"
             "sub-*/ses-*/      one study: report.html, report.json, measurements.csv, masks, pictures\n"
             "sub-*/change_*/   two dates of one ankle\n"
             "results/          tables of the whole cohort, each with a JSON file that says what its columns are\n"
             "qc/index.html     all cases with their pictures\n"
             "log/              what each case said; err.* are the failed ones\n");
    int code = write_named(&ignored, out, ".bidsignore", error);
    if (!code) code = write_named(&readme, out, "README", error);
    text_free(&readme);
    return code;
}

/* One subject's sessions, rows first … last of the cohort; an ankle a row. */
static int sessions_write(const char *out, const Table *cohort, const char *subject, int first, int last, Error *error)
{
    char folder[PATH_MAX], name[PATH_MAX];
    Text text = {0};
    path_set(folder, "%s/sub-%s", out, subject);
    int code = folders_make(folder, error);
    if (code) return code;
    text_add(&text, "session_id\tacq_time\tside\n");
    for (int i = first; i <= last; i++) {
        const char *date = table_cell(cohort, i, table_column(cohort, "date"));
        const char *session = strchr(table_cell(cohort, i, 0), '_');
        if (strcmp(table_cell(cohort, i, table_column(cohort, "kind")), "analyze") != 0 || !session) continue;
        text_add_cell(&text, session + 1);
        if (strlen(date) == 8)
            text_add(&text, "%.4s-%.2s-%.2sT00:00:00\t", date, date + 4, date + 6);
        else
            text_add_cell(&text, "");
        text_add_cell(&text, table_cell(cohort, i, table_column(cohort, "side")));
        text_end_row(&text);
    }
    snprintf(name, sizeof name, "sub-%s/sub-%s_sessions.tsv", subject, subject);
    code = write_named(&text, out, name, error);
    snprintf(name, sizeof name, "sub-%s/sub-%s_sessions", subject, subject);
    return code ? code : sidecar_write(out, name, error);
}

int bids_write(const char *out, const Table *cohort, Error *error)
{
    int subject = table_column(cohort, "subject"), arm = table_column(cohort, "arm");
    Text participants = {0};
    int code = description_write(out, error);
    if (!code) code = frame_write(out, error);
    text_add(&participants, "participant_id\tarm\n");
    for (int first = 1, last; !code && first < cohort->n_rows; first = last + 1) {
        const char *name = table_cell(cohort, first, subject);
        for (last = first; last + 1 < cohort->n_rows && strcmp(table_cell(cohort, last + 1, subject), name) == 0;)
            last++;
        text_add(&participants, "sub-%s\t%s\n", name, table_cell(cohort, first, arm));
        code = sessions_write(out, cohort, name, first, last, error);
    }
    if (code) {
        text_free(&participants);
        return code;
    }
    code = write_named(&participants, out, "participants.tsv", error);
    return code ? code : sidecar_write(out, "participants", error);
}

/* The JSON file beside each table, which says what its columns are (BIDS, tabular files). */
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "batch/summary.h"
#include "batch/text_file.h"

static const char *const dictionary[][2] = {
    {"case", "run of the program: sub-<subject>_ses-<timepoint>, with a second ses- for a comparison"},
    {"kind", "analyze: one study; compare: two dates"},
    {"folder", "where the result lies, below the batch's folder"},
    {"subject", "label of the manifest"},
    {"timepoint", "label of the manifest; the earlier date of a comparison"},
    {"timepoint_post", "label of the later date of a comparison"},
    {"date", "date of the study as the manifest or the images say"},
    {"date_post", "date of the later study of a comparison"},
    {"arm", "therapy arm as the manifest names it"},
    {"therapy", "therapy as the manifest names it"},
    {"pair", "what belongs together, as the manifest says"},
    {"outcome", "done, not_assessable, not_comparable, failed, missing"},
    {"status", "exit status of the run; -1: ended by a signal or a limit"},
    {"message", "why the status is not 0"},
    {"study_date", "date of the images"},
    {"pre_date", "date of the earlier images"},
    {"post_date", "date of the later images"},
    {"side", "left, right, unknown"},
    {"tendon", "name of the tendon"},
    {"tear", "number of the tear from distal to proximal; n/a: the tendon as a whole"},
    {"state", "what became of the tear: resolved, smaller, unchanged, larger, new, split, merged"},
    {"measure", "name of the quantity, with its unit"},
    {"value", "n/a: not known, never 0"},
    {"pre", "value of the earlier date, over the range that both dates show"},
    {"post", "value of the later date, over the range that both dates show"},
    {"difference", "later minus earlier date; between arms: how much more the arm has afterwards than the reference "
                   "arm at the same value before (analysis of covariance)"},
    {"percent", "difference in percent of the earlier value"},
    {"ci_low", "lower end of the 95 % interval"},
    {"ci_high", "upper end of the 95 % interval"},
    {"limit", "limit of repeatability of the difference"},
    {"verdict", "decreased, increased, no_detectable_change"},
    {"unit", "UCUM"},
    {"n", "ankles with a number"},
    {"n_not_assessable", "ankles of the arm that were looked at and gave no number"},
    {"n_missing", "ankles of the arm without such a study, or where it failed"},
    {"mean", "arithmetic mean"},
    {"sd", "standard deviation, n - 1"},
    {"median", "median"},
    {"q25", "lower quartile, linear between ranks"},
    {"q75", "upper quartile, linear between ranks"},
    {"n_decreased", "ankles whose decrease is beyond its own limit of repeatability"},
    {"n_increased", "ankles whose increase is beyond its own limit of repeatability"},
    {"percent_beyond_limit", "share of the ankles with a number that changed beyond their own limit"},
    {"t", "Student's t; of changes: paired, against no change"},
    {"p", "two-sided p of t; not corrected for the number of tests"},
    {"cohen_d", "effect size: mean change / its SD; between arms: adjusted difference / residual SD"},
    {"df", "degrees of freedom of t"},
    {"reference_arm", "the arm that the other is compared with"},
    {"n_reference", "ankles of the reference arm with both numbers"},
    {"participant_id", "sub-<subject>"},
    {"session_id", "ses-<timepoint>, with L or R behind where the side is given"},
    {"acq_time", "date of the study; the time of day is not given and stands as 00:00:00"},
};
enum { N_DESCRIBED = sizeof dictionary / sizeof *dictionary };

static const char *described(const char *column)
{
    for (int i = 0; i < N_DESCRIBED; i++)
        if (strcmp(dictionary[i][0], column) == 0) return dictionary[i][1];
    return "column of the manifest, carried through";
}

int sidecar_write(const char *out, const char *table, Error *error)
{
    char path[PATH_MAX], header[1 << 14];
    Text text = {0};
    path_set(path, "%s/%s.tsv", out, table);
    FILE *file = fopen(path, "rb");
    bool read = file && fgets(header, sizeof header, file);
    if (file) fclose(file);
    if (!read) return error_set(error, TENO_FAILED, "%s: has no header", path);
    header[strcspn(header, "\n")] = '\0';
    json_t *columns = json_object();
    for (char *column = header; column;) {
        char *next = strchr(column, '\t');
        if (next) *next++ = '\0';
        json_object_set_new(columns, column, json_pack("{s:s}", "Description", described(column)));
        column = next;
    }
    char *dumped = json_dumps(columns, JSON_INDENT(2));
    json_decref(columns);
    text_add(&text, "%s\n", dumped ? dumped : "{}");
    free(dumped);
    path_set(path, "%s/%s.json", out, table);
    int code = text_file_replace(path, &text, error);
    text_free(&text);
    return code;
}

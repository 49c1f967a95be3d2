/* teno compare: what changed between two or more dates of one ankle. */
#include <stdio.h>
#include <stdlib.h>

#include "cli/command.h"
#include "cli/progress.h"
#include "cli/result.h"
#include "cli/visit.h"
#include "teno/compare.h"
#include "teno/memory.h"
#include "teno/output.h"

const Usage usage_compare = {
    .command = "compare",
    .arguments = "PRE POST -o OUT",
    .text =
        "Measures what changed between two dates of one ankle, and whether it is more than the measurement's own\n"
        "error. PRE and POST are DICOM folders, or finished OUT folders of analyze; one folder with two dates will\n"
        "do. The order is by study date. With more dates (PRE POST1 POST2 ...) each is compared with the first, in\n"
        "OUT/1, OUT/2, ... Research use; not a diagnosis.",
    .examples = "teno compare before/ after/ -o change --therapy 'eccentric training'"
                "\n"
                "teno compare result1 result2 -o change",
    .command_bit = FOR_COMPARE,
    .inputs_min = 1,
    .inputs_max = 64,
    .needs_out = true,
};

/* Every later date with the first; written together, told one by one. A pair that is not comparable is a result too. */
static int dates_compare(const VisitList *visits, Comparison *comparisons, const Options *options, Progress *progress,
                         Error *error)
{
    const CompareOptions wanted = {.therapy = options->therapy, .different_ids_ok = options->different_ids_ok};
    int n = visits->count - 1;
    for (int i = 0; i < n; i++) {
        progress_report(progress, "comparing", 0.7 * i / n);
        Comparison *comparison = &comparisons[i];
        int code = compare_run(comparison, &visits->visit[0].analysis, &visits->visit[i + 1].analysis, &wanted, error);
        if (code) return code;
        notes_append(&comparison->warnings, &visits->warnings);
    }
    progress_report(progress, "writing", 0.7);
    if (n == 1) return comparison_write(&comparisons[0], options->out, options->write, error);
    return course_write(comparisons, n, options->out, options->write, error);
}

/* What is told of all pairs; the status is the first that is not TENO_OK. */
static int dates_outcome(const Comparison *comparisons, int n, const Options *options, Error *error)
{
    int code = TENO_OK;
    for (int i = 0; i < n; i++) {
        if (options->verbose) warnings_print(&comparisons[i].warnings, "comparison");
        if (!options->quiet) comparison_print(&comparisons[i]);
        int outcome = comparison_outcome(&comparisons[i], options->out, error);
        if (!code) code = outcome;
    }
    if (!options->quiet) printf("results in %s\n", options->out);
    return code;
}

static int compare(const Options *options, Error *error)
{
    VisitList visits;
    Progress progress;
    Comparison *comparisons = NULL;
    progress_start(&progress, options->quiet, options->verbose);
    progress_report(&progress, "finding the images", 0);
    int code = visits_read(&visits, options, error);
    if (!code) code = visits_analyze(&visits, options, &progress, error);
    int n = code ? 0 : visits.count - 1;
    if (!code && !(comparisons = array_alloc((size_t)n, sizeof *comparisons, error))) code = TENO_FAILED;
    if (!code) code = dates_compare(&visits, comparisons, options, &progress, error);
    progress_end(&progress);
    if (!code) code = dates_outcome(comparisons, n, options, error);
    for (int i = 0; comparisons && i < n; i++) comparison_free(&comparisons[i]);
    free(comparisons);
    visits_free(&visits);
    return code;
}

int cmd_compare(int argc, char **argv, Error *error)
{
    Options options;
    AnalysisOptions checked = {0}; /* bad options are told before the images are read */
    bool printed;
    int code = options_parse(&options, &usage_compare, argc, argv, &printed, error);
    if (!code && !printed) code = analysis_options_from(&checked, &options, error);
    if (!code && !printed) {
        options_apply_threads(&options);
        code = compare(&options, error);
    }
    analysis_options_free(&checked);
    options_free(&options);
    return code;
}

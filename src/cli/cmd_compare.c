/* teno compare: what changed between two or more dates of one ankle. */
#include <stdio.h>

#include "cli/command.h"
#include "cli/progress.h"
#include "cli/result.h"
#include "cli/visit.h"
#include "teno/compare.h"
#include "teno/output.h"

static const Usage usage = {
    .command = "compare",
    .arguments = "PRE POST -o OUT",
    .text =
        "Measures what changed between two dates of one ankle, and whether it is more than the measurement's own\n"
        "error. PRE and POST are DICOM folders, or finished OUT folders of analyze; one folder with two dates will\n"
        "do. The order is by study date. With more dates (PRE POST1 POST2 ...) each is compared with the first, in\n"
        "OUT/1, OUT/2, ... Research use; not a diagnosis.",
    .command_bit = FOR_COMPARE,
    .inputs_min = 1,
    .inputs_max = 64,
    .needs_out = true,
};

/* One pair into one folder. TENO_NOT_COMPARABLE comes after its report is written. */
static int pair_compare(const VisitList *visits, int post, const char *out, const Options *options, Error *error)
{
    CompareOptions wanted = {.therapy = options->therapy, .different_ids_ok = options->different_ids_ok};
    Comparison comparison = {0};
    int code = compare_run(&comparison, &visits->visit[0].analysis, &visits->visit[post].analysis, &wanted, error);
    if (!code) notes_append(&comparison.warnings, &visits->warnings);
    if (!code) code = comparison_write(&comparison, out, options->write, error);
    if (!code && options->verbose) warnings_print(&comparison.warnings, "comparison");
    if (!code && !options->quiet) comparison_print(&comparison, out);
    if (!code) code = comparison_outcome(&comparison, out, error);
    comparison_free(&comparison);
    return code;
}

static int compare(const Options *options, Error *error)
{
    VisitList visits;
    Progress progress;
    progress_start(&progress, options->quiet, options->verbose);
    progress_report(&progress, "finding the images", 0);
    int code = visits_read(&visits, options, error);
    if (!code) code = visits_analyze(&visits, options, progress_report, &progress, error);
    progress_report(&progress, "comparing", 0.8);
    if (!code && visits.count == 2) code = pair_compare(&visits, 1, options->out, options, error);
    progress_end(&progress);
    visits_free(&visits);
    return code;
}

int cmd_compare(int argc, char **argv, Error *error)
{
    Options options;
    AnalysisOptions checked = {0}; /* bad options are told before the images are read */
    bool printed;
    int code = options_parse(&options, &usage, argc, argv, &printed, error);
    if (!code && !printed) code = analysis_options_from(&checked, &options, error);
    if (!code && !printed) {
        options_apply_threads(&options);
        code = compare(&options, error);
    }
    analysis_options_free(&checked);
    options_free(&options);
    return code;
}

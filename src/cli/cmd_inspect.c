/* teno inspect: what is in there, and which series would be used for what. */
#include <stdio.h>

#include "cli/command.h"
#include "cli/inspect.h"
#include "cli/options.h"
#include "cli/progress.h"

const Usage usage_inspect = {
    .command = "inspect",
    .arguments = "INPUT...",
    .text =
        "Lists studies and series with their geometry and contrast, the role each would get and why, and the files\n"
        "that are left aside with the reason. INPUT is a folder (searched to any depth), files, or a DICOMDIR.",
    .examples = "teno inspect sample-data/pre/dicom",
    .command_bit = FOR_INSPECT,
    .inputs_min = 1,
    .inputs_max = 1 << 20,
};

static int inspect(const Options *options, Error *error)
{
    Scan scan = {0};
    Progress progress;
    progress_start(&progress, options->quiet, options->verbose);
    progress_report(&progress, "finding the images", 0);
    int found = scan_inputs(&scan, options->inputs.text, options->inputs.count, error), code = TENO_OK;
    progress_end(&progress);
    for (int i = 0; i < scan.n_studies && !code; i++)
        code = study_assign_roles(&scan.studies[i], options->series.text, options->series.count, error);
    if (!code && (!found || found == TENO_NO_DICOM) && !options->quiet) {
        if (options->json)
            code = inspect_print_json(stdout, &scan, error);
        else
            inspect_print_table(stdout, &scan);
    }
    scan_free(&scan);
    return found ? found : code;
}

int cmd_inspect(int argc, char **argv, Error *error)
{
    Options options;
    bool printed;
    int code = options_parse(&options, &usage_inspect, argc, argv, &printed, error);
    if (!code && !printed) {
        options_apply_threads(&options);
        code = inspect(&options, error);
    }
    options_free(&options);
    return code;
}

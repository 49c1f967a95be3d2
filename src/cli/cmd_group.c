/* teno group: a batch's results as the tables and plots of a cohort. */
#include <stdio.h>

#include "cli/command.h"
#include "cli/options.h"
#include "teno/batch.h"

const Usage usage_group = {
    .command = "group",
    .arguments = "OUT",
    .text = "Tables and plots of the cohort from the OUT folder of a batch, by therapy arm and time point: levels, "
            "changes\n"
            "with the share beyond their own limit, and arms against each other adjusted for the baseline. What is\n"
            "missing or not assessable is counted.",
    .examples = "teno group cohort",
    .command_bit = FOR_GROUP,
    .inputs_min = 1,
    .inputs_max = 1,
};

int cmd_group(int argc, char **argv, Error *error)
{
    Options options;
    bool printed;
    int code = options_parse(&options, &usage_group, argc, argv, &printed, error);
    if (!code && !printed) code = group_run(options.inputs.text[0], error);
    if (!code && !printed && !options.quiet)
        printf("%s/results: group_levels.tsv, group_changes.tsv, group_between_arms.tsv, plots\n",
               options.inputs.text[0]);
    options_free(&options);
    return code;
}

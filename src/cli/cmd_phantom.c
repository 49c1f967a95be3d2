/* teno phantom: digital ankle studies as DICOM, with the truth. */
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/options.h"
#include "teno/phantom.h"

const Usage usage_phantom = {
    .command = "phantom",
    .arguments = "CASE|study:SEED|pair:SEED|SPEC.json -o DIR",
    .text =
        "Draws a digital ankle: DIR/<visit>/dicom, truth.json and truth_*.nii.gz. CASE is one of --list; study:SEED "
        "and\n"
        "pair:SEED are drawn from a seed, of which those below 10000 are for developing and others for evaluation;\n"
        "SPEC.json describes a study (its keys: src/phantom/spec_json.c).",
    .examples = "teno phantom --list"
                "\n"
                "teno phantom partial-high -o ankle",
    .command_bit = FOR_PHANTOM,
    .inputs_max = 1,
};

static void list_cases(void)
{
    for (int i = 0; i < phantom_case_count(); i++)
        printf("%-24s %s\n", phantom_case_name(i), phantom_case_description(i));
}

static int draw(const Options *options, Error *error)
{
    const char *what = options->inputs.count ? options->inputs.text[0] : "";
    size_t length = strlen(what);
    if (options->list) {
        list_cases();
        return TENO_OK;
    }
    if (!*what || !options->out)
        return error_set(error, TENO_USAGE, "a case and -o DIR are needed; 'teno phantom --list' tells the cases");
    if (length > 5 && strcmp(what + length - 5, ".json") == 0) return phantom_write_spec(what, options->out, error);
    return phantom_write_case(what, options->out, error);
}

int cmd_phantom(int argc, char **argv, Error *error)
{
    Options options;
    bool printed;
    int code = options_parse(&options, &usage_phantom, argc, argv, &printed, error);
    if (!code && !printed) code = draw(&options, error);
    options_free(&options);
    return code;
}

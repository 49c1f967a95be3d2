/* teno phantom: digital ankle studies as DICOM, with the truth. */
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "teno/phantom.h"

static const char usage[] =
    "usage: teno phantom --list\n"
    "       teno phantom CASE -o DIR         a fixed case of the list\n"
    "       teno phantom study:SEED -o DIR   a study drawn from a seed\n"
    "       teno phantom pair:SEED -o DIR    two visits drawn from a seed\n"
    "       teno phantom SPEC.json -o DIR    a study as described (keys: src/phantom/spec_json.c)\n"
    "\n"
    "Writes DIR/<visit>/dicom, truth.json and truth_*.nii.gz. Seeds below 10000 are for developing, others for "
    "evaluation.\n";

static void list_cases(void)
{
    for (int i = 0; i < phantom_case_count(); i++)
        printf("%-24s %s\n", phantom_case_name(i), phantom_case_description(i));
}

int cmd_phantom(int argc, char **argv, Error *error)
{
    const char *what = NULL, *folder = NULL;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0) {
            fputs(usage, stdout);
            return TENO_OK;
        }
        if (strcmp(argv[i], "--list") == 0) {
            list_cases();
            return TENO_OK;
        }
        if (strcmp(argv[i], "-o") == 0 && i + 1 < argc) {
            folder = argv[++i];
        } else if (argv[i][0] != '-' && !what) {
            what = argv[i];
        } else {
            return error_set(error, TENO_USAGE, "unexpected '%s'\n%s", argv[i], usage);
        }
    }
    if (!what || !folder) return error_set(error, TENO_USAGE, "a case and -o DIR are needed\n%s", usage);
    size_t length = strlen(what);
    if (length > 5 && strcmp(what + length - 5, ".json") == 0) return phantom_write_spec(what, folder, error);
    return phantom_write_case(what, folder, error);
}

/* teno: chooses the command, prints its error once, and turns it into the exit status. */
#include <stdio.h>
#include <string.h>

#include "cli/command.h"

const Command commands[] = {
    {"inspect", "what is in there: studies, series, geometry, and the role each would get and why", cmd_inspect,
     &usage_inspect},
    {"analyze", "one study: find and measure its tendons, report", cmd_analyze, &usage_analyze},
    {"compare", "two dates of one ankle: what changed, and is it more than the measurement's error", cmd_compare,
     &usage_compare},
    {"batch", "many studies and pairs, resumable", cmd_batch, &usage_batch},
    {"group", "cohort tables and plots from a batch's results", cmd_group, &usage_group},
    {"phantom", "digital ankle studies as DICOM, with the truth", cmd_phantom, &usage_phantom},
    {"manual", "the manual page of the program, or of one command (teno manual analyze | man -l -)", cmd_manual, NULL},
    {"completion", "the completion of bash or zsh (source <(teno completion bash))", cmd_completion, NULL},
    {NULL, NULL, NULL, NULL},
};

static void print_help(FILE *stream)
{
    fputs("usage: teno COMMAND [OPTION]...\n\ncommands:\n", stream);
    for (const Command *c = commands; c->name; c++) fprintf(stream, "  %-11s %s\n", c->name, c->summary);
    fputs("\n'teno COMMAND --help' tells the options of one. Research use; not a diagnosis.\n", stream);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        print_help(stderr);
        return TENO_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
        print_help(stdout);
        return TENO_OK;
    }
    if (strcmp(argv[1], "--version") == 0) {
        puts("teno " TENO_VERSION);
        return TENO_OK;
    }
    for (const Command *c = commands; c->name; c++) {
        if (strcmp(argv[1], c->name) != 0) continue;
        Error error = {0};
        int code = c->run(argc - 1, argv + 1, &error);
        if (error.code) fprintf(stderr, "teno %s: %s\n", c->name, error.message);
        return code;
    }
    fprintf(stderr, "teno: no command '%s'; 'teno --help' lists them\n", argv[1]);
    return TENO_USAGE;
}

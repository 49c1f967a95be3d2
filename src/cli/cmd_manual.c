/* teno manual: manual pages, from the same tables as --help. */
#include <stdio.h>
#include <string.h>

#include "cli/command.h"

/* Text for man(7): its own letters are escaped, and a line may not begin with a dot or a quote. */
static void print_text(const char *text)
{
    bool line_start = true;
    for (; *text; text++) {
        if (line_start && (*text == '.' || *text == '\'')) fputs("\\&", stdout);
        if (*text == '\\')
            fputs("\\e", stdout);
        else if (*text == '-')
            fputs("\\-", stdout);
        else
            putchar(*text);
        line_start = *text == '\n';
    }
}

static void print_head(const char *page, const char *summary)
{
    printf(".TH %s 1 \"\" \"teno " TENO_VERSION "\" \"Teno\"\n.SH NAME\n", page);
    print_text(page);
    fputs(" \\- ", stdout);
    print_text(summary);
    fputs("\n.SH SYNOPSIS\n.B teno\n", stdout);
}

static void print_options(const Usage *usage)
{
    OptionHelp option;
    fputs(".SH OPTIONS\n", stdout);
    for (int i = 0; option_help(&option, usage->command_bit, i); i++) {
        fputs(".TP\n", stdout);
        if (option.letter) printf("\\fB\\-%c\\fR, ", option.letter);
        fputs("\\fB", stdout);
        print_text("--");
        print_text(option.name);
        fputs("\\fR", stdout);
        if (option.argument) {
            fputs(" \\fI", stdout);
            print_text(option.argument);
            fputs("\\fR", stdout);
        }
        putchar('\n');
        print_text(option.text);
        putchar('\n');
    }
}

static void print_end(void)
{
    fputs(".SH EXIT STATUS\n", stdout);
    for (int i = 0; exit_status_text(i); i++) printf(".TP\n.B %d\n%s\n", i, exit_status_text(i));
    fputs(".SH NOTES\nResearch use; not a diagnosis.\n.SH SEE ALSO\n.BR teno (1)", stdout);
    for (const Command *c = commands; c->name; c++)
        if (c->usage) printf(",\n.BR teno\\-%s (1)", c->name);
    putchar('\n');
}

static void print_command(const Command *command)
{
    char page[64];
    snprintf(page, sizeof page, "teno-%s", command->name);
    print_head(page, command->summary);
    printf(".B %s\n.I ", command->name);
    print_text(command->usage->arguments);
    fputs("\n[\\fIOPTION\\fR]...\n.SH DESCRIPTION\n", stdout);
    print_text(command->usage->text);
    putchar('\n');
    print_options(command->usage);
    if (command->usage->examples) {
        fputs(".SH EXAMPLES\n.nf\n", stdout);
        print_text(command->usage->examples);
        fputs("\n.fi\n", stdout);
    }
    print_end();
}

static void print_program(void)
{
    print_head("teno", "measures the Achilles and other ankle tendons in MR studies");
    fputs(".I COMMAND\n[\\fIOPTION\\fR]...\n.SH DESCRIPTION\n", stdout);
    print_text(
        "Reads ankle MR studies (DICOM), finds and outlines the tendons, measures tears, and compares the dates\n"
        "before and after a therapy. Everything works offline. Each command has a manual page of its own.\n");
    fputs(".SH COMMANDS\n", stdout);
    for (const Command *c = commands; c->name; c++) {
        printf(".TP\n.B %s\n", c->name);
        print_text(c->summary);
        putchar('\n');
    }
    print_end();
}

int cmd_manual(int argc, char **argv, Error *error)
{
    if (argc == 1) {
        print_program();
        return TENO_OK;
    }
    for (const Command *c = commands; c->name && argc == 2; c++) {
        if (strcmp(c->name, argv[1]) != 0 || !c->usage) continue;
        print_command(c);
        return TENO_OK;
    }
    return error_set(error, TENO_USAGE, "'%s', wanted one command of 'teno --help' that has options", argv[1]);
}

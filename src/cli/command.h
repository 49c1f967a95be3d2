/* The commands of the program: one cmd_*.c each, one row each in main.c. */
#ifndef TENO_CLI_COMMAND_H
#define TENO_CLI_COMMAND_H

#include "cli/options.h"
#include "teno/error.h"

/* argv[0] is the command's name. Returns the exit status; an error is printed once, by main. */
typedef struct Command {
    const char *name, *summary;
    int (*run)(int argc, char **argv, Error *error);
    const Usage *usage; /* NULL: prints something about the program itself, and has no options */
} Command;

extern const Command commands[]; /* ends with a row of NULL */

int cmd_analyze(int argc, char **argv, Error *error);
int cmd_inspect(int argc, char **argv, Error *error);
int cmd_compare(int argc, char **argv, Error *error);
int cmd_group(int argc, char **argv, Error *error);
int cmd_batch(int argc, char **argv, Error *error);
int cmd_phantom(int argc, char **argv, Error *error);
int cmd_manual(int argc, char **argv, Error *error);
int cmd_completion(int argc, char **argv, Error *error);

extern const Usage usage_analyze, usage_inspect, usage_compare, usage_group, usage_batch, usage_phantom;

#endif

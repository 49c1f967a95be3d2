/* The options of all commands: one table, so that every command spells them alike, on the command line as in --config.
 */
#ifndef TENO_CLI_OPTIONS_H
#define TENO_CLI_OPTIONS_H

#include <jansson.h>
#include <stdbool.h>

#include "teno/analysis.h"
#include "teno/error.h"

enum {
    FOR_ANALYZE = 1,
    FOR_COMPARE = 2,
    FOR_BATCH = 4,
    FOR_GROUP = 8,
    FOR_INSPECT = 16,
    FOR_PHANTOM = 32
}; /* commands that know an option, as bits */

/* Borrowed texts in an owned array. */
typedef struct TextList {
    const char **text; /* [count] */
    int count;
} TextList;

/* What the user wrote; fields at their defaults where nothing was. Texts are borrowed from argv and `config_json`. */
typedef struct Options {
    TextList inputs;
    TextList studies, tendons, series, seeds, excluded, images;
    const char *out, *side, *seeds_path, *mask, *against, *write, *config, *therapy;
    int threads, jobs, repeats, random_seed; /* 0 threads or jobs: choose */
    bool recovery, identify, different_ids_ok;
    bool quiet, verbose, help, version;
    bool dry_run, retry_failed; /* batch */
    bool json;                  /* inspect */
    bool list;                  /* phantom */
    const char *shard, *exclude, *watch;
    int memory_mb, time_limit_s, settle_s;
    json_t *config_json;
} Options;

/* A command's own part of its help. */
typedef struct Usage {
    const char *command, *arguments, *text;
    const char *examples; /* lines of a shell, for the manual page; may be NULL */
    unsigned command_bit;
    int inputs_min, inputs_max; /* how many arguments without dashes */
    bool needs_out;
} Usage;

/* What help, manual page and completion say of an option. */
typedef struct OptionHelp {
    const char *name, *argument, *text; /* argument NULL for a flag */
    char letter;                        /* 0 none */
} OptionHelp;
/* The i-th option that the command knows; false past the last. */
bool option_help(OptionHelp *out, unsigned command_bit, int i);
/* What exit status i means; NULL past the last. */
const char *exit_status_text(int i);

/* Reads argv (argv[0] is the command) and the --config file that it names; the command line wins. `out` is
 * initialised here and freed by options_free in any case. With --help or --version the text is printed and
 * *printed set. Fails with TENO_USAGE. */
int options_parse(Options *out, const Usage *usage, int argc, char **argv, bool *printed, Error *error) TENO_CHECKED;
/* Same for the "options" object that report.json records (`options` is borrowed for the life of `out`). */
int options_from_json(Options *out, json_t *options, unsigned command_bit, const char *path, Error *error) TENO_CHECKED;
void options_free(Options *options);

/* The texts turned into what analysis_run takes; arrays are owned by the result, texts stay borrowed. */
int analysis_options_from(AnalysisOptions *out, const Options *options, Error *error) TENO_CHECKED;
void analysis_options_free(AnalysisOptions *options);

/* Sets the number of OpenMP threads: the only place that does. */
void options_apply_threads(const Options *options);

#endif

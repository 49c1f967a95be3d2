#include "cli/options.h"

#include <getopt.h>
#include <limits.h>
#include <omp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "teno/memory.h"

typedef enum OptionKind { OPTION_FLAG, OPTION_TEXT, OPTION_TEXTS, OPTION_COUNT } OptionKind;

/* One option: its field in Options and its line of help. A new option is a field and a row. */
typedef struct OptionRow {
    const char *name;
    char letter; /* 0 none */
    OptionKind kind;
    size_t field;
    const char *argument; /* NULL for a flag */
    unsigned commands;
    int low, high; /* of a count */
    const char *help;
} OptionRow;

enum {
    WITH_STUDIES = FOR_ANALYZE | FOR_COMPARE | FOR_BATCH,
    WRITING = WITH_STUDIES | FOR_GROUP,
    EVERYWHERE = WRITING | FOR_INSPECT,
};

#define FIELD(name) offsetof(Options, name)
static const OptionRow option_table[] = {
    {"out", 'o', OPTION_TEXT, FIELD(out), "OUT", WRITING | FOR_PHANTOM, 0, 0,
     "folder for the results; appears when complete"},
    {"tendon", 't', OPTION_TEXTS, FIELD(tendons), "NAME[,NAME...]|all", WITH_STUDIES, 0, 0,
     "tendons to measure (default: achilles)"},
    {"side", 0, OPTION_TEXT, FIELD(side), "left|right", WITH_STUDIES, 0, 0,
     "side to measure (default: as tags and anatomy say)"},
    {"study", 0, OPTION_TEXTS, FIELD(studies), "UID|DATE", FOR_ANALYZE | FOR_COMPARE, 0, 0,
     "which study of an input that holds several (YYYYMMDD or the Study Instance UID; repeatable in compare)"},
    {"series", 0, OPTION_TEXTS, FIELD(series), "ROLE=UID", FOR_ANALYZE | FOR_COMPARE | FOR_INSPECT, 0, 0,
     "give a series its role: anatomy, fluid or unused (repeatable)"},
    {"seed", 0, OPTION_TEXTS, FIELD(seeds), "NAME=x,y,z", FOR_ANALYZE | FOR_COMPARE, 0, 0,
     "point inside the tendon, patient LPS in mm (repeatable)"},
    {"not", 0, OPTION_TEXTS, FIELD(excluded), "NAME=x,y,z", FOR_ANALYZE | FOR_COMPARE, 0, 0,
     "point outside the tendon, patient LPS in mm (repeatable)"},
    {"seeds", 0, OPTION_TEXT, FIELD(seeds_path), "FILE", FOR_ANALYZE | FOR_COMPARE, 0, 0,
     "points of 3D Slicer (.mrk.json, .fcsv); labels name the tendon"},
    {"mask", 0, OPTION_TEXT, FIELD(mask), "FILE", FOR_ANALYZE, 0, 0,
     "corrected mask (NIfTI or DICOM SEG): measure it, segment nothing"},
    {"against", 0, OPTION_TEXT, FIELD(against), "REPORT", FOR_ANALYZE, 0, 0,
     "with --mask: report.json of this study; say how the correction changed its numbers"},
    {"images", 0, OPTION_TEXTS, FIELD(images), "INPUT", FOR_COMPARE, 0, 0,
     "where the images of finished OUT folders are, if not where they were (repeatable)"},
    {"repeats", 0, OPTION_COUNT, FIELD(repeats), "N", WITH_STUDIES, 0, 10000,
     "repeated analyses behind the 95 % intervals, 0 for none (default: 24)"},
    {"random-seed", 0, OPTION_COUNT, FIELD(random_seed), "N", WITH_STUDIES, 0, INT_MAX,
     "of those repeats (default: 1); the same number gives the same bytes"},
    {"recovery", 0, OPTION_FLAG, FIELD(recovery), NULL, WITH_STUDIES, 0, 0,
     "put known tears into the study's own images, analyse again, report how much was found (about 3 times the time)"},
    {"identify", 0, OPTION_FLAG, FIELD(identify), NULL, WITH_STUDIES, 0, 0,
     "carry the patient's name and id into the reports (default: a pseudonym)"},
    {"therapy", 0, OPTION_TEXT, FIELD(therapy), "TEXT", FOR_COMPARE, 0, 0,
     "what was done between the dates; carried through, never judged"},
    {"different-ids-ok", 0, OPTION_FLAG, FIELD(different_ids_ok), NULL, FOR_COMPARE, 0, 0,
     "compare although the patient ids differ"},
    {"write", 0, OPTION_TEXT, FIELD(write), "LIST", WITH_STUDIES, 0, 0,
     "kinds of output, of png,json,csv,html,nii,seg,seg-binary,sr,sc,pdf,figures; +KIND: besides the default ones"},
    {"list", 0, OPTION_FLAG, FIELD(list), NULL, FOR_PHANTOM, 0, 0, "print the fixed cases"},
    {"json", 0, OPTION_FLAG, FIELD(json), NULL, FOR_INSPECT, 0, 0, "print JSON instead of the table"},
    {"dry-run", 0, OPTION_FLAG, FIELD(dry_run), NULL, FOR_BATCH, 0, 0, "show what would be done, and do nothing"},
    {"retry-failed", 0, OPTION_FLAG, FIELD(retry_failed), NULL, FOR_BATCH, 0, 0, "try the cases again that failed"},
    {"shard", 0, OPTION_TEXT, FIELD(shard), "i/n", FOR_BATCH, 0, 0,
     "do every n-th subject only, from the i-th (1 ... n)"},
    {"exclude", 0, OPTION_TEXT, FIELD(exclude), "FILE", FOR_BATCH, 0, 0, "qc.tsv: leave out the cases it rejects"},
    {"watch", 0, OPTION_TEXT, FIELD(watch), "DIR", FOR_BATCH, 0, 0,
     "wait for studies below DIR and take each when it has stopped growing, until stopped"},
    {"settle", 0, OPTION_COUNT, FIELD(settle_s), "SECONDS", FOR_BATCH, 1, 86400,
     "without a change, after which a watched study is complete (default: 60)"},
    {"memory", 0, OPTION_COUNT, FIELD(memory_mb), "MB", FOR_BATCH, 64, INT_MAX, "limit a case (default: 4096)"},
    {"time", 0, OPTION_COUNT, FIELD(time_limit_s), "SECONDS", FOR_BATCH, 1, 86400, "limit a case (default: 600)"},
    {"jobs", 'j', OPTION_COUNT, FIELD(jobs), "N", FOR_BATCH, 1, 1024,
     "cases side by side (default: what cores and memory allow)"},
    {"threads", 0, OPTION_COUNT, FIELD(threads), "N", EVERYWHERE, 1, 1024,
     "threads (default: all cores); results do not depend on it"},
    {"config", 0, OPTION_TEXT, FIELD(config), "FILE", EVERYWHERE, 0, 0,
     "JSON object with these names as keys; the command line wins"},
    {"quiet", 'q', OPTION_FLAG, FIELD(quiet), NULL, EVERYWHERE | FOR_PHANTOM, 0, 0, "print nothing but errors"},
    {"verbose", 'v', OPTION_FLAG, FIELD(verbose), NULL, EVERYWHERE, 0, 0, "print every warning, and each stage's time"},
    {"version", 0, OPTION_FLAG, FIELD(version), NULL, EVERYWHERE | FOR_PHANTOM, 0, 0, "print the version"},
    {"help", 'h', OPTION_FLAG, FIELD(help), NULL, EVERYWHERE | FOR_PHANTOM, 0, 0, "print this"},
};
enum { OPTION_COUNT_ALL = sizeof option_table / sizeof *option_table };

static int texts_append(TextList *list, const char *text, Error *error)
{
    const char **grown = array_grow(list->text, (size_t)list->count + 1, sizeof *grown, error);
    if (!grown) return TENO_FAILED;
    list->text = grown;
    list->text[list->count++] = text;
    return TENO_OK;
}

static int count_read(int *out, const OptionRow *row, const char *text, Error *error)
{
    char *end = NULL;
    long value = strtol(text, &end, 10);
    if (end == text || *end || value < row->low || value > row->high)
        return error_set(error, TENO_USAGE, "--%s: '%s', wanted a whole number from %d to %d", row->name, text,
                         row->low, row->high);
    *out = (int)value;
    return TENO_OK;
}

static int option_set(Options *options, const OptionRow *row, const char *text, Error *error)
{
    char *field = (char *)options + row->field;
    switch (row->kind) {
    case OPTION_FLAG:
        *(bool *)field = true;
        return TENO_OK;
    case OPTION_TEXT:
        if (!*text) return error_set(error, TENO_USAGE, "--%s: empty, wanted %s", row->name, row->argument);
        *(const char **)field = text;
        return TENO_OK;
    case OPTION_TEXTS:
        return texts_append((TextList *)field, text, error);
    case OPTION_COUNT:
        return count_read((int *)field, row, text, error);
    }
    return TENO_FAILED;
}

static int json_type_wrong(const OptionRow *row, const char *path, Error *error)
{
    static const char *const wanted[] = {"true or false", "a text", "a text or a list of texts", "a whole number"};
    return error_set(error, TENO_USAGE, "%s: \"%s\" has the wrong type, wanted %s", path, row->name, wanted[row->kind]);
}

static int option_set_json(Options *options, const OptionRow *row, json_t *value, const char *path, Error *error)
{
    if (json_is_null(value) || json_is_false(value)) return TENO_OK; /* as if it were not there */
    if (row->kind == OPTION_FLAG) {
        if (!json_is_true(value)) return json_type_wrong(row, path, error);
        return option_set(options, row, "", error);
    }
    if (row->kind == OPTION_COUNT) {
        char text[32];
        if (!json_is_integer(value)) return json_type_wrong(row, path, error);
        snprintf(text, sizeof text, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
        return option_set(options, row, text, error);
    }
    if (row->kind == OPTION_TEXTS && json_is_array(value)) {
        size_t index;
        json_t *item;
        json_array_foreach(value, index, item)
        {
            if (!json_is_string(item)) return json_type_wrong(row, path, error);
            int code = option_set(options, row, json_string_value(item), error);
            if (code) return code;
        }
        return TENO_OK;
    }
    if (!json_is_string(value)) return json_type_wrong(row, path, error);
    return option_set(options, row, json_string_value(value), error);
}

static const OptionRow *row_named(const char *name, unsigned command_bit)
{
    for (int i = 0; i < OPTION_COUNT_ALL; i++)
        if (strcmp(option_table[i].name, name) == 0 && (option_table[i].commands & command_bit))
            return &option_table[i];
    return NULL;
}

/* `given`, by row of the table: set on the command line, so that the file does not speak. */
static int options_merge_json(Options *options, json_t *object, unsigned command_bit, const bool *given,
                              const char *path, Error *error)
{
    static const OptionRow input = {"input", 0, OPTION_TEXTS, FIELD(inputs), "INPUT", EVERYWHERE, 0, 0, ""};
    if (!json_is_object(object)) return error_set(error, TENO_USAGE, "%s: not a JSON object of options", path);
    bool inputs_given = options->inputs.count > 0;
    const char *key;
    json_t *value;
    json_object_foreach(object, key, value)
    {
        bool is_input = strcmp(key, input.name) == 0;
        const OptionRow *row = is_input ? &input : row_named(key, command_bit);
        if (!row)
            return error_set(error, TENO_USAGE, "%s: unknown key \"%s\"; keys are the names of the options", path, key);
        if (is_input ? inputs_given : given[row - option_table]) continue;
        int code = option_set_json(options, row, value, path, error);
        if (code) return code;
    }
    return TENO_OK;
}

static Options options_default(void)
{
    return (Options){
        .repeats = ANALYSIS_REPEATS, .random_seed = 1, .memory_mb = 4096, .time_limit_s = 600, .settle_s = 60};
}

int options_from_json(Options *out, json_t *object, unsigned command_bit, const char *path, Error *error)
{
    const bool given[OPTION_COUNT_ALL] = {false};
    *out = options_default();
    return options_merge_json(out, object, command_bit, given, path, error);
}

static int config_read(Options *options, unsigned command_bit, const bool *given, Error *error)
{
    json_error_t problem;
    options->config_json = json_load_file(options->config, JSON_REJECT_DUPLICATES, &problem);
    if (!options->config_json)
        return error_set(error, TENO_USAGE, "%s: not readable as JSON: %s (line %d)", options->config, problem.text,
                         problem.line);
    return options_merge_json(options, options->config_json, command_bit, given, options->config, error);
}

bool option_help(OptionHelp *out, unsigned command_bit, int i)
{
    for (int row = 0; row < OPTION_COUNT_ALL; row++) {
        const OptionRow *option = &option_table[row];
        if (!(option->commands & command_bit) || i-- > 0) continue;
        *out = (OptionHelp){option->name, option->argument, option->help, option->letter};
        return true;
    }
    return false;
}

const char *exit_status_text(int i)
{
    static const char *const texts[] = {"done",
                                        "failed at run time",
                                        "bad usage",
                                        "no usable DICOM found",
                                        "some cases failed (batch)",
                                        "not comparable (compare)",
                                        "done, but a tendon asked for was not assessable"};
    return i >= 0 && i < (int)(sizeof texts / sizeof *texts) ? texts[i] : NULL;
}

static void help_print(const Usage *usage)
{
    OptionHelp option;
    printf("usage: teno %s %s [OPTION]...\n\n%s\n\noptions:\n", usage->command, usage->arguments, usage->text);
    for (int i = 0; option_help(&option, usage->command_bit, i); i++) {
        char left[64], letter[8] = "    ";
        if (option.letter) snprintf(letter, sizeof letter, "-%c, ", option.letter);
        snprintf(left, sizeof left, "%s--%s%s%s", letter, option.name, option.argument ? " " : "",
                 option.argument ? option.argument : "");
        printf("  %-32s %s\n", left, option.text);
    }
    fputs("\nexit status:", stdout);
    for (int i = 0; exit_status_text(i); i++) printf("%s %d %s", i ? "," : "", i, exit_status_text(i));
    puts("");
}

/* Tables as getopt_long wants them, of this command's options only; `val` is the row's number, offset beyond letters.
 */
enum { ROW_OFFSET = 256 };
static void getopt_tables(unsigned command_bit, struct option *names, char *letters)
{
    *letters++ = ':'; /* a missing argument is told apart from an unknown option */
    for (int i = 0; i < OPTION_COUNT_ALL; i++) {
        const OptionRow *row = &option_table[i];
        if (!(row->commands & command_bit)) continue;
        *names++ = (struct option){row->name, row->argument ? required_argument : no_argument, NULL, ROW_OFFSET + i};
        if (!row->letter) continue;
        *letters++ = row->letter;
        if (row->argument) *letters++ = ':';
    }
    *names = (struct option){NULL, 0, NULL, 0};
    *letters = '\0';
}

static const OptionRow *row_of(int value, unsigned command_bit)
{
    if (value >= ROW_OFFSET) return &option_table[value - ROW_OFFSET];
    for (int i = 0; i < OPTION_COUNT_ALL; i++)
        if (option_table[i].letter == value && (option_table[i].commands & command_bit)) return &option_table[i];
    return NULL;
}

static int command_line_read(Options *options, const Usage *usage, int argc, char **argv, bool *given, Error *error)
{
    struct option names[OPTION_COUNT_ALL + 1];
    char letters[2 * OPTION_COUNT_ALL + 2];
    getopt_tables(usage->command_bit, names, letters);
    optind = 1;
    opterr = 0;
    for (int value; (value = getopt_long(argc, argv, letters, names, NULL)) != -1;) {
        if (value == '?' || value == ':')
            return error_set(error, TENO_USAGE, "%s '%s'; 'teno %s --help' tells the options",
                             value == ':' ? "no value for" : "unknown or ambiguous option", argv[optind - 1],
                             usage->command);
        const OptionRow *row = row_of(value, usage->command_bit);
        int code = option_set(options, row, optarg, error);
        if (code) return code;
        given[row - option_table] = true;
    }
    for (int i = optind; i < argc; i++) {
        int code = texts_append(&options->inputs, argv[i], error);
        if (code) return code;
    }
    return TENO_OK;
}

static int usage_check(const Options *options, const Usage *usage, Error *error)
{
    int n = options->inputs.count;
    if (n < usage->inputs_min || n > usage->inputs_max)
        return error_set(error, TENO_USAGE, "%s input given, wanted: teno %s %s; 'teno %s --help' tells more",
                         n < usage->inputs_min ? "too little" : "too much", usage->command, usage->arguments,
                         usage->command);
    if (usage->needs_out && !options->out)
        return error_set(error, TENO_USAGE, "no folder for the results; give one with -o OUT");
    return TENO_OK;
}

int options_parse(Options *out, const Usage *usage, int argc, char **argv, bool *printed, Error *error)
{
    bool given[OPTION_COUNT_ALL] = {false};
    *out = options_default();
    *printed = false;
    int code = command_line_read(out, usage, argc, argv, given, error);
    if (code) return code;
    if (out->help || out->version) {
        *printed = true;
        if (out->help)
            help_print(usage);
        else
            puts("teno " TENO_VERSION);
        return TENO_OK;
    }
    if (out->config) code = config_read(out, usage->command_bit, given, error);
    return code ? code : usage_check(out, usage, error);
}

void options_free(Options *options)
{
    free(options->inputs.text);
    free(options->studies.text);
    free(options->tendons.text);
    free(options->series.text);
    free(options->seeds.text);
    free(options->excluded.text);
    free(options->images.text);
    json_decref(options->config_json);
    *options = (Options){0};
}

void options_apply_threads(const Options *options)
{
    if (options->threads > 0) omp_set_num_threads(options->threads);
}

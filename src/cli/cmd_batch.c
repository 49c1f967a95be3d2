/* teno batch: many studies and pairs overnight; the same command again goes on where it was stopped. */
#include <limits.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/options.h"
#include "teno/batch.h"

const Usage usage_batch = {
    .command = "batch",
    .arguments = "MANIFEST.csv | ROOT | --watch DIR -o OUT",
    .text =
        "Analyses every study and compares every pair, each in a process of its own. MANIFEST has the columns\n"
        "subject,timepoint,path and optionally date,side,tendon,therapy,arm,pair; others are carried through. Below\n"
        "a folder ROOT, studies are paired by patient id, side and date. The same command again does what is\n"
        "missing or stale, and what failed with --retry-failed.",
    .examples = "teno batch manifest.csv -o cohort --jobs 4"
                "\n"
                "teno batch archive/ -o cohort --dry-run",
    .command_bit = FOR_BATCH,
    .inputs_max = 1,
    .needs_out = true,
};

/* "i/n" of --shard, counted from 1. */
static int shard_read(BatchOptions *out, const char *text, Error *error)
{
    int shard = 1, n_shards = 1, used = 0;
    if (text && (sscanf(text, "%d/%d%n", &shard, &n_shards, &used) != 2 || text[used] || shard < 1 || shard > n_shards))
        return error_set(error, TENO_USAGE, "--shard: '%s', wanted i/n with i from 1 to n", text);
    out->shard = shard - 1;
    out->n_shards = n_shards;
    return TENO_OK;
}

/* As many cases side by side as cores, and as memory holds at half of each one's limit. */
static int jobs_default(const Options *options)
{
    int jobs = omp_get_num_procs();
    double memory_mb = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE) / (1 << 20);
    int fitting = (int)(memory_mb / (options->memory_mb / 2.0));
    if (fitting < jobs) jobs = fitting;
    return jobs < 1 ? 1 : jobs;
}

typedef struct NightProgress {
    bool shown;
    time_t start;
} NightProgress;

static void night_report(void *context, const BatchCount *count)
{
    const NightProgress *night = context;
    if (!night->shown) return;
    int ended = count->done + count->kept + count->failed;
    double elapsed = difftime(time(NULL), night->start),
           rate = elapsed > 0 ? (count->done + count->failed) / elapsed : 0;
    fprintf(stderr, "\r\033[K%d of %d cases, %d failed", ended, count->wanted, count->failed);
    if (rate > 0) fprintf(stderr, "; %.0f an hour, %.0f min left", 3600 * rate, (count->wanted - ended) / rate / 60);
    fflush(stderr);
}

static void cohort_print(const Cohort *cohort, bool all)
{
    enum { FEW = 20 }; /* remarks that a person reads before the night */
    int n_pairs = cohort->n_cases - cohort->n_sessions, n_told = cohort->remarks.count;
    if (!all && n_told > FEW) n_told = FEW;
    printf("%d studies, %d pairs to compare\n", cohort->n_sessions, n_pairs);
    for (int i = 0; i < n_told; i++) printf("  %s\n", cohort->remarks.text[i]);
    if (n_told < cohort->remarks.count)
        printf("  and %d more remarks; --dry-run or --verbose shows all\n", cohort->remarks.count - n_told);
    for (int i = 0; all && i < cohort->n_cases; i++)
        printf("  %-8s %s\n", cohort->cases[i].kind == CASE_COMPARE ? "compare" : "analyze", cohort->cases[i].name);
}

/* Options that go on to every case, as they were written. */
enum { MAX_PASSED = 64 };
typedef struct Passed {
    const char *argument[MAX_PASSED];
    int count;
    char numbers[2][16];
} Passed;

static void pass(Passed *passed, const char *name, const char *value)
{
    if (!value || passed->count + 2 > MAX_PASSED) return;
    passed->argument[passed->count++] = name;
    if (value[0]) passed->argument[passed->count++] = value;
}

static void options_pass(Passed *passed, Passed *compare, const Options *options)
{
    *passed = *compare = (Passed){.count = 0};
    for (int i = 0; i < options->tendons.count; i++) pass(passed, "--tendon", options->tendons.text[i]);
    snprintf(passed->numbers[0], sizeof passed->numbers[0], "%d", options->repeats);
    snprintf(passed->numbers[1], sizeof passed->numbers[1], "%d", options->random_seed);
    pass(passed, "--repeats", passed->numbers[0]);
    pass(passed, "--random-seed", passed->numbers[1]);
    pass(passed, "--side", options->side);
    pass(passed, "--recovery", options->recovery ? "" : NULL);
    for (int i = 0; i < 2; i++) {
        pass(i ? compare : passed, "--write", options->write);
        pass(i ? compare : passed, "--identify", options->identify ? "" : NULL);
    }
}

static int program_find(char path[PATH_MAX], Error *error)
{
    ssize_t n = readlink("/proc/self/exe", path, PATH_MAX - 1);
    if (n < 0) return error_set(error, TENO_FAILED, "the program does not find itself: /proc is not mounted");
    path[n] = '\0';
    return TENO_OK;
}

static void count_print(const BatchCount *count, const char *out)
{
    printf("%d done, %d kept from before, %d failed; of these %d not assessable, %d not comparable\n", count->done,
           count->kept, count->failed, count->not_assessable, count->not_comparable);
    if (count->summarised)
        printf("look through %s/qc/index.html; tables in %s/results\n", out, out);
    else
        puts("other shards are not done yet: the last one writes the tables, or 'teno group'");
}

/* One cohort from beginning to end. */
static int cohort_run(const Options *options, const BatchOptions *wanted, const NightProgress *night, Error *error)
{
    Cohort cohort = {0};
    BatchCount count = {0};
    int code = cohort_read(&cohort, options->inputs.text[0], error);
    if (!code && options->exclude) code = cohort_apply_verdicts(&cohort, options->exclude, error);
    if (!code && !options->quiet) cohort_print(&cohort, options->dry_run || options->verbose);
    if (!code && !options->dry_run) {
        fflush(stdout); /* workers are copies of this process */
        code = batch_run(&count, &cohort, options->out, wanted, error);
        if (night->shown) fputs("\r\033[K", stderr);
        if (!options->quiet && (code == TENO_OK || code == TENO_SOME_FAILED)) count_print(&count, options->out);
    }
    cohort_free(&cohort);
    return code;
}

/* What a watching batch tells of each round. */
typedef struct Watcher {
    const Options *options;
    NightProgress *night;
} Watcher;

static void round_begins(void *context, const Cohort *cohort)
{
    Watcher *watcher = context;
    watcher->night->start = time(NULL);
    if (watcher->options->quiet) return;
    cohort_print(cohort, watcher->options->verbose);
    fflush(stdout);
}

static void round_ended(void *context, const BatchCount *count)
{
    const Watcher *watcher = context;
    if (watcher->night->shown) fputs("\r\033[K", stderr);
    if (watcher->options->quiet) return;
    count_print(count, watcher->options->out);
    fflush(stdout);
}

static int watch(const Options *options, const BatchOptions *wanted, NightProgress *night, Error *error)
{
    Watcher watcher = {options, night};
    WatchOptions how = {.settle_s = options->settle_s,
                        .exclude = options->exclude,
                        .begins = round_begins,
                        .ended = round_ended,
                        .context = &watcher};
    if (options->shard || options->dry_run)
        return error_set(error, TENO_USAGE, "--watch: goes neither with --shard nor with --dry-run");
    return batch_watch(options->watch, options->out, wanted, &how, error);
}

static int batch(const Options *options, Error *error)
{
    Passed passed, compare;
    char program[PATH_MAX];
    NightProgress night = {.shown = !options->quiet && isatty(STDERR_FILENO), .start = time(NULL)};
    BatchOptions wanted = {.program = program,
                           .jobs = options->jobs ? options->jobs : jobs_default(options),
                           .memory_mb = options->memory_mb,
                           .time_limit_s = options->time_limit_s,
                           .retry_failed = options->retry_failed,
                           .progress = night_report,
                           .progress_context = &night};
    if (!options->watch == (options->inputs.count == 0))
        return error_set(error, TENO_USAGE, "wanted one of: a manifest, a folder, --watch DIR");
    if (options->write && options->write[0] != '+' && !strstr(options->write, "csv"))
        return error_set(error, TENO_USAGE,
                         "--write: '%s', wanted csv among the kinds: the batch's tables are made of it",
                         options->write);
    options_pass(&passed, &compare, options);
    wanted.arguments = passed.argument;
    wanted.n_arguments = passed.count;
    wanted.compare_arguments = compare.argument;
    wanted.n_compare_arguments = compare.count;
    int cores = options->threads ? options->threads : omp_get_num_procs();
    wanted.threads = cores / wanted.jobs > 1 ? cores / wanted.jobs : 1;
    int code = shard_read(&wanted, options->shard, error);
    if (!code) code = program_find(program, error);
    if (code) return code;
    return options->watch ? watch(options, &wanted, &night, error) : cohort_run(options, &wanted, &night, error);
}

int cmd_batch(int argc, char **argv, Error *error)
{
    Options options;
    AnalysisOptions checked = {0}; /* bad options are told once, not by every case */
    bool printed;
    int code = options_parse(&options, &usage_batch, argc, argv, &printed, error);
    if (!code && !printed) code = analysis_options_from(&checked, &options, error);
    if (!code && !printed) {
        options_apply_threads(&options);
        code = batch(&options, error);
    }
    analysis_options_free(&checked);
    options_free(&options);
    return code;
}

/* The schedule: as many workers as jobs, each case in order of its name. Comparisons read finished analyses, so they
 * come after all of them; what another batch is at comes last in each round, and is waited for. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "batch/process.h"
#include "batch/stamp.h"
#include "batch/summary.h"
#include "batch/text_file.h"
#include "batch/worker.h"
#include "teno/memory.h"

typedef struct Running {
    pid_t process;
    int item; /* into the cohort's cases */
} Running;

typedef struct Schedule {
    const Cohort *cohort;
    const char *out;
    const BatchOptions *options;
    BatchCount *count;
    Running *running; /* [jobs] */
    int n_running;
    bool *mine; /* [n_cases] of this shard */
    int *busy;  /* cases that another batch was at; [n_cases] */
    int n_busy;
    bool wait;
} Schedule;

static int worker_start(Schedule *schedule, int item, Error *error)
{
    int parent = getpid();
    pid_t process = fork();
    if (process < 0) return error_set(error, TENO_FAILED, "no new process: %s", strerror(errno));
    if (process == 0) {
        process_die_with(parent);
        _exit((int)worker_run(schedule->cohort, &schedule->cohort->cases[item], schedule->out, schedule->options,
                              schedule->wait));
    }
    schedule->running[schedule->n_running++] = (Running){process, item};
    return TENO_OK;
}

static void worker_count(Schedule *schedule, int item, WorkerEnd end)
{
    BatchCount *count = schedule->count;
    if (end == WORKER_BUSY) {
        schedule->busy[schedule->n_busy++] = item;
        return;
    }
    count->done += end == WORKER_DONE;
    count->kept += end == WORKER_KEPT;
    count->failed += end == WORKER_FAILED;
    if (end == WORKER_DONE || end == WORKER_KEPT) {
        char state[PATH_MAX];
        Stamp stamp;
        case_state(state, schedule->out, &schedule->cohort->cases[item]);
        if (!stamp_read(&stamp, state)) return;
        count->not_assessable += stamp.status == TENO_NOT_ASSESSABLE;
        count->not_comparable += stamp.status == TENO_NOT_COMPARABLE;
    }
}

/* Waits for one worker to end. */
static void worker_reap(Schedule *schedule)
{
    int status;
    pid_t ended = wait(&status);
    for (int i = 0; i < schedule->n_running; i++) {
        if (schedule->running[i].process != ended) continue;
        int item = schedule->running[i].item;
        schedule->running[i] = schedule->running[--schedule->n_running];
        worker_count(schedule, item, WIFEXITED(status) ? (WorkerEnd)WEXITSTATUS(status) : WORKER_FAILED);
        if (schedule->options->progress)
            schedule->options->progress(schedule->options->progress_context, schedule->count);
        return;
    }
}

static int item_start(Schedule *schedule, int item, Error *error)
{
    while (schedule->n_running >= schedule->options->jobs) worker_reap(schedule);
    return worker_start(schedule, item, error);
}

/* Whole subjects, so that a comparison finds its analyses in its own shard. */
static void shard_choose(Schedule *schedule)
{
    const Cohort *cohort = schedule->cohort;
    const char *subject = "";
    for (int i = 0, n_subjects = 0; i < cohort->n_cases; i++) {
        const char *here = cohort->sessions[cohort->cases[i].session[0]].subject;
        if (strcmp(here, subject) != 0) n_subjects++; /* cases of one subject are neighbours */
        subject = here;
        schedule->mine[i] = (n_subjects - 1) % schedule->options->n_shards == schedule->options->shard;
        schedule->count->wanted += schedule->mine[i];
    }
}

static int round_run(Schedule *schedule, CaseKind kind, Error *error)
{
    int code = TENO_OK;
    schedule->wait = false;
    schedule->n_busy = 0;
    for (int i = 0; !code && i < schedule->cohort->n_cases; i++)
        if (schedule->mine[i] && schedule->cohort->cases[i].kind == kind) code = item_start(schedule, i, error);
    while (schedule->n_running > 0) worker_reap(schedule);
    schedule->wait = true;
    int n_busy = schedule->n_busy;
    for (int i = 0; !code && i < n_busy; i++) code = item_start(schedule, schedule->busy[i], error);
    while (schedule->n_running > 0) worker_reap(schedule);
    return code;
}

static int folders_prepare(const Cohort *cohort, const char *out, bool keep_rows, Error *error)
{
    static const char *const parts[] = {"log", "state", "results", "qc"};
    char path[PATH_MAX];
    int code = TENO_OK;
    for (int i = 0; !code && i < 4; i++) {
        path_set(path, "%s/%s", out, parts[i]);
        code = folders_make(path, error);
    }
    return code ? code : cohort_write(cohort, out, keep_rows, error);
}

/* Every case has been tried, by this shard or another. */
static bool all_tried(const Cohort *cohort, const char *out)
{
    for (int i = 0; i < cohort->n_cases; i++) {
        char state[PATH_MAX];
        case_state(state, out, &cohort->cases[i]);
        if (access(state, F_OK) != 0) return false;
    }
    return true;
}

int batch_run(BatchCount *count, const Cohort *cohort, const char *out, const BatchOptions *options, Error *error)
{
    Schedule schedule = {.cohort = cohort, .out = out, .options = options, .count = count};
    *count = (BatchCount){0};
    int code = folders_prepare(cohort, out, options->keep_rows, error);
    if (code) return code;
    schedule.running = array_alloc((size_t)options->jobs, sizeof *schedule.running, error);
    schedule.busy = array_alloc((size_t)cohort->n_cases + 1, sizeof *schedule.busy, error);
    schedule.mine = array_alloc((size_t)cohort->n_cases + 1, sizeof *schedule.mine, error);
    if (!schedule.running || !schedule.busy || !schedule.mine) code = TENO_FAILED;
    if (!code) {
        shard_choose(&schedule);
        code = round_run(&schedule, CASE_ANALYZE, error);
    }
    if (!code) code = round_run(&schedule, CASE_COMPARE, error);
    free(schedule.running);
    free(schedule.busy);
    free(schedule.mine);
    count->summarised = options->n_shards == 1 || all_tried(cohort, out); /* of shards, the last to end */
    if (!code && count->summarised) code = batch_summarise(out, error);
    if (!code && count->failed > 0)
        code = error_set(error, TENO_SOME_FAILED, "%d of %d cases failed; %s/%s says which and why", count->failed,
                         count->wanted, out, count->summarised ? "results/cases.tsv" : "log/err.*");
    return code;
}

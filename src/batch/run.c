/* The schedule: as many workers as jobs, each case in order of its name; what other batches hold comes last. */
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
    int *busy; /* cases that another batch was at; [n_cases] */
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

static int schedule_run(Schedule *schedule, Error *error)
{
    const BatchOptions *options = schedule->options;
    int code = TENO_OK;
    for (int i = options->shard; !code && i < schedule->cohort->n_cases; i += options->n_shards)
        code = item_start(schedule, i, error);
    while (schedule->n_running > 0) worker_reap(schedule);
    schedule->wait = true;
    int n_busy = schedule->n_busy;
    for (int i = 0; !code && i < n_busy; i++) code = item_start(schedule, schedule->busy[i], error);
    while (schedule->n_running > 0) worker_reap(schedule);
    return code;
}

static int folders_prepare(const Cohort *cohort, const char *out, Error *error)
{
    static const char *const parts[] = {"log", "state", "results", "qc"};
    char path[PATH_MAX];
    int code = TENO_OK;
    for (int i = 0; !code && i < 4; i++) {
        path_set(path, "%s/%s", out, parts[i]);
        code = folders_make(path, error);
    }
    return code ? code : cohort_write(cohort, out, error);
}

int batch_run(BatchCount *count, const Cohort *cohort, const char *out, const BatchOptions *options, Error *error)
{
    Schedule schedule = {.cohort = cohort, .out = out, .options = options, .count = count};
    *count = (BatchCount){0};
    for (int i = options->shard; i < cohort->n_cases; i += options->n_shards) count->wanted++;
    int code = folders_prepare(cohort, out, error);
    if (code) return code;
    schedule.running = array_alloc((size_t)options->jobs, sizeof *schedule.running, error);
    schedule.busy = array_alloc((size_t)cohort->n_cases + 1, sizeof *schedule.busy, error);
    if (!schedule.running || !schedule.busy)
        code = TENO_FAILED;
    else
        code = schedule_run(&schedule, error);
    free(schedule.running);
    free(schedule.busy);
    if (!code) code = batch_summarise(out, error);
    if (!code && count->failed > 0)
        code = error_set(error, TENO_SOME_FAILED, "%d of %d cases failed; %s/results/cases.tsv says which and why",
                         count->failed, count->wanted, out);
    return code;
}

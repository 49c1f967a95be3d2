/*
 * A worker holds the case's log file under the kernel's own lock (flock) while it works: no second batch does the same
 * case, and a worker that is killed holds nothing any more, so that there are no lock files to go stale. The result
 * folder appears whole (see output/folder.c); then the state file is replaced in one step. A kill between the two costs
 * that case once more, and gives the same bytes.
 */
#include "batch/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "batch/cohort.h"
#include "batch/fingerprint.h"
#include "batch/process.h"
#include "batch/stamp.h"
#include "batch/text_file.h"
#include "teno/memory.h"

enum { MAX_PATHS = 256, MAX_ARGUMENTS = 1024, OWNED_BYTES = 1 << 18 };

/* The command line of a case. Texts are borrowed, or lie in `owned`. */
typedef struct CaseCommand {
    char *argv[MAX_ARGUMENTS];
    int argc;
    const char *paths[MAX_PATHS]; /* inputs: images and masks */
    int n_paths;
    char options[SHA256_HEX_SIZE]; /* everything that the result depends on, but the inputs' content */
    bool too_long;                 /* more than fits: not to be run */
    size_t used;
    char owned[OWNED_BYTES];
} CaseCommand;

static void put(CaseCommand *command, const char *text)
{
    command->too_long |= command->argc + 1 >= MAX_ARGUMENTS;
    if (!command->too_long) command->argv[command->argc++] = (char *)text; /* exec does not write */
}

static const char *own(CaseCommand *command, const char *text, size_t length)
{
    char *copy = command->owned + command->used;
    command->too_long |= command->used + length + 1 > sizeof command->owned;
    if (command->too_long) return "";
    memcpy(copy, text, length);
    copy[length] = '\0';
    command->used += length + 1;
    return copy;
}

static void input_add(CaseCommand *command, const char *path)
{
    command->too_long |= command->n_paths >= MAX_PATHS;
    if (!command->too_long) command->paths[command->n_paths++] = path;
}

/* A session's folders, each behind `option` unless that is NULL. */
static void put_paths(CaseCommand *command, const Session *session, const char *option)
{
    for (const char *at = session->path; *at && !command->too_long;) {
        size_t length = strcspn(at, "\n");
        const char *path = own(command, at, length);
        if (option) put(command, option);
        input_add(command, path);
        put(command, path);
        at += length + (at[length] == '\n');
    }
}

static void put_option(CaseCommand *command, const char *name, const char *value)
{
    if (!value || !value[0]) return;
    put(command, name);
    put(command, value);
}

/* Where the files lie does not matter for a result, nor does the number of threads. */
static void options_hash(CaseCommand *command, const char *const *behind, int n_behind)
{
    Sha256 hash;
    unsigned char digest[SHA256_BYTES];
    sha256_init(&hash);
    sha256_add_text(&hash, TENO_VERSION);
    for (int i = 1; i < command->argc; i++) {
        bool input = false;
        for (int p = 0; p < command->n_paths; p++) input |= command->argv[i] == command->paths[p];
        if (!input) sha256_add_text(&hash, command->argv[i]);
    }
    for (int i = 0; i < n_behind; i++) sha256_add_text(&hash, behind[i]);
    sha256_finish(&hash, digest);
    sha256_hex(digest, command->options);
}

static void analyze_build(CaseCommand *command, const Session *session, const BatchOptions *options)
{
    *command = (CaseCommand){.argc = 0};
    put(command, options->program);
    put(command, "analyze");
    put_paths(command, session, NULL);
    put_option(command, "--study", session->study_uid);
    put_option(command, "--side", session->side);
    put_option(command, "--tendon", session->tendon);
    put_option(command, "--mask", session->mask);
    for (int i = 0; i < options->n_arguments; i++) put(command, options->arguments[i]);
    if (session->mask[0]) input_add(command, session->mask);
    options_hash(command, NULL, 0);
}

/* The two finished analyses are compared; the images are named beside them, because they may have moved since. */
static void compare_build(CaseCommand *command, const Cohort *cohort, const Case *item, const char *out,
                          const BatchOptions *options)
{
    const Session *session[2] = {&cohort->sessions[item->session[0]], &cohort->sessions[item->session[1]]};
    char behind[2][SHA256_HEX_SIZE];
    const char *const hashes[] = {behind[0], behind[1]};
    for (int i = 0; i < 2; i++) {
        analyze_build(command, session[i], options);
        memcpy(behind[i], command->options, SHA256_HEX_SIZE);
    }
    *command = (CaseCommand){.argc = 0};
    put(command, options->program);
    put(command, "compare");
    put_paths(command, session[0], "--images");
    if (strcmp(session[0]->path, session[1]->path) != 0) put_paths(command, session[1], "--images");
    put_option(command, "--therapy", session[1]->therapy[0] ? session[1]->therapy : session[0]->therapy);
    for (int i = 0; i < options->n_compare_arguments; i++) put(command, options->compare_arguments[i]);
    for (int i = 0; i < 2; i++)
        if (session[i]->mask[0]) input_add(command, session[i]->mask);
    options_hash(command, hashes, 2);
    for (int i = 0; i < 2; i++) { /* behind the hash: where the results lie does not matter */
        char folder[PATH_MAX];
        Case analysis;
        case_of_session(&analysis, cohort, item->session[i]);
        case_folder(folder, out, cohort, &analysis);
        put(command, own(command, folder, strlen(folder)));
    }
}

void case_folder(char path[PATH_MAX], const char *out, const Cohort *cohort, const Case *item)
{
    const Session *first = &cohort->sessions[item->session[0]];
    const char *rest = strchr(item->name, '_') + 1; /* behind "sub-…", which has no underscore */
    path_set(path, "%s/sub-%s/%s%s", out, first->subject, item->kind == CASE_COMPARE ? "change_" : "", rest);
}

void case_state(char path[PATH_MAX], const char *out, const Case *item)
{
    path_set(path, "%s/state/%s.json", out, item->name);
}

/* The log under our lock, or -1. A batch that ended meanwhile may have renamed it: then open anew. */
static int log_lock(const char *path, bool wait)
{
    for (;;) {
        struct stat held, named;
        int log = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
        if (log < 0) return -1;
        if (flock(log, wait ? LOCK_EX : LOCK_EX | LOCK_NB) != 0) {
            close(log);
            return -1;
        }
        if (fstat(log, &held) == 0 && stat(path, &named) == 0 && held.st_ino == named.st_ino) return log;
        close(log);
    }
}

/* True when the stamp still holds: same options, and the same inputs by their marks or by their content. */
static bool still_valid(Stamp *stamp, const Stamp *now, const CaseCommand *command, const char *state,
                        const char *folder)
{
    char content[SHA256_HEX_SIZE];
    if (strcmp(stamp->options, now->options) != 0) return false;
    if (stamp_finished(stamp) && access(folder, R_OK) != 0) return false;
    if (!now->marks[0]) return stamp_finished(stamp); /* the input has vanished: what was made of it is not lost */
    if (strcmp(stamp->marks, now->marks) == 0) return true;
    if (content_fingerprint(content, command->paths, command->n_paths, NULL)) return false;
    if (strcmp(stamp->inputs, content) != 0) return false;
    string_set(stamp->marks, sizeof stamp->marks, now->marks); /* moved or touched, not changed: read once only */
    return stamp_write(stamp, state, NULL) == TENO_OK;
}

/* Puts a shorter text in the place of every occurrence. */
static void path_hide(char *line, const char *path, const char *instead)
{
    size_t length = strlen(path), size = strlen(instead);
    if (length <= size) return;
    for (char *found; (found = strstr(line, path));) {
        memcpy(found, instead, size);
        memmove(found + size, found + length, strlen(found + length) + 1);
    }
}

/* The last line of the log is the error; where the inputs lie is nobody's business. */
static void message_find(char *message, size_t size, int log, const CaseCommand *command, const char *out)
{
    char tail[2048];
    off_t end = lseek(log, 0, SEEK_END), from = end > (off_t)sizeof tail - 1 ? end - (off_t)sizeof tail + 1 : 0;
    ssize_t n = pread(log, tail, sizeof tail - 1, from);
    tail[n > 0 ? n : 0] = '\0';
    char *line = NULL;
    for (char *at = tail; at && *at; at = strchr(at, '\n') ? strchr(at, '\n') + 1 : NULL)
        if (strncmp(at, "teno ", 5) == 0 && strstr(at, ": ")) line = strstr(at, ": ") + 2;
    message[0] = '\0';
    if (!line) return;
    line[strcspn(line, "\n")] = '\0';
    char *where = strstr(line, "; the report is in ");
    if (where) *where = '\0';
    for (int i = 0; i < command->n_paths; i++) path_hide(line, command->paths[i], "INPUT");
    path_hide(line, out, "OUT");
    string_set(message, size, line);
}

static void end_describe(Stamp *stamp, const ProcessEnd *end, const BatchOptions *options)
{
    stamp->status = end->exited ? end->status : -1;
    if (end->timed_out)
        snprintf(stamp->message, sizeof stamp->message, "stopped after %d s, the time limit of a case",
                 options->time_limit_s);
    else if (!end->exited)
        snprintf(stamp->message, sizeof stamp->message, "ended by signal %d (%s); limits of a case: %d MB, %d s",
                 end->signal, strsignal(end->signal), options->memory_mb, options->time_limit_s);
    else if (end->status != 0 && !stamp->message[0])
        snprintf(stamp->message, sizeof stamp->message, "ended with status %d", end->status);
}

/* One case at work. */
typedef struct Work {
    const Cohort *cohort;
    const Case *item;
    const char *out;
    const BatchOptions *options;
    CaseCommand *command;
    int log;
    char folder[PATH_MAX], state[PATH_MAX], log_path[PATH_MAX], error_path[PATH_MAX];
} Work;

/* A date that has no result cannot be compared: false with the reason. */
static bool dates_finished(char *why, size_t size, const Work *work)
{
    for (int i = 0; i < 2; i++) {
        Case analysis;
        Stamp stamp;
        char state[PATH_MAX];
        case_of_session(&analysis, work->cohort, work->item->session[i]);
        case_state(state, work->out, &analysis);
        bool known = stamp_read(&stamp, state);
        if (known && stamp_finished(&stamp)) continue;
        snprintf(why, size, "%s: %s", analysis.name, known ? stamp.message : "was not analysed");
        return false;
    }
    return true;
}

static int command_run(ProcessEnd *end, Stamp *now, const Work *work, Error *error)
{
    CaseCommand *command = work->command;
    char threads[16], why[1024];
    if (command->too_long)
        return error_set(error, TENO_FAILED, "%s: more folders and options than a command line holds",
                         work->item->name);
    int code = content_fingerprint(now->inputs, command->paths, command->n_paths, error);
    if (code) return code;
    if (work->item->kind == CASE_COMPARE && !dates_finished(why, sizeof why, work))
        return error_set(error, TENO_FAILED, "%s", why);
    snprintf(threads, sizeof threads, "%d", work->options->threads);
    put_option(command, "--threads", threads);
    put_option(command, "-o", work->folder);
    put(command, "--quiet");
    command->argv[command->argc] = NULL;
    return process_run(end, command->argv, work->log, work->options->memory_mb, work->options->time_limit_s, error);
}

/* Runs the command into the log, and names the log after how it went. */
static WorkerEnd case_do(Stamp *now, const Work *work)
{
    ProcessEnd end = {0};
    Error error = {0};
    if (ftruncate(work->log, 0) != 0 || lseek(work->log, 0, SEEK_SET) < 0) return WORKER_FAILED;
    int code = command_run(&end, now, work, &error);
    if (code) {
        end = (ProcessEnd){.exited = true, .status = code};
        dprintf(work->log, "teno batch: %s\n", error.message);
    }
    message_find(now->message, sizeof now->message, work->log, work->command, work->out);
    end_describe(now, &end, work->options);
    if (stamp_finished(now))
        unlink(work->error_path); /* of an earlier try */
    else
        rename(work->log_path, work->error_path);
    if (stamp_write(now, work->state, NULL)) return WORKER_FAILED;
    return stamp_finished(now) ? WORKER_DONE : WORKER_FAILED;
}

/* What is to be done about a case whose log we hold. */
static WorkerEnd case_settle(const Work *work)
{
    const CaseCommand *command = work->command;
    Stamp before, now = {.status = -1};
    string_set(now.options, sizeof now.options, command->options);
    if (marks_fingerprint(now.marks, command->paths, command->n_paths, NULL)) now.marks[0] = '\0';
    bool known = stamp_read(&before, work->state) && still_valid(&before, &now, command, work->state, work->folder);
    if (!known || (!stamp_finished(&before) && work->options->retry_failed)) return case_do(&now, work);
    if (stamp_finished(&before)) return WORKER_KEPT;
    unlink(work->log_path); /* its err. log stays */
    return WORKER_FAILED;
}

WorkerEnd worker_run(const Cohort *cohort, const Case *item, const char *out, const BatchOptions *options, bool wait)
{
    Work work = {.cohort = cohort, .item = item, .out = out, .options = options};
    case_folder(work.folder, out, cohort, item);
    case_state(work.state, out, item);
    path_set(work.log_path, "%s/log/%s.txt", out, item->name);
    path_set(work.error_path, "%s/log/err.%s.txt", out, item->name);
    work.log = log_lock(work.log_path, wait);
    if (work.log < 0) return errno == EWOULDBLOCK ? WORKER_BUSY : WORKER_FAILED;
    work.command = array_alloc(1, sizeof *work.command, NULL);
    WorkerEnd end = WORKER_FAILED;
    if (work.command && item->kind == CASE_COMPARE)
        compare_build(work.command, cohort, item, out, options);
    else if (work.command)
        analyze_build(work.command, &cohort->sessions[item->session[0]], options);
    if (work.command) end = case_settle(&work);
    free(work.command);
    close(work.log);
    return end;
}

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

#include "batch/fingerprint.h"
#include "batch/process.h"
#include "batch/stamp.h"
#include "batch/text_file.h"
#include "teno/memory.h"

enum { MAX_PATHS = 64, MAX_ARGUMENTS = 256 };

/* The command line of a case. Texts are borrowed, or lie in `owned`. */
typedef struct CaseCommand {
    char *argv[MAX_ARGUMENTS];
    int argc;
    const char *paths[MAX_PATHS]; /* inputs */
    int n_paths;
    char owned[4 * PATH_MAX];
    size_t used;
} CaseCommand;

static void put(CaseCommand *command, const char *text)
{
    if (command->argc + 1 < MAX_ARGUMENTS) command->argv[command->argc++] = (char *)text; /* exec does not write */
}

static const char *own(CaseCommand *command, const char *text, size_t length)
{
    char *copy = command->owned + command->used;
    if (command->used + length + 1 > sizeof command->owned) return "";
    memcpy(copy, text, length);
    copy[length] = '\0';
    command->used += length + 1;
    return copy;
}

static void put_paths(CaseCommand *command, const Session *session)
{
    for (const char *at = session->path; *at && command->n_paths < MAX_PATHS;) {
        size_t length = strcspn(at, "\n");
        const char *path = own(command, at, length);
        command->paths[command->n_paths++] = path;
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

/* Everything that the result depends on, but the inputs' content and the number of threads. */
static void command_build(CaseCommand *command, const Cohort *cohort, const Case *item, const BatchOptions *options)
{
    const Session *first = &cohort->sessions[item->session[0]];
    bool pair = item->kind == CASE_COMPARE;
    const Session *last = pair ? &cohort->sessions[item->session[1]] : first;
    *command = (CaseCommand){.argc = 0};
    put(command, options->program);
    put(command, pair ? "compare" : "analyze");
    put_paths(command, first);
    if (pair && strcmp(first->path, last->path) != 0) put_paths(command, last);
    put_option(command, "--study", first->study_uid); /* known where a folder was searched, for both or none */
    if (pair) put_option(command, "--study", last->study_uid);
    put_option(command, "--side", first->side);
    put_option(command, "--tendon", first->tendon);
    if (pair) put_option(command, "--therapy", last->therapy[0] ? last->therapy : first->therapy);
    if (!pair) put_option(command, "--mask", first->mask);
    for (int i = 0; i < options->n_arguments; i++) put(command, options->arguments[i]);
    if (!pair && first->mask && first->mask[0]) command->paths[command->n_paths++] = first->mask;
}

static void command_fingerprint(char hex[SHA256_HEX_SIZE], const CaseCommand *command)
{
    Sha256 hash;
    unsigned char digest[SHA256_BYTES];
    sha256_init(&hash);
    sha256_add_text(&hash, TENO_VERSION);
    for (int i = 1; i < command->argc; i++) {
        bool input = false;
        for (int p = 0; p < command->n_paths; p++) input |= command->argv[i] == command->paths[p];
        if (!input) sha256_add_text(&hash, command->argv[i]); /* where the files lie does not matter */
    }
    sha256_finish(&hash, digest);
    sha256_hex(digest, hex);
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
    if (strcmp(stamp->marks, now->marks) == 0) return true;
    if (content_fingerprint(content, command->paths, command->n_paths, NULL)) return false;
    if (strcmp(stamp->inputs, content) != 0) return false;
    string_set(stamp->marks, sizeof stamp->marks, now->marks); /* moved or touched, not changed: read once only */
    return stamp_write(stamp, state, NULL) == TENO_OK;
}

/* Puts "INPUT" in the place of every occurrence. */
static void path_hide(char *line, const char *path)
{
    static const char instead[] = "INPUT";
    size_t length = strlen(path), size = sizeof instead - 1;
    if (length < size) return;
    for (char *found; (found = strstr(line, path));) {
        memcpy(found, instead, size);
        memmove(found + size, found + length, strlen(found + length) + 1);
    }
}

/* The last line of the log is the error; where the inputs lie is nobody's business. */
static void message_find(char *message, size_t size, int log, const CaseCommand *command)
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
    for (int i = 0; i < command->n_paths; i++) path_hide(line, command->paths[i]);
    string_set(message, size, line);
}

static void end_describe(Stamp *stamp, const ProcessEnd *end, const BatchOptions *options, int log,
                         const CaseCommand *command)
{
    stamp->status = end->exited ? end->status : -1;
    message_find(stamp->message, sizeof stamp->message, log, command);
    if (end->timed_out)
        snprintf(stamp->message, sizeof stamp->message, "stopped after %d s, the time limit of a case",
                 options->time_limit_s);
    else if (!end->exited)
        snprintf(stamp->message, sizeof stamp->message, "ended by signal %d (%s); limits of a case: %d MB, %d s",
                 end->signal, strsignal(end->signal), options->memory_mb, options->time_limit_s);
    else if (end->status != 0 && !stamp->message[0])
        snprintf(stamp->message, sizeof stamp->message, "ended with status %d", end->status);
}

/* Runs the command into the log, and names the log after how it went. */
static WorkerEnd case_do(Stamp *now, CaseCommand *command, const BatchOptions *options, int log, const char *log_path,
                         const char *error_path, const char *state)
{
    ProcessEnd end = {0};
    Error error = {0};
    if (ftruncate(log, 0) != 0 || lseek(log, 0, SEEK_SET) < 0) return WORKER_FAILED;
    int code = content_fingerprint(now->inputs, command->paths, command->n_paths, &error);
    if (!code) code = process_run(&end, command->argv, log, options->memory_mb, options->time_limit_s, &error);
    if (code) {
        end = (ProcessEnd){.exited = true, .status = code};
        dprintf(log, "teno batch: %s\n", error.message);
    }
    end_describe(now, &end, options, log, command);
    if (stamp_finished(now))
        unlink(error_path); /* of an earlier try */
    else
        rename(log_path, error_path);
    if (stamp_write(now, state, NULL)) return WORKER_FAILED;
    return stamp_finished(now) ? WORKER_DONE : WORKER_FAILED;
}

WorkerEnd worker_run(const Cohort *cohort, const Case *item, const char *out, const BatchOptions *options, bool wait)
{
    char folder[PATH_MAX], state[PATH_MAX], log_path[PATH_MAX], error_path[PATH_MAX], threads[16];
    Stamp before, now = {.status = -1};
    CaseCommand command;
    case_folder(folder, out, cohort, item);
    case_state(state, out, item);
    path_set(log_path, "%s/log/%s.txt", out, item->name);
    path_set(error_path, "%s/log/err.%s.txt", out, item->name);
    command_build(&command, cohort, item, options);
    command_fingerprint(now.options, &command);
    int log = log_lock(log_path, wait);
    if (log < 0) return errno == EWOULDBLOCK ? WORKER_BUSY : WORKER_FAILED;
    WorkerEnd end = WORKER_KEPT;
    int unreadable = marks_fingerprint(now.marks, command.paths, command.n_paths, NULL);
    bool known = stamp_read(&before, state) && !unreadable && still_valid(&before, &now, &command, state, folder);
    if (!known || (!stamp_finished(&before) && options->retry_failed)) {
        snprintf(threads, sizeof threads, "%d", options->threads);
        put_option(&command, "--threads", threads);
        put_option(&command, "-o", folder);
        put(&command, "--quiet");
        command.argv[command.argc] = NULL;
        end = case_do(&now, &command, options, log, log_path, error_path, state);
    } else if (!stamp_finished(&before)) {
        end = WORKER_FAILED;
        unlink(log_path); /* its err. log stays */
    }
    close(log);
    return end;
}

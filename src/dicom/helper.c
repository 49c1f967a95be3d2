/*
 * Work on untrusted bytes in child processes that may die (DCMTK and its decoders have known crashes on damaged input;
 * dicom.md §5). The children share a counter from which each takes its next piece, and a table in which it notes what
 * it is at. The parent only waits: a child that dies by a signal leaves behind which piece killed it, that piece is
 * marked failed, and a new child carries on with the rest. The kernel enforces the limits: address space and processor
 * time.
 */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */

#include "dicom/helper.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    PIECE_SECONDS = 4,       /* of processor time; a 2048 x 2048 JPEG-LS frame takes 0.4 s */
    MAX_OVERTIMES = 2,       /* pieces out of time before the rest is given up: 100 slices must not take minutes */
    EXTRA_BYTES = 640 << 20, /* beyond what the parent had; a frame of 8192² cells of 32 bits needs 512 MB */
    MAX_PROCESSES = 64,
};

void *helper_memory(size_t bytes, Error *error)
{
    void *memory = mmap(NULL, bytes ? bytes : 1, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory != MAP_FAILED) return memory;
    error_set(error, TENO_FAILED, "memory: cannot share %zu bytes: %s", bytes, strerror(errno));
    return NULL;
}

void helper_memory_free(void *memory, size_t bytes)
{
    if (memory) munmap(memory, bytes ? bytes : 1);
}

/* Shared by all. */
typedef struct Board {
    atomic_int next; /* the first piece nobody has taken */
    atomic_int overtimes;
    atomic_int at[MAX_PROCESSES]; /* piece that each process works on, -1 none */
    Error results[];              /* [n] */
} Board;

/* Adds to the address space in use; sanitizers reserve terabytes, where a limit makes no sense. */
static void memory_limit(void)
{
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    unsigned long pages = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    if (!file) return;
    if (fscanf(file, "%lu", &pages) == 1 && pages < (1UL << 28)) {
        rlim_t bytes = (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE) + EXTRA_BYTES;
        struct rlimit limit;
        if (getrlimit(RLIMIT_AS, &limit) == 0 && (limit.rlim_max == RLIM_INFINITY || bytes < limit.rlim_max)) {
            limit.rlim_cur = bytes;
            setrlimit(RLIMIT_AS, &limit);
        }
    }
    fclose(file);
#endif
}

/* What a decoder says as it dies is no message of ours: the parent tells in one line. Sanitizers need the stream. */
static void stderr_close(void)
{
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (nowhere < 0) return;
    dup2(nowhere, STDERR_FILENO);
    close(nowhere);
#endif
}

/* The clock of processor time; when it runs out, the kernel kills the process by SIGPROF. */
static void time_limit(int seconds)
{
    struct itimerval timer = {.it_value = {.tv_sec = seconds}};
    setitimer(ITIMER_PROF, &timer, NULL);
}

_Noreturn static void child_work(Board *board, int slot, HelperTask task, void *context, int n)
{
    struct rlimit no_core = {0};
    setrlimit(RLIMIT_CORE, &no_core);
    memory_limit();
    stderr_close();
    static const int signals[] = {SIGPROF, SIGSEGV, SIGABRT, SIGBUS, SIGINT, SIGTERM};
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++) signal(signals[i], SIG_DFL);
    for (int i; (i = atomic_fetch_add(&board->next, 1)) < n;) {
        atomic_store(&board->at[slot], i);
        time_limit(PIECE_SECONDS);
        Error failure = {0};
        int code = task(context, i, &failure);
        if (code && !failure.code) error_set(&failure, code, "failed without saying why");
        board->results[i] = failure;
        time_limit(0);
        atomic_store(&board->at[slot], -1);
    }
    _exit(0); /* not exit: what the parent has buffered is the parent's to write */
}

static pid_t child_start(Board *board, int slot, HelperTask task, void *context, int n)
{
    atomic_store(&board->at[slot], -1);
    pid_t pid = fork();
    if (pid == 0) child_work(board, slot, task, context, n);
    return pid;
}

/* Marks the piece at which a child died. */
static void death_note(Board *board, int slot, int status)
{
    int i = atomic_load(&board->at[slot]);
    if (i < 0 || (WIFEXITED(status) && WEXITSTATUS(status) == 0)) return;
    Error *result = &board->results[i];
    *result = (Error){0};
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGPROF) {
        if (atomic_fetch_add(&board->overtimes, 1) + 1 >= MAX_OVERTIMES) atomic_store(&board->next, INT_MAX / 2);
        error_set(result, TENO_FAILED, "decoding took longer than %d s and was stopped", PIECE_SECONDS);
    } else if (WIFSIGNALED(status))
        error_set(result, TENO_FAILED, "the decoder crashed (signal %d)", WTERMSIG(status));
    else
        error_set(result, TENO_FAILED, "the decoder ended with status %d", WEXITSTATUS(status));
}

/* Waits for one child and, if pieces are left, starts another in its place. */
static void child_replace(Board *board, pid_t *pids, int slot, HelperTask task, void *context, int n)
{
    int status = 0;
    while (waitpid(pids[slot], &status, 0) < 0 && errno == EINTR) {
    }
    death_note(board, slot, status);
    bool died = !WIFEXITED(status) || WEXITSTATUS(status) != 0;
    pids[slot] = died && atomic_load(&board->next) < n ? child_start(board, slot, task, context, n) : 0;
}

int helper_run(HelperTask task, void *context, int n, int n_processes, Error *errors, Error *error)
{
    pid_t pids[MAX_PROCESSES] = {0};
    size_t bytes = sizeof(Board) + (size_t)n * sizeof(Error);
    Board *board = helper_memory(bytes, error);
    if (!board) return TENO_FAILED;
    if (n_processes > n) n_processes = n;
    if (n_processes > MAX_PROCESSES) n_processes = MAX_PROCESSES;
    for (int i = 0; i < n; i++) error_set(&board->results[i], TENO_FAILED, "not decoded: given up after others failed");
    for (int s = 0; s < n_processes; s++) pids[s] = child_start(board, s, task, context, n);
    for (int s = 0; s < n_processes; s++)
        while (pids[s] > 0) child_replace(board, pids, s, task, context, n);
    memcpy(errors, board->results, (size_t)n * sizeof *errors);
    helper_memory_free(board, bytes);
    return TENO_OK;
}

#define _GNU_SOURCE /* prctl's parent-death signal is Linux's own */
#include "batch/process.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

void process_die_with(int parent)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(TENO_FAILED); /* it died before the request took effect */
}

/* In the new process: limits, descriptors, and the command; never returns. */
static void become(char *const *argv, int log, int memory_mb, int parent)
{
    const struct rlimit no_core = {0, 0};
    const rlim_t bytes = (rlim_t)memory_mb << 20;
    const struct rlimit memory = {bytes, bytes};
    process_die_with(parent);
    setrlimit(RLIMIT_CORE, &no_core);
#ifdef __SANITIZE_ADDRESS__ /* its shadow takes the whole address space */
    (void)memory;
#else
    if (memory_mb > 0) setrlimit(RLIMIT_AS, &memory);
#endif
    dup2(log, STDOUT_FILENO);
    dup2(log, STDERR_FILENO);
    execv(argv[0], argv);
    static const char text[] = "teno batch: the program cannot be started again\n";
    ssize_t written = write(STDERR_FILENO, text, sizeof text - 1);
    (void)written;
    _exit(127);
}

/* Waits in steps that grow from 1 to 20 ms: a short case is not slowed down, a long one costs nothing. */
static int wait_until(pid_t child, int time_limit_s, bool *timed_out)
{
    struct timespec start, now, pause = {0, 1000000};
    int status = 0;
    clock_gettime(CLOCK_MONOTONIC, &start);
    *timed_out = false;
    for (pid_t got; (got = waitpid(child, &status, WNOHANG)) != child;) {
        if (got < 0 && errno != EINTR) break;
        clock_gettime(CLOCK_MONOTONIC, &now);
        if (time_limit_s > 0 && !*timed_out && now.tv_sec - start.tv_sec >= time_limit_s) {
            *timed_out = true;
            kill(child, SIGKILL);
        }
        nanosleep(&pause, NULL);
        if (pause.tv_nsec < 20000000) pause.tv_nsec += 1000000;
    }
    return status;
}

int process_run(ProcessEnd *end, char *const *argv, int log, int memory_mb, int time_limit_s, Error *error)
{
    *end = (ProcessEnd){0};
    int parent = getpid();
    pid_t child = fork();
    if (child < 0) return error_set(error, TENO_FAILED, "no new process: %s", strerror(errno));
    if (child == 0) become(argv, log, memory_mb, parent);
    int status = wait_until(child, time_limit_s, &end->timed_out);
    end->exited = WIFEXITED(status);
    end->status = end->exited ? WEXITSTATUS(status) : 0;
    end->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    return TENO_OK;
}

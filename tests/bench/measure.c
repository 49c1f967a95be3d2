/* measure N COMMAND...: runs a command N times and prints "median_wall_s min_wall_s cpu_s peak_MB". Its standard output
 * goes nowhere; a command that fails with a status of 1, 2 or 3 ends the measurement. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static int run_once(char **command, double *wall_s)
{
    int status = 0;
    double start = now_s();
    pid_t child = fork();
    if (child == 0) {
        if (!freopen("/dev/null", "w", stdout)) _exit(127);
        execvp(command[0], command);
        _exit(127);
    }
    if (child < 0 || waitpid(child, &status, 0) != child) return 127;
    *wall_s = now_s() - start;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

static int by_size(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

int main(int argc, char **argv)
{
    enum { MAX_RUNS = 100 };
    double wall_s[MAX_RUNS];
    int n = argc > 2 ? (int)strtol(argv[1], NULL, 10) : 0;
    if (n < 1 || n > MAX_RUNS) return fputs("usage: measure N COMMAND...\n", stderr), 2;
    for (int i = 0; i < n; i++) {
        int status = run_once(argv + 2, &wall_s[i]);
        if (status != 0 && (status < 4 || status > 6)) return fprintf(stderr, "%s: status %d\n", argv[2], status), 1;
    }
    struct rusage used;
    getrusage(RUSAGE_CHILDREN, &used);
    qsort(wall_s, (size_t)n, sizeof *wall_s, by_size);
    double cpu_s = (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
                   1e-6 * (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
    printf("%.3f %.3f %.3f %.0f\n", wall_s[n / 2], wall_s[0], cpu_s / n, (double)used.ru_maxrss / 1024);
    return 0;
}

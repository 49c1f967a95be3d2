#include "cli/progress.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

void progress_start(Progress *progress, bool quiet, bool verbose)
{
    *progress = (Progress){.shown = !quiet && !verbose && isatty(STDERR_FILENO), .verbose = verbose && !quiet};
    progress->start_s = progress->stage_start_s = now_s();
}

static void stage_end(Progress *progress)
{
    double now = now_s();
    if (progress->verbose && progress->stage[0])
        fprintf(stderr, "%8.3f s  %s\n", now - progress->stage_start_s, progress->stage);
    progress->stage_start_s = now;
}

void progress_report(void *context, const char *stage, double share)
{
    Progress *progress = context;
    stage_end(progress);
    snprintf(progress->stage, sizeof progress->stage, "%s", stage);
    if (!progress->shown) return;
    double elapsed = now_s() - progress->start_s, left = share > 0.05 ? elapsed * (1 / share - 1) : 0;
    fprintf(stderr, "\r\033[K%3.0f %%  %s", 100 * share, stage);
    if (left > 1) fprintf(stderr, "  (%.0f s left)", left); /* not worth reading below that */
    fflush(stderr);
}

void progress_end(Progress *progress)
{
    stage_end(progress);
    if (progress->shown) fputs("\r\033[K", stderr);
}

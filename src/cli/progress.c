#include "cli/progress.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

enum { FIRST_MS = 1000, EVERY_MS = 250 };

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Within a stage the share goes on as the time that was left for the whole runs down; it never goes back. */
static void draw(Progress *progress)
{
    double now = now_s(), elapsed = now - progress->start_s;
    double left = progress->left_s - (now - progress->stage_start_s);
    if (left > 0) progress->shown_share = fmax(progress->shown_share, elapsed / (elapsed + left));
    progress->shown_share = fmin(fmax(progress->shown_share, progress->share), 0.99);
    if (progress->share > 0)
        fprintf(stderr, "\r\033[K%3.0f %%  %s", 100 * progress->shown_share, progress->stage);
    else
        fprintf(stderr, "\r\033[K       %s  (%.0f s)", progress->stage, elapsed);
    if (left >= 0.5) fprintf(stderr, "  (about %.0f s left)", left);
    fflush(stderr);
}

static struct timespec after_ms(int ms)
{
    struct timespec at;
    clock_gettime(CLOCK_REALTIME, &at);
    at.tv_sec += ms / 1000;
    at.tv_nsec += ms % 1000 * 1000000L;
    if (at.tv_nsec >= 1000000000L) {
        at.tv_nsec -= 1000000000L;
        at.tv_sec++;
    }
    return at;
}

static void *tick(void *context)
{
    Progress *progress = context;
    bool drawn = false;
    pthread_mutex_lock(&progress->mutex);
    while (!progress->ended) {
        struct timespec until = after_ms(drawn ? EVERY_MS : FIRST_MS);
        int woken = 0;
        while (!progress->ended && woken != ETIMEDOUT)
            woken = pthread_cond_timedwait(&progress->changed, &progress->mutex, &until);
        if (progress->ended) break;
        draw(progress);
        drawn = true;
    }
    if (drawn) fputs("\r\033[K", stderr);
    pthread_mutex_unlock(&progress->mutex);
    return NULL;
}

void progress_start(Progress *progress, bool quiet, bool verbose)
{
    *progress = (Progress){.shown = !quiet && !verbose && isatty(STDERR_FILENO),
                           .verbose = verbose && !quiet,
                           .to = 1,
                           .left_s = (double)NAN,
                           .mutex = PTHREAD_MUTEX_INITIALIZER,
                           .changed = PTHREAD_COND_INITIALIZER};
    progress->start_s = progress->stage_start_s = now_s();
    if (progress->shown && pthread_create(&progress->ticker, NULL, tick, progress) != 0) progress->shown = false;
}

void progress_part(Progress *progress, double from, double to)
{
    progress->from = from;
    progress->to = to;
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
    pthread_mutex_lock(&progress->mutex);
    stage_end(progress);
    snprintf(progress->stage, sizeof progress->stage, "%s", stage);
    progress->share = fmax(progress->share, progress->from + share * (progress->to - progress->from));
    double elapsed = progress->stage_start_s - progress->start_s;
    progress->left_s = progress->share > 0.04 ? elapsed * (1 / progress->share - 1) : (double)NAN;
    pthread_mutex_unlock(&progress->mutex);
}

void progress_end(Progress *progress)
{
    pthread_mutex_lock(&progress->mutex);
    stage_end(progress);
    progress->ended = true;
    pthread_cond_signal(&progress->changed);
    pthread_mutex_unlock(&progress->mutex);
    if (progress->shown) pthread_join(progress->ticker, NULL);
}

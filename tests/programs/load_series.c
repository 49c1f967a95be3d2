/* load_series INPUT...: scans and loads every usable volume and tells the time of both: what scripts/bench holds
 * against dcm2niix. */
#include <stdio.h>
#include <time.h>

#include "teno/series.h"

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

int main(int argc, char **argv)
{
    Scan scan = {0};
    Error error = {0};
    int n = 0;
    double start = now_ms();
    int failed = argc < 2 || scan_inputs(&scan, (const char *const *)(argv + 1), argc - 1, &error);
    double scanned = now_ms();
    for (int i = 0; i < scan.n_studies && !failed; i++)
        for (int k = 0; k < scan.studies[i].n_series && !failed; k++) {
            Series *s = &scan.studies[i].series[k];
            if (!s->usable) continue;
            failed = series_load(s, &error);
            n++;
        }
    printf("%d volumes, scan %.1f ms, load %.1f ms\n", n, scanned - start, now_ms() - scanned);
    if (failed) fprintf(stderr, "load_series: %s\n", error.message);
    scan_free(&scan);
    return failed;
}

/* dump_volumes OUT INPUT...: scans and loads like the product, and writes each usable volume as raw floats OUT/<n>.f32
 * with a line of JSON on standard output, for comparison with other readers. */
#include <stdio.h>

#include "teno/series.h"

static int volume_write(const Series *s, int n, const char *folder)
{
    char path[4200];
    double a[4][4];
    snprintf(path, sizeof path, "%s/%d.f32", folder, n);
    FILE *file = fopen(path, "wb");
    if (!file) return 1;
    size_t count = grid_count(&s->grid), written = fwrite(s->vol.data, sizeof(float), count, file);
    grid_affine_ras(&s->grid, a);
    printf("{\"file\": \"%s\", \"key\": \"%s\", \"lossy\": %s, \"shape\": [%d, %d, %d], \"affine\": [", path, s->key,
           s->lossy ? "true" : "false", s->grid.nz, s->grid.ny, s->grid.nx);
    for (int r = 0; r < 4; r++)
        printf("[%.12g, %.12g, %.12g, %.12g]%s", a[r][0], a[r][1], a[r][2], a[r][3], r < 3 ? ", " : "");
    printf("], \"warnings\": %d}\n", s->warnings.count);
    return fclose(file) != 0 || written != count;
}

int main(int argc, char **argv)
{
    Scan scan = {0};
    Error error = {0};
    int failed = argc < 3 || scan_inputs(&scan, (const char *const *)(argv + 2), argc - 2, &error);
    for (int i = 0, n = 0; i < scan.n_studies && !failed; i++)
        for (int k = 0; k < scan.studies[i].n_series && !failed; k++) {
            Series *s = &scan.studies[i].series[k];
            if (!s->usable) continue;
            failed = series_load(s, &error) || volume_write(s, n++, argv[1]);
        }
    if (failed) fprintf(stderr, "dump_volumes: %s\n", error.message);
    scan_free(&scan);
    return failed;
}

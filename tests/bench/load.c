/* load FOLDER: scans it and loads every usable series, as the first step of an analysis does. */
#include <stdio.h>

#include "teno/series.h"

int main(int argc, char **argv)
{
    Scan scan = {0};
    Error error = {0};
    const char *input = argc == 2 ? argv[1] : "";
    int code = scan_inputs(&scan, &input, 1, &error);
    for (int i = 0; !code && i < scan.n_studies; i++)
        for (int j = 0; !code && j < scan.studies[i].n_series; j++)
            if (scan.studies[i].series[j].usable) code = series_load(&scan.studies[i].series[j], &error);
    if (code) fprintf(stderr, "load: %s\n", error.message);
    scan_free(&scan);
    return code;
}

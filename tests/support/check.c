#include "check.h"

#include <math.h>
#include <stdio.h>
#include <sys/stat.h>

void check_near_at(double value, double wanted, double tolerance, const char *what, const char *file, int line)
{
    if (fabs(value - wanted) <= tolerance) return;
    print_error("%s = %.9g, wanted %.9g +/- %.3g\n", what, value, wanted, tolerance);
    _fail(file, line);
}

const char *shared_data(const char *sub_folder)
{
    static char path[4096];
    struct stat info;
    snprintf(path, sizeof path, "../shared/data/%s", sub_folder);
    if (stat(path, &info) == 0 && S_ISDIR(info.st_mode)) return path;
    print_message("skipped: no %s here\n", path);
    return NULL;
}

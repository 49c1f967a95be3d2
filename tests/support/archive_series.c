#include "archive_series.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "check.h"

int run_command(const char *format, ...)
{
    char command[4096];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(command, sizeof command, format, arguments);
    va_end(arguments);
    int status = system(command);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

bool program_exists(const char *name)
{
    if (run_command("command -v %s >/dev/null 2>&1", name) == 0) return true;
    print_message("skipped: %s is not installed\n", name);
    return false;
}

bool archive_series_make(Series *out, char folder[256], int nx, int ny, int nz)
{
    if (run_command("/usr/bin/python3 -c 'import pydicom, numpy' 2>/dev/null") != 0) {
        print_message("skipped: no python3 with pydicom\n");
        return false;
    }
    snprintf(folder, 256, "/tmp/teno-archive-XXXXXX");
    assert_non_null(mkdtemp(folder));
    assert_int_equal(run_command("/usr/bin/python3 tests/support/make_series.py %s %d %d %d", folder, ny, nx, nz), 0);
    *out = (Series){.study_uid = "2.25.77.1",
                    .series_uid = "2.25.77.2",
                    .key = "2.25.77.2",
                    .frame_of_reference_uid = "2.25.77.4",
                    .study_date = "20230405",
                    .study_time = "101112",
                    .series_number = 5,
                    .usable = true,
                    .role = ROLE_ANATOMY,
                    .slice_thickness_mm = 3};
    out->grid = (Grid){.nx = nx,
                       .ny = ny,
                       .nz = nz,
                       .dx = 0.45,
                       .dy = 0.5,
                       .dz = 3.3,
                       .origin_lps = {-20.5, 30.25, -40},
                       .axis_x = {0.96, 0.28, 0},
                       .axis_y = {-0.28, 0.96, 0},
                       .axis_z = {0, 0, 1}};
    out->slices = calloc((size_t)nz, sizeof *out->slices);
    assert_non_null(out->slices);
    for (int k = 0; k < nz; k++) {
        Slice *slice = &out->slices[k];
        slice->path = malloc(300);
        assert_non_null(slice->path);
        snprintf(slice->path, 300, "%s/mr_%03d.dcm", folder, k);
        snprintf(slice->sop_class_uid, sizeof slice->sop_class_uid, "1.2.840.10008.5.1.4.1.1.4");
        snprintf(slice->sop_instance_uid, sizeof slice->sop_instance_uid, "2.25.77.3.%d", k + 1);
        slice->position_mm = -40 + 3.3 * k;
    }
    return true;
}

void archive_series_remove(Series *series, const char *folder)
{
    for (int k = 0; k < series->grid.nz; k++) free(series->slices[k].path);
    free(series->slices);
    run_command("rm -rf %s", folder);
}

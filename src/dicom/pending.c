/* Stand-ins until the reading of DICOM lands: everything is refused, nothing is guessed. */
#include "teno/series.h"

const char *plane_name(Plane plane)
{
    static const char *const names[] = {"axial", "sagittal", "coronal", "oblique", "3d"};
    return names[plane];
}

const char *contrast_name(Contrast contrast)
{
    static const char *const names[] = {"t1", "pd", "t2", "stir", "other"};
    return names[contrast];
}

const char *role_name(Role role)
{
    static const char *const names[] = {"unused", "anatomy", "fluid"};
    return names[role];
}

const char *side_name(Side side)
{
    static const char *const names[] = {"unknown", "left", "right"};
    return names[side];
}

int scan_inputs(Scan *out, const char *const *inputs, int n_inputs, Error *error)
{
    *out = (Scan){0};
    return error_set(error, TENO_NO_DICOM, "%s: DICOM cannot be read yet", n_inputs > 0 ? inputs[0] : "no input");
}

void scan_free(Scan *scan)
{
    *scan = (Scan){0};
}

int series_load(Series *series, Error *error)
{
    return error_set(error, TENO_FAILED, "%s: pixels cannot be read yet", series->key);
}

void series_unload(Series *series)
{
    vol_free(&series->vol);
}

int study_assign_roles(Study *study, const char *const *forced, int n_forced, Error *error)
{
    (void)study, (void)forced, (void)n_forced, (void)error;
    return TENO_OK;
}

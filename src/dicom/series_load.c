/* The pixels of a series into its volume, slices in parallel. */
#include <stdlib.h>

#include "dicom/pixels.h"
#include "teno/memory.h"
#include "teno/series.h"

int series_load(Series *series, Error *error)
{
    if (series->vol.data) return TENO_OK;
    if (!series->usable)
        return error_set(error, TENO_FAILED, "series %s: cannot be measured: %s", series->key, series->reason);
    int code = dicom_start(error);
    if (!code) code = vol_alloc(&series->vol, &series->grid, error);
    if (code) return code;
    int nz = series->grid.nz;
    size_t slab = (size_t)series->grid.nx * (size_t)series->grid.ny;
    Error *errors = array_alloc((size_t)nz, sizeof *errors, error);
    if (!errors) return TENO_FAILED;
#pragma omp parallel for schedule(dynamic, 1)
    for (int k = 0; k < nz; k++) {
        const Slice *slice = &series->slices[k];
        int failed =
            frame_load(series->vol.data + (size_t)k * slab, slice->path, &slice->pixels, slice->frame, &errors[k]);
        if (failed && !errors[k].code) errors[k].code = failed;
    }
    for (int k = 0; k < nz && !code; k++)
        if (errors[k].code) code = error_set(error, errors[k].code, "%s", errors[k].message);
    free(errors);
    if (code) series_unload(series);
    return code;
}

void series_unload(Series *series)
{
    vol_free(&series->vol);
}

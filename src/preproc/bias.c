#include "teno/preproc.h"

int bias_correct(Vol *vol, Vol *bias, Error *error) {
    int code = vol_alloc(bias, &vol->grid, error);
    if (code) return code;
    size_t n = grid_count(&bias->grid);
    for (size_t i = 0; i < n; i++) bias->data[i] = 1;
    return TENO_OK;
}

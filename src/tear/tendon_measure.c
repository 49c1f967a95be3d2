#include "teno/tear.h"

#include <stdlib.h>

void straightened_free(Straightened *straightened)
{
    free(straightened->envelope);
    free(straightened->anatomy);
    free(straightened->fluid);
    free(straightened->tear);
    free(straightened->tendinosis);
    free(straightened->label);
    *straightened = (Straightened){0};
}

int tendon_measure(TendonMeasures *measures, Straightened *straightened, const Prepared *prepared,
                   const Segmentation *segmentation, const TendonSpec *spec, const TearOptions *options, Error *error)
{
    (void)prepared;
    (void)spec;
    (void)options;
    *straightened = (Straightened){0};
    return shape_measure(measures, &segmentation->shape, segmentation->origin, error);
}

int tear_rasterise(Vol *out, const Straightened *straightened, const TendonShape *shape, const Grid *grid,
                   const Rigid *ref_to_grid, Error *error)
{
    (void)straightened;
    (void)shape;
    (void)ref_to_grid;
    return vol_alloc(out, grid, error);
}

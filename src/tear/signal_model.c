#include "teno/tear.h"

#include <math.h>

void signal_model(SignalModel *out, const Acquisition *acquisition, Contrast contrast, const TissueReferences *references)
{
    (void)acquisition;
    (void)contrast;
    (void)references;
    *out = (SignalModel){.tendon = NAN, .tendinosis = NAN, .muscle = 1, .fat = NAN, .fluid = NAN,
                         .raised_threshold = NAN, .fluid_threshold = NAN};
}

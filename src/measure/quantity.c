/* Numbers with error bars, their names, and the release of what holds them. */
#include "teno/measure.h"

#include <math.h>
#include <stdlib.h>

#include "teno/memory.h"

Quantity quantity(double value, const char *unit)
{
    return quantity_at(value, unit, NAN);
}

Quantity quantity_at(double value, const char *unit, double at_s_mm)
{
    if (!isfinite(value)) return quantity_unknown(unit, "could not be computed");
    return (Quantity){.known = true, .value = value, .low = NAN, .high = NAN, .unit = unit, .at_s_mm = at_s_mm};
}

Quantity quantity_unknown(const char *unit, const char *reason)
{
    Quantity q = {.value = NAN, .low = NAN, .high = NAN, .unit = unit, .at_s_mm = NAN};
    string_set(q.reason, sizeof q.reason, reason);
    return q;
}

const char *grade_name(Grade grade)
{
    static const char *const names[] = {"normal", "tendinosis", "partial_low", "partial_high", "complete"};
    return names[grade];
}

void measures_free(TendonMeasures *measures)
{
    free(measures->tears);
    free(measures->profile);
    free(measures->drawn);
    measures->tears = NULL;
    measures->drawn = NULL;
    measures->profile = NULL;
    measures->n_tears = measures->n_profile = 0;
    notes_free(&measures->warnings);
}

/* Rigid registration: minimal form, does not move anything and says so. */
#include "teno/register.h"

#include "teno/memory.h"

int register_rigid(Registration *out, const Vol *fixed, const Vol *moving, const RegisterOptions *options, Error *error)
{
    *out = (Registration){.fixed_to_moving = options && options->has_start ? options->start : rigid_identity()};
    if (!fixed->data || !moving->data) return error_set(error, TENO_FAILED, "registration: a volume is not loaded");
    string_set(out->reason, sizeof out->reason, "the volumes were not aligned");
    return TENO_OK;
}

/* How the JSON and the tables spell planes, contrasts, roles and sides. */
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

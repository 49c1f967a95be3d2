/* Plane of a volume, and which image types are no measurement of signal. */
#include <math.h>
#include <string.h>

#include "dicom/classify.h"

Plane plane_classify(const Grid *grid, const char *acquisition_type)
{
    /* A 3-D acquisition with slices about as thin as its pixels can be cut in any plane. */
    double pixel = fmax(grid->dx, grid->dy);
    if (grid->dz > 0 && grid->dz <= 1.25 && grid->dz <= (strcmp(acquisition_type, "3D") == 0 ? 2.5 : 1.5) * pixel)
        return PLANE_3D;
    const double within_35_degrees = 0.819;
    if (fabs(grid->axis_z.z) > within_35_degrees) return PLANE_AXIAL;
    if (fabs(grid->axis_z.x) > within_35_degrees) return PLANE_SAGITTAL;
    if (fabs(grid->axis_z.y) > within_35_degrees) return PLANE_CORONAL;
    return PLANE_OBLIQUE;
}

bool image_type_derived(const DicomFrame *frame)
{
    return text_has_word(frame->image_type, "DERIVED") && text_has_word(frame->image_type, "SECONDARY");
}

const char *image_type_refusal(const DicomFile *file, const DicomFrame *frame)
{
    static const struct {
        const char *word, *reason;
    } refused[] = {
        {"LOCALIZER", "localizer"},
        {"SCOUT", "localizer"},
        {"MOSAIC", "Siemens mosaic: tiled slices without their own positions"},
        {"MIP", "maximum intensity projection"},
        {"PROJECTION", "projection"},
        {"MINIP", "minimum intensity projection"},
        {"MPR", "reformatted from another series"},
        {"REFORMATTED", "reformatted from another series"},
        {"RESAMPLED", "reformatted from another series"},
        {"CPR", "reformatted from another series"},
        {"VOLREND", "rendering"},
        {"SUBTRACTION", "subtraction"},
        {"SUBTRACT", "subtraction"},
        {"SUB", "subtraction"},
        {"ADC", "diffusion map"},
        {"FA", "diffusion map"},
        {"TRACEW", "diffusion map"},
        {"DIFFUSION", "diffusion image"},
        {"T1MAP", "parameter map"},
        {"T2MAP", "parameter map"},
        {"MAP", "parameter map"},
        {"PHASE", "phase image"},
        {"P", "phase image"},
        {"REAL", "real part, not magnitude"},
        {"R", "real part, not magnitude"},
        {"IMAGINARY", "imaginary part, not magnitude"},
        {"I", "imaginary part, not magnitude"},
        {"FAT", "fat image of a Dixon"},
        {"OPP", "opposed-phase image of a Dixon"},
        {"SCREEN", "screen capture"},
        {"SCREENSHOT", "screen capture"},
        {"POSDISP", "screen capture"},
    };
    const char *type = frame->image_type;
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        if (text_has_word(type, refused[i].word)) return refused[i].reason;
    if (frame->component[0] && strcmp(frame->component, "MAGNITUDE") != 0 && strcmp(frame->component, "MIXED") != 0)
        return "not a magnitude image";
    static const char *const names[] = {"localizer", "localiser", "scout", "survey", "3plane", "loc", "aahscout", NULL};
    for (int i = 0; names[i]; i++)
        if (text_has_word(file->series_description, names[i])) return "localizer";
    if (frame->b_value > 0) return "diffusion image";
    return NULL;
}

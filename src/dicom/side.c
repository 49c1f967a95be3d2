/* Left or right from the header: the laterality tags, the body part, then words of the descriptions. */
#include <string.h>

#include "dicom/classify.h"

static Side side_of_tag(const char *laterality)
{
    if (strcmp(laterality, "L") == 0 || text_has_word(laterality, "LEFT")) return SIDE_LEFT;
    if (strcmp(laterality, "R") == 0 || text_has_word(laterality, "RIGHT")) return SIDE_RIGHT;
    return SIDE_UNKNOWN;
}

/* English, German, French, Spanish, Italian; both sides named means neither. */
static Side side_of_text(const char *text)
{
    static const char *const left[] = {"left", "lt",        "li",        "links",    "linker", "linkes", "gauche",
                                       "izq",  "izquierdo", "izquierda", "sinistra", "sx",     "l",      NULL};
    static const char *const right[] = {"right", "rt",      "re",      "rechts", "rechter", "rechtes", "droite",
                                        "droit", "derecho", "derecha", "destra", "dx",      "r",       NULL};
    bool is_left = false, is_right = false;
    for (int i = 0; left[i]; i++) is_left = is_left || text_has_word(text, left[i]);
    for (int i = 0; right[i]; i++) is_right = is_right || text_has_word(text, right[i]);
    if (is_left == is_right) return SIDE_UNKNOWN;
    return is_left ? SIDE_LEFT : SIDE_RIGHT;
}

/* Two stacks of one series far apart from left to right are the two ankles; +x is the patient's left. */
void sides_by_place(Series *a, Series *b)
{
    static const double two_ankles_mm = 50; /* feet side by side in a coil are about 150 mm apart */
    Vec3 middle_a = {a->grid.nx / 2.0, a->grid.ny / 2.0, a->grid.nz / 2.0};
    Vec3 middle_b = {b->grid.nx / 2.0, b->grid.ny / 2.0, b->grid.nz / 2.0};
    double to_left_mm = grid_to_lps(&b->grid, middle_b).x - grid_to_lps(&a->grid, middle_a).x;
    if (to_left_mm < two_ankles_mm && to_left_mm > -two_ankles_mm) return;
    a->side = to_left_mm > 0 ? SIDE_RIGHT : SIDE_LEFT;
    b->side = to_left_mm > 0 ? SIDE_LEFT : SIDE_RIGHT;
    notes_add(&a->warnings, "one of two stacks side by side in this series: taken for the %s ankle",
              side_name(a->side));
    notes_add(&b->warnings, "one of two stacks side by side in this series: taken for the %s ankle",
              side_name(b->side));
}

void side_classify(Series *series, const DicomFile *file, const DicomFrame *frame)
{
    Side tag = side_of_tag(frame->laterality);
    const char *const texts[] = {file->body_part, file->series_description, file->protocol, file->study_description};
    Side text = SIDE_UNKNOWN;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0] && text == SIDE_UNKNOWN; i++) text = side_of_text(texts[i]);
    series->side = tag != SIDE_UNKNOWN ? tag : text;
    if (tag != SIDE_UNKNOWN && text != SIDE_UNKNOWN && tag != text) {
        series->side = SIDE_UNKNOWN;
        notes_add(&series->warnings, "the laterality tag says %s, the description %s", side_name(tag), side_name(text));
    }
}

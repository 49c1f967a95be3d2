#include "output/names.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "teno/memory.h"

void text_append(char *text, size_t size, const char *format, ...)
{
    size_t used = strlen(text);
    va_list arguments;
    va_start(arguments, format);
    if (used < size) vsnprintf(text + used, size - used, format, arguments);
    va_end(arguments);
}

Side result_side(const Analysis *analysis, const TendonResult *result)
{
    return result->segmentation.side != SIDE_UNKNOWN ? result->segmentation.side : analysis->options.side;
}

void result_name(char name[NAME_SIZE], const Analysis *analysis, int tendon)
{
    const TendonResult *result = &analysis->tendons[tendon];
    string_set(name, NAME_SIZE, result->spec->name);
    for (int i = 0; i < analysis->n_tendons; i++)
        if (i != tendon && analysis->tendons[i].spec == result->spec) {
            text_append(name, NAME_SIZE, "_%s", side_name(result_side(analysis, result)));
            return;
        }
}

void change_name(char name[NAME_SIZE], const Comparison *comparison, int tendon)
{
    const TendonChange *change = &comparison->tendons[tendon];
    string_set(name, NAME_SIZE, change->spec->name);
    for (int i = 0; i < comparison->n_tendons; i++)
        if (i != tendon && comparison->tendons[i].spec == change->spec) {
            text_append(name, NAME_SIZE, "_%s", side_name(change->side));
            return;
        }
}

void date_iso(char date[DATE_SIZE], const char *dicom_date)
{
    date[0] = 0;
    if (strlen(dicom_date) != 8 || strspn(dicom_date, "0123456789") != 8) return;
    snprintf(date, DATE_SIZE, "%.4s-%.2s-%.2s", dicom_date, dicom_date + 4, dicom_date + 6);
}

void surface_names(char *text, size_t size, unsigned surfaces)
{
    static const struct {
        unsigned bit;
        const char *name;
    } names[] = {{SURFACE_ANTERIOR, "anterior"},
                 {SURFACE_POSTERIOR, "posterior"},
                 {SURFACE_MEDIAL, "medial"},
                 {SURFACE_LATERAL, "lateral"}};
    text[0] = 0;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (surfaces & names[i].bit) text_append(text, size, "%s%s", text[0] ? "," : "", names[i].name);
    if (!text[0]) string_set(text, size, "intrasubstance");
}

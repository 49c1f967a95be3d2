/*
 * Seeds from 3D Slicer. Two formats: markups JSON (control points, each list with its own coordinate system) and the
 * older .fcsv (a table whose header says the system). Points are RAS unless the file says LPS; everything leaves here
 * as LPS.
 */
#include "teno/markups.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "teno/memory.h"

enum { MARKUPS_MAX_BYTES = 8 << 20, MARKUPS_MAX_POINTS = 10000, FCSV_MAX_COLUMNS = 32 };

static bool begins_with(const char *text, const char *start)
{
    while (*start)
        if (tolower((unsigned char)*text++) != tolower((unsigned char)*start++)) return false;
    return true;
}

/* "not" as a word of its own: "notch" is a place in the tendon. */
static bool is_excluded(const char *label)
{
    return begins_with(label, "not") && !isalpha((unsigned char)label[3]);
}

/* The tendon whose name begins the label; of two such names the longer. "" if none. */
static const char *label_tendon(const char *label)
{
    if (is_excluded(label)) {
        label += 3;
        while (*label && !isalpha((unsigned char)*label)) label++;
    }
    const char *found = "";
    for (int i = 0; i < tendon_count; i++)
        if (begins_with(label, tendon_table[i].name) && strlen(tendon_table[i].name) > strlen(found))
            found = tendon_table[i].name;
    return found;
}

/* Adds a point given in the file's system. */
static int point_add(Markups *out, const char *label, const double p[3], bool lps, Error *error)
{
    NamedPoint **list = is_excluded(label) ? &out->excluded : &out->seeds;
    int *n = is_excluded(label) ? &out->n_excluded : &out->n_seeds;
    NamedPoint *grown = array_grow(*list, (size_t)*n + 1, sizeof *grown, error);
    if (!grown) return TENO_FAILED;
    *list = grown;
    grown[*n] = (NamedPoint){.p_lps = {lps ? p[0] : -p[0], lps ? p[1] : -p[1], p[2]}};
    string_set(grown[*n].tendon, sizeof grown[*n].tendon, label_tendon(label));
    (*n)++;
    return TENO_OK;
}

/* RAS or LPS as Slicer has written them over the years; false for anything else. */
static bool system_parse(bool *lps, const char *text)
{
    *lps = strcmp(text, "LPS") == 0 || strcmp(text, "1") == 0;
    return *lps || strcmp(text, "RAS") == 0 || strcmp(text, "0") == 0;
}

/* --- markups JSON ----------------------------------------------------------------------------------------------- */

static int control_point(Markups *out, const json_t *point, bool lps, const char *place, Error *error)
{
    const char *label = json_string_value(json_object_get(point, "label"));
    const char *status = json_string_value(json_object_get(point, "positionStatus"));
    if (status && strcmp(status, "defined") != 0) return TENO_OK; /* undefined, missing, or under the mouse */
    const json_t *position = json_object_get(point, "position");
    double p[3];
    for (int i = 0; i < 3; i++) {
        const json_t *number = json_array_get(position, (size_t)i);
        if (json_array_size(position) != 3 || !json_is_number(number) || !isfinite(json_number_value(number)))
            return error_set(error, TENO_USAGE, "%s: no position of three numbers", place);
        p[i] = json_number_value(number);
    }
    return point_add(out, label ? label : "", p, lps, error);
}

static int markup_read(Markups *out, const json_t *markup, const char *path, int index, Error *error)
{
    const json_t *system = json_object_get(markup, "coordinateSystem"),
                 *units = json_object_get(markup, "coordinateUnits");
    char number[2] = {0}, place[1200];
    const char *text = json_string_value(system);
    if (json_is_integer(system) && json_integer_value(system) >= 0 && json_integer_value(system) <= 1) {
        number[0] = (char)('0' + json_integer_value(system));
        text = number;
    }
    bool lps = false;
    if (!text || !system_parse(&lps, text))
        return error_set(error, TENO_USAGE, "%s: markup %d: coordinate system '%s', wanted LPS or RAS", path, index + 1,
                         text ? text : "missing");
    if (json_is_string(units) && strcmp(json_string_value(units), "mm") != 0)
        return error_set(error, TENO_USAGE, "%s: markup %d: coordinates in '%s', wanted mm", path, index + 1,
                         json_string_value(units));
    const json_t *points = json_object_get(markup, "controlPoints");
    if (json_array_size(points) > MARKUPS_MAX_POINTS)
        return error_set(error, TENO_USAGE, "%s: markup %d: %zu points, limit is %d", path, index + 1,
                         json_array_size(points), MARKUPS_MAX_POINTS);
    for (size_t i = 0; i < json_array_size(points); i++) {
        snprintf(place, sizeof place, "%s: markup %d, point %zu", path, index + 1, i + 1);
        int code = control_point(out, json_array_get(points, i), lps, place, error);
        if (code) return code;
    }
    return TENO_OK;
}

static int json_read(Markups *out, const char *text, size_t size, const char *path, Error *error)
{
    json_error_t problem;
    json_t *root = json_loadb(text, size, JSON_REJECT_DUPLICATES, &problem);
    if (!root) return error_set(error, TENO_USAGE, "%s: line %d: %s", path, problem.line, problem.text);
    const json_t *markups = json_object_get(root, "markups");
    int code = TENO_OK;
    if (!json_is_array(markups) || json_array_size(markups) > MARKUPS_MAX_POINTS)
        code = error_set(error, TENO_USAGE, "%s: no list of markups, wanted what 3D Slicer saves as .mrk.json", path);
    for (size_t i = 0; i < json_array_size(markups) && !code; i++)
        code = markup_read(out, json_array_get(markups, i), path, (int)i, error);
    json_decref(root);
    return code;
}

/* --- .fcsv ------------------------------------------------------------------------------------------------------ */

/* Where the columns that we need stand; -1 absent. */
typedef struct FcsvColumns {
    int x, y, z, label;
} FcsvColumns;

static const FcsvColumns usual_columns = {1, 2, 3,
                                          11}; /* id,x,y,z,ow,ox,oy,oz,vis,sel,lock,label,desc,associatedNodeID */

/* Cuts a line at its commas, in place; returns the number of fields. */
static int fields_split(char *line, char *fields[FCSV_MAX_COLUMNS])
{
    int n = 0;
    for (char *at = line; at && n < FCSV_MAX_COLUMNS; n++) {
        fields[n] = at;
        at = strchr(at, ',');
        if (at) *at++ = '\0';
    }
    return n;
}

static void columns_parse(FcsvColumns *out, char *names)
{
    char *fields[FCSV_MAX_COLUMNS];
    int n = fields_split(names, fields);
    *out = (FcsvColumns){-1, -1, -1, -1};
    for (int i = 0; i < n; i++) {
        const char *name = fields[i] + strspn(fields[i], " ");
        if (strcmp(name, "x") == 0) out->x = i;
        if (strcmp(name, "y") == 0) out->y = i;
        if (strcmp(name, "z") == 0) out->z = i;
        if (strcmp(name, "label") == 0) out->label = i;
    }
}

/* "# CoordinateSystem = LPS", "# columns = id,x,…"; anything else after # is a remark. */
static int header_line(char *line, bool *lps, FcsvColumns *columns, const char *path, Error *error)
{
    char *name = line + 1 + strspn(line + 1, " "), *value = strchr(name, '=');
    if (!value) return TENO_OK;
    value += 1 + strspn(value + 1, " ");
    if (begins_with(name, "CoordinateSystem") && !system_parse(lps, value))
        return error_set(error, TENO_USAGE, "%s: coordinate system '%.40s', wanted LPS or RAS", path, value);
    if (begins_with(name, "columns")) columns_parse(columns, value);
    return TENO_OK;
}

static int table_line(Markups *out, char *line, bool lps, const FcsvColumns *columns, const char *place, Error *error)
{
    char *fields[FCSV_MAX_COLUMNS];
    int n = fields_split(line, fields);
    const int at[3] = {columns->x, columns->y, columns->z};
    double p[3];
    for (int i = 0; i < 3; i++) {
        char *end = NULL;
        p[i] = at[i] >= 0 && at[i] < n ? strtod(fields[at[i]], &end) : 0;
        if (!end || end == fields[at[i]] || *(end + strspn(end, " ")) || !isfinite(p[i]))
            return error_set(error, TENO_USAGE, "%s: no number in column '%c'", place, "xyz"[i]);
    }
    bool has_label = columns->label >= 0 && columns->label < n;
    return point_add(out, has_label ? fields[columns->label] : "", p, lps, error);
}

static int fcsv_read(Markups *out, char *text, const char *path, Error *error)
{
    bool lps = false; /* files older than the header line are RAS */
    FcsvColumns columns = usual_columns;
    int number = 1, code = TENO_OK;
    for (char *line = text; line && !code; number++) {
        char *next = strchr(line, '\n'), place[1200];
        if (next) *next++ = '\0';
        line[strcspn(line, "\r")] = '\0';
        snprintf(place, sizeof place, "%s: line %d", path, number);
        if (out->n_seeds + out->n_excluded > MARKUPS_MAX_POINTS)
            code = error_set(error, TENO_USAGE, "%s: more than %d points", path, MARKUPS_MAX_POINTS);
        else if (line[0] == '#')
            code = header_line(line, &lps, &columns, path, error);
        else if (line[0])
            code = table_line(out, line, lps, &columns, place, error);
        line = next;
    }
    return code;
}

/* ---------------------------------------------------------------------------------------------------------------- */

/* Whole file, with a zero after it. Caller frees. */
static char *text_read(const char *path, size_t *size, Error *error)
{
    FILE *file = fopen(path, "rb");
    if (!file) {
        error_set(error, TENO_USAGE, "%s: the seeds cannot be opened", path);
        return NULL;
    }
    char *text = array_alloc(MARKUPS_MAX_BYTES + 1, 1, error);
    *size = text ? fread(text, 1, MARKUPS_MAX_BYTES + 1, file) : 0;
    fclose(file);
    if (text && *size > MARKUPS_MAX_BYTES) {
        error_set(error, TENO_USAGE, "%s: larger than %d bytes, no list of seeds", path, MARKUPS_MAX_BYTES);
        free(text);
        return NULL;
    }
    if (text) text[*size] = '\0';
    return text;
}

int markups_read(Markups *out, const char *path, Error *error)
{
    size_t size = 0;
    *out = (Markups){0};
    char *text = text_read(path, &size, error);
    if (!text) return error && error->code ? error->code : TENO_USAGE;
    const char *first = text + strspn(text, " \t\r\n");
    int code = *first == '{' ? json_read(out, text, size, path, error) : fcsv_read(out, text, path, error);
    free(text);
    if (!code && out->n_seeds + out->n_excluded == 0)
        code = error_set(error, TENO_USAGE, "%s: holds no point with a position", path);
    if (code) markups_free(out);
    return code;
}

void markups_free(Markups *markups)
{
    free(markups->seeds);
    free(markups->excluded);
    *markups = (Markups){0};
}

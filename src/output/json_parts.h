/* Pieces of JSON that report.json and compare.json share. Every function returns a new reference. */
#ifndef TENO_OUTPUT_JSON_PARTS_H
#define TENO_OUTPUT_JSON_PARTS_H

#include <jansson.h>

#include "teno/compare.h"
#include "teno/correction.h"

void json_put(json_t *object, const char *key, json_t *value); /* takes the value */
json_t *json_number(double value);                             /* null when not finite */
json_t *json_text(const char *text);                           /* bytes that are no UTF-8 become '?' */
json_t *json_text_or_null(const char *text);                   /* "" and NULL become null */
json_t *json_point(Vec3 p);
json_t *json_pair(double low, double high); /* null unless both are finite */
json_t *json_notes(const Notes *notes);
json_t *json_quantity(const Quantity *quantity);
json_t *json_study(const Study *study, bool identify);
json_t *json_series(const Analysis *analysis);
json_t *json_generator(const AnalysisOptions *options); /* options may be NULL */
json_t *json_tear(const Tear *tear);
json_t *json_tears(const TendonMeasures *measures); /* null where tears could not be looked for: [] would say "none" */
json_t *json_correction(const Correction *correction);
json_t *json_profile(const TendonMeasures *measures);

/* Every quantity of a tendon by its JSON name; `in_tear` are those under "tear". */
typedef struct QuantityField {
    const char *name;
    size_t offset; /* of the Quantity in TendonMeasures */
    const char *unit;
    bool in_tear;
} QuantityField;
extern const QuantityField quantity_fields[];
extern const int quantity_field_count;
const Quantity *quantity_of(const TendonMeasures *measures, const QuantityField *field);

/* The whole documents, as written to report.json and compare.json. `folder` (may be NULL) tells which masks exist. */
json_t *report_document(const Analysis *analysis, const char *folder);
json_t *compare_document(const Comparison *comparison);
/* Takes the document and writes it, six significant digits, keys in the order they were put. */
int json_write(json_t *document, const char *folder, const char *name, Error *error) TENO_CHECKED;

#endif

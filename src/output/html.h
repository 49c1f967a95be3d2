/* Pieces of the self-contained pages. */
#ifndef TENO_OUTPUT_HTML_H
#define TENO_OUTPUT_HTML_H

#include <cairo.h>
#include <jansson.h>

#include "output/text.h"
#include "teno/compare.h"

/* Everything up to the beginning of <main>; the title may hold anything. Nothing on the page may load from outside. */
void html_begin(Text *page, const char *title);
/* Scripts and the end. */
void html_end(Text *page);
/* One element with escaped text. `attributes` is trusted markup with a leading blank, or "". */
void html_element(Text *page, const char *tag, const char *attributes, const char *plain);
/* A JSON document for the scripts; takes `document`. */
void html_data(Text *page, const char *id, json_t *document);
/* The figure as embedded SVG: sharp on every screen and in print. */
int html_picture(Text *page, cairo_t *figure, const char *alt, Error *error) TENO_CHECKED;
/* Same with heading and caption; takes the figure, nothing for NULL without an error. */
int html_figure(Text *page, cairo_t *figure, const char *heading, const char *note, const char *title,
                Error *error) TENO_CHECKED;
/* The figure of an answer; takes the picture, nothing for NULL. */
int html_answer_picture(Text *page, cairo_t *picture, const char *alt, Error *error) TENO_CHECKED;
/* <div class="warnings"> with all notes that are not empty; nothing when there are none. */
void html_warnings(Text *page, const Notes *const *notes, int count);
/* Key and value of a plain list; nothing when the value is empty. */
void html_entry(Text *page, const char *key, const char *value);
/* Subject and date of a study, the name and id only with --identify. */
void html_study(Text *page, const Analysis *analysis, const char *when);
void html_series_table(Text *page, const Analysis *analysis, const char *caption);
/* "How this was computed" and "How to cite". `comparison` may be NULL. */
void html_methods(Text *page, const Analysis *analysis, const Comparison *comparison);

/* Viewer of the slices of the reference series. */
json_t *viewer_of_slices(const Analysis *analysis, const TendonResult *result, Error *error);
/* Viewer of matched sections of the two dates. */
json_t *viewer_of_sections(const Comparison *comparison, int tendon, Error *error);
/* Data of the profile plots. */
json_t *plot_of_result(const TendonResult *result);
json_t *plot_of_change(const TendonChange *change, Origin origin, bool of_tear);

#endif

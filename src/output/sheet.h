/* A4 pages that fill from top to bottom: text, pictures and tables. */
#ifndef TENO_OUTPUT_SHEET_H
#define TENO_OUTPUT_SHEET_H

#include "output/canvas.h"

typedef struct Sheet {
    cairo_surface_t *surface;
    cairo_t *cr;
    double y;             /* where the next thing goes, points from the top */
    int page, most_pages; /* what does not fit on the last page is left out */
    bool full;
    const char *title; /* borrowed; at the top of every page */
} Sheet;

enum { SHEET_WIDTH = 595, SHEET_HEIGHT = 842, SHEET_MARGIN = 42, SHEET_INNER = SHEET_WIDTH - 2 * SHEET_MARGIN };

/* Opens folder/name as PDF; `date` (YYYY-MM-DD or "") stands in its metadata in place of the clock. */
int sheet_begin(Sheet *sheet, const char *folder, const char *name, const char *title, const char *date, int most_pages,
                Error *error) TENO_CHECKED;
int sheet_end(Sheet *sheet, Error *error) TENO_CHECKED; /* closes and frees, also after a failure */
/* Wrapped text in a colour. */
void sheet_text(Sheet *sheet, double size, Colour colour, const char *text);
void sheet_space(Sheet *sheet, double points);
/* Starts a new page unless at least so many points are left. */
void sheet_need(Sheet *sheet, double points);
/* A figure over the full width or at most `most_height` points high. */
void sheet_picture(Sheet *sheet, cairo_t *picture, double most_height);
/* One row; columns begin at shares of the inner width. The first column may wrap no more than others. */
void sheet_row(Sheet *sheet, double size, bool header, const char *const *cells, const double *at, int n);

#endif

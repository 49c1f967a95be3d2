#include "output/sheet.h"

#include <cairo-pdf.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "output/folder.h"
#include "output/strings.h"
#include "output/text.h"

static const double line_height = 1.35;

static void page_frame(Sheet *sheet)
{
    char number[32];
    snprintf(number, sizeof number, "%d", sheet->page);
    draw_colour(sheet->cr, COLOUR_FAINT, 1);
    draw_text(sheet->cr, SHEET_MARGIN, 26, 8, ALIGN_LEFT, sheet->title);
    draw_text(sheet->cr, SHEET_MARGIN, SHEET_HEIGHT - 24, 8, ALIGN_LEFT, STRINGS.research_use);
    draw_text(sheet->cr, SHEET_WIDTH - SHEET_MARGIN, SHEET_HEIGHT - 24, 8, ALIGN_RIGHT, number);
    sheet->y = SHEET_MARGIN;
}

int sheet_begin(Sheet *sheet, const char *folder, const char *name, const char *title, const char *date, int most_pages,
                Error *error)
{
    char *path = path_join(folder, name, error), stamp[40];
    if (!path) return TENO_FAILED;
    *sheet = (Sheet){.page = 1, .most_pages = most_pages, .title = title};
    sheet->surface = cairo_pdf_surface_create(path, SHEET_WIDTH, SHEET_HEIGHT);
    sheet->cr = cairo_create(sheet->surface);
    snprintf(stamp, sizeof stamp, "%sT00:00:00Z", date[0] ? date : "2000-01-01");
    cairo_pdf_surface_set_metadata(sheet->surface, CAIRO_PDF_METADATA_TITLE, title);
    cairo_pdf_surface_set_metadata(sheet->surface, CAIRO_PDF_METADATA_CREATOR, "teno " TENO_VERSION);
    cairo_pdf_surface_set_metadata(sheet->surface, CAIRO_PDF_METADATA_CREATE_DATE, stamp);
    cairo_pdf_surface_set_metadata(sheet->surface, CAIRO_PDF_METADATA_MOD_DATE, stamp);
    int code = TENO_OK;
    if (cairo_status(sheet->cr) != CAIRO_STATUS_SUCCESS)
        code = error_set(error, TENO_FAILED, "%s: %s", path, cairo_status_to_string(cairo_status(sheet->cr)));
    free(path);
    page_frame(sheet);
    return code;
}

int sheet_end(Sheet *sheet, Error *error)
{
    if (!sheet->surface) return TENO_OK;
    cairo_show_page(sheet->cr);
    cairo_status_t status = cairo_status(sheet->cr);
    cairo_destroy(sheet->cr);
    cairo_surface_finish(sheet->surface);
    if (status == CAIRO_STATUS_SUCCESS) status = cairo_surface_status(sheet->surface);
    cairo_surface_destroy(sheet->surface);
    *sheet = (Sheet){0};
    return status == CAIRO_STATUS_SUCCESS ? TENO_OK
                                          : error_set(error, TENO_FAILED, "PDF: %s", cairo_status_to_string(status));
}

void sheet_need(Sheet *sheet, double points)
{
    if (sheet->full || sheet->y + points <= SHEET_HEIGHT - SHEET_MARGIN) return;
    if (sheet->page >= sheet->most_pages) {
        sheet->full = true;
        return;
    }
    cairo_show_page(sheet->cr);
    sheet->page++;
    page_frame(sheet);
}

void sheet_space(Sheet *sheet, double points)
{
    sheet->y += points;
}

/* Bytes of `text` that fit into the width, broken after a blank where there is one. */
static size_t fitting(cairo_t *cr, double size, const char *text, double width)
{
    char line[400];
    size_t fits = 0, at = 0;
    while (text[at] && at < sizeof line - 8) {
        size_t next = at + strcspn(text + at, " ");
        next += text[next] == ' ';
        if (next >= sizeof line) next = sizeof line - 8;
        while (next > at && ((unsigned char)text[next] & 0xC0) == 0x80) next--; /* whole characters */
        memcpy(line, text, next);
        line[next] = 0;
        if (fits > 0 && text_width(cr, size, line) > width) return fits;
        fits = at = next;
    }
    return fits;
}

void sheet_text(Sheet *sheet, double size, Colour colour, const char *text)
{
    char plain[1024];
    text_plain(plain, sizeof plain, text);
    for (const char *rest = plain; *rest;) {
        char line[400];
        size_t n = fitting(sheet->cr, size, rest, SHEET_INNER);
        if (n == 0) return;
        memcpy(line, rest, n);
        line[n] = 0;
        sheet_need(sheet, size * line_height);
        if (sheet->full) return;
        draw_colour(sheet->cr, colour, 1);
        draw_text(sheet->cr, SHEET_MARGIN, sheet->y + size * 0.6, size, ALIGN_LEFT, line);
        sheet->y += size * line_height;
        rest += n;
    }
}

void sheet_picture(Sheet *sheet, cairo_t *picture, double most_height)
{
    int w, h;
    canvas_size(picture, &w, &h);
    double scale = fmin((double)SHEET_INNER / w, most_height / h);
    sheet_need(sheet, h * scale + 6);
    if (sheet->full) return;
    cairo_save(sheet->cr);
    cairo_translate(sheet->cr, SHEET_MARGIN, sheet->y);
    cairo_scale(sheet->cr, scale, scale);
    cairo_set_source_surface(sheet->cr, cairo_get_target(picture), 0, 0);
    cairo_paint(sheet->cr);
    cairo_restore(sheet->cr);
    sheet->y += h * scale + 6;
}

void sheet_row(Sheet *sheet, double size, bool header, const char *const *cells, const double *at, int n)
{
    sheet_need(sheet, size * 1.8);
    if (sheet->full) return;
    for (int c = 0; c < n; c++) {
        char text[400];
        double left = SHEET_MARGIN + at[c] * SHEET_INNER,
               right = SHEET_MARGIN + (c + 1 < n ? at[c + 1] : 1) * SHEET_INNER;
        text_plain(text, sizeof text, cells[c]);
        cairo_save(sheet->cr);
        cairo_rectangle(sheet->cr, left, sheet->y, right - left - 4, size * 1.8);
        cairo_clip(sheet->cr);
        draw_colour(sheet->cr, header ? COLOUR_FAINT : COLOUR_INK, 1);
        draw_text(sheet->cr, left, sheet->y + size * 0.9, size, ALIGN_LEFT, text);
        cairo_restore(sheet->cr);
    }
    sheet->y += size * 1.8;
    cairo_move_to(sheet->cr, SHEET_MARGIN, sheet->y);
    cairo_line_to(sheet->cr, SHEET_WIDTH - SHEET_MARGIN, sheet->y);
    draw_colour(sheet->cr, COLOUR_FAINT, 0.4);
    cairo_set_line_width(sheet->cr, 0.5);
    cairo_stroke(sheet->cr);
}

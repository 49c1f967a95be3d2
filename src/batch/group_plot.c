/* Before and after: one line a subject, arms beside each other on one scale, the arm's mean in bold. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "batch/group.h"
#include "output/plot.h"

enum { PANEL_WIDTH = 260, HEIGHT = 420, LEFT = 90, TOP = 60, BOTTOM = 70, GAP = 50, MAX_ARMS = 12 };

static bool known(const GroupRow *row)
{
    return isfinite(row->pre) && isfinite(row->post);
}

/* The subjects of one arm into one panel. */
static void panel_draw(Plot plot, const GroupRow *rows, int n, bool first)
{
    const double x[2] = {0, 1};
    double mean[2] = {0, 0};
    int count = 0;
    char title[160];
    plot_frame(&plot, NULL, first ? rows->measure : "");
    for (int i = 0; i < n; i++) {
        if (!known(&rows[i])) continue;
        const double y[2] = {rows[i].pre, rows[i].post};
        bool beyond = strcmp(rows[i].verdict, "decreased") == 0 || strcmp(rows[i].verdict, "increased") == 0;
        plot_curve(&plot, x, y, 2, beyond ? COLOUR_POST : COLOUR_FAINT, 1.5);
        mean[0] += y[0];
        mean[1] += y[1];
        count++;
    }
    if (count > 0) {
        mean[0] /= count;
        mean[1] /= count;
        plot_curve(&plot, x, mean, 2, COLOUR_INK, 4);
    }
    snprintf(title, sizeof title, "%s (n = %d%s", strcmp(rows->arm, "n/a") == 0 ? "all" : rows->arm, count,
             count < n ? ", some not known)" : ")");
    draw_text(plot.cr, plot.left + plot.width / 2, TOP - 18, 14, ALIGN_CENTRE, title);
    draw_text(plot.cr, plot_x(&plot, 0), HEIGHT - BOTTOM + 16, 13, ALIGN_CENTRE, rows->timepoint);
    draw_text(plot.cr, plot_x(&plot, 1), HEIGHT - BOTTOM + 16, 13, ALIGN_CENTRE, rows->timepoint_post);
}

static int plot_write(const GroupRow *rows, int n, const char *folder, Error *error)
{
    int first[MAX_ARMS + 1] = {0}, n_arms = 0;
    double top = 0;
    for (int a = 0; a < n && n_arms < MAX_ARMS; a = first[++n_arms] = group_end(rows, n, a, true)) first[n_arms] = a;
    for (int i = 0; i < n; i++)
        if (known(&rows[i])) top = fmax(top, fmax(rows[i].pre, rows[i].post));
    int width = LEFT + n_arms * (PANEL_WIDTH + GAP);
    cairo_t *cr = canvas_make(width, HEIGHT, COLOUR_PAPER, error);
    if (!cr) return TENO_FAILED;
    for (int a = 0; a < n_arms; a++) {
        Plot plot = {.cr = cr,
                     .left = LEFT + a * (PANEL_WIDTH + GAP),
                     .top = TOP,
                     .width = PANEL_WIDTH,
                     .height = HEIGHT - TOP - BOTTOM,
                     .x0 = -0.25,
                     .x1 = 1.25,
                     .y0 = 0,
                     .y1 = top > 0 ? 1.05 * top : 1};
        panel_draw(plot, rows + first[a], first[a + 1] - first[a], a == 0);
    }
    draw_text(cr, LEFT, HEIGHT - 14, 12, ALIGN_LEFT, "coloured: changed beyond the limit of repeatability; bold: mean");
    char name[256];
    snprintf(name, sizeof name, "%s_%s_%s_%s.png", rows->tendon, rows->measure, rows->timepoint, rows->timepoint_post);
    int code = canvas_write_png(cr, folder, name, error);
    canvas_free(cr);
    return code;
}

int group_plots_write(const GroupRow *rows, int n, const char *folder, Error *error)
{
    int code = TENO_OK;
    for (int first = 0, end; !code && first < n; first = end) {
        end = group_end(rows, n, first, false);
        code = plot_write(rows + first, end - first, folder, error);
    }
    return code;
}

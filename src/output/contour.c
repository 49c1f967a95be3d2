/*
 * Marching squares. Every edge between two neighbouring pixels that lie on different sides of the level carries one
 * point; every cell of four pixels links two of its edges' points (or two pairs, at a saddle, which the mean of the
 * four decides). Since the image is thought surrounded by zeros, following the links always comes back: all paths are
 * closed.
 */
#include "output/contour.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "teno/memory.h"

/* The part of the image that reaches the level; the rest cannot hold a contour and would cost most of the time. */
typedef struct Field {
    const float *data; /* of the part's first pixel */
    int nx, ny;        /* of the part */
    int stride;
    float level;
} Field;

static float value_at(const Field *f, int i, int j)
{
    if (i < 0 || j < 0 || i >= f->nx || j >= f->ny) return 0;
    float value = f->data[(size_t)j * (size_t)f->stride + (size_t)i];
    return isnan(value) ? 0 : value;
}

/* Edges are numbered 2 × pixel (to the right) and 2 × pixel + 1 (downwards); pixels begin at (-1, -1). */
static int edge_of(const Field *f, int i, int j, bool down)
{
    return 2 * ((j + 1) * (f->nx + 1) + i + 1) + down;
}

static void edge_point(const Field *f, int edge, float *x, float *y)
{
    int pixel = edge / 2, i = pixel % (f->nx + 1) - 1, j = pixel / (f->nx + 1) - 1, down = edge & 1;
    float a = value_at(f, i, j), b = value_at(f, i + !down, j + down), t = (f->level - a) / (b - a);
    *x = (float)i + (down ? 0 : t);
    *y = (float)j + (down ? t : 0);
}

static void link_edges(int (*link)[2], int a, int b)
{
    link[a][link[a][0] >= 0] = b;
    link[b][link[b][0] >= 0] = a;
}

/* Links the crossed edges of the cell whose upper left pixel is (i, j). */
static void cell_links(const Field *f, int i, int j, int (*link)[2])
{
    float v[4] = {value_at(f, i, j), value_at(f, i + 1, j), value_at(f, i + 1, j + 1), value_at(f, i, j + 1)};
    int inside[4], n_crossed = 0, crossed[4];
    for (int c = 0; c < 4; c++) inside[c] = v[c] >= f->level;
    const int edges[4] = {edge_of(f, i, j, false), edge_of(f, i + 1, j, true), edge_of(f, i, j + 1, false),
                          edge_of(f, i, j, true)};
    for (int c = 0; c < 4; c++)
        if (inside[c] != inside[(c + 1) & 3]) crossed[n_crossed++] = edges[c];
    if (n_crossed == 2) link_edges(link, crossed[0], crossed[1]);
    if (n_crossed < 4) return;
    bool joined = (v[0] + v[1] + v[2] + v[3]) / 4 >= f->level; /* the two inner corners hang together */
    if (joined == (bool)inside[0]) {
        link_edges(link, edges[0], edges[1]);
        link_edges(link, edges[2], edges[3]);
    } else {
        link_edges(link, edges[3], edges[0]);
        link_edges(link, edges[1], edges[2]);
    }
}

/* Follows the links from `edge` around, consuming them; returns the number of points written. */
static int follow(const Field *f, int (*link)[2], int edge, float *x, float *y)
{
    int n = 0;
    for (int at = edge, next; at >= 0; at = next) {
        edge_point(f, at, &x[n], &y[n]);
        n++;
        next = link[at][0] >= 0 ? link[at][0] : link[at][1];
        link[at][0] = link[at][1] = -1;
        if (next >= 0 && link[next][0] < 0 && link[next][1] < 0) break; /* back at the beginning */
        if (next >= 0) link[next][link[next][0] == at ? 0 : 1] = -1;
    }
    return n;
}

/* Part of the image that holds every pixel at or above the level, with a rim of one; its place in *i0, *j0. */
static Field part_above(const float *data, int nx, int ny, float level, int *i0, int *j0)
{
    int low_i = nx, high_i = -1, low_j = ny, high_j = -1;
    for (int j = 0; j < ny; j++)
        for (int i = 0; i < nx; i++)
            if (data[(size_t)j * (size_t)nx + (size_t)i] >= level) {
                if (i < low_i) low_i = i;
                if (i > high_i) high_i = i;
                if (j < low_j) low_j = j;
                high_j = j;
            }
    if (high_i < 0) return (Field){data, 0, 0, nx, level};
    low_i -= low_i > 0, low_j -= low_j > 0;
    high_i += high_i < nx - 1, high_j += high_j < ny - 1;
    *i0 = low_i, *j0 = low_j;
    return (Field){data + (size_t)low_j * (size_t)nx + low_i, high_i - low_i + 1, high_j - low_j + 1, nx, level};
}

int contour_find(Contour *out, const float *data, int nx, int ny, float level, Error *error)
{
    int i0 = 0, j0 = 0, code = TENO_FAILED, n_points = 0;
    Field f = part_above(data, nx, ny, level, &i0, &j0);
    int n_edges = 2 * (f.nx + 1) * (f.ny + 1) + 2;
    int(*link)[2] = array_alloc((size_t)n_edges, sizeof *link, error);
    *out = (Contour){0};
    if (!link) goto done;
    for (int e = 0; e < n_edges; e++) link[e][0] = link[e][1] = -1;
    for (int j = -1; j < f.ny; j++)
        for (int i = -1; i < f.nx; i++) cell_links(&f, i, j, link);
    for (int e = 0; e < n_edges; e++) n_points += link[e][0] >= 0;
    out->x = array_alloc((size_t)n_points + 1, sizeof *out->x, error);
    out->y = array_alloc((size_t)n_points + 1, sizeof *out->y, error);
    out->start = array_alloc((size_t)n_points + 2, sizeof *out->start, error);
    if (!out->x || !out->y || !out->start) goto done;
    for (int e = 0; e < n_edges; e++) {
        if (link[e][0] < 0) continue;
        int from = out->start[out->n_paths];
        out->start[out->n_paths + 1] = from + follow(&f, link, e, out->x + from, out->y + from);
        out->n_paths++;
    }
    for (int i = 0; i < n_points; i++) out->x[i] += (float)i0, out->y[i] += (float)j0;
    code = TENO_OK;
done:
    free(link);
    if (code) contour_free(out);
    return code;
}

void contour_free(Contour *contour)
{
    free(contour->x);
    free(contour->y);
    free(contour->start);
    *contour = (Contour){0};
}

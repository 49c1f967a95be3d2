/*
 * The globally optimal surface of an unrolled tube, as a minimum cut.
 *
 * A surface picks one level in each column (section, angle). As a set it holds all nodes from level 0 up to the chosen
 * one; a set is a surface when it is closed downwards. Give node l of a column the weight cost(l) - cost(l-1): the sum
 * over a closed set is the surface's cost, and the closed set of least weight is a minimum cut (Li, Wu, Chen, Sonka,
 * IEEE TPAMI 28(1), 2006, doi:10.1109/TPAMI.2006.19). Different here: instead of a hard limit on the step between
 * neighbours, both directions between equal levels carry a finite capacity, so that each level of difference costs
 * (Ishikawa, IEEE TPAMI 25(10), 2003, doi:10.1109/TPAMI.2003.1233908); and the angle wraps around.
 *
 * The cut is found by augmenting paths between two search trees that are repaired rather than regrown (Boykov and
 * Kolmogorov, IEEE TPAMI 26(9), 2004, doi:10.1109/TPAMI.2004.60), on an implicit grid: a node's six arcs are computed,
 * not stored. What it cannot do: levels finer than the grid; that is the edge fit's task.
 */
#include "segment/surface.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>

#include "teno/memory.h"

enum { UP, DOWN, NEXT_ANGLE, PREVIOUS_ANGLE, NEXT_SECTION, PREVIOUS_SECTION, N_ARCS }; /* arc ^ 1 is its opposite */
enum { NO_PARENT = -1, TERMINAL = -2, ORPHAN = -3 };
enum { FREE, SOURCE, SINK };
enum { UNLIMITED = INT_MAX / 4 };
#define COST_SCALE 1024.0

typedef struct Cut {
    int n_sections, n_angles, n_levels, n_nodes;
    int (*capacity)[N_ARCS];    /* [n_nodes] left on the arcs */
    int *terminal;              /* [n_nodes] left from the source (> 0) or to the sink (< 0) */
    signed char *tree, *parent; /* [n_nodes] parent: the arc towards it, or NO_PARENT, TERMINAL, ORPHAN */
    int *queue;                 /* [n_nodes] ring of active nodes */
    unsigned char *queued;
    int queue_head, queue_count;
    int *orphan; /* stack */
    int n_orphans, orphan_capacity;
} Cut;

/* The node at the other end of an arc, or -1. */
static int neighbour(const Cut *c, int node, int arc)
{
    int level = node % c->n_levels, column = node / c->n_levels, angle = column % c->n_angles;
    int around = c->n_angles * c->n_levels;
    switch (arc) {
    case UP:
        return level + 1 < c->n_levels ? node + 1 : -1;
    case DOWN:
        return level > 0 ? node - 1 : -1;
    case NEXT_ANGLE:
        return angle + 1 < c->n_angles ? node + c->n_levels : node + c->n_levels - around;
    case PREVIOUS_ANGLE:
        return angle > 0 ? node - c->n_levels : node - c->n_levels + around;
    case NEXT_SECTION:
        return node + around < c->n_nodes ? node + around : -1;
    default:
        return node >= around ? node - around : -1;
    }
}

static void activate(Cut *c, int node)
{
    if (c->queued[node]) return;
    c->queued[node] = 1;
    c->queue[(c->queue_head + c->queue_count++) % c->n_nodes] = node;
}

static int next_active(Cut *c)
{
    while (c->queue_count > 0) {
        int node = c->queue[c->queue_head];
        c->queue_head = (c->queue_head + 1) % c->n_nodes;
        c->queue_count--;
        c->queued[node] = 0;
        if (c->tree[node] != FREE) return node;
    }
    return -1;
}

/* Capacity from a node to its neighbour in the direction in which flow runs in this tree. */
static int tree_capacity(const Cut *c, int tree, int node, int arc, int other)
{
    return tree == SOURCE ? c->capacity[node][arc] : c->capacity[other][arc ^ 1];
}

/* Grows the tree of `node`; true when it meets the other tree, with the meeting arc from source side to sink side. */
static int grow(Cut *c, int node, int *from, int *arc_out)
{
    int tree = c->tree[node];
    for (int arc = 0; arc < N_ARCS; arc++) {
        int other = neighbour(c, node, arc);
        if (other < 0 || tree_capacity(c, tree, node, arc, other) <= 0) continue;
        if (c->tree[other] == FREE) {
            c->tree[other] = (signed char)tree;
            c->parent[other] = (signed char)(arc ^ 1);
            activate(c, other);
        } else if (c->tree[other] != tree) {
            *from = tree == SOURCE ? node : other;
            *arc_out = tree == SOURCE ? arc : arc ^ 1;
            return 1;
        }
    }
    return 0;
}

static void orphan_push(Cut *c, int node)
{
    c->parent[node] = ORPHAN;
    c->orphan[c->n_orphans++] = node; /* a node is on the stack at most once: capacity n_nodes is enough */
}

static int min_int(int a, int b)
{
    return a < b ? a : b;
}

/* Pushes as much as the path through `from` → arc carries; saturated tree arcs leave orphans. */
static void augment(Cut *c, int from, int arc)
{
    int to = neighbour(c, from, arc), flow = c->capacity[from][arc], node = from;
    for (; c->parent[node] >= 0; node = neighbour(c, node, c->parent[node]))
        flow = min_int(flow, c->capacity[neighbour(c, node, c->parent[node])][c->parent[node] ^ 1]);
    flow = min_int(flow, c->terminal[node]);
    for (node = to; c->parent[node] >= 0; node = neighbour(c, node, c->parent[node]))
        flow = min_int(flow, c->capacity[node][c->parent[node]]);
    flow = min_int(flow, -c->terminal[node]);

    c->capacity[from][arc] -= flow;
    c->capacity[to][arc ^ 1] += flow;
    int up = 0;
    for (node = from; c->parent[node] >= 0; node = up) {
        int a = c->parent[node];
        up = neighbour(c, node, a);
        c->capacity[node][a] += flow;
        c->capacity[up][a ^ 1] -= flow;
        if (c->capacity[up][a ^ 1] == 0) orphan_push(c, node);
    }
    c->terminal[node] -= flow;
    if (c->terminal[node] == 0) orphan_push(c, node);
    for (node = to; c->parent[node] >= 0; node = up) {
        int a = c->parent[node];
        up = neighbour(c, node, a);
        c->capacity[node][a] -= flow;
        c->capacity[up][a ^ 1] += flow;
        if (c->capacity[node][a] == 0) orphan_push(c, node);
    }
    c->terminal[node] += flow;
    if (c->terminal[node] == 0) orphan_push(c, node);
}

/* Does the chain of parents reach a terminal? */
static int rooted(const Cut *c, int node)
{
    while (c->parent[node] >= 0) node = neighbour(c, node, c->parent[node]);
    return c->parent[node] == TERMINAL;
}

/* A new parent in the same tree, or freedom; children of a freed node become orphans. */
static void adopt(Cut *c, int node)
{
    int tree = c->tree[node];
    for (int arc = 0; arc < N_ARCS; arc++) {
        int other = neighbour(c, node, arc);
        if (other < 0 || c->tree[other] != tree) continue;
        int capacity = tree == SOURCE ? c->capacity[other][arc ^ 1] : c->capacity[node][arc];
        if (capacity > 0 && rooted(c, other)) {
            c->parent[node] = (signed char)arc;
            return;
        }
    }
    for (int arc = 0; arc < N_ARCS; arc++) {
        int other = neighbour(c, node, arc);
        if (other < 0 || c->tree[other] != tree) continue;
        int capacity = tree == SOURCE ? c->capacity[other][arc ^ 1] : c->capacity[node][arc];
        if (capacity > 0) activate(c, other);
        if (c->parent[other] == (arc ^ 1)) orphan_push(c, other);
    }
    c->tree[node] = FREE;
    c->parent[node] = NO_PARENT;
}

static void cut_run(Cut *c)
{
    int node = -1;
    for (;;) {
        if (node < 0 || c->tree[node] == FREE) node = next_active(c);
        if (node < 0) return;
        int from, arc;
        if (!grow(c, node, &from, &arc)) {
            node = -1;
            continue;
        }
        augment(c, from, arc);
        while (c->n_orphans > 0) adopt(c, c->orphan[--c->n_orphans]);
    }
}

static void cut_fill(Cut *c, const SurfaceProblem *p)
{
    for (int node = 0; node < c->n_nodes; node++) {
        int level = node % c->n_levels, section = node / (c->n_levels * c->n_angles);
        double step = level ? (double)p->cost[node] - (double)p->cost[node - 1] : (double)-INFINITY;
        c->terminal[node] = level ? (int)lrint(fmin(fmax(-step * COST_SCALE, -1e8), 1e8)) : UNLIMITED;
        int around = (int)lrint((double)p->angle_weight[section] * COST_SCALE);
        c->capacity[node][DOWN] = level ? UNLIMITED : 0;
        c->capacity[node][NEXT_ANGLE] = c->capacity[node][PREVIOUS_ANGLE] = around;
        if (section + 1 < c->n_sections)
            c->capacity[node][NEXT_SECTION] = (int)lrint((double)p->section_weight[section] * COST_SCALE);
        if (section > 0)
            c->capacity[node][PREVIOUS_SECTION] = (int)lrint((double)p->section_weight[section - 1] * COST_SCALE);
        c->tree[node] = c->terminal[node] > 0 ? SOURCE : c->terminal[node] < 0 ? SINK : FREE;
        c->parent[node] = c->terminal[node] ? TERMINAL : NO_PARENT;
        if (c->terminal[node]) activate(c, node);
    }
}

int surface_solve(int *level, const SurfaceProblem *problem, Error *error)
{
    int code = TENO_FAILED;
    Cut c = {.n_sections = problem->n_sections, .n_angles = problem->n_angles, .n_levels = problem->n_levels};
    size_t n = (size_t)c.n_sections * (size_t)c.n_angles * (size_t)c.n_levels;
    if (n < 1 || n > INT_MAX / 2)
        return error_set(error, TENO_FAILED, "surface: %zu nodes, wanted 1 to %d", n, INT_MAX / 2);
    c.n_nodes = (int)n;
    if (!(c.capacity = array_alloc(n, sizeof *c.capacity, error)) ||
        !(c.terminal = array_alloc(n, sizeof *c.terminal, error)) || !(c.tree = array_alloc(n, 1, error)) ||
        !(c.parent = array_alloc(n, 1, error)) || !(c.queue = array_alloc(n, sizeof *c.queue, error)) ||
        !(c.queued = array_alloc(n, 1, error)) || !(c.orphan = array_alloc(n, sizeof *c.orphan, error)))
        goto out;
    cut_fill(&c, problem);
    cut_run(&c);
    for (int column = 0; column < c.n_sections * c.n_angles; column++) {
        int top = 0;
        while (top + 1 < c.n_levels && c.tree[column * c.n_levels + top + 1] == SOURCE) top++;
        level[column] = top;
    }
    code = TENO_OK;
out:
    free(c.capacity);
    free(c.terminal);
    free(c.tree);
    free(c.parent);
    free(c.queue);
    free(c.queued);
    free(c.orphan);
    return code;
}

/* Connected components by union-find in one scan (Rosenfeld and Pfaltz, J ACM 1966;13:471-494). */
#include <stdlib.h>
#include <string.h>

#include "engine.h"
#include "teno/memory.h"

static int root_of(int *parent, int a)
{
    while (parent[a] != a) {
        parent[a] = parent[parent[a]];
        a = parent[a];
    }
    return a;
}

/* The smaller root wins, so that labels follow scan order. */
static void join(int *parent, int a, int b)
{
    a = root_of(parent, a);
    b = root_of(parent, b);
    if (a < b)
        parent[b] = a;
    else
        parent[a] = b;
}

/* Joins pixel (i, j, k), provisional label `own`, with those of its 13 neighbours that were scanned before it. */
static void join_earlier(int *parent, const int *label, const Lattice *l, int i, int j, int k, int own)
{
    for (int dz = -1; dz <= 0; dz++)
        for (int dy = -1; dy <= (dz ? 1 : 0); dy++)
            for (int dx = -1; dx <= (dz || dy ? 1 : -1); dx++) {
                int x = i + dx, y = j + dy, z = k + dz;
                if (x < 0 || y < 0 || z < 0 || x >= l->nu || y >= l->nv) continue;
                int other = label[((size_t)z * (size_t)l->nv + (size_t)y) * (size_t)l->nu + (size_t)x];
                if (other) join(parent, own, other);
            }
}

int components_label(int *label, int *n, const unsigned char *mask, const Lattice *l, Error *error)
{
    size_t count = lattice_count(l), set = 0;
    *n = 0;
    for (size_t at = 0; at < count; at++) set += mask[at] != 0;
    int *parent = array_alloc(2 * (set + 1), sizeof *parent, error);
    if (!parent) return TENO_FAILED;
    int *final = parent + set + 1, next = 0;
    for (size_t at = 0; at < count; at++) {
        label[at] = 0;
        if (!mask[at]) continue;
        label[at] = ++next;
        parent[next] = next;
        int i = (int)(at % (size_t)l->nu), j = (int)(at / (size_t)l->nu % (size_t)l->nv);
        join_earlier(parent, label, l, i, j, (int)(at / lattice_slab(l)), next);
    }
    for (int a = 1; a <= next; a++) final[a] = root_of(parent, a) == a ? ++*n : final[root_of(parent, a)];
    for (size_t at = 0; at < count; at++)
        if (label[at]) label[at] = final[label[at]];
    free(parent);
    return TENO_OK;
}

#include "segment/respace.h"

#include <math.h>
#include <stdlib.h>

#include "teno/memory.h"

/* Arc length between two neighbouring sections: along the mean of their normals, so that the jitter of centroids
 * within their planes adds nothing. */
static double between_mm(const Section *a, const Section *b)
{
    return vec3_dot(vec3_sub(b->centre_lps, a->centre_lps), vec3_unit(vec3_add(a->tangent, b->tangent)));
}

static double mix(double a, double b, double w)
{
    return (1 - w) * a + w * b;
}

int shape_respace(TendonShape *shape, double *place, int n_places, Error *error)
{
    int n = shape->n_sections;
    if (n < 2) return TENO_OK;
    double *arc = array_alloc((size_t)n, sizeof *arc, error), step = shape->step_mm;
    if (!arc) return TENO_FAILED;
    for (int k = 1; k < n; k++)
        arc[k] = arc[k - 1] + fmax(between_mm(&shape->sections[k - 1], &shape->sections[k]), 0.1 * step);
    int count = (int)lround(arc[n - 1] / step) + 1;
    double offset = (arc[n - 1] - (count - 1) * step) / 2; /* both ends move by a quarter of a step at most */
    Section *sections = array_alloc((size_t)count, sizeof *sections, error);
    if (!sections) {
        free(arc);
        return TENO_FAILED;
    }
    for (int i = 0, k = 0; i < count; i++) {
        double at = offset + i * step;
        while (k < n - 2 && arc[k + 1] < at) k++;
        double w = (at - arc[k]) / (arc[k + 1] - arc[k]);
        sections[i] = section_between(&shape->sections[k], &shape->sections[k + 1], w);
        sections[i].s_mm = i * step;
    }
    for (int p = 0; p < n_places; p++) {
        int k = (int)fmin(fmax(floor(place[p]), 0), n - 2);
        double beyond = place[p] < 0 ? place[p] : fmax(place[p] - (n - 1), 0), w = place[p] - beyond - k;
        place[p] = (mix(arc[k], arc[k + 1], w) - offset) / step + beyond;
    }
    free(arc);
    free(shape->sections);
    shape->sections = sections;
    shape->n_sections = count;
    return TENO_OK;
}

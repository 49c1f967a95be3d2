/* What weakens a comparison without forbidding it (measures.md, Change). */
#include <math.h>
#include <string.h>

#include "compare/parts.h"

/* Beyond these two series are called different. */
static const double voxel_ratio = 1.2, timing_ratio = 1.3, repetition_ratio = 2, field_step_t = 0.3;

static const Channel *channel_of_role(const Analysis *analysis, Role role)
{
    for (int i = 0; i < analysis->prepared.n_channels; i++)
        if (analysis->prepared.channel[i].series->role == role) return &analysis->prepared.channel[i];
    return NULL;
}

static bool differs(double a, double b, double ratio)
{
    return a > 0 && b > 0 && (a > ratio * b || b > ratio * a);
}

bool series_alike(const Series *a, const Series *b)
{
    const Acquisition *p = &a->acquisition, *q = &b->acquisition;
    return a->contrast == b->contrast && p->fat_suppressed == q->fat_suppressed &&
           !(fabs(p->field_t - q->field_t) > field_step_t) && !differs(p->te_ms, q->te_ms, timing_ratio) &&
           !differs(p->tr_ms, q->tr_ms, repetition_ratio);
}

static void series_note(Notes *warnings, Role role, const Channel *a, const Channel *b)
{
    const Series *x = a->series, *y = b->series;
    const Acquisition *p = &x->acquisition, *q = &y->acquisition;
    const Grid *g = &a->vol.grid, *h = &b->vol.grid;
    const char *name = role_name(role);
    if (fabs(p->field_t - q->field_t) > field_step_t)
        notes_add(warnings, "%s series: field strength differs, %.1f T before and %.1f T after", name, p->field_t,
                  q->field_t);
    if (x->contrast != y->contrast || p->fat_suppressed != q->fat_suppressed)
        notes_add(warnings, "%s series: contrast differs, %s%s before and %s%s after", name, contrast_name(x->contrast),
                  p->fat_suppressed ? " fat-suppressed" : "", contrast_name(y->contrast),
                  q->fat_suppressed ? " fat-suppressed" : "");
    else if (differs(p->te_ms, q->te_ms, timing_ratio) || differs(p->tr_ms, q->tr_ms, repetition_ratio))
        notes_add(warnings, "%s series: timing differs, TR/TE %.0f/%.0f ms before and %.0f/%.0f ms after", name,
                  p->tr_ms, p->te_ms, q->tr_ms, q->te_ms);
    if (x->plane != y->plane)
        notes_add(warnings, "%s series: plane differs, %s before and %s after", name, plane_name(x->plane),
                  plane_name(y->plane));
    if (differs(g->dx * g->dy, h->dx * h->dy, voxel_ratio * voxel_ratio) || differs(g->dz, h->dz, voxel_ratio))
        notes_add(warnings,
                  "%s series: voxel size differs, %.2f x %.2f x %.2f mm before and %.2f x %.2f x %.2f mm after", name,
                  g->dx, g->dy, g->dz, h->dx, h->dy, h->dz);
    if (strcmp(p->vendor, q->vendor) != 0)
        notes_add(warnings, "%s series: scanner of another vendor (%s before, %s after)", name, p->vendor, q->vendor);
}

void differences_note(Notes *warnings, const Pair *pair)
{
    const Role roles[] = {ROLE_ANATOMY, ROLE_FLUID};
    for (int i = 0; i < 2; i++) {
        const Channel *a = channel_of_role(pair->pre, roles[i]), *b = channel_of_role(pair->post, roles[i]);
        if (a && b)
            series_note(warnings, roles[i], a, b);
        else if (a || b)
            notes_add(warnings, "there is no %s series %s", role_name(roles[i]), a ? "after" : "before");
    }
}

/*
 * Sections orthogonal to the centreline, cut from the original images at the same s on both dates, so that a bent ankle
 * or another slice position does not look like a change. Both dates get the same window on the normalised signal
 * (0 normal tendon, 1 muscle) when the tissues were found in both; else each its own percentiles. Both are turned to
 * the first date's axes, so that the bone stands the same way.
 */
#include "output/section_view.h"

#include <math.h>
#include <string.h>

#include "teno/memory.h"

static const double pixel_mm = 0.35, surroundings_mm = 9;
/* Shown range of normalised signal: from below normal tendon to bright fluid. */
static const double shown_low = -0.3, shown_high = 2.6;

const TendonResult *change_result(const Comparison *comparison, int tendon, int date)
{
    const Analysis *analysis = date ? comparison->post : comparison->pre;
    const TendonChange *change = &comparison->tendons[tendon];
    const TendonResult *found = NULL;
    for (int i = 0; i < analysis->n_tendons; i++) {
        const TendonResult *result = &analysis->tendons[i];
        if (result->spec != change->spec || result->segmentation.shape.n_sections < 2) continue;
        if (!found || result->segmentation.side == change->side) found = result;
    }
    return found;
}

static double largest_radius(const TendonShape *shape)
{
    double most = 1;
    for (int k = 0; k < shape->n_sections; k++)
        for (int i = 0; i < SECTION_POINTS; i++)
            most = fmax(
                most, hypot((double)shape->sections[k].boundary_u_mm[i], (double)shape->sections[k].boundary_v_mm[i]));
    return most;
}

/* Real index of the section at s. */
static double index_of_s(const TendonShape *shape, double s_mm)
{
    return (s_mm - shape->sections[0].s_mm) / shape->step_mm;
}

static int own_window(SectionSource *out, const Analysis *analysis, Error *error)
{
    const TissueReferences *found = &out->channel->references;
    const Grid *reference = &analysis->prepared.channel[0].vol.grid;
    Region region;
    if (isfinite(found->tendon) && isfinite(found->muscle) && found->muscle > found->tendon) {
        double unit = found->muscle - found->tendon;
        out->window = (Window){found->tendon + shown_low * unit, found->tendon + shown_high * unit};
        return TENO_OK;
    }
    out->window = (Window){0, 1};
    if (!region_of_tendon(&region, out->result, reference, surroundings_mm)) return TENO_OK;
    return window_find(&out->window, &out->channel->vol, &out->channel->ref_to_channel, reference, &region, error);
}

int section_source_make(SectionSource *out, const Comparison *comparison, int tendon, int date, Error *error)
{
    const TendonChange *change = &comparison->tendons[tendon];
    const Analysis *analysis = date ? comparison->post : comparison->pre;
    *out = (SectionSource){.date = date, .result = change_result(comparison, tendon, date), .change = change};
    out->shape = date ? &change->post_shape : &change->pre_shape;
    if (!out->result || !change->comparable || change->pre_shape.n_sections < 2 || change->post_shape.n_sections < 2)
        return error_set(error, TENO_FAILED, "%s: no sections to show", change->spec->name);
    out->channel = &analysis->prepared.channel[fluid_channel(analysis)];
    out->s_first = ceil(change->common_min_mm);
    out->n = (int)(floor(change->common_max_mm) - out->s_first) + 1;
    if (out->n < 1) out->n = 1;
    double radius = fmax(largest_radius(&change->pre_shape), largest_radius(&change->post_shape));
    out->half_mm = fmin(radius, 16) + surroundings_mm;
    return own_window(out, analysis, error);
}

double section_s(const SectionSource *source, int frame)
{
    return source->s_first + frame;
}

/* The section's square as a view, its corner the upper left pixel's centre. */
static View section_square(const SectionSource *source, double at)
{
    const TendonShape *shape = source->shape;
    int n = (int)(2 * source->half_mm / pixel_mm + 0.5);
    double edge = (n - 1) / 2.0 * pixel_mm;
    Vec3 centre = shape_to_lps(shape, at, 0, 0);
    Vec3 right = vec3_unit(vec3_sub(shape_to_lps(shape, at, 1, 0), centre));
    Vec3 down = vec3_unit(vec3_sub(shape_to_lps(shape, at, 0, 1), centre));
    /* The patient's left on the right, as radiologists look at it; both dates the same way round. */
    const TendonShape *first = &source->change->pre_shape;
    if (first->sections[first->n_sections / 2].u.x < 0) right = vec3_scale(right, -1);
    Vec3 corner = vec3_along(vec3_along(centre, right, -edge), down, -edge);
    return (View){corner, right, down, pixel_mm, pixel_mm, n, n};
}

/* The exact boundary polygon, in pixels of the view. */
static int section_outline(Panel *out, const SectionSource *source, double at, Error *error)
{
    const TendonShape *shape = source->shape;
    int k = (int)lround(at);
    k = k < 0 ? 0 : k >= shape->n_sections ? shape->n_sections - 1 : k;
    const Section *section = &shape->sections[k];
    Contour *c = &out->outline;
    c->x = array_alloc(SECTION_POINTS, sizeof *c->x, error);
    c->y = array_alloc(SECTION_POINTS, sizeof *c->y, error);
    c->start = array_alloc(2, sizeof *c->start, error);
    if (!c->x || !c->y || !c->start) return TENO_FAILED;
    c->n_paths = 1;
    c->start[1] = SECTION_POINTS;
    double sign = vec3_dot(out->view.right, section->u) < 0 ? -1 : 1, middle = (out->view.nx - 1) / 2.0;
    for (int i = 0; i < SECTION_POINTS; i++) {
        c->x[i] = (float)(middle + sign * (double)section->boundary_u_mm[i] / pixel_mm);
        c->y[i] = (float)(middle + (double)section->boundary_v_mm[i] / pixel_mm);
    }
    out->outline_nx = out->view.nx, out->outline_ny = out->view.ny;
    return TENO_OK;
}

int section_panel_make(Panel *out, const SectionSource *source, int frame, Error *error)
{
    double at = index_of_s(source->shape, section_s(source, frame));
    *out = (Panel){.view = section_square(source, at), .window = source->window};
    int code = tile_sample(&out->signal, &out->view, &source->channel->vol, &source->channel->ref_to_channel, error);
    if (code == TENO_OK) code = section_outline(out, source, at, error);
    if (code == TENO_OK && source->result->tear.data)
        code = tile_sample(&out->tear, &out->view, &source->result->tear, NULL, error);
    if (code) panel_free(out);
    return code;
}

int best_section(const SectionSource *source)
{
    const TendonMeasures *measures = source->date ? &source->change->post : &source->change->pre;
    int best = source->n / 2;
    double most = 0;
    for (int i = 0; i < measures->n_profile; i++) {
        int frame = (int)lround(measures->profile[i].s_mm - source->s_first);
        if (frame < 0 || frame >= source->n || !(measures->profile[i].tear_area_mm2 > most)) continue;
        most = measures->profile[i].tear_area_mm2;
        best = frame;
    }
    return best;
}

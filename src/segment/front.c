/*
 * Sampling in front of the tendon. Channels are weighed by how finely they resolve the plane of tangent and front,
 * where the insertion is seen, and by their noise against the contrast of fat and tendon.
 */
#include "segment/front.h"

#include <math.h>
#include <stdlib.h>

#include "teno/memory.h"

#define TEXTURE 0.15 /* scatter of fat and marrow, as a share of the contrast: no channel is better than that */
#define SUPPRESSED_TEXTURE 0.3 /* what is left of fat is as uneven as the main field (judged) */

/* How finely this channel resolves the plane of tangent and front. */
static double channel_blur(const Channel *channel, const Section *frame)
{
    const Grid *g = &channel->vol.grid;
    Vec3 oblique = vec3_unit(vec3_sub(frame->tangent, frame->v));
    oblique = rigid_rotate(&channel->ref_to_channel, oblique);
    return fabs(vec3_dot(oblique, g->axis_x)) * g->dx + fabs(vec3_dot(oblique, g->axis_y)) * g->dy +
           fabs(vec3_dot(oblique, g->axis_z)) * g->dz;
}

void front_line(float shade[FRONT_DEPTH], float muscle[FRONT_DEPTH], const Section *frame, Vec3 from_lps, Vec3 step,
                const Images *images)
{
    double weights[FRONT_DEPTH] = {0}, sum[FRONT_DEPTH] = {0}, muscles[FRONT_DEPTH] = {0};
    for (int c = 0; c < images->prepared->n_channels; c++) {
        const Channel *channel = &images->prepared->channel[c];
        const Scale *scale = &images->scale[c];
        double blur = channel_blur(channel, frame),
               scatter = hypot(scale->noise / scale->fat, scale->fat_dark ? SUPPRESSED_TEXTURE : TEXTURE);
        double weight = 1 / (blur * blur * scatter * scatter), between = fabs(scale->fat - 1);
        const Grid *grid = &channel->vol.grid;
        Vec3 from = grid_to_vox(grid, rigid_apply(&channel->ref_to_channel, from_lps));
        Vec3 to = grid_to_vox(grid, rigid_apply(&channel->ref_to_channel, vec3_add(from_lps, step)));
        Vec3 walk = vec3_sub(to, from);
        for (int i = 0; i < FRONT_DEPTH; i++) {
            double value = vol_sample_vox(&channel->vol, vec3_along(from, walk, i), (double)NAN);
            if (isnan(value)) continue;
            double x = (value - scale->tendon) / scale->unit;
            sum[i] += weight * fmin(fmax(1 - x / scale->fat, -0.3), 1.2); /* noise may pass both ends */
            muscles[i] += weight * (between > 0.2 ? fmin(fmax(1 - fabs(x - 1) / between, 0), 1) : 0);
            weights[i] += weight;
        }
    }
    for (int i = 0; i < FRONT_DEPTH; i++) {
        shade[i] = weights[i] > 0 ? (float)(sum[i] / weights[i]) : NAN;
        muscle[i] = weights[i] > 0 ? (float)(muscles[i] / weights[i]) : NAN;
    }
}

/* How far forwards the ring's boundary reaches at this place across; NaN beside it. */
static double boundary_front(const Tube *tube, int k, double u_mm)
{
    const Ring *ring = &tube->ring[k];
    double front = (double)NAN, u0 = 0, v0 = 0;
    for (int i = 0; i <= SECTION_POINTS; i++) {
        Ray ray = ring_ray(ring, i % SECTION_POINTS);
        double r = tube->radius_mm[k * SECTION_POINTS + i % SECTION_POINTS];
        double u = ray.u + r * ray.du, v = ray.v + r * ray.dv;
        if (i && (u0 <= u_mm) != (u <= u_mm)) {
            double at = -(v0 + (v - v0) * (u_mm - u0) / (u - u0));
            if (!(front >= at)) front = at;
        }
        u0 = u;
        v0 = v;
    }
    return front;
}

int fronts_sample(Fronts *out, const Tube *tube, const Images *images, Error *error)
{
    size_t lines = (size_t)tube->n_rings * FRONT_LINES;
    *out = (Fronts){tube->n_rings, array_alloc(lines * FRONT_DEPTH, sizeof(float), error),
                    array_alloc(lines * FRONT_DEPTH, sizeof(float), error), array_alloc(lines, sizeof(double), error)};
    if (!out->shade || !out->muscle || !out->edge_mm) {
        fronts_free(out);
        return TENO_FAILED;
    }
#pragma omp parallel for schedule(dynamic, 4)
    for (int k = 0; k < tube->n_rings; k++)
        for (int line = 0; line < FRONT_LINES; line++) {
            size_t at = (size_t)(k * FRONT_LINES + line);
            const Section *frame = &tube->ring[k].frame;
            double u_mm = (line - FRONT_LINES / 2) * FRONT_PITCH_MM;
            Vec3 from = vec3_along(frame->centre_lps, frame->u, u_mm);
            front_line(out->shade + at * FRONT_DEPTH, out->muscle + at * FRONT_DEPTH, frame, from,
                       vec3_scale(frame->v, -FRONT_SAMPLE_MM), images);
            out->edge_mm[at] = boundary_front(tube, k, u_mm);
        }
    return TENO_OK;
}

void fronts_free(Fronts *fronts)
{
    free(fronts->shade);
    free(fronts->muscle);
    free(fronts->edge_mm);
    *fronts = (Fronts){0};
}

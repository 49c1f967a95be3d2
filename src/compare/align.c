/*
 * Aligning two dates on bone.
 *
 * The ankle bends between visits, so the whole image has no one rigid motion. What both dates share is the bone that
 * the tendon ends at: the calcaneus for the Achilles. The landmarks of the two segmentations give the start; mutual
 * information over a soft ball in front of and below the landmark (calcaneus, and what is tied to it) gives the answer.
 * The tendon, the skin behind it and the leg above have no vote. Where a landmark is missing, the whole volume is
 * aligned first.
 */
#include <math.h>

#include "compare/parts.h"
#include "teno/register.h"

/* Centre and radius of the ball, mm: the tuberosity and body of a calcaneus some 40 mm high and 70 mm long. */
static const double ball_anterior_mm = 20, ball_distal_mm = 16, ball_radius_mm = 26;
static const double weight_grid_mm = 3;
static const double behind_mm = 4; /* in front of the tendon's centre by this much at least: not tendon, not skin */
static const double near_shift_mm = 12, near_angle_deg = 25;

/* The section nearest to the bone: that of s = 0 or the most distal one. */
static const Section *anchor_section(const TendonResult *result)
{
    const TendonShape *shape = &result->segmentation.shape;
    double k = shape_index(shape, 0);
    int at = k < 0 ? 0 : k > shape->n_sections - 1 ? shape->n_sections - 1 : (int)lround(k);
    return &shape->sections[at];
}

static bool landmark_known(const TendonResult *result)
{
    return result->segmentation.origin != ORIGIN_DISTAL_IMAGE_EDGE;
}

/* Transform that carries one section's centre and axes onto the other's. */
static Rigid section_to_section(const Section *a, const Section *b)
{
    const Vec3 from[3] = {a->u, a->v, a->tangent}, to[3] = {b->u, b->v, b->tangent};
    Rigid m = rigid_identity();
    for (int r = 0; r < 3; r++)
        for (int c = 0; c < 3; c++) {
            m.r[r][c] = 0;
            for (int i = 0; i < 3; i++) {
                const double to_axis[3] = {to[i].x, to[i].y, to[i].z}, from_axis[3] = {from[i].x, from[i].y, from[i].z};
                m.r[r][c] += to_axis[r] * from_axis[c];
            }
        }
    m.t = vec3_sub(b->centre_lps, rigid_apply(&m, a->centre_lps));
    return m;
}

/* Centre of the ball: in front of and below the anchor, but so that at least its upper half is in the image. */
static Vec3 ball_centre(const Section *anchor, const Grid *image)
{
    Vec3 centre =
        vec3_along(vec3_along(anchor->centre_lps, anchor->v, -ball_anterior_mm), anchor->tangent, -ball_distal_mm);
    const double inside_mm = ball_radius_mm / 2;
    Vec3 p = grid_to_vox(image, centre);
    double n[3] = {image->nx - 1, image->ny - 1, image->nz - 1}, *at[3] = {&p.x, &p.y, &p.z};
    double margin[3] = {inside_mm / image->dx, inside_mm / image->dy, inside_mm / image->dz};
    for (int a = 0; a < 3; a++)
        *at[a] = fmax(fmin(margin[a], n[a] / 2), fmin(n[a] - fmin(margin[a], n[a] / 2), *at[a]));
    return grid_to_lps(image, p);
}

static int weight_make(Vol *out, const Section *anchor, const Grid *image, Error *error)
{
    int n = (int)(2 * ball_radius_mm / weight_grid_mm) + 3;
    Vec3 centre = ball_centre(anchor, image);
    double half = (n - 1) / 2.0 * weight_grid_mm;
    Grid grid = {.nx = n,
                 .ny = n,
                 .nz = n,
                 .dx = weight_grid_mm,
                 .dy = weight_grid_mm,
                 .dz = weight_grid_mm,
                 .origin_lps = {centre.x - half, centre.y - half, centre.z - half},
                 .axis_x = {1, 0, 0},
                 .axis_y = {0, 1, 0},
                 .axis_z = {0, 0, 1}};
    int code = vol_alloc(out, &grid, error);
    for (int k = 0; k < n && !code; k++)
        for (int j = 0; j < n; j++)
            for (int i = 0; i < n; i++) {
                Vec3 p = grid_to_lps(&grid, (Vec3){i, j, k});
                double r = vec3_distance(p, centre) / ball_radius_mm;
                bool in_front = -vec3_dot(vec3_sub(p, anchor->centre_lps), anchor->v) >= behind_mm;
                out->data[grid_index(&grid, i, j, k)] = in_front && r < 1 ? (float)(1 - r * r) : 0;
            }
    return code;
}

int bone_align(Registration *out, const Pair *pair, Error *error)
{
    const Vol *fixed = &pair->pre->prepared.channel[0].vol, *moving = &pair->post->prepared.channel[0].vol;
    const Section *before = anchor_section(pair->before), *after = anchor_section(pair->after);
    RegisterOptions options = {.start = section_to_section(before, after)};
    int code = TENO_OK;
    options.has_start = landmark_known(pair->before) && landmark_known(pair->after);
    if (!options.has_start) {
        options.finest_mm = 1.5;
        options.samples = 60000;
        code = register_rigid(out, fixed, moving, &options, error);
        if (code || !out->trusted) return code;
        options.start = out->fixed_to_moving;
        options.has_start = true;
    }
    Vol weight;
    code = weight_make(&weight, before, &fixed->grid, error);
    if (code) return code;
    options.fixed_weight = &weight;
    options.max_shift_mm = near_shift_mm;
    options.max_angle_deg = near_angle_deg;
    options.finest_mm = 0.7;
    options.samples = 80000;
    code = register_rigid(out, fixed, moving, &options, error);
    vol_free(&weight);
    return code;
}

/* Where the pre date's s lies on the post date's shape. */
static bool s_after(const Pair *pair, const Registration *registration, double s, double *s_post)
{
    const TendonShape *from = &pair->before->segmentation.shape, *to = &pair->after->segmentation.shape;
    Vec3 p = rigid_apply(&registration->fixed_to_moving, shape_to_lps(from, shape_index(from, s), 0, 0));
    double k, u, v;
    if (!shape_from_lps(to, p, &k, &u, &v)) return false;
    *s_post = to->sections[0].s_mm + k * to->step_mm;
    return true;
}

static void range_match(TendonChange *change, const Pair *pair)
{
    const TendonMeasures *a = &pair->before->measures, *b = &pair->after->measures;
    change->common_min_mm = ceil(fmax(a->s_min_mm, b->s_min_mm - change->s_shift_mm) - 1e-6);
    change->common_max_mm = floor(fmin(a->s_max_mm, b->s_max_mm - change->s_shift_mm) + 1e-6);
}

/* Angle between the tendon's directions some way above the bone, once the bone is aligned. */
static double bend_deg(const TendonChange *change, const Pair *pair, const Registration *registration)
{
    const TendonShape *a = &pair->before->segmentation.shape, *b = &pair->after->segmentation.shape;
    double low = fmax(change->common_min_mm, change->common_max_mm - 40), high = change->common_max_mm;
    if (high - low < 8) return NAN;
    Vec3 from = vec3_sub(shape_to_lps(a, shape_index(a, high), 0, 0), shape_to_lps(a, shape_index(a, low), 0, 0));
    double shift = change->s_shift_mm;
    Vec3 to = vec3_sub(shape_to_lps(b, shape_index(b, high + shift), 0, 0),
                       shape_to_lps(b, shape_index(b, low + shift), 0, 0));
    from = rigid_rotate(&registration->fixed_to_moving, from);
    double cosine = vec3_dot(from, to) / (vec3_norm(from) * vec3_norm(to));
    return acos(fmin(1, fmax(-1, cosine))) * 57.29577951;
}

void coordinates_match(TendonChange *change, const Pair *pair, const Registration *registration)
{
    change->ankle_angle_deg = NAN;
    if (registration->trusted) {
        const Section *before = anchor_section(pair->before);
        double s_post;
        if (s_after(pair, registration, before->s_mm, &s_post)) {
            change->s_shift_mm = s_post - before->s_mm;
            const TendonShape *to = &pair->after->segmentation.shape;
            double k = fmin(fmax(shape_index(to, s_post), 0), to->n_sections - 1);
            const Section *after = &to->sections[(int)lround(k)];
            Vec3 u = rigid_rotate(&registration->fixed_to_moving, before->u);
            change->angle_shift_deg = atan2(vec3_dot(u, after->v), vec3_dot(u, after->u)) * 57.29577951;
        } else {
            change->s_shift_mm = NAN; /* the other date's tendon does not reach this bone */
        }
    }
    if (isnan(change->s_shift_mm)) return;
    range_match(change, pair);
    if (registration->trusted && change->common_max_mm > change->common_min_mm)
        change->ankle_angle_deg = bend_deg(change, pair, registration);
}

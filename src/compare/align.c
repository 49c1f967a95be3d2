/*
 * Aligning two dates on bone.
 *
 * The ankle bends between visits, so the whole image has no one rigid motion. What both dates share is the bone that
 * the tendon ends at: the calcaneus for the Achilles. The landmarks of the two segmentations and the tendons' axes
 * give the start, so that it does not matter how the leg lay in the scanner; mutual information over a soft ball in
 * front of and below the landmark (calcaneus, and what is tied to it) gives the answer, first over a wide ball, then
 * over a close one. The tendon, the skin behind it and the leg above have no vote.
 *
 * The close ball is aligned in both directions, each date once the fixed one, and the middle is taken. By how much the
 * two disagree at the tendon shows what the scatter of the samples cannot: the pull of thick slices and of their
 * interpolation, which differs between the two.
 */
#include <math.h>
#include <stdio.h>

#include "compare/parts.h"
#include "teno/memory.h"
#include "teno/register.h"

/* Where the ball sits, mm: the tuberosity and body of a calcaneus are some 40 mm high and 70 mm long. */
static const double ball_anterior_mm = 20, ball_distal_mm = 16;
static const double weight_grid_mm = 3;
/* Between the tendons beside the aligned bone: a bend of 20 degrees leaves 4 mm over the first 25 mm. */
static const double most_apart_mm = 5;
static const double behind_mm = 4; /* in front of the tendon's centre by this much at least: not tendon, not skin */

/* A region and how far it may be off. First wide, to get there; then close to the landmark. */
typedef struct Region {
    double radius_mm;
    double above_mm; /* not higher above the landmark: that is leg, which the ankle turns against the foot */
    double max_shift_mm, max_angle_deg, finest_mm;
    int samples;
} Region;

/* Where both landmarks are known they are seldom off by more than a centimetre, and the tendon's direction by more than
 * the ankle bends; a little overlap of the wrong parts cannot win then. How else a leg lies in the scanner is free: the
 * wide region has no bounds but its start's lattice. */
static const Region likely = {60, 15, 20, 35, 1.2, 60000}, wide = {60, 15, 1000, 180, 1.2, 60000},
                    close = {36, 10, 6, 10, 0.7, 60000};
static const double unknown_above_mm = 15; /* more, when the anchor is only the lowest section */

int anchor_index(const TendonResult *result)
{
    const TendonShape *shape = &result->segmentation.shape;
    double k = shape_index(shape, 0);
    return k < 0 ? 0 : k > shape->n_sections - 1 ? shape->n_sections - 1 : (int)lround(k);
}

static const Section *anchor_section(const TendonResult *result)
{
    return &result->segmentation.shape.sections[anchor_index(result)];
}

bool landmark_known(const TendonResult *result)
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

/* Centre of the ball: in front of and below the anchor, but at least 13 mm within the image. */
static Vec3 ball_centre(const Section *anchor, const Grid *image)
{
    Vec3 centre =
        vec3_along(vec3_along(anchor->centre_lps, anchor->v, -ball_anterior_mm), anchor->tangent, -ball_distal_mm);
    const double inside_mm = 13;
    Vec3 p = grid_to_vox(image, centre);
    double n[3] = {image->nx - 1, image->ny - 1, image->nz - 1}, *at[3] = {&p.x, &p.y, &p.z};
    double margin[3] = {inside_mm / image->dx, inside_mm / image->dy, inside_mm / image->dz};
    for (int a = 0; a < 3; a++)
        *at[a] = fmax(fmin(margin[a], n[a] / 2), fmin(n[a] - fmin(margin[a], n[a] / 2), *at[a]));
    return grid_to_lps(image, p);
}

static int weight_make(Vol *out, const Section *anchor, const Grid *image, const Region *region, Error *error)
{
    int n = (int)(2 * region->radius_mm / weight_grid_mm) + 3;
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
                double r = vec3_distance(p, centre) / region->radius_mm;
                Vec3 d = vec3_sub(p, anchor->centre_lps);
                bool foot = -vec3_dot(d, anchor->v) >= behind_mm && vec3_dot(d, anchor->tangent) <= region->above_mm;
                out->data[grid_index(&grid, i, j, k)] = foot && r < 1 ? (float)(1 - r * r) : 0;
            }
    return code;
}

static int region_align(Registration *out, const Vol *fixed, const Vol *moving, const Section *anchor,
                        const Region *region, const Rigid *start, Error *error)
{
    Vol weight;
    int code = weight_make(&weight, anchor, &fixed->grid, region, error);
    if (code) return code;
    RegisterOptions options = {.fixed_weight = &weight,
                               .has_start = true,
                               .start = *start,
                               .max_shift_mm = region->max_shift_mm,
                               .max_angle_deg = region->max_angle_deg,
                               .finest_mm = region->finest_mm,
                               .samples = region->samples};
    code = register_rigid(out, fixed, moving, &options, error);
    vol_free(&weight);
    return code;
}

/* Where the other date's bone may lie, best guess first; those before LANDMARK_STARTS from the landmarks, if known. */
enum { STARTS = 3, LANDMARK_STARTS = 2 };
static void starts_guess(Rigid start[STARTS], const Pair *pair)
{
    const Section *before = anchor_section(pair->before), *after = anchor_section(pair->after);
    const Section *low = pair->before->segmentation.shape.sections,
                  *low_after = pair->after->segmentation.shape.sections;
    /* One landmark alone says nothing of the other date: the tendons' lowest sections are the better start. */
    bool known = landmark_known(pair->before) && landmark_known(pair->after);
    start[0] = known ? section_to_section(before, after) : section_to_section(low, low_after);
    /* Legs lie much the same way: no turn; from the lowest, then from the middle sections. */
    start[1] = start[2] = rigid_identity();
    start[1].t = vec3_sub((known ? after : low_after)->centre_lps, (known ? before : low)->centre_lps);
    start[2].t = vec3_sub(low_after[pair->after->segmentation.shape.n_sections / 2].centre_lps,
                          low[pair->before->segmentation.shape.n_sections / 2].centre_lps);
}

/* Half-way between two motions that differ little. */
static Rigid rigid_between(const Rigid *a, const Rigid *b, Vec3 centre_lps)
{
    Rigid back = rigid_inverse(a), change = rigid_compose(&back, b);
    Vec3 turn = {(change.r[2][1] - change.r[1][2]) / 4, (change.r[0][2] - change.r[2][0]) / 4,
                 (change.r[1][0] - change.r[0][1]) / 4};
    Vec3 shift = vec3_scale(vec3_sub(rigid_apply(&change, centre_lps), centre_lps), 0.5);
    Rigid half = rigid_from(turn, shift, centre_lps);
    return rigid_compose(a, &half);
}

static Section section_moved(const Section *from, const Rigid *motion)
{
    Section out = *from;
    out.centre_lps = rigid_apply(motion, from->centre_lps);
    out.u = rigid_rotate(motion, from->u);
    out.v = rigid_rotate(motion, from->v);
    out.tangent = rigid_rotate(motion, from->tangent);
    return out;
}

/* Aligns the close region in both directions; see the head of the file. */
static int both_ways_align(Registration *out, const Pair *pair, const Region *region, const Rigid *start, Error *error)
{
    const Vol *before = &pair->pre->prepared.channel[0].vol, *after = &pair->post->prepared.channel[0].vol;
    const Section *anchor = anchor_section(pair->before);
    Registration back;
    int code = region_align(out, before, after, anchor, region, start, error);
    if (code || !out->trusted) return code;
    Rigid start_back = rigid_inverse(&out->fixed_to_moving);
    Section same = section_moved(anchor, &out->fixed_to_moving); /* the same piece of bone on the other date */
    code = region_align(&back, after, before, &same, region, &start_back, error);
    if (code || !back.trusted) return code;
    Rigid other = rigid_inverse(&back.fixed_to_moving);
    Vec3 p = anchor->centre_lps;
    double apart = vec3_distance(rigid_apply(&out->fixed_to_moving, p), rigid_apply(&other, p));
    out->fixed_to_moving = rigid_between(&out->fixed_to_moving, &other, p);
    out->residual_mm = hypot(hypot(out->residual_mm, back.residual_mm) / 2, apart / 2);
    return TENO_OK;
}

/* From one start: the wide region, then the close one. Not trusted when the tendons end up beside each other only in
 * name: what is tied to one bone at its end cannot lie a centimetre off it on the other date. */
static int start_follow(Registration *out, const Pair *pair, const Region *first, const Region *second,
                        const Rigid *start, Error *error)
{
    const Vol *fixed = &pair->pre->prepared.channel[0].vol, *moving = &pair->post->prepared.channel[0].vol;
    Registration fine;
    int code = region_align(out, fixed, moving, anchor_section(pair->before), first, start, error);
    if (code || !out->trusted) return code;
    code = both_ways_align(&fine, pair, second, &out->fixed_to_moving, error);
    if (code) return code;
    if (fine.trusted) *out = fine;
    double apart = tendons_apart_mm(pair, &out->fixed_to_moving);
    if (apart <= most_apart_mm) return TENO_OK;
    out->trusted = false;
    if (isnan(apart))
        string_set(out->reason, sizeof out->reason, "the aligned bone does not bring the tendons together");
    else
        snprintf(out->reason, sizeof out->reason, "the aligned bone leaves the tendons %.0f mm apart, at most %.0f mm",
                 apart, most_apart_mm);
    return TENO_OK;
}

int bone_align(Registration *out, const Pair *pair, Error *error)
{
    *out = (Registration){.fixed_to_moving = rigid_identity()};
    Region bounded = likely, first = wide, second = close;
    bool both = landmark_known(pair->before) && landmark_known(pair->after);
    if (!landmark_known(pair->before)) {
        first.above_mm += unknown_above_mm;
        second.above_mm += unknown_above_mm;
    }
    Rigid start[STARTS];
    starts_guess(start, pair);
    int code = TENO_OK;
    for (int i = 0; i < LANDMARK_STARTS && both && !code && !out->trusted; i++)
        code = start_follow(out, pair, &bounded, &second, &start[i], error);
    for (int i = 0; i < STARTS && !code && !out->trusted; i++)
        code = start_follow(out, pair, &first, &second, &start[i], error);
    return code;
}

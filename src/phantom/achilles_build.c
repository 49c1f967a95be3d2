/*
 * Building the tendon: a centreline that lies on the back of the calcaneus and rises to the calf, and sections that fan
 * out at the insertion, are oval or flat in front at mid-portion, and thin into the aponeurosis above the soleus
 * junction. Sections are cut at the bone, and the centreline is moved to their centroids until it stays, so that it is
 * the curve of measures.md: the centroids of the sections orthogonal to it.
 */
#include <math.h>

#include "phantom/achilles.h"
#include "teno/random.h"

static const double pi = 3.14159265358979323846;
enum { DISTAL = 22 }; /* mm of tendon below the first contact */

/* Shape against material coordinate: knots joined by smooth steps. */
typedef struct ShapeKnots {
    double m[8], width[8], thickness[8], flatness[8];
} ShapeKnots;

static double knot_value(const double m[8], const double value[8], double at)
{
    if (at <= m[0]) return value[0];
    for (int i = 0; i < 7; i++)
        if (at <= m[i + 1]) {
            double w = (at - m[i]) / (m[i + 1] - m[i]);
            w = w * w * (3 - 2 * w);
            return value[i] + w * (value[i + 1] - value[i]);
        }
    return value[7];
}

static ShapeKnots draw_knots(const AnkleSpec *ankle)
{
    uint64_t seed = random_seed(ankle->seed, "tendon shape");
    double w = ankle->mid_width_mm, t = ankle->mid_thickness_mm, j = ankle->free_length_mm;
    ShapeKnots k = {.m = {-22, -10, 0, 0.3 * j, 0.6 * j, j, j + 45, j + 100}};
    k.width[0] = ankle->insertion_width_mm * random_between(seed, 0, 0.75, 0.95);
    k.width[1] = ankle->insertion_width_mm;
    k.width[2] = ankle->insertion_width_mm * random_between(seed, 1, 0.8, 0.95);
    k.width[3] = w * random_between(seed, 2, 1.0, 1.18);
    k.width[4] = w;
    k.width[5] = w * random_between(seed, 3, 1.0, 1.3);
    k.width[6] = w * random_between(seed, 4, 1.2, 1.7);
    k.width[7] = w * random_between(seed, 5, 1.5, 2.2);
    k.thickness[0] = random_between(seed, 6, 1.2, 2.2);
    k.thickness[1] = t * random_between(seed, 7, 0.6, 0.85);
    k.thickness[2] = t * random_between(seed, 8, 0.85, 1.05);
    k.thickness[3] = t * random_between(seed, 9, 0.92, 1.08);
    k.thickness[4] = t;
    k.thickness[5] = t * random_between(seed, 10, 0.75, 0.98);
    k.thickness[6] = t * random_between(seed, 11, 0.5, 0.7);
    k.thickness[7] = t * random_between(seed, 12, 0.4, 0.55);
    double flat = random_between(seed, 13, 0.05, 0.34);
    for (int i = 0; i < 8; i++) k.flatness[i] = flat * (i < 3 ? 0.3 : random_between(seed, 20 + (uint64_t)i, 0.6, 1.1));
    return k;
}

/* Section outline in the stretched plane, before it is cut at the bone. */
static void draw_outline(Achilles *a, int i, const ShapeKnots *knots, const AnkleSpec *ankle)
{
    uint64_t seed = random_seed(ankle->seed, "outline");
    double m = a->first_m + i, s = m - a->contact_m;
    const TendinosisSpec *d = &ankle->tendinosis;
    double swell = d->swelling > 0 ? d->swelling * exp(-pow((s - d->s_mm) / (0.55 * d->length_mm), 2)) : 0;
    double hw = 0.5 * knot_value(knots->m, knots->width, m) * (1 + 0.22 * swell);
    double ht = 0.5 * knot_value(knots->m, knots->thickness, m) * (1 + swell);
    double flat = knot_value(knots->m, knots->flatness, m) / (1 + 3 * swell), n = random_between(seed, 1, 2.0, 2.7);
    a->half_width[i] = hw;
    a->half_thickness[i] = ht;
    a->stretch[i] = fmax(1, hw / ht);
    for (int j = 0; j < ACHILLES_ANGLES; j++) {
        double angle = 2 * pi * j / ACHILLES_ANGLES, c = cos(angle), sn = sin(angle);
        double r = hw / pow(pow(fabs(c), n) + pow(fabs(sn) * hw / (a->stretch[i] * ht), n), 1 / n);
        double front = angle - 1.5 * pi; /* the anterior face is flat or concave */
        r *= 1 - flat * exp(-front * front / 0.7);
        for (int h = 2; h < 5; h++)
            r *= 1 + 0.025 * sin(h * angle + random_between(seed, 10 + (uint64_t)h, 0, 2 * pi) + 0.03 * h * m);
        a->radius[i][j] = (float)r;
    }
}

/* Cuts the outline where its rays enter the bone; returns how deep the deepest ray went in (<= 0: no contact). */
static double cut_outline(Achilles *a, int i, const Solid *bone)
{
    double deepest = -100;
    for (int j = 0; j < ACHILLES_ANGLES; j++) {
        double angle = 2 * pi * j / ACHILLES_ANGLES;
        Vec3 along = vec3_add(vec3_scale(a->u[i], cos(angle)), vec3_scale(a->v[i], sin(angle) / a->stretch[i]));
        double r = (double)a->radius[i][j], low = 0, high = r;
        double depth = -solid_distance(bone, vec3_along(a->centre[i], along, r));
        if (depth > deepest) deepest = depth;
        if (depth <= 0) continue;
        for (int step = 0; step < 20; step++) {
            double middle = (low + high) / 2;
            *(solid_distance(bone, vec3_along(a->centre[i], along, middle)) > 0 ? &low : &high) = middle;
        }
        a->radius[i][j] = (float)fmax(low, 0.3);
    }
    return deepest;
}

static void outline_centroid(const Achilles *a, int i, double *u, double *v)
{
    double area = 0, x = 0, y = 0;
    for (int j = 0; j < ACHILLES_ANGLES; j++) {
        double angle = 2 * pi * (j + 0.5) / ACHILLES_ANGLES;
        double r0 = (double)a->radius[i][j], r1 = (double)a->radius[i][(j + 1) % ACHILLES_ANGLES], r = (r0 + r1) / 2;
        area += r0 * r1;
        x += r0 * r1 * r * 2 / 3 * cos(angle);
        y += r0 * r1 * r * 2 / 3 * sin(angle);
    }
    *u = x / area;
    *v = y / area / a->stretch[i];
}

/* Tangents and frames of the sampled curve. */
static void build_frames(Achilles *a)
{
    for (int i = 0; i < a->n; i++) {
        int low = i > 0 ? i - 1 : 0, high = i < a->n - 1 ? i + 1 : a->n - 1;
        a->t[i] = vec3_unit(vec3_sub(a->centre[high], a->centre[low]));
        Vec3 back = {0, 1, 0};
        a->v[i] = vec3_unit(vec3_along(back, a->t[i], -vec3_dot(back, a->t[i])));
        a->u[i] = vec3_cross(a->v[i], a->t[i]);
    }
}

/* Puts the curve through `path` back on samples one millimetre apart, keeping the sample nearest `fixed` in its place.
 */
static void resample_path(Achilles *a, const Vec3 *path, int n_path, Vec3 fixed)
{
    double before = 0, best = 1e9, length = 0;
    for (int i = 0; i < n_path; i++) {
        if (i) length += vec3_distance(path[i], path[i - 1]);
        double d = vec3_distance(path[i], fixed);
        if (d < best) {
            best = d;
            before = length;
        }
    }
    a->first_m = -floor(before);
    double next = before - floor(before), done = 0;
    a->n = 0;
    for (int i = 1; i < n_path; i++) {
        double step = vec3_distance(path[i], path[i - 1]);
        while (next <= done + step && a->n < ACHILLES_SAMPLES) {
            double w = step > 0 ? (next - done) / step : 0;
            a->centre[a->n++] = vec3_along(path[i - 1], vec3_sub(path[i], path[i - 1]), w);
            next += 1;
        }
        done += step;
    }
}

enum { PATH = 720 };

/* Distal part on the bone's back wall, then a Hermite curve up to the calf. The bone is already flexed, so the wall is
 * searched along its own posterior direction. */
static int draw_path(Vec3 path[PATH], Vec3 *contact, const AnkleSpec *ankle, const ShapeKnots *knots, const Solid *bone)
{
    uint64_t seed = random_seed(ankle->seed, "tendon path");
    int n = 0;
    Vec3 start = vec3_along(bone->cut_point, bone->x, random_between(seed, 0, -1, 1.5));
    for (double m = -DISTAL; m <= 0; m += 0.25) {
        double thickness = knot_value(knots->m, knots->thickness, m), low = -30, high = 30;
        Vec3 level = vec3_along(start, bone->z, m);
        for (int step = 0; step < 40; step++) {
            double middle = (low + high) / 2;
            *(solid_distance(bone, vec3_along(level, bone->y, middle)) < 0 ? &low : &high) = middle;
        }
        path[n++] = vec3_along(level, bone->y, low + thickness / 2 - 0.15);
    }
    *contact = path[n - 1];
    Vec3 end = {random_between(seed, 1, -5, 3), random_between(seed, 2, 38, 44) * ankle->size, 150 * ankle->size};
    Vec3 wall = vec3_unit(vec3_sub(path[n - 1], path[n - 9])), direct = vec3_unit(vec3_sub(end, *contact));
    double length = vec3_distance(*contact, end), sway = random_between(seed, 3, -2.5, 2.5),
           bow = random_between(seed, 4, -3, 3);
    Vec3 t0 = vec3_scale(vec3_unit(vec3_add(wall, vec3_scale(direct, 0.6))), length * 0.45);
    Vec3 t1 = vec3_scale(vec3_unit((Vec3){0, random_between(seed, 5, -0.12, 0.04), 1}), length * 0.8);
    for (int i = 1; i <= 600 && n < PATH; i++) {
        double w = i / 600.0, w2 = w * w, w3 = w2 * w;
        Vec3 p = vec3_add(vec3_add(vec3_scale(*contact, 2 * w3 - 3 * w2 + 1), vec3_scale(t0, w3 - 2 * w2 + w)),
                          vec3_add(vec3_scale(end, 3 * w2 - 2 * w3), vec3_scale(t1, w3 - w2)));
        p.x += sway * sin(pi * w) * sin(pi * w);
        p.y += bow * sin(2 * pi * w) * w * (1 - w);
        path[n++] = p;
    }
    return n;
}

static void draw_sections(Achilles *a, const ShapeKnots *knots, const AnkleSpec *ankle, const Solid *bone)
{
    double previous = 1;
    for (int i = 0; i < a->n; i++) {
        draw_outline(a, i, knots, ankle);
        double m = a->first_m + i;
        if (m > 25) continue;
        double deepest = cut_outline(a, i, bone);
        if (deepest <= 0 && previous > 0 && m > -8) a->contact_m = m - 1 + previous / (previous - deepest);
        previous = deepest;
    }
}

/* Moves the centreline to the centroids of its sections, smoothed along the tendon so that the frames stay regular. */
static void recentre(Achilles *a)
{
    static const double weight[5] = {0.1, 0.2, 0.4, 0.2, 0.1};
    Vec3 moved[ACHILLES_SAMPLES], fixed = a->centre[(int)-a->first_m];
    double u[ACHILLES_SAMPLES], v[ACHILLES_SAMPLES];
    for (int i = 0; i < a->n; i++) outline_centroid(a, i, &u[i], &v[i]);
    for (int i = 0; i < a->n; i++) {
        double du = 0, dv = 0;
        for (int k = -2; k <= 2; k++) {
            int j = i + k < 0 ? 0 : i + k >= a->n ? a->n - 1 : i + k;
            du += weight[k + 2] * u[j];
            dv += weight[k + 2] * v[j];
        }
        moved[i] = vec3_along(vec3_along(a->centre[i], a->u[i], du), a->v[i], dv);
    }
    resample_path(a, moved, a->n, fixed);
    build_frames(a);
}

void achilles_build(Achilles *out, const AnkleSpec *ankle, const Solid *calcaneus)
{
    uint64_t seed = random_seed(ankle->seed, "tendon");
    *out = (Achilles){.tendinosis = ankle->tendinosis};
    ShapeKnots knots = draw_knots(ankle);
    Vec3 path[PATH], contact;
    int n_path = draw_path(path, &contact, ankle, &knots, calcaneus);
    resample_path(out, path, n_path, contact);
    build_frames(out);
    for (int round = 0; round < 3; round++) {
        draw_sections(out, &knots, ankle, calcaneus);
        if (round < 2) recentre(out);
    }
    out->junction_m = ankle->free_length_mm;
    out->soleus_height_mm = random_between(seed, 1, 15, 26) * ankle->size;
    out->soleus_width_mm = random_between(seed, 2, 14, 24) * ankle->size;
    out->soleus_shift_mm = random_between(seed, 3, -5, 3);
    out->streaks = random_uniform(seed, 4) < 0.45 ? random_between(seed, 5, 0.05, 0.3) : 0;
    out->patch_seed = random_seed(seed, "patches");
    achilles_add_tears(out, ankle->tears, ankle->n_tears);
}

#include "phantom/solid.h"

#include <math.h>

#include "phantom/achilles.h"
#include "phantom/vec.h"

double smooth_min(double a, double b, double k)
{
    double h = d_max(k - d_abs(a - b), 0) / k;
    return d_min(a, b) - h * h * k / 4;
}

static double ellipsoid_distance(const Solid *s, Vec3 p)
{
    Vec3 d = v_sub(p, s->a);
    double x = v_dot(d, s->x), y = v_dot(d, s->y), z = v_dot(d, s->z);
    double rx = s->b.x + (double)s->offset_mm, ry = s->b.y + (double)s->offset_mm, rz = s->b.z + (double)s->offset_mm;
    double qx = x / rx, qy = y / ry, qz = z / rz;
    double distance;
    if (s->power == 4) { /* flat-sided: |x|^4 + y² + z² = 1 */
        double f = qx * qx * qx * qx + qy * qy + qz * qz;
        double g =
            sqrt(16 * qx * qx * qx * qx * qx * qx / (rx * rx) + 4 * qy * qy / (ry * ry) + 4 * qz * qz / (rz * rz));
        double root = sqrt(f);
        distance = g > 1e-9 ? (root - 1) * 2 * root / g : -d_min(rx, d_min(ry, rz));
        distance = d_max(distance, -d_min(rx, d_min(ry, rz)));
    } else {
        double k0 = sqrt(qx * qx + qy * qy + qz * qz);
        double k1 = sqrt(qx * qx / (rx * rx) + qy * qy / (ry * ry) + qz * qz / (rz * rz));
        distance = k1 > 1e-9 ? k0 * (k0 - 1) / k1 : -d_min(rx, d_min(ry, rz));
    }
    if (s->cut) {
        double plane = v_dot(v_sub(p, s->cut_point), s->cut_normal) - (double)s->offset_mm;
        distance = -smooth_min(-distance, -plane, s->cut_round_mm);
    }
    return distance;
}

static double segment_distance(const Solid *s, Vec3 p)
{
    Vec3 d = v_sub(p, s->a);
    double along = v_dot(d, s->z), t = along / s->length;
    t = t < 0 ? 0 : t > 1 ? 1 : t;
    double r0 = s->ra[0] + t * (s->ra[1] - s->ra[0]) + (double)s->offset_mm;
    double r1 = s->rb[0] + t * (s->rb[1] - s->rb[0]) + (double)s->offset_mm;
    if (r0 < 0.05 || r1 < 0.05) return 1e3; /* vanished: the marrow of a bone thinner than its cortex */
    double x = v_dot(d, s->x) / r0, y = v_dot(d, s->y) / r1, smallest = d_min(r0, r1);
    double z = (along - t * s->length) / smallest;
    return (sqrt(x * x + y * y + z * z) - 1) * smallest;
}

double outline_distance(const Solid *parts, int n_parts, Vec3 p)
{
    double distance = 1e3;
    for (int i = 0; i < n_parts; i++) distance = smooth_min(distance, solid_distance(&parts[i], p), 14);
    return distance;
}

/* Trilinear; the field is smooth, and nothing of the truth hangs on it. */
static double body_distance(const Solid *s, Vec3 p)
{
    const DistanceField *f = s->field;
    double c[3] = {(p.x - f->low.x) / f->step_mm, (p.y - f->low.y) / f->step_mm, (p.z - f->low.z) / f->step_mm};
    size_t n[3] = {(size_t)f->nx, (size_t)f->ny, (size_t)f->nz}, at[3];
    for (int d = 0; d < 3; d++) {
        c[d] = d_min(d_max(c[d], 0), (double)n[d] - 1.001);
        at[d] = (size_t)c[d];
        c[d] -= (double)at[d];
    }
    const float *v = f->value + (at[2] * n[1] + at[1]) * n[0] + at[0];
    double plane[2];
    for (int k = 0; k < 2; k++, v += n[0] * n[1]) {
        double near = (1 - c[0]) * (double)v[0] + c[0] * (double)v[1];
        double far = (1 - c[0]) * (double)v[n[0]] + c[0] * (double)v[n[0] + 1];
        plane[k] = (1 - c[1]) * near + c[1] * far;
    }
    return (double)s->offset_mm - ((1 - c[2]) * plane[0] + c[2] * plane[1]); /* air: inside means outside the limb */
}

/* A sheet |f| < thickness; f is the distance to a plane, bent by two sines. b = half extents of the disc it covers. */
static double septum_distance(const Solid *s, Vec3 p)
{
    Vec3 d = v_sub(p, s->a);
    double x = v_dot(d, s->x), y = v_dot(d, s->y), z = v_dot(d, s->z);
    double box = d_max(d_max(d_abs(x) - s->b.x, d_abs(y) - s->b.y), d_abs(z) - s->ra[0] - s->rb[0] - 1);
    if (box > 1) return box; /* clear of the disc: no need to know its waves */
    double wave = s->ra[0] * sin(x * s->ra[1]) + s->rb[0] * sin(y * s->rb[1] + 1);
    double sheet = d_abs(z - wave) * 0.8 - (double)s->offset_mm;
    return d_max(sheet, d_max(d_abs(x) - s->b.x, d_abs(y) - s->b.y));
}

double solid_distance(const Solid *s, Vec3 p)
{
    switch (s->kind) {
    case SOLID_ELLIPSOID:
        return ellipsoid_distance(s, p);
    case SOLID_SEGMENT:
        return segment_distance(s, p);
    case SOLID_BODY:
        return body_distance(s, p);
    case SOLID_ACHILLES:
        return achilles_distance(s->achilles, p) - (double)s->offset_mm;
    case SOLID_SOLEUS:
        return achilles_soleus_distance(s->achilles, p);
    case SOLID_SEPTUM:
        return septum_distance(s, p);
    }
    return 1e3;
}

double solid_slack(const Solid *s)
{
    return s->kind == SOLID_SEGMENT ? 1.15 : s->kind == SOLID_BODY ? 1.3 : 1.5;
}

Solid solid_ellipsoid(Tissue tissue, Vec3 centre, Vec3 radii)
{
    return (Solid){.kind = SOLID_ELLIPSOID,
                   .tissue = tissue,
                   .a = centre,
                   .b = radii,
                   .x = {1, 0, 0},
                   .y = {0, 1, 0},
                   .z = {0, 0, 1},
                   .power = 2};
}

Solid solid_segment(Tissue tissue, Vec3 a, Vec3 b, const double ra[2], const double rb[2], Vec3 across)
{
    Solid s = {.kind = SOLID_SEGMENT,
               .tissue = tissue,
               .a = a,
               .b = b,
               .length = vec3_distance(a, b),
               .ra = {ra[0], ra[1]},
               .rb = {rb[0], rb[1]}};
    s.z = vec3_unit(v_sub(b, a));
    s.x = vec3_unit(v_along(across, s.z, -v_dot(across, s.z)));
    s.y = vec3_cross(s.z, s.x);
    s.fibre = s.z;
    return s;
}

Vec3 point_flex(Vec3 p, Vec3 pivot, double angle)
{
    double y = p.y - pivot.y, z = p.z - pivot.z, c = cos(angle), s = sin(angle);
    return (Vec3){p.x, pivot.y + c * y - s * z, pivot.z + s * y + c * z};
}

void solid_flex(Solid *solid, Vec3 pivot, double angle)
{
    Vec3 zero = {0, 0, 0};
    solid->a = point_flex(solid->a, pivot, angle);
    if (solid->kind == SOLID_SEGMENT) solid->b = point_flex(solid->b, pivot, angle);
    solid->cut_point = point_flex(solid->cut_point, pivot, angle);
    solid->cut_normal = point_flex(solid->cut_normal, zero, angle);
    solid->x = point_flex(solid->x, zero, angle);
    solid->y = point_flex(solid->y, zero, angle);
    solid->z = point_flex(solid->z, zero, angle);
    solid->fibre = point_flex(solid->fibre, zero, angle);
}

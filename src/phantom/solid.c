#include "phantom/solid.h"

#include <math.h>

#include "phantom/achilles.h"

double smooth_min(double a, double b, double k)
{
    double h = fmax(k - fabs(a - b), 0) / k;
    return fmin(a, b) - h * h * k / 4;
}

static double ellipsoid_distance(const Solid *s, Vec3 p)
{
    Vec3 d = vec3_sub(p, s->a);
    double x = vec3_dot(d, s->x), y = vec3_dot(d, s->y), z = vec3_dot(d, s->z);
    double rx = s->b.x + (double)s->offset_mm, ry = s->b.y + (double)s->offset_mm, rz = s->b.z + (double)s->offset_mm;
    double qx = x / rx, qy = y / ry, qz = z / rz;
    double distance;
    if (s->power == 4) { /* flat-sided: |x|^4 + y² + z² = 1 */
        double f = qx * qx * qx * qx + qy * qy + qz * qz;
        double g = sqrt(16 * qx * qx * qx * qx * qx * qx / (rx * rx) + 4 * qy * qy / (ry * ry) + 4 * qz * qz / (rz * rz));
        double root = sqrt(f);
        distance = g > 1e-9 ? (root - 1) * 2 * root / g : -fmin(rx, fmin(ry, rz));
        distance = fmax(distance, -fmin(rx, fmin(ry, rz)));
    } else {
        double k0 = sqrt(qx * qx + qy * qy + qz * qz);
        double k1 = sqrt(qx * qx / (rx * rx) + qy * qy / (ry * ry) + qz * qz / (rz * rz));
        distance = k1 > 1e-9 ? k0 * (k0 - 1) / k1 : -fmin(rx, fmin(ry, rz));
    }
    if (s->cut) {
        double plane = vec3_dot(vec3_sub(p, s->cut_point), s->cut_normal) - (double)s->offset_mm;
        distance = -smooth_min(-distance, -plane, s->cut_round_mm);
    }
    return distance;
}

static double segment_distance(const Solid *s, Vec3 p)
{
    Vec3 d = vec3_sub(p, s->a);
    double along = vec3_dot(d, s->z), t = along / s->length;
    t = t < 0 ? 0 : t > 1 ? 1 : t;
    double r0 = s->ra[0] + t * (s->rb[0] - s->ra[0]) + (double)s->offset_mm;
    double r1 = s->ra[1] + t * (s->rb[1] - s->ra[1]) + (double)s->offset_mm;
    if (r0 < 0.05 || r1 < 0.05) return 1e3; /* vanished: the marrow of a bone thinner than its cortex */
    double x = vec3_dot(d, s->x) / r0, y = vec3_dot(d, s->y) / r1, smallest = fmin(r0, r1);
    double z = (along - t * s->length) / smallest;
    return (sqrt(x * x + y * y + z * z) - 1) * smallest;
}

static double body_distance(const Solid *s, Vec3 p)
{
    double distance = 1e3;
    for (int i = 0; i < s->n_parts; i++) distance = smooth_min(distance, solid_distance(&s->parts[i], p), 14);
    return -(distance - (double)s->offset_mm); /* air: inside means outside the limb */
}

/* A sheet |f| < thickness; f is the distance to a plane, bent by two sines. b = half extents of the disc it covers. */
static double septum_distance(const Solid *s, Vec3 p)
{
    Vec3 d = vec3_sub(p, s->a);
    double x = vec3_dot(d, s->x), y = vec3_dot(d, s->y), z = vec3_dot(d, s->z);
    double sheet = fabs(z - s->ra[0] * sin(x * s->ra[1]) - s->rb[0] * sin(y * s->rb[1] + 1)) * 0.8 - (double)s->offset_mm;
    return fmax(sheet, fmax(fabs(x) - s->b.x, fabs(y) - s->b.y));
}

double solid_distance(const Solid *s, Vec3 p)
{
    switch (s->kind) {
    case SOLID_ELLIPSOID: return ellipsoid_distance(s, p);
    case SOLID_SEGMENT: return segment_distance(s, p);
    case SOLID_BODY: return body_distance(s, p);
    case SOLID_ACHILLES: return achilles_distance(s->achilles, p) - (double)s->offset_mm;
    case SOLID_SOLEUS: return achilles_soleus_distance(s->achilles, p);
    case SOLID_SEPTUM: return septum_distance(s, p);
    }
    return 1e3;
}

Solid solid_ellipsoid(Tissue tissue, Vec3 centre, Vec3 radii)
{
    return (Solid){.kind = SOLID_ELLIPSOID, .tissue = tissue, .a = centre, .b = radii, .x = {1, 0, 0}, .y = {0, 1, 0},
                   .z = {0, 0, 1}, .power = 2};
}

Solid solid_segment(Tissue tissue, Vec3 a, Vec3 b, const double ra[2], const double rb[2], Vec3 across)
{
    Solid s = {.kind = SOLID_SEGMENT, .tissue = tissue, .a = a, .b = b, .length = vec3_distance(a, b),
               .ra = {ra[0], ra[1]}, .rb = {rb[0], rb[1]}};
    s.z = vec3_unit(vec3_sub(b, a));
    s.x = vec3_unit(vec3_along(across, s.z, -vec3_dot(across, s.z)));
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

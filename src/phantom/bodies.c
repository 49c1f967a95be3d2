/* Bodies without an Achilles tendon in view, which must be refused: calf, knee, head, bottle. Coarse on purpose. */
#include <math.h>

#include "phantom/scene.h"
#include "teno/random.h"

static const Vec3 lateral = {1, 0, 0};

static void tube(Scene *s, Tissue tissue, Vec3 a, Vec3 b, double rx, double ry)
{
    double ra[2] = {rx, rx}, rb[2] = {ry, ry};
    scene_add(s, solid_segment(tissue, a, b, ra, rb, lateral));
}

static void outline(Scene *s, Solid part, double skin_mm)
{
    s->body_parts[s->n_body_parts++] = part;
    Solid air = {.kind = SOLID_BODY, .tissue = TISSUE_AIR, .field = &s->outline};
    scene_add(s, air);
    if (skin_mm <= 0) return;
    air.tissue = TISSUE_SKIN;
    air.offset_mm = (float)-skin_mm;
    scene_add(s, air);
}

static void bone(Scene *s, Vec3 a, Vec3 b, double rx, double ry, double cortex)
{
    tube(s, TISSUE_MARROW, a, b, rx - cortex, ry - cortex);
    tube(s, TISSUE_CORTEX, a, b, rx, ry);
}

static void calf(Scene *s)
{
    double ra[2] = {52, 52}, rb[2] = {56, 56};
    outline(s, solid_segment(TISSUE_FAT, (Vec3){0, 10, -160}, (Vec3){0, 10, 190}, ra, rb, lateral), 1.6);
    bone(s, (Vec3){-12, -18, -160}, (Vec3){-12, -18, 190}, 13, 14, 4);
    bone(s, (Vec3){24, -2, -160}, (Vec3){24, -2, 190}, 6, 6.5, 2.5);
    tube(s, TISSUE_ARTERY, (Vec3){2, 8, -160}, (Vec3){2, 8, 190}, 1.6, 1.6);
    tube(s, TISSUE_VEIN, (Vec3){6, 9, -160}, (Vec3){6, 9, 190}, 2, 1.6);
    tube(s, TISSUE_SEPTUM, (Vec3){-20, 34, -160}, (Vec3){-20, 34, 190}, 17, 0.6);
    tube(s, TISSUE_SEPTUM, (Vec3){18, 34, -160}, (Vec3){18, 34, 190}, 17, 0.6);
    tube(s, TISSUE_MUSCLE, (Vec3){-20, 46, -160}, (Vec3){-20, 46, 190}, 21, 11);
    tube(s, TISSUE_MUSCLE, (Vec3){20, 46, -160}, (Vec3){18, 46, 190}, 19, 10);
    tube(s, TISSUE_MUSCLE, (Vec3){0, 24, -160}, (Vec3){0, 24, 190}, 38, 12);
    tube(s, TISSUE_MUSCLE, (Vec3){10, -24, -160}, (Vec3){10, -24, 190}, 22, 12);
    tube(s, TISSUE_MUSCLE, (Vec3){34, 2, -160}, (Vec3){34, 2, 190}, 7, 14);
}

static void knee(Scene *s)
{
    double ra[2] = {58, 56}, rb[2] = {62, 58};
    outline(s, solid_segment(TISSUE_FAT, (Vec3){0, 5, -160}, (Vec3){0, 5, 190}, ra, rb, lateral), 1.8);
    tube(s, TISSUE_TENDON, (Vec3){0, -48, 12}, (Vec3){0, -40, -42}, 13, 2.5); /* patellar */
    tube(s, TISSUE_TENDON, (Vec3){0, -50, 45}, (Vec3){0, -38, 150}, 16, 3.5); /* quadriceps */
    scene_add(s, solid_ellipsoid(TISSUE_MARROW, (Vec3){0, -46, 28}, (Vec3){19, 9, 19}));
    scene_add(s, solid_ellipsoid(TISSUE_CORTEX, (Vec3){0, -46, 28}, (Vec3){20.2, 10.2, 20.2}));
    bone(s, (Vec3){0, -8, 60}, (Vec3){0, -8, 190}, 14, 14, 3);
    for (int side = -1; side < 2; side += 2) {
        scene_add(s, solid_ellipsoid(TISSUE_MARROW, (Vec3){side * 21.0, 0, 26}, (Vec3){16, 28, 22}));
        scene_add(s, solid_ellipsoid(TISSUE_CORTEX, (Vec3){side * 21.0, 0, 26}, (Vec3){17, 29, 23}));
        scene_add(s, solid_ellipsoid(TISSUE_CARTILAGE, (Vec3){side * 21.0, 0, 26}, (Vec3){18, 31, 25}));
        tube(s, TISSUE_LIGAMENT, (Vec3){side * 28.0, -12, -2}, (Vec3){side * 28.0, 14, -2}, 7, 2.5);
        tube(s, TISSUE_TENDON, (Vec3){side * 30.0, 40, -60}, (Vec3){side * 28.0, 36, 150}, 4, 3);
    }
    tube(s, TISSUE_LIGAMENT, (Vec3){3, -14, -6}, (Vec3){-4, 16, 22}, 4, 3);
    bone(s, (Vec3){0, 0, -160}, (Vec3){0, 0, -14}, 16, 17, 2);
    scene_add(s, solid_ellipsoid(TISSUE_MARROW, (Vec3){0, 0, -16}, (Vec3){37, 25, 13}));
    scene_add(s, solid_ellipsoid(TISSUE_CORTEX, (Vec3){0, 0, -16}, (Vec3){38, 26, 14}));
    tube(s, TISSUE_ARTERY, (Vec3){0, 38, -160}, (Vec3){0, 38, 190}, 3, 3);
    tube(s, TISSUE_MUSCLE, (Vec3){-20, 46, -160}, (Vec3){-20, 40, 0}, 17, 12);
    tube(s, TISSUE_MUSCLE, (Vec3){20, 46, -160}, (Vec3){20, 40, 0}, 17, 12);
    tube(s, TISSUE_MUSCLE, (Vec3){0, -30, 80}, (Vec3){0, -30, 190}, 40, 14);
    tube(s, TISSUE_MUSCLE, (Vec3){0, 34, 60}, (Vec3){0, 34, 190}, 40, 15);
}

static void head(Scene *s)
{
    outline(s, solid_ellipsoid(TISSUE_FAT, (Vec3){0, 0, 0}, (Vec3){78, 96, 104}), 1.8);
    scene_add(s, solid_ellipsoid(TISSUE_WATER, (Vec3){-9, 0, 18}, (Vec3){5, 24, 9}));
    scene_add(s, solid_ellipsoid(TISSUE_WATER, (Vec3){9, 0, 18}, (Vec3){5, 24, 9}));
    scene_add(s, solid_ellipsoid(TISSUE_NERVE, (Vec3){0, 2, 10}, (Vec3){56, 72, 76}));
    scene_add(s, solid_ellipsoid(TISSUE_TENDINOSIS, (Vec3){0, 2, 10}, (Vec3){63, 80, 84}));
    scene_add(s, solid_ellipsoid(TISSUE_WATER, (Vec3){0, 2, 10}, (Vec3){66, 83, 87}));
    scene_add(s, solid_ellipsoid(TISSUE_CORTEX, (Vec3){0, 2, 10}, (Vec3){68, 85, 89}));
    scene_add(s, solid_ellipsoid(TISSUE_MARROW, (Vec3){0, 2, 10}, (Vec3){70, 87, 91}));
    scene_add(s, solid_ellipsoid(TISSUE_CORTEX, (Vec3){0, 2, 10}, (Vec3){72, 89, 93}));
    tube(s, TISSUE_MUSCLE, (Vec3){0, 50, -100}, (Vec3){0, 60, -50}, 40, 14);
}

static void bottle(Scene *s)
{
    double ra[2] = {45, 45}, rb[2] = {45, 45};
    outline(s, solid_segment(TISSUE_PLASTIC, (Vec3){0, 0, -80}, (Vec3){0, 0, 80}, ra, rb, lateral), 0);
    tube(s, TISSUE_AIR, (Vec3){0, -38, -70}, (Vec3){0, -38, 70}, 9, 4);
    tube(s, TISSUE_WATER, (Vec3){0, 0, -80}, (Vec3){0, 0, 80}, 43, 43);
}

int body_scene(Scene *out, BodyKind body, const AnkleSpec *ankle, Error *error)
{
    if (body == BODY_ANKLE) return ankle_scene(out, ankle, error);
    *out = (Scene){.background = TISSUE_FAT, .texture_seed = random_seed(ankle->seed, "texture")};
    if (body == BODY_CALF) calf(out);
    if (body == BODY_KNEE) knee(out);
    if (body == BODY_HEAD) head(out);
    if (body == BODY_BOTTLE) {
        out->background = TISSUE_PLASTIC;
        bottle(out);
    }
    return scene_finish(out, (Vec3){-110, -120, -130}, (Vec3){110, 120, 150}, error);
}

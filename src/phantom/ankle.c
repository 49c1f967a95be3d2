/*
 * The ankle of a left leg in its own frame: origin at the middle of the tibiotalar joint line, x lateral, y posterior,
 * z proximal, mm. The hindfoot turns about the talus with plantar flexion; the leg stays. Dimensions are those of an
 * adult of average size (ankle atlases; Achilles: clinical.md §1.2), each varied by the seed. A right leg is its mirror
 * image.
 */
#include <math.h>

#include "phantom/scene.h"
#include "teno/random.h"

static const Vec3 pivot = {0, -2, -12}; /* axis of flexion: through the talus */
static const Vec3 lateral = {1, 0, 0};

typedef struct Builder {
    Scene *scene;
    const AnkleSpec *ankle;
    double flexion_rad, size;
    uint64_t seed, draws; /* each part starts its own thousand draws, so that no option of one moves another */
} Builder;

static double vary(Builder *b, double value, double share)
{
    return value * random_between(b->seed, b->draws++, 1 - share, 1 + share);
}

static double shift(Builder *b, double mm)
{
    return random_between(b->seed, b->draws++, -mm, mm);
}

static Vec3 place(Builder *b, double x, double y, double z, double scatter_mm)
{
    return (Vec3){x * b->size + shift(b, scatter_mm), y * b->size + shift(b, scatter_mm),
                  z * b->size + shift(b, scatter_mm)};
}

/* A point of a path: x, y, z, radii, and whether it moves with the hindfoot. */
typedef struct PathPoint {
    double x, y, z, ra, rb;
    bool foot;
} PathPoint;

enum { MAX_PATH = 16 };

static void add_path(Builder *b, Tissue tissue, const PathPoint *path, int n, double scatter_mm, double grow_mm)
{
    Vec3 points[MAX_PATH], offset = {shift(b, scatter_mm), shift(b, scatter_mm), shift(b, scatter_mm)};
    double ra[MAX_PATH], rb[MAX_PATH], thickness = vary(b, 1, 0.15);
    for (int i = 0; i < n && i < MAX_PATH; i++) {
        points[i] = vec3_add((Vec3){path[i].x * b->size, path[i].y * b->size, path[i].z * b->size}, offset);
        if (path[i].foot) points[i] = point_flex(points[i], pivot, b->flexion_rad);
        ra[i] = path[i].ra * thickness + grow_mm;
        rb[i] = path[i].rb * thickness + grow_mm;
    }
    scene_add_tube(b->scene, tissue, points, ra, rb, n < MAX_PATH ? n : MAX_PATH, lateral);
}

#define PATH(tissue, scatter, ...)                                                                                     \
    do {                                                                                                               \
        static const PathPoint path_[] = {__VA_ARGS__};                                                                \
        add_path(b, tissue, path_, (int)(sizeof path_ / sizeof *path_), scatter, 0);                                   \
    } while (0)

static void add_tendons(Builder *b)
{
    b->draws = 3000;
    /* tibialis posterior, flexor digitorum, flexor hallucis */
    PATH(TISSUE_TENDON, 0.8, {-10, 15, 130, 2.5, 2, 0}, {-20, 11, 32, 3.4, 2.2, 0}, {-23, 8, 4, 3.6, 2.3, 0},
         {-24, -1, -14, 3.7, 2.2, 1}, {-19, -28, -27, 4.5, 2, 1}, {-14, -50, -30, 5, 1.8, 1});
    PATH(TISSUE_TENDON, 0.8, {-15, 20, 130, 1.8, 1.6, 0}, {-20, 17, 32, 2.1, 1.8, 0}, {-21, 14, 2, 2.2, 1.8, 0},
         {-19, 2, -22, 2.1, 1.7, 1}, {-12, -30, -42, 2.2, 1.6, 1}, {-4, -70, -52, 2.2, 1.6, 1});
    PATH(TISSUE_TENDON, 0.8, {3, 26, 60, 1.2, 1, 0}, {-1, 26, 22, 2.4, 1.9, 0}, {-6, 23, -8, 2.5, 2.1, 1},
         {-13, 6, -28, 2.5, 2, 1}, {-12, -30, -44, 2.4, 2, 1}, {-14, -80, -54, 2.4, 1.9, 1});
    /* peroneus longus and brevis */
    PATH(TISSUE_TENDON, 0.8, {30, 17, 130, 2.2, 1.6, 0}, {31, 20, 30, 3.2, 2, 0}, {32, 17, -5, 3.3, 2.2, 0},
         {31, 6, -25, 3.2, 2.2, 1}, {27, -14, -45, 3.1, 2.2, 1}, {14, -32, -56, 3.2, 2, 1}, {-6, -50, -58, 3, 1.8, 1});
    PATH(TISSUE_TENDON, 0.8, {29, 15, 60, 1.2, 1, 0}, {30, 15, 18, 3, 1.5, 0}, {31, 12, -8, 3, 1.6, 0},
         {31, 2, -24, 2.8, 1.8, 1}, {29, -28, -38, 2.8, 1.8, 1}, {26, -44, -44, 3, 1.6, 1});
    /* tibialis anterior, extensor hallucis, extensor digitorum */
    PATH(TISSUE_TENDON, 0.8, {-4, -20, 130, 2.5, 2, 0}, {-9, -24, 32, 4, 2.4, 0}, {-13, -27, 2, 4.2, 2.4, 0},
         {-18, -38, -16, 4.4, 2.2, 1}, {-21, -58, -30, 5, 2, 1});
    PATH(TISSUE_TENDON, 0.6, {0, -20, 70, 1.5, 1.2, 0}, {-3, -25, 20, 2.2, 1.7, 0}, {-6, -30, -4, 2.3, 1.8, 0},
         {-8, -60, -12, 2.2, 1.6, 1});
    PATH(TISSUE_TENDON, 0.6, {9, -19, 80, 2, 1.6, 0}, {7, -24, 22, 4, 1.7, 0}, {7, -29, -3, 5, 1.6, 0},
         {10, -60, -16, 7, 1.2, 1});
}

static void add_muscles(Builder *b)
{
    b->draws = 4000;
    Solid soleus = {.kind = SOLID_SOLEUS, .tissue = TISSUE_MUSCLE, .achilles = &b->scene->achilles, .fibre = {0, 0, 1}};
    scene_add(b->scene, soleus);
    PATH(TISSUE_MUSCLE, 2, {11, 24, 150, 14, 10, 0}, {9, 24, 80, 14, 10, 0}, {5, 26, 45, 11, 7.5, 0},
         {2, 26, 22, 6.5, 4.5, 0}, {0, 26, 5, 3, 2.4, 0});
    PATH(TISSUE_MUSCLE, 1.5, {28, 14, 150, 9, 13, 0}, {28, 16, 80, 8, 10, 0}, {29, 17, 45, 6, 7, 0},
         {30, 16, 16, 3.5, 2.8, 0});
    PATH(TISSUE_MUSCLE, 1.5, {-9, 17, 150, 15, 9, 0}, {-12, 17, 80, 12, 8, 0}, {-15, 17, 50, 7, 5.5, 0},
         {-17, 15, 28, 3, 2.5, 0});
    PATH(TISSUE_MUSCLE, 1.5, {4, -20, 150, 20, 11, 0}, {3, -20, 90, 15, 8, 0}, {4, -21, 60, 10, 5, 0},
         {5, -23, 32, 4, 2.5, 0});
    /* sole: abductor hallucis, flexor digitorum brevis, abductor digiti minimi, quadratus plantae, extensor brevis */
    PATH(TISSUE_MUSCLE, 1.5, {-17, 22, -56, 5, 7, 1}, {-22, -20, -50, 7, 10, 1}, {-22, -70, -50, 6, 8, 1});
    PATH(TISSUE_MUSCLE, 1.5, {-1, 22, -66, 8, 2, 1}, {-2, -15, -64, 12, 5, 1}, {-2, -75, -60, 13, 5, 1});
    PATH(TISSUE_MUSCLE, 1.5, {16, 24, -60, 5, 4, 1}, {22, -15, -56, 7, 6, 1}, {26, -60, -56, 6, 6, 1});
    PATH(TISSUE_MUSCLE, 1.5, {-6, 6, -56, 7, 5, 1}, {-6, -40, -52, 9, 5, 1});
    PATH(TISSUE_MUSCLE, 1.5, {20, -30, -22, 8, 5, 1}, {22, -60, -26, 9, 4, 1});
}

static void add_vessels(Builder *b)
{
    b->draws = 5000;
    PATH(TISSUE_ARTERY, 1.2, {-13, 22, 150, 1.3, 1.3, 0}, {-16, 22, 20, 1.3, 1.3, 0}, {-15, 17, -12, 1.2, 1.2, 0},
         {-15, 2, -34, 1.2, 1.2, 1}, {-16, -40, -52, 1, 1, 1});
    PATH(TISSUE_VEIN, 1.2, {-15, 24, 150, 1.6, 1.2, 0}, {-18, 24, 20, 1.6, 1.3, 0}, {-17, 19, -12, 1.5, 1.2, 0},
         {-17, 3, -36, 1.3, 1.3, 1});
    PATH(TISSUE_VEIN, 1.2, {-11, 24, 150, 1.4, 1.2, 0}, {-14, 24, 20, 1.5, 1.2, 0}, {-13, 19, -14, 1.3, 1.2, 0});
    PATH(TISSUE_NERVE, 1.2, {-12, 27, 150, 2, 1.6, 0}, {-13, 26, 20, 2.1, 1.7, 0}, {-12, 20, -14, 2, 1.6, 0},
         {-14, 4, -38, 1.5, 1.2, 1});
    /* small saphenous vein with the sural nerve, great saphenous, anterior tibial */
    PATH(TISSUE_VEIN, 2, {9, 50, 150, 1.5, 1.1, 0}, {15, 44, 60, 1.5, 1.1, 0}, {22, 36, 15, 1.4, 1, 0},
         {32, 22, -22, 1.2, 1, 0});
    PATH(TISSUE_NERVE, 1.5, {12, 48, 150, 1, 0.9, 0}, {19, 41, 50, 1, 0.9, 0}, {27, 32, 5, 0.9, 0.9, 0});
    PATH(TISSUE_VEIN, 2, {-30, -2, 150, 1.5, 1.2, 0}, {-29, -14, 20, 1.5, 1.2, 0}, {-24, -34, -14, 1.3, 1.2, 1});
    PATH(TISSUE_ARTERY, 1, {8, -11, 150, 1.1, 1.1, 0}, {2, -21, 25, 1.1, 1.1, 0}, {0, -28, -4, 1.1, 1.1, 0},
         {-2, -55, -14, 1, 1, 1});
    /* fine vessels and strands across Kager's fat pad */
    for (int i = 0; i < 9; i++) {
        double z0 = shift(b, 40) + 18, w = vary(b, 0.5, 0.4);
        Vec3 from = place(b, shift(b, 10), 29, z0, 2), to = place(b, shift(b, 9), 41, z0 + shift(b, 12), 2);
        double r[2] = {w, w};
        scene_add(b->scene, solid_segment(i % 3 ? TISSUE_SEPTUM : TISSUE_VEIN, from, to, r, r, lateral));
    }
}

/* The heel bone's tuberosity: flat-sided behind, its top cut off by the bursal face. Not yet flexed. */
static Solid calcaneus_tuberosity(Builder *b)
{
    double tilt = random_between(b->seed, b->draws++, -0.02, 0.2),
           face = random_between(b->seed, b->draws++, 0.55, 0.95);
    Vec3 radii = {vary(b, 16.5, 0.08) * b->size, vary(b, 23, 0.05) * b->size, vary(b, 27, 0.05) * b->size};
    Solid s = solid_ellipsoid(TISSUE_CORTEX, place(b, 1, 23, -49, 1.5), radii);
    s.power = 4;
    Vec3 zero = {0, 0, 0};
    s.y = point_flex(s.y, zero, tilt); /* the wall leans: its lower end lies further back */
    s.z = point_flex(s.z, zero, tilt);
    s.cut = true;
    s.cut_round_mm = random_between(b->seed, b->draws++, 1.5, 4);
    double up =
        random_between(b->seed, b->draws++, 6, 12) * b->size; /* of the bursal edge above the ellipsoid's middle */
    double back = radii.y * sqrt(1 - up * up / (radii.z * radii.z));
    s.cut_point = vec3_along(vec3_along(s.a, s.z, up), s.y, back);
    s.cut_normal = (Vec3){0, sin(face), cos(face)};
    return s;
}

typedef struct BoneRow {
    double x, y, z, rx, ry, rz, cortex_mm;
    bool foot;
} BoneRow;

/* medial and lateral malleolus; talus body, head; calcaneus body, anterior process, sustentaculum; navicular, cuboid,
 * cuneiforms, metatarsal bases */
static const BoneRow bone_rows[] = {
    {-20, -3, -5, 6.5, 9, 12, 1.2, 0},   {30.5, 8, -10, 6.5, 8, 12, 1.2, 0}, {0, -4, -14, 18, 22, 13.5, 0.9, 1},
    {-6, -32, -20, 13, 14, 11, 0.9, 1},  {3, 2, -41, 14.5, 26, 13, 1, 1},    {11, -22, -38, 12, 15, 13, 0.9, 1},
    {-10, -6, -33, 9, 11, 5, 1, 1},      {-11, -51, -24, 16, 7, 12, 0.9, 1}, {14, -45, -42, 13, 16, 12, 0.9, 1},
    {-12, -68, -32, 18, 11, 12, 0.9, 1}, {6, -78, -38, 26, 14, 9, 1, 1},
};

static void add_bone(Builder *b, Solid bone, double cortex_mm)
{
    Solid marrow = bone;
    marrow.tissue = TISSUE_MARROW;
    marrow.offset_mm = (float)-cortex_mm;
    scene_add(b->scene, marrow);
    bone.tissue = TISSUE_CORTEX;
    scene_add(b->scene, bone);
}

/* Marrows first, so that bones made of several parts have no wall inside. */
static void add_bones(Builder *b, const Solid *tuberosity)
{
    b->draws = 2000;
    enum { N = sizeof bone_rows / sizeof *bone_rows };
    Solid bones[N + 9];
    double cortex[N + 9];
    int n = 0;
    bones[n] = *tuberosity;
    cortex[n++] = vary(b, 1.0, 0.3);
    for (int i = 0; i < N; i++, n++) {
        const BoneRow *r = &bone_rows[i];
        double grow = vary(b, b->size, 0.05);
        bones[n] = solid_ellipsoid(TISSUE_CORTEX, place(b, r->x, r->y, r->z, 0.8),
                                   (Vec3){r->rx * grow, r->ry * grow, r->rz * grow});
        if (r->foot) solid_flex(&bones[n], pivot, b->flexion_rad);
        cortex[n] = vary(b, r->cortex_mm, 0.25);
    }
    static const PathPoint shafts[2][5] = {{{0, 0, 150, 12, 13, 0},
                                            {0, 0, 60, 14, 13, 0},
                                            {0, 0, 30, 18, 16, 0},
                                            {0, 0, 12, 22, 19, 0},
                                            {0, -1, 9, 23, 19, 0}},
                                           {{23, 10, 150, 6, 6.5, 0},
                                            {26, 11, 60, 6.3, 7, 0},
                                            {29, 10, 18, 7.5, 8, 0},
                                            {30, 9, -4, 7.5, 8.5, 0},
                                            {30, 8, -8, 7, 8.5, 0}}};
    for (int shaft = 0; shaft < 2; shaft++)
        for (int i = 0; i < 4; i++, n++) {
            const PathPoint *p = &shafts[shaft][i];
            double ra[2] = {p[0].ra * b->size, p[1].ra * b->size}, rb[2] = {p[0].rb * b->size, p[1].rb * b->size};
            Vec3 from = {p[0].x * b->size, p[0].y * b->size, p[0].z * b->size},
                 to = {p[1].x * b->size, p[1].y * b->size, p[1].z * b->size};
            bones[n] = solid_segment(TISSUE_CORTEX, from, to, ra, rb, lateral);
            cortex[n] = shaft ? 1.5 : 1.2 + 0.02 * p[0].z;
        }
    /* Cartilage lies between talus and tibia, and hides both. */
    Solid cartilage = bones[3];
    cartilage.tissue = TISSUE_CARTILAGE;
    cartilage.offset_mm = 1.6f;
    for (int i = 3; i < 5; i++) add_bone(b, bones[i], cortex[i]);
    scene_add(b->scene, cartilage);
    for (int i = 0; i < n; i++) {
        bones[i].offset_mm = (float)-cortex[i];
        bones[i].tissue = TISSUE_MARROW;
        if (i != 3 && i != 4) scene_add(b->scene, bones[i]);
    }
    for (int i = 0; i < n; i++) {
        bones[i].offset_mm = 0;
        bones[i].tissue = TISSUE_CORTEX;
        if (i != 3 && i != 4) scene_add(b->scene, bones[i]);
    }
}

static void add_ligaments(Builder *b)
{
    b->draws = 6000;
    PATH(TISSUE_LIGAMENT, 0.7, {26, -2, -8, 1.5, 3, 0}, {15, -20, -16, 1.4, 3, 1});
    PATH(TISSUE_LIGAMENT, 0.7, {29, 9, -18, 2.5, 1.6, 0}, {22, 14, -38, 2.5, 1.6, 1});
    PATH(TISSUE_LIGAMENT, 0.7, {25, 14, -10, 1.6, 2.5, 0}, {3, 19, -14, 1.6, 2.6, 1});
    PATH(TISSUE_LIGAMENT, 0.7, {-21, -3, -14, 2.5, 5, 0}, {-16, -5, -29, 2.5, 6, 1});
    PATH(TISSUE_LIGAMENT, 0.7, {-2, 36, -74, 9, 1.8, 1}, {-3, -20, -72, 9, 1.4, 1}, {-3, -80, -68, 12, 1.1, 1});
    PATH(TISSUE_LIGAMENT, 0.7, {20, -15, 12, 1.5, 3, 0}, {26, -2, 8, 1.5, 3, 0});
}

/* The Achilles with what lies on it: plantaris along its medial edge, paratenon, bursa. */
static void add_achilles(Builder *b)
{
    b->draws = 7000;
    const AnkleSpec *ankle = b->ankle;
    Achilles *a = &b->scene->achilles;
    Solid tendon = {.kind = SOLID_ACHILLES, .tissue = TISSUE_TENDON, .achilles = a};
    scene_add(b->scene, tendon);
    if (ankle->plantaris) {
        double r0 = vary(b, 0.9, 0.3), ra[2] = {r0, r0}, rb[2] = {r0 * 1.5, r0 * 1.5}, lift = shift(b, 1.5);
        for (int i = (int)(a->contact_m - a->first_m) + 4; i + 6 < a->n; i += 6) {
            Vec3 ends[2];
            for (int e = 0; e < 2; e++) {
                int k = i + 6 * e;
                double out = -a->half_width[k] - r0 - 0.5 - 0.02 * (k > 60 ? k - 60 : 0);
                ends[e] = vec3_along(vec3_along(a->centre[k], a->u[k], out), a->v[k], lift - 0.03 * k);
            }
            scene_add(b->scene, solid_segment(TISSUE_TENDON, ends[0], ends[1], ra, rb, lateral));
        }
    }
    int k = (int)(a->contact_m - a->first_m);
    double fluid = ankle->bursa_fluid_mm;
    if (fluid > 0) {
        Vec3 centre = vec3_along(vec3_along(a->centre[k + 5], a->v[k + 5], -a->half_thickness[k + 5] - fluid * 0.6),
                                 lateral, shift(b, 1));
        Solid bursa = solid_ellipsoid(TISSUE_FLUID, centre, (Vec3){vary(b, 7, 0.2), fluid, vary(b, 6.5, 0.25)});
        solid_flex(&bursa, centre, random_between(b->seed, b->draws++, 0.1, 0.5));
        scene_add(b->scene, bursa);
    }
    if (ankle->paratenon_fluid_mm > 0) {
        tendon.tissue = TISSUE_FLUID;
        tendon.offset_mm = (float)ankle->paratenon_fluid_mm;
        scene_add(b->scene, tendon);
    }
    tendon.tissue = TISSUE_PARATENON;
    tendon.offset_mm = (float)(ankle->paratenon_fluid_mm + vary(b, 0.28, 0.5));
    scene_add(b->scene, tendon);
}

static void add_septa(Builder *b)
{
    b->draws = 8000;
    for (int i = 0; i < 46; i++) {
        double z = shift(b, 85) + 15, angle = shift(b, 3.1416), radius = 30 + 14 * fabs(sin(angle)) + shift(b, 8);
        if (i < 6) { /* faint sheets in Kager's pad */
            angle = 1.57 + shift(b, 0.3);
            radius = 34 + shift(b, 4);
        }
        Solid s = {.kind = SOLID_SEPTUM, .tissue = TISSUE_SEPTUM, .offset_mm = (float)vary(b, 0.22, 0.4)};
        s.a = (Vec3){radius * cos(angle), radius * sin(angle) + 3, z};
        Vec3 normal = vec3_unit((Vec3){shift(b, 1), shift(b, 1), shift(b, 1)});
        s.z = normal;
        s.x = vec3_unit(vec3_cross(normal, (Vec3){0.3, 0.2, 0.9}));
        s.y = vec3_cross(s.z, s.x);
        s.b = (Vec3){vary(b, 9, 0.6), vary(b, 9, 0.6), 0};
        s.ra[0] = vary(b, 1, 0.8);
        s.ra[1] = vary(b, 0.5, 0.5);
        s.rb[0] = vary(b, 0.8, 0.8);
        s.rb[1] = vary(b, 0.6, 0.5);
        scene_add(b->scene, s);
    }
    if (b->ankle->kager_edema > 0) {
        Achilles *a = &b->scene->achilles;
        int k = (int)(a->contact_m - a->first_m + 35 + shift(b, 12));
        Vec3 at = vec3_along(a->centre[k], a->v[k], -a->half_thickness[k] - 6);
        scene_add(b->scene, solid_ellipsoid(TISSUE_EDEMA, at, vec3_scale((Vec3){7, 3.5, 18}, b->ankle->kager_edema)));
    }
}

static void add_body_part(Builder *b, Solid part)
{
    if (b->scene->n_body_parts < SCENE_MAX_PARTS) b->scene->body_parts[b->scene->n_body_parts++] = part;
}

/* The outline of the limb: leg, malleoli, heel, foot and the ridge of the Achilles, blended. */
static void add_skin(Builder *b)
{
    b->draws = 1000;
    double fat = b->ankle->fat_mm, s = b->size;
    static const PathPoint leg[] = {{0, 12, 170, 40, 44, 0},
                                    {1, 10, 90, 34, 35, 0},
                                    {2, 7, 45, 31, 31, 0},
                                    {3, 3, 8, 30, 29, 0},
                                    {2, 0, -15, 28, 27, 0}};
    static const PathPoint foot[] = {
        {1, 20, -46, 17, 24, 1}, {2, -20, -42, 26, 26, 1}, {0, -60, -40, 34, 25, 1}, {0, -120, -48, 40, 18, 1}};
    for (int i = 0; i < 4; i++)
        for (int which = 0; which < (i < 3 ? 2 : 1); which++) {
            const PathPoint *p = which ? &foot[i] : &leg[i];
            Vec3 from = {p[0].x * s, p[0].y * s, p[0].z * s}, to = {p[1].x * s, p[1].y * s, p[1].z * s};
            if (p[0].foot) {
                from = point_flex(from, pivot, b->flexion_rad);
                to = point_flex(to, pivot, b->flexion_rad);
            }
            double ra[2] = {p[0].ra * s + fat - 4, p[1].ra * s + fat - 4},
                   rb[2] = {p[0].rb * s + fat - 4, p[1].rb * s + fat - 4};
            add_body_part(b, solid_segment(TISSUE_FAT, from, to, ra, rb, lateral));
        }
    Solid heel = solid_ellipsoid(TISSUE_FAT, (Vec3){1 * s, 22 * s, -54 * s},
                                 (Vec3){22 * s + fat - 4, 28 * s + fat, 30 * s + fat - 4});
    solid_flex(&heel, pivot, b->flexion_rad);
    add_body_part(b, heel);
    const Achilles *a = &b->scene->achilles;
    for (int i = 6; i + 12 < a->n; i += 12) { /* skin follows the tendon's own swelling */
        double ra[2], rb[2];
        for (int e = 0; e < 2; e++) {
            ra[e] = a->half_width[i + 12 * e] * 0.75 + fat * 0.9 + 1;
            rb[e] = a->half_thickness[i + 12 * e] + fat * 0.8 + 1;
        }
        add_body_part(b, solid_segment(TISSUE_FAT, a->centre[i], a->centre[i + 12], ra, rb, lateral));
    }
    Solid air = {.kind = SOLID_BODY, .tissue = TISSUE_AIR, .field = &b->scene->outline};
    Solid skin = air;
    scene_add(b->scene, air);
    skin.tissue = TISSUE_SKIN;
    skin.offset_mm = (float)-vary(b, 1.5, 0.25);
    scene_add(b->scene, skin);
}

int ankle_scene(Scene *out, const AnkleSpec *ankle, Error *error)
{
    *out = (Scene){.background = TISSUE_FAT, .texture_seed = random_seed(ankle->seed, "texture")};
    Builder builder = {.scene = out,
                       .ankle = ankle,
                       .flexion_rad = ankle->flexion_deg * 3.14159265358979323846 / 180,
                       .size = ankle->size,
                       .seed = random_seed(ankle->seed, "anatomy")};
    Builder *b = &builder;
    Solid tuberosity = calcaneus_tuberosity(b);
    solid_flex(&tuberosity, pivot, b->flexion_rad);
    achilles_build(&out->achilles, ankle, &tuberosity);
    add_skin(b);
    add_bones(b, &tuberosity);
    add_achilles(b);
    add_tendons(b);
    add_vessels(b);
    add_ligaments(b);
    add_muscles(b);
    add_septa(b);
    return scene_finish(out, (Vec3){-75, -110, -115}, (Vec3){75, 85, 150}, error);
}

/* Drawing plausible studies from a seed: who, how ill, on which scanner, with which protocol. */
#include "phantom/spec.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "teno/memory.h"
#include "teno/random.h"

static double normal_between(uint64_t seed, uint64_t index, double mean, double sd, double low, double high)
{
    return fmin(fmax(mean + sd * random_normal(seed, index), low), high);
}

bool protocol_series(SeriesSpec *out, const char *name, double field_t)
{
    const Protocol *p = protocol_find(name);
    if (!p) return false;
    *out = (SeriesSpec){.fov_mm = p->fov_mm,
                        .thickness_mm = p->thickness_mm,
                        .gap_mm = p->gap_mm,
                        .te_ms = p->sequence.te_ms,
                        .tr_ms = p->sequence.tr_ms,
                        .ti_ms = p->sequence.ti_ms,
                        .matrix = p->matrix,
                        .slices = p->slices,
                        .resolution_mm = p->resolution_mm,
                        .snr = p->snr * (field_t < 2 ? 0.7 : 1)};
    string_set(out->protocol, sizeof out->protocol, name);
    out->centre_mm = (Vec3){1, 8, 4};
    if (strcmp(p->plane, "axial") == 0) out->centre_mm = (Vec3){1, 12, 8};
    if (strcmp(p->plane, "coronal") == 0) out->centre_mm = (Vec3){1, 16, 0};
    if (field_t < 2 && p->sequence.ti_ms > 0) out->ti_ms = 150;
    if (field_t > 2 && p->sequence.ti_ms > 0) out->ti_ms = 200;
    return true;
}

/* Protocol lists as departments have them, the first being the most usual. */
static const char *const protocol_sets[][PHANTOM_MAX_SERIES] = {
    {"ax_pd", "ax_t2_fs", "sag_t1", "sag_stir"},
    {"sag_t1", "sag_stir", "ax_t2_fs"},
    {"ax_t1", "ax_pd_fs", "sag_stir", "cor_pd_fs"},
    {"ax_pd", "ax_pd_fs", "sag_pd_fs"},
    {"ax_t1", "ax_t2_fs", "sag_t2_fs"},
    {"3d_pd", "sag_stir", "ax_t2_fs"},
    {"3d_pd", "3d_pd_fs"},
    {"ax_pd", "ax_t2"},
    {"ax_t2_fs", "sag_stir"},
    {"sag_t1", "sag_stir"},
    {"sag_t1", "sag_t2_fs", "cor_pd_fs"},
    {"ax_pd", "sag_t1", "sag_stir", "cor_pd_fs", "ax_t2_fs"},
};
/* Cumulated shares of the sets above in drawn studies. */
static const double set_share[] = {0.20, 0.32, 0.43, 0.52, 0.61, 0.69, 0.76, 0.82, 0.88, 0.94, 0.97, 1.01};

static void draw_series(VisitSpec *visit)
{
    uint64_t seed = random_seed(visit->seed, "protocol");
    double pick = random_uniform(seed, 0);
    int set = 0;
    while (pick > set_share[set]) set++;
    double thickness = random_between(seed, 1, 2.5, 4), gap = random_between(seed, 2, 0, 0.2),
           snr = random_between(seed, 3, 0.55, 1.5);
    visit->n_series = 0;
    for (int i = 0; i < PHANTOM_MAX_SERIES && protocol_sets[set][i]; i++) {
        SeriesSpec *s = &visit->series[visit->n_series];
        if (!protocol_series(s, protocol_sets[set][i], visit->field_t)) continue;
        uint64_t k = 100 + (uint64_t)i * 20;
        if (s->thickness_mm > 2) { /* 2-D */
            s->thickness_mm = round(thickness * 2) / 2;
            s->gap_mm = round(s->thickness_mm * gap * 10) / 10;
            double spacing = s->thickness_mm + s->gap_mm;
            double cover = strncmp(s->protocol, "ax", 2) == 0 ? random_between(seed, k + 8, 95, 135)
                                                              : random_between(seed, k + 8, 68, 84);
            s->slices = (int)(cover / spacing);
            double scale = random_between(seed, k, 0.92, 1.12);
            s->fov_mm = round(s->fov_mm * scale);
            if (random_uniform(seed, k + 1) < 0.3) s->matrix = s->matrix == 320 ? 256 : 320;
            if (random_uniform(seed, k + 2) < 0.15) s->matrix = 512;
        }
        s->snr *= snr;
        if (s->snr < 8) s->snr = 8;
        s->te_ms = round(s->te_ms * random_between(seed, k + 3, 0.85, 1.15) * 10) / 10;
        s->tr_ms = round(s->tr_ms * random_between(seed, k + 4, 0.85, 1.2));
        s->tilt_deg[0] = random_between(seed, k + 5, -6, 6);
        s->tilt_deg[1] = random_between(seed, k + 6, -5, 5);
        s->centre_mm.x += random_between(seed, k + 9, -5, 5);
        s->centre_mm.y += random_between(seed, k + 10, -6, 6);
        s->centre_mm.z += random_between(seed, k + 11, -10, 14);
        visit->n_series++;
    }
}

static void draw_ankle(AnkleSpec *a, uint64_t seed)
{
    a->seed = seed;
    seed = random_seed(seed, "ankle");
    a->size = normal_between(seed, 0, 1, 0.06, 0.86, 1.15);
    a->flexion_deg = random_between(seed, 1, 0, 35);
    a->mid_width_mm = normal_between(seed, 2, 14.7, 1.8, 10.5, 19);     /* Szaro 2021 */
    a->mid_thickness_mm = normal_between(seed, 3, 5.1, 0.65, 3.7, 6.8); /* Szaro 2021, Soila 1999 */
    a->insertion_width_mm = normal_between(seed, 4, 23.5, 2.5, 18, 29);
    a->free_length_mm = normal_between(seed, 5, 58, 15, 28, 100);
    a->fat_mm = random_between(seed, 6, 3, 9);
    a->bursa_fluid_mm = random_uniform(seed, 7) < 0.3 ? random_between(seed, 8, 0.5, 1.2) : 0; /* 15 of 100 normals */
    a->plantaris = random_uniform(seed, 9) < 0.9;
}

static void draw_visit(VisitSpec *v, uint64_t seed)
{
    v->seed = seed;
    seed = random_seed(seed, "visit");
    static const char *const vendors[] = {"siemens", "ge", "philips"};
    v->field_t = random_uniform(seed, 0) < 0.5 ? 1.5 : 3;
    string_set(v->vendor, sizeof v->vendor, vendors[random_bits(seed, 1) % 3]);
    v->head_first = random_uniform(seed, 2) < 0.15;
    v->side_tag = random_uniform(seed, 3) < 0.7;
    v->position_mm =
        (Vec3){random_between(seed, 4, 40, 120), random_between(seed, 5, -30, 30), random_between(seed, 6, -60, 60)};
    v->leg_tilt_deg[0] = random_between(seed, 7, -12, 12);
    v->leg_tilt_deg[1] = random_between(seed, 8, -6, 6);
    v->leg_tilt_deg[2] = random_between(seed, 9, -18, 18);
    if (random_uniform(seed, 18) < 0.08)
        v->leg_tilt_deg[0] = random_between(seed, 19, 25, 42); /* tendon near the magic angle */
    v->bias = random_between(seed, 10, 1.1, 3);
    v->fat_residual = random_between(seed, 11, 0.06, 0.2);
    v->fat_inhomogeneity = random_between(seed, 12, 0.1, 0.9);
    v->motion_mm = random_between(seed, 13, 0.2, 2);
    v->motion_deg = random_between(seed, 14, 0.2, 2);
    v->jitter = 0.15;
    v->ghost = random_uniform(seed, 15) < 0.3 ? random_between(seed, 16, 0.05, 0.2) : 0;
    v->brightest = random_between(seed, 17, 500, 2600);
    string_set(v->compression, sizeof v->compression, "none");
    draw_series(v);
}

void spec_draw(PhantomSpec *out, uint64_t seed)
{
    *out = (PhantomSpec){.seed = seed, .body = BODY_ANKLE, .n_visits = 1};
    snprintf(out->name, sizeof out->name, "study-%llu", (unsigned long long)seed);
    snprintf(out->subject, sizeof out->subject, "SYNTH-%06llu", (unsigned long long)(seed % 1000000));
    out->side = random_uniform(seed, 0) < 0.5 ? SIDE_LEFT : SIDE_RIGHT;
    VisitSpec *v = &out->visits[0];
    draw_ankle(&v->ankle, seed);
    draw_visit(v, random_seed(seed, "first visit"));
    string_set(v->name, sizeof v->name, "baseline");
    string_set(v->date, sizeof v->date, "20250114");
}

static const char *draw_fill(uint64_t seed, uint64_t index)
{
    double pick = random_uniform(seed, index);
    return pick < 0.6 ? "fluid" : pick < 0.8 ? "blood" : pick < 0.92 ? "mixed" : "granulation";
}

static void draw_tear(TearSpec *t, uint64_t seed, double low_s, double high_s)
{
    double kind = random_uniform(seed, 0), s = random_between(seed, 1, low_s, high_s);
    *t = (TearSpec){.s_mm = s, .angle_deg = random_between(seed, 2, 0, 360)};
    string_set(t->fill, sizeof t->fill, draw_fill(seed, 3));
    t->fray_mm = random_between(seed, 4, 0.05, 0.22);
    if (kind < 0.32) {
        t->kind = TEARKIND_INTRASUBSTANCE;
        t->length_mm = random_between(seed, 5, 6, 35);
        t->involvement = random_between(seed, 6, 0.08, 0.6);
    } else if (kind < 0.6) {
        t->kind = TEARKIND_SURFACE;
        t->length_mm = random_between(seed, 5, 6, 35);
        t->involvement = random_between(seed, 6, 0.1, 0.85);
    } else if (kind < 0.7) {
        t->kind = TEARKIND_SPLIT;
        t->length_mm = random_between(seed, 5, 15, 50);
        t->involvement = random_between(seed, 6, 0.12, 0.25);
    } else {
        t->kind = TEARKIND_COMPLETE;
        double gap = random_uniform(seed, 5);
        t->length_mm = 5 + 55 * gap * gap;
        t->involvement = 1;
        t->fray_mm =
            fmin(random_between(seed, 6, 0.5, 4), 0.2 * t->length_mm); /* some section stays torn right through */
        t->s_mm = fmax(t->s_mm, t->length_mm / 2 + 8);
    }
}

void spec_draw_disease(AnkleSpec *a, uint64_t seed)
{
    seed = random_seed(seed, "disease");
    double what = random_uniform(seed, 0);
    double high = fmin(80, a->free_length_mm + 8);
    if (what < 0.22) return; /* healthy */
    if (what < 0.5 || random_uniform(seed, 1) < 0.4) {
        a->tendinosis = (TendinosisSpec){.s_mm = random_between(seed, 2, 5, fmin(60, high)),
                                         .length_mm = random_between(seed, 3, 20, 55),
                                         .amount = random_between(seed, 4, 0.35, 1),
                                         .swelling = random_between(seed, 5, 0.1, 1.2)};
        if (random_uniform(seed, 6) < 0.3) a->paratenon_fluid_mm = random_between(seed, 7, 0.3, 1);
        if (random_uniform(seed, 8) < 0.3) a->bursa_fluid_mm = random_between(seed, 9, 1, 3.5);
        if (random_uniform(seed, 10) < 0.3) a->kager_edema = random_between(seed, 11, 0.4, 1.2);
    }
    if (what < 0.5) return;
    draw_tear(&a->tears[a->n_tears++], random_seed(seed, "tear 1"), 4, high);
    const TearSpec *first = &a->tears[0];
    if (first->kind == TEARKIND_COMPLETE) a->kager_edema = random_between(seed, 12, 0.5, 1.5);
    if (first->kind != TEARKIND_COMPLETE && random_uniform(seed, 13) < 0.15) {
        TearSpec second;
        draw_tear(&second, random_seed(seed, "tear 2"), 4, high);
        bool apart = fabs(second.s_mm - first->s_mm) > (second.length_mm + first->length_mm) / 2 + 6;
        if (apart && second.kind != TEARKIND_COMPLETE) a->tears[a->n_tears++] = second;
    }
}

VisitSpec *spec_add_visit(PhantomSpec *spec, const char *name, const char *date)
{
    if (spec->n_visits >= PHANTOM_MAX_VISITS) return NULL;
    const VisitSpec *last = &spec->visits[spec->n_visits - 1];
    VisitSpec *v = &spec->visits[spec->n_visits++];
    uint64_t seed = random_seed(last->seed, "next visit");
    draw_visit(v, seed);
    v->ankle = last->ankle;
    v->ankle.flexion_deg = fmin(fmax(last->ankle.flexion_deg + random_between(seed, 1000, -6, 6), 0), 35);
    string_set(v->name, sizeof v->name, name);
    string_set(v->date, sizeof v->date, date);
    /* Same department, hence the same protocol; positions and gain are new. */
    v->field_t = last->field_t;
    memcpy(v->vendor, last->vendor, sizeof v->vendor);
    memcpy(v->compression, last->compression, sizeof v->compression);
    v->side_tag = last->side_tag;
    VisitSpec drawn = *v;
    v->n_series = last->n_series;
    for (int i = 0; i < last->n_series; i++) {
        v->series[i] = last->series[i];
        const SeriesSpec *d = &drawn.series[i < drawn.n_series ? i : 0];
        memcpy(v->series[i].tilt_deg, d->tilt_deg, sizeof d->tilt_deg);
        v->series[i].centre_mm =
            vec3_add(last->series[i].centre_mm,
                     vec3_scale((Vec3){d->tilt_deg[0], d->tilt_deg[1], d->tilt_deg[0] - d->tilt_deg[1]}, 0.7));
    }
    return v;
}

/* Scales a tear's volume by about `factor`, through length and involvement together. */
static void change_tear(TearSpec *t, double factor)
{
    if (t->kind == TEARKIND_COMPLETE) {
        t->length_mm *= factor;
        return;
    }
    t->length_mm *= sqrt(factor);
    t->involvement = fmin(t->involvement * sqrt(factor), 0.93);
}

void spec_draw_follow_up(PhantomSpec *spec, uint64_t seed)
{
    seed = random_seed(seed, "follow up");
    VisitSpec *v = spec_add_visit(spec, "followup", "20250716");
    if (!v) return;
    if (random_uniform(seed, 0) < 0.25) { /* another scanner */
        v->field_t = v->field_t > 2 ? 1.5 : 3;
        for (int i = 0; i < v->n_series; i++) v->series[i].snr *= v->field_t > 2 ? 1.3 : 0.75;
    }
    if (random_uniform(seed, 1) < 0.35) v->ankle.flexion_deg = random_between(seed, 2, 0, 35);
    if (random_uniform(seed, 3) < 0.3) return; /* rescan of an unchanged ankle */
    static const double factors[] = {0.9, 0.8, 0.7, 0.5, 0.4, 0.1, 1.25, 1.5};
    double factor = factors[random_bits(seed, 4) % 8];
    AnkleSpec *a = &v->ankle;
    for (int i = 0; i < a->n_tears; i++) change_tear(&a->tears[i], factor);
    if (a->n_tears && random_uniform(seed, 5) < 0.1) a->n_tears--; /* resolved */
    if (a->n_tears == 0 && random_uniform(seed, 6) < 0.15)
        draw_tear(&a->tears[a->n_tears++], random_seed(seed, "new tear"), 8, fmin(70, a->free_length_mm));
    if (random_uniform(seed, 7) < 0.5) {
        a->tendinosis.swelling *= random_between(seed, 8, 0.4, 1.3);
        a->tendinosis.amount = fmin(a->tendinosis.amount * random_between(seed, 9, 0.5, 1.2), 1);
    }
}

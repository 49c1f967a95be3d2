/* The fixed cases: each is a drawn study with what makes the case set by hand. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "phantom/study.h"
#include "teno/memory.h"
#include "teno/phantom.h"

static void set_series(VisitSpec *v, const char *const *protocols)
{
    v->n_series = 0;
    for (; *protocols && v->n_series < PHANTOM_MAX_SERIES; protocols++)
        if (protocol_series(&v->series[v->n_series], *protocols, v->field_t)) v->n_series++;
}

typedef struct CaseRow {
    const char *name, *description;
    uint64_t seed;
    BodyKind body;
    const char *series[PHANTOM_MAX_SERIES];
    TearSpec tear;  /* length 0: none */
    TearSpec later; /* second visit's tear; length 0: the same tear */
    bool pair;
    TendinosisSpec tendinosis;
    double bursa_mm, paratenon_mm, leg_tilt_deg, field_t, snr_scale;
} CaseRow;

static const CaseRow cases[] = {
    {.name = "healthy",
     .description = "no disease, routine protocol at 3 T",
     .seed = 11,
     .series = {"ax_pd", "ax_t2_fs", "sag_stir"}},
    {.name = "healthy-15t",
     .description = "no disease, 1.5 T, low signal-to-noise",
     .seed = 12,
     .field_t = 1.5,
     .snr_scale = 0.6,
     .series = {"ax_t1", "ax_pd_fs", "sag_stir"}},
    {.name = "tendinosis",
     .description = "swollen, raised signal, no tear",
     .seed = 13,
     .series = {"ax_pd", "ax_t2_fs", "sag_stir"},
     .tendinosis = {.s_mm = 38, .length_mm = 40, .amount = 0.85, .swelling = 0.7}},
    {.name = "magic-angle",
     .description = "tilted leg, short echo time, no tear",
     .seed = 14,
     .leg_tilt_deg = 38,
     .series = {"ax_pd", "ax_pd_fs", "ax_t2_fs"}},
    {.name = "bursa",
     .description = "retrocalcaneal and paratenon fluid, no tear",
     .seed = 15,
     .bursa_mm = 3,
     .paratenon_mm = 0.8,
     .series = {"ax_pd", "ax_t2_fs", "sag_stir"}},
    {.name = "partial-inside",
     .description = "intrasubstance tear, a quarter of the section",
     .seed = 16,
     .series = {"ax_pd", "ax_t2_fs", "sag_stir"},
     .tear = {TEARKIND_INTRASUBSTANCE, 42, 22, 0.25, 200, 0.15, "fluid"}},
    {.name = "partial-small",
     .description = "small intrasubstance tear",
     .seed = 17,
     .series = {"ax_pd", "ax_t2_fs", "sag_stir"},
     .tear = {TEARKIND_INTRASUBSTANCE, 35, 8, 0.15, 120, 0.1, "fluid"}},
    {.name = "partial-anterior",
     .description = "tear open to the anterior surface, 40 %",
     .seed = 18,
     .series = {"ax_pd", "ax_t2_fs", "sag_stir"},
     .tear = {TEARKIND_SURFACE, 45, 24, 0.4, 265, 0.12, "fluid"}},
    {.name = "partial-high",
     .description = "tear open to the posterior surface, 75 %",
     .seed = 19,
     .series = {"ax_pd", "ax_t2_fs", "sag_stir"},
     .tear = {TEARKIND_SURFACE, 40, 20, 0.75, 80, 0.12, "mixed"}},
    {.name = "split",
     .description = "longitudinal split",
     .seed = 20,
     .series = {"ax_pd", "ax_t2_fs", "sag_stir"},
     .tear = {TEARKIND_SPLIT, 40, 40, 0.18, 100, 0.15, "fluid"}},
    {.name = "insertional",
     .description = "partial tear at the insertion",
     .seed = 21,
     .series = {"ax_pd", "ax_t2_fs", "sag_stir"},
     .tear = {TEARKIND_SURFACE, 6, 10, 0.3, 270, 0.12, "fluid"}},
    {.name = "complete-fluid",
     .description = "rupture, 18 mm gap with fluid",
     .seed = 22,
     .series = {"ax_pd", "ax_t2_fs", "sag_stir"},
     .tear = {TEARKIND_COMPLETE, 48, 18, 1, 30, 2.2, "fluid"}},
    {.name = "complete-blood",
     .description = "rupture, 35 mm gap with blood and granulation",
     .seed = 23,
     .series = {"ax_pd", "ax_t2_fs", "sag_stir"},
     .tear = {TEARKIND_COMPLETE, 50, 35, 1, 60, 3, "mixed"}},
    {.name = "complete-granulation",
     .description = "old rupture, 12 mm gap with granulation",
     .seed = 24,
     .series = {"ax_pd", "ax_t2_fs", "sag_stir"},
     .tear = {TEARKIND_COMPLETE, 45, 12, 1, 90, 1.5, "granulation"}},
    {.name = "axial-only",
     .description = "partial tear, two axial series",
     .seed = 25,
     .series = {"ax_pd", "ax_pd_fs"},
     .tear = {TEARKIND_INTRASUBSTANCE, 40, 18, 0.3, 10, 0.15, "fluid"}},
    {.name = "sagittal-only",
     .description = "partial tear, two sagittal series",
     .seed = 26,
     .series = {"sag_t1", "sag_stir"},
     .tear = {TEARKIND_SURFACE, 40, 22, 0.4, 260, 0.1, "fluid"}},
    {.name = "isotropic",
     .description = "partial tear, 3-D isotropic series",
     .seed = 27,
     .series = {"3d_pd", "3d_pd_fs"},
     .tear = {TEARKIND_INTRASUBSTANCE, 50, 20, 0.35, 300, 0.15, "fluid"}},
    {.name = "no-fluid-series",
     .description = "T1 only: tears are not assessable",
     .seed = 28,
     .series = {"ax_t1", "sag_t1"}},
    {.name = "pair-smaller",
     .description = "two visits, the tear is half as large",
     .seed = 31,
     .pair = true,
     .series = {"ax_pd", "ax_t2_fs", "sag_stir"},
     .tear = {TEARKIND_SURFACE, 42, 26, 0.45, 250, 0.12, "fluid"},
     .later = {TEARKIND_SURFACE, 42, 19, 0.31, 250, 0.12, "fluid"}},
    {.name = "pair-unchanged",
     .description = "two visits, nothing changed",
     .seed = 32,
     .pair = true,
     .series = {"ax_pd", "ax_t2_fs", "sag_stir"},
     .tear = {TEARKIND_INTRASUBSTANCE, 40, 24, 0.3, 200, 0.15, "fluid"}},
    {.name = "pair-larger",
     .description = "two visits, partial becomes complete",
     .seed = 33,
     .pair = true,
     .series = {"ax_pd", "ax_t2_fs", "sag_stir"},
     .tear = {TEARKIND_SURFACE, 45, 20, 0.5, 90, 0.12, "fluid"},
     .later = {TEARKIND_COMPLETE, 45, 14, 1, 90, 1.5, "blood"}},
    {.name = "pair-resolved",
     .description = "two visits, a small tear that is gone (0.2 mm left)",
     .seed = 34,
     .pair = true,
     .series = {"ax_pd", "ax_t2_fs", "sag_stir"},
     .tear = {TEARKIND_INTRASUBSTANCE, 38, 16, 0.22, 150, 0.1, "fluid"},
     .later = {TEARKIND_INTRASUBSTANCE, 38, 0.2, 0.01, 150, 0.1, "fluid"}},
    {.name = "calf",
     .description = "no ankle: must be refused",
     .seed = 41,
     .body = BODY_CALF,
     .series = {"ax_pd", "ax_t2_fs"}},
    {.name = "knee",
     .description = "no ankle: must be refused",
     .seed = 42,
     .body = BODY_KNEE,
     .series = {"ax_pd", "sag_stir"}},
    {.name = "head",
     .description = "no ankle: must be refused",
     .seed = 43,
     .body = BODY_HEAD,
     .series = {"ax_pd", "ax_t2_fs"}},
    {.name = "bottle",
     .description = "no patient: must be refused",
     .seed = 44,
     .body = BODY_BOTTLE,
     .series = {"ax_pd", "ax_t2_fs"}},
};

int phantom_case_count(void)
{
    return (int)(sizeof cases / sizeof *cases);
}

const char *phantom_case_name(int index)
{
    return cases[index].name;
}

const char *phantom_case_description(int index)
{
    return cases[index].description;
}

static void build_case(PhantomSpec *out, const CaseRow *row)
{
    spec_draw(out, row->seed);
    string_set(out->name, sizeof out->name, row->name);
    out->body = row->body;
    VisitSpec *v = &out->visits[0];
    v->field_t = row->field_t > 0 ? row->field_t : 3;
    set_series(v, row->series);
    if (row->leg_tilt_deg > 0) v->leg_tilt_deg[0] = row->leg_tilt_deg;
    for (int i = 0; i < v->n_series; i++) {
        if (row->snr_scale > 0) v->series[i].snr *= row->snr_scale;
        if (row->body != BODY_ANKLE) v->series[i].fov_mm = 220;
    }
    AnkleSpec *a = &v->ankle;
    a->tendinosis = row->tendinosis;
    if (row->bursa_mm > 0) a->bursa_fluid_mm = row->bursa_mm;
    a->paratenon_fluid_mm = row->paratenon_mm;
    if (row->tear.length_mm > 0) a->tears[a->n_tears++] = row->tear;
    if (!row->pair) return;
    string_set(v->name, sizeof v->name, "pre");
    VisitSpec *later = spec_add_visit(out, "post", "20250716");
    if (later && row->later.length_mm > 0) later->ankle.tears[0] = row->later;
}

/* study:SEED and pair:SEED. */
static bool drawn_case(PhantomSpec *out, const char *name)
{
    bool pair = strncmp(name, "pair:", 5) == 0;
    if (!pair && strncmp(name, "study:", 6) != 0) return false;
    char *end = NULL;
    const char *digits = strchr(name, ':') + 1;
    unsigned long long seed = strtoull(digits, &end, 10);
    if (!*digits || *end) return false;
    spec_draw(out, seed);
    spec_draw_disease(&out->visits[0].ankle, seed);
    if (pair) spec_draw_follow_up(out, seed);
    return true;
}

int phantom_case(PhantomSpec *out, const char *name, Error *error)
{
    for (int i = 0; i < phantom_case_count(); i++)
        if (strcmp(cases[i].name, name) == 0) {
            build_case(out, &cases[i]);
            return TENO_OK;
        }
    if (drawn_case(out, name)) return TENO_OK;
    return error_set(error, TENO_USAGE,
                     "%s: no such case; 'teno phantom --list' names them, study:SEED and pair:SEED draw one", name);
}

int phantom_write_case(const char *name, const char *folder, Error *error)
{
    PhantomSpec *spec = array_alloc(1, sizeof *spec, error);
    if (!spec) return TENO_FAILED;
    int code = phantom_case(spec, name, error);
    if (!code) code = phantom_write(spec, folder, error);
    free(spec);
    return code;
}

int phantom_write_spec(const char *path, const char *folder, Error *error)
{
    PhantomSpec *spec = array_alloc(1, sizeof *spec, error);
    if (!spec) return TENO_FAILED;
    int code = spec_read(spec, path, error);
    if (!code) code = phantom_write(spec, folder, error);
    free(spec);
    return code;
}

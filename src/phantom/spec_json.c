/*
 * SPEC.json. Everything has a default drawn from "seed"; what is given replaces it.
 *
 *  {"seed": 1, "name": "mine", "body": "ankle|calf|knee|head|bottle", "side": "left|right", "disease": true (draw one),
 *   …keys of a visit, for all visits…,
 *   "visits": [{"name": "pre", "date": "20250114", …keys of a visit…}, {"name": "post", …}]}
 *
 *  Keys of a visit: scan_seed, field_t, vendor (siemens|ge|philips), head_first, side_tag, position_mm [3],
 *  leg_tilt_deg [3], bias (largest over smallest coil gain), fat_residual, fat_inhomogeneity, motion_mm, motion_deg,
 *  jitter, ghost, brightest (pixel value), compression (none|rle|jpeg-lossless|jpeg-ls), enhanced, snr (of every
 * series), and of the ankle: size, flexion_deg, mid_width_mm, mid_thickness_mm, insertion_width_mm, free_length_mm,
 * fat_mm, bursa_fluid_mm, paratenon_fluid_mm, kager_edema, plantaris, "tendinosis": {s_mm, length_mm, amount,
 * swelling}, "tears": [{"kind": "intrasubstance|surface|split|complete", s_mm, length_mm, involvement, angle_deg,
 * fray_mm, "fill": "fluid|blood|mixed|granulation"}], "series": ["ax_pd", {"protocol": "ax_t2_fs", fov_mm,
 * thickness_mm, gap_mm, matrix, slices, resolution_mm, te_ms, tr_ms, ti_ms, snr, tilt_deg [2], centre_mm [3]}]
 */
#include <jansson.h>
#include <string.h>

#include "phantom/spec.h"
#include "teno/memory.h"
#include "teno/random.h"

typedef struct Reader {
    const char *path;
    Error *error;
} Reader;

static void read_real(Reader *r, const json_t *object, const char *key, double *value)
{
    const json_t *item = json_object_get(object, key);
    if (!item) return;
    if (json_is_number(item))
        *value = json_number_value(item);
    else
        error_set(r->error, TENO_USAGE, "%s: '%s' is not a number", r->path, key);
}

static void read_int(Reader *r, const json_t *object, const char *key, int *value)
{
    double real = *value;
    read_real(r, object, key, &real);
    if (real < 1 || real > 2048)
        error_set(r->error, TENO_USAGE, "%s: '%s' is %g, wanted 1 to 2048", r->path, key, real);
    else
        *value = (int)real;
}

static void read_bool(Reader *r, const json_t *object, const char *key, bool *value)
{
    const json_t *item = json_object_get(object, key);
    if (!item) return;
    if (json_is_boolean(item))
        *value = json_is_true(item);
    else
        error_set(r->error, TENO_USAGE, "%s: '%s' is neither true nor false", r->path, key);
}

static void read_text(const json_t *object, const char *key, char *value, size_t size)
{
    const char *text = json_string_value(json_object_get(object, key));
    if (text) string_set(value, size, text);
}

static void read_reals(Reader *r, const json_t *object, const char *key, double *values, size_t n)
{
    const json_t *list = json_object_get(object, key);
    if (!list) return;
    if (json_array_size(list) != n) {
        error_set(r->error, TENO_USAGE, "%s: '%s' is not a list of %zu numbers", r->path, key, n);
        return;
    }
    for (size_t i = 0; i < n; i++) values[i] = json_number_value(json_array_get(list, i));
}

static void read_vec(Reader *r, const json_t *object, const char *key, Vec3 *value)
{
    double v[3] = {value->x, value->y, value->z};
    read_reals(r, object, key, v, 3);
    *value = (Vec3){v[0], v[1], v[2]};
}

/* Index of a word in a list, or -1 with the error set. */
static int read_choice(Reader *r, const json_t *object, const char *key, const char *const *words, int n, int fallback)
{
    const char *text = json_string_value(json_object_get(object, key));
    if (!text) return fallback;
    for (int i = 0; i < n; i++)
        if (strcmp(words[i], text) == 0) return i;
    error_set(r->error, TENO_USAGE, "%s: '%s' is '%s', which is not known", r->path, key, text);
    return fallback;
}

static void read_tear(Reader *r, const json_t *object, TearSpec *t)
{
    static const char *const kinds[] = {"intrasubstance", "surface", "split", "complete"};
    *t =
        (TearSpec){.s_mm = 40, .length_mm = 15, .involvement = 0.3, .angle_deg = 200, .fray_mm = 0.12, .fill = "fluid"};
    t->kind = (TearKind)read_choice(r, object, "kind", kinds, 4, 0);
    if (t->kind == TEARKIND_COMPLETE) t->involvement = 1;
    read_real(r, object, "s_mm", &t->s_mm);
    read_real(r, object, "length_mm", &t->length_mm);
    read_real(r, object, "involvement", &t->involvement);
    read_real(r, object, "angle_deg", &t->angle_deg);
    read_real(r, object, "fray_mm", &t->fray_mm);
    read_text(object, "fill", t->fill, sizeof t->fill);
    if (!(t->length_mm > 0))
        error_set(r->error, TENO_USAGE, "%s: a tear's length_mm is %g, wanted more than 0", r->path, t->length_mm);
}

static void read_ankle(Reader *r, const json_t *object, AnkleSpec *a)
{
    read_real(r, object, "size", &a->size);
    read_real(r, object, "flexion_deg", &a->flexion_deg);
    read_real(r, object, "mid_width_mm", &a->mid_width_mm);
    read_real(r, object, "mid_thickness_mm", &a->mid_thickness_mm);
    read_real(r, object, "insertion_width_mm", &a->insertion_width_mm);
    read_real(r, object, "free_length_mm", &a->free_length_mm);
    read_real(r, object, "fat_mm", &a->fat_mm);
    read_real(r, object, "bursa_fluid_mm", &a->bursa_fluid_mm);
    read_real(r, object, "paratenon_fluid_mm", &a->paratenon_fluid_mm);
    read_real(r, object, "kager_edema", &a->kager_edema);
    read_bool(r, object, "plantaris", &a->plantaris);
    const json_t *tendinosis = json_object_get(object, "tendinosis"), *tears = json_object_get(object, "tears");
    if (tendinosis) {
        a->tendinosis = (TendinosisSpec){.s_mm = 40, .length_mm = 35, .amount = 0.7, .swelling = 0.4};
        read_real(r, tendinosis, "s_mm", &a->tendinosis.s_mm);
        read_real(r, tendinosis, "length_mm", &a->tendinosis.length_mm);
        read_real(r, tendinosis, "amount", &a->tendinosis.amount);
        read_real(r, tendinosis, "swelling", &a->tendinosis.swelling);
    }
    if (!tears) return;
    a->n_tears = 0;
    for (size_t i = 0; i < json_array_size(tears) && i < PHANTOM_MAX_TEARS; i++)
        read_tear(r, json_array_get(tears, i), &a->tears[a->n_tears++]);
}

static void read_series(Reader *r, const json_t *item, const VisitSpec *visit, SeriesSpec *s)
{
    const char *protocol =
        json_is_string(item) ? json_string_value(item) : json_string_value(json_object_get(item, "protocol"));
    if (!protocol || !protocol_series(s, protocol, visit->field_t)) {
        error_set(r->error, TENO_USAGE, "%s: no protocol '%s'", r->path, protocol ? protocol : "");
        return;
    }
    if (!json_is_object(item)) return;
    read_real(r, item, "fov_mm", &s->fov_mm);
    read_real(r, item, "thickness_mm", &s->thickness_mm);
    read_real(r, item, "gap_mm", &s->gap_mm);
    read_real(r, item, "resolution_mm", &s->resolution_mm);
    read_real(r, item, "te_ms", &s->te_ms);
    read_real(r, item, "tr_ms", &s->tr_ms);
    read_real(r, item, "ti_ms", &s->ti_ms);
    read_real(r, item, "snr", &s->snr);
    read_int(r, item, "matrix", &s->matrix);
    read_int(r, item, "slices", &s->slices);
    read_reals(r, item, "tilt_deg", s->tilt_deg, 2);
    read_vec(r, item, "centre_mm", &s->centre_mm);
}

static void read_visit(Reader *r, const json_t *object, VisitSpec *v)
{
    double scan_seed = -1, snr = 0;
    read_real(r, object, "scan_seed", &scan_seed);
    if (scan_seed >= 0) v->seed = random_seed((uint64_t)scan_seed, "scan");
    read_text(object, "name", v->name, sizeof v->name);
    read_text(object, "date", v->date, sizeof v->date);
    read_text(object, "vendor", v->vendor, sizeof v->vendor);
    read_text(object, "compression", v->compression, sizeof v->compression);
    read_real(r, object, "field_t", &v->field_t);
    read_bool(r, object, "head_first", &v->head_first);
    read_bool(r, object, "side_tag", &v->side_tag);
    read_bool(r, object, "enhanced", &v->enhanced);
    read_vec(r, object, "position_mm", &v->position_mm);
    read_reals(r, object, "leg_tilt_deg", v->leg_tilt_deg, 3);
    read_real(r, object, "bias", &v->bias);
    read_real(r, object, "fat_residual", &v->fat_residual);
    read_real(r, object, "fat_inhomogeneity", &v->fat_inhomogeneity);
    read_real(r, object, "motion_mm", &v->motion_mm);
    read_real(r, object, "motion_deg", &v->motion_deg);
    read_real(r, object, "jitter", &v->jitter);
    read_real(r, object, "ghost", &v->ghost);
    read_real(r, object, "brightest", &v->brightest);
    read_ankle(r, object, &v->ankle);
    const json_t *series = json_object_get(object, "series");
    if (series) v->n_series = 0;
    for (size_t i = 0; i < json_array_size(series) && i < PHANTOM_MAX_SERIES; i++)
        read_series(r, json_array_get(series, i), v, &v->series[v->n_series++]);
    read_real(r, object, "snr", &snr);
    for (int i = 0; i < v->n_series && snr > 0; i++) v->series[i].snr = snr;
}

static void read_root(Reader *r, const json_t *root, PhantomSpec *out)
{
    static const char *const bodies[] = {"ankle", "calf", "knee", "head", "bottle"}, *const sides[] = {"unknown",
                                                                                                       "left", "right"};
    bool disease = false;
    double seed = 1;
    read_real(r, root, "seed", &seed);
    spec_draw(out, (uint64_t)seed);
    read_text(root, "name", out->name, sizeof out->name);
    read_text(root, "subject", out->subject, sizeof out->subject);
    out->body = (BodyKind)read_choice(r, root, "body", bodies, 5, BODY_ANKLE);
    out->side = (Side)read_choice(r, root, "side", sides, 3, out->side);
    read_bool(r, root, "disease", &disease);
    if (disease) spec_draw_disease(&out->visits[0].ankle, (uint64_t)seed);
    const json_t *visits = json_object_get(root, "visits");
    char visit_name[32];
    string_set(visit_name, sizeof visit_name, out->visits[0].name);
    json_t *shared = json_copy((json_t *)(uintptr_t)root);
    json_object_del(shared, "name");
    read_visit(r, shared, &out->visits[0]);
    json_decref(shared);
    for (size_t i = 0; i < json_array_size(visits) && i < PHANTOM_MAX_VISITS; i++) {
        VisitSpec *v = i ? spec_add_visit(out, "followup", "20250716") : &out->visits[0];
        if (v) read_visit(r, json_array_get(visits, i), v);
    }
}

int spec_read(PhantomSpec *out, const char *path, Error *error)
{
    json_error_t where;
    Error local = {0};
    Reader reader = {.path = path, .error = &local};
    json_t *root = json_load_file(path, JSON_REJECT_DUPLICATES, &where);
    if (!json_is_object(root)) {
        json_decref(root);
        return error_set(error, TENO_USAGE, "%s: not a JSON object, line %d: %s", path, where.line, where.text);
    }
    read_root(&reader, root, out);
    json_decref(root);
    return local.code ? error_set(error, local.code, "%s", local.message) : TENO_OK;
}

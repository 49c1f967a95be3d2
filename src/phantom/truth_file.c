/* truth.json (keys of report.json's tendons, with the whole profile, so that any range can be scored) and its masks. */
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "phantom/truth.h"
#include "teno/memory.h"

/* NIfTI-1 header fields at their byte offsets (nifti1.h); sform carries the affine. */
static void nifti_header(unsigned char header[352], const Grid *g)
{
    memset(header, 0, 352);
    int32_t size = 348;
    int16_t dim[8] = {3, (int16_t)g->nx, (int16_t)g->ny, (int16_t)g->nz, 1, 1, 1, 1}, type = 2, bits = 8, sform = 1;
    float spacing[8] = {1, (float)g->dx, (float)g->dy, (float)g->dz, 0, 0, 0, 0}, offset = 352, slope = 1.0f / 255;
    double affine[4][4];
    float rows[12];
    grid_affine_ras(g, affine);
    for (int i = 0; i < 12; i++) rows[i] = (float)affine[i / 4][i % 4];
    memcpy(header, &size, 4);
    memcpy(header + 40, dim, sizeof dim);
    memcpy(header + 70, &type, 2);
    memcpy(header + 72, &bits, 2);
    memcpy(header + 76, spacing, sizeof spacing);
    memcpy(header + 108, &offset, 4);
    memcpy(header + 112, &slope, 4);
    header[123] = 2; /* mm */
    memcpy(header + 254, &sform, 2);
    memcpy(header + 280, rows, sizeof rows);
    memcpy(header + 344, "n+1", 4);
}

int truth_mask_write(const Vol *mask, const char *path, Error *error)
{
    unsigned char header[352];
    nifti_header(header, &mask->grid);
    size_t n = grid_count(&mask->grid);
    unsigned char *bytes = array_alloc(n, 1, error);
    if (!bytes) return TENO_FAILED;
    for (size_t i = 0; i < n; i++) bytes[i] = (unsigned char)lroundf(mask->data[i] * 255);
    gzFile file = gzopen(path, "wb6");
    bool sound = file && gzwrite(file, header, sizeof header) == (int)sizeof header &&
                 gzwrite(file, bytes, (unsigned)n) == (int)n;
    if (file && gzclose(file) != Z_OK) sound = false;
    free(bytes);
    return sound ? TENO_OK
                 : error_set(error, TENO_FAILED, "%s: the mask could not be written (%s)", path, strerror(errno));
}

static json_t *quantity_json(double value, const char *unit)
{
    return json_pack("{s:f, s:s}", "value", value, "unit", unit);
}

static json_t *point_json(Vec3 p)
{
    return json_pack("[f,f,f]", p.x, p.y, p.z);
}

static json_t *rigid_json(const Rigid *m)
{
    json_t *rows = json_array();
    const double t[3] = {m->t.x, m->t.y, m->t.z};
    for (int i = 0; i < 3; i++)
        json_array_append_new(rows, json_pack("[f,f,f,f]", m->r[i][0], m->r[i][1], m->r[i][2], t[i]));
    return rows;
}

/* Extent, volume and involvement of one tear, or of all (which < 0), over all rows or those within [low, high]. */
typedef struct TearTruth {
    double volume, distal, proximal, max_share, max_share_s, mean_share, gap;
    bool any;
} TearTruth;

static double torn_area(const TruthRow *row, int which)
{
    return which < 0 ? row->torn_all_mm2 : row->torn_mm2[which];
}

static TearTruth tear_truth(const Truth *t, int which, double low, double high)
{
    TearTruth out = {.distal = 1e9, .proximal = -1e9};
    double shares = 0, run = 0;
    int n = 0;
    bool run_complete = false;
    for (int i = 0; i < t->n_rows; i++) {
        const TruthRow *row = &t->rows[i];
        double torn = row->s_mm < low || row->s_mm > high ? 0 : torn_area(row, which), share = torn / row->area_mm2;
        run = share > 0.5 ? run + 1.0 / TRUTH_STEPS : 0;
        run_complete = share > 0.5 && (run_complete || share >= 0.95);
        if (run_complete && run > out.gap) out.gap = run;
        if (torn <= 0) continue;
        out.any = true;
        out.volume += torn / TRUTH_STEPS;
        out.distal = fmin(out.distal, row->s_mm - 0.5 / TRUTH_STEPS);
        out.proximal = fmax(out.proximal, row->s_mm + 0.5 / TRUTH_STEPS);
        if (share > out.max_share) {
            out.max_share = share;
            out.max_share_s = row->s_mm;
        }
        shares += share;
        n++;
    }
    out.mean_share = n ? shares / n : 0;
    return out;
}

static const char *grade(const TearTruth *all, double tendinosis_mm3)
{
    if (all->max_share >= 0.95) return "complete";
    if (all->max_share >= 0.5) return "partial_high";
    if (all->any) return "partial_low";
    return tendinosis_mm3 > 50 ? "tendinosis" : "normal";
}

static json_t *tear_json(const TearTruth *t, const TearSpec *spec, double tendon_volume)
{
    const char *kinds[] = {"intrasubstance", "surface", "split", "complete"};
    const char *zone = t->max_share_s < 20 ? "insertional" : t->max_share_s <= 60 ? "mid-portion" : "proximal";
    json_t *tear = json_pack("{s:o, s:o, s:o, s:o, s:o}", "volume_mm3", quantity_json(t->volume, "mm3"),
                             "fraction_percent", quantity_json(100 * t->volume / tendon_volume, "%"), "length_mm",
                             quantity_json(t->any ? t->proximal - t->distal : 0, "mm"), "max_involvement_percent",
                             quantity_json(100 * t->max_share, "%"), "gap_mm", quantity_json(t->gap, "mm"));
    if (!spec) return tear;
    json_object_set_new(tear, "distal_s_mm", quantity_json(t->distal, "mm"));
    json_object_set_new(tear, "proximal_s_mm", quantity_json(t->proximal, "mm"));
    json_object_set_new(tear, "mean_involvement_percent", quantity_json(100 * t->mean_share, "%"));
    json_object_set_new(tear, "zone", json_string(zone));
    json_object_set_new(tear, "kind", json_string(kinds[spec->kind]));
    json_object_set_new(tear, "fill", json_string(spec->fill));
    return tear;
}

static json_t *profile_json(const Truth *t, const Placement *placement)
{
    json_t *profile = json_array();
    for (int i = 0; i < t->n_rows; i++) {
        const TruthRow *row = &t->rows[i];
        if (fabs(row->s_mm - round(row->s_mm)) > 1e-6) continue;
        json_array_append_new(profile,
                              json_pack("{s:f, s:o, s:f, s:f, s:f, s:f, s:f}", "s_mm", round(row->s_mm), "centre_lps",
                                        point_json(placement_apply(placement, row->centre)), "area_mm2", row->area_mm2,
                                        "tear_area_mm2", row->torn_all_mm2, "tendinosis_area_mm2", row->tendinosis_mm2,
                                        "thickness_mm", row->thickness_mm, "width_mm", row->width_mm));
    }
    return profile;
}

/* Volumes over a range; the window 0–60 mm is null unless it is covered. */
static void set_tendon_quantities(json_t *tendon, const Truth *t, double low, double high)
{
    double volume = 0, window = 0, tendinosis = 0, max_area = 0, max_thickness = 0;
    for (int i = 0; i < t->n_rows; i++) {
        const TruthRow *row = &t->rows[i];
        if (row->s_mm < low || row->s_mm > high) continue;
        double end = row->s_mm == low || row->s_mm == high ? 0.5 : 1;
        volume += end * row->area_mm2 / TRUTH_STEPS;
        tendinosis += end * row->tendinosis_mm2 / TRUTH_STEPS;
        if (row->s_mm >= 0 && row->s_mm <= 60)
            window += (row->s_mm == 0 || row->s_mm == 60 ? 0.5 : 1) * row->area_mm2 / TRUTH_STEPS;
        max_area = fmax(max_area, row->area_mm2);
        max_thickness = fmax(max_thickness, row->thickness_mm);
    }
    TearTruth all = tear_truth(t, -1, low, high);
    json_object_set_new(tendon, "assessed_range_mm", json_pack("[f,f]", low, high));
    json_object_set_new(tendon, "tendon_volume_mm3", quantity_json(volume, "mm3"));
    json_object_set_new(tendon, "tendon_volume_0_60_mm3",
                        low <= 0 && high >= 60 ? quantity_json(window, "mm3") : json_null());
    json_object_set_new(tendon, "mean_area_mm2", quantity_json(volume / (high - low), "mm2"));
    json_object_set_new(tendon, "max_area_mm2", quantity_json(max_area, "mm2"));
    json_object_set_new(tendon, "max_thickness_mm", quantity_json(max_thickness, "mm"));
    json_object_set_new(tendon, "length_mm", quantity_json(high - low, "mm"));
    json_object_set_new(tendon, "tendinosis_volume_mm3", quantity_json(tendinosis, "mm3"));
    json_object_set_new(tendon, "grade", json_pack("{s:s}", "value", grade(&all, tendinosis)));
    json_object_set_new(tendon, "tear", tear_json(&all, NULL, volume));
    json_t *tears = json_array();
    for (int i = 0; i < t->achilles->n_tears; i++) {
        TearTruth one = tear_truth(t, i, low, high);
        if (one.any) json_array_append_new(tears, tear_json(&one, &t->achilles->tears[i].spec, volume));
    }
    json_object_set_new(tendon, "tears", tears);
}

static json_t *tendon_json(const PhantomSpec *spec, const VisitSpec *visit, const Truth *truth)
{
    json_t *tendon = json_pack("{s:s, s:s}", "name", "achilles", "side", side_name(spec->side));
    double low = 0, high = 0;
    bool seen = false;
    for (int i = 0; truth && i < visit->n_series && !seen; i++) { /* the first series that shows it */
        Placement placement = scan_placement(visit, spec->side, i);
        Grid grid = scan_grid(visit, spec->side, i);
        seen = truth_range(truth, &placement, &grid, &low, &high);
    }
    json_object_set_new(tendon, "status", json_string(seen ? "measured" : "not_assessable"));
    if (!seen) return tendon;
    const Achilles *a = truth->achilles;
    Placement placement = scan_placement(visit, spec->side, -1);
    int k = (int)(a->contact_m - a->first_m), j = (int)(a->junction_m - a->first_m);
    double w = a->contact_m - a->first_m - k;
    Vec3 origin = vec3_along(a->centre[k], vec3_sub(a->centre[k + 1], a->centre[k]), w);
    json_object_set_new(tendon, "origin", json_string("insertion"));
    json_object_set_new(tendon, "origin_lps", point_json(placement_apply(&placement, origin)));
    json_object_set_new(tendon, "muscle_junction_s_mm", json_real(a->junction_m - a->contact_m));
    json_object_set_new(tendon, "muscle_junction_lps",
                        point_json(placement_apply(&placement, a->centre[j < a->n ? j : a->n - 1])));
    set_tendon_quantities(tendon, truth, low, high);
    json_object_set_new(tendon, "profile", profile_json(truth, &placement));
    return tendon;
}

static json_t *series_json(const PhantomSpec *spec, const VisitSpec *visit, const Truth *truth, const char (*uids)[65])
{
    json_t *list = json_array();
    Placement base = scan_placement(visit, spec->side, -1);
    Rigid back = rigid_inverse(&base.world);
    for (int i = 0; i < visit->n_series; i++) {
        Placement placement = scan_placement(visit, spec->side, i);
        Grid grid = scan_grid(visit, spec->side, i);
        Rigid motion = rigid_compose(&placement.world, &back);
        json_t *one = json_pack("{s:s, s:s, s:o}", "series_instance_uid", uids[i], "protocol",
                                visit->series[i].protocol, "truth_to_series_lps", rigid_json(&motion));
        double low, high;
        if (truth && truth_range(truth, &placement, &grid, &low, &high)) {
            char name[64];
            json_object_set_new(one, "assessed_range_mm", json_pack("[f,f]", low, high));
            snprintf(name, sizeof name, "truth_%02d_envelope.nii.gz", i + 1);
            json_object_set_new(one, "envelope_mask", json_string(name));
            snprintf(name, sizeof name, "truth_%02d_tear.nii.gz", i + 1);
            json_object_set_new(one, "tear_mask", json_string(name));
        }
        json_array_append_new(list, one);
    }
    return list;
}

int truth_write(const PhantomSpec *spec, const VisitSpec *visit, const Truth *truth, const char (*uids)[65],
                const char *study_uid, const char *path, Error *error)
{
    static const char *const bodies[] = {"ankle", "calf", "knee", "head", "bottle"};
    json_t *root = json_pack("{s:s, s:s, s:I, s:s, s:s, s:s, s:s, s:f, s:f}", "schema", "teno-truth/1", "case",
                             spec->name, "seed", (json_int_t)spec->seed, "visit", visit->name, "study_instance_uid",
                             study_uid, "body", bodies[spec->body], "study_date", visit->date, "field_t",
                             visit->field_t, "flexion_deg", visit->ankle.flexion_deg);
    json_object_set_new(root, "tendons", json_pack("[o]", tendon_json(spec, visit, truth)));
    json_object_set_new(root, "series", series_json(spec, visit, truth, uids));
    int failed = json_dump_file(root, path, JSON_INDENT(1) | JSON_REAL_PRECISION(9));
    json_decref(root);
    return failed ? error_set(error, TENO_FAILED, "%s: the truth could not be written", path) : TENO_OK;
}

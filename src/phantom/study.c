/* From a spec to files: for each visit the scene, its truth, and one simulated DICOM series after the other. */
#include "phantom/study.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "phantom/truth.h"
#include "teno/dicom_write.h"
#include "teno/memory.h"
#include "teno/random.h"
#include "teno/uid.h"

enum { PATH_SIZE = 4096 };

TENO_PRINTF(3, 4) static int path_join(char path[PATH_SIZE], Error *error, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(path, PATH_SIZE, format, arguments);
    va_end(arguments);
    return length >= 0 && length < PATH_SIZE ? TENO_OK
                                             : error_set(error, TENO_FAILED, "%s…: the path is too long", path);
}

static int make_folder(const char *path, Error *error)
{
    char part[PATH_SIZE];
    string_set(part, sizeof part, path);
    for (char *slash = strchr(part + 1, '/');; slash = strchr(slash + 1, '/')) {
        if (slash) *slash = 0;
        if (mkdir(part, 0777) != 0 && errno != EEXIST)
            return error_set(error, TENO_FAILED, "%s: folder could not be made: %s", part, strerror(errno));
        if (!slash) return TENO_OK;
        *slash = '/';
    }
}

/* Brightest meaningful signal: the 99.8th percentile, by a histogram over [0, maximum]. */
static double bright_signal(const Vol *vol)
{
    enum { BINS = 4096 };
    size_t n = grid_count(&vol->grid), histogram[BINS] = {0}, above = 0;
    float top = 0;
    for (size_t i = 0; i < n; i++) top = fmaxf(top, vol->data[i]);
    if (top <= 0) return 1;
    for (size_t i = 0; i < n; i++) histogram[(int)(vol->data[i] / top * (BINS - 1))]++;
    int bin = BINS - 1;
    for (; bin > 0 && (double)(above += histogram[bin]) < 0.002 * (double)n; bin--) continue;
    return (bin + 1.0) / BINS * (double)top;
}

typedef struct VisitIds {
    char study[UID_SIZE], frame[UID_SIZE], series[PHANTOM_MAX_SERIES][UID_SIZE];
} VisitIds;

static void derive_ids(VisitIds *ids, const PhantomSpec *spec, const VisitSpec *visit)
{
    unsigned long long seed = spec->seed, visit_seed = visit->seed;
    uid_derive(ids->study, "teno phantom study %s %llu %s %llu", spec->name, seed, visit->name, visit_seed);
    uid_derive(ids->frame, "%s frame of reference", ids->study);
    for (int i = 0; i < visit->n_series; i++) uid_derive(ids->series[i], "%s series %d", ids->study, i + 1);
}

typedef struct VendorRow {
    const char *key, *manufacturer, *models[2]; /* 1.5 T, 3 T */
    const char *fat_option;
} VendorRow;

static const VendorRow vendors[] = {
    {"siemens", "SIEMENS", {"Avanto", "Skyra"}, "FS"},
    {"ge", "GE MEDICAL SYSTEMS", {"Optima MR450w", "DISCOVERY MR750"}, "FAST_GEMS\\FS"},
    {"philips", "Philips Medical Systems", {"Ingenia", "Achieva dStream"}, "FS"},
};

static int vendor_index(const char *key)
{
    for (int i = 0; i < 3; i++)
        if (strcmp(vendors[i].key, key) == 0) return i;
    return 0;
}

static Compression compression_of(const char *name)
{
    if (strcmp(name, "rle") == 0) return COMPRESS_RLE;
    if (strcmp(name, "jpeg-lossless") == 0) return COMPRESS_JPEG_LOSSLESS;
    if (strcmp(name, "jpeg-ls") == 0) return COMPRESS_JPEG_LS;
    return COMPRESS_NONE;
}

static const char *body_part(BodyKind body)
{
    static const char *const names[] = {"ANKLE", "LEG", "KNEE", "HEAD", "PHANTOM"};
    return names[body];
}

static void describe_series(MrSeriesWrite *w, const PhantomSpec *spec, const VisitSpec *visit, int index,
                            const VisitIds *ids)
{
    const SeriesSpec *s = &visit->series[index];
    const Protocol *protocol = protocol_find(s->protocol);
    int vendor = vendor_index(visit->vendor);
    bool inversion = s->ti_ms > 0;
    *w = (MrSeriesWrite){.patient_id = spec->subject,
                         .patient_name = "Synthetic^Ankle",
                         .study_uid = ids->study,
                         .study_date = visit->date,
                         .study_time = "101500",
                         .study_id = "1",
                         .series_uid = ids->series[index],
                         .frame_of_reference_uid = ids->frame};
    w->study_description =
        spec->body == BODY_ANKLE ? (spec->side == SIDE_LEFT ? "MRI ankle left" : "MRI ankle right") : "MRI";
    if (!visit->side_tag && spec->body == BODY_ANKLE) w->study_description = "MRI ankle";
    w->series_description = protocol->descriptions[vendor];
    w->protocol_name = protocol->descriptions[vendor];
    w->manufacturer = vendors[vendor].manufacturer;
    w->model = vendors[vendor].models[visit->field_t > 2];
    w->institution = "Synthetic Hospital";
    w->scanning_sequence = protocol->sequence.gradient_echo ? "GR" : inversion ? (vendor == 0 ? "SE\\IR" : "IR") : "SE";
    w->sequence_variant = protocol->sequence.gradient_echo ? "SP" : "SK";
    w->scan_options = protocol->sequence.fat_suppressed && !inversion ? vendors[vendor].fat_option
                      : inversion                                     ? "IR"
                                                                      : "";
    w->image_type = "ORIGINAL\\PRIMARY\\M\\SE";
    w->body_part = body_part(spec->body);
    w->laterality = visit->side_tag && spec->body != BODY_BOTTLE && spec->body != BODY_HEAD
                        ? (spec->side == SIDE_LEFT ? "L" : "R")
                        : NULL;
    w->patient_position = visit->head_first ? "HFS" : "FFS";
    w->series_number = index + 2; /* 1 was the localizer */
    w->echo_train_length = protocol->sequence.gradient_echo ? 1 : 8;
    w->tr_ms = s->tr_ms;
    w->te_ms = s->te_ms;
    w->ti_ms = s->ti_ms;
    w->flip_deg = protocol->sequence.flip_deg;
    w->field_t = visit->field_t;
    w->three_d = strcmp(protocol->plane, "3d") == 0;
    w->slice_thickness_mm = s->thickness_mm;
    w->bits_stored = 12;
    w->compression = compression_of(visit->compression);
    w->enhanced = visit->enhanced;
    w->reversed = vendor == 1;
}

static int write_series(const Scene *scene, const PhantomSpec *spec, const VisitSpec *visit, int index,
                        const VisitIds *ids, const char *folder, Error *error)
{
    Vol vol = {0};
    uint16_t *pixels = NULL;
    char path[PATH_SIZE];
    int code = scan_series(&vol, scene, visit, spec->side, index, error);
    if (code) goto out;
    size_t n = grid_count(&vol.grid);
    code = TENO_FAILED;
    if (!(pixels = array_alloc(n, sizeof *pixels, error))) goto out;
    uint64_t seed = random_seed(visit->seed + (uint64_t)index, "gain");
    double gain = visit->brightest * random_between(seed, 0, 0.8, 1.2) / bright_signal(&vol);
    for (size_t i = 0; i < n; i++) pixels[i] = (uint16_t)fmin(lround(gain * (double)vol.data[i]), 4095);
    MrSeriesWrite writer;
    describe_series(&writer, spec, visit, index, ids);
    writer.grid = vol.grid;
    writer.pixels = pixels;
    if (vendor_index(visit->vendor) == 2) writer.rescale_slope = round(random_between(seed, 1, 0.5, 4) * 1000) / 1000;
    code = path_join(path, error, "%s/S%04d", folder, index + 2);
    if (!code) code = make_folder(path, error);
    if (!code) code = dicom_write_mr(&writer, path, error);
out:
    free(pixels);
    vol_free(&vol);
    return code;
}

static int write_masks(const Truth *truth, const PhantomSpec *spec, const VisitSpec *visit, const char *folder,
                       Error *error)
{
    int code = TENO_OK;
    for (int i = 0; i < visit->n_series && !code; i++) {
        Placement placement = scan_placement(visit, spec->side, i);
        Grid grid = scan_grid(visit, spec->side, i);
        Vol envelope = {0}, tear = {0};
        char path[PATH_SIZE];
        code = truth_masks(&envelope, &tear, truth, &placement, &grid, error);
        if (!code) code = path_join(path, error, "%s/truth_%02d_envelope.nii.gz", folder, i + 1);
        if (!code) code = truth_mask_write(&envelope, path, error);
        if (!code) code = path_join(path, error, "%s/truth_%02d_tear.nii.gz", folder, i + 1);
        if (!code) code = truth_mask_write(&tear, path, error);
        vol_free(&envelope);
        vol_free(&tear);
    }
    return code;
}

static int write_visit(const PhantomSpec *spec, const VisitSpec *visit, const char *root, Error *error)
{
    char folder[PATH_SIZE], path[PATH_SIZE];
    VisitIds ids = {0};
    Truth truth = {0};
    Scene *scene = array_alloc(1, sizeof *scene, error);
    if (!scene) return TENO_FAILED;
    derive_ids(&ids, spec, visit);
    int code = path_join(folder, error, "%s/%s", root, visit->name);
    if (!code) code = body_scene(scene, spec->body, &visit->ankle, error);
    if (!code) code = path_join(path, error, "%s/dicom", folder);
    if (!code) code = make_folder(path, error);
    for (int i = 0; i < visit->n_series && !code; i++) code = write_series(scene, spec, visit, i, &ids, path, error);
    bool has_tendon = scene->achilles.n > 0;
    if (!code && has_tendon) code = truth_compute(&truth, &scene->achilles, error);
    if (!code && has_tendon) code = write_masks(&truth, spec, visit, folder, error);
    if (!code) code = path_join(path, error, "%s/truth.json", folder);
    if (!code)
        code =
            truth_write(spec, visit, has_tendon ? &truth : NULL, (const char(*)[65])ids.series, ids.study, path, error);
    truth_free(&truth);
    scene_free(scene);
    free(scene);
    return code;
}

int phantom_write(const PhantomSpec *spec, const char *folder, Error *error)
{
    int code = TENO_OK;
    for (int i = 0; i < spec->n_visits && !code; i++) code = write_visit(spec, &spec->visits[i], folder, error);
    return code;
}

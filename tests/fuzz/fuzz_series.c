/* Any set of headers groups into volumes whose slices ascend at one spacing on a right-handed orthonormal grid, or are
 * marked unusable with a reason; roles go to usable ones only. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dicom/group.h"
#include "fuzz.h"
#include "teno/memory.h"

enum { MAX_FILES = 24 };

/* Takes numbers from the input, a byte each; zero when it is used up. */
typedef struct Source {
    const uint8_t *bytes;
    size_t size, at;
} Source;

static int take(Source *s, int n)
{
    return s->at < s->size ? s->bytes[s->at++] % n : 0;
}

static void frame_make(DicomFrame *f, Source *s)
{
    static const double values[] = {0, 1, -1, 3.3, 3.3001, 6.6, 1e-9, 1e12, -4, 0.5};
    static const char *const types[] = {"ORIGINAL\\PRIMARY\\M", "DERIVED\\SECONDARY", "ORIGINAL\\PRIMARY\\P", ""};
    f->has_position = take(s, 8) != 1;
    f->position_lps = vec3(values[take(s, 10)], values[take(s, 10)], values[take(s, 10)] + 3.3 * take(s, 30));
    f->has_orientation = take(s, 8) != 1;
    f->row_lps = take(s, 4) ? vec3(1, 0, 0) : vec3(values[take(s, 10)], values[take(s, 10)], 0);
    f->column_lps = take(s, 4) ? vec3(0, 1, 0) : vec3(0, values[take(s, 10)], values[take(s, 10)]);
    f->has_spacing = take(s, 8) != 1;
    f->spacing_i_mm = f->spacing_j_mm = take(s, 6) ? 0.5 : values[take(s, 10)];
    f->thickness_mm = values[take(s, 10)];
    f->tr_ms = take(s, 5) ? 2500 : (double)NAN;
    f->te_ms = 10.0 * take(s, 10);
    f->ti_ms = f->flip_deg = f->b_value = f->trigger_ms = NAN;
    f->echo_number = take(s, 3);
    f->temporal_index = take(s, 3);
    f->acquisition_number = take(s, 3);
    string_set(f->image_type, sizeof f->image_type, types[take(s, 4)]);
    f->pixels = (DicomPixels){.syntax = transfer_syntax_find("1.2.840.10008.1.2.1"),
                              .rows = 4 + take(s, 2),
                              .columns = 4,
                              .n_frames = 1,
                              .samples = 1,
                              .bits_allocated = 16,
                              .bits_stored = 16,
                              .high_bit = 15,
                              .slope = 1};
}

static void volume_hold(const Series *s)
{
    const Grid *g = &s->grid;
    if (!s->usable && s->reason[0] == '\0') abort();
    if (!s->usable) {
        if (s->role != ROLE_UNUSED) abort();
        return;
    }
    if (g->nz < 2 || !(g->dz > 0) || !(g->dx > 0) || !(g->dy > 0)) abort();
    if (fabs(vec3_dot(vec3_cross(g->axis_x, g->axis_y), g->axis_z) - 1) > 1e-9) abort();
    for (int k = 1; k < g->nz; k++) {
        double step = s->slices[k].position_mm - s->slices[k - 1].position_mm;
        if (!(fabs(step - g->dz) <= 0.11 * g->dz)) abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    Source s = {bytes, size, 0};
    DicomFile files[MAX_FILES] = {0};
    DicomFrame frames[MAX_FILES] = {0};
    char paths[MAX_FILES][8];
    Scan scan = {0};
    Error error = {0};
    int n = 1 + take(&s, MAX_FILES);
    for (int i = 0; i < n; i++) {
        paths[i][0] = (char)('a' + i);
        paths[i][1] = '\0';
        files[i] = (DicomFile){.path = paths[i],
                               .study_uid = "1.2",
                               .instance_number = take(&s, 30),
                               .frames = &frames[i],
                               .n_frames = 1,
                               .field_t = 1.5};
        files[i].series_uid[0] = (char)('0' + take(&s, 2));
        files[i].sop_instance_uid[0] = (char)('a' + take(&s, 26));
        frame_make(&frames[i], &s);
    }
    if (studies_group(&scan, files, n, &error) == TENO_OK)
        for (int i = 0; i < scan.n_studies; i++) {
            if (study_assign_roles(&scan.studies[i], NULL, 0, &error)) abort();
            for (int k = 0; k < scan.studies[i].n_series; k++) volume_hold(&scan.studies[i].series[k]);
        }
    scan_free(&scan);
    return 0;
}

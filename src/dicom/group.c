/* From single frames to studies: sorted by study, series and instance, each series dealt into its volumes (bins.c),
 * each volume given its geometry (volume.c) and class. */
#include "dicom/group.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dicom/bins.h"
#include "dicom/classify.h"
#include "teno/hash.h"
#include "teno/memory.h"

static const DicomFrame *frame_of(const FrameRef *ref)
{
    return &ref->file->frames[ref->frame];
}

static int ref_compare(const void *a, const void *b)
{
    const FrameRef *x = a, *y = b;
    int order = strcmp(x->file->study_uid, y->file->study_uid);
    if (!order) order = strcmp(x->file->series_uid, y->file->series_uid);
    if (!order)
        order = (x->file->instance_number > y->file->instance_number) -
                (x->file->instance_number < y->file->instance_number);
    if (!order) order = strcmp(x->file->sop_instance_uid, y->file->sop_instance_uid);
    if (!order) order = strcmp(x->file->path, y->file->path);
    return order ? order : x->frame - y->frame;
}

/* series_uid, then what tells this volume from its siblings. */
static void key_make(Series *out, const FrameRef *ref, const Bins *bins, int index)
{
    const DicomFrame *f = frame_of(ref);
    char suffix[64] = "";
    size_t n = 0;
    if (bins->n > 1) {
        unsigned by = bins->by;
        if (by == BY_ECHO && f->echo_number > 0)
            n = (size_t)snprintf(suffix, sizeof suffix, "#echo%d", f->echo_number);
        else if (by == BY_TIME)
            n = (size_t)snprintf(suffix, sizeof suffix, "#time%d", f->temporal_index);
        else
            n = (size_t)snprintf(suffix, sizeof suffix, "#volume%d", index + 1);
    }
    if (n >= 31) suffix[30] = '\0';
    snprintf(out->key, sizeof out->key, "%.64s%.30s", out->series_uid, suffix);
}

static void series_fill(Series *out, const Bin *bin, const Bins *bins, int index)
{
    const FrameRef *first = &bin->frames[0];
    const DicomFile *file = first->file;
    const DicomFrame *frame = frame_of(first);
    string_set(out->study_uid, sizeof out->study_uid, file->study_uid);
    string_set(out->series_uid, sizeof out->series_uid, file->series_uid);
    string_set(out->frame_of_reference_uid, sizeof out->frame_of_reference_uid, file->frame_of_reference_uid);
    string_set(out->description, sizeof out->description,
               file->series_description[0] ? file->series_description : file->protocol);
    string_set(out->study_date, sizeof out->study_date, file->study_date);
    string_set(out->study_time, sizeof out->study_time, file->study_time);
    out->series_number = file->series_number;
    out->echo_number = frame->echo_number;
    out->temporal_index = frame->temporal_index;
    out->slice_thickness_mm = frame->thickness_mm > 0 ? frame->thickness_mm : (double)NAN;
    key_make(out, first, bins, index);
    contrast_classify(out, file, frame);
    side_classify(out, file, frame);
    for (int i = 0; i < bin->n; i++)
        if (frame_of(&bin->frames[i])->pixels.syntax->lossy ||
            strcmp(bin->frames[i].file->lossy_compression, "01") == 0)
            out->lossy = true;
    if (out->lossy) notes_add(&out->warnings, "the images went through lossy compression");
    out->derived = image_type_derived(frame);
    if (out->derived) notes_add(&out->warnings, "derived images: another program made them of the scanner's own");
}

static int volume_make(Series *out, Bin *bin, const Bins *bins, int index, Error *error)
{
    const DicomFile *file = bin->frames[0].file;
    series_fill(out, bin, bins, index);
    const char *refusal = image_type_refusal(file, frame_of(&bin->frames[0]));
    int code = volume_build(out, bin->frames, bin->n, error);
    if (code) return code;
    out->plane = plane_classify(&out->grid, file->acquisition_type);
    if (refusal) {
        out->usable = false;
        string_set(out->reason, sizeof out->reason, refusal);
    }
    return TENO_OK;
}

static Series *series_new(Study *study, Error *error)
{
    Series *grown = array_grow(study->series, (size_t)study->n_series + 1, sizeof *grown, error);
    if (!grown) return NULL;
    study->series = grown;
    grown[study->n_series] = (Series){0};
    return &grown[study->n_series++];
}

/* Makes the volumes of the frames [n] of one series. */
static int series_make(Study *study, const FrameRef *frames, int n, Error *error)
{
    Bins bins = {0};
    int code = bins_fill(&bins, frames, n, error);
    for (int b = 0; b < bins.n && !code; b++) {
        Series *series = series_new(study, error);
        code = series ? volume_make(series, &bins.bin[b], &bins, b, error) : TENO_FAILED;
    }
    if (!code && bins.n == 2 && bins.by == BY_STACK) {
        Series *last = &study->series[study->n_series - 1];
        if (last[-1].usable && last->usable) sides_by_place(last - 1, last);
    }
    bins_free(&bins);
    return code;
}

int series_compare(const void *a, const void *b)
{
    const Series *x = a, *y = b;
    if (x->series_number != y->series_number) return x->series_number < y->series_number ? -1 : 1;
    return strcmp(x->key, y->key);
}

/* The pseudonym: the same for all studies of one patient id, and not turned back without guessing ids. */
static void subject_derive(Study *study)
{
    Sha256 hash;
    unsigned char digest[SHA256_BYTES];
    char hex[SHA256_HEX_SIZE];
    sha256_init(&hash);
    sha256_add_text(&hash, "teno-subject");
    sha256_add_text(&hash, study->patient_id[0] ? study->patient_id : study->study_uid);
    sha256_finish(&hash, digest);
    sha256_hex(digest, hex);
    snprintf(study->subject, sizeof study->subject, "s%.10s", hex);
}

static void study_fill(Study *out, const DicomFile *file)
{
    string_set(out->study_uid, sizeof out->study_uid, file->study_uid);
    string_set(out->study_date, sizeof out->study_date, file->study_date);
    string_set(out->study_time, sizeof out->study_time, file->study_time);
    string_set(out->study_description, sizeof out->study_description, file->study_description);
    string_set(out->patient_id, sizeof out->patient_id, file->patient_id);
    string_set(out->patient_name, sizeof out->patient_name, file->patient_name);
    string_set(out->accession, sizeof out->accession, file->accession);
    subject_derive(out);
}

static int study_compare(const void *a, const void *b)
{
    const Study *x = a, *y = b;
    int order = strcmp(x->study_date, y->study_date);
    if (!order) order = strcmp(x->study_time, y->study_time);
    return order ? order : strcmp(x->study_uid, y->study_uid);
}

static int study_make(Scan *scan, const FrameRef *frames, int n, Error *error)
{
    Study *study = &scan->studies[scan->n_studies++];
    *study = (Study){0};
    study_fill(study, frames[0].file);
    for (int i = 1; i < n; i++)
        if (strcmp(frames[i].file->patient_id, frames[0].file->patient_id) != 0)
            notes_add(&study->warnings, "images of different patient ids in one study");
    for (int i = 0, end; i < n; i = end) {
        for (end = i + 1; end < n && strcmp(frames[end].file->series_uid, frames[i].file->series_uid) == 0;) end++;
        int code = series_make(study, frames + i, end - i, error);
        if (code) return code;
    }
    qsort(study->series, (size_t)study->n_series, sizeof *study->series, series_compare);
    return TENO_OK;
}

int studies_group(Scan *scan, const DicomFile *files, int n, Error *error)
{
    int n_frames = 0, n_studies = 0, code = TENO_OK;
    for (int i = 0; i < n; i++) n_frames += files[i].n_frames;
    if (!n_frames) return TENO_OK;
    FrameRef *frames = array_alloc((size_t)n_frames, sizeof *frames, error);
    if (!frames) return TENO_FAILED;
    for (int i = 0, at = 0; i < n; i++)
        for (int f = 0; f < files[i].n_frames; f++) frames[at++] = (FrameRef){.file = &files[i], .frame = f};
    qsort(frames, (size_t)n_frames, sizeof *frames, ref_compare);
    for (int i = 0; i < n_frames; i++)
        if (i == 0 || strcmp(frames[i].file->study_uid, frames[i - 1].file->study_uid) != 0) n_studies++;
    scan->studies = array_alloc((size_t)n_studies, sizeof *scan->studies, error);
    if (!scan->studies) code = TENO_FAILED;
    for (int i = 0, end; i < n_frames && !code; i = end) {
        for (end = i + 1; end < n_frames && strcmp(frames[end].file->study_uid, frames[i].file->study_uid) == 0;) end++;
        code = study_make(scan, frames + i, end - i, error);
    }
    if (!code) qsort(scan->studies, (size_t)n_studies, sizeof *scan->studies, study_compare);
    if (!code) code = visits_join(scan, error);
    free(frames);
    return code;
}

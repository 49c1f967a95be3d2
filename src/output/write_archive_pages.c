/* dicom/sc_NAME.dcm and dicom/report.pdf.dcm: what people look at, for archives that show nothing else. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "output/archive_parts.h"
#include "output/canvas.h"
#include "output/folder.h"
#include "output/kinds.h"
#include "output/names.h"
#include "output/pictures.h"
#include "teno/memory.h"

/* A thin-slice series would make hundreds of megabytes; this many still show a tendon every few millimetres. */
enum { MOST_FRAMES = 32, MOST_PDF_BYTES = 64 << 20 };

/* Cairo's x8r8g8b8 pixels as rgb [height][width][3]. */
static void canvas_to_rgb(unsigned char *rgb, cairo_t *cr, int width, int height)
{
    cairo_surface_t *surface = cairo_get_target(cr);
    cairo_surface_flush(surface);
    const unsigned char *data = cairo_image_surface_get_data(surface);
    size_t stride = (size_t)cairo_image_surface_get_stride(surface);
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            uint32_t pixel;
            memcpy(&pixel, data + stride * (size_t)y + 4 * (size_t)x, sizeof pixel);
            *rgb++ = (unsigned char)(pixel >> 16);
            *rgb++ = (unsigned char)(pixel >> 8);
            *rgb++ = (unsigned char)pixel;
        }
}

static int pictures_save(const char *path, const ArchiveObject *object, cairo_t **pictures, int n, Error *error)
{
    cairo_surface_t *first = cairo_get_target(pictures[0]);
    int width = cairo_image_surface_get_width(first), height = cairo_image_surface_get_height(first);
    size_t frame = (size_t)width * (size_t)height * 3;
    unsigned char *rgb = array_alloc((size_t)n, frame, error);
    if (!rgb) return TENO_FAILED;
    for (int t = 0; t < n; t++) canvas_to_rgb(rgb + frame * (size_t)t, pictures[t], width, height);
    int code = archive_write_sc(path, object, rgb, width, height, n, error);
    free(rgb);
    return code;
}

/* Overlays of one tendon. */
static int tendon_sc(const Analysis *analysis, const ArchiveSources *sources, const ArchiveParts *parts, int tendon,
                     const char *folder, Error *error)
{
    const TendonResult *result = &analysis->tendons[tendon];
    cairo_t *pictures[MOST_FRAMES] = {0};
    char name[NAME_SIZE], file[NAME_SIZE + 32], description[65];
    int n = 0, code = overlay_pictures(pictures, MOST_FRAMES, &n, analysis, result, error);
    char *path = NULL;
    if (code || n == 0) goto out;
    ArchiveObject object;
    Sha256 hash;
    result_name(name, analysis, tendon);
    snprintf(file, sizeof file, "dicom/sc_%s.dcm", name);
    snprintf(description, sizeof description, "Teno overlays, %.48s", result->spec->display_name);
    archive_object_begin(&object, analysis, sources, SERIES_SC, description);
    char series_uid[UID_SIZE];
    string_set(series_uid, sizeof series_uid, object.series_uid);
    archive_hash_begin(&hash, analysis, sources, file);
    archive_hash_segments(&hash, parts);
    archive_hash_groups(&hash, parts);
    uid_from_hash(object.sop_instance_uid, &hash);
    uid_derive(object.series_uid, "%s %s", series_uid, name); /* a series a tendon: each has its description */
    path = path_join(folder, file, error);
    code = path ? pictures_save(path, &object, pictures, n, error) : TENO_FAILED;
out:
    for (int t = 0; t < n; t++) canvas_free(pictures[t]);
    free(path);
    return code;
}

int write_sc(const Analysis *analysis, const char *folder, Error *error)
{
    ArchiveParts parts = {0};
    ArchiveSources sources;
    int code = archive_sources_find(&sources, analysis, error);
    if (!code) code = archive_parts_make(&parts, analysis, analysis->study, error);
    if (!code) code = folder_make(folder, "dicom", error);
    for (int i = 0; i < analysis->n_tendons && !code; i++)
        if (analysis->tendons[i].status == STATUS_MEASURED && sources.measured)
            code = tendon_sc(analysis, &sources, &parts, i, folder, error);
    archive_parts_free(&parts);
    free(sources.series);
    return code;
}

/* Whole file; caller frees. */
static unsigned char *bytes_read(const char *folder, const char *name, size_t *size, Error *error)
{
    char *path = path_join(folder, name, error);
    FILE *file = path ? fopen(path, "rb") : NULL;
    unsigned char *bytes = NULL;
    if (file && fseek(file, 0, SEEK_END) == 0) {
        long length = ftell(file);
        rewind(file);
        if (length > 0 && length < MOST_PDF_BYTES) bytes = array_alloc((size_t)length, 1, error);
        if (bytes && fread(bytes, 1, (size_t)length, file) == (size_t)length) {
            *size = (size_t)length;
        } else {
            free(bytes);
            bytes = NULL;
        }
    }
    if (file) fclose(file);
    if (!bytes) error_set(error, TENO_FAILED, "%s: cannot be read back", path ? path : name);
    free(path);
    return bytes;
}

/* Encapsulates folder/pdf_name into the study of `analysis`. */
static int pdf_encapsulate(const Analysis *analysis, const char *folder, const char *pdf_name, Error *error)
{
    ArchiveSources sources;
    ArchiveObject object;
    Sha256 hash;
    unsigned char *pdf = NULL;
    char *path = NULL;
    size_t size = 0;
    int code = archive_sources_find(&sources, analysis, error);
    if (code || sources.n_series == 0) goto out;
    code = TENO_FAILED;
    if (!(pdf = bytes_read(folder, pdf_name, &size, error)) || folder_make(folder, "dicom", error) ||
        !(path = path_join(folder, "dicom/report.pdf.dcm", error)))
        goto out;
    archive_object_begin(&object, analysis, &sources, SERIES_PDF, "Teno report");
    archive_hash_begin(&hash, analysis, &sources, "pdf");
    sha256_add(&hash, pdf, size);
    uid_from_hash(object.sop_instance_uid, &hash);
    code = archive_write_pdf(path, &object, pdf, size, "Teno report", error);
out:
    free(pdf);
    free(path);
    free(sources.series);
    return code;
}

int write_pdf(const Analysis *analysis, const char *folder, Error *error)
{
    int code = write_report_pdf(analysis, folder, error);
    return code ? code : pdf_encapsulate(analysis, folder, "report.pdf", error);
}

int write_pdf_of_comparison(const Comparison *comparison, const char *folder, Error *error)
{
    int code = write_compare_pdf(comparison, folder, error);
    return code ? code : pdf_encapsulate(comparison->post, folder, "report.pdf", error);
}

/*
 * A mask onto the grid that is measured. The mask's fraction is interpolated linearly and averaged over each voxel of
 * the wanted grid, with as many samples along an axis as mask voxels fit there: on the mask's own grid nothing changes,
 * on a coarser one volumes are kept, on a finer one the edge is interpolated.
 */
#define _GNU_SOURCE /* strcasestr */

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dicom/mask_parts.h"

enum { MOST_SAMPLES = 8 }; /* along one axis of a voxel */

void grid_text(char text[GRID_TEXT_SIZE], const Grid *grid)
{
    snprintf(text, GRID_TEXT_SIZE,
             "%d x %d x %d voxels of %.4g x %.4g x %.4g mm, first at (%.1f, %.1f, %.1f), x (%.3f %.3f %.3f), y (%.3f "
             "%.3f %.3f)",
             grid->nx, grid->ny, grid->nz, grid->dx, grid->dy, grid->dz, grid->origin_lps.x, grid->origin_lps.y,
             grid->origin_lps.z, grid->axis_x.x, grid->axis_x.y, grid->axis_x.z, grid->axis_y.x, grid->axis_y.y,
             grid->axis_y.z);
}

/* Samples along a direction of step `step_mm`, so that no voxel of `from` is jumped over. */
static int sample_count(const Grid *from, Vec3 direction, double step_mm)
{
    double a = vec3_dot(direction, from->axis_x) / from->dx, b = vec3_dot(direction, from->axis_y) / from->dy;
    double c = vec3_dot(direction, from->axis_z) / from->dz;
    double voxels = step_mm * sqrt(a * a + b * b + c * c);
    return (int)fmin(MOST_SAMPLES, fmax(1, lround(voxels)));
}

void mask_resample(Vol *out, const Vol *from)
{
    const Grid *grid = &out->grid;
    const int n[3] = {sample_count(&from->grid, grid->axis_x, grid->dx),
                      sample_count(&from->grid, grid->axis_y, grid->dy),
                      sample_count(&from->grid, grid->axis_z, grid->dz)};
    const double share = 1.0 / (n[0] * n[1] * n[2]);
#pragma omp parallel for schedule(dynamic)
    for (int k = 0; k < grid->nz; k++)
        for (int j = 0; j < grid->ny; j++)
            for (int i = 0; i < grid->nx; i++) {
                double sum = 0;
                for (int c = 0; c < n[2]; c++)
                    for (int b = 0; b < n[1]; b++)
                        for (int a = 0; a < n[0]; a++) {
                            Vec3 p_vox = {i + (a + 0.5) / n[0] - 0.5, j + (b + 0.5) / n[1] - 0.5,
                                          k + (c + 0.5) / n[2] - 0.5};
                            sum += vol_sample(from, grid_to_lps(grid, p_vox), 0);
                        }
                out->data[grid_index(grid, i, j, k)] = (float)(sum * share);
            }
}

/* How plainly a segment says that it is the tendon; people draw bones and muscles into the same file. */
typedef enum Naming { NAMES_OTHER, NAMES_NOTHING, NAMES_A_TENDON, NAMES_THIS } Naming;

static Naming naming_of(const MaskSegment *segment, const TendonSpec *spec, Side side)
{
    bool same_side = segment->side == SIDE_UNKNOWN || side == SIDE_UNKNOWN || segment->side == side;
    if (!same_side || (segment->tendon[0] && strcmp(segment->tendon, spec->name) != 0)) return NAMES_OTHER;
    if (segment->tendon[0]) return NAMES_THIS;
    return strcasestr(segment->label, "tendon") ? NAMES_A_TENDON : NAMES_NOTHING;
}

static Naming plainest_naming(const MaskFile *mask, const TendonSpec *spec, Side side)
{
    Naming plainest = NAMES_OTHER;
    for (int s = 0; s < mask->n_segments; s++) {
        Naming naming = naming_of(&mask->segments[s], spec, side);
        if (mask->segments[s].kind == MASK_TENDON && naming > plainest) plainest = naming;
    }
    return plainest;
}

/* Whether this segment is to be measured: of envelopes those that name the tendon most plainly, of tears all that do
 * not name another one. */
static bool segment_fits(const MaskFile *mask, const MaskSegment *segment, const TendonSpec *spec, Side side)
{
    Naming naming = naming_of(segment, spec, side);
    if (naming == NAMES_OTHER) return false;
    return segment->kind != MASK_TENDON || naming == plainest_naming(mask, spec, side);
}

/* Several segments of which none says what it is: one may be the bone. NIfTI has no names to go by. */
static int ambiguity_check(const MaskFile *mask, const TendonSpec *spec, Side side, Error *error)
{
    char labels[200] = "";
    int n = 0;
    if (strcmp(mask->format, "NIfTI") == 0 || plainest_naming(mask, spec, side) != NAMES_NOTHING) return TENO_OK;
    for (int s = 0; s < mask->n_segments; s++) {
        const MaskSegment *segment = &mask->segments[s];
        if (segment->kind != MASK_TENDON || !segment_fits(mask, segment, spec, side)) continue;
        size_t used = strlen(labels);
        snprintf(labels + used, sizeof labels - used, "%s'%.40s'", n ? ", " : "", segment->label);
        n++;
    }
    if (n < 2) return TENO_OK;
    return error_set(error, TENO_FAILED, "%s: %d segments (%s) and none is called tendon; name the one of the %s",
                     mask->path, n, labels, spec->display_name);
}

Side mask_side(const MaskFile *mask, const TendonSpec *spec)
{
    Side side = SIDE_UNKNOWN;
    for (int s = 0; s < mask->n_segments; s++) {
        const MaskSegment *segment = &mask->segments[s];
        if (segment->kind != MASK_TENDON || !segment_fits(mask, segment, spec, SIDE_UNKNOWN)) continue;
        if (side != SIDE_UNKNOWN && segment->side != side) return SIDE_UNKNOWN;
        side = segment->side;
    }
    return side;
}

/* Volume of the segment, and the part of it whose voxels lie inside the grid. */
static void volume_inside(const Vol *vol, const Grid *grid, double *all_mm3, double *inside_mm3)
{
    double voxel_mm3 = grid_voxel_mm3(&vol->grid);
    for (int k = 0; k < vol->grid.nz; k++)
        for (int j = 0; j < vol->grid.ny; j++)
            for (int i = 0; i < vol->grid.nx; i++) {
                double part = voxel_mm3 * (double)vol->data[grid_index(&vol->grid, i, j, k)];
                if (!(part > 0)) continue;
                Vec3 p = grid_to_vox(grid, grid_to_lps(&vol->grid, vec3(i, j, k)));
                bool inside = p.x >= -0.5 && p.y >= -0.5 && p.z >= -0.5 && p.x <= grid->nx - 0.5 &&
                              p.y <= grid->ny - 0.5 && p.z <= grid->nz - 0.5;
                *all_mm3 += part;
                if (inside) *inside_mm3 += part;
            }
}

static int refuse(const MaskFile *mask, const Series *series, const char *why, Error *error)
{
    char mask_text[GRID_TEXT_SIZE], series_text[GRID_TEXT_SIZE];
    grid_text(mask_text, &mask->grid);
    grid_text(series_text, &series->grid);
    return error_set(error, TENO_FAILED, "%s: %s; the mask has %s; the series has %s", mask->path, why, mask_text,
                     series_text);
}

static int compare_integers(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

/* Whether two grids have the same matrix, whichever way their axes run. */
static bool same_matrix(const Grid *a, const Grid *b)
{
    int m[3] = {a->nx, a->ny, a->nz}, n[3] = {b->nx, b->ny, b->nz};
    qsort(m, 3, sizeof *m, compare_integers);
    qsort(n, 3, sizeof *n, compare_integers);
    return memcmp(m, n, sizeof m) == 0;
}

static Vec3 grid_corner(const Grid *grid, int corner)
{
    return grid_to_lps(
        grid, vec3(corner & 1 ? grid->nx - 1 : 0, corner & 2 ? grid->ny - 1 : 0, corner & 4 ? grid->nz - 1 : 0));
}

/* Whether every corner of one is a corner of the other, to half a voxel. */
static bool same_box(const Grid *a, const Grid *b)
{
    double tolerance_mm = 0.5 * fmin(a->dx, fmin(a->dy, a->dz));
    for (int i = 0; i < 8; i++) {
        bool met = false;
        for (int j = 0; j < 8; j++) met |= vec3_distance(grid_corner(a, i), grid_corner(b, j)) <= tolerance_mm;
        if (!met) return false;
    }
    return true;
}

/* A mask of the same matrix as a series was drawn on such a series; then it must lie where one of them lies. A file
 * made for another examination of the same protocol is caught here. */
static bool has_place(const MaskFile *mask, const Study *study)
{
    bool any_like_it = false;
    for (int i = 0; i < study->n_series; i++) {
        const Series *series = &study->series[i];
        if (!series->usable || !same_matrix(&series->grid, &mask->grid)) continue;
        any_like_it = true;
        if (same_box(&series->grid, &mask->grid)) return true;
    }
    return !any_like_it;
}

static int geometry_check(const MaskFile *mask, const Study *study, const Series *series, double inside_share,
                          Error *error)
{
    const char *frame = mask->frame_of_reference_uid;
    bool says_frame = frame[0] && series->frame_of_reference_uid[0];
    if (says_frame && strcmp(frame, series->frame_of_reference_uid) != 0)
        return refuse(mask, series, "its frame of reference is not that of the series", error);
    if (inside_share == 0) return refuse(mask, series, "it lies wholly outside the series", error);
    if (says_frame) return TENO_OK;
    if (inside_share < 0.5) return refuse(mask, series, "more than half of it lies outside the series", error);
    if (!has_place(mask, study)) return refuse(mask, series, "it has the matrix of a series but lies elsewhere", error);
    return TENO_OK;
}

/* Whether some tear was drawn by a convention that is not known. */
static bool tear_convention_unsaid(const MaskFile *mask)
{
    for (int s = 0; s < mask->n_segments; s++)
        if (mask->segments[s].kind == MASK_TEAR && !mask->segments[s].inside) return true;
    return false;
}

/* Sum of all fitting segments of one kind on the grid, each voxel at most 1. Returns how many there were, -1 on
 * failure. */
static int kind_draw(Vol *out, const MaskFile *mask, MaskKind kind, const TendonSpec *spec, Side side, Error *error)
{
    int n = 0;
    Vol one = {0};
    for (int s = 0; s < mask->n_segments && n >= 0; s++) {
        const MaskSegment *segment = &mask->segments[s];
        if (segment->kind != kind || !segment_fits(mask, segment, spec, side)) continue;
        n++;
        if (!segment->fraction.data) continue; /* looked for, none found */
        if (vol_alloc(&one, &out->grid, error)) return -1;
        mask_resample(&one, &segment->fraction);
        for (size_t i = 0; i < grid_count(&out->grid); i++) out->data[i] = fminf(1, out->data[i] + one.data[i]);
        vol_free(&one);
    }
    return n;
}

static double sum(const Vol *vol)
{
    double total = 0;
    for (size_t i = 0; i < grid_count(&vol->grid); i++) total += (double)vol->data[i];
    return total;
}

/* Where people cut the tear out of the tendon, the envelope is both together; where they drew it inside, it is the
 * tendon. */
static void join_tear(Vol *envelope, const Vol *tear)
{
    double shared = 0, torn = sum(tear);
    for (size_t i = 0; i < grid_count(&tear->grid); i++) shared += (double)fminf(tear->data[i], envelope->data[i]);
    if (torn == 0 || shared >= 0.5 * torn) return;
    for (size_t i = 0; i < grid_count(&tear->grid); i++)
        envelope->data[i] = fminf(1, envelope->data[i] + tear->data[i]);
}

int mask_envelope(Vol *out, const MaskFile *mask, const TendonSpec *spec, Side side, const Study *study,
                  const Series *series, Error *error)
{
    Vol tear = {0};
    double all_mm3 = 0, inside_mm3 = 0;
    *out = (Vol){0};
    int n_tendon = 0, code = TENO_FAILED;
    for (int s = 0; s < mask->n_segments; s++) {
        const MaskSegment *segment = &mask->segments[s];
        if (segment->kind != MASK_TENDON || !segment_fits(mask, segment, spec, side)) continue;
        n_tendon++;
        if (segment->fraction.data) volume_inside(&segment->fraction, &series->grid, &all_mm3, &inside_mm3);
    }
    if (n_tendon == 0 || all_mm3 == 0)
        return error_set(error, TENO_FAILED, "%s: %s of the %s%s%s", mask->path,
                         n_tendon ? "nothing is drawn in the segment" : "no segment", spec->display_name,
                         side == SIDE_UNKNOWN ? "" : ", ", side == SIDE_UNKNOWN ? "" : side_name(side));
    if (ambiguity_check(mask, spec, side, error)) return TENO_FAILED;
    if (geometry_check(mask, study, series, inside_mm3 / all_mm3, error)) return TENO_FAILED;
    if (vol_alloc(out, &series->grid, error) || vol_alloc(&tear, &series->grid, error)) goto out;
    if (kind_draw(out, mask, MASK_TENDON, spec, side, error) < 0 ||
        kind_draw(&tear, mask, MASK_TEAR, spec, side, error) < 0)
        goto out;
    if (tear_convention_unsaid(mask)) join_tear(out, &tear);
    code = TENO_OK;
out:
    vol_free(&tear);
    if (code) vol_free(out);
    return code;
}

int mask_tear(Vol *out, const MaskFile *mask, const TendonSpec *spec, Side side, const Series *series, Error *error)
{
    *out = (Vol){0};
    if (vol_alloc(out, &series->grid, error)) return TENO_FAILED;
    int n = kind_draw(out, mask, MASK_TEAR, spec, side, error);
    if (n <= 0) vol_free(out);
    return n < 0 ? TENO_FAILED : TENO_OK;
}

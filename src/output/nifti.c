/*
 * masks/NAME_what.nii.gz: fractions 0–1 as float32 on the full grid of the reference series, so that any viewer lays
 * them over it without resampling.
 *
 * The mask lives on a crop around the tendon; most of the full grid is zero. Every slice is compressed by itself
 * (deflate, level 1, ended on a byte boundary by a full flush), in parallel, and the pieces are joined into one
 * ordinary gzip member, its checksum combined from the pieces'. Slices without tendon share one compressed piece. The
 * bytes do not depend on the number of threads.
 */
#include <math.h>
#include <nifti1_io.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "output/folder.h"
#include "output/kinds.h"
#include "output/names.h"
#include "output/text.h"
#include "teno/memory.h"

typedef struct Piece {
    unsigned char *bytes;
    size_t size;
    unsigned long crc; /* of the uncompressed bytes */
} Piece;

/* Compresses `size` bytes; false when memory is short. The last piece of a stream ends it. */
static bool piece_make(Piece *piece, const void *raw, size_t size, bool last)
{
    z_stream stream = {0};
    /* Negative window bits: no header of its own; the gzip frame is put around all pieces. */
    if (deflateInit2(&stream, 1, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK) return false;
    size_t bound = deflateBound(&stream, (uLong)size) + 16;
    piece->bytes = malloc(bound);
    stream.next_in = (Bytef *)(uintptr_t)raw;
    stream.avail_in = (uInt)size;
    stream.next_out = piece->bytes;
    stream.avail_out = (uInt)bound;
    int status = piece->bytes ? deflate(&stream, last ? Z_FINISH : Z_FULL_FLUSH) : Z_MEM_ERROR;
    piece->size = stream.total_out;
    piece->crc = crc32(0, raw, (uInt)size);
    deflateEnd(&stream);
    return status == (last ? Z_STREAM_END : Z_OK);
}

/* Where the crop begins in the full grid, voxels. False when it does not lie inside it. */
static bool crop_start(const Grid *full, const Grid *crop, int start[3])
{
    Vec3 p = grid_to_vox(full, crop->origin_lps);
    start[0] = (int)lround(p.x), start[1] = (int)lround(p.y), start[2] = (int)lround(p.z);
    return start[0] >= 0 && start[1] >= 0 && start[2] >= 0 && start[0] + crop->nx <= full->nx &&
           start[1] + crop->ny <= full->ny && start[2] + crop->nz <= full->nz;
}

/* Full slice k, from the crop. */
static void fill_slice(float *slice, const Grid *full, const Vol *crop, const int start[3], int k)
{
    memset(slice, 0, (size_t)full->nx * (size_t)full->ny * sizeof *slice);
    for (int j = 0; j < crop->grid.ny; j++)
        memcpy(slice + (size_t)(j + start[1]) * (size_t)full->nx + start[0],
               crop->data + grid_index(&crop->grid, 0, j, k - start[2]), (size_t)crop->grid.nx * sizeof *slice);
}

/* The 348 bytes of header and 4 of "no extensions" that begin a .nii file. */
static void header_make(unsigned char header[352], const Grid *grid)
{
    nifti_image image = {0};
    double affine[4][4];
    grid_affine_ras(grid, affine);
    image.ndim = image.dim[0] = 3;
    image.nx = image.dim[1] = grid->nx, image.ny = image.dim[2] = grid->ny, image.nz = image.dim[3] = grid->nz;
    image.nt = image.nu = image.nv = image.nw = 1;
    image.nvox = grid_count(grid);
    image.nbyper = sizeof(float);
    image.datatype = DT_FLOAT32;
    image.dx = image.pixdim[1] = (float)grid->dx, image.dy = image.pixdim[2] = (float)grid->dy;
    image.dz = image.pixdim[3] = (float)grid->dz;
    image.cal_max = 1;
    image.scl_slope = 1;
    image.nifti_type = NIFTI_FTYPE_NIFTI1_1;
    image.iname_offset = 352;
    image.xyz_units = NIFTI_UNITS_MM;
    image.qform_code = image.sform_code = NIFTI_XFORM_SCANNER_ANAT;
    for (int i = 0; i < 4; i++)
        for (int j = 0; j < 4; j++) image.sto_xyz.m[i][j] = (float)affine[i][j];
    nifti_mat44_to_quatern(image.sto_xyz, &image.quatern_b, &image.quatern_c, &image.quatern_d, &image.qoffset_x,
                           &image.qoffset_y, &image.qoffset_z, NULL, NULL, NULL, &image.qfac);
    string_set(image.descrip, sizeof image.descrip, "teno " TENO_VERSION " fraction of voxel");
    nifti_1_header raw = nifti_convert_nim2nhdr(&image);
    memset(header, 0, 352);
    memcpy(header, &raw, 348);
}

/* Joins header, slices and end into a gzip member (RFC 1952). */
static int join(const Piece *head, const Piece *slices, const Piece *empty, int n_slices, size_t slice_bytes,
                const char *folder, const char *name, Error *error)
{
    static const unsigned char magic[10] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 255}; /* no name, no time, fastest */
    Text out = {0};
    unsigned long crc = head->crc;
    text_add_bytes(&out, (const char *)magic, sizeof magic);
    text_add_bytes(&out, (const char *)head->bytes, head->size);
    for (int k = 0; k < n_slices; k++) {
        const Piece *piece = slices[k].bytes ? &slices[k] : empty;
        text_add_bytes(&out, (const char *)piece->bytes, piece->size);
        crc = crc32_combine(crc, piece->crc, (z_off_t)slice_bytes);
    }
    unsigned long length = (unsigned long)(352 + slice_bytes * (size_t)n_slices);
    unsigned char end[10] = {3, 0}; /* the empty last block of the deflate stream, then the trailer */
    for (int i = 0; i < 4; i++) {
        end[2 + i] = (unsigned char)(crc >> 8 * i);
        end[6 + i] = (unsigned char)(length >> 8 * i);
    }
    text_add_bytes(&out, (const char *)end, sizeof end);
    int code = text_write(&out, folder, name, error);
    text_free(&out);
    return code;
}

/* The fractions on the crop, written on the full grid; fails when the crop is no part of it. */
static int nifti_write_fractions(const Vol *crop, const Grid *full, const char *folder, const char *name, Error *error)
{
    size_t n_pixels = (size_t)full->nx * (size_t)full->ny, slice_bytes = n_pixels * sizeof(float);
    int start[3], code = TENO_FAILED, n_failed = 0;
    Piece head = {0}, empty = {0}, *slices = NULL;
    float *zero = NULL;
    unsigned char header[352];
    if (slice_bytes > 0xFFFF0000u || !crop_start(full, &crop->grid, start))
        return error_set(error, TENO_FAILED, "%s: the mask's grid does not lie on the series' grid", name);
    if (!(slices = array_alloc((size_t)full->nz, sizeof *slices, error))) goto done;
    if (!(zero = array_alloc(n_pixels, sizeof *zero, error))) goto done;
    header_make(header, full);
    if (!piece_make(&head, header, sizeof header, false) || !piece_make(&empty, zero, slice_bytes, false)) {
        error_set(error, TENO_FAILED, "%s: out of memory", name);
        goto done;
    }
#pragma omp parallel for schedule(dynamic) reduction(+ : n_failed)
    for (int k = start[2]; k < start[2] + crop->grid.nz; k++) {
        float *slice = malloc(slice_bytes);
        if (slice) fill_slice(slice, full, crop, start, k);
        if (!slice || !piece_make(&slices[k], slice, slice_bytes, false)) n_failed++;
        free(slice);
    }
    code = n_failed ? error_set(error, TENO_FAILED, "%s: out of memory", name)
                    : join(&head, slices, &empty, full->nz, slice_bytes, folder, name, error);
done:
    for (int k = 0; slices && k < full->nz; k++) free(slices[k].bytes);
    free(slices);
    free(zero);
    free(head.bytes);
    free(empty.bytes);
    return code;
}

int write_masks(const Analysis *analysis, const char *folder, Error *error)
{
    int code = TENO_OK;
    for (int i = 0; i < analysis->n_tendons && code == TENO_OK; i++) {
        const TendonResult *result = &analysis->tendons[i];
        if (result->status != STATUS_MEASURED) continue;
        const struct {
            const Vol *vol;
            const char *what;
        } masks[] = {{&result->envelope, "tendon"}, {&result->tear, "tear"}, {&result->tendinosis, "tendinosis"}};
        char name[NAME_SIZE], file[NAME_SIZE + 32];
        result_name(name, analysis, i);
        code = folder_make(folder, "masks", error);
        for (int j = 0; j < 3 && code == TENO_OK; j++) {
            if (!masks[j].vol->data) continue;
            snprintf(file, sizeof file, "masks/%s_%s.nii.gz", name, masks[j].what);
            code =
                nifti_write_fractions(masks[j].vol, &analysis->prepared.channel[0].series->grid, folder, file, error);
        }
    }
    return code;
}

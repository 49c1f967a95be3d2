/*
 * A NIfTI-1 file as fractions. Only the structures and the quaternion come from niftilib; bytes are read here, because
 * the library trusts the header's sizes. A header whose two transforms disagree, or that has none, is refused.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <nifti1.h>
#include <nifti1_io.h>
#include <zlib.h>

#include "dicom/mask_parts.h"
#include "teno/memory.h"

enum { MOST_LABELS = 16 }; /* more different values than that are no labels */

typedef struct NiftiFile {
    const char *path;
    gzFile file;
    nifti_1_header header;
    bool swapped;
    double affine[4][4]; /* voxel → LPS mm */
} NiftiFile;

static int refuse(const NiftiFile *nifti, const char *what, Error *error)
{
    return error_set(error, TENO_FAILED, "%s: %s", nifti->path, what);
}

static int header_read(NiftiFile *nifti, Error *error)
{
    nifti_1_header *h = &nifti->header;
    if (gzread(nifti->file, h, sizeof *h) != (int)sizeof *h)
        return refuse(nifti, "too short for a NIfTI header", error);
    nifti->swapped = h->sizeof_hdr != 348;
    if (nifti->swapped) swap_nifti_header(h, 1);
    if (h->sizeof_hdr != 348 || memcmp(h->magic, "n+1", 4) != 0)
        return refuse(nifti, "not a single-file NIfTI-1 (.nii, .nii.gz); NIfTI-2 and .hdr/.img pairs are not read",
                      error);
    int n = h->dim[0];
    for (int i = 4; i <= 7 && i <= n; i++)
        if (h->dim[i] > 1) return refuse(nifti, "has more than three dimensions, wanted one volume", error);
    if (n < 3 || n > 7 || h->dim[1] < 1 || h->dim[2] < 1 || h->dim[3] < 1)
        return refuse(nifti, "wanted a volume of three dimensions", error);
    if ((size_t)h->dim[1] * (size_t)h->dim[2] * (size_t)h->dim[3] > MASK_MAX_VOXELS)
        return error_set(error, TENO_FAILED, "%s: %d x %d x %d voxels, limit is %d in all", nifti->path, h->dim[1],
                         h->dim[2], h->dim[3], MASK_MAX_VOXELS);
    return TENO_OK;
}

/* Millimetres a unit of the file; 0 for one that is no length. */
static double unit_mm(const nifti_1_header *h)
{
    switch (XYZT_TO_SPACE(h->xyzt_units)) {
    case NIFTI_UNITS_UNKNOWN: /* usual, and meant as mm */
    case NIFTI_UNITS_MM:
        return 1;
    case NIFTI_UNITS_METER:
        return 1000;
    case NIFTI_UNITS_MICRON:
        return 1e-3;
    default:
        return 0;
    }
}

static void sform(double affine[4][4], const nifti_1_header *h)
{
    const float *rows[3] = {h->srow_x, h->srow_y, h->srow_z};
    for (int r = 0; r < 3; r++)
        for (int c = 0; c < 4; c++) affine[r][c] = (double)rows[r][c];
}

static void qform(double affine[4][4], const nifti_1_header *h)
{
    mat44 m = nifti_quatern_to_mat44(h->quatern_b, h->quatern_c, h->quatern_d, h->qoffset_x, h->qoffset_y, h->qoffset_z,
                                     h->pixdim[1], h->pixdim[2], h->pixdim[3], h->pixdim[0]);
    for (int r = 0; r < 3; r++)
        for (int c = 0; c < 4; c++) affine[r][c] = (double)m.m[r][c];
}

/* Largest distance between where two transforms put a corner of the volume. */
static double corner_distance(double a[4][4], double b[4][4], const nifti_1_header *h)
{
    double largest = 0;
    for (int corner = 0; corner < 8; corner++) {
        const double p[4] = {corner & 1 ? h->dim[1] - 1 : 0, corner & 2 ? h->dim[2] - 1 : 0,
                             corner & 4 ? h->dim[3] - 1 : 0, 1};
        double d2 = 0;
        for (int r = 0; r < 3; r++) {
            double d = 0;
            for (int c = 0; c < 4; c++) d += (a[r][c] - b[r][c]) * p[c];
            d2 += d * d;
        }
        largest = fmax(largest, sqrt(d2));
    }
    return largest;
}

static int affine_read(NiftiFile *nifti, Error *error)
{
    const nifti_1_header *h = &nifti->header;
    double q[4][4] = {{0}}, s[4][4] = {{0}}, unit = unit_mm(h);
    if (unit == 0) return refuse(nifti, "its spatial unit is not a length", error);
    if (h->qform_code <= 0 && h->sform_code <= 0)
        return refuse(nifti, "neither qform nor sform says where it lies (both codes are 0)", error);
    qform(q, h);
    sform(s, h);
    if (h->qform_code > 0 && h->sform_code > 0) {
        double apart_mm = corner_distance(q, s, h) * unit;
        if (!(apart_mm < 0.5)) /* a shear that the quaternion cannot hold, or a tool that changed one of the two */
            return error_set(error, TENO_FAILED,
                             "%s: qform and sform put a corner %.3g mm apart, wanted the same place", nifti->path,
                             apart_mm);
    }
    for (int r = 0; r < 3; r++)
        for (int c = 0; c < 4; c++) {
            double ras = unit * (h->sform_code > 0 ? s[r][c] : q[r][c]);
            nifti->affine[r][c] = r < 2 ? -ras : ras; /* RAS+ to LPS */
            if (!isfinite(ras)) return refuse(nifti, "its transform is not finite", error);
        }
    return TENO_OK;
}

/* The file's grid, made right-handed by counting slices from the other end (`flip`) where needed. */
static int grid_read(Grid *out, bool *flip, const NiftiFile *nifti, Error *error)
{
    Vec3 axis[3];
    double step[3];
    for (int c = 0; c < 3; c++) {
        Vec3 column = {nifti->affine[0][c], nifti->affine[1][c], nifti->affine[2][c]};
        step[c] = vec3_norm(column);
        axis[c] = vec3_unit(column);
        if (!(step[c] > 1e-4)) return refuse(nifti, "its transform has a voxel size of 0", error);
    }
    double skew = fmax(fabs(vec3_dot(axis[0], axis[1])),
                       fmax(fabs(vec3_dot(axis[0], axis[2])), fabs(vec3_dot(axis[1], axis[2]))));
    if (skew > 1e-3) return refuse(nifti, "its transform is sheared, wanted orthogonal axes", error);
    Vec3 z = vec3_cross(axis[0], axis[1]);
    *flip = vec3_dot(z, axis[2]) < 0;
    Vec3 first = {nifti->affine[0][3], nifti->affine[1][3], nifti->affine[2][3]};
    int nz = nifti->header.dim[3];
    *out = (Grid){.nx = nifti->header.dim[1],
                  .ny = nifti->header.dim[2],
                  .nz = nz,
                  .dx = step[0],
                  .dy = step[1],
                  .dz = step[2],
                  .axis_x = axis[0],
                  .axis_z = vec3_unit(z),
                  .axis_y = vec3_cross(vec3_unit(z), axis[0])};
    out->origin_lps = *flip ? vec3_along(first, axis[2], (nz - 1) * step[2]) : first;
    return TENO_OK;
}

#define CONVERT(type)                                                                                                  \
    for (size_t i = 0; i < count; i++) {                                                                               \
        type value;                                                                                                    \
        memcpy(&value, bytes + i * sizeof value, sizeof value);                                                        \
        out[i] = (float)value;                                                                                         \
    }                                                                                                                  \
    return true

/* One slice of the file's type to floats; false for a type that we do not read. */
static bool slice_convert(float *out, const unsigned char *bytes, size_t count, int datatype)
{
    switch (datatype) {
    case DT_UINT8:
        CONVERT(unsigned char);
    case DT_INT8:
        CONVERT(signed char);
    case DT_INT16:
        CONVERT(short);
    case DT_UINT16:
        CONVERT(unsigned short);
    case DT_INT32:
        CONVERT(int);
    case DT_UINT32:
        CONVERT(unsigned);
    case DT_FLOAT32:
        CONVERT(float);
    case DT_FLOAT64:
        CONVERT(double);
    case DT_INT64:
        CONVERT(long long);
    default:
        return false;
    }
}

static int voxels_read(Vol *vol, const NiftiFile *nifti, bool flip, Error *error)
{
    const nifti_1_header *h = &nifti->header;
    int size = 0, swap_size = 0;
    nifti_datatype_sizes(h->datatype, &size, &swap_size);
    size_t count = (size_t)vol->grid.nx * (size_t)vol->grid.ny;
    float probe;
    const unsigned char zero[16] = {0};
    if (size < 1 || size > 8 || !slice_convert(&probe, zero, 1, h->datatype))
        return error_set(error, TENO_FAILED, "%s: NIfTI data type %d, wanted integers or reals", nifti->path,
                         h->datatype);
    if (!(h->vox_offset >= 352) || h->vox_offset > 1e8f || gzseek(nifti->file, (z_off_t)h->vox_offset, SEEK_SET) < 0)
        return refuse(nifti, "no voxels where its header says", error);
    unsigned char *bytes = array_alloc(count, (size_t)size, error);
    if (!bytes) return TENO_FAILED;
    int code = TENO_OK;
    for (int k = 0; k < vol->grid.nz && !code; k++) {
        float *slice = vol->data + count * (size_t)(flip ? vol->grid.nz - 1 - k : k);
        if (gzfread(bytes, (size_t)size, count, nifti->file) != count) {
            code = error_set(error, TENO_FAILED, "%s: cut off in slice %d of %d", nifti->path, k + 1, vol->grid.nz);
            break;
        }
        if (nifti->swapped && swap_size > 1) nifti_swap_Nbytes(count, swap_size, bytes);
        slice_convert(slice, bytes, count, h->datatype);
    }
    free(bytes);
    return code;
}

/* Fractions as they are, labels to 1. Refuses what is neither. */
static int values_to_fractions(Vol *vol, const NiftiFile *nifti, Error *error)
{
    const nifti_1_header *h = &nifti->header;
    bool scaled = h->scl_slope != 0 && isfinite(h->scl_slope) && isfinite(h->scl_inter);
    float slope = scaled ? h->scl_slope : 1, offset = scaled ? h->scl_inter : 0, highest = 0, seen[MOST_LABELS];
    int n_seen = 0;
    size_t count = grid_count(&vol->grid);
    for (size_t i = 0; i < count; i++) {
        float value = vol->data[i] * slope + offset;
        vol->data[i] = value > 0 ? value : 0; /* also NaN */
        highest = fmaxf(highest, vol->data[i]);
    }
    if (highest <= 1.0001f) {
        for (size_t i = 0; i < count; i++) vol->data[i] = fminf(vol->data[i], 1);
        return TENO_OK;
    }
    for (size_t i = 0; i < count; i++) {
        float value = vol->data[i];
        if (value == 0) continue;
        int at = 0;
        while (at < n_seen && seen[at] != value) at++;
        if (at == n_seen && n_seen < MOST_LABELS)
            seen[n_seen++] = value;
        else if (at == n_seen || value != roundf(value))
            return error_set(error, TENO_FAILED,
                             "%s: values up to %g that are no labels; wanted fractions 0-1 or at most %d labels",
                             nifti->path, (double)highest, MOST_LABELS);
        vol->data[i] = 1;
    }
    return TENO_OK;
}

int mask_read_nifti(MaskFile *out, const char *path, Error *error)
{
    NiftiFile nifti = {.path = path, .file = gzopen(path, "rb")};
    bool flip = false;
    if (!nifti.file) return refuse(&nifti, "cannot be opened", error);
    out->segments = array_alloc(1, sizeof *out->segments, error);
    int code = out->segments ? TENO_OK : TENO_FAILED;
    if (!code) code = header_read(&nifti, error);
    if (!code) code = affine_read(&nifti, error);
    if (!code) code = grid_read(&out->grid, &flip, &nifti, error);
    if (!code) {
        out->format = "NIfTI";
        out->n_segments = 1;
        code = vol_alloc(&out->segments[0].fraction, &out->grid, error);
    }
    Vol *vol = code ? NULL : &out->segments[0].fraction;
    if (!code) code = voxels_read(vol, &nifti, flip, error);
    if (!code) code = values_to_fractions(vol, &nifti, error);
    if (!code) code = mask_crop(vol, error);
    if (!code) {
        string_set(out->segments[0].label, sizeof out->segments[0].label, "mask");
        char text[sizeof nifti.header.descrip + 1] = "";
        memcpy(text, nifti.header.descrip, sizeof nifti.header.descrip);
        string_set(out->author, sizeof out->author, text);
    }
    gzclose(nifti.file);
    return code;
}

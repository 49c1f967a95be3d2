#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "dicom/mask_parts.h"
#include "teno/dicom.h"
#include "teno/memory.h"

/* gzip, or the 348 of a NIfTI header in either byte order; everything else is tried as DICOM. */
static int is_nifti(bool *out, const char *path, Error *error)
{
    unsigned char b[4] = {0};
    FILE *file = fopen(path, "rb");
    if (!file) return error_set(error, TENO_USAGE, "%s: the mask cannot be opened", path);
    size_t n = fread(b, 1, sizeof b, file);
    fclose(file);
    *out = n == sizeof b && ((b[0] == 0x1F && b[1] == 0x8B) || (b[0] == 0x5C && b[1] == 0x01 && !b[2] && !b[3]) ||
                             (!b[0] && !b[1] && b[2] == 0x01 && b[3] == 0x5C));
    return TENO_OK;
}

int mask_read(MaskFile *out, const char *path, Error *error)
{
    bool nifti = false;
    *out = (MaskFile){0};
    int code = is_nifti(&nifti, path, error);
    if (!code && !nifti) code = dicom_start(error);
    if (code) return code;
    string_set(out->path, sizeof out->path, path);
    code = nifti ? mask_read_nifti(out, path, error) : mask_read_seg(out, path, error);
    if (!code) return TENO_OK;
    mask_free(out);
    return TENO_FAILED;
}

void mask_free(MaskFile *mask)
{
    for (int i = 0; i < mask->n_segments; i++) vol_free(&mask->segments[i].fraction);
    free(mask->segments);
    *mask = (MaskFile){0};
}

int mask_crop(Vol *vol, Error *error)
{
    const Grid grid = vol->grid;
    int low[3] = {grid.nx, grid.ny, grid.nz}, high[3] = {-1, -1, -1};
    for (int k = 0; k < grid.nz; k++)
        for (int j = 0; j < grid.ny; j++)
            for (int i = 0; i < grid.nx; i++) {
                if (!(vol->data[grid_index(&grid, i, j, k)] > 0)) continue;
                const int at[3] = {i, j, k};
                for (int a = 0; a < 3; a++) {
                    if (at[a] < low[a]) low[a] = at[a];
                    if (at[a] > high[a]) high[a] = at[a];
                }
            }
    if (high[0] < 0) {
        vol_free(vol);
        return TENO_OK;
    }
    const int size[3] = {grid.nx, grid.ny, grid.nz};
    for (int a = 0; a < 3; a++) {
        if (low[a] > 0) low[a]--;
        if (high[a] < size[a] - 1) high[a]++;
    }
    Vol cropped = {0};
    Grid part =
        grid_crop(&grid, low[0], low[1], low[2], high[0] - low[0] + 1, high[1] - low[1] + 1, high[2] - low[2] + 1);
    if (vol_alloc(&cropped, &part, error)) return TENO_FAILED;
    for (int k = 0; k < part.nz; k++)
        for (int j = 0; j < part.ny; j++)
            memcpy(cropped.data + grid_index(&part, 0, j, k),
                   vol->data + grid_index(&grid, low[0], j + low[1], k + low[2]), (size_t)part.nx * sizeof(float));
    vol_free(vol);
    *vol = cropped;
    return TENO_OK;
}

/* Whether lower-case `word` stands in the text, in any case. */
static bool has_word(const char *text, const char *word)
{
    size_t length = strlen(word);
    for (; *text; text++) {
        size_t i = 0;
        while (i < length && tolower((unsigned char)text[i]) == word[i]) i++;
        if (i == length) return true;
    }
    return false;
}

/* Lower-case copy with spaces for underscores, as labels and table names differ in that only. */
static void plain_name(char out[64], const char *name)
{
    size_t i = 0;
    for (; name[i] && i < 63; i++) out[i] = name[i] == '_' ? ' ' : (char)tolower((unsigned char)name[i]);
    out[i] = '\0';
}

void mask_segment_name(MaskSegment *segment, const char *label, const char *type_code, const char *tendon_code,
                       const char *side_code)
{
    string_set(segment->label, sizeof segment->label, label);
    if (has_word(label, "tendinosis") || has_word(label, "tendinopathy"))
        segment->kind = MASK_TENDINOSIS;
    else if (has_word(label, "tear") || has_word(label, "rupture") || has_word(label, "lesion") ||
             strcmp(type_code, "52988006") == 0) /* SCT Lesion */
        segment->kind = MASK_TEAR;
    for (int i = 0; i < tendon_count; i++) {
        char name[64], display[64];
        plain_name(name, tendon_table[i].name);
        plain_name(display, tendon_table[i].display_name);
        if (!has_word(label, name) && !has_word(label, display)) continue;
        string_set(segment->tendon, sizeof segment->tendon, tendon_table[i].name);
        segment->inside = strncmp(label, "Tear ", 5) == 0 && strstr(label, " of ");
    }
    for (int i = 0; i < tendon_count && tendon_code[0] && !segment->tendon[0]; i++)
        if (strncasecmp(tendon_table[i].name, tendon_code, 16) == 0) /* a code holds no more of the name */
            string_set(segment->tendon, sizeof segment->tendon, tendon_table[i].name);
    bool achilles = strcmp(type_code, "61352006") == 0 || strcmp(type_code, "T-17860") == 0; /* SCT, older SRT */
    if (!segment->tendon[0] && achilles) string_set(segment->tendon, sizeof segment->tendon, "achilles");
    if (strcmp(side_code, "7771000") == 0 || strcmp(side_code, "G-A101") == 0)
        segment->side = SIDE_LEFT;
    else if (strcmp(side_code, "24028007") == 0 || strcmp(side_code, "G-A100") == 0)
        segment->side = SIDE_RIGHT;
    else if (has_word(label, "left") != has_word(label, "right"))
        segment->side = has_word(label, "left") ? SIDE_LEFT : SIDE_RIGHT;
}

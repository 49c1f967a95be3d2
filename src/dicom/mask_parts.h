/* Inside the reading of masks: one reader a format, and what they share. */
#ifndef TENO_DICOM_MASK_PARTS_H
#define TENO_DICOM_MASK_PARTS_H

#include "teno/mask.h"

enum { MASK_MAX_VOXELS = 1 << 26 }; /* 256 MB of fractions: 640 slices of 320², more than any MR of a limb */

int mask_read_nifti(MaskFile *out, const char *path, Error *error) TENO_CHECKED;
int mask_read_seg(MaskFile *out, const char *path, Error *error) TENO_CHECKED;

/* Shrinks a segment to the voxels that are not zero and a margin of one; data becomes NULL when all are zero. */
int mask_crop(Vol *vol, Error *error) TENO_CHECKED;
/* Kind, tendon and side as a label says them, or else the codes ("" if none; `tendon_code` is of our scheme). */
void mask_segment_name(MaskSegment *segment, const char *label, const char *type_code, const char *tendon_code,
                       const char *side_code);
/* "160 x 160 x 26 voxels of 0.5 x 0.5 x 3.5 mm, corner (-40.0, -20.0, 10.0), x (1 0 0), y (0 1 0)" in LPS. */
enum { GRID_TEXT_SIZE = 200 };
void grid_text(char text[GRID_TEXT_SIZE], const Grid *grid);

#endif

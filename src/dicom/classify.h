/* What a header says about how and of what an image was made. Pure functions of the header. */
#ifndef TENO_DICOM_CLASSIFY_H
#define TENO_DICOM_CLASSIFY_H

#include "teno/series.h"

/* Contrast from TR, TE, TI, flip angle, sequence and texts; fills series->acquisition, contrast. */
void contrast_classify(Series *series, const DicomFile *file, const DicomFrame *frame);
/* Side from laterality tags, body part and descriptions; a contradiction gives SIDE_UNKNOWN and a warning. */
void side_classify(Series *series, const DicomFile *file, const DicomFrame *frame);
/* Sides of the two stacks of one series, where their places tell. */
void sides_by_place(Series *a, Series *b);
/* Plane from the grid. */
Plane plane_classify(const Grid *grid, const char *acquisition_type);
/* Why an image of this type cannot be measured (localizer, projection, derived …); NULL when it can. */
const char *image_type_refusal(const DicomFile *file, const DicomFrame *frame);
/* Whether an image was made of others (PS3.3 C.7.6.1.1.2). Filters, archives and anonymisers all say so, and it may
 * still show what was measured. */
bool image_type_derived(const DicomFrame *frame);
/* Does one of the words of `text` (split at everything but letters and digits, any case) equal `word`? */
bool text_has_word(const char *text, const char *word);

#endif

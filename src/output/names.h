/* How results are called in file names and texts. */
#ifndef TENO_OUTPUT_NAMES_H
#define TENO_OUTPUT_NAMES_H

#include "teno/compare.h"

enum { NAME_SIZE = 64, DATE_SIZE = 16 };

/* File stem of one tendon's results: its name, with _left or _right appended where one name occurs on both sides. */
void result_name(char name[NAME_SIZE], const Analysis *analysis, int tendon);
/* Same for a comparison. */
void change_name(char name[NAME_SIZE], const Comparison *comparison, int tendon);
/* DICOM date as YYYY-MM-DD; "" when it is not one. */
void date_iso(char date[DATE_SIZE], const char *dicom_date);
/* The side that was measured, or that was asked for when nothing was. */
Side result_side(const Analysis *analysis, const TendonResult *result);
/* "anterior,medial" or "intrasubstance" of a tear's bits. */
void surface_names(char *text, size_t size, unsigned surfaces);
/* Appends printf-like text to a fixed buffer; what does not fit is cut. */
void text_append(char *text, size_t size, const char *format, ...) TENO_PRINTF(3, 4);

#endif

/* Results as sentences: neutral, sided, with units and limits. For HTML, PDF and pictures; plain text, not escaped. */
#ifndef TENO_OUTPUT_ANSWER_H
#define TENO_OUTPUT_ANSWER_H

#include "teno/compare.h"

enum { ANSWER_SIZE = 512 };

/* A number with three or so significant digits, never in exponent form. */
void number_text(char *text, size_t size, double value);
/* Same with its sign also when it is positive. */
void difference_text(char *text, size_t size, double difference);
/* "s −15 to 80 mm" */
void range_text(char *text, size_t size, double from_mm, double to_mm);
/* Appends " (−55 %)". */
void append_percent(char *text, size_t size, double percent);
const char *unit_text(const char *ucum); /* "mm³" for "mm3"; "" for "1" */
/* "1160 mm³", or the reason why not. */
void quantity_text(char *text, size_t size, const Quantity *quantity);
/* "1070 to 1240", or "" when there is no interval. */
void interval_text(char *text, size_t size, const Quantity *quantity);
/* "Partial tear, less than half of the cross-section"; for the other outcomes their state. */
void headline_text(char *text, size_t size, const TendonResult *result);
/* The rest of the answer in one line: volume, involvement, length, gap, place. */
void answer_text(char *text, size_t size, const TendonResult *result);
/* "Tear volume: 310 → 90 mm³ (−71 %); limit of repeatability ±40 mm³: decreased" */
void change_text(char *text, size_t size, const Change *change);
/* What a measure is called by people; the JSON name where it has none. */
const char *measure_label(const char *json_name);
/* The change a reader asks for first: the tear's volume, else the tendon's; NULL when there are none. */
const Change *leading_change(const TendonChange *change);
/* Whole line about one tendon of a comparison. */
void comparison_headline(char *text, size_t size, const TendonChange *change);

#endif

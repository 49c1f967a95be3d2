/*
 * One visit under several Study Instance UIDs: some systems open a new study for each procedure step. Studies of one
 * patient id on one date that share a frame of reference (nobody left the table in between) or an accession number are
 * one examination.
 */
#include <stdlib.h>
#include <string.h>

#include "dicom/group.h"
#include "teno/memory.h"

static bool share_frame_of_reference(const Study *a, const Study *b)
{
    for (int i = 0; i < a->n_series; i++)
        for (int k = 0; k < b->n_series; k++) {
            const char *uid = a->series[i].frame_of_reference_uid;
            if (uid[0] && strcmp(uid, b->series[k].frame_of_reference_uid) == 0) return true;
        }
    return false;
}

static bool same_visit(const Study *a, const Study *b)
{
    if (!a->patient_id[0] || strcmp(a->patient_id, b->patient_id) != 0) return false;
    if (!a->study_date[0] || strcmp(a->study_date, b->study_date) != 0) return false;
    return (a->accession[0] && strcmp(a->accession, b->accession) == 0) || share_frame_of_reference(a, b);
}

/* Moves the series of `from` to `into`. */
static int study_absorb(Study *into, Study *from, Error *error)
{
    Series *grown = array_grow(into->series, (size_t)into->n_series + (size_t)from->n_series, sizeof *grown, error);
    if (!grown) return TENO_FAILED;
    into->series = grown;
    memcpy(grown + into->n_series, from->series, (size_t)from->n_series * sizeof *grown);
    into->n_series += from->n_series;
    qsort(into->series, (size_t)into->n_series, sizeof *into->series, series_compare);
    notes_add(&into->warnings, "one visit under several Study Instance UIDs: %s was joined", from->study_uid);
    notes_append(&into->warnings, &from->warnings);
    notes_free(&from->warnings);
    free(from->series);
    return TENO_OK;
}

int visits_join(Scan *scan, Error *error)
{
    for (int i = 0; i < scan->n_studies; i++)
        for (int k = scan->n_studies - 1; k > i; k--) {
            if (!same_visit(&scan->studies[i], &scan->studies[k])) continue;
            int code = study_absorb(&scan->studies[i], &scan->studies[k], error);
            if (code) return code;
            scan->n_studies--;
            memmove(&scan->studies[k], &scan->studies[k + 1], (size_t)(scan->n_studies - k) * sizeof *scan->studies);
        }
    return TENO_OK;
}

/* What an analysis says, in the terms of DICOM result objects: segments, measurement groups, evidence. */
#ifndef TENO_OUTPUT_ARCHIVE_PARTS_H
#define TENO_OUTPUT_ARCHIVE_PARTS_H

#include "teno/analysis.h"
#include "teno/archive.h"

/* Segment and group lists of a whole analysis. Zero-initialise; archive_parts_free is repeatable. */
typedef struct ArchiveParts {
    ArchiveSegment *segments; /* [n_segments] numbered from 1 in this order */
    int n_segments;
    Vol *split; /* [n_split] each tear's share of its tendon's tear fractions, pointed to by segments */
    int n_split;
    ArchiveGroup *groups; /* [n_groups] */
    int n_groups;
    ArchiveEvaluation *evaluations; /* [n_evaluations] what could not be assessed, and why */
    int n_evaluations;
} ArchiveParts;

/* `person`: the study whose patient tracking UIDs are derived from; the analysis's own but for a second date. */
int archive_parts_make(ArchiveParts *out, const Analysis *analysis, const Study *person, Error *error) TENO_CHECKED;
void archive_parts_free(ArchiveParts *parts);

/* Share of `result->tear` that belongs to each of its tears, [n_tears] volumes on the same grid: every voxel goes to
 * the nearest labelled place of the straightened tendon, so that the shares add up to the whole. */
int archive_split_tears(Vol *shares, const TendonResult *result, Error *error) TENO_CHECKED;

/* Appends the measurement groups of one tendon whose first segment has the number `segment`. */
int archive_add_groups(ArchiveParts *parts, const TendonResult *result, int segment, Error *error) TENO_CHECKED;
/* Codes and names shared by segments and groups. */
ArchiveCode archive_site(const TendonSpec *spec);
ArchiveCode archive_lesion(void);
/* Which tendon, where the code of its site does not tell: its name in capitals, cut to what a code may hold; else "".
 */
void archive_tendon_code(char code[17], const TendonSpec *spec);
/* Codes of a quantity of TendonMeasures by its name in report.json; false when it has none. */
bool archive_quantity_code(const char *name, ArchiveCode *concept, ArchiveCode *derivation);
/* "Achilles tendon, left" after a prefix such as "Tear 1 of ". */
void archive_name(char *name, size_t size, const TendonSpec *spec, Side side, const char *prefix);
/* Copies text with what is not ASCII spelled out ("≥" as ">="), because the study's character set may lack it. */
void archive_text(char *out, size_t size, const char *text);

/* Series numbers well above what a scanner gives. */
enum {
    SERIES_SEG = 9001,
    SERIES_SR,
    SERIES_SC,
    SERIES_PDF,
    SERIES_SEG_BINARY,
    SERIES_COMMON_SEG, /* of a comparison: over the range that both dates have */
    SERIES_COMMON_SR,
    SERIES_CHANGE_SR
};

/* The series that the objects refer to: those measured, the reference first; else any that has images. */
typedef struct ArchiveSources {
    const Series **series;
    int n_series;
    bool measured; /* they are those measured; false: no image of the study could be, or none is on disk */
} ArchiveSources;

/* Caller frees out->series. */
int archive_sources_find(ArchiveSources *out, const Analysis *analysis, Error *error) TENO_CHECKED;
/* All but the SOP Instance UID; sources->n_series > 0. */
void archive_object_begin(ArchiveObject *out, const Analysis *analysis, const ArchiveSources *sources,
                          int series_number, const char *description);
/* Starts the hash of an object's content with what every object depends on: version, study, images. */
void archive_hash_begin(Sha256 *hash, const Analysis *analysis, const ArchiveSources *sources, const char *kind);
void archive_hash_segments(Sha256 *hash, const ArchiveParts *parts);
void archive_hash_groups(Sha256 *hash, const ArchiveParts *parts);

#endif

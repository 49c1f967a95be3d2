/* Every text that people read in pictures and reports, in one place: another language is another table of this kind.
 * Texts with % are printf formats; their arguments stand in the comment. */
#ifndef TENO_OUTPUT_STRINGS_H
#define TENO_OUTPUT_STRINGS_H

typedef struct Strings {
    const char *contrast[5], *plane[5], *side[3], *fat_suppressed;
    /* pictures */
    const char *slice_title; /* tendon, side, slice, of, s text */
    const char *slice_title_unsided;
    const char *s_at, *s_from; /* mm; mm, mm */
    const char *tendon, *tear, *tendinosis;
    const char *area_axis, *s_axis, *area, *tear_area, *band;
    const char *insertion, *malleolus, *joint_line, *image_edge, *muscle_junction;
    const char *zone[3];
    const char *distal, *proximal;
    const char *montage_title;                      /* tendon, side, caption of the series */
    const char *profile_title, *straightened_title; /* tendon, side */
    const char *cut_front_back, *cut_side_side;     /* caption of the series */
    const char *research_use;
    /* answers */
    const char *status[3], *grade[5], *tear_not_assessable, *not_measured;                    /* reason */
    const char *interval, *with_interval;                                                     /* low, high; interval */
    const char *line_tear_volume, *line_involvement, *line_length, *line_gap, *line_smallest; /* value */
    const char *several_tears, *tear_place; /* count; from mm, to mm, origin */
    const char *origin[4];
    const char *change_line, *change_percent, *change_limit; /* measure, pre, post; percent; limit with unit, verdict */
    const char *verdict[4], *tear_state[7], *not_comparable;
    const char *tear_axis, *difference_map, *seen_from_side, *seen_from_behind; /* ; ; row; row */
    const char *not_imaged, *torn_scale, *change_scale; /* ; ends of the colour scales are 0 or -100 and 100 % */
    const char *torn_share_title, *torn_share_note, *map_title, *map_note, *analysis_map_note, *map_tear,
        *map_tendinosis, *tear_number; /* ;; number, measure */
    /* page */
    const char *page_title, *compare_title, *skip, *subject, *study_date, *before, *after, *therapy, *unknown;
    const char *confidence, *assessed_range, *range; /* ; ; from, to */
    const char *viewer, *viewer_note, *compare_viewer_note, *straightened, *straightened_note, *profile, *profile_note;
    const char *outline_by, *correction, *correction_note;
    const char *measurements, *measure, *value, *interval_header, *at_s, *tears, *changes, *difference, *percent,
        *limit, *verdict_header, *limit_source, *state, *no_tears, *zone_header, *surface_header, *tracking;
    const char *recovery, *recovery_note, *inserted, *found_again, *tendon_lost;
    const char *series, *description, *role, *why, *plane_header, *matrix, *spacing, *series_note;
    const char *warnings, *how, *version, *options, *method, *grade_criteria, *kuwada, *thresholds;
    const char *signal_classes, *threshold_value, *signal_scale, *source; /* series; raised, fluid-like; ; */
    const char *repeats_line, *alignment, *alignment_line, *cite, *cite_text, *mask_note, *picture_alt;
    const char *context_alt, *in_detail, *change_and_limit, *no_numbers, *before_after,
        *common_range;                                                         /* title, headline; tendon, side */
    const char *slice_label, *section_label, *slices_slider, *sections_slider; /* slice, of, s; s */
} Strings;

extern const Strings STRINGS;

/* What is decided by a threshold, where it lies, and where it comes from; ends with {NULL, NULL, NULL}. */
typedef struct ThresholdNote {
    const char *what, *where, *source;
} ThresholdNote;
extern const ThresholdNote threshold_notes[];

/* What measures are called, by their JSON name; ends with {NULL, NULL}. */
typedef struct MeasureLabel {
    const char *name, *label;
} MeasureLabel;
extern const MeasureLabel measure_labels[];

/* Texts of the page's scripts, by the name that they use; ends with {NULL, NULL}. */
extern const MeasureLabel script_texts[];

#endif

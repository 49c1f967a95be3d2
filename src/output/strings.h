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
} Strings;

extern const Strings STRINGS;

#endif

/*
 * What kind of contrast a series has. The numbers decide (TR, TE, TI of spin and gradient echoes), because they are the
 * physics; texts (description, protocol, sequence name) decide what numbers leave open, chiefly fat suppression, which
 * each vendor writes elsewhere:
 *   GE, Canon  Scan Options FS or "FAT SAT" texts        Siemens  Scan Options FS, sequence names *tir…, texts fs, tirm
 *   Philips    texts SPIR, SPAIR, STIR, ProSet; Enhanced MR: Spectrally Selected Suppression FAT
 * The boundaries are those of musculoskeletal spin-echo protocols: T1 TR below 1,200 ms with TE up to 30 ms; T2 from
 * TE 60 ms; proton density (also called intermediate) in between. STIR: TI 100 to 250 ms, which nulls fat from 0.5 T
 * (T1 about 200 ms, TI 140 ms) to 3 T (T1 about 370 ms, TI 230 ms; TI = T1 ln 2 and less for short TR).
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "dicom/classify.h"
#include "teno/memory.h"

static const double t1_max_tr_ms = 1200, t1_max_te_ms = 30, t2_min_te_ms = 60;
/* Within this of the boundary between PD and T2 the protocol's own name decides. */
static const double t2_doubt_ms = 15;
static const double stir_min_ti_ms = 100, stir_max_ti_ms = 250;

/* Everything free-text that may name the contrast. */
typedef struct Texts {
    char all[512];
} Texts;

static bool any_word(const char *text, const char *const *words)
{
    for (; *words; words++)
        if (text_has_word(text, *words)) return true;
    return false;
}

static bool is_gradient_echo(const DicomFile *file)
{
    const char *s = file->scanning_sequence;
    return (text_has_word(s, "GR") || text_has_word(s, "GRADIENT")) && !text_has_word(s, "SE");
}

static bool says_stir(const Texts *texts)
{
    static const char *const words[] = {"stir", "tirm", "stirlong", "tstir", "turbostir", "stirtse", "stirfse", NULL};
    return any_word(texts->all, words);
}

static bool is_inversion(const DicomFile *file, const DicomFrame *frame)
{
    return text_has_word(file->scanning_sequence, "IR") || frame->inversion_recovery ||
           strncmp(file->sequence_name, "*tir", 4) == 0;
}

static bool is_stir(const DicomFile *file, const DicomFrame *frame, const Texts *texts)
{
    if (frame->ti_ms >= stir_min_ti_ms && frame->ti_ms <= stir_max_ti_ms && is_inversion(file, frame)) return true;
    if (frame->ti_ms > stir_max_ti_ms) return false;
    return says_stir(texts);
}

static bool is_fat_suppressed(const DicomFile *file, const DicomFrame *frame, const Texts *texts)
{
    static const char *const no[] = {"nofs", "nonfs", "nfs", "nofatsat", NULL};
    static const char *const yes[] = {
        "fs",    "fatsat", "fsat",          "spir",           "spair", "chess", "proset", "watsf",  "wats",
        "watsc", "fatsup", "fatsuppressed", "fatsuppression", "pdfs",  "pdwfs", "fspd",   "t2fs",   "t2wfs",
        "fst2",  "t1fs",   "t1wfs",         "fst1",           "tsefs", "fsefs", "fatsep", "dixonw", NULL};
    if (strcmp(frame->suppression, "FAT") == 0) return true;
    if (text_has_word(file->scan_options, "FS") || text_has_word(file->scan_options, "FATSAT")) return true;
    if (text_has_word(frame->image_type, "WATER")) return true; /* the water image of a Dixon */
    if (text_has_word(frame->image_type, "W") && text_has_word(texts->all, "mdixon")) return true;
    if (any_word(texts->all, no)) return false;
    if (text_has_word(texts->all, "fs") &&
        (text_has_word(texts->all, "no") || text_has_word(texts->all, "non") || text_has_word(texts->all, "without")))
        return false;
    if (text_has_word(texts->all, "fat") && (text_has_word(texts->all, "sat") || text_has_word(texts->all, "sup")))
        return true;
    return any_word(texts->all, yes);
}

static bool says_t1(const Texts *texts)
{
    static const char *const words[] = {"t1", "t1w", "t1fs", "t1wfs", "fst1", "t1se", "t1tse", "t1fse", NULL};
    return any_word(texts->all, words);
}

static bool says_pd(const Texts *texts)
{
    static const char *const words[] = {"pd", "pdw", "pdfs", "pdwfs", "fspd", "dp", "im", "proton", "rho", NULL};
    return any_word(texts->all, words);
}

static bool says_t2(const Texts *texts)
{
    static const char *const words[] = {"t2", "t2w", "t2fs", "t2wfs", "fst2", "t2tse", "t2fse", NULL};
    return any_word(texts->all, words);
}

static Contrast by_text(const Texts *texts)
{
    if (says_pd(texts)) return CONTRAST_PD;
    if (says_t1(texts)) return CONTRAST_T1;
    if (says_t2(texts)) return CONTRAST_T2;
    return CONTRAST_OTHER;
}

static Contrast spin_echo_contrast(double tr_ms, double te_ms, const Texts *texts)
{
    if (!isfinite(tr_ms) || !isfinite(te_ms)) return by_text(texts);
    if (tr_ms > t1_max_tr_ms && fabs(te_ms - t2_min_te_ms) <= t2_doubt_ms && says_t2(texts) != says_pd(texts))
        return says_t2(texts) ? CONTRAST_T2 : CONTRAST_PD;
    if (te_ms >= t2_min_te_ms) return CONTRAST_T2;
    if (te_ms <= t1_max_te_ms && tr_ms < t1_max_tr_ms) return CONTRAST_T1;
    return CONTRAST_PD;
}

static double sane(double value, double low, double high)
{
    return value >= low && value <= high ? value : (double)NAN;
}

void contrast_classify(Series *series, const DicomFile *file, const DicomFrame *frame)
{
    Texts texts;
    snprintf(texts.all, sizeof texts.all, "%s %s %s", file->series_description, file->protocol, file->sequence_name);
    Acquisition *a = &series->acquisition;
    *a = (Acquisition){.tr_ms = sane(frame->tr_ms, 1, 60000),
                       .te_ms = sane(frame->te_ms, 0.01, 2000),
                       .ti_ms = sane(frame->ti_ms, 1, 20000),
                       .flip_deg = sane(frame->flip_deg, 0.1, 360),
                       .field_t = sane(file->field_t, 0.01, 30)};
    if (isnan(a->field_t) && file->field_t > 1000 && file->field_t <= 120000) { /* gauss, on some old systems */
        a->field_t = file->field_t / 1e4;
        notes_add(&series->warnings, "Magnetic Field Strength %g read as gauss", file->field_t);
    }
    string_set(a->sequence, sizeof a->sequence, file->scanning_sequence);
    string_set(a->vendor, sizeof a->vendor, file->manufacturer);
    if (isnan(a->tr_ms) || isnan(a->te_ms))
        notes_add(&series->warnings, "repetition or echo time missing or absurd in the header");
    bool stir = is_stir(file, frame, &texts);
    a->fat_suppressed = stir || is_fat_suppressed(file, frame, &texts);
    if (stir)
        series->contrast = CONTRAST_STIR;
    else if (is_gradient_echo(file))
        series->contrast = CONTRAST_OTHER;
    else if (is_inversion(file, frame) && a->ti_ms > 1500)
        series->contrast = CONTRAST_OTHER; /* fluid suppressed */
    else if (is_inversion(file, frame) && a->ti_ms > stir_max_ti_ms)
        series->contrast = CONTRAST_T1;
    else
        series->contrast = spin_echo_contrast(a->tr_ms, a->te_ms, &texts);
}

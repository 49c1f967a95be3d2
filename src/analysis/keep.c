/*
 * A finished analysis in one small file, so that a comparison made later need not find everything again.
 *
 * Kept is what took time to find and cannot be read from the images: bias fields, noise, references, alignment, the
 * shape of each tendon, its masks and numbers, all of them bit by bit. Not kept are the images themselves, which are
 * read again, and the straightened tendon, which a comparison makes anew over the common range. Every struct has one
 * function here, which writes and reads it: a field that is new in a struct has a line here, or
 * tests/e2e/test_finished.sh tells.
 */
#include <stdlib.h>
#include <string.h>

#include "analysis/tape.h"
#include "teno/analysis.h"
#include "teno/hash.h"
#include "teno/memory.h"

enum { MAX_SECTIONS = 10000, MAX_TEARS = 100000, MAX_CHANNELS = 1000, MAX_VOXELS = 1 << 26 };
static const char magic[] = "teno-analysis/3 " TENO_VERSION;

static void pass_shape(Tape *tape, TendonShape *shape)
{
    void *array = shape->sections;
    pass_array(tape, &array, &shape->n_sections, sizeof *shape->sections, MAX_SECTIONS);
    shape->sections = array;
    pass_reals(tape, &shape->step_mm, 1);
    for (int i = 0; i < shape->n_sections; i++) {
        Section *section = &shape->sections[i];
        pass_reals(tape, &section->s_mm, 1);
        pass_vec3(tape, &section->centre_lps);
        pass_vec3(tape, &section->tangent);
        pass_vec3(tape, &section->u);
        pass_vec3(tape, &section->v);
        pass_floats(tape, section->boundary_u_mm, SECTION_POINTS);
        pass_floats(tape, section->boundary_v_mm, SECTION_POINTS);
        pass_floats(tape, &section->boundary_sd_mm, 1);
        pass_floats(tape, &section->film_mm, 1);
        pass_floats(tape, &section->heel_sd_mm, 1);
        pass_floats(tape, &section->soleus_sd_mm, 1);
        section->bridged = pass_choice(tape, section->bridged, 2);
        section->assessed = pass_choice(tape, section->assessed, 2);
    }
}

static void pass_segmentation(Tape *tape, Segmentation *s)
{
    s->assessable = pass_choice(tape, s->assessable, 2);
    pass_text(tape, s->reason, sizeof s->reason);
    s->method = (SegmentMethod)pass_choice(tape, (int)s->method, SEGMENT_MASK + 1);
    pass_reals(tape, &s->confidence, 1);
    s->side = (Side)pass_choice(tape, (int)s->side, SIDE_RIGHT + 1);
    s->origin = (Origin)pass_choice(tape, (int)s->origin, ORIGIN_DISTAL_IMAGE_EDGE + 1);
    pass_vec3(tape, &s->origin_lps);
    pass_reals(tape, &s->origin_confidence, 1);
    pass_reals(tape, &s->muscle_junction_s_mm, 1);
    pass_reals(tape, &s->muscle_junction_confidence, 1);
    pass_shape(tape, &s->shape);
    pass_notes(tape, &s->warnings);
}

static void pass_quantity(Tape *tape, Quantity *q)
{
    q->known = pass_choice(tape, q->known, 2);
    q->has_interval = pass_choice(tape, q->has_interval, 2);
    pass_reals(tape, &q->value, 1);
    pass_reals(tape, &q->low, 1);
    pass_reals(tape, &q->high, 1);
    pass_borrowed(tape, &q->unit);
    pass_reals(tape, &q->at_s_mm, 1);
    pass_text(tape, q->reason, sizeof q->reason);
}

static void pass_tear(Tape *tape, Tear *tear)
{
    Quantity *const quantities[] = {&tear->volume_mm3,
                                    &tear->fraction_percent,
                                    &tear->length_mm,
                                    &tear->distal_s_mm,
                                    &tear->proximal_s_mm,
                                    &tear->max_involvement_percent,
                                    &tear->mean_involvement_percent,
                                    &tear->gap_mm};
    pass_text(tape, tear->tracking_uid, sizeof tear->tracking_uid);
    for (size_t i = 0; i < sizeof quantities / sizeof *quantities; i++) pass_quantity(tape, quantities[i]);
    pass_borrowed(tape, &tear->zone);
    tear->surfaces = (unsigned)pass_choice(tape, (int)tear->surfaces, 2 * SURFACE_LATERAL);
    pass_reals(tape, &tear->centre_angle_deg, 1);
    pass_vec3(tape, &tear->centre_lps);
    tear->possible_magic_angle = pass_choice(tape, tear->possible_magic_angle, 2);
}

static void pass_profile_row(Tape *tape, ProfileRow *row)
{
    double *const reals[] = {&row->s_mm,          &row->area_mm2,     &row->tear_area_mm2, &row->tendinosis_area_mm2,
                             &row->thickness_mm,  &row->width_mm,     &row->mean_signal,   &row->area_low_mm2,
                             &row->area_high_mm2, &row->tear_low_mm2, &row->tear_high_mm2};
    for (size_t i = 0; i < sizeof reals / sizeof *reals; i++) pass_reals(tape, reals[i], 1);
    pass_vec3(tape, &row->centre_lps);
    row->bridged = pass_choice(tape, row->bridged, 2);
}

static void pass_measures(Tape *tape, TendonMeasures *m)
{
    Quantity *const quantities[] = {&m->tendon_volume_mm3,     &m->tendon_volume_0_60_mm3,
                                    &m->mean_area_mm2,         &m->max_area_mm2,
                                    &m->max_thickness_mm,      &m->length_mm,
                                    &m->tear_volume_mm3,       &m->tear_fraction_percent,
                                    &m->tear_length_mm,        &m->tear_gap_mm,
                                    &m->mean_signal,           &m->tear_max_involvement_percent,
                                    &m->tendinosis_volume_mm3, &m->smallest_tear_mm3};
    pass_reals(tape, &m->s_min_mm, 1);
    pass_reals(tape, &m->s_max_mm, 1);
    for (size_t i = 0; i < sizeof quantities / sizeof *quantities; i++) pass_quantity(tape, quantities[i]);
    m->grade = (Grade)pass_choice(tape, (int)m->grade, GRADE_COMPLETE + 1);
    pass_text(tape, m->grade_criteria, sizeof m->grade_criteria);
    pass_text(tape, m->kuwada, sizeof m->kuwada);
    pass_text(tape, m->kuwada_criteria, sizeof m->kuwada_criteria);
    m->has_tear_measures = pass_choice(tape, m->has_tear_measures, 2);
    void *array = m->tears;
    pass_array(tape, &array, &m->n_tears, sizeof *m->tears, MAX_TEARS);
    m->tears = array;
    for (int i = 0; i < m->n_tears; i++) pass_tear(tape, &m->tears[i]);
    array = m->profile;
    pass_array(tape, &array, &m->n_profile, sizeof *m->profile, MAX_SECTIONS);
    m->profile = array;
    for (int i = 0; i < m->n_profile; i++) pass_profile_row(tape, &m->profile[i]);
    pass_int(tape, &m->n_repeats, 0, 1 << 20);
    pass_notes(tape, &m->warnings);
}

static void pass_vol(Tape *tape, Vol *vol)
{
    Grid *g = &vol->grid;
    int *const sizes[] = {&g->nx, &g->ny, &g->nz};
    double *const spacings[] = {&g->dx, &g->dy, &g->dz};
    Vec3 *const vectors[] = {&g->origin_lps, &g->axis_x, &g->axis_y, &g->axis_z};
    if (!pass_choice(tape, vol->data != NULL, 2) || tape->broken) return;
    for (int i = 0; i < 3; i++) pass_int(tape, sizes[i], 1, 1 << 12);
    for (int i = 0; i < 3; i++) pass_reals(tape, spacings[i], 1);
    for (int i = 0; i < 4; i++) pass_vec3(tape, vectors[i]);
    if (tape->broken || grid_count(g) > MAX_VOXELS) tape->broken = true;
    if (!tape->broken && !tape->writing) tape->broken = vol_alloc(vol, g, NULL) != TENO_OK;
    if (!tape->broken) pass_floats(tape, vol->data, grid_count(g));
}

static void pass_recovery(Tape *tape, Recovery *recovery)
{
    recovery->wanted = pass_choice(tape, recovery->wanted, 2);
    pass_int(tape, &recovery->n_trials, 0, RECOVERY_TRIALS);
    for (int i = 0; i < recovery->n_trials; i++) {
        RecoveryTrial *trial = &recovery->trial[i];
        pass_reals(tape, &trial->s_mm, 1);
        pass_reals(tape, &trial->length_mm, 1);
        pass_reals(tape, &trial->inserted_mm3, 1);
        pass_reals(tape, &trial->found_mm3, 1);
        trial->found = pass_choice(tape, trial->found, 2);
    }
    pass_text(tape, recovery->reason, sizeof recovery->reason);
}

static void pass_result(Tape *tape, TendonResult *result)
{
    int row = tape->writing ? (int)(result->spec - tendon_table) : 0;
    result->spec = &tendon_table[pass_choice(tape, row, tendon_count)];
    result->status = (Status)pass_choice(tape, (int)result->status, STATUS_FAILED + 1);
    pass_text(tape, result->reason, sizeof result->reason);
    pass_segmentation(tape, &result->segmentation);
    pass_measures(tape, &result->measures);
    pass_recovery(tape, &result->recovery);
    pass_vol(tape, &result->envelope);
    pass_vol(tape, &result->tear);
    pass_vol(tape, &result->tendinosis);
    pass_notes(tape, &result->warnings);
}

static void pass_channel(Tape *tape, Channel *channel)
{
    TissueReferences *r = &channel->references;
    int agreed = r->muscle_agreed;
    double *const reals[] = {&channel->noise_sd, &channel->alignment_residual_mm, &r->tendon, &r->muscle, &r->fat,
                             &r->fluid};
    pass_vol(tape, &channel->bias);
    for (size_t i = 0; i < sizeof reals / sizeof *reals; i++) pass_reals(tape, reals[i], 1);
    pass_int(tape, &agreed, 0, 1);
    r->muscle_agreed = agreed;
    pass_reals(tape, channel->acquired_mm, 2);
    pass_reals(tape, channel->psf_mm, 3);
    for (int i = 0; i < 3; i++) pass_reals(tape, channel->ref_to_channel.r[i], 3);
    pass_vec3(tape, &channel->ref_to_channel.t);
    pass_notes(tape, &r->notes);
}

/* The series of a channel is found again by its key, and its images must be what they were. */
static void pass_series(Tape *tape, Channel *channel, Study *study)
{
    char key[sizeof channel->series->key] = "";
    if (tape->writing) string_set(key, sizeof key, channel->series->key);
    pass_text(tape, key, sizeof key);
    for (int i = 0; !tape->writing && i < study->n_series; i++)
        if (strcmp(study->series[i].key, key) == 0 && study->series[i].vol.data) channel->series = &study->series[i];
    if (!channel->series) tape->broken = true;
}

/* Whatever a result depends on: options, the images, and what their headers say about the signal. */
static void hash_inputs(char hex[SHA256_HEX_SIZE], const Study *study, const AnalysisOptions *o)
{
    Sha256 hash;
    unsigned char digest[SHA256_BYTES];
    const unsigned long long numbers[] = {(unsigned long long)o->side, (unsigned long long)o->repeats, o->seed,
                                          o->recovery};
    sha256_init(&hash);
    sha256_add_text(&hash, study->study_uid);
    sha256_add_text(&hash, o->mask_path);
    sha256_add(&hash, numbers, sizeof numbers);
    for (int i = 0; i < o->n_tendons; i++) sha256_add_text(&hash, o->tendons[i]->name);
    for (int i = 0; i < o->n_forced_series; i++) sha256_add_text(&hash, o->forced_series[i]);
    for (int k = 0; k < 2; k++)
        for (int i = 0; i < (k ? o->n_excluded : o->n_seeds); i++) {
            const NamedPoint *point = k ? &o->excluded[i] : &o->seeds[i];
            sha256_add_text(&hash, point->tendon);
            sha256_add(&hash, &point->p_lps, sizeof point->p_lps);
        }
    for (int i = 0; i < study->n_series; i++) {
        const Series *s = &study->series[i];
        const double signal[] = {s->acquisition.tr_ms,
                                 s->acquisition.te_ms,
                                 s->acquisition.ti_ms,
                                 s->acquisition.flip_deg,
                                 s->acquisition.field_t,
                                 s->acquisition.fat_suppressed,
                                 s->slice_thickness_mm,
                                 s->contrast,
                                 s->plane,
                                 s->role,
                                 s->grid.dx,
                                 s->grid.dy,
                                 s->grid.dz};
        sha256_add_text(&hash, s->key);
        sha256_add(&hash, signal, sizeof signal);
        sha256_add(&hash, &s->grid.origin_lps, 4 * sizeof(Vec3)); /* and the three axes behind it */
        if (s->vol.data) sha256_add(&hash, s->vol.data, grid_count(&s->vol.grid) * sizeof *s->vol.data);
    }
    sha256_finish(&hash, digest);
    sha256_hex(digest, hex);
}

/* Header, and all of an analysis; true when a reading tape belongs to these inputs. */
static void pass_analysis(Tape *tape, Analysis *analysis)
{
    char head[sizeof magic] = "", inputs[SHA256_HEX_SIZE], kept[SHA256_HEX_SIZE] = "";
    hash_inputs(inputs, analysis->study, &analysis->options);
    if (tape->writing) {
        string_set(head, sizeof head, magic);
        string_set(kept, sizeof kept, inputs);
    }
    pass_text(tape, head, sizeof head);
    pass_text(tape, kept, sizeof kept);
    if (strcmp(head, magic) != 0 || strcmp(kept, inputs) != 0) tape->broken = true;
    if (tape->broken) return;
    pass_text(tape, analysis->mask_author, sizeof analysis->mask_author);
    void *array = analysis->prepared.channel;
    pass_array(tape, &array, &analysis->prepared.n_channels, sizeof(Channel), MAX_CHANNELS);
    analysis->prepared.channel = array;
    for (int i = 0; i < analysis->prepared.n_channels; i++) {
        pass_series(tape, &analysis->prepared.channel[i], analysis->study);
        pass_channel(tape, &analysis->prepared.channel[i]);
    }
    pass_notes(tape, &analysis->prepared.warnings);
    array = analysis->tendons;
    pass_array(tape, &array, &analysis->n_tendons, sizeof(TendonResult), MAX_CHANNELS);
    analysis->tendons = array;
    for (int i = 0; i < analysis->n_tendons; i++) pass_result(tape, &analysis->tendons[i]);
}

int analysis_keep(const Analysis *analysis, const char *path, Error *error)
{
    Tape tape = {.file = gzopen(path, "wb"), .writing = true};
    tape.broken = !tape.file;
    if (tape.file) pass_analysis(&tape, (Analysis *)analysis); /* a writing tape changes nothing */
    if (tape.file && gzclose(tape.file) != Z_OK) tape.broken = true;
    return tape.broken ? error_set(error, TENO_FAILED, "%s: cannot be written; is the disk full?", path) : TENO_OK;
}

/* The images of each channel, corrected as they were. */
static int channels_load(Prepared *prepared, Error *error)
{
    int code = TENO_OK;
    for (int i = 0; !code && i < prepared->n_channels; i++) {
        Channel *channel = &prepared->channel[i];
        if (!channel->bias.data)
            return error_set(error, TENO_FAILED, "%s: kept without its bias", channel->series->key);
        code = vol_copy(&channel->vol, &channel->series->vol, error);
        if (!code) bias_divide(&channel->vol, &channel->bias);
    }
    return code;
}

int analysis_recall(Analysis *out, bool *recalled, Study *study, const AnalysisOptions *options, const char *path,
                    Error *error)
{
    *out = (Analysis){.study = study, .options = *options};
    *recalled = false;
    gzFile file = gzopen(path, "rb");
    if (!file) return TENO_OK;
    Tape tape = {.file = file, .texts = &out->texts};
    char behind;
    int code = study_load(study, options->forced_series, options->n_forced_series, error);
    if (!code) {
        pass_analysis(&tape, out);
        if (gzread(file, &behind, 1) != 0) tape.broken = true; /* the end, and with it gzip's check of the whole */
        *recalled = !tape.broken;
    }
    gzclose(file);
    if (*recalled) code = channels_load(&out->prepared, error);
    if (*recalled && !code) return TENO_OK;
    analysis_free(out);
    *recalled = false;
    return code;
}

/*
 * How the patient moved between the series of one visit.
 *
 * Patients move by up to 2 mm and 2 degrees between series. The search is bounded to a few times that: a result beyond
 * the bounds is a failure of the registration, not of the patient.
 */
#include "preproc/together.h"

#include <math.h>
#include <string.h>

#include "teno/register.h"

static const double max_shift_mm = 8, max_angle_deg = 8;
static const double other_frame_shift_mm = 30; /* no common frame of reference: only the table position is shared */
static const double finest_mm = 0.8;           /* a tenth of this is far below what the boundary needs */
enum { SAMPLES = 30000 };

int channel_align(Channel *channel, const Channel *reference, Notes *warnings, Error *error)
{
    const char *frame = channel->series->frame_of_reference_uid, *wanted = reference->series->frame_of_reference_uid;
    bool same_frame = !*frame || !*wanted || !strcmp(frame, wanted);
    RegisterOptions options = {.max_shift_mm = same_frame ? max_shift_mm : other_frame_shift_mm,
                               .max_angle_deg = max_angle_deg,
                               .finest_mm = finest_mm,
                               .samples = SAMPLES,
                               .start = rigid_identity(),
                               .has_start = true};
    Registration found;
    int code = register_rigid(&found, &reference->vol, &channel->vol, &options, error);
    if (code) return code;
    channel->ref_to_channel = found.trusted ? found.fixed_to_moving : rigid_identity();
    channel->alignment_residual_mm = found.trusted ? found.residual_mm : (double)NAN;
    if (!found.trusted)
        notes_add(warnings, "series %d was not aligned to series %d: %s", channel->series->series_number,
                  reference->series->series_number, found.reason);
    return TENO_OK;
}

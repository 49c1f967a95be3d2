/*
 * What tendon, tendinosis, muscle, fat and fluid should look like in a series, from how the series was made.
 *
 *     spin echo            S = PD (1 - e^(-TR/T1)) e^(-TE/T2)
 *     inversion recovery   S = PD |1 - 2 e^(-TI/T1) + e^(-TR/T1)| e^(-TE/T2)
 *     spoiled gradient     S = PD sin a (1 - e^(-TR/T1)) / (1 - cos a e^(-TR/T1)) e^(-TE/T2)
 *
 * all relative to muscle. The class boundaries follow. "Raised" starts halfway between normal tendon and tendinosis,
 * and never below what the magic angle alone can do. "Fluid-like" starts at the geometric mean of tendinosis and
 * fluid (the errors of such predictions are factors, which push both alike), or already where the T2 of tendinosis
 * ends (two SDs), whichever is lower: blood and granulation need not be as bright as fluid.
 *
 * What it cannot do: echo trains (J-coupling, T2 filtering) and partial refocusing are not modelled; that is why the
 * prediction is a prior, and levels that the image itself shows win over it (levels.c).
 */
#include "teno/tear.h"

#include <math.h>

#include "relaxation.h"

/* TE below which the magic angle raises tendon (Br J Radiol 1998;71:31-36, at 1.0 and 1.5 T). */
static const double MAGIC_ANGLE_TE_MS = 37;
/* Fluid must exceed tendinosis and fat by these factors, or a tear cannot be told from them. 1.15: one SD of the T2 of
 * tendinosis moves its PD-weighted signal by 12 %. */
static const double FLUID_OVER_TENDINOSIS = 1.15, FLUID_OVER_FAT = 1.3;

typedef struct Sequence {
    double tr_ms, te_ms, ti_ms, flip_rad, field_t;
    bool inversion, gradient, fat_saturated;
} Sequence;

static double tissue_signal(Substance substance, const Sequence *q)
{
    Relaxation r = relaxation_at(substance, q->field_t);
    double e1 = exp(-q->tr_ms / r.t1_ms), longitudinal = 1 - e1;
    if (q->inversion)
        longitudinal = fabs(1 - 2 * exp(-q->ti_ms / r.t1_ms) + e1);
    else if (q->gradient)
        longitudinal = sin(q->flip_rad) * (1 - e1) / (1 - cos(q->flip_rad) * e1);
    double signal = r.proton_density * longitudinal * exp(-q->te_ms / r.t2_ms);
    return substance == SUBSTANCE_FAT && q->fat_saturated ? signal * FAT_RESIDUAL : signal;
}

/* The tag's value when it is plausible, otherwise the usual one of such a series, with a note. */
static double tag_or_usual(double value, double low, double high, double usual, const char *name, SignalModel *out)
{
    if (value >= low && value <= high) return value;
    if (isfinite(value))
        notes_add(&out->notes, "%s %g is absurd (expected %g to %g): %g assumed, intervals are wider", name, value, low,
                  high, usual);
    else
        notes_add(&out->notes, "%s is missing: %g assumed, intervals are wider", name, usual);
    out->n_assumed++;
    return usual;
}

static Sequence sequence_of(const Acquisition *a, Contrast contrast, SignalModel *out)
{
    /* Usual values: the ankle protocol of clinical.md §5.1 (TechnicalMSK, 1.5 T; upper edges 3 T). */
    static const double usual_tr[] = {600, 2500, 4000, 4000, 2500}, usual_te[] = {18, 30, 60, 25, 30};
    Sequence q = {.inversion = contrast == CONTRAST_STIR};
    q.gradient = !q.inversion && a->sequence[0] == 'G' && a->sequence[1] == 'R';
    q.fat_saturated = a->fat_suppressed && !q.inversion;
    q.field_t = tag_or_usual(a->field_t, 0.1, 12, 3, "magnetic field strength (T)", out);
    q.tr_ms = tag_or_usual(a->tr_ms, q.gradient ? 2 : 50, 30000, q.gradient ? 20 : usual_tr[contrast],
                           "repetition time (ms)", out);
    q.te_ms = tag_or_usual(a->te_ms, 0.01, 500, q.gradient ? 5 : usual_te[contrast], "echo time (ms)", out);
    if (q.inversion) /* usual: the one that nulls fat */
        q.ti_ms = tag_or_usual(a->ti_ms, 50, 500, round(relaxation_at(SUBSTANCE_FAT, q.field_t).t1_ms * log(2.0)),
                               "inversion time (ms)", out);
    if (q.gradient)
        q.flip_rad = tag_or_usual(a->flip_deg, 1, 90, 20, "flip angle (degrees)", out) * 3.14159265358979323846 / 180;
    return q;
}

/* Muscle's signal in scanner units, or what stands in for it. */
static double muscle_scale(SignalModel *out, const TissueReferences *references)
{
    if (!references) return NAN;
    if (references->muscle > 0) return references->muscle;
    if (references->fat > 0 && out->fat > 0.2) {
        notes_add(&out->notes, "no muscle found in the image: scaled by fat and its expected signal");
        out->n_assumed++;
        return references->fat / out->fat;
    }
    if (references->fluid > 0 && out->fluid > 0) {
        notes_add(&out->notes, "no muscle found in the image: scaled by fluid and its expected signal");
        out->n_assumed++;
        return references->fluid / out->fluid;
    }
    return NAN;
}

void signal_model(SignalModel *out, const Acquisition *acquisition, Contrast contrast,
                  const TissueReferences *references)
{
    *out = (SignalModel){.muscle = 1};
    Sequence q = sequence_of(acquisition, contrast, out);
    double muscle = tissue_signal(SUBSTANCE_MUSCLE, &q);
    out->tendon = tissue_signal(SUBSTANCE_TENDON, &q) / muscle;
    out->tendon_magic = tissue_signal(SUBSTANCE_TENDON_MAGIC, &q) / muscle;
    out->tendinosis = tissue_signal(SUBSTANCE_TENDINOSIS, &q) / muscle;
    out->fat = tissue_signal(SUBSTANCE_FAT, &q) / muscle;
    out->fluid = tissue_signal(SUBSTANCE_FLUID, &q) / muscle;
    out->blood = tissue_signal(SUBSTANCE_BLOOD, &q) / muscle;
    out->raised_threshold = fmax((out->tendon + out->tendinosis) / 2, 1.2 * out->tendon_magic);
    out->tendinosis_spread = TENDINOSIS_T2_SPREAD * q.te_ms / relaxation_at(SUBSTANCE_TENDINOSIS, q.field_t).t2_ms;
    out->fluid_threshold = out->tendinosis * fmin(sqrt(out->fluid / out->tendinosis), exp(2 * out->tendinosis_spread));
    out->fluid_sensitive = contrast != CONTRAST_T1 && out->fluid > FLUID_OVER_TENDINOSIS * out->tendinosis &&
                           out->fluid > FLUID_OVER_FAT * out->fat;
    out->magic_angle_risk = !q.inversion && q.te_ms < MAGIC_ANGLE_TE_MS;
    out->muscle_scale = muscle_scale(out, references);
}

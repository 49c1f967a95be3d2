/*
 * Tissue classes. A channel's signal has a density for each class; channels multiply. How common a class is inside and
 * outside is counted near by, so that a bright point speaks against the tendon only where its surroundings look like
 * it. Degenerated tendon and fluid are counted as surroundings no more than as tendon: where a section is expected too
 * small, its own damage lies around it.
 */
#include "segment/tissue.h"

#include <math.h>

#define POINT_LIMIT 4.0 /* one point's word: about 50 to 1 */
#define PRIOR_POINTS 12.0
#define OUTSIDE_TENDON_MAX 0.12 /* dark tissue beside a tendon (cortex, other tendons) never competes with it */
#define OUTSIDE_DAMAGE_MAX 0.1  /* of each kind, where there is less of it inside */
#define INSIDE_DAMAGE_MIN 0.075 /* of each kind: degeneration or a tear may begin anywhere */
#define ANYTHING 0.1            /* share of points that show anything: partial volume, misalignment */
#define MUSCLE_APART 0.2        /* where the soleus does not reach, other muscles are so much rarer (judged) */

/* Before looking: surroundings of ankle tendons are mostly fat (clinical.md, phantom and real images alike). */
static const double outside_prior[N_CLASSES] = {0.06, 0.56, 0.04, 0.14, 0.1, 0.1},
                    inside_prior[N_CLASSES] = {0.75, 0, 0, 0, 0.125, 0.125};

static double normal_density(double x, double mean, double sd)
{
    double z = (x - mean) / sd;
    return z * z > 50 ? 0 : exp(-0.5 * z * z) / (sd * 2.5066282746310002);
}

/* Beyond the noise tissues scatter by some 15 to 25 %: relaxation times, residual bias, texture. A tendon is never
 * quite black (a long T2 pool, strands, the magic angle), by a share of muscle whatever the fat does beside it;
 * suppressed fat is as uneven as the field (judged: 13 to 20 % around one section of the development studies, and more
 * along the tendon). */
#define TENDON_SCATTER 0.15
#define FAT_SCATTER 0.18
#define SUPPRESSED_SCATTER 0.25
#define MUSCLE_SCATTER 0.25
/* Degenerated tendon is grey, from normal tendon's level to about muscle's, or to that of loose tissue where that is
 * brighter, the darker the more often. Fluid, blood and granulation go from there up to well above the usual level of
 * fluid or blood; they are not as bright as unsuppressed fat unless these are. Where they outshine fat, how far is not
 * known: the level read from an image is the median of blocks that fluid shares with its surroundings (half of what a
 * tear showed in a development study). There the density falls as the square beyond, as for a limit known from below
 * only, so that what outshines all expectation is not left to what another series says of fat. Both classes hold in all
 * channels together. */
#define FLUID_MOST 1.3

static double wet_usual(const Scale *s)
{
    return fmax(fmax(s->fluid, s->blood), 1);
}

static double fluid_density(const Scale *s, double x)
{
    double most = FLUID_MOST * wet_usual(s), over = fmax(x / most, 1);
    return over > 1 && most < s->fat ? 0 : 1 / (most * over * over);
}

/* Fat that holds less fluid than fat, as oedema around a rupture: still close to fat where fat is shown, and anything
 * between fat and fluid where it is suppressed. */
static double wet_fat_density(const Scale *s, double x, double fat_sd)
{
    double other = s->fat_dark ? s->fluid : (s->fat + s->fluid) / 2;
    double low = fmin(s->fat, other) - fat_sd, high = fmax(s->fat, other) + fat_sd;
    return x < low || x > high ? 0 : 1 / (high - low);
}

static void channel_densities(double density[N_CLASSES], const Scale *s, double x)
{
    double any = 1 / (1.3 * fmax(wet_usual(s), s->fat));
    double fat_sd = hypot(s->noise, (s->fat_dark ? SUPPRESSED_SCATTER : FAT_SCATTER) * s->fat);
    density[TENDON] = (1 - ANYTHING) * normal_density(fmax(x, 0), 0, hypot(s->noise, TENDON_SCATTER)) + ANYTHING * any;
    density[FAT] = (1 - ANYTHING) * normal_density(x, s->fat, fat_sd) + ANYTHING * any;
    density[WET_FAT] = (1 - ANYTHING) * wet_fat_density(s, x, fat_sd) + ANYTHING * any;
    density[MUSCLE] = (1 - ANYTHING) * normal_density(x, 1, hypot(s->noise, MUSCLE_SCATTER)) + ANYTHING * any;
    double grey = fmax(s->film, 1);
    density[WORN] = (1 - ANYTHING) * 2 * fmin(fmax(1 - x / grey, 0), 1) / grey + ANYTHING * any;
    density[WET] = (1 - ANYTHING) * fluid_density(s, x) + ANYTHING * any;
}

/* One channel's word on a point: classes multiply. */
static void channel_speak(Likelihood *point, const Scale *scale, double x)
{
    double density[N_CLASSES];
    channel_densities(density, scale, x);
    for (int k = 0; k < N_CLASSES; k++) point->of[k] *= (float)density[k];
}

enum { CHUNK = 64 };

/* Of up to CHUNK points. */
static void chunk_classify(Likelihood *out, int n, Vec3 from, Vec3 step, const Images *images)
{
    bool fat_shown[CHUNK] = {false};
    for (int i = 0; i < n; i++)
        for (int c = 0; c < N_CLASSES; c++) out[i].of[c] = 1;
    for (int c = 0; c < images->prepared->n_channels; c++) {
        const Channel *channel = &images->prepared->channel[c];
        const Scale *scale = &images->scale[c];
        Vec3 at = grid_to_vox(&channel->vol.grid, rigid_apply(&channel->ref_to_channel, from));
        Vec3 next = grid_to_vox(&channel->vol.grid, rigid_apply(&channel->ref_to_channel, vec3_add(from, step)));
        Vec3 walk = vec3_sub(next, at);
        for (int i = 0; i < n; i++) {
            double value = vol_sample_vox(&channel->vol, vec3_along(at, walk, i), (double)NAN);
            if (isnan(value)) continue;
            channel_speak(&out[i], scale, (value - scale->tendon) / scale->unit);
            fat_shown[i] |= !scale->fat_dark;
        }
    }
    for (int i = 0; i < n; i++) {
        if (!fat_shown[i]) out[i].of[WET_FAT] = 0;
        if (lattice_air(images->lattice, vec3_along(from, step, i)))
            for (int c = 0; c < N_CLASSES; c++) out[i].of[c] = c == FAT ? 1 : 1e-3F; /* outside, like fat */
    }
}

void points_classify(Likelihood *out, int n, Vec3 from, Vec3 step, const Images *images)
{
    for (int i = 0; i < n; i += CHUNK)
        chunk_classify(out + i, n - i < CHUNK ? n - i : CHUNK, vec3_along(from, step, i), step, images);
}

static void count(Census *census, const Likelihood *point, const double prior[N_CLASSES])
{
    double sum = 0;
    for (int c = 0; c < N_CLASSES; c++) sum += prior[c] * (double)point->of[c];
    for (int c = 0; c < N_CLASSES && sum > 0; c++) census->count[c] += prior[c] * (double)point->of[c] / sum;
}

void outside_count(Census *census, const Likelihood *point)
{
    count(census, point, outside_prior);
}

void inside_count(Census *census, const Likelihood *point)
{
    count(census, point, inside_prior);
}

static Shares shares(const Census *census, const double prior[N_CLASSES])
{
    Shares share;
    double total = 0;
    for (int c = 0; c < N_CLASSES; c++) total += share.of[c] = census->count[c] + PRIOR_POINTS * prior[c];
    for (int c = 0; c < N_CLASSES; c++) share.of[c] /= total;
    return share;
}

Shares inside_shares(const Census *census)
{
    Shares share = shares(census, inside_prior);
    for (int c = WORN; c <= WET; c++) share.of[c] = fmax(share.of[c], INSIDE_DAMAGE_MIN);
    return share;
}

Shares outside_shares(const Census *census, const Shares *inside)
{
    Shares share = shares(census, outside_prior);
    share.of[TENDON] = fmin(share.of[TENDON], OUTSIDE_TENDON_MAX);
    for (int c = WORN; c <= WET; c++) share.of[c] = fmin(share.of[c], fmax(inside->of[c], OUTSIDE_DAMAGE_MAX));
    return share;
}

double point_ratio(const Likelihood *point, const Shares *inside, const Shares *outside)
{
    double in = 1e-30, out = 1e-30;
    for (int c = 0; c < N_CLASSES; c++) {
        in += inside->of[c] * (double)point->of[c];
        out += outside->of[c] * (double)point->of[c];
    }
    return fmin(fmax(log(in / out), -POINT_LIMIT), POINT_LIMIT);
}

bool node_classify(Likelihood *out, const Lattice *lattice, size_t node)
{
    bool seen = false, fat_shown = false;
    for (int k = 0; k < N_CLASSES; k++) out->of[k] = 1;
    for (int c = 0; c < lattice->n_channels; c++) {
        double x = (double)lattice->signal[c][node];
        if (isnan(x)) continue;
        channel_speak(out, &lattice->scale[c], x);
        seen = true;
        fat_shown |= !lattice->scale[c].fat_dark;
    }
    if (!fat_shown) out->of[WET_FAT] = 0;
    return seen;
}

/* Sums over the classes of a tendon and over the others, muscle apart, of likelihood times how common they are. */
static void point_weigh(double *tendon, double *fat, double *muscle, const Likelihood *point)
{
    *tendon = *fat = 1e-30;
    *muscle = outside_prior[MUSCLE] * (double)point->of[MUSCLE];
    for (int k = 0; k < N_CLASSES; k++) {
        *tendon += inside_prior[k] * (double)point->of[k];
        if (k == FAT || k == WET_FAT) *fat += outside_prior[k] * (double)point->of[k];
    }
}

double tendon_share(const Likelihood *point, bool soleus_near)
{
    double tendon, fat, muscle;
    point_weigh(&tendon, &fat, &muscle, point);
    return tendon / (tendon + fat + (soleus_near ? 1 : MUSCLE_APART) * muscle);
}

double muscle_share(const Likelihood *point)
{
    double tendon, fat, muscle;
    point_weigh(&tendon, &fat, &muscle, point);
    return muscle / (tendon + fat + muscle);
}

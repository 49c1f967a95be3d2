/*
 * Can the muscle's level be right? All class boundaries hang on it, and in a fat-suppressed series muscle is easily
 * mistaken. A second witness needs no recognition: the brightest thousandth of the body is fluid (joint, veins) or, if
 * it is expected brighter, fat. Two witnesses that contradict each other by a factor are weighed: the muscle is right
 * with a prior probability, and then within its scatter; otherwise only the brightest signal speaks. Muscle that
 * several series agree on is hardly ever wrong; then rather the study holds no fluid, and its brightest is something
 * darker.
 */
#include <math.h>
#include <stdlib.h>

#include "channels.h"

/* Prior probability that the muscle is muscle, and the scatter (SD of the logarithm) of a right one. */
static const double RIGHT = 0.85, RIGHT_AGREED = 0.99, RIGHT_SPREAD = 0.15;
/* Scatter of the brightest thousandth about the expected level of the brightest tissue. */
static const double BRIGHTEST_SPREAD = 0.35;
/* Share of studies whose brightest thousandth is no fluid but anything between it and fat. */
static const double NO_FLUID = 0.3;
/* A wrong one may be anywhere within this range of logarithms. */
static const double WRONG_RANGE = 3;
/* Share of the body that is brightest; voxels above this many noise SDs are body. */
static const double BRIGHTEST_SHARE = 1e-3, BODY_SDS = 6;
/* Below this probability the muscle is said to be doubtful. */
static const double DOUBTFUL = 0.5;

/* Level that BRIGHTEST_SHARE of the body exceeds, by a histogram of logarithms; 0 when there is no body. */
static double brightest_signal(const Channel *channel)
{
    enum { BINS = 2000 };
    const Vol *vol = &channel->vol;
    size_t n = grid_count(&vol->grid), body = 0, count[BINS] = {0};
    float top = 0;
    for (size_t i = 0; i < n; i++) top = fmaxf(top, vol->data[i]);
    double least = fmax(BODY_SDS * channel->noise_sd, 0.01 * (double)top);
    if (!(top > 0) || !((double)top > least)) return 0;
    double per_bin = log((double)top / least) / BINS;
    for (size_t i = 0; i < n; i++) {
        if ((double)vol->data[i] <= least) continue;
        int bin = (int)(log((double)vol->data[i] / least) / per_bin);
        count[bin < BINS ? bin : BINS - 1]++;
        body++;
    }
    size_t above = 0;
    int bin = BINS;
    while (bin > 0 && (double)above < BRIGHTEST_SHARE * (double)body) above += count[--bin];
    return least * exp((bin + 0.5) * per_bin);
}

void scale_reconcile(SignalModel *model, const Channel *channel)
{
    double seen = brightest_signal(channel), expected = fmax(sqrt(model->fluid * model->blood), model->fat);
    model->scale_spread = RIGHT_SPREAD;
    if (!(model->muscle_scale > 0) || !(seen > 0) || !(expected > 0)) return;
    double found = log(model->muscle_scale), other = log(seen / expected), apart = found - other;
    double spread = hypot(RIGHT_SPREAD, BRIGHTEST_SPREAD);
    double prior = channel->references.muscle_agreed ? RIGHT_AGREED : RIGHT;
    double right = 0.3989422804 / spread * exp(-apart * apart / (2 * spread * spread));
    double range = log(expected / fmax(model->fat, 1)); /* how far fat lies below the expected brightest */
    if (channel->references.muscle_agreed && apart > 0 && apart < range)
        right = (1 - NO_FLUID) * right + NO_FLUID / range;
    right *= prior;
    double wrong = (1 - prior) / WRONG_RANGE, sure = right / (right + wrong);
    model->muscle_scale = exp(sure * found + (1 - sure) * other);
    model->scale_spread = sqrt(sure * RIGHT_SPREAD * RIGHT_SPREAD + (1 - sure) * BRIGHTEST_SPREAD * BRIGHTEST_SPREAD +
                               sure * (1 - sure) * apart * apart);
    if (sure >= DOUBTFUL) return;
    model->n_assumed++;
    notes_add(&model->notes,
              "what was taken for muscle (%.4g) does not fit the brightest signal (%.4g, expected %.3g times muscle): "
              "muscle is assumed at %.4g, boundaries are softer",
              exp(found), seen, expected, model->muscle_scale);
}

/* What the series of one visit tell about each other: muscle's level, and the coil's field where suppression fails. */
#include <math.h>
#include <stdlib.h>

#include "check.h"
#include "preproc/together.h"
#include "teno/memory.h"

enum { SERIES = 3, NX = 40, NY = 40, NZ = 6 };
typedef struct Visit {
    Prepared prepared;
    Series series[SERIES];
    Vol tissues[SERIES];
} Visit;

/* Signals of muscle, fat, and of something that the first two series show like muscle. */
static const double muscle[SERIES] = {200, 150, 500}, fat[SERIES] = {600, 500, 120}, impostor[SERIES] = {190, 160, 240};

static void visit_open(Visit *visit)
{
    Grid grid = {.nx = NX, .ny = NY, .nz = NZ, .dx = 2.5, .dy = 2.5, .dz = 3};
    grid.axis_x = vec3(1, 0, 0);
    grid.axis_y = vec3(0, 1, 0);
    grid.axis_z = vec3(0, 0, 1);
    *visit = (Visit){.prepared = {.channel = array_alloc(SERIES, sizeof(Channel), NULL), .n_channels = SERIES}};
    assert_non_null(visit->prepared.channel);
    for (int c = 0; c < SERIES; c++) {
        Channel *channel = &visit->prepared.channel[c];
        visit->series[c] = (Series){.contrast = CONTRAST_PD, .acquisition = {.fat_suppressed = c == 2}};
        *channel = (Channel){.series = &visit->series[c], .noise_sd = 5, .ref_to_channel = rigid_identity()};
        channel->references = (TissueReferences){.muscle = 1.1 * impostor[c], .fat = fat[c]};
        assert_int_equal(vol_alloc(&channel->vol, &grid, NULL), 0);
        assert_int_equal(vol_alloc(&visit->tissues[c], &grid, NULL), 0);
    }
}

static void visit_close(Visit *visit)
{
    for (int c = 0; c < SERIES; c++) vol_free(&visit->tissues[c]);
    prepared_free(&visit->prepared);
}

/* Fat everywhere; columns [0, first) of muscle and [first, second) of the impostor, both labelled muscle. */
static void visit_fill(Visit *visit, int first, int second)
{
    for (int c = 0; c < SERIES; c++)
        for (int i = 0; i < NX * NY * NZ; i++) {
            int x = i % NX, wave = i / NX % 5 - 2;
            double level = x < first ? muscle[c] : x < second ? impostor[c] * (1 + 0.2 * wave) : fat[c];
            visit->prepared.channel[c].vol.data[i] = (float)(level * (1 + 0.01 * wave));
            visit->tissues[c].data[i] = x < second ? TISSUE_MUSCLE : TISSUE_FAT;
        }
}

static void muscle_is_what_all_agree_on(void **state)
{
    (void)state;
    Visit visit;
    visit_open(&visit);
    visit_fill(&visit, 6, 14); /* more impostors than muscle */
    assert_int_equal(references_share(&visit.prepared, visit.tissues, NULL), 0);
    for (int c = 0; c < SERIES; c++) {
        check_near(visit.prepared.channel[c].references.muscle, muscle[c], 0.05 * muscle[c]);
        check_near(visit.prepared.channel[c].references.fat, fat[c], 0.02 * fat[c]);
    }
    visit_close(&visit);
}

static void own_level_stays_without_muscle(void **state)
{
    (void)state;
    Visit visit;
    visit_open(&visit);
    visit_fill(&visit, 0, 0);
    assert_int_equal(references_share(&visit.prepared, visit.tissues, NULL), 0);
    for (int c = 0; c < SERIES; c++) check_near(visit.prepared.channel[c].references.muscle, 1.1 * impostor[c], 1e-9);
    visit_close(&visit);
}

static void suppressed_series_alone_say_nothing(void **state)
{
    (void)state;
    Visit visit;
    visit_open(&visit);
    visit_fill(&visit, 6, 14);
    for (int c = 0; c < SERIES; c++) visit.series[c].acquisition.fat_suppressed = true;
    assert_int_equal(references_share(&visit.prepared, visit.tissues, NULL), 0);
    check_near(visit.prepared.channel[2].references.muscle, 1.1 * impostor[2], 1e-9);
    visit_close(&visit);
}

/* A visit of two series in one coil, whose field falls by half from end to end; of the second, suppression leaves
 * `left` times as much fat at one end as at the other. Muscle lies at both ends. */
static void coil_fill(Visit *visit, double coil_of_second, double left)
{
    visit->prepared.n_channels = 2;
    visit->series[1].acquisition.fat_suppressed = true;
    for (int c = 0; c < 2; c++) {
        Channel *channel = &visit->prepared.channel[c];
        assert_int_equal(vol_copy(&visit->series[c].vol, &channel->vol, NULL), 0);
        for (int i = 0; i < NX * NY * NZ; i++) {
            int x = i % NX, y = i / NX % NY;
            bool is_muscle = (x / 8) % 4 == 0 && y > 20;
            double along = (double)x / (NX - 1), field = exp((c ? coil_of_second : 1) * -0.7 * along);
            double suppressed = c ? pow(left, along) : 1, level = is_muscle ? 200 : (c ? 100 : 600) * suppressed;
            visit->series[c].vol.data[i] = (float)(level * field);
            visit->tissues[c].data[i] = is_muscle ? TISSUE_MUSCLE : TISSUE_FAT;
        }
        vol_free(&channel->vol);
        assert_int_equal(vol_copy(&channel->vol, &visit->series[c].vol, NULL), 0);
        assert_int_equal(bias_correct(&channel->vol, 1, &channel->bias, NULL), 0);
        channel->noise_sd = 1;
    }
}

/* Logarithm of the second series' muscle at one end over that at the other, after correction. */
static double muscle_slope(const Visit *visit)
{
    const float *row = visit->prepared.channel[1].vol.data + 30 * NX;
    return log((double)row[36] / (double)row[4]);
}

static void failing_suppression_is_no_coil(void **state)
{
    (void)state;
    Visit visit;
    visit_open(&visit);
    coil_fill(&visit, 1, 4);
    double alone = muscle_slope(&visit);
    assert_int_equal(bias_share(&visit.prepared, visit.tissues, NULL), 0);
    print_message("muscle from end to end: %.2f alone, %.2f together\n", alone, muscle_slope(&visit));
    assert_true(fabs(alone) > 0.5);
    check_near(muscle_slope(&visit), 0, 0.1);
    for (int c = 0; c < 2; c++) vol_free(&visit.series[c].vol);
    visit_close(&visit);
}

static void another_coil_is_left_as_it_was_found(void **state)
{
    (void)state;
    Visit visit;
    visit_open(&visit);
    coil_fill(&visit, -1, 1);
    double alone = muscle_slope(&visit);
    assert_int_equal(bias_share(&visit.prepared, visit.tissues, NULL), 0);
    check_near(muscle_slope(&visit), 0, fabs(alone) + 0.05);
    for (int c = 0; c < 2; c++) vol_free(&visit.series[c].vol);
    visit_close(&visit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(muscle_is_what_all_agree_on),          cmocka_unit_test(own_level_stays_without_muscle),
        cmocka_unit_test(suppressed_series_alone_say_nothing),  cmocka_unit_test(failing_suppression_is_no_coil),
        cmocka_unit_test(another_coil_is_left_as_it_was_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

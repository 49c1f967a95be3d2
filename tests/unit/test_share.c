/* Where the series of one visit agree on muscle. */
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(muscle_is_what_all_agree_on),
        cmocka_unit_test(own_level_stays_without_muscle),
        cmocka_unit_test(suppressed_series_alone_say_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* teno analyze: one study in, pictures and numbers out. */
#include <stdio.h>

#include "cli/command.h"
#include "cli/progress.h"
#include "cli/result.h"
#include "cli/source.h"
#include "teno/correction.h"
#include "teno/output.h"

const Usage usage_analyze = {
    .command = "analyze",
    .arguments = "INPUT... -o OUT",
    .text = "Finds and measures the tendons of one study: segmentation, tears, pictures, report.\n"
            "INPUT is a folder (searched to any depth), files, or a DICOMDIR. Research use; not a diagnosis.",
    .examples = "teno analyze study/ -o result"
                "\n"
                "teno analyze study/ -o result --tendon all --write +figures"
                "\n"
                "teno analyze study/ -o result --seed patellar=12.5,-40,7",
    .command_bit = FOR_ANALYZE,
    .inputs_min = 1,
    .inputs_max = 1 << 20,
    .needs_out = true,
};

static void result_print(const Analysis *analysis, const Options *options)
{
    if (options->verbose) {
        warnings_print(&analysis->study->warnings, "study");
        warnings_print(&analysis->prepared.warnings, "images");
        for (int i = 0; i < analysis->n_tendons; i++)
            warnings_print(&analysis->tendons[i].warnings, analysis->tendons[i].spec->name);
    }
    if (options->quiet) return;
    for (int i = 0; i < analysis->n_tendons; i++) tendon_print(&analysis->tendons[i]);
    printf("results in %s\n", options->out);
}

/* What the correction changed, as a table. */
static int correction_print(const Analysis *analysis, Error *error)
{
    Correction correction;
    int code = correction_make(&correction, analysis, error);
    if (code) return code;
    printf("outline by %s; before by %s\n", correction.after_by, correction.before_by);
    for (int i = 0; i < correction.n_measures; i++) {
        const CorrectedMeasure *m = &correction.measures[i];
        printf("  %-12s %-28s %10.5g -> %-10.5g %s\n", m->tendon, m->name, m->before, m->after, m->unit);
    }
    correction_free(&correction);
    return TENO_OK;
}

/* Everything after the options: scan, pick, run, write. */
static int analyze(const Options *options, AnalysisOptions *wanted, Error *error)
{
    Scan scan = {0};
    Study *study = NULL;
    Analysis analysis = {0};
    TextList source = {0};
    Progress progress;
    progress_start(&progress, options->quiet, options->verbose);
    wanted->progress = progress_report;
    wanted->progress_context = &progress;
    progress_report(&progress, "finding the images", 0);
    int code = scan_inputs(&scan, options->inputs.text, options->inputs.count, error);
    if (!code) code = study_pick(&study, &scan, options->studies.count ? options->studies.text[0] : NULL, error);
    if (!code) code = source_record(&source, &options->inputs, study, options->identify, error);
    wanted->inputs = source.text;
    wanted->n_inputs = source.count;
    if (!code && wanted->against_path) code = correction_check(wanted->against_path, study, error);
    if (!code) code = analysis_run(&analysis, study, wanted, error);
    progress_report(&progress, "writing", 0.72);
    if (!code) code = analysis_write(&analysis, options->out, options->write, error);
    progress_end(&progress);
    if (!code) {
        result_print(&analysis, options);
        if (wanted->against_path && !options->quiet) code = correction_print(&analysis, error);
    }
    if (!code) {
        code = analysis_outcome(&analysis, options->out, error);
    }
    analysis_free(&analysis);
    source_free(&source);
    scan_free(&scan);
    return code;
}

int cmd_analyze(int argc, char **argv, Error *error)
{
    Options options;
    AnalysisOptions wanted = {0};
    bool printed;
    int code = options_parse(&options, &usage_analyze, argc, argv, &printed, error);
    if (!code && !printed) code = analysis_options_from(&wanted, &options, error);
    if (!code && !printed) {
        options_apply_threads(&options);
        code = analyze(&options, &wanted, error);
    }
    analysis_options_free(&wanted);
    options_free(&options);
    return code;
}

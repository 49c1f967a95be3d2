/*
 * The cohort as a paper reports it, from the batch's own tables: levels by arm and time point, changes by arm with the
 * share beyond their own limit, and arms against each other adjusted for the baseline. An ankle without a number is
 * counted in every row where it should be, as not assessable or as missing, never dropped silently.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "batch/group.h"
#include "batch/statistics.h"
#include "batch/summary.h"
#include "batch/text_file.h"
#include "teno/memory.h"

static const char *cell(const Table *table, int row, const char *column)
{
    return table_cell(table, row, table_column(table, column));
}

static double number(const char *text)
{
    char *end;
    double value = strtod(text, &end);
    return end == text || *end ? (double)NAN : value;
}

static bool same(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

static void add_real(Text *text, double value)
{
    if (isfinite(value))
        text_add(text, "%.6g\t", value == 0 ? 0 : value);
    else
        text_add(text, "n/a\t");
}

/* A case of the cohort, as it is counted. Borrowed from the table of cases. */
typedef struct Member {
    const char *kind, *subject, *side, *arm, *timepoint, *timepoint_post;
    bool finished; /* with a result, be it that it could not be assessed */
} Member;

typedef struct Members {
    Member *member; /* [n], ordered by arm, subject and side */
    int n;
} Members;

static int ankle_order(const Member *x, const Member *y)
{
    int order = strcmp(x->arm, y->arm);
    if (!order) order = strcmp(x->subject, y->subject);
    return order ? order : strcmp(x->side, y->side);
}

static int member_order(const void *a, const void *b)
{
    return ankle_order(a, b);
}

static int members_read(Members *out, const Table *cases, Error *error)
{
    *out = (Members){.member = array_alloc((size_t)cases->n_rows + 1, sizeof *out->member, error)};
    if (!out->member) return TENO_FAILED;
    for (int i = 1; i < cases->n_rows; i++) {
        const char *outcome = cell(cases, i, "outcome");
        out->member[out->n++] = (Member){.kind = cell(cases, i, "kind"),
                                         .subject = cell(cases, i, "subject"),
                                         .side = cell(cases, i, "side"),
                                         .arm = cell(cases, i, "arm"),
                                         .timepoint = cell(cases, i, "timepoint"),
                                         .timepoint_post = cell(cases, i, "timepoint_post"),
                                         .finished = !same(outcome, "failed") && !same(outcome, "missing")};
    }
    qsort(out->member, (size_t)out->n, sizeof *out->member, member_order);
    return TENO_OK;
}

/* Of all ankles of an arm those without a number at these time points: looked at without one, or not looked at. */
static void missing_count(int *n_not_assessable, int *n_missing, const Members *all, const char *kind,
                          const GroupRow *row, int n_known)
{
    int n_ankles = 0, n_finished = 0;
    const Member *last = NULL;
    for (int i = 0; i < all->n; i++) {
        const Member *m = &all->member[i];
        if (!same(m->arm, row->arm)) continue;
        n_ankles += !last || ankle_order(last, m) != 0;
        last = m;
        n_finished += m->finished && same(m->kind, kind) && same(m->timepoint, row->timepoint) &&
                      same(m->timepoint_post, row->timepoint_post);
    }
    *n_not_assessable = n_finished > n_known ? n_finished - n_known : 0;
    *n_missing = n_ankles > n_known + *n_not_assessable ? n_ankles - n_known - *n_not_assessable : 0;
}

int group_rows_read(GroupRow **out, int *n, const Table *table, const char *value_column, Error *error)
{
    *n = 0;
    *out = array_alloc((size_t)table->n_rows + 1, sizeof **out, error);
    if (!*out) return TENO_FAILED;
    for (int i = 1; i < table->n_rows; i++) {
        if (!same(cell(table, i, "tear"), "n/a")) continue; /* single tears are not comparable between subjects */
        (*out)[(*n)++] = (GroupRow){.subject = cell(table, i, "subject"),
                                    .arm = cell(table, i, "arm"),
                                    .timepoint = cell(table, i, "timepoint"),
                                    .timepoint_post = cell(table, i, "timepoint_post"),
                                    .tendon = cell(table, i, "tendon"),
                                    .measure = cell(table, i, "measure"),
                                    .unit = cell(table, i, "unit"),
                                    .verdict = cell(table, i, "verdict"),
                                    .pre = number(cell(table, i, "pre")),
                                    .post = number(cell(table, i, "post")),
                                    .value = number(cell(table, i, value_column))};
    }
    return TENO_OK;
}

static int key_order(const GroupRow *x, const GroupRow *y, bool with_arm)
{
    int order = strcmp(x->tendon, y->tendon);
    if (!order) order = strcmp(x->measure, y->measure);
    if (!order) order = strcmp(x->timepoint, y->timepoint);
    if (!order) order = strcmp(x->timepoint_post, y->timepoint_post);
    return order || !with_arm ? order : strcmp(x->arm, y->arm);
}

int group_row_order(const void *a, const void *b)
{
    const GroupRow *x = a, *y = b;
    int order = key_order(x, y, true);
    return order ? order : strcmp(x->subject, y->subject);
}

int group_end(const GroupRow *rows, int n, int first, bool with_arm)
{
    int end = first + 1;
    while (end < n && key_order(&rows[first], &rows[end], with_arm) == 0) end++;
    return end;
}

static void add_description(Text *text, const Description *d)
{
    const double values[] = {d->mean, d->sd, d->median, d->q25, d->q75, d->low, d->high};
    for (int i = 0; i < 7; i++) add_real(text, values[i]);
}

static void add_keys(Text *text, const GroupRow *row)
{
    const char *keys[] = {row->tendon, row->measure, row->unit, row->arm, row->timepoint, row->timepoint_post};
    for (int i = 0; i < 6; i++) text_add_cell(text, keys[i]);
}

/* One row a group of rows that share tendon, measure, time points and arm. */
static void add_group(Text *text, const GroupRow *rows, int n, double *scratch, const Members *members, bool changes)
{
    int known = 0, decreased = 0, increased = 0, n_not_assessable, n_missing;
    for (int i = 0; i < n; i++) {
        if (!isfinite(rows[i].value)) continue;
        scratch[known++] = rows[i].value;
        decreased += same(rows[i].verdict, "decreased");
        increased += same(rows[i].verdict, "increased");
    }
    TestedDifference tested = test_paired(scratch, known);
    Description d = describe(scratch, known);
    add_keys(text, rows);
    missing_count(&n_not_assessable, &n_missing, members, changes ? "compare" : "analyze", rows, known);
    text_add(text, "%d\t%d\t%d\t", known, n_not_assessable, n_missing);
    add_description(text, &d);
    if (changes) {
        text_add(text, "%d\t%d\t", decreased, increased);
        add_real(text, known ? 100.0 * (decreased + increased) / known : (double)NAN);
        add_real(text, tested.t);
        add_real(text, tested.p);
        add_real(text, tested.d);
    }
    text_end_row(text);
}

static int write_groups(const GroupRow *rows, int n, const Members *members, bool changes, const char *path,
                        Error *error)
{
    Text text = {0};
    double *scratch = array_alloc((size_t)n + 1, sizeof *scratch, error);
    if (!scratch) return TENO_FAILED;
    text_add(&text,
             "tendon\tmeasure\tunit\tarm\ttimepoint\ttimepoint_post\tn\tn_not_assessable\tn_"
             "missing\tmean\tsd\tmedian\tq25\tq75\t"
             "ci_low\tci_high%s\n",
             changes ? "\tn_decreased\tn_increased\tpercent_beyond_limit\tt\tp\tcohen_d" : "");
    for (int first = 0, end; first < n; first = end) {
        end = group_end(rows, n, first, true);
        add_group(&text, rows + first, end - first, scratch, members, changes);
    }
    int code = text_file_replace(path, &text, error);
    text_free(&text);
    free(scratch);
    return code;
}

/* One measure of arm `b` with arm `a` as the reference: how much more its later value is at equal baseline. */
static void add_arms(Text *text, const GroupRow *a, int n_a, const GroupRow *b, int n_b, double *pre, double *post,
                     int *arm)
{
    int n = 0, counts[2] = {0, 0};
    for (int side = 0; side < 2; side++) {
        const GroupRow *rows = side ? b : a;
        for (int i = 0; i < (side ? n_b : n_a); i++) {
            if (!isfinite(rows[i].pre) || !isfinite(rows[i].post)) continue;
            pre[n] = rows[i].pre;
            post[n] = rows[i].post;
            arm[n++] = side;
            counts[side]++;
        }
    }
    TestedDifference tested = test_adjusted(pre, post, arm, n);
    const double values[] = {tested.difference, tested.low, tested.high, tested.t, tested.p, tested.d};
    const char *keys[] = {a->tendon, a->measure, a->unit, a->timepoint, a->timepoint_post, a->arm, b->arm};
    for (int i = 0; i < 7; i++) text_add_cell(text, keys[i]);
    text_add(text, "%d\t%d\t", counts[0], counts[1]);
    for (int i = 0; i < 6; i++) add_real(text, values[i]);
    text_add(text, "%d\n", tested.df);
}

static int write_between(const GroupRow *rows, int n, const char *path, Error *error)
{
    Text text = {0};
    double *pre = array_alloc((size_t)n + 1, sizeof *pre, error),
           *post = array_alloc((size_t)n + 1, sizeof *post, error);
    int *arm = array_alloc((size_t)n + 1, sizeof *arm, error), code = pre && post && arm ? TENO_OK : TENO_FAILED;
    text_add(
        &text,
        "tendon\tmeasure\tunit\ttimepoint\ttimepoint_post\treference_arm\tarm\tn_reference\tn\tdifference\tci_low\t"
        "ci_high\tt\tp\tcohen_d\tdf\n");
    for (int first = 0, end; !code && first < n; first = end) {
        end = group_end(rows, n, first, false);
        for (int a = first, a_end; a < end; a = a_end) {
            a_end = group_end(rows, end, a, true);
            for (int b = a_end, b_end; b < end; b = b_end) {
                b_end = group_end(rows, end, b, true);
                add_arms(&text, rows + a, a_end - a, rows + b, b_end - b, pre, post, arm);
            }
        }
    }
    if (!code) code = text_file_replace(path, &text, error);
    text_free(&text);
    free(pre);
    free(post);
    free(arm);
    return code;
}

static int results_read(Table *table, const char *out, const char *name, Error *error)
{
    char path[PATH_MAX];
    path_set(path, "%s/results/%s", out, name);
    return table_read(table, path, '\t', error);
}

/* An empty table of changes is a cohort with one date each, not a mistake. */
static int table_rows(GroupRow **rows, int *n, Table *table, const char *out, const char *name, const char *column,
                      Error *error)
{
    Error ignored = {0};
    *rows = NULL;
    *n = 0;
    if (results_read(table, out, name, &ignored)) return TENO_OK;
    int code = group_rows_read(rows, n, table, column, error);
    if (!code) qsort(*rows, (size_t)*n, sizeof **rows, group_row_order);
    return code;
}

int group_run(const char *out, Error *error)
{
    char path[PATH_MAX];
    Table cases = {0}, levels_table = {0}, changes_table = {0};
    GroupRow *levels = NULL, *changes = NULL;
    Members members = {0};
    int n_levels = 0, n_changes = 0;
    int code = batch_summarise(out, error);
    if (!code) code = results_read(&cases, out, "cases.tsv", error);
    if (!code) code = members_read(&members, &cases, error);
    if (!code) code = table_rows(&levels, &n_levels, &levels_table, out, "measurements.tsv", "value", error);
    if (!code) code = table_rows(&changes, &n_changes, &changes_table, out, "changes.tsv", "difference", error);
    path_set(path, "%s/results/group_levels.tsv", out);
    if (!code) code = write_groups(levels, n_levels, &members, false, path, error);
    path_set(path, "%s/results/group_changes.tsv", out);
    if (!code) code = write_groups(changes, n_changes, &members, true, path, error);
    path_set(path, "%s/results/group_between_arms.tsv", out);
    if (!code) code = write_between(changes, n_changes, path, error);
    static const char *const names[] = {"results/group_levels", "results/group_changes", "results/group_between_arms"};
    for (int i = 0; !code && i < 3; i++) code = sidecar_write(out, names[i], error);
    path_set(path, "%s/results/plots", out);
    if (!code) code = folders_make(path, error);
    if (!code) code = group_plots_write(changes, n_changes, path, error);
    free(levels);
    free(changes);
    free(members.member);
    table_free(&cases);
    table_free(&levels_table);
    table_free(&changes_table);
    return code;
}

/*
 * Which series shows the tendon's outline, and which the fluid of a tear.
 *
 *   anatomy   spin echoes without fat suppression (PD, then T1, then T2): the dark tendon lies in bright fat
 *   fluid     fat-suppressed PD or T2, then STIR; without any of them a T2 with long echo time
 *
 * Within a role series are ranked: the plane first (sections across the tendon want axial or 3-D images), then
 * contrast, then resolution. Every decision is said in the series' reason. A forced choice (--series) replaces that
 * role's own.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "teno/memory.h"
#include "teno/series.h"

/* Below this echo time fluid is hardly brighter than damaged tendon (clinical.md §5). */
static const double fluid_min_te_ms = 25;
/* The later echoes of a multi-echo train that show fluid; the earlier, above magic-angle times, that show anatomy. */
static const double multi_echo_fluid_min_te_ms = 30, multi_echo_anatomy_min_te_ms = 10;

static int plane_penalty(Plane plane)
{
    switch (plane) {
    case PLANE_AXIAL:
    case PLANE_3D:
        return 0;
    case PLANE_SAGITTAL:
        return 1;
    case PLANE_OBLIQUE:
        return 2;
    case PLANE_CORONAL:
        return 3;
    }
    return 3;
}

static int contrast_penalty(const Series *s)
{
    if (s->role == ROLE_ANATOMY)
        return s->contrast == CONTRAST_PD ? 0 : s->contrast == CONTRAST_T1 ? 1 : s->contrast == CONTRAST_T2 ? 2 : 3;
    if (!s->acquisition.fat_suppressed) return 3;
    return s->contrast == CONTRAST_T2 ? 0 : s->contrast == CONTRAST_PD ? 1 : 2;
}

static double voxel_mm3(const Series *s)
{
    return s->grid.dx * s->grid.dy * s->grid.dz;
}

/* Better first; the series' own order decides a draw. */
static bool ranks_before(const Series *a, const Series *b)
{
    if (plane_penalty(a->plane) != plane_penalty(b->plane)) return plane_penalty(a->plane) < plane_penalty(b->plane);
    if (contrast_penalty(a) != contrast_penalty(b)) return contrast_penalty(a) < contrast_penalty(b);
    if (a->role == ROLE_FLUID && strcmp(a->series_uid, b->series_uid) == 0 && a->echo_number != b->echo_number)
        return a->acquisition.te_ms > b->acquisition.te_ms; /* the later echo of a train */
    if (voxel_mm3(a) < 0.9 * voxel_mm3(b)) return true;
    if (voxel_mm3(b) < 0.9 * voxel_mm3(a)) return false;
    return a < b;
}

static void set_role(Series *s, Role role, const char *reason)
{
    s->role = role;
    string_set(s->reason, sizeof s->reason, reason);
}

/* Does this series take part in a train of more than two echoes? */
static int echo_count(const Study *study, const Series *s)
{
    int n = 0;
    for (int i = 0; i < study->n_series; i++)
        n += study->series[i].usable && strcmp(study->series[i].series_uid, s->series_uid) == 0 &&
             study->series[i].temporal_index == s->temporal_index && study->series[i].echo_number != s->echo_number;
    return n + 1;
}

static void role_by_contrast(Series *s)
{
    const Acquisition *a = &s->acquisition;
    bool spin_echo = s->contrast != CONTRAST_OTHER;
    if (!spin_echo && a->fat_suppressed)
        set_role(s, ROLE_UNUSED, "neither anatomy nor fluid: gradient echo with fat suppression");
    else if (!spin_echo)
        set_role(s, ROLE_UNUSED, "neither anatomy nor fluid: not a spin echo, or the header does not say");
    else if (s->contrast == CONTRAST_STIR)
        set_role(s, ROLE_FLUID, "STIR, fluid-sensitive");
    else if (!a->fat_suppressed && s->contrast == CONTRAST_T2)
        set_role(s, ROLE_ANATOMY, "T2 without fat suppression");
    else if (!a->fat_suppressed)
        set_role(s, ROLE_ANATOMY,
                 s->contrast == CONTRAST_PD ? "PD without fat suppression" : "T1 without fat suppression");
    else if (s->contrast == CONTRAST_T1)
        set_role(s, ROLE_UNUSED, "fat-suppressed T1: shows neither fluid nor the tendon against fat");
    else if (a->te_ms < fluid_min_te_ms) {
        set_role(s, ROLE_FLUID, "fat-suppressed PD, fluid-sensitive, but the echo time is short for fluid");
        notes_add(&s->warnings, "echo time %.0f ms is short for telling fluid from tendinosis", a->te_ms);
    } else
        set_role(s, ROLE_FLUID,
                 s->contrast == CONTRAST_T2 ? "fat-suppressed T2, fluid-sensitive"
                                            : "fat-suppressed PD, fluid-sensitive");
}

/* One anatomy echo and the late ones for fluid, when a multi-echo train is all there is. */
static void roles_multi_echo(Study *study)
{
    Series *anatomy = NULL;
    for (int i = 0; i < study->n_series; i++) {
        Series *s = &study->series[i];
        if (!s->usable) continue;
        double te_ms = s->acquisition.te_ms;
        bool late_enough = te_ms >= multi_echo_anatomy_min_te_ms;
        if (!anatomy || (late_enough && anatomy->acquisition.te_ms < multi_echo_anatomy_min_te_ms) ||
            (late_enough && te_ms < anatomy->acquisition.te_ms))
            anatomy = s;
        if (te_ms >= multi_echo_fluid_min_te_ms)
            set_role(s, ROLE_FLUID, "late echo of a multi-echo train, the only series there is");
        else
            set_role(s, ROLE_UNUSED, "an early echo of a multi-echo train; another one serves as anatomy");
    }
    if (anatomy) set_role(anatomy, ROLE_ANATOMY, "short echo of a multi-echo train, the only series there is");
}

static bool has_role(const Study *study, Role role)
{
    for (int i = 0; i < study->n_series; i++)
        if (study->series[i].role == role) return true;
    return false;
}

/* A processed copy serves where there is no original. */
static void derived_withdraw(Study *study, Role role)
{
    bool any_original = false;
    for (int i = 0; i < study->n_series; i++)
        any_original = any_original || (study->series[i].role == role && !study->series[i].derived);
    for (int i = 0; i < study->n_series && any_original; i++)
        if (study->series[i].role == role && study->series[i].derived)
            set_role(&study->series[i], ROLE_UNUSED, "derived images; original ones serve better");
}

static void roles_choose(Study *study)
{
    bool any_single = false, any_train = false;
    for (int i = 0; i < study->n_series; i++) {
        Series *s = &study->series[i];
        s->role = ROLE_UNUSED;
        s->rank = 0;
        if (!s->usable) continue;
        role_by_contrast(s);
        if (echo_count(study, s) > 2)
            any_train = true;
        else if (s->role != ROLE_UNUSED)
            any_single = true;
    }
    derived_withdraw(study, ROLE_ANATOMY);
    derived_withdraw(study, ROLE_FLUID);
    if (any_train && !any_single) {
        roles_multi_echo(study);
        return;
    }
    for (int i = 0; i < study->n_series; i++)
        if (study->series[i].usable && echo_count(study, &study->series[i]) > 2)
            set_role(&study->series[i], ROLE_UNUSED, "one echo of a multi-echo train; other series serve better");
    if (!has_role(study, ROLE_FLUID))
        for (int i = 0; i < study->n_series; i++)
            if (study->series[i].role == ROLE_ANATOMY && study->series[i].contrast == CONTRAST_T2)
                set_role(&study->series[i], ROLE_FLUID, "T2 with long echo time, in want of a fat-suppressed series");
    if (has_role(study, ROLE_ANATOMY) || has_role(study, ROLE_FLUID)) return;
    for (int i = 0; i < study->n_series; i++) /* better something plain than nothing */
        if (study->series[i].usable && study->series[i].echo_number <= 1)
            set_role(&study->series[i], ROLE_ANATOMY, "no series of the usual kinds is there");
}

static void roles_rank(Study *study, Role role)
{
    for (int i = 0; i < study->n_series; i++) {
        Series *s = &study->series[i];
        if (s->role != role) continue;
        s->rank = 1;
        for (int k = 0; k < study->n_series; k++)
            if (k != i && study->series[k].role == role && ranks_before(&study->series[k], s)) s->rank++;
        char ranked[sizeof s->reason];
        snprintf(ranked, sizeof ranked, "%.230s; choice %d", s->reason, s->rank);
        string_set(s->reason, sizeof s->reason, ranked);
    }
}

static int forced_parse(const char *text, Role *role, const char **uid, Error *error)
{
    static const struct {
        const char *name;
        Role role;
    } names[] = {{"anatomy=", ROLE_ANATOMY}, {"fluid=", ROLE_FLUID}, {"unused=", ROLE_UNUSED}};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        size_t length = strlen(names[i].name);
        if (strncasecmp(text, names[i].name, length) != 0) continue;
        *role = names[i].role;
        *uid = text + length;
        return TENO_OK;
    }
    return error_set(error, TENO_USAGE, "--series %s: wanted anatomy=UID, fluid=UID or unused=UID", text);
}

/* Gives the forced series their roles; in each role forced, the automatic choice is withdrawn. */
static int roles_force(Study *study, const char *const *forced, int n_forced, Error *error)
{
    Role role = ROLE_UNUSED;
    const char *uid = "";
    for (int f = 0; f < n_forced; f++) {
        int code = forced_parse(forced[f], &role, &uid, error);
        if (code) return code;
        for (int i = 0; i < study->n_series; i++)
            if (role != ROLE_UNUSED && study->series[i].role == role)
                set_role(&study->series[i], ROLE_UNUSED, "another series was chosen for its role by --series");
    }
    for (int f = 0; f < n_forced; f++) {
        int found = 0, code = forced_parse(forced[f], &role, &uid, error);
        if (code) return code;
        for (int i = 0; i < study->n_series; i++) {
            Series *s = &study->series[i];
            if (strcmp(s->key, uid) != 0 && strcmp(s->series_uid, uid) != 0) continue;
            found++;
            if (!s->usable)
                return error_set(error, TENO_USAGE, "--series %s: this series cannot be measured: %s", forced[f],
                                 s->reason);
            set_role(s, role, "chosen by --series");
        }
        if (!found)
            return error_set(error, TENO_USAGE, "--series %s: no such series in study %s; 'teno inspect' lists them",
                             forced[f], study->study_uid);
    }
    return TENO_OK;
}

int study_assign_roles(Study *study, const char *const *forced, int n_forced, Error *error)
{
    roles_choose(study);
    int code = roles_force(study, forced, n_forced, error);
    if (code) return code;
    roles_rank(study, ROLE_ANATOMY);
    roles_rank(study, ROLE_FLUID);
    return TENO_OK;
}

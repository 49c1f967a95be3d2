/*
 * Fluid-like pixels become tears, or are explained otherwise.
 *
 * A tear must reach deeper below the surface than the boundary's own uncertainty and the blur can carry fluid from
 * outside; its content must not be fat (bright on T1); and on short echo times a tendon at 45-65 degrees to the main
 * field is believed only when a long echo time or an inversion-recovery series agrees (clinical.md §5.2), or when it is
 * far brighter than that angle makes a tendon.
 */
#include <math.h>
#include <stdlib.h>

#include "engine.h"
#include "teno/memory.h"

/* The magic angle's range, degrees (Erickson et al., Radiology 1991;181:389-392). */
static const double MAGIC_DEG[2] = {45, 65};
/* Signal above this multiple of a tendon's at 55 degrees in the same series (relaxation.c, Du et al. 2009) is not made
 * by the magic angle alone; relaxation times scatter by less (judged). */
static const double MAGIC_MOST = 3;
/* The tear must be deeper than this many SDs of the boundary and of the in-plane blur together. */
static const double DEPTH_SDS = 1.5;
/* Unsuppressed fat between fascicles is brighter on T1 than any fluid or tendinosis: the share of fat's expected T1
 * signal beyond which a region is fat. Fluid has 0.2, tendinosis 0.4 of it (clinical.md §5.4). */
static const double FAT_SHARE_T1 = 0.7;

double section_depth_mm(const Section *section, double u_mm, double v_mm)
{
    double best = INFINITY;
    for (int i = 0, j = SECTION_POINTS - 1; i < SECTION_POINTS; j = i++) {
        double ux = (double)section->boundary_u_mm[j], vx = (double)section->boundary_v_mm[j];
        double du = (double)section->boundary_u_mm[i] - ux, dv = (double)section->boundary_v_mm[i] - vx;
        double square = du * du + dv * dv;
        double t = square > 0 ? ((u_mm - ux) * du + (v_mm - vx) * dv) / square : 0;
        t = fmin(fmax(t, 0), 1);
        double eu = ux + t * du - u_mm, ev = vx + t * dv - v_mm;
        best = fmin(best, eu * eu + ev * ev);
    }
    return section_contains(section, u_mm, v_mm) ? sqrt(best) : -sqrt(best);
}

/* What is summed over a region before it is judged. */
typedef struct Evidence {
    double volume_mm3, depth_mm, needed_depth_mm, anatomy, anatomy_weight, tilt;
    double signal[MAX_VIEWS], trust[MAX_VIEWS];
} Evidence;

static void evidence_add(Evidence *e, const TearMap *map, size_t at)
{
    const Lattice *l = &map->lattice;
    int i = (int)(at % (size_t)l->nu), j = (int)(at / (size_t)l->nu % (size_t)l->nv), k = (int)(at / lattice_slab(l));
    const Section *section = &map->shape->sections[l->first + k];
    double share = (double)map->envelope[at];
    double depth = section_depth_mm(section, lattice_u_mm(l, i), lattice_v_mm(l, j));
    if (depth > e->depth_mm) {
        e->depth_mm = depth;
        e->needed_depth_mm = (double)section->boundary_sd_mm;
    }
    e->volume_mm3 += share * lattice_voxel_mm3(l);
    e->tilt += share * acos(fmin(fabs(section->tangent.z), 1)) * 57.29577951308232;
    if (map->anatomy && isfinite(map->anatomy[at])) {
        e->anatomy += share * (double)map->anatomy[at];
        e->anatomy_weight += share;
    }
    for (int c = 0; c < map->n_views; c++) {
        e->signal[c] += share * (double)map->view[c].trust[at] * (double)map->view[c].inside[at];
        e->trust[c] += share * (double)map->view[c].trust[at];
    }
}

static bool confirmed_beyond_magic_angle(const TearMap *map, const Evidence *e)
{
    for (int c = 0; c < map->n_views; c++) {
        const SignalModel *model = &map->view[c].model;
        if (!model->magic_angle_risk && e->trust[c] > 0 && e->signal[c] > e->trust[c] * model->fluid_threshold)
            return true;
    }
    return false;
}

/* Brighter, in some series, than the magic angle makes a tendon there? */
static bool beyond_magic_angle(const TearMap *map, const Evidence *e)
{
    for (int c = 0; c < map->n_views; c++) {
        const SignalModel *model = &map->view[c].model;
        if (e->signal[c] > e->trust[c] * fmax(model->fluid_threshold, MAGIC_MOST * model->tendon_magic)) return true;
    }
    return false;
}

double needed_depth_mm(double boundary_sd_mm, double blur_mm)
{
    return DEPTH_SDS * hypot(boundary_sd_mm, blur_mm);
}

double bursa_sd_mm(bool at_heel, double s_mm)
{
    /* As far as src/segment/bursa.c looks for it, and as much as tendons differ in the thickness by which it tells
     * (THICKER_MM there). */
    static const double sd_mm = 0.5, from_mm = -2, to_mm = 22;
    return at_heel && s_mm >= from_mm && s_mm <= to_mm ? sd_mm : 0;
}

/* With the bursa's doubt, at the front that it lies on? */
static bool deep_at(const TearMap *map, size_t at, bool with_bursa, double blur_mm)
{
    const Lattice *l = &map->lattice;
    const Section *section = &map->shape->sections[l->first + (int)(at / lattice_slab(l))];
    double u = lattice_u_mm(l, (int)(at % (size_t)l->nu));
    double v = lattice_v_mm(l, (int)(at / (size_t)l->nu % (size_t)l->nv));
    double sd_mm = (double)section->boundary_sd_mm;
    if (with_bursa && v < 0) sd_mm = hypot(sd_mm, bursa_sd_mm(map->at_heel, section->s_mm));
    return section_depth_mm(section, u, v) >= needed_depth_mm(sd_mm, blur_mm);
}

bool pixel_deep(const TearMap *map, size_t at, double blur_mm)
{
    return deep_at(map, at, false, blur_mm);
}

bool pixel_deep_behind_bursa(const TearMap *map, size_t at, double blur_mm)
{
    return deep_at(map, at, true, blur_mm);
}

static bool is_tear(TearMap *map, const Evidence *e, const double blur_mm, Region *region)
{
    region->depth_mm = e->depth_mm;
    region->volume_mm3 = e->volume_mm3;
    region->tilt_deg = e->tilt * lattice_voxel_mm3(&map->lattice) / e->volume_mm3;
    double needed = needed_depth_mm(e->needed_depth_mm, blur_mm);
    if (e->depth_mm < needed) return false;
    if (map->anatomy && e->anatomy_weight > 0 && map->anatomy_model.fat > 0 &&
        e->anatomy / e->anatomy_weight > FAT_SHARE_T1 * map->anatomy_model.fat) {
        notes_add(&map->notes, "a bright region of %.0f mm3 has the T1 signal of fat and is not counted as a tear",
                  e->volume_mm3);
        return false;
    }
    if (region->tilt_deg > MAGIC_DEG[0] && region->tilt_deg < MAGIC_DEG[1] && !confirmed_beyond_magic_angle(map, e)) {
        bool beyond = beyond_magic_angle(map, e);
        notes_add(
            &map->notes,
            "possible magic angle: %.0f mm3 of raised signal at %.0f degrees to the main field, not confirmed by a "
            "series with TE of at least 37 ms or STIR, are %s",
            e->volume_mm3, region->tilt_deg,
            beyond ? "counted as a tear all the same: that angle does not make a tendon as bright"
                   : "not counted as a tear");
        region->magic_angle = true;
        return beyond;
    }
    return true;
}

/* The sharpest view's in-plane blur: outside fluid cannot look deeper than this allows. */
double in_plane_blur_mm(const TearMap *map)
{
    double best = INFINITY;
    for (int c = 0; c < map->n_views; c++)
        best = fmin(best, fmax(fmin(map->view[c].psf_mm[0], map->view[c].psf_mm[1]), 0.1));
    return best;
}

static void regions_keep(TearMap *map, const int *new_label, int n_found)
{
    size_t n = lattice_count(&map->lattice);
    for (size_t at = 0; at < n; at++) {
        int was = map->region_of[at];
        map->region_of[at] = was ? new_label[was] : 0;
        if (!was || new_label[was]) continue;
        map->class[at] = CLASS_RAISED;
        map->barred[at] = 1;
    }
    int kept = 0;
    for (int r = 1; r <= n_found; r++)
        if (new_label[r]) map->region[kept++] = map->region[r - 1];
    map->n_regions = kept;
}

int regions_find(TearMap *map, Error *error)
{
    size_t n = lattice_count(&map->lattice);
    int n_found = 0, kept = 0;
    unsigned char *mask = array_alloc(n, 1, error);
    if (!mask) return TENO_FAILED;
    for (size_t at = 0; at < n; at++) mask[at] = map->class[at] == CLASS_FLUID;
    int code = components_label(map->region_of, &n_found, mask, &map->lattice, error);
    free(mask);
    if (code) return code;
    Evidence *evidence = array_alloc((size_t)n_found + 1, sizeof *evidence, error);
    int *new_label = array_alloc((size_t)n_found + 1, sizeof *new_label, error);
    map->region = array_alloc((size_t)n_found + 1, sizeof *map->region, error);
    if (!evidence || !new_label || !map->region) code = TENO_FAILED;
    if (!code) {
        for (size_t at = 0; at < n; at++)
            if (map->region_of[at]) evidence_add(&evidence[map->region_of[at]], map, at);
        double blur = in_plane_blur_mm(map);
        for (int r = 1; r <= n_found; r++)
            if (is_tear(map, &evidence[r], blur, &map->region[r - 1])) new_label[r] = ++kept;
        regions_keep(map, new_label, n_found);
    }
    free(evidence);
    free(new_label);
    return code;
}

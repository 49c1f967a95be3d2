/*
 * The sharper date seen through the blunter one's eyes.
 *
 * A thin tear keeps its contrast in a sharp image and loses it in a blunt one; compared as they are, a change of
 * scanner looks like a change of the tear. Where the point spread of two series of one role differs by more than a
 * fifth, the sharper one is blurred by what is missing (Gaussians add in quadrature) before both are measured. The
 * envelope stays: its edge model already knows each image's blur. What cannot be matched is slices across each other
 * (axial against sagittal): in-plane blur is matched then, and the difference of plane is a warning.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compare/parts.h"
#include "teno/memory.h"

static const double sharper_ratio = 1.2; /* issue and measures.md: differences of more than 20 % */

enum { MAX_RADIUS = 24 };

/* Normalised half kernel w[0 … radius]; returns the radius. */
static int kernel_make(double *w, double sigma_vox)
{
    int radius = (int)ceil(3 * sigma_vox);
    if (radius > MAX_RADIUS) radius = MAX_RADIUS;
    double sum = 0;
    for (int i = 0; i <= radius; i++) {
        w[i] = exp(-i * i / (2 * sigma_vox * sigma_vox));
        sum += i ? 2 * w[i] : w[i];
    }
    for (int i = 0; i <= radius; i++) w[i] /= sum;
    return radius;
}

/* One line of n values `stride` apart, ends continued. */
static void line_blur(float *line, size_t stride, int n, const double *w, int radius, float *copy)
{
    for (int i = 0; i < n; i++) copy[i] = line[(size_t)i * stride];
    for (int i = 0; i < n; i++) {
        double sum = w[0] * (double)copy[i];
        for (int r = 1; r <= radius; r++) {
            int low = i - r < 0 ? 0 : i - r, high = i + r >= n ? n - 1 : i + r;
            sum += w[r] * ((double)copy[low] + (double)copy[high]);
        }
        line[(size_t)i * stride] = (float)sum;
    }
}

/* Blurs along one axis (0 x, 1 y, 2 z). */
static int vol_blur(Vol *vol, int axis, double sigma_vox, Error *error)
{
    const Grid *g = &vol->grid;
    const int n[3] = {g->nx, g->ny, g->nz}, outer = axis == 2 ? 1 : 2, inner = axis == 0 ? 1 : 0;
    const size_t stride[3] = {1, (size_t)g->nx, (size_t)g->nx * (size_t)g->ny};
    double w[MAX_RADIUS + 1];
    int radius = kernel_make(w, sigma_vox);
    float *copy = array_alloc((size_t)n[outer] * (size_t)n[axis], sizeof *copy, error);
    if (!copy) return TENO_FAILED;
#pragma omp parallel for schedule(static)
    for (int o = 0; o < n[outer]; o++)
        for (int i = 0; i < n[inner]; i++)
            line_blur(vol->data + (size_t)o * stride[outer] + (size_t)i * stride[inner], stride[axis], n[axis], w,
                      radius, copy + (size_t)o * (size_t)n[axis]);
    free(copy);
    return TENO_OK;
}

/* What blurring leaves of the noise: its acquired pixels are independent. */
static double noise_left(double sigma_mm, double acquired_mm)
{
    double w[MAX_RADIUS + 1], sum = 0, sigma = sigma_mm / acquired_mm;
    if (!(sigma > 0.2)) return 1;
    int radius = kernel_make(w, sigma);
    for (int i = 0; i <= radius; i++) sum += (i ? 2 : 1) * w[i] * w[i];
    return sqrt(sum);
}

static const Channel *channel_of_role(const Prepared *prepared, Role role)
{
    for (int i = 0; i < prepared->n_channels; i++)
        if (prepared->channel[i].series->role == role) return &prepared->channel[i];
    return NULL;
}

/* The point spread is estimated from the noise, and that scatters between visits of one protocol: where the voxels are
 * alike, only a difference beyond this scatter counts. */
static bool clearly_blunter(double wanted_mm, double own_mm, double wanted_voxel_mm, double own_voxel_mm)
{
    static const double scatter_ratio = 1.5;
    bool alike = wanted_voxel_mm <= sharper_ratio * own_voxel_mm && own_voxel_mm <= sharper_ratio * wanted_voxel_mm;
    return own_mm > 0 && wanted_mm > (alike ? scatter_ratio : sharper_ratio) * own_mm;
}

/* SD in mm to add along x, y, z of `sharp` to make it as blunt as `other`; 0 where it is not clearly sharper. In plane
 * both directions count as one: the two dates' rows need not run the same way. */
static bool blur_wanted(double sigma_mm[3], const Channel *sharp, const Channel *other)
{
    const Grid *gs = &sharp->vol.grid, *go = &other->vol.grid;
    double own = sqrt(sharp->psf_mm[0] * sharp->psf_mm[1]), wanted = sqrt(other->psf_mm[0] * other->psf_mm[1]);
    bool in_plane = clearly_blunter(wanted, own, sqrt(go->dx * go->dy), sqrt(gs->dx * gs->dy));
    bool through = sharp->series->plane == other->series->plane &&
                   clearly_blunter(other->psf_mm[2], sharp->psf_mm[2], go->dz, gs->dz);
    sigma_mm[0] = sigma_mm[1] = in_plane ? sqrt(wanted * wanted - own * own) : 0;
    sigma_mm[2] = through ? sqrt(other->psf_mm[2] * other->psf_mm[2] - sharp->psf_mm[2] * sharp->psf_mm[2]) : 0;
    return in_plane || through;
}

static int channel_blunt(Channel *channel, const double sigma_mm[3], Error *error)
{
    const double spacing[3] = {channel->vol.grid.dx, channel->vol.grid.dy, channel->vol.grid.dz};
    Vol vol;
    int code = vol_copy(&vol, &channel->vol, error);
    channel->vol = vol; /* owned by the copy from here on, also on failure (data NULL) */
    for (int a = 0; a < 3 && !code; a++) {
        if (!(sigma_mm[a] > 0)) continue;
        code = vol_blur(&channel->vol, a, sigma_mm[a] / spacing[a], error);
        double acquired = a < 2 && channel->acquired_mm[a] > 0 ? channel->acquired_mm[a] : spacing[a];
        channel->noise_sd *= noise_left(sigma_mm[a], acquired);
        channel->psf_mm[a] = hypot(channel->psf_mm[a], sigma_mm[a]);
    }
    return code;
}

int prepared_blunt(Prepared *out, bool *changed, const Prepared *own, const Prepared *other, Error *error)
{
    *changed = false;
    *out = (Prepared){.n_channels = own->n_channels};
    out->channel = array_alloc((size_t)own->n_channels, sizeof *out->channel, error);
    if (!out->channel) return TENO_FAILED;
    memcpy(out->channel, own->channel, (size_t)own->n_channels * sizeof *out->channel);
    for (int i = 0; i < own->n_channels; i++) {
        Channel *channel = &out->channel[i];
        const Channel *matched = channel_of_role(other, channel->series->role);
        double sigma_mm[3];
        if (!matched || !blur_wanted(sigma_mm, channel, matched)) continue;
        *changed = true;
        int code = channel_blunt(channel, sigma_mm, error);
        if (code) return code;
    }
    return TENO_OK;
}

void prepared_blunt_free(Prepared *blunt, const Prepared *own)
{
    for (int i = 0; blunt->channel && i < blunt->n_channels; i++)
        if (blunt->channel[i].vol.data != own->channel[i].vol.data) vol_free(&blunt->channel[i].vol);
    free(blunt->channel);
    *blunt = (Prepared){0};
}

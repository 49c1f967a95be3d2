/* Rigid registration of two volumes of 256 x 256 x 160 (scripts/bench):
 *   register make FOLDER           fixed.mhd, moving.mhd: a digital leg in two contrasts, moved, with coil fields and
 * noise register align FOLDER          reads both, aligns them, prints the mean target registration error in mm
 *   register error FOLDER FILE     the error of elastix's TransformParameters */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "leg.h"
#include "teno/register.h"

static const double spacing_mm = 0.7;

/* The second volume's leg in the first one's frame; also the answer wanted, fixed LPS → moving LPS. */
static Rigid true_motion(void)
{
    return rigid_from((Vec3){0.10, -0.07, 0.13}, (Vec3){6.3, -8.1, 5.2}, (Vec3){0, 0, 0});
}

static Grid bench_grid(void)
{
    return leg_grid(256, 256, 160, spacing_mm, spacing_mm, spacing_mm);
}

static FILE *open_in(const char *folder, const char *name, const char *mode)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, mode);
    if (!file) fprintf(stderr, "register: %s cannot be opened\n", path);
    return file;
}

/* MetaImage: a header beside raw floats. */
static bool image_write(const Vol *vol, const char *folder, const char *name)
{
    const Grid *g = &vol->grid;
    char file_name[64];
    snprintf(file_name, sizeof file_name, "%s.raw", name);
    FILE *raw = open_in(folder, file_name, "wb");
    bool ok = raw && fwrite(vol->data, sizeof(float), grid_count(g), raw) == grid_count(g);
    if (raw && fclose(raw) != 0) ok = false;
    snprintf(file_name, sizeof file_name, "%s.mhd", name);
    FILE *header = ok ? open_in(folder, file_name, "w") : NULL;
    if (!header) return false;
    fprintf(header,
            "ObjectType = Image\nNDims = 3\nDimSize = %d %d %d\nElementSpacing = %g %g %g\nOffset = %.9g %.9g %.9g\n"
            "ElementType = MET_FLOAT\nElementByteOrderMSB = False\nElementDataFile = %s.raw\n",
            g->nx, g->ny, g->nz, g->dx, g->dy, g->dz, g->origin_lps.x, g->origin_lps.y, g->origin_lps.z, name);
    return fclose(header) == 0;
}

static int image_make(const char *folder, const char *name, const LegSignal *signal, const Rigid *moved, double coil)
{
    Vol vol;
    Grid grid = bench_grid();
    if (vol_alloc(&vol, &grid, NULL)) return 1;
    leg_fill(&vol, signal, moved);
    for (int k = 0; k < grid.nz; k++)
        for (int j = 0; j < grid.ny; j++)
            for (int i = 0; i < grid.nx; i++)
                vol.data[grid_index(&grid, i, j, k)] *=
                    (float)leg_bias(&grid, coil, grid_to_lps(&grid, (Vec3){i, j, k}));
    leg_add_noise(&vol, 15, moved ? 2 : 1);
    bool ok = image_write(&vol, folder, name);
    vol_free(&vol);
    return !ok;
}

static int make(const char *folder)
{
    static const LegSignal t1 = {.air = 0, .fat = 460, .muscle = 200, .marrow = 340, .tendon = 10, .fluid = 110};
    static const LegSignal pd = {.air = 0, .fat = 300, .muscle = 210, .marrow = 240, .tendon = 20, .fluid = 420};
    Rigid motion = true_motion();
    return image_make(folder, "fixed", &t1, NULL, 1.5) || image_make(folder, "moving", &pd, &motion, 1.8);
}

/* Mean distance between the found and the true place of points spread over the volume. */
static double target_error(const Rigid *found)
{
    Rigid truth = true_motion();
    Grid g = bench_grid();
    double sum = 0, n = 0;
    for (int k = 8; k < g.nz; k += 16)
        for (int j = 8; j < g.ny; j += 16)
            for (int i = 8; i < g.nx; i += 16, n++) {
                Vec3 p = grid_to_lps(&g, (Vec3){i, j, k});
                sum += vec3_distance(rigid_apply(found, p), rigid_apply(&truth, p));
            }
    return sum / n;
}

static bool image_read(Vol *out, const char *folder, const char *name)
{
    Grid grid = bench_grid();
    FILE *raw = open_in(folder, name, "rb");
    bool ok = raw && vol_alloc(out, &grid, NULL) == TENO_OK;
    ok = ok && fread(out->data, sizeof(float), grid_count(&grid), raw) == grid_count(&grid);
    if (raw) fclose(raw);
    return ok;
}

static int align(const char *folder)
{
    Vol fixed = {0}, moving = {0};
    Registration found = {0};
    Error error = {0};
    bool ok = image_read(&fixed, folder, "fixed.raw") && image_read(&moving, folder, "moving.raw");
    if (ok && register_rigid(&found, &fixed, &moving, NULL, &error)) {
        fprintf(stderr, "register: %s\n", error.message);
        ok = false;
    }
    if (ok) printf("%.3f\n", target_error(&found.fixed_to_moving));
    vol_free(&fixed);
    vol_free(&moving);
    return ok ? 0 : 1;
}

/* The numbers of a line "(KEY a b c …)"; false when there are fewer than n. */
static bool parameter_read(double *out, int n, const char *text, const char *key)
{
    const char *at = strstr(text, key);
    if (!at) return false;
    at += strlen(key);
    for (int i = 0; i < n; i++) {
        char *end;
        out[i] = strtod(at, &end);
        if (end == at) return false;
        at = end;
    }
    return true;
}

/* ITK's Euler transform: R = Rz Rx Ry about a centre, then a shift. */
static int error_of_elastix(const char *path)
{
    char text[8192] = {0};
    double p[6], c[3];
    FILE *file = fopen(path, "r");
    size_t size = file ? fread(text, 1, sizeof text - 1, file) : 0;
    if (file) fclose(file);
    if (!size || !parameter_read(p, 6, text, "(TransformParameters ") ||
        !parameter_read(c, 3, text, "(CenterOfRotationPoint ")) {
        fprintf(stderr, "register: %s: no Euler transform of elastix\n", path);
        return 1;
    }
    Vec3 centre = {c[0], c[1], c[2]}, none = {0, 0, 0};
    Rigid x = rigid_from((Vec3){p[0], 0, 0}, none, centre), y = rigid_from((Vec3){0, p[1], 0}, none, centre);
    Rigid z = rigid_from((Vec3){0, 0, p[2]}, (Vec3){p[3], p[4], p[5]}, centre);
    Rigid zx = rigid_compose(&z, &x), found = rigid_compose(&zx, &y);
    printf("%.3f\n", target_error(&found));
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "make") == 0) return make(argv[2]);
    if (argc == 3 && strcmp(argv[1], "align") == 0) return align(argv[2]);
    if (argc == 4 && strcmp(argv[1], "error") == 0) return error_of_elastix(argv[3]);
    fprintf(stderr, "usage: register make|align FOLDER, register error FOLDER FILE\n");
    return 2;
}

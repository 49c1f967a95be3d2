#include "scene.h"

#include <stdlib.h>

#include "check.h"
#include "teno/memory.h"

void scene_open(Scene *scene, Grid grid, Scale scale, SceneSignal *signal, const void *what, int n_rings, Ring ring)
{
    grid.axis_x = vec3(1, 0, 0);
    grid.axis_y = vec3(0, 1, 0);
    grid.axis_z = vec3(0, 0, 1);
    *scene = (Scene){.scale = scale};
    scene->channel = (Channel){.series = &scene->series, .ref_to_channel = rigid_identity()};
    assert_int_equal(vol_alloc(&scene->channel.vol, &grid, NULL), 0);
    for (int k = 0; k < grid.nz; k++)
        for (int j = 0; j < grid.ny; j++)
            for (int i = 0; i < grid.nx; i++)
                scene->channel.vol.data[grid_index(&grid, i, j, k)] =
                    (float)signal(grid_to_lps(&grid, vec3(i, j, k)), what);
    scene->prepared = (Prepared){.channel = &scene->channel, .n_channels = 1};
    scene->images = (Images){&scene->prepared, &scene->scale, &scene->lattice};
    scene->tube = (Tube){.ring = array_alloc((size_t)n_rings, sizeof(Ring), NULL),
                         .n_rings = n_rings,
                         .step_mm = 1,
                         .radius_mm = array_alloc((size_t)n_rings * SECTION_POINTS, sizeof(double), NULL)};
    assert_true(scene->tube.ring && scene->tube.radius_mm);
    for (int k = 0; k < n_rings; k++) {
        scene->tube.ring[k] = ring;
        scene->tube.ring[k].frame.centre_lps = vec3_add(ring.frame.centre_lps, vec3(0, 0, k));
        scene->tube.ring[k].frame.tangent = vec3(0, 0, 1);
        scene->tube.ring[k].frame.u = vec3(1, 0, 0);
        scene->tube.ring[k].frame.v = vec3(0, 1, 0);
        for (int i = 0; i < SECTION_POINTS; i++) *scene_radius(scene, k, i) = ring.radius_mm;
    }
}

double *scene_radius(Scene *scene, int k, int point)
{
    return &scene->tube.radius_mm[k * SECTION_POINTS + point];
}

void scene_close(Scene *scene)
{
    vol_free(&scene->channel.vol);
    free(scene->tube.ring);
    free(scene->tube.radius_mm);
}

/* A straight tube along z in one series: the smallest thing that steps on an outline can be tried on. */
#ifndef TENO_TESTS_SCENE_H
#define TENO_TESTS_SCENE_H

#include "segment/tissue.h"
#include "segment/tube.h"

typedef struct Scene {
    Prepared prepared;
    Channel channel;
    Series series;
    Scale scale;
    Lattice lattice;
    Images images;
    Tube tube;
} Scene;

/* Signal in scanner units at a point of the reference frame, mm. */
typedef double SceneSignal(Vec3 p, const void *what);

/* Axes of the grid are set here, those of the patient. Rings stand at z = 0, 1, … mm, u along +x and v along +y; their
 * radius is that of the outline. */
void scene_open(Scene *scene, Grid grid, Scale scale, SceneSignal *signal, const void *what, int n_rings, Ring ring);
double *scene_radius(Scene *scene, int k, int point);
void scene_close(Scene *scene);

#endif

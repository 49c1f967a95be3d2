/* Distances in a binary image. */
#ifndef TENO_CHAMFER_H
#define TENO_CHAMFER_H

#ifdef __cplusplus
extern "C" {
#endif

enum { CHAMFER_FAR = 1 << 20, CHAMFER_PIXEL = 3 };

/* distance [ny][nx] holds 0 (the set) or CHAMFER_FAR; becomes each pixel's distance to the set in thirds of a pixel,
 * 8 % exact (3-4 chamfer; Borgefors, CVGIP 1986, doi:10.1016/S0734-189X(86)80047-0). Beyond the image is not the set.
 */
void chamfer_distance(int *distance, int nx, int ny);

#ifdef __cplusplus
}
#endif
#endif

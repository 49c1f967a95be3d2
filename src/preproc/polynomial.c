#include "preproc/polynomial.h"

enum { ORDER = 4, AXES = 3 };

static double unit_position(int i, int n)
{
    return n > 1 ? 2.0 * i / (n - 1) - 1 : 0;
}

void polynomial_terms(float term[POLYNOMIAL_TERMS], const Grid *grid, int i, int j, int k)
{
    const double at[AXES] = {unit_position(i, grid->nx), unit_position(j, grid->ny), unit_position(k, grid->nz)};
    double p[AXES][ORDER + 1];
    for (int a = 0; a < AXES; a++) {
        p[a][0] = 1;
        p[a][1] = at[a];
        for (int n = 1; n < ORDER; n++) p[a][n + 1] = ((2 * n + 1) * at[a] * p[a][n] - n * p[a][n - 1]) / (n + 1);
    }
    int t = 0;
    for (int order = 1; order <= ORDER; order++)
        for (int x = order; x >= 0; x--)
            for (int y = order - x; y >= 0; y--) term[t++] = (float)(p[0][x] * p[1][y] * p[2][order - x - y]);
}

int polynomial_order(int term)
{
    return term < 3 ? 1 : term < 9 ? 2 : term < POLYNOMIAL_TERMS_ORDER_3 ? 3 : 4;
}

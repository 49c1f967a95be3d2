/* Random numbers keyed by (seed, index): the same for any order of evaluation and any number of threads.
 * Mixing by SplitMix64's finaliser (Steele, Lea, Flood, OOPSLA 2014, doi:10.1145/2660193.2660195). */
#ifndef TENO_RANDOM_H
#define TENO_RANDOM_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

uint64_t random_bits(uint64_t seed, uint64_t index);
uint64_t random_seed(uint64_t seed, const char *stream); /* an independent seed for a named purpose */
double random_uniform(uint64_t seed, uint64_t index);    /* (0, 1) */
double random_between(uint64_t seed, uint64_t index, double low, double high);
double random_normal(uint64_t seed, uint64_t index); /* mean 0, SD 1 */

#ifdef __cplusplus
}
#endif
#endif

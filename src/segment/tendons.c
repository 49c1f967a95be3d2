/*
 * The anatomy table: one row a tendon. A new tendon is a new row; it works from a seed at once.
 *
 * Sizes are what a routine MR may show of a healthy or a diseased tendon, so they are wider than the published normal
 * ranges they start from. They bound the search and the plausibility of a result; they never enter a measurement.
 *   Achilles: thickness 4.9 ± 0.5 (normal) … 11.2 ± 3.3 mm (tendinopathy), width 14.7 ± 1.8 … 17.2 ± 3.1 mm, at the
 *     insertion 25.7 … 31.0 mm (Szaro 2021, doi:10.1038/s41598-021-85604-9); length to the medial gastrocnemius
 *     181 ± 25 mm (Rosso 2012). Torn ends may be thinner than any normal tendon; its least width is the
 *     normal one less three SDs.
 *   Peroneus longus: transverse 6.7 mm, range 2.8–10.1 (Cabral 2013, PMC3751327).
 *   Tibialis posterior: about 7.5 × 3.9 mm (Emekli, JCPSP 2022), about twice the FDL (Radsource 2005).
 *   The others have no published figure at hand: the widest range of their neighbours.
 * SNOMED codes: PS3.16 CID 12321 and CID 7166; where the standard lists none for the tendon, the tissue "Tendon".
 */
#include "teno/tendon.h"

#include <string.h>

#define TENDON_TISSUE "13024002", "Tendon"

const TendonSpec tendon_table[] = {
    {"achilles",
     "Achilles tendon",
     false,
     ORIGIN_INSERTION,
     {2.5, 20},
     {9.3, 36},
     {15, 260},
     "61352006",
     "Achilles tendon",
     true},
    {"peroneus_longus",
     "Peroneus longus tendon",
     true,
     ORIGIN_MALLEOLUS,
     {1, 8},
     {2, 12},
     {10, 250},
     TENDON_TISSUE,
     false},
    {"peroneus_brevis",
     "Peroneus brevis tendon",
     true,
     ORIGIN_MALLEOLUS,
     {0.8, 8},
     {2, 14},
     {10, 200},
     TENDON_TISSUE,
     false},
    {"tibialis_posterior",
     "Tibialis posterior tendon",
     true,
     ORIGIN_MALLEOLUS,
     {1.5, 10},
     {3, 16},
     {10, 250},
     TENDON_TISSUE,
     false},
    {"fdl", "Flexor digitorum longus tendon", true, ORIGIN_MALLEOLUS, {1, 8}, {2, 10}, {10, 250}, TENDON_TISSUE, false},
    {"fhl", "Flexor hallucis longus tendon", true, ORIGIN_MALLEOLUS, {1, 8}, {2, 10}, {10, 250}, TENDON_TISSUE, false},
    {"tibialis_anterior",
     "Tibialis anterior tendon",
     true,
     ORIGIN_JOINT_LINE,
     {1.5, 8},
     {3, 14},
     {10, 250},
     TENDON_TISSUE,
     false},
    {"patellar",
     "Patellar tendon",
     true,
     ORIGIN_DISTAL_IMAGE_EDGE,
     {2, 16},
     {10, 45},
     {15, 90},
     "18033002",
     "Patellar tendon",
     false},
    {"quadriceps",
     "Quadriceps tendon",
     true,
     ORIGIN_DISTAL_IMAGE_EDGE,
     {3, 16},
     {10, 55},
     {15, 120},
     TENDON_TISSUE,
     false},
};
const int tendon_count = sizeof tendon_table / sizeof tendon_table[0];

const TendonSpec *tendon_find(const char *name)
{
    for (int i = 0; i < tendon_count; i++)
        if (strcmp(tendon_table[i].name, name) == 0) return &tendon_table[i];
    return NULL;
}

/*
 * UIDs that follow from a text: the same text always gives the same UID, so that a rerun replaces and never multiplies.
 * Form: «2.25.» and the decimal value of a UUID (DICOM PS3.5 section B.2; RFC 9562 version 8, custom content).
 */
#include "teno/measure.h"

#include <stdio.h>

#include "teno/random.h"

/* 64 hashed bits of a text: FNV-1a (Fowler, Noll, Vo), finished by the project's mixer. */
static uint64_t text_hash(const char *text, uint64_t seed)
{
    uint64_t hash = 0xCBF29CE484222325u ^ random_bits(seed, 0);
    for (; *text; text++) hash = (hash ^ (unsigned char)*text) * 0x100000001B3u;
    return random_bits(hash, seed);
}

void uid_from_text(char uid[65], const char *text)
{
    uint64_t high = text_hash(text, 1), low = text_hash(text, 2);
    high = (high & ~(uint64_t)0xF000) | 0x8000;                                  /* version 8 */
    low = (low & ~((uint64_t)3 << 62)) | (uint64_t)2 << 62;                      /* variant of RFC 9562 */
    uint32_t limb[4] = {(uint32_t)(high >> 32), (uint32_t)high, (uint32_t)(low >> 32), (uint32_t)low};
    char digits[40];
    int at = sizeof digits - 1;
    digits[at] = '\0';
    do { /* long division of the 128-bit number by ten */
        uint64_t rest = 0;
        for (int i = 0; i < 4; i++) {
            rest = rest << 32 | limb[i];
            limb[i] = (uint32_t)(rest / 10);
            rest %= 10;
        }
        digits[--at] = (char)('0' + rest);
    } while (limb[0] | limb[1] | limb[2] | limb[3]);
    snprintf(uid, 65, "2.25.%s", digits + at);
}

#include "teno/hash.h"

#include <string.h>

/* Fractional parts of the cube roots of the first 64 primes (FIPS 180-4, section 4.2.2). */
static const uint32_t round_constant[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static uint32_t rotate_right(uint32_t x, int n)
{
    return x >> n | x << (32 - n);
}

/* One round on the variables a to h, of which only d and h change: the next round calls them e and a. */
static inline void mix_round(uint32_t *d, uint32_t *h, uint32_t a, uint32_t b, uint32_t c, uint32_t e, uint32_t f,
                             uint32_t g, uint32_t word)
{
    uint32_t big1 = rotate_right(e, 6) ^ rotate_right(e, 11) ^ rotate_right(e, 25);
    uint32_t big0 = rotate_right(a, 2) ^ rotate_right(a, 13) ^ rotate_right(a, 22);
    uint32_t choice = (e & f) ^ (~e & g), majority = (a & b) ^ (a & c) ^ (b & c);
    uint32_t t1 = *h + big1 + choice + word;
    *d += t1;
    *h = t1 + big0 + majority;
}

static void mix_block(uint32_t state[8], const unsigned char block[64])
{
    uint32_t w[64], s[8];
    for (int i = 0; i < 16; i++)
        w[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 | (uint32_t)block[4 * i + 2] << 8 |
               block[4 * i + 3];
    for (int i = 16; i < 64; i++) {
        uint32_t small0 = rotate_right(w[i - 15], 7) ^ rotate_right(w[i - 15], 18) ^ w[i - 15] >> 3;
        uint32_t small1 = rotate_right(w[i - 2], 17) ^ rotate_right(w[i - 2], 19) ^ w[i - 2] >> 10;
        w[i] = w[i - 16] + small0 + w[i - 7] + small1;
    }
    memcpy(s, state, sizeof s);
    /* Eight rounds bring every variable back to its place: then nothing needs to be moved. */
    for (int i = 0; i < 64; i += 8) {
        const uint32_t *k = round_constant + i, *v = w + i;
        mix_round(&s[3], &s[7], s[0], s[1], s[2], s[4], s[5], s[6], k[0] + v[0]);
        mix_round(&s[2], &s[6], s[7], s[0], s[1], s[3], s[4], s[5], k[1] + v[1]);
        mix_round(&s[1], &s[5], s[6], s[7], s[0], s[2], s[3], s[4], k[2] + v[2]);
        mix_round(&s[0], &s[4], s[5], s[6], s[7], s[1], s[2], s[3], k[3] + v[3]);
        mix_round(&s[7], &s[3], s[4], s[5], s[6], s[0], s[1], s[2], k[4] + v[4]);
        mix_round(&s[6], &s[2], s[3], s[4], s[5], s[7], s[0], s[1], k[5] + v[5]);
        mix_round(&s[5], &s[1], s[2], s[3], s[4], s[6], s[7], s[0], k[6] + v[6]);
        mix_round(&s[4], &s[0], s[1], s[2], s[3], s[5], s[6], s[7], k[7] + v[7]);
    }
    for (int i = 0; i < 8; i++) state[i] += s[i];
}

void sha256_init(Sha256 *hash)
{
    static const uint32_t start[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    memset(hash, 0, sizeof *hash);
    memcpy(hash->state, start, sizeof start);
}

void sha256_add(Sha256 *hash, const void *bytes, size_t size)
{
    const unsigned char *next = bytes;
    while (size > 0) {
        size_t used = hash->length % 64, part = size < 64 - used ? size : 64 - used;
        memcpy(hash->block + used, next, part);
        hash->length += part;
        next += part;
        size -= part;
        if (used + part == 64) mix_block(hash->state, hash->block);
    }
}

void sha256_add_text(Sha256 *hash, const char *text)
{
    if (!text) text = "";
    sha256_add(hash, text, strlen(text) + 1);
}

void sha256_finish(Sha256 *hash, unsigned char digest[SHA256_BYTES])
{
    static const unsigned char padding[64] = {0x80};
    uint64_t bits = hash->length * 8;
    size_t used = hash->length % 64;
    unsigned char length[8];
    for (int i = 0; i < 8; i++) length[i] = (unsigned char)(bits >> (56 - 8 * i));
    sha256_add(hash, padding, used < 56 ? 56 - used : 120 - used);
    sha256_add(hash, length, sizeof length);
    for (int i = 0; i < SHA256_BYTES; i++) digest[i] = (unsigned char)(hash->state[i / 4] >> (24 - 8 * (i % 4)));
}

void sha256_hex(const unsigned char digest[SHA256_BYTES], char hex[SHA256_HEX_SIZE])
{
    static const char digits[] = "0123456789abcdef";
    for (int i = 0; i < SHA256_BYTES; i++) {
        hex[2 * i] = digits[digest[i] >> 4];
        hex[2 * i + 1] = digits[digest[i] & 15];
    }
    hex[2 * SHA256_BYTES] = '\0';
}

/* SHA-256 (FIPS 180-4): names things by their content, never by time or place. */
#ifndef TENO_HASH_H
#define TENO_HASH_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { SHA256_BYTES = 32, SHA256_HEX_SIZE = 65 };

typedef struct Sha256 {
    uint32_t state[8];
    uint64_t length; /* bytes so far */
    unsigned char block[64];
} Sha256;

void sha256_init(Sha256 *hash);
void sha256_add(Sha256 *hash, const void *bytes, size_t size);
/* Adds the text with its terminating zero, so that ("ab", "c") and ("a", "bc") differ. NULL counts as "". */
void sha256_add_text(Sha256 *hash, const char *text);
void sha256_finish(Sha256 *hash, unsigned char digest[SHA256_BYTES]);
void sha256_hex(const unsigned char digest[SHA256_BYTES], char hex[SHA256_HEX_SIZE]);

#ifdef __cplusplus
}
#endif
#endif

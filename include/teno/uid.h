/* DICOM UIDs derived from content: the same input and options give the same UID, so that a rerun replaces an object in
 * an archive and never multiplies it. Root 2.25 (PS3.5 B.2): the decimal of a UUID; here one of version 8 (RFC 9562,
 * "custom") made of the first 128 bits of a SHA-256. */
#ifndef TENO_UID_H
#define TENO_UID_H

#include <stdbool.h>

#include "teno/hash.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { UID_SIZE = 65 };

/* UID of a text: write everything the object depends on into it. */
void uid_from_text(char uid[UID_SIZE], const char *text);
/* UID of what was added to `hash`, which is finished by this call. */
void uid_from_hash(char uid[UID_SIZE], Sha256 *hash);
/* Printf-formatted text; a text of any length counts in full. */
void uid_derive(char uid[UID_SIZE], const char *format, ...)
#if defined(__GNUC__)
    __attribute__((format(printf, 2, 3)))
#endif
    ;
/* Digits and single dots, no leading zeros in a component, at most 64 characters (PS3.5 section 9.1). */
bool uid_valid(const char *uid);

#ifdef __cplusplus
}
#endif
#endif

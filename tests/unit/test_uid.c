/* SHA-256 against the vectors of FIPS 180-4; UIDs are valid, repeatable and spread. */
#include "check.h"

#include <string.h>

#include "teno/uid.h"

static void check_sha256(const char *text, size_t repeats, const char *wanted)
{
    Sha256 hash;
    unsigned char digest[SHA256_BYTES];
    char hex[SHA256_HEX_SIZE];
    sha256_init(&hash);
    for (size_t i = 0; i < repeats; i++) sha256_add(&hash, text, strlen(text));
    sha256_finish(&hash, digest);
    sha256_hex(digest, hex);
    assert_string_equal(hex, wanted);
}

static void sha256_matches_published_vectors(void **state)
{
    (void)state;
    check_sha256("", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    check_sha256("abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    check_sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
                 "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    check_sha256("aaaaaaaaaa", 100000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

static void uid_is_the_decimal_of_a_uuid(void **state)
{
    (void)state;
    char uid[UID_SIZE], again[UID_SIZE], other[UID_SIZE];
    uid_from_text(uid, "abc");
    /* python: b = bytearray(hashlib.sha256(b"abc").digest()[:16]); b[6] = b[6] & 15 | 128; b[8] = b[8] & 63 | 128 */
    assert_string_equal(uid, "2.25.247859944228867097191300499870369849891");
    assert_true(uid_valid(uid));
    uid_derive(again, "%s", "abc");
    assert_string_equal(uid, again);
    uid_from_text(other, "abd");
    assert_string_not_equal(uid, other);
}

static void long_texts_count_in_full(void **state)
{
    (void)state;
    char text[2000], a[UID_SIZE], b[UID_SIZE];
    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = '\0';
    uid_derive(a, "%s", text);
    text[sizeof text - 2] = 'y';
    uid_derive(b, "%s", text);
    assert_string_not_equal(a, b);
}

static void invalid_uids_are_seen(void **state)
{
    (void)state;
    assert_true(uid_valid("1.2.840.0.10008"));
    assert_false(uid_valid(""));
    assert_false(uid_valid("1..2"));
    assert_false(uid_valid("1.02"));
    assert_false(uid_valid("1.2."));
    assert_false(uid_valid("1.2a"));
    assert_false(uid_valid("1.23456789012345678901234567890123456789012345678901234567890123456789"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sha256_matches_published_vectors),
        cmocka_unit_test(uid_is_the_decimal_of_a_uuid),
        cmocka_unit_test(long_texts_count_in_full),
        cmocka_unit_test(invalid_uids_are_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

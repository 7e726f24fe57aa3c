/* codec/seal.h — everything secret: random bytes, keyed hashes, authenticated encryption (libsodium).
 *
 *     ut_key key;
 *     ut_seal_random(key.bytes, sizeof key.bytes);
 *     ut_seal_close(&sealed, &key, plain, context);             // appends nonce + ciphertext + tag
 *     st = ut_seal_open(&plain, &key, sealed, context, &err);   // UT_CORRUPT when key, bytes or context differ
 *
 * Box format: 24 bytes nonce (random), ciphertext, 16 bytes tag: XChaCha20-Poly1305-IETF. `context` is authenticated
 * but not stored: it ties a box to its place, so that two sealed cells can't be swapped. Thread-safe.
 */
#ifndef UT_CODEC_SEAL_H
#define UT_CODEC_SEAL_H

#include "base/base.h"

typedef struct ut_key {
    unsigned char bytes[32];
} ut_key;

/* 128 bits of a keyed hash: for identifiers that must be comparable but not reversible by guessing. */
typedef struct ut_digest {
    unsigned char bytes[16];
} ut_digest;

#define UT_SEAL_OVERHEAD 40 /* nonce and tag */

/* Must be called once before the others, from any thread; UT_IO when the system has no randomness. */
UT_MUST_CHECK ut_status ut_seal_start(ut_err *err);
void ut_seal_random(void *to, size_t size_bytes);
/* A key for one purpose (at most 8 letters), from a master key: BLAKE2b-based KDF, so that purposes can't be mixed up.
 */
ut_key ut_seal_derive(const ut_key *master, const char *purpose, uint64_t number);
/* Keyed BLAKE2b-128 over the parts, each preceded by its length, so that ("ab","c") and ("a","bc") differ. */
ut_digest ut_seal_digest(const ut_key *key, const ut_str *parts, size_t count);
bool ut_digest_eq(const ut_digest *a, const ut_digest *b);
static inline ut_str ut_digest_str(const ut_digest *digest)
{
    return (ut_str){(const char *)digest->bytes, sizeof digest->bytes};
}
/* Appends the sealed form of `plain`; failure shows in to->failed. */
void ut_seal_close(ut_buf *to, const ut_key *key, ut_str plain, ut_str context);
/* Appends the plain form of `sealed`. UT_CORRUPT, or what to->failed says. */
UT_MUST_CHECK ut_status ut_seal_open(ut_buf *to, const ut_key *key, ut_str sealed, ut_str context, ut_err *err);
/* true in the test-only build that seals without encrypting: whoever prints says so, loudly. */
bool ut_seal_is_off(void);
/* Overwrites a secret in a way the compiler keeps. */
void ut_seal_wipe(void *secret, size_t size_bytes);

/* Zeroed memory for the few keys that live long: not swapped (as far as the system lets us), not in core dumps, and
 * zeros in a forked child, who has no business with them. NULL when memory ends. */
void *ut_seal_page(size_t size_bytes);
/* Wipes it and gives it back; returns NULL. NULL is fine. */
void *ut_seal_page_free(void *page, size_t size_bytes);

/* 64 hex digits and back, for key files; white space around is allowed when reading. */
void ut_key_to_hex(char out[65], const ut_key *key);
bool ut_key_from_hex(ut_key *ret, ut_str hex);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include "os/auth.h"

#include "base/base.h"
#include "os/siphash.h"

#include <crypt.h>
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>

struct ifm_auth {
    char *user;
    char *hash;
    ifm_siphash_key key;
    pthread_mutex_t lock; /* protects the fields below */
    uint64_t granted;     /* hash of the credentials that were right last; 0: none yet */
    uint64_t denied[IFM_AUTH_DENIED_MAX];
    size_t denied_next; /* the oldest, replaced next */
};

typedef struct credentials {
    char bytes[IFM_AUTH_HEADER_BYTES_MAX]; /* "user:password", terminated */
    char *user;
    char *password;
} credentials;

static const char crypt_digits[] = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/* A hash is METHOD, settings, '$', digest; bcrypt has its salt where others have the digest alone. */
static bool hash_has_shape(const char *hash)
{
    static const struct {
        const char *method;
        size_t digest_size;
    } methods[] = {{"$2a$", 53}, {"$2b$", 53}, {"$2y$", 53}, {"$y$", 43},
                   {"$gy$", 43}, {"$7$", 43},  {"$6$", 86},  {"$5$", 43}};
    for (size_t i = 0; i < IFM_COUNT_OF(methods); i++) {
        if (strncmp(hash, methods[i].method, strlen(methods[i].method)) == 0) {
            const char *digest = strrchr(hash, '$') + 1;
            return strlen(digest) == methods[i].digest_size &&
                   strspn(digest, crypt_digits) == methods[i].digest_size;
        }
    }
    return false;
}

static bool auth_check_options(const char *user, const char *hash, ifm_error *err)
{
    if (user[0] == '\0' || strchr(user, ':') != NULL) {
        return ifm_error_set(err, IFM_INVALID, "user \"%.60s\" %s", user,
                             user[0] == '\0' ? "is empty" : "has a colon, which ends a user's name in HTTP");
    }
    /* The hash is not quoted: it is a secret. */
    if (!hash_has_shape(hash) || crypt_checksalt(hash) == CRYPT_SALT_INVALID ||
        crypt_checksalt(hash) == CRYPT_SALT_METHOD_DISABLED) {
        return ifm_error_set(err, IFM_INVALID,
                             "the password hash of user \"%.60s\" is neither bcrypt nor yescrypt nor SHA-512 "
                             "of crypt(3); hint: make one with: mkpasswd -m bcrypt",
                             user);
    }
    return true;
}

static bool key_make(ifm_siphash_key *key, ifm_error *err)
{
    ssize_t size;
    do {
        size = getrandom(key->words, sizeof key->words, 0);
    } while (size < 0 && errno == EINTR);
    if (size != (ssize_t)sizeof key->words) {
        return ifm_error_errno(err, IFM_IO, errno, "could not get random bytes");
    }
    return true;
}

ifm_auth *ifm_auth_new(const char *user, const char *password_hash, ifm_error *err)
{
    if (!auth_check_options(user, password_hash, err)) {
        return NULL;
    }
    ifm_auth *auth = ifm_alloc_zero(1, sizeof *auth);
    if (auth == NULL) {
        ifm_error_nomem(err);
        return NULL;
    }
    pthread_mutex_init(&auth->lock, NULL);
    auth->user = ifm_copy_text(user);
    auth->hash = ifm_copy_text(password_hash);
    if (auth->user == NULL || auth->hash == NULL) {
        ifm_error_nomem(err);
        ifm_auth_free(auth);
        return NULL;
    }
    if (!key_make(&auth->key, err)) {
        ifm_auth_free(auth);
        return NULL;
    }
    return auth;
}

void ifm_auth_free(ifm_auth *auth)
{
    if (auth == NULL) {
        return;
    }
    ifm_free(auth->user);
    ifm_free(auth->hash);
    ifm_free(auth);
}

static int base64_value(char c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *found = c == '\0' ? NULL : strchr(digits, c);
    return found == NULL ? -1 : (int)(found - digits);
}

/* Decodes base64 with its padding; the result is shorter than `text`. False when it is none. */
static bool base64_decode(const char *text, size_t size, char *out, size_t *out_size)
{
    if (size == 0 || size % 4 != 0) {
        return false;
    }
    size_t padding = text[size - 1] != '=' ? 0 : text[size - 2] != '=' ? 1 : 2;
    uint32_t bits = 0;
    size_t count = 0;
    for (size_t i = 0; i < size - padding; i++) {
        int value = base64_value(text[i]);
        if (value < 0) {
            return false;
        }
        bits = bits << 6 | (uint32_t)value;
        if (i % 4 != 0) {
            out[count++] = (char)(bits >> (6 - 2 * (i % 4)));
        }
    }
    *out_size = count;
    return true;
}

/* The credentials of "Basic BASE64", terminated and trimmed; NULL when there are none. */
static const char *header_token(const char *header, size_t *size)
{
    static const char scheme[] = "Basic ";
    if (header == NULL || strncasecmp(header, scheme, sizeof scheme - 1) != 0) {
        return NULL;
    }
    const char *token = header + sizeof scheme - 1;
    token += strspn(token, " ");
    *size = strcspn(token, " \t");
    return *size > 0 && *size < IFM_AUTH_HEADER_BYTES_MAX ? token : NULL;
}

/* False when they cannot be right whatever the password is: crypt(3) would read up to a NUL only. */
static bool credentials_parse(const char *token, size_t token_size, credentials *out)
{
    size_t size;
    if (!base64_decode(token, token_size, out->bytes, &size) || memchr(out->bytes, '\0', size) != NULL) {
        return false;
    }
    out->bytes[size] = '\0';
    char *colon = strchr(out->bytes, ':');
    if (colon == NULL) {
        return false;
    }
    *colon = '\0';
    out->user = out->bytes;
    out->password = colon + 1;
    return true;
}

/* Takes a time that depends on the length of `given` alone: A2. */
static bool text_equals(const char *given, const char *secret)
{
    size_t size = strlen(given), secret_size = strlen(secret);
    unsigned difference = size != secret_size;
    for (size_t i = 0; i < size; i++) {
        difference |= (unsigned char)given[i] ^ (unsigned char)secret[i % (secret_size + 1)];
    }
    return difference == 0;
}

/* One crypt(3), whoever the user is: A1. */
static bool credentials_match(const ifm_auth *auth, const credentials *given, bool *out_of_memory)
{
    struct crypt_data *data = ifm_alloc_zero(1, sizeof *data);
    *out_of_memory = data == NULL;
    if (data == NULL) {
        return false;
    }
    const char *hash = crypt_r(given->password, auth->hash, data);
    bool right_password = hash != NULL && text_equals(hash, auth->hash);
    bool right_user = text_equals(given->user, auth->user);
    explicit_bzero(data, sizeof *data);
    ifm_free(data);
    return (right_password & right_user) != 0;
}

static ifm_verdict auth_lookup(ifm_auth *auth, uint64_t digest)
{
    ifm_verdict verdict = IFM_UNDECIDED;
    pthread_mutex_lock(&auth->lock);
    if (digest == auth->granted) {
        verdict = IFM_GRANTED;
    }
    for (size_t i = 0; i < IFM_AUTH_DENIED_MAX && verdict == IFM_UNDECIDED; i++) {
        if (digest == auth->denied[i]) {
            verdict = IFM_DENIED;
        }
    }
    pthread_mutex_unlock(&auth->lock);
    return verdict;
}

static void auth_remember(ifm_auth *auth, uint64_t digest, bool granted)
{
    pthread_mutex_lock(&auth->lock);
    if (granted) {
        auth->granted = digest;
    } else {
        auth->denied[auth->denied_next] = digest;
        auth->denied_next = (auth->denied_next + 1) % IFM_AUTH_DENIED_MAX;
    }
    pthread_mutex_unlock(&auth->lock);
}

/* 0 marks an empty place of the memory, so no digest is 0. */
static uint64_t token_digest(const ifm_auth *auth, const char *token, size_t size)
{
    uint64_t digest = ifm_siphash(&auth->key, token, size);
    return digest == 0 ? 1 : digest;
}

ifm_verdict ifm_auth_recall(ifm_auth *auth, const char *header)
{
    size_t size;
    const char *token = header_token(header, &size);
    return token == NULL ? IFM_DENIED : auth_lookup(auth, token_digest(auth, token, size));
}

ifm_verdict ifm_auth_verify(ifm_auth *auth, const char *header)
{
    size_t size;
    const char *token = header_token(header, &size);
    if (token == NULL) {
        return IFM_DENIED;
    }
    uint64_t digest = token_digest(auth, token, size);
    /* Several scrapes may have waited for the same verdict: the first one found it. */
    ifm_verdict known = auth_lookup(auth, digest);
    if (known != IFM_UNDECIDED) {
        return known;
    }
    credentials given;
    bool out_of_memory = false;
    bool granted = credentials_parse(token, size, &given) && credentials_match(auth, &given, &out_of_memory);
    explicit_bzero(&given, sizeof given);
    if (!out_of_memory) {
        auth_remember(auth, digest, granted);
    }
    return granted ? IFM_GRANTED : IFM_DENIED;
}

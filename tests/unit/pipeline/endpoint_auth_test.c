/* SPDX-License-Identifier: Apache-2.0
 *
 * Basic authentication: the verdicts, the memory for them, and what a client sees.
 */
#include "os/os.h"

#include "unit/pipeline/endpoint_client.h"

#include <crypt.h>

/* The hash of "open sesame" by a cheap setting of each method. */
static const char *hash_of(const char *setting)
{
    static struct crypt_data data;
    return crypt_r("open sesame", setting, &data);
}

static const char sha512[] = "$6$rounds=1000$saltsalt$";

static void auth_takes_strong_hashes_only(void **state)
{
    static const struct {
        const char *setting, *hash; /* one of both */
        bool want;
        const char *why;
    } rows[] = {
        {"$2b$04$abcdefghijklmnopqrstuu", NULL, true, "bcrypt"},
        {"$2y$04$abcdefghijklmnopqrstuu", NULL, true, "bcrypt as htpasswd writes it"},
        {"$y$j75$saltsaltsalt", NULL, true, "yescrypt"},
        {sha512, NULL, true, "SHA-512"},
        {"$5$rounds=1000$saltsalt", NULL, true, "SHA-256"},
        {NULL, "", false, "nothing"},
        {NULL, "secret", false, "the password itself"},
        {NULL, "*", false, "a locked account of /etc/shadow"},
        {NULL, "!$6$saltsalt$x", false, "locked too"},
        {NULL, "$6$saltsalt$tooshort", false, "cut"},
        {NULL, "$2y$04$abcdefghijklmnopqrstuu", false, "a setting without its digest"},
        {NULL, "$1$saltsalt$qjXMvbEw8oaL.CzflDtaK/", false, "MD5"},
        {NULL, "ab1PtmhKsQs4w", false, "DES"},
        {NULL, "$9$saltsalt$abc", false, "a method that there is not"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ifm_error err = {0};
        const char *hash = rows[i].hash != NULL ? rows[i].hash : hash_of(rows[i].setting);
        ifm_auth *auth = ifm_auth_new("ann", hash, &err);
        if (!check_report((auth != NULL) == rows[i].want, __FILE__, __LINE__)) {
            fprintf(stderr, "%s: %s\n", rows[i].why, err.message);
        }
        if (auth == NULL) {
            CHECK_INT(err.code, IFM_INVALID);
            CHECK(hash[0] == '\0' || strstr(err.message, hash) == NULL || strlen(hash) < 3); /* a secret */
        }
        ifm_auth_free(auth);
    }
    check_end();
}

static void auth_refuses_users_that_http_cannot_name(void **state)
{
    ifm_error err = {0};
    (void)state;
    CHECK(ifm_auth_new("", hash_of(sha512), &err) == NULL);
    CHECK_TEXT(err.message, "user \"\" is empty");
    CHECK(ifm_auth_new("a:b", hash_of(sha512), &err) == NULL);
    CHECK_CONTAINS(err.message, "colon");
    check_end();
}

/* base64 of: ann:open sesame */
#define RIGHT "Basic YW5uOm9wZW4gc2VzYW1l"

static const struct {
    const char *header;
    ifm_verdict want;
    const char *why;
} headers[] = {
    {RIGHT, IFM_GRANTED, "right"},
    {"basic YW5uOm9wZW4gc2VzYW1l", IFM_GRANTED, "a scheme has no case"},
    {"BASIC   YW5uOm9wZW4gc2VzYW1l ", IFM_GRANTED, "spaces"},
    {NULL, IFM_DENIED, "no header"},
    {"", IFM_DENIED, "empty"},
    {"Basic", IFM_DENIED, "no credentials"},
    {"Basic ", IFM_DENIED, "no credentials"},
    {"Bearer YW5uOm9wZW4gc2VzYW1l", IFM_DENIED, "another scheme"},
    {"Basic YW5uOm9wZW4gc2VzYW1", IFM_DENIED, "cut base64"},
    {"Basic YW5uOm9wZW4gc2VzYW1lYQ==", IFM_DENIED, "open sesamea"},
    {"Basic YW5uOm9wZW4gc2VzYW0=", IFM_DENIED, "open sesam"},
    {"Basic YW5uOm9wZW4gc2VzYW1lAHg=", IFM_DENIED, "open sesame, NUL, x"},
    {"Basic Ym9iOm9wZW4gc2VzYW1l", IFM_DENIED, "bob"},
    {"Basic YW5uYTpvcGVuIHNlc2FtZQ==", IFM_DENIED, "anna"},
    {"Basic YW46b3BlbiBzZXNhbWU=", IFM_DENIED, "an"},
    {"Basic Om9wZW4gc2VzYW1l", IFM_DENIED, "no user"},
    {"Basic YW5uOg==", IFM_DENIED, "no password"},
    {"Basic YW5u", IFM_DENIED, "no colon"},
    {"Basic YW5u!!!!", IFM_DENIED, "no base64"},
    {"Basic ====", IFM_DENIED, "padding alone"},
    {"Basic =", IFM_DENIED, "padding alone"},
};

static void auth_decides_and_remembers(void **state)
{
    ifm_error err = {0};
    (void)state;
    ifm_auth *auth = ifm_auth_new("ann", hash_of(sha512), &err);
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
        ifm_verdict got = ifm_auth_verify(auth, headers[i].header);
        if (!check_report(got == headers[i].want, __FILE__, __LINE__)) {
            fprintf(stderr, "%s: %d\n", headers[i].why, got);
        }
        CHECK_INT(ifm_auth_recall(auth, headers[i].header), headers[i].want);
    }
    CHECK_INT(ifm_auth_recall(auth, "Basic bmV2ZXI6c2Vlbg=="), IFM_UNDECIDED);
    ifm_auth_free(auth);
    check_end();
}

static void auth_forgets_the_oldest_wrong_credentials_only(void **state)
{
    ifm_error err = {0};
    (void)state;
    ifm_auth *auth = ifm_auth_new("ann", hash_of(sha512), &err);
    CHECK_INT(ifm_auth_verify(auth, RIGHT), IFM_GRANTED);
    for (int i = 0; i <= IFM_AUTH_DENIED_MAX; i++) {
        char header[32];
        snprintf(header, sizeof header, "Basic AA%02d", i);
        CHECK_INT(ifm_auth_recall(auth, header), IFM_UNDECIDED);
        CHECK_INT(ifm_auth_verify(auth, header), IFM_DENIED);
    }
    CHECK_INT(ifm_auth_recall(auth, "Basic AA00"), IFM_UNDECIDED);
    CHECK_INT(ifm_auth_recall(auth, "Basic AA01"), IFM_DENIED);
    CHECK_INT(ifm_auth_recall(auth, RIGHT), IFM_GRANTED);
    ifm_auth_free(auth);
    check_end();
}

/* What clients see: header, path, status. */
static void endpoint_asks_for_credentials(void **state)
{
    static const struct {
        const char *path;
        int status;      /* without the right credentials */
        int status_with; /* with them */
    } paths[] = {{"/metrics", 401, 200}, {"/", 401, 200}, {"/nowhere", 401, 404}, {"/-/healthy", 200, 200}};
    (void)state;
    ifm_registry *registry = registry_open();
    ifm_endpoint *endpoint = endpoint_open(
        registry,
        (ifm_endpoint_options){.user = "ann", .password_hash = hash_of("$2b$04$abcdefghijklmnopqrstuu")});
    int port = ifm_endpoint_port(endpoint);
    for (int round = 0; round < 2; round++) { /* the second one is answered from memory */
        for (size_t p = 0; p < sizeof paths / sizeof paths[0]; p++) {
            for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
                char line[256] = "";
                if (headers[i].header != NULL) {
                    snprintf(line, sizeof line, "Authorization: %s\r\n", headers[i].header);
                }
                reply got = client_call(port, "GET", paths[p].path, line);
                int want = headers[i].want == IFM_GRANTED ? paths[p].status_with : paths[p].status;
                CHECK_INT(got.status, want);
                if (want == 401) {
                    CHECK_TEXT(reply_header(&got, "WWW-Authenticate"),
                               "Basic realm=\"Inferometer\", charset=\"UTF-8\"");
                    CHECK(strstr(got.text, "queue_pages") == NULL);
                }
                reply_free(&got);
            }
        }
    }
    reply got = client_call(port, "POST", "/metrics", "Authorization: " RIGHT "\r\n");
    CHECK_INT(got.status, 405);
    reply_free(&got);
    ifm_endpoint_stop(endpoint);
    ifm_registry_free(registry);
    check_end();
}

static void endpoint_refuses_auth_options_that_do_not_fit(void **state)
{
    static const struct {
        ifm_endpoint_options options;
        const char *message;
    } rows[] = {
        {{.user = "ann"}, "user is given without password_hash"},
        {{.password_hash = "x"}, "password_hash is given without user"},
        {{.user = "ann", .password_hash = "secret"}, "neither bcrypt nor yescrypt nor SHA-512"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ifm_error err = {0};
        CHECK(ifm_endpoint_start(NULL, &rows[i].options, &err) == NULL);
        CHECK_INT(err.code, IFM_INVALID);
        CHECK_CONTAINS(err.message, rows[i].message);
    }
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(auth_takes_strong_hashes_only),
        cmocka_unit_test(auth_refuses_users_that_http_cannot_name),
        cmocka_unit_test(auth_decides_and_remembers),
        cmocka_unit_test(auth_forgets_the_oldest_wrong_credentials_only),
        cmocka_unit_test(endpoint_asks_for_credentials),
        cmocka_unit_test(endpoint_refuses_auth_options_that_do_not_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

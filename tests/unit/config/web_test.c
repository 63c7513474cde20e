/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "config/config.h"
#include "scratch.h"
#include "torture.h"

static const char hash[] = "$2y$10$UOauBgvpN8KHYfTcbYEEmuvyUBMS7ZqhxGWyQLsYxcgpoQE4fGdvG";

static const config_web *load(const char *text, ifm_error *err)
{
    char path[128];
    snprintf(path, sizeof path, "%s/web.yml", scratch);
    FILE *file = fopen(path, "w");
    fputs(text, file);
    fclose(file);
    *err = (ifm_error){0};
    return config_web_load(path, err);
}

static void web_config_is_read(void **state)
{
    (void)state;
    char text[1024];
    ifm_error err;
    snprintf(text, sizeof text,
             "tls_server_config: {cert_file: c.pem, key_file: /k.pem, min_version: TLS13}\n"
             "http_server_config: {http2: false, headers: {X-Frame-Options: deny}}\n"
             "basic_auth_users: {alice: %s}\n",
             hash);
    const config_web *web = load(text, &err);
    if (web == NULL) {
        fail_msg("%s", err.message);
    }
    CHECK_CONTAINS(web->cert_file, scratch);
    CHECK_CONTAINS(web->cert_file, "/c.pem");
    CHECK_TEXT(web->key_file, "/k.pem");
    CHECK_TEXT(web->client_auth_type, "NoClientCert");
    CHECK_TEXT(web->min_version, "TLS13");
    CHECK(web->no_http2);
    CHECK_INT(web->user_count, 1);
    CHECK_TEXT(web->users[0].name, "alice");
    CHECK_TEXT(web->users[0].hash, hash);
    CHECK_TEXT(web->headers[0].value.data, "deny");
    config_web_free(web);
    web = load("", &err);
    CHECK(web != NULL && web->user_count == 0 && web->cert_file == NULL);
    config_web_free(web);
    check_end();
}

static void web_config_says_what_is_wrong(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"tls_server_config: {cert_file: a}\n", ":1:20: \"tls_server_config\" wants \"key_file\""},
        {"tls_server_config: {cert_file: a, key_file: b, client_auth_type: X}\n",
         "client_auth_type \"X\" is none"},
        {"tls_server_config: {cert_file: a, key_file: b, client_auth_type: RequireAndVerifyClientCert}\n",
         "wants a \"client_ca_file\""},
        {"tls_server_config: {cert_file: a, key_file: b, cipher_suites: []}\n",
         "of Prometheus is not supported"},
        {"tls_server_config: {cert_file: a, key_file: b, min_version: TLS11}\n",
         "\"min_version\" cannot be TLS11: versions of TLS before 1.2 are broken, and not served; hint: "
         "TLS12"},
        {"tls_server_config: {cert_file: a, key_file: b, min_version: TLS10, max_version: TLS10}\n",
         "\"min_version\" cannot be TLS10"},
        {"tls_server_config: {cert_file: a, key_file: b, max_version: TLS11}\n",
         "\"max_version\" cannot be TLS11"},
        {"basic_auth_users: {a: secret}\n", "the password of user \"a\" is no hash of bcrypt"},
        {"basic_auth_users: {'a:b': x}\n", "\"a:b\" is no name of a user"},
        {"http_server_config: {headers: {X-Other: a}}\n", "\"X-Other\" cannot be set here"},
        {"http_server_config: {headers: {X-Frame-Options: allow}}\n", "or not to this value"},
        {"basic_auth_user: {}\n", "hint: \"basic_auth_users\" is near"},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        ifm_error err;
        CHECK(load(rows[i][0], &err) == NULL);
        CHECK_INT(err.code, IFM_INVALID);
        CHECK_CONTAINS(err.message, rows[i][1]);
        CHECK(strstr(err.message, "secret") == NULL); /* what stands for a password is not shown */
    }
    check_end();
}

static bool load_and_free(void *context, ifm_error *err)
{
    const config_web *web = config_web_load(context, err);
    bool ok = web != NULL;
    config_web_free(web);
    return ok;
}

static void web_config_survives_failing_allocations(void **state)
{
    (void)state;
    char path[128];
    ifm_error err;
    config_web_free(load("tls_server_config: {cert_file: c.pem, key_file: k.pem}\n", &err));
    snprintf(path, sizeof path, "%s/web.yml", scratch);
    CHECK(torture_allocations(load_and_free, path, TORTURE_MUST_FAIL) >= 4);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(web_config_is_read),
        cmocka_unit_test(web_config_says_what_is_wrong),
        cmocka_unit_test(web_config_survives_failing_allocations),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * TLS, with a certificate that the program openssl makes for the test.
 */
#include "unit/web/client.h"

#include "scratch.h"

/* For LeakSanitizer: GnuTLS 3.7.9 keeps 168 bytes of a certificate that it cannot decode. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libgnutls";
}

static char cert[64], key[64];

static bool make_certificate(void)
{
    char command[512];
    snprintf(cert, sizeof cert, "%s/cert.pem", scratch);
    snprintf(key, sizeof key, "%s/key.pem", scratch);
    snprintf(
        command, sizeof command,
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=localhost -days 2 "
        "-keyout %s -out %s 2>/dev/null",
        key, cert);
    return system(command) == 0;
}

static void server_speaks_tls(void **state)
{
    (void)state;
    if (!make_certificate()) {
        printf("skipped: openssl is not installed\n");
        skip();
    }
    static const struct {
        const char *min, *max;
        long client; /* CURL_SSLVERSION_.. */
        bool want;
    } rows[] = {{NULL, NULL, CURL_SSLVERSION_TLSv1_2 | CURL_SSLVERSION_MAX_TLSv1_2, true},
                {NULL, NULL, CURL_SSLVERSION_TLSv1_3, true},
                {"TLS13", NULL, CURL_SSLVERSION_TLSv1_2 | CURL_SSLVERSION_MAX_TLSv1_2, false},
                {"TLS12", "TLS12", CURL_SSLVERSION_TLSv1_3, false}};
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        const config_web web = {
            .cert_file = cert, .key_file = key, .min_version = rows[i].min, .max_version = rows[i].max};
        web_fixture *fixture = fixture_open((web_options){.web = &web, .listen = NULL});
        char url[256];
        CHECK(strncmp(web_server_url(fixture->server), "https://127.0.0.1:", 18) == 0);
        snprintf(url, sizeof url, "%sapi/v1/query?query=1&time=0", web_server_url(fixture->server));
        curl_easy_setopt(fixture->curl, CURLOPT_URL, url);
        curl_easy_setopt(fixture->curl, CURLOPT_NOPROXY, "*");
        curl_easy_setopt(fixture->curl, CURLOPT_SSL_VERIFYPEER, 0L);
        curl_easy_setopt(fixture->curl, CURLOPT_SSL_VERIFYHOST, 0L);
        curl_easy_setopt(fixture->curl, CURLOPT_SSLVERSION, rows[i].client);
        curl_easy_setopt(fixture->curl, CURLOPT_WRITEFUNCTION, client_write);
        curl_easy_setopt(fixture->curl, CURLOPT_WRITEDATA, &fixture->body);
        CHECK_INT(curl_easy_perform(fixture->curl) == CURLE_OK, rows[i].want);
        if (rows[i].want) {
            ifm_buf_append_char(&fixture->body, '\0');
            CHECK_CONTAINS(fixture->body.data, "\"status\":\"success\"");
        }
        fixture_close(fixture);
    }
    check_end();
}

static void server_says_what_is_wrong_with_tls(void **state)
{
    (void)state;
    const struct {
        config_web web;
        ifm_code code;
        const char *part;
    } rows[] = {
        {{.cert_file = "/nonexistent", .key_file = "/nonexistent"}, IFM_IO, "TLS certificate"},
        {{.cert_file = cert, .key_file = key, .client_auth_type = "RequireAndVerifyClientCert"},
         IFM_UNSUPPORTED,
         "certificates"},
        {{.cert_file = cert, .key_file = key, .client_ca_file = cert}, IFM_UNSUPPORTED, "certificates"},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        ifm_error err = {.code = IFM_OK};
        CHECK(web_server_start(&(web_options){.listen = "127.0.0.1:0", .web = &rows[i].web}, &err) == NULL);
        CHECK_INT(err.code, rows[i].code);
        CHECK_CONTAINS(err.message, rows[i].part);
    }
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(server_speaks_tls),
                                       cmocka_unit_test(server_says_what_is_wrong_with_tls)};
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}

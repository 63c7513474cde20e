/* SPDX-License-Identifier: Apache-2.0
 *
 * TLS, with certificates that the program openssl makes for the test, and that program as the client.
 */
#include "unit/pipeline/endpoint_client.h"

/* For LeakSanitizer: GnuTLS 3.7.9 keeps 168 bytes of a certificate that it cannot decode. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libgnutls";
}

static char folder[] = "/tmp/endpoint_tls_test.XXXXXX";
static bool have_openssl;

static char *path_of(const char *name)
{
    static char paths[4][128];
    static unsigned next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static void put(const char *name, const char *text)
{
    FILE *file = fopen(path_of(name), "w");
    fputs(text, file);
    fclose(file);
}

static int setup(void **state)
{
    char command[1024];
    (void)state;
    if (mkdtemp(folder) == NULL) {
        return 1;
    }
    snprintf(command, sizeof command,
             "cd %s && for i in 1 2; do openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes "
             "-subj /CN=localhost -days 2 -keyout key$i.pem -out cert$i.pem 2>/dev/null || exit 1; done",
             folder);
    have_openssl = system(command) == 0;
    put("empty.pem", "");
    put("garbage.pem", "no PEM at all\n");
    put("broken.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    return 0;
}

static int teardown(void **state)
{
    char command[128];
    (void)state;
    snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command);
}

/* What openssl says and gets for a GET of /metrics; false when the handshake fails. */
static bool tls_get(int port, const char *options, char *out, size_t size)
{
    char command[512];
    snprintf(
        command, sizeof command,
        "printf 'GET /metrics HTTP/1.1\\r\\nHost: a\\r\\nConnection: close\\r\\n\\r\\n' | timeout 20 openssl "
        "s_client -quiet -ign_eof %s -CAfile %s -connect 127.0.0.1:%d 2>&1",
        options, path_of("cert1.pem"), port);
    FILE *client = popen(command, "r");
    size_t got = fread(out, 1, size - 1, client);
    out[got] = '\0';
    return pclose(client) == 0;
}

static void endpoint_serves_tls_from_1_2_on(void **state)
{
    static char text[65536];
    (void)state;
    if (!have_openssl) {
        printf("skipped: openssl is not installed\n");
        return;
    }
    ifm_registry *registry = registry_open();
    ifm_endpoint *endpoint =
        endpoint_open(registry, (ifm_endpoint_options){.tls_cert_file = path_of("cert1.pem"),
                                                       .tls_key_file = path_of("key1.pem"),
                                                       .idle_seconds = 1});
    int port = ifm_endpoint_port(endpoint);
    CHECK(strncmp(ifm_endpoint_url(endpoint), "https://127.0.0.1:", 18) == 0);
    CHECK(tls_get(port, "-tls1_3", text, sizeof text));
    CHECK_CONTAINS(text, "queue_pages 5");
    CHECK(tls_get(port, "-tls1_2", text, sizeof text));
    CHECK_CONTAINS(text, "queue_pages 5");
    CHECK(!tls_get(port, "-tls1_1 -cipher DEFAULT@SECLEVEL=0", text, sizeof text));
    CHECK(strstr(text, "queue_pages 5") == NULL);
    /* One that speaks no TLS, and one that says nothing in the handshake: both are ended. */
    reply plain = client_get(port, "/metrics");
    CHECK(strstr(plain.text, "queue_pages") == NULL);
    reply_free(&plain);
    reply silent = client_exchange(port, "\x16\x03\x01", 3);
    CHECK_INT(silent.status, 0);
    reply_free(&silent);
    CHECK(tls_get(port, "", text, sizeof text));
    ifm_endpoint_stop(endpoint);
    ifm_registry_free(registry);
    check_end();
}

static void endpoint_says_what_is_wrong_with_tls_files(void **state)
{
    static const struct {
        const char *cert, *key;
        ifm_code code;
        const char *message;
    } rows[] = {
        {"cert1.pem", NULL, IFM_INVALID, "tls_cert_file is given without tls_key_file"},
        {NULL, "key1.pem", IFM_INVALID, "tls_key_file is given without tls_cert_file"},
        {"none.pem", "key1.pem", IFM_IO, "could not use the TLS certificate: could not open"},
        {"cert1.pem", "none.pem", IFM_IO, "could not use the TLS key: could not open"},
        {"empty.pem", "key1.pem", IFM_INVALID, "there is no PEM block"},
        {"cert1.pem", "garbage.pem", IFM_INVALID, "there is no PEM block"},
        {"key1.pem", "cert1.pem", IFM_INVALID, "there is no PEM block"}, /* one for the other */
        {"broken.pem", "key1.pem", IFM_INVALID, "cannot use the TLS certificate"},
        {"cert1.pem", "key2.pem", IFM_INVALID, "cannot use the TLS certificate"},
    };
    (void)state;
    if (!have_openssl) {
        printf("skipped: openssl is not installed\n");
        return;
    }
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ifm_endpoint_options options = {.port = IFM_ENDPOINT_PORT_ANY};
        options.tls_cert_file = rows[i].cert == NULL ? NULL : path_of(rows[i].cert);
        options.tls_key_file = rows[i].key == NULL ? NULL : path_of(rows[i].key);
        ifm_error err = {0};
        CHECK(ifm_endpoint_start(NULL, &options, &err) == NULL);
        CHECK_INT(err.code, rows[i].code);
        CHECK_CONTAINS(err.message, rows[i].message);
    }
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(endpoint_serves_tls_from_1_2_on),
        cmocka_unit_test(endpoint_says_what_is_wrong_with_tls_files),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}

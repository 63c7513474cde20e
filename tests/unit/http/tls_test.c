/* SPDX-License-Identifier: Apache-2.0
 *
 * TLS, with certificates that the program openssl makes for the test, and libmicrohttpd as the server.
 */
#include "check.h"
#include "http/http.h"
#include "scratch.h"

#include <microhttpd.h>
#include <stdlib.h>

static bool have_openssl;
static char cert[8192], key[8192], other[8192]; /* the server's, and those of another authority */
static struct MHD_Daemon *server;               /* for "target.test" */
static int port;
static http_client *client;

static enum MHD_Result answer(void *context, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *data, size_t *size,
                              void **request)
{
    static char body[256];
    (void)context, (void)url, (void)method, (void)version, (void)data, (void)size, (void)request;
    const char *host = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Host");
    snprintf(body, sizeof body, "for %s", host == NULL ? "nobody" : host);
    struct MHD_Response *response =
        MHD_create_response_from_buffer(strlen(body), body, MHD_RESPMEM_MUST_COPY);
    enum MHD_Result result = MHD_queue_response(connection, 200, response);
    MHD_destroy_response(response);
    return result;
}

static void read_text(const char *name, char *out, size_t size)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", scratch, name);
    FILE *file = fopen(path, "r");
    if (file != NULL) {
        out[fread(out, 1, size - 1, file)] = '\0';
        fclose(file);
    }
}

static int setup(void **state)
{
    char command[1024];
    ifm_error err;
    if (scratch_make(state) != 0) {
        return -1;
    }
    snprintf(command, sizeof command,
             "cd %s && for i in 1 2; do openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes "
             "-subj /CN=target.test -addext subjectAltName=DNS:target.test -days 2 -keyout key$i.pem -out "
             "cert$i.pem 2>/dev/null || exit 1; done",
             scratch);
    have_openssl = system(command) == 0;
    client = http_client_new("Test/1", &err);
    if (!have_openssl || client == NULL) {
        return client == NULL ? -1 : 0;
    }
    read_text("cert1.pem", cert, sizeof cert);
    read_text("key1.pem", key, sizeof key);
    read_text("cert2.pem", other, sizeof other);
    server = MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_TLS, 0, NULL, NULL, answer, NULL,
                              MHD_OPTION_HTTPS_MEM_CERT, cert, MHD_OPTION_HTTPS_MEM_KEY, key, MHD_OPTION_END);
    port = server == NULL ? 0 : MHD_get_daemon_info(server, MHD_DAEMON_INFO_BIND_PORT)->port;
    return server == NULL ? -1 : 0;
}

static int teardown(void **state)
{
    http_client_free(client);
    if (server != NULL) {
        MHD_stop_daemon(server);
    }
    return scratch_remove(state);
}

typedef struct outcome {
    bool done;
    ifm_error err;
    ifm_buf body;
} outcome;

static void take(void *context, const http_response *response, const ifm_error *err)
{
    outcome *to = context;
    (void)response;
    to->done = true;
    if (err != NULL) {
        to->err = *err;
    }
    ifm_buf_append_char(&to->body, '\0');
}

static void ask(const http_options *options, outcome *out)
{
    char url[64];
    *out = (outcome){.done = false};
    ifm_buf_init(&out->body, 4096);
    snprintf(url, sizeof url, "https://127.0.0.1:%d/", port);
    const http_request request = {.url = url,
                                  .options = options,
                                  .timeout_ms = 20000,
                                  .body_max = 4000,
                                  .out = &out->body,
                                  .done = take,
                                  .context = out};
    if (http_client_start(client, &request, &out->err) != 0) {
        while (!out->done) {
            http_client_run(client, 1000);
        }
    }
}

static void client_trusts_as_it_is_told(void **state)
{
    (void)state;
    if (!have_openssl) {
        print_message("skipped: openssl is not installed\n");
        skip();
    }
    char ca_file[128], nowhere[] = "/nonexistent/ca.pem", name[] = "target.test", wrong[] = "other.test";
    char oldest[] = "TLS13", newest[] = "TLS12";
    snprintf(ca_file, sizeof ca_file, "%s/cert1.pem", scratch);
    const struct {
        http_options options;
        const char *want; /* NULL: it works */
    } rows[] = {
        {{.ca = other, .server_name = name}, "could not ask 127.0.0.1"},
        {{.ca = cert, .server_name = name}, NULL},
        {{.ca_file = ca_file, .server_name = name}, NULL},
        {{.ca_file = ca_file, .server_name = name, .no_http2 = true}, NULL},
        {{.ca_file = ca_file, .server_name = wrong}, "could not ask 127.0.0.1"},
        {{.ca_file = ca_file}, "could not ask 127.0.0.1"}, /* the certificate is not for the address */
        {{0}, "could not ask 127.0.0.1"},
        {{.insecure_skip_verify = true}, NULL},
        {{.insecure_skip_verify = true, .tls_max_version = newest}, NULL},
        {{.insecure_skip_verify = true, .tls_min_version = oldest}, NULL},
        {{.ca_file = nowhere, .server_name = name}, "could not ask 127.0.0.1"},
        {{.ca = other, .server_name = name}, "could not ask 127.0.0.1"}, /* also beside trusted connections */
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        outcome out;
        char host[64];
        ask(&rows[i].options, &out);
        snprintf(host, sizeof host, "for 127.0.0.1:%d", port);
        if (rows[i].want == NULL) {
            CHECK_INT(out.err.code, IFM_OK);
            CHECK_TEXT(out.err.code == IFM_OK ? out.body.data : out.err.message, host);
        } else {
            CHECK_INT(out.err.code, IFM_IO);
            CHECK_CONTAINS(out.err.message, rows[i].want);
        }
        ifm_buf_deinit(&out.body);
    }
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(client_trusts_as_it_is_told),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}

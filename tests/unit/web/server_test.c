/* SPDX-License-Identifier: Apache-2.0
 *
 * What the server does for every path: hosts, users, methods, redirects, headers, compression, limits.
 */
#include "unit/web/client.h"
#include "web/limits.h"

#include "os/os.h"

#include <crypt.h>
#include <inferometer/registry.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zlib.h>

static void paths_and_methods_are_prometheus_s(void **state)
{
    (void)state;
    static const struct {
        const char *method, *path;
        long status;
        const char *body;
    } rows[] = {
        {"GET", "-/healthy", 200, "Inferometer is healthy.\n"},
        {"HEAD", "-/healthy", 200, ""},
        {"GET", "-/ready", 200, "Inferometer is ready.\n"},
        {"GET", "-/reload", 405, "Only POST or PUT requests allowed"},
        {"GET", "-/quit", 405, "Only POST or PUT requests allowed"},
        {"POST", "-/reload", 403, "Lifecycle API is not enabled.\n"},
        {"PUT", "-/quit", 403, "Lifecycle API is not enabled.\n"},
        {"DELETE", "api/v1/query", 405, "Method Not Allowed\n"},
        {"BREW", "api/v1/query", 405, "Method Not Allowed\n"},
        {"OPTIONS", "api/v1/query", 204, ""},
        {"GET", "nothing", 404, "404 page not found\n"},
        {"GET", "api/v1/openapi.yaml", 404, "404 page not found\n"},
        {"GET", "api/v1/../v1/query", 404, "404 page not found\n"},
        {"GET", "api/v1/labels/?x=y", 301, "Moved\n"},
        {"POST", "api/v1/labels/", 308, "Moved\n"},
        {"POST", "api/v1/write", 404,
         "there is no remote write receiver here; hint: let it be scraped, with --target or --config.file\n"},
        {"POST", "api/v1/admin/tsdb/snapshot", 500,
         "{\"status\":\"error\",\"errorType\":\"unavailable\",\"error\":\"admin APIs disabled\"}"},
        {"GET", "api/v1/rules", 200, "{\"status\":\"success\",\"data\":{\"groups\":[]}}"},
        {"GET", "api/v1/alerts", 200, "{\"status\":\"success\",\"data\":{\"alerts\":[]}}"},
        {"GET", "api/v1/notifications", 200, "{\"status\":\"success\",\"data\":[]}"},
        {"GET", "api/v1/notifications/live", 204, ""},
        {"GET", "api/v1/status/walreplay", 200,
         "{\"status\":\"success\",\"data\":{\"min\":0,\"max\":0,\"current\":0}}"},
        {"GET", "api/v1/targets", 200,
         "{\"status\":\"success\",\"data\":{\"activeTargets\":[],\"droppedTargets\":[],"
         "\"droppedTargetCounts\":"
         "{}}}"},
        {"GET", "api/v1/metadata", 200, "{\"status\":\"success\",\"data\":{}}"},
        {"GET", "%ff", 400,
         "{\"status\":\"error\",\"errorType\":\"bad_data\",\"error\":\"the path is no text in "
         "percent-encoded UTF-8\"}"},
        {"GET", "api/v1/query?query=%ff", 400,
         "{\"status\":\"error\",\"errorType\":\"bad_data\",\"error\":\"a parameter is not valid UTF-8\"}"},
    };
    web_fixture *fixture = fixture_open((web_options){.listen = NULL});
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        bool has_body = strcmp(rows[i].method, "POST") == 0 || strcmp(rows[i].method, "PUT") == 0;
        const char *body = client_ask(fixture, rows[i].method, rows[i].path, has_body ? "" : NULL, NULL);
        CHECK_TEXT(body, rows[i].body);
        CHECK_INT(fixture->status, rows[i].status);
    }
    static const char *const moved[][2] = {
        {"api/v1/labels/?x=y", "Location: /api/v1/labels?x=y\r\n"},
        {"/api//v1/labels", "Location: /api/v1/labels\r\n"},
        {"api/v1/label/a%20b%0d%0ax/values//?", "Location: /api/v1/label/a%20b%0D%0Ax/values?\r\n"}};
    for (size_t i = 0; i < IFM_COUNT_OF(moved); i++) {
        client_get(fixture, moved[i][0]);
        CHECK_INT(fixture->status, 301);
        CHECK_CONTAINS(fixture->headers.data, moved[i][1]);
    }
    fixture_close(fixture);
    check_end();
}

static void not_ready_until_told(void **state)
{
    (void)state;
    web_fixture *fixture = fixture_start((web_options){.listen = NULL});
    static const struct {
        const char *path;
        long status;
    } rows[] = {{"-/ready", 503},
                {"api/v1/query?query=1", 503},
                {"-/healthy", 200},
                {"api/v1/status/walreplay", 200}};
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        client_get(fixture, rows[i].path);
        CHECK_INT(fixture->status, rows[i].status);
    }
    client_get(fixture, "-/ready");
    CHECK_CONTAINS(fixture->headers.data, "X-Prometheus-Stopping: false\r\n");
    fixture_close(fixture);
    check_end();
}

static void host_must_be_ours(void **state)
{
    (void)state;
    static const struct {
        const char *host;
        long status;
    } rows[] = {
        {"Host: localhost:9090", 200},     {"Host: LOCALHOST", 200},
        {"Host: a.localhost", 200},        {"Host: localhost.", 200},
        {"Host: 127.0.0.1:1", 200},        {"Host: 192.0.2.1", 200},
        {"Host: [::1]:9090", 200},         {"Host: [fe80::1]", 200},
        {"Host: mon.example:443", 200},    {"Host: MON.example", 200},
        {"Host: evil.example", 403},       {"Host: 127.0.0.1.evil.example", 403},
        {"Host: localhost.evil.com", 403}, {"Host: [::1].evil.example", 403},
        {"Host: evil.example:9090", 403},
    };
    web_fixture *fixture =
        fixture_open((web_options){.external_url = "https://mon.example/", .listen = NULL});
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        client_ask(fixture, "GET", "-/healthy", NULL, (const char *[]){rows[i].host, NULL});
        CHECK_INT(fixture->status, rows[i].status);
    }
    fixture_close(fixture);
    check_end();
}

static void prefix_comes_from_the_external_url(void **state)
{
    (void)state;
    web_fixture *fixture =
        fixture_open((web_options){.external_url = "http://mon.example/prom/", .listen = NULL});
    CHECK_CONTAINS(web_server_url(fixture->server), "/prom/");
    CHECK_CONTAINS(client_get(fixture, "api/v1/query?query=1"), "success");
    CHECK_CONTAINS(client_get(fixture, ""), "<base href=\"/prom/\"");
    char outside[256];
    snprintf(outside, sizeof outside, "%s", web_server_url(fixture->server));
    fixture_close(fixture);
    check_end();
}

static void answers_have_security_headers(void **state)
{
    (void)state;
    static const char *const wanted[] = {"X-Content-Type-Options: nosniff\r\n", "X-Frame-Options: DENY\r\n",
                                         "Content-Security-Policy: default-src 'none'",
                                         "Cache-Control: no-store\r\n", "Content-Type: application/json\r\n"};
    web_fixture *fixture = fixture_open((web_options){.listen = NULL});
    client_ask(fixture, "GET", "api/v1/query?query=1", NULL,
               (const char *[]){"Origin: http://evil.example", NULL});
    for (size_t i = 0; i < IFM_COUNT_OF(wanted); i++) {
        CHECK_CONTAINS(fixture->headers.data, wanted[i]);
    }
    CHECK(strstr(fixture->headers.data, "Access-Control") == NULL);
    fixture_close(fixture);
    check_end();
}

static void large_answers_are_compressed(void **state)
{
    (void)state;
    static const char path[] = "api/v1/query_range?query=up&start=0&end=600&step=1";
    web_fixture *fixture = fixture_open((web_options){.listen = NULL});
    char *plain = ifm_copy_text(client_get(fixture, path));
    CHECK(strstr(fixture->headers.data, "Content-Encoding") == NULL);
    client_ask(fixture, "GET", path, NULL, (const char *[]){"Accept-Encoding: gzip", NULL});
    CHECK_CONTAINS(fixture->headers.data, "Content-Encoding: gzip\r\n");
    size_t size = strlen(plain);
    CHECK(fixture->body.size < size / 4);
    char *unpacked = ifm_alloc(size + 1);
    z_stream stream = {.next_in = (Bytef *)fixture->body.data, .avail_in = (uInt)fixture->body.size - 1};
    stream.next_out = (Bytef *)unpacked;
    stream.avail_out = (uInt)size + 1;
    assert_int_equal(inflateInit2(&stream, 15 + 16), Z_OK);
    CHECK_INT(inflate(&stream, Z_FINISH), Z_STREAM_END);
    CHECK_INT(stream.total_out, size);
    CHECK(memcmp(unpacked, plain, size) == 0);
    inflateEnd(&stream);
    ifm_free(unpacked);
    ifm_free(plain);
    client_ask(fixture, "GET", "api/v1/query?query=1", NULL, (const char *[]){"Accept-Encoding: gzip", NULL});
    CHECK(strstr(fixture->headers.data, "Content-Encoding") == NULL); /* small */
    fixture_close(fixture);
    check_end();
}

/* Answers of one byte less than what is compressed, of as much, and of one more. */
static void small_answers_are_not_compressed(void **state)
{
    char text[WEB_GZIP_BYTES_MIN + 2] = "", path[2 * WEB_GZIP_BYTES_MIN];
    (void)state;
    web_fixture *fixture = fixture_open((web_options){.listen = NULL});
    client_get(fixture, "api/v1/query?query=''&time=1");
    size_t least = fixture->body.size - 1;
    for (size_t size = WEB_GZIP_BYTES_MIN - 1; size <= WEB_GZIP_BYTES_MIN + 1; size++) {
        memset(text, 'x', size - least);
        snprintf(path, sizeof path, "api/v1/query?query='%s'&time=1", text);
        client_get(fixture, path);
        CHECK_INT(fixture->body.size - 1, size);
        client_ask(fixture, "GET", path, NULL, (const char *[]){"Accept-Encoding: gzip", NULL});
        CHECK((strstr(fixture->headers.data, "Content-Encoding") != NULL) == (size >= WEB_GZIP_BYTES_MIN));
    }
    fixture_close(fixture);
    check_end();
}

static void users_need_their_password(void **state)
{
    (void)state;
    struct crypt_data data = {0};
    char hash[CRYPT_OUTPUT_SIZE];
    snprintf(hash, sizeof hash, "%s", crypt_r("open sesame", "$2b$04$abcdefghijklmnopqrstuu", &data));
    const config_web_user users[] = {{"ann", hash}, {"bob", hash}};
    const model_label header = {FAKE_TEXT("x-frame-options"), FAKE_TEXT("SAMEORIGIN")};
    const config_web web = {.users = users, .user_count = 2, .headers = &header, .header_count = 1};
    web_fixture *fixture = fixture_open((web_options){.web = &web, .listen = NULL});
    client_get(fixture, "api/v1/query?query=1");
    CHECK_CONTAINS(fixture->headers.data, "x-frame-options: SAMEORIGIN\r\n");
    CHECK(strstr(fixture->headers.data, "DENY") == NULL);
    CHECK_INT(fixture->status, 401);
    CHECK_CONTAINS(fixture->headers.data, "WWW-Authenticate: Basic");
    /* ann:open sesame, bob:open sesame, ann:wrong, eve:open sesame */
    static const struct {
        const char *header;
        long status;
    } rows[] = {{"Authorization: Basic YW5uOm9wZW4gc2VzYW1l", 200},
                {"Authorization: Basic Ym9iOm9wZW4gc2VzYW1l", 200},
                {"Authorization: Basic YW5uOndyb25n", 401},
                {"Authorization: Basic ZXZlOm9wZW4gc2VzYW1l", 401},
                {"Authorization: Bearer x", 401}};
    for (int again = 0; again < 2; again++) {
        for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
            client_ask(fixture, "GET", "api/v1/query?query=1", NULL, (const char *[]){rows[i].header, NULL});
            CHECK_INT(fixture->status, rows[i].status);
        }
    }
    client_get(fixture, "-/healthy"); /* open */
    CHECK_INT(fixture->status, 200);
    fixture_close(fixture);
    check_end();
}

static void body_has_a_limit(void **state)
{
    (void)state;
    web_fixture *fixture = fixture_open((web_options){.listen = NULL});
    char *form = ifm_alloc_zero(WEB_BODY_BYTES_MAX + 2, 1);
    memset(form, '1', WEB_BODY_BYTES_MAX + 1);
    memcpy(form, "query=1&x=", 10);
    client_ask(fixture, "POST", "api/v1/query", form, NULL);
    CHECK_INT(fixture->status, 413);
    form[WEB_BODY_BYTES_MAX] = '\0';
    client_ask(fixture, "POST", "api/v1/query", form, NULL);
    CHECK_INT(fixture->status, 200);
    ifm_free(form);
    fixture_close(fixture);
    check_end();
}

static void port_that_is_taken_is_named(void **state)
{
    (void)state;
    ifm_error err = {.code = IFM_OK};
    web_fixture *fixture = fixture_open((web_options){.listen = NULL});
    char listen[64];
    sscanf(web_server_url(fixture->server), "http://%63[^/]", listen);
    CHECK(web_server_start(&(web_options){.listen = listen}, &err) == NULL);
    CHECK_INT(err.code, IFM_BUSY);
    CHECK_CONTAINS(err.message, "held by this process");
    CHECK(web_server_start(&(web_options){.listen = "nonsense"}, &err) == NULL);
    CHECK_INT(err.code, IFM_INVALID);
    fixture_close(fixture);
    check_end();
}

/* ---- Lifecycle ---- */

typedef struct lifecycle {
    int reloads, quits;
    ifm_code fails;
} lifecycle;

static bool on_reload(void *context, ifm_error *err)
{
    lifecycle *calls = context;
    calls->reloads++;
    return calls->fails == IFM_OK || ifm_error_set(err, calls->fails, "it is broken");
}

static void on_quit(void *context)
{
    lifecycle *calls = context;
    calls->quits++;
}

static void lifecycle_calls_back(void **state)
{
    (void)state;
    lifecycle calls = {0};
    web_fixture *fixture = fixture_open((web_options){
        .enable_lifecycle = true, .reload = on_reload, .quit = on_quit, .context = &calls, .listen = NULL});
    CHECK_TEXT(client_ask(fixture, "POST", "-/reload", "", NULL), "");
    CHECK_INT(fixture->status, 200);
    calls.fails = IFM_BUSY; /* it is starting: that is no configuration that was refused */
    client_ask(fixture, "POST", "-/reload", "", NULL);
    CHECK_INT(fixture->status, 500);
    CHECK_CONTAINS(client_get(fixture, "api/v1/status/runtimeinfo"), "\"reloadConfigSuccess\":true");
    calls.fails = IFM_INVALID;
    CHECK_TEXT(client_ask(fixture, "PUT", "-/reload", "", NULL), "failed to reload config: it is broken\n");
    CHECK_INT(fixture->status, 500);
    CHECK_CONTAINS(client_get(fixture, "api/v1/status/runtimeinfo"), "\"reloadConfigSuccess\":false");
    CHECK_TEXT(client_ask(fixture, "POST", "-/quit", "", NULL), "Requesting termination... Goodbye!");
    CHECK_INT(calls.reloads, 3);
    CHECK_INT(calls.quits, 1);
    static const char *const foreign[] = {"Origin: http://evil.example", "Sec-Fetch-Site: cross-site"};
    for (size_t i = 0; i < IFM_COUNT_OF(foreign); i++) {
        client_ask(fixture, "POST", "-/quit", "", (const char *[]){foreign[i], NULL});
        CHECK_INT(fixture->status, 403);
    }
    CHECK_INT(calls.quits, 1);
    fixture_close(fixture);
    check_end();
}

static void metrics_are_the_registry_s(void **state)
{
    (void)state;
    ifm_error err;
    ifm_registry *registry = ifm_registry_new(NULL, &err);
    assert_true(ifm_build_info_register(registry, &err));
    web_fixture *fixture = fixture_open((web_options){.registry = registry, .listen = NULL});
    CHECK_CONTAINS(client_get(fixture, "metrics"), "inferometer_build_info{");
    CHECK_CONTAINS(fixture->headers.data, "Content-Type: text/plain; version=0.0.4");
    fixture_close(fixture);
    ifm_registry_free(registry);
    check_end();
}

static void federation_tells_the_newest_samples(void **state)
{
    (void)state;
    web_fixture *fixture = fixture_open((web_options){.listen = NULL});
    CHECK_TEXT(client_get(fixture, "federate"), "");
    CHECK_INT(fixture->status, 200);
    CHECK_TEXT(client_get(fixture, "federate?match[]=up"), ""); /* of 1970: past the lookback */
    client_get(fixture, "federate?match[]=%7B%7D");
    CHECK_INT(fixture->status, 400);
    fixture_close(fixture);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_and_methods_are_prometheus_s),
        cmocka_unit_test(not_ready_until_told),
        cmocka_unit_test(host_must_be_ours),
        cmocka_unit_test(prefix_comes_from_the_external_url),
        cmocka_unit_test(answers_have_security_headers),
        cmocka_unit_test(large_answers_are_compressed),
        cmocka_unit_test(small_answers_are_not_compressed),
        cmocka_unit_test(users_need_their_password),
        cmocka_unit_test(body_has_a_limit),
        cmocka_unit_test(port_that_is_taken_is_named),
        cmocka_unit_test(lifecycle_calls_back),
        cmocka_unit_test(metrics_are_the_registry_s),
        cmocka_unit_test(federation_tells_the_newest_samples),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

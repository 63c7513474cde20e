/* SPDX-License-Identifier: Apache-2.0
 *
 * What the endpoint serves: paths, methods, formats, compression, headers.
 */
#include "unit/pipeline/endpoint_client.h"

#include <dirent.h>
#include <inferometer/export.h>
#include <signal.h>
#include <zlib.h>

static ifm_registry *registry;
static ifm_endpoint *endpoint;
static int port;

static int setup(void **state)
{
    (void)state;
    registry = registry_open();
    endpoint = endpoint_open(registry, (ifm_endpoint_options){.title = "ocr <b>&\"'"});
    port = ifm_endpoint_port(endpoint);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    ifm_endpoint_stop(endpoint);
    ifm_registry_free(registry);
    return 0;
}

static void endpoint_answers_by_path_and_method(void **state)
{
    static const struct {
        const char *method, *path;
        int status;
        const char *type, *body;
    } rows[] = {
        {"GET", "/metrics", 200, "text/plain; version=0.0.4", "inference_pages_total 3"},
        {"GET", "/metrics?", 200, "text/plain; version=0.0.4", "queue_pages 5"},
        {"GET", "/metrics?other=1", 200, "text/plain; version=0.0.4", "queue_pages 5"},
        {"GET", "/", 200, "text/html; charset=utf-8", "<!DOCTYPE html>"},
        {"GET", "/-/healthy", 200, "text/plain; charset=utf-8", "Inferometer is healthy."},
        {"GET", "http://proxied.example:8000/metrics", 200, "text/plain; version=0.0.4", "queue_pages 5"},
        {"HEAD", "HTTPS://[::1]/metrics?other=1", 200, "text/plain; version=0.0.4", "200 OK"},
        {"GET", "http://proxied.example", 200, "text/html; charset=utf-8", "<!DOCTYPE html>"},
        {"GET", "http://proxied.example/nowhere", 404, "text/plain; charset=utf-8", "nothing at this path"},
        {"GET", "ftp://proxied.example/metrics", 404, "text/plain; charset=utf-8", "nothing at this path"},
        {"GET", "http:/metrics", 404, "text/plain; charset=utf-8", "there is nothing at this path"},
        {"GET", "/http://h/metrics", 404, "text/plain; charset=utf-8", "there is nothing at this path"},
        {"GET", "*", 404, "text/plain; charset=utf-8", "there is nothing at this path"},
        {"GET", "/metrics/", 404, "text/plain; charset=utf-8", "there is nothing at this path"},
        {"GET", "//metrics", 404, "text/plain; charset=utf-8", "there is nothing at this path"},
        {"GET", "/favicon.ico", 404, "text/plain; charset=utf-8", "there is nothing at this path"},
        {"GET", "/../etc/passwd", 404, "text/plain; charset=utf-8", "there is nothing at this path"},
        {"POST", "/metrics", 405, "text/plain; charset=utf-8", "use GET or HEAD"},
        {"PUT", "/", 405, "text/plain; charset=utf-8", "use GET or HEAD"},
        {"DELETE", "/-/healthy", 405, "text/plain; charset=utf-8", "use GET or HEAD"},
        {"OPTIONS", "/metrics", 405, "text/plain; charset=utf-8", "use GET or HEAD"},
        {"TRACE", "/metrics", 405, "text/plain; charset=utf-8", "use GET or HEAD"},
        {"BREW", "/metrics", 405, "text/plain; charset=utf-8", "use GET or HEAD"},
        {"get", "/metrics", 405, "text/plain; charset=utf-8", "use GET or HEAD"}, /* methods have a case */
        {"POST", "/nowhere", 404, "text/plain; charset=utf-8", "there is nothing at this path"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        reply got = client_call(port, rows[i].method, rows[i].path, "");
        CHECK_INT(got.status, rows[i].status);
        CHECK_CONTAINS(reply_header(&got, "Content-Type") == NULL ? "" : reply_header(&got, "Content-Type"),
                       rows[i].type);
        CHECK_CONTAINS(got.text, rows[i].body);
        if (got.status == 405) {
            CHECK_TEXT(reply_header(&got, "Allow"), "GET, HEAD");
        }
        reply_free(&got);
    }
    check_end();
}

static void endpoint_sends_no_header_that_tells_more(void **state)
{
    (void)state;
    reply got = client_get(port, "/metrics");
    CHECK_TEXT(reply_header(&got, "X-Content-Type-Options"), "nosniff");
    CHECK_TEXT(reply_header(&got, "Cache-Control"), "no-store");
    CHECK_TEXT(reply_header(&got, "Vary"), "Accept, Accept-Encoding");
    CHECK(reply_header(&got, "Content-Encoding") == NULL);
    CHECK(reply_header(&got, "Server") == NULL);
    reply_free(&got);
    got = client_get(port, "/");
    CHECK_CONTAINS(reply_header(&got, "Content-Security-Policy"), "default-src 'none'");
    reply_free(&got);
    check_end();
}

static void endpoint_head_has_the_length_of_get(void **state)
{
    static const char *const paths[] = {"/metrics", "/", "/-/healthy", "/nowhere"};
    (void)state;
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        reply get = client_get(port, paths[i]);
        reply head = client_call(port, "HEAD", paths[i], "");
        CHECK_INT(head.status, get.status);
        CHECK_INT(head.body_size, 0);
        CHECK_INT(atoll(reply_header(&head, "Content-Length")), get.body_size);
        CHECK(get.body_size > 0);
        reply_free(&get);
        reply_free(&head);
    }
    check_end();
}

static void endpoint_chooses_format_by_accept(void **state)
{
    static const struct {
        const char *headers, *type;
    } rows[] = {
        {"", "text/plain; version=0.0.4"},
        {"Accept: */*\r\n", "text/plain; version=0.0.4"},
        {"Accept: application/openmetrics-text; version=1.0.0\r\n",
         "application/openmetrics-text; version=1.0.0"},
        {"accept: text/plain;q=0.1\r\nACCEPT: application/openmetrics-text;version=1.0.0;q=0.9\r\n",
         "application/openmetrics-text; version=1.0.0"},
        {"Accept: application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;"
         "encoding=delimited\r\n",
         "application/vnd.google.protobuf"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        reply got = client_call(port, "GET", "/metrics", rows[i].headers);
        CHECK_INT(got.status, 200);
        CHECK_CONTAINS(reply_header(&got, "Content-Type"), rows[i].type);
        reply_free(&got);
    }
    check_end();
}

static void endpoint_limits_the_answer_to_names(void **state)
{
    static const struct {
        const char *path;
        bool pages, queue;
    } rows[] = {
        {"/metrics?name[]=queue_pages", false, true},
        {"/metrics?name%5B%5D=queue_pages", false, true},
        {"/metrics?name[]=inference_pages_total", true, false},
        {"/metrics?name[]=inference_pages_total&name[]=queue_pages", true, true},
        {"/metrics?other=queue_pages", true, true},
        {"/metrics?name=queue_pages", true, true},
        {"/metrics?name[]=nothing", false, false},
        {"/metrics?name[]=", false, false},
        {"/metrics?name[]", false, false},
        {"/metrics?name[]=queue_pages%00x", false, false}, /* not the text before the NUL */
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        reply got = client_get(port, rows[i].path);
        CHECK_INT(got.status, 200);
        CHECK_INT(strstr(got.body, "inference_pages_total 3") != NULL, rows[i].pages);
        CHECK_INT(strstr(got.body, "queue_pages 5") != NULL, rows[i].queue);
        reply_free(&got);
    }
    check_end();
}

static void endpoint_gzip_decodes_to_the_same_text(void **state)
{
    (void)state;
    reply plain = client_call(port, "GET", "/metrics", "Accept-Encoding: gzip;q=0\r\n");
    reply packed = client_call(port, "GET", "/metrics", "Accept-Encoding: br, gzip\r\n");
    reply head = client_call(port, "HEAD", "/metrics", "Accept-Encoding: gzip\r\n");
    CHECK(reply_header(&plain, "Content-Encoding") == NULL);
    CHECK_TEXT(reply_header(&packed, "Content-Encoding"), "gzip");
    CHECK_INT(atoll(reply_header(&packed, "Content-Length")), packed.body_size);
    CHECK_INT(atoll(reply_header(&head, "Content-Length")), packed.body_size);
    char text[65536] = "";
    z_stream stream = {.next_in = (Bytef *)(uintptr_t)packed.body,
                       .avail_in = (uInt)packed.body_size,
                       .next_out = (Bytef *)text,
                       .avail_out = sizeof text - 1};
    CHECK_INT(inflateInit2(&stream, 15 + 16), Z_OK);
    CHECK_INT(inflate(&stream, Z_FINISH), Z_STREAM_END);
    inflateEnd(&stream);
    CHECK_TEXT(text, plain.body);
    reply_free(&plain);
    reply_free(&packed);
    reply_free(&head);
    check_end();
}

static void endpoint_page_escapes_its_title(void **state)
{
    (void)state;
    reply got = client_get(port, "/");
    CHECK_CONTAINS(got.body, "<title>ocr &lt;b&gt;&amp;&quot;&#39;</title>");
    CHECK_CONTAINS(got.body, "<h1>ocr &lt;b&gt;&amp;&quot;&#39;</h1>");
    CHECK_CONTAINS(got.body, "href=\"/metrics\"");
    CHECK_CONTAINS(got.body, ifm_version());
    CHECK(strstr(got.body, "<script") == NULL);
    CHECK(strstr(got.body, "http") == NULL); /* nothing is loaded from elsewhere */
    reply_free(&got);
    check_end();
}

/* Two requests at once on one connection, and a body that is nobody's business. */
static void endpoint_keeps_connections(void **state)
{
    static const char requests[] = "GET /-/healthy HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"
                                   "GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n"
                                   "GET /nowhere HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    (void)state;
    reply got = client_exchange(port, requests, sizeof requests - 1);
    CHECK_CONTAINS(got.text, "Inferometer is healthy.");
    CHECK_CONTAINS(got.text, "queue_pages 5");
    CHECK_CONTAINS(got.text, "404 Not Found");
    reply_free(&got);
    check_end();
}

static void endpoint_refuses_a_large_body_at_once(void **state)
{
    (void)state;
    reply got = client_call(port, "POST", "/metrics", "Content-Length: 65537\r\n");
    CHECK_INT(got.status, 413);
    reply_free(&got);
    got = client_call(port, "POST", "/metrics", "Transfer-Encoding: chunked\r\n");
    CHECK_INT(got.status, 413);
    reply_free(&got);
    check_end();
}

static void endpoint_names_its_threads_and_blocks_their_signals(void **state)
{
    int named = 0;
    (void)state;
    DIR *tasks = opendir("/proc/self/task");
    for (struct dirent *task = readdir(tasks); task != NULL; task = readdir(tasks)) {
        char path[300], line[256] = "";
        snprintf(path, sizeof path, "/proc/self/task/%s/status", task->d_name);
        FILE *status = fopen(path, "r");
        bool ours = false;
        while (status != NULL && fgets(line, sizeof line, status) != NULL) {
            unsigned long long blocked;
            ours = ours || strncmp(line, "Name:\tifm-", 10) == 0;
            if (ours && sscanf(line, "SigBlk: %llx", &blocked) == 1) {
                named++;
                static const int wanted[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGCHLD, SIGALRM, SIGUSR1};
                for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
                    CHECK((blocked >> (wanted[i] - 1) & 1) == 1);
                }
            }
        }
        if (status != NULL) {
            fclose(status);
        }
    }
    closedir(tasks);
    CHECK_INT(named, 1 + IFM_ENDPOINT_SCRAPES_MAX);
    check_end();
}

static void endpoint_serves_the_default_registry_for_null(void **state)
{
    (void)state;
    ifm_endpoint *other = endpoint_open(NULL, (ifm_endpoint_options){0});
    reply got = client_get(ifm_endpoint_port(other), "/metrics");
    CHECK_CONTAINS(got.text, "process_start_time_seconds");
    reply_free(&got);
    ifm_endpoint_stop(other);
    ifm_endpoint_stop(NULL);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(endpoint_answers_by_path_and_method),
        cmocka_unit_test(endpoint_sends_no_header_that_tells_more),
        cmocka_unit_test(endpoint_head_has_the_length_of_get),
        cmocka_unit_test(endpoint_chooses_format_by_accept),
        cmocka_unit_test(endpoint_limits_the_answer_to_names),
        cmocka_unit_test(endpoint_gzip_decodes_to_the_same_text),
        cmocka_unit_test(endpoint_page_escapes_its_title),
        cmocka_unit_test(endpoint_keeps_connections),
        cmocka_unit_test(endpoint_refuses_a_large_body_at_once),
        cmocka_unit_test(endpoint_names_its_threads_and_blocks_their_signals),
        cmocka_unit_test(endpoint_serves_the_default_registry_for_null),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}

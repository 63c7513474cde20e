/* SPDX-License-Identifier: Apache-2.0
 *
 * What Grafana's data source for Prometheus sends, and what it needs to see in the answers.
 */
#include "unit/web/client.h"

/* A server over the store that is made up. */
typedef struct store_fixture {
    web_fixture *web;
    tsdb db;
    scrape_manager scrape;
} store_fixture;

static store_fixture *store_open(web_options options)
{
    static store_fixture store;
    store = (store_fixture){.web = fixture_start(options)};
    fake_store_open(&store.db);
    web_server_set_ready(store.web->server, &store.db, &store.scrape);
    return &store;
}

static void store_close(store_fixture *store)
{
    fixture_close(store->web);
    fake_store_close(&store->db);
}

static const char *const gzip_accepted[] = {"Accept-Encoding: gzip", "User-Agent: Grafana/12.1.0", NULL};

static void grafana_takes_it_for_a_prometheus(void **state)
{
    (void)state;
    store_fixture *store = store_open((web_options){.listen = NULL});
    /* The health check. */
    CHECK_TEXT(client_ask(store->web, "POST", "api/v1/query", "query=1%2B1&time=4", gzip_accepted),
               "{\"status\":\"success\",\"data\":{\"resultType\":\"scalar\",\"result\":[4,\"2\"]}}");
    /* What kind of server, and which version. */
    const char *body = client_ask(store->web, "GET", "api/v1/status/buildinfo", NULL, gzip_accepted);
    CHECK_INT(store->web->status, 200);
    CHECK_CONTAINS(body, "{\"status\":\"success\",\"data\":{\"version\":\"3.");
    CHECK(strstr(body, "features") == NULL); /* else it is a Mimir */
    CHECK(strstr(body, "application") == NULL);
    store_close(store);
    check_end();
}

static void grafana_lists_labels_and_metrics(void **state)
{
    (void)state;
    static const struct {
        const char *method, *path, *form, *body;
    } rows[] = {
        {"GET", "api/v1/labels?start=1700000000&end=1700000300", NULL,
         "{\"status\":\"success\",\"data\":[\"__name__\",\"a.b\",\"instance\",\"job\"]}"},
        {"POST", "api/v1/labels", "start=1700000000&end=1700000300&match%5B%5D=up&limit=40000",
         "{\"status\":\"success\",\"data\":[\"__name__\",\"instance\",\"job\"]}"},
        {"GET", "api/v1/label/__name__/values?start=1700000000&end=1700000300&limit=40000", NULL,
         "{\"status\":\"success\",\"data\":[\"my.metric\",\"requests_total\",\"up\"]}"},
        {"GET", "api/v1/label/__name__/values?limit=2", NULL,
         "{\"status\":\"success\",\"data\":[\"my.metric\",\"requests_total\"],\"warnings\":[\"results "
         "truncated due "
         "to limit\"]}"},
        {"GET", "api/v1/label/job/values?match[]=requests_total", NULL,
         "{\"status\":\"success\",\"data\":[\"api\"]}"},
        {"GET", "api/v1/label/U__a_2e_b/values", NULL, "{\"status\":\"success\",\"data\":[\"v\\u003cw\"]}"},
        {"GET", "api/v1/label/a.b/values", NULL, "{\"status\":\"success\",\"data\":[\"v\\u003cw\"]}"},
        {"GET", "api/v1/label/nothing/values", NULL, "{\"status\":\"success\",\"data\":[]}"},
        {"POST", "api/v1/series",
         "match%5B%5D=%7B__name__%3D~%22up%7Cmy.metric%22%7D&start=1700000000&end=1700000300",
         "{\"status\":\"success\",\"data\":[{\"__name__\":\"my.metric\",\"a.b\":\"v<w\"},{\"__name__\":"
         "\"up\","
         "\"instance\":\"x\",\"job\":\"api\"}]}"},
        {"GET", "api/v1/series?match[]=nothing", NULL, "{\"status\":\"success\",\"data\":[]}"},
        {"GET", "api/v1/metadata?limit=40000", NULL,
         "{\"status\":\"success\",\"data\":{\"a\":[{\"type\":\"counter\",\"help\":\"Help "
         "\\u003c1\\u003e\",\"unit\":"
         "\"\"},{\"type\":\"gauge\",\"help\":\"other\",\"unit\":\"s\"}],\"b\":[{\"type\":\"unknown\","
         "\"help\":\"\","
         "\"unit\":\"\"}]}}"},
        {"GET", "api/v1/rules", NULL, "{\"status\":\"success\",\"data\":{\"groups\":[]}}"},
    };
    store_fixture *store = store_open((web_options){.listen = NULL});
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        CHECK_TEXT(client_ask(store->web, rows[i].method, rows[i].path, rows[i].form, gzip_accepted),
                   rows[i].body);
        CHECK_INT(store->web->status, 200);
    }
    store_close(store);
    check_end();
}

static void grafana_draws_a_panel(void **state)
{
    (void)state;
    store_fixture *store = store_open((web_options){.listen = NULL});
    CHECK_TEXT(
        client_ask(store->web, "POST", "api/v1/query_range",
                   "query=requests_total&start=1700000060.5&end=1700000090.5&step=15.0", gzip_accepted),
        "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[{\"metric\":{\"__name__\":"
        "\"requests_total\",\"instance\":\"x\",\"job\":\"api\"},\"values\":[[1700000060.500,\"120\"],"
        "[1700000075.500,\"150\"],[1700000090.500,\"180\"]]}]}}");
    const char *body =
        client_ask(store->web, "POST", "api/v1/query", "query=up&time=1700000300.123&timeout=60s", NULL);
    CHECK_CONTAINS(body, "\"value\":[1700000300.123,\"1\"]");
    CHECK_TEXT(
        client_ask(store->web, "POST", "api/v1/query_exemplars",
                   "query=rate%28requests_total%5B1m%5D%29&start=1700000000&end=1700000300", gzip_accepted),
        "{\"status\":\"success\",\"data\":[{\"seriesLabels\":{\"__name__\":\"requests_total\",\"instance\":"
        "\"x\",\"job\":\"api\"},\"exemplars\":[{\"labels\":{\"trace_id\":\"abc\"},\"value\":\"1.5\","
        "\"timestamp\":1700000015.001},{\"labels\":{},\"value\":\"2\",\"timestamp\":1700000030}]}]}");
    CHECK_TEXT(client_ask(store->web, "POST", "api/v1/query_exemplars", "query=1", NULL), "");
    CHECK_INT(store->web->status, 204); /* no selector */
    CHECK_TEXT(client_ask(store->web, "POST", "api/v1/query_exemplars", "query=up", NULL),
               "{\"status\":\"success\",\"data\":[]}");
    store_close(store);
    check_end();
}

static void lists_are_refused_as_prometheus_does(void **state)
{
    (void)state;
    static const struct {
        const char *path, *error;
    } rows[] = {
        {"api/v1/labels?start=x",
         "invalid parameter \\\"start\\\": Invalid time value for 'start': cannot parse "
         "\\\"x\\\" to a valid timestamp"},
        {"api/v1/labels?limit=-1", "invalid parameter \\\"limit\\\": limit must be non-negative"},
        {"api/v1/labels?match[]=%7B%7D", "match[] must contain at least one non-empty matcher"},
        {"api/v1/labels?match[]=up%7B", "1:4: parse error: unexpected end of input inside braces"},
        {"api/v1/labels?match[]=rate(up[5m])", "1:1: parse error: a series selector is expected"},
        {"api/v1/series", "no match[] parameter provided"},
        {"api/v1/series?match[]=%7Ba=~%22.*%22%7D",
         "invalid parameter \\\"match[]\\\": match[] must contain at least one non-empty matcher"},
        {"api/v1/query_exemplars?query=(", "1:2: parse error: unclosed left parenthesis"},
        {"api/v1/query_exemplars?query=up&start=2&end=1", "end timestamp must not be before start timestamp"},
        {"api/v1/status/tsdb?limit=0", "limit must be a positive number"},
        {"api/v1/status/tsdb?limit=10001", "limit must not exceed 10000"},
        {"api/v1/metadata?limit=x", "limit must be a number"},
        {"api/v1/targets/relabel_steps", "no scrapePool parameter provided"},
        {"api/v1/targets/relabel_steps?scrapePool=x", "no labels parameter provided"},
    };
    store_fixture *store = store_open((web_options){.listen = NULL});
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        char want[512];
        snprintf(want, sizeof want, "{\"status\":\"error\",\"errorType\":\"bad_data\",\"error\":\"%s\"}",
                 rows[i].error);
        CHECK_TEXT(client_get(store->web, rows[i].path), want);
        CHECK_INT(store->web->status, 400);
    }
    store_close(store);
    check_end();
}

static void status_tells_of_the_store(void **state)
{
    (void)state;
    const web_flag flags[] = {{"storage.tsdb.path", "/nonexistent"}, {"web.enable-lifecycle", "false"}};
    store_fixture *store =
        store_open((web_options){.flags = flags, .flag_count = 2, .enable_admin_api = true, .listen = NULL});
    CHECK_CONTAINS(client_get(store->web, "api/v1/status/tsdb"),
                   "{\"status\":\"success\",\"data\":{\"headStats\":{\"numSeries\":3,");
    CHECK_CONTAINS(store->web->body.data, "\"minTime\":1700000000000,\"maxTime\":1700000300000}");
    CHECK_CONTAINS(client_get(store->web, "api/v1/status/tsdb/blocks"),
                   "{\"blocks\":[{\"ulid\":\"b1\",\"minTime\":1700000000000,\"maxTime\":1700000000010,"
                   "\"stats\":{\"numSamples\":7,"
                   "\"numSeries\":3,\"numChunks\":3},\"compaction\":{\"level\":1,\"sources\":[\"b1\"]},"
                   "\"version\":1}]}");
    CHECK_CONTAINS(client_get(store->web, "api/v1/status/flags"), "\"web.enable-lifecycle\":\"false\"}");
    CHECK_CONTAINS(client_get(store->web, "api/v1/status/runtimeinfo"), "\"reloadConfigSuccess\":true");
    CHECK_CONTAINS(client_ask(store->web, "POST", "api/v1/admin/tsdb/snapshot", "", NULL),
                   "{\"status\":\"success\",\"data\":{\"name\":\"20");
    CHECK_CONTAINS(store->db.snapshot, "/nonexistent/snapshots/20");
    store_close(store);
    check_end();
}

static int64_t store_now(void)
{
    return FAKE_BEGIN_MS + (FAKE_SAMPLES - 1) * FAKE_STEP_MS + 1000;
}

static int64_t no_time(void)
{
    return 0;
}

static void federation_tells_the_newest_samples(void **state)
{
    (void)state;
    const ifm_os_clock clock = {.wall_ms = store_now, .monotonic_ns = no_time};
    store_fixture *store = store_open((web_options){.clock = &clock, .listen = NULL});
    CHECK_TEXT(client_get(store->web,
                          "federate?match[]=%7Bjob=%22api%22%7D&match[]=up&match[]=%7B%22my.metric%22%7D"),
               "# TYPE my_metric untyped\nmy_metric{a_b=\"v<w\",instance=\"\"} 0.5 1700000300000\n"
               "# TYPE requests_total untyped\nrequests_total{instance=\"x\",job=\"api\"} 600 1700000300000\n"
               "# TYPE up untyped\nup{instance=\"x\",job=\"api\"} 1 1700000300000\n");
    CHECK_CONTAINS(store->web->headers.data, "Content-Type: text/plain; version=0.0.4");
    store_close(store);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grafana_takes_it_for_a_prometheus),
        cmocka_unit_test(grafana_lists_labels_and_metrics),
        cmocka_unit_test(grafana_draws_a_panel),
        cmocka_unit_test(lists_are_refused_as_prometheus_does),
        cmocka_unit_test(status_tells_of_the_store),
        cmocka_unit_test(federation_tells_the_newest_samples),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

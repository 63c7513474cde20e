/* SPDX-License-Identifier: Apache-2.0
 *
 * targets, metadata, scrape_pools: what the scraper says, in Prometheus's shape. And a store that fails.
 */
#include "unit/web/client.h"

#define ACTIVE_API                                                                                           \
    "{\"discoveredLabels\":{\"__name__\":\"up\",\"instance\":\"x\",\"job\":\"api\"},\"labels\":{"            \
    "\"instance\":\"x\","                                                                                    \
    "\"job\":\"api\"},\"scrapePool\":\"api\",\"scrapeUrl\":\"http://x/metrics?a=1\\u0026b\",\"globalUrl\":"  \
    "\"http://x/metrics?a=1\\u0026b\",\"lastError\":\"\",\"lastScrape\":\"2023-11-14T22:13:20.001Z\","       \
    "\"lastScrapeDuration\":0.25,\"health\":\"up\",\"scrapeInterval\":\"15s\",\"scrapeTimeout\":\"10s\"}"
#define DROPPED "{\"discoveredLabels\":{\"__name__\":\"my.metric\",\"a.b\":\"v<w\"},\"scrapePool\":\"web\"}"

static void targets_have_prometheus_s_shape(void **state)
{
    (void)state;
    static const struct {
        const char *path, *body;
    } rows[] = {
        {"api/v1/scrape_pools", "{\"scrapePools\":[\"api\",\"web\"]}"},
        {"api/v1/targets?state=active&scrapePool=api",
         "{\"activeTargets\":[" ACTIVE_API "],\"droppedTargets\":[],\"droppedTargetCounts\":{}}"},
        {"api/v1/targets?state=Dropped", "{\"activeTargets\":[],\"droppedTargets\":[" DROPPED
                                         "],\"droppedTargetCounts\":{\"api\":0,\"web\":1}}"},
        {"api/v1/targets?scrapePool=none",
         "{\"activeTargets\":[],\"droppedTargets\":[],\"droppedTargetCounts\":{}}"},
        {"api/v1/metadata?metric=b", "{\"b\":[{\"type\":\"unknown\",\"help\":\"\",\"unit\":\"\"}]}"},
        {"api/v1/metadata?limit=0", "{}"},
        {"api/v1/metadata?limit=1&limit_per_metric=1",
         "{\"a\":[{\"type\":\"counter\",\"help\":\"Help \\u003c1\\u003e\",\"unit\":\"\"}]}"},
        {"api/v1/targets/metadata?metric=b", "[{\"target\":{\"__name__\":\"my.metric\",\"a.b\":\"v<w\"},"
                                             "\"type\":\"unknown\",\"help\":\"\",\"unit\":\"\"}]"},
        {"api/v1/targets/metadata?match_target=%7Bjob=%22api%22%7D",
         "[{\"target\":{\"instance\":\"x\",\"job\":\"api\"},\"metric\":\"a\",\"type\":\"counter\",\"help\":"
         "\"Help "
         "\\u003c1\\u003e\",\"unit\":\"\"}]"},
        {"api/v1/targets/metadata?match_target=%7Bjob=%22none%22%7D", "[]"},
    };
    tsdb db;
    scrape_manager scrape;
    web_fixture *fixture = fixture_start((web_options){.listen = NULL});
    fake_store_open(&db);
    web_server_set_ready(fixture->server, &db, &scrape);
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        char want[4096];
        snprintf(want, sizeof want, "{\"status\":\"success\",\"data\":%s}", rows[i].body);
        CHECK_TEXT(client_get(fixture, rows[i].path), want);
        CHECK_INT(fixture->status, 200);
    }
    fixture_close(fixture);
    fake_store_close(&db);
    check_end();
}

static void store_that_fails_is_an_error_of_the_request(void **state)
{
    (void)state;
    static const char *const paths[] = {"api/v1/labels",
                                        "api/v1/label/job/values",
                                        "api/v1/series?match[]=up",
                                        "api/v1/query_exemplars?query=up",
                                        "api/v1/status/tsdb",
                                        "api/v1/status/tsdb/blocks"};
    static const struct {
        ifm_code code;
        long status;
        const char *type;
    } kinds[] = {{IFM_IO, 500, "internal"}, {IFM_NOMEM, 500, "internal"}, {IFM_LIMIT, 422, "execution"}};
    tsdb db;
    web_fixture *fixture = fixture_start((web_options){.listen = NULL});
    fake_store_open(&db);
    web_server_set_ready(fixture->server, &db, NULL);
    for (size_t kind = 0; kind < IFM_COUNT_OF(kinds); kind++) {
        db.fails = kinds[kind].code;
        for (size_t i = 0; i < IFM_COUNT_OF(paths); i++) {
            char want[256];
            snprintf(want, sizeof want,
                     "{\"status\":\"error\",\"errorType\":\"%s\",\"error\":\"the store is made to fail\"}",
                     kinds[kind].type);
            CHECK_TEXT(client_get(fixture, paths[i]), want);
            CHECK_INT(fixture->status, kinds[kind].status);
        }
    }
    fixture_close(fixture);
    fake_store_close(&db);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(targets_have_prometheus_s_shape),
                                       cmocka_unit_test(store_that_fails_is_an_error_of_the_request)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * Each request with the n-th allocation failing: an answer, no crash, no leak.
 */
#include "torture.h"
#include "unit/web/fakes.h"
#include "web/impl.h"

static web_server server = {.listen_host = "127.0.0.1", .prefix = "", .machine = "host", .url = "http://x/"};

static bool answer_request(void *context, ifm_error *err)
{
    web_request request = {.server = &server, .method = WEB_GET, .fd = -1};
    model_text query;
    request.target = context;
    ifm_bump_init(&request.arena, 64 << 20);
    ifm_buf_init(&request.answer.body, 64 << 20);
    bool ok = web_target_split(request.target, &request.arena, &request.path, &query, err) &&
              web_params_add(&request.params, query, &request.arena, err);
    if (ok) {
        web_route(&request);
        ok = request.answer.status == 200 && request.answer.body.failed == IFM_OK &&
             request.arena.failed == IFM_OK;
        /* What could not be written, web_answer_send() replaces by an error. */
        bool told = request.answer.status >= 500 || request.answer.body.failed != IFM_OK ||
                    request.arena.failed != IFM_OK;
        ok = ok || (!told && ifm_error_set(err, IFM_STATE, "%u", request.answer.status));
        if (!ok && told) {
            ifm_error_nomem(err);
        }
    }
    ifm_buf_deinit(&request.answer.body);
    ifm_bump_deinit(&request.arena);
    return ok;
}

static void requests_survive_without_memory(void **state)
{
    (void)state;
    static char paths[][160] = {
        "/",
        "/version",
        "/api/v1/query?query=sum(rate(requests_total[5m]))by(job)&time=1700000100&stats=all",
        "/api/v1/query?query=rate(up[5m])&time=1700000100",
        "/api/v1/query_range?query=up&start=1700000000&end=1700000100&step=10&limit=1",
        "/api/v1/query_exemplars?query=requests_total%2Bup",
        "/api/v1/format_query?query=foo%2Fbar",
        "/api/v1/parse_query?query=foo%2Fbar",
        "/api/v1/labels?match[]=%7Bjob=~%22a.*%22%7D&limit=1",
        "/api/v1/label/job/values?match[]=up&match[]=requests_total",
        "/api/v1/series?match[]=%7Bjob=~%22a.*%22%7D",
        "/api/v1/metadata",
        "/api/v1/status/tsdb",
        "/api/v1/status/tsdb/blocks",
        "/api/v1/status/buildinfo",
        "/api/v1/status/runtimeinfo",
        "/api/v1/features",
        "/federate?match[]=%7Bjob=~%22a.*%22%7D",
    };
    tsdb db;
    scrape_manager scrape;
    fake_store_open(&db);
    server.clock = ifm_os_clock_real;
    server.options.query_timeout_ms = WEB_QUERY_TIMEOUT_MS;
    web_gate_init(&server.gate, 2, 2);
    web_server_set_ready(&server, &db, &scrape);
    for (size_t i = 0; i < IFM_COUNT_OF(paths); i++) {
        printf("%s\n", paths[i]);
        if (torture_allocations(answer_request, paths[i], TORTURE_MAY_SUCCEED) < 2) {
            fail_msg("%s: nothing was tortured", paths[i]);
        }
        CHECK_INT(server.gate.active, 0);
    }
    web_gate_deinit(&server.gate);
    fake_store_close(&db);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(requests_survive_without_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * rules, alerts: what the rules say, in Prometheus's shape, in pages, and by halves.
 */
#include "unit/web/client.h"

#define ALERT_1                                                                                              \
    "{\"labels\":{\"alertname\":\"Down\",\"severity\":\"<3>\"},\"annotations\":{\"summary\":\"it is "        \
    "\\\"down\\\"\"},\"state\":\"firing\",\"activeAt\":\"2023-11-14T22:13:20.001Z\",\"keepFiringSince\":"    \
    "\"2023-11-14T22:13:22Z\",\"value\":\"1.25e-03\"}"
#define ALERT_2                                                                                              \
    "{\"labels\":{\"alertname\":\"Down\"},\"annotations\":{},\"state\":\"pending\",\"activeAt\":"            \
    "\"2023-11-14T22:13:20Z\",\"value\":\"1.2345678e+07\"}"
#define DOWN(alerts)                                                                                         \
    "{\"state\":\"firing\",\"name\":\"Down\",\"query\":\"up == 0\",\"duration\":60,\"keepFiringFor\":1.5,"   \
    "\"labels\":{\"severity\":\"{{ $value }}\"},\"annotations\":{\"summary\":\"it is \\\"down\\\"\"},"       \
    "\"alerts\":[" alerts "],\"health\":\"ok\",\"evaluationTime\":0.5,\"lastEvaluation\":"                   \
    "\"2023-11-14T22:13:20Z\",\"type\":\"alerting\"}"
#define SUM                                                                                                  \
    "{\"name\":\"job:up:sum\",\"query\":\"sum by (job) (up)\",\"labels\":{},\"health\":\"err\","             \
    "\"lastError\":\"too \\u003cold\\u003e\",\"evaluationTime\":0,\"lastEvaluation\":"                       \
    "\"0001-01-01T00:00:00Z\",\"type\":\"recording\"}"
#define GROUP_A(rules)                                                                                       \
    "{\"name\":\"a\",\"file\":\"/etc/one.yml\",\"rules\":[" rules "],\"interval\":15,\"limit\":7,"           \
    "\"evaluationTime\":0.25,\"lastEvaluation\":\"2023-11-14T22:13:20Z\"}"
#define GROUP_B                                                                                              \
    "{\"name\":\"b\",\"file\":\"/etc/one.yml\",\"rules\":[" SUM "],\"interval\":60,\"limit\":0,"             \
    "\"evaluationTime\":0,\"lastEvaluation\":\"0001-01-01T00:00:00Z\"}"

typedef struct fixture {
    web_fixture *web;
    tsdb db;
    rules_manager rules;
} fixture;

static void store_ready(fixture *f, bool with_rules)
{
    f->web = fixture_start((web_options){.listen = NULL});
    fake_store_open(&f->db);
    if (with_rules) {
        web_server_set_rules(f->web->server, &f->rules);
    }
    web_server_set_ready(f->web->server, &f->db, NULL);
}

static void store_end(fixture *f)
{
    fixture_close(f->web);
    fake_store_close(&f->db);
    check_end();
}

static void rules_have_prometheus_s_shape(void **state)
{
    (void)state;
    static const struct {
        const char *path, *body;
    } rows[] = {
        {"api/v1/rules", "{\"groups\":[" GROUP_A(DOWN(ALERT_1 "," ALERT_2) "," SUM) "," GROUP_B "]}"},
        {"api/v1/rules?type=alert&exclude_alerts=True", "{\"groups\":[" GROUP_A(DOWN("")) "]}"},
        {"api/v1/rules?type=RECORD", "{\"groups\":[" GROUP_A(SUM) "," GROUP_B "]}"},
        {"api/v1/rules?rule_name[]=job:up:sum&rule_name[]=x&rule_group[]=b", "{\"groups\":[" GROUP_B "]}"},
        {"api/v1/rules?file[]=/etc/two.yml", "{\"groups\":[]}"},
        {"api/v1/rules?match[]=%7Bseverity=~%22.%2B%22%7D&exclude_alerts=1",
         "{\"groups\":[" GROUP_A(DOWN("")) "]}"},
        {"api/v1/rules?match[]=%7Bseverity=%22x%22%7D&match[]=%7Bseverity!=%22x%22,team=%22a%22%7D",
         "{\"groups\":[]}"},
        {"api/v1/alerts", "{\"alerts\":[" ALERT_1 "," ALERT_2 "]}"},
    };
    fixture f;
    store_ready(&f, true);
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        char want[8192];
        snprintf(want, sizeof want, "{\"status\":\"success\",\"data\":%s}", rows[i].body);
        CHECK_TEXT(client_get(f.web, rows[i].path), want);
        CHECK_INT(f.web->status, 200);
    }
    store_end(&f);
}

static void groups_come_in_pages(void **state)
{
    (void)state;
    fixture f;
    char path[256], token[64] = "";
    store_ready(&f, true);
    const char *body = client_get(f.web, "api/v1/rules?group_limit=1&type=record");
    CHECK_CONTAINS(body, "\"groups\":[" GROUP_A(SUM) "],\"groupNextToken\":\"");
    const char *at = strstr(body, "\"groupNextToken\":\"");
    assert_non_null(at);
    sscanf(at, "\"groupNextToken\":\"%60[0-9a-f]", token);
    snprintf(path, sizeof path, "api/v1/rules?group_limit=1&type=record&group_next_token=%s", token);
    CHECK_TEXT(client_get(f.web, path), "{\"status\":\"success\",\"data\":{\"groups\":[" GROUP_B "]}}");
    CHECK(strstr(client_get(f.web, "api/v1/rules?group_limit=2"), "groupNextToken") == NULL);
    store_end(&f);
}

static void wrong_parameters_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *path, *error;
    } rows[] = {
        {"type=x", "invalid parameter \\\"type\\\": not supported value \\\"x\\\""},
        {"exclude_alerts=maybe", "invalid parameter \\\"exclude_alerts\\\": error converting exclude_alerts: "
                                 "strconv.ParseBool: parsing \\\"maybe\\\": invalid syntax"},
        {"group_limit=0", "invalid parameter \\\"group_limit\\\": group_limit needs to be greater than 0"},
        {"group_limit=x", "invalid parameter \\\"group_limit\\\": group_limit needs to be a valid number: "},
        {"group_next_token=x",
         "invalid parameter \\\"group_next_token\\\": group_limit needs to be present in "
         "order to paginate over the groups"},
        {"group_limit=1&group_next_token=x",
         "invalid parameter \\\"group_next_token\\\": invalid group_next_token \\\"x\\\". were rule groups "
         "changed?"},
        {"match[]=%7B", "parse error"},
    };
    fixture f;
    store_ready(&f, true);
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        char path[256];
        snprintf(path, sizeof path, "api/v1/rules?%s", rows[i].path);
        const char *body = client_get(f.web, path);
        CHECK_CONTAINS(body, "\"errorType\":\"bad_data\"");
        CHECK_CONTAINS(body, rows[i].error);
        CHECK_INT(f.web->status, 400);
    }
    store_end(&f);
}

static void without_rules_there_are_none(void **state)
{
    (void)state;
    fixture f;
    store_ready(&f, false);
    CHECK_TEXT(client_get(f.web, "api/v1/rules"), "{\"status\":\"success\",\"data\":{\"groups\":[]}}");
    CHECK_TEXT(client_get(f.web, "api/v1/alerts"), "{\"status\":\"success\",\"data\":{\"alerts\":[]}}");
    store_end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules_have_prometheus_s_shape),
        cmocka_unit_test(groups_come_in_pages),
        cmocka_unit_test(wrong_parameters_are_refused),
        cmocka_unit_test(without_rules_there_are_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

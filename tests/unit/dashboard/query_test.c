/* SPDX-License-Identifier: Apache-2.0
 *
 * What is found in queries: of panels, annotations and variables.
 */
#include "dashboard_fixture.h"

#define ROWS(rows) rows, sizeof rows / sizeof rows[0]
#define QUERY_VARIABLE(query)                                                                                \
    DASHBOARD(",{\"type\":\"query\",\"name\":\"v\"," UID ",\"query\":" query "}", "")

static dashboard_metrics *metrics;

static int setup(void **state)
{
    static const char text[] = "# TYPE hits_total counter\nhits_total 1\n# TYPE load gauge\nload 1\n"
                               "# TYPE lag_seconds histogram\nlag_seconds_bucket{le=\"+Inf\"} 1\n"
                               "lag_seconds_sum 1\nlag_seconds_count 1\n";
    ifm_error err;
    (void)state;
    metrics = dashboard_metrics_new(&err);
    return metrics != NULL && dashboard_metrics_add_exposition(metrics, text, sizeof text - 1, NULL, &err)
               ? 0
               : 1;
}

static int teardown(void **state)
{
    (void)state;
    dashboard_metrics_free(metrics);
    return 0;
}

static void query_has_to_be_promql(void **state)
{
    static const finding_row rows[] = {
        {ASKING("", "sum(rate(up[5m])"), "panel \"P\" (id 1), query A: 1:17: parse error: unclosed left "
                                         "parenthesis, in \"sum(rate(up[5m])\"\n"},
        {ASKING("", "rate(up)"), "*parse error: expected type range vector in call to function \"rate\""},
        {ASKING("", "double_exponential_smoothing(up[5m], 0.5, 0.5)"),
         "*warning: panel \"P\" (id 1), query A: it is refused by a Prometheus that runs without "
         "--enable-feature="},
        {"{" HEAD "\"templating\":{\"list\":[" SOURCE "]},\"annotations\":{\"list\":[{\"name\":\"N\"," UID
         ",\"expr\":\"up{\"}]}}",
         "*annotation \"N\": 1:4: parse error: "},
        {"{" HEAD "\"templating\":{\"list\":[" SOURCE "]},\"annotations\":{\"list\":[{\"name\":\"N\"," UID
         "}]}}",
         "warning: annotation \"N\": it has no query\n"},
        {"{" HEAD
         "\"annotations\":{\"list\":[{\"name\":\"N\",\"builtIn\":1,\"datasource\":{\"type\":\"grafana\","
         "\"uid\":\"-- Grafana --\"}}]}}",
         ""},
        {DASHBOARD(",{\"type\":\"datasource\",\"name\":\"loki\",\"query\":\"loki\"}",
                   "{" TARGETS(TARGET("{a=b} |= c")) "\"type\":\"logs\",\"id\":1,\"datasource\":{\"uid\":\"$"
                                                     "loki\"}," PLACE(0, 0, 1, 1) "}"),
         ""},
    };
    (void)state;
    check_rows(NULL, ROWS(rows));
}

static void query_names_metrics_that_are_known(void **state)
{
    static const finding_row rows[] = {
        {ASKING("", "hits_total + up + load + ALERTS + lag_seconds_count"), ""},
        {ASKING("", "hits_totl"), "panel \"P\" (id 1), query A: nothing that is known exposes or records the "
                                  "metric \"hits_totl\"; hint: did you "
                                  "mean \"hits_total\"\n"},
        {ASKING("", "{__name__=\\\"nothing_like_it\\\"}"),
         "panel \"P\" (id 1), query A: nothing that is known exposes or records the metric "
         "\"nothing_like_it\"\n"},
        {ASKING("", "{__name__=~\\\"nothing.*\\\"}"), ""},
        {ASKING("", "a_b_c_d + a_b_c_d"),
         "panel \"P\" (id 1), query A: nothing that is known exposes or records the metric \"a_b_c_d\"\n"},
        {QUERY_VARIABLE("\"label_values(hits, job)\""),
         "*variable \"v\": nothing that is known exposes or records"},
    };
    const dashboard_check_options options = {.metrics = metrics};
    (void)state;
    check_rows(&options, ROWS(rows));
    CHECK_TEXT(found(ASKING("", "hits_totl")), "");
    check_end();
}

static void query_uses_functions_for_what_they_are_for(void **state)
{
    static const finding_row rows[] = {
        {ASKING("", "rate(hits_total[1m])"), ""},
        {ASKING("", "rate(lag_seconds_sum[1m]) / rate(lag_seconds_count[1m])"), ""},
        {ASKING("", "rate(load[1m])"),
         "*warning: panel \"P\" (id 1), query A: rate() is for counters, and \"load\" is a gauge"},
        {ASKING("", "delta(hits_total[1m])"), "*delta() is for gauges, and \"hits_total\" is a counter"},
        {ASKING("", "deriv(load[1m])"), ""},
        {ASKING("", "histogram_quantile(0.9, sum by (le) (rate(lag_seconds_bucket[1m])))"), ""},
        {ASKING("", "histogram_quantile(0.9, rate(lag_seconds_bucket[1m]))"), ""},
        {ASKING("", "histogram_quantile(0.9, sum without (job) (rate(lag_seconds_bucket[1m])))"), ""},
        {ASKING("", "histogram_quantile(0.9, topk(3, rate(lag_seconds_bucket[1m])))"), ""},
        {ASKING("", "histogram_quantile(0.9, sum(rate(lag_seconds[1m])))"), ""},
        {ASKING("", "histogram_quantile(0.9, sum(rate(lag_seconds_bucket[1m])))"),
         "*warning: panel \"P\" (id 1), query A: histogram_quantile() needs the label le of "
         "\"lag_seconds_bucket\""},
        {ASKING("", "histogram_quantile(0.9, (sum without (le) (rate(lag_seconds_bucket[1m]))))"),
         "*needs the label le"},
        {ASKING("", "histogram_quantile(0.9, sum by (le) (max(rate(lag_seconds_bucket[1m]))))"),
         "*needs the label le"},
        {ASKING("", "histogram_quantile(0.9, rate(lag_seconds_sum[1m]))"),
         "*histogram_quantile() is for histograms, and \"lag_seconds_sum\" is none"},
        {ASKING("", "lag_seconds_bucket{le=\\\"1\\\"}"),
         "*warning: panel \"P\" (id 1), query A: le=\"1\" finds nothing in Prometheus 3, which writes it "
         "\"1.0\""},
        {ASKING("", "lag_seconds_bucket{le=\\\"1.0\\\"} + lag_seconds_bucket{le=\\\"+Inf\\\"}"), ""},
        {ASKING("", "lag_seconds_bucket{le=~\\\"1\\\"} + load{le=\\\"1\\\"}"), ""},
    };
    const dashboard_check_options options = {.metrics = metrics};
    (void)state;
    check_rows(&options, ROWS(rows));
}

static void query_looks_back_four_scrapes(void **state)
{
    static const finding_row rows[] = {
        {ASKING("", "rate(up[20s])"), ""},
        {ASKING("", "rate(up[19s])"), "warning: panel \"P\" (id 1), query A: rate() looks back 19s, but "
                                      "needs 4 scrapes, which come every 5s: there "
                                      "may be no data; hint: use $__rate_interval\n"},
        {ASKING("", "increase((up[19999ms]))"), "*increase() looks back 19999ms"},
        {ASKING("", "max_over_time(up[5s])"), ""},
        {ASKING("", "rate(up[$__rate_interval])"), ""},
        {ASKING("", "rate(up[$__range])"), ""},
        {ASKING("", "max_over_time(up[$__interval])"), ""},
        {ASKING("", "rate(up[$__interval])"), "*rate() over $__interval looks back as little as 5s"},
        {ASKING("", "rate(up{a=\\\"$__range\\\"}[1s])"), "*rate() looks back 1s"},
        {ASKING("", "sum(rate(up[1m])) + rate(up[${__interval}])"), "*rate() over $__interval looks back"},
        {ASKING(",{\"type\":\"interval\",\"name\":\"w\",\"query\":\"10s,1m\"}", "rate(up[$w])"),
         "*rate() over $w looks back as little as 10s"},
        {ASKING(",{\"type\":\"interval\",\"name\":\"w\",\"query\":\"10s,1m\",\"current\":{\"value\":\"1m\"}}",
                "rate(up[[[w]]])"),
         ""},
        {DASHBOARD("", PANEL("\"interval\":\"1m\"," TARGETS(TARGET("rate(up[$__interval])")))), ""},
        {DASHBOARD("", PANEL(TARGETS("{\"expr\":\"rate(up[$__interval])\",\"interval\":\"10s\"}"))),
         "*looks back as little as 10s"},
    };
    static const finding_row slow[] = {
        {ASKING("", "rate(up[1m])"), ""},
        {ASKING("", "rate(up[30s])"), "*rate() looks back 30s, but needs 4 scrapes, which come every 15s"},
        {ASKING("", "rate(up[$__rate_interval])"), ""},
    };
    static const dashboard_check_options options = {.scrape_interval_ms = 15000};
    (void)state;
    check_rows(NULL, ROWS(rows));
    check_rows(&options, ROWS(slow));
}

static void query_of_a_variable(void **state)
{
    static const finding_row rows[] = {
        {QUERY_VARIABLE("\"label_values(up, job)\""), ""},
        {QUERY_VARIABLE("{\"query\":\"label_values(up{a=\\\"b\\\",c=\\\"d\\\"}, job)\",\"refId\":\"x\"}"),
         ""},
        {QUERY_VARIABLE("\" label_values ( job ) \""), ""},
        {QUERY_VARIABLE("\"label_values(up{a=\\\"b\\\",c=\\\"d\\\"})\""),
         "*label_values() is given no label; it is"},
        {QUERY_VARIABLE("\"label_values(up, )\""), "*label_values() is given no label"},
        {QUERY_VARIABLE("\"label_values(up{, job)\""), "*variable \"v\": 1:4: parse error"},
        {QUERY_VARIABLE("\"label_values(sum(up), job)\""), "*what it asks is no selector"},
        {QUERY_VARIABLE("\"query_result(sum(up))\""), ""},
        {QUERY_VARIABLE("\"query_result(sum(up)\""), "*parse error"},
        {QUERY_VARIABLE("\"label_names()\""), ""},
        {QUERY_VARIABLE("\"metrics(up.*)\""), ""},
        {QUERY_VARIABLE("\"up{a=\\\"b\\\"}\""), ""},
        {QUERY_VARIABLE("\"sum(up)\""), "*what it asks is no selector"},
        {QUERY_VARIABLE("\"\""), "variable \"v\": it has no query\n"},
        {QUERY_VARIABLE("{\"refId\":\"x\"}"), "variable \"v\": it has no query\n"},
    };
    (void)state;
    check_rows(NULL, ROWS(rows));
}

/* The queries as they are handed out, each a line. */
static void collect(void *context, const dashboard_query *query)
{
    ifm_buf_printf(context, "%s|%s|%s|%s\n", query->file, query->place, query->ref, query->text);
}

static void query_is_handed_out_in_one_line(void **state)
{
#define QUERIES                                                                                              \
    "{\"refId\":\"B\",\"expr\":\"sum(\\n  rate(up{job=~\\\"$job\\\"}[$__rate_interval]) # all\\n)\"},"       \
    "{\"refId\":\"C\",\"expr\":\"increase(up[$__range])\"},"                                                 \
    "{\"refId\":\"D\",\"expr\":\"up{\"}"
    static const char json[] =
        "{\"uid\":\"u\",\"title\":\"T\",\"schemaVersion\":39,\"time\":{\"from\":\"now-15m\",\"to\":\"now\"},"
        "\"templating\":{\"list\":[{\"type\":\"datasource\",\"name\":\"datasource\",\"query\":\"prometheus\"}"
        ","
        "{\"type\":\"query\",\"name\":\"job\",\"query\":\"label_values(up{a=\\\"b\\\"}, "
        "job)\",\"multi\":true}]},"
        "\"annotations\":{\"list\":[{\"name\":\"N\",\"expr\":\"up == 0\"}]},"
        "\"panels\":[{\"type\":\"stat\",\"title\":\"a\\tb\",\"id\":3,\"targets\":[" QUERIES "]},"
        "{\"type\":\"stat\",\"id\":4,\"targets\":[{\"refId\":\"A\",\"expr\":\"up\"}]}]}";
    ifm_buf queries;
    (void)state;
    ifm_buf_init(&queries, 1 << 16);
    const dashboard_check_options options = {.query = collect, .context = &queries};
    CHECK_CONTAINS(found_with(&options, json), "parse error");
    ifm_buf_append_char(&queries, '\0');
    CHECK_TEXT(queries.data, "f.json|variable job||up{a=\"b\"}\n"
                             "f.json|annotation N||up == 0\n"
                             "f.json|a b|B|sum(rate(up{job=~\".*\"}[20s]))\n"
                             "f.json|a b|C|increase(up[15m])\n"
                             "f.json|panel 4|A|up\n");
    ifm_buf_deinit(&queries);
    check_end();
}

static void query_has_a_longest(void **state)
{
    ifm_buf text;
    (void)state;
    ifm_buf_init(&text, 1 << 20);
    for (int over = 0; over <= 1; over++) {
        static const char before[] =
            "{" HEAD "\"templating\":{\"list\":[" SOURCE "]},\"panels\":[{\"type\":\"stat\","
            "\"id\":1," UID "," PLACE(0, 0, 1, 1) ",\"targets\":[{\"expr\":\"up";
        ifm_buf_clear(&text);
        ifm_buf_append_text(&text, before);
        for (int i = 2; i < DASHBOARD_QUERY_BYTES_MAX + over; i++) {
            ifm_buf_append_char(&text, ' ');
        }
        ifm_buf_append(&text, "\"}]}]}", sizeof "\"}]}]}");
        CHECK_TEXT(found(text.data),
                   over ? "panel (id 1): with its variables replaced the query is longer than the "
                          "limit of 65536 bytes\n"
                        : "");
    }
    ifm_buf_deinit(&text);
    check_end();
}

static void query_number_is_limited(void **state)
{
    ifm_buf text;
    (void)state;
    ifm_buf_init(&text, 1 << 20);
    for (int count = DASHBOARD_QUERIES_MAX; count <= DASHBOARD_QUERIES_MAX + 1; count++) {
        ifm_buf_clear(&text);
        ifm_buf_append_text(&text, "{" HEAD "\"panels\":[");
        for (int i = 0; i < count; i++) {
            ifm_buf_append_text(&text, i % 100 != 0 ? "," : i == 0 ? "" : "]},");
            ifm_buf_append_text(&text, i % 100 == 0 ? "{\"type\":\"stat\",\"targets\":[" : "");
            ifm_buf_append_text(&text, "{\"expr\":\"1\"}");
        }
        ifm_buf_append(&text, "]}]}", sizeof "]}]}");
        CHECK_INT(strstr(found(text.data), "the dashboard has more queries than the limit of 10000") != NULL,
                  count > DASHBOARD_QUERIES_MAX);
    }
    ifm_buf_deinit(&text);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(query_has_to_be_promql),
        cmocka_unit_test(query_names_metrics_that_are_known),
        cmocka_unit_test(query_uses_functions_for_what_they_are_for),
        cmocka_unit_test(query_looks_back_four_scrapes),
        cmocka_unit_test(query_of_a_variable),
        cmocka_unit_test(query_is_handed_out_in_one_line),
        cmocka_unit_test(query_has_a_longest),
        cmocka_unit_test(query_number_is_limited),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * Names of metrics, from expositions and from files of rules.
 */
#include "dashboard_fixture.h"
#include "torture.h"

static dashboard_metrics *new_metrics(void)
{
    ifm_error err;
    dashboard_metrics *metrics = dashboard_metrics_new(&err);
    assert_non_null(metrics);
    return metrics;
}

static int type_of(const dashboard_metrics *metrics, const char *name)
{
    return dashboard_metrics_find(metrics, name, strlen(name));
}

static void metrics_know_what_prometheus_makes(void **state)
{
    dashboard_metrics *metrics = new_metrics();
    (void)state;
    CHECK_INT(type_of(metrics, "up"), DASHBOARD_METRIC_GAUGE);
    CHECK_INT(type_of(metrics, "scrape_duration_seconds"), DASHBOARD_METRIC_GAUGE);
    CHECK_INT(type_of(metrics, "ALERTS_FOR_STATE"), DASHBOARD_METRIC_GAUGE);
    CHECK_INT(type_of(metrics, "u"), DASHBOARD_METRIC_NONE);
    CHECK_INT(type_of(metrics, ""), DASHBOARD_METRIC_NONE);
    dashboard_metrics_free(metrics);
    check_end();
}

static void metrics_of_an_exposition_have_the_names_of_queries(void **state)
{
    static const char text[] =
        "# TYPE c_total counter\n# TYPE g gauge\n# TYPE h histogram\n# TYPE s summary\n"
        "# TYPE u untyped\nbare{a=\"b\"} 1\n# TYPE d counter\n";
    static const char open[] =
        "# TYPE oc counter\n# TYPE oi info\n# TYPE os stateset\n# TYPE oh gaugehistogram\n"
        "# EOF\n";
    static const struct {
        const char *name;
        dashboard_metric_type want;
    } rows[] = {
        {"c_total", DASHBOARD_METRIC_COUNTER},  {"c_created", DASHBOARD_METRIC_GAUGE},
        {"c", DASHBOARD_METRIC_NONE},           {"d", DASHBOARD_METRIC_COUNTER},
        {"g", DASHBOARD_METRIC_GAUGE},          {"h", DASHBOARD_METRIC_HISTOGRAM},
        {"h_bucket", DASHBOARD_METRIC_BUCKET},  {"h_sum", DASHBOARD_METRIC_COUNTER},
        {"h_count", DASHBOARD_METRIC_COUNTER},  {"h_created", DASHBOARD_METRIC_GAUGE},
        {"s", DASHBOARD_METRIC_GAUGE},          {"s_sum", DASHBOARD_METRIC_COUNTER},
        {"s_bucket", DASHBOARD_METRIC_NONE},    {"u", DASHBOARD_METRIC_UNTYPED},
        {"bare", DASHBOARD_METRIC_UNTYPED},     {"oc_total", DASHBOARD_METRIC_COUNTER},
        {"oc_created", DASHBOARD_METRIC_GAUGE}, {"oc", DASHBOARD_METRIC_NONE},
        {"oi_info", DASHBOARD_METRIC_GAUGE},    {"os", DASHBOARD_METRIC_GAUGE},
        {"oh_bucket", DASHBOARD_METRIC_BUCKET}, {"oh_gsum", DASHBOARD_METRIC_GAUGE},
        {"oh_gcount", DASHBOARD_METRIC_GAUGE},
    };
    dashboard_metrics *metrics = new_metrics();
    ifm_error err;
    (void)state;
    CHECK(dashboard_metrics_add_exposition(metrics, text, sizeof text - 1, NULL, &err));
    CHECK(dashboard_metrics_add_exposition(metrics, open, sizeof open - 1, NULL, &err));
    CHECK(dashboard_metrics_add_exposition(metrics, "", 0, NULL, &err));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (!check_report(type_of(metrics, rows[i].name) == (int)rows[i].want, __FILE__, __LINE__)) {
            fprintf(stderr, "%s: %d, want %d\n", rows[i].name, type_of(metrics, rows[i].name), rows[i].want);
        }
    }
    CHECK(!dashboard_metrics_add_exposition(metrics, "a b c d\n", 8, NULL, &err));
    CHECK_INT(err.code, IFM_INVALID);
    CHECK_CONTAINS(err.message, "line 1");
    dashboard_metrics_free(metrics);
    check_end();
}

static void metrics_with_the_marker_stand_for_many(void **state)
{
    static const char text[] =
        "# TYPE total_probe histogram\ntotal_probe_bucket{le=\"+Inf\"} 1\ntotal_probe_sum 1\n"
        "total_probe_count 1\n# TYPE hits_probe counter\n# TYPE probe gauge\n"
        "# TYPE aprobe gauge\n";
    dashboard_metrics *metrics = new_metrics();
    ifm_error err;
    (void)state;
    CHECK(dashboard_metrics_add_exposition(metrics, text, sizeof text - 1, "probe", &err));
    CHECK_INT(type_of(metrics, "total_x"), DASHBOARD_METRIC_HISTOGRAM);
    CHECK_INT(type_of(metrics, "total_x_y_bucket"), DASHBOARD_METRIC_BUCKET);
    CHECK_INT(type_of(metrics, "total_x_count"), DASHBOARD_METRIC_COUNTER);
    CHECK_INT(type_of(metrics, "total_x_sum"), DASHBOARD_METRIC_COUNTER);
    CHECK_INT(type_of(metrics, "total_x_created"), DASHBOARD_METRIC_GAUGE);
    CHECK_INT(type_of(metrics, "total_"), DASHBOARD_METRIC_NONE);
    CHECK_INT(type_of(metrics, "hits_bucket"), DASHBOARD_METRIC_COUNTER);
    CHECK_INT(type_of(metrics, "probe"), DASHBOARD_METRIC_GAUGE);
    CHECK_INT(type_of(metrics, "ax"), DASHBOARD_METRIC_NONE);
    dashboard_metrics_free(metrics);
    check_end();
}

static void metrics_of_rules_are_those_recorded(void **state)
{
    static const char text[] =
        "groups:\n- name: a\n  rules:\n  - record: job:x:rate5m\n    expr: up\n  - alert: Down\n"
        "    expr: up == 0\n- name: b\n- name: c\n  rules: [{record: y, expr: up}, 7]\n";
    dashboard_metrics *metrics = new_metrics();
    ifm_error err;
    (void)state;
    CHECK(dashboard_metrics_add_rules(metrics, text, sizeof text - 1, &err));
    CHECK_INT(type_of(metrics, "job:x:rate5m"), DASHBOARD_METRIC_UNTYPED);
    CHECK_INT(type_of(metrics, "y"), DASHBOARD_METRIC_UNTYPED);
    CHECK_INT(type_of(metrics, "Down"), DASHBOARD_METRIC_NONE);
    dashboard_metrics_free(metrics);
    check_end();
}

static void metrics_refuse_what_are_no_rules(void **state)
{
    static const struct {
        const char *text;
        const char *want;
    } rows[] = {
        {"groups: [", "line 2, column 1: cannot be read as YAML: "},
        {"a: b", "it is no file of rules: it has no list \"groups\""},
        {"groups: 7", "it is no file of rules"},
        {"", "it is no file of rules"},
        {"[]", "it is no file of rules"},
    };
    dashboard_metrics *metrics = new_metrics();
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ifm_error err = {.code = IFM_OK};
        CHECK(!dashboard_metrics_add_rules(metrics, rows[i].text, strlen(rows[i].text), &err));
        CHECK_INT(err.code, IFM_INVALID);
        CHECK_CONTAINS(err.message, rows[i].want);
    }
    dashboard_metrics_free(metrics);
    check_end();
}

static void metrics_do_not_follow_aliases_for_ever(void **state)
{
    ifm_buf text;
    dashboard_metrics *metrics = new_metrics();
    ifm_error err = {.code = IFM_OK};
    (void)state;
    ifm_buf_init(&text, 1 << 20);
    ifm_buf_append_text(&text, "groups:\n- &g {rules: [");
    for (int i = 0; i < 5000; i++) {
        ifm_buf_append_text(&text, "{},");
    }
    ifm_buf_append_text(&text, "]}\n");
    for (int i = 0; i < 5000; i++) {
        ifm_buf_append_text(&text, "- *g\n");
    }
    CHECK(!dashboard_metrics_add_rules(metrics, text.data, text.size, &err));
    CHECK_INT(err.code, IFM_LIMIT);
    CHECK_CONTAINS(err.message, "it has more than 10000000 nodes");
    ifm_buf_deinit(&text);
    dashboard_metrics_free(metrics);
    check_end();
}

static void metrics_have_limits(void **state)
{
    char name[DASHBOARD_METRIC_BYTES_MAX + 2];
    dashboard_metrics *metrics = new_metrics();
    ifm_error err;
    (void)state;
    memset(name, 'a', sizeof name);
    CHECK(dashboard_metrics_add(metrics, name, DASHBOARD_METRIC_BYTES_MAX, DASHBOARD_METRIC_GAUGE, &err));
    CHECK(
        !dashboard_metrics_add(metrics, name, DASHBOARD_METRIC_BYTES_MAX + 1, DASHBOARD_METRIC_GAUGE, &err));
    CHECK_INT(err.code, IFM_LIMIT);
    for (size_t count = dashboard_metrics_count(metrics); count < DASHBOARD_METRICS_MAX; count++) {
        snprintf(name, sizeof name, "x%zu", count);
        CHECK(dashboard_metrics_add(metrics, name, strlen(name), DASHBOARD_METRIC_GAUGE, &err));
    }
    CHECK_INT(type_of(metrics, "x199999"), DASHBOARD_METRIC_GAUGE);
    CHECK(!dashboard_metrics_add(metrics, "y", 1, DASHBOARD_METRIC_GAUGE, &err));
    CHECK_INT(err.code, IFM_LIMIT);
    dashboard_metrics_free(metrics);
    check_end();
}

static void metrics_find_what_was_meant(void **state)
{
    static const struct {
        const char *name;
        const char *want; /* "": none */
    } rows[] = {
        {"inference_requests", "inference_requests_total"},
        {"inference_request_total", "inference_requests_total"},
        {"inference_requests_totla", "inference_requests_total"},
        {"upp", "up"},
        {"something_else_altogether", ""},
        {"x", ""},
    };
    dashboard_metrics *metrics = new_metrics();
    ifm_error err;
    (void)state;
    CHECK(dashboard_metrics_add(metrics, "inference_requests_total", 24, DASHBOARD_METRIC_COUNTER, &err));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *got = dashboard_metrics_nearest(metrics, rows[i].name, strlen(rows[i].name));
        CHECK_TEXT(got == NULL ? "" : got, rows[i].want);
    }
    dashboard_metrics_free(metrics);
    check_end();
}

static bool fill(void *context, ifm_error *err)
{
    static const char text[] = "# TYPE a counter\n# TYPE b_probe gauge\nx{l=\"a\\nb\"} 1\n";
    (void)context;
    dashboard_metrics *metrics = dashboard_metrics_new(err);
    bool ok =
        metrics != NULL && dashboard_metrics_add_exposition(metrics, text, sizeof text - 1, "probe", err);
    for (int i = 0; i < 200 && ok; i++) {
        char name[16];
        snprintf(name, sizeof name, "n%d", i);
        ok = dashboard_metrics_add(metrics, name, strlen(name), DASHBOARD_METRIC_GAUGE, err);
    }
    ok = ok && dashboard_metrics_add_rules(metrics, "groups: [{rules: [{record: r}]}]", 32, err);
    dashboard_metrics_free(metrics);
    return ok;
}

static void metrics_survive_without_memory(void **state)
{
    (void)state;
    CHECK(torture_allocations(fill, NULL, TORTURE_MUST_FAIL) > 200);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(metrics_know_what_prometheus_makes),
        cmocka_unit_test(metrics_of_an_exposition_have_the_names_of_queries),
        cmocka_unit_test(metrics_with_the_marker_stand_for_many),
        cmocka_unit_test(metrics_of_rules_are_those_recorded),
        cmocka_unit_test(metrics_refuse_what_are_no_rules),
        cmocka_unit_test(metrics_do_not_follow_aliases_for_ever),
        cmocka_unit_test(metrics_have_limits),
        cmocka_unit_test(metrics_find_what_was_meant),
        cmocka_unit_test(metrics_survive_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

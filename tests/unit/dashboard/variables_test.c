/* SPDX-License-Identifier: Apache-2.0
 *
 * What a variable is replaced with in a query, and which variables are wrong.
 */
#include "dashboard_fixture.h"

#define ROWS(rows) rows, sizeof rows / sizeof rows[0]

static void collect(void *context, const dashboard_query *query)
{
    ifm_buf *text = context;
    ifm_buf_clear(text);
    ifm_buf_append_text(text, query->text);
}

/* The query after replacement, as it is printed; what was found, when it does not parse. */
static const char *replaced(const char *json)
{
    static char text[512];
    ifm_buf query;
    ifm_buf_init(&query, sizeof text);
    const dashboard_check_options options = {.query = collect, .context = &query};
    const char *findings = found_with(&options, json);
    snprintf(text, sizeof text, "%.*s", (int)query.size, query.size == 0 ? "" : query.data);
    ifm_buf_deinit(&query);
    return *findings != '\0' ? findings : text;
}

#define CHOICE(value)          "\"current\":{\"value\":" value "}"
#define VARIABLE(type, fields) ",{\"type\":\"" type "\",\"name\":\"v\"" fields "}"
#define FILTER(variable)       ASKING(variable, "up{a=\\\"$v\\\"}")

static void variable_has_the_value_that_is_chosen(void **state)
{
    static const struct {
        const char *json;
        const char *want;
    } rows[] = {
        {FILTER(VARIABLE("constant", ",\"query\":\"x\"")), "up{a=\"x\"}"},
        {FILTER(VARIABLE("constant", "")), "up{a=\"\"}"},
        {FILTER(VARIABLE("textbox", ",\"query\":\"x\"")), "up{a=\"x\"}"},
        {FILTER(VARIABLE("textbox", ",\"query\":\"x\"," CHOICE("\"y\""))), "up{a=\"y\"}"},
        {FILTER(VARIABLE("custom", ",\"query\":\"1, 2\"")), "up{a=\"1\"}"},
        {FILTER(VARIABLE("custom", ",\"query\":\"a b : 0.1 , c : 2\"")), "up{a=\"0.1\"}"},
        {FILTER(VARIABLE("custom", ",\"query\":\"1, c : 2\"")), "up{a=\"1\"}"},
        {FILTER(VARIABLE("custom", ",\"query\":\"1, 2\"," CHOICE("\"2\""))), "up{a=\"2\"}"},
        {FILTER(VARIABLE("custom", ",\"query\":\"1, 2\"," CHOICE("[\"2\",\"1\"]"))), "up{a=\"2\"}"},
        {FILTER(VARIABLE("custom", ",\"query\":\"1, 2\"," CHOICE("\"$__all\""))), "up{a=\"1\"}"},
        {FILTER(VARIABLE("interval", ",\"query\":\"1m,5m\"," CHOICE("\"$__auto_interval_v\""))),
         "up{a=\"1m\"}"},
        {FILTER(VARIABLE("datasource", ",\"query\":\"prometheus\"")), "up{a=\"inferometer-prometheus\"}"},
        {FILTER(VARIABLE("datasource", "," CHOICE("\"default\""))), "up{a=\"inferometer-prometheus\"}"},
        {FILTER(VARIABLE("datasource", "," CHOICE("\"other\""))), "up{a=\"other\"}"},
        {FILTER(VARIABLE("switch", "," CHOICE("\"true\""))), "up{a=\"true\"}"},
        {FILTER(VARIABLE("query", "," UID ",\"query\":\"metrics(x)\"")), "up{a=\".*\"}"},
        {FILTER(VARIABLE("query", "," UID ",\"query\":\"metrics(x)\"," CHOICE("\"b\""))), "up{a=\"b\"}"},
        {FILTER(VARIABLE("query", "," UID ",\"query\":\"metrics(x)\",\"multi\":true," CHOICE("\"b\""))),
         "up{a=\".*\"}"},
        {FILTER(
             VARIABLE("query", "," UID ",\"query\":\"metrics(x)\",\"includeAll\":true,\"allValue\":\".+\"")),
         "up{a=\".+\"}"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CHECK_TEXT(replaced(rows[i].json), rows[i].want);
    }
    check_end();
}

static void variable_is_written_in_many_ways(void **state)
{
#define TEXT(text) ASKING(VARIABLE("constant", ",\"query\":\"x\""), "up{a=\\\"" text "\\\"}")
    static const struct {
        const char *json;
        const char *want;
    } rows[] = {
        {TEXT("$v"), "up{a=\"x\"}"},
        {TEXT("a$v.b"), "up{a=\"ax.b\"}"},
        {TEXT("a${v}b"), "up{a=\"axb\"}"},
        {TEXT("${v:regex}${v:raw}"), "up{a=\"xx\"}"},
        {TEXT("${v.text}${v.text:csv}"), "up{a=\"xx\"}"},
        {TEXT("[[v]][[v:pipe]]"), "up{a=\"xx\"}"},
        {TEXT("$1 ${2} $ ^a$"), "up{a=\"$1 ${2} $ ^a$\"}"},
        {TEXT("[[:alpha:]] [a[v]] ${ $"), "up{a=\"[[:alpha:]] [a[v]] ${ $\"}"},
        {TEXT("$__interval $__interval_ms"), "up{a=\"5s 5000\"}"},
        {TEXT("${__rate_interval} $__rate_interval_ms"), "up{a=\"20s 20000\"}"},
        {TEXT("$__range $__range_s $__range_ms"), "up{a=\"21600s 21600 21600000\"}"},
        {TEXT("${__from}${__to:date:iso}"), "up{a=\"021600000\"}"},
        {TEXT("${__user.login} ${__org.id} $__dashboard $__searchFilter"), "up{a=\"x x x .*\"}"},
        {TEXT("${v:bold}"),
         "warning: panel \"P\" (id 1), query A: \"bold\" is none of Grafana's formats of variables\n"},
        {TEXT("$vv"),
         "panel \"P\" (id 1), query A: the variable \"vv\" is not defined; hint: dashboards define theirs "
         "under \"templating\"\n"},
        {TEXT("$__nothing"),
         "panel \"P\" (id 1), query A: the variable \"__nothing\" is not defined; hint: dashboards "
         "define theirs under \"templating\"\n"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CHECK_TEXT(replaced(rows[i].json), rows[i].want);
    }
    check_end();
}

static void variable_definition_is_checked(void **state)
{
#define DEFINED(variables) DASHBOARD("," variables, "")
    static const finding_row rows[] = {
        {DEFINED("{\"type\":\"custom\"}"), "a variable has no name\n"},
        {DEFINED("{\"type\":\"list\",\"name\":\"v\"}"),
         "variable \"v\": its type \"list\" is none of Grafana's\n"},
        {DEFINED("{\"name\":\"v\"}"), "variable \"v\": its type \"\" is none of Grafana's\n"},
        {DEFINED("{\"type\":\"custom\",\"name\":\"datasource\"}"),
         "variable \"datasource\": another variable has the same name\n"},
        {DEFINED("{\"type\":\"custom\",\"name\":\"__v\"}"), "*its name begins with \"__\""},
        {DEFINED("{\"type\":\"query\",\"name\":\"v\",\"query\":\"label_values(job)\",\"datasource\":{\"uid\":"
                 "\"x\"}}"),
         "*variable \"v\": the data source \"x\" will not be found"},
        {DEFINED("{\"type\":\"adhoc\",\"name\":\"v\",\"datasource\":{\"uid\":\"x\"}}"),
         "*the data source \"x\""},
        {DEFINED("7"), "a variable has no name\n"},
    };
    (void)state;
    check_rows(NULL, ROWS(rows));
}

static void variable_with_a_guessed_value_makes_no_error(void **state)
{
    (void)state;
    CHECK_TEXT(
        found(ASKING(VARIABLE("query", "," UID ",\"query\":\"metrics(x)\""), "topk($v, up)")),
        "warning: panel \"P\" (id 1), query A: with \".*\" in place of \"$v\", 1:6: parse error: unexpected "
        "character: '.', in \"topk(.*, up)\"\n");
    check_end();
}

static void variable_has_a_longest_value(void **state)
{
    char json[DASHBOARD_VALUE_BYTES_MAX + 512];
    (void)state;
    for (int over = 0; over <= 1; over++) {
        snprintf(json, sizeof json,
                 "{" HEAD "\"templating\":{\"list\":[{\"type\":\"constant\",\"name\":\"v\","
                 "\"query\":\"%0*d\"}]}}",
                 DASHBOARD_VALUE_BYTES_MAX + over, 0);
        CHECK_TEXT(found(json),
                   over ? "variable \"v\": its value is longer than the limit of 1024 bytes\n" : "");
    }
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(variable_has_the_value_that_is_chosen),
        cmocka_unit_test(variable_is_written_in_many_ways),
        cmocka_unit_test(variable_definition_is_checked),
        cmocka_unit_test(variable_with_a_guessed_value_makes_no_error),
        cmocka_unit_test(variable_has_a_longest_value),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

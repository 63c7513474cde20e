/* SPDX-License-Identifier: Apache-2.0
 *
 * What is found in a dashboard's form, identity, layout, fields and data sources.
 */
#include "dashboard_fixture.h"
#include "torture.h"

#define ROWS(rows) rows, sizeof rows / sizeof rows[0]

static void check_finds_nothing_in_a_dashboard_in_order(void **state)
{
    (void)state;
    CHECK_TEXT(found(ASKING("", "up")), "");
    CHECK_TEXT(found("{\"dashboard\":" ASKING("", "up") ",\"overwrite\":true}"), "");
    check_end();
}

static void check_says_where_json_ends(void **state)
{
    static const finding_row rows[] = {
        {"", "1:1: cannot be read as JSON: '[' or '{' expected near end of file\n"},
        {"{\"a\":1,\n  \"b\":}", "*2:7: cannot be read as JSON: unexpected token near '}'"},
        {"{\"a\":1,\"a\":2}", "*cannot be read as JSON: duplicate object key near '\"a\"'"},
        {"[]", "it is no dashboard: it is no JSON object\n"},
        {"{}", "it is no dashboard: it has neither \"title\" nor \"panels\"\n"},
        {"{\"a\":\"\xff\"}", "*cannot be read as JSON: unable to decode byte 0xff"},
        {"{\"title\":\"a\\u001b[31m\",\"uid\":\"u\",\"schemaVersion\":39,\"refresh\":\"often\"}",
         "\"refresh\" is no interval such as \"5s\", and neither \"\" nor \"auto\"\n"},
    };
    (void)state;
    check_rows(NULL, ROWS(rows));
}

static void check_refuses_the_form_v2(void **state)
{
    static const char *const forms[] = {
        "{\"elements\":{},\"layout\":{},\"title\":\"x\"}",
        "{\"apiVersion\":\"dashboard.grafana.app/"
        "v2beta1\",\"kind\":\"Dashboard\",\"metadata\":{},\"spec\":{}}",
        "{\"apiVersion\":\"x\",\"spec\":{\"elements\":{},\"layout\":{}}}",
    };
    (void)state;
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        CHECK_CONTAINS(found(forms[i]),
                       "it has the form v2, which Grafana's file provisioning does not take; hint: ");
    }
    CHECK_CONTAINS(
        found("{\"apiVersion\":\"dashboard.grafana.app/v1beta1\",\"spec\":{}}"),
        "it is a resource \"dashboard.grafana.app/v1beta1\" around a dashboard; hint: keep what is under");
    check_end();
}

static void check_wants_no_wrapper_in_a_provisioned_file(void **state)
{
    static const dashboard_check_options options = {.provisioned = true};
    (void)state;
    CHECK_CONTAINS(found_with(&options, "{\"dashboard\":" ASKING("", "up") "}"),
                   "it has the form of Grafana's HTTP API, which file provisioning does not take");
    CHECK_TEXT(found_with(&options, ASKING("", "up")), "");
    check_end();
}

static void check_reads_the_head(void **state)
{
#define WITH(fields) "{\"panels\":[]," fields "}"
#define UID40        "1234567890123456789012345678901234567890"
    static const finding_row rows[] = {
        {WITH("\"title\":\"T\",\"schemaVersion\":39"), "*it has no uid"},
        {WITH("\"uid\":\"\",\"title\":\"T\",\"schemaVersion\":39"), "*it has no uid"},
        {WITH("\"uid\":\"u\",\"schemaVersion\":39"),
         "it has no title, without which Grafana does not take it\n"},
        {WITH("\"uid\":\"" UID40 "\",\"title\":\"T\",\"schemaVersion\":39"), ""},
        {WITH("\"uid\":\"" UID40 "1\",\"title\":\"T\",\"schemaVersion\":39"),
         "*is longer than 40 characters"},
        {WITH("\"uid\":\"a b\",\"title\":\"T\",\"schemaVersion\":39"), "*has other characters than a-z"},
        {WITH("\"uid\":\"u\",\"title\":\"T\""), "*it has no schemaVersion"},
        {WITH("\"uid\":\"u\",\"title\":\"T\",\"schemaVersion\":\"39\""), "*it has no schemaVersion"},
        {WITH("\"uid\":\"u\",\"title\":\"T\",\"schemaVersion\":15"),
         "*schemaVersion 15 is that of Grafana 4"},
        {WITH("\"uid\":\"u\",\"title\":\"T\",\"schemaVersion\":16"), ""},
        {WITH("\"uid\":\"u\",\"title\":\"T\",\"schemaVersion\":42"), ""},
        {WITH("\"uid\":\"u\",\"title\":\"T\",\"schemaVersion\":43"),
         "*warning: schemaVersion 43 is newer than 42"},
        {WITH(HEAD "\"rows\":[{}]"), "*it has \"rows\", the form of Grafana 4"},
        {WITH(HEAD "\"refresh\":\"5s\""), ""},
        {WITH(HEAD "\"refresh\":\"\""), ""},
        {WITH(HEAD "\"refresh\":\"auto\""), ""},
        {WITH(HEAD "\"refresh\":false"), ""},
        {WITH(HEAD "\"refresh\":true"), "*\"refresh\" is no interval"},
        {WITH(HEAD "\"refresh\":\"5\""), "*\"refresh\" is no interval"},
        {WITH(HEAD "\"refresh\":\"0s\""), "*\"refresh\" is no interval"},
        {WITH(HEAD "\"time\":{\"from\":\"now-15m\",\"to\":\"now\"}"), ""},
        {WITH(HEAD "\"time\":{\"from\":\"now-1d/d\",\"to\":\"now/d\"}"), ""},
        {WITH(HEAD "\"time\":{\"from\":\"15m\",\"to\":\"now\"}"), "*\"time.from\" is no time"},
        {WITH(HEAD "\"time\":{\"from\":\"now-1h\"}"), "*\"time.to\" is no time"},
        {WITH(HEAD "\"time\":{\"from\":\"now-1h\",\"to\":\"now-2h\"}"),
         "*\"time.from\" is after \"time.to\""},
        {"{" HEAD "\"panels\":{}}", "\"panels\" is no list\n"},
    };
    (void)state;
    check_rows(NULL, ROWS(rows));
}

static void check_compares_files_of_one_report(void **state)
{
    static const char *const files[][2] = {
        {"a", "{\"uid\":\"u\",\"title\":\"T\",\"schemaVersion\":39,\"panels\":[]}"},
        {"b", "{\"uid\":\"v\",\"title\":\"S\",\"schemaVersion\":39,\"panels\":[]}"},
        {"c", "{\"uid\":\"u\",\"title\":\"s\",\"schemaVersion\":39,\"panels\":[]}"},
    };
    dashboard_report report;
    ifm_error err;
    (void)state;
    dashboard_report_init(&report);
    for (size_t i = 0; i < 3; i++) {
        CHECK(dashboard_check(NULL, files[i][0], files[i][1], strlen(files[i][1]), &report, &err));
    }
    CHECK_TEXT(findings_of(&report),
               "\"a\" has the same uid \"u\"; Grafana's file provisioning wants each once\n"
               "\"b\" has the same title \"s\"; Grafana's file provisioning wants each once\n");
    CHECK_INT(report.files[2].error_count, 2);
    CHECK_INT(report.error_count, 2);
    dashboard_report_deinit(&report);
    check_end();
}

static void check_looks_at_panels(void **state)
{
#define TYPED(type) DASHBOARD("", "{\"type\":\"" type "\",\"title\":\"P\",\"id\":1," PLACE(0, 0, 24, 4) "}")
    static const finding_row rows[] = {
        {TYPED("timeseries"), ""},
        {TYPED("state-timeline"), ""},
        {TYPED("graph"), "*warning: panel \"P\" (id 1): the panel \"graph\" was removed in Grafana 12"},
        {TYPED("my-plugin"),
         "*warning: panel \"P\" (id 1): the panel \"my-plugin\" is none of Grafana's own"},
        {DASHBOARD("", "{\"id\":7," PLACE(0, 0, 1, 1) "}"), "panel (id 7): it has no type\n"},
        {DASHBOARD("", "{\"id\":7,\"libraryPanel\":{\"uid\":\"x\"}," PLACE(0, 0, 1, 1) "}"),
         "*warning: panel (id 7): it is a library panel"},
        {DASHBOARD("", "{\"type\":\"text\",\"title\":\"\"," PLACE(0, 0, 1, 1) "}"),
         "warning: panel: it has no number \"id\"\n"},
        {DASHBOARD("", "{\"type\":\"text\",\"id\":1," PLACE(
                           0, 0, 1, 1) "},{\"type\":\"text\",\"id\":1," PLACE(1, 0, 1, 1) "}"),
         "panel (id 1): another panel has the same id\n"},
        {DASHBOARD(
             "",
             "{\"type\":\"row\",\"id\":1,\"collapsed\":true,\"panels\":[{\"type\":\"text\",\"id\":1," PLACE(
                 0, 1, 1, 1) "}]," PLACE(0, 0, 24, 1) "}"),
         "panel (id 1): another panel has the same id\n"},
        {DASHBOARD("", "{\"type\":\"row\",\"title\":\"R\",\"id\":2,\"collapsed\":false,\"panels\":[{\"type\":"
                       "\"text\",\"id\":1," PLACE(0, 1, 1, 1) "}]," PLACE(0, 0, 24, 1) "}"),
         "*it is not collapsed and has panels of its own"},
        {DASHBOARD("", "{\"type\":\"text\",\"id\":1,\"repeat\":\"x\"," PLACE(0, 0, 1, 1) "}"),
         "panel (id 1): it is repeated for the variable \"x\", which is not defined\n"},
        {DASHBOARD("", "{\"type\":\"text\",\"id\":1,\"repeat\":\"datasource\"," PLACE(0, 0, 1, 1) "}"), ""},
        {DASHBOARD("", "{\"type\":\"text\",\"id\":1,\"title\":\"$datasource at ${y} for $5\"," PLACE(0, 0, 1,
                                                                                                     1) "}"),
         "*warning: panel \"$datasource at ${y} for $5\" (id 1): the variable \"y\" is not defined"},
    };
    (void)state;
    check_rows(NULL, ROWS(rows));
}

static void check_lays_panels_out(void **state)
{
#define TEXT(id, place) "{\"type\":\"text\",\"title\":\"t" #id "\",\"id\":" #id "," place "}"
#define ROW(id, place, panels)                                                                               \
    "{\"type\":\"row\",\"id\":" #id ",\"collapsed\":true,\"panels\":[" panels "]," place "}"
    static const finding_row rows[] = {
        {DASHBOARD("", TEXT(1, PLACE(0, 0, 12, 4)) "," TEXT(2, PLACE(12, 0, 12, 4)) "," TEXT(
                           3, PLACE(0, 4, 24, 1))),
         ""},
        {DASHBOARD("", TEXT(1, PLACE(0, 0, 13, 4)) "," TEXT(2, PLACE(12, 0, 12, 4))),
         "panel \"t2\" (id 2): it overlaps the panel \"t1\" (id 1); Grafana moves one of them\n"},
        {DASHBOARD("", TEXT(1, PLACE(0, 0, 12, 5)) "," TEXT(2, PLACE(11, 4, 1, 1))),
         "*it overlaps the panel \"t1\""},
        {DASHBOARD("", TEXT(1, PLACE(23, 0, 1, 1))), ""},
        {DASHBOARD("", TEXT(1, PLACE(13, 0, 12, 1))),
         "panel \"t1\" (id 1): it begins in column 13 and is 12 wide, but the grid has 24 columns\n"},
        {DASHBOARD("", TEXT(1, PLACE(24, 0, 1, 1))),
         "panel \"t1\" (id 1): gridPos.x is no whole number from 0 to 23\n"},
        {DASHBOARD("", TEXT(1, PLACE(0, -1, 1, 1))), "*gridPos.y is no whole number from 0 to 100000"},
        {DASHBOARD("", TEXT(1, PLACE(0, 0, 0, 1))), "*gridPos.w is no whole number from 1 to 24"},
        {DASHBOARD("", TEXT(1, PLACE(0, 0, 25, 1))), "*gridPos.w is no whole number"},
        {DASHBOARD("", TEXT(1, PLACE(0, 0, 1, 1.5))), "*gridPos.h is no whole number from 1 to 100000"},
        {DASHBOARD("", TEXT(1, "\"x\":1")), "*gridPos.x is no whole number"},
        {DASHBOARD(
             "",
             ROW(1, PLACE(0, 0, 24, 1), TEXT(2, PLACE(0, 1, 8, 8)) "," TEXT(3, PLACE(8, 1, 8, 8))) "," ROW(
                 4, PLACE(0, 1, 24, 1), TEXT(5, PLACE(0, 2, 8, 8)))),
         ""},
        {DASHBOARD("", ROW(1, PLACE(0, 0, 24, 1), TEXT(2, PLACE(0, 1, 8, 8)) "," TEXT(3, PLACE(7, 1, 8, 8)))),
         "panel \"t3\" (id 3): it overlaps the panel \"t2\" (id 2); Grafana moves one of them\n"},
    };
    (void)state;
    check_rows(NULL, ROWS(rows));
}

static void check_resolves_datasources(void **state)
{
#define FROM(datasource)                                                                                     \
    DASHBOARD(                                                                                               \
        ",{\"type\":\"custom\",\"name\":\"c\",\"query\":\"1\"}",                                             \
        "{" TARGETS(TARGET("up")) "\"type\":\"stat\",\"title\":\"P\",\"id\":1,\"datasource\":" datasource    \
                                  "," PLACE(0, 0, 4, 4) "}")
    static const finding_row rows[] = {
        {FROM("{\"type\":\"prometheus\",\"uid\":\"${datasource}\"}"), ""},
        {FROM("{\"type\":\"prometheus\",\"uid\":\"$datasource\"}"), ""},
        {FROM("{\"type\":\"prometheus\",\"uid\":\"[[datasource]]\"}"), ""},
        {FROM("{\"type\":\"prometheus\",\"uid\":\"inferometer-prometheus\"}"), ""},
        {FROM("{\"type\":\"datasource\",\"uid\":\"-- Mixed --\"}"), ""},
        {FROM("{\"type\":\"datasource\",\"uid\":\"-- Grafana --\"}"), ""},
        {FROM("{\"type\":\"datasource\",\"uid\":\"-- Dashboard --\"}"), ""},
        {FROM("{\"type\":\"__expr__\",\"uid\":\"__expr__\"}"), ""},
        {FROM("\"${datasource}\""), ""},
        {FROM("{\"type\":\"prometheus\",\"uid\":\"YeARpVIVk\"}"),
         "panel \"P\" (id 1): the data source \"YeARpVIVk\" will not be found: it is neither a variable nor "
         "\"inferometer-prometheus\"; hint: use \"${datasource}\", a variable of type datasource\n"},
        {FROM("\"Prometheus\""), "*the data source \"Prometheus\" will not be found"},
        {FROM("{\"type\":\"prometheus\",\"uid\":\"${DS_PROMETHEUS}\"}"),
         "*the data source \"${DS_PROMETHEUS}\" is no variable of the dashboard; hint: add one named "
         "\"DS_PROMETHEUS\", of type datasource"},
        {FROM("{\"type\":\"prometheus\",\"uid\":\"${c}\"}"),
         "*the data source \"${c}\" is a variable of type custom, not datasource"},
        {FROM("{\"type\":\"prometheus\"}"), "*warning: panel \"P\" (id 1): no data source is named"},
        {FROM("null"), "*warning: panel \"P\" (id 1), query A: no data source is named"},
        {DASHBOARD(",{\"type\":\"query\",\"name\":\"v\",\"query\":\"metrics(x)\"}", ""),
         "*warning: variable \"v\": no data source is named"},
        {"{" HEAD "\"annotations\":{\"list\":[{\"name\":\"N\",\"expr\":\"up\"}]}}",
         "*warning: annotation \"N\": no data source is named"},
        {FROM("7"), "*\"datasource\" is neither an object with a uid nor a text"},
        {DASHBOARD("", PANEL(TARGETS("{\"refId\":\"A\",\"expr\":\"up\",\"datasource\":{\"uid\":\"x\"}}"))),
         "*panel \"P\" (id 1), query A: the data source \"x\" will not be found"},
        {DASHBOARD("", PANEL(TARGETS("{\"refId\":\"A\",\"expr\":\"up\"},{\"refId\":\"A\",\"expr\":\"up\"}"))),
         "panel \"P\" (id 1), query A: another query of the panel has the same refId, so only one of them is "
         "shown\n"},
        {DASHBOARD("", PANEL(TARGETS("{\"refId\":\"A\"}"))),
         "warning: panel \"P\" (id 1), query A: it has no query\n"},
        {DASHBOARD("", PANEL(TARGETS(
                           "{\"refId\":\"A\",\"expression\":\"$B*2\",\"datasource\":{\"type\":\"__expr__\","
                           "\"uid\":\"__expr__\"}}"))),
         ""},
        {"{" HEAD "\"__inputs\":[{\"name\":\"DS_P\",\"type\":\"datasource\",\"pluginId\":\"prometheus\"}],"
         "\"panels\":[{" TARGETS(TARGET("up")) "\"type\":\"stat\",\"id\":1,\"datasource\":{\"type\":"
                                               "\"prometheus\",\"uid\":\"${DS_P}\"}," PLACE(0, 0, 4, 4) "}]}",
         "\"${DS_P}\" of __inputs, for prometheus will not be found: nothing is filled in when a file is "
         "provisioned; "
         "hint: put a variable of type datasource in its place, and remove __inputs\n"},
    };
    static const dashboard_check_options other = {.datasource_uid = "mine"};
    (void)state;
    check_rows(NULL, ROWS(rows));
    CHECK_TEXT(found_with(&other, FROM("{\"type\":\"prometheus\",\"uid\":\"mine\"}")), "");
    CHECK_CONTAINS(found_with(&other, FROM("{\"uid\":\"inferometer-prometheus\"}")), "nor \"mine\"");
    check_end();
}

static void check_looks_at_fields(void **state)
{
#define DEFAULTS(fields) DASHBOARD("", PANEL("\"fieldConfig\":{\"defaults\":{" fields "},\"overrides\":[]},"))
#define OVERRIDE(id, value)                                                                                  \
    DASHBOARD("", PANEL("\"fieldConfig\":{\"overrides\":[{\"properties\":[{\"id\":\"" id                     \
                        "\",\"value\":" value "}]}]},"))
#define STEPS(steps) DEFAULTS("\"thresholds\":{\"mode\":\"absolute\",\"steps\":[" steps "]}")
    static const finding_row rows[] = {
        {DEFAULTS("\"unit\":\"reqps\""), ""},
        {DEFAULTS("\"unit\":\"tokens\""), "warning: panel \"P\" (id 1): the unit \"tokens\" is not known to "
                                          "Grafana, which writes it behind the number; "
                                          "hint: \"suffix:tokens\" says that it is meant so\n"},
        {OVERRIDE("unit", "\"sec\""), "*the unit \"sec\" is not known"},
        {OVERRIDE("decimals", "1"), ""},
        {DASHBOARD("", PANEL("\"options\":{\"yAxis\":{\"unit\":\"sec\"}},")),
         "*the unit \"sec\" is not known"},
        {DASHBOARD("", PANEL("\"yaxes\":[{\"format\":\"short\"},{\"format\":\"sec\"}],")),
         "*the unit \"sec\""},
        {STEPS("{\"color\":\"green\",\"value\":null},{\"color\":\"red\",\"value\":1}"), ""},
        {STEPS("{\"color\":\"green\"},{\"color\":\"red\",\"value\":1}"), ""},
        {STEPS("{\"color\":\"green\",\"value\":0}"), "*the first step of its thresholds has a value"},
        {STEPS("{\"value\":null},{\"value\":2},{\"value\":2}"),
         "*step 3 of its thresholds is not above the one before"},
        {STEPS("{\"value\":null},{\"value\":\"2\"}"), "*step 2 of its thresholds has no number as its value"},
        {STEPS(""), "*its thresholds have no steps"},
        {DEFAULTS("\"thresholds\":{\"mode\":\"percent\",\"steps\":[{\"value\":null}]}"),
         "*the mode of its thresholds is neither absolute nor percentage"},
        {OVERRIDE("thresholds", "{\"steps\":[{\"value\":1}]}"),
         "*the first step of its thresholds has a value"},
    };
    (void)state;
    check_rows(NULL, ROWS(rows));
}

static void check_names_limits(void **state)
{
    char text[DASHBOARD_DEPTH_MAX * 2 + 100];
    dashboard_report report;
    ifm_error err;
    (void)state;
    for (int depth = DASHBOARD_DEPTH_MAX; depth <= DASHBOARD_DEPTH_MAX + 1; depth++) {
        memset(text, '[', (size_t)depth);
        memset(text + depth, ']', (size_t)depth);
        text[depth * 2] = '\0';
        CHECK_TEXT(found(text),
                   depth == DASHBOARD_DEPTH_MAX
                       ? "it is no dashboard: it is no JSON object\n"
                       : "1:65: arrays and objects are nested deeper than the limit of 64 levels\n");
    }
    CHECK_CONTAINS(
        found("{\"a\":\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\\\"[\"}"),
        "neither \"title\" nor");

    /* It is refused for its size, before it is read. */
    dashboard_report_init(&report);
    CHECK(dashboard_check(NULL, "f", text, (size_t)DASHBOARD_BYTES_MAX + 1, &report, &err));
    CHECK_TEXT(findings_of(&report), "it has 16777217 bytes, the limit is 16777216\n");
    dashboard_report_deinit(&report);
    check_end();
}

/* `count` panels without anything, in `list` a text of its own. */
static const char *many(ifm_buf *out, const char *before, const char *item, size_t count, const char *after)
{
    ifm_buf_clear(out);
    ifm_buf_append_text(out, before);
    for (size_t i = 0; i < count; i++) {
        ifm_buf_append_text(out, i == 0 ? "" : ",");
        ifm_buf_append_text(out, item);
    }
    ifm_buf_append_text(out, after);
    ifm_buf_append_char(out, '\0');
    return out->data;
}

static void check_stops_at_its_limits(void **state)
{
    ifm_buf text;
    (void)state;
    ifm_buf_init(&text, 16 << 20);
    for (size_t count = DASHBOARD_PANELS_MAX; count <= DASHBOARD_PANELS_MAX + 1; count++) {
        const char *json = many(&text, "{" HEAD "\"panels\":[", "{\"type\":\"text\"}", count, "]}");
        bool is_over = count > DASHBOARD_PANELS_MAX;
        CHECK_INT(strstr(found(json), "it has more panels than the limit of 2000") != NULL, is_over);
        json = many(&text, "{" HEAD "\"panels\":[{\"type\":\"row\",\"collapsed\":true,\"panels\":[",
                    "{\"type\":\"text\"}", count, "]}]}");
        CHECK_INT(strstr(found(json), "it has more panels than the limit of 2000") != NULL, is_over);
    }
    for (size_t count = DASHBOARD_VARIABLES_MAX - 1; count <= DASHBOARD_VARIABLES_MAX + 1; count++) {
        const char *json = many(&text, "{" HEAD "\"templating\":{\"list\":[",
                                "{\"type\":\"constant\",\"name\":\"x\"}", count, "]}}");
        CHECK_INT(strstr(found(json), "it has more variables than the limit of 500") != NULL,
                  count > DASHBOARD_VARIABLES_MAX);
    }
    for (size_t count = DASHBOARD_TARGETS_MAX - 1; count <= DASHBOARD_TARGETS_MAX + 1; count++) {
        const char *json =
            many(&text, "{" HEAD "\"panels\":[{\"type\":\"stat\",\"targets\":[", "{}", count, "]}]}");
        CHECK_INT(strstr(found(json), "it has more queries than the limit of 200") != NULL,
                  count > DASHBOARD_TARGETS_MAX);
    }
    ifm_buf_deinit(&text);
    check_end();
}

static void check_stops_after_a_thousand_findings(void **state)
{
    ifm_buf text;
    (void)state;
    ifm_buf_init(&text, 1 << 20);
    for (int count = DASHBOARD_FINDINGS_MAX - 1; count <= DASHBOARD_FINDINGS_MAX + 2; count++) {
        ifm_buf_clear(&text);
        ifm_buf_append_text(&text, "{" HEAD "\"panels\":[");
        for (int i = 0; i < count; i++) {
            ifm_buf_printf(&text, "%s{\"type\":\"text\",\"id\":%d}", i == 0 ? "" : ",", i);
        }
        ifm_buf_append_text(&text, "]}");
        dashboard_report report;
        ifm_error err;
        dashboard_report_init(&report);
        CHECK(dashboard_check(NULL, "f", text.data, text.size, &report, &err));
        bool is_over = count > DASHBOARD_FINDINGS_MAX;
        CHECK_INT(report.finding_count, is_over ? DASHBOARD_FINDINGS_MAX + 1 : count);
        const char *last = report.findings[report.finding_count - 1].text;
        CHECK_INT(strcmp(last, "there is more, but the limit is 1000 findings") == 0, is_over);
        dashboard_report_deinit(&report);
    }
    ifm_buf_deinit(&text);
    check_end();
}

static bool check_once(void *context, ifm_error *err)
{
    const char *json = context;
    dashboard_report report;
    ifm_buf text;
    dashboard_report_init(&report);
    ifm_buf_init(&text, 1 << 20);
    bool ok = dashboard_check(NULL, "f", json, strlen(json), &report, err);
    if (ok) {
        dashboard_report_json(&report, &text);
        ok = ifm_buf_check(&text, err);
    }
    ifm_buf_deinit(&text);
    dashboard_report_deinit(&report);
    return ok;
}

static void check_survives_without_memory(void **state)
{
    static char json[] = ASKING(",{\"type\":\"custom\",\"name\":\"c\",\"query\":\"a : 1, b : 2\"},"
                                "{\"type\":\"query\",\"name\":\"q\",\"query\":\"label_values(up, job)\"}",
                                "rate(x{a=\\\"$c\\\"}[$__rate_interval]) + rate(y[1s]) + $nope");
    static char broken[] = "{\"a\":";
    (void)state;
    CHECK(torture_allocations(check_once, json, TORTURE_MUST_FAIL) > 10);
    CHECK(torture_allocations(check_once, broken, TORTURE_MUST_FAIL) > 3);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(check_finds_nothing_in_a_dashboard_in_order),
        cmocka_unit_test(check_says_where_json_ends),
        cmocka_unit_test(check_refuses_the_form_v2),
        cmocka_unit_test(check_wants_no_wrapper_in_a_provisioned_file),
        cmocka_unit_test(check_reads_the_head),
        cmocka_unit_test(check_compares_files_of_one_report),
        cmocka_unit_test(check_looks_at_panels),
        cmocka_unit_test(check_lays_panels_out),
        cmocka_unit_test(check_resolves_datasources),
        cmocka_unit_test(check_looks_at_fields),
        cmocka_unit_test(check_names_limits),
        cmocka_unit_test(check_stops_at_its_limits),
        cmocka_unit_test(check_stops_after_a_thousand_findings),
        cmocka_unit_test(check_survives_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * Files of rules: what is taken, what is refused and with which words; and that memory which runs out costs
 * an error and nothing else.
 */
#include "torture.h"
#include "unit/rules/rules_fixture.h"

static void what_is_wrong_is_said_with_its_place(void **state)
{
    (void)state;
#define RULES "groups:\n- name: g\n  rules:\n"
    static const struct {
        const char *text, *error;
    } rows[] = {
        {"x: 1", "rules.yml:1:1: there is no key \"x\" in a file of rules"},
        {"groups: 1", "rules.yml:1:9: here is one value where a list has to be"},
        {"groups:\n- rules: []", "rules.yml:2:3: a group wants a \"name\""},
        {"groups:\n- name: a\n- name: b\n- name: a\n",
         "rules.yml:4:3: the group name \"a\" is there twice, first in line 2"},
        {"groups:\n- name: a\n  intervall: 1m",
         "rules.yml:3:3: there is no key \"intervall\" in a group of rules; "
         "hint: \"interval\" is near"},
        {"groups:\n- name: a\n  interval: fast", "rules.yml:3:13: \"fast\" is no duration"},
        {"groups:\n- name: a\n  labels: {__name__: x}",
         "rules.yml:3:12: the label \"__name__\" cannot be set"},
        {RULES "  - expr: up", "rules.yml:4:5: a rule wants \"record\" or \"alert\""},
        {RULES "  - {record: a, alert: b, expr: up}",
         "has either \"record\" or \"alert\", and this one has both"},
        {RULES "  - record: a", "rules.yml:4:5: a rule wants an \"expr\""},
        {RULES "  - {record: 'a{b=\"c\"}', expr: up}", "has braces, which are no part of a name"},
        {RULES "  - {record: a, expr: up, for: 1m}", "a recording rule has no \"for\""},
        {RULES "  - {record: a, expr: up, annotations: {x: y}}", "a recording rule has no \"annotations\""},
        {RULES "  - {record: a, expr: up, keep_firing_for: 1m}",
         "a recording rule has no \"keep_firing_for\""},
        {RULES "  - {alert: a, expr: up, labels: {__name__: x}}", "the label \"__name__\" cannot be set"},
        {RULES "  - {alert: a, expr: up, annotations: {'': x}}", "\"\" is no name of a label"},
        {RULES "  - record: a\n    expr: sum(\n",
         "rules.yml:5:11: could not parse expression: 1:5: parse error: unclosed left parenthesis"},
        {RULES "  - alert: a\n    expr: up\n    labels:\n      x: '{{ foo }}'\n",
         "rules.yml:7:10: the label \"x\": line 1 of the template: there is no function \"foo\""},
        {RULES "  - {alert: a, expr: up, annotations: {x: '{{ toTime }}'}}",
         "the function \"toTime\" has 0 arguments here, and wants 1"},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        ifm_error err = {.message = ""};
        rules_set *set = fixture_load(rows[i].text, &err);
        CHECK(set == NULL);
        CHECK_INT(err.code, IFM_INVALID);
        CHECK_CONTAINS(err.message, rows[i].error);
        rules_set_free(set);
    }
    check_end();
}

static void what_is_right_is_taken(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "",
        "groups:",
        "groups: []",
        "groups: [{name: empty}]",
        RULES "  - {record: a, expr: up, for: 0s, labels: {x: '{{ not a template', y: 5, z: }}",
        RULES "  - {record: 'with.dots', expr: '{\"with.dots\"}'}",
        RULES "  - alert: A b\n    expr: |\n      up\n        == 0\n    for: 1h30m\n    labels: {severity: "
              "page}\n"};
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        ifm_error err = {.message = ""};
        rules_set *set = fixture_load(rows[i], &err);
        CHECK_TEXT(err.message, "");
        CHECK(set != NULL);
        rules_set_free(set);
    }
    check_end();
}

static void files_are_found_by_patterns(void **state)
{
    (void)state;
    char path[128], text[512];
    static const char *const names[] = {"r2.yml", "r1.yml"};
    for (size_t i = 0; i < IFM_COUNT_OF(names); i++) {
        snprintf(path, sizeof path, "%s/%s", scratch, names[i]);
        FILE *file = fopen(path, "w");
        assert_non_null(file);
        fprintf(file, "groups: [{name: g%zu, rules: [{record: a%zu, expr: up}]}]\n", i, i);
        fclose(file);
    }
    snprintf(path, sizeof path, "%s/prometheus.yml", scratch);
    snprintf(text, sizeof text, "rule_files: ['r*.yml', r1.yml, missing.yml, 'none*.yml']");
    ifm_error err = {.message = ""};
    const config_file *config = config_parse(text, strlen(text), path, &err);
    assert_non_null(config);
    const rules_source source = {.config = config};
    rules_set *set = rules_load(&source, &err);
    config_release(config);
    assert_non_null(set);
    tsdb *db = store_open(0);
    const rules_options options = {.db = db, .clock = &fake_clock, .no_thread = true};
    rules_manager *manager = rules_manager_new(&options, &err);
    rules_manager_apply(manager, set);
    CHECK_TEXT(fixture_text(manager), "a1 unknown -\na0 unknown -\n"); /* by file, each once */
    rules_manager_free(manager);
    tsdb_close(db);
    check_end();
}

static void duplicates_are_reported(void **state)
{
    (void)state;
    static const char text[] = RULES "  - {record: a, expr: up, labels: {x: y}}\n"
                                     "  - {record: a, expr: up}\n"
                                     "- name: h\n"
                                     "  labels: {x: y}\n"
                                     "  rules: [{record: a, expr: up == 1}, {alert: b, expr: up}]\n";
    ifm_error err = {.message = ""};
    ifm_bump arena;
    rules_file_report report;
    ifm_bump_init(&arena, 1 << 20);
    CHECK(rules_check((model_text){text, sizeof text - 1}, "x.yml", &arena, &report, &err));
    CHECK_INT(report.groups, 2);
    CHECK_INT(report.rules, 4);
    CHECK_INT(report.duplicate_count, 1);
    CHECK_TEXT(report.duplicates[0].name, "a");
    CHECK_INT(report.duplicates[0].place.line, 8);
    ifm_bump_deinit(&arena);
    check_end();
}

static bool load_and_free(void *context, ifm_error *err)
{
    const rules_text file = {.name = "rules.yml", .bytes = context, .size = strlen(context)};
    static const char text[] = "global: {evaluation_interval: 10s}\n";
    const config_file *config = config_parse(text, sizeof text - 1, NULL, err);
    if (config == NULL) {
        return false;
    }
    const rules_source source = {.config = config, .texts = &file, .text_count = 1};
    rules_set *set = rules_load(&source, err);
    config_release(config);
    rules_set_free(set);
    return set != NULL;
}

#define TORTURED                                                                                             \
    RULES "  - {record: a, expr: 'sum by (x) (up)', labels: {x: y}}\n"                                       \
          "  - {alert: b, expr: 'up == 0', labels: {s: '{{ $value }}'}, annotations: {t: '{{ if "            \
          "$labels.x }}{{ . }}{{ end }}'}}\n"                                                                \
          "- name: h\n"                                                                                      \
          "  rules: [{record: a, expr: up == 1}]\n"

static void memory_may_run_out_while_loading(void **state)
{
    (void)state;
    static char text[] = TORTURED;
    CHECK(torture_allocations(load_and_free, text, TORTURE_MUST_FAIL) >= 20);
    check_end();
}

/* An evaluation that fails says so of its rule; the next one is well. */
static void memory_may_run_out_while_evaluating(void **state)
{
    (void)state;
    now_ns = BEGIN_NS;
    size_t failed = 0;
    tsdb *db = store_open(0);
    for (int round = 1; round < 150; round++) {
        fixture_put(db, "up", "a", 0);
        rules_manager *manager = fixture_manager(db, TORTURED);
        now_ns += 10 * SECOND; /* both groups are due */
        torture_arm((size_t)round, TORTURE_TRANSIENT);
        rules_manager_step(manager);
        torture_disarm();
        failed += strstr(fixture_text(manager), "out of memory") != NULL;
        now_ns += 10 * SECOND;
        rules_manager_step(manager);
        CHECK(strstr(fixture_text(manager), " err ") == NULL);
        CHECK_CONTAINS(fixture_text(manager), "b ok firing {alertname=\"b\"");
        rules_manager_free(manager);
    }
    CHECK(failed >= 10);
    tsdb_close(db);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_wrong_is_said_with_its_place),
        cmocka_unit_test(what_is_right_is_taken),
        cmocka_unit_test(files_are_found_by_patterns),
        cmocka_unit_test(duplicates_are_reported),
        cmocka_unit_test(memory_may_run_out_while_loading),
        cmocka_unit_test(memory_may_run_out_while_evaluating),
    };
    return cmocka_run_group_tests(tests, scratch_make_in_memory, scratch_remove);
}

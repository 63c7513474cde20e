/* SPDX-License-Identifier: Apache-2.0
 *
 * Relabelling: each row has the labels before, the rules, and the labels after. Rows are cases that
 * Prometheus's documentation describes, and corners of its relabel.go.
 */
#include "check.h"
#include "config/config.h"
#include "config/limits.h"
#include "torture.h"

enum { ARENA_MAX = 1 << 24 };

/* "a=1 b=2" to labels. */
static model_labels labels_of(const char *text, ifm_bump *arena)
{
    ifm_error err;
    char *copy = ifm_bump_copy(arena, text, strlen(text)), *rest = NULL;
    model_label *items = ifm_bump_alloc_array(arena, 32, sizeof *items);
    model_labels labels = {0};
    size_t count = 0;
    for (char *part = strtok_r(copy, " ", &rest); part != NULL; part = strtok_r(NULL, " ", &rest)) {
        char *equal = strchr(part, '=');
        items[count++] = (model_label){{part, (size_t)(equal - part)}, {equal + 1, strlen(equal + 1)}};
    }
    assert_true(model_labels_make(items, count, &labels, &err));
    return labels;
}

static void print_labels(model_labels labels, ifm_buf *out)
{
    ifm_buf_clear(out);
    for (size_t i = 0; i < labels.count; i++) {
        ifm_buf_printf(out, "%s%.*s=%.*s", i == 0 ? "" : " ", (int)labels.items[i].name.size,
                       labels.items[i].name.data, (int)labels.items[i].value.size,
                       labels.items[i].value.data);
    }
    ifm_buf_append_char(out, '\0');
}

static const config_file *config_of(const char *rules, ifm_error *err)
{
    ifm_buf text;
    ifm_buf_init(&text, 1 << 20);
    ifm_buf_printf(&text, "scrape_configs: [{job_name: a, metric_relabel_configs: [%s]}]\n", rules);
    const config_file *config =
        ifm_buf_check(&text, err) ? config_parse(text.data, text.size, NULL, err) : NULL;
    ifm_buf_deinit(&text);
    return config;
}

static bool relabel(const char *before, const char *rules, ifm_buf *out, bool *keep, ifm_error *err)
{
    const config_file *config = config_of(rules, err);
    if (config == NULL) {
        return false;
    }
    ifm_bump arena;
    ifm_bump_init(&arena, ARENA_MAX);
    model_labels labels = {0};
    bool ok = config_relabel_apply(&config->scrapes[0].metric_relabels, labels_of(before, &arena), &arena,
                                   &labels, keep, err);
    if (ok) {
        print_labels(labels, out);
    }
    ifm_bump_deinit(&arena);
    config_release(config);
    return ok;
}

static const struct relabel_row {
    const char *before, *rules, *after; /* NULL: dropped */
} rows[] = {
    {"a=foo b=bar", "", "a=foo b=bar"},
    /* replace */
    {"a=foo b=bar c=baz",
     "{source_labels: [a], regex: 'f(.*)', target_label: d, replacement: 'ch${1}-ch${1}'}",
     "a=foo b=bar c=baz d=choo-choo"},
    {"a=foo b=bar",
     "{source_labels: [a, b], regex: 'f(.*);(.*)r', target_label: a, replacement: 'b${1}${2}m'}",
     "a=boobam b=bar"},
    {"a=foo", "{source_labels: [a], regex: 'oo', target_label: b, replacement: x}", "a=foo"}, /* anchored */
    {"a=foo", "{source_labels: [a], target_label: b}", "a=foo b=foo"},
    {"a=foo b=x", "{source_labels: [none], target_label: b}", "a=foo"}, /* empty deletes */
    {"a=foo b=x", "{target_label: b, replacement: ''}", "a=foo"},
    {"a=foo", "{target_label: b, replacement: fixed}", "a=foo b=fixed"},
    {"a=foo b=bar", "{source_labels: [a, b], separator: '-', target_label: c}", "a=foo b=bar c=foo-bar"},
    {"a=foo b=bar", "{source_labels: [a, none, b], target_label: c}", "a=foo b=bar c=foo;;bar"},
    {"a=some-name-value",
     "{source_labels: [a], regex: 'some-([^-]+)-([^,]+)', target_label: '${1}', replacement: "
     "'$2'}",
     "a=some-name-value name=value"},
    {"a=some-name-0",
     "{source_labels: [a], regex: 'some-([^-]+)-([^,]+)', target_label: '${3}', replacement: '$2'}",
     "a=some-name-0"}, /* an empty name */
    {"a=foo", "{source_labels: [a], regex: '(?P<word>f.*)', target_label: b, replacement: '<${word}>'}",
     "a=foo b=<foo>"},
    {"a=foo", "{source_labels: [a], target_label: b, replacement: '$$1$x'}", "a=foo b=$1"},
    {"__tmp_a=1 b=2", "{source_labels: [__tmp_a], target_label: c}, {regex: '__tmp_.*', action: labeldrop}",
     "b=2 c=1"},
    /* keep, drop */
    {"a=foo", "{source_labels: [a], regex: '.*o.*', action: drop}", NULL},
    {"a=foo", "{source_labels: [a], regex: 'o', action: drop}", "a=foo"},
    {"a=foo", "{source_labels: [a], regex: 'foo|bar', action: keep}", "a=foo"},
    {"a=foo", "{source_labels: [a], regex: 'o', action: keep}", NULL},
    {"a=foo", "{source_labels: [b], regex: '', action: keep}", "a=foo"},
    {"a=foo", "{source_labels: [a], regex: 'foo', action: drop}, {target_label: b, replacement: x}", NULL},
    {"a=foo", "{source_labels: [a], regex: foo, action: Keep}", "a=foo"}, /* in any case */
    /* keepequal, dropequal */
    {"a=1 b=1", "{source_labels: [a], target_label: b, action: keepequal}", "a=1 b=1"},
    {"a=1 b=2", "{source_labels: [a], target_label: b, action: keepequal}", NULL},
    {"a=1 b=1", "{source_labels: [a], target_label: b, action: dropequal}", NULL},
    {"a=1 b=2", "{source_labels: [a], target_label: b, action: dropequal}", "a=1 b=2"},
    /* hashmod */
    {"a=foo b=bar c=baz", "{source_labels: [c], target_label: d, action: hashmod, modulus: 1000}",
     "a=foo b=bar c=baz d=976"},
    {"a=foo\nbar", "{source_labels: [a], target_label: b, action: hashmod, modulus: 1000}",
     "a=foo\nbar b=734"},
    {"a=x", "{source_labels: [a], target_label: b, action: hashmod, modulus: 1}", "a=x b=0"},
    /* labelmap */
    {"a=foo b1=bar b2=baz", "{regex: '(b.*)', replacement: 'bar_${1}', action: labelmap}",
     "a=foo b1=bar b2=baz bar_b1=bar bar_b2=baz"},
    {"__meta_my_bar=aaa __meta_my_baz=bbb __meta_other=ccc a=foo",
     "{regex: '__meta_(my.*)', replacement: '${1}', action: labelmap}",
     "__meta_my_bar=aaa __meta_my_baz=bbb __meta_other=ccc a=foo my_bar=aaa my_baz=bbb"},
    {"a=1 b=2", "{regex: '(a)', replacement: 'b', action: labelmap}", "a=1 b=1"},
    /* labeldrop, labelkeep */
    {"a=foo b1=bar b2=baz", "{regex: 'b.*', action: labeldrop}", "a=foo"},
    {"a=foo b1=bar b2=baz", "{regex: 'b.*', action: labelkeep}", "b1=bar b2=baz"},
    {"a=foo b=bar", "{regex: 'b', action: labeldrop}, {source_labels: [b], target_label: c}", "a=foo"},
    /* lowercase, uppercase */
    {"foo=bAr123Foo",
     "{source_labels: [foo], target_label: foo_up, action: uppercase}, {source_labels: [foo], "
     "target_label: foo_low, action: lowercase}",
     "foo=bAr123Foo foo_low=bar123foo foo_up=BAR123FOO"},
    {"foo=Größe", "{source_labels: [foo], target_label: foo, action: uppercase}", "foo=GRÖßE"},
    {"foo=ΣΊΣΥΦΟΣ", "{source_labels: [foo], target_label: foo, action: lowercase}", "foo=σίσυφοσ"},
};

static void relabelling_is_prometheus_s(void **state)
{
    (void)state;
    ifm_buf out;
    ifm_buf_init(&out, 1 << 16);
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        ifm_error err = {0};
        bool keep = false;
        if (!relabel(rows[i].before, rows[i].rules, &out, &keep, &err)) {
            print_message("%s: %s\n", rows[i].rules, err.message);
            CHECK(false);
            continue;
        }
        CHECK_INT(keep, rows[i].after != NULL);
        if (rows[i].after != NULL) {
            CHECK_TEXT(out.data, rows[i].after);
        }
    }
    ifm_buf_deinit(&out);
    check_end();
}

/* Each rule doubles the value. */
static void relabelling_has_a_limit(void **state)
{
    (void)state;
    ifm_buf rules, out;
    ifm_buf_init(&rules, 1 << 16);
    ifm_buf_init(&out, 1 << 22);
    for (int i = 0; i < 40; i++) {
        ifm_buf_printf(&rules, "%s{source_labels: [a], target_label: a, replacement: '$1$1'}",
                       i == 0 ? "" : ", ");
    }
    ifm_buf_append_char(&rules, '\0');
    ifm_error err = {0};
    bool keep;
    CHECK(!relabel("a=xx", rules.data, &out, &keep, &err));
    CHECK_INT(err.code, IFM_LIMIT);
    ifm_buf_deinit(&rules);
    ifm_buf_deinit(&out);
    check_end();
}

/* A label that is as long as it may be, one byte shorter and one longer. */
static void relabelled_labels_are_limited(void **state)
{
    (void)state;
    ifm_buf rules, out;
    ifm_error err = {0};
    bool keep;
    ifm_buf_init(&out, 1 << 22);
    for (int cut = 2; cut >= 0; cut--) { /* of 2^20 + 1 bytes */
        ifm_buf_init(&rules, 1 << 16);
        for (int i = 0; i < 20; i++) {
            ifm_buf_append_text(&rules, "{source_labels: [a], target_label: a, replacement: '$1$1'}, ");
        }
        ifm_buf_printf(&rules,
                       "{source_labels: [a], target_label: a, regex: '.{%d}(.*)', replacement: '${1}%s'}",
                       cut == 2, cut == 0 ? "x" : "");
        ifm_buf_append_char(&rules, '\0');
        CHECK_INT(relabel("a=x", rules.data, &out, &keep, &err), cut > 0);
        CHECK(cut == 0 || out.size == sizeof "a=" + CONFIG_RELABEL_BYTES_MAX + 1 - (size_t)cut);
        ifm_buf_deinit(&rules);
    }
    CHECK_INT(err.code, IFM_LIMIT);
    ifm_buf_deinit(&out);
    check_end();
}

static void relabel_rules_are_checked(void **state)
{
    (void)state;
    static const char *const wrong[][2] = {
        {"{source_labels: [a], action: hashmod, target_label: b}", "wants a \"modulus\""},
        {"{source_labels: [a], action: hashmod, modulus: 2}", "wants a \"target_label\""},
        {"{source_labels: [a]}", "\"replace\" wants a \"target_label\""},
        {"{source_labels: [a], action: lowercase}", "wants a \"target_label\""},
        {"{source_labels: [a], action: uppercase, target_label: b, replacement: x}",
         "no use for \"replacement\""},
        {"{source_labels: [a], action: keepequal, target_label: b, regex: x}", "and nothing else"},
        {"{source_labels: [a], action: dropequal, target_label: b, separator: x}", "and nothing else"},
        {"{source_labels: [a], action: labeldrop, regex: x}", "wants \"regex\" and nothing else"},
        {"{action: labelkeep, regex: x, target_label: a}", "wants \"regex\" and nothing else"},
        {"{action: labeldrop, regex: x, replacement: a}", "wants \"regex\" and nothing else"},
        {"{action: labelmap, regex: x, replacement: ''}", "\"replacement\""},
        {"{action: destroy}", "\"destroy\" is no action of relabelling"},
        {"{source_labels: [''], action: keep}", "\"\" is no name of a label"},
        {"{source_labels: a, action: keep}", "here is one value where a list has to be"},
        {"{source_labels: [a], action: keep, regex: '('}", "error parsing regexp"},
        {"{source_labels: [a], action: keep, modulus: -1}", "\"-1\" is no whole number"},
        {"{source_label: [a], action: keep}", "hint: \"source_labels\" is near"},
        {"null", "here is one value where a mapping"},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(wrong); i++) {
        ifm_error err = {0};
        const config_file *config = config_of(wrong[i][0], &err);
        CHECK(config == NULL);
        CHECK_INT(err.code, IFM_INVALID);
        CHECK_CONTAINS(err.message, wrong[i][1]);
        CHECK_CONTAINS(err.message, "configuration:1:");
        config_release(config);
    }
    check_end();
}

static bool relabel_all(void *context, ifm_error *err)
{
    ifm_bump arena;
    (void)context;
    ifm_buf out;
    ifm_buf_init(&out, 1 << 16);
    ifm_bump_init(&arena, ARENA_MAX);
    bool keep, ok = true;
    const config_file *config = config_of(
        "{source_labels: [a], target_label: b, replacement: 'x$1'}, {source_labels: [a, b], "
        "target_label: c, action: hashmod, modulus: 7}, {regex: '(a)', replacement: 'd_$1', action: "
        "labelmap}",
        err);
    model_label items[] = {{model_text_of("a"), model_text_of("1")}};
    model_labels labels = {items, 1};
    ok = config != NULL &&
         config_relabel_apply(&config->scrapes[0].metric_relabels, labels, &arena, &labels, &keep, err);
    config_release(config);
    ifm_bump_deinit(&arena);
    ifm_buf_deinit(&out);
    return ok;
}

static void relabelling_survives_failing_allocations(void **state)
{
    (void)state;
    /* PCRE2 does without the memory of its study of a pattern. */
    CHECK(torture_allocations(relabel_all, NULL, TORTURE_MAY_SUCCEED) >= 5);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(relabelling_is_prometheus_s),
        cmocka_unit_test(relabelling_has_a_limit),
        cmocka_unit_test(relabelled_labels_are_limited),
        cmocka_unit_test(relabel_rules_are_checked),
        cmocka_unit_test(relabelling_survives_failing_allocations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

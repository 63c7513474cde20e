/* SPDX-License-Identifier: Apache-2.0 */
#include "exposition/names.h"

#include "check.h"

static void names_are_valid_when_utf8_and_not_empty(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        size_t size;
        bool want;
        const char *why;
    } rows[] = {
        {"a", 1, true, "shortest"},
        {"", 0, false, "empty"},
        {"my.name with space \"\\\n", 21, true, "anything that is UTF-8"},
        {"\xe6\xb8\xa9\xe5\xba\xa6", 6, true, "two characters of three bytes"},
        {"a\0b", 3, false, "NUL"},
        {"\xff", 1, false, "no UTF-8"},
        {"a\xc3", 2, false, "cut in a character"},
        {"\xed\xa0\x80", 3, false, "surrogate"},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        if (ifm_name_is_valid(rows[i].name, rows[i].size) != rows[i].want) {
            fprintf(stderr, "row %zu: %s\n", i, rows[i].why);
            CHECK(false);
        }
    }
    check_end();
}

static void names_are_legacy_when_legal_without_quotes(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        bool metric;
        bool label;
    } rows[] = {
        {"a", true, true},        {"_", true, true},       {"Z9", true, true},    {"9a", false, false},
        {"a:b", true, false},     {":a", true, false},     {"", false, false},    {"a.b", false, false},
        {"a b", false, false},    {"a-b", false, false},   {"a\n", false, false}, {"\xc3\xa4", false, false},
        {"__name__", true, true}, {"a\x80", false, false}, {"a{", false, false},  {"a`", false, false},
        {"a@", false, false},     {"a[", false, false},    {"a/", false, false},  {"a9_:", true, false},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        const char *name = rows[i].name;
        bool metric = ifm_name_is_legacy(name, strlen(name), IFM_NAME_METRIC);
        bool label = ifm_name_is_legacy(name, strlen(name), IFM_NAME_LABEL);
        if (metric != rows[i].metric || label != rows[i].label) {
            fprintf(stderr, "row %zu: \"%s\"\n", i, name);
            CHECK(false);
        }
    }
    check_end();
}

typedef struct escape_row {
    const char *name;
    ifm_name_kind kind;
    const char *underscores;
    const char *dots;
    const char *values;
} escape_row;

static void check_escaped(const escape_row *row, ifm_escaping escaping, const char *want)
{
    ifm_buf buf;
    ifm_error err;
    size_t size;
    ifm_buf_init(&buf, 1024);
    ifm_name_escape(&buf, row->name, strlen(row->name), escaping, row->kind);
    char *got = ifm_buf_take(&buf, &size, &err);
    CHECK_TEXT(got, want);
    bool legal = row->name[0] == '\0' || escaping == IFM_ESCAPING_ALLOW_UTF8 ||
                 ifm_name_is_legacy(got, size, row->kind);
    if (!legal) {
        fprintf(stderr, "\"%s\" is not legal\n", got);
        CHECK(false);
    }
    ifm_free(got);
}

/* The first rows are the examples of Prometheus's documentation and of its own tests. */
static void escape_follows_the_schemes_of_prometheus(void **state)
{
    (void)state;
    static const escape_row rows[] = {
        {"", IFM_NAME_METRIC, "", "", ""},
        {"no:escaping_required", IFM_NAME_METRIC, "no:escaping_required", "no:escaping__required",
         "no:escaping_required"},
        {"mysystem.prod.west.cpu.load", IFM_NAME_METRIC, "mysystem_prod_west_cpu_load",
         "mysystem_dot_prod_dot_west_dot_cpu_dot_load", "U__mysystem_2e_prod_2e_west_2e_cpu_2e_load"},
        {"mysystem.prod.west.cpu.load_total", IFM_NAME_METRIC, "mysystem_prod_west_cpu_load_total",
         "mysystem_dot_prod_dot_west_dot_cpu_dot_load__total",
         "U__mysystem_2e_prod_2e_west_2e_cpu_2e_load__total"},
        {"http.status:sum", IFM_NAME_METRIC, "http_status:sum", "http_dot_status:sum",
         "U__http_2e_status:sum"},
        {"label with \xf0\x9f\x98\xb1", IFM_NAME_METRIC, "label_with__", "label__with____",
         "U__label_20_with_20__1f631_"},
        {"\xe8\x8a\xb1\xe7\x81\xab", IFM_NAME_METRIC, "__", "____", "U___82b1__706b_"},
        {"0digit", IFM_NAME_METRIC, "_digit", "__digit", "U___30_digit"},
        {"a.0", IFM_NAME_METRIC, "a_0", "a_dot_0", "U__a_2e_0"},
        {"_.", IFM_NAME_METRIC, "__", "___dot_", "U_____2e_"},
        {"a:b", IFM_NAME_LABEL, "a_b", "a__b", "U__a_3a_b"},
        {"a_b", IFM_NAME_LABEL, "a_b", "a__b", "a_b"},
        {"a\"\\\n", IFM_NAME_LABEL, "a___", "a______", "U__a_22__5c__a_"},
        {"a\xff.", IFM_NAME_METRIC, "a__", "a___dot_", "U__a_fffd__2e_"},
        {"\xf4\x8f\xbf\xbf", IFM_NAME_LABEL, "_", "__", "U___10ffff_"},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        check_escaped(&rows[i], IFM_ESCAPING_UNDERSCORES, rows[i].underscores);
        check_escaped(&rows[i], IFM_ESCAPING_DOTS, rows[i].dots);
        check_escaped(&rows[i], IFM_ESCAPING_VALUES, rows[i].values);
        check_escaped(&rows[i], IFM_ESCAPING_ALLOW_UTF8, rows[i].name);
    }
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_valid_when_utf8_and_not_empty),
        cmocka_unit_test(names_are_legacy_when_legal_without_quotes),
        cmocka_unit_test(escape_follows_the_schemes_of_prometheus),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

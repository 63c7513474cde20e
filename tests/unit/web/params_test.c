/* SPDX-License-Identifier: Apache-2.0
 *
 * Paths, parameters, times.
 */
#include "torture.h"
#include "unit/web/fakes.h"
#include "web/limits.h"
#include "web/params.h"

static void target_is_split_and_decoded(void **state)
{
    (void)state;
    static const struct {
        const char *target, *path, *query; /* path NULL: refused */
    } rows[] = {
        {"/", "/", ""},
        {"/a?b=c", "/a", "b=c"},
        {"/a?", "/a", ""},
        {"/a#x?b", "/a", ""},
        {"/label/a%2Eb/values?x=%20", "/label/a.b/values", "x=%20"},
        {"/a+b", "/a+b", ""},
        {"http://example:9090/x?y", "/x", "y"},
        {"HTTPS://example", "/", ""},
        {"/%zz", NULL, NULL},
        {"/%4", NULL, NULL},
        {"/%", NULL, NULL},
        {"/%00", NULL, NULL},
        {"/%ff", NULL, NULL},
        {"/%e2%82%ac", "/\xe2\x82\xac", ""},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        ifm_bump arena;
        ifm_error err = {.code = IFM_OK};
        model_text path, query;
        ifm_bump_init(&arena, 1 << 20);
        bool ok = web_target_split(rows[i].target, &arena, &path, &query, &err);
        CHECK_INT(ok, rows[i].path != NULL);
        if (ok && rows[i].path != NULL) {
            CHECK(model_text_equal(path, model_text_of(rows[i].path)));
            CHECK(model_text_equal(query, model_text_of(rows[i].query)));
        }
        ifm_bump_deinit(&arena);
    }
    check_end();
}

static void check_form(const char *form, const char *want)
{
    ifm_bump arena;
    ifm_buf got;
    ifm_error err;
    web_params params = {NULL, 0};
    ifm_bump_init(&arena, 1 << 20);
    ifm_buf_init(&got, 1 << 16);
    bool ok = web_params_add(&params, model_text_of(form), &arena, &err);
    CHECK_INT(ok, want != NULL);
    for (size_t i = 0; i < params.count; i++) {
        ifm_buf_printf(&got, "%.*s=%.*s;", (int)params.items[i].name.size, params.items[i].name.data,
                       (int)params.items[i].value.size, params.items[i].value.data);
    }
    ifm_buf_append_char(&got, '\0');
    if (want != NULL) {
        CHECK_TEXT(got.data, want);
    }
    ifm_buf_deinit(&got);
    ifm_bump_deinit(&arena);
}

static void form_is_read_as_by_go(void **state)
{
    (void)state;
    static const struct {
        const char *form, *want; /* NULL: refused */
    } rows[] = {
        {"", ""},
        {"a=b", "a=b;"},
        {"a=b&a=c", "a=b;a=c;"},
        {"&&a&&", "a=;"},
        {"a=b=c", "a=b=c;"},
        {"=x", "=x;"},
        {"a+b=c+d", "a b=c d;"},
        {"match%5B%5D=up", "match[]=up;"},
        {"a=%zz&b=1", "b=1;"}, /* dropped, as by Go */
        {"a;b=1&c=2", "c=2;"},
        {"a=%ff", NULL},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        check_form(rows[i].form, rows[i].want);
    }
    check_end();
}

static void parameters_have_a_limit(void **state)
{
    (void)state;
    for (int count = WEB_PARAMS_MAX - 1; count <= WEB_PARAMS_MAX + 1; count++) {
        ifm_bump arena;
        ifm_buf form;
        ifm_error err;
        web_params params = {NULL, 0};
        ifm_bump_init(&arena, 64 << 20);
        ifm_buf_init(&form, 1 << 20);
        for (int i = 0; i < count; i++) {
            ifm_buf_append_text(&form, "a=b&");
        }
        bool ok = web_params_add(&params, (model_text){form.data, form.size}, &arena, &err);
        CHECK_INT(ok, count <= WEB_PARAMS_MAX);
        CHECK(ok || err.code == IFM_LIMIT);
        ifm_buf_deinit(&form);
        ifm_bump_deinit(&arena);
    }
    check_end();
}

static void times_are_seconds_or_rfc_3339(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool ok;
        int64_t want_ms;
    } rows[] = {
        {"0", true, 0},
        {"1.0006", true, 1001},
        {"1700000000.123", true, 1700000000123},
        {"-1.5", true, -1500},
        {"1e3", true, 1000000},
        {"1970-01-01T00:00:00Z", true, 0},
        {"2015-06-03T13:21:58.555Z", true, 1433337718555},
        {"2015-06-03T14:21:58.555999+01:00", true, 1433337718555},
        {"2000-02-29T00:00:00-01:30", true, 951787800000},
        {"1969-12-31T23:59:59.9Z", true, -100},
        {"-292273086-05-16T16:47:06Z", true, (INT64_MIN / 1000 + 62135596801) * 1000},
        {"292277025-08-18T07:12:54.999999999Z", true, (INT64_MAX / 1000 - 62135596801) * 1000 + 999},
        {"2001-02-29T00:00:00Z", false, 0},
        {"2015-06-03T13:21:58", false, 0},
        {"2015-06-03 13:21:58Z", false, 0},
        {"2015-13-03T13:21:58Z", false, 0},
        {"2015-06-03T24:00:00Z", false, 0},
        {"2015-06-03T13:21:58.Z", false, 0},
        {"2015-06-03T13:21:58Zx", false, 0},
        {"", false, 0},
        {"foo", false, 0},
        {"NaN", false, 0},
        {"Inf", false, 0},
        {"1e30", false, 0},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        int64_t ms = 0;
        ifm_error err = {.code = IFM_OK};
        bool ok = web_time_parse(model_text_of(rows[i].text), &ms, &err);
        CHECK_INT(ok, rows[i].ok);
        CHECK_INT(ms, rows[i].want_ms);
        CHECK(ok || strstr(err.message, "to a valid timestamp") != NULL);
    }
    check_end();
}

static void times_are_printed_as_by_go(void **state)
{
    (void)state;
    static const struct {
        int64_t ms;
        const char *want;
    } rows[] = {
        {0, "1970-01-01T00:00:00Z"},
        {-100, "1969-12-31T23:59:59.9Z"},
        {1433337718555, "2015-06-03T13:21:58.555Z"},
        {951782400010, "2000-02-29T00:00:00.01Z"},
        {-62135596800000, "0001-01-01T00:00:00Z"},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        ifm_buf text;
        ifm_buf_init(&text, 256);
        web_time_print(rows[i].ms, &text);
        ifm_buf_append_char(&text, '\0');
        CHECK_TEXT(text.data, rows[i].want);
        ifm_buf_deinit(&text);
    }
    check_end();
}

static void integers_are_read_as_by_atoi(void **state)
{
    (void)state;
    static const struct {
        const char *text, *error; /* NULL: none */
        int64_t want;
    } rows[] = {
        {"0", NULL, 0},
        {"+7", NULL, 7},
        {"-12", NULL, -12},
        {"9223372036854775807", NULL, INT64_MAX},
        {"-9223372036854775808", NULL, INT64_MIN},
        {"9223372036854775808", "value out of range", 0},
        {"-9223372036854775809", "value out of range", 0},
        {"", "strconv.Atoi: parsing \"\": invalid syntax", 0},
        {"-", "invalid syntax", 0},
        {"1.0", "invalid syntax", 0},
        {"1e3", "invalid syntax", 0},
        {" 1", "invalid syntax", 0},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        int64_t value = 0;
        ifm_error err = {.code = IFM_OK};
        bool ok = web_integer_parse(model_text_of(rows[i].text), &value, &err);
        CHECK_INT(ok, rows[i].error == NULL);
        CHECK_INT(value, rows[i].want);
        CHECK_CONTAINS(err.message, rows[i].error == NULL ? "" : rows[i].error);
    }
    check_end();
}

static bool split_and_add(void *context, ifm_error *err)
{
    ifm_bump arena;
    model_text path, query;
    web_params params = {NULL, 0};
    (void)context;
    ifm_bump_init(&arena, 1 << 20);
    bool ok = web_target_split("/a%20b?c=d&e=f", &arena, &path, &query, err) &&
              web_params_add(&params, query, &arena, err);
    ifm_bump_deinit(&arena);
    return ok;
}

static void parameters_survive_without_memory(void **state)
{
    (void)state;
    CHECK(torture_allocations(split_and_add, NULL, TORTURE_MUST_FAIL) >= 1);
    check_end();
}

static void paths_are_limited(void **state)
{
    (void)state;
    for (size_t size = WEB_PATH_BYTES_MAX - 1; size <= WEB_PATH_BYTES_MAX + 1; size++) {
        static char target[WEB_PATH_BYTES_MAX + 8];
        ifm_bump arena;
        ifm_error err = {0};
        model_text path, query;
        memset(target, '/', sizeof target);
        memcpy(target + size, "?a=b", sizeof "?a=b");
        ifm_bump_init(&arena, 1 << 20);
        CHECK_INT(web_target_split(target, &arena, &path, &query, &err), size <= WEB_PATH_BYTES_MAX);
        CHECK_INT(err.code, size <= WEB_PATH_BYTES_MAX ? IFM_OK : IFM_LIMIT);
        CHECK(size > WEB_PATH_BYTES_MAX || path.size == size);
        ifm_bump_deinit(&arena);
    }
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(target_is_split_and_decoded),       cmocka_unit_test(form_is_read_as_by_go),
        cmocka_unit_test(parameters_have_a_limit),           cmocka_unit_test(times_are_seconds_or_rfc_3339),
        cmocka_unit_test(times_are_printed_as_by_go),        cmocka_unit_test(integers_are_read_as_by_atoi),
        cmocka_unit_test(parameters_survive_without_memory), cmocka_unit_test(paths_are_limited),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

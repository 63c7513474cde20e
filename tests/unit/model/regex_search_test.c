/* SPDX-License-Identifier: Apache-2.0
 *
 * Regular expressions that match a part of a text, and replacing all that does, as Go's regexp does.
 */
#include "check.h"
#include "model/model.h"
#include "torture.h"

static bool replace(const char *pattern, const char *text, const char *replacement, ifm_buf *out,
                    ifm_error *err)
{
    err->code = IFM_OK;
    model_regex *regex = model_regex_new_search(model_text_of(pattern), err);
    bool ok = regex != NULL &&
              model_regex_replace_all(regex, model_text_of(text), model_text_of(replacement), out, err);
    model_regex_free(regex);
    return ok;
}

static void all_matches_are_replaced(void **state)
{
    (void)state;
    static const struct {
        const char *pattern, *text, *replacement, *want;
    } rows[] = {
        {"a", "banana", "x", "bxnxnx"},
        {"a*", "baaac", "x", "xbxcx"},
        {"", "ab", "-", "-a-b-"},
        {"", "\303\244b", "-", "-\303\244-b-"},
        {"^a", "aaa", "x", "xaa"},
        {"a$", "aaa", "x", "aax"},
        {"(?m)^", "a\nb", "> ", "> a\n> b"},
        {"\\bb", "b ab b", "x", "x ab x"},
        {"(\\w+)@(\\w+)", "me@here you@there", "$2 at ${1}x", "here at mex there at youx"},
        {"(?P<first>a)(b)?", "ab a", "[${first}$2$9]", "[ab] [a]"},
        {"a|b", "ab", "$$$0", "$a$b"},
        {".", "a\n", "x", "x\n"},
        {"(?s).", "a\n", "x", "xx"},
        {"z", "abc", "x", "abc"},
        {"a", "", "x", ""},
        {"(a)|b", "ab", "<$1>", "<a><>"},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        ifm_error err;
        ifm_buf out;
        ifm_buf_init(&out, 4096);
        CHECK(replace(rows[i].pattern, rows[i].text, rows[i].replacement, &out, &err));
        ifm_buf_append_char(&out, '\0');
        CHECK_TEXT(out.data, rows[i].want);
        ifm_buf_deinit(&out);
    }
    check_end();
}

static void a_part_is_enough(void **state)
{
    (void)state;
    static const struct {
        const char *pattern, *text;
        bool want;
    } rows[] = {{"b", "abc", true},          {"^b", "abc", false},
                {"b$", "ab", true},          {"", "", true},
                {"a.c", "a\nc", false},      {"a|b", "xxb", true},
                {"foo.*", "a foobar", true}, {"^(a|b)+$", "abba", true},
                {"^(a|b)+$", "abbac", false}};
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        ifm_error err = {.code = IFM_OK};
        model_regex *regex = model_regex_new_search(model_text_of(rows[i].pattern), &err);
        assert_non_null(regex);
        if (model_regex_matches(regex, model_text_of(rows[i].text), &err) != rows[i].want) {
            fprintf(stderr, "\"%s\" and \"%s\"\n", rows[i].pattern, rows[i].text);
            CHECK(false);
        }
        model_regex_free(regex);
    }
    check_end();
}

static void what_is_wrong_is_an_error(void **state)
{
    (void)state;
    ifm_error err;
    ifm_buf out;
    ifm_buf_init(&out, 4096);
    CHECK(!replace("a)(b", "x", "", &out, &err)); /* not even with what is put around it */
    CHECK_CONTAINS(err.message, "error parsing regexp: unexpected )");
    CHECK(!replace("(", "x", "", &out, &err));
    CHECK_INT(err.code, IFM_INVALID);
    ifm_buf_deinit(&out);
    ifm_buf_init(&out, 4);
    CHECK(!replace("a", "aaaa", "xx", &out, &err));
    CHECK_INT(err.code, IFM_LIMIT);
    ifm_buf_deinit(&out);
    check_end();
}

static bool replace_once(void *context, ifm_error *err)
{
    ifm_buf out;
    ifm_buf_init(&out, 4096);
    bool ok = replace("(a+)b", context, "$1", &out, err);
    ifm_buf_deinit(&out);
    return ok;
}

static void memory_may_run_out(void **state)
{
    (void)state;
    static char text[] = "aab \xff ab";
    CHECK(torture_allocations(replace_once, text, TORTURE_MAY_SUCCEED) >= 5);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_matches_are_replaced),
        cmocka_unit_test(a_part_is_enough),
        cmocka_unit_test(what_is_wrong_is_an_error),
        cmocka_unit_test(memory_may_run_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"
#include "check.h"

static void utf8_decodes_first_and_last_of_each_length(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t length;
        uint32_t point;
    } rows[] = {
        {"", 1, 0},
        {"a", 1, 'a'},
        {"\x7F", 1, 0x7F},
        {"\xC2\x80", 2, 0x80},
        {"\xDF\xBF", 2, 0x7FF},
        {"\xE0\xA0\x80", 3, 0x800},
        {"\xED\x9F\xBF", 3, 0xD7FF},
        {"\xEE\x80\x80", 3, 0xE000},
        {"\xEF\xBF\xBF", 3, 0xFFFF},
        {"\xF0\x90\x80\x80", 4, 0x10000},
        {"\xF4\x8F\xBF\xBF", 4, 0x10FFFF},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        uint32_t point = 77;
        CHECK_INT(ifm_utf8_decode(rows[i].text, rows[i].length, &point), rows[i].length);
        CHECK_INT(point, rows[i].point);
        CHECK(ifm_utf8_valid(rows[i].text, rows[i].length));
        CHECK_INT(ifm_utf8_length(rows[i].text, rows[i].length), 1);
    }
    check_end();
}

static const struct {
    const char *text;
    size_t size;
    const char *why;
} wrong[] = {
    {"\x80", 1, "continuation without a start"},
    {"\xBF", 1, "continuation without a start"},
    {"\xC0\x80", 2, "overlong NUL"},
    {"\xC1\xBF", 2, "overlong"},
    {"\xE0\x9F\xBF", 3, "overlong"},
    {"\xF0\x8F\xBF\xBF", 4, "overlong"},
    {"\xED\xA0\x80", 3, "first surrogate"},
    {"\xED\xBF\xBF", 3, "last surrogate"},
    {"\xF4\x90\x80\x80", 4, "beyond U+10FFFF"},
    {"\xF5\x80\x80\x80", 4, "beyond U+10FFFF"},
    {"\xFF", 1, "never a start"},
    {"\xC3", 1, "truncated"},
    {"\xE2\x82", 2, "truncated"},
    {"\xF0\x9F\x98", 3, "truncated"},
    {"\xC3\x28", 2, "no continuation"},
    {"\xE2\x28\xA1", 3, "no continuation"},
    {"\xE2\x82\x28", 3, "no continuation"},
    {"\xF0\x9F\x98\x28", 4, "no continuation"},
};

static void utf8_refuses_what_is_not_the_shortest_form(void **state)
{
    (void)state;
    for (size_t i = 0; i < IFM_COUNT_OF(wrong); i++) {
        uint32_t point;
        char text[8] = "ab";
        memcpy(text + 2, wrong[i].text, wrong[i].size);
        if (ifm_utf8_decode(wrong[i].text, wrong[i].size, &point) != 0 ||
            ifm_utf8_valid(text, wrong[i].size + 2)) {
            CHECK_TEXT("valid", wrong[i].why);
        }
    }
    check_end();
}

static void utf8_length_counts_characters(void **state)
{
    (void)state;
    CHECK_INT(ifm_utf8_length("", 0), 0);
    CHECK_INT(ifm_utf8_length("a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80", 10), 4);
    check_end();
}

static void check_repair(const char *text, size_t size, size_t max, const char *want)
{
    ifm_buf out;
    ifm_buf_init(&out, 1000);
    ifm_utf8_repair(&out, text, size, max);
    ifm_buf_append_char(&out, '\0');
    CHECK_TEXT(out.data, want);
    ifm_buf_deinit(&out);
}

static void utf8_repair_replaces_each_wrong_byte(void **state)
{
    (void)state;
#define REPLACEMENT "\xEF\xBF\xBD"
    check_repair("ok \xC3\xA9", 5, 100, "ok \xC3\xA9");
    check_repair("a\xFFz", 3, 100, "a" REPLACEMENT "z");
    check_repair("\xE2\x82", 2, 100, REPLACEMENT REPLACEMENT);
    check_repair("\xED\xA0\x80", 3, 100, REPLACEMENT REPLACEMENT REPLACEMENT);
    check_repair("", 0, 0, "");
    for (size_t i = 0; i < IFM_COUNT_OF(wrong); i++) {
        ifm_buf out;
        ifm_buf_init(&out, 1000);
        ifm_utf8_repair(&out, wrong[i].text, wrong[i].size, 100);
        CHECK(ifm_utf8_valid(out.data, out.size));
        ifm_buf_deinit(&out);
    }
    check_end();
}

static void utf8_repair_cuts_before_the_character_that_goes_past(void **state)
{
    (void)state;
    check_repair("abc", 3, 4, "abc");
    check_repair("abc", 3, 3, "abc");
    check_repair("abc", 3, 2, "ab");
    check_repair("a\xE2\x82\xAC", 4, 4, "a\xE2\x82\xAC");
    check_repair("a\xE2\x82\xAC", 4, 3, "a");
    check_repair("a\xE2\x82\xAC"
                 "b",
                 5, 2, "a"); /* not "ab": what comes after is not pulled forward */
    check_repair("a\xFF", 2, 4, "a" REPLACEMENT);
    check_repair("a\xFF", 2, 3, "a");
    check_repair("abc", 3, 0, "");
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(utf8_decodes_first_and_last_of_each_length),
        cmocka_unit_test(utf8_refuses_what_is_not_the_shortest_form),
        cmocka_unit_test(utf8_length_counts_characters),
        cmocka_unit_test(utf8_repair_replaces_each_wrong_byte),
        cmocka_unit_test(utf8_repair_cuts_before_the_character_that_goes_past),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

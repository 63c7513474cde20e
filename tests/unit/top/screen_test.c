/* SPDX-License-Identifier: Apache-2.0
 *
 * Cells: what texts of a server become, where they are cut, and what never reaches a terminal.
 */
#include "top/screen.h"

#include "base/base.h"
#include "check.h"
#include "torture.h"

#include <locale.h>

/* A text in a line of `width` columns, as it is printed. */
static char *drawn(char out[512], bool utf8, int width, const char *text)
{
    top_screen screen;
    ifm_error err;
    ifm_buf printed;
    top_screen_init(&screen, utf8);
    assert_true(top_screen_resize(&screen, width, 1, &err));
    top_screen_text(&screen, 0, 0, width, TOP_PLAIN, text);
    ifm_buf_init(&printed, 511);
    top_screen_print(&screen, &printed);
    memcpy(out, printed.size > 0 ? printed.data : "", printed.size);
    out[printed.size] = '\0';
    out[strcspn(out, "\n")] = '\0';
    ifm_buf_deinit(&printed);
    top_screen_deinit(&screen);
    return out;
}

static void texts_are_cut_at_the_end_of_a_column(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool utf8;
        int width;
        const char *want, *why;
    } rows[] = {
        {"abc", true, 3, "abc", "it fits"},
        {"abcd", true, 3, "ab\xe2\x80\xa6", "one more"},
        {"abcd", false, 3, "ab~", "without UTF-8"},
        {"", true, 3, "", "nothing"},
        {"\xc3\xa4\xc3\xb6\xc3\xbc", true, 3, "\xc3\xa4\xc3\xb6\xc3\xbc", "two bytes, one column"},
        {"\xe6\x97\xa5\xe6\x9c\xac", true, 4, "\xe6\x97\xa5\xe6\x9c\xac", "two columns each"},
        {"\xe6\x97\xa5\xe6\x9c\xac", true, 3, "\xe6\x97\xa5\xe2\x80\xa6", "the second does not fit"},
        {"\xe6\x97\xa5\xe6\x9c\xac", true, 2, "\xe2\x80\xa6", "nor the first beside the sign"},
        {"e\xcc\x81z", true, 2, "e\xcc\x81z", "a combining accent stays with its letter"},
        {"\xc3\xa4z", false, 3, "?z", "only ASCII"},
    };
    char out[512];
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        drawn(out, rows[i].utf8, rows[i].width, rows[i].text);
        if (strcmp(out, rows[i].want) != 0) {
            fprintf(stderr, "%s: ", rows[i].why);
        }
        CHECK_TEXT(out, rows[i].want);
    }
    check_end();
}

static void nothing_harmful_reaches_a_terminal(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "\x1b[2J",
        "\x1b]0;title\x07",
        "a\rb",
        "a\nb",
        "\x7f",
        "\xc2\x9b"
        "2J",
        "\xe2\x80\xae"
        "x",
        "\xef\xbb\xbf",
        "\xe2\x80\x8b",
        "\xf3\xa0\x81\x81",
        "\xc2\xad",
        "\xff\xfe",
        "\xed\xa0\x80",
        "\xe2\x81\xa6x",
        "\t",
        "\x01",
        "\xef\xb8\x8f",
    };
    char out[512];
    for (size_t i = 0; i < IFM_COUNT_OF(texts); i++) {
        for (int utf8 = 0; utf8 <= 1; utf8++) {
            drawn(out, utf8 != 0, 20, texts[i]);
            CHECK(ifm_utf8_valid(out, strlen(out)));
            for (const char *c = out; *c != '\0';) {
                uint32_t point;
                c += ifm_utf8_decode(c, strlen(c), &point);
                bool is_harmless = (point >= 0x20 && point < 0x7F) || (utf8 != 0 && point == 0xFFFD);
                CHECK(is_harmless);
            }
        }
    }
    check_end();
}

static void half_of_a_wide_character_is_a_blank(void **state)
{
    (void)state;
    top_screen screen;
    ifm_error err;
    top_screen_init(&screen, true);
    assert_true(top_screen_resize(&screen, 4, 1, &err));
    top_screen_text(&screen, 0, 0, 4, TOP_PLAIN, "\xe6\x97\xa5\xe6\x9c\xac");
    CHECK_TEXT(screen.cells[1].text, "");
    top_screen_text(&screen, 0, 1, 1, TOP_PLAIN, "x");
    CHECK_TEXT(screen.cells[0].text, " ");
    CHECK_TEXT(screen.cells[1].text, "x");
    top_screen_text(&screen, 0, 2, 1, TOP_PLAIN, "y");
    CHECK_TEXT(screen.cells[2].text, "y");
    CHECK_TEXT(screen.cells[3].text, " ");
    top_screen_deinit(&screen);
    check_end();
}

static void outside_of_the_screen_nothing_is_drawn(void **state)
{
    (void)state;
    top_screen screen;
    ifm_error err;
    top_screen_init(&screen, true);
    assert_true(top_screen_resize(&screen, 5, 2, &err));
    CHECK_INT(top_screen_text(&screen, -1, 0, 9, TOP_PLAIN, "abc"), 0);
    CHECK_INT(top_screen_text(&screen, 2, 0, 9, TOP_PLAIN, "abc"), 0);
    CHECK_INT(top_screen_text(&screen, 0, 5, 9, TOP_PLAIN, "abc"), 0);
    CHECK_INT(top_screen_text(&screen, 0, 0, 0, TOP_PLAIN, "abc"), 0);
    CHECK_INT(top_screen_text(&screen, 0, 3, 9, TOP_PLAIN, "abc"), 2);
    top_screen_point(&screen, 7, 7, TOP_PLAIN, 'x');
    top_screen_fill(&screen, 1, 3, 100, TOP_PLAIN, '-');
    top_screen_right(&screen, 0, 0, 3, TOP_PLAIN, "12");
    top_screen_reverse(&screen, 1, -5, 100);
    CHECK_TEXT(screen.cells[0].text, " ");
    CHECK_TEXT(screen.cells[1].text, "1");
    CHECK_INT(screen.cells[5].style, TOP_REVERSE);
    top_screen_deinit(&screen);
    check_end();
}

static void sizes_have_limits(void **state)
{
    (void)state;
    top_screen screen;
    ifm_error err;
    top_screen_init(&screen, true);
    assert_true(top_screen_resize(&screen, 0, -3, &err));
    CHECK_INT(screen.width, 1);
    CHECK_INT(screen.height, 1);
    assert_true(top_screen_resize(&screen, TOP_SCREEN_WIDTH_MAX + 1, 1, &err));
    CHECK_INT(screen.width, TOP_SCREEN_WIDTH_MAX);
    assert_true(top_screen_resize(&screen, 1, TOP_SCREEN_HEIGHT_MAX + 1, &err));
    CHECK_INT(screen.height, TOP_SCREEN_HEIGHT_MAX);
    top_screen_deinit(&screen);
    check_end();
}

static bool resize_twice(void *context, ifm_error *err)
{
    top_screen screen;
    (void)context;
    top_screen_init(&screen, false);
    bool ok = top_screen_resize(&screen, 10, 10, err) && top_screen_resize(&screen, 20, 20, err);
    top_screen_deinit(&screen);
    return ok;
}

static void memory_that_is_out_is_said(void **state)
{
    (void)state;
    CHECK_INT(torture_allocations(resize_twice, NULL, TORTURE_MUST_FAIL), 2);
    check_end();
}

int main(void)
{
    setlocale(LC_CTYPE, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_cut_at_the_end_of_a_column),
        cmocka_unit_test(nothing_harmful_reaches_a_terminal),
        cmocka_unit_test(half_of_a_wide_character_is_a_blank),
        cmocka_unit_test(outside_of_the_screen_nothing_is_drawn),
        cmocka_unit_test(sizes_have_limits),
        cmocka_unit_test(memory_that_is_out_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

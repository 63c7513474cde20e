/* SPDX-License-Identifier: Apache-2.0
 *
 * Which items of a list a page shows.
 */
#include "top/list.h"

#include "check.h"

#include <stdint.h>

static void a_list_that_fits_is_shown_whole(void **state)
{
    (void)state;
    static const unsigned char heights[] = {1, 3, 2};
    top_list list = top_list_lay_out(&(top_list_wanted){.count = 0, .lines = 5});
    CHECK_INT(list.shown, 0);
    CHECK_INT(list.first_max, 0);
    list = top_list_lay_out(&(top_list_wanted){.count = 5, .first = 3, .lines = 5});
    CHECK_INT(list.first, 0);
    CHECK_INT(list.shown, 5);
    CHECK(!list.has_foot);
    list = top_list_lay_out(&(top_list_wanted){.heights = heights, .count = 3, .first = 1, .lines = 6});
    CHECK_INT(list.shown, 3);
    CHECK(!list.has_foot);
    check_end();
}

static void a_longer_one_has_a_foot(void **state)
{
    (void)state;
    top_list list = top_list_lay_out(&(top_list_wanted){.count = 6, .lines = 5});
    CHECK(list.has_foot);
    CHECK_INT(list.shown, 4);
    CHECK_INT(list.first_max, 2);
    list = top_list_lay_out(&(top_list_wanted){.count = 6, .first = 99, .lines = 5});
    CHECK_INT(list.first, 2);
    CHECK_INT(list.shown, 4);
    list = top_list_lay_out(&(top_list_wanted){.count = 4, .lines = 5, .left_out = 7});
    CHECK(list.has_foot); /* which tells the seven */
    CHECK_INT(list.shown, 4);
    check_end();
}

static void the_last_of_many_lines_can_be_reached(void **state)
{
    (void)state;
    static const unsigned char heights[] = {3, 3, 1, 3, 2, 3};
    for (int lines = -1; lines < 20; lines++) {
        top_list_wanted wanted = {.heights = heights, .count = 6, .first = 99, .lines = lines};
        top_list list = top_list_lay_out(&wanted);
        CHECK_INT(list.first + list.shown, 6);
        wanted.first = 0;
        for (int steps = 0; steps < 10; steps++) { /* page by page nothing is left out */
            list = top_list_lay_out(&wanted);
            CHECK(list.shown >= 1 && list.before >= 1);
            if (wanted.first >= list.first_max) {
                break;
            }
            wanted.first = list.first + list.shown;
        }
        CHECK_INT(list.first + list.shown, 6);
    }
    check_end();
}

static void a_page_stays_while_it_has_the_item(void **state)
{
    (void)state;
    const top_list list = {.count = 20, .first = 5, .shown = 4, .first_max = 16};
    CHECK_INT(top_list_show(&list, 5), 5);
    CHECK_INT(top_list_show(&list, 8), 5);
    CHECK_INT(top_list_show(&list, 9), 6);
    CHECK_INT(top_list_show(&list, 2), 2);
    CHECK_INT(top_list_lines(NULL, 3), 3);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_that_fits_is_shown_whole),
        cmocka_unit_test(a_longer_one_has_a_foot),
        cmocka_unit_test(the_last_of_many_lines_can_be_reached),
        cmocka_unit_test(a_page_stays_while_it_has_the_item),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

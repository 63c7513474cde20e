/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "unit/promql/evaluate.h"

#include <math.h>

static fake_storage fake;

static int make(void **state)
{
    (void)state;
    fake_init(&fake);
    static const char *const cpus[] = {"cpu0", "cpu1", "cpu10", "cpu2"};
    static const double values[] = {3, NAN, 1, 2};
    for (int i = 0; i < 4; i++) {
        fake_append(fake_add(&fake, "m", "cpu", cpus[i]), 0, values[i]);
    }
    return 0;
}

static void labels_are_made_of_others(void **state)
{
    (void)state;
    static const evaluate_row rows[] = {
        {"label_replace(m{cpu=\"cpu0\"}, \"n\", \"$1\", \"cpu\", \"cpu(.*)\")",
         "{__name__=\"m\", cpu=\"cpu0\", n=\"0\"} 3"},
        {"label_replace(m{cpu=\"cpu0\"}, \"n\", \"$1\", \"cpu\", \"pu(.*)\")",
         "{__name__=\"m\", cpu=\"cpu0\"} 3"}, /* all of it has to match */
        {"label_replace(m{cpu=\"cpu0\"}, \"cpu\", \"\", \"cpu\", \".*\")", "{__name__=\"m\"} 3"},
        {"label_replace(m{cpu=\"cpu0\"}, \"n\", \"x\", \"none\", \"\")",
         "{__name__=\"m\", cpu=\"cpu0\", n=\"x\"} 3"},
        {"label_replace(abs(m{cpu=\"cpu0\"}), \"__name__\", \"made\", \"cpu\", \".*\")",
         "{__name__=\"made\", cpu=\"cpu0\"} 3"},
        {"label_replace(m, \"cpu\", \"\", \"cpu\", \".*\")",
         "error: vector cannot contain metrics with the same labelset"},
        {"label_replace(m, \"n\", \"x\", \"cpu\", \"(\")",
         "error: invalid regular expression in label_replace(): ("},
        {"label_replace(m, \"\", \"x\", \"cpu\", \".*\")",
         "error: invalid destination label name in label_replace(): "},
        {"label_join(m{cpu=\"cpu0\"}, \"n\", \"-\", \"cpu\", \"none\", \"cpu\")",
         "{__name__=\"m\", cpu=\"cpu0\", n=\"cpu0--cpu0\"} 3"},
        {"label_join(m{cpu=\"cpu0\"}, \"cpu\", \"-\")", "{__name__=\"m\"} 3"},
        {"label_join(m, \"\", \"-\", \"cpu\")", "error: invalid destination label name in label_join(): "},
        {"label_join(m, \"n\", \"-\", \"\")", "error: invalid source label name in label_join(): "},
    };
    evaluate_rows(&fake, 0, rows, IFM_COUNT_OF(rows));
    check_end();
}

static void series_are_sorted(void **state)
{
    (void)state;
    static const evaluate_row rows[] = {
        {"sort(abs(m))", "{cpu=\"cpu10\"} 1; {cpu=\"cpu2\"} 2; {cpu=\"cpu0\"} 3; {cpu=\"cpu1\"} NaN"},
        {"sort_desc(abs(m))", "{cpu=\"cpu0\"} 3; {cpu=\"cpu2\"} 2; {cpu=\"cpu10\"} 1; {cpu=\"cpu1\"} NaN"},
        {"sort_by_label(abs(m), \"cpu\")",
         "{cpu=\"cpu0\"} 3; {cpu=\"cpu1\"} NaN; {cpu=\"cpu2\"} 2; {cpu=\"cpu10\"} 1"},
        {"sort_by_label_desc(abs(m), \"none\", \"cpu\")",
         "{cpu=\"cpu10\"} 1; {cpu=\"cpu2\"} 2; {cpu=\"cpu1\"} NaN; {cpu=\"cpu0\"} 3"},
    };
    evaluate_rows(&fake, 0, rows, IFM_COUNT_OF(rows));
    check_end();
}

static void sorting_a_range_is_in_vain(void **state)
{
    (void)state;
    ifm_buf got = evaluate_range(&fake, "sort_desc(m{cpu=~\"cpu[02]\"})", 0, 60000, 60000);
    CHECK_TEXT(
        got.data,
        "{__name__=\"m\", cpu=\"cpu0\"} 3 3; {__name__=\"m\", cpu=\"cpu2\"} 2 2 ! PromQL warning: sort is "
        "ineffective for range queries since results are always ordered by labels (1:1)");
    ifm_buf_deinit(&got);
    check_end();
}

/* More than are inserted one by one: runs are merged, and equal values stay in the order of their labels. */
static void many_series_are_sorted(void **state)
{
    (void)state;
    enum { MANY = 45 };
    static fake_storage many;
    static char names[MANY][8];
    char want[4096] = "";
    fake_init(&many);
    for (int i = 0; i < MANY; i++) {
        snprintf(names[i], sizeof names[i], "c%02d", i);
        fake_append(fake_add(&many, "m", "cpu", names[i]), 0, i * 7 % 15);
    }
    for (int value = 0; value < 15; value++) {
        for (int i = 0; i < MANY; i++) {
            if (i * 7 % 15 == value) {
                size_t size = strlen(want);
                snprintf(want + size, sizeof want - size, "%s{cpu=\"c%02d\"} %d", size > 0 ? "; " : "", i,
                         value);
            }
        }
    }
    ifm_buf got = evaluate_range(&many, "sort(abs(m))", 0, 0, 0);
    CHECK_TEXT(got.data, want);
    ifm_buf_deinit(&got);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(labels_are_made_of_others),
        cmocka_unit_test(series_are_sorted),
        cmocka_unit_test(many_series_are_sorted),
        cmocka_unit_test(sorting_a_range_is_in_vain),
    };
    return cmocka_run_group_tests(tests, make, NULL);
}

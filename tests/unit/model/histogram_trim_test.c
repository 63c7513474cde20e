/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/model/histogram_fixture.h"

#include <math.h>

static const model_trim BELOW = MODEL_TRIM_UPPER, ABOVE = MODEL_TRIM_LOWER;

static bool near(double a, double b)
{
    return a == b || fabs(a - b) <= 1e-12 * (fabs(a) + fabs(b));
}

typedef struct trim_row {
    model_trim which;
    double limit;
    double count, sum; /* 100 and 1000: nothing was trimmed */
    const char *layout;
} trim_row;

static void check_rows(ifm_bump *arena, const model_histogram *h, const trim_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const model_histogram *out = model_histogram_trim(h, rows[i].limit, rows[i].which, arena);
        assert_non_null(out);
        if (!near(out->count, rows[i].count) || !near(out->sum, rows[i].sum)) {
            fprintf(stderr, "row %zu: count %.17g, sum %.17g\n", i, out->count, out->sum);
            CHECK(false);
        }
        CHECK_TEXT(fixture_layout(arena, out), rows[i].layout);
        CHECK_INT(out->hint, h->hint);
    }
}

static void trim_splits_exponential_buckets_by_logarithm(void **state)
{
    ifm_bump *arena = *state;
    model_histogram h = fixture_histogram(arena, 0, "1:8", 0.5, 0, "1:4 3:16");
    h.hint = MODEL_RESET_GAUGE;
    const double root = sqrt(2);
    const trim_row rows[] = {
        {BELOW, INFINITY, 100, 1000, "0 0.5:0 | 1:4 3:16 | 1:8"},
        {ABOVE, -INFINITY, 100, 1000, "0 0.5:0 | 1:4 3:16 | 1:8"},
        {BELOW, -INFINITY, 0, 0, "0 0.5:0 | |"},
        {ABOVE, INFINITY, 0, 0, "0 0.5:0 | |"},
        {BELOW, NAN, 0, 0, "0 0.5:0 | |"},
        {BELOW, 8, 100, 1000, "0 0.5:0 | 1:4 3:16 | 1:8"},
        {ABOVE, -2, 100, 1000, "0 0.5:0 | 1:4 3:16 | 1:8"},
        {BELOW, 3, 12, -4 * root, "0 0.5:0 | 1:4 | 1:8"},
        {ABOVE, 3, 16, 16 * sqrt(32), "0 0.5:0 | 3:16 |"},
        {ABOVE, 0, 20, 4 * root + 16 * sqrt(32), "0 0.5:0 | 1:4 3:16 |"},
        {BELOW, sqrt(32), 20, 4 * root - 8 * root + 8 * sqrt(4 * sqrt(32)), "0 0.5:0 | 1:4 3:8 | 1:8"},
        {ABOVE, -root, 24, 4 * root + 16 * sqrt(32) - 4 * sqrt(root), "0 0.5:0 | 1:4 3:16 | 1:4"},
        {BELOW, -root, 4, -4 * sqrt(2 * root), "0 0.5:0 | | 1:4"},
    };
    check_rows(arena, &h, rows, IFM_COUNT_OF(rows));
    check_end();
}

static void trim_splits_the_zero_bucket_by_length(void **state)
{
    ifm_bump *arena = *state;
    const trim_row both[] = {
        {BELOW, 0.5, 83, 75 * -0.25 - 8 * sqrt(2), "0 1:75 | | 1:8"},
        {ABOVE, 0, 54, 25 + 4 * sqrt(2), "0 1:50 | 1:4 |"},
        {BELOW, -1, 8, -8 * sqrt(2), "0 1:0 | | 1:8"},
        {ABOVE, 1, 4, 4 * sqrt(2), "0 1:0 | 1:4 |"},
    };
    model_histogram h = fixture_histogram(arena, 0, "1:8", 1, 100, "1:4");
    check_rows(arena, &h, both, IFM_COUNT_OF(both));
    const trim_row positive[] = {
        {ABOVE, 0, 100, 1000, "0 1:100 | 1:4 |"},
        {BELOW, 0.25, 25, 25 * 0.125, "0 1:25 | |"},
        {BELOW, 0, 0, 0, "0 1:0 | |"},
    };
    h = fixture_histogram(arena, 0, "3:0", 1, 100, "1:4"); /* an empty bucket is no observation */
    CHECK(model_histogram_trim(&h, 0, ABOVE, arena) == &h);
    h = fixture_histogram(arena, 0, "", 1, 100, "1:4");
    check_rows(arena, &h, positive, IFM_COUNT_OF(positive));
    const trim_row negative[] = {
        {BELOW, 0, 100, 1000, "0 1:100 | | 1:4"},
        {ABOVE, -0.25, 25, 25 * -0.125, "0 1:25 | |"},
    };
    h = fixture_histogram(arena, 0, "1:4", 1, 100, "");
    check_rows(arena, &h, negative, IFM_COUNT_OF(negative));
    check_end();
}

static void trim_splits_custom_buckets_by_length(void **state)
{
    ifm_bump *arena = *state;
    const trim_row rows[] = {
        {BELOW, INFINITY, 100, 1000, "-53 0:0 | 0:4 1:8 2:6 |"},
        {BELOW, 100, 12, 4 + 8 * 3, "-53 0:0 | 0:4 1:8 |"}, /* what reaches to +Inf is dropped */
        {BELOW, 4, 12, 4 + 8 * 3, "-53 0:0 | 0:4 1:8 |"},
        {BELOW, 3, 8, 4 + 4 * 2.5, "-53 0:0 | 0:4 1:4 |"},
        {BELOW, 0.5, 1, 0.25, "-53 0:0 | 0:1 |"}, /* the first one begins at 0 */
        {BELOW, 0, 0, 0, "-53 0:0 | |"},
        {BELOW, -1, 0, 0, "-53 0:0 | |"},
        {ABOVE, 0, 100, 1000, "-53 0:0 | 0:4 1:8 2:6 |"},
        {ABOVE, -1, 14, 8 * 3 + 6 * 4, "-53 0:0 | 1:8 2:6 |"},
        {ABOVE, 1, 16, 2 * 1.5 + 8 * 3 + 6 * 4, "-53 0:0 | 0:2 1:8 2:6 |"},
        {ABOVE, 3, 10, 4 * 3.5 + 6 * 4, "-53 0:0 | 1:4 2:6 |"},
        {ABOVE, 10, 6, 60, "-53 0:0 | 2:6 |"},
        {ABOVE, INFINITY, 0, 0, "-53 0:0 | |"},
    };
    model_histogram h = fixture_custom(arena, "2 4", "0:4 1:8 2:6");
    check_rows(arena, &h, rows, IFM_COUNT_OF(rows));
    const trim_row below_zero[] = {
        {BELOW, -7, 4, -28, "-53 0:0 | 0:4 |"},
        {ABOVE, -7, 6, -12, "-53 0:0 | 1:6 |"},
    };
    h = fixture_custom(arena, "-2", "0:4 1:6");
    check_rows(arena, &h, below_zero, IFM_COUNT_OF(below_zero));
    const trim_row endless[] = {
        {BELOW, 5, 0, 0, "-53 0:0 | |"},
        {ABOVE, 5, 0, 0, "-53 0:0 | |"},
        {ABOVE, -INFINITY, 100, 1000, "-53 0:0 | 0:4 |"},
    };
    h = fixture_custom(arena, "", "0:4");
    check_rows(arena, &h, endless, IFM_COUNT_OF(endless));
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(trim_splits_exponential_buckets_by_logarithm, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(trim_splits_the_zero_bucket_by_length, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(trim_splits_custom_buckets_by_length, fixture_setup,
                                        fixture_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

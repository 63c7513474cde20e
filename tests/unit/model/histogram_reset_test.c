/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/model/histogram_fixture.h"

typedef struct side {
    int32_t schema;
    const char *negative;
    double threshold, zero;
    const char *positive;
} side;

static void reset_is_anything_that_became_less(void **state)
{
    ifm_bump *arena = *state;
    static const struct row {
        side previous, current;
        bool want;
        const char *why;
    } rows[] = {
        {{0, "1:1", 1, 1, "1:1"}, {0, "1:1", 1, 1, "1:1"}, false, "the same"},
        {{0, "", 1, 1, "1:1"}, {0, "2:1", 1, 2, "1:3 2:1"}, false, "more of all"},
        {{0, "", 1, 1, "1:3"}, {0, "", 1, 1, "1:2"}, true, "a bucket became less"},
        {{0, "1:3", 1, 1, ""}, {0, "1:2", 1, 1, ""}, true, "a negative bucket became less"},
        {{0, "", 1, 1, "1:3 2:1"}, {0, "", 1, 1, "1:3"}, true, "the last bucket is missing"},
        {{0, "", 1, 1, "1:3 2:1"}, {0, "", 1, 1, "2:1"}, true, "the first bucket is missing"},
        {{0, "", 1, 1, "1:3"}, {0, "", 1, 1, ""}, true, "all buckets are missing"},
        {{0, "", 1, 1, "1:0 2:1 4:0"}, {0, "", 1, 1, "2:1"}, false, "empty buckets are missing"},
        {{0, "", 1, 1, ""}, {0, "", 1, 1, "2:1"}, false, "there was none before"},
        {{0, "", 1, 2, ""}, {0, "", 1, 1, ""}, true, "the zero bucket became less"},
        {{0, "", 1, 1, ""}, {0, "", 0.5, 1, ""}, true, "the zero bucket became narrower"},
        {{0, "", 1, 1, "1:2 3:1"}, {0, "", 2, 3, "3:1"}, false, "the zero bucket took a bucket in"},
        {{0, "", 1, 1, "1:2 3:1"}, {0, "", 2, 2, "3:1"}, true, "and lost some of it"},
        {{0, "", 1, 1, "1:2 3:1"}, {0, "", 1.5, 3, "3:1"}, true, "it ends within a populated bucket"},
        {{0, "1:2", 1, 1, ""}, {0, "", 1.5, 3, ""}, true, "or in a negative one"},
        {{0, "", 1, 1, "1:0 3:1"}, {0, "", 1.5, 1, "3:1"}, false, "it ends within an empty bucket"},
        {{0, "", 0, 0, "1:1"}, {1, "", 0, 0, "1:1"}, true, "the schema became finer"},
        {{1, "", 0, 0, "1:1 2:2 3:3"}, {0, "", 0, 0, "1:3 2:3"}, false, "coarser, with as much"},
        {{1, "", 0, 0, "1:1 2:2 3:3"}, {0, "", 0, 0, "1:2 2:3"}, true, "coarser, with less"},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        const struct row *row = &rows[i];
        model_histogram previous =
            fixture_histogram(arena, row->previous.schema, row->previous.negative, row->previous.threshold,
                              row->previous.zero, row->previous.positive);
        model_histogram current =
            fixture_histogram(arena, row->current.schema, row->current.negative, row->current.threshold,
                              row->current.zero, row->current.positive);
        if (model_histogram_detect_reset(&previous, &current) != row->want) {
            fprintf(stderr, "%s\n", row->why);
            CHECK(false);
        }
        current.hint = MODEL_RESET_GAUGE; /* makes no difference */
        CHECK(model_histogram_detect_reset(&previous, &current) == row->want);
        current.hint = MODEL_RESET_YES;
        CHECK(model_histogram_detect_reset(&previous, &current));
        current.hint = MODEL_RESET_NO;
        CHECK(!model_histogram_detect_reset(&previous, &current));
        current.hint = MODEL_RESET_UNKNOWN;
        current.count = previous.count - 1;
        CHECK(model_histogram_detect_reset(&previous, &current));
    }
    check_end();
}

static void reset_of_custom_buckets(void **state)
{
    ifm_bump *arena = *state;
    static const struct row {
        const char *bounds_before, *before, *bounds_after, *after;
        bool want;
    } rows[] = {
        {"1 2", "0:1 1:2 2:3", "1 2", "0:1 1:2 2:3", false},
        {"1 2", "0:1 1:2 2:3", "1 2", "0:1 1:1 2:9", true},
        {"1 2", "0:1 1:2 2:3", "1 2", "0:1 1:9", true},
        {"1 2", "0:1 1:2 2:3", "1", "0:1 1:5", false}, /* the same, with less detail */
        {"1 2", "0:1 1:2 2:3", "1", "0:1 1:4", true},
        {"1 2", "0:1 1:2 2:3", "2", "0:2 1:4", true},
        {"2", "0:3 1:4", "1 2 3", "0:1 1:2 2:1 3:3", false}, /* or with more */
        {"2", "0:3 1:4", "1 2 3", "0:1 1:1 2:5 3:3", true},
        {"1 2", "0:1 1:2", "3 4", "0:3", false}, /* only +Inf is common */
        {"1 2", "0:1 1:2", "3 4", "0:2", true},
        {"1 2", "", "3 4", "", false},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        model_histogram before = fixture_custom(arena, rows[i].bounds_before, rows[i].before);
        model_histogram after = fixture_custom(arena, rows[i].bounds_after, rows[i].after);
        if (model_histogram_detect_reset(&before, &after) != rows[i].want) {
            fprintf(stderr, "row %zu\n", i);
            CHECK(false);
        }
    }
    model_histogram custom = fixture_custom(arena, "1 2", "0:1");
    model_histogram exponential = fixture_histogram(arena, 0, "", 0, 0, "0:1");
    CHECK(model_histogram_detect_reset(&custom, &exponential));
    CHECK(model_histogram_detect_reset(&exponential, &custom));
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(reset_is_anything_that_became_less, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(reset_of_custom_buckets, fixture_setup, fixture_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

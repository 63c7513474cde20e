/* SPDX-License-Identifier: Apache-2.0 */
#include "torture.h"
#include "unit/model/histogram_fixture.h"

#include <math.h>

typedef struct side {
    int32_t schema;
    const char *negative;
    double threshold, zero;
    const char *positive;
} side;

typedef struct add_row {
    side a, b;
    const char *sum, *difference;
} add_row;

static const add_row add_rows[] = {
    /* The same layout. */
    {{0, "1:1", 0.5, 1, "1:1 2:2"},
     {0, "1:2", 0.5, 3, "1:10 2:20"},
     "0 0.5:4 | 1:11 2:22 | 1:3",
     "0 0.5:-2 | 1:-9 2:-18 | 1:-1"},
    /* Buckets that only one of them has. */
    {{0, "", 0, 0, "1:1 5:2"},
     {0, "3:7", 0, 0, "0:1 2:1 4:1 7:1"},
     "0 0:0 | 0:1 1:1 2:1 4:1 5:2 7:1 | 3:7",
     "0 0:0 | 0:-1 1:1 2:-1 4:-1 5:2 7:-1 | 3:-7"},
    /* Nothing to add, or to add to. */
    {{0, "", 0, 0, ""}, {0, "", 0, 0, "1:1"}, "0 0:0 | 1:1 |", "0 0:0 | 1:-1 |"},
    {{0, "", 0, 0, "1:1"}, {0, "", 0, 0, ""}, "0 0:0 | 1:1 |", "0 0:0 | 1:1 |"},
    /* The coarser schema counts, whoever has it. */
    {{1, "", 0, 0, "1:1 2:2 3:3"}, {0, "", 0, 0, "1:10"}, "0 0:0 | 1:13 2:3 |", "0 0:0 | 1:-7 2:3 |"},
    {{0, "", 0, 0, "1:10"}, {2, "", 0, 0, "1:1 2:2 4:4 5:5"}, "0 0:0 | 1:17 2:5 |", "0 0:0 | 1:3 2:-5 |"},
    /* The larger zero bucket counts; it takes in buckets, and drops empty ones when it grows. */
    {{0, "", 1, 1, "1:1 2:0 3:3"},
     {0, "-1:4", 0.25, 2, "-2:1 -1:2 0:3 1:5"},
     "0 1:13 | 1:6 2:0 3:3 |",
     "0 1:-11 | 1:-4 2:0 3:3 |"},
    {{0, "", 0.25, 2, "-1:2 0:3 1:5 2:0"}, {0, "", 1, 1, "1:1"}, "0 1:8 | 1:6 |", "0 1:6 | 1:4 |"},
    /* A threshold within a populated bucket grows to its end, on either side. */
    {{0, "", 0, 0, "1:1 2:2"}, {0, "", 1.5, 1, "2:5"}, "0 2:2 | 2:7 |", "0 2:0 | 2:-3 |"},
    {{0, "1:4", 0, 0, "1:1 2:2"}, {0, "", 1.5, 1, "2:5"}, "0 2:6 | 2:7 |", "0 2:4 | 2:-3 |"},
    {{0, "2:4", 0, 0, "1:1 2:2"}, {0, "", 3, 1, "3:5"}, "0 4:8 | 3:5 |", "0 4:6 | 3:-5 |"},
    /* In an empty one it stays. */
    {{0, "", 0, 0, "1:0 2:2"}, {0, "", 1.5, 1, "2:5"}, "0 1.5:1 | 2:7 |", "0 1.5:-1 | 2:-3 |"},
};

static void add_and_subtract_reconcile_layouts(void **state)
{
    ifm_bump *arena = *state;
    for (size_t i = 0; i < IFM_COUNT_OF(add_rows); i++) {
        const add_row *row = &add_rows[i];
        model_histogram a = fixture_histogram(arena, row->a.schema, row->a.negative, row->a.threshold,
                                              row->a.zero, row->a.positive);
        model_histogram b = fixture_histogram(arena, row->b.schema, row->b.negative, row->b.threshold,
                                              row->b.zero, row->b.positive);
        const model_histogram *out;
        unsigned flags = 77;
        b.count = 11;
        b.sum = 1;
        assert_true(model_histogram_add(&a, &b, arena, &out, &flags));
        CHECK_TEXT(fixture_layout(arena, out), row->sum);
        CHECK_DOUBLE(out->count, 111);
        CHECK_DOUBLE(out->sum, 1001);
        CHECK_INT(flags, 0);
        assert_true(model_histogram_sub(&a, &b, arena, &out, &flags));
        CHECK_TEXT(fixture_layout(arena, out), row->difference);
        CHECK_DOUBLE(out->count, 89);
        CHECK_DOUBLE(out->sum, 999);
        /* A compensated sum of these small numbers is the plain one. */
        model_histogram_sum sum;
        assert_true(model_histogram_sum_init(&sum, &a, arena));
        assert_true(model_histogram_sum_add(&sum, &b, arena, &flags));
        CHECK_TEXT(fixture_layout(arena, model_histogram_sum_total(&sum, arena)), row->sum);
    }
    check_end();
}

static void custom_bounds_are_reduced_to_the_common_ones(void **state)
{
    ifm_bump *arena = *state;
    static const struct row {
        const char *bounds_a, *a, *bounds_b, *b;
        const char *want;
        uint32_t bounds;
        unsigned flags;
    } rows[] = {
        {"1 2", "0:1 1:2 2:3", "1 2", "1:10", "-53 0:0 | 0:1 1:12 2:3 |", 2, 0},
        {"1 2 3", "0:1 1:2 2:3 3:4", "1 3", "0:10 1:20 2:30", "-53 0:0 | 0:11 1:25 2:34 |", 2, 2},
        {"1 2", "0:1 2:3", "3 4", "0:5 2:6", "-53 0:0 | 0:15 |", 0, 2},
        {"", "0:1", "1", "0:5 1:6", "-53 0:0 | 0:12 |", 0, 2},
        {"1 2 3", "3:4", "2", "", "-53 0:0 | 1:4 |", 1, 2},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        model_histogram a = fixture_custom(arena, rows[i].bounds_a, rows[i].a);
        model_histogram b = fixture_custom(arena, rows[i].bounds_b, rows[i].b);
        const model_histogram *out;
        unsigned flags;
        assert_true(model_histogram_add(&a, &b, arena, &out, &flags));
        CHECK_TEXT(fixture_layout(arena, out), rows[i].want);
        CHECK_INT(out->custom_count, rows[i].bounds);
        CHECK_INT(flags, rows[i].flags);
        model_histogram_sum sum;
        assert_true(model_histogram_sum_init(&sum, &a, arena));
        assert_true(model_histogram_sum_add(&sum, &b, arena, &flags));
        CHECK_TEXT(fixture_layout(arena, model_histogram_sum_total(&sum, arena)), rows[i].want);
        CHECK_INT(flags, rows[i].flags);
    }
    model_histogram a = fixture_custom(arena, "1 2", "0:1");
    model_histogram b = fixture_custom(arena, "2", "0:5 1:1");
    const model_histogram *out;
    unsigned flags;
    assert_true(model_histogram_sub(&a, &b, arena, &out, &flags));
    CHECK_TEXT(fixture_layout(arena, out), "-53 0:0 | 0:-4 1:-1 |");
    check_end();
}

static void custom_and_exponential_do_not_mix(void **state)
{
    ifm_bump *arena = *state;
    model_histogram a = fixture_custom(arena, "1 2", "0:1");
    model_histogram b = fixture_histogram(arena, 0, "", 0, 0, "1:1");
    const model_histogram *out = NULL;
    unsigned flags;
    CHECK(!model_histogram_add(&a, &b, arena, &out, &flags));
    CHECK_INT(flags, MODEL_ADD_INCOMPATIBLE);
    CHECK(out == NULL);
    CHECK(!model_histogram_sub(&b, &a, arena, &out, &flags));
    CHECK_INT(flags, MODEL_ADD_INCOMPATIBLE);
    model_histogram_sum sum;
    assert_true(model_histogram_sum_init(&sum, &a, arena));
    CHECK(!model_histogram_sum_add(&sum, &b, arena, &flags));
    CHECK_INT(flags, MODEL_ADD_INCOMPATIBLE);
    CHECK(model_histogram_equal(&sum.value, &a));
    check_end();
}

static void hints_are_combined(void **state)
{
    ifm_bump *arena = *state;
    enum {
        UNKNOWN = MODEL_RESET_UNKNOWN,
        YES = MODEL_RESET_YES,
        NO = MODEL_RESET_NO,
        GAUGE = MODEL_RESET_GAUGE
    };
    static const int want[4][4] = {
        [UNKNOWN] = {UNKNOWN, UNKNOWN, UNKNOWN, GAUGE},
        [YES] = {UNKNOWN, YES, UNKNOWN, GAUGE},
        [NO] = {UNKNOWN, UNKNOWN, NO, GAUGE},
        [GAUGE] = {GAUGE, GAUGE, GAUGE, GAUGE},
    };
    model_histogram a = fixture_histogram(arena, 0, "", 0, 0, "1:1");
    model_histogram b = a;
    for (int i = 0; i < 4; i++) {
        for (int j = 0; j < 4; j++) {
            const model_histogram *out;
            unsigned flags, sum_flags;
            model_histogram_sum sum;
            a.hint = (model_reset_hint)i;
            b.hint = (model_reset_hint)j;
            assert_true(model_histogram_add(&a, &b, arena, &out, &flags));
            CHECK_INT(out->hint, want[i][j]);
            CHECK_INT(flags, (i == YES && j == NO) || (i == NO && j == YES) ? MODEL_ADD_RESET_COLLISION : 0);
            assert_true(model_histogram_sum_init(&sum, &a, arena));
            assert_true(model_histogram_sum_add(&sum, &b, arena, &sum_flags));
            CHECK_INT(sum.value.hint, want[i][j]);
            CHECK_INT(sum_flags, flags);
        }
    }
    check_end();
}

/* 1e100 + 1 - 1e100 is 1, in every part of it. */
static void sums_are_compensated(void **state)
{
    ifm_bump *arena = *state;
    model_histogram big = fixture_histogram(arena, 0, "1:1e100", 0.5, 1e100, "1:1e100 4:1e100");
    model_histogram one = fixture_histogram(arena, 0, "1:1", 0.5, 1, "1:1 4:1");
    model_histogram other = fixture_histogram(arena, 1, "1:1", 0.5, 1, "1:1 7:1"); /* merges into the same */
    const model_histogram *steps[] = {&one, &big, &other, model_histogram_scale(&big, -1, arena)};
    big.count = big.sum = 1e100;
    one.count = one.sum = other.count = other.sum = 1;
    steps[3] = model_histogram_scale(&big, -1, arena);
    model_histogram_sum sum;
    unsigned flags;
    assert_true(model_histogram_sum_init(&sum, steps[0], arena));
    for (size_t i = 1; i < IFM_COUNT_OF(steps); i++) {
        assert_true(model_histogram_sum_add(&sum, steps[i], arena, &flags));
    }
    const model_histogram *total = model_histogram_sum_total(&sum, arena);
    CHECK_TEXT(fixture_layout(arena, total), "0 0.5:2 | 1:2 4:2 | 1:2");
    CHECK_DOUBLE(total->count, 2);
    CHECK_DOUBLE(total->sum, 2);
    model_histogram_sum_divide(&sum, 4);
    total = model_histogram_sum_total(&sum, arena);
    CHECK_TEXT(fixture_layout(arena, total), "0 0.5:0.5 | 1:0.5 4:0.5 | 1:0.5");
    CHECK_DOUBLE(total->sum, 0.5);
    check_end();
}

static void compensations_move_with_their_buckets(void **state)
{
    ifm_bump *arena = *state;
    model_histogram big = fixture_histogram(arena, 1, "", 0, 0, "1:1e100 2:1e100 9:1e100");
    model_histogram one = fixture_histogram(arena, 1, "", 0, 0, "1:1 2:1 9:1");
    model_histogram wide = fixture_histogram(arena, 0, "", 4, -2e100, "5:-1e100"); /* 1 and 2 go to zero */
    model_histogram_sum sum, copy;
    unsigned flags;
    assert_true(model_histogram_sum_init(&sum, &one, arena));
    assert_true(model_histogram_sum_add(&sum, &big, arena, &flags));
    assert_true(model_histogram_sum_copy(&sum, arena, &copy));
    assert_true(model_histogram_sum_add(&sum, &wide, arena, &flags));
    CHECK_TEXT(fixture_layout(arena, model_histogram_sum_total(&sum, arena)), "0 4:2 | 5:1 |");
    CHECK_TEXT(fixture_layout(arena, &copy.value), "1 0:0 | 1:1e+100 2:1e+100 9:1e+100 |");
    CHECK_TEXT(fixture_layout(arena, &copy.compensation), "1 0:0 | 1:1 2:1 9:1 |");
    check_end();
}

static void sum_of_one_layout_takes_no_memory(void **state)
{
    ifm_bump *arena = *state;
    model_histogram h = fixture_histogram(arena, 3, "0:1 1:2", 0.001, 5, "0:1 1:2 7:3");
    model_histogram_sum sum;
    unsigned flags;
    assert_true(model_histogram_sum_init(&sum, &h, arena));
    char *before = arena->at;
    for (int i = 0; i < 1000; i++) {
        assert_true(model_histogram_sum_add(&sum, &h, arena, &flags));
    }
    CHECK(arena->at == before);
    const model_histogram *total = model_histogram_sum_total(&sum, arena);
    CHECK_TEXT(fixture_layout(arena, total), "3 0.001:5005 | 0:1001 1:2002 7:3003 | 0:1001 1:2002");
    CHECK(h.positive[0] == 1); /* it was copied */
    check_end();
}

/* Random buckets of 20 indices, against arrays. */
static void sums_of_random_buckets_are_those_of_arrays(void **state)
{
    ifm_bump *arena = *state;
    enum { INDICES = 20 };
    uint32_t seed = 12345;
    for (int round = 0; round < 300; round++) {
        double want[2][INDICES] = {{0}};
        char texts[2][INDICES * 8] = {"", ""};
        int shifts[2] = {0, 0};
        for (int which = 0; which < 2; which++) {
            shifts[which] = (int)((seed = seed * 1664525 + 1013904223) >> 30) % 2;
            size_t at = 0;
            for (int i = 0; i < INDICES; i++) {
                uint32_t dice = (seed = seed * 1664525 + 1013904223) >> 24;
                if (dice < 120) {
                    at += (size_t)snprintf(texts[which] + at, sizeof texts[which] - at, "%s%d:%u",
                                           at == 0 ? "" : " ", i, dice);
                    want[which][i] = dice;
                }
            }
        }
        model_histogram a = fixture_histogram(arena, shifts[0], "", 0, 0, texts[0]);
        model_histogram b = fixture_histogram(arena, shifts[1], texts[1], 0, 0, texts[1]);
        int target = shifts[0] < shifts[1] ? shifts[0] : shifts[1];
        double sum[INDICES + 1] = {0};
        for (int which = 0; which < 2; which++) {
            for (int i = 0; i < INDICES; i++) {
                int index = shifts[which] == target ? i : ((i - 1) >> 1) + 1;
                sum[index] += want[which][i];
            }
        }
        const model_histogram *out;
        unsigned flags;
        assert_true(model_histogram_add(&a, &b, arena, &out, &flags));
        model_bucket_iterator it;
        model_bucket bucket;
        for (model_bucket_iterator_init(&it, out, MODEL_BUCKETS_POSITIVE);
             model_bucket_iterator_next(&it, &bucket);) {
            CHECK_DOUBLE(bucket.count, sum[bucket.index]);
            sum[bucket.index] = 0;
        }
        for (int i = 0; i <= INDICES; i++) {
            CHECK_DOUBLE(sum[i], 0);
        }
        ifm_error err;
        CHECK(model_histogram_check(out, &err)); /* H1 to H3 */
    }
    check_end();
}

static bool use_histograms(void *context, ifm_error *err)
{
    (void)context;
    static const model_span spans[] = {{0, 2}, {3, 1}};
    static const double counts[] = {1, 0, 3}, bounds[] = {1, 2}, others[] = {1, 3};
    ifm_bump arena;
    unsigned flags;
    const model_histogram *out = NULL;
    model_histogram_sum sum;
    model_histogram a = {.schema = 1,
                         .count = 4,
                         .positive_spans = spans,
                         .positive_span_count = 2,
                         .positive = counts,
                         .positive_count = 3};
    model_histogram b = a;
    model_histogram c = {.schema = MODEL_SCHEMA_CUSTOM,
                         .positive_spans = spans,
                         .positive_span_count = 1,
                         .positive = counts,
                         .positive_count = 2,
                         .custom = bounds,
                         .custom_count = 2};
    model_histogram d = c;
    b.schema = 0;
    b.zero_threshold = 1;
    d.custom = others;
    ifm_bump_init(&arena, FIXTURE_MEMORY_MAX);
    bool ok = true;
    for (int i = 0; ok && i < 40; i++) { /* enough to need several blocks */
        ok = model_histogram_add(&a, &b, &arena, &out, &flags) &&
             model_histogram_sub(&b, &a, &arena, &out, &flags) &&
             model_histogram_add(&c, &d, &arena, &out, &flags) && model_histogram_copy(&a, &arena) != NULL &&
             model_histogram_compact(&a, 0, &arena) != NULL &&
             model_histogram_copy_to_schema(&a, 0, &arena) != NULL &&
             model_histogram_scale(&a, 2, &arena) != NULL &&
             model_histogram_trim(&a, 1.2, MODEL_TRIM_UPPER, &arena) != NULL &&
             model_histogram_sum_init(&sum, &a, &arena) &&
             model_histogram_sum_add(&sum, &b, &arena, &flags) &&
             model_histogram_sum_total(&sum, &arena) != NULL;
    }
    ok = ifm_bump_check(&arena, err) && ok;
    ifm_bump_deinit(&arena);
    return ok;
}

static void histograms_survive_failed_allocations(void **state)
{
    (void)state;
    CHECK(torture_allocations(use_histograms, NULL, TORTURE_MUST_FAIL) >= 4);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(add_and_subtract_reconcile_layouts, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(custom_bounds_are_reduced_to_the_common_ones, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(custom_and_exponential_do_not_mix, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(hints_are_combined, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(sums_are_compensated, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(compensations_move_with_their_buckets, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(sum_of_one_layout_takes_no_memory, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(sums_of_random_buckets_are_those_of_arrays, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test(histograms_survive_failed_allocations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

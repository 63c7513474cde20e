/* SPDX-License-Identifier: Apache-2.0
 *
 * H1 to H3 are the invariants of model/histogram.h.
 */
#include "unit/model/histogram_fixture.h"

#include <float.h>
#include <math.h>

static void bounds_are_prometheus_bounds(void **state)
{
    (void)state;
    static const struct row {
        int32_t index, schema;
        double want;
    } rows[] = {
        {0, 0, 1},
        {1, 0, 2},
        {-1, 0, 0.5},
        {10, 0, 1024},
        {1, -1, 4},
        {-1, -4, 1.52587890625e-05},
        {0, -4, 1},
        {1, 1, 1.414213562373095}, /* not ..951, which is nearer to the square root of 2 */
        {1, 2, 1.189207115002721},
        {3, 2, 1.6817928305074288},
        {1, 8, 1.0027112750502025},
        {255, 8, 1.9945921121709396},
        {256, 8, 2},
        {-255, 8, 0.5013556375251013},
        {1024, 0, DBL_MAX}, /* the bucket of the largest double ends there */
        {1025, 0, INFINITY},
        {64, -4, DBL_MAX},
        {65, -4, INFINITY},
        {1 << 18, 8, DBL_MAX},
        {(1 << 18) + 1, 8, INFINITY},
        {-1074, 0, 4.9406564584124654e-324},
        {-1076, 0, 0},
        {MODEL_BUCKET_INDEX_MAX, -4, INFINITY},
        {-MODEL_BUCKET_INDEX_MAX, -4, 0},
        {-MODEL_BUCKET_INDEX_MAX, 8, 0},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        CHECK_DOUBLE(model_histogram_bound(rows[i].index, rows[i].schema), rows[i].want);
    }
    for (int32_t schema = MODEL_SCHEMA_MIN; schema <= MODEL_SCHEMA_MAX; schema++) {
        for (int32_t index = -700; index < 700; index++) {
            double lower = model_histogram_bound(index, schema);
            double upper = model_histogram_bound(index + 1, schema);
            CHECK(lower < upper || lower == 0 || isinf(upper) || upper == DBL_MAX);
            /* Coarser schemas have the same bounds. */
            CHECK(schema == MODEL_SCHEMA_MAX || lower == model_histogram_bound(index * 2, schema + 1));
        }
    }
    check_end();
}

static void print_is_prometheus_string(void **state)
{
    ifm_bump *arena = *state;
    model_histogram h = fixture_histogram(arena, 0, "1:3 2:1 5:0", 0.25, 4, "-1:0 1:2 2:0.5 4:1e6");
    h.sum = NAN;
    CHECK_TEXT(fixture_print(arena, &h),
               "{count:100, sum:NaN, [-4,-2):1, [-2,-1):3, [-0.25,0.25]:4, (1,2]:2, "
               "(2,4]:0.5, (8,16]:1e+06}");
    h = fixture_custom(arena, "-1 2.5 10", "0:1 1:2 3:7");
    CHECK_TEXT(fixture_print(arena, &h), "{count:100, sum:1000, [-Inf,-1]:1, (-1,2.5]:2, (10,+Inf]:7}");
    h = (model_histogram){.sum = -INFINITY};
    CHECK_TEXT(fixture_print(arena, &h), "{count:0, sum:-Inf}");
    check_end();
}

/* All buckets in one order, as "lower,upper:count ..". */
static const char *walk(ifm_bump *arena, const model_histogram *h, model_bucket_order order)
{
    ifm_buf buf;
    model_bucket_iterator it;
    model_bucket b;
    ifm_buf_init(&buf, FIXTURE_MEMORY_MAX);
    for (model_bucket_iterator_init(&it, h, order); model_bucket_iterator_next(&it, &b);) {
        model_bucket_print(&b, &buf);
        ifm_buf_append_char(&buf, ' ');
    }
    const char *out = ifm_bump_copy(arena, buf.data, buf.size);
    ifm_buf_deinit(&buf);
    return out;
}

static void iterators_walk_in_both_directions(void **state)
{
    ifm_bump *arena = *state;
    model_histogram h = fixture_histogram(arena, 0, "0:1 2:2", 0.5, 3, "0:4 1:0 3:5");
    CHECK_TEXT(walk(arena, &h, MODEL_BUCKETS_POSITIVE), "(0.5,1]:4 (1,2]:0 (4,8]:5 ");
    CHECK_TEXT(walk(arena, &h, MODEL_BUCKETS_NEGATIVE), "[-1,-0.5):1 [-4,-2):2 ");
    CHECK_TEXT(walk(arena, &h, MODEL_BUCKETS_UP),
               "[-4,-2):2 [-1,-0.5):1 [-0.5,0.5]:3 (0.5,1]:4 (1,2]:0 (4,8]:5 ");
    CHECK_TEXT(walk(arena, &h, MODEL_BUCKETS_DOWN),
               "(4,8]:5 (1,2]:0 (0.5,1]:4 [-0.5,0.5]:3 [-1,-0.5):1 [-4,-2):2 ");
    h.zero_threshold = 0.75; /* reaches into buckets */
    h.zero_count = 0;
    CHECK_TEXT(walk(arena, &h, MODEL_BUCKETS_UP), "[-4,-2):2 [-1,-0.75):1 (0.75,1]:4 (1,2]:0 (4,8]:5 ");
    h = (model_histogram){0};
    CHECK_TEXT(walk(arena, &h, MODEL_BUCKETS_UP), "");
    CHECK_TEXT(walk(arena, &h, MODEL_BUCKETS_DOWN), "");
    check_end();
}

static void iterators_skip_empty_spans(void **state)
{
    ifm_bump *arena = *state;
    const model_span spans[] = {{3, 0}, {-2 + 2, 0}, {1, 2}, {0, 0}, {2, 0}, {1, 1}, {5, 0}};
    const double counts[] = {1, 2, 3};
    model_histogram h = {
        .positive_spans = spans, .positive_span_count = 7, .positive = counts, .positive_count = 3};
    CHECK_TEXT(walk(arena, &h, MODEL_BUCKETS_POSITIVE), "(8,16]:1 (16,32]:2 (256,512]:3 ");
    CHECK_TEXT(walk(arena, &h, MODEL_BUCKETS_DOWN), "(256,512]:3 (16,32]:2 (8,16]:1 ");
    model_histogram same = fixture_histogram(arena, 0, "", 0, 0, "4:1 5:2 9:3");
    same.count = same.sum = 0;
    CHECK(model_histogram_equal(&h, &same));
    check_end();
}

static void check_refuses_what_is_no_histogram(void **state)
{
    ifm_bump *arena = *state;
    ifm_error err;
    model_histogram good = fixture_histogram(arena, 0, "1:1", 0.5, 1, "1:1 3:2");
    model_histogram custom = fixture_custom(arena, "1 2", "0:1 2:3");
    CHECK(model_histogram_check(&good, &err) && model_histogram_check(&custom, &err));
    static const struct row {
        bool custom;
        const char *what, *why;
    } rows[] = {
        {false, "schema 9", "the invalid schema 9"},
        {false, "schema -5", "the invalid schema -5"},
        {false, "threshold nan", "zero threshold"},
        {false, "threshold -1", "zero threshold"},
        {false, "missing bucket", "stand for 2 buckets, but it has 1"},
        {false, "negative gap", "span 2 of a histogram has the negative offset -1"},
        {false, "far", "buckets beyond the last"},
        {false, "bounds", "has custom bounds"},
        {true, "zero", "zero bucket or negative"},
        {true, "order", "custom bound 2 of a histogram is not above"},
        {true, "infinite", "custom bound 2 of a histogram is not finite"},
        {true, "beyond", "buckets beyond the last"},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        model_histogram h = rows[i].custom ? custom : good;
        const char *what = rows[i].what;
        static const model_span back[] = {{1, 1}, {-1, 1}}, far[] = {{MODEL_BUCKET_INDEX_MAX, 2}};
        static const double down[] = {1, 1}, endless[] = {1, INFINITY};
        h.schema = strncmp(what, "schema", 6) == 0 ? atoi(what + 7) : h.schema;
        h.zero_threshold = strcmp(what, "threshold nan") == 0  ? NAN
                           : strcmp(what, "threshold -1") == 0 ? -1
                                                               : h.zero_threshold;
        h.positive_count -= strcmp(what, "missing bucket") == 0;
        if (strcmp(what, "negative gap") == 0) {
            h.positive_spans = back;
        } else if (strcmp(what, "far") == 0) {
            h.positive_spans = far;
            h.positive_span_count = 1;
        }
        h.custom_count = strcmp(what, "bounds") == 0 || strcmp(what, "beyond") == 0 ? 1 : h.custom_count;
        h.zero_count = strcmp(what, "zero") == 0 ? 1 : h.zero_count;
        h.custom = strcmp(what, "order") == 0 ? down : strcmp(what, "infinite") == 0 ? endless : h.custom;
        CHECK(!model_histogram_check(&h, &err));
        CHECK_INT(err.code, IFM_INVALID);
        CHECK_CONTAINS(err.message, rows[i].why);
    }
    check_end();
}

static void scale_and_divide(void **state)
{
    ifm_bump *arena = *state;
    model_histogram h = fixture_histogram(arena, 1, "1:4", 0.5, 2, "0:1 3:0");
    h.hint = MODEL_RESET_NO;
    const model_histogram *out = model_histogram_scale(&h, 2, arena);
    CHECK_TEXT(fixture_layout(arena, out), "1 0.5:4 | 0:2 3:0 | 1:8");
    CHECK_DOUBLE(out->count, 200);
    CHECK_DOUBLE(out->sum, 2000);
    CHECK_INT(out->hint, MODEL_RESET_NO);
    out = model_histogram_scale(&h, -1, arena);
    CHECK_INT(out->hint, MODEL_RESET_GAUGE);
    CHECK_DOUBLE(out->sum, -1000);
    out = model_histogram_divide(&h, 4, arena);
    CHECK_TEXT(fixture_layout(arena, out), "1 0.5:0.5 | 0:0.25 3:0 | 1:1");
    CHECK_INT(model_histogram_divide(&h, -4, arena)->hint, MODEL_RESET_GAUGE);
    out = model_histogram_divide(&h, 0, arena);
    CHECK_TEXT(fixture_layout(arena, out), "1 0.5:inf | |");
    CHECK_DOUBLE(out->count, INFINITY);
    CHECK_INT(out->hint, MODEL_RESET_NO);
    CHECK(model_histogram_overflows(out) && !model_histogram_overflows(&h));
    h.hint = MODEL_RESET_UNKNOWN;
    CHECK_INT(model_histogram_with_hint(&h, MODEL_RESET_YES, arena)->hint, MODEL_RESET_YES);
    check_end();
}

static void compact_leaves_out_empty_buckets(void **state)
{
    ifm_bump *arena = *state;
    static const struct row {
        const char *buckets;
        uint32_t empty_max;
        const char *want;
        uint32_t spans;
    } rows[] = {
        {"", 0, "0 0:0 | |", 0},
        {"0:1 1:2", 0, "0 0:0 | 0:1 1:2 |", 1},
        {"0:0 1:2 2:0", 0, "0 0:0 | 1:2 |", 1},
        {"0:0 1:0", 0, "0 0:0 | |", 0},
        {"0:1 1:0 2:3", 0, "0 0:0 | 0:1 2:3 |", 2},
        {"0:1 1:0 2:3", 1, "0 0:0 | 0:1 1:0 2:3 |", 1},
        {"0:1 3:2", 2, "0 0:0 | 0:1 1:0 2:0 3:2 |", 1},
        {"0:1 4:2", 2, "0 0:0 | 0:1 4:2 |", 2},
        {"0:0 1:1 2:0 3:0 5:1 6:0", 3, "0 0:0 | 1:1 2:0 3:0 4:0 5:1 |", 1},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        model_histogram h = fixture_histogram(arena, 0, "", 0, 0, rows[i].buckets);
        const model_histogram *out = model_histogram_compact(&h, rows[i].empty_max, arena);
        CHECK_TEXT(fixture_layout(arena, out), rows[i].want);
        CHECK_INT(out->positive_span_count, rows[i].spans);
    }
    model_histogram h = fixture_histogram(arena, 0, "3:0 4:1", 0, 0, "0:1");
    CHECK_TEXT(fixture_layout(arena, model_histogram_compact(&h, 0, arena)), "0 0:0 | 0:1 | 4:1");
    check_end();
}

static void copy_to_schema_merges(void **state)
{
    ifm_bump *arena = *state;
    model_histogram h = fixture_histogram(arena, 2, "-4:1 -3:2 0:3", 0.001, 1, "0:1 1:2 3:3 4:4 5:5 9:6");
    h.hint = MODEL_RESET_NO;
    CHECK_TEXT(fixture_layout(arena, model_histogram_copy_to_schema(&h, 2, arena)),
               "2 0.001:1 | 0:1 1:2 3:3 4:4 5:5 9:6 | -4:1 -3:2 0:3");
    CHECK_INT(model_histogram_copy_to_schema(&h, 2, arena)->hint, MODEL_RESET_NO);
    CHECK_TEXT(fixture_layout(arena, model_histogram_copy_to_schema(&h, 1, arena)),
               "1 0.001:1 | 0:1 1:2 2:7 3:5 5:6 | -2:1 -1:2 0:3");
    const model_histogram *out = model_histogram_copy_to_schema(&h, -1, arena);
    CHECK_TEXT(fixture_layout(arena, out), "-1 0.001:1 | 0:1 1:14 2:6 | 0:6");
    CHECK_INT(out->hint, MODEL_RESET_UNKNOWN);
    check_end();
}

static void equal_compares_all_but_the_hint(void **state)
{
    ifm_bump *arena = *state;
    model_histogram a = fixture_histogram(arena, 0, "1:1", 0.5, 1, "1:1 3:2");
    model_histogram b = *model_histogram_copy(&a, arena);
    b.hint = MODEL_RESET_GAUGE;
    CHECK(model_histogram_equal(&a, &b));
    b.sum = a.sum = NAN;
    CHECK(model_histogram_equal(&a, &b));
    b.sum = 1;
    CHECK(!model_histogram_equal(&a, &b));
    b = a;
    b.schema = 1;
    CHECK(!model_histogram_equal(&a, &b));
    b = a;
    b.zero_threshold = 0.25;
    CHECK(!model_histogram_equal(&a, &b));
    b = fixture_histogram(arena, 0, "1:1", 0.5, 1, "1:1 2:2");
    b.sum = a.sum;
    CHECK(!model_histogram_equal(&a, &b)); /* another index */
    b = fixture_histogram(arena, 0, "1:1", 0.5, 1, "1:1 3:2 4:0");
    b.sum = a.sum;
    CHECK(!model_histogram_equal(&a, &b)); /* an empty bucket more */
    a = fixture_custom(arena, "1 2", "0:1");
    b = fixture_custom(arena, "1 3", "0:1");
    CHECK(!model_histogram_equal(&a, &b) && !model_histogram_same_bounds(&a, &b));
    b = fixture_custom(arena, "1 2", "0:1");
    CHECK(model_histogram_equal(&a, &b));
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bounds_are_prometheus_bounds),
        cmocka_unit_test_setup_teardown(print_is_prometheus_string, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(iterators_walk_in_both_directions, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(iterators_skip_empty_spans, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(check_refuses_what_is_no_histogram, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(scale_and_divide, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(compact_leaves_out_empty_buckets, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(copy_to_schema_merges, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(equal_compares_all_but_the_hint, fixture_setup, fixture_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

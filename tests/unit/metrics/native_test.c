/* SPDX-License-Identifier: Apache-2.0
 *
 * Exponential buckets against their definition: bucket i of schema s holds (b^(i-1), b^i], b = 2^(2^-s).
 */
#include "metrics/native.h"

#include "unit/metrics/metrics_fixture.h"

#include <float.h>
#include <math.h>

/* A factor that yields the schema. */
static double factor_of(int32_t schema)
{
    return exp2(exp2(-schema)) * 1.0000001;
}

static struct ifm_native_layout layout_of(int32_t schema, size_t slots)
{
    struct ifm_native_layout layout;
    ifm_error err;
    MUST(ifm_native_layout_init(&layout, factor_of(schema), slots, 0, &err));
    CHECK_INT(layout.schema, schema);
    return layout;
}

/* The upper bound of bucket `index`, as long double because b^i goes beyond double at both ends; the
 * mantissa is rounded to double, as it is in Prometheus. */
static long double bound_of(int32_t schema, int32_t index)
{
    if (schema <= 0) {
        return ldexpl(1, index * (1 << -schema));
    }
    int32_t count = 1 << schema;
    int32_t exponent = index >= 0 ? index / count : -((count - 1 - index) / count);
    int32_t rest = index - exponent * count;
    double mantissa = (double)(0.5L * exp2l((long double)rest / (long double)count));
    return ldexpl(mantissa, exponent + 1);
}

static bool bucket_holds(int32_t schema, int32_t index, long double magnitude)
{
    return bound_of(schema, index - 1) < magnitude && magnitude <= bound_of(schema, index);
}

static void check_index(const struct ifm_native_layout *layout, double magnitude)
{
    if (!(magnitude > 0) || isinf(magnitude)) {
        return;
    }
    int32_t index = ifm_native_index(layout, magnitude);
    if (!bucket_holds(layout->schema, index, magnitude)) {
        fprintf(stderr, "schema %d: %.17g is not in bucket %d\n", layout->schema, magnitude, index);
        CHECK(false);
    }
}

static void check_around(const struct ifm_native_layout *layout, double magnitude)
{
    check_index(layout, magnitude);
    check_index(layout, nextafter(magnitude, 0));
    check_index(layout, nextafter(magnitude, INFINITY));
}

static void index_is_of_the_bucket_that_holds_the_value(void **state)
{
    (void)state;
    for (int32_t schema = IFM_NATIVE_SCHEMA_MIN; schema <= IFM_NATIVE_SCHEMA_MAX; schema++) {
        struct ifm_native_layout layout = layout_of(schema, 0);
        for (int exponent = -1074; exponent <= 1023; exponent++) {
            check_around(&layout, ldexp(1, exponent));
        }
        for (int32_t index = -600; index <= 600; index++) {
            check_around(&layout, (double)bound_of(schema, index));
        }
        unsigned seed = 1;
        for (int i = 0; i < 20000; i++) {
            double mantissa = 1 + (double)rand_r(&seed) / RAND_MAX;
            check_index(&layout, ldexp(mantissa, rand_r(&seed) % 2100 - 1074));
        }
        check_around(&layout, DBL_MAX);
        check_around(&layout, DBL_MIN);
        check_around(&layout, 0x1p-1074);
        ifm_native_layout_deinit(&layout);
    }
    check_end();
}

static void infinity_is_one_above_the_largest_double(void **state)
{
    (void)state;
    for (int32_t schema = IFM_NATIVE_SCHEMA_MIN; schema <= IFM_NATIVE_SCHEMA_MAX; schema++) {
        struct ifm_native_layout layout = layout_of(schema, 0);
        CHECK_INT(ifm_native_index(&layout, INFINITY), ifm_native_index(&layout, DBL_MAX) + 1);
        CHECK_INT(ifm_native_index(&layout, 1), 0);
        ifm_native_layout_deinit(&layout);
    }
    check_end();
}

static void lowering_an_index_finds_the_bucket_around_it(void **state)
{
    (void)state;
    for (int32_t schema = IFM_NATIVE_SCHEMA_MIN; schema < IFM_NATIVE_SCHEMA_MAX; schema++) {
        for (int32_t index = -300; index <= 300; index++) {
            int32_t lowered = ifm_native_lower(index, 1);
            CHECK(bound_of(schema, lowered) >= bound_of(schema + 1, index));
            CHECK(bound_of(schema, lowered - 1) <= bound_of(schema + 1, index - 1));
            CHECK_INT(ifm_native_lower(index, 0), index);
        }
    }
    CHECK_INT(ifm_native_lower(ifm_native_lower(-77, 2), 3), ifm_native_lower(-77, 5));
    check_end();
}

static void schema_is_the_coarsest_within_the_factor(void **state)
{
    (void)state;
    static const struct {
        double factor;
        int32_t want;
        const char *why;
    } rows[] = {
        {0, 3, "the default is 1.1"},
        {1.1, 3, "growth 1.0905"},
        {1.00271, 8, "growth 1.002711 is just above: nothing finer"},
        {1.0000000001, 8, "as fine as there is"},
        {1.0055, 7, "growth 1.00543"},
        {1.5, 1, "growth 1.414"},
        {2, 0, "growth 2"},
        {1.9999999, 1, "just below 2"},
        {3.9, 0, "below 4"},
        {4, -1, "growth 4"},
        {256, -3, "growth 256"},
        {65536, -4, "growth 65536"},
        {65535, -3, "just below it"},
        {1e9, -4, "as coarse as there is"},
        {1e308, -4, "as coarse as there is"},
        {1 + DBL_EPSILON, 8, "the smallest above 1"},
    };
    struct ifm_native_layout layout;
    ifm_error err;
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        MUST(ifm_native_layout_init(&layout, rows[i].factor, 0, 0, &err));
        CHECK_INT(layout.schema, rows[i].want);
        ifm_native_layout_deinit(&layout);
    }
    check_end();
}

static void options_that_cannot_be_used_are_refused(void **state)
{
    (void)state;
    static const struct {
        double factor;
        size_t slots;
        double zero;
        const char *want;
    } rows[] = {
        {1, 0, 0, "factor 1: it has to be above 1"},
        {0.5, 0, 0, "factor 0.5: it has to be above 1"},
        {-2, 0, 0, "factor -2"},
        {(double)NAN, 0, 0, "factor nan"},
        {(double)INFINITY, 0, 0, "factor inf"},
        {2, IFM_NATIVE_BUCKETS_MIN - 1, 0, "cannot keep 7 native buckets"},
        {2, IFM_NATIVE_BUCKETS_MAX + 1, 0, "cannot keep 4097 native buckets"},
        {2, 0, -1, "zero threshold -1"},
        {2, 0, (double)NAN, "zero threshold nan"},
        {2, 0, (double)INFINITY, "zero threshold inf"},
    };
    struct ifm_native_layout layout;
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        CHECK_REFUSED(ifm_native_layout_init(&layout, rows[i].factor, rows[i].slots, rows[i].zero, &refused),
                      IFM_INVALID, rows[i].want);
    }
    static const size_t allowed[] = {IFM_NATIVE_BUCKETS_MIN, IFM_NATIVE_BUCKETS_MAX};
    for (size_t i = 0; i < IFM_COUNT_OF(allowed); i++) {
        ifm_error err;
        MUST(ifm_native_layout_init(&layout, 2, allowed[i], 0, &err));
        CHECK_INT(layout.slots, allowed[i]);
        ifm_native_layout_deinit(&layout);
    }
    check_end();
}

/* --- Blocks ----------------------------------------------------------------------------------------- */

static struct ifm_native_block *block_new(const struct ifm_native_layout *layout)
{
    struct ifm_native_block *block =
        ifm_alloc_zero(1, sizeof(struct ifm_native_block) + layout->slots * sizeof(uint64_t));
    assert_non_null(block);
    atomic_store(&block->schema, layout->schema);
    return block;
}

static struct ifm_native_sum sum_of(const struct ifm_native_layout *layout,
                                    struct ifm_native_block *const *blocks, size_t count)
{
    struct ifm_native_sum sum = {0};
    ifm_native_sum_clear(&sum, layout);
    for (size_t i = 0; i < count; i++) {
        CHECK(ifm_native_sum_add(&sum, layout, blocks[i]));
    }
    return sum;
}

/* The buckets as they should be: each value put where it belongs at the schema that was arrived at. */
static void check_sum(const struct ifm_native_sum *sum, const struct ifm_native_layout *layout,
                      const double *values, size_t count)
{
    uint64_t zero = 0;
    uint64_t nan = 0;
    for (size_t side = 0; side < 2; side++) {
        const struct ifm_native_sum_run *run = side == 0 ? &sum->positive : &sum->negative;
        uint64_t *want = ifm_alloc_zero(run->length + 1, sizeof *want);
        assert_non_null(want);
        for (size_t i = 0; i < count; i++) {
            if (isnan(values[i])) {
                nan++;
            } else if (fabs(values[i]) <= layout->zero_threshold) {
                zero++;
            } else if ((values[i] < 0) == (side == 1)) {
                int32_t index =
                    ifm_native_lower(ifm_native_index(layout, fabs(values[i])), layout->schema - sum->schema);
                int64_t at = (int64_t)index - run->first;
                CHECK(at >= 0 && at < (int64_t)run->length);
                want[at >= 0 && at < (int64_t)run->length ? (size_t)at : run->length]++;
            }
        }
        CHECK_INT(run->length == 0 ? 0 : memcmp(run->counts, want, run->length * sizeof *want), 0);
        ifm_free(want);
    }
    CHECK_INT(sum->zero, zero / 2);
    CHECK_INT(sum->nan, nan / 2);
    CHECK_INT(ifm_native_sum_count(sum), count);
    CHECK(sum->positive.length + sum->negative.length <= layout->slots);
}

/* Observes the values in turn into `blocks` blocks and checks their sum. Returns the schema of it. */
static int32_t check_observations(int32_t schema, size_t slots, const double *values, size_t count,
                                  size_t block_count)
{
    struct ifm_native_layout layout = layout_of(schema, slots);
    struct ifm_native_block *blocks[4];
    for (size_t i = 0; i < block_count; i++) {
        blocks[i] = block_new(&layout);
    }
    for (size_t i = 0; i < count; i++) {
        ifm_native_observe(blocks[i % block_count], &layout, values[i]);
    }
    struct ifm_native_sum sum = sum_of(&layout, blocks, block_count);
    check_sum(&sum, &layout, values, count);
    int32_t arrived = sum.schema;
    for (size_t i = 0; i < block_count; i++) {
        uint32_t length = atomic_load(&blocks[i]->positive.length) + atomic_load(&blocks[i]->negative.length);
        CHECK(length <= layout.slots); /* N1 */
        ifm_free(blocks[i]);
    }
    ifm_native_sum_deinit(&sum);
    ifm_native_layout_deinit(&layout);
    return arrived;
}

static void each_observation_stays_in_the_bucket_that_holds_it(void **state)
{
    (void)state;
    static const double up[] = {1, 2, 3, 5, 9, 17, 33, 100, 1000, 1e6, 1e9};
    static const double down[] = {1e9, 1e6, 1000, 100, 1, 0.1, 1e-3, 1e-6, 1e-9};
    static const double both[] = {1, -1, 2, -2, 1e-3, -1e3, 1e3, -1e-3, 7, -7, 0, -0.0, (double)NAN, 1e6};
    for (int32_t schema = IFM_NATIVE_SCHEMA_MIN; schema <= IFM_NATIVE_SCHEMA_MAX; schema++) {
        for (size_t blocks = 1; blocks <= 4; blocks++) {
            check_observations(schema, 8, up, IFM_COUNT_OF(up), blocks);
            check_observations(schema, 8, down, IFM_COUNT_OF(down), blocks);
            check_observations(schema, 9, both, IFM_COUNT_OF(both), blocks);
            check_observations(schema, 160, both, IFM_COUNT_OF(both), blocks);
        }
    }
    check_end();
}

static void random_observations_stay_where_they_belong(void **state)
{
    (void)state;
    unsigned seed = 3;
    for (int round = 0; round < 300; round++) {
        double values[200];
        int span = 1 + rand_r(&seed) % 30;
        for (size_t i = 0; i < IFM_COUNT_OF(values); i++) {
            double mantissa = 1 + (double)rand_r(&seed) / RAND_MAX;
            values[i] = ldexp(mantissa, rand_r(&seed) % span - span / 2);
            values[i] = round % 2 == 0 && rand_r(&seed) % 2 == 0 ? -values[i] : values[i];
        }
        size_t slots = 8 + (size_t)rand_r(&seed) % 60;
        int32_t schema = rand_r(&seed) % 13 - 4;
        check_observations(schema, slots, values, IFM_COUNT_OF(values), 1 + (size_t)round % 4);
    }
    check_end();
}

static void resolution_halves_only_when_room_is_needed(void **state)
{
    (void)state;
    static const double octaves[] = {1, 2, 4, 8, 16, 32, 64, 128}; /* buckets 0 to 7 at schema 0 */
    static const double one_more[] = {1, 2, 4, 8, 16, 32, 64, 128, 256};
    static const double split[] = {1, 2, 4, 8, -1, -2, -4, -8};
    static const double split_more[] = {1, 2, 4, 8, -1, -2, -4, -8, -16};
    CHECK_INT(check_observations(0, 8, octaves, 8, 1), 0);
    CHECK_INT(check_observations(0, 8, one_more, 9, 1), -1);
    CHECK_INT(check_observations(0, 8, split, 8, 1), 0);
    CHECK_INT(check_observations(0, 8, split_more, 9, 1), -1);
    CHECK_INT(check_observations(0, 8, octaves, 8, 2), 0);
    CHECK_INT(check_observations(0, 8, one_more, 9, 2), -1);
    check_end();
}

static void zero_bucket_holds_what_the_threshold_says(void **state)
{
    (void)state;
    struct ifm_native_layout layout;
    ifm_error err;
    MUST(ifm_native_layout_init(&layout, 2, 8, 0.25, &err));
    struct ifm_native_block *block = block_new(&layout);
    static const double inside[] = {0, -0.0, 0.25, -0.25, 0x1p-1074, -0.1};
    for (size_t i = 0; i < IFM_COUNT_OF(inside); i++) {
        ifm_native_observe(block, &layout, inside[i]);
    }
    CHECK_INT(block->zero, IFM_COUNT_OF(inside));
    ifm_native_observe(block, &layout, nextafter(0.25, 1));
    ifm_native_observe(block, &layout, nextafter(-0.25, -1));
    CHECK_INT(block->zero, IFM_COUNT_OF(inside));
    CHECK_INT(block->positive.length, 1);
    CHECK_INT(block->negative.length, 1);
    CHECK_INT(block->positive.first, -1); /* (0.25, 0.5] */
    ifm_free(block);
    ifm_native_layout_deinit(&layout);
    MUST(ifm_native_layout_init(&layout, 2, 8, 0, &err));
    CHECK_DOUBLE(layout.zero_threshold, 0x1p-128);
    ifm_native_layout_deinit(&layout);
    check_end();
}

/* The extremes of double in the smallest block: more octaves than the coarsest schema has slots for. */
static void no_observation_is_lost_when_there_is_no_room_left(void **state)
{
    (void)state;
    static const double extremes[] = {
        1, DBL_MAX, -DBL_MAX, 1e-38, -1e-38, (double)INFINITY, (double)-INFINITY, (double)NAN, 0, -1};
    struct ifm_native_layout layout = layout_of(8, IFM_NATIVE_BUCKETS_MIN);
    struct ifm_native_block *block = block_new(&layout);
    for (size_t i = 0; i < IFM_COUNT_OF(extremes); i++) {
        ifm_native_observe(block, &layout, extremes[i]);
        CHECK(block->positive.length + block->negative.length <= layout.slots);
    }
    struct ifm_native_sum sum = sum_of(&layout, &block, 1);
    CHECK_INT(ifm_native_sum_count(&sum), IFM_COUNT_OF(extremes));
    CHECK_INT(sum.nan, 1); /* Prometheus refuses a histogram whose buckets lack what is no NaN. */
    CHECK_INT(sum.schema, IFM_NATIVE_SCHEMA_MIN);
    ifm_native_sum_deinit(&sum);
    ifm_free(block);
    ifm_native_layout_deinit(&layout);
    check_end();
}

static void a_sign_that_comes_last_finds_a_bucket(void **state)
{
    (void)state;
    struct ifm_native_layout layout = layout_of(IFM_NATIVE_SCHEMA_MIN, IFM_NATIVE_BUCKETS_MIN);
    struct ifm_native_block *block = block_new(&layout);
    for (int i = 0; i < IFM_NATIVE_BUCKETS_MIN; i++) {
        ifm_native_observe(block, &layout, ldexp(1, 16 * i)); /* one bucket each: every slot is taken */
    }
    ifm_native_observe(block, &layout, -1);
    struct ifm_native_sum sum = sum_of(&layout, &block, 1);
    CHECK_INT(ifm_native_sum_count(&sum), IFM_NATIVE_BUCKETS_MIN + 1);
    CHECK_INT(sum.nan, 0);
    CHECK_INT(sum.negative.length, 1);
    CHECK_INT(sum.negative.first, 0);
    CHECK_INT(sum.negative.counts[0], 1);
    CHECK_INT(sum.positive.length, IFM_NATIVE_BUCKETS_MIN - 1);
    CHECK_INT(sum.positive.counts[IFM_NATIVE_BUCKETS_MIN - 2], 2);
    ifm_native_sum_deinit(&sum);
    ifm_free(block);
    ifm_native_layout_deinit(&layout);
    check_end();
}

/* Lowering may bring the value that needed room inside the run that is there. */
static void no_bucket_is_lost_when_lowering_makes_the_room(void **state)
{
    (void)state;
    static const double values[] = {0x1p-9, 0x1p7, -1, -0x1p27, 0x1p-11};
    check_observations(-2, 8, values, IFM_COUNT_OF(values), 1);
    struct ifm_native_layout layout = layout_of(0, 8);
    struct ifm_native_block *block = block_new(&layout);
    for (int i = 0; i < 8; i++) {
        ifm_native_observe(block, &layout, ldexp(1, i)); /* buckets 0 to 7 */
    }
    ifm_native_observe(block, &layout, 0.5); /* bucket -1: halved, it is in (0.25, 1] with 1 */
    CHECK_INT(block->schema, -1);
    CHECK_INT(block->positive.first, 0);
    CHECK_INT(block->positive.length, 5);
    CHECK_INT(block->slots[0], 2);
    CHECK_INT(block->slots[4], 1);
    ifm_free(block);
    ifm_native_layout_deinit(&layout);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(index_is_of_the_bucket_that_holds_the_value),
        cmocka_unit_test(infinity_is_one_above_the_largest_double),
        cmocka_unit_test(lowering_an_index_finds_the_bucket_around_it),
        cmocka_unit_test(schema_is_the_coarsest_within_the_factor),
        cmocka_unit_test(options_that_cannot_be_used_are_refused),
        cmocka_unit_test(each_observation_stays_in_the_bucket_that_holds_it),
        cmocka_unit_test(random_observations_stay_where_they_belong),
        cmocka_unit_test(resolution_halves_only_when_room_is_needed),
        cmocka_unit_test(zero_bucket_holds_what_the_threshold_says),
        cmocka_unit_test(no_observation_is_lost_when_there_is_no_room_left),
        cmocka_unit_test(a_sign_that_comes_last_finds_a_bucket),
        cmocka_unit_test(no_bucket_is_lost_when_lowering_makes_the_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

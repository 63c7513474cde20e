/* SPDX-License-Identifier: Apache-2.0
 *
 * Finding the classic bucket of a value, against a linear search that cannot be wrong; and the helpers
 * that make bounds.
 */
#include "metrics/buckets.h"

#include "base/base.h"
#include "unit/metrics/metrics_fixture.h"

#include <float.h>
#include <math.h>

static size_t linear_search(const double *bounds, size_t count, double value)
{
    size_t i = 0;
    while (i < count && !(value <= bounds[i])) {
        i++;
    }
    return i;
}

static void check_value(const struct ifm_buckets *buckets, double value)
{
    size_t want = linear_search(buckets->bounds, buckets->count, value);
    if (ifm_buckets_find(buckets, value) != want || ifm_buckets_search(buckets, value) != want) {
        fprintf(stderr, "value %.17g among %zu bounds from %.17g: %zu and %zu, want %zu\n", value,
                buckets->count, buckets->bounds[0], ifm_buckets_find(buckets, value),
                ifm_buckets_search(buckets, value), want);
        CHECK(false);
    }
}

/* Every bound, its neighbours, its mirror, what lies half-way to the next, and the special values. */
static void check_bounds(const double *bounds, size_t count)
{
    static const double special[] = {0.0,      -0.0,     DBL_MIN,          -DBL_MIN,          0x1p-1074,
                                     -DBL_MAX, DBL_MAX,  (double)NAN,      (double)INFINITY,  -0x1p-1074,
                                     1,        -1e-9,    (double)-NAN,     (double)-INFINITY, 3e-5,
                                     1e300,    1.999999, 2.2250738585e-308};
    struct ifm_buckets buckets;
    ifm_error err;
    MUST(ifm_buckets_init(&buckets, bounds, count, &err));
    for (size_t i = 0; i < IFM_COUNT_OF(special); i++) {
        check_value(&buckets, special[i]);
    }
    for (size_t i = 0; i < count; i++) {
        check_value(&buckets, bounds[i]);
        check_value(&buckets, -bounds[i]);
        check_value(&buckets, nextafter(bounds[i], INFINITY));
        check_value(&buckets, nextafter(bounds[i], -INFINITY));
        check_value(&buckets, i + 1 < count ? bounds[i] / 2 + bounds[i + 1] / 2 : bounds[i] * 2);
    }
    ifm_buckets_deinit(&buckets);
}

static void every_value_lands_in_the_first_bucket_that_holds_it(void **state)
{
    (void)state;
    static const struct {
        double bounds[12];
        size_t count;
        const char *why;
    } rows[] = {
        {{0}, 0, "no bounds at all: +Inf holds everything"},
        {{1}, 1, "one"},
        {{0}, 1, "zero alone"},
        {{-0.0, 1}, 2, "a negative zero is a zero"},
        {{-3, -2, -1}, 3, "only negative ones: no table"},
        {{-10, -1, 0, 1, 10}, 5, "both signs"},
        {{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}, 11, "the default"},
        {{0x1p-1074, 0x1p-1073, 0x1.8p-1073, DBL_MIN}, 4, "subnormal"},
        {{0x1p-1074, DBL_MAX}, 2, "the whole range: too far apart for the table"},
        {{-DBL_MAX, 0, DBL_MAX}, 3, "the whole range with its sign"},
        {{1, 1.0000000000000002, 1.0000000000000004}, 3, "neighbours"},
        {{0.99999999999999989, 1, 1.0000000000000002}, 3, "neighbours across a power of two"},
        {{0x1p-64, 0x1p63}, 2, "just inside the table"},
        {{0x1p-64, 0x1p64}, 2, "just outside the table"},
        {{DBL_MAX}, 1, "the largest"},
        {{1, 2, 3, 4, 5, 6, 7, 8}, 8, "several in one octave, one in others"},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        check_bounds(rows[i].bounds, rows[i].count);
    }
    check_end();
}

static void random_bounds_are_searched_as_if_linearly(void **state)
{
    (void)state;
    unsigned seed = 7;
    for (int round = 0; round < 60; round++) {
        double bounds[IFM_BUCKETS_MAX];
        size_t count = 1 + (size_t)rand_r(&seed) % IFM_BUCKETS_MAX;
        double at = round % 3 == 0 ? -1e3 : ldexp(1, rand_r(&seed) % 40 - 30);
        for (size_t i = 0; i < count; i++) {
            bounds[i] = at;
            double step = fabs(at) * (rand_r(&seed) % 1000) / 4000 + 1e-9;
            at = round % 5 == 0 ? nextafter(at, INFINITY) : at + step;
        }
        check_bounds(bounds, count);
    }
    check_end();
}

static void bounds_that_cannot_be_used_are_refused(void **state)
{
    (void)state;
    static const struct {
        double bounds[3];
        size_t count;
        const char *want;
    } rows[] = {
        {{1, 1}, 2, "1 at index 1 is not above 1 before it"},
        {{2, 1}, 2, "1 at index 1 is not above 2 before it"},
        {{-0.0, 0.0}, 2, "0 at index 1 is not above -0 before it"},
        {{(double)NAN}, 1, "nan at index 0: it is not finite"},
        {{1, (double)INFINITY}, 2, "hint: leave it out, +Inf is implied"},
        {{(double)-INFINITY, 1}, 2, "-inf at index 0: it is not finite"},
    };
    struct ifm_buckets buckets;
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        CHECK_REFUSED(ifm_buckets_init(&buckets, rows[i].bounds, rows[i].count, &refused), IFM_INVALID,
                      rows[i].want);
    }
    check_end();
}

static void number_of_bounds_is_limited(void **state)
{
    (void)state;
    double bounds[IFM_BUCKETS_MAX + 1];
    struct ifm_buckets buckets;
    ifm_error err;
    for (size_t i = 0; i < IFM_COUNT_OF(bounds); i++) {
        bounds[i] = (double)i;
    }
    check_bounds(bounds, IFM_BUCKETS_MAX - 1);
    check_bounds(bounds, IFM_BUCKETS_MAX);
    CHECK_REFUSED(ifm_buckets_init(&buckets, bounds, IFM_BUCKETS_MAX + 1, &refused), IFM_INVALID,
                  "the limit is 256");
    CHECK(ifm_buckets_linear(1, 1, IFM_BUCKETS_MAX, bounds, &err));
    CHECK_REFUSED(ifm_buckets_linear(1, 1, IFM_BUCKETS_MAX + 1, bounds, &refused), IFM_INVALID, "limit");
    check_end();
}

static void helpers_fill_in_bounds(void **state)
{
    (void)state;
    double out[4];
    ifm_error err;
    MUST(ifm_buckets_linear(-1, 0.5, 4, out, &err));
    CHECK_DOUBLE(out[0], -1);
    CHECK_DOUBLE(out[1], -0.5);
    CHECK_DOUBLE(out[3], 0.5);
    MUST(ifm_buckets_exponential(0.001, 10, 4, out, &err));
    CHECK_DOUBLE(out[0], 0.001);
    CHECK_DOUBLE(out[1], 0.01);
    CHECK_DOUBLE(out[3], 1);
    MUST(ifm_buckets_exponential(3, 2, 1, out, &err));
    CHECK_DOUBLE(out[0], 3);
    check_end();
}

static void helpers_refuse_what_makes_no_bounds(void **state)
{
    (void)state;
    double out[16];
    static const struct {
        double start, step;
        size_t count;
        const char *want;
    } linear[] =
        {
            {1, 0, 2, "not above"},
            {1, -1, 2, "not above"},
            {1, 1, 0, "at least one"},
            {1, (double)NAN, 2, "not finite"},
            {(double)INFINITY, 1, 1, "not finite"},
            {1e16, 0.5, 2, "not above"},
            {DBL_MAX, DBL_MAX, 2, "not finite"},
        },
      exponential[] = {
          {0, 2, 2, "the start has to be above 0"},
          {-1, 2, 2, "the start has to be above 0"},
          {(double)NAN, 2, 2, "the start has to be above 0"},
          {1, 1, 2, "not above"},
          {1, 0.5, 2, "not above"},
          {1, -2, 3, "not above"},
          {1, 2, 0, "at least one"},
          {1, (double)NAN, 2, "not finite"},
          {1e300, 1e10, 3, "not finite"},
      };
    for (size_t i = 0; i < IFM_COUNT_OF(linear); i++) {
        CHECK_REFUSED(ifm_buckets_linear(linear[i].start, linear[i].step, linear[i].count, out, &refused),
                      IFM_INVALID, linear[i].want);
    }
    for (size_t i = 0; i < IFM_COUNT_OF(exponential); i++) {
        CHECK_REFUSED(ifm_buckets_exponential(exponential[i].start, exponential[i].step, exponential[i].count,
                                              out, &refused),
                      IFM_INVALID, exponential[i].want);
    }
    check_end();
}

static void defaults_reach_where_they_promise(void **state)
{
    (void)state;
    size_t count = 0;
    const double *bounds = ifm_buckets_default(&count);
    CHECK_INT(count, 11);
    CHECK_DOUBLE(bounds[0], 0.005);
    CHECK_DOUBLE(bounds[10], 10);
    check_bounds(bounds, count);
    bounds = ifm_buckets_stage(&count);
    CHECK_DOUBLE(bounds[0], 1e-5);
    CHECK_DOUBLE(bounds[count - 1], 10);
    check_bounds(bounds, count);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_value_lands_in_the_first_bucket_that_holds_it),
        cmocka_unit_test(random_bounds_are_searched_as_if_linearly),
        cmocka_unit_test(bounds_that_cannot_be_used_are_refused),
        cmocka_unit_test(number_of_bounds_is_limited),
        cmocka_unit_test(helpers_fill_in_bounds),
        cmocka_unit_test(helpers_refuse_what_makes_no_bounds),
        cmocka_unit_test(defaults_reach_where_they_promise),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * Quantiles of a sliding window, at injected times, against exact ones.
 */
#include "metrics/sketch.h"

#include "base/base.h"
#include "unit/metrics/metrics_fixture.h"

#include <math.h>

static const double QUANTILES[] = {0, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999, 1};
enum { QUANTILE_COUNT = sizeof QUANTILES / sizeof QUANTILES[0], VALUES = 20000 };

static const int64_t SECOND = INT64_C(1000000000);

struct fixture {
    struct ifm_sketch_layout layout;
    struct ifm_sketch *sketch;
    int64_t now;
    double out[QUANTILE_COUNT];
};

/* A window of 10 s: five slices of 2 s. */
static void fixture_init(struct fixture *fixture, double value_min, double value_max)
{
    ifm_error err;
    *fixture = (struct fixture){.now = 1000 * SECOND};
    ifm_summary_options options = {.quantiles = QUANTILES,
                                   .quantile_count = QUANTILE_COUNT,
                                   .window_seconds = 10,
                                   .value_min = value_min,
                                   .value_max = value_max};
    MUST(ifm_sketch_layout_init(&fixture->layout, &options, &err));
    fixture->sketch = ifm_sketch_new(&fixture->layout, fixture->now, &err);
    assert_non_null(fixture->sketch);
}

static void fixture_deinit(struct fixture *fixture)
{
    ifm_sketch_free(fixture->sketch);
    ifm_sketch_layout_deinit(&fixture->layout);
}

static double median(struct fixture *fixture)
{
    ifm_sketch_read(fixture->sketch, fixture->now, fixture->out);
    return fixture->out[4];
}

static void observe(struct fixture *fixture, double value, int times)
{
    for (int i = 0; i < times; i++) {
        ifm_sketch_observe(fixture->sketch, value, fixture->now);
    }
}

static bool within(double got, double want)
{
    return fabs(got - want) <= 0.011 * fabs(want);
}

static int double_compare(const void *a, const void *b)
{
    double left = *(const double *)a;
    double right = *(const double *)b;
    return (left > right) - (left < right);
}

static double uniform(unsigned *seed)
{
    return ((double)rand_r(seed) + 1) / ((double)RAND_MAX + 2);
}

static double draw_uniform(unsigned *seed)
{
    return uniform(seed);
}

static double draw_exponential(unsigned *seed)
{
    return -0.01 * log(uniform(seed));
}

static double draw_log_normal(unsigned *seed)
{
    return exp(3 * sqrt(-2 * log(uniform(seed))) * cos(6.283185307179586 * uniform(seed)) - 5);
}

static double draw_both_signs(unsigned *seed)
{
    return 10 * uniform(seed) - 5;
}

static double draw_two_values(unsigned *seed)
{
    return uniform(seed) < 0.9 ? 0.002 : 7.5;
}

static double draw_powers(unsigned *seed)
{
    return ldexp(1, rand_r(seed) % 30 - 18);
}

static void quantiles_keep_their_error_bound(void **state)
{
    (void)state;
    static double (*const draws[])(unsigned *) = {draw_uniform,    draw_exponential, draw_log_normal,
                                                  draw_both_signs, draw_two_values,  draw_powers};
    static double values[VALUES];
    for (size_t d = 0; d < IFM_COUNT_OF(draws); d++) {
        unsigned seed = 11;
        struct fixture fixture;
        fixture_init(&fixture, 0, 0);
        for (size_t i = 0; i < VALUES; i++) {
            values[i] = draws[d](&seed);
            ifm_sketch_observe(fixture.sketch, values[i], fixture.now);
        }
        qsort(values, VALUES, sizeof values[0], double_compare);
        ifm_sketch_read(fixture.sketch, fixture.now, fixture.out);
        for (size_t q = 0; q < QUANTILE_COUNT; q++) {
            size_t rank = (size_t)ceil(QUANTILES[q] * VALUES);
            double want = values[rank == 0 ? 0 : rank - 1];
            if (!within(fixture.out[q], want) && fabs(want) >= 1e-6) {
                fprintf(stderr, "distribution %zu, quantile %g: %g, want %g\n", d, QUANTILES[q],
                        fixture.out[q], want);
                CHECK(false);
            }
        }
        fixture_deinit(&fixture);
    }
    check_end();
}

static void without_observations_quantiles_are_nan(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_init(&fixture, 0, 0);
    CHECK_DOUBLE(median(&fixture), NAN);
    CHECK_DOUBLE(fixture.out[0], NAN);
    CHECK_DOUBLE(fixture.out[QUANTILE_COUNT - 1], NAN);
    ifm_sketch_observe(fixture.sketch, NAN, fixture.now);
    CHECK_DOUBLE(median(&fixture), NAN); /* NaN is not counted */
    fixture_deinit(&fixture);
    check_end();
}

static void one_observation_is_every_quantile(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_init(&fixture, 0, 0);
    observe(&fixture, 0.125, 1);
    median(&fixture);
    for (size_t q = 0; q < QUANTILE_COUNT; q++) {
        CHECK(within(fixture.out[q], 0.125));
    }
    fixture_deinit(&fixture);
    check_end();
}

static void observations_leave_after_a_window(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_init(&fixture, 0, 0);
    observe(&fixture, 1, 10);
    static const struct {
        int seconds; /* since the observation, which was at the beginning of a slice */
        bool there;
    } rows[] = {{0, true}, {1, true}, {5, true}, {9, true}, {10, false}, {11, false}};
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        fixture.now = (1000 + rows[i].seconds) * SECOND;
        CHECK(isnan(median(&fixture)) != rows[i].there);
    }
    fixture_deinit(&fixture);
    check_end();
}

static void window_slides_step_by_step(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_init(&fixture, 0, 0);
    for (int slice = 0; slice < 40; slice++) { /* each outweighs all that came before */
        observe(&fixture, slice + 1, 1 << (slice % 5 * 2));
        median(&fixture);
        double oldest = slice < 4 ? 1 : slice - 3;
        CHECK(within(fixture.out[0], oldest));
        CHECK(within(fixture.out[QUANTILE_COUNT - 1], slice + 1));
        fixture.now += 2 * SECOND;
    }
    fixture_deinit(&fixture);
    check_end();
}

static void any_silence_forgets_exactly_what_is_too_old(void **state)
{
    (void)state;
    for (int silent = 0; silent < 20; silent++) {
        struct fixture fixture;
        fixture_init(&fixture, 0, 0);
        for (int slice = 0; slice < 6; slice++) {
            observe(&fixture, slice + 1, 1);
            fixture.now += 2 * SECOND;
        }
        fixture.now += (silent - 1) * 2 * SECOND; /* the last observation was `silent` slices ago */
        observe(&fixture, 100, 1);
        median(&fixture);
        double oldest = silent + 2 <= 6 ? silent + 2 : 100;
        CHECK(within(fixture.out[0], oldest));
        CHECK(within(fixture.out[QUANTILE_COUNT - 1], 100));
        fixture_deinit(&fixture);
    }
    check_end();
}

static void time_that_goes_back_a_little_counts_as_now(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_init(&fixture, 0, 0);
    fixture.now += 2 * SECOND;
    observe(&fixture, 1, 1);
    ifm_sketch_observe(fixture.sketch, 4, fixture.now - SECOND);
    median(&fixture);
    CHECK(within(fixture.out[0], 1));
    CHECK(within(fixture.out[QUANTILE_COUNT - 1], 4));
    fixture_deinit(&fixture);
    check_end();
}

static void values_outside_the_range_count_as_the_nearest_inside(void **state)
{
    (void)state;
    static const struct {
        double value, want;
    } rows[] = {
        {0, 0},
        {-0.0, 0},
        {0.0009, 0},
        {-0.0009, 0},
        {0.001, 0.001},
        {-0.001, -0.001},
        {10, 10},
        {11, 10},
        {1e300, 10},
        {(double)INFINITY, 10},
        {-10, -10},
        {-1e9, -10},
        {(double)-INFINITY, -10},
        {0x1p-1074, 0},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        struct fixture fixture;
        fixture_init(&fixture, 0.001, 10);
        observe(&fixture, rows[i].value, 1);
        double got = median(&fixture);
        CHECK(rows[i].want == 0 ? got == 0 : fabs(got - rows[i].want) <= 0.025 * fabs(rows[i].want));
        fixture_deinit(&fixture);
    }
    check_end();
}

static void a_reset_sketch_is_empty(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_init(&fixture, 0, 0);
    observe(&fixture, 5, 3);
    atomic_fetch_or(&fixture.sketch->epoch, 1); /* as if a thread that is gone had been moving on */
    ifm_sketch_reset(fixture.sketch);
    CHECK_DOUBLE(median(&fixture), NAN);
    fixture.now += 100 * SECOND;
    observe(&fixture, 7, 1);
    CHECK(within(median(&fixture), 7));
    fixture_deinit(&fixture);
    check_end();
}

static void a_count_does_not_wrap(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_init(&fixture, 0.001, 10);
    observe(&fixture, 5, 1);
    size_t counts = (size_t)(IFM_SKETCH_SLICES + 1) * (2 * (size_t)fixture.layout.buckets + 1);
    for (size_t i = 0; i < counts; i++) {
        if (atomic_load(&fixture.sketch->counts[i]) == 1) {
            atomic_store(&fixture.sketch->counts[i], UINT32_MAX); /* as many observations would */
        }
    }
    observe(&fixture, 5, 1);
    observe(&fixture, 1, 10);
    CHECK(within(median(&fixture), 5));
    fixture_deinit(&fixture);
    check_end();
}

static void options_that_cannot_be_used_are_refused(void **state)
{
    (void)state;
    static const double fine[] = {0.5};
    static const double above[] = {0.5, 1.5};
    static const double below[] = {-0.1};
    static const double nan[] = {(double)NAN};
    static const double falling[] = {0.9, 0.5};
    static const double twice[] = {0.5, 0.5};
    static const double many[IFM_QUANTILES_MAX + 1];
    static const struct {
        ifm_summary_options options;
        const char *want;
    } rows[] = {
        {{.quantiles = above, .quantile_count = 2}, "quantile 1.5: it has to be from 0 to 1"},
        {{.quantiles = below, .quantile_count = 1}, "quantile -0.1"},
        {{.quantiles = nan, .quantile_count = 1}, "quantile nan"},
        {{.quantiles = falling, .quantile_count = 2}, "0.5 is not above 0.9 before it"},
        {{.quantiles = twice, .quantile_count = 2}, "0.5 is not above 0.5 before it"},
        {{.quantiles = many, .quantile_count = IFM_QUANTILES_MAX + 1}, "17 quantiles: the limit is 16"},
        {{.quantiles = fine, .quantile_count = 1, .window_seconds = -1}, "a window of -1 s"},
        {{.quantiles = fine, .quantile_count = 1, .window_seconds = 1e-4}, "a window of 0.0001 s"},
        {{.quantiles = fine, .quantile_count = 1, .window_seconds = 1e8}, "a window of 1e+08 s"},
        {{.quantiles = fine, .quantile_count = 1, .window_seconds = (double)NAN}, "a window of nan s"},
        {{.quantiles = fine, .quantile_count = 1, .value_min = -1}, "value range from -1"},
        {{.quantiles = fine, .quantile_count = 1, .value_min = 2, .value_max = 2}, "from 2 to 2"},
        {{.quantiles = fine, .quantile_count = 1, .value_max = 1e-7}, "from 1e-06 to 1e-07"},
        {{.quantiles = fine, .quantile_count = 1, .value_max = (double)INFINITY}, "from 1e-06 to inf"},
        {{.quantiles = fine, .quantile_count = 1, .value_min = (double)NAN}, "from nan"},
    };
    struct ifm_sketch_layout layout;
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        CHECK_REFUSED(ifm_sketch_layout_init(&layout, &rows[i].options, &refused), IFM_INVALID, rows[i].want);
    }
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quantiles_keep_their_error_bound),
        cmocka_unit_test(without_observations_quantiles_are_nan),
        cmocka_unit_test(one_observation_is_every_quantile),
        cmocka_unit_test(observations_leave_after_a_window),
        cmocka_unit_test(window_slides_step_by_step),
        cmocka_unit_test(any_silence_forgets_exactly_what_is_too_old),
        cmocka_unit_test(time_that_goes_back_a_little_counts_as_now),
        cmocka_unit_test(values_outside_the_range_count_as_the_nearest_inside),
        cmocka_unit_test(a_reset_sketch_is_empty),
        cmocka_unit_test(a_count_does_not_wrap),
        cmocka_unit_test(options_that_cannot_be_used_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

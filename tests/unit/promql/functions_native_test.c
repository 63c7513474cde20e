/* SPDX-License-Identifier: Apache-2.0
 *
 * Range functions over native histograms: results, notes, and what happens without memory. Whole queries over
 * histograms are in tests/promql.
 */
#include "check.h"

#include "promql/eval_impl.h"
#include "promql/functions_impl.h"
#include "torture.h"

#include <math.h>

/* Buckets (0.5, 1] and (1, 2]. */
static const model_span span = {0, 2};
static const double one[] = {1, 0};
static const double three[] = {1, 2};
static const double six[] = {2, 4};
static const double large[] = {1.5e308, 0};
static const double bounds[] = {1};

#define HISTOGRAM(counts_, count_)                                                                           \
    {                                                                                                        \
        .count = count_, .sum = count_, .positive_spans = &span, .positive_span_count = 1,                   \
        .positive = counts_, .positive_count = 2                                                             \
    }

static const model_histogram first = HISTOGRAM(one, 1);
static const model_histogram second = HISTOGRAM(three, 3);
static const model_histogram third = HISTOGRAM(six, 6);
static const model_histogram huge = HISTOGRAM(large, 1.5e308);
static const model_histogram custom = {.schema = MODEL_SCHEMA_CUSTOM,
                                       .count = 3,
                                       .sum = 3,
                                       .positive_spans = &span,
                                       .positive_span_count = 1,
                                       .positive = three,
                                       .positive_count = 2,
                                       .custom = bounds,
                                       .custom_count = 1};

static const model_histogram *const rising[] = {&first, &second, &third};
static const model_histogram *const falling[] = {&first, &third, &second};
static const model_histogram *const mixed[] = {&first, &custom, &third};
static const model_histogram *const beside_floats[] = {&first, NULL, &third};
static const model_histogram *const overflowing[] = {&huge, &huge, &huge};
static const int64_t times[] = {0, 60000, 120000};
static const double values[] = {0, 5, 0};

static const promql_node argument = {.kind = PROMQL_MATRIX, .start = 5};
static const model_label name = {{"__name__", 8}, {"h", 1}};

static promql_window window_of(const model_histogram *const *histograms)
{
    return (promql_window){.count = 3,
                           .times_ms = times,
                           .values = values,
                           .histograms = histograms,
                           .start_ms = -60000,
                           .end_ms = 120000,
                           .range_ms = 180000,
                           .labels = {&name, 1},
                           .argument = &argument};
}

typedef struct call {
    promql_range_function *function;
    promql_window window;
    double count; /* of the result; NaN: there is none */
    double sum;
    const char *note; /* or NULL */
} call;

/* Runs it in an arena of its own; checks the result unless memory ran out. */
static bool run_call(void *context, ifm_error *err)
{
    const call *c = context;
    promql_engine_options options = promql_engine_defaults();
    promql_result result = {0};
    promql_run run = {.options = options, .result = &result};
    ifm_bump arena;
    ifm_bump_init(&arena, 1024 * 1024);
    promql_eval eval = {.options = &options, .run = &run, .arena = &arena, .err = err};
    promql_sample sample = {.present = false};
    bool ok = c->function(&eval, &c->window, &sample) && promql_check_arena(&eval);
    if (ok) {
        CHECK_INT(sample.present, !isnan(c->count));
        CHECK_DOUBLE(sample.histogram == NULL ? NAN : sample.histogram->count, c->count);
        CHECK_DOUBLE(sample.histogram == NULL ? NAN : sample.histogram->sum, c->sum);
        CHECK_TEXT(result.annotation_count == 0 ? "" : result.annotations[0]->key,
                   c->note == NULL ? "" : c->note);
    }
    ifm_bump_deinit(&arena);
    return ok;
}

static void histograms_are_reduced_and_memory_may_run_out(void **state)
{
    (void)state;
    static const char mix[] =
        "vector contains a mix of histograms with exponential and custom buckets schemas "
        "for metric name \"h\"";
    static const char floats[] = "encountered a mix of histograms and floats for metric name \"h\"";
    static const char gauge[] = "this native histogram metric is not a gauge: \"h\"";
    promql_window anchored = window_of(rising);
    anchored.extended = PROMQL_ANCHORED;
    promql_window smoothed = window_of(falling);
    smoothed.extended = PROMQL_SMOOTHED;
    smoothed.start_ms = 30000;
    smoothed.end_ms = 90000;
    smoothed.range_ms = 60000;
    call calls[] = {
        {promql_increase, window_of(rising), 6, 6, NULL}, /* down to zero at -24 s: 5 * 1.2 */
        {promql_rate, window_of(rising), 6.0 / 180, 6.0 / 180, NULL},
        {promql_increase, window_of(falling), 8 * 135.0 / 120, 8 * 135.0 / 120,
         NULL}, /* -1 + 3 + 6, 15 s to zero */
        {promql_delta, window_of(rising), 7.5, 7.5, gauge},
        {promql_irate, window_of(rising), 0.05, 0.05, NULL},
        {promql_irate, window_of(falling), 0.05, 0.05, NULL}, /* 3 since the reset */
        {promql_idelta, window_of(falling), -3, -3, gauge},
        {promql_sum_over_time, window_of(rising), 10, 10, NULL},
        {promql_avg_over_time, window_of(rising), 10.0 / 3, 10.0 / 3, NULL},
        {promql_avg_over_time, window_of(overflowing), 1.5e308, 1.5e308, NULL},
        {promql_sum_over_time, window_of(mixed), NAN, NAN, mix},
        {promql_rate, window_of(mixed), NAN, NAN, mix},
        {promql_rate, window_of(beside_floats), NAN, NAN, floats},
        {promql_sum_over_time, window_of(beside_floats), NAN, NAN, floats},
        {promql_irate, window_of(beside_floats), NAN, NAN, floats},
        {promql_increase, anchored, 5, 5, NULL},
        {promql_increase, smoothed, 6 - 3.5 + 1.5, 6 - 3.5 + 1.5, NULL},
        {promql_last_over_time, window_of(rising), 6, 6, NULL},
        {promql_first_over_time, window_of(rising), 1, 1, NULL},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(calls); i++) {
        int failures = check_failures;
        (void)torture_allocations(run_call, &calls[i], TORTURE_MUST_FAIL);
        if (check_failures > failures) {
            fprintf(stderr, "    call %zu\n", i);
        }
    }
    check_end();
}

static void floats_beside_histograms_count_alone(void **state)
{
    (void)state;
    static const promql_node quantile = {.kind = PROMQL_NUMBER, .start = 20};
    static promql_node *const arguments[] = {(promql_node *)(uintptr_t)&quantile};
    static const promql_node called = {
        .kind = PROMQL_CALL,
        .call = {.arguments = (promql_node **)(uintptr_t)arguments, .argument_count = 1}};
    static const double half = 0.5;
    promql_range_function *const functions[] = {promql_min_over_time,      promql_max_over_time,
                                                promql_quantile_over_time, promql_stddev_over_time,
                                                promql_mad_over_time,      promql_ts_of_max_over_time};
    static const double want[] = {5, 5, 5, 0, 0, 60};
    for (size_t i = 0; i < IFM_COUNT_OF(functions); i++) {
        promql_engine_options options = promql_engine_defaults();
        promql_result result = {0};
        promql_run run = {.options = options, .result = &result};
        ifm_error err = {.code = IFM_OK};
        ifm_bump arena;
        ifm_bump_init(&arena, 1024 * 1024);
        promql_eval eval = {.options = &options, .run = &run, .arena = &arena, .err = &err};
        promql_window window = window_of(beside_floats);
        window.call = &called;
        window.scalars = &half;
        promql_sample sample = {.present = false};
        CHECK(functions[i](&eval, &window, &sample));
        CHECK_DOUBLE(sample.value, want[i]);
        CHECK_INT(result.annotation_count, 1);
        CHECK_TEXT(result.annotations[0]->key,
                   "ignored histograms in a range containing both floats and histograms "
                   "for metric name \"h\"");
        ifm_bump_deinit(&arena);
    }
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(histograms_are_reduced_and_memory_may_run_out),
        cmocka_unit_test(floats_beside_histograms_count_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

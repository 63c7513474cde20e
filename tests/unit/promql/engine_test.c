/* SPDX-License-Identifier: Apache-2.0 */
#include "torture.h"
#include "unit/promql/engine.h"

static void fill(fake_storage *fake)
{
    fake_init(fake);
    fake_ramp(fake_add(fake, "a", "x", "1"), 0, 1, 11);
    fake_ramp(fake_add(fake, "a", "x", "2"), 0, 10, 11);
    fake_ramp(fake_add(fake, "b_total", "x", "1"), 0, 60, 11);
}

static void engine_takes_the_newest_sample_within_the_lookback(void **state)
{
    (void)state;
    fake_storage fake;
    promql_engine_options options = promql_engine_defaults();
    fake_init(&fake);
    fake_series *series = fake_add(&fake, "m", NULL, NULL);
    fake_append(series, 60000, 1);
    fake_append(series, 120000, 2);
    fake_append(series, 180000, model_from_bits(MODEL_STALE_BITS));
    fake_append(series, 600000, 3);
    static const engine_row rows[] = {
        {"m", 59, 0, 0, "nothing", "before the first sample"},
        {"m", 60, 0, 0, "{__name__=\"m\"} 1@60", "a sample at the time itself"},
        {"m", 119, 0, 0, "{__name__=\"m\"} 1@119", "a sample before it"},
        {"m", 180, 0, 0, "nothing", "the series has ended"},
        {"m", 899, 0, 0, "{__name__=\"m\"} 3@899", "one second less than the lookback"},
        {"m", 900, 0, 0, "nothing", "the lookback is open on the left"},
        {"m", 0, 300, 60, "{__name__=\"m\"} 1@60 2@120", "a range"},
        {"m offset 10m", 1200, 0, 0, "{__name__=\"m\"} 3@1200", "offset"},
        {"m offset -1m", 0, 0, 0, "{__name__=\"m\"} 1@0", "an offset into the future"},
        {"m @ 120", 7000, 0, 0, "{__name__=\"m\"} 2@7000", "a fixed time"},
        {"m @ 120 offset 1m", 7000, 7060, 60, "{__name__=\"m\"} 1@7000 1@7060", "both, at all steps"},
        {"m @ start()", 60, 180, 60, "{__name__=\"m\"} 1@60 1@120 1@180", "the start of the range"},
        {"m @ end()", 0, 120, 60, "{__name__=\"m\"} 2@0 2@60 2@120", "the end of the range"},
        {"m[3m]", 180, 0, 0, "{__name__=\"m\"} 1@60 2@120", "a window leaves stale markers out"},
        {"m[2m]", 180, 0, 0, "{__name__=\"m\"} 2@120", "a window is open on the left"},
        {"m[0]", 180, 0, 0, "error: 1:3: parse error: duration must be greater than 0", "an empty window"},
        {"count_over_time(m[10m])", 0, 660, 300, "{} 2@300 3@600", "windows move"},
        {"last_over_time(m[1m:30s])", 75, 0, 0, "{__name__=\"m\"} 1@75",
         "a subquery keeps to multiples of its step"},
        {"count_over_time(m[2m:1m])", 120, 0, 0, "{} 2@120", "and is open on the left"},
        {"count_over_time(m[2m:])", 120, 0, 0, "{} 2@120", "the default step is a minute"},
    };
    CHECK_ROWS(&options, &fake, rows);
    check_end();
}

static void engine_evaluates_kinds_of_expressions(void **state)
{
    (void)state;
    fake_storage fake;
    promql_engine_options options = promql_engine_defaults();
    fill(&fake);
    static const engine_row rows[] = {
        {"1 + 2 * 3", 5, 0, 0, "scalar 7@5", "a scalar"},
        {"-(1)", 0, 60, 60, "{} -1@0 -1@60", "a scalar over a range is a series"},
        {"\"te\\nxt\"", 0, 0, 0, "string te\nxt", "a string"},
        {"\"text\"", 0, 60, 60,
         "error: invalid expression type \"string\" for range query, must be Scalar or instant Vector",
         "a string over a range"},
        {"a[5m]", 0, 60, 60,
         "error: invalid expression type \"range vector\" for range query, must be Scalar or instant Vector",
         "a range vector over a range"},
        {"sum(a)", 60, 0, 0, "{} 11@60", "an aggregation"},
        {"sum by (x) (a) * 2", 60, 0, 0, "{x=\"1\"} 2@60; {x=\"2\"} 20@60", "groups"},
        {"a > 5", 60, 120, 60, "{__name__=\"a\", x=\"2\"} 10@60 20@120", "a filter keeps names"},
        {"a > bool 5", 60, 0, 0, "{x=\"1\"} 0@60; {x=\"2\"} 1@60", "bool drops them"},
        {"a - on (x) b_total", 60, 0, 0, "{x=\"1\"} -59@60", "a partner"},
        {"a and on (x) b_total", 60, 0, 0, "{__name__=\"a\", x=\"1\"} 1@60", "and"},
        {"a unless on (x) b_total", 60, 0, 0, "{__name__=\"a\", x=\"2\"} 10@60", "unless"},
        {"topk(1, a)", 60, 0, 0, "{__name__=\"a\", x=\"2\"} 10@60", "topk"},
        {"bottomk(2, a)", 60, 0, 0, "{__name__=\"a\", x=\"1\"} 1@60; {__name__=\"a\", x=\"2\"} 10@60",
         "its order"},
        {"topk(2, a)", 60, 0, 0, "{__name__=\"a\", x=\"2\"} 10@60; {__name__=\"a\", x=\"1\"} 1@60",
         "its order"},
        {"count_values(\"v\", a > bool 5)", 60, 0, 0, "{v=\"0\"} 1@60; {v=\"1\"} 1@60", "count_values"},
        {"absent(c{x=\"3\",y=~\".+\"})", 60, 0, 0, "{x=\"3\"} 1@60", "absent"},
        {"scalar(a)", 60, 0, 0, "scalar NaN@60", "scalar of two"},
        {"time() - step()", 0, 60, 60, "{} -60@0 0@60", "the evaluation itself"},
        {"rate(b_total[5m])", 600, 0, 0, "{x=\"1\"} 1@600", "rate"},
        {"rate(a{x=\"1\"}[1m30s])", 600, 0, 0,
         "{x=\"1\"} 0.016666666666666666@600 | PromQL info: metric might not be a counter, name does not end "
         "in "
         "_total/_sum/_count/_bucket: \"a\" (5-20)",
         "rate of what is called no counter"},
        {"max_over_time(sum(a)[5m:1m])", 300, 360, 60, "{} 55@300 66@360", "a subquery"},
        {"a{x=\"1\"}[90s] anchored", 150, 0, 0, "{__name__=\"a\", x=\"1\"} 1@60 2@120 2@150",
         "the ends of an anchored range"},
        {"a{x=\"1\"}[45s] smoothed", 135, 0, 0, "{__name__=\"a\", x=\"1\"} 1.5@90 2@120 2.25@135",
         "the ends of a smoothed one"},
        {"a{x=\"1\"}[45s] smoothed", 6000, 0, 0, "nothing", "nothing near"},
        {"a{x=\"1\"} smoothed", 90, 0, 0, "{__name__=\"a\", x=\"1\"} 1.5@90", "an instant between samples"},
        {"a[1m:1m]", 60, 0, 0, "{__name__=\"a\", x=\"1\"} 1@60; {__name__=\"a\", x=\"2\"} 10@60",
         "a subquery itself"},
    };
    CHECK_ROWS(&options, &fake, rows);
    check_end();
}

static void engine_says_why_it_cannot(void **state)
{
    (void)state;
    fake_storage fake;
    promql_engine_options options = promql_engine_defaults();
    fill(&fake);
    static const engine_row rows[] = {
        {"sum(", 0, 0, 0, "error: 1:5: parse error: unclosed left parenthesis", "no expression"},
        {"b_total + on () a", 60, 0, 0,
         "error: found duplicate series for the match group {} on the right hand-side of the operation: "
         "[{__name__=\"a\", x=\"1\"}, {__name__=\"a\", x=\"2\"}];many-to-many matching not allowed: matching "
         "labels must "
         "be unique on one side",
         "two on the right"},
        {"a + on () b_total", 60, 0, 0,
         "error: multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)",
         "two on the left"},
        {"a * on () group_left (x) b_total", 60, 0, 0,
         "error: multiple matches for labels: grouping labels must ensure unique matches", "two results"},
        {"label_replace(a, \"x\", \"\", \"x\", \".*\")", 60, 0, 0,
         "error: vector cannot contain metrics with the same labelset", "labels that are no longer unlike"},
        {"topk(NaN, a)", 60, 0, 0, "error: Parameter value is NaN", "a parameter"},
        {"topk(1e30, a)", 60, 0, 0, "error: Scalar value 1e+30 overflows int64", "a large one"},
        {"a[step() - 1h]", 60, 0, 0, "error: duration must be greater than 0", "a computed duration"},
        {"a{x=~\"[\"}", 60, 0, 0, "error: 1:3: parse error: error parsing regexp: missing closing ]: `[`",
         "a regular expression"},
        {"max_over_time(a[5m] anchored)", 60, 0, 0,
         "error: anchored modifier can only be used with: changes, delta, increase, rate, resets - not with "
         "max_over_time",
         "a modifier that the function does not know"},
        {"a", INT64_MAX / 2000, 0, 0, "error: the time of a query must not be 70 million years from 1970",
         "a time"},
        {"a", 60, 0, 60, "error: a range query needs a step > 0 and an end that is not before its start",
         "a range"},
    };
    CHECK_ROWS(&options, &fake, rows);
    fake.fails = true;
    static const engine_row unread[] = {
        {"a", 60, 0, 0, "error: could not read the block: it is not there", "a storage that fails"},
        {"rate(a[5m])", 60, 0, 0, "error: could not read the block: it is not there", "the same in a window"},
    };
    CHECK_ROWS(&options, &fake, unread);
    check_end();
}

static void engine_removes_names_at_once_or_at_the_end(void **state)
{
    (void)state;
    fake_storage fake;
    promql_engine_options options = promql_engine_defaults();
    fake_init(&fake);
    fake_ramp(fake_add(&fake, "a", "x", "1"), 0, 1, 3);
    fake_ramp(fake_add(&fake, "b", "x", "1"), 0, 2, 3);
    fake_append(fake_add(&fake, "c", "x", "1"), 1000000, 5);
    static const engine_row at_once[] = {
        {"-{__name__=~\"a|c\"}", 0, 1000, 500, "{x=\"1\"} -0@0 -5@1000", "the same at other times are one"},
        {"delta({__name__=~\"a|c\"}[30m])", 0, 1000, 1000, "{x=\"1\"} 3@1000", "one of them has no result"},
        {"sum_over_time({__name__=~\"a|c\"}[1m])", 60, 1000, 940,
         "error: vector cannot contain metrics with the same labelset", "but not out of a range vector"},
        {"sum(sum_over_time({__name__=~\"a|c\"}[1m]))", 60, 1000, 940,
         "error: vector cannot contain metrics with the same labelset", "nor before they are aggregated"},
        {"-{x=\"1\"}", 60, 0, 0, "error: vector cannot contain metrics with the same labelset",
         "two are the same"},
        {"sum by (__name__) (-a)", 60, 0, 0, "{} -1@60", "the name is gone"},
        {"label_replace(-a, \"n\", \"$1\", \"__name__\", \"(.*)\")", 60, 0, 0, "{x=\"1\"} -1@60", "so it is"},
    };
    static const engine_row at_end[] = {
        {"sum(sum_over_time({__name__=~\"a|c\"}[1m]))", 60, 1000, 940, "{} 1@60 5@1000",
         "it does not matter"},
        {"-{x=\"1\"}", 60, 0, 0, "error: vector cannot contain metrics with the same labelset",
         "two are the same"},
        {"count(-{x=\"1\"})", 60, 0, 0, "{} 2@60", "but not before the end"},
        {"label_replace(-a, \"n\", \"$1\", \"__name__\", \"(.*)\")", 60, 0, 0, "{n=\"a\", x=\"1\"} -1@60",
         "the name is still there"},
    };
    CHECK_ROWS(&options, &fake, at_once);
    options.delayed_name_removal = true;
    CHECK_ROWS(&options, &fake, at_end);
    check_end();
}

static void engine_stops_at_its_limits(void **state)
{
    (void)state;
    fake_storage fake;
    promql_engine_options options = promql_engine_defaults();
    fill(&fake);
    options.samples_max = 22;
    static const engine_row samples[] = {
        {"sum(a)", 0, 600, 60, "{} 0@0 11@60 22@120 33@180 44@240 55@300 66@360 77@420 88@480 99@540 110@600",
         "as many as allowed"},
        {"sum({x=~\".+\"})", 0, 600, 60,
         "error: query processing would load too many samples into memory in query execution",
         "one series more"},
        {"sum_over_time(a[11m])", 600, 0, 0, "{x=\"1\"} 55@600; {x=\"2\"} 550@600", "windows one by one"},
        {"sum_over_time(a[10m:20s])", 600, 0, 0,
         "error: query processing would load too many samples into memory in query execution",
         "in a subquery"},
    };
    CHECK_ROWS(&options, &fake, samples);
    options.samples_max = 10;
    static const engine_row window[] = {
        {"sum_over_time(a{x=\"1\"}[10m])", 600, 0, 0, "{x=\"1\"} 55@600", "a window of ten"},
        {"sum_over_time(a{x=\"1\"}[11m])", 600, 0, 0,
         "error: query processing would load too many samples into memory in query execution", "of eleven"},
        {"max_over_time(a{x=\"1\"}[11m])", 600, 0, 0,
         "error: query processing would load too many samples into memory in query execution", "the same"},
    };
    CHECK_ROWS(&options, &fake, window);
    options = promql_engine_defaults();
    options.bytes_max = 1024 * 1024;
    static const engine_row bytes[] = {
        {"sum(a)", 600, 0, 0, "{} 110@600", "little memory is enough"},
        {"sum(a)", 0, 1000000, 1, "error: the query needs more memory than its limit of 1048576 bytes",
         "a million steps"},
        {"sum_over_time(a[100000s:1s])", 600, 0, 0,
         "error: the query needs more memory than its limit of 1048576 bytes", "a subquery"},
        {"1", 0, 1000000000, 1, "error: the query needs more memory than its limit of 1048576 bytes",
         "a number, a billion times"},
    };
    CHECK_ROWS(&options, &fake, bytes);
    check_end();
}

typedef struct stopper {
    int calls_left;
    ifm_code code;
} stopper;

static ifm_code stop_after(void *context)
{
    stopper *stop = context;
    return stop->calls_left-- > 0 ? IFM_OK : stop->code;
}

static void engine_stops_when_it_is_told_to(void **state)
{
    (void)state;
    fake_storage fake;
    promql_engine_options options = promql_engine_defaults();
    stopper stop = {.calls_left = 2, .code = IFM_CANCELED};
    fill(&fake);
    options.interrupted = stop_after;
    options.context = &stop;
    static const engine_row canceled = {
        "sum(rate(a[5m]))", 0, 100000, 1, "error: query was canceled in expression evaluation",
        "in the middle"};
    static const engine_row timed_out = {"sum(a)", 0, 0, 0, "error: query timed out in expression evaluation",
                                         "at once"};
    engine_check(__FILE__, __LINE__, &options, &fake, &canceled);
    stop = (stopper){.calls_left = 0, .code = IFM_TIMEOUT};
    engine_check(__FILE__, __LINE__, &options, &fake, &timed_out);
    check_end();
}

static void engine_evaluates_once_what_is_fixed(void **state)
{
    (void)state;
    fake_storage fake;
    promql_engine_options options = promql_engine_defaults();
    fill(&fake);
    static const engine_row row = {"sum(rate(b_total[5m] @ 300)) + vector(1)",
                                   0,
                                   120,
                                   60,
                                   "{} 2@0 2@60 2@120",
                                   "one value at all steps"};
    engine_check(__FILE__, __LINE__, &options, &fake, &row);
    CHECK_INT(fake.reads, 1);
    check_end();
}

static bool query_everything(void *context, ifm_error *err)
{
    static const char *const texts[] = {
        "sum by (x) (rate(b_total[5m])) / on (x) group_left () a",
        "topk(1, a) or count_values(\"v\", b_total)",
        "info(a, {y=~\".*\"}) unless label_replace(a, \"z\", \"$1\", \"x\", \"(.)\")",
        "histogram_quantile(0.5, quantile_over_time(0.5, a[5m:1m])) + fill(1) absent(a{x=~\"3|4\"})",
    };
    fake_storage *fake = context;
    promql_engine_options options = promql_engine_defaults();
    for (size_t i = 0; i < IFM_COUNT_OF(texts); i++) {
        promql_result result;
        promql_query query = {.text = texts[i], .size = strlen(texts[i]), .end_ms = 600000, .step_ms = 60000};
        bool done = promql_query_run(&options, &fake->base, &query, &result, err);
        promql_result_free(&result);
        if (!done || fake->open != 0) {
            return false;
        }
    }
    return true;
}

static void engine_survives_the_lack_of_memory(void **state)
{
    (void)state;
    fake_storage fake;
    fill(&fake);
    /* A regular expression that cannot be compiled to machine code is interpreted. */
    CHECK(torture_allocations(query_everything, &fake, TORTURE_MAY_SUCCEED) >= 8);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(engine_takes_the_newest_sample_within_the_lookback),
        cmocka_unit_test(engine_evaluates_kinds_of_expressions),
        cmocka_unit_test(engine_says_why_it_cannot),
        cmocka_unit_test(engine_removes_names_at_once_or_at_the_end),
        cmocka_unit_test(engine_stops_at_its_limits),
        cmocka_unit_test(engine_stops_when_it_is_told_to),
        cmocka_unit_test(engine_evaluates_once_what_is_fixed),
        cmocka_unit_test(engine_survives_the_lack_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

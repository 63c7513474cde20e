/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "torture.h"
#include "unit/promql/evaluate.h"

static fake_storage fake;

static void add(const char *name, const char *le, double first, double second)
{
    fake_series *series = fake_add(&fake, name, le == NULL ? NULL : "le", le);
    fake_append(series, 0, first);
    fake_append(series, 60000, second);
}

static int make(void **state)
{
    (void)state;
    fake_init(&fake);
    add("x_bucket", "+Inf", 40, 80);
    add("x_bucket", "1", 10, 20);
    add("x_bucket", "2", 20, 60);
    add("fall_bucket", "+Inf", 40, 40);
    add("fall_bucket", "1", 10, 10);
    add("fall_bucket", "2", 5, 9);
    add("bare", NULL, 1, 1);
    add("word", "large", 1, 1);
    add("part_bucket", "1", 10, 20);
    return 0;
}

static void quantiles_are_those_of_each_step(void **state)
{
    (void)state;
    ifm_buf got = evaluate_range(&fake, "histogram_quantile(0.5, x_bucket)", 0, 60000, 60000);
    CHECK_TEXT(got.data, "{} 2 1.5");
    ifm_buf_deinit(&got);
    static const evaluate_row rows[] = {
        {"histogram_quantile(0.5, x_bucket)", "{} 2"},
        {"histogram_quantile(0.125, x_bucket)", "{} 0.5"},
        {"histogram_quantile(0.5, part_bucket)", "{} NaN"}, /* no +Inf */
        {"histogram_quantile(0.5, nothing)", ""},
        {"histogram_quantiles(x_bucket, \"q\", 0.5, 0.125)", "{q=\"0.5\"} 2; {q=\"0.125\"} 0.5"},
        {"histogram_fraction(0, 1, x_bucket)", "{} 0.25"},
        {"histogram_fraction(1, 1, x_bucket)", "{} 0"},
        {"histogram_count(x_bucket)", ""}, /* floats are no histograms */
        {"histogram_avg(x_bucket)", ""},
    };
    evaluate_rows(&fake, 0, rows, IFM_COUNT_OF(rows));
    check_end();
}

static void what_is_wrong_with_buckets_is_noted(void **state)
{
    (void)state;
    static const evaluate_row rows[] = {
        {"histogram_quantile(0.5, bare)",
         " ! PromQL warning: bucket label \"le\" is missing or has a malformed value of \"\" for metric name "
         "\"bare\" (1:25)"},
        {"histogram_fraction(0, 1, word)", " ! PromQL warning: bucket label \"le\" is missing or has a "
                                           "malformed value of \"large\" for metric name "
                                           "\"word\" (1:26)"},
        {"histogram_quantile(1.5, x_bucket)",
         "{} +Inf ! PromQL warning: quantile value should be between 0 and 1, got 1.5 (1:20)"},
        {"histogram_quantiles(x_bucket, \"q\", 0.5, -1)",
         "{q=\"0.5\"} 2; {q=\"-1.0\"} -Inf ! PromQL warning: quantile value should be between 0 and 1, got "
         "-1 "
         "(1:41)"},
        {"histogram_quantile(0.1, fall_bucket)",
         "{} 0.4 ! PromQL info: input to histogram_quantile needed to be fixed for monotonicity (see "
         "https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile) for metric "
         "name "
         "\"fall_bucket\", from buckets 2 to 2, with a max diff of 5, over 1 samples from "
         "1970-01-01T00:00:00Z to "
         "1970-01-01T00:00:00Z (1:25)"},
    };
    evaluate_rows(&fake, 0, rows, IFM_COUNT_OF(rows));
    ifm_buf got = evaluate_range(&fake, "histogram_quantile(0.1, fall_bucket)", 0, 60000, 60000);
    CHECK_CONTAINS(got.data,
                   "with a max diff of 5, over 2 samples from 1970-01-01T00:00:00Z to 1970-01-01T00:01:00Z");
    ifm_buf_deinit(&got);
    check_end();
}

static bool run_query(void *context, ifm_error *err)
{
    const char *text = context;
    promql_engine_options options = promql_engine_defaults();
    promql_query query = {.text = text, .size = strlen(text), .end_ms = 60000, .step_ms = 60000};
    promql_result result;
    bool ok = promql_query_run(&options, &fake.base, &query, &result, err);
    promql_result_free(&result);
    return ok;
}

static void memory_may_run_out_anywhere(void **state)
{
    (void)state;
    static const char *const queries[] = {
        "histogram_quantile(0.1, fall_bucket)",
        "histogram_quantiles(x_bucket, \"q\", 0.5, 0.9)",
        "histogram_fraction(0, 1, x_bucket)",
        "label_replace(sum_over_time(x_bucket[1m]), \"a\", \"$1\", \"le\", \"(.*)\")",
        "label_join(x_bucket, \"a\", \"-\", \"le\", \"le\")",
        "sort_by_label(quantile_over_time(0.5, x_bucket[1m]), \"le\")",
        "hour() + mad_over_time(x_bucket[1m])",
    };
    for (size_t i = 0; i < IFM_COUNT_OF(queries); i++) {
        /* Without memory for its just-in-time compiler, a regular expression is slower, but works. */
        torture_rule rule =
            strstr(queries[i], "label_replace") == NULL ? TORTURE_MUST_FAIL : TORTURE_MAY_SUCCEED;
        CHECK(torture_allocations(run_query, (void *)(uintptr_t)queries[i], rule) >= 1);
    }
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quantiles_are_those_of_each_step),
        cmocka_unit_test(what_is_wrong_with_buckets_is_noted),
        cmocka_unit_test(memory_may_run_out_anywhere),
    };
    return cmocka_run_group_tests(tests, make, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "promqltest/eval.h"
#include "promqltest/promqltest.h"
#include "torture.h"

#include <inferometer/registry.h>

enum { TEXT_MAX = 256 * 1024 };

typedef struct collected {
    ifm_buf out;
    size_t calls;
    size_t calls_max; /* 0: no limit */
} collected;

static void collect(void *context, size_t line, const char *text, size_t size)
{
    collected *to = context;
    ifm_buf_printf(&to->out, "%s%zu: ", to->out.size == 0 ? "" : "\n", line);
    ifm_buf_append(&to->out, text, size);
}

static ifm_code count_calls(void *context)
{
    collected *to = context;
    to->calls++;
    return to->calls_max != 0 && to->calls > to->calls_max ? IFM_CANCELED : IFM_OK;
}

/* The failures of a file, a line each, and the counts; to be freed. */
static char *run_text(const promqltest_options *options, const char *text)
{
    promqltest_options with = *options;
    promqltest_counts counts = {0};
    collected to = {.calls = 0};
    ifm_error err;
    size_t size;
    ifm_buf_init(&to.out, TEXT_MAX);
    with.failed = collect;
    with.context = &to;
    if (promqltest_run(&with, text, strlen(text), &counts, &err)) {
        ifm_buf_printf(&to.out, "%s%zu/%zu", to.out.size == 0 ? "" : "\n", counts.passed, counts.failed);
    } else {
        ifm_buf_append_text(&to.out, err.message);
    }
    char *got = ifm_buf_take(&to.out, &size, &err);
    assert_non_null(got);
    return got;
}

typedef struct row {
    const char *text;
    const char *want;
} row;

static void check_rows(const row *rows, size_t count)
{
    const promqltest_options options = {.chunk_samples = 3};
    for (size_t i = 0; i < count; i++) {
        char *got = run_text(&options, rows[i].text);
        CHECK_TEXT(got, rows[i].want);
        ifm_free(got);
    }
    check_end();
}

#define LOAD "load 1m\n  x{a=\"1\"} 1 2 3\n  x{a=\"2\"} 10 20 30\n\n"

static void what_fits_passes(void **state)
{
    (void)state;
    static const row rows[] = {
        {"", "0/0"},
        {"# nothing\n\n", "0/0"},
        {LOAD "eval instant at 1m x\n  x{a=\"2\"} 20\n  x{a=\"1\"} 2\n", "1/0"},
        {LOAD "EVAL instant at 1m x{a=\"1\"}\n\tx{a=\"1\"} 2.000001\r\n", "1/0"},
        {LOAD "eval range from 0 to 2m step 1m x{a='1'}\n  x{a=\"1\"} 1 2 3\n", "1/0"},
        {LOAD "Clear\neval instant at 1m x\n", "1/0"},
        {"eval instant at 1m 1 + 1\n  2\n", "1/0"},
        {"eval instant at 1m 255\n  0xff\n", "1/0"},
        {"eval instant at 1m \"a\\nb\"\n  expect string \"a\\nb\"\n", "1/0"},
        {LOAD "eval instant at 1m sort_desc(x)\n  expect ordered\n  x{a=\"2\"} 20\n  x{a=\"1\"} 2\n", "1/0"},
        {LOAD "eval_ordered instant at 1m sort(x)\n  x{a=\"1\"} 2\n  x{a=\"2\"} 20\n", "1/0"},
        {LOAD "eval instant at 2m x{a=\"1\"}[2m]\n  expect range vector from 1m to 2m step 1m\n"
              "  x{a=\"1\"} 2 3\n",
         "1/0"},
    };
    check_rows(rows, IFM_COUNT_OF(rows));
}

static void what_does_not_fit_is_told(void **state)
{
    (void)state;
    static const row rows[] = {
        {LOAD "eval instant at 1m x{a=\"1\"}\n  x{a=\"1\"} 3\n",
         "5: x{a=\"1\"}: {__name__=\"x\", a=\"1\"}: expected 3, got 2\n0/1"},
        {LOAD "eval instant at 1m x{a=\"1\"}\n",
         "5: x{a=\"1\"}: expected no series {__name__=\"x\", a=\"1\"}, got 2@60000\n0/1"},
        {LOAD "eval instant at 1m x{a=\"3\"}\n  x 3\n",
         "5: x{a=\"3\"}: expected {__name__=\"x\"} 3, got no such series\n0/1"},
        {LOAD "eval instant at 1m sort(x)\n  expect ordered\n  x{a=\"2\"} 20\n  x{a=\"1\"} 2\n",
         "5: sort(x): {__name__=\"x\", a=\"1\"}: expected at position 2, got at 1\n0/1"},
        {LOAD "eval range from 0 to 2m step 1m x{a='1'}\n  x{a=\"1\"} 1 2\n",
         "5: x{a='1'}: {__name__=\"x\", a=\"1\"}: expected 2 points, got 1@0 2@60000 3@120000\n0/1"},
        {LOAD "eval range from 0 to 2m step 1m x{a='1'}\n  x{a=\"1\"} 1 _ 3\n",
         "5: x{a='1'}: {__name__=\"x\", a=\"1\"}: expected 3@120000, got 1@0 2@60000 3@120000\n0/1"},
        {LOAD "eval range from 0 to 1m step 1m x{a='1'}\n  x{a=\"1\"} 1 2 3\n",
         "5: x{a='1'}: {__name__=\"x\", a=\"1\"}: expected 3 points, got a time range that has less\n0/1"},
        {"eval instant at 0 1\n  2\n", "1: 1: expected 2, got 1\n0/1"},
        {"eval instant at 0 1\n  {} 2\n", "1: 1: expected instant vector, got the scalar 1\n0/1"},
        {"eval instant at 0 vector(1)\n  1\n", "1: vector(1): expected scalar, got instant vector\n0/1"},
        {"eval instant at 0 \"a\"\n  expect string \"b\"\n", "1: \"a\": expected \"b\", got \"a\"\n0/1"},
        {"eval instant at 0 1\n  expect fail\n", "1: 1: expected a failure, got a result\n0/1"},
        {"load 1m\n  h {{count:1 buckets:[1]}}\n\neval instant at 0 h\n  h {{count:2 buckets:[1 1]}}\n",
         "4: h: {__name__=\"h\"}: expected {{schema:0 count:2 sum:0 offset:0 buckets:[1 1] "
         "counter_reset_hint:unknown}}, got {{schema:0 count:1 sum:0 offset:0 buckets:[1] "
         "counter_reset_hint:unknown}}\n0/1"},
    };
    check_rows(rows, IFM_COUNT_OF(rows));
}

static void commands_that_are_none_are_told(void **state)
{
    (void)state;
    static const row rows[] = {
        {"foo\n  bar\n\neval instant at 0 1\n  1\n",
         "1: \"foo\" is no command; hint: load, load_with_nhcb, clear or eval\n1/1"},
        {"load\n", "1: \"\" is no step such as 5m; hint: load 5m\n0/1"},
        {"load 5\n", "1: \"5\" is no step such as 5m; hint: load 5m\n0/1"},
        {"load 1m\n  x a\n", "2: there is no number at \"a\"\n0/1"},
        {LOAD "load 1m\n  x{a=\"1\"} 1\n", "6: out of order sample\n0/1"},
        {"load 1m\n  x@st 0\n", "2: there are no samples behind the line of @st\n0/1"},
        {"load 1m\n  x@st 0\n  y 1\n", "3: the line of @st before it is of another series\n0/1"},
        {"load 1m\n  x@st 0\n  x 1 2\n", "3: there are 2 samples, but 1 starts before them\n0/1"},
        {"eval at 0 1\n",
         "1: behind eval there is no \"instant at TIME\" or \"range from TIME to TIME step DURATION\"\n0/1"},
        {"eval instant at x 1\n", "1: behind \"instant at\" there is no time such as 5m\n0/1"},
        {"eval range from 5m to 1m step 1m 1\n", "1: the end of the range is before its start\n0/1"},
        {"eval range from 5m to 6m step 0 1\n", "1: the step is 0\n0/1"},
        {"eval range from 5m 1\n", "1: there is no \"from TIME to TIME step DURATION\"\n0/1"},
        {"eval instant at 0 sum(\n", "1: 1:5: parse error: unclosed left parenthesis\n0/1"},
        {"eval instant at 0 x\n  x 1 2\n",
         "2: an instant query has one value; hint: expect range vector from TIME to TIME step DURATION\n0/1"},
        {"eval instant at 0 x\n  x\n", "2: the series has no value\n0/1"},
        {"eval instant at 0 x\n  expect nothing\n", "2: \"nothing\" cannot be expected\n0/1"},
        {"eval instant at 0 x\n  expect fail\n  expect fail\n",
         "3: there is more than one \"expect fail\"\n0/1"},
        {"eval instant at 0 x\n  expect warn\n  expect no_warn\n",
         "3: an annotation is expected, and none\n0/1"},
        {"eval instant at 0 x\n  expect warn text: a\n",
         "2: behind \"expect warn\" there is no \"msg: TEXT\" or \"regex: PATTERN\"\n0/1"},
    };
    check_rows(rows, IFM_COUNT_OF(rows));
}

static void annotations_are_compared(void **state)
{
    (void)state;
#define WARNING "PromQL warning: quantile value should be between 0 and 1, got 2 (1:10)"
    static const row rows[] = {
        {LOAD "eval instant at 0 quantile(2, x)\n  expect warn\n  {} Inf\n", "1/0"},
        {LOAD "eval instant at 0 quantile(2, x)\n  expect warn msg: " WARNING "\n  {} Inf\n", "1/0"},
        {LOAD "eval instant at 0 quantile(2, x)\n  expect warn regex: should be .* got 2\n  {} Inf\n", "1/0"},
        {LOAD "eval instant at 0 quantile(2, x)\n  {} Inf\n", "1/0"},
        {LOAD "eval instant at 0 quantile(2, x)\n  expect no_info\n  {} Inf\n", "1/0"},
        {LOAD "eval instant at 0 quantile(2, x)\n  expect no_warn\n  {} Inf\n",
         "5: quantile(2, x): expected no such warning, got \"" WARNING "\"\n0/1"},
        {LOAD "eval instant at 0 quantile(2, x)\n  expect warn msg: other\n  {} Inf\n",
         "5: quantile(2, x): expected the warning \"other\", got " WARNING "\n0/1"},
        {LOAD "eval instant at 0 quantile(2, x)\n  expect info\n  {} Inf\n",
         "5: quantile(2, x): expected the info one, got none\n0/1"},
    };
    check_rows(rows, IFM_COUNT_OF(rows));
}

static void failures_are_compared(void **state)
{
    (void)state;
    static const row rows[] = {
        {LOAD "eval instant at 0 label_replace(x, \"a\", \"\", \"\", \"\")\n  expect fail\n", "1/0"},
        {LOAD "eval instant at 0 label_replace(x, \"a\", \"\", \"\", \"\")\n  expect fail msg: vector cannot "
              "contain "
              "metrics with the same labelset\n",
         "1/0"},
        {LOAD
         "eval instant at 0 label_replace(x, \"a\", \"\", \"\", \"\")\n  expect fail regex: same .*set\n",
         "1/0"},
        {LOAD
         "eval_fail instant at 0 label_replace(x, \"a\", \"\", \"\", \"\")\n  expected_fail_message other\n",
         "5: label_replace(x, \"a\", \"\", \"\", \"\"): expected the failure \"other\", got \"vector cannot "
         "contain "
         "metrics with the same labelset\"\n0/1"},
        {LOAD
         "eval_fail instant at 0 label_replace(x, \"a\", \"\", \"\", \"\")\n  expected_fail_regexp same\n",
         "1/0"},
    };
    check_rows(rows, IFM_COUNT_OF(rows));
}

static void a_run_can_be_canceled(void **state)
{
    (void)state;
    collected to = {.calls_max = 3};
    const promqltest_options options = {.interrupted = count_calls, .context = &to};
    promqltest_counts counts = {0};
    ifm_error err = {.code = IFM_OK};
    const char *text = LOAD "eval instant at 0 sum(x)\n  {} 11\n\neval instant at 0 sum(x)\n  {} 11\n";
    CHECK(!promqltest_run(&options, text, strlen(text), &counts, &err));
    CHECK_INT(err.code, IFM_CANCELED);
    check_end();
}

/* Hands the memory on, twice at most. */
static storage *store_twice(void *context, storage *memory, ifm_error *err)
{
    collected *to = context;
    if (++to->calls > 2) {
        ifm_error_set(err, IFM_IO, "the third time");
        return NULL;
    }
    return memory;
}

static void another_storage_is_asked_for_when_data_changed(void **state)
{
    (void)state;
    collected to = {.calls = 0};
    const promqltest_options options = {.store = store_twice, .context = &to};
    promqltest_counts counts = {0};
    ifm_error err = {.code = IFM_OK};
    const char *text = LOAD "eval instant at 0 sum(x)\n  {} 11\n\neval instant at 0 sum(x)\n  {} 11\n\n"
                            "clear\n" LOAD "eval instant at 0 sum(x)\n  {} 11\n";
    CHECK(promqltest_run(&options, text, strlen(text), &counts, &err));
    CHECK_INT(to.calls, 2);
    CHECK_INT(counts.passed, 3);
    CHECK(!promqltest_run(&options, text, strlen(text), &counts, &err));
    CHECK_INT(err.code, IFM_IO);
    check_end();
}

/* What a query is rewritten to, "-" when it cannot be fixed. */
static void selectors_are_fixed(void **state)
{
    (void)state;
    static const row rows[] = {
        {"x", "x @ 60.000"},
        {"x offset 1m", "x @ 60.000 offset 1m"},
        {"x @ 5", "x @ 5.000"},
        {"x @ start() + rate(y[5m] @ end())", "x @ 60.000 + rate(y[5m] @ 60.000)"},
        {"sum by (a) (-(x))", "sum by (a) (-(x @ 60.000))"},
        {"max_over_time(rate(x[1m])[5m:])", "max_over_time(rate(x[1m])[5m:] @ 60.000)"},
        {"quantile(scalar(x), y)", "quantile(scalar(x @ 60.000), y @ 60.000)"},
        {"sum_over_time(timestamp(x)[5m:])", "sum_over_time(timestamp(x)[5m:] @ 60.000)"},
        {"timestamp(x)", "-"},
        {"x + time()", "-"},
        {"1 + 2", "1 + 2"},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        ifm_bump arena;
        ifm_buf out;
        ifm_error err;
        bool fixable = false;
        ifm_bump_init(&arena, TEXT_MAX);
        ifm_buf_init(&out, TEXT_MAX);
        CHECK(promqltest_rewrite(model_text_of(rows[i].text), 60000, &arena, &out, &fixable, &err));
        ifm_buf_append_char(&out, '\0');
        CHECK_TEXT(fixable ? out.data : "-", rows[i].want);
        ifm_buf_deinit(&out);
        ifm_bump_deinit(&arena);
    }
    check_end();
}

/* A failure beside which there is no room for the query is one all the same. */
static void a_long_query_can_fail(void **state)
{
    (void)state;
    const promqltest_options options = {.chunk_samples = 3};
    ifm_buf text;
    ifm_buf_init(&text, TEXT_MAX);
    ifm_buf_append_text(&text, "eval instant at 0 1 +");
    for (size_t i = 0; i < PROMQLTEST_FAILURE_BYTES_MAX; i++) {
        ifm_buf_append_char(&text, ' ');
    }
    ifm_buf_append_text(&text, "1\n  3\n");
    ifm_buf_append_char(&text, '\0');
    assert_int_equal(text.failed, IFM_OK);
    char *got = run_text(&options, text.data);
    CHECK_CONTAINS(got, " ...: expected 3, got 2");
    CHECK_CONTAINS(got, "\n0/1");
    ifm_free(got);
    ifm_buf_deinit(&text);
    check_end();
}

static bool run_once(void *context, ifm_error *err)
{
    (void)context;
    const promqltest_options options = {.chunk_samples = 2};
    const char *text =
        "load_with_nhcb 1m\n  h_bucket{le=\"1\"} 1 2\n  h_bucket{le=\"+Inf\"} 2 4\n  h_sum 5 6\n\n"
        "eval instant at 1m sum(h) by (a)\n  expect no_warn\n"
        "  {} {{schema:-53 count:4 sum:6 custom_values:[1] buckets:[2 2]}}\n\n"
        "eval instant at 1m x\n  x 1\n";
    promqltest_counts counts = {0};
    bool ok = promqltest_run(&options, text, strlen(text), &counts, err);
    CHECK(!ok || (counts.passed == 1 && counts.failed == 1));
    return ok;
}

static void memory_may_run_out(void **state)
{
    (void)state;
    CHECK(torture_allocations(run_once, NULL, TORTURE_MUST_FAIL) >= 10);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_fits_passes),
        cmocka_unit_test(what_does_not_fit_is_told),
        cmocka_unit_test(commands_that_are_none_are_told),
        cmocka_unit_test(annotations_are_compared),
        cmocka_unit_test(failures_are_compared),
        cmocka_unit_test(a_run_can_be_canceled),
        cmocka_unit_test(another_storage_is_asked_for_when_data_changed),
        cmocka_unit_test(selectors_are_fixed),
        cmocka_unit_test(a_long_query_can_fail),
        cmocka_unit_test(memory_may_run_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "promqltest/eval.h"
#include "promqltest/series.h"
#include "promqltest/text.h"
#include "torture.h"

#include <inferometer/registry.h>

enum { MEMORY_MAX = 256 * 1024 * 1024, TEXT_MAX = 64 * 1024 };

/* Appends "{labels} item item ...", the items of starts as milliseconds. */
static void print_series(ifm_buf *out, const promqltest_series *series)
{
    model_labels_print(series->labels, out);
    for (size_t i = 0; i < series->count; i++) {
        const promqltest_item *item = &series->items[i];
        ifm_buf_append_char(out, ' ');
        if (item->omitted || (series->is_starts && !item->start_given)) {
            ifm_buf_append_char(out, '_');
        } else if (series->is_starts) {
            ifm_buf_printf(out, "%" PRId64, item->start_offset_ms);
        } else {
            promqltest_print_sample(out, item->value, item->histogram);
        }
    }
}

/* What a line means, or what is wrong with it; to be freed. */
static char *read_line(const char *line)
{
    ifm_bump arena;
    ifm_buf out;
    ifm_error err;
    promqltest_series series;
    size_t size;
    ifm_bump_init(&arena, MEMORY_MAX);
    ifm_buf_init(&out, TEXT_MAX);
    if (promqltest_series_read(model_text_of(line), &arena, &series, &err)) {
        print_series(&out, &series);
    } else {
        ifm_buf_append_text(&out, err.message);
    }
    ifm_bump_deinit(&arena);
    char *text = ifm_buf_take(&out, &size, &err);
    assert_non_null(text);
    return text;
}

typedef struct row {
    const char *line;
    const char *want;
} row;

static void check_rows(const row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char *got = read_line(rows[i].line);
        CHECK_TEXT(got, rows[i].want);
        ifm_free(got);
    }
    check_end();
}

static void labels_are_read(void **state)
{
    (void)state;
    static const row rows[] = {
        {"up 1", "{__name__=\"up\"} 1"},
        {"ns:up{b=\"2\", a = '1',} 1", "{__name__=\"ns:up\", a=\"1\", b=\"2\"} 1"},
        {"{} 1", "{} 1"},
        {"{\"a.b\", \"c d\"=`e`} 1", "{__name__=\"a.b\", \"c d\"=\"e\"} 1"},
        {"x{a=\"\\u00e9\\n\\\"\"} 1", "{__name__=\"x\", a=\"\xc3\xa9\\n\\\"\"} 1"},
        {"x{a=\"\"} 1", "{__name__=\"x\"} 1"},
    };
    check_rows(rows, IFM_COUNT_OF(rows));
}

static void samples_are_read(void **state)
{
    (void)state;
    static const row rows[] = {
        {"x 1 2.5 -3 +4 1e3 .5", "{__name__=\"x\"} 1 2.5 -3 4 1000 0.5"},
        {"x NaN Inf -inf +Inf", "{__name__=\"x\"} NaN +Inf -Inf +Inf"},
        {"x _ _x2 stale", "{__name__=\"x\"} _ _ _ stale"},
        {"x 5x2 0x3", "{__name__=\"x\"} 5 5 5 0 0 0 0"},
        {"x 1+2x3 1-0.5x2", "{__name__=\"x\"} 1 3 5 7 1 0.5 0"},
        {"x -1-1x1 5m 1h30m-10sx1", "{__name__=\"x\"} -1 -2 300 5400 5390"},
        {"x", "{__name__=\"x\"}"},
        {"x _x0", "{__name__=\"x\"}"},
    };
    check_rows(rows, IFM_COUNT_OF(rows));
}

#define SIMPLE   "{{schema:0 count:3 sum:4 offset:0 buckets:[1 2] counter_reset_hint:unknown}}"
#define SIMPLE_2 "{{schema:0 count:6 sum:8 offset:0 buckets:[2 4] counter_reset_hint:unknown}}"

static void histograms_are_read(void **state)
{
    (void)state;
    static const row rows[] = {
        {"x {{}}", "{__name__=\"x\"} {{schema:0 count:0 sum:0 counter_reset_hint:unknown}}"},
        {"x {{schema:0 count:3 sum:4 buckets:[1 2]}}x1", "{__name__=\"x\"} " SIMPLE " " SIMPLE},
        {"x {{ buckets:[1 2] sum:4 count:3 }}+{{buckets:[1 2] sum:4 count:3}}x1",
         "{__name__=\"x\"} " SIMPLE " " SIMPLE_2},
        {"x {{schema:1 z_bucket:2 z_bucket_w:0.5 n_buckets:[1] n_offset:-3 counter_reset_hint:gauge}}",
         "{__name__=\"x\"} {{schema:1 count:0 sum:0 z_bucket:2 z_bucket_w:0.5 n_offset:-3 n_buckets:[1] "
         "counter_reset_hint:gauge}}"},
        {"x {{schema:-53 custom_values:[1 5] buckets:[1 0 2] sum:NaN}}",
         "{__name__=\"x\"} {{schema:-53 count:0 sum:NaN offset:0 buckets:[1 0 2] custom_values:[1 5] "
         "counter_reset_hint:unknown}}"},
    };
    check_rows(rows, IFM_COUNT_OF(rows));
}

static void starts_are_read(void **state)
{
    (void)state;
    static const row rows[] = {
        {"x@st _ 0 -1m 5ms", "{__name__=\"x\"} _ 0 -60000 5"},
        {"x{a=\"b\"}@st _x2 -30s-1mx2", "{__name__=\"x\", a=\"b\"} _ _ -30000 -90000 -150000"},
        {"x@st 1sx1 -0msx1", "{__name__=\"x\"} 1000 1000 0 0"},
    };
    check_rows(rows, IFM_COUNT_OF(rows));
}

static void faults_are_named(void **state)
{
    (void)state;
    static const row rows[] = {
        {"1 2", "there is no series at \"1 2\""},
        {"x{a} 1", "there is no label=\"value\" at \"} 1\""},
        {"x{a=\"b} 1", "a string is not ended by its quote"},
        {"x{a=\"b\" 1", "there is no comma or brace behind a label at \"1\""},
        {"x 1,2", "a space is missing between samples at \",2\""},
        {"x 1+2", "xN is missing at \"\""},
        {"x 1x", "x is not followed by a number at \"\""},
        {"x 1++2x3", "there is no number to add at \"+2x3\""},
        {"x abc", "there is no number at \"abc\""},
        {"x some", "there is no sample at \"\""},
        {"x 1x1000001", "a line may have at most 1000000 samples"},
        {"x 0x999999 1", "a line may have at most 1000000 samples"},
        {"x {{foo:1}}", "there is no field of a histogram at \"foo:1}}\""},
        {"x {{sum:1 sum:1}}", "a field of the histogram is given twice at \"sum:1}}\""},
        {"x {{sum 1}}", "there is no colon behind the field of a histogram at \" 1}}\""},
        {"x {{schema:0.5}}", "there is no whole number at \"}}\""},
        {"x {{buckets:1}}", "there is no list in brackets at \"1}}\""},
        {"x {{sum:1", "there is no space behind the field of a histogram at \"\""},
        {"x {{sum:1}", "a histogram is not ended by }} at \"\""},
        {"x {{counter_reset_hint:maybe}}", "the hint is none of unknown, reset, not_reset, gauge at \"}}\""},
        {"x {{schema:1}}+{{schema:0}}x1", "error combining histograms: cannot merge from schema 0 to 1"},
        {"x {{schema:-53}}+{{schema:0}}x1",
         "cannot combine histograms with exponential and with custom buckets"},
        {"x@ts 1", "\"@st\" is missing at \" 1\""},
        {"x@st 5", "there is no duration at \"5\""},
        {"x@st 1m+1m", "xN is missing at \"\""},
    };
    check_rows(rows, IFM_COUNT_OF(rows));
}

static void durations_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t want; /* -1: is none */
    } rows[] = {{"0", 0},
                {"5m", 300000},
                {"1h30m", 5400000},
                {"1y2w3d4h5m6s7ms", 33019506007},
                {"10000s", 10000000},
                {"", -1},
                {"5", -1},
                {"m", -1},
                {"5m1h", -1},
                {"5mm", -1},
                {"1m1m", -1},
                {"-5m", -1},
                {"5M", -1},
                {"99999999999y", -1},
                {"300y", -1}};
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        int64_t got = -1;
        bool ok = promqltest_read_duration(model_text_of(rows[i].text), &got);
        CHECK_INT(ok ? got : -1, rows[i].want);
    }
    check_end();
}

static bool read_once(void *context, ifm_error *err)
{
    (void)context;
    ifm_bump arena;
    promqltest_series series;
    ifm_bump_init(&arena, MEMORY_MAX);
    bool ok = promqltest_series_read(
        model_text_of("x{a=\"\\n\"} 0+1x400 {{sum:1 buckets:[1 2]}}+{{sum:1 buckets:[1 2]}}x40"), &arena,
        &series, err);
    ifm_bump_deinit(&arena);
    return ok;
}

static void memory_may_run_out(void **state)
{
    (void)state;
    CHECK(torture_allocations(read_once, NULL, TORTURE_MUST_FAIL) >= 2);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(labels_are_read),     cmocka_unit_test(samples_are_read),
        cmocka_unit_test(histograms_are_read), cmocka_unit_test(starts_are_read),
        cmocka_unit_test(faults_are_named),    cmocka_unit_test(durations_are_read),
        cmocka_unit_test(memory_may_run_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

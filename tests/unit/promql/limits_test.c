/* SPDX-License-Identifier: Apache-2.0
 *
 * What a query must not cost: each that would go too far ends with an error that names the limit, soon after
 * the deadline at the latest, and gives back all of its memory.
 */
#include "torture.h"
#include "unit/promql/engine.h"

#include <time.h>

enum { MILLION = 1000000, LIMITED_SERIES = 32, LIMITED_SAMPLES = 121 };

static void fill(fake_storage *fake)
{
    static const char *const numbers[LIMITED_SERIES] = {
        "00", "01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12", "13", "14", "15",
        "16", "17", "18", "19", "20", "21", "22", "23", "24", "25", "26", "27", "28", "29", "30", "31"};
    fake_init(fake);
    for (size_t i = 0; i < LIMITED_SERIES; i++) {
        fake_ramp(fake_add(fake, "a", "i", numbers[i]), (double)i, (double)(i % 5), LIMITED_SAMPLES);
    }
    fake_ramp(fake_add(fake, "text", "t", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaba"), 1, 1,
              LIMITED_SAMPLES);
}

static bool run(const promql_engine_options *options, fake_storage *fake, const promql_query *query,
                ifm_error *err)
{
    promql_result result;
    err->code = IFM_OK;
    err->message[0] = '\0';
    bool done = promql_query_run(options, &fake->base, query, &result, err);
    CHECK(done == (err->code == IFM_OK));
    CHECK(result.arena.used <= options->bytes_max);
    promql_result_free(&result);
    CHECK_INT(fake->open, 0);
    return done;
}

static promql_query query_of(const char *text, int64_t end_ms, int64_t step_ms)
{
    return (promql_query){.text = text,
                          .size = strlen(text),
                          .start_ms = 600000,
                          .end_ms = 600000 + end_ms,
                          .step_ms = step_ms};
}

static void query_past_a_limit_names_it(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t length_ms, step_ms;
        size_t bytes_max;
        uint64_t samples_max;
        ifm_code code;
        const char *want;
    } rows[] = {
        {"a", MILLION, 1, 16 << 20, 0, IFM_LIMIT,
         "the query needs more memory than its limit of 16777216 bytes"},
        {"a", MILLION, 1, 0, MILLION, IFM_LIMIT,
         "query processing would load too many samples into memory in query execution"},
        {"a * 2", MILLION, 1, 16 << 20, 0, IFM_LIMIT, "limit of 16777216 bytes"},
        {"sum by (i) (rate(a[5m]))", MILLION, 1, 16 << 20, 0, IFM_LIMIT, "limit of 16777216 bytes"},
        {"max_over_time(a[1000s:1ms])", 0, 0, 16 << 20, 0, IFM_LIMIT, "limit of 16777216 bytes"},
        {"max_over_time(a[1000s:1ms])", 0, 0, 0, MILLION, IFM_LIMIT, "too many samples"},
        {"a[1000s:1ms]", 0, 0, 16 << 20, 0, IFM_LIMIT, "limit of 16777216 bytes"},
        {"time()", INT64_C(1) << 60, 1, 16 << 20, 0, IFM_LIMIT, "limit of 16777216 bytes"},
        {"a", INT64_C(1) << 60, 1, 0, 0, IFM_LIMIT, "limit of 536870912 bytes"},
        {"max_over_time(a[200y:1ms])", 0, 0, 0, 0, IFM_LIMIT, "limit of 536870912 bytes"},
        {"{t=~\"(a*)*b\"}", 0, 0, 0, 0, IFM_LIMIT,
         "could not match a regular expression: it backtracks more than 1000000 times; hint: "},
        {"a or {__name__=\"text\",t!~\"(a|aa)*b\"}", 0, 0, 0, 0, IFM_LIMIT, "backtracks more than"},
        {"label_replace(text, \"u\", \"$1\", \"t\", \"((a*)*)*b\")", 0, 0, 0, 0, IFM_LIMIT,
         "backtracks more than"},
    };
    fake_storage *fake = ifm_alloc(sizeof *fake);
    assert_non_null(fake);
    fill(fake);
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        promql_engine_options options = promql_engine_defaults();
        options.bytes_max = rows[i].bytes_max == 0 ? options.bytes_max : rows[i].bytes_max;
        options.samples_max = rows[i].samples_max == 0 ? options.samples_max : rows[i].samples_max;
        promql_query query = query_of(rows[i].text, rows[i].length_ms, rows[i].step_ms);
        ifm_error err;
        long blocks = torture_block_count();
        if (!check_report(!run(&options, fake, &query, &err), __FILE__, __LINE__)) {
            fprintf(stderr, "%s: was done\n", rows[i].text);
        }
        CHECK_INT(err.code, rows[i].code);
        CHECK_CONTAINS(err.message, rows[i].want);
        CHECK_INT(torture_block_count() - blocks, 0);
    }
    ifm_free(fake);
    check_end();
}

/* OPEN OPEN .. a CLOSE CLOSE .., 10,000 of each */
static void check_nested(fake_storage *fake, const char *open, const char *close)
{
    enum { LEVELS = 10000 };
    ifm_buf text;
    ifm_error err;
    ifm_buf_init(&text, ENGINE_TEXT_MAX);
    long blocks = torture_block_count();
    for (size_t i = 0; i < LEVELS; i++) {
        ifm_buf_append_text(&text, open);
    }
    ifm_buf_append_text(&text, "a");
    for (size_t i = 0; i < LEVELS; i++) {
        ifm_buf_append_text(&text, close);
    }
    assert_int_equal(text.failed, IFM_OK);
    promql_engine_options options = promql_engine_defaults();
    promql_query query = {.text = text.data, .size = text.size};
    CHECK(!run(&options, fake, &query, &err));
    CHECK_INT(err.code, IFM_LIMIT);
    CHECK_CONTAINS(err.message, "expression is nested deeper than 1000 levels");
    ifm_buf_deinit(&text);
    CHECK_INT(torture_block_count() - blocks, 0);
}

static void query_nested_10000_deep_is_refused(void **state)
{
    (void)state;
    static const char *const nestings[][2] = {{"(", ")"},
                                              {"-", ""},
                                              {"sum(", ")"},
                                              {"abs(", ")"},
                                              {"max_over_time(", "[5m:1m])"},
                                              {"", "+a"},
                                              {"a ^ ", ""},
                                              {"sum by (x) (-(", "))"},
                                              {"a or (", ")"}};
    fake_storage *fake = ifm_alloc(sizeof *fake);
    assert_non_null(fake);
    fill(fake);
    for (size_t i = 0; i < IFM_COUNT_OF(nestings); i++) {
        check_nested(fake, nestings[i][0], nestings[i][1]);
    }
    ifm_free(fake);
    check_end();
}

/* What takes long, in all the ways in which an engine can forget to ask whether it should stop. */
static const struct {
    const char *text;
    int64_t length_ms, step_ms;
} slow[] = {
    {"sum(a)", 200000, 1},
    {"sum by (i) (a)", 100000, 1},
    {"a * 2 + on (i) a", 50000, 1},
    {"a and a or a unless a", 50000, 1},
    {"sum(rate(a[10m]))", 200000, 1},
    {"sum(quantile_over_time(0.5, a[10m]))", 200000, 1},
    {"sum(max_over_time(a[10m]))", 200000, 1},
    {"sum(stddev_over_time(a[10m]))", 200000, 1},
    {"sum(deriv(a[10m]))", 200000, 1},
    {"sum(changes(a[10m]))", 200000, 1},
    {"max(quantile_over_time(0.5, a[600s:10ms]))", 100000, 10},
    {"max(mad_over_time(a[600s:10ms]))", 100000, 10},
    {"max(sum_over_time(a[600s:10ms]))", 100000, 10},
    {"max(last_over_time(a[600s:10ms]))", 100000, 10},
    {"quantile_over_time(0.5, sum(a)[600s:1ms])", 100000, 100},
    {"max(sort_by_label(a, \"i\"))", 0, 0},
    {"topk(5, a)", 200000, 1},
    {"count_values(\"v\", a)", 200000, 1},
    {"quantile(0.5, a)", 200000, 1},
    {"stddev(a)", 200000, 1},
    {"limitk(2, a)", 200000, 1},
    {"sum(label_replace(a, \"x\", \"$1\", \"i\", \"(.*)\"))", 100000, 1},
    {"histogram_quantile(0.5, a)", 100000, 1},
    {"absent(a) + scalar(a)", 200000, 1},
    {"time() ^ 2 + vector(1) * minute()", 200000, 1},
    {"absent_over_time(a[10m])", 200000, 1},
    {"sum(timestamp(a))", 200000, 1},
    {"sum(sum_over_time(a[10m:1ms]))", 0, 0},
    {"max_over_time(max_over_time(sum(a)[600s:1s])[600s:1s])", 600000, 1000},
    {"sum(double_exponential_smoothing(a[10m], 0.5, 0.5))", 200000, 1},
    {"sum(rate(a[10m] smoothed)) + sum(increase(a[10m] anchored))", 200000, 1},
};

static int64_t cpu_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

typedef struct deadline {
    int64_t deadline_ns; /* of the thread's own time: other work on the machine does not count */
    ifm_code code;
} deadline;

static ifm_code watch_interrupted(void *context)
{
    const deadline *watch = context;
    return cpu_ns() >= watch->deadline_ns ? watch->code : IFM_OK;
}

static void query_ends_soon_after_its_deadline(void **state)
{
    (void)state;
    /* A sanitizer makes ten of one. Without it, the latest is 20 ms late. */
    enum { DEADLINE_NS = 5 * 1000 * 1000, LATE_NS = 500 * 1000 * 1000 };
    fake_storage *fake = ifm_alloc(sizeof *fake);
    assert_non_null(fake);
    fill(fake);
    for (size_t i = 0; i < IFM_COUNT_OF(slow); i++) {
        promql_engine_options options = promql_engine_defaults();
        deadline watch = {.code = i % 2 == 0 ? IFM_TIMEOUT : IFM_CANCELED};
        options.bytes_max = 64 << 20;
        options.interrupted = watch_interrupted;
        options.context = &watch;
        promql_query query = query_of(slow[i].text, slow[i].length_ms, slow[i].step_ms);
        ifm_error err;
        long blocks = torture_block_count();
        watch.deadline_ns = cpu_ns() + DEADLINE_NS;
        bool done = run(&options, fake, &query, &err);
        int64_t late_ns = cpu_ns() - watch.deadline_ns;
        if (!check_report(late_ns < LATE_NS, __FILE__, __LINE__)) {
            fprintf(stderr, "%s: ended %" PRId64 " ms after its deadline\n", slow[i].text, late_ns / 1000000);
        }
        bool stopped = err.code == watch.code &&
                       strcmp(err.message, watch.code == IFM_TIMEOUT
                                               ? "query timed out in expression evaluation"
                                               : "query was canceled in expression evaluation") == 0;
        if (!check_report(done || stopped || err.code == IFM_LIMIT || err.code == IFM_INVALID, __FILE__,
                          __LINE__)) {
            fprintf(stderr, "%s: %s\n", slow[i].text, err.message);
        }
        CHECK_INT(torture_block_count() - blocks, 0);
    }
    ifm_free(fake);
    check_end();
}

/* Each of these with every limit of memory, from too little for anything to enough: the engine never takes
 * what it was not given. */
static const char *const varied[] = {
    "a",
    "a[5m]",
    "a[5m:30s]",
    "-a + 2 > bool 3",
    "a * on (i) group_left (t) text or a",
    "a + on (i) fill_right (1) fill_left (2) text",
    "sum by (i) (rate(a[5m])) / ignoring (t) count without (t) (a)",
    "topk(3, a) unless bottomk(2, a) and a",
    "quantile(0.9, a) + stddev(a) + group(a) + avg(a)",
    "count_values(\"v\", a)",
    "limitk(2, a) or limit_ratio(-0.3, a)",
    "info(a, {y=~\".*\"})",
    "label_replace(a, \"z\", \"$1\", \"i\", \"(.)(.)\")",
    "label_join(a, \"z\", \"-\", \"i\", \"__name__\")",
    "sort_desc(a) + on (i) sort_by_label(a, \"i\")",
    "histogram_quantile(0.5, label_replace(a, \"le\", \"1$1\", \"i\", \"0(.)\"))",
    "quantile_over_time(0.5, a[5m]) + mad_over_time(a[5m:1m])",
    "sum_over_time(a[5m]) + avg_over_time(a[5m]) + max_over_time(a[5m]) + last_over_time(a[5m])",
    "increase(a[5m] anchored) + rate(a[5m] smoothed) + (a smoothed)",
    "deriv(a[5m]) + predict_linear(a[5m], 60) + irate(a[5m]) + resets(a[5m]) + changes(a[5m])",
    "double_exponential_smoothing(a[5m], 0.5, 0.5)",
    "absent(b) + scalar(a) + time() + vector(1) + absent_over_time(b[5m])",
    "timestamp(a) + hour(a) + clamp(a, 1, 2) + round(a)",
    "a{i=~\"0.|1[0-5]\"} offset 1m @ end()",
    "1 + 2",
};

static size_t sweep(fake_storage *fake, const char *text, int64_t step_ms)
{
    enum { BYTES_STEP = 176, BYTES_MAX = 16 << 20 }; /* each step is an allocation more, or a few */
    promql_query query = query_of(text, 4 * step_ms, step_ms);
    promql_engine_options options = promql_engine_defaults();
    options.delayed_name_removal = step_ms != 0;
    size_t refused = 0;
    for (size_t bytes = BYTES_STEP; bytes < BYTES_MAX; bytes += BYTES_STEP) {
        ifm_error err;
        long blocks = torture_block_count();
        options.bytes_max = bytes;
        bool done = run(&options, fake, &query, &err);
        CHECK_INT(torture_block_count() - blocks, 0);
        if (done || err.code == IFM_INVALID) {
            return refused;
        }
        if (!check_report(err.code == IFM_LIMIT && strstr(err.message, "limit of") != NULL, __FILE__,
                          __LINE__)) {
            fprintf(stderr, "%s with %zu bytes: %s\n", text, bytes, err.message);
            return refused;
        }
        refused++;
    }
    return 0;
}

static void query_takes_no_more_than_it_is_given(void **state)
{
    (void)state;
    fake_storage *fake = ifm_alloc(sizeof *fake);
    assert_non_null(fake);
    fill(fake);
    for (size_t i = 0; i < IFM_COUNT_OF(varied); i++) {
        if (!check_report(sweep(fake, varied[i], 0) > 0 && sweep(fake, varied[i], 60000) > 0, __FILE__,
                          __LINE__)) {
            fprintf(stderr, "%s: has no limit, or is never done\n", varied[i]);
        }
    }
    ifm_free(fake);
    check_end();
}

typedef struct tortured {
    fake_storage *fake;
    promql_query query;
} tortured;

static bool run_once(void *context, ifm_error *err)
{
    tortured *this = context;
    promql_engine_options options = promql_engine_defaults();
    return run(&options, this->fake, &this->query, err) || err->code == IFM_INVALID;
}

static void query_survives_the_lack_of_memory(void **state)
{
    (void)state;
    tortured this = {.fake = ifm_alloc(sizeof *this.fake)};
    assert_non_null(this.fake);
    fill(this.fake);
    for (size_t i = 0; i < IFM_COUNT_OF(varied); i++) {
        /* A regular expression that cannot be compiled to machine code is interpreted. */
        this.query = query_of(varied[i], 600000, 1000);
        CHECK(torture_allocations(run_once, &this, TORTURE_MAY_SUCCEED) >= 1);
        this.query = query_of(varied[i], 0, 0);
        CHECK(torture_allocations(run_once, &this, TORTURE_MAY_SUCCEED) >= 1);
    }
    ifm_free(this.fake);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(query_past_a_limit_names_it),
        cmocka_unit_test(query_nested_10000_deep_is_refused),
        cmocka_unit_test(query_ends_soon_after_its_deadline),
        cmocka_unit_test(query_takes_no_more_than_it_is_given),
        cmocka_unit_test(query_survives_the_lack_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

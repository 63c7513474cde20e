/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "promqltest/eval.h"
#include "promqltest/promqltest.h"
#include "promqltest/series.h"
#include "torture.h"

#include <inferometer/registry.h>

enum { MEMORY_MAX = 64 * 1024 * 1024, TEXT_MAX = 64 * 1024, STEP_MS = 1000 };

/* Appends the samples of a line, one each second. */
static bool load_line(promqltest_memory *memory, const char *line, ifm_error *err)
{
    ifm_bump arena;
    promqltest_series series;
    ifm_bump_init(&arena, MEMORY_MAX);
    bool ok = promqltest_series_read(model_text_of(line), &arena, &series, err);
    promqltest_memory_series *to = ok ? promqltest_memory_find(memory, series.labels, err) : NULL;
    ok = to != NULL;
    for (size_t i = 0; ok && i < series.count; i++) {
        promqltest_sample sample = {.time_ms = (int64_t)i * STEP_MS,
                                    .value = series.items[i].value,
                                    .histogram = series.items[i].histogram};
        ok = series.items[i].omitted || promqltest_memory_append(memory, to, &sample, err);
    }
    ifm_bump_deinit(&arena);
    return ok;
}

/* Appends what can be read between two times: values, and hints of histograms. */
static bool print_range(promqltest_memory *memory, int64_t start_ms, int64_t end_ms, ifm_buf *out,
                        ifm_error *err)
{
    static const char *const hints[] = {"unknown", "reset", "not", "gauge"};
    storage *from = promqltest_memory_storage(memory);
    storage_querier *querier;
    const storage_series *series = NULL;
    size_t count = 0;
    ifm_bump arena;
    if (!from->functions->querier(from, start_ms, end_ms, &querier, err)) {
        return false;
    }
    ifm_bump_init(&arena, MEMORY_MAX);
    storage_hints none = {.function = ""};
    bool ok = querier->functions->select(querier, NULL, 0, &none, &arena, &series, &count, err);
    for (size_t i = 0; ok && i < count; i++) {
        storage_samples samples;
        ok = querier->functions->read(querier, &series[i], start_ms, end_ms, &arena, &samples, err);
        for (size_t k = 0; ok && k < samples.count; k++) {
            bool histogram = samples.histograms != NULL && samples.histograms[k] != NULL;
            ifm_buf_append_text(out, out->size == 0 ? "" : " ");
            if (histogram) {
                ifm_buf_append_text(out, hints[samples.histograms[k]->hint]);
            } else {
                promqltest_print_sample(out, samples.values[k], NULL);
            }
        }
    }
    querier->functions->close(querier);
    ifm_bump_deinit(&arena);
    return ok;
}

static void check_range(const char *line, size_t chunk_samples, int64_t start_ms, int64_t end_ms,
                        const char *want)
{
    ifm_error err = {.message = ""};
    ifm_buf out;
    size_t size;
    ifm_buf_init(&out, TEXT_MAX);
    promqltest_memory *memory = promqltest_memory_new(chunk_samples, MEMORY_MAX, &err);
    assert_non_null(memory);
    bool ok = load_line(memory, line, &err) && print_range(memory, start_ms, end_ms, &out, &err);
    CHECK_TEXT(ok ? "" : err.message, "");
    ifm_buf_append_text(&out, "");
    char *got = out.size == 0 ? ifm_copy_text("") : ifm_buf_take(&out, &size, &err);
    CHECK_TEXT(got, want);
    ifm_free(got);
    ifm_buf_deinit(&out);
    promqltest_memory_free(memory);
}

static void both_ends_of_a_range_are_in_it(void **state)
{
    (void)state;
    for (size_t chunk = 1; chunk <= 7; chunk++) {
        check_range("x 0+1x9", chunk, 2000, 5000, "2 3 4 5");
        check_range("x 0+1x9", chunk, 2001, 4999, "3 4");
        check_range("x 0+1x9", chunk, INT64_MIN, INT64_MAX, "0 1 2 3 4 5 6 7 8 9");
        check_range("x 0+1x9", chunk, 9001, 20000, "");
        check_range("x 0+1x9", chunk, 5000, 2000, "");
    }
    check_end();
}

/* However chunks are cut. */
static void hints_come_from_runs(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        const char *want;
    } rows[] = {
        {"x {{count:1 buckets:[1]}}x3", "unknown not not not"},
        {"x {{count:2 buckets:[2]}} {{count:1 buckets:[1]}} {{count:1 buckets:[1]}}", "unknown unknown not"},
        {"x {{count:2 buckets:[1 1]}} {{count:2 buckets:[2]}}", "unknown unknown"},
        {"x {{count:2 buckets:[2 0]}} {{count:2 buckets:[2]}}", "unknown not"},
        {"x {{count:1 buckets:[1]}} {{count:3 buckets:[1 1 1]}}", "unknown not"},
        {"x {{count:1 n_buckets:[1]}} {{count:1 n_offset:1 n_buckets:[1]}}", "unknown unknown"},
        {"x {{count:1 z_bucket:1}} {{count:1 z_bucket:0}}", "unknown unknown"},
        {"x {{schema:0}} {{schema:1}} {{schema:1}}", "unknown unknown not"},
        {"x {{z_bucket_w:0.1}} {{z_bucket_w:0.2}}", "unknown unknown"},
        {"x {{schema:-53 custom_values:[1]}} {{schema:-53 custom_values:[2]}}", "unknown unknown"},
        {"x {{}} {{counter_reset_hint:gauge}} {{counter_reset_hint:gauge}} {{}}",
         "unknown gauge gauge unknown"},
        {"x {{count:5 counter_reset_hint:gauge}} {{count:1 counter_reset_hint:gauge}}", "gauge gauge"},
        {"x {{}} {{counter_reset_hint:reset}} {{counter_reset_hint:not_reset}}", "unknown unknown not"},
        {"x {{}} 5 {{}} stale {{}} {{}}", "unknown 5 unknown stale unknown not"},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        for (size_t chunk = 1; chunk <= 3; chunk++) {
            check_range(rows[i].line, chunk, INT64_MIN, INT64_MAX, rows[i].want);
        }
    }
    check_end();
}

static void a_range_may_begin_inside_a_run(void **state)
{
    (void)state;
    for (size_t chunk = 1; chunk <= 3; chunk++) {
        check_range("x {{count:1 buckets:[1]}}x4", chunk, 2000, 3000, "not not");
    }
    check_end();
}

static void series_are_sorted(void **state)
{
    (void)state;
    ifm_error err = {.message = ""};
    ifm_buf out;
    ifm_buf_init(&out, TEXT_MAX);
    promqltest_memory *memory = promqltest_memory_new(0, MEMORY_MAX, &err);
    assert_non_null(memory);
    CHECK(load_line(memory, "x{a=\"2\"} 2", &err) && load_line(memory, "y 4", &err) &&
          load_line(memory, "x{a=\"1\"} 1", &err) && load_line(memory, "x{a=\"2\"} _ 3", &err));
    CHECK(print_range(memory, 0, 9000, &out, &err));
    CHECK(out.size == 7 && memcmp(out.data, "1 2 3 4", 7) == 0);
    promqltest_memory_clear(memory);
    ifm_buf_clear(&out);
    CHECK(print_range(memory, 0, 9000, &out, &err));
    CHECK_INT(out.size, 0);
    ifm_buf_deinit(&out);
    promqltest_memory_free(memory);
    check_end();
}

static void time_goes_forward(void **state)
{
    (void)state;
    ifm_error err = {.message = ""};
    promqltest_memory *memory = promqltest_memory_new(0, MEMORY_MAX, &err);
    assert_non_null(memory);
    CHECK(load_line(memory, "x 1 2", &err));
    CHECK(!load_line(memory, "x 1", &err));
    CHECK_TEXT(err.message, "out of order sample");
    CHECK(load_line(memory, "x _ 2", &err));
    CHECK(!load_line(memory, "x _ 3", &err));
    CHECK_TEXT(err.message, "duplicate sample for timestamp");
    CHECK(!load_line(memory, "x _ {{}}", &err));
    promqltest_memory_free(memory);
    check_end();
}

static bool use_once(void *context, ifm_error *err)
{
    (void)context;
    promqltest_memory *memory = promqltest_memory_new(2, MEMORY_MAX, err);
    ifm_buf out;
    ifm_buf_init(&out, TEXT_MAX);
    bool ok = memory != NULL && load_line(memory, "x 0+1x9 {{count:1 buckets:[1]}}x9", err) &&
              print_range(memory, 0, 100000, &out, err) && ifm_buf_check(&out, err);
    ifm_buf_deinit(&out);
    promqltest_memory_free(memory);
    return ok;
}

static void memory_may_run_out(void **state)
{
    (void)state;
    CHECK(torture_allocations(use_once, NULL, TORTURE_MUST_FAIL) >= 4);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_ends_of_a_range_are_in_it),
        cmocka_unit_test(hints_come_from_runs),
        cmocka_unit_test(a_range_may_begin_inside_a_run),
        cmocka_unit_test(series_are_sorted),
        cmocka_unit_test(time_goes_forward),
        cmocka_unit_test(memory_may_run_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

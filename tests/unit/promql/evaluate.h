/* SPDX-License-Identifier: Apache-2.0
 *
 * Evaluates a query over a fake storage, and shows the result as text:
 *
 *     {a="b"} 1 2 _; {a="c"} 3 ! PromQL warning: ..
 *
 * one number for each step ("_": none), annotations behind "!" with their position, an error as "error: ..".
 */
#ifndef IFM_TESTS_PROMQL_EVALUATE_H
#define IFM_TESTS_PROMQL_EVALUATE_H

#include "unit/promql/fake_storage.h"

enum { EVALUATED_MAX = 64 * 1024 };

static void evaluated_series(const promql_query *query, const promql_result_series *series, ifm_buf *out)
{
    char number[IFM_NUMBER_SIZE];
    int64_t time_ms = query->start_ms;
    model_labels_print(series->labels, out);
    for (size_t i = 0; i < series->count; i++, time_ms += query->step_ms) {
        for (; query->step_ms > 0 && time_ms < series->points[i].time_ms; time_ms += query->step_ms) {
            ifm_buf_append_text(out, " _");
        }
        ifm_buf_append_char(out, ' ');
        ifm_buf_append(out, number, ifm_number_write(number, series->points[i].value));
    }
}

/* Freed with ifm_buf_deinit(). */
static ifm_buf evaluate_range(fake_storage *fake, const char *text, int64_t start_ms, int64_t end_ms,
                              int64_t step_ms)
{
    promql_engine_options options = promql_engine_defaults();
    options.delayed_name_removal = true;
    options.start_timestamps = true;
    promql_query query = {
        .text = text, .size = strlen(text), .start_ms = start_ms, .end_ms = end_ms, .step_ms = step_ms};
    promql_result result;
    ifm_error err = {0};
    ifm_buf out;
    ifm_buf_init(&out, EVALUATED_MAX);
    if (!promql_query_run(&options, &fake->base, &query, &result, &err)) {
        ifm_buf_printf(&out, "error: %s", err.message);
    } else if (result.type == PROMQL_TYPE_SCALAR) {
        char number[IFM_NUMBER_SIZE];
        ifm_buf_append(&out, number, ifm_number_write(number, result.scalar.value));
    } else {
        for (size_t i = 0; i < result.series_count; i++) {
            ifm_buf_append_text(&out, i > 0 ? "; " : "");
            evaluated_series(&query, &result.series[i], &out);
        }
    }
    for (size_t i = 0; i < result.annotation_count; i++) {
        const promql_annotation *annotation = result.annotations[i];
        ifm_buf_printf(&out, " ! %s (1:%u)", annotation->text, annotation->start + 1);
    }
    promql_result_free(&result);
    ifm_buf_append_char(&out, '\0');
    return out;
}

typedef struct evaluate_row {
    const char *query;
    const char *want;
} evaluate_row;

/* Checks instant queries at `time_ms`. */
static inline void evaluate_rows(fake_storage *fake, int64_t time_ms, const evaluate_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        ifm_buf got = evaluate_range(fake, rows[i].query, time_ms, time_ms, 0);
        CHECK_TEXT(got.data, rows[i].want);
        if (strcmp(got.data, rows[i].want) != 0) {
            fprintf(stderr, "    of %s\n", rows[i].query);
        }
        ifm_buf_deinit(&got);
    }
}

#endif

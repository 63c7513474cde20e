/* SPDX-License-Identifier: Apache-2.0
 *
 * What the tests of the engine share: a query over a fake storage to one line of text.
 */
#ifndef IFM_TESTS_PROMQL_ENGINE_H
#define IFM_TESTS_PROMQL_ENGINE_H

#include "check.h"
#include "unit/promql/fake_storage.h"

#include <inttypes.h>

enum { ENGINE_TEXT_MAX = 1024 * 1024 };

static inline void engine_write_points(ifm_buf *out, const promql_point *points, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char number[IFM_NUMBER_SIZE];
        ifm_buf_append_char(out, ' ');
        ifm_buf_append(out, number, ifm_number_write(number, points[i].value));
        ifm_buf_printf(out, "@%" PRId64, points[i].time_ms / 1000);
    }
}

/* {a="b"} 1@60 2@120; {} 3@60 | PromQL info: .. (7-9) */
static inline void engine_write_result(ifm_buf *out, const promql_result *result)
{
    if (result->type == PROMQL_TYPE_SCALAR) {
        ifm_buf_append_text(out, "scalar");
        engine_write_points(out, &result->scalar, 1);
    }
    if (result->type == PROMQL_TYPE_STRING) {
        ifm_buf_printf(out, "string %.*s", (int)result->string.size, result->string.data);
    }
    for (size_t i = 0; i < result->series_count; i++) {
        ifm_buf_append_text(out, i == 0 ? "" : "; ");
        model_labels_print(result->series[i].labels, out);
        engine_write_points(out, result->series[i].points, result->series[i].count);
    }
    for (size_t i = 0; i < result->annotation_count; i++) {
        const promql_annotation *annotation = result->annotations[i];
        ifm_buf_printf(out, " | %s (%u-%u)", annotation->text, annotation->start, annotation->end);
    }
}

/* The result, or "error: MESSAGE"; the caller frees it. */
static inline char *engine_run(const promql_engine_options *options, fake_storage *fake,
                               const promql_query *query)
{
    promql_result result;
    ifm_error err;
    ifm_buf out;
    size_t size;
    ifm_buf_init(&out, ENGINE_TEXT_MAX);
    if (promql_query_run(options, &fake->base, query, &result, &err)) {
        engine_write_result(&out, &result);
    } else {
        ifm_buf_printf(&out, "error: %s", err.message);
    }
    promql_result_free(&result);
    if (out.size == 0) {
        ifm_buf_append_text(&out, "nothing");
    }
    char *text = ifm_buf_take(&out, &size, &err);
    ifm_buf_deinit(&out);
    return text;
}

typedef struct engine_row {
    const char *text;
    int64_t start_s, end_s, step_s; /* step 0: instant, at start */
    const char *want;
    const char *why;
} engine_row;

static inline void engine_check(const char *file, int line, const promql_engine_options *options,
                                fake_storage *fake, const engine_row *row)
{
    promql_query query = {.text = row->text, .size = strlen(row->text)};
    query.start_ms = row->start_s * 1000;
    query.end_ms = row->end_s * 1000;
    query.step_ms = row->step_s * 1000;
    char *got = engine_run(options, fake, &query);
    bool same = got != NULL && strcmp(got, row->want) == 0 && fake->open == 0;
    if (!check_report(same, file, line)) {
        fprintf(stderr, "%s\n    (%s; %zu queriers are open)\n    got  %.2000s\n    want %s\n", row->text,
                row->why, fake->open, got == NULL ? "(null)" : got, row->want);
    }
    ifm_free(got);
}

#define CHECK_ROWS(options, fake, rows)                                                                      \
    do {                                                                                                     \
        for (size_t row_ = 0; row_ < IFM_COUNT_OF(rows); row_++) {                                           \
            engine_check(__FILE__, __LINE__, (options), (fake), &(rows)[row_]);                              \
        }                                                                                                    \
    } while (0)

#endif

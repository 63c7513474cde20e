/* SPDX-License-Identifier: Apache-2.0
 *
 * usage: promql_differential FILE
 *
 * Loads a file in OpenMetrics and answers queries over it: on each line of the standard input an object with
 * "query" and "time", or "start", "end" and "step", all in milliseconds; for each, a line with what
 * Prometheus's HTTP API would answer, byte for byte. For differential.py.
 */
#include "base/base.h"
#include "load_openmetrics.h"
#include "promql/engine.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

enum { MEMORY_BYTES_MAX = 1024 * 1024 * 1024, ANSWER_BYTES_MAX = 256 * 1024 * 1024 };

static void write_text(ifm_buf *out, const char *data, size_t size)
{
    json_t *text = json_stringn_nocheck(data, size);
    char *dumped = json_dumps(text, JSON_ENCODE_ANY);
    ifm_buf_append_text(out, dumped == NULL ? "null" : dumped);
    free(dumped);
    json_decref(text);
}

/* Plain, but very small and very large ones with an exponent. */
static void write_value(ifm_buf *out, double value)
{
    char text[IFM_NUMBER_PLAIN_SIZE];
    double size = value < 0 ? -value : value;
    bool exponent = size != 0 && (size < 1e-6 || size >= 1e21);
    size_t length = exponent ? ifm_number_write_g(text, value) : ifm_number_write_plain(text, value);
    ifm_buf_append_char(out, '"');
    ifm_buf_append(out, text, length);
    ifm_buf_append_char(out, '"');
}

static void write_point(ifm_buf *out, int64_t time_ms, double value)
{
    ifm_buf_printf(out, time_ms % 1000 == 0 ? "[%lld," : "[%lld.%03lld,", (long long)(time_ms / 1000),
                   (long long)(time_ms % 1000));
    write_value(out, value);
    ifm_buf_append_char(out, ']');
}

static void write_labels(ifm_buf *out, model_labels labels)
{
    ifm_buf_append_text(out, "{\"metric\":{");
    for (size_t i = 0; i < labels.count; i++) {
        ifm_buf_append_text(out, i == 0 ? "" : ",");
        write_text(out, labels.items[i].name.data, labels.items[i].name.size);
        ifm_buf_append_char(out, ':');
        write_text(out, labels.items[i].value.data, labels.items[i].value.size);
    }
    ifm_buf_append_char(out, '}');
}

static void write_series(ifm_buf *out, const promql_result *result)
{
    bool matrix = result->type == PROMQL_TYPE_MATRIX;
    ifm_buf_append_char(out, '[');
    for (size_t i = 0; i < result->series_count; i++) {
        const promql_result_series *series = &result->series[i];
        ifm_buf_append_text(out, i == 0 ? "" : ",");
        write_labels(out, series->labels);
        ifm_buf_append_text(out, matrix ? ",\"values\":[" : ",\"value\":");
        for (size_t p = 0; p < series->count; p++) {
            ifm_buf_append_text(out, p == 0 ? "" : ",");
            write_point(out, series->points[p].time_ms, series->points[p].value);
        }
        ifm_buf_append_text(out, matrix ? "]}" : "}");
    }
    ifm_buf_append_char(out, ']');
}

static void write_result(ifm_buf *out, const promql_result *result)
{
    static const char *const names[] = {[PROMQL_TYPE_SCALAR] = "scalar",
                                        [PROMQL_TYPE_STRING] = "string",
                                        [PROMQL_TYPE_VECTOR] = "vector",
                                        [PROMQL_TYPE_MATRIX] = "matrix"};
    ifm_buf_printf(
        out, "{\"status\":\"success\",\"data\":{\"resultType\":\"%s\",\"result\":", names[result->type]);
    int64_t time_ms = result->scalar.time_ms;
    switch (result->type) {
    case PROMQL_TYPE_SCALAR:
        write_point(out, time_ms, result->scalar.value);
        break;
    case PROMQL_TYPE_STRING:
        ifm_buf_printf(out, time_ms % 1000 == 0 ? "[%lld," : "[%lld.%03lld,", (long long)(time_ms / 1000),
                       (long long)(time_ms % 1000));
        write_text(out, result->string.data, result->string.size);
        ifm_buf_append_char(out, ']');
        break;
    default:
        write_series(out, result);
    }
    ifm_buf_append_text(out, "}}\n");
}

static void write_error(ifm_buf *out, bool parsed, const char *message)
{
    ifm_buf_printf(
        out, "{\"status\":\"error\",\"errorType\":\"%s\",\"error\":", parsed ? "execution" : "bad_data");
    write_text(out, message, strlen(message));
    ifm_buf_append_text(out, "}\n");
}

static void answer(storage *from, json_t *asked, ifm_buf *out)
{
    const promql_engine_options options = promql_engine_defaults();
    const char *text = json_string_value(json_object_get(asked, "query"));
    bool range = json_object_get(asked, "step") != NULL;
    promql_query query = {.text = text == NULL ? "" : text,
                          .size = text == NULL ? 0 : strlen(text),
                          .start_ms = json_integer_value(json_object_get(asked, range ? "start" : "time"))};
    query.end_ms = range ? json_integer_value(json_object_get(asked, "end")) : query.start_ms;
    query.step_ms = json_integer_value(json_object_get(asked, "step"));
    promql_result result;
    ifm_error err;
    if (promql_query_run(&options, from, &query, &result, &err)) {
        write_result(out, &result);
    } else {
        write_error(out, result.tree != NULL, result.error == NULL ? err.message : result.error);
    }
    promql_result_free(&result);
}

static bool answer_all(storage *from)
{
    char *line = NULL;
    size_t capacity = 0;
    ifm_buf out;
    ifm_buf_init(&out, ANSWER_BYTES_MAX);
    bool ok = true;
    for (ssize_t size; ok && (size = getline(&line, &capacity, stdin)) > 0;) {
        json_t *asked = json_loadb(line, (size_t)size, 0, NULL);
        ifm_buf_clear(&out);
        answer(from, asked, &out);
        ifm_error err;
        ok = ifm_buf_check(&out, &err) && fwrite(out.data, 1, out.size, stdout) == out.size &&
             fflush(stdout) == 0;
        json_decref(asked);
    }
    ifm_buf_deinit(&out);
    free(line);
    return ok;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: promql_differential FILE\n");
        return 2;
    }
    ifm_error err;
    promqltest_memory *memory = promqltest_memory_new(0, MEMORY_BYTES_MAX, &err);
    bool ok = memory != NULL && load_openmetrics(argv[1], memory, &err);
    if (!ok) {
        fprintf(stderr, "promql_differential: %s: %s\n", argv[1], err.message);
    } else {
        ok = answer_all(promqltest_memory_storage(memory));
    }
    promqltest_memory_free(memory);
    return ok ? 0 : 1;
}

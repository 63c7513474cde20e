/* SPDX-License-Identifier: Apache-2.0
 *
 * The operand of an aggregation, one series at a time: of a selector, or of a function over a range vector,
 * only the column of one series has to be there at once.
 */
#include "promql/eval_impl.h"

/* Whether no two series have the same labels: otherwise they are joined, or refused, before they are
 * aggregated. */
static bool stream_is_distinct(promql_eval *eval, const promql_value *labels, bool *distinct)
{
    promql_index index = {.slots = NULL};
    *distinct = true;
    for (size_t i = 0; *distinct && i < labels->count; i++) {
        size_t number;
        if (!promql_index_put(eval, &index, labels->series[i].labels, &number, distinct)) {
            return false;
        }
    }
    return true;
}

static bool stream_labels(promql_eval *eval, promql_stream *stream)
{
    size_t count = stream->is_call ? stream->call.range.count : stream->selection.count;
    promql_series *series = ifm_bump_alloc_array(eval->arena, count, sizeof *series);
    for (size_t i = 0; series != NULL && i < count; i++) {
        series[i].labels =
            stream->is_call ? promql_range_call_labels(&stream->call, i) : stream->selection.series[i].labels;
        if (stream->is_call && !stream->call.code->keeps_name) {
            promql_drop_name(eval, &series[i]);
        }
    }
    stream->labels = (promql_value){.type = PROMQL_TYPE_VECTOR, .series = series, .count = count};
    return promql_check_arena(eval);
}

static bool stream_open_selector(promql_eval *eval, const promql_node *node, promql_stream *stream)
{
    if (!promql_selector_open(eval, node, PROMQL_SELECT_VALUE, &stream->selection, &stream->moment)) {
        return false;
    }
    stream->first_ms = promql_moment_at(eval, &stream->moment, 0) - eval->options->lookback_ms + 1;
    stream->last_ms = promql_moment_at(eval, &stream->moment, eval->steps - 1);
    return true;
}

bool promql_stream_open(promql_eval *eval, const promql_node *node, promql_stream *out, bool *possible)
{
    const promql_function_code *code =
        node->kind == PROMQL_CALL ? promql_function_code_find(node->call.function->name) : NULL;
    bool selector = node->kind == PROMQL_VECTOR && node->vector.extended != PROMQL_SMOOTHED;
    *possible = false;
    if (!(selector || (code != NULL && code->range != NULL)) || (eval->steps > 1 && promql_invariant(node))) {
        return true;
    }
    *out = (promql_stream){.is_call = !selector};
    bool opened = selector ? stream_open_selector(eval, node, out)
                           : promql_range_call_open(eval, node, code, &out->call);
    if (!opened || !stream_labels(eval, out) || !stream_is_distinct(eval, &out->labels, possible)) {
        return false;
    }
    out->values = promql_column_new(eval);
    return promql_check_arena(eval);
}

static bool stream_selector_column(promql_eval *eval, promql_stream *stream, size_t index)
{
    storage_samples samples;
    ifm_bump_mark mark = ifm_bump_mark_now(eval->reads);
    if (!promql_read(eval, stream->selection.querier, &stream->selection.series[index], stream->first_ms,
                     stream->last_ms, &samples) ||
        !promql_selector_column(eval, &samples, &stream->moment, PROMQL_SELECT_VALUE, &stream->column)) {
        return false;
    }
    promql_forget(eval, mark, &samples);
    return true;
}

const promql_series *promql_stream_column(promql_eval *eval, promql_stream *stream, size_t index)
{
    promql_column_clear(eval, stream->values);
    stream->column = (promql_series){.labels = stream->labels.series[index].labels, .values = stream->values};
    bool done = stream->is_call ? promql_range_call_column(eval, &stream->call, index, &stream->column)
                                : stream_selector_column(eval, stream, index);
    return done ? &stream->column : NULL;
}

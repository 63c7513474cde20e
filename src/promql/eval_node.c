/* SPDX-License-Identifier: Apache-2.0
 *
 * One node of the tree: what has the same value at all steps is evaluated once; the rest goes to the file of
 * its kind.
 */
#include "promql/eval_impl.h"

static bool eval_number(promql_eval *eval, double number, promql_value *out)
{
    *out = (promql_value){.type = PROMQL_TYPE_SCALAR};
    out->scalar = ifm_bump_alloc_array(eval->arena, eval->steps, sizeof *out->scalar);
    for (size_t step = 0; out->scalar != NULL && step < eval->steps; step++) {
        out->scalar[step] = number;
    }
    return promql_check_arena(eval);
}

static bool negate_series(promql_eval *eval, promql_series *series)
{
    promql_drop_name(eval, series);
    for (size_t step = 0; step < eval->steps; step++) {
        promql_sample sample = promql_series_at(series, step);
        if (!sample.present) {
            continue;
        }
        if (sample.histogram != NULL) {
            series->histograms[step] = model_histogram_scale(sample.histogram, -1, eval->arena);
        } else {
            series->values[step] = -sample.value;
        }
    }
    return promql_check_arena(eval);
}

static bool eval_unary(promql_eval *eval, const promql_node *node, promql_value *out)
{
    if (!promql_eval_node(eval, node->unary.expr, out) || node->unary.op != PROMQL_SUB) {
        return eval->err->code == IFM_OK;
    }
    for (size_t step = 0; out->type == PROMQL_TYPE_SCALAR && step < eval->steps; step++) {
        out->scalar[step] = -out->scalar[step];
    }
    for (size_t i = 0; i < out->count; i++) {
        if (!negate_series(eval, &out->series[i]) || !promql_check_work(eval, eval->steps)) {
            return false;
        }
    }
    return true;
}

static bool eval_kind(promql_eval *eval, const promql_node *node, promql_value *out)
{
    switch (node->kind) {
    case PROMQL_NUMBER:
        return eval_number(eval, node->number.value, out);
    case PROMQL_STRING:
        *out = (promql_value){.type = PROMQL_TYPE_STRING, .text = node->string};
        return true;
    case PROMQL_VECTOR:
        return promql_eval_selector(eval, node, PROMQL_SELECT_VALUE, out);
    case PROMQL_UNARY:
        return eval_unary(eval, node, out);
    case PROMQL_BINARY:
        return promql_eval_binary(eval, node, out);
    case PROMQL_AGGREGATE:
        return promql_eval_aggregate(eval, node, out);
    case PROMQL_CALL:
        return promql_eval_call(eval, node, out);
    default:
        return promql_eval_fail(eval, IFM_INVALID, "a range vector must be the argument of a function");
    }
}

/* Series that come out of an expression that changes labels may be the same: Prometheus joins them where it
 * evaluates a range, refuses them in an instant query (and out of functions over range vectors), and with
 * delayed name removal leaves them to the end. */
static bool join_same(promql_eval *eval, const promql_node *node, promql_value *value)
{
    bool changes = node->kind == PROMQL_UNARY || node->kind == PROMQL_BINARY || node->kind == PROMQL_CALL;
    bool delayed = eval->options->delayed_name_removal;
    if (value->type != PROMQL_TYPE_VECTOR || !changes || (delayed && eval->start_ms == eval->end_ms)) {
        return true;
    }
    const promql_function_code *code =
        node->kind == PROMQL_CALL ? promql_function_code_find(node->call.function->name) : NULL;
    if (code != NULL && code->range != NULL && !delayed) {
        return promql_value_check_distinct(eval, value);
    }
    return promql_value_merge(eval, value);
}

static bool eval_joined(promql_eval *eval, const promql_node *node, promql_value *out)
{
    uint64_t held = eval->run->samples;
    if (!eval_kind(eval, node, out) || !join_same(eval, node, out)) {
        return false;
    }
    eval->run->samples = held; /* the operands are gone, as far as Prometheus counts */
    return promql_hold_samples(eval, promql_value_samples(eval, out));
}

static bool repeat_series(promql_eval *eval, promql_series *series)
{
    promql_sample sample = promql_series_at(series, 0);
    double *values = ifm_bump_alloc_array(eval->arena, eval->steps, sizeof *values);
    if (values == NULL) {
        return promql_check_arena(eval);
    }
    series->values = values;
    series->histograms = NULL;
    for (size_t step = 0; step < eval->steps; step++) {
        promql_series_set(eval, series, step, sample);
    }
    return promql_check_work(eval, eval->steps) && promql_check_arena(eval);
}

static bool eval_once(promql_eval *eval, const promql_node *node, promql_value *out)
{
    promql_eval once = *eval;
    uint64_t held = eval->run->samples;
    once.end_ms = once.start_ms;
    once.steps = 1;
    if (!eval_joined(&once, node, out)) {
        return false;
    }
    if (out->type == PROMQL_TYPE_SCALAR && !eval_number(eval, out->scalar[0], out)) {
        return false;
    }
    for (size_t i = 0; i < out->count; i++) {
        if (!repeat_series(eval, &out->series[i])) {
            return false;
        }
    }
    eval->run->samples = held;
    return promql_hold_samples(eval, promql_value_samples(eval, out));
}

bool promql_eval_node(promql_eval *eval, const promql_node *node, promql_value *out)
{
    node = promql_unwrap(node);
    if (!promql_check_interrupt(eval)) {
        return false;
    }
    bool constant = node->kind == PROMQL_NUMBER || node->kind == PROMQL_STRING;
    if (eval->steps > 1 && !constant && promql_invariant(node)) {
        return eval_once(eval, node, out);
    }
    return eval_joined(eval, node, out);
}

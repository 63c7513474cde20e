/* SPDX-License-Identifier: Apache-2.0
 *
 * What every part of the evaluator needs: failures, limits, columns, scratch memory.
 */
#include "promql/eval_impl.h"

#include <stdarg.h>
#include <stdio.h>

enum {
    /* Samples that are worked on until the caller is asked whether to go on: a millisecond or two. Its clock
     * costs some 30 ns. */
    WORK_UNCHECKED_MAX = 16384,
    WORK_OF_A_CALL = 64,  /* where nobody counts */
    ERROR_SIZE_MAX = 4096 /* errors name series; two of them with long labels fit */
};

void promql_make_valid(char *text)
{
    uint32_t point;
    size_t size = strlen(text);
    for (size_t at = 0; at < size;) {
        size_t length = ifm_utf8_decode(text + at, size - at, &point);
        if (length == 0) {
            text[at] = '?';
        }
        at += length == 0 ? 1 : length;
    }
}

bool promql_eval_fail(promql_eval *eval, ifm_code code, const char *format, ...)
{
    if (eval->err->code != IFM_OK) {
        return false;
    }
    char message[ERROR_SIZE_MAX];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    promql_make_valid(message);
    if (eval->arena->failed == IFM_OK) {
        eval->run->result->error = ifm_bump_copy(eval->arena, message, strlen(message));
    }
    return ifm_error_set(eval->err, code, "%s", message);
}

bool promql_check_bump(promql_eval *eval, const ifm_bump *bump)
{
    if (bump->failed == IFM_OK) {
        return true;
    }
    if (bump->failed == IFM_LIMIT &&
        eval->err->code == IFM_OK) { /* the limit of both arenas, not what is left of it */
        return ifm_error_set(eval->err, IFM_LIMIT, "the query needs more memory than its limit of %zu bytes",
                             eval->options->bytes_max);
    }
    return eval->err->code == IFM_OK ? ifm_error_nomem(eval->err) : false;
}

bool promql_check_arena(promql_eval *eval)
{
    return promql_check_bump(eval, eval->arena);
}

static bool check_interrupt_now(promql_eval *eval)
{
    const promql_engine_options *options = eval->options;
    ifm_code code = options->interrupted == NULL ? IFM_OK : options->interrupted(options->context);
    if (code == IFM_TIMEOUT) {
        return promql_eval_fail(eval, code, "query timed out in expression evaluation");
    }
    if (code != IFM_OK) {
        return promql_eval_fail(eval, IFM_CANCELED, "query was canceled in expression evaluation");
    }
    return promql_check_arena(eval);
}

bool promql_check_work(promql_eval *eval, size_t samples)
{
    promql_run *run = eval->run;
    uint64_t before = run->work;
    run->work += samples;
    return (before != 0 && before / WORK_UNCHECKED_MAX == run->work / WORK_UNCHECKED_MAX) ||
           check_interrupt_now(eval);
}

bool promql_check_interrupt(promql_eval *eval)
{
    return promql_check_work(eval, WORK_OF_A_CALL);
}

bool promql_hold_samples(promql_eval *eval, uint64_t count)
{
    eval->run->samples += count;
    return promql_may_hold(eval, 0);
}

bool promql_may_hold(promql_eval *eval, uint64_t more)
{
    uint64_t samples = eval->run->samples + more;
    promql_result *result = eval->run->result;
    result->samples_peak = samples > result->samples_peak ? samples : result->samples_peak;
    if (samples > eval->options->samples_max) {
        return promql_eval_fail(
            eval, IFM_LIMIT, "query processing would load too many samples into memory in query execution");
    }
    return true;
}

uint64_t promql_value_samples(const promql_eval *eval, const promql_value *value)
{
    if (value->type == PROMQL_TYPE_SCALAR) {
        return eval->steps;
    }
    uint64_t count = 0;
    for (size_t i = 0; i < value->count; i++) {
        const double *values = value->series[i].values;
        for (size_t step = 0; step < eval->steps; step++) {
            count += !model_is_absent(values[step]);
        }
    }
    return count;
}

static bool series_is_empty(const promql_eval *eval, const promql_series *series)
{
    for (size_t step = 0; step < eval->steps; step++) {
        if (!model_is_absent(series->values[step])) {
            return false;
        }
    }
    return true;
}

void promql_value_prune(const promql_eval *eval, promql_value *value)
{
    size_t kept = 0;
    for (size_t i = 0; i < value->count; i++) {
        if (!series_is_empty(eval, &value->series[i])) {
            value->series[kept++] = value->series[i];
        }
    }
    value->count = kept;
}

void promql_column_clear(const promql_eval *eval, double *values)
{
    const double absent = model_from_bits(MODEL_ABSENT_BITS);
    for (size_t step = 0; step < eval->steps; step++) {
        values[step] = absent;
    }
}

double *promql_column_new(promql_eval *eval)
{
    double *values = ifm_bump_alloc_array(eval->arena, eval->steps, sizeof *values);
    if (values != NULL) {
        promql_column_clear(eval, values);
    }
    return values;
}

/* The array of histograms, made when there is none. */
static const model_histogram **series_histograms(promql_eval *eval, promql_series *series)
{
    if (series->histograms == NULL) {
        series->histograms = ifm_bump_alloc_array(eval->arena, eval->steps, sizeof *series->histograms);
    }
    return series->histograms;
}

promql_series *promql_value_add(promql_eval *eval, promql_value *value, model_labels labels)
{
    double *values = promql_column_new(eval);
    promql_series *grown = ifm_bump_grow(eval->arena, value->series, value->count, sizeof *value->series);
    if (values == NULL || grown == NULL) {
        return NULL;
    }
    value->series = grown;
    promql_series *series = &grown[value->count++];
    *series = (promql_series){.labels = labels, .values = values};
    return series;
}

void promql_drop_name(promql_eval *eval, promql_series *series)
{
    series->drop_name = true;
    if (!eval->options->delayed_name_removal) {
        series->labels = model_labels_without_metadata(series->labels, eval->arena);
    }
}

void promql_series_set(promql_eval *eval, promql_series *series, size_t step, promql_sample sample)
{
    if (!sample.present) {
        series->values[step] = model_from_bits(MODEL_ABSENT_BITS);
        return;
    }
    series->values[step] = sample.histogram == NULL ? sample.value : 0;
    if (sample.histogram != NULL || series->histograms != NULL) {
        const model_histogram **histograms = series_histograms(eval, series);
        if (histograms != NULL) {
            histograms[step] = sample.histogram;
        }
    }
}

void *promql_scratch(promql_eval *eval, size_t bytes)
{
    promql_run *run = eval->run;
    if (run->scratch == NULL || bytes > run->scratch_size) {
        size_t size = bytes > run->scratch_size * 2 ? bytes : run->scratch_size * 2;
        run->scratch = ifm_bump_alloc(eval->arena, size);
        run->scratch_size = run->scratch == NULL ? 0 : size;
    }
    return run->scratch;
}

const promql_node *promql_unwrap(const promql_node *node)
{
    while (node->kind == PROMQL_PAREN) {
        node = node->paren;
    }
    return node;
}

model_text promql_model_text(promql_text text)
{
    return (model_text){text.data, text.size};
}

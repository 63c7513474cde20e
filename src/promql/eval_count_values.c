/* SPDX-License-Identifier: Apache-2.0
 *
 * count_values: one series for each value that occurs in a group, in a label of its own.
 */
#include "promql/eval_impl.h"
#include "promql/quote.h"

enum { HISTOGRAM_TEXT_MAX = 1024 * 1024 }; /* all buckets of the finest schema in one label */

static model_text value_text(promql_eval *eval, promql_sample sample)
{
    char number[IFM_NUMBER_PLAIN_SIZE];
    if (sample.histogram == NULL) {
        size_t size = ifm_number_write_plain(number, sample.value);
        return (model_text){ifm_bump_copy(eval->arena, number, size), size};
    }
    ifm_buf text;
    ifm_buf_init(&text, HISTOGRAM_TEXT_MAX);
    model_histogram_print(sample.histogram, &text);
    model_text copy = {ifm_bump_copy(eval->arena, text.data, text.size), text.size};
    if (!ifm_buf_check(&text, eval->err)) {
        copy.data = NULL;
    }
    ifm_buf_deinit(&text);
    return copy;
}

typedef struct counting {
    const promql_aggregate *aggregate;
    model_text label;
    model_text *names; /* of by() with `label`, or of without() */
    size_t name_count;
    promql_index index;
    promql_value *out;
} counting;

static model_labels counting_group(promql_eval *eval, const counting *c, model_labels from,
                                   promql_sample sample)
{
    model_labels labels = model_labels_with(from, c->label, value_text(eval, sample), eval->arena);
    return c->aggregate->without ? model_labels_drop(labels, c->names, c->name_count, eval->arena)
                                 : model_labels_keep(labels, c->names, c->name_count, eval->arena);
}

static bool count_series(promql_eval *eval, counting *c, const promql_series *series)
{
    size_t number = SIZE_MAX;
    promql_sample last = {.present = false};
    for (size_t step = 0; step < eval->steps; step++) {
        promql_sample sample = promql_series_at(series, step);
        if (!sample.present) {
            continue;
        }
        bool same = last.present && sample.histogram == last.histogram &&
                    model_bits(sample.value) == model_bits(last.value);
        bool fresh = false;
        if (!same) {
            model_labels labels = counting_group(eval, c, series->labels, sample);
            if (eval->err->code != IFM_OK || !promql_check_arena(eval) ||
                !promql_index_put(eval, &c->index, labels, &number, &fresh)) {
                return false;
            }
            if (fresh &&
                (promql_value_add(eval, c->out, labels) == NULL || !promql_check_work(eval, eval->steps))) {
                return promql_check_arena(eval) && eval->err->code == IFM_OK;
            }
        }
        last = sample;
        double *count = &c->out->series[number].values[step];
        *count = model_is_absent(*count) ? 1 : *count + 1;
    }
    return promql_check_work(eval, eval->steps);
}

bool promql_aggregate_count_values(promql_eval *eval, const promql_node *node, promql_value *input,
                                   promql_value *out)
{
    const promql_aggregate *aggregate = &node->aggregate;
    promql_text label = promql_unwrap(aggregate->param)->string;
    counting c = {.aggregate = aggregate, .label = promql_model_text(label), .out = out};
    if (label.size == 0 || !ifm_utf8_valid(label.data, label.size)) {
        return promql_eval_fail(eval, IFM_INVALID, "invalid label name %s", promql_show(label).text);
    }
    c.names = ifm_bump_alloc_array(eval->arena, aggregate->label_count + 1, sizeof *c.names);
    if (c.names == NULL) {
        return promql_check_arena(eval);
    }
    for (size_t i = 0; i < aggregate->label_count; i++) {
        c.names[c.name_count++] = promql_model_text(aggregate->labels[i]);
    }
    if (!aggregate->without) {
        c.names[c.name_count++] = c.label;
    }
    for (size_t i = 0; i < input->count; i++) {
        if (!count_series(eval, &c, &input->series[i])) {
            return false;
        }
    }
    return true;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * The hint that what rate() was asked of is no counter.
 */
#include "promql/eval_impl.h"

static bool text_ends_with(model_text text, const char *end)
{
    size_t size = strlen(end);
    return text.size >= size && memcmp(text.data + text.size - size, end, size) == 0;
}

static bool name_is_counter(model_text name)
{
    return text_ends_with(name, "_total") || text_ends_with(name, "_sum") || text_ends_with(name, "_count") ||
           text_ends_with(name, "_bucket");
}

static bool series_has_floats(const promql_eval *eval, const promql_series *series)
{
    for (size_t step = 0; step < eval->steps; step++) {
        promql_sample sample = promql_series_at(series, step);
        if (sample.present && sample.histogram == NULL) {
            return true;
        }
    }
    return false;
}

/* rate() and increase() of what is called no counter. Prometheus asks of series that have a result. */
void promql_check_counter(promql_eval *eval, const promql_node *call, model_labels labels,
                          const promql_series *series)
{
    model_text name = model_labels_get(labels, model_text_of(MODEL_NAME_LABEL));
    const char *function = call->call.function->name;
    bool asked = strcmp(function, "rate") == 0 || strcmp(function, "increase") == 0;
    if (!asked || name.size == 0 || !series_has_floats(eval, series)) {
        return;
    }
    const promql_node *at = call->call.arguments[0];
    if (eval->options->type_and_unit_labels) {
        model_text type = model_labels_get(labels, model_text_of("__type__"));
        if (!model_text_equal(type, model_text_of("counter")) &&
            !model_text_equal(type, model_text_of("histogram"))) {
            promql_info(
                eval, at,
                "metric might not be a counter, __type__ label is not set to \"counter\" or \"histogram\", "
                "got \"%.*s\": %s",
                (int)type.size, type.data == NULL ? "" : type.data, promql_quoted_name(eval, labels));
        }
    } else if (!name_is_counter(name)) {
        promql_info(eval, at,
                    "metric might not be a counter, name does not end in _total/_sum/_count/_bucket: %s",
                    promql_quoted_name(eval, labels));
    }
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "promql/functions_impl.h"

enum {
    /* Bytes of a label made of others. Longer ones are a mistake (a replacement that doubles again and
     * again), and a thousand series of them would fill the memory of a query. */
    LABEL_VALUE_MAX = 1024 * 1024
};

static model_text text_of(promql_text text)
{
    return (model_text){text.data, text.size};
}

static bool name_is_valid(promql_text name)
{
    return name.size > 0 && ifm_utf8_valid(name.data, name.size);
}

static bool fail_name(promql_eval *eval, const char *which, const char *function, promql_text name)
{
    return promql_eval_fail(eval, IFM_INVALID, "invalid %s label name in %s(): %.*s", which, function,
                            (int)name.size, name.size == 0 ? "" : name.data);
}

/* Gives the series a label. A name that was made is not dropped at the end of the query. */
static bool set_label(promql_eval *eval, promql_series *series, promql_text name, const ifm_buf *value)
{
    if (!ifm_buf_check(value, eval->err)) {
        return false;
    }
    const char *copy = ifm_bump_copy(eval->arena, value->data, value->size);
    if (copy == NULL) {
        return promql_check_arena(eval);
    }
    series->labels =
        model_labels_with(series->labels, text_of(name), (model_text){copy, value->size}, eval->arena);
    if (model_text_equal(text_of(name), model_text_of(MODEL_NAME_LABEL))) {
        series->drop_name = false;
    }
    return promql_check_arena(eval);
}

static bool replace_all(promql_eval *eval, model_regex *regex, const promql_value *arguments,
                        promql_value *out)
{
    promql_text name = arguments[1].text;
    ifm_buf value;
    ifm_buf_init(&value, LABEL_VALUE_MAX);
    bool ok = true;
    for (size_t i = 0; ok && i < out->count; i++) {
        model_text source = model_labels_get(out->series[i].labels, text_of(arguments[3].text));
        bool matched = false;
        ifm_error err = {0};
        ifm_buf_clear(&value);
        if (!model_regex_expand(regex, source, text_of(arguments[2].text), &value, &matched, &err)) {
            ok = promql_eval_fail(eval, err.code, "%s", err.message);
        } else if (matched) {
            ok = set_label(eval, &out->series[i], name, &value);
        }
        ok = ok && promql_check_interrupt(eval);
    }
    ifm_buf_deinit(&value);
    return ok;
}

/* Prometheus puts "^(?s:" and ")$" around the text of the pattern before it is read: "\Q" without "\E" takes
 * them in, and leaves no pattern. A matcher's pattern is read alone. */
static model_regex *compile(model_text pattern, ifm_error *err)
{
    ifm_buf wrapped;
    ifm_buf_init(&wrapped, PROMQL_TEXT_SIZE_MAX + sizeof "^(?s:)$");
    ifm_buf_append_text(&wrapped, "^(?s:");
    ifm_buf_append(&wrapped, pattern.data, pattern.size);
    ifm_buf_append_text(&wrapped, ")$");
    bool ok =
        ifm_buf_check(&wrapped, err) && model_regex_check((model_text){wrapped.data, wrapped.size}, err);
    ifm_buf_deinit(&wrapped);
    return ok ? model_regex_new(pattern, err) : NULL;
}

bool promql_label_replace(promql_eval *eval, const promql_node *call, promql_value *arguments, size_t count,
                          promql_value *out)
{
    (void)call;
    (void)count;
    promql_text pattern = arguments[4].text;
    ifm_error err = {0};
    model_regex *regex = compile(text_of(pattern), &err);
    if (regex == NULL) {
        if (err.code == IFM_NOMEM) {
            return promql_eval_fail(eval, err.code, "%s", err.message);
        }
        return promql_eval_fail(eval, err.code, "invalid regular expression in label_replace(): %.*s",
                                (int)pattern.size, pattern.size == 0 ? "" : pattern.data);
    }
    *out = arguments[0];
    bool ok = name_is_valid(arguments[1].text)
                  ? replace_all(eval, regex, arguments, out)
                  : fail_name(eval, "destination", "label_replace", arguments[1].text);
    model_regex_free(regex);
    return ok;
}

bool promql_label_join(promql_eval *eval, const promql_node *call, promql_value *arguments, size_t count,
                       promql_value *out)
{
    (void)call;
    for (size_t i = 3; i < count; i++) {
        if (!name_is_valid(arguments[i].text)) {
            return fail_name(eval, "source", "label_join", arguments[i].text);
        }
    }
    if (!name_is_valid(arguments[1].text)) {
        return fail_name(eval, "destination", "label_join", arguments[1].text);
    }
    *out = arguments[0];
    ifm_buf value;
    ifm_buf_init(&value, LABEL_VALUE_MAX);
    bool ok = true;
    for (size_t i = 0; ok && i < out->count; i++) {
        ifm_buf_clear(&value);
        for (size_t source = 3; source < count; source++) {
            model_text text = model_labels_get(out->series[i].labels, text_of(arguments[source].text));
            if (source > 3) {
                ifm_buf_append(&value, arguments[2].text.data, arguments[2].text.size);
            }
            ifm_buf_append(&value, text.data, text.size);
        }
        ok = set_label(eval, &out->series[i], arguments[1].text, &value) && promql_check_interrupt(eval);
    }
    ifm_buf_deinit(&value);
    return ok;
}

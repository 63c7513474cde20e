/* SPDX-License-Identifier: Apache-2.0
 *
 * Values: whether they are true, what their type is called, how they are written.
 */
#include "rules/template_impl.h"

#include <stdio.h>

bool template_is_true(const template_value *value)
{
    switch (value->kind) {
    case TEMPLATE_NIL:
        return false;
    case TEMPLATE_BOOL:
        return value->truth;
    case TEMPLATE_INT:
        return value->whole != 0;
    case TEMPLATE_FLOAT:
        return value->number != 0;
    case TEMPLATE_TEXT:
        return value->text.size > 0;
    case TEMPLATE_LABELS:
        return value->labels.count > 0;
    case TEMPLATE_VECTOR:
        return value->vector.count > 0;
    case TEMPLATE_ARGS:
        return value->args.count > 0;
    case TEMPLATE_DURATION:
        return value->whole != 0;
    case TEMPLATE_NAMED:
        return value->named.number != 0;
    default:
        return true;
    }
}

const char *template_kind_name(template_kind kind)
{
    static const char *const names[] = {[TEMPLATE_NIL] = "nil",
                                        [TEMPLATE_BOOL] = "bool",
                                        [TEMPLATE_INT] = "int",
                                        [TEMPLATE_FLOAT] = "float64",
                                        [TEMPLATE_TEXT] = "string",
                                        [TEMPLATE_LABELS] = "set of labels",
                                        [TEMPLATE_SAMPLE] = "sample",
                                        [TEMPLATE_VECTOR] = "result of query",
                                        [TEMPLATE_DATA] = "whole of the data",
                                        [TEMPLATE_ARGS] = "map of args",
                                        [TEMPLATE_TIME] = "time",
                                        [TEMPLATE_DURATION] = "duration",
                                        [TEMPLATE_NAMED] = "month or day of the week"};
    return names[kind];
}

/* map[a:b c:d] */
static void print_labels(model_labels labels, ifm_buf *out)
{
    ifm_buf_append_text(out, "map[");
    for (size_t i = 0; i < labels.count; i++) {
        ifm_buf_append_text(out, i == 0 ? "" : " ");
        ifm_buf_append(out, labels.items[i].name.data, labels.items[i].name.size);
        ifm_buf_append_char(out, ':');
        ifm_buf_append(out, labels.items[i].value.data, labels.items[i].value.size);
    }
    ifm_buf_append_char(out, ']');
}

static void print_number(double number, ifm_buf *out)
{
    char text[IFM_NUMBER_SIZE];
    ifm_buf_append(out, text, ifm_number_write_g(text, number));
}

static void print_data(const rules_template_data *data, ifm_buf *out)
{
    ifm_buf_append_char(out, '{');
    print_labels(data->labels, out);
    ifm_buf_append_char(out, ' ');
    print_labels(data->external_labels, out);
    ifm_buf_printf(out, " %s ", data->external_url);
    print_number(data->value, out);
    ifm_buf_append_char(out, '}');
}

static bool digits_before(size_t a, size_t b)
{
    char x[24], y[24];
    snprintf(x, sizeof x, "%zu", a);
    snprintf(y, sizeof y, "%zu", b);
    return strcmp(x, y) < 0;
}

size_t template_args_order(size_t count, size_t i)
{
    for (size_t at = 0; at < count; at++) {
        size_t before = 0;
        for (size_t other = 0; other < count; other++) {
            before += digits_before(other, at);
        }
        if (before == i) {
            return at;
        }
    }
    return i;
}

static bool print_args(template_run *run, const template_value *value, ifm_buf *out)
{
    if (++run->depth > RULES_TEMPLATE_NESTED_MAX) { /* args of args of .. */
        return ifm_error_set(run->err, IFM_LIMIT,
                             "line %u of the template: values are nested more than %d deep", run->line,
                             RULES_TEMPLATE_NESTED_MAX);
    }
    ifm_buf_append_text(out, "map[");
    for (size_t i = 0; i < value->args.count; i++) {
        size_t at = template_args_order(value->args.count, i);
        ifm_buf_printf(out, "%sarg%zu:", i == 0 ? "" : " ", at);
        if (!template_print(run, &value->args.items[at], out)) {
            return false;
        }
    }
    run->depth--;
    ifm_buf_append_char(out, ']');
    return ifm_buf_check(out, run->err);
}

bool template_print(template_run *run, const template_value *value, ifm_buf *out)
{
    switch (value->kind) {
    case TEMPLATE_NIL:
        ifm_buf_append_text(out, "<nil>");
        break;
    case TEMPLATE_BOOL:
        ifm_buf_append_text(out, value->truth ? "true" : "false");
        break;
    case TEMPLATE_INT:
        ifm_buf_printf(out, "%lld", (long long)value->whole);
        break;
    case TEMPLATE_FLOAT:
        print_number(value->number, out);
        break;
    case TEMPLATE_TEXT:
        ifm_buf_append(out, value->text.data, value->text.size);
        break;
    case TEMPLATE_LABELS:
        print_labels(value->labels, out);
        break;
    case TEMPLATE_SAMPLE:
        ifm_buf_append_char(out, '{');
        print_labels(value->sample->labels, out);
        ifm_buf_append_char(out, ' ');
        print_number(value->sample->value, out);
        ifm_buf_append_char(out, '}');
        break;
    case TEMPLATE_DATA:
        print_data(run->data, out);
        break;
    case TEMPLATE_ARGS:
        return print_args(run, value, out);
    case TEMPLATE_TIME:
        template_time_print(value->whole, out);
        break;
    case TEMPLATE_DURATION:
        template_duration_print(value->whole, out);
        break;
    case TEMPLATE_NAMED:
        ifm_buf_append_text(out, value->named.name);
        break;
    default:
        return template_run_fail(run, "the result of a query has no text; hint: range over it, or take the "
                                      "first and its value");
    }
    return ifm_buf_check(out, run->err);
}

template_value template_text(const char *text)
{
    return (template_value){.kind = TEMPLATE_TEXT, .text = model_text_of(text)};
}

bool template_take_text(template_run *run, ifm_buf *from, template_value *out)
{
    bool ok = ifm_buf_check(from, run->err);
    if (ok) {
        const char *text = ifm_bump_copy(run->arena, from->size == 0 ? "" : from->data, from->size);
        *out = (template_value){.kind = TEMPLATE_TEXT, .text = {text, from->size}};
        ok = ifm_bump_check(run->arena, run->err);
    }
    ifm_buf_deinit(from);
    return ok;
}

bool template_to_float(template_run *run, const template_value *value, double *out)
{
    switch (value->kind) {
    case TEMPLATE_FLOAT:
        *out = value->number;
        return true;
    case TEMPLATE_INT:
        *out = (double)value->whole;
        return true;
    case TEMPLATE_TEXT:
        return ifm_number_read(value->text.data, value->text.size, out) ||
               template_run_fail(run, "\"%.*s\" is no number",
                                 value->text.size < 60 ? (int)value->text.size : 60, value->text.data);
    default:
        return template_run_fail(run, "a %s cannot become a number", template_kind_name(value->kind));
    }
}

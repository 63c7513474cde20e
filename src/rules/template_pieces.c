/* SPDX-License-Identifier: Apache-2.0
 *
 * Pieces of values: index and slice, as Go has them; and js, which looks at each character.
 */
#include "rules/template_impl.h"

#include <stdio.h>

/* ---- index ---- */

static bool check_range(template_run *run, const template_value *at, size_t count, bool end, size_t *out)
{
    if (at->kind != TEMPLATE_INT) {
        return template_run_fail(run, "cannot index slice/array with type %s", template_kind_name(at->kind));
    }
    if (at->whole < 0 || (uint64_t)at->whole >= (uint64_t)count + end) {
        return template_run_fail(run, "the index %lld is out of range: there are %zu", (long long)at->whole,
                                 count);
    }
    *out = (size_t)at->whole;
    return true;
}

static bool index_args(const template_value *of, model_text name, template_value *out)
{
    *out = (template_value){.kind = TEMPLATE_NIL};
    for (size_t i = 0; i < of->args.count; i++) {
        char text[32];
        size_t size = (size_t)snprintf(text, sizeof text, "arg%zu", i);
        if (size == name.size && memcmp(text, name.data, size) == 0) {
            *out = of->args.items[i];
        }
    }
    return true;
}

static bool index_one(template_run *run, const template_value *of, const template_value *at,
                      template_value *out)
{
    size_t i;
    if (of->kind == TEMPLATE_LABELS && at->kind == TEMPLATE_TEXT) {
        *out = (template_value){.kind = TEMPLATE_TEXT, .text = model_labels_get(of->labels, at->text)};
        return true;
    }
    if (of->kind == TEMPLATE_ARGS && at->kind == TEMPLATE_TEXT) {
        return index_args(of, at->text, out);
    }
    if (of->kind == TEMPLATE_TEXT) { /* a byte, as a number */
        bool ok = check_range(run, at, of->text.size, false, &i);
        int64_t byte = ok ? (unsigned char)of->text.data[i] : 0;
        *out = (template_value){.kind = TEMPLATE_INT, .whole = byte};
        return ok;
    }
    if (of->kind != TEMPLATE_VECTOR) {
        return template_run_fail(run, "a %s has no index that is a %s", template_kind_name(of->kind),
                                 template_kind_name(at->kind));
    }
    bool ok = check_range(run, at, of->vector.count, false, &i);
    if (ok) {
        *out = (template_value){.kind = TEMPLATE_SAMPLE, .sample = of->vector.items[i]};
    }
    return ok;
}

bool template_index(template_run *run, const template_value *arguments, size_t count, template_value *out)
{
    *out = arguments[0];
    for (size_t i = 1; i < count; i++) {
        const template_value of = *out;
        if (!index_one(run, &of, &arguments[i], out)) {
            return false;
        }
    }
    return true;
}

/* ---- slice ---- */

bool template_slice(template_run *run, const template_value *arguments, size_t count, template_value *out)
{
    const template_value *of = &arguments[0];
    bool is_text = of->kind == TEMPLATE_TEXT;
    if (!is_text && of->kind != TEMPLATE_VECTOR) {
        return template_run_fail(run, "a %s cannot be sliced", template_kind_name(of->kind));
    }
    if (is_text && count == 4) {
        return template_run_fail(run, "a string cannot be sliced with three indexes");
    }
    size_t size = is_text ? of->text.size : of->vector.count;
    size_t bounds[3] = {0, size, size};
    for (size_t i = 1; i < count; i++) {
        if (!check_range(run, &arguments[i], size, true, &bounds[i - 1])) {
            return false;
        }
    }
    if (bounds[0] > bounds[1] || bounds[1] > bounds[2]) {
        return template_run_fail(run, "the index %zu of slice is above %zu",
                                 bounds[0] > bounds[1] ? bounds[0] : bounds[1],
                                 bounds[0] > bounds[1] ? bounds[1] : bounds[2]);
    }
    *out = *of;
    if (is_text) {
        out->text = (model_text){of->text.data + bounds[0], bounds[1] - bounds[0]};
    } else if (bounds[1] > bounds[0]) {
        out->vector = (rules_vector){of->vector.items + bounds[0], bounds[1] - bounds[0]};
    } else {
        out->vector.count = 0;
    }
    return true;
}

/* ---- js ---- */

/* Within a text of JavaScript that itself may stand in a page. Characters above ASCII stay, those that are
 * nothing to see go as numbers. */
static void escape_js(model_text text, ifm_buf *out)
{
    static const char named[] = "\\'\"", numbered[] = "<>&=";
    for (size_t i = 0; i < text.size; i++) {
        unsigned char c = (unsigned char)text.data[i];
        if (c != '\0' && strchr(named, c) != NULL) {
            ifm_buf_append_char(out, '\\');
            ifm_buf_append_char(out, (char)c);
        } else if (c < 0x20 || strchr(numbered, c) != NULL) {
            ifm_buf_printf(out, "\\u%04X", c);
        } else {
            ifm_buf_append_char(out, (char)c);
        }
    }
}

bool template_js(template_run *run, const template_value *arguments, size_t count, template_value *out)
{
    ifm_buf work;
    template_value all;
    ifm_buf_init(&work, RULES_TEMPLATE_BYTES_MAX);
    if (!template_print_all(run, arguments, count, &all)) {
        return false;
    }
    escape_js(all.text, &work);
    return template_take_text(run, &work, out);
}

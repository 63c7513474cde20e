/* SPDX-License-Identifier: Apache-2.0
 *
 * The tree and values to text.
 */
#include "rules/template_impl.h"

#include <stdarg.h>
#include <stdio.h>

typedef enum flow { FLOW_FAILED, FLOW_ON, FLOW_BREAK, FLOW_CONTINUE } flow;

bool template_run_fail(template_run *run, const char *format, ...)
{
    char text[400];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return template_fail(run->err, run->line, "%s", text);
}

static bool step(template_run *run)
{
    const rules_template_data *data = run->data;
    if (++run->steps > RULES_TEMPLATE_STEPS_MAX) {
        return ifm_error_set(run->err, IFM_LIMIT, "line %u of the template: it takes more than %d steps",
                             run->line, RULES_TEMPLATE_STEPS_MAX);
    }
    ifm_code code = data->interrupted == NULL ? IFM_OK : data->interrupted(data->context);
    return code == IFM_OK || ifm_error_set(run->err, code, "line %u of the template: %s", run->line,
                                           code == IFM_TIMEOUT ? "it takes too long" : "interrupted");
}

/* ---- Fields ---- */

static bool data_field(template_run *run, model_text name, template_value *out)
{
    const rules_template_data *data = run->data;
    if (model_text_equal(name, model_text_of("Labels"))) {
        *out = (template_value){.kind = TEMPLATE_LABELS, .labels = data->labels};
    } else if (model_text_equal(name, model_text_of("ExternalLabels"))) {
        *out = (template_value){.kind = TEMPLATE_LABELS, .labels = data->external_labels};
    } else if (model_text_equal(name, model_text_of("ExternalURL"))) {
        *out = template_text(data->external_url);
    } else if (model_text_equal(name, model_text_of("Value"))) {
        *out = (template_value){.kind = TEMPLATE_FLOAT, .number = data->value};
    } else {
        return template_run_fail(run,
                                 "there is no .%.*s here; hint: .Labels, .Value, .ExternalLabels or "
                                 ".ExternalURL",
                                 (int)name.size, name.data);
    }
    return true;
}

static bool sample_field(template_run *run, const rules_sample *sample, model_text name, template_value *out)
{
    if (model_text_equal(name, model_text_of("Labels"))) {
        *out = (template_value){.kind = TEMPLATE_LABELS, .labels = sample->labels};
    } else if (model_text_equal(name, model_text_of("Value"))) {
        *out = (template_value){.kind = TEMPLATE_FLOAT, .number = sample->value};
    } else {
        return template_run_fail(run, "a sample has no .%.*s; hint: .Labels or .Value", (int)name.size,
                                 name.data);
    }
    return true;
}

static bool field(template_run *run, template_value *value, model_text name)
{
    switch (value->kind) {
    case TEMPLATE_DATA:
        return data_field(run, name, value);
    case TEMPLATE_SAMPLE:
        return sample_field(run, value->sample, name, value);
    case TEMPLATE_LABELS:
        *value = (template_value){.kind = TEMPLATE_TEXT, .text = model_labels_get(value->labels, name)};
        return true;
    default:
        return template_run_fail(run, "there is no .%.*s of a %s", (int)name.size, name.data,
                                 template_kind_name(value->kind));
    }
}

/* ---- Pipelines ---- */

static bool run_pipe(template_run *run, const template_pipe *pipe, template_value dot, template_value *out);
static bool run_command(template_run *run, const template_command *command, template_value dot,
                        const template_value *last, template_value *out);

static bool run_term(template_run *run, const template_term *term, template_value dot, template_value *out)
{
    bool ok = true;
    switch (term->kind) {
    case TEMPLATE_TERM_CONSTANT:
        *out = term->value;
        break;
    case TEMPLATE_TERM_DOT:
        *out = dot;
        break;
    case TEMPLATE_TERM_VARIABLE:
        *out = run->slots[term->slot];
        break;
    case TEMPLATE_TERM_PIPE:
        ok = run_pipe(run, term->pipe, dot, out);
        break;
    case TEMPLATE_TERM_FUNCTION: { /* as an argument: without any of its own */
        template_term alone = *term;
        alone.field_count = 0;
        const template_command command = {.terms = &alone, .count = 1, .line = run->line};
        ok = run_command(run, &command, dot, NULL, out);
        break;
    }
    default:
        *out = (template_value){.kind = TEMPLATE_NIL};
    }
    for (size_t i = 0; ok && i < term->field_count; i++) {
        ok = field(run, out, term->fields[i]);
    }
    return ok;
}

/* "and" and "or": the first that decides, else the last. */
static bool run_logic(template_run *run, const template_command *command, template_value dot,
                      const template_value *last, template_value *out)
{
    bool stops_at = command->terms[0].function->name[0] == 'o';
    for (size_t i = 1; i < command->count; i++) {
        if (!run_term(run, &command->terms[i], dot, out)) {
            return false;
        }
        if (template_is_true(out) == stops_at) {
            return true;
        }
    }
    if (last != NULL) {
        *out = *last;
    }
    return true;
}

static bool type_fits(char type, template_kind kind)
{
    switch (type) {
    case 't':
        return kind == TEMPLATE_TEXT;
    case 'v':
        return kind == TEMPLATE_VECTOR;
    case 's':
        return kind == TEMPLATE_SAMPLE;
    default:
        return true;
    }
}

static bool check_types(template_run *run, const template_function *function, const template_value *values,
                        size_t count)
{
    for (size_t i = 0; i < count && function->types[i] != '\0'; i++) {
        if (!type_fits(function->types[i], values[i].kind)) {
            return template_run_fail(run, "the argument %zu of \"%s\" is a %s, and has to be a %s", i + 1,
                                     function->name, template_kind_name(values[i].kind),
                                     function->types[i] == 't'   ? "string"
                                     : function->types[i] == 'v' ? "result of query"
                                                                 : "sample");
        }
    }
    return true;
}

static bool run_function(template_run *run, const template_command *command, template_value dot,
                         const template_value *last, template_value *out)
{
    const template_function *function = command->terms[0].function;
    if (function->call == NULL) {
        return run_logic(run, command, dot, last, out);
    }
    size_t count = command->count - 1;
    template_value *values = ifm_bump_alloc_array(run->arena, count + 1, sizeof *values);
    if (values == NULL) {
        return ifm_bump_check(run->arena, run->err);
    }
    for (size_t i = 0; i < count; i++) {
        if (!run_term(run, &command->terms[i + 1], dot, &values[i])) {
            return false;
        }
    }
    if (last != NULL) {
        values[count++] = *last;
    }
    run->line = command->line;
    if (count < (size_t)function->arguments_min) { /* "(f).x": as a term it was not counted */
        return template_run_fail(run, "the function \"%s\" wants arguments", function->name);
    }
    return check_types(run, function, values, count) && function->call(run, values, count, out);
}

static bool run_command(template_run *run, const template_command *command, template_value dot,
                        const template_value *last, template_value *out)
{
    const template_term *term = &command->terms[0];
    run->line = command->line;
    if (!step(run)) {
        return false;
    }
    if (term->kind != TEMPLATE_TERM_FUNCTION) {
        return run_term(run, term, dot, out);
    }
    bool ok = run_function(run, command, dot, last, out);
    for (size_t i = 0; ok && i < term->field_count; i++) {
        ok = field(run, out, term->fields[i]);
    }
    return ok;
}

static bool run_pipe(template_run *run, const template_pipe *pipe, template_value dot, template_value *out)
{
    template_value last;
    for (size_t i = 0; i < pipe->count; i++) {
        if (!run_command(run, &pipe->commands[i], dot, i == 0 ? NULL : &last, out)) {
            return false;
        }
        last = *out;
    }
    return true;
}

/* ---- Nodes ---- */

static flow run_list(template_run *run, const template_list *list, template_value dot);

static void set_slots(template_run *run, const template_pipe *pipe, const template_value *key,
                      const template_value *value)
{
    if (pipe->slot_count == 2) {
        run->slots[pipe->slots[0]] = *key;
        run->slots[pipe->slots[1]] = *value;
    } else if (pipe->slot_count == 1) {
        run->slots[pipe->slots[0]] = *value;
    }
}

/* How many elements there are; false when there can be none. */
static bool range_size(template_run *run, const template_value *over, size_t *out)
{
    *out = 0;
    switch (over->kind) {
    case TEMPLATE_VECTOR:
        *out = over->vector.count;
        return true;
    case TEMPLATE_LABELS:
        *out = over->labels.count;
        return true;
    case TEMPLATE_INT:
        *out = over->whole > 0 ? (size_t)over->whole : 0;
        return true;
    default:
        return template_run_fail(run, "\"range\" cannot go over a %s", template_kind_name(over->kind));
    }
}

static void range_element(const template_value *over, size_t i, template_value *key, template_value *value)
{
    *key = (template_value){.kind = TEMPLATE_INT, .whole = (int64_t)i};
    switch (over->kind) {
    case TEMPLATE_VECTOR:
        *value = (template_value){.kind = TEMPLATE_SAMPLE, .sample = over->vector.items[i]};
        break;
    case TEMPLATE_LABELS:
        *key = (template_value){.kind = TEMPLATE_TEXT, .text = over->labels.items[i].name};
        *value = (template_value){.kind = TEMPLATE_TEXT, .text = over->labels.items[i].value};
        break;
    default:
        *value = *key;
    }
}

static flow run_range(template_run *run, const template_node *node, template_value dot)
{
    template_value over;
    size_t count;
    if (!run_pipe(run, node->pipe, dot, &over) || !range_size(run, &over, &count)) {
        return FLOW_FAILED;
    }
    for (size_t i = 0; i < count; i++) {
        template_value key, value;
        range_element(&over, i, &key, &value);
        set_slots(run, node->pipe, &key, &value);
        flow end = step(run) ? run_list(run, &node->body, value) : FLOW_FAILED;
        if (end == FLOW_FAILED) {
            return end;
        }
        if (end == FLOW_BREAK) {
            break;
        }
    }
    return count > 0 ? FLOW_ON : run_list(run, &node->otherwise, dot);
}

static flow run_choice(template_run *run, const template_node *node, template_value dot)
{
    template_value value;
    if (!run_pipe(run, node->pipe, dot, &value)) {
        return FLOW_FAILED;
    }
    set_slots(run, node->pipe, &value, &value);
    if (!template_is_true(&value)) {
        return run_list(run, &node->otherwise, dot);
    }
    return run_list(run, &node->body, node->kind == TEMPLATE_NODE_WITH ? value : dot);
}

static flow run_action(template_run *run, const template_node *node, template_value dot)
{
    template_value value;
    if (!run_pipe(run, node->pipe, dot, &value)) {
        return FLOW_FAILED;
    }
    set_slots(run, node->pipe, &value, &value);
    bool silent = node->pipe->slot_count > 0;
    return silent || template_print(run, &value, run->out) ? FLOW_ON : FLOW_FAILED;
}

static flow run_node(template_run *run, const template_node *node, template_value dot)
{
    switch (node->kind) {
    case TEMPLATE_NODE_PLAIN:
        ifm_buf_append(run->out, node->plain.data, node->plain.size);
        return ifm_buf_check(run->out, run->err) ? FLOW_ON : FLOW_FAILED;
    case TEMPLATE_NODE_ACTION:
        return run_action(run, node, dot);
    case TEMPLATE_NODE_RANGE:
        return run_range(run, node, dot);
    case TEMPLATE_NODE_BREAK:
        return FLOW_BREAK;
    case TEMPLATE_NODE_CONTINUE:
        return FLOW_CONTINUE;
    default:
        return run_choice(run, node, dot);
    }
}

static flow run_list(template_run *run, const template_list *list, template_value dot)
{
    for (size_t i = 0; i < list->count; i++) {
        flow end = step(run) ? run_node(run, &list->nodes[i], dot) : FLOW_FAILED;
        if (end != FLOW_ON) {
            return end;
        }
    }
    return FLOW_ON;
}

static bool fill_slots(template_run *run, const rules_template *template)
{
    const rules_template_data *data = run->data;
    run->slots = ifm_bump_alloc_array(run->arena, template->slot_count, sizeof *run->slots);
    if (run->slots == NULL) {
        return ifm_bump_check(run->arena, run->err);
    }
    run->slots[TEMPLATE_SLOT_DATA].kind = TEMPLATE_DATA;
    run->slots[TEMPLATE_SLOT_LABELS] = (template_value){.kind = TEMPLATE_LABELS, .labels = data->labels};
    run->slots[TEMPLATE_SLOT_EXTERNAL_LABELS] =
        (template_value){.kind = TEMPLATE_LABELS, .labels = data->external_labels};
    run->slots[TEMPLATE_SLOT_EXTERNAL_URL] = template_text(data->external_url);
    run->slots[TEMPLATE_SLOT_VALUE] = (template_value){.kind = TEMPLATE_FLOAT, .number = data->value};
    return true;
}

bool rules_template_expand(const rules_template *template, const rules_template_data *data, ifm_buf *out,
                           ifm_error *err)
{
    ifm_bump arena;
    ifm_bump_init(&arena, RULES_TEMPLATE_ARENA_BYTES_MAX);
    template_run run = {.data = data, .arena = &arena, .out = out, .err = err, .line = 1};
    bool ok = fill_slots(&run, template) &&
              run_list(&run, &template->list, run.slots[TEMPLATE_SLOT_DATA]) != FLOW_FAILED &&
              ifm_buf_check(out, err);
    ifm_bump_deinit(&arena);
    return ok;
}

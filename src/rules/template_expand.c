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

static bool deeper(template_run *run)
{
    return ++run->depth <= RULES_TEMPLATE_NESTED_MAX ||
           ifm_error_set(run->err, IFM_LIMIT, "line %u of the template: it is nested more than %d deep",
                         run->line, RULES_TEMPLATE_NESTED_MAX);
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

/* "arg0" */
static void args_field(template_value *value, model_text name)
{
    char text[32];
    template_value found = {.kind = TEMPLATE_NIL};
    for (size_t i = 0; i < value->args.count; i++) {
        snprintf(text, sizeof text, "arg%zu", i);
        if (model_text_equal(name, model_text_of(text))) {
            found = value->args.items[i];
        }
    }
    *value = found;
}

static bool field(template_run *run, template_value *value, model_text name)
{
    const template_value of = *value;
    switch (value->kind) {
    case TEMPLATE_NIL: /* as what a map has not */
        return true;
    case TEMPLATE_ARGS:
        args_field(value, name);
        return true;
    case TEMPLATE_TIME:
    case TEMPLATE_DURATION:
        return template_method(run, &of, name, NULL, 0, value);
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

/* What stands behind the first term, and what comes through the pipe. */
static template_value *run_arguments(template_run *run, const template_command *command, template_value dot,
                                     const template_value *last, size_t *count)
{
    *count = command->count - 1;
    template_value *values = ifm_bump_alloc_array(run->arena, *count + 1, sizeof *values);
    if (values == NULL) {
        ifm_bump_check(run->arena, run->err);
        return NULL;
    }
    for (size_t i = 0; i < *count; i++) {
        if (!run_term(run, &command->terms[i + 1], dot, &values[i])) {
            return NULL;
        }
    }
    if (last != NULL) {
        values[(*count)++] = *last;
    }
    run->line = command->line;
    return values;
}

/* A value whose last field has arguments. */
static bool run_method(template_run *run, const template_command *command, template_value dot,
                       const template_value *last, template_value *out)
{
    template_term of = command->terms[0];
    template_value value;
    size_t count;
    of.field_count--;
    const template_value *arguments = run_arguments(run, command, dot, last, &count);
    return arguments != NULL && run_term(run, &of, dot, &value) &&
           template_method(run, &value, of.fields[of.field_count], arguments, count, out);
}

static bool run_function(template_run *run, const template_command *command, template_value dot,
                         const template_value *last, template_value *out)
{
    const template_function *function = command->terms[0].function;
    if (function->call == NULL) {
        return run_logic(run, command, dot, last, out);
    }
    size_t count;
    const template_value *values = run_arguments(run, command, dot, last, &count);
    if (values == NULL) {
        return false;
    }
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
    if (term->field_count > 0 && (command->count > 1 || last != NULL)) {
        return run_method(run, command, dot, last, out);
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
    bool ok = deeper(run);
    for (size_t i = 0; ok && i < pipe->count; i++) {
        ok = run_command(run, &pipe->commands[i], dot, i == 0 ? NULL : &last, out);
        last = *out;
    }
    run->depth--;
    return ok;
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
    case TEMPLATE_ARGS:
        *out = over->args.count;
        return true;
    case TEMPLATE_NIL:
        return true;
    case TEMPLATE_INT:
        *out = over->whole > 0 ? (size_t)over->whole : 0;
        return true;
    default:
        return template_run_fail(run, "\"range\" cannot go over a %s", template_kind_name(over->kind));
    }
}

/* Keys are texts, and come in their order: arg0, arg1, arg10, arg2. */
static bool args_element(template_run *run, const template_value *over, size_t i, template_value *key,
                         template_value *value)
{
    char text[32];
    size_t at = template_args_order(over->args.count, i);
    snprintf(text, sizeof text, "arg%zu", at);
    const char *copy = ifm_bump_copy(run->arena, text, strlen(text));
    *key = template_text(copy == NULL ? "" : copy);
    *value = over->args.items[at];
    return ifm_bump_check(run->arena, run->err);
}

static bool range_element(template_run *run, const template_value *over, size_t i, template_value *key,
                          template_value *value)
{
    *key = (template_value){.kind = TEMPLATE_INT, .whole = (int64_t)i};
    switch (over->kind) {
    case TEMPLATE_ARGS:
        return args_element(run, over, i, key, value);
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
    return true;
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
        if (!range_element(run, &over, i, &key, &value)) {
            return FLOW_FAILED;
        }
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
    if (!silent && value.kind == TEMPLATE_NIL) {
        ifm_buf_append_text(run->out, "<no value>");
        return ifm_buf_check(run->out, run->err) ? FLOW_ON : FLOW_FAILED;
    }
    return silent || template_print(run, &value, run->out) ? FLOW_ON : FLOW_FAILED;
}

/* With variables of its own. What it made is forgotten: only text comes out of it. */
static flow run_definition(template_run *run, const template_definition *definition, template_value dot)
{
    template_value *outside = run->slots;
    ifm_bump_mark before = ifm_bump_mark_now(run->arena);
    run->slots = ifm_bump_alloc_array(run->arena, run->template->slot_count, sizeof *run->slots);
    flow end = FLOW_FAILED;
    if (run->slots == NULL) {
        ifm_bump_check(run->arena, run->err);
    } else {
        run->slots[definition->dollar] = dot;
        end = run_list(run, &definition->list, dot);
    }
    run->slots = outside;
    if (end != FLOW_FAILED) {
        ifm_bump_rewind(run->arena, before);
    }
    return end;
}

static flow run_call(template_run *run, const template_node *node, template_value dot)
{
    template_value given = {.kind = TEMPLATE_NIL};
    if (node->pipe != NULL && !run_pipe(run, node->pipe, dot, &given)) {
        return FLOW_FAILED;
    }
    run->line = node->line;
    for (const template_definition *at = run->template->definitions; at != NULL; at = at->next) {
        if (model_text_equal(at->name, node->plain)) {
            return run_definition(run, at, given);
        }
    }
    (void)template_run_fail(run, "there is no template \"%.*s\"; hint: define it in the same text",
                            node->plain.size < 60 ? (int)node->plain.size : 60, node->plain.data);
    return FLOW_FAILED;
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
    case TEMPLATE_NODE_CALL:
        return run_call(run, node, dot);
    default:
        return run_choice(run, node, dot);
    }
}

static flow run_list(template_run *run, const template_list *list, template_value dot)
{
    flow end = deeper(run) ? FLOW_ON : FLOW_FAILED;
    for (size_t i = 0; end == FLOW_ON && i < list->count; i++) {
        end = step(run) ? run_node(run, &list->nodes[i], dot) : FLOW_FAILED;
    }
    run->depth--;
    return end;
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
    template_run run = {
        .data = data, .template = template, .arena = &arena, .out = out, .err = err, .line = 1};
    bool ok = fill_slots(&run, template) &&
              run_list(&run, &template->list, run.slots[TEMPLATE_SLOT_DATA]) != FLOW_FAILED &&
              ifm_buf_check(out, err);
    ifm_bump_deinit(&arena);
    return ok;
}

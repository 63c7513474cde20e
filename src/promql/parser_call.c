/* SPDX-License-Identifier: Apache-2.0 */
#include "promql/parser_impl.h"

enum { PRECEDENCE_LOWEST = 1 };

typedef struct argument_list {
    promql_node **items;
    size_t count;
} argument_list;

/* (a, b), of which the parenthesis is next. */
static bool parse_arguments(promql_parser *p, argument_list *out)
{
    promql_take(p);
    if (promql_take_if(p, PROMQL_TOKEN_RIGHT_PAREN)) {
        return true;
    }
    for (;;) {
        promql_node *argument = promql_parse_expression(p, PRECEDENCE_LOWEST);
        if (argument == NULL) {
            return false;
        }
        out->items = ifm_bump_grow(p->arena, out->items, out->count, sizeof(promql_node *));
        if (out->items == NULL) {
            return promql_out_of_memory(p) != NULL;
        }
        out->items[out->count++] = argument;
        if (promql_take_if(p, PROMQL_TOKEN_RIGHT_PAREN)) {
            return true;
        }
        if (promql_peek(p) != PROMQL_TOKEN_COMMA) {
            return promql_unexpected_here(p) != NULL;
        }
        promql_token comma = promql_take(p);
        if (!promql_starts_expression(promql_peek(p))) {
            return promql_mistake(p, comma.start, "trailing commas not allowed in function call args") !=
                   NULL;
        }
    }
}

promql_node *promql_parse_call(promql_parser *p, promql_token name)
{
    promql_text text = promql_token_text(p, name);
    argument_list arguments = {0};
    if (!parse_arguments(p, &arguments)) {
        return NULL;
    }
    const promql_function *function = promql_function_find(text.data, text.size);
    if (function == NULL) {
        return promql_mistake(p, name.start, "unknown function with name %s", promql_show(text).text);
    }
    promql_node *node = promql_node_new(p, PROMQL_CALL, name.start, p->end);
    if (node == NULL) {
        return NULL;
    }
    node->type = function->result;
    node->call = (promql_call){function, arguments.items, arguments.count};
    for (size_t i = 0; i < arguments.count && node != NULL; i++) {
        node = promql_adopt(p, node, arguments.items[i]);
    }
    return node;
}

/* Operators that are words, and every keyword, may name a label. */
static bool may_name_label(int kind)
{
    return kind == PROMQL_TOKEN_IDENTIFIER || kind == PROMQL_TOKEN_METRIC ||
           (kind >= PROMQL_TOKEN_START && kind < PROMQL_TOKEN_OPERATOR) ||
           promql_token_is_aggregation(kind) || kind == PROMQL_TOKEN_OPERATOR + PROMQL_ATAN2 ||
           (promql_token_is_operator(kind) &&
            promql_operator_is_set((promql_operator)(kind - PROMQL_TOKEN_OPERATOR)));
}

static bool parse_grouping_label(promql_parser *p, promql_text *out)
{
    int kind = promql_peek(p);
    if (kind != PROMQL_TOKEN_STRING && !may_name_label(kind)) {
        return promql_unexpected(p, "grouping opts", "label") != NULL;
    }
    promql_token token = promql_take(p);
    *out = promql_token_text(p, token);
    if (kind == PROMQL_TOKEN_STRING) {
        *out = promql_unquote(*out, p->arena);
        if (out->data == NULL) {
            return promql_out_of_memory(p) != NULL;
        }
        if (out->size == 0 || !ifm_utf8_valid(out->data, out->size)) {
            return promql_mistake(p, token.start, "invalid label name for grouping: %s",
                                  promql_show(*out).text) != NULL;
        }
    }
    return true;
}

bool promql_parse_grouping(promql_parser *p, promql_text **labels, size_t *count)
{
    if (!promql_take_if(p, PROMQL_TOKEN_LEFT_PAREN)) {
        return promql_unexpected(p, "grouping opts", "\"(\"") != NULL;
    }
    while (!promql_take_if(p, PROMQL_TOKEN_RIGHT_PAREN)) {
        promql_text label;
        if (!parse_grouping_label(p, &label)) {
            return false;
        }
        *labels = ifm_bump_grow(p->arena, *labels, *count, sizeof label);
        if (*labels == NULL) {
            return promql_out_of_memory(p) != NULL;
        }
        (*labels)[(*count)++] = label;
        if (!promql_take_if(p, PROMQL_TOKEN_COMMA) && promql_peek(p) != PROMQL_TOKEN_RIGHT_PAREN) {
            return promql_unexpected(p, "grouping opts", "\",\" or \")\"") != NULL;
        }
    }
    return true;
}

static bool parse_by(promql_parser *p, promql_aggregate *aggregate)
{
    int kind = promql_peek(p);
    if (kind != PROMQL_TOKEN_BY && kind != PROMQL_TOKEN_WITHOUT) {
        return true;
    }
    promql_take(p);
    aggregate->without = kind == PROMQL_TOKEN_WITHOUT;
    return promql_parse_grouping(p, &aggregate->labels, &aggregate->label_count);
}

/* sum by (x) (..), sum (..) by (x), sum (..) */
static bool parse_aggregate_parts(promql_parser *p, promql_aggregate *aggregate, argument_list *arguments)
{
    bool by_first = promql_peek(p) != PROMQL_TOKEN_LEFT_PAREN;
    if (!parse_by(p, aggregate)) {
        return false;
    }
    if (promql_peek(p) != PROMQL_TOKEN_LEFT_PAREN) {
        return promql_unexpected_here(p) != NULL;
    }
    return parse_arguments(p, arguments) && (by_first || parse_by(p, aggregate)) && !p->failed;
}

promql_node *promql_parse_aggregate(promql_parser *p, promql_token op)
{
    promql_aggregate aggregate = {.op = (promql_aggregation)(op.kind - PROMQL_TOKEN_AGGREGATION)};
    argument_list arguments = {0};
    bool outer = p->in_aggregation;
    p->in_aggregation = true;
    bool ok = parse_aggregate_parts(p, &aggregate, &arguments);
    p->in_aggregation = outer;
    if (!ok) {
        return NULL;
    }
    if (arguments.count == 0) {
        return promql_mistake(p, op.start, "no arguments for aggregate expression provided");
    }
    size_t want = promql_aggregation_get(aggregate.op)->param == PROMQL_TYPE_NONE ? 1 : 2;
    if (arguments.count != want) {
        return promql_mistake(
            p, op.start, "wrong number of arguments for aggregate expression provided, expected %zu, got %zu",
            want, arguments.count);
    }
    aggregate.param = want == 2 ? arguments.items[0] : NULL;
    aggregate.expr = arguments.items[want - 1];
    promql_node *node = promql_node_new(p, PROMQL_AGGREGATE, op.start, p->end);
    if (node == NULL) {
        return NULL;
    }
    node->type = PROMQL_TYPE_VECTOR;
    node->aggregate = aggregate;
    node = promql_adopt(p, node, aggregate.expr);
    return node == NULL ? NULL : promql_adopt(p, node, aggregate.param);
}

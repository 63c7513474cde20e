/* SPDX-License-Identifier: Apache-2.0
 *
 * Tokens, nodes, and expressions by precedence. The grammar is that of Prometheus, which a generator makes
 * from rules; where the generator resolved a conflict by its default, the comment says so.
 */
#include "promql/parser_impl.h"

#include <stdarg.h>
#include <stdio.h>

enum { PRECEDENCE_LOWEST = 1, PRECEDENCE_POWER = 6 };

static int precedence_of(promql_operator op)
{
    switch (op) {
    case PROMQL_OR:
        return PRECEDENCE_LOWEST;
    case PROMQL_AND:
    case PROMQL_UNLESS:
        return 2;
    case PROMQL_ADD:
    case PROMQL_SUB:
        return 4;
    case PROMQL_MUL:
    case PROMQL_DIV:
    case PROMQL_MOD:
    case PROMQL_ATAN2:
        return 5;
    case PROMQL_POW:
        return PRECEDENCE_POWER;
    default:
        return 3; /* comparisons, trim operators */
    }
}

int promql_peek(promql_parser *p)
{
    if (p->failed) {
        return PROMQL_TOKEN_ERROR; /* P1 */
    }
    if (!p->has_token) {
        p->token = promql_lexer_next(&p->lexer, p->err);
        p->has_token = true;
        p->failed = p->token.kind == PROMQL_TOKEN_ERROR;
    }
    return p->token.kind;
}

promql_token promql_take(promql_parser *p)
{
    promql_peek(p);
    p->has_token = false;
    p->end = p->failed ? p->end : p->token.end;
    return p->token;
}

bool promql_take_if(promql_parser *p, int kind)
{
    bool found = promql_peek(p) == kind;
    if (found) {
        promql_take(p);
    }
    return found;
}

promql_text promql_token_text(const promql_parser *p, promql_token token)
{
    return (promql_text){p->text.data + token.start, token.end - token.start};
}

promql_node *promql_mistake(promql_parser *p, size_t offset, const char *format, ...)
{
    char message[IFM_ERROR_MESSAGE_SIZE];
    if (!p->failed) {
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(message, sizeof message, format, arguments);
        va_end(arguments);
        promql_fail(p->text, offset, IFM_INVALID, p->err, "%s", message);
        p->failed = true;
    }
    return NULL;
}

promql_node *promql_unexpected(promql_parser *p, const char *context, const char *expected)
{
    promql_peek(p);
    return promql_mistake(p, p->token.start, "unexpected %s%s%s%s%s",
                          promql_token_describe(p->text, p->token).text, context == NULL ? "" : " in ",
                          context == NULL ? "" : context, expected == NULL ? "" : ", expected ",
                          expected == NULL ? "" : expected);
}

promql_node *promql_unexpected_here(promql_parser *p)
{
    return promql_unexpected(p, p->in_aggregation ? "aggregation" : NULL, NULL);
}

void *promql_out_of_memory(promql_parser *p)
{
    if (!p->failed) {
        p->failed = true;
        ifm_bump_check(p->arena, p->err);
        ifm_error_wrap(p->err, "%s parse the expression", p->err->code == IFM_LIMIT ? "cannot" : "could not");
    }
    return NULL;
}

static bool fail_depth(promql_parser *p, uint32_t offset)
{
    if (!p->failed) {
        p->failed = true;
        promql_fail(p->text, offset, IFM_LIMIT, p->err, "expression is nested deeper than %d levels",
                    PROMQL_DEPTH_MAX);
    }
    return false;
}

bool promql_enter(promql_parser *p)
{
    p->depth++;
    if (p->depth <= PROMQL_DEPTH_MAX) {
        return true;
    }
    promql_peek(p);
    return fail_depth(p, p->token.start);
}

void promql_leave(promql_parser *p)
{
    p->depth--;
}

promql_node *promql_node_new(promql_parser *p, promql_kind kind, uint32_t start, uint32_t end)
{
    promql_node *node = p->failed ? NULL : ifm_bump_alloc(p->arena, sizeof *node);
    if (node == NULL) {
        return promql_out_of_memory(p);
    }
    node->kind = kind;
    node->start = start;
    node->end = end;
    node->height = 1;
    return node;
}

promql_node *promql_adopt(promql_parser *p, promql_node *node, const promql_node *child)
{
    if (child != NULL && child->height >= node->height) {
        node->height = child->height + 1;
    }
    if (node->height > PROMQL_DEPTH_MAX) {
        fail_depth(p, node->start);
        return NULL;
    }
    return node;
}

promql_node *promql_parse_literal(promql_parser *p)
{
    promql_token token = promql_take(p);
    promql_text text = promql_token_text(p, token);
    promql_node *node = promql_node_new(p, PROMQL_NUMBER, token.start, token.end);
    if (node == NULL) {
        return NULL;
    }
    node->type = PROMQL_TYPE_SCALAR;
    if (token.kind == PROMQL_TOKEN_NUMBER) {
        const char *why = promql_read_number(text, p->arena, &node->number.value);
        if (why == NULL) {
            return node;
        }
        return *why == '\0' ? promql_out_of_memory(p)
                            : promql_mistake(p, token.start,
                                             "error parsing number: strconv.ParseFloat: parsing %s: %s",
                                             promql_show(text).text, why);
    }
    promql_text unit;
    node->number.is_duration = true;
    switch (promql_read_duration(text, &node->number.value, &unit)) {
    case PROMQL_DURATION_VALID:
        return node;
    case PROMQL_DURATION_TOO_LONG:
        return promql_mistake(p, token.start, "duration out of range");
    case PROMQL_DURATION_UNKNOWN_UNIT:
        return promql_mistake(p, token.start, "unknown unit %s in duration %s", promql_show(unit).text,
                              promql_show(text).text);
    default:
        return promql_mistake(p, token.start, "not a valid duration string: %s", promql_show(text).text);
    }
}

static promql_node *parse_string(promql_parser *p)
{
    promql_token token = promql_take(p);
    promql_node *node = promql_node_new(p, PROMQL_STRING, token.start, token.end);
    if (node == NULL) {
        return NULL;
    }
    node->type = PROMQL_TYPE_STRING;
    node->string = promql_unquote(promql_token_text(p, token), p->arena);
    return node->string.data == NULL ? promql_out_of_memory(p) : node;
}

static promql_node *parse_paren(promql_parser *p)
{
    promql_token open = promql_take(p);
    promql_node *inside = promql_parse_expression(p, PRECEDENCE_LOWEST);
    if (inside == NULL) {
        return NULL;
    }
    if (!promql_take_if(p, PROMQL_TOKEN_RIGHT_PAREN)) {
        return promql_unexpected_here(p);
    }
    promql_node *node = promql_node_new(p, PROMQL_PAREN, open.start, p->end);
    if (node == NULL) {
        return NULL;
    }
    node->paren = inside;
    node->type = inside->type;
    return promql_adopt(p, node, inside);
}

/* Words that name a metric, too, unless what follows makes them more. */
static bool may_name_metric(int kind)
{
    return promql_token_is_aggregation(kind) ||
           (kind >= PROMQL_TOKEN_START && kind <= PROMQL_TOKEN_WITHOUT) || kind == PROMQL_TOKEN_IDENTIFIER ||
           kind == PROMQL_TOKEN_METRIC ||
           (promql_token_is_operator(kind) &&
            promql_operator_is_set((promql_operator)(kind - PROMQL_TOKEN_OPERATOR)));
}

bool promql_starts_expression(int kind)
{
    return may_name_metric(kind) || (kind >= PROMQL_TOKEN_NUMBER && kind <= PROMQL_TOKEN_LEFT_PAREN) ||
           kind == PROMQL_TOKEN_LEFT_BRACE || kind == PROMQL_TOKEN_OPERATOR + PROMQL_ADD ||
           kind == PROMQL_TOKEN_OPERATOR + PROMQL_SUB;
}

static bool may_name_function(int kind)
{
    return kind == PROMQL_TOKEN_IDENTIFIER || (kind >= PROMQL_TOKEN_START && kind <= PROMQL_TOKEN_MAX_OF);
}

static promql_node *parse_word(promql_parser *p)
{
    promql_token word = promql_take(p);
    int next = promql_peek(p);
    bool aggregates =
        next == PROMQL_TOKEN_LEFT_PAREN || next == PROMQL_TOKEN_BY || next == PROMQL_TOKEN_WITHOUT;
    if (promql_token_is_aggregation(word.kind) && aggregates) {
        return promql_parse_aggregate(p, word);
    }
    if (may_name_function(word.kind) && next == PROMQL_TOKEN_LEFT_PAREN) {
        return promql_parse_call(p, word);
    }
    return promql_parse_selector(p, &word);
}

static promql_node *parse_primary(promql_parser *p)
{
    int kind = promql_peek(p);
    switch (kind) {
    case PROMQL_TOKEN_NUMBER:
    case PROMQL_TOKEN_DURATION:
        return promql_parse_literal(p);
    case PROMQL_TOKEN_STRING:
        return parse_string(p);
    case PROMQL_TOKEN_LEFT_PAREN:
        return parse_paren(p);
    case PROMQL_TOKEN_LEFT_BRACE:
        return promql_parse_selector(p, NULL);
    default:
        return may_name_metric(kind) ? parse_word(p) : promql_unexpected_here(p);
    }
}

/* A sign binds as multiplication does: -a ^ b is -(a ^ b), -a * b is (-a) * b. Of a number it is a part. */
static promql_node *parse_unary(promql_parser *p)
{
    int kind = promql_peek(p);
    if (kind != PROMQL_TOKEN_OPERATOR + PROMQL_ADD && kind != PROMQL_TOKEN_OPERATOR + PROMQL_SUB) {
        promql_node *node = parse_primary(p);
        return node == NULL ? NULL : promql_parse_modifiers(p, node);
    }
    promql_token sign = promql_take(p);
    promql_operator op = (promql_operator)(sign.kind - PROMQL_TOKEN_OPERATOR);
    promql_node *operand = promql_parse_expression(p, PRECEDENCE_POWER);
    if (operand == NULL) {
        return NULL;
    }
    if (operand->kind == PROMQL_NUMBER) {
        operand->number.value *= op == PROMQL_SUB ? -1 : 1;
        operand->start = sign.start;
        return operand;
    }
    promql_node *node = promql_node_new(p, PROMQL_UNARY, sign.start, operand->end);
    if (node == NULL) {
        return NULL;
    }
    node->type = operand->type;
    node->unary.op = op;
    node->unary.expr = operand;
    return promql_adopt(p, node, operand);
}

/* (1.5): a number with a sign, or a duration. */
static bool parse_fill_value(promql_parser *p, double *out)
{
    promql_take(p);
    if (!promql_take_if(p, PROMQL_TOKEN_LEFT_PAREN)) {
        return promql_unexpected_here(p) != NULL;
    }
    bool negative = promql_take_if(p, PROMQL_TOKEN_OPERATOR + PROMQL_SUB);
    if (!negative) {
        promql_take_if(p, PROMQL_TOKEN_OPERATOR + PROMQL_ADD);
    }
    int kind = promql_peek(p);
    if (kind != PROMQL_TOKEN_NUMBER && kind != PROMQL_TOKEN_DURATION) {
        return promql_unexpected_here(p) != NULL;
    }
    const promql_node *number = promql_parse_literal(p);
    if (number == NULL) {
        return false;
    }
    *out = negative ? -number->number.value : number->number.value;
    return promql_take_if(p, PROMQL_TOKEN_RIGHT_PAREN) || promql_unexpected_here(p) != NULL;
}

/* fill(x), or fill_left(x) and fill_right(x) in either order. */
static bool parse_fill(promql_parser *p, promql_matching *matching)
{
    if (promql_peek(p) == PROMQL_TOKEN_FILL) {
        if (!parse_fill_value(p, &matching->fill_left)) {
            return false;
        }
        matching->fill_right = matching->fill_left;
        matching->has_fill_left = true;
        matching->has_fill_right = true;
        return true;
    }
    for (int i = 0; i < 2; i++) {
        if (promql_peek(p) == PROMQL_TOKEN_FILL_LEFT && !matching->has_fill_left) {
            matching->has_fill_left = true;
            if (!parse_fill_value(p, &matching->fill_left)) {
                return false;
            }
        } else if (promql_peek(p) == PROMQL_TOKEN_FILL_RIGHT && !matching->has_fill_right) {
            matching->has_fill_right = true;
            if (!parse_fill_value(p, &matching->fill_right)) {
                return false;
            }
        }
    }
    return true;
}

/* group_left, group_right, and their labels, which may be left out. */
static bool parse_group(promql_parser *p, promql_matching *matching)
{
    int kind = promql_peek(p);
    if (kind != PROMQL_TOKEN_GROUP_LEFT && kind != PROMQL_TOKEN_GROUP_RIGHT) {
        return true;
    }
    promql_take(p);
    matching->card = kind == PROMQL_TOKEN_GROUP_LEFT ? PROMQL_MANY_TO_ONE : PROMQL_ONE_TO_MANY;
    /* A parenthesis here always opens labels, never the right operand. */
    int next = promql_peek(p);
    bool fill = next >= PROMQL_TOKEN_FILL && next <= PROMQL_TOKEN_FILL_RIGHT;
    bool left_out = next != PROMQL_TOKEN_LEFT_PAREN && (fill || promql_starts_expression(next));
    return left_out || promql_parse_grouping(p, &matching->include, &matching->include_count);
}

static promql_matching *parse_matching(promql_parser *p)
{
    promql_matching *matching = ifm_bump_alloc(p->arena, sizeof *matching);
    if (matching == NULL) {
        return promql_out_of_memory(p);
    }
    int kind = promql_peek(p);
    if (kind == PROMQL_TOKEN_ON || kind == PROMQL_TOKEN_IGNORING) {
        promql_take(p);
        matching->on = kind == PROMQL_TOKEN_ON;
        if (!promql_parse_grouping(p, &matching->labels, &matching->label_count) ||
            !parse_group(p, matching)) {
            return NULL;
        }
    }
    return parse_fill(p, matching) ? matching : NULL;
}

static promql_node *parse_binary(promql_parser *p, promql_node *left)
{
    promql_operator op = (promql_operator)(promql_take(p).kind - PROMQL_TOKEN_OPERATOR);
    bool return_bool = promql_take_if(p, PROMQL_TOKEN_BOOL);
    promql_matching *matching = parse_matching(p);
    if (matching == NULL) {
        return NULL;
    }
    int precedence =
        op == PROMQL_POW ? PRECEDENCE_POWER : precedence_of(op) + 1; /* ^ groups from the right */
    promql_node *right = promql_parse_expression(p, precedence);
    promql_node *node = right == NULL ? NULL : promql_node_new(p, PROMQL_BINARY, left->start, right->end);
    if (node == NULL) {
        return NULL;
    }
    bool scalars = left->type == PROMQL_TYPE_SCALAR && right->type == PROMQL_TYPE_SCALAR;
    node->type = scalars ? PROMQL_TYPE_SCALAR : PROMQL_TYPE_VECTOR;
    node->binary = (promql_binary){op, return_bool, left, right, matching};
    node = promql_adopt(p, node, left);
    return node == NULL ? NULL : promql_adopt(p, node, right);
}

promql_node *promql_parse_expression(promql_parser *p, int precedence)
{
    promql_node *node = promql_enter(p) ? parse_unary(p) : NULL;
    while (node != NULL) {
        int kind = promql_peek(p);
        if (!promql_token_is_operator(kind) ||
            precedence_of((promql_operator)(kind - PROMQL_TOKEN_OPERATOR)) < precedence) {
            break;
        }
        node = parse_binary(p, node);
    }
    promql_leave(p);
    return p->failed ? NULL : node;
}

static promql_node *parse_all(promql_parser *p)
{
    if (promql_peek(p) == PROMQL_TOKEN_END) {
        return promql_mistake(p, 0, "no expression found in input");
    }
    promql_node *root = promql_parse_expression(p, PRECEDENCE_LOWEST);
    if (root != NULL && promql_peek(p) != PROMQL_TOKEN_END) {
        return promql_unexpected_here(p);
    }
    return root;
}

const promql_node *promql_parse(const char *text, size_t size, ifm_bump *arena, ifm_error *err)
{
    if (size > PROMQL_TEXT_SIZE_MAX) {
        promql_fail((promql_text){text, 0}, 0, IFM_LIMIT, err, "expression is longer than %d bytes",
                    PROMQL_TEXT_SIZE_MAX);
        return NULL;
    }
    promql_parser parser = {.arena = arena, .err = err};
    const char *copy = ifm_bump_copy(arena, text, size);
    if (copy == NULL) {
        return promql_out_of_memory(&parser);
    }
    parser.text = (promql_text){copy, size};
    promql_lexer_init(&parser.lexer, parser.text);
    promql_node *root = parse_all(&parser);
    return root != NULL && promql_check(root, parser.text, err) ? root : NULL;
}

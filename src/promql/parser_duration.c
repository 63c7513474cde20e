/* SPDX-License-Identifier: Apache-2.0
 *
 * Durations, and arithmetic with them. A literal, sign included, stays a number of seconds; all else becomes
 * a tree of PROMQL_DURATION nodes, which the engine computes for each query.
 */
#include "promql/parser_impl.h"

enum { PRECEDENCE_ADD = 1, PRECEDENCE_MUL = 2, PRECEDENCE_POWER = 3 };

/* What is reported when something else stands there. */
typedef struct duration_place {
    const char *context;
    const char *expected;
} duration_place;

static promql_node *duration_expression(promql_parser *p, const duration_place *place, int precedence);

static promql_node *duration_node(promql_parser *p, promql_duration_op op, promql_node *left,
                                  promql_node *right)
{
    promql_node *last = right == NULL ? left : right;
    promql_node *node = promql_node_new(p, PROMQL_DURATION, left == NULL ? p->end : left->start,
                                        last == NULL ? p->end : last->end);
    if (node == NULL) {
        return NULL;
    }
    node->duration.op = op;
    node->duration.left = left;
    node->duration.right = right;
    node = promql_adopt(p, node, left);
    return node == NULL ? NULL : promql_adopt(p, node, right);
}

static bool duration_is(const promql_node *node, promql_duration_op op)
{
    return node->kind == PROMQL_DURATION && node->duration.op == op;
}

static promql_node *duration_unexpected(promql_parser *p, const duration_place *place)
{
    return promql_unexpected(p, place->context, place->expected);
}

static promql_node *duration_literal(promql_parser *p)
{
    promql_node *node = promql_parse_literal(p);
    int64_t ns;
    if (node != NULL && !promql_seconds_to_ns(node->number.value, &ns)) {
        return promql_mistake(p, node->start, "duration out of range");
    }
    return node;
}

/* step(), range(), min_of(a, b), max_of(a, b): the word is next. */
static promql_node *duration_call(promql_parser *p, const duration_place *place)
{
    promql_token word = promql_take(p);
    promql_node *left = NULL;
    promql_node *right = NULL;
    bool two = word.kind == PROMQL_TOKEN_MIN_OF || word.kind == PROMQL_TOKEN_MAX_OF;
    if (!promql_take_if(p, PROMQL_TOKEN_LEFT_PAREN)) {
        return duration_unexpected(p, place);
    }
    if (two) {
        left = duration_expression(p, place, PRECEDENCE_ADD);
        if (left == NULL) {
            return NULL;
        }
        if (!promql_take_if(p, PROMQL_TOKEN_COMMA)) {
            return duration_unexpected(p, place);
        }
        right = duration_expression(p, place, PRECEDENCE_ADD);
        if (right == NULL) {
            return NULL;
        }
    }
    if (!promql_take_if(p, PROMQL_TOKEN_RIGHT_PAREN)) {
        return duration_unexpected(p, place);
    }
    promql_duration_op op = word.kind == PROMQL_TOKEN_STEP     ? PROMQL_DURATION_STEP
                            : word.kind == PROMQL_TOKEN_RANGE  ? PROMQL_DURATION_RANGE
                            : word.kind == PROMQL_TOKEN_MIN_OF ? PROMQL_DURATION_MIN_OF
                                                               : PROMQL_DURATION_MAX_OF;
    promql_node *node = duration_node(p, op, left, right);
    if (node != NULL) {
        node->start = word.start;
        node->end = p->end;
    }
    return node;
}

/* (a): parentheses around parentheses are dropped. */
static promql_node *duration_paren(promql_parser *p, const duration_place *place)
{
    promql_token open = promql_take(p);
    promql_node *inside = duration_expression(p, place, PRECEDENCE_ADD);
    if (inside == NULL) {
        return NULL;
    }
    if (!promql_take_if(p, PROMQL_TOKEN_RIGHT_PAREN)) {
        return duration_unexpected(p, place);
    }
    promql_node *node = duration_is(inside, PROMQL_DURATION_PAREN)
                            ? inside
                            : duration_node(p, PROMQL_DURATION_PAREN, inside, NULL);
    if (node != NULL) {
        node->start = open.start;
        node->end = p->end;
    }
    return node;
}

/* A plus is dropped; a minus is a part of a literal. */
static promql_node *duration_signed(promql_parser *p, promql_token sign, promql_node *operand)
{
    if (operand->kind == PROMQL_NUMBER) {
        operand->number.value *= sign.kind == PROMQL_TOKEN_OPERATOR + PROMQL_SUB ? -1 : 1;
        operand->start = sign.start;
        return operand;
    }
    if (sign.kind == PROMQL_TOKEN_OPERATOR + PROMQL_ADD) {
        return operand;
    }
    promql_node *node = duration_node(p, PROMQL_DURATION_NEGATE, operand, NULL);
    if (node != NULL) {
        node->start = sign.start;
    }
    return node;
}

static bool duration_is_sign(int kind)
{
    return kind == PROMQL_TOKEN_OPERATOR + PROMQL_ADD || kind == PROMQL_TOKEN_OPERATOR + PROMQL_SUB;
}

static promql_node *duration_unary(promql_parser *p, const duration_place *place)
{
    int kind = promql_peek(p);
    if (duration_is_sign(kind)) {
        promql_token sign = promql_take(p);
        promql_node *operand = duration_expression(p, place, PRECEDENCE_POWER);
        return operand == NULL ? NULL : duration_signed(p, sign, operand);
    }
    switch (kind) {
    case PROMQL_TOKEN_NUMBER:
    case PROMQL_TOKEN_DURATION:
        return duration_literal(p);
    case PROMQL_TOKEN_STEP:
    case PROMQL_TOKEN_RANGE:
    case PROMQL_TOKEN_MIN_OF:
    case PROMQL_TOKEN_MAX_OF:
        return duration_call(p, place);
    case PROMQL_TOKEN_LEFT_PAREN:
        return duration_paren(p, place);
    default:
        return duration_unexpected(p, place);
    }
}

static bool duration_operator(int kind, promql_duration_op *op, int *precedence)
{
    static const struct operator
    {
        int kind;
        promql_duration_op op;
        int precedence;
    }
    operators[] = {
        {PROMQL_TOKEN_OPERATOR + PROMQL_ADD, PROMQL_DURATION_ADD, PRECEDENCE_ADD},
        {PROMQL_TOKEN_OPERATOR + PROMQL_SUB, PROMQL_DURATION_SUB, PRECEDENCE_ADD},
        {PROMQL_TOKEN_OPERATOR + PROMQL_MUL, PROMQL_DURATION_MUL, PRECEDENCE_MUL},
        {PROMQL_TOKEN_OPERATOR + PROMQL_DIV, PROMQL_DURATION_DIV, PRECEDENCE_MUL},
        {PROMQL_TOKEN_OPERATOR + PROMQL_MOD, PROMQL_DURATION_MOD, PRECEDENCE_MUL},
        {PROMQL_TOKEN_OPERATOR + PROMQL_POW, PROMQL_DURATION_POW, PRECEDENCE_POWER},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(operators); i++) {
        if (operators[i].kind == kind) {
            *op = operators[i].op;
            *precedence = operators[i].precedence;
            return true;
        }
    }
    return false;
}

/* The right operand of an operator, which is next. */
static promql_node *duration_binary(promql_parser *p, const duration_place *place, promql_node *left,
                                    promql_duration_op op, int precedence)
{
    promql_token token = promql_take(p);
    promql_node *right =
        duration_expression(p, place, op == PROMQL_DURATION_POW ? precedence : precedence + 1);
    if (right == NULL) {
        return NULL;
    }
    bool zero = right->kind == PROMQL_NUMBER && right->number.value == 0;
    if (zero && (op == PROMQL_DURATION_DIV || op == PROMQL_DURATION_MOD)) {
        return promql_mistake(p, token.start, "%s by zero",
                              op == PROMQL_DURATION_DIV ? "division" : "modulo");
    }
    return duration_node(p, op, left, right);
}

/* The operators behind `node` (which may be NULL), down to the precedence `lowest`. */
static promql_node *duration_operators(promql_parser *p, const duration_place *place, promql_node *node,
                                       int lowest)
{
    promql_duration_op op;
    int precedence;
    while (node != NULL && duration_operator(promql_peek(p), &op, &precedence) && precedence >= lowest) {
        node = duration_binary(p, place, node, op, precedence);
    }
    return p->failed ? NULL : node;
}

static promql_node *duration_expression(promql_parser *p, const duration_place *place, int lowest)
{
    promql_node *node = promql_enter(p) ? duration_unary(p, place) : NULL;
    node = duration_operators(p, place, node, lowest);
    promql_leave(p);
    return node;
}

promql_node *promql_parse_duration(promql_parser *p, const char *context, const char *expected)
{
    duration_place place = {context, expected};
    return duration_expression(p, &place, PRECEDENCE_ADD);
}

/* Whether it is a + b, or -(a ^ b) of which one sign is left when the other was a plus. */
static bool duration_has_operator(const promql_node *node)
{
    if (node->kind == PROMQL_DURATION && node->duration.op == PROMQL_DURATION_NEGATE) {
        node = node->duration.left;
    }
    return node->kind == PROMQL_DURATION && node->duration.op <= PROMQL_DURATION_POW;
}

/* Two signs, of which the first is taken, begin an expression. It gets parentheses when it has an operator:
 * printed with the signs put together, it would end before the operator. */
static promql_node *duration_two_signs(promql_parser *p, const duration_place *place, promql_token sign)
{
    promql_node *operand = duration_expression(p, place, PRECEDENCE_POWER);
    promql_node *node = operand == NULL ? NULL : duration_signed(p, sign, operand);
    node = duration_operators(p, place, node, PRECEDENCE_ADD);
    if (node == NULL || !duration_has_operator(node)) {
        return node;
    }
    return duration_node(p, PROMQL_DURATION_PAREN, node, NULL);
}

/* After `offset`, an operator belongs to the selector: foo offset 5m + 1 is (foo offset 5m) + 1. That holds
 * behind a literal, a call, and a sign with either, or with parentheses; parentheses without a sign, and two
 * signs, begin an expression that goes on (the generated parser of Prometheus shifts there). */
promql_node *promql_parse_offset(promql_parser *p)
{
    static const duration_place place = {"offset", "number, duration, step(), or range()"};
    int kind = promql_peek(p);
    if (kind == PROMQL_TOKEN_LEFT_PAREN) {
        return duration_expression(p, &place, PRECEDENCE_ADD);
    }
    if (!duration_is_sign(kind)) {
        return duration_unary(p, &place);
    }
    promql_token sign = promql_take(p);
    kind = promql_peek(p);
    if (duration_is_sign(kind)) {
        return duration_two_signs(p, &place, sign);
    }
    promql_node *operand = duration_unary(p, &place);
    if (operand == NULL) {
        return NULL;
    }
    bool kept = kind == PROMQL_TOKEN_LEFT_PAREN && sign.kind == PROMQL_TOKEN_OPERATOR + PROMQL_ADD;
    promql_node *node =
        kept ? duration_node(p, PROMQL_DURATION_PLUS, operand, NULL) : duration_signed(p, sign, operand);
    if (node != NULL) {
        node->start = sign.start;
    }
    return node;
}

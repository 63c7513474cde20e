/* SPDX-License-Identifier: Apache-2.0
 *
 * What follows a selector: [range], [range:step], offset, @, anchored, smoothed. They bind tighter than any
 * operator and may follow each other in any order; where they cannot be is found here, too.
 */
#include "promql/parser_impl.h"

#include <math.h>

static const char duration_words[] = "number, duration, step(), or range()";

/* In which node the modifiers of `node` are kept; NULL when it can have none. */
static promql_shift *modifier_shift(promql_node *node)
{
    switch (node->kind) {
    case PROMQL_VECTOR:
        return &node->vector.shift;
    case PROMQL_MATRIX:
        return &node->matrix.selector->vector.shift;
    case PROMQL_SUBQUERY:
        return &node->subquery.shift;
    default:
        return NULL;
    }
}

static promql_node *modifier_offset(promql_parser *p, promql_node *node)
{
    promql_take(p);
    promql_node *duration = promql_parse_offset(p);
    if (duration == NULL) {
        return NULL;
    }
    promql_shift *shift = modifier_shift(node);
    if (shift == NULL) {
        return promql_mistake(
            p, node->start,
            "offset modifier must be preceded by an instant vector selector or range vector "
            "selector or a subquery");
    }
    if (shift->offset_ns != 0 || shift->offset_expr != NULL) {
        return promql_mistake(p, node->start, "offset may not be set multiple times");
    }
    node->end = p->end;
    if (duration->kind == PROMQL_NUMBER) {
        promql_seconds_to_ns(duration->number.value, &shift->offset_ns);
        return node;
    }
    shift->offset_expr = duration;
    if (node->kind == PROMQL_MATRIX && promql_adopt(p, node->matrix.selector, duration) == NULL) {
        return NULL;
    }
    return promql_adopt(p, node, node->kind == PROMQL_MATRIX ? node->matrix.selector : duration);
}

/* @ start(), @ end(): the word is next. */
static bool modifier_at_word(promql_parser *p, promql_at *at)
{
    *at = promql_take(p).kind == PROMQL_TOKEN_START ? PROMQL_AT_START : PROMQL_AT_END;
    return promql_take_if(p, PROMQL_TOKEN_LEFT_PAREN) && promql_take_if(p, PROMQL_TOKEN_RIGHT_PAREN);
}

static int64_t modifier_to_ms(double seconds)
{
    double ms = round(seconds * 1000);
    if (!(fabs(ms) < 9223372036854775808.0)) { /* 2^63 */
        return ms < 0 ? INT64_MIN : INT64_MAX;
    }
    return (int64_t)ms;
}

/* @ -1.5, of which the sign or the number is next. */
static bool modifier_at_time(promql_parser *p, const promql_node *node, int64_t *out)
{
    bool negative = promql_take_if(p, PROMQL_TOKEN_OPERATOR + PROMQL_SUB);
    if (!negative) {
        promql_take_if(p, PROMQL_TOKEN_OPERATOR + PROMQL_ADD);
    }
    int kind = promql_peek(p);
    if (kind != PROMQL_TOKEN_NUMBER && kind != PROMQL_TOKEN_DURATION) {
        return promql_unexpected(p, "@", "timestamp") != NULL;
    }
    const promql_node *number = promql_parse_literal(p);
    if (number == NULL) {
        return false;
    }
    double seconds = negative ? -number->number.value : number->number.value;
    if (!(fabs(seconds) < 9223372036854775808.0)) { /* 2^63 */
        const char *sign = seconds < 0 ? "-" : "+";
        if (isfinite(seconds)) {
            promql_mistake(p, node->start, "timestamp out of bounds for @ modifier: %f", seconds);
        } else {
            promql_mistake(p, node->start, "timestamp out of bounds for @ modifier: %s",
                           isnan(seconds) ? "NaN"
                           : *sign == '-' ? "-Inf"
                                          : "+Inf");
        }
        return false;
    }
    *out = modifier_to_ms(seconds);
    return true;
}

static promql_node *modifier_at(promql_parser *p, promql_node *node)
{
    promql_at at = PROMQL_AT_TIME;
    int64_t time_ms = 0;
    promql_take(p);
    int kind = promql_peek(p);
    if (kind == PROMQL_TOKEN_START || kind == PROMQL_TOKEN_FINISH) {
        if (!modifier_at_word(p, &at)) {
            return promql_unexpected(p, "@", "timestamp");
        }
    } else if (!modifier_at_time(p, node, &time_ms)) {
        return NULL;
    }
    promql_shift *shift = modifier_shift(node);
    if (shift == NULL) {
        return promql_mistake(p, node->start,
                              "@ modifier must be preceded by an instant vector selector or range vector "
                              "selector or a subquery");
    }
    if (shift->at != PROMQL_AT_NONE) {
        return promql_mistake(p, node->start, "@ <timestamp> may not be set multiple times");
    }
    shift->at = at;
    shift->at_ms = time_ms;
    node->end = p->end;
    return node;
}

static promql_node *modifier_extended(promql_parser *p, promql_node *node)
{
    bool anchored = promql_take(p).kind == PROMQL_TOKEN_ANCHORED;
    const char *word = anchored ? "anchored" : "smoothed";
    promql_extended extended = anchored ? PROMQL_ANCHORED : PROMQL_SMOOTHED;
    if (node->kind == PROMQL_SUBQUERY) {
        return promql_mistake(p, node->start, "%s modifier is not supported for subqueries", word);
    }
    if (node->kind != PROMQL_VECTOR && node->kind != PROMQL_MATRIX) {
        return promql_mistake(p, node->start, "%s modifier not implemented", word);
    }
    promql_vector *vector = node->kind == PROMQL_VECTOR ? &node->vector : &node->matrix.selector->vector;
    if (vector->extended != PROMQL_PLAIN && vector->extended != extended) {
        return promql_mistake(p, node->start, "anchored and smoothed modifiers cannot be used together");
    }
    vector->extended = extended;
    return node;
}

/* A duration in brackets, which is positive when it is a number. Sets *ns or *expr. */
static bool modifier_duration(promql_parser *p, const char *context, const char *expected, int64_t *ns,
                              promql_node **expr)
{
    promql_node *duration = promql_parse_duration(p, context, expected);
    if (duration == NULL) {
        return false;
    }
    if (duration->kind != PROMQL_NUMBER) {
        *expr = duration;
        return true;
    }
    promql_seconds_to_ns(duration->number.value, ns);
    return *ns > 0 || promql_mistake(p, duration->start, "duration must be greater than 0") != NULL;
}

static promql_node *modifier_matrix(promql_parser *p, promql_node *selector, uint32_t bracket,
                                    promql_matrix matrix)
{
    if (selector->kind != PROMQL_VECTOR) {
        return promql_mistake(p, bracket, "ranges only allowed for vector selectors");
    }
    if (selector->vector.shift.offset_ns != 0) {
        return promql_mistake(p, bracket, "no offset modifiers allowed before range");
    }
    if (selector->vector.shift.at == PROMQL_AT_TIME) {
        return promql_mistake(p, bracket, "no @ modifiers allowed before range");
    }
    promql_node *node = promql_node_new(p, PROMQL_MATRIX, selector->start, p->end);
    if (node == NULL) {
        return NULL;
    }
    node->type = PROMQL_TYPE_MATRIX;
    node->matrix = matrix;
    node->matrix.selector = selector;
    node = promql_adopt(p, node, selector);
    return node == NULL ? NULL : promql_adopt(p, node, matrix.range_expr);
}

/* [range:step], of which the range and the colon are taken. */
static promql_node *modifier_subquery(promql_parser *p, promql_node *expr, promql_matrix range)
{
    promql_subquery subquery = {.expr = expr, .range_ns = range.range_ns, .range_expr = range.range_expr};
    static const char context[] = "subquery selector";
    if (promql_peek(p) != PROMQL_TOKEN_RIGHT_BRACKET &&
        !modifier_duration(p, context, "number, duration, step(), range(), or \"]\"", &subquery.step_ns,
                           &subquery.step_expr)) {
        return NULL;
    }
    if (!promql_take_if(p, PROMQL_TOKEN_RIGHT_BRACKET)) {
        return promql_unexpected(p, context, "\"]\"");
    }
    promql_node *node = promql_node_new(p, PROMQL_SUBQUERY, expr->start, p->end);
    if (node == NULL) {
        return NULL;
    }
    node->type = PROMQL_TYPE_MATRIX;
    node->subquery = subquery;
    node = promql_adopt(p, node, expr);
    node = node == NULL ? NULL : promql_adopt(p, node, subquery.range_expr);
    return node == NULL ? NULL : promql_adopt(p, node, subquery.step_expr);
}

static promql_node *modifier_brackets(promql_parser *p, promql_node *node)
{
    promql_token open = promql_take(p);
    promql_matrix range = {0};
    if (!modifier_duration(p, "subquery or range selector", duration_words, &range.range_ns,
                           &range.range_expr)) {
        return NULL;
    }
    if (promql_take_if(p, PROMQL_TOKEN_COLON)) {
        return modifier_subquery(p, node, range);
    }
    if (!promql_take_if(p, PROMQL_TOKEN_RIGHT_BRACKET)) {
        return promql_unexpected(p, "subquery or range", "\":\" or \"]\"");
    }
    return modifier_matrix(p, node, open.start, range);
}

promql_node *promql_parse_modifiers(promql_parser *p, promql_node *node)
{
    while (node != NULL) {
        switch (promql_peek(p)) {
        case PROMQL_TOKEN_LEFT_BRACKET:
            node = modifier_brackets(p, node);
            break;
        case PROMQL_TOKEN_OFFSET:
            node = modifier_offset(p, node);
            break;
        case PROMQL_TOKEN_AT:
            node = modifier_at(p, node);
            break;
        case PROMQL_TOKEN_ANCHORED:
        case PROMQL_TOKEN_SMOOTHED:
            node = modifier_extended(p, node);
            break;
        default:
            return node;
        }
    }
    return NULL;
}

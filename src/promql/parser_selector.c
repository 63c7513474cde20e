/* SPDX-License-Identifier: Apache-2.0 */
#include "model/model.h"
#include "promql/parser_impl.h"

static const char selector_context[] = "label matching";
static const promql_text selector_metric_name = {"__name__", sizeof "__name__" - 1};

static bool selector_add(promql_parser *p, promql_vector *vector, promql_matcher matcher)
{
    vector->matchers = ifm_bump_grow(p->arena, vector->matchers, vector->matcher_count, sizeof matcher);
    if (vector->matchers == NULL) {
        return promql_out_of_memory(p) != NULL;
    }
    vector->matchers[vector->matcher_count++] = matcher;
    return true;
}

static bool selector_text(promql_parser *p, promql_token token, promql_text *out)
{
    *out = promql_token_text(p, token);
    if (token.kind == PROMQL_TOKEN_STRING) {
        *out = promql_unquote(*out, p->arena);
    }
    return out->data != NULL || promql_out_of_memory(p) != NULL;
}

static bool selector_match(int kind, promql_match *match)
{
    switch (kind) {
    case PROMQL_TOKEN_EQUAL:
        *match = PROMQL_MATCH_EQUAL;
        return true;
    case PROMQL_TOKEN_OPERATOR + PROMQL_NOT_EQUAL:
        *match = PROMQL_MATCH_NOT;
        return true;
    case PROMQL_TOKEN_REGEX:
        *match = PROMQL_MATCH_REGEX;
        return true;
    case PROMQL_TOKEN_NOT_REGEX:
        *match = PROMQL_MATCH_NOT_REGEX;
        return true;
    default:
        return false;
    }
}

/* What is no pattern is refused here, as a mistake at the label, and not first when the query is run. */
static bool selector_check_regex(promql_parser *p, const promql_matcher *matcher, uint32_t start)
{
    if (matcher->match != PROMQL_MATCH_REGEX && matcher->match != PROMQL_MATCH_NOT_REGEX) {
        return true;
    }
    ifm_error err;
    if (model_regex_check((model_text){matcher->value.data, matcher->value.size}, &err)) {
        return true;
    }
    if (err.code == IFM_INVALID) {
        return promql_mistake(p, start, "%s", err.message) != NULL;
    }
    if (!p->failed) {
        *p->err = err;
        ifm_error_wrap(p->err, "could not parse the expression");
        p->failed = true;
    }
    return false;
}

/* label="value", "quoted label"="value", or "quoted metric name" */
static bool selector_parse_matcher(promql_parser *p, promql_vector *vector)
{
    promql_matcher matcher = {.match = PROMQL_MATCH_EQUAL};
    int kind = promql_peek(p);
    uint32_t start = p->token.start;
    if (kind != PROMQL_TOKEN_IDENTIFIER && kind != PROMQL_TOKEN_STRING) {
        return promql_unexpected(p, selector_context, "identifier or \"}\"") != NULL;
    }
    if (!selector_text(p, promql_take(p), &matcher.name)) {
        return false;
    }
    if (!selector_match(promql_peek(p), &matcher.match)) {
        if (kind == PROMQL_TOKEN_IDENTIFIER) {
            return promql_unexpected(p, selector_context, "label matching operator") != NULL;
        }
        matcher.value = matcher.name;
        matcher.name = selector_metric_name;
        return selector_add(p, vector, matcher);
    }
    promql_take(p);
    if (promql_peek(p) != PROMQL_TOKEN_STRING) {
        return promql_unexpected(p, selector_context, "string") != NULL;
    }
    return selector_text(p, promql_take(p), &matcher.value) && selector_check_regex(p, &matcher, start) &&
           selector_add(p, vector, matcher);
}

static bool selector_parse_braces(promql_parser *p, promql_vector *vector)
{
    promql_take(p);
    while (!promql_take_if(p, PROMQL_TOKEN_RIGHT_BRACE)) {
        if (!selector_parse_matcher(p, vector)) {
            return false;
        }
        if (!promql_take_if(p, PROMQL_TOKEN_COMMA) && promql_peek(p) != PROMQL_TOKEN_RIGHT_BRACE) {
            return promql_unexpected(p, selector_context, "\",\" or \"}\"") != NULL;
        }
    }
    return true;
}

promql_node *promql_parse_selector(promql_parser *p, const promql_token *name)
{
    promql_vector vector = {0};
    uint32_t start = name != NULL ? name->start : p->token.start;
    if (promql_peek(p) == PROMQL_TOKEN_LEFT_BRACE && !selector_parse_braces(p, &vector)) {
        return NULL;
    }
    if (name != NULL) {
        vector.name = promql_token_text(p, *name);
        promql_matcher matcher = {selector_metric_name, vector.name, PROMQL_MATCH_EQUAL};
        if (!selector_add(p, &vector, matcher)) {
            return NULL;
        }
    }
    promql_node *node = promql_node_new(p, PROMQL_VECTOR, start, p->end);
    if (node != NULL) {
        node->type = PROMQL_TYPE_VECTOR;
        node->vector = vector;
    }
    return node;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * Text to tokens. What a word means depends on where it stands: in braces there are only names, in brackets
 * only the words of duration expressions.
 */
#ifndef IFM_PROMQL_LEXER_H
#define IFM_PROMQL_LEXER_H

#include "promql/promql.h"
#include "promql/quote.h"

typedef enum promql_token_kind {
    PROMQL_TOKEN_ERROR, /* reported already; nothing follows */
    PROMQL_TOKEN_END,
    PROMQL_TOKEN_IDENTIFIER,
    PROMQL_TOKEN_METRIC, /* an identifier with a colon */
    PROMQL_TOKEN_NUMBER,
    PROMQL_TOKEN_DURATION,
    PROMQL_TOKEN_STRING, /* with its quotes */
    PROMQL_TOKEN_LEFT_PAREN,
    PROMQL_TOKEN_RIGHT_PAREN,
    PROMQL_TOKEN_LEFT_BRACE,
    PROMQL_TOKEN_RIGHT_BRACE,
    PROMQL_TOKEN_LEFT_BRACKET,
    PROMQL_TOKEN_RIGHT_BRACKET,
    PROMQL_TOKEN_COMMA,
    PROMQL_TOKEN_COLON,
    PROMQL_TOKEN_EQUAL,
    PROMQL_TOKEN_REGEX,
    PROMQL_TOKEN_NOT_REGEX,
    PROMQL_TOKEN_AT,
    /* Words that are no operators for the message of an unexpected token. */
    PROMQL_TOKEN_START,
    PROMQL_TOKEN_FINISH, /* end */
    PROMQL_TOKEN_STEP,
    PROMQL_TOKEN_RANGE,
    PROMQL_TOKEN_MIN_OF,
    PROMQL_TOKEN_MAX_OF,
    /* Keywords. */
    PROMQL_TOKEN_OFFSET,
    PROMQL_TOKEN_ANCHORED,
    PROMQL_TOKEN_SMOOTHED,
    PROMQL_TOKEN_BY,
    PROMQL_TOKEN_WITHOUT,
    PROMQL_TOKEN_ON,
    PROMQL_TOKEN_IGNORING,
    PROMQL_TOKEN_GROUP_LEFT,
    PROMQL_TOKEN_GROUP_RIGHT,
    PROMQL_TOKEN_FILL,
    PROMQL_TOKEN_FILL_LEFT,
    PROMQL_TOKEN_FILL_RIGHT,
    PROMQL_TOKEN_BOOL,
    PROMQL_TOKEN_OPERATOR,                                                   /* + promql_operator */
    PROMQL_TOKEN_AGGREGATION = PROMQL_TOKEN_OPERATOR + PROMQL_OPERATOR_COUNT /* + promql_aggregation */
} promql_token_kind;

typedef struct promql_token {
    int kind; /* promql_token_kind, or one of the two ranges at its end */
    uint32_t start;
    uint32_t end;
} promql_token;

typedef struct promql_lexer {
    promql_text text;
    uint32_t at;
    uint32_t start; /* of the token being read */
    int parens;
    bool in_braces;
    bool in_brackets;
    bool in_duration;  /* in brackets, before the first number of it */
    bool got_colon;    /* in these brackets */
    bool got_duration; /* in any brackets: that is what Prometheus remembers */
} promql_lexer;

void promql_lexer_init(promql_lexer *lexer, promql_text text);

/* The next token; comments are none. PROMQL_TOKEN_END at the end; PROMQL_TOKEN_ERROR with `err` filled in. */
promql_token promql_lexer_next(promql_lexer *lexer, ifm_error *err);

static inline bool promql_token_is_operator(int kind)
{
    return kind >= PROMQL_TOKEN_OPERATOR && kind < PROMQL_TOKEN_AGGREGATION;
}

static inline bool promql_token_is_aggregation(int kind)
{
    return kind >= PROMQL_TOKEN_AGGREGATION;
}

/* The token as a message names it: identifier "foo", <by>, <op:+>, <aggr:sum>, end of input. `text` is all
 * of the expression. */
promql_shown promql_token_describe(promql_text text, promql_token token);

#endif

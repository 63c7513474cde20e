/* SPDX-License-Identifier: Apache-2.0
 *
 * Shared by the files of the parser. Each function parses one thing and returns its node, NULL after a
 * failure; the first failure is the one reported.
 *
 * The next token is read only when somebody asks for it: a mistake in what was just read is reported before
 * one in what follows, as in Prometheus.
 *
 * P1  p->failed == (an error was filled in); after that, every token is PROMQL_TOKEN_ERROR.
 * P2  a finished tree is at most PROMQL_DEPTH_MAX nodes high, and the parser recurses no deeper.
 */
#ifndef IFM_PROMQL_PARSER_IMPL_H
#define IFM_PROMQL_PARSER_IMPL_H

#include "promql/lexer.h"
#include "promql/literal.h"

typedef struct promql_parser {
    promql_lexer lexer;
    promql_text text;
    ifm_bump *arena;
    ifm_error *err;
    promql_token token; /* valid when has_token */
    bool has_token;
    bool failed;
    bool in_aggregation; /* what is unexpected here, is unexpected "in aggregation" */
    uint32_t end;        /* of the last token taken */
    size_t depth;
} promql_parser;

/* The kind of the next token. */
int promql_peek(promql_parser *p);

/* Takes the next token. */
promql_token promql_take(promql_parser *p);

/* Takes the next token when it is of this kind. */
bool promql_take_if(promql_parser *p, int kind);

/* Reports that the next token is unexpected: in `context`, instead of `expected`; NULL for what is not known.
 * Returns NULL. */
promql_node *promql_unexpected(promql_parser *p, const char *context, const char *expected);

/* The same where an expression was expected, or an operator. */
promql_node *promql_unexpected_here(promql_parser *p);

/* Reports a mistake at `offset`, if it is the first. Returns NULL. */
promql_node *promql_mistake(promql_parser *p, size_t offset, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Reports what the arena remembers. Returns NULL. */
void *promql_out_of_memory(promql_parser *p);

/* One level deeper; false, reported, when it is one too many (P2). */
bool promql_enter(promql_parser *p);
void promql_leave(promql_parser *p);

promql_node *promql_node_new(promql_parser *p, promql_kind kind, uint32_t start, uint32_t end);

/* Counts a child (or NULL) in the height of `node`. Returns `node`, NULL when it is too high (P2). */
promql_node *promql_adopt(promql_parser *p, promql_node *node, const promql_node *child);

promql_text promql_token_text(const promql_parser *p, promql_token token);

/* parser.c */
promql_node *promql_parse_expression(promql_parser *p, int precedence);
promql_node *promql_parse_literal(promql_parser *p);
bool promql_starts_expression(int kind);

/* parser_call.c: what begins with a word before a parenthesis, and lists of labels in parentheses */
promql_node *promql_parse_call(promql_parser *p, promql_token name);
promql_node *promql_parse_aggregate(promql_parser *p, promql_token op);
bool promql_parse_grouping(promql_parser *p, promql_text **labels, size_t *count);

/* parser_selector.c */
promql_node *promql_parse_selector(promql_parser *p, const promql_token *name);

/* parser_modifier.c: what may follow an expression; returns the expression, or what contains it */
promql_node *promql_parse_modifiers(promql_parser *p, promql_node *node);

/* parser_duration.c */
promql_node *promql_parse_duration(promql_parser *p, const char *context, const char *expected);
promql_node *promql_parse_offset(promql_parser *p);

/* check.c: types. `text` is that of the expression. */
bool promql_check(promql_node *root, promql_text text, ifm_error *err);

#endif

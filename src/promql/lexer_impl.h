/* SPDX-License-Identifier: Apache-2.0
 *
 * Shared by the files of the lexer: single bytes, and the tokens that have a file of their own.
 */
#ifndef IFM_PROMQL_LEXER_IMPL_H
#define IFM_PROMQL_LEXER_IMPL_H

#include "promql/lexer.h"

/* The byte at `lexer->at`, -1 at the end. */
static inline int promql_lexer_peek(const promql_lexer *lexer)
{
    return lexer->at < lexer->text.size ? (unsigned char)lexer->text.data[lexer->at] : -1;
}

/* Whether the next byte is one of `set`. */
static inline bool promql_lexer_sees(const promql_lexer *lexer, const char *set)
{
    int byte = promql_lexer_peek(lexer);
    return byte > 0 && strchr(set, byte) != NULL;
}

/* Takes the next byte when it is one of `set`. */
static inline bool promql_lexer_accept(promql_lexer *lexer, const char *set)
{
    bool seen = promql_lexer_sees(lexer, set);
    lexer->at += seen;
    return seen;
}

static inline bool promql_is_space(int byte)
{
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

static inline bool promql_is_digit(int byte)
{
    return byte >= '0' && byte <= '9';
}

static inline bool promql_is_letter(int byte)
{
    return byte == '_' || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

/* What follows from the byte at `at` on. */
static inline promql_text promql_lexer_rest(const promql_lexer *lexer, uint32_t at)
{
    return (promql_text){lexer->text.data + at, lexer->text.size - at};
}

/* A token from `lexer->start` to `lexer->at`; the next begins there. */
promql_token promql_lexer_emit(promql_lexer *lexer, int kind);

/* A number or a duration; the lexer stands before it. */
promql_token promql_lexer_number(promql_lexer *lexer, ifm_error *err);

/* A string; the lexer stands before its quote. */
promql_token promql_lexer_string(promql_lexer *lexer, ifm_error *err);

#define PROMQL_LEXER_FAIL(lexer, err, ...)                                                                   \
    (promql_fail((lexer)->text, (lexer)->start, IFM_INVALID, (err), __VA_ARGS__),                            \
     (promql_token){.kind = PROMQL_TOKEN_ERROR, .start = (lexer)->start, .end = (lexer)->at})

#endif

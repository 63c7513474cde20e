/* SPDX-License-Identifier: Apache-2.0 */
#include "promql/lexer.h"

#include "promql/lexer_impl.h"

#include <stdio.h>

/* Lower case; any case is recognised. */
static const struct word {
    const char *text;
    int kind;
} words[] = {
    {"and", PROMQL_TOKEN_OPERATOR + PROMQL_AND},
    {"or", PROMQL_TOKEN_OPERATOR + PROMQL_OR},
    {"unless", PROMQL_TOKEN_OPERATOR + PROMQL_UNLESS},
    {"atan2", PROMQL_TOKEN_OPERATOR + PROMQL_ATAN2},
    {"offset", PROMQL_TOKEN_OFFSET},
    {"anchored", PROMQL_TOKEN_ANCHORED},
    {"smoothed", PROMQL_TOKEN_SMOOTHED},
    {"by", PROMQL_TOKEN_BY},
    {"without", PROMQL_TOKEN_WITHOUT},
    {"on", PROMQL_TOKEN_ON},
    {"ignoring", PROMQL_TOKEN_IGNORING},
    {"group_left", PROMQL_TOKEN_GROUP_LEFT},
    {"group_right", PROMQL_TOKEN_GROUP_RIGHT},
    {"fill", PROMQL_TOKEN_FILL},
    {"fill_left", PROMQL_TOKEN_FILL_LEFT},
    {"fill_right", PROMQL_TOKEN_FILL_RIGHT},
    {"bool", PROMQL_TOKEN_BOOL},
    {"start", PROMQL_TOKEN_START},
    {"end", PROMQL_TOKEN_FINISH},
    {"step", PROMQL_TOKEN_STEP},
    {"range", PROMQL_TOKEN_RANGE},
    {"min_of", PROMQL_TOKEN_MIN_OF},
    {"max_of", PROMQL_TOKEN_MAX_OF},
    {"inf", PROMQL_TOKEN_NUMBER},
    {"nan", PROMQL_TOKEN_NUMBER},
};

void promql_lexer_init(promql_lexer *lexer, promql_text text)
{
    *lexer = (promql_lexer){.text = text};
}

promql_token promql_lexer_emit(promql_lexer *lexer, int kind)
{
    promql_token token = {.kind = kind, .start = lexer->start, .end = lexer->at};
    lexer->start = lexer->at;
    return token;
}

static bool word_is(promql_text word, const char *lower)
{
    size_t i = 0;
    for (; i < word.size && lower[i] != '\0'; i++) {
        char c = word.data[i];
        if ((c >= 'A' && c <= 'Z' ? c | 0x20 : c) != lower[i]) {
            return false;
        }
    }
    return i == word.size && lower[i] == '\0';
}

static int word_kind(promql_text word)
{
    for (size_t i = 0; i < IFM_COUNT_OF(words); i++) {
        if (word_is(word, words[i].text)) {
            return words[i].kind;
        }
    }
    for (int i = 0; i < PROMQL_AGGREGATION_COUNT; i++) {
        if (word_is(word, promql_aggregation_get((promql_aggregation)i)->name)) {
            return PROMQL_TOKEN_AGGREGATION + i;
        }
    }
    return memchr(word.data, ':', word.size) == NULL ? PROMQL_TOKEN_IDENTIFIER : PROMQL_TOKEN_METRIC;
}

static void lex_spaces(promql_lexer *lexer)
{
    while (promql_is_space(promql_lexer_peek(lexer))) {
        lexer->at++;
    }
    lexer->start = lexer->at;
}

static bool lex_word_before_paren(promql_lexer *lexer)
{
    uint32_t at = lexer->at;
    while (at < lexer->text.size && promql_is_space(lexer->text.data[at])) {
        at++;
    }
    return at < lexer->text.size && lexer->text.data[at] == '(';
}

static promql_token lex_word(promql_lexer *lexer)
{
    int byte = promql_lexer_peek(lexer);
    while (promql_is_letter(byte) || promql_is_digit(byte) || byte == ':') {
        lexer->at++;
        byte = promql_lexer_peek(lexer);
    }
    promql_text word = {lexer->text.data + lexer->start, lexer->at - lexer->start};
    int kind = word_kind(word);
    bool fill =
        kind == PROMQL_TOKEN_FILL || kind == PROMQL_TOKEN_FILL_LEFT || kind == PROMQL_TOKEN_FILL_RIGHT;
    if (fill && !lex_word_before_paren(lexer)) {
        kind = PROMQL_TOKEN_IDENTIFIER; /* these words came late: metrics of that name go on working */
    }
    return promql_lexer_emit(lexer, kind);
}

/* In brackets: step, range, min_of, max_of. False, with the word taken, when it is another. */
static bool lex_duration_word(promql_lexer *lexer, promql_token *token)
{
    while (promql_is_letter(promql_lexer_peek(lexer))) {
        lexer->at++;
    }
    promql_text word = {lexer->text.data + lexer->start, lexer->at - lexer->start};
    int kind = word_kind(word);
    if (kind < PROMQL_TOKEN_STEP || kind > PROMQL_TOKEN_MAX_OF) {
        return false;
    }
    lexer->got_duration = true;
    *token = promql_lexer_emit(lexer, kind);
    return true;
}

static promql_token lex_paren(promql_lexer *lexer, ifm_error *err)
{
    bool opens = promql_lexer_accept(lexer, "(");
    lexer->at += !opens;
    promql_token token = promql_lexer_emit(lexer, opens ? PROMQL_TOKEN_LEFT_PAREN : PROMQL_TOKEN_RIGHT_PAREN);
    lexer->parens += opens ? 1 : -1;
    if (lexer->parens < 0) {
        return PROMQL_LEXER_FAIL(lexer, err, "unexpected right parenthesis ')'");
    }
    return token;
}

/* One or two bytes that mean the same wherever they stand outside braces. */
static int lex_symbol_kind(promql_lexer *lexer)
{
    static const struct symbol {
        char text[3];
        int kind;
    } symbols[] = {
        {"==", PROMQL_TOKEN_OPERATOR + PROMQL_EQUAL},
        {"!=", PROMQL_TOKEN_OPERATOR + PROMQL_NOT_EQUAL},
        {"<=", PROMQL_TOKEN_OPERATOR + PROMQL_LESS_EQUAL},
        {">=", PROMQL_TOKEN_OPERATOR + PROMQL_GREATER_EQUAL},
        {"</", PROMQL_TOKEN_OPERATOR + PROMQL_TRIM_UPPER},
        {">/", PROMQL_TOKEN_OPERATOR + PROMQL_TRIM_LOWER},
        {"<", PROMQL_TOKEN_OPERATOR + PROMQL_LESS},
        {">", PROMQL_TOKEN_OPERATOR + PROMQL_GREATER},
        {"+", PROMQL_TOKEN_OPERATOR + PROMQL_ADD},
        {"-", PROMQL_TOKEN_OPERATOR + PROMQL_SUB},
        {"*", PROMQL_TOKEN_OPERATOR + PROMQL_MUL},
        {"/", PROMQL_TOKEN_OPERATOR + PROMQL_DIV},
        {"%", PROMQL_TOKEN_OPERATOR + PROMQL_MOD},
        {"^", PROMQL_TOKEN_OPERATOR + PROMQL_POW},
        {",", PROMQL_TOKEN_COMMA},
        {"=", PROMQL_TOKEN_EQUAL},
        {"@", PROMQL_TOKEN_AT},
    };
    promql_text rest = promql_lexer_rest(lexer, lexer->at);
    for (size_t i = 0; i < IFM_COUNT_OF(symbols); i++) {
        size_t size = strlen(symbols[i].text);
        if (rest.size >= size && memcmp(rest.data, symbols[i].text, size) == 0) {
            lexer->at += (uint32_t)size;
            return symbols[i].kind;
        }
    }
    return PROMQL_TOKEN_ERROR;
}

/* = and ! outside braces, which begin no regular expression operator there. */
static promql_token lex_symbol(promql_lexer *lexer, ifm_error *err)
{
    int byte = promql_lexer_peek(lexer);
    promql_text rest = promql_lexer_rest(lexer, lexer->at);
    promql_text next = {rest.data + 1, rest.size - 1};
    char second = next.size == 0 ? '\0' : next.data[0];
    if ((byte == '=' && second == '~') || (byte == '!' && second != '=')) {
        return PROMQL_LEXER_FAIL(lexer, err, "unexpected character after '%c': %s", byte,
                                 promql_show_char(next).text);
    }
    int kind = lex_symbol_kind(lexer);
    if (kind == PROMQL_TOKEN_ERROR) {
        return PROMQL_LEXER_FAIL(lexer, err, "unexpected character: %s", promql_show_char(rest).text);
    }
    return promql_lexer_emit(lexer, kind);
}

static promql_token lex_bracket(promql_lexer *lexer, ifm_error *err)
{
    bool opens = promql_lexer_peek(lexer) == '[';
    if (opens == lexer->in_brackets) {
        return PROMQL_LEXER_FAIL(lexer, err, "unexpected %s bracket '%c'", opens ? "left" : "right",
                                 opens ? '[' : ']');
    }
    lexer->at++;
    lexer->in_brackets = opens;
    lexer->in_duration = opens;
    lexer->got_colon = false;
    return promql_lexer_emit(lexer, opens ? PROMQL_TOKEN_LEFT_BRACKET : PROMQL_TOKEN_RIGHT_BRACKET);
}

/* A colon or a word in brackets, behind the first number. */
static promql_token lex_bracket_word(promql_lexer *lexer, ifm_error *err)
{
    promql_text rest = promql_lexer_rest(lexer, lexer->at);
    if (rest.data[0] == ':') {
        if (lexer->got_colon) {
            return PROMQL_LEXER_FAIL(lexer, err, "unexpected colon ':'");
        }
        lexer->got_colon = true;
        lexer->at++;
        return promql_lexer_emit(lexer, PROMQL_TOKEN_COLON);
    }
    promql_token token;
    if (lex_duration_word(lexer, &token)) {
        return token;
    }
    return PROMQL_LEXER_FAIL(lexer, err, "unexpected character: %s, expected ':'",
                             promql_show_char(rest).text);
}

static promql_token lex_end(promql_lexer *lexer, ifm_error *err)
{
    if (lexer->parens != 0) {
        return PROMQL_LEXER_FAIL(lexer, err, "unclosed left parenthesis");
    }
    if (lexer->in_brackets) {
        return PROMQL_LEXER_FAIL(lexer, err, "unclosed left bracket");
    }
    return promql_lexer_emit(lexer, PROMQL_TOKEN_END);
}

static bool lex_sees_number(const promql_lexer *lexer)
{
    promql_text rest = promql_lexer_rest(lexer, lexer->at);
    return promql_is_digit(rest.data[0]) ||
           (rest.data[0] == '.' && rest.size > 1 && promql_is_digit(rest.data[1]));
}

static promql_token lex_statement(promql_lexer *lexer, ifm_error *err)
{
    int byte = promql_lexer_peek(lexer);
    if (byte < 0) {
        return lex_end(lexer, err);
    }
    if (lex_sees_number(lexer)) {
        return promql_lexer_number(lexer, err);
    }
    if (promql_is_letter(byte) || byte == ':') {
        return lexer->in_brackets ? lex_bracket_word(lexer, err) : lex_word(lexer);
    }
    switch (byte) {
    case '"':
    case '\'':
    case '`':
        return promql_lexer_string(lexer, err);
    case '(':
    case ')':
        return lex_paren(lexer, err);
    case '[':
    case ']':
        return lex_bracket(lexer, err);
    case '{':
        lexer->in_braces = true;
        lexer->at++;
        return promql_lexer_emit(lexer, PROMQL_TOKEN_LEFT_BRACE);
    default:
        return lex_symbol(lexer, err);
    }
}

/* In brackets, as far as the first number: only what a duration expression may begin with. */
static promql_token lex_duration(promql_lexer *lexer, ifm_error *err)
{
    int byte = promql_lexer_peek(lexer);
    promql_text rest = promql_lexer_rest(lexer, lexer->at);
    promql_token token;
    if (byte < 0) {
        return PROMQL_LEXER_FAIL(lexer, err, "unexpected end of input in duration expression");
    }
    if (lex_sees_number(lexer)) {
        lexer->got_duration = true;
        return promql_lexer_number(lexer, err);
    }
    if (promql_lexer_sees(lexer, "()")) {
        return lex_paren(lexer, err);
    }
    if (byte == ']') {
        return lex_bracket(lexer, err);
    }
    if (promql_lexer_sees(lexer, "+-*/%^,")) {
        return promql_lexer_emit(lexer, lex_symbol_kind(lexer));
    }
    if (promql_lexer_sees(lexer, "sSmMrR") && lex_duration_word(lexer, &token)) {
        return token;
    }
    if (promql_lexer_accept(lexer, ":")) {
        token = promql_lexer_emit(lexer, PROMQL_TOKEN_COLON);
        if (!lexer->got_duration) {
            return PROMQL_LEXER_FAIL(lexer, err, "unexpected colon before duration in duration expression");
        }
        if (lexer->got_colon) {
            return PROMQL_LEXER_FAIL(lexer, err, "unexpected repeated colon in duration expression");
        }
        lexer->got_colon = true;
        return token;
    }
    return PROMQL_LEXER_FAIL(lexer, err, "unexpected character in duration expression: %s",
                             promql_show_char(rest).text);
}

/* = =~ != !~ */
static promql_token lex_match(promql_lexer *lexer, ifm_error *err)
{
    bool equal = promql_lexer_accept(lexer, "=");
    lexer->at += !equal;
    if (promql_lexer_accept(lexer, "~")) {
        return promql_lexer_emit(lexer, equal ? PROMQL_TOKEN_REGEX : PROMQL_TOKEN_NOT_REGEX);
    }
    if (equal) {
        return promql_lexer_emit(lexer, PROMQL_TOKEN_EQUAL);
    }
    if (promql_lexer_accept(lexer, "=")) {
        return promql_lexer_emit(lexer, PROMQL_TOKEN_OPERATOR + PROMQL_NOT_EQUAL);
    }
    return PROMQL_LEXER_FAIL(lexer, err, "unexpected character after '!' inside braces: %s",
                             promql_show_char(promql_lexer_rest(lexer, lexer->at)).text);
}

static promql_token lex_brace(promql_lexer *lexer, ifm_error *err)
{
    int byte = promql_lexer_peek(lexer);
    promql_text rest = promql_lexer_rest(lexer, lexer->at);
    if (promql_is_letter(byte)) {
        while (promql_is_letter(byte) || promql_is_digit(byte)) {
            lexer->at++;
            byte = promql_lexer_peek(lexer);
        }
        return promql_lexer_emit(lexer, PROMQL_TOKEN_IDENTIFIER);
    }
    switch (byte) {
    case -1:
        return PROMQL_LEXER_FAIL(lexer, err, "unexpected end of input inside braces");
    case '"':
    case '\'':
    case '`':
        return promql_lexer_string(lexer, err);
    case '=':
    case '!':
        return lex_match(lexer, err);
    case ',':
        lexer->at++;
        return promql_lexer_emit(lexer, PROMQL_TOKEN_COMMA);
    case '}':
        lexer->at++;
        lexer->in_braces = false;
        return promql_lexer_emit(lexer, PROMQL_TOKEN_RIGHT_BRACE);
    case '{':
        return PROMQL_LEXER_FAIL(lexer, err, "unexpected left brace '{'");
    default:
        return PROMQL_LEXER_FAIL(lexer, err, "unexpected character inside braces: %s",
                                 promql_show_char(rest).text);
    }
}

promql_token promql_lexer_next(promql_lexer *lexer, ifm_error *err)
{
    lex_spaces(lexer);
    while (promql_lexer_peek(lexer) == '#' && !lexer->in_duration) {
        int byte = promql_lexer_peek(lexer);
        while (byte >= 0 && byte != '\n' && byte != '\r') {
            lexer->at++;
            byte = promql_lexer_peek(lexer);
        }
        lex_spaces(lexer);
    }
    if (lexer->in_braces) {
        return lex_brace(lexer, err);
    }
    return lexer->in_duration ? lex_duration(lexer, err) : lex_statement(lexer, err);
}

/* What stands before a token in a message, and whether the token is quoted behind it. */
static const char *token_prefix(int kind, bool *quoted)
{
    static const char *const classes[] = {
        [PROMQL_TOKEN_IDENTIFIER] = "identifier ", [PROMQL_TOKEN_METRIC] = "metric identifier ",
        [PROMQL_TOKEN_NUMBER] = "number ",         [PROMQL_TOKEN_DURATION] = "duration ",
        [PROMQL_TOKEN_STRING] = "string ",
    };
    *quoted = false;
    if (promql_token_is_aggregation(kind)) {
        return "<aggr:";
    }
    if (promql_token_is_operator(kind) || kind == PROMQL_TOKEN_AT || kind == PROMQL_TOKEN_REGEX ||
        kind == PROMQL_TOKEN_NOT_REGEX) {
        return "<op:";
    }
    if (kind >= PROMQL_TOKEN_OFFSET) {
        return "<";
    }
    *quoted = true;
    return kind >= PROMQL_TOKEN_IDENTIFIER && kind <= PROMQL_TOKEN_STRING ? classes[kind] : "";
}

promql_shown promql_token_describe(promql_text text, promql_token token)
{
    promql_shown name = {.text = "end of input"};
    if (token.kind == PROMQL_TOKEN_END) {
        return name;
    }
    promql_text value = {text.data + token.start, token.end - token.start};
    bool quoted;
    const char *prefix = token_prefix(token.kind, &quoted);
    bool whole = token.kind == PROMQL_TOKEN_IDENTIFIER || token.kind == PROMQL_TOKEN_METRIC;
    promql_shown shown = whole ? promql_show(value) : promql_show_token(value);
    int size = (int)sizeof name.text - (int)sizeof "metric identifier ";
    if (quoted) {
        snprintf(name.text, sizeof name.text, "%s%.*s", prefix, size, shown.text);
    } else {
        snprintf(name.text, sizeof name.text, "%s%.*s>", prefix, (int)value.size, value.data);
    }
    return name;
}

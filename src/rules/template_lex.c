/* SPDX-License-Identifier: Apache-2.0
 *
 * The tokens of Go's templates.
 */
#include "rules/template_impl.h"

#include <stdarg.h>
#include <stdio.h>

bool template_fail(ifm_error *err, uint32_t line, const char *format, ...)
{
    char text[400];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return ifm_error_set(err, IFM_INVALID, "line %u of the template: %s", line, text);
}

static size_t left(const template_lexer *lexer)
{
    return (size_t)(lexer->end - lexer->at);
}

static bool begins(const template_lexer *lexer, const char *word)
{
    size_t size = strlen(word);
    return left(lexer) >= size && memcmp(lexer->at, word, size) == 0;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void advance(template_lexer *lexer, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        lexer->line += lexer->at[i] == '\n';
    }
    lexer->at += size;
}

/* Whether "-" and a space are here: the trimming of an action's beginning. */
static bool trims_before(const char *at, const char *end)
{
    return end - at >= 2 && at[0] == '-' && is_space(at[1]);
}

/* ---- Outside of actions ---- */

static bool lex_comment(template_lexer *lexer)
{
    uint32_t line = lexer->line;
    advance(lexer, 2);
    while (left(lexer) > 0 && !begins(lexer, "*/")) {
        advance(lexer, 1);
    }
    if (left(lexer) == 0) {
        return template_fail(lexer->err, line, "a comment does not end");
    }
    advance(lexer, 2);
    bool trims = left(lexer) >= 2 && is_space(lexer->at[0]) && lexer->at[1] == '-';
    advance(lexer, trims ? 2 : 0);
    if (!begins(lexer, "}}")) {
        return template_fail(lexer->err, line, "a comment does not end with its action");
    }
    advance(lexer, 2);
    lexer->trim_next = trims;
    return true;
}

/* "{{", or a comment, which is nothing. */
static bool lex_open(template_lexer *lexer, template_token *out, bool *comment)
{
    out->kind = TEMPLATE_TOKEN_OPEN;
    advance(lexer, 2);
    if (trims_before(lexer->at, lexer->end)) {
        advance(lexer, 2);
    }
    *comment = begins(lexer, "/*");
    lexer->inside = !*comment;
    return !*comment || lex_comment(lexer);
}

static bool lex_plain(template_lexer *lexer, template_token *out)
{
    while (lexer->trim_next && left(lexer) > 0 && is_space(*lexer->at)) {
        advance(lexer, 1);
    }
    lexer->trim_next = false;
    const char *start = lexer->at;
    const char *end = start;
    while (end < lexer->end && !(lexer->end - end >= 2 && end[0] == '{' && end[1] == '{')) {
        end++;
    }
    advance(lexer, (size_t)(end - start));
    if (end < lexer->end && trims_before(end + 2, lexer->end)) {
        while (end > start && is_space(end[-1])) {
            end--;
        }
    }
    out->kind = TEMPLATE_TOKEN_PLAIN;
    out->text = (model_text){start, (size_t)(end - start)};
    return true;
}

static bool lex_outside(template_lexer *lexer, template_token *out)
{
    for (;;) {
        out->line = lexer->line;
        if (left(lexer) == 0) {
            out->kind = TEMPLATE_TOKEN_END;
            return true;
        }
        if (!begins(lexer, "{{")) {
            return lex_plain(lexer, out);
        }
        bool comment;
        lexer->trim_next = false;
        if (!lex_open(lexer, out, &comment) || !comment) {
            return lexer->err->code == IFM_OK;
        }
    }
}

/* ---- Texts in quotes ---- */

static bool append_point(ifm_buf *out, uint32_t point)
{
    char bytes[4];
    size_t size = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    static const unsigned char first[] = {0, 0, 0xC0, 0xE0, 0xF0};
    for (size_t i = size; i-- > 1; point >>= 6) {
        bytes[i] = (char)(0x80 | (point & 0x3F));
    }
    bytes[0] = (char)(first[size] | point);
    ifm_buf_append(out, bytes, size);
    return true;
}

/* Exactly `count` digits of `base`. */
static bool read_digits(template_lexer *lexer, size_t count, unsigned base, uint32_t *out)
{
    *out = 0;
    for (size_t i = 0; i < count; i++) {
        static const char digits[] = "0123456789abcdef0123456789ABCDEF";
        const char *found = left(lexer) > 0 && *lexer->at != '\0' ? strchr(digits, *lexer->at) : NULL;
        unsigned value = found == NULL ? base : (unsigned)(found - digits) & 15U;
        if (value >= base) {
            return false;
        }
        *out = *out * base + value;
        advance(lexer, 1);
    }
    return true;
}

/* Behind a backslash. */
static bool lex_escape(template_lexer *lexer, char quote, ifm_buf *out)
{
    static const char names[] = "abfnrtv\\", values[] = "\a\b\f\n\r\t\v\\";
    uint32_t point;
    char c = left(lexer) > 0 ? *lexer->at : '\0';
    const char *name = c == '\0' ? NULL : strchr(names, c);
    if (name != NULL || (c == quote && c != '\0')) {
        ifm_buf_append_char(out, name != NULL ? values[name - names] : quote);
        advance(lexer, 1);
        return true;
    }
    if (c >= '0' && c <= '7') {
        bool ok = read_digits(lexer, 3, 8, &point) && point <= 0xFF;
        ifm_buf_append_char(out, (char)point);
        return ok;
    }
    if (c != 'x' && c != 'u' && c != 'U') {
        return false;
    }
    advance(lexer, 1);
    if (!read_digits(lexer, c == 'x' ? 2 : c == 'u' ? 4 : 8, 16, &point)) {
        return false;
    }
    if (c == 'x') {
        ifm_buf_append_char(out, (char)point);
        return true;
    }
    return point <= 0x10FFFF && !(point >= 0xD800 && point < 0xE000) && append_point(out, point);
}

static bool take_text(template_lexer *lexer, const ifm_buf *from, template_token *out)
{
    if (!ifm_buf_check(from, lexer->err)) {
        return false;
    }
    const char *text = ifm_bump_copy(lexer->arena, from->size == 0 ? "" : from->data, from->size);
    out->kind = TEMPLATE_TOKEN_CONSTANT;
    out->value = (template_value){.kind = TEMPLATE_TEXT, .text = {text, from->size}};
    return ifm_bump_check(lexer->arena, lexer->err);
}

/* 'x' is the number of the character. */
static bool take_char(template_lexer *lexer, const ifm_buf *from, template_token *out)
{
    uint32_t point = 0;
    size_t size = from->size == 0 ? 0 : ifm_utf8_decode(from->data, from->size, &point);
    if (size == 0 || size != from->size) {
        return template_fail(lexer->err, out->line, "there is not one character between single quotes");
    }
    out->kind = TEMPLATE_TOKEN_CONSTANT;
    out->value = (template_value){.kind = TEMPLATE_INT, .whole = point};
    return true;
}

static bool lex_quoted(template_lexer *lexer, template_token *out)
{
    char quote = *lexer->at;
    ifm_buf text;
    ifm_buf_init(&text, RULES_TEMPLATE_BYTES_MAX);
    bool ok = true;
    advance(lexer, 1);
    while (ok && left(lexer) > 0 && *lexer->at != quote && *lexer->at != '\n') {
        char c = *lexer->at;
        advance(lexer, 1);
        if (c == '\\') {
            ok = lex_escape(lexer, quote, &text) ||
                 template_fail(lexer->err, out->line, "an escape with \\ is none that Go has");
        } else {
            ifm_buf_append_char(&text, c);
        }
    }
    if (ok && (left(lexer) == 0 || *lexer->at != quote)) {
        ok = template_fail(lexer->err, out->line, "a text in quotes does not end");
    }
    if (ok) {
        advance(lexer, 1);
        ok = quote == '"' ? take_text(lexer, &text, out) : take_char(lexer, &text, out);
    }
    ifm_buf_deinit(&text);
    return ok;
}

static bool lex_raw(template_lexer *lexer, template_token *out)
{
    advance(lexer, 1);
    const char *start = lexer->at;
    while (left(lexer) > 0 && *lexer->at != '`') {
        advance(lexer, 1);
    }
    if (left(lexer) == 0) {
        return template_fail(lexer->err, out->line, "a text in back quotes does not end");
    }
    out->kind = TEMPLATE_TOKEN_CONSTANT;
    out->value = (template_value){.kind = TEMPLATE_TEXT, .text = {start, (size_t)(lexer->at - start)}};
    advance(lexer, 1);
    return true;
}

/* ---- Inside of actions ---- */

static bool is_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           (unsigned char)c >= 0x80;
}

static model_text read_name(template_lexer *lexer)
{
    const char *start = lexer->at;
    while (left(lexer) > 0 && is_name_char(*lexer->at)) {
        lexer->at++;
    }
    return (model_text){start, (size_t)(lexer->at - start)};
}

/* The digits behind 0x, 0o, 0b, or a zero alone, which is octal; 10 and nothing taken off for others. */
static unsigned base_of(model_text *digits)
{
    static const struct {
        char letter;
        unsigned base;
    } bases[] = {{'x', 16}, {'o', 8}, {'b', 2}};
    if (digits->size < 2 || digits->data[0] != '0') {
        return 10;
    }
    for (size_t i = 0; i < IFM_COUNT_OF(bases); i++) {
        if ((digits->data[1] | 0x20) == bases[i].letter) {
            *digits = (model_text){digits->data + 2, digits->size - 2};
            return bases[i].base;
        }
    }
    *digits = (model_text){digits->data + 1, digits->size - 1};
    return 8;
}

static unsigned digit_of(char c)
{
    return c >= '0' && c <= '9'                     ? (unsigned)(c - '0')
           : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (unsigned)((c | 0x20) - 'a' + 10)
                                                    : 16;
}

/* Whole numbers as Go writes them: 10, 0x1F, 017, 0b11, 1_000. */
static bool whole_of(model_text text, int64_t *out)
{
    size_t sign = text.size > 0 && (text.data[0] == '-' || text.data[0] == '+');
    model_text digits = {text.data + sign, text.size - sign};
    bool prefixed = digits.size > 1 && digits.data[0] == '0';
    unsigned base = base_of(&digits);
    uint64_t size = 0;
    for (size_t i = 0; i < digits.size; i++) {
        bool joins =
            digits.data[i] == '_' && (i > 0 || prefixed) && i + 1 < digits.size && digits.data[i + 1] != '_';
        unsigned digit = digit_of(digits.data[i]);
        if (joins) {
            continue;
        }
        if (digit >= base || size > ((uint64_t)INT64_MAX - digit) / base) {
            return false;
        }
        size = size * base + digit;
    }
    *out = sign == 1 && text.data[0] == '-' ? -(int64_t)size : (int64_t)size;
    return digits.size > 0;
}

static bool lex_number(template_lexer *lexer, template_token *out)
{
    const char *start = lexer->at;
    advance(lexer, *start == '-' || *start == '+');
    while (left(lexer) > 0 &&
           (is_name_char(*lexer->at) || *lexer->at == '.' ||
            ((*lexer->at == '-' || *lexer->at == '+') && (lexer->at[-1] == 'e' || lexer->at[-1] == 'E')))) {
        advance(lexer, 1);
    }
    model_text text = {start, (size_t)(lexer->at - start)};
    out->kind = TEMPLATE_TOKEN_CONSTANT;
    if (whole_of(text, &out->value.whole)) {
        out->value.kind = TEMPLATE_INT;
        return true;
    }
    out->value.kind = TEMPLATE_FLOAT;
    bool decimal = memchr(text.data, '.', text.size) != NULL || memchr(text.data, 'e', text.size) != NULL ||
                   memchr(text.data, 'E', text.size) != NULL;
    return (decimal && memchr(text.data, 'x', text.size) == NULL &&
            ifm_number_read(text.data, text.size, &out->value.number)) ||
           template_fail(lexer->err, out->line, "\"%.*s\" is no number; hint: 5, -1 or 0.5", (int)text.size,
                         text.data);
}

static bool is_digit_at(const template_lexer *lexer, size_t at)
{
    return left(lexer) > at && lexer->at[at] >= '0' && lexer->at[at] <= '9';
}

/* What begins with a letter, a dollar or a dot. */
static bool lex_named(template_lexer *lexer, template_token *out)
{
    char c = *lexer->at;
    const char *start = lexer->at;
    if (c == '$' || c == '.') {
        advance(lexer, 1);
        model_text name = read_name(lexer);
        out->kind = c == '$'         ? TEMPLATE_TOKEN_VARIABLE
                    : name.size == 0 ? TEMPLATE_TOKEN_DOT
                                     : TEMPLATE_TOKEN_FIELD;
        out->text = c == '$' ? (model_text){start, name.size + 1} : name;
        return true;
    }
    out->kind = TEMPLATE_TOKEN_NAME;
    out->text = read_name(lexer);
    bool truth = model_text_equal(out->text, model_text_of("true"));
    if (truth || model_text_equal(out->text, model_text_of("false"))) {
        out->kind = TEMPLATE_TOKEN_CONSTANT;
        out->value = (template_value){.kind = TEMPLATE_BOOL, .truth = truth};
    }
    return true;
}

static bool lex_sign(template_lexer *lexer, template_token *out)
{
    static const struct {
        const char *text;
        template_token_kind kind;
    } signs[] = {{":=", TEMPLATE_TOKEN_DECLARE}, {"=", TEMPLATE_TOKEN_ASSIGN}, {"|", TEMPLATE_TOKEN_PIPE},
                 {"(", TEMPLATE_TOKEN_LEFT},     {")", TEMPLATE_TOKEN_RIGHT},  {",", TEMPLATE_TOKEN_COMMA}};
    for (size_t i = 0; i < IFM_COUNT_OF(signs); i++) {
        if (begins(lexer, signs[i].text)) {
            out->kind = signs[i].kind;
            advance(lexer, strlen(signs[i].text));
            return true;
        }
    }
    return template_fail(lexer->err, out->line, "the character '%c' has no place in an action",
                         *lexer->at >= ' ' && *lexer->at < 0x7F ? *lexer->at : '?');
}

/* Spaces, and the end of the action behind them. */
static bool lex_space(template_lexer *lexer, template_token *out)
{
    while (left(lexer) > 0 && is_space(*lexer->at)) {
        advance(lexer, 1);
    }
    if (begins(lexer, "-}}")) {
        advance(lexer, 3);
        lexer->inside = false;
        lexer->trim_next = true;
        out->kind = TEMPLATE_TOKEN_CLOSE;
        return true;
    }
    out->kind = TEMPLATE_TOKEN_SPACE;
    return true;
}

static bool lex_inside(template_lexer *lexer, template_token *out)
{
    out->line = lexer->line;
    if (left(lexer) == 0) {
        return template_fail(lexer->err, lexer->line, "an action does not end; hint: }}");
    }
    char c = *lexer->at;
    if (is_space(c)) {
        return lex_space(lexer, out);
    }
    if (begins(lexer, "}}")) {
        advance(lexer, 2);
        lexer->inside = false;
        out->kind = TEMPLATE_TOKEN_CLOSE;
        return true;
    }
    if (c == '"' || c == '\'') {
        return lex_quoted(lexer, out);
    }
    if (c == '`') {
        return lex_raw(lexer, out);
    }
    bool sign = c == '-' || c == '+';
    if (is_digit_at(lexer, 0) || ((sign || c == '.') && is_digit_at(lexer, 1)) ||
        (sign && left(lexer) > 1 && lexer->at[1] == '.' && is_digit_at(lexer, 2))) {
        return lex_number(lexer, out);
    }
    if (c == '$' || c == '.' || is_name_char(c)) {
        return lex_named(lexer, out);
    }
    return lex_sign(lexer, out);
}

bool template_lex(template_lexer *lexer, template_token *out)
{
    *out = (template_token){.line = lexer->line};
    return lexer->inside ? lex_inside(lexer, out) : lex_outside(lexer, out);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "exposition/parser_scan.h"

#include <stdarg.h>
#include <stdio.h>

/* What a byte can be in a name without quotes. */
enum { CLASS_LETTER = 1, CLASS_DIGIT = 2, CLASS_COLON = 4 };

static const unsigned char byte_class[256] = {
    ['0' ... '9'] = CLASS_DIGIT, ['A' ... 'Z'] = CLASS_LETTER, ['a' ... 'z'] = CLASS_LETTER,
    ['_'] = CLASS_LETTER,        [':'] = CLASS_COLON,
};

ifm_shown ifm_parser_show(ifm_text text)
{
    ifm_shown shown;
    size_t length = 0;
    size_t room = sizeof shown.text - sizeof "...";
    uint32_t point;
    for (size_t i = 0, size; i < text.size; i += size) {
        size = ifm_utf8_decode(text.data + i, text.size - i, &point);
        bool printable = size > 0 && point >= ' ' && point != 0x7F;
        size = size == 0 ? 1 : size;
        if (length + size > room) {
            memcpy(shown.text + length, "...", 3);
            length += 3;
            break;
        }
        if (printable) {
            memcpy(shown.text + length, text.data + i, size);
        } else {
            memset(shown.text + length, '?', size);
        }
        length += size;
    }
    shown.text[length] = '\0';
    return shown;
}

bool ifm_parser_fail(const ifm_parser *parser, const char *at, ifm_code code, ifm_error *err,
                     const char *format, ...)
{
    char message[IFM_ERROR_MESSAGE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    ifm_error_set(err, code, "cannot parse line %zu: %s", parser->line, message);
    err->offset = (size_t)(at - parser->text);
    return false;
}

ifm_text ifm_parser_token(ifm_parser *parser)
{
    const char *start = parser->at;
    bool tabs = parser->format == IFM_PARSE_TEXT;
    while (parser->at < parser->end && *parser->at != '\n' && *parser->at != ' ' &&
           !(tabs && *parser->at == '\t')) {
        parser->at++;
    }
    return (ifm_text){start, (size_t)(parser->at - start)};
}

ifm_text ifm_parser_rest_of_line(ifm_parser *parser)
{
    const char *start = parser->at;
    const char *newline = memchr(start, '\n', (size_t)(parser->end - start));
    const char *stop = newline == NULL ? parser->end : newline;
    parser->at = newline == NULL ? stop : newline + 1;
    return (ifm_text){start, (size_t)(stop - start)};
}

ifm_text ifm_parser_legacy_name(ifm_parser *parser, ifm_name_kind kind)
{
    const char *start = parser->at;
    int first = CLASS_LETTER | (kind == IFM_NAME_METRIC ? CLASS_COLON : 0);
    if (start < parser->end && (byte_class[(unsigned char)*start] & first) != 0) {
        do {
            parser->at++;
        } while (parser->at < parser->end &&
                 (byte_class[(unsigned char)*parser->at] & (first | CLASS_DIGIT)) != 0);
    }
    return (ifm_text){start, (size_t)(parser->at - start)};
}

bool ifm_parser_check_escapes(const ifm_parser *parser, ifm_text text, bool quotes, ifm_error *err)
{
    if (parser->format != IFM_PARSE_TEXT || parser->mode == IFM_PARSE_LENIENT) {
        return true;
    }
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] != '\\') {
            continue;
        }
        i++;
        char next = i < text.size ? text.data[i] : '\0';
        if (next != '\\' && next != 'n' && !(quotes && next == '"')) {
            return ifm_parser_fail(parser, text.data + i - 1, IFM_INVALID, err,
                                   "the backslash begins no escape; hint: write it as \\\\");
        }
    }
    return true;
}

bool ifm_parser_quoted(ifm_parser *parser, ifm_text *out, ifm_error *err)
{
    const char *start = parser->at + 1;
    const char *at = start;
    const char *end = parser->end;
    bool newlines = parser->format == IFM_PARSE_TEXT && parser->mode == IFM_PARSE_LENIENT;
    bool escapes = false;
    unsigned char all = 0;
    while (at < end && *at != '"' && (*at != '\n' || newlines)) {
        all |= (unsigned char)*at;
        parser->line += *at == '\n';
        if (*at == '\\') {
            escapes = true;
            at++;
            if (at == end || *at == '\n') {
                break;
            }
            all |= (unsigned char)*at;
        }
        at++;
    }
    if (at == end || *at != '"') {
        return ifm_parser_fail(parser, start - 1, IFM_INVALID, err, "the quote is not closed");
    }
    *out = (ifm_text){start, (size_t)(at - start)};
    if (all >= 0x80 && !ifm_utf8_valid(start, out->size)) {
        return ifm_parser_fail(parser, start, IFM_INVALID, err, "\"%s\" is not valid UTF-8",
                               ifm_parser_show(*out).text);
    }
    parser->escaped_bytes += escapes ? out->size : 0;
    parser->at = at + 1;
    return !escapes || ifm_parser_check_escapes(parser, *out, true, err);
}

/* One label, or the metric's name in quotes. The name is followed by "=" in the first case. */
static bool parse_label(ifm_parser *parser, ifm_label_list *list, ifm_text *name, ifm_error *err)
{
    const char *start = parser->at;
    bool quoted = ifm_parser_is(parser, '"');
    ifm_text label = {start, 0};
    if (quoted && !ifm_parser_quoted(parser, &label, err)) {
        return false;
    }
    if (!quoted) {
        label = ifm_parser_legacy_name(parser, IFM_NAME_LABEL);
    }
    if (label.size == 0) {
        return ifm_parser_fail(parser, start, IFM_INVALID, err, "a label's name is missing or not valid");
    }
    ifm_parser_skip_blanks(parser);
    if (quoted && (ifm_parser_is(parser, ',') || ifm_parser_is(parser, '}'))) {
        if (name == NULL || name->size > 0) {
            return ifm_parser_fail(parser, start, IFM_INVALID, err, "label \"%s\" has no value",
                                   ifm_parser_show(label).text);
        }
        *name = label;
        return true;
    }
    if (!ifm_parser_is(parser, '=')) {
        return ifm_parser_fail(parser, parser->at, IFM_INVALID, err, "\"=\" is missing after label \"%s\"",
                               ifm_parser_show(label).text);
    }
    parser->at++;
    ifm_parser_skip_blanks(parser);
    if (!ifm_parser_is(parser, '"')) {
        return ifm_parser_fail(parser, parser->at, IFM_INVALID, err,
                               "the value of label \"%s\" is not in quotes", ifm_parser_show(label).text);
    }
    if (list->count == list->max) {
        return ifm_parser_fail(parser, start, IFM_LIMIT, err, "there are more than %zu labels", list->max);
    }
    ifm_parsed_label *to = &list->labels[list->count++];
    to->name = label;
    return ifm_parser_quoted(parser, &to->value, err);
}

bool ifm_parser_labels(ifm_parser *parser, ifm_label_list *list, ifm_text *name, ifm_error *err)
{
    bool text = parser->format == IFM_PARSE_TEXT;
    bool lenient = parser->mode == IFM_PARSE_LENIENT;
    parser->at++;
    ifm_parser_skip_blanks(parser);
    for (bool first = true; !ifm_parser_is(parser, '}') || !(first || text || lenient); first = false) {
        if (!parse_label(parser, list, name, err)) {
            return false;
        }
        ifm_parser_skip_blanks(parser);
        if (ifm_parser_is(parser, '}')) {
            break;
        }
        if (ifm_parser_is(parser, ',')) {
            parser->at++;
            ifm_parser_skip_blanks(parser);
        } else if (!(text && lenient)) {
            return ifm_parser_fail(parser, parser->at, IFM_INVALID, err,
                                   "\",\" or \"}\" is missing after a label");
        }
    }
    parser->at++;
    return true;
}

bool ifm_parser_reserve(ifm_parser *parser, size_t size, ifm_error *err)
{
    if (ifm_buf_reserve(&parser->unescaped, size) != NULL) {
        return true;
    }
    if (parser->unescaped.failed == IFM_NOMEM) {
        return ifm_error_nomem(err);
    }
    return ifm_parser_fail(parser, parser->at, IFM_LIMIT, err, "there are more than %d bytes of escaped text",
                           IFM_PARSE_ESCAPED_BYTES_MAX);
}

void ifm_parser_unescape(ifm_parser *parser, ifm_text *text, bool quotes)
{
    if (text->size == 0 || memchr(text->data, '\\', text->size) == NULL) {
        return;
    }
    char *out = parser->unescaped.data + parser->unescaped.size;
    size_t size = 0;
    for (size_t i = 0; i < text->size; i++) {
        char c = text->data[i];
        char next = i + 1 < text->size ? text->data[i + 1] : '\0';
        bool escape = c == '\\' && (next == '\\' || next == 'n' || (quotes && next == '"'));
        if (escape) {
            c = next == 'n' ? '\n' : next;
            i++;
        }
        out[size++] = c;
    }
    parser->unescaped.size += size;
    *text = (ifm_text){out, size};
}

bool ifm_parse_number(ifm_text text, double *out)
{
    /* Prometheus keeps to what Go read before 1.13, and OpenMetrics has no hexadecimal numbers either. */
    return memchr(text.data, 'x', text.size) == NULL && memchr(text.data, 'X', text.size) == NULL &&
           ifm_number_read(text.data, text.size, out);
}

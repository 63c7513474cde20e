/* SPDX-License-Identifier: Apache-2.0 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "model/regex_class.h"

#include <pcre2.h>
#include <stdio.h>

enum {
    POINT_MAX = 0x10FFFF,
    SURROGATE_FIRST = 0xD800,
    SURROGATE_LAST = 0xDFFF,
    SHOWN_MAX = 160,     /* bytes of a pattern in a message, which has 240 */
    SCRIPT_NAME_MAX = 40 /* "Khitan_Small_Script" has 19 */
};

bool regex_fail(ifm_error *err, const char *why, model_text text)
{
    ifm_buf shown;
    ifm_buf_init(&shown, 2 * SHOWN_MAX);
    if (text.size > 0) { /* no byte that is not UTF-8 gets into a message */
        ifm_utf8_repair(&shown, text.data, text.size, SHOWN_MAX);
    }
    ifm_error_set(err, IFM_INVALID, "error parsing regexp: %s: `%.*s%s`", why, (int)shown.size,
                  shown.size == 0 ? "" : shown.data, text.size > SHOWN_MAX ? "..." : "");
    ifm_buf_deinit(&shown);
    return false;
}

bool regex_is_word(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
}

static bool is_surrogate(uint32_t point)
{
    return point >= SURROGATE_FIRST && point <= SURROGATE_LAST;
}

size_t regex_encode(uint32_t point, char bytes[4])
{
    if (is_surrogate(point)) {
        return 0;
    }
    if (point < 0x80) {
        bytes[0] = (char)point;
        return 1;
    }
    size_t size = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    for (size_t i = size - 1; i > 0; i--) {
        bytes[i] = (char)(0x80 | (point & 0x3F));
        point >>= 6;
    }
    bytes[0] = (char)((0xF00 >> size & 0xFF) | point);
    return size;
}

void regex_write_point(ifm_buf *code, uint32_t point)
{
    if (is_surrogate(point)) {
        ifm_buf_append_text(code, "(?:(?!))"); /* no text has it */
    } else if (point < 0x80 && regex_is_word((char)point)) {
        ifm_buf_append_char(code, (char)point);
    } else {
        ifm_buf_printf(code, "\\x{%x}", (unsigned)point);
    }
}

/* Reads one character from rest[*at..), 0xFFFFFFFF at the end. */
static uint32_t next_point(model_text rest, size_t *at)
{
    uint32_t point = UINT32_MAX;
    if (*at < rest.size) {
        *at += ifm_utf8_decode(rest.data + *at, rest.size - *at, &point);
    }
    return point;
}

static int hex_digit(uint32_t point)
{
    return point >= '0' && point <= '9'   ? (int)point - '0'
           : point >= 'a' && point <= 'f' ? (int)point - 'a' + 10
           : point >= 'A' && point <= 'F' ? (int)point - 'A' + 10
                                          : -1;
}

/* Behind \x: 41 or {41}. False when there are no such digits; *at is behind what was looked at. */
static bool read_hex(model_text rest, size_t *at, uint32_t *point)
{
    uint32_t c = next_point(rest, at);
    if (c != '{') {
        int high = hex_digit(c);
        int low = *at < rest.size ? hex_digit(next_point(rest, at)) : -1;
        *point = (uint32_t)(high * 16 + low);
        return high >= 0 && low >= 0;
    }
    *point = 0;
    for (size_t digits = 0;; digits++) {
        c = next_point(rest, at);
        if (c == '}') {
            return digits > 0;
        }
        if (hex_digit(c) < 0) {
            return false;
        }
        *point = *point * 16 + (uint32_t)hex_digit(c);
        if (*point > POINT_MAX) {
            return false;
        }
    }
}

static bool is_octal(model_text rest, size_t at)
{
    return at < rest.size && rest.data[at] >= '0' && rest.data[at] <= '7';
}

/* Behind \0, or \1 to \7 when another digit follows (else it would be a back reference). */
static bool read_octal(model_text rest, size_t *at, uint32_t *point)
{
    *point = (uint32_t)(rest.data[1] - '0');
    if (*point != 0 && !is_octal(rest, *at)) {
        return false;
    }
    for (int i = 0; i < 2 && is_octal(rest, *at); i++) {
        *point = *point * 8 + (uint32_t)(rest.data[(*at)++] - '0');
    }
    return true;
}

bool regex_escaped_point(model_text rest, uint32_t *point, size_t *size, ifm_error *err)
{
    static const char letters[] = "afnrtv", meant[] = "\a\f\n\r\t\v";
    size_t at = 1;
    if (rest.size == 1) {
        return regex_fail(err, "trailing backslash at end of expression", (model_text){"", 0});
    }
    uint32_t c = next_point(rest, &at);
    bool known = true;
    if (c < 0x80 && (!regex_is_word((char)c) || c == '_')) {
        *point = c;
    } else if (c >= '0' && c <= '7') {
        known = read_octal(rest, &at, point);
    } else if (c == 'x') {
        known = read_hex(rest, &at, point);
    } else if (c < 0x80 && strchr(letters, (int)c) != NULL) {
        *point = (uint32_t)meant[strchr(letters, (int)c) - letters];
    } else {
        known = false;
    }
    *size = at;
    return known || regex_fail(err, "invalid escape sequence", (model_text){rest.data, at});
}

/* What PCRE2 calls a category or script by this name of Go's; false when there is none. */
static bool property(model_text name, char out[SCRIPT_NAME_MAX + 4])
{
    static const char categories[] =
        " C Cc Cf Cn Co Cs L Ll Lm Lo Lt Lu M Mc Me Mn N Nd Nl No P Pc Pd Pe Pf Pi Po Ps"
        " S Sc Sk Sm So Z Zl Zp Zs Any ";
    char padded[SCRIPT_NAME_MAX + 3];
    if (name.size == 0 || name.size > SCRIPT_NAME_MAX) {
        return false;
    }
    for (size_t i = 0; i < name.size; i++) {
        if (!regex_is_word(name.data[i])) {
            return false;
        }
    }
    snprintf(padded, sizeof padded, " %.*s ", (int)name.size, name.data);
    if (strstr(categories, padded) != NULL) {
        snprintf(out, SCRIPT_NAME_MAX + 4, "%.*s", (int)name.size, name.data);
        return true;
    }
    snprintf(out, SCRIPT_NAME_MAX + 4, "sc:%.*s", (int)name.size, name.data);
    char pattern[SCRIPT_NAME_MAX + 10];
    int code;
    PCRE2_SIZE offset;
    snprintf(pattern, sizeof pattern, "\\p{%s}", out);
    pcre2_code *compiled =
        pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED, PCRE2_UTF, &code, &offset, NULL);
    pcre2_code_free(compiled);
    return compiled != NULL;
}

/* \pL, \p{Greek}, \P{^Lu} */
static bool unicode_class(model_text rest, ifm_buf *code, size_t *size, ifm_error *err)
{
    static const char unknown[] = "invalid character class range";
    bool negative = rest.data[1] == 'P';
    size_t at = 2;
    model_text name = {rest.data + at, 0};
    if (next_point(rest, &at) == '{') {
        const char *close = memchr(rest.data, '}', rest.size);
        if (close == NULL) {
            return regex_fail(err, unknown, rest);
        }
        at = (size_t)(close + 1 - rest.data);
        name = (model_text){rest.data + 3, at - 4};
    } else {
        name.size = at - 2;
    }
    if (name.size > 0 && name.data[0] == '^') {
        negative = !negative;
        name = (model_text){name.data + 1, name.size - 1};
    }
    char translated[SCRIPT_NAME_MAX + 4];
    if (!property(name, translated)) {
        return regex_fail(err, unknown, (model_text){rest.data, at});
    }
    *size = at;
    if (code != NULL) {
        ifm_buf_printf(code, "\\%c{%s}", negative ? 'P' : 'p', translated);
    }
    return true;
}

bool regex_class_escape(model_text rest, bool in_class, ifm_buf *code, size_t *size, ifm_error *err)
{
    char c = rest.size < 2 ? '\0' : rest.data[1];
    *size = 0;
    if (c == 'p' || c == 'P') {
        return unicode_class(rest, code, size, err);
    }
    if (c == '\0' || strchr("dDsSwW", c) == NULL) {
        return true;
    }
    *size = 2;
    if (code == NULL) {
        return true;
    }
    if (c == 's') { /* Go's has no vertical tab */
        ifm_buf_append_text(code, in_class ? "\\t\\n\\f\\r\\x{20}" : "[\\t\\n\\f\\r\\x{20}]");
    } else if (c == 'S') {
        ifm_buf_append_text(code, in_class ? "\\S\\x{b}" : "[^\\t\\n\\f\\r\\x{20}]");
    } else {
        ifm_buf_printf(code, "\\%c", c);
    }
    return true;
}

/* [:alpha:] or [:^alpha:]. *size is 0 when it is none. */
static bool posix_class(model_text rest, ifm_buf *code, size_t *size, ifm_error *err)
{
    static const char names[] =
        " alnum alpha ascii blank cntrl digit graph lower print punct space upper word xdigit ";
    *size = 0;
    if (rest.size < 3 || rest.data[0] != '[' || rest.data[1] != ':') {
        return true;
    }
    const char *close = memmem(rest.data + 2, rest.size - 2, ":]", 2);
    if (close == NULL) {
        return true;
    }
    *size = (size_t)(close + 2 - rest.data);
    size_t start = rest.data[2] == '^' ? 3 : 2;
    char padded[16];
    int length = (int)*size - 2 - (int)start;
    bool known = length > 0 && length + 3 <= (int)sizeof padded;
    for (int i = 0; known && i < length; i++) {
        known = rest.data[start + (size_t)i] >= 'a' && rest.data[start + (size_t)i] <= 'z';
    }
    if (known) {
        snprintf(padded, sizeof padded, " %.*s ", length, rest.data + start);
        known = strstr(names, padded) != NULL;
    }
    if (!known) {
        return regex_fail(err, "invalid character class range", (model_text){rest.data, *size});
    }
    ifm_buf_append(code, rest.data, *size);
    return true;
}

/* One character of a class, from rest[*at..). */
static bool class_point(model_text rest, size_t *at, uint32_t *point, ifm_error *err)
{
    if (*at >= rest.size) {
        return regex_fail(err, "missing closing ]", rest);
    }
    if (rest.data[*at] != '\\') {
        *point = next_point(rest, at);
        return true;
    }
    size_t size;
    if (!regex_escaped_point((model_text){rest.data + *at, rest.size - *at}, point, &size, err)) {
        return false;
    }
    *at += size;
    return true;
}

/* No text has surrogates, and PCRE2 does not take them at the ends of a range. */
static void write_range(ifm_buf *code, uint32_t low, uint32_t high)
{
    low = is_surrogate(low) ? SURROGATE_LAST + 1 : low;
    high = is_surrogate(high) ? SURROGATE_FIRST - 1 : high;
    if (low <= high) {
        ifm_buf_printf(code, low == high ? "\\x{%x}" : "\\x{%x}-\\x{%x}", (unsigned)low, (unsigned)high);
    }
}

/* A character, or a range of them. */
static bool class_range(model_text rest, ifm_buf *code, size_t *at, ifm_error *err)
{
    uint32_t low, high;
    size_t start = *at;
    if (!class_point(rest, at, &low, err)) {
        return false;
    }
    high = low;
    if (rest.size - *at >= 2 && rest.data[*at] == '-' && rest.data[*at + 1] != ']') {
        ++*at;
        if (!class_point(rest, at, &high, err)) {
            return false;
        }
        if (high < low) {
            return regex_fail(err, "invalid character class range",
                              (model_text){rest.data + start, *at - start});
        }
    }
    write_range(code, low, high);
    return true;
}

static bool class_item(model_text rest, ifm_buf *code, size_t *at, ifm_error *err)
{
    model_text here = {rest.data + *at, rest.size - *at};
    size_t size = 0;
    if (!posix_class(here, code, &size, err)) {
        return false;
    }
    if (size == 0 && here.size >= 2 && here.data[0] == '\\' &&
        !regex_class_escape(here, true, code, &size, err)) {
        return false;
    }
    *at += size;
    return size > 0 || class_range(rest, code, at, err);
}

bool regex_class_read(model_text rest, ifm_buf *code, size_t *size, ifm_error *err)
{
    size_t at = 1;
    size_t code_start = code->size;
    bool negative = rest.size > 1 && rest.data[1] == '^';
    at += negative;
    ifm_buf_append_text(code, negative ? "[^" : "[");
    size_t items_start = code->size;
    bool first = true; /* a closing bracket stands for itself there */
    while (at >= rest.size || rest.data[at] != ']' || first) {
        first = false;
        if (!class_item(rest, code, &at, err)) {
            return false;
        }
    }
    *size = at + 1;
    if (code->size == items_start) { /* nothing but surrogates */
        code->size = code_start;
        ifm_buf_append_text(code, negative ? "[\\x{0}-\\x{10ffff}" : "[^\\x{0}-\\x{10ffff}");
    }
    ifm_buf_append_char(code, ']');
    return true;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * printf as Go has it: what does not fit is written into the text, as "%!d(float64=1.5)".
 */
#include "rules/template_impl.h"

#include <math.h>
#include <stdio.h>

typedef struct directive {
    bool minus, plus, sharp, space, zero;
    int width, precision; /* -1: not given */
    char verb;
} directive;

enum { NUMBER_SIZE = 512 };

/* ---- Directives ---- */

static bool read_number(template_run *run, model_text format, size_t *at, int *out)
{
    for (; *at < format.size && format.data[*at] >= '0' && format.data[*at] <= '9'; (*at)++) {
        *out = (*out < 0 ? 0 : *out) * 10 + (format.data[*at] - '0');
        if (*out > RULES_PRINTF_WIDTH_MAX) {
            return template_run_fail(run, "printf: a width or precision is above %d", RULES_PRINTF_WIDTH_MAX);
        }
    }
    return true;
}

static bool read_flag(directive *out, char c)
{
    switch (c) {
    case '-':
        return out->minus = true;
    case '+':
        return out->plus = true;
    case '#':
        return out->sharp = true;
    case ' ':
        return out->space = true;
    case '0':
        return out->zero = true;
    default:
        return false;
    }
}

/* Behind the percent sign. */
static bool read_directive(template_run *run, model_text format, size_t *at, directive *out)
{
    *out = (directive){.width = -1, .precision = -1};
    while (*at < format.size && read_flag(out, format.data[*at])) {
        ++*at;
    }
    if (!read_number(run, format, at, &out->width)) {
        return false;
    }
    if (*at < format.size && format.data[*at] == '.') {
        ++*at;
        out->precision = 0;
        if (!read_number(run, format, at, &out->precision)) {
            return false;
        }
    }
    if (*at < format.size && (format.data[*at] == '*' || format.data[*at] == '[')) {
        return template_run_fail(run, "printf: %%%c is not supported here", format.data[*at]);
    }
    out->verb = *at < format.size ? format.data[(*at)++] : '\0';
    return true;
}

/* ---- Writing ---- */

/* In its width, which counts characters. */
static void append_padded(const directive *how, model_text text, ifm_buf *out)
{
    size_t length = ifm_utf8_valid(text.data, text.size) ? ifm_utf8_length(text.data, text.size) : text.size;
    size_t padding = how->width > 0 && (size_t)how->width > length ? (size_t)how->width - length : 0;
    if (how->minus) {
        ifm_buf_append(out, text.data, text.size);
    }
    bool sign = how->zero && !how->minus && text.size > 0 && (text.data[0] == '-' || text.data[0] == '+');
    if (sign) {
        ifm_buf_append_char(out, text.data[0]);
        text = (model_text){text.data + 1, text.size - 1};
    }
    for (size_t i = 0; i < padding; i++) {
        ifm_buf_append_char(out, how->zero && !how->minus ? '0' : ' ');
    }
    if (!how->minus) {
        ifm_buf_append(out, text.data, text.size);
    }
}

static void append_signed(const directive *how, const char *digits, bool negative, ifm_buf *out)
{
    char text[NUMBER_SIZE + RULES_PRINTF_WIDTH_MAX];
    snprintf(text, sizeof text, "%s%s", negative ? "-" : how->plus ? "+" : how->space ? " " : "", digits);
    append_padded(how, model_text_of(text), out);
}

static void float_digits(const directive *how, double value, char *out, size_t size)
{
    char plain[IFM_NUMBER_PLAIN_SIZE];
    if (!isfinite(value)) {
        snprintf(out, size, "%s", isnan(value) ? "NaN" : "Inf");
    } else if (how->verb == 'v' || (how->verb == 'g' && how->precision < 0)) {
        snprintf(out, size, "%.*s", (int)ifm_number_write_g(plain, value), plain);
    } else if (how->verb == 'f' || how->verb == 'F') {
        snprintf(out, size, "%.*f", how->precision < 0 ? 6 : how->precision, value);
    } else if (how->verb == 'G') {
        snprintf(out, size, "%.*G", how->precision < 0 ? 17 : how->precision, value);
        if (how->precision < 0) {
            snprintf(out, size, "%.*s", (int)ifm_number_write_g(plain, value), plain);
        }
    } else if (how->verb == 'g') {
        snprintf(out, size, "%.*g", how->precision, value);
    } else {
        snprintf(out, size, how->verb == 'E' ? "%.*E" : "%.*e", how->precision < 0 ? 6 : how->precision,
                 value);
    }
    for (char *c = out; how->verb == 'G' && *c != '\0'; c++) {
        *c = *c == 'e' ? 'E' : *c;
    }
}

static bool append_float(const directive *how, double value, ifm_buf *out)
{
    char digits[NUMBER_SIZE + RULES_PRINTF_WIDTH_MAX];
    if (how->verb == '\0' || strchr("vfFeEgG", how->verb) == NULL) {
        return false;
    }
    float_digits(how, fabs(value), digits, sizeof digits);
    directive finite = *how;
    if (isinf(value)) {
        finite.zero = false;
        finite.plus = true; /* Go says +Inf */
    } else if (isnan(value)) {
        finite.zero = false;
    }
    append_signed(&finite, digits, signbit(value) && !isnan(value), out);
    return true;
}

static bool append_whole(const directive *how, int64_t value, ifm_buf *out)
{
    char digits[NUMBER_SIZE];
    uint64_t size = value < 0 ? (uint64_t)0 - (uint64_t)value : (uint64_t)value;
    size_t at = sizeof digits - 1;
    unsigned base = how->verb == 'x' || how->verb == 'X' ? 16
                    : how->verb == 'o'                   ? 8
                    : how->verb == 'b'                   ? 2
                                                         : 10;
    if (how->verb == '\0' || strchr("vdxXob", how->verb) == NULL) {
        return false;
    }
    digits[at] = '\0';
    do {
        digits[--at] = (how->verb == 'X' ? "0123456789ABCDEF" : "0123456789abcdef")[size % base];
        size /= base;
    } while (size > 0);
    append_signed(how, digits + at, value < 0, out);
    return true;
}

static bool append_text(template_run *run, const directive *how, model_text text, ifm_buf *out)
{
    ifm_buf work;
    ifm_buf_init(&work, 4 * RULES_TEMPLATE_BYTES_MAX);
    size_t size = text.size;
    if (how->precision >= 0) { /* so many characters at most */
        size = 0;
        for (int i = 0; i < how->precision && size < text.size; i++) {
            uint32_t point;
            size_t step = ifm_utf8_decode(text.data + size, text.size - size, &point);
            size += step == 0 ? 1 : step;
        }
    }
    const model_text cut = {text.data, size};
    switch (how->verb) {
    case 'v':
    case 's':
        ifm_buf_append(&work, cut.data, cut.size);
        break;
    case 'q':
        model_quote(&work, cut);
        break;
    case 'x':
    case 'X':
        for (size_t i = 0; i < cut.size; i++) {
            ifm_buf_printf(&work, how->verb == 'x' ? "%02x" : "%02X", (unsigned)(unsigned char)cut.data[i]);
        }
        break;
    default:
        return false; /* nothing is in it */
    }
    bool ok = ifm_buf_check(&work, run->err);
    append_padded(how, (model_text){work.data == NULL ? "" : work.data, work.size}, out);
    ifm_buf_deinit(&work);
    return ok;
}

/* Whether the verb fits. */
static bool append_argument(template_run *run, const directive *how, const template_value *value,
                            ifm_buf *out)
{
    ifm_buf work;
    switch (value->kind) {
    case TEMPLATE_FLOAT:
        return append_float(how, value->number, out);
    case TEMPLATE_INT:
        return append_whole(how, value->whole, out);
    case TEMPLATE_TEXT:
        return append_text(run, how, value->text, out);
    case TEMPLATE_BOOL:
        if (how->verb == 't' || how->verb == 'v') {
            append_padded(how, model_text_of(value->truth ? "true" : "false"), out);
            return true;
        }
        return false;
    default:
        if (how->verb != 'v' && how->verb != 's') {
            return false;
        }
        ifm_buf_init(&work, RULES_TEMPLATE_BYTES_MAX);
        if (template_print(run, value, &work)) {
            append_padded(how, (model_text){work.data, work.size}, out);
        }
        ifm_buf_deinit(&work);
        return true;
    }
}

static void append_type(template_run *run, const template_value *value, ifm_buf *out)
{
    ifm_buf_append_text(out, template_kind_name(value->kind));
    ifm_buf_append_char(out, '=');
    (void)template_print(run, value, out);
}

/* One directive with its argument, if there is one left. */
static bool directive_run(template_run *run, const directive *how, const template_value *argument,
                          ifm_buf *out)
{
    if (how->verb == '\0') {
        ifm_buf_append_text(out, "%!(NOVERB)");
    } else if (argument == NULL) {
        ifm_buf_printf(out, "%%!%c(MISSING)", how->verb);
    } else if (!append_argument(run, how, argument, out) && run->err->code == IFM_OK) {
        ifm_buf_printf(out, "%%!%c(", how->verb);
        append_type(run, argument, out);
        ifm_buf_append_char(out, ')');
    }
    return run->err->code == IFM_OK;
}

static void append_extra(template_run *run, const template_value *arguments, size_t count, ifm_buf *out)
{
    ifm_buf_append_text(out, "%!(EXTRA ");
    for (size_t i = 0; i < count; i++) {
        ifm_buf_append_text(out, i == 0 ? "" : ", ");
        append_type(run, &arguments[i], out);
    }
    ifm_buf_append_char(out, ')');
}

bool template_printf(template_run *run, const template_value *arguments, size_t count, template_value *out)
{
    model_text format = arguments[0].text;
    size_t used = 1;
    ifm_buf text;
    ifm_buf_init(&text, RULES_TEMPLATE_BYTES_MAX);
    bool ok = true;
    run->err->code = IFM_OK;
    for (size_t at = 0; ok && text.failed == IFM_OK && at < format.size;) {
        directive how;
        if (format.data[at] != '%') {
            ifm_buf_append_char(&text, format.data[at++]);
            continue;
        }
        at++;
        ok = read_directive(run, format, &at, &how);
        if (ok && how.verb == '%') {
            ifm_buf_append_char(&text, '%');
        } else if (ok) {
            ok = directive_run(run, &how, used < count ? &arguments[used] : NULL, &text);
            used++;
        }
    }
    if (ok && used < count) {
        append_extra(run, &arguments[used], count - used, &text);
        ok = run->err->code == IFM_OK;
    }
    if (!ok) {
        ifm_buf_deinit(&text);
        return false;
    }
    return template_take_text(run, &text, out);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * One pass over the pattern, without recursion: what is read is written at once. Flags are written before the
 * next atom that needs them, so that a repetition behind (?i) still stands right behind what it repeats.
 */
#include "model/regex_syntax.h"

#include "model/limits.h"
#include "model/regex_class.h"

#include <stdio.h>

/* What holds within a group, and comes back behind it. */
typedef struct regex_level {
    bool fold, multi_line, dot_all, ungreedy;
    bool fold_written;
    uint32_t repeats;  /* how often its most repeated part is */
    size_t code_start; /* of the group in the code */
} regex_level;

typedef struct regex_reader {
    regex_syntax *to;
    model_text pattern;
    size_t at;
    size_t depth;
    regex_level levels[MODEL_REGEX_DEPTH_MAX + 1];
    bool has_atom; /* there is something to repeat, */
    bool repeated; /* which was repeated already */
    size_t atom_start;
    uint32_t atom_repeats;
    size_t repeat_start; /* of the repetition that came just before, or SIZE_MAX */
    ifm_error *err;
} regex_reader;

static regex_level *level(regex_reader *r)
{
    return &r->levels[r->depth];
}

static char peek(const regex_reader *r, size_t ahead)
{
    return r->pattern.size - r->at > ahead ? r->pattern.data[r->at + ahead] : '\0';
}

static bool sees(const regex_reader *r, const char *text)
{
    size_t size = strlen(text);
    return r->pattern.size - r->at >= size && memcmp(r->pattern.data + r->at, text, size) == 0;
}

/* Complains of pattern[start..end). */
static bool fail(const regex_reader *r, const char *why, size_t start, size_t end)
{
    return regex_fail(r->err, why, (model_text){r->pattern.data + start, end - start});
}

static bool fail_here(const regex_reader *r, const char *why, size_t start)
{
    return fail(r, why, start, r->at);
}

/* What follows is one atom of the translation. */
static void begin_atom(regex_reader *r)
{
    regex_level *l = level(r);
    if (r->has_atom && r->atom_repeats > l->repeats) {
        l->repeats = r->atom_repeats;
    }
    if (l->fold != l->fold_written) {
        ifm_buf_append_text(&r->to->code, l->fold ? "(?i)" : "(?-i)");
        l->fold_written = l->fold;
    }
    r->has_atom = true;
    r->repeated = false;
    r->atom_repeats = 1;
    r->atom_start = r->to->code.size;
}

static void write_atom(regex_reader *r, const char *code)
{
    begin_atom(r);
    ifm_buf_append_text(&r->to->code, code);
    regex_shape_other(&r->to->shape);
}

static void literal(regex_reader *r, uint32_t point, const char *bytes, size_t size)
{
    begin_atom(r);
    regex_write_point(&r->to->code, point);
    if (level(r)->fold || bytes == NULL) {
        regex_shape_other(&r->to->shape);
    } else {
        regex_shape_literal(&r->to->shape, bytes, size);
    }
}

/* The character at `at`, as it is. */
static void literal_here(regex_reader *r)
{
    uint32_t point = 0;
    const char *bytes = r->pattern.data + r->at;
    size_t size = ifm_utf8_decode(bytes, r->pattern.size - r->at, &point);
    r->at += size;
    literal(r, point, bytes, size);
}

static void quoted(regex_reader *r)
{
    r->at += 2;
    while (r->at < r->pattern.size && !sees(r, "\\E")) {
        literal_here(r);
    }
    r->at += sees(r, "\\E") ? 2 : 0;
}

static bool escape(regex_reader *r)
{
    char c = peek(r, 1);
    if (c == 'Q') {
        quoted(r);
        return true;
    }
    if (c == 'A' || c == 'z' || c == 'b' || c == 'B') {
        char code[] = "(?:\\?)"; /* the group can be repeated, an assertion could not */
        code[4] = c;
        r->at += 2;
        write_atom(r, code);
        return true;
    }
    if (c == 'C') {
        return fail(r, "invalid escape sequence", r->at, r->at + 2);
    }
    model_text rest = {r->pattern.data + r->at, r->pattern.size - r->at};
    size_t size = 0;
    if (!regex_class_escape(rest, false, NULL, &size, r->err)) {
        return false;
    }
    if (size > 0) {
        begin_atom(r);
        regex_shape_other(&r->to->shape);
        regex_class_escape(rest, false, &r->to->code, &size, r->err);
        r->at += size;
        return true;
    }
    uint32_t point;
    if (!regex_escaped_point(rest, &point, &size, r->err)) {
        return false;
    }
    r->at += size;
    char bytes[4];
    size_t length = regex_encode(point, bytes);
    literal(r, point, length == 0 ? NULL : bytes, length);
    return true;
}

static bool class(regex_reader *r)
{
    model_text rest = {r->pattern.data + r->at, r->pattern.size - r->at};
    size_t size;
    begin_atom(r);
    regex_shape_other(&r->to->shape);
    if (!regex_class_read(rest, &r->to->code, &size, r->err)) {
        return false;
    }
    r->at += size;
    return true;
}

static bool push(regex_reader *r, bool capture, regex_name name)
{
    if (r->depth == MODEL_REGEX_DEPTH_MAX) {
        return fail(r, "expression nests too deeply", 0, r->pattern.size);
    }
    begin_atom(r);
    regex_level inner = *level(r);
    inner.repeats = 1;
    inner.code_start = r->atom_start;
    r->levels[++r->depth] = inner;
    ifm_buf_append_text(&r->to->code, capture ? "(" : "(?:");
    if (capture) {
        ifm_buf_append(&r->to->names, &name, sizeof name);
    }
    r->has_atom = false;
    return true;
}

/* (?P<name> or (?<name>, of which `skip` bytes stand before the name. */
static bool open_named(regex_reader *r, size_t skip)
{
    size_t start = r->at;
    const char *close = memchr(r->pattern.data + start, '>', r->pattern.size - start);
    if (close == NULL) {
        return fail(r, "invalid named capture", start, r->pattern.size);
    }
    size_t end = (size_t)(close - r->pattern.data);
    bool valid = end > start + skip;
    for (size_t i = start + skip; i < end; i++) {
        valid = valid && regex_is_word(r->pattern.data[i]);
    }
    if (!valid) {
        return fail(r, "invalid named capture", start, end + 1);
    }
    regex_shape_open(&r->to->shape, start == 0);
    r->at = end + 1;
    return push(r, true, (regex_name){(uint32_t)(start + skip), (uint32_t)(end - start - skip)});
}

static bool set_flag(regex_level *flags, char c, bool on)
{
    switch (c) {
    case 'i':
        flags->fold = on;
        return true;
    case 'm':
        flags->multi_line = on;
        return true;
    case 's':
        flags->dot_all = on;
        return true;
    case 'U':
        flags->ungreedy = on;
        return true;
    default:
        return false;
    }
}

/* (?flags) or (?flags: */
static bool open_flags(regex_reader *r)
{
    static const char unsupported[] = "invalid or unsupported Perl syntax";
    size_t start = r->at;
    regex_level flags = *level(r);
    bool on = true;
    bool needed = false; /* a flag, behind a minus */
    for (r->at += 2; r->at < r->pattern.size;) {
        uint32_t point;
        char c = r->pattern.data[r->at];
        r->at += ifm_utf8_decode(r->pattern.data + r->at, r->pattern.size - r->at, &point);
        if ((c == ':' || c == ')') && !needed) {
            if (c == ':') {
                regex_shape_open(&r->to->shape, start == 0);
                if (!push(r, false, (regex_name){0, 0})) {
                    return false;
                }
            }
            flags.fold_written = level(r)->fold_written;
            flags.repeats = level(r)->repeats;
            flags.code_start = level(r)->code_start;
            *level(r) = flags;
            return true;
        }
        if (c == '-' && on) {
            on = false;
            needed = true;
        } else if (set_flag(&flags, c, on)) {
            needed = false;
        } else {
            return fail_here(r, unsupported, start);
        }
    }
    return fail_here(r, unsupported, start);
}

static bool open_group(regex_reader *r)
{
    if (peek(r, 1) != '?') {
        regex_shape_open(&r->to->shape, r->at == 0);
        r->at++;
        return push(r, true, (regex_name){0, 0});
    }
    size_t left = r->pattern.size - r->at;
    if (left > 4 && peek(r, 2) == 'P' && peek(r, 3) == '<') {
        return open_named(r, 4);
    }
    if (left > 3 && peek(r, 2) == '<') {
        return open_named(r, 3);
    }
    return open_flags(r);
}

static void end_atom(regex_reader *r)
{
    if (r->has_atom && r->atom_repeats > level(r)->repeats) {
        level(r)->repeats = r->atom_repeats;
    }
    r->has_atom = false;
}

static bool close_group(regex_reader *r)
{
    if (r->depth == 0) {
        return fail(r, "unexpected )", 0, r->pattern.size);
    }
    end_atom(r);
    ifm_buf_append_char(&r->to->code, ')');
    r->at++;
    regex_shape_close(&r->to->shape, r->at == r->pattern.size);
    r->has_atom = true;
    r->repeated = false;
    r->atom_repeats = level(r)->repeats;
    r->atom_start = level(r)->code_start;
    r->depth--;
    return true;
}

/* Puts the last atom, which has a repetition behind it, in a group of its own. */
static void wrap_atom(regex_reader *r)
{
    static const char open[] = "(?:";
    ifm_buf *code = &r->to->code;
    size_t size = code->size - r->atom_start;
    if (ifm_buf_reserve(code, sizeof open) == NULL) {
        return;
    }
    char *atom = code->data + r->atom_start;
    memmove(atom + strlen(open), atom, size);
    memcpy(atom, open, strlen(open));
    code->size += strlen(open);
    ifm_buf_append_char(code, ')');
}

static void write_repeat(regex_reader *r, int min, int max, bool lazy)
{
    ifm_buf *code = &r->to->code;
    if (r->repeated) {
        wrap_atom(r);
    }
    if (max < 0 && min <= 1) {
        ifm_buf_append_char(code, min == 0 ? '*' : '+');
    } else if (min == 0 && max == 1) {
        ifm_buf_append_char(code, '?');
    } else if (max < 0) {
        ifm_buf_printf(code, "{%d,}", min);
    } else {
        ifm_buf_printf(code, "{%d,%d}", min, max);
    }
    if (lazy != level(r)->ungreedy) {
        ifm_buf_append_char(code, '?');
    }
    r->repeated = true;
    regex_shape_repeat(&r->to->shape, min, max);
}

/* A repetition from `start` to `at`; counted: with braces. */
static bool repeat(regex_reader *r, size_t start, int min, int max, bool counted)
{
    bool lazy = peek(r, 0) == '?';
    r->at += lazy;
    if (r->repeat_start != SIZE_MAX) {
        return fail_here(r, "invalid nested repetition operator", r->repeat_start);
    }
    if (!r->has_atom) {
        return fail_here(r, "missing argument to repetition operator", start);
    }
    if (counted && (min >= 2 || max >= 2)) {
        r->atom_repeats *= (uint32_t)(max < 0 ? min : max);
        if (r->atom_repeats > MODEL_REGEX_REPEAT_MAX) {
            return fail_here(r, "invalid repeat count", start);
        }
    }
    write_repeat(r, min, max, lazy);
    r->repeat_start = start;
    return true;
}

/* Digits without leading zeros; *number is -1 when there are too many of them. */
static bool read_number(regex_reader *r, int *number)
{
    size_t start = r->at;
    *number = 0;
    while (peek(r, 0) >= '0' && peek(r, 0) <= '9') {
        *number = *number < 0 || *number > 1000000 ? -1 : *number * 10 + (peek(r, 0) - '0');
        r->at++;
    }
    return r->at > start && (r->at == start + 1 || r->pattern.data[start] != '0');
}

/* {n}, {n,} or {n,m}; anything else is a brace like any other character. */
static bool braces(regex_reader *r, size_t previous)
{
    size_t start = r->at;
    int min, max;
    r->at++;
    bool is_repeat = read_number(r, &min);
    max = min;
    if (is_repeat && peek(r, 0) == ',') {
        r->at++;
        max = -1;
        if (peek(r, 0) != '}') {
            is_repeat = read_number(r, &max);
            max = max < 0 ? MODEL_REGEX_REPEAT_MAX + 1 : max;
        }
    }
    if (!is_repeat || peek(r, 0) != '}') {
        r->at = start;
        literal_here(r);
        return true;
    }
    r->at++;
    if (min < 0 || min > MODEL_REGEX_REPEAT_MAX || max > MODEL_REGEX_REPEAT_MAX || (max >= 0 && min > max)) {
        return fail_here(r, "invalid repeat count", start);
    }
    r->repeat_start = previous;
    return repeat(r, start, min, max, true);
}

static void alternative(regex_reader *r)
{
    end_atom(r);
    r->at++;
    ifm_buf_append_char(&r->to->code, '|');
    regex_shape_alternative(&r->to->shape);
}

static void dot(regex_reader *r)
{
    r->at++;
    if (!level(r)->dot_all) {
        write_atom(r, "[^\\n]");
        return;
    }
    begin_atom(r);
    ifm_buf_append_char(&r->to->code, '.');
    regex_shape_dot(&r->to->shape);
}

static void assertion(regex_reader *r, bool begin)
{
    r->at++;
    if (level(r)->multi_line) {
        write_atom(r, begin ? "(?:(?<![^\\n]))" : "(?:(?![^\\n]))");
    } else {
        write_atom(r, begin ? "(?:\\A)" : "(?:\\z)");
    }
}

static bool step(regex_reader *r)
{
    size_t previous = r->repeat_start;
    size_t start = r->at;
    char c = r->pattern.data[start];
    r->repeat_start = SIZE_MAX;
    switch (c) {
    case '(':
        return open_group(r);
    case ')':
        return close_group(r);
    case '|':
        alternative(r);
        return true;
    case '[':
        return class(r);
    case '\\':
        return escape(r);
    case '.':
        dot(r);
        return true;
    case '^':
    case '$':
        assertion(r, c == '^');
        return true;
    case '{':
        return braces(r, previous);
    case '*':
    case '+':
    case '?':
        r->at++;
        r->repeat_start = previous;
        return repeat(r, start, c == '+', c == '?' ? 1 : -1, false);
    default:
        literal_here(r);
        return true;
    }
}

void regex_syntax_init(regex_syntax *syntax)
{
    ifm_buf_init(&syntax->code, MODEL_REGEX_CODE_SIZE_MAX);
    ifm_buf_init(&syntax->names, MODEL_REGEX_SIZE_MAX * sizeof(regex_name));
    regex_shape_init(&syntax->shape);
}

void regex_syntax_deinit(regex_syntax *syntax)
{
    ifm_buf_deinit(&syntax->code);
    ifm_buf_deinit(&syntax->names);
    regex_shape_deinit(&syntax->shape);
}

bool regex_syntax_read(regex_syntax *syntax, model_text pattern, ifm_error *err)
{
    if (pattern.size > MODEL_REGEX_SIZE_MAX) {
        return ifm_error_set(err, IFM_LIMIT, "cannot use a regular expression of %zu bytes: the limit is %d",
                             pattern.size, MODEL_REGEX_SIZE_MAX);
    }
    regex_reader r = {.to = syntax, .pattern = pattern, .repeat_start = SIZE_MAX, .err = err};
    r.levels[0] = (regex_level){.dot_all = true, .repeats = 1};
    if (pattern.size > 0 && !ifm_utf8_valid(pattern.data, pattern.size)) {
        return fail(&r, "invalid UTF-8", 0, pattern.size);
    }
    while (r.at < pattern.size) {
        if (!step(&r)) {
            return false;
        }
    }
    if (r.depth > 0) {
        return fail(&r, "missing closing )", 0, pattern.size);
    }
    syntax->shape.simple = syntax->shape.simple && !syntax->shape.dot;
    return ifm_buf_check(&syntax->code, err) && ifm_buf_check(&syntax->names, err);
}

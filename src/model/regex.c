/* SPDX-License-Identifier: Apache-2.0
 *
 * PCRE2 does the matching, with limits: a pattern can cost an error, but neither a hang nor memory without
 * end. It gets to see only what regex_syntax.c has translated. Patterns without anything to search for need
 * no engine.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "model/limits.h"
#include "model/matcher.h"
#include "model/regex_class.h"
#include "model/regex_syntax.h"

#include <pcre2.h>

struct model_regex {
    regex_syntax syntax; /* the translation, the names of groups, and the shape */
    char *pattern;       /* a copy: the names are in it */
    bool searches;       /* it may match a part of a text */
    model_text *items;   /* of a simple shape */
    size_t item_count;
    pcre2_general_context *memory;
    pcre2_compile_context *rules;
    pcre2_match_context *limits;
    pcre2_code *code; /* of a simple shape only when it is needed */
    pcre2_match_data *data;
};

static void *regex_alloc(size_t size, void *context)
{
    (void)context;
    return ifm_alloc(size);
}

static void regex_release(void *memory, void *context)
{
    (void)context;
    ifm_free(memory);
}

void model_regex_free(model_regex *regex)
{
    if (regex == NULL) {
        return;
    }
    pcre2_match_data_free(regex->data);
    pcre2_code_free(regex->code);
    pcre2_match_context_free(regex->limits);
    pcre2_compile_context_free(regex->rules);
    pcre2_general_context_free(regex->memory);
    regex_syntax_deinit(&regex->syntax);
    ifm_free(regex->items);
    ifm_free(regex->pattern);
    ifm_free(regex);
}

static bool regex_contexts(model_regex *regex, ifm_error *err)
{
    regex->memory = pcre2_general_context_create(regex_alloc, regex_release, NULL);
    if (regex->memory == NULL) {
        return ifm_error_nomem(err);
    }
    regex->rules = pcre2_compile_context_create(regex->memory);
    regex->limits = pcre2_match_context_create(regex->memory);
    if (regex->rules == NULL || regex->limits == NULL) {
        return ifm_error_nomem(err);
    }
    /* Assertions are in groups of their own. */
    pcre2_set_parens_nest_limit(regex->rules, 2 * MODEL_REGEX_DEPTH_MAX + 10);
    pcre2_set_match_limit(regex->limits, MODEL_REGEX_STEPS_MAX);
    pcre2_set_heap_limit(regex->limits, MODEL_REGEX_HEAP_KIB_MAX);
    return true;
}

static bool regex_compile_code(model_regex *regex, const ifm_buf *code, ifm_error *err)
{
    int number;
    PCRE2_SIZE offset;
    uint32_t options = PCRE2_UTF | PCRE2_NO_UTF_CHECK | PCRE2_DOTALL | PCRE2_NEVER_BACKSLASH_C;
    regex->code =
        pcre2_compile((PCRE2_SPTR)code->data, code->size,
                      regex->searches ? options : options | PCRE2_ANCHORED, &number, &offset, regex->rules);
    if (regex->code == NULL && number == PCRE2_ERROR_HEAP_FAILED) {
        return ifm_error_nomem(err);
    }
    if (regex->code == NULL) {
        char why[120] = "";
        pcre2_get_error_message(number, (PCRE2_UCHAR *)why, sizeof why);
        return ifm_error_set(err, IFM_LIMIT, "cannot use a regular expression of %zu bytes: %s",
                             regex->syntax.code.size, why);
    }
    /* Faster, where the machine can; without it the result is the same. */
    pcre2_jit_compile(regex->code, PCRE2_JIT_COMPLETE);
    regex->data = pcre2_match_data_create_from_pattern(regex->code, regex->memory);
    return regex->data != NULL || ifm_error_nomem(err);
}

static bool regex_compile(model_regex *regex, ifm_error *err)
{
    if (regex->data != NULL) {
        return true;
    }
    if (regex->memory == NULL && !regex_contexts(regex, err)) {
        return false;
    }
    ifm_buf code;
    ifm_buf_init(&code, MODEL_REGEX_CODE_SIZE_MAX + 16);
    /* All of the text, between its ends, unless a part of it is enough. */
    ifm_buf_append_text(&code, regex->searches ? "" : "\\A(?:");
    ifm_buf_append(&code, regex->syntax.code.data, regex->syntax.code.size);
    ifm_buf_append_text(&code, regex->searches ? "" : ")\\z");
    bool done = ifm_buf_check(&code, err) && regex_compile_code(regex, &code, err);
    ifm_buf_deinit(&code);
    return done;
}

static model_regex *regex_new(model_text pattern, bool searches, ifm_error *err)
{
    model_regex *regex = ifm_alloc_zero(1, sizeof *regex);
    if (regex == NULL) {
        ifm_error_nomem(err);
        return NULL;
    }
    regex_syntax_init(&regex->syntax);
    regex->pattern = ifm_copy_bytes(pattern.size == 0 ? "" : pattern.data, pattern.size);
    bool done = regex->pattern != NULL || ifm_error_nomem(err);
    done = done && regex_syntax_read(&regex->syntax, pattern, err);
    regex->searches = searches;
    regex->syntax.shape.simple = regex->syntax.shape.simple && !searches;
    if (done && regex->syntax.shape.simple) {
        done = regex_shape_finish(&regex->syntax.shape, &regex->items, &regex->item_count, err);
    } else if (done) {
        done = regex_compile(regex, err);
    }
    if (!done) {
        model_regex_free(regex);
        return NULL;
    }
    return regex;
}

model_regex *model_regex_new(model_text pattern, ifm_error *err)
{
    return regex_new(pattern, false, err);
}

model_regex *model_regex_new_search(model_text pattern, ifm_error *err)
{
    if (!model_regex_check(pattern, err)) { /* by itself: "a)(b" is none */
        return NULL;
    }
    ifm_buf wrapped;
    ifm_buf_init(&wrapped, MODEL_REGEX_TEXT_SIZE_MAX);
    ifm_buf_append_text(&wrapped, "(?-s:");
    ifm_buf_append(&wrapped, pattern.data, pattern.size);
    ifm_buf_append_char(&wrapped, ')');
    model_regex *regex =
        ifm_buf_check(&wrapped, err) ? regex_new((model_text){wrapped.data, wrapped.size}, true, err) : NULL;
    ifm_buf_deinit(&wrapped);
    return regex;
}

bool model_regex_check(model_text pattern, ifm_error *err)
{
    regex_syntax syntax;
    regex_syntax_init(&syntax);
    bool valid = regex_syntax_read(&syntax, pattern, err);
    regex_syntax_deinit(&syntax);
    return valid;
}

/* What a match came to: true, or false with *err for anything but "does not match". */
static bool regex_result(int result, ifm_error *err)
{
    switch (result) {
    case PCRE2_ERROR_NOMATCH:
        return false;
    case PCRE2_ERROR_NOMEMORY:
        return ifm_error_nomem(err);
    case PCRE2_ERROR_MATCHLIMIT:
    case PCRE2_ERROR_DEPTHLIMIT:
    case PCRE2_ERROR_HEAPLIMIT:
        return ifm_error_set(err, IFM_LIMIT,
                             "could not match a regular expression: it backtracks more than %d times; "
                             "hint: repetitions within repetitions do, as in (a*)*",
                             MODEL_REGEX_STEPS_MAX);
    default:
        return result >= 0 ||
               ifm_error_set(err, IFM_LIMIT, "could not match a regular expression: error %d of PCRE2",
                             result);
    }
}

/* `text` is valid UTF-8; the match begins at byte `from` or behind it. */
static bool regex_run_from(model_regex *regex, model_text text, size_t from, ifm_error *err)
{
    PCRE2_SPTR subject = (PCRE2_SPTR)(text.size == 0 ? "" : text.data);
    int result =
        pcre2_match(regex->code, subject, text.size, from, PCRE2_NO_UTF_CHECK, regex->data, regex->limits);
    if (result == PCRE2_ERROR_JIT_STACKLIMIT) { /* the slower matcher has its frames on the heap */
        result = pcre2_match(regex->code, subject, text.size, from, PCRE2_NO_UTF_CHECK | PCRE2_NO_JIT,
                             regex->data, regex->limits);
    }
    return regex_result(result, err);
}

static bool regex_run(model_regex *regex, model_text text, ifm_error *err)
{
    return regex_run_from(regex, text, 0, err);
}

/* A byte that is not valid UTF-8 counts as U+FFFD, as in Go. Empty unless there is one. */
static bool regex_repair(model_text text, ifm_buf *repaired, ifm_error *err)
{
    ifm_buf_init(repaired, MODEL_REGEX_TEXT_SIZE_MAX);
    if (text.size > 0 && !ifm_utf8_valid(text.data, text.size)) {
        ifm_utf8_repair(repaired, text.data, text.size, MODEL_REGEX_TEXT_SIZE_MAX);
    }
    return ifm_buf_check(repaired, err);
}

bool model_regex_matches(model_regex *regex, model_text text, ifm_error *err)
{
    if (regex->syntax.shape.simple) {
        return regex_shape_matches(&regex->syntax.shape, regex->items, regex->item_count, text);
    }
    ifm_buf repaired;
    bool matches =
        regex_repair(text, &repaired, err) &&
        regex_run(regex, repaired.size > 0 ? (model_text){repaired.data, repaired.size} : text, err);
    ifm_buf_deinit(&repaired);
    return matches;
}

/* ---- Replacements ---- */

/* The reference behind a dollar, `size` bytes with its braces; size 0 when it is none. */
typedef struct reference {
    model_text name;
    size_t size;
} reference;

/* A letter, digit or underscore. Beyond ASCII, signs are told from letters by their blocks. */
static bool is_name_point(uint32_t point)
{
    if (point < 0x80) {
        return regex_is_word((char)point);
    }
    return point >= 0xC0 && point != 0xD7 && point != 0xF7 && !(point >= 0x2000 && point < 0x2C00) &&
           !(point >= 0x3000 && point < 0x3005) && !(point >= 0xE000 && point < 0xF900) && point < 0x1F000;
}

static reference read_reference(model_text rest)
{
    size_t start = rest.size > 0 && rest.data[0] == '{';
    size_t at = start;
    uint32_t point;
    while (at < rest.size) {
        size_t size = ifm_utf8_decode(rest.data + at, rest.size - at, &point);
        if (size == 0 || !is_name_point(point)) {
            break;
        }
        at += size;
    }
    model_text name = {rest.data + start, at - start};
    if (name.size == 0 || (start == 1 && (at >= rest.size || rest.data[at] != '}'))) {
        return (reference){{"", 0}, 0};
    }
    return (reference){name, at + start};
}

/* The number of a group; false when it is a name. */
static bool group_number(model_text name, size_t *number)
{
    *number = 0;
    for (size_t i = 0; i < name.size; i++) {
        if (name.data[i] < '0' || name.data[i] > '9' || *number > 100000000 / 10) {
            return false;
        }
        *number = *number * 10 + (size_t)(name.data[i] - '0');
    }
    return name.size == 1 || name.data[0] != '0';
}

/* What a group matched; false when it took no part. */
static bool group_text(const model_regex *regex, size_t number, model_text text, model_text *out)
{
    const PCRE2_SIZE *ends = pcre2_get_ovector_pointer(regex->data);
    if (number >= pcre2_get_ovector_count(regex->data) || ends[2 * number] == PCRE2_UNSET) {
        return false;
    }
    *out = (model_text){text.data + ends[2 * number], ends[2 * number + 1] - ends[2 * number]};
    return true;
}

/* Groups may share a name: the first that took part counts. */
static bool named_text(const model_regex *regex, model_text name, model_text text, model_text *out)
{
    size_t count = regex->syntax.names.size / sizeof(regex_name);
    for (size_t i = 0; i < count; i++) {
        regex_name group;
        memcpy(&group, regex->syntax.names.data + i * sizeof group, sizeof group);
        if (group.size > 0 &&
            model_text_equal(name, (model_text){regex->pattern + group.start, group.size}) &&
            group_text(regex, i + 1, text, out)) {
            return true;
        }
    }
    return false;
}

static void expand(const model_regex *regex, model_text text, model_text replacement, ifm_buf *out)
{
    for (size_t at = 0; at < replacement.size;) {
        model_text rest = {replacement.data + at + 1, replacement.size - at - 1};
        if (replacement.data[at] != '$') {
            ifm_buf_append_char(out, replacement.data[at++]);
            continue;
        }
        at++;
        reference ref = read_reference(rest);
        if (ref.size == 0) { /* a dollar, of which $$ stands for one */
            ifm_buf_append_char(out, '$');
            at += rest.size > 0 && rest.data[0] == '$';
            continue;
        }
        model_text group;
        size_t number;
        bool found = group_number(ref.name, &number) ? group_text(regex, number, text, &group)
                                                     : named_text(regex, ref.name, text, &group);
        if (found) {
            ifm_buf_append(out, group.data, group.size);
        }
        at += ref.size;
    }
}

bool model_regex_expand(model_regex *regex, model_text text, model_text replacement, ifm_buf *out,
                        bool *matched, ifm_error *err)
{
    if (!regex_compile(regex, err)) {
        return false;
    }
    ifm_buf repaired;
    ifm_error failure;
    failure.code = IFM_OK;
    bool done = regex_repair(text, &repaired, &failure);
    model_text subject = repaired.size > 0 ? (model_text){repaired.data, repaired.size} : text;
    *matched = done && regex_run(regex, subject, &failure);
    if (*matched) {
        expand(regex, subject, replacement, out);
        done = ifm_buf_check(out, &failure);
    }
    ifm_buf_deinit(&repaired);
    if (failure.code != IFM_OK) {
        *err = failure;
    }
    return done && failure.code == IFM_OK;
}

/* As Go's ReplaceAllString(): an empty match right behind another one is none. */
static bool replace(model_regex *regex, model_text text, model_text replacement, ifm_buf *out, ifm_error *err)
{
    size_t from = 0, copied = 0;
    while (from <= text.size && out->failed == IFM_OK && regex_run_from(regex, text, from, err)) {
        const PCRE2_SIZE *ends = pcre2_get_ovector_pointer(regex->data);
        size_t start = ends[0], end = ends[1];
        ifm_buf_append(out, text.data + copied, start - copied);
        if (end > copied || start == 0) {
            expand(regex, text, replacement, out);
        }
        copied = end;
        uint32_t point;
        size_t width = from < text.size ? ifm_utf8_decode(text.data + from, text.size - from, &point) : 1;
        from = from + width > end ? from + width : end;
    }
    if (err->code == IFM_OK) {
        ifm_buf_append(out, text.data + copied, text.size - copied);
    }
    return err->code == IFM_OK && ifm_buf_check(out, err);
}

bool model_regex_replace_all(model_regex *regex, model_text text, model_text replacement, ifm_buf *out,
                             ifm_error *err)
{
    ifm_buf repaired;
    ifm_error failure;
    failure.code = IFM_OK;
    bool done = regex_repair(text, &repaired, &failure) &&
                replace(regex, repaired.size > 0 ? (model_text){repaired.data, repaired.size} : text,
                        replacement, out, &failure);
    ifm_buf_deinit(&repaired);
    if (!done) {
        *err = failure;
    }
    return done;
}

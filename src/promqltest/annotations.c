/* SPDX-License-Identifier: Apache-2.0
 *
 * Whether warnings, infos and failures are those expected. They are looked at only where a line says
 * something of their kind; then each line must fit one of them, and each of them a line.
 */
#include "promqltest/eval.h"
#include "promqltest/text.h"

/* Appends the annotation with the place that it is about, as Prometheus does. */
static void print_annotation(ifm_buf *out, const promql_annotation *annotation, model_text query)
{
    size_t line = 1;
    size_t column = 1;
    ifm_buf_append_text(out, annotation->text);
    if (annotation->start > query.size) {
        ifm_buf_append_text(out, " (invalid position)");
        return;
    }
    for (size_t i = 0; i < annotation->start; i++) {
        bool next = query.data[i] == '\n';
        line += next ? 1 : 0;
        column = next ? 1 : column + 1;
    }
    ifm_buf_printf(out, " (%zu:%zu)", line, column);
}

/* Anything fits when neither a message nor a pattern was given. */
static bool fits(const promqltest_expect *expect, model_text text, ifm_error *err)
{
    if (expect->exact) {
        return model_text_equal(expect->text, text);
    }
    return expect->regex == NULL || model_regex_matches(expect->regex, text, err);
}

static void print_expect(ifm_buf *out, const promqltest_expect *expect)
{
    if (expect->exact) {
        model_quote(out, expect->text);
    } else if (expect->regex != NULL) {
        ifm_buf_append_text(out, "what matches ");
        model_quote(out, expect->text);
    } else {
        ifm_buf_append_text(out, "one");
    }
}

/* The texts of one kind, with line feeds between them: none has one. */
typedef struct text_list {
    const promqltest_eval *eval;
    promqltest_expect_kind kind;
    const char *name;
    ifm_buf buf;
    ifm_error err;
} text_list;

static bool next_text(const text_list *texts, size_t *at, model_text *out)
{
    if (*at >= texts->buf.size) {
        return false;
    }
    const char *from = texts->buf.data + *at;
    const char *end = memchr(from, '\n', texts->buf.size - *at);
    *out = (model_text){from, (size_t)(end - from)};
    *at += out->size + 1;
    return true;
}

static void collect(text_list *texts, const promql_result *result, model_text query)
{
    for (size_t i = 0; i < result->annotation_count; i++) {
        const promql_annotation *annotation = result->annotations[i];
        if (annotation->warning == (texts->kind == PROMQLTEST_WARN)) {
            print_annotation(&texts->buf, annotation, query);
            ifm_buf_append_char(&texts->buf, '\n');
        }
    }
}

static void check_each_expect(text_list *texts, ifm_buf *why)
{
    for (size_t i = 0; i < texts->eval->expect_count; i++) {
        const promqltest_expect *expect = &texts->eval->expects[i];
        bool found = expect->kind != texts->kind;
        model_text text;
        for (size_t at = 0; !found && next_text(texts, &at, &text);) {
            found = fits(expect, text, &texts->err);
        }
        if (!found && why->size == 0) {
            ifm_buf_printf(why, "expected the %s ", texts->name);
            print_expect(why, expect);
            ifm_buf_printf(why, ", got %s", texts->buf.size == 0 ? "none" : "");
            ifm_buf_append(why, texts->buf.data, texts->buf.size == 0 ? 0 : texts->buf.size - 1);
        }
    }
}

static void check_each_text(text_list *texts, ifm_buf *why)
{
    model_text text;
    for (size_t at = 0; next_text(texts, &at, &text);) {
        bool found = false;
        for (size_t i = 0; i < texts->eval->expect_count && !found; i++) {
            const promqltest_expect *expect = &texts->eval->expects[i];
            found = expect->kind == texts->kind && fits(expect, text, &texts->err);
        }
        if (!found && why->size == 0) {
            ifm_buf_printf(why, "expected no such %s, got ", texts->name);
            model_quote(why, text);
        }
    }
}

static void compare_kind(const promqltest_eval *eval, const promql_result *result, model_text query,
                         promqltest_expect_kind kind, ifm_buf *why)
{
    bool none = eval->kinds[kind == PROMQLTEST_WARN ? PROMQLTEST_NO_WARN : PROMQLTEST_NO_INFO] > 0;
    text_list texts = {.eval = eval, .kind = kind, .name = kind == PROMQLTEST_WARN ? "warning" : "info"};
    if (!none && eval->kinds[kind] == 0) {
        return;
    }
    ifm_buf_init(&texts.buf, PROMQLTEST_FAILURE_BYTES_MAX);
    collect(&texts, result, query);
    if (!none) {
        check_each_expect(&texts, why);
    }
    check_each_text(&texts, why);
    if (texts.err.code != IFM_OK && why->size == 0) {
        ifm_buf_append_text(why, texts.err.message);
    }
    if (texts.buf.failed == IFM_NOMEM || texts.err.code == IFM_NOMEM) {
        why->failed = IFM_NOMEM;
    }
    ifm_buf_deinit(&texts.buf);
}

void promqltest_compare_annotations(const promqltest_eval *eval, const promql_result *result,
                                    model_text query, ifm_buf *why)
{
    compare_kind(eval, result, query, PROMQLTEST_WARN, why);
    compare_kind(eval, result, query, PROMQLTEST_INFO, why);
}

void promqltest_compare_failure(const promqltest_eval *eval, const char *text, ifm_buf *why)
{
    ifm_error err = {.code = IFM_OK};
    for (size_t i = 0; i < eval->expect_count; i++) {
        const promqltest_expect *expect = &eval->expects[i];
        if (expect->kind == PROMQLTEST_FAIL && !fits(expect, model_text_of(text), &err)) {
            ifm_buf_append_text(why, "expected the failure ");
            print_expect(why, expect);
            ifm_buf_append_text(why, ", got ");
            model_quote(why, model_text_of(text));
        }
    }
}

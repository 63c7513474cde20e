/* SPDX-License-Identifier: Apache-2.0
 *
 * What the tests of the parser share: expressions in, texts out.
 */
#ifndef IFM_TESTS_PROMQL_PARSE_H
#define IFM_TESTS_PROMQL_PARSE_H

#include "check.h"
#include "promql/promql.h"

#include <inferometer/registry.h>

enum { PARSE_MEMORY_MAX = 16 * 1024 * 1024, PARSE_TEXT_MAX = 4 * 1024 * 1024 };

/* The tree in prefix form: each operator with its operands in parentheses. */
static inline void parse_tree(ifm_buf *out, const promql_node *node)
{
    switch (node->kind) {
    case PROMQL_UNARY:
        ifm_buf_printf(out, "(%s ", promql_operator_name(node->unary.op));
        parse_tree(out, node->unary.expr);
        ifm_buf_append_char(out, ')');
        break;
    case PROMQL_BINARY:
        ifm_buf_printf(out, "(%s ", promql_operator_name(node->binary.op));
        parse_tree(out, node->binary.left);
        ifm_buf_append_char(out, ' ');
        parse_tree(out, node->binary.right);
        ifm_buf_append_char(out, ')');
        break;
    case PROMQL_DURATION:
        ifm_buf_printf(out, "<%d", (int)node->duration.op);
        if (node->duration.left != NULL) {
            ifm_buf_append_char(out, ' ');
            parse_tree(out, node->duration.left);
        }
        if (node->duration.right != NULL) {
            ifm_buf_append_char(out, ' ');
            parse_tree(out, node->duration.right);
        }
        ifm_buf_append_char(out, '>');
        break;
    case PROMQL_PAREN:
        ifm_buf_append_text(out, "[");
        parse_tree(out, node->paren);
        ifm_buf_append_text(out, "]");
        break;
    case PROMQL_VECTOR:
        if (node->vector.shift.offset_expr != NULL) {
            ifm_buf_printf(out, "%.*s@", (int)node->vector.name.size, node->vector.name.data);
            parse_tree(out, node->vector.shift.offset_expr);
            break;
        }
        promql_print(node, out);
        break;
    default:
        promql_print(node, out);
        break;
    }
}

typedef void parse_writer(ifm_buf *out, const promql_node *node);

static inline void parse_printed(ifm_buf *out, const promql_node *node)
{
    promql_print(node, out);
}

/* What `writer` makes of the expression, or the message of its error; the caller frees it. */
static inline char *parse_write(const char *text, size_t size, parse_writer *writer)
{
    ifm_bump arena;
    ifm_error err = {.code = IFM_OK};
    ifm_buf out;
    size_t length;
    ifm_bump_init(&arena, PARSE_MEMORY_MAX);
    ifm_buf_init(&out, PARSE_TEXT_MAX);
    const promql_node *root = promql_parse(text, size, &arena, &err);
    if (root == NULL) {
        ifm_buf_append_text(&out, err.message);
    } else {
        writer(&out, root);
    }
    char *written = ifm_buf_take(&out, &length, &err);
    ifm_buf_deinit(&out);
    ifm_bump_deinit(&arena);
    return written;
}

/* Writes the expression into buffers of all limits up to the one that it fits into: a smaller one fails, and
 * nothing else happens. */
static inline void parse_check_limits(const char *text, parse_writer *writer)
{
    enum { MORE_THAN_ANY = 4096 };
    ifm_bump arena;
    ifm_error err = {.code = IFM_OK};
    ifm_bump_init(&arena, PARSE_MEMORY_MAX);
    const promql_node *root = promql_parse(text, strlen(text), &arena, &err);
    assert_non_null(root);
    bool enough = false;
    for (size_t max = 0; max < MORE_THAN_ANY && !enough; max++) {
        ifm_buf out;
        ifm_buf_init(&out, max);
        writer(&out, root);
        enough = out.failed == IFM_OK;
        CHECK(enough || out.failed == IFM_LIMIT);
        ifm_buf_deinit(&out);
    }
    CHECK(enough);
    ifm_bump_deinit(&arena);
    check_end();
}

/* Prints the expression when the text that was got is not the wanted one. */
static inline void parse_compare(const char *file, int line, const char *input, const char *why, char *got,
                                 const char *want)
{
    bool same = got != NULL && strcmp(got, want) == 0;
    if (!check_report(same, file, line)) {
        fprintf(stderr, "%s\n    (%s)\n    got  %s\n    want %s\n", input, why, got == NULL ? "(null)" : got,
                want);
    }
    ifm_free(got);
}

#define CHECK_WRITES(input, want, why, writer)                                                               \
    parse_compare(__FILE__, __LINE__, (input), (why), parse_write((input), strlen(input), (writer)), (want))

typedef struct parse_row {
    const char *input;
    const char *want;
    const char *why;
} parse_row;

#endif

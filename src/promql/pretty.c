/* SPDX-License-Identifier: Apache-2.0
 *
 * A tree over several lines. What fits into one stays there; selectors, strings and numbers always do.
 */
#include "promql/printer.h"

enum {
    PRETTY_LINE_MAX = 100, /* bytes of what is not split, without its indentation: Prometheus's number */
    PRETTY_SCRATCH_MAX = PRETTY_LINE_MAX + 1024, /* writers reserve room for the longest number */
    PRETTY_INDENT = 2
};

typedef struct pretty {
    ifm_buf *out;
    ifm_buf line;  /* scratch: a node as one line */
    bool unindent; /* a sign stands where the next indentation would */
} pretty;

static void pretty_node(pretty *to, const promql_node *node, size_t level);

static void pretty_indent(pretty *to, size_t level)
{
    for (size_t i = 0; i < level * PRETTY_INDENT && !to->unindent; i++) {
        ifm_buf_append_char(to->out, ' ');
    }
    to->unindent = false;
}

static void pretty_feed(pretty *to, const char *before)
{
    ifm_buf_append_text(to->out, before);
    ifm_buf_append_char(to->out, '\n');
}

static bool pretty_fits(pretty *to, const promql_node *node)
{
    ifm_buf_clear(&to->line);
    promql_print(node, &to->line);
    if (to->line.failed == IFM_NOMEM && to->out->failed == IFM_OK) {
        to->out->failed = IFM_NOMEM;
    }
    return to->line.failed == IFM_OK && to->line.size <= PRETTY_LINE_MAX;
}

static void pretty_end(pretty *to, size_t level)
{
    pretty_feed(to, "");
    pretty_indent(to, level);
    ifm_buf_append_char(to->out, ')');
}

static void pretty_aggregate(pretty *to, const promql_aggregate *aggregate, size_t level)
{
    promql_print_aggregation(to->out, aggregate);
    pretty_feed(to, "(");
    if (aggregate->param != NULL) {
        pretty_node(to, aggregate->param, level + 1);
        pretty_feed(to, ",");
    }
    pretty_node(to, aggregate->expr, level + 1);
    pretty_end(to, level);
}

static void pretty_call(pretty *to, const promql_call *call, size_t level)
{
    ifm_buf_append_text(to->out, call->function->name);
    pretty_feed(to, "(");
    for (size_t i = 0; i < call->argument_count; i++) {
        if (i > 0) {
            pretty_feed(to, ",");
        }
        pretty_node(to, call->arguments[i], level + 1);
    }
    pretty_end(to, level);
}

/* Operands stand a level deeper than their operator. */
static void pretty_binary(pretty *to, const promql_binary *binary, size_t level)
{
    if (promql_is_power_of_infinity(binary)) {
        pretty_indent(to, level + 1);
        ifm_buf_append_text(to->out, "Inf");
    } else {
        pretty_node(to, binary->left, level + 1);
    }
    pretty_feed(to, "");
    pretty_indent(to, level);
    promql_print_operator(to->out, binary);
    pretty_feed(to, "");
    pretty_node(to, binary->right, level + 1);
}

/* A short one is not indented, which is Prometheus's mistake: the text is compared with its. */
static void pretty_subquery(pretty *to, const promql_node *node, size_t level)
{
    if (pretty_fits(to, node)) {
        ifm_buf_append(to->out, to->line.data, to->line.size);
        return;
    }
    pretty_node(to, node->subquery.expr, level);
    promql_print_subquery_end(to->out, &node->subquery);
}

static void pretty_split(pretty *to, const promql_node *node, size_t level)
{
    switch (node->kind) {
    case PROMQL_AGGREGATE:
        pretty_aggregate(to, &node->aggregate, level);
        break;
    case PROMQL_CALL:
        pretty_call(to, &node->call, level);
        break;
    case PROMQL_PAREN:
        pretty_feed(to, "(");
        pretty_node(to, node->paren, level + 1);
        pretty_end(to, level);
        break;
    case PROMQL_UNARY:
        ifm_buf_append_text(to->out, promql_operator_name(node->unary.op));
        to->unindent = true;
        pretty_node(to, node->unary.expr, level);
        break;
    default:
        promql_print(node, to->out);
        break;
    }
}

static void pretty_node(pretty *to, const promql_node *node, size_t level)
{
    if (to->out->failed != IFM_OK) {
        return;
    }
    if (node->kind == PROMQL_SUBQUERY) {
        pretty_subquery(to, node, level);
    } else if (pretty_fits(to, node)) {
        pretty_indent(to, level);
        ifm_buf_append(to->out, to->line.data, to->line.size);
    } else if (node->kind == PROMQL_BINARY) { /* begins with its left operand */
        pretty_binary(to, &node->binary, level);
    } else {
        pretty_indent(to, level);
        pretty_split(to, node, level);
    }
}

void promql_print_pretty(const promql_node *root, ifm_buf *out)
{
    pretty to = {.out = out};
    ifm_buf_init(&to.line, PRETTY_SCRATCH_MAX);
    pretty_node(&to, root, 0);
    ifm_buf_deinit(&to.line);
}

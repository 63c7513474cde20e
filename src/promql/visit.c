/* SPDX-License-Identifier: Apache-2.0 */
#include "promql/promql.h"

static void visit_node(const promql_node *node, const promql_node *parent, promql_visitor *visit,
                       void *context);

static void visit_call(const promql_node *node, promql_visitor *visit, void *context)
{
    for (size_t i = 0; i < node->call.argument_count; i++) {
        visit_node(node->call.arguments[i], node, visit, context);
    }
}

/* At most four children. */
static void visit_children(const promql_node *node, promql_visitor *visit, void *context)
{
    const promql_node *children[4] = {NULL};
    switch (node->kind) {
    case PROMQL_VECTOR:
        children[0] = node->vector.shift.offset_expr;
        break;
    case PROMQL_MATRIX:
        children[0] = node->matrix.selector;
        children[1] = node->matrix.range_expr;
        break;
    case PROMQL_SUBQUERY:
        children[0] = node->subquery.expr;
        children[1] = node->subquery.range_expr;
        children[2] = node->subquery.step_expr;
        children[3] = node->subquery.shift.offset_expr;
        break;
    case PROMQL_UNARY:
        children[0] = node->unary.expr;
        break;
    case PROMQL_BINARY:
        children[0] = node->binary.left;
        children[1] = node->binary.right;
        break;
    case PROMQL_AGGREGATE:
        children[0] = node->aggregate.param;
        children[1] = node->aggregate.expr;
        break;
    case PROMQL_PAREN:
        children[0] = node->paren;
        break;
    case PROMQL_DURATION:
        children[0] = node->duration.left;
        children[1] = node->duration.right;
        break;
    default:
        break;
    }
    for (size_t i = 0; i < IFM_COUNT_OF(children); i++) {
        visit_node(children[i], node, visit, context);
    }
}

static void visit_node(const promql_node *node, const promql_node *parent, promql_visitor *visit,
                       void *context)
{
    if (node == NULL || !visit(context, node, parent)) {
        return;
    }
    if (node->kind == PROMQL_CALL) {
        visit_call(node, visit, context);
    } else {
        visit_children(node, visit, context);
    }
}

void promql_visit(const promql_node *root, promql_visitor *visit, void *context)
{
    visit_node(root, NULL, visit, context);
}

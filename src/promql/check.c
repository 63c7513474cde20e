/* SPDX-License-Identifier: Apache-2.0
 *
 * What the grammar lets pass: types, numbers of arguments, matching, selectors of everything. In the order of
 * Prometheus's checks, because only the first mistake is reported.
 */
#include "promql/parser_impl.h"
#include "promql/regex_empty.h"

typedef struct checker {
    promql_text text;
    ifm_error *err;
} checker;

#define CHECK_FAIL(c, offset, ...) promql_fail((c)->text, (offset), IFM_INVALID, (c)->err, __VA_ARGS__)

static bool check_node(checker *c, promql_node *node);

/* The words that Prometheus uses where a type is not documented, but printed raw. */
static const char *raw_type_name(promql_type type)
{
    return type == PROMQL_TYPE_VECTOR   ? "vector"
           : type == PROMQL_TYPE_MATRIX ? "matrix"
                                        : promql_type_name(type);
}

static bool check_expect(checker *c, promql_node *node, promql_type want, const char *context)
{
    return check_node(c, node) &&
           (node->type == want || CHECK_FAIL(c, node->start, "expected type %s in %s, got %s",
                                             promql_type_name(want), context, promql_type_name(node->type)));
}

static bool check_aggregate(checker *c, const promql_aggregate *aggregate)
{
    return check_expect(c, aggregate->expr, PROMQL_TYPE_VECTOR, "aggregation expression") &&
           (aggregate->param == NULL ||
            check_expect(c, aggregate->param, promql_aggregation_get(aggregate->op)->param,
                         "aggregation parameter"));
}

/* Where the operator of a binary expression begins. */
static size_t operator_start(const checker *c, const promql_node *left)
{
    size_t at = left->end;
    while (at < c->text.size && memchr(" \t\r\n", c->text.data[at], 4) != NULL) {
        at++;
    }
    return at;
}

static bool same_text(promql_text a, promql_text b)
{
    return a.size == b.size && memcmp(a.data, b.data, a.size) == 0;
}

/* A label of on() must not be one of group_left() or group_right(). */
static bool check_labels(checker *c, const promql_node *left, const promql_matching *matching)
{
    for (size_t i = 0; matching->on && i < matching->label_count; i++) {
        for (size_t j = 0; j < matching->include_count; j++) {
            if (same_text(matching->labels[i], matching->include[j])) {
                return CHECK_FAIL(c, operator_start(c, left),
                                  "label %s must not occur in ON and GROUP clause at once",
                                  promql_show(matching->labels[i]).text);
            }
        }
    }
    return true;
}

static bool check_operands(checker *c, const promql_binary *binary)
{
    static const char message[] = "binary expression must contain only scalar and instant vector types";
    const promql_node *sides[] = {binary->left, binary->right};
    for (size_t i = 0; i < IFM_COUNT_OF(sides); i++) {
        if (sides[i]->type != PROMQL_TYPE_SCALAR && sides[i]->type != PROMQL_TYPE_VECTOR) {
            return CHECK_FAIL(c, sides[i]->start, "%s", message);
        }
    }
    return true;
}

/* Matching belongs to two instant vectors; elsewhere it is dropped. */
static bool check_matching(checker *c, size_t start, promql_binary *binary)
{
    promql_matching *matching = binary->matching;
    bool fills = matching->has_fill_left || matching->has_fill_right;
    bool grouped = matching->card == PROMQL_MANY_TO_ONE || matching->card == PROMQL_ONE_TO_MANY;
    if (binary->left->type != PROMQL_TYPE_VECTOR || binary->right->type != PROMQL_TYPE_VECTOR) {
        binary->matching = NULL;
        if (matching->label_count > 0) {
            return CHECK_FAIL(c, start, "vector matching only allowed between instant vectors");
        }
        return !fills ||
               CHECK_FAIL(c, start, "filling in missing series only allowed between instant vectors");
    }
    if (!promql_operator_is_set(binary->op)) {
        return true;
    }
    if (grouped) {
        return CHECK_FAIL(c, start, "no grouping allowed for \"%s\" operation",
                          promql_operator_name(binary->op));
    }
    return !fills || CHECK_FAIL(c, start, "filling in missing series not allowed for set operators");
}

static bool check_binary(checker *c, promql_node *node)
{
    promql_binary *binary = &node->binary;
    if (!check_node(c, binary->left) || !check_node(c, binary->right)) {
        return false;
    }
    bool comparison = promql_operator_is_comparison(binary->op);
    bool left_scalar = binary->left->type == PROMQL_TYPE_SCALAR;
    bool right_scalar = binary->right->type == PROMQL_TYPE_SCALAR;
    if (binary->return_bool && !comparison) {
        return CHECK_FAIL(c, operator_start(c, binary->left),
                          "bool modifier can only be used on comparison operators");
    }
    if (comparison && !binary->return_bool && left_scalar && right_scalar) {
        return CHECK_FAIL(c, operator_start(c, binary->left),
                          "comparisons between scalars must use BOOL modifier");
    }
    bool set = promql_operator_is_set(binary->op);
    if (set && binary->matching->card == PROMQL_ONE_TO_ONE) {
        binary->matching->card = PROMQL_MANY_TO_MANY;
    }
    if (!check_labels(c, binary->left, binary->matching) || !check_operands(c, binary) ||
        !check_matching(c, node->start, binary)) {
        return false;
    }
    return !set || !(left_scalar || right_scalar) ||
           CHECK_FAIL(c, node->start, "set operator \"%s\" not allowed in binary scalar expression",
                      promql_operator_name(binary->op));
}

static bool check_argument_count(checker *c, size_t start, const promql_call *call)
{
    const promql_function *function = call->function;
    size_t got = call->argument_count;
    if (function->variadic == 0) {
        return got == function->type_count ||
               CHECK_FAIL(c, start, "expected %zu argument(s) in call to \"%s\", got %zu",
                          function->type_count, function->name, got);
    }
    size_t least = function->type_count - 1;
    size_t most = function->variadic < 0 ? SIZE_MAX : least + (size_t)function->variadic;
    if (got < least) {
        return CHECK_FAIL(c, start, "expected at least %zu argument(s) in call to \"%s\", got %zu", least,
                          function->name, got);
    }
    return got <= most || CHECK_FAIL(c, start, "expected at most %zu argument(s) in call to \"%s\", got %zu",
                                     most, function->name, got);
}

/* The second argument of info() is no selector: it only names labels, and may be {}. */
static bool check_info(checker *c, size_t start, const promql_call *call)
{
    if (strcmp(call->function->name, "info") != 0 || call->argument_count < 2) {
        return true;
    }
    promql_node *labels = call->arguments[1];
    if (labels->type != PROMQL_TYPE_VECTOR) {
        return CHECK_FAIL(c, start, "expected type instant vector in call to function \"info\", got %s",
                          promql_type_name(labels->type));
    }
    if (labels->kind != PROMQL_VECTOR) {
        return CHECK_FAIL(c, labels->start, "expected label selectors only");
    }
    if (labels->vector.name.size > 0) {
        return CHECK_FAIL(c, labels->start, "expected label selectors only, got vector selector instead");
    }
    labels->vector.may_match_all = true;
    return true;
}

static bool check_call(checker *c, const promql_node *node)
{
    const promql_call *call = &node->call;
    if (!check_argument_count(c, node->start, call) || !check_info(c, node->start, call)) {
        return false;
    }
    for (size_t i = 0; i < call->argument_count; i++) {
        size_t last = call->function->type_count - 1;
        promql_type want = call->function->types[i < last ? i : last];
        promql_node *argument = call->arguments[i];
        if (!check_node(c, argument)) {
            return false;
        }
        if (argument->type != want) {
            return CHECK_FAIL(c, argument->start, "expected type %s in call to function \"%s\", got %s",
                              promql_type_name(want), call->function->name, promql_type_name(argument->type));
        }
    }
    return true;
}

static bool matches_empty(const promql_matcher *matcher)
{
    switch (matcher->match) {
    case PROMQL_MATCH_EQUAL:
        return matcher->value.size == 0;
    case PROMQL_MATCH_NOT:
        return matcher->value.size > 0;
    case PROMQL_MATCH_REGEX:
        return promql_regex_matches_empty(matcher->value);
    default:
        return !promql_regex_matches_empty(matcher->value);
    }
}

static bool check_vector(checker *c, const promql_node *node)
{
    static const char name[] = "__name__";
    const promql_vector *vector = &node->vector;
    if (vector->name.size > 0) {
        for (size_t i = 0; i + 1 < vector->matcher_count; i++) {
            if (same_text(vector->matchers[i].name, (promql_text){name, sizeof name - 1})) {
                return CHECK_FAIL(c, node->start, "metric name must not be set twice: %s or %s",
                                  promql_show(vector->name).text,
                                  promql_show(vector->matchers[i].value).text);
            }
        }
        return true;
    }
    bool selects = vector->may_match_all;
    for (size_t i = 0; i < vector->matcher_count && !selects; i++) {
        selects = !matches_empty(&vector->matchers[i]);
    }
    return selects ||
           CHECK_FAIL(c, node->start, "vector selector must contain at least one non-empty matcher");
}

static bool check_unary(checker *c, const promql_node *node)
{
    promql_node *expr = node->unary.expr;
    return check_node(c, expr) &&
           (expr->type == PROMQL_TYPE_SCALAR || expr->type == PROMQL_TYPE_VECTOR ||
            CHECK_FAIL(
                c, node->start,
                "unary expression only allowed on expressions of type scalar or instant vector, got \"%s\"",
                promql_type_name(expr->type)));
}

static bool check_subquery(checker *c, const promql_node *node)
{
    promql_node *expr = node->subquery.expr;
    return check_node(c, expr) &&
           (expr->type == PROMQL_TYPE_VECTOR ||
            CHECK_FAIL(c, node->start, "subquery is only allowed on instant vector, got %s instead",
                       raw_type_name(expr->type)));
}

static bool check_node(checker *c, promql_node *node)
{
    switch (node->kind) {
    case PROMQL_VECTOR:
        return check_vector(c, node);
    case PROMQL_MATRIX:
        return check_node(c, node->matrix.selector);
    case PROMQL_SUBQUERY:
        return check_subquery(c, node);
    case PROMQL_UNARY:
        return check_unary(c, node);
    case PROMQL_BINARY:
        return check_binary(c, node);
    case PROMQL_AGGREGATE:
        return check_aggregate(c, &node->aggregate);
    case PROMQL_CALL:
        return check_call(c, node);
    case PROMQL_PAREN:
        return check_node(c, node->paren);
    default:
        return true;
    }
}

bool promql_check(promql_node *root, promql_text text, ifm_error *err)
{
    checker c = {text, err};
    return check_node(&c, root);
}

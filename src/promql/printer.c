/* SPDX-License-Identifier: Apache-2.0
 *
 * A tree as one line. Parentheses are nodes, so none have to be added.
 */
#include "promql/printer.h"

#include "promql/literal.h"
#include "promql/quote.h"

#include <inferometer/registry.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

static void print_text(ifm_buf *out, promql_text text)
{
    ifm_buf_append(out, text.data, text.size);
}

/* A label as it stands between parentheses or braces: quoted when it is more than a plain word. */
static void print_label(ifm_buf *out, promql_text name)
{
    bool plain = name.size > 0;
    for (size_t i = 0; i < name.size; i++) {
        char c = name.data[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        plain = plain && (letter || (i > 0 && c >= '0' && c <= '9'));
    }
    if (plain) {
        print_text(out, name);
    } else {
        promql_quote(out, name);
    }
}

static void print_labels(ifm_buf *out, const promql_text *labels, size_t count)
{
    ifm_buf_append_char(out, '(');
    for (size_t i = 0; i < count; i++) {
        ifm_buf_append_text(out, i == 0 ? "" : ", ");
        print_label(out, labels[i]);
    }
    ifm_buf_append_char(out, ')');
}

static void print_plain(ifm_buf *out, double value)
{
    char *to = ifm_buf_reserve(out, IFM_NUMBER_PLAIN_SIZE);
    if (to != NULL) {
        out->size += ifm_number_write_plain(to, value);
    }
}

static void print_number(ifm_buf *out, const promql_node *node)
{
    int64_t ns;
    double value = node->number.value;
    if (!node->number.is_duration || !promql_seconds_to_ns(value, &ns)) {
        print_plain(out, value);
        return;
    }
    if (ns == 0 && signbit(value)) {
        ifm_buf_append_char(out, '-');
    }
    promql_print_duration(out, ns);
}

static void print_duration_node(ifm_buf *out, const promql_node *node)
{
    static const char *const before[] = {"",        "",  "",  "",  "",       "",       "min_of(",
                                         "max_of(", "-", "+", "(", "step()", "range()"};
    static const char *const between[] = {" + ", " - ", " * ", " / ", " % ", " ^ ", ", ", ", "};
    static const char *const after[] = {"", "", "", "", "", "", ")", ")", "", "", ")", "", ""};
    promql_duration_op op = node->duration.op;
    ifm_buf_append_text(out, before[op]);
    if (node->duration.left != NULL) {
        promql_print(node->duration.left, out);
    }
    if (node->duration.right != NULL) {
        ifm_buf_append_text(out, between[op]);
        promql_print(node->duration.right, out);
    }
    ifm_buf_append_text(out, after[op]);
}

static void print_matcher(ifm_buf *out, const promql_matcher *matcher)
{
    static const char *const names[] = {"=", "!=", "=~", "!~"};
    print_label(out, matcher->name);
    ifm_buf_append_text(out, names[matcher->match]);
    promql_quote(out, matcher->value);
}

static int compare_text(const void *left, const void *right)
{
    const promql_text *a = left;
    const promql_text *b = right;
    int order = memcmp(a->data, b->data, a->size < b->size ? a->size : b->size); /* none is empty */
    return order != 0 ? order : (a->size > b->size) - (a->size < b->size);
}

/* Prints `count` matchers to `scratch` and sorts what was printed into `texts`. */
static void sort_matchers(ifm_buf *scratch, promql_text *texts, const promql_matcher *matchers, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t start = scratch->size;
        print_matcher(scratch, &matchers[i]);
        texts[i].size = scratch->size - start;
    }
    const char *at = scratch->data;
    for (size_t i = 0; i < count; i++) {
        texts[i].data = at;
        at += texts[i].size;
    }
    if (scratch->failed == IFM_OK) {
        qsort(texts, count, sizeof *texts, compare_text);
    }
}

/* Prometheus sorts matchers by what they look like printed. */
static void print_sorted_matchers(ifm_buf *out, const promql_matcher *matchers, size_t count)
{
    ifm_buf scratch;
    ifm_buf_init(&scratch, out->max);
    promql_text *texts = ifm_alloc_zero(count, sizeof *texts);
    if (texts != NULL) {
        sort_matchers(&scratch, texts, matchers, count);
    }
    for (size_t i = 0; texts != NULL && i < count && scratch.failed == IFM_OK; i++) {
        ifm_buf_append_text(out, i == 0 ? "" : ",");
        print_text(out, texts[i]);
    }
    if (out->failed == IFM_OK && (texts == NULL || scratch.failed != IFM_OK)) {
        out->failed = texts == NULL ? IFM_NOMEM : scratch.failed;
    }
    ifm_free(texts);
    ifm_buf_deinit(&scratch);
}

static void print_matchers(ifm_buf *out, const promql_vector *vector)
{
    size_t count = vector->matcher_count - (vector->name.size > 0 ? 1 : 0);
    if (count == 0 && vector->name.size > 0) {
        return;
    }
    ifm_buf_append_char(out, '{');
    if (count == 1) {
        print_matcher(out, &vector->matchers[0]);
    } else if (count > 1) {
        print_sorted_matchers(out, vector->matchers, count);
    }
    ifm_buf_append_char(out, '}');
}

/* As "%.3f" of seconds, exact whatever the number. */
static void print_at(ifm_buf *out, const promql_shift *shift)
{
    uint64_t ms = shift->at_ms < 0 ? -(uint64_t)shift->at_ms : (uint64_t)shift->at_ms;
    switch (shift->at) {
    case PROMQL_AT_TIME:
        ifm_buf_printf(out, " @ %s%" PRIu64 ".%03u", shift->at_ms < 0 ? "-" : "", ms / 1000,
                       (unsigned)(ms % 1000));
        break;
    case PROMQL_AT_START:
        ifm_buf_append_text(out, " @ start()");
        break;
    case PROMQL_AT_END:
        ifm_buf_append_text(out, " @ end()");
        break;
    default:
        break;
    }
}

static void print_offset(ifm_buf *out, const promql_shift *shift)
{
    if (shift->offset_expr != NULL) {
        ifm_buf_append_text(out, " offset ");
        promql_print(shift->offset_expr, out);
    } else if (shift->offset_ns != 0) {
        ifm_buf_append_text(out, " offset ");
        promql_print_duration(out, shift->offset_ns);
    }
}

/* Whether an arithmetic operator behind `offset EXPRESSION` would be read as a part of the expression. */
static bool offset_goes_on(const promql_shift *shift)
{
    const promql_node *expr = shift->offset_expr;
    if (expr == NULL || expr->duration.op == PROMQL_DURATION_PLUS) {
        return false;
    }
    if (expr->duration.op == PROMQL_DURATION_NEGATE && expr->duration.left->kind == PROMQL_DURATION) {
        expr = expr->duration.left;
        if (expr->duration.op == PROMQL_DURATION_PAREN) {
            return false;
        }
    }
    switch (expr->duration.op) {
    case PROMQL_DURATION_MIN_OF:
    case PROMQL_DURATION_MAX_OF:
    case PROMQL_DURATION_STEP:
    case PROMQL_DURATION_RANGE:
        return false;
    default:
        return true;
    }
}

static void print_extended(ifm_buf *out, promql_extended extended)
{
    static const char *const names[] = {"", " anchored", " smoothed"};
    ifm_buf_append_text(out, names[extended]);
}

/* The modifiers behind a bracket. Prometheus writes the offset last, and so do we unless it must be ended. */
static void print_shift(ifm_buf *out, const promql_shift *shift, promql_extended extended)
{
    bool offset_first = offset_goes_on(shift);
    if (offset_first) {
        print_offset(out, shift);
    }
    print_extended(out, extended);
    print_at(out, shift);
    if (!offset_first) {
        print_offset(out, shift);
    }
}

static void print_range(ifm_buf *out, int64_t ns, const promql_node *expr)
{
    if (expr != NULL) {
        promql_print(expr, out);
    } else {
        promql_print_duration(out, ns);
    }
}

static void print_vector(ifm_buf *out, const promql_vector *vector)
{
    print_text(out, vector->name);
    print_matchers(out, vector);
    bool offset_first = offset_goes_on(&vector->shift);
    if (offset_first) {
        print_offset(out, &vector->shift); /* what follows ends it */
    }
    print_at(out, &vector->shift);
    print_extended(out, vector->extended);
    if (!offset_first) {
        print_offset(out, &vector->shift);
    }
}

static void print_matrix(ifm_buf *out, const promql_matrix *matrix)
{
    const promql_vector *vector = &matrix->selector->vector;
    print_text(out, vector->name);
    print_matchers(out, vector);
    ifm_buf_append_char(out, '[');
    print_range(out, matrix->range_ns, matrix->range_expr);
    ifm_buf_append_char(out, ']');
    print_shift(out, &vector->shift, vector->extended);
}

void promql_print_subquery_end(ifm_buf *out, const promql_subquery *subquery)
{
    ifm_buf_append_char(out, '[');
    print_range(out, subquery->range_ns, subquery->range_expr);
    ifm_buf_append_char(out, ':');
    if (subquery->step_ns != 0 || subquery->step_expr != NULL) {
        print_range(out, subquery->step_ns, subquery->step_expr);
    }
    ifm_buf_append_char(out, ']');
    print_shift(out, &subquery->shift, PROMQL_PLAIN);
}

static void print_fill_value(ifm_buf *out, const char *word, double value)
{
    char number[IFM_NUMBER_SIZE];
    ifm_buf_printf(out, " %s (", word);
    ifm_buf_append(out, number, ifm_number_write(number, value));
    ifm_buf_append_char(out, ')');
}

static void print_fill(ifm_buf *out, const promql_matching *matching)
{
    bool both = matching->has_fill_left && matching->has_fill_right;
    bool same = memcmp(&matching->fill_left, &matching->fill_right, sizeof(double)) == 0;
    if (both && same) {
        print_fill_value(out, "fill", matching->fill_left);
        return;
    }
    if (matching->has_fill_left) {
        print_fill_value(out, "fill_left", matching->fill_left);
    }
    if (matching->has_fill_right) {
        print_fill_value(out, "fill_right", matching->fill_right);
    }
}

static void print_matching(ifm_buf *out, const promql_matching *matching)
{
    bool grouped = matching->card == PROMQL_MANY_TO_ONE || matching->card == PROMQL_ONE_TO_MANY;
    if (matching->label_count > 0 || matching->on || grouped) {
        ifm_buf_append_text(out, matching->on ? " on " : " ignoring ");
        print_labels(out, matching->labels, matching->label_count);
    }
    if (grouped) {
        ifm_buf_append_text(out, matching->card == PROMQL_MANY_TO_ONE ? " group_left " : " group_right ");
        print_labels(out, matching->include, matching->include_count);
    }
    print_fill(out, matching);
}

void promql_print_operator(ifm_buf *out, const promql_binary *binary)
{
    ifm_buf_append_text(out, promql_operator_name(binary->op));
    ifm_buf_append_text(out, binary->return_bool ? " bool" : "");
    if (binary->matching != NULL) {
        print_matching(out, binary->matching);
    }
}

bool promql_is_power_of_infinity(const promql_binary *binary)
{
    const promql_node *left = binary->left;
    return binary->op == PROMQL_POW && left->kind == PROMQL_NUMBER && isinf(left->number.value);
}

static void print_binary(ifm_buf *out, const promql_binary *binary)
{
    if (promql_is_power_of_infinity(binary)) {
        ifm_buf_append_text(out, "Inf");
    } else {
        promql_print(binary->left, out);
    }
    ifm_buf_append_char(out, ' ');
    promql_print_operator(out, binary);
    ifm_buf_append_char(out, ' ');
    promql_print(binary->right, out);
}

void promql_print_aggregation(ifm_buf *out, const promql_aggregate *aggregate)
{
    ifm_buf_append_text(out, promql_aggregation_get(aggregate->op)->name);
    if (aggregate->without || aggregate->label_count > 0) {
        ifm_buf_append_text(out, aggregate->without ? " without " : " by ");
        print_labels(out, aggregate->labels, aggregate->label_count);
        ifm_buf_append_char(out, ' ');
    }
}

static void print_aggregate(ifm_buf *out, const promql_aggregate *aggregate)
{
    promql_print_aggregation(out, aggregate);
    ifm_buf_append_char(out, '(');
    if (aggregate->param != NULL) {
        promql_print(aggregate->param, out);
        ifm_buf_append_text(out, ", ");
    }
    promql_print(aggregate->expr, out);
    ifm_buf_append_char(out, ')');
}

static void print_call(ifm_buf *out, const promql_call *call)
{
    ifm_buf_append_text(out, call->function->name);
    ifm_buf_append_char(out, '(');
    for (size_t i = 0; i < call->argument_count; i++) {
        ifm_buf_append_text(out, i == 0 ? "" : ", ");
        promql_print(call->arguments[i], out);
    }
    ifm_buf_append_char(out, ')');
}

void promql_print(const promql_node *root, ifm_buf *out)
{
    if (out->failed != IFM_OK) { /* the pretty printer asks at every level whether 100 bytes are enough */
        return;
    }
    switch (root->kind) {
    case PROMQL_NUMBER:
        print_number(out, root);
        break;
    case PROMQL_STRING:
        promql_quote(out, root->string);
        break;
    case PROMQL_VECTOR:
        print_vector(out, &root->vector);
        break;
    case PROMQL_MATRIX:
        print_matrix(out, &root->matrix);
        break;
    case PROMQL_SUBQUERY:
        promql_print(root->subquery.expr, out);
        promql_print_subquery_end(out, &root->subquery);
        break;
    case PROMQL_UNARY:
        ifm_buf_append_text(out, promql_operator_name(root->unary.op));
        promql_print(root->unary.expr, out);
        break;
    case PROMQL_BINARY:
        print_binary(out, &root->binary);
        break;
    case PROMQL_AGGREGATE:
        print_aggregate(out, &root->aggregate);
        break;
    case PROMQL_CALL:
        print_call(out, &root->call);
        break;
    case PROMQL_PAREN:
        ifm_buf_append_char(out, '(');
        promql_print(root->paren, out);
        ifm_buf_append_char(out, ')');
        break;
    case PROMQL_DURATION:
        print_duration_node(out, root);
        break;
    }
}

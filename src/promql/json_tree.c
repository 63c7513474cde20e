/* SPDX-License-Identifier: Apache-2.0
 *
 * A tree as JSON, with the keys of Prometheus's parse_query in the order of their names. It has no place for
 * what is computed: such a range, step or offset is 0.
 */
#include "promql/promql.h"

#include <inttypes.h>
#include <math.h>

static void tree_node(ifm_buf *out, const promql_node *node);

static void tree_char(ifm_buf *out, const char *bytes, size_t size)
{
    unsigned char c = (unsigned char)bytes[0];
    if (c == '"' || c == '\\') {
        ifm_buf_append_char(out, '\\');
    }
    if (c < ' ') {
        ifm_buf_printf(out, "\\u%04x", (unsigned)c);
    } else {
        ifm_buf_append(out, bytes, size);
    }
}

static void tree_text(ifm_buf *out, promql_text text)
{
    uint32_t point;
    ifm_buf_append_char(out, '"');
    for (size_t at = 0; at < text.size && out->failed == IFM_OK;) {
        size_t size = ifm_utf8_decode(text.data + at, text.size - at, &point);
        if (size == 0) {
            ifm_buf_append_text(out, "\\ufffd");
        } else {
            tree_char(out, text.data + at, size);
        }
        at += size == 0 ? 1 : size;
    }
    ifm_buf_append_char(out, '"');
}

static void tree_name(ifm_buf *out, const char *name)
{
    tree_text(out, (promql_text){name, strlen(name)});
}

/* ,"KEY": */
static void tree_key(ifm_buf *out, const char *key)
{
    ifm_buf_printf(out, ",\"%s\":", key);
}

static void tree_bool(ifm_buf *out, const char *key, bool value)
{
    tree_key(out, key);
    ifm_buf_append_text(out, value ? "true" : "false");
}

static void tree_int(ifm_buf *out, const char *key, int64_t value)
{
    tree_key(out, key);
    ifm_buf_printf(out, "%" PRId64, value);
}

static void tree_ms(ifm_buf *out, const char *key, int64_t ns)
{
    tree_int(out, key, ns / 1000000);
}

static void tree_type(ifm_buf *out, const char *type)
{
    tree_key(out, "type");
    tree_name(out, type);
}

static void tree_child(ifm_buf *out, const char *key, const promql_node *child)
{
    tree_key(out, key);
    if (child == NULL) {
        ifm_buf_append_text(out, "null");
    } else {
        tree_node(out, child);
    }
}

static void tree_texts(ifm_buf *out, const promql_text *texts, size_t count)
{
    ifm_buf_append_char(out, '[');
    for (size_t i = 0; i < count; i++) {
        ifm_buf_append_text(out, i == 0 ? "" : ",");
        tree_text(out, texts[i]);
    }
    ifm_buf_append_char(out, ']');
}

/* JSON has no NaN and no infinity: Prometheus's API fails over them, here they are texts. */
static void tree_fill(ifm_buf *out, bool given, double value)
{
    char number[IFM_NUMBER_SIZE];
    if (!given) {
        ifm_buf_append_text(out, "null");
        return;
    }
    const char *quote = isfinite(value) ? "" : "\"";
    ifm_buf_append_text(out, quote);
    ifm_buf_append(out, number, ifm_number_write(number, value));
    ifm_buf_append_text(out, quote);
}

static void tree_matching(ifm_buf *out, const promql_matching *matching)
{
    static const char *const cards[] = {[PROMQL_ONE_TO_ONE] = "one-to-one",
                                        [PROMQL_MANY_TO_ONE] = "many-to-one",
                                        [PROMQL_ONE_TO_MANY] = "one-to-many",
                                        [PROMQL_MANY_TO_MANY] = "many-to-many"};
    tree_key(out, "matching");
    if (matching == NULL) {
        ifm_buf_append_text(out, "null");
        return;
    }
    ifm_buf_printf(out, "{\"card\":\"%s\",\"fillValues\":{\"lhs\":", cards[matching->card]);
    tree_fill(out, matching->has_fill_left, matching->fill_left);
    tree_key(out, "rhs");
    tree_fill(out, matching->has_fill_right, matching->fill_right);
    ifm_buf_append_char(out, '}');
    tree_key(out, "include");
    tree_texts(out, matching->include, matching->include_count);
    tree_key(out, "labels");
    tree_texts(out, matching->labels, matching->label_count);
    tree_bool(out, "on", matching->on);
    ifm_buf_append_char(out, '}');
}

static void tree_binary(ifm_buf *out, const promql_binary *binary)
{
    ifm_buf_printf(out, "\"bool\":%s", binary->return_bool ? "true" : "false");
    tree_child(out, "lhs", binary->left);
    tree_matching(out, binary->matching);
    tree_key(out, "op");
    tree_name(out, promql_operator_name(binary->op));
    tree_child(out, "rhs", binary->right);
    tree_type(out, "binaryExpr");
}

static void tree_aggregate(ifm_buf *out, const promql_aggregate *aggregate)
{
    ifm_buf_append_text(out, "\"expr\":");
    tree_node(out, aggregate->expr);
    tree_key(out, "grouping");
    tree_texts(out, aggregate->labels, aggregate->label_count);
    tree_key(out, "op");
    tree_name(out, promql_aggregation_get(aggregate->op)->name);
    tree_child(out, "param", aggregate->param);
    tree_type(out, "aggregation");
    tree_bool(out, "without", aggregate->without);
}

/* Of a function's signature, where the words are not those of messages. */
static const char *tree_type_name(promql_type type)
{
    static const char *const names[] = {[PROMQL_TYPE_NONE] = "none",
                                        [PROMQL_TYPE_SCALAR] = "scalar",
                                        [PROMQL_TYPE_VECTOR] = "vector",
                                        [PROMQL_TYPE_MATRIX] = "matrix",
                                        [PROMQL_TYPE_STRING] = "string"};
    return names[type];
}

static void tree_call(ifm_buf *out, const promql_call *call)
{
    const promql_function *function = call->function;
    ifm_buf_append_text(out, "\"args\":[");
    for (size_t i = 0; i < call->argument_count; i++) {
        ifm_buf_append_text(out, i == 0 ? "" : ",");
        tree_node(out, call->arguments[i]);
    }
    ifm_buf_append_text(out, "],\"func\":{\"argTypes\":[");
    for (size_t i = 0; i < function->type_count; i++) {
        ifm_buf_printf(out, "%s\"%s\"", i == 0 ? "" : ",", tree_type_name(function->types[i]));
    }
    ifm_buf_printf(out, "],\"name\":\"%s\",\"returnType\":\"%s\",\"variadic\":%d}", function->name,
                   tree_type_name(function->result), function->variadic);
    tree_type(out, "call");
}

static void tree_at(ifm_buf *out, const promql_shift *shift)
{
    tree_key(out, "startOrEnd");
    ifm_buf_append_text(out, shift->at == PROMQL_AT_START ? "\"start\""
                             : shift->at == PROMQL_AT_END ? "\"end\""
                                                          : "null");
}

static void tree_timestamp(ifm_buf *out, const promql_shift *shift)
{
    if (shift->at == PROMQL_AT_TIME) {
        tree_int(out, "timestamp", shift->at_ms);
    } else {
        tree_child(out, "timestamp", NULL);
    }
}

static void tree_matchers(ifm_buf *out, const promql_vector *vector)
{
    static const char *const names[] = {[PROMQL_MATCH_EQUAL] = "=",
                                        [PROMQL_MATCH_NOT] = "!=",
                                        [PROMQL_MATCH_REGEX] = "=~",
                                        [PROMQL_MATCH_NOT_REGEX] = "!~"};
    tree_key(out, "matchers");
    ifm_buf_append_char(out, '[');
    for (size_t i = 0; i < vector->matcher_count; i++) {
        ifm_buf_append_text(out, i == 0 ? "{\"name\":" : ",{\"name\":");
        tree_text(out, vector->matchers[i].name);
        tree_type(out, names[vector->matchers[i].match]);
        tree_key(out, "value");
        tree_text(out, vector->matchers[i].value);
        ifm_buf_append_char(out, '}');
    }
    ifm_buf_append_char(out, ']');
}

/* `matrix` is NULL for an instant vector selector. */
static void tree_selector(ifm_buf *out, const promql_vector *vector, const promql_matrix *matrix)
{
    ifm_buf_printf(out, "\"anchored\":%s", vector->extended == PROMQL_ANCHORED ? "true" : "false");
    tree_matchers(out, vector);
    tree_key(out, "name");
    tree_text(out, vector->name);
    tree_ms(out, "offset", vector->shift.offset_ns);
    if (matrix != NULL) {
        tree_ms(out, "range", matrix->range_ns);
    }
    tree_bool(out, "smoothed", vector->extended == PROMQL_SMOOTHED);
    tree_at(out, &vector->shift);
    tree_timestamp(out, &vector->shift);
    tree_type(out, matrix == NULL ? "vectorSelector" : "matrixSelector");
}

static void tree_subquery(ifm_buf *out, const promql_subquery *subquery)
{
    ifm_buf_append_text(out, "\"expr\":");
    tree_node(out, subquery->expr);
    tree_ms(out, "offset", subquery->shift.offset_ns);
    tree_ms(out, "range", subquery->range_ns);
    tree_at(out, &subquery->shift);
    tree_ms(out, "step", subquery->step_ns);
    tree_timestamp(out, &subquery->shift);
    tree_type(out, "subquery");
}

static void tree_number(ifm_buf *out, double value)
{
    ifm_buf_append_text(out, "\"type\":\"numberLiteral\",\"val\":\"");
    char *to = ifm_buf_reserve(out, IFM_NUMBER_PLAIN_SIZE);
    if (to != NULL) {
        out->size += ifm_number_write_plain(to, value);
    }
    ifm_buf_append_char(out, '"');
}

static void tree_members(ifm_buf *out, const promql_node *node)
{
    switch (node->kind) {
    case PROMQL_NUMBER:
        tree_number(out, node->number.value);
        break;
    case PROMQL_STRING:
        ifm_buf_append_text(out, "\"type\":\"stringLiteral\",\"val\":");
        tree_text(out, node->string);
        break;
    case PROMQL_VECTOR:
        tree_selector(out, &node->vector, NULL);
        break;
    case PROMQL_MATRIX:
        tree_selector(out, &node->matrix.selector->vector, &node->matrix);
        break;
    case PROMQL_SUBQUERY:
        tree_subquery(out, &node->subquery);
        break;
    case PROMQL_UNARY:
        ifm_buf_append_text(out, "\"expr\":");
        tree_node(out, node->unary.expr);
        tree_key(out, "op");
        tree_name(out, promql_operator_name(node->unary.op));
        tree_type(out, "unaryExpr");
        break;
    case PROMQL_BINARY:
        tree_binary(out, &node->binary);
        break;
    case PROMQL_AGGREGATE:
        tree_aggregate(out, &node->aggregate);
        break;
    case PROMQL_CALL:
        tree_call(out, &node->call);
        break;
    case PROMQL_PAREN:
        ifm_buf_append_text(out, "\"expr\":");
        tree_node(out, node->paren);
        tree_type(out, "parenExpr");
        break;
    case PROMQL_DURATION: /* no node of a tree that is printed: those above leave it out */
        break;
    }
}

static void tree_node(ifm_buf *out, const promql_node *node)
{
    ifm_buf_append_char(out, '{');
    tree_members(out, node);
    ifm_buf_append_char(out, '}');
}

void promql_print_json(const promql_node *root, ifm_buf *out)
{
    tree_node(out, root);
}

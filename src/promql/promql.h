/* SPDX-License-Identifier: Apache-2.0
 *
 * Layer 3. PromQL as of Prometheus 3.14: text to a checked tree, and back. No files, no clock, no state.
 *
 * A tree lives in the arena that was given to promql_parse(), together with its own copy of the text; it is
 * constant from then on and may be read by any thread.
 *
 * Everything experimental is accepted; promql_feature() says of a node which --enable-feature Prometheus
 * wants for it. Regular expressions of =~ and !~ have RE2's syntax, and are kept as text.
 *
 * Every node knows the bytes [start, end) that it was parsed from, as Prometheus counts them: the sign
 * belongs to a number, modifiers to their selector, `by (..)` to its aggregation.
 */
#ifndef IFM_PROMQL_H
#define IFM_PROMQL_H

#include "base/base.h"
#include "promql/limits.h"

typedef struct promql_text {
    const char *data; /* may hold any byte; not terminated */
    size_t size;
} promql_text;

typedef enum promql_type {
    PROMQL_TYPE_NONE,
    PROMQL_TYPE_SCALAR,
    PROMQL_TYPE_VECTOR, /* "instant vector" in messages */
    PROMQL_TYPE_MATRIX, /* "range vector" */
    PROMQL_TYPE_STRING
} promql_type;

typedef enum promql_kind {
    PROMQL_NUMBER,
    PROMQL_STRING,
    PROMQL_VECTOR,
    PROMQL_MATRIX,
    PROMQL_SUBQUERY,
    PROMQL_UNARY,
    PROMQL_BINARY,
    PROMQL_AGGREGATE,
    PROMQL_CALL,
    PROMQL_PAREN,
    PROMQL_DURATION /* computed where a duration stands: [step() + 1m], offset -(5m * 2) */
} promql_kind;

/* In the order of promql_operator_name(). */
typedef enum promql_operator {
    PROMQL_ADD,
    PROMQL_SUB,
    PROMQL_MUL,
    PROMQL_DIV,
    PROMQL_MOD,
    PROMQL_POW,
    PROMQL_ATAN2,
    PROMQL_EQUAL,
    PROMQL_NOT_EQUAL,
    PROMQL_LESS,
    PROMQL_LESS_EQUAL,
    PROMQL_GREATER,
    PROMQL_GREATER_EQUAL,
    PROMQL_TRIM_UPPER, /* </ */
    PROMQL_TRIM_LOWER, /* >/ */
    PROMQL_AND,
    PROMQL_OR,
    PROMQL_UNLESS,
    PROMQL_OPERATOR_COUNT
} promql_operator;

/* In the order of promql_aggregation_get(). */
typedef enum promql_aggregation {
    PROMQL_AVG,
    PROMQL_BOTTOMK,
    PROMQL_COUNT,
    PROMQL_COUNT_VALUES,
    PROMQL_GROUP,
    PROMQL_LIMITK,
    PROMQL_LIMIT_RATIO,
    PROMQL_MAX,
    PROMQL_MIN,
    PROMQL_QUANTILE,
    PROMQL_STDDEV,
    PROMQL_STDVAR,
    PROMQL_SUM,
    PROMQL_TOPK,
    PROMQL_AGGREGATION_COUNT
} promql_aggregation;

typedef struct promql_aggregation_info {
    const char *name;
    promql_type param; /* PROMQL_TYPE_NONE: has none */
    bool experimental;
} promql_aggregation_info;

enum { PROMQL_ARGUMENT_TYPES_MAX = 5 };

typedef struct promql_function {
    const char *name;
    promql_type types[PROMQL_ARGUMENT_TYPES_MAX]; /* of the first type_count arguments; the last goes on */
    size_t type_count;
    int variadic; /* 0: exactly type_count; n: from type_count - 1 to n more than that; -1: no upper limit */
    promql_type result;
    bool experimental;
} promql_function;

typedef enum promql_match {
    PROMQL_MATCH_EQUAL,
    PROMQL_MATCH_NOT,
    PROMQL_MATCH_REGEX,
    PROMQL_MATCH_NOT_REGEX
} promql_match;

typedef struct promql_matcher {
    promql_text name;
    promql_text value;
    promql_match match;
} promql_matcher;

typedef enum promql_at { PROMQL_AT_NONE, PROMQL_AT_TIME, PROMQL_AT_START, PROMQL_AT_END } promql_at;

typedef enum promql_extended { PROMQL_PLAIN, PROMQL_ANCHORED, PROMQL_SMOOTHED } promql_extended;

typedef struct promql_node promql_node;

/* The modifiers `offset` and `@`. */
typedef struct promql_shift {
    promql_at at;
    int64_t at_ms;            /* PROMQL_AT_TIME */
    int64_t offset_ns;        /* 0 when there is none, or an expression */
    promql_node *offset_expr; /* PROMQL_DURATION or NULL */
} promql_shift;

typedef struct promql_vector {
    promql_text name;         /* as written before the braces; empty when it stands inside, or nowhere */
    promql_matcher *matchers; /* in the order written; `name` is the last, as a matcher of __name__ */
    size_t matcher_count;
    promql_shift shift;
    promql_extended extended;
    bool may_match_all; /* the second argument of info(): {} is allowed */
} promql_vector;

typedef struct promql_matrix {
    promql_node *selector;   /* PROMQL_VECTOR, which has the modifiers */
    int64_t range_ns;        /* > 0, or 0 when there is an expression */
    promql_node *range_expr; /* PROMQL_DURATION or NULL */
} promql_matrix;

typedef struct promql_subquery {
    promql_node *expr;
    int64_t range_ns;
    promql_node *range_expr;
    int64_t step_ns; /* 0 and no expression: the default step */
    promql_node *step_expr;
    promql_shift shift;
} promql_subquery;

typedef enum promql_card {
    PROMQL_ONE_TO_ONE,
    PROMQL_MANY_TO_ONE, /* group_left */
    PROMQL_ONE_TO_MANY, /* group_right */
    PROMQL_MANY_TO_MANY /* and, or, unless */
} promql_card;

typedef struct promql_matching {
    promql_card card;
    bool on; /* else ignoring */
    bool has_fill_left;
    bool has_fill_right;
    promql_text *labels;
    size_t label_count;
    promql_text *include; /* of group_left, group_right */
    size_t include_count;
    double fill_left;
    double fill_right;
} promql_matching;

typedef struct promql_binary {
    promql_operator op;
    bool return_bool;
    promql_node *left;
    promql_node *right;
    promql_matching *matching; /* NULL unless both sides are instant vectors */
} promql_binary;

typedef struct promql_aggregate {
    promql_aggregation op;
    bool without; /* else by */
    promql_text *labels;
    size_t label_count;
    promql_node *param; /* NULL: has none */
    promql_node *expr;
} promql_aggregate;

typedef struct promql_call {
    const promql_function *function;
    promql_node **arguments;
    size_t argument_count;
} promql_call;

typedef enum promql_duration_op {
    PROMQL_DURATION_ADD,
    PROMQL_DURATION_SUB,
    PROMQL_DURATION_MUL,
    PROMQL_DURATION_DIV,
    PROMQL_DURATION_MOD,
    PROMQL_DURATION_POW,
    PROMQL_DURATION_MIN_OF,
    PROMQL_DURATION_MAX_OF,
    PROMQL_DURATION_NEGATE, /* from here on only `left` */
    PROMQL_DURATION_PLUS,   /* offset +(..) alone: elsewhere a plus is dropped */
    PROMQL_DURATION_PAREN,
    PROMQL_DURATION_STEP, /* from here on no operand */
    PROMQL_DURATION_RANGE
} promql_duration_op;

struct promql_node {
    promql_kind kind;
    promql_type type; /* PROMQL_TYPE_NONE: PROMQL_DURATION */
    uint32_t start;   /* bytes of the text */
    uint32_t end;
    uint32_t height; /* levels of the tree below this node, itself included */
    union {
        struct {
            double value;
            bool is_duration; /* written with units: 5m */
        } number;
        promql_text string;
        promql_vector vector;
        promql_matrix matrix;
        promql_subquery subquery;
        struct {
            promql_operator op; /* PROMQL_ADD or PROMQL_SUB */
            promql_node *expr;
        } unary;
        promql_binary binary;
        promql_aggregate aggregate;
        promql_call call;
        promql_node *paren;
        struct {
            promql_duration_op op;
            promql_node *left; /* PROMQL_DURATION or PROMQL_NUMBER (seconds) */
            promql_node *right;
        } duration;
    };
};

/* Parses and checks text[0..size). NULL on failure; err->message is then "LINE:COLUMN: parse error: ..." as
 * Prometheus prints it (columns are bytes), err->offset the byte that it complains of.
 * Errors: IFM_INVALID; IFM_LIMIT (a limit of limits.h, or of the arena); IFM_NOMEM. */
const promql_node *promql_parse(const char *text, size_t size, ifm_bump *arena, ifm_error *err);

/* Returns whether the children of `node` are to be visited. `parent` is NULL for the root. */
typedef bool promql_visitor(void *context, const promql_node *node, const promql_node *parent);

/* Calls `visit` for each node, a parent before its children, these in the order of the text. */
void promql_visit(const promql_node *root, promql_visitor *visit, void *context);

/* Appends the tree as Prometheus's String() writes it (one line, labels sorted); it parses back to the same
 * tree but for the positions. Where the text of String() does not, this text differs: the left operand of
 * ^ is "Inf", not "+Inf"; a duration that is no whole number of milliseconds is a number of seconds; an
 * offset that an operator could join stands before the other modifiers. Timestamps past 2^53 milliseconds
 * may read back as their neighbour. */
void promql_print(const promql_node *root, ifm_buf *out);

/* The same over several lines where one would have more than 100 bytes, as Prometheus's format_query has it:
 * two spaces for each level. Without a line feed at its end. */
void promql_print_pretty(const promql_node *root, ifm_buf *out);

/* Appends the tree as the JSON of Prometheus's parse_query. Where a range or an offset is computed it is
 * 0, as there. A byte that is no UTF-8 becomes U+FFFD. */
void promql_print_json(const promql_node *root, ifm_buf *out);

/* "instant vector", as in messages. */
const char *promql_type_name(promql_type type);
const char *promql_operator_name(promql_operator op);
bool promql_operator_is_comparison(promql_operator op);
bool promql_operator_is_set(promql_operator op);

/* Static storage; NULL when there is none by that name, or index. Functions are sorted by name. */
const promql_function *promql_function_find(const char *name, size_t size);
const promql_function *promql_function_at(size_t index);
const promql_aggregation_info *promql_aggregation_get(promql_aggregation op);

/* The name that Prometheus 3.14 wants after --enable-feature= for this node (not for its children); NULL
 * when it needs none. Static storage. */
const char *promql_feature(const promql_node *node);

/* The engine, for other folders: this is the one header of promql that they include. */
#include "promql/engine.h" /* needs the tree above */

#endif

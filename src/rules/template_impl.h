/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside templates: tokens, the tree, values, and the table of functions.
 *
 *     text --lex--> tokens --parse--> tree --expand--> text
 *
 * Thread-safety: as template.h.
 */
#ifndef RULES_TEMPLATE_IMPL_H
#define RULES_TEMPLATE_IMPL_H

#include "rules/limits.h"
#include "rules/template.h"

/* ---- Values ---- */

typedef enum template_kind {
    TEMPLATE_NIL,
    TEMPLATE_BOOL,
    TEMPLATE_INT,
    TEMPLATE_FLOAT,
    TEMPLATE_TEXT,
    TEMPLATE_LABELS,
    TEMPLATE_SAMPLE,
    TEMPLATE_VECTOR,
    TEMPLATE_DATA,     /* the outermost dot */
    TEMPLATE_ARGS,     /* of "args" */
    TEMPLATE_TIME,     /* whole: ns since 1970 */
    TEMPLATE_DURATION, /* whole: ns */
    TEMPLATE_NAMED     /* a month or a day of the week */
} template_kind;

typedef struct template_value {
    template_kind kind;
    union {
        bool truth;
        int64_t whole;
        double number;
        model_text text;
        model_labels labels;
        const rules_sample *sample;
        rules_vector vector;
        struct {
            const struct template_value *items;
            size_t count;
        } args;
        struct {
            const char *name;
            int64_t number;
        } named;
    };
} template_value;

/* ---- Tokens: template_lex.c ---- */

typedef enum template_token_kind {
    TEMPLATE_TOKEN_END,
    TEMPLATE_TOKEN_PLAIN, /* text outside of actions */
    TEMPLATE_TOKEN_OPEN,
    TEMPLATE_TOKEN_CLOSE,
    TEMPLATE_TOKEN_SPACE,
    TEMPLATE_TOKEN_NAME,     /* a function, or a word such as "if" */
    TEMPLATE_TOKEN_FIELD,    /* .Name, without its dot */
    TEMPLATE_TOKEN_DOT,      /* . alone */
    TEMPLATE_TOKEN_VARIABLE, /* with its dollar */
    TEMPLATE_TOKEN_CONSTANT, /* `value` */
    TEMPLATE_TOKEN_PIPE,
    TEMPLATE_TOKEN_LEFT,
    TEMPLATE_TOKEN_RIGHT,
    TEMPLATE_TOKEN_DECLARE, /* := */
    TEMPLATE_TOKEN_ASSIGN,
    TEMPLATE_TOKEN_COMMA
} template_token_kind;

typedef struct template_token {
    template_token_kind kind;
    model_text text;
    template_value value;
    uint32_t line;
} template_token;

typedef struct template_lexer {
    const char *at, *end;
    uint32_t line;
    bool inside;    /* of an action */
    bool trim_next; /* the action before ended with "-}}" */
    ifm_bump *arena;
    ifm_error *err;
} template_lexer;

/* False: lexer->err is set. */
bool template_lex(template_lexer *lexer, template_token *out);
/* Sets "line N: SENTENCE". False always. */
bool template_fail(ifm_error *err, uint32_t line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* ---- The tree: template_parse.c ---- */

typedef struct template_function template_function;
typedef struct template_pipe template_pipe;

typedef enum template_term_kind {
    TEMPLATE_TERM_CONSTANT,
    TEMPLATE_TERM_NIL,
    TEMPLATE_TERM_DOT, /* with fields: .Labels.x */
    TEMPLATE_TERM_VARIABLE,
    TEMPLATE_TERM_FUNCTION,
    TEMPLATE_TERM_PIPE /* in parentheses */
} template_term_kind;

typedef struct template_term {
    template_term_kind kind;
    template_value value;
    size_t slot; /* of a variable */
    const template_function *function;
    const template_pipe *pipe;
    const model_text *fields;
    size_t field_count;
} template_term;

typedef struct template_command {
    template_term *terms;
    size_t count;
    uint32_t line;
} template_command;

enum { TEMPLATE_VARIABLES_MAX = 2 }; /* $i, $e := .. */

struct template_pipe {
    size_t slots[TEMPLATE_VARIABLES_MAX]; /* that it sets */
    size_t slot_count;
    template_command *commands;
    size_t count;
    uint32_t line;
};

typedef enum template_node_kind {
    TEMPLATE_NODE_PLAIN,
    TEMPLATE_NODE_ACTION,
    TEMPLATE_NODE_IF,
    TEMPLATE_NODE_WITH,
    TEMPLATE_NODE_RANGE,
    TEMPLATE_NODE_BREAK,
    TEMPLATE_NODE_CONTINUE,
    TEMPLATE_NODE_CALL /* of what "define" or "block" defines */
} template_node_kind;

typedef struct template_node template_node;

typedef struct template_list {
    template_node *nodes;
    size_t count;
} template_list;

struct template_node {
    template_node_kind kind;
    model_text plain;          /* of a call: the name */
    const template_pipe *pipe; /* of a call NULL: it has nothing for a dot */
    uint32_t line;
    template_list body, otherwise;
};

/* The variables that are there from the beginning. */
enum {
    TEMPLATE_SLOT_DATA,
    TEMPLATE_SLOT_LABELS,
    TEMPLATE_SLOT_EXTERNAL_LABELS,
    TEMPLATE_SLOT_EXTERNAL_URL,
    TEMPLATE_SLOT_VALUE,
    TEMPLATE_SLOT_COUNT
};

typedef struct template_definition {
    struct template_definition *next;
    model_text name;
    template_list list;
    size_t dollar; /* the slot of "$", its only variable from outside */
} template_definition;

struct rules_template {
    template_list list;
    size_t slot_count;
    template_definition *definitions;
};

/* ---- Functions ---- */

typedef struct template_run { /* one expansion */
    const rules_template_data *data;
    ifm_bump *arena;
    ifm_buf *out;
    ifm_error *err;
    const rules_template *template;
    template_value *slots;
    size_t steps;
    size_t depth;  /* of lists and pipelines within one another */
    uint32_t line; /* of what is being executed */
} template_run;

typedef bool template_call(template_run *run, const template_value *arguments, size_t count,
                           template_value *out);

struct template_function {
    const char *name;
    int arguments_min, arguments_max; /* -1: any number */
    template_call *call;              /* NULL: "and" and "or", which do not evaluate all of their arguments */
    const char *types;                /* of the first arguments: 't' text, 'v' vector, 's' sample, '*' any */
};

/* NULL: there is none by that name. */
const template_function *template_function_find(model_text name);
/* Whether Prometheus has it elsewhere. */
bool template_function_is_known(model_text name);

template_call template_humanize, template_humanize_1024, template_humanize_duration,
    template_humanize_percentage, template_humanize_timestamp; /* template_humanize.c */
template_call template_printf;                                 /* template_printf.c */
template_call template_slice, template_index, template_js;     /* template_pieces.c */
template_call template_to_time, template_to_duration;          /* template_time.c */
template_call template_equal, template_not_equal, template_less, template_less_equal, template_greater,
    template_greater_equal; /* template_compare.c */

/* ---- Times: template_time.c ---- */

/* What behind a time or a duration stands as a field: (toTime 0.0).Format "15:04" */
bool template_method(template_run *run, const template_value *of, model_text name,
                     const template_value *arguments, size_t count, template_value *out);
/* As Go writes them: 2015-06-23 13:19:44.128 +0000 UTC, 1h30m0s. */
void template_time_print(int64_t ns, ifm_buf *out);
void template_duration_print(int64_t ns, ifm_buf *out);

/* ---- Helpers ---- */

/* Sets "line N: SENTENCE". False always. */
bool template_run_fail(template_run *run, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool template_is_true(const template_value *value);
const char *template_kind_name(template_kind kind); /* as Go calls the type */
/* As Go's %v. */
bool template_print(template_run *run, const template_value *value, ifm_buf *out);
/* As "print" does. */
bool template_print_all(template_run *run, const template_value *arguments, size_t count,
                        template_value *out);
enum { TEMPLATE_ARGS_MAX = 64 }; /* of "args" */
/* Which of `count` arguments is the i-th by the order of "arg0", "arg1", "arg10" .. */
size_t template_args_order(size_t count, size_t i);
/* A text in the arena, of what was written to `from`, which is freed. */
bool template_take_text(template_run *run, ifm_buf *from, template_value *out);
template_value template_text(const char *text);
bool template_to_float(template_run *run, const template_value *value, double *out);

#endif

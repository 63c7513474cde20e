/* SPDX-License-Identifier: Apache-2.0
 *
 * From nodes to structs, and from structs to canonical YAML, both by the same tables.
 *
 * Thread-safety: one thread.
 */
#ifndef CONFIG_READER_H
#define CONFIG_READER_H

#include "config/config.h"
#include "config/node.h"

typedef enum config_kind {
    CONFIG_KIND_TEXT,        /* const char * */
    CONFIG_KIND_SECRET,      /* the same, printed as <secret> */
    CONFIG_KIND_PATH,        /* the same, relative to the file */
    CONFIG_KIND_URL,         /* the same, of http or https */
    CONFIG_KIND_MODEL_TEXT,  /* model_text */
    CONFIG_KIND_BOOL,        /* bool */
    CONFIG_KIND_NOT_BOOL,    /* bool, which is the opposite of what stands there */
    CONFIG_KIND_UINT,        /* uint64_t */
    CONFIG_KIND_SIZE,        /* uint64_t, "10MB" */
    CONFIG_KIND_DOUBLE,      /* double */
    CONFIG_KIND_DURATION,    /* int64_t, milliseconds */
    CONFIG_KIND_FIXED,       /* one of `choices`, and not kept */
    CONFIG_KIND_SECTION,     /* a mapping by `schema`, in the struct at the offset */
    CONFIG_KIND_LIST,        /* pointer and count of structs by `schema` */
    CONFIG_KIND_CUSTOM,      /* read() and print() */
    CONFIG_KIND_UNSUPPORTED, /* Prometheus has it, we have not */
    CONFIG_KIND_INLINE       /* no key: the keys of `schema` are here as well */
} config_kind;

typedef struct config_regexes { /* freed with the configuration */
    model_regex **items;
    size_t count;
} config_regexes;

typedef struct config_reader {
    const char *name;      /* of the file, for messages; or NULL */
    const char *directory; /* of the file; NULL: paths stay as they are */
    ifm_bump *arena;       /* for what is read */
    config_regexes *regexes;
    void *root; /* what the outermost schema fills in */
    size_t values;
} config_reader;

typedef struct config_schema config_schema;
typedef struct config_field config_field;

struct config_field {
    const char *name; /* NULL ends a table, unless `kind` is CONFIG_KIND_INLINE */
    config_kind kind;
    bool shown;  /* printed also when it is zero */
    bool hidden; /* not printed: another key says it */
    size_t offset;
    size_t count_offset; /* of lists */
    const config_schema *schema;
    const char *choices; /* "a b": what a text may be */
    bool (*read)(config_reader *reader, const config_node *node, void *at, ifm_error *err);
    void (*print)(const config_field *field, const void *at, int indent, ifm_buf *out);
};

struct config_schema {
    const char *what; /* "scrape config" */
    size_t size;
    const void *defaults; /* NULL: zeros */
    const config_field *fields;
    /* Afterwards: what holds between the values. */
    bool (*check)(config_reader *reader, const config_node *node, void *base, ifm_error *err);
};

/* Fills in the struct at `base`, which holds the defaults. */
bool config_read(config_reader *reader, const config_schema *schema, const config_node *node, void *base,
                 ifm_error *err);
/* A list of structs. */
bool config_read_list(config_reader *reader, const config_schema *schema, const config_node *node, void **out,
                      size_t *count, ifm_error *err);

/* Scalars. */
bool config_read_text(config_reader *reader, const config_node *node, model_text *out, ifm_error *err);
bool config_read_path(config_reader *reader, const config_node *node, const char **out, ifm_error *err);
/* A list of texts, in the arena. */
bool config_read_texts(config_reader *reader, const config_node *node, const model_text **out, size_t *count,
                       ifm_error *err);
/* A list of paths, ends with NULL. */
bool config_read_paths(config_reader *reader, const config_node *node, const char *const **out,
                       ifm_error *err);
/* A mapping of label names to values. */
bool config_read_labels(config_reader *reader, const config_node *node, model_labels *out, ifm_error *err);
bool config_label_name_valid(model_text name);

bool config_want(config_reader *reader, const config_node *node, config_node_kind kind, ifm_error *err);
bool config_fail(const config_reader *reader, const config_node *node, ifm_error *err, const char *format,
                 ...) __attribute__((format(printf, 4, 5)));
/* "out of memory", or the limit of the arena. */
bool config_arena_failed(const config_reader *reader, ifm_error *err);

/* Printing. */
void config_print(const config_schema *schema, const void *base, int indent, ifm_buf *out);
/* A list of structs, with "- " before each. */
void config_print_list(const config_schema *schema, const void *items, size_t count, int indent,
                       ifm_buf *out);
void config_print_indent(int indent, ifm_buf *out);
/* "NAME:" and a line feed. */
void config_print_name(const char *name, int indent, ifm_buf *out);
/* A scalar, in quotes where it needs them. */
void config_print_text(model_text text, ifm_buf *out);
void config_print_labels(const char *name, model_labels labels, int indent, ifm_buf *out);
void config_print_size(uint64_t bytes, ifm_buf *out);

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * A file of YAML or JSON as a tree that knows where each value stands.
 *
 * Not libcyaml, which reads settings of loggers: it tells neither where a value stands whose type is right
 * but whose meaning is wrong (a duration, a regular expression), nor where the key stands that nobody knows,
 * and it has no place for keys that are known but not supported.
 *
 * Thread-safety: constant once made.
 * N1  aliases share the node that they name, so a tree is as large as its text; whoever walks it counts.
 */
#ifndef CONFIG_NODE_H
#define CONFIG_NODE_H

#include "base/base.h"
#include "model/model.h"

typedef enum config_node_kind { CONFIG_SCALAR, CONFIG_SEQUENCE, CONFIG_MAPPING } config_node_kind;

typedef struct config_node config_node;

typedef struct config_pair {
    const config_node *key; /* a scalar */
    const config_node *value;
} config_pair;

struct config_node {
    config_node_kind kind;
    bool plain;            /* a scalar without quotes: null, true and numbers are what they look like */
    uint32_t line, column; /* from 1; 0: not known */
    model_text text;       /* terminated */
    const config_node **items;
    config_pair *pairs;
    size_t count;
};

/* `name` is for messages. *out is NULL when there is nothing in it. All in `arena`. Errors: IFM_INVALID with
 * "NAME:LINE:COLUMN: ...", IFM_LIMIT, IFM_NOMEM. */
bool config_node_parse_yaml(model_text text, const char *name, ifm_bump *arena, const config_node **out,
                            ifm_error *err);
bool config_node_parse_json(model_text text, const char *name, ifm_bump *arena, const config_node **out,
                            ifm_error *err);

/* The value of a key; NULL without it, or when it is null. */
const config_node *config_node_get(const config_node *mapping, const char *key);
/* "~", "null" or nothing, without quotes. */
bool config_node_is_null(const config_node *node);

/* Puts "NAME:LINE:COLUMN: " before the sentence. */
bool config_node_fail(const config_node *node, const char *name, ifm_error *err, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#endif

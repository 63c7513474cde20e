/* SPDX-License-Identifier: Apache-2.0
 *
 * The names that a file of Prometheus's rules records. Whether the rules are right is promtool's to say;
 * what is not of this shape is passed over, but a file without groups is refused: it is another file.
 */
#include "base/base.h"
#include "dashboard/limits.h"
#include "dashboard/metrics.h"

#include <string.h>
#include <yaml.h>

typedef struct walk {
    yaml_document_t *document;
    dashboard_metrics *metrics;
    size_t steps;
    ifm_error *err;
} walk;

/* The value of `key` in a mapping; NULL when there is none, or `node` is no mapping. */
static yaml_node_t *value_of(walk *in, const yaml_node_t *node, const char *key)
{
    if (node == NULL || node->type != YAML_MAPPING_NODE) {
        return NULL;
    }
    for (yaml_node_pair_t *at = node->data.mapping.pairs.start; at < node->data.mapping.pairs.top; at++) {
        in->steps++;
        const yaml_node_t *name = yaml_document_get_node(in->document, at->key);
        if (name != NULL && name->type == YAML_SCALAR_NODE && name->data.scalar.length == strlen(key) &&
            memcmp(name->data.scalar.value, key, name->data.scalar.length) == 0) {
            return yaml_document_get_node(in->document, at->value);
        }
    }
    return NULL;
}

/* Calls `each` for the items of `node`, where that is a list. */
static bool each_item(walk *in, const yaml_node_t *node, bool (*each)(walk *in, const yaml_node_t *item))
{
    if (node == NULL || node->type != YAML_SEQUENCE_NODE) {
        return true;
    }
    for (yaml_node_item_t *at = node->data.sequence.items.start; at < node->data.sequence.items.top; at++) {
        if (++in->steps > DASHBOARD_RULES_STEPS_MAX) {
            return ifm_error_set(in->err, IFM_LIMIT, "it has more than %d nodes, with its aliases",
                                 DASHBOARD_RULES_STEPS_MAX);
        }
        if (!each(in, yaml_document_get_node(in->document, *at))) {
            return false;
        }
    }
    return true;
}

static bool add_rule(walk *in, const yaml_node_t *rule)
{
    const yaml_node_t *record = value_of(in, rule, "record");
    return record == NULL || record->type != YAML_SCALAR_NODE ||
           dashboard_metrics_add(in->metrics, (const char *)record->data.scalar.value,
                                 record->data.scalar.length, DASHBOARD_METRIC_UNTYPED, in->err);
}

static bool add_group(walk *in, const yaml_node_t *group)
{
    return each_item(in, value_of(in, group, "rules"), add_rule);
}

static bool add_groups(walk *in)
{
    const yaml_node_t *groups = value_of(in, yaml_document_get_root_node(in->document), "groups");
    if (groups == NULL || groups->type != YAML_SEQUENCE_NODE) {
        return ifm_error_set(in->err, IFM_INVALID, "it is no file of rules: it has no list \"groups\"");
    }
    return each_item(in, groups, add_group);
}

bool dashboard_metrics_add_rules(dashboard_metrics *metrics, const char *text, size_t size, ifm_error *err)
{
    yaml_parser_t parser;
    if (yaml_parser_initialize(&parser) == 0) {
        return ifm_error_nomem(err);
    }
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, size);
    yaml_document_t document;
    bool ok = false;
    if (yaml_parser_load(&parser, &document) != 0) {
        walk in = {&document, metrics, 0, err};
        ok = add_groups(&in);
        yaml_document_delete(&document);
    } else if (parser.error == YAML_MEMORY_ERROR) {
        ifm_error_nomem(err);
    } else {
        ifm_error_set(err, IFM_INVALID, "line %zu, column %zu: cannot be read as YAML: %s",
                      parser.problem_mark.line + 1, parser.problem_mark.column + 1,
                      parser.problem == NULL ? "it ends too early" : parser.problem);
    }
    yaml_parser_delete(&parser);
    return ok;
}

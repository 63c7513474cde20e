/* SPDX-License-Identifier: Apache-2.0
 *
 * Files of rules, in Prometheus's format. Expressions and templates are texts here: rules/load.c reads them.
 */
#include "config/limits.h"
#include "config/reader.h"

#include <stdlib.h>

typedef struct rules_root {
    const config_rule_group *groups;
    size_t group_count;
} rules_root;

static config_place place_of(const config_node *node)
{
    return (config_place){node->line, node->column};
}

/* ---- Labels ---- */

static int compare_labels(const void *a, const void *b)
{
    return model_text_compare(((const config_rule_label *)a)->name, ((const config_rule_label *)b)->name);
}

static bool read_pair(config_reader *reader, const config_pair *pair, config_rule_label *out, ifm_error *err)
{
    out->place = place_of(pair->value);
    if (!config_read_text(reader, pair->key, &out->name, err)) {
        return false;
    }
    if (!config_label_name_valid(out->name)) {
        return config_fail(reader, pair->key, err, "\"%s\" is no name of a label", out->name.data);
    }
    if (config_node_is_null(pair->value)) {
        out->value = model_text_of("");
        return true;
    }
    return config_read_text(reader, pair->value, &out->value, err);
}

static bool read_annotations(config_reader *reader, const config_node *node, void *at, ifm_error *err)
{
    config_rule_labels *out = at;
    if (!config_want(reader, node, CONFIG_MAPPING, err)) {
        return false;
    }
    config_rule_label *items = ifm_bump_alloc_array(reader->arena, node->count, sizeof *items);
    if (items == NULL) {
        return config_arena_failed(reader, err);
    }
    for (size_t i = 0; i < node->count; i++) {
        if (!read_pair(reader, &node->pairs[i], &items[i], err)) {
            return false;
        }
    }
    if (node->count > 1) {
        qsort(items, node->count, sizeof *items, compare_labels);
    }
    *out = (config_rule_labels){items, node->count};
    return true;
}

static bool read_labels(config_reader *reader, const config_node *node, void *at, ifm_error *err)
{
    if (!read_annotations(reader, node, at, err)) {
        return false;
    }
    for (size_t i = 0; i < node->count; i++) {
        const config_node *key = node->pairs[i].key;
        if (model_text_equal(key->text, model_text_of(MODEL_NAME_LABEL))) {
            return config_fail(reader, key, err,
                               "the label \"" MODEL_NAME_LABEL "\" cannot be set by a rule");
        }
    }
    return true;
}

static bool has_label(const config_rule_labels *labels, model_text name)
{
    for (size_t i = 0; i < labels->count; i++) {
        if (model_text_equal(labels->items[i].name, name)) {
            return true;
        }
    }
    return false;
}

/* Those of the group that the rule does not have itself. */
static bool add_labels(config_reader *reader, const config_rule_labels *group, config_rule *rule,
                       ifm_error *err)
{
    size_t count = rule->labels.count;
    config_rule_label *items = ifm_bump_alloc_array(reader->arena, count + group->count, sizeof *items);
    if (items == NULL) {
        return config_arena_failed(reader, err);
    }
    if (count > 0) {
        memcpy(items, rule->labels.items, count * sizeof *items);
    }
    for (size_t i = 0; i < group->count; i++) {
        if (!has_label(&rule->labels, group->items[i].name)) {
            items[count++] = group->items[i];
        }
    }
    if (count > 1) {
        qsort(items, count, sizeof *items, compare_labels);
    }
    rule->labels = (config_rule_labels){items, count};
    return true;
}

/* ---- Rules ---- */

#define KEY(key, type, member)                                                                               \
    .name = key, .kind = CONFIG_KIND_##type, .offset = offsetof(config_rule, member)

static bool check_name(config_reader *reader, const config_node *node, const config_rule *rule,
                       ifm_error *err)
{
    if (rule->record.size > 0 && rule->alert.size > 0) {
        return config_fail(reader, config_node_get(node, "alert"), err,
                           "a rule has either \"record\" or \"alert\", and this one has both");
    }
    if (rule->record.size == 0 && rule->alert.size == 0) {
        return config_fail(reader, node, err, "a rule wants \"record\" or \"alert\"");
    }
    if (memchr(rule->record.data, '{', rule->record.size) != NULL ||
        memchr(rule->record.data, '}', rule->record.size) != NULL) {
        return config_fail(reader, config_node_get(node, "record"), err,
                           "\"%.100s\" has braces, which are no part of a name; hint: set labels with "
                           "\"labels\"",
                           rule->record.data);
    }
    return true;
}

static bool check_rule(config_reader *reader, const config_node *node, void *base, ifm_error *err)
{
    static const char *const of_alerts[] = {"for", "keep_firing_for", "annotations"};
    config_rule *rule = base;
    rule->place = place_of(node);
    if (!check_name(reader, node, rule, err)) {
        return false;
    }
    const config_node *expr = config_node_get(node, "expr");
    if (expr == NULL || rule->expr.size == 0) {
        return config_fail(reader, node, err, "a rule wants an \"expr\"");
    }
    rule->expr_place = place_of(expr);
    const bool given[] = {rule->for_ms != 0, rule->keep_firing_for_ms != 0, rule->annotations.count > 0};
    for (size_t i = 0; i < IFM_COUNT_OF(given) && rule->record.size > 0; i++) {
        if (given[i]) {
            return config_fail(reader, config_node_get(node, of_alerts[i]), err,
                               "a recording rule has no \"%s\"", of_alerts[i]);
        }
    }
    return true;
}

static const config_field rule_fields[] = {
    {KEY("record", MODEL_TEXT, record)},
    {KEY("alert", MODEL_TEXT, alert)},
    {KEY("expr", MODEL_TEXT, expr)},
    {KEY("for", DURATION, for_ms)},
    {KEY("keep_firing_for", DURATION, keep_firing_for_ms)},
    {KEY("labels", CUSTOM, labels), .read = read_labels},
    {KEY("annotations", CUSTOM, annotations), .read = read_annotations},
    {0}};

static const config_rule rule_defaults = {.record = {"", 0}, .alert = {"", 0}, .expr = {"", 0}};

static const config_schema rule_schema = {.what = "rule",
                                          .size = sizeof(config_rule),
                                          .defaults = &rule_defaults,
                                          .fields = rule_fields,
                                          .check = check_rule};

/* ---- Groups ---- */

#undef KEY
#define KEY(key, type, member)                                                                               \
    .name = key, .kind = CONFIG_KIND_##type, .offset = offsetof(config_rule_group, member)

static bool check_group(config_reader *reader, const config_node *node, void *base, ifm_error *err)
{
    config_rule_group *group = base;
    group->place = place_of(node);
    if (group->name.size == 0) {
        return config_fail(reader, node, err, "a group wants a \"name\"");
    }
    if (group->limit > INT32_MAX) {
        return config_fail(reader, config_node_get(node, "limit"), err, "the limit is above %d", INT32_MAX);
    }
    config_rule *rules = (config_rule *)(uintptr_t)group->rules; /* which are ours until we are done */
    for (size_t i = 0; i < group->rule_count; i++) {
        if (!add_labels(reader, &group->labels, &rules[i], err)) {
            return false;
        }
    }
    return true;
}

static const config_field group_fields[] = {{KEY("name", MODEL_TEXT, name)},
                                            {KEY("interval", DURATION, interval_ms)},
                                            {KEY("query_offset", DURATION, query_offset_ms)},
                                            {KEY("limit", UINT, limit)},
                                            {KEY("labels", CUSTOM, labels), .read = read_labels},
                                            {KEY("rules", LIST, rules),
                                             .count_offset = offsetof(config_rule_group, rule_count),
                                             .schema = &rule_schema},
                                            {0}};

static const config_rule_group group_defaults = {.name = {"", 0}, .query_offset_ms = -1};

static const config_schema group_schema = {.what = "group of rules",
                                           .size = sizeof(config_rule_group),
                                           .defaults = &group_defaults,
                                           .fields = group_fields,
                                           .check = check_group};

/* ---- The file ---- */

static int compare_names(const void *a, const void *b)
{
    const config_rule_group *left = *(const config_rule_group *const *)a;
    const config_rule_group *right = *(const config_rule_group *const *)b;
    int order = model_text_compare(left->name, right->name);
    return order != 0 ? order : (left > right) - (left < right);
}

static bool check_root(config_reader *reader, const config_node *node, void *base, ifm_error *err)
{
    const rules_root *root = base;
    const config_rule_group **sorted = ifm_bump_alloc_array(reader->arena, root->group_count, sizeof(void *));
    (void)node;
    if (sorted == NULL) {
        return config_arena_failed(reader, err);
    }
    for (size_t i = 0; i < root->group_count; i++) {
        sorted[i] = &root->groups[i];
    }
    if (root->group_count > 1) {
        qsort(sorted, root->group_count, sizeof(void *), compare_names);
    }
    for (size_t i = 1; i < root->group_count; i++) {
        if (model_text_equal(sorted[i - 1]->name, sorted[i]->name)) {
            const config_node here = {.line = sorted[i]->place.line, .column = sorted[i]->place.column};
            return config_fail(reader, &here, err,
                               "the group name \"%.100s\" is there twice, first in line %u",
                               sorted[i]->name.data, sorted[i - 1]->place.line);
        }
    }
    return true;
}

static const config_field root_fields[] = {{.name = "groups",
                                            .kind = CONFIG_KIND_LIST,
                                            .offset = offsetof(rules_root, groups),
                                            .count_offset = offsetof(rules_root, group_count),
                                            .schema = &group_schema},
                                           {0}};

static const config_schema root_schema = {
    .what = "file of rules", .fields = root_fields, .check = check_root};

bool config_rules_parse(model_text text, const char *path, ifm_bump *arena, const config_rule_group **out,
                        size_t *count, ifm_error *err)
{
    ifm_bump nodes;
    const config_node *node = NULL;
    rules_root root = {0};
    config_reader reader = {.name = path, .arena = arena};
    ifm_bump_init(&nodes, CONFIG_ARENA_BYTES_MAX);
    bool ok = config_node_parse_yaml(text, path, &nodes, &node, err) &&
              (node == NULL || config_read(&reader, &root_schema, node, &root, err));
    ifm_bump_deinit(&nodes);
    *out = root.groups;
    *count = root.group_count;
    return ok;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * relabel_configs and their like: which action may have which keys is checked as relabel.go of Prometheus
 * does it.
 */
#include "config/schemas.h"

#include <strings.h>

static const char *const action_names[] = {
    [CONFIG_RELABEL_REPLACE] = "replace",
    [CONFIG_RELABEL_KEEP] = "keep",
    [CONFIG_RELABEL_DROP] = "drop",
    [CONFIG_RELABEL_KEEP_EQUAL] = "keepequal",
    [CONFIG_RELABEL_DROP_EQUAL] = "dropequal",
    [CONFIG_RELABEL_HASHMOD] = "hashmod",
    [CONFIG_RELABEL_LABELMAP] = "labelmap",
    [CONFIG_RELABEL_LABELDROP] = "labeldrop",
    [CONFIG_RELABEL_LABELKEEP] = "labelkeep",
    [CONFIG_RELABEL_LOWERCASE] = "lowercase",
    [CONFIG_RELABEL_UPPERCASE] = "uppercase",
};

static const char default_regex[] = "(.*)", default_separator[] = ";", default_replacement[] = "$1";

static const config_relabel relabel_defaults = {
    .action = CONFIG_RELABEL_REPLACE,
    .separator = {default_separator, sizeof default_separator - 1},
    .regex_text = {default_regex, sizeof default_regex - 1},
    .replacement = {default_replacement, sizeof default_replacement - 1},
};

static bool read_action(config_reader *reader, const config_node *node, void *at, ifm_error *err)
{
    if (!config_want(reader, node, CONFIG_SCALAR, err)) {
        return false;
    }
    for (size_t i = 0; i < IFM_COUNT_OF(action_names); i++) {
        if (strcasecmp(node->text.data, action_names[i]) == 0) {
            *(config_relabel_action *)at = (config_relabel_action)i;
            return true;
        }
    }
    return config_fail(reader, node, err, "\"%s\" is no action of relabelling", node->text.data);
}

static void print_action(const config_field *field, const void *at, int indent, ifm_buf *out)
{
    config_print_indent(indent, out);
    ifm_buf_printf(out, "%s: %s\n", field->name, action_names[*(const config_relabel_action *)at]);
}

static bool read_sources(config_reader *reader, const config_node *node, void *at, ifm_error *err)
{
    config_relabel *rule = at;
    if (!config_read_texts(reader, node, &rule->sources, &rule->source_count, err)) {
        return false;
    }
    for (size_t i = 0; i < rule->source_count; i++) {
        if (!config_label_name_valid(rule->sources[i])) {
            return config_fail(reader, node->items[i], err, "\"%s\" is no name of a label",
                               rule->sources[i].data);
        }
    }
    return true;
}

/* In brackets, a comma would end a name. */
static bool name_is_simple(model_text name)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";
    return strspn(name.data, letters) > 0 &&
           strspn(name.data, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789") == name.size;
}

static void print_sources(const config_field *field, const void *at, int indent, ifm_buf *out)
{
    const config_relabel *rule = at;
    if (rule->source_count == 0) {
        return;
    }
    config_print_indent(indent, out);
    ifm_buf_printf(out, "%s: [", field->name);
    for (size_t i = 0; i < rule->source_count; i++) {
        ifm_buf_append_text(out, i == 0 ? "" : ", ");
        if (name_is_simple(rule->sources[i])) {
            config_print_text(rule->sources[i], out);
        } else {
            ifm_buf_append_json(out, rule->sources[i].data);
        }
    }
    ifm_buf_append_text(out, "]\n");
}

static bool regex_make(config_reader *reader, config_relabel *rule, ifm_error *err)
{
    config_regexes *all = reader->regexes;
    model_regex **items = ifm_bump_grow(reader->arena, all->items, all->count, sizeof *items);
    if (items == NULL) {
        return config_arena_failed(reader, err);
    }
    all->items = items;
    rule->regex = model_regex_new(rule->regex_text, err);
    if (rule->regex == NULL) {
        return false;
    }
    items[all->count++] = rule->regex;
    return true;
}

static bool is(model_text text, const char *what)
{
    return model_text_equal(text, model_text_of(what));
}

static bool action_has_target(config_relabel_action action)
{
    return action == CONFIG_RELABEL_REPLACE || action == CONFIG_RELABEL_HASHMOD ||
           action == CONFIG_RELABEL_LOWERCASE || action == CONFIG_RELABEL_UPPERCASE ||
           action == CONFIG_RELABEL_KEEP_EQUAL || action == CONFIG_RELABEL_DROP_EQUAL;
}

/* What the action wants, and has no use for; NULL when all is well. */
static const char *complaint_of(const config_relabel *rule)
{
    bool replacement = !is(rule->replacement, default_replacement);
    bool separator = !is(rule->separator, default_separator);
    bool equal = rule->action == CONFIG_RELABEL_KEEP_EQUAL || rule->action == CONFIG_RELABEL_DROP_EQUAL;
    bool letters = rule->action == CONFIG_RELABEL_LOWERCASE || rule->action == CONFIG_RELABEL_UPPERCASE;
    bool names = rule->action == CONFIG_RELABEL_LABELDROP || rule->action == CONFIG_RELABEL_LABELKEEP;
    if (rule->action == CONFIG_RELABEL_HASHMOD && rule->modulus == 0) {
        return "wants a \"modulus\" other than 0";
    }
    if (action_has_target(rule->action) && rule->target.size == 0) {
        return "wants a \"target_label\"";
    }
    if ((letters || equal) && replacement) {
        return "has no use for \"replacement\"";
    }
    if (equal && (!is(rule->regex_text, default_regex) || rule->modulus != 0 || separator)) {
        return "wants \"source_labels\" and \"target_label\" and nothing else";
    }
    if (names &&
        (rule->source_count > 0 || rule->target.size > 0 || rule->modulus != 0 || separator || replacement)) {
        return "wants \"regex\" and nothing else";
    }
    if (rule->action == CONFIG_RELABEL_LABELMAP && !config_label_name_valid(rule->replacement)) {
        return "wants a \"replacement\" that can be the name of a label";
    }
    return NULL;
}

static const config_node *mark_of(const config_node *node, const char *key)
{
    const config_node *value = config_node_get(node, key);
    return value == NULL ? node : value;
}

static bool check_relabel(config_reader *reader, const config_node *node, void *base, ifm_error *err)
{
    config_relabel *rule = base;
    const char *complaint = complaint_of(rule);
    if (complaint != NULL) {
        return config_fail(reader, mark_of(node, "action"), err, "the relabel action \"%s\" %s",
                           action_names[rule->action], complaint);
    }
    if (regex_make(reader, rule, err)) {
        return true;
    }
    if (err->code == IFM_INVALID) {
        const ifm_error why = *err;
        config_fail(reader, mark_of(node, "regex"), err, "%s", why.message);
    }
    return false;
}

static const config_field relabel_fields[] = {
    {.name = "source_labels", .kind = CONFIG_KIND_CUSTOM, .read = read_sources, .print = print_sources},
    {.name = "separator",
     .kind = CONFIG_KIND_MODEL_TEXT,
     .offset = offsetof(config_relabel, separator),
     .shown = true},
    {.name = "regex",
     .kind = CONFIG_KIND_MODEL_TEXT,
     .offset = offsetof(config_relabel, regex_text),
     .shown = true},
    {.name = "modulus", .kind = CONFIG_KIND_UINT, .offset = offsetof(config_relabel, modulus)},
    {.name = "target_label", .kind = CONFIG_KIND_MODEL_TEXT, .offset = offsetof(config_relabel, target)},
    {.name = "replacement",
     .kind = CONFIG_KIND_MODEL_TEXT,
     .offset = offsetof(config_relabel, replacement),
     .shown = true},
    {.name = "action",
     .kind = CONFIG_KIND_CUSTOM,
     .offset = offsetof(config_relabel, action),
     .read = read_action,
     .print = print_action},
    {0}};

const config_schema config_relabel_schema = {.what = "relabel config",
                                             .size = sizeof(config_relabel),
                                             .defaults = &relabel_defaults,
                                             .fields = relabel_fields,
                                             .check = check_relabel};

/* SPDX-License-Identifier: Apache-2.0 */
#include "config/node.h"

#include "config/limits.h"

#include <stdarg.h>
#include <stdio.h>
#include <yaml.h>

typedef struct frame { /* a list or mapping that has begun */
    config_node *node;
    const config_node *key; /* of a mapping: what the next value belongs to */
    const char *anchor;
} frame;

typedef struct anchor {
    const char *name;
    const config_node *node;
} anchor;

typedef struct builder {
    yaml_parser_t parser;
    const char *name;
    ifm_bump *arena;
    ifm_error *err;
    frame frames[CONFIG_DEPTH_MAX];
    size_t depth;
    anchor *anchors;
    size_t anchor_count;
    const config_node *root;
    bool ended; /* the document */
} builder;

bool config_node_fail(const config_node *node, const char *name, ifm_error *err, const char *format, ...)
{
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    const char *of = name == NULL ? "configuration" : name;
    if (node == NULL || node->line == 0) {
        return ifm_error_set(err, IFM_INVALID, "%s: %s", of, text);
    }
    return ifm_error_set(err, IFM_INVALID, "%s:%u:%u: %s", of, node->line, node->column, text);
}

bool config_node_is_null(const config_node *node)
{
    static const char *const nulls[] = {"", "~", "null", "Null", "NULL"};
    for (size_t i = 0; i < IFM_COUNT_OF(nulls); i++) {
        if (node->kind == CONFIG_SCALAR && node->plain &&
            model_text_equal(node->text, model_text_of(nulls[i]))) {
            return true;
        }
    }
    return false;
}

static const config_pair *pair_find(const config_node *mapping, model_text key)
{
    for (size_t i = 0; i < mapping->count; i++) {
        if (model_text_equal(mapping->pairs[i].key->text, key)) {
            return &mapping->pairs[i];
        }
    }
    return NULL;
}

const config_node *config_node_get(const config_node *mapping, const char *key)
{
    const config_pair *pair =
        mapping == NULL || mapping->kind != CONFIG_MAPPING ? NULL : pair_find(mapping, model_text_of(key));
    return pair == NULL || config_node_is_null(pair->value) ? NULL : pair->value;
}

static config_node *node_make(builder *to, config_node_kind kind, const yaml_mark_t *mark)
{
    config_node *node = ifm_bump_alloc(to->arena, sizeof *node);
    if (node == NULL) {
        ifm_bump_check(to->arena, to->err);
        return NULL;
    }
    node->kind = kind;
    node->line = (uint32_t)mark->line + 1;
    node->column = (uint32_t)mark->column + 1;
    return node;
}

static bool pair_add(builder *to, config_node *mapping, const config_node *key, const config_node *value)
{
    config_pair *pairs = ifm_bump_grow(to->arena, mapping->pairs, mapping->count, sizeof *pairs);
    if (pairs == NULL) {
        return ifm_bump_check(to->arena, to->err);
    }
    mapping->pairs = pairs;
    pairs[mapping->count++] = (config_pair){key, value};
    return true;
}

static bool item_add(builder *to, config_node *list, const config_node *item)
{
    const config_node **items = ifm_bump_grow(to->arena, list->items, list->count, sizeof *items);
    if (items == NULL) {
        return ifm_bump_check(to->arena, to->err);
    }
    list->items = items;
    items[list->count++] = item;
    return true;
}

static bool is_merge(const config_node *key)
{
    return key->plain && model_text_equal(key->text, model_text_of("<<"));
}

/* "<<: *other": the keys of another mapping, or of several, unless the mapping has its own. */
static bool merge(builder *to, config_node *mapping, const config_node *from)
{
    if (from->kind == CONFIG_SEQUENCE) {
        for (size_t i = 0; i < from->count; i++) {
            if (from->items[i]->kind != CONFIG_MAPPING) {
                return config_node_fail(from->items[i], to->name, to->err, "\"<<\" wants mappings");
            }
            if (!merge(to, mapping, from->items[i])) {
                return false;
            }
        }
        return true;
    }
    if (from->kind != CONFIG_MAPPING) {
        return config_node_fail(from, to->name, to->err, "\"<<\" wants a mapping");
    }
    for (size_t i = 0; i < from->count; i++) {
        if (pair_find(mapping, from->pairs[i].key->text) == NULL &&
            !pair_add(to, mapping, from->pairs[i].key, from->pairs[i].value)) {
            return false;
        }
    }
    return true;
}

/* At its end, when all keys of its own are known. */
static bool merge_all(builder *to, config_node *mapping)
{
    for (size_t i = 0; i < mapping->count; i++) {
        const config_pair pair = mapping->pairs[i];
        if (is_merge(pair.key)) {
            memmove(&mapping->pairs[i], &mapping->pairs[i + 1],
                    (mapping->count - i - 1) * sizeof *mapping->pairs);
            mapping->count--;
            return merge(to, mapping, pair.value);
        }
    }
    return true;
}

static bool take_key(builder *to, frame *top, const config_node *key)
{
    if (key->kind != CONFIG_SCALAR) {
        return config_node_fail(key, to->name, to->err, "a key must be a text");
    }
    if (top->node->count == CONFIG_KEYS_MAX) {
        return config_node_fail(key, to->name, to->err, "a mapping has more than %d keys", CONFIG_KEYS_MAX);
    }
    const config_pair *first = pair_find(top->node, key->text);
    if (first != NULL) {
        return config_node_fail(key, to->name, to->err, "the key \"%s\" is there twice, first in line %u",
                                key->text.data, first->key->line);
    }
    top->key = key;
    return true;
}

/* A complete value, or one that begins, goes to where it belongs. */
static bool attach(builder *to, const config_node *node)
{
    if (to->depth == 0) {
        to->root = node;
        return true;
    }
    frame *top = &to->frames[to->depth - 1];
    if (top->node->kind == CONFIG_SEQUENCE) {
        return item_add(to, top->node, node);
    }
    if (top->key == NULL) {
        return take_key(to, top, node);
    }
    const config_node *key = top->key;
    top->key = NULL;
    return pair_add(to, top->node, key, node);
}

static bool anchor_add(builder *to, const char *name, const config_node *node)
{
    if (name == NULL) {
        return true;
    }
    anchor *anchors = ifm_bump_grow(to->arena, to->anchors, to->anchor_count, sizeof *anchors);
    if (anchors == NULL) {
        return ifm_bump_check(to->arena, to->err);
    }
    to->anchors = anchors;
    anchors[to->anchor_count++] = (anchor){name, node};
    return true;
}

static const char *anchor_copy(builder *to, const yaml_char_t *name)
{
    return name == NULL ? NULL : ifm_bump_copy(to->arena, name, strlen((const char *)name));
}

static bool take_scalar(builder *to, const yaml_event_t *event)
{
    config_node *node = node_make(to, CONFIG_SCALAR, &event->start_mark);
    if (node == NULL) {
        return false;
    }
    size_t size = event->data.scalar.length;
    const char *text = ifm_bump_copy(to->arena, event->data.scalar.value, size);
    if (text == NULL) {
        return ifm_bump_check(to->arena, to->err);
    }
    if (memchr(text, '\0', size) != NULL) {
        return config_node_fail(node, to->name, to->err, "a text has a NUL");
    }
    node->text = (model_text){text, size};
    node->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    return anchor_add(to, anchor_copy(to, event->data.scalar.anchor), node) && attach(to, node);
}

static bool take_alias(builder *to, const yaml_event_t *event)
{
    const char *name = (const char *)event->data.alias.anchor;
    for (size_t i = to->anchor_count; i > 0; i--) { /* the last one by that name */
        if (strcmp(to->anchors[i - 1].name, name) == 0) {
            return attach(to, to->anchors[i - 1].node);
        }
    }
    const config_node here = {.line = (uint32_t)event->start_mark.line + 1,
                              .column = (uint32_t)event->start_mark.column + 1};
    return config_node_fail(&here, to->name, to->err, "there is no anchor \"%s\" before this alias", name);
}

static bool take_begin(builder *to, const yaml_event_t *event, config_node_kind kind, const yaml_char_t *name)
{
    config_node *node = node_make(to, kind, &event->start_mark);
    if (node == NULL) {
        return false;
    }
    if (to->depth == CONFIG_DEPTH_MAX) {
        return config_node_fail(node, to->name, to->err, "lists and mappings are nested more than %d deep",
                                CONFIG_DEPTH_MAX);
    }
    if (!attach(to, node)) {
        return false;
    }
    to->frames[to->depth++] = (frame){.node = node, .anchor = anchor_copy(to, name)};
    return true;
}

static bool take_end(builder *to)
{
    const frame *top = &to->frames[--to->depth];
    return (top->node->kind != CONFIG_MAPPING || merge_all(to, top->node)) &&
           anchor_add(to, top->anchor, top->node);
}

static bool take_document(builder *to, const yaml_event_t *event)
{
    if (!to->ended) {
        return true;
    }
    const config_node here = {.line = (uint32_t)event->start_mark.line + 1, .column = 1};
    return config_node_fail(&here, to->name, to->err, "a second document begins here, and only one is read");
}

static bool take_event(builder *to, const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        return take_document(to, event);
    case YAML_DOCUMENT_END_EVENT:
        to->ended = true;
        return true;
    case YAML_SCALAR_EVENT:
        return take_scalar(to, event);
    case YAML_ALIAS_EVENT:
        return take_alias(to, event);
    case YAML_SEQUENCE_START_EVENT:
        return take_begin(to, event, CONFIG_SEQUENCE, event->data.sequence_start.anchor);
    case YAML_MAPPING_START_EVENT:
        return take_begin(to, event, CONFIG_MAPPING, event->data.mapping_start.anchor);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        return take_end(to);
    default:
        return true;
    }
}

static bool parser_failed(builder *to)
{
    const yaml_parser_t *parser = &to->parser;
    if (parser->error == YAML_MEMORY_ERROR) {
        return ifm_error_nomem(to->err);
    }
    bool placed = parser->error == YAML_SCANNER_ERROR || parser->error == YAML_PARSER_ERROR;
    const config_node here = {.line = placed ? (uint32_t)parser->problem_mark.line + 1 : 0,
                              .column = (uint32_t)parser->problem_mark.column + 1};
    return config_node_fail(
        &here, to->name, to->err, "it is no YAML: %s%s%s", parser->context == NULL ? "" : parser->context,
        parser->context == NULL ? "" : ": ", parser->problem == NULL ? "unexpected end" : parser->problem);
}

static bool build(builder *to)
{
    for (bool going = true; going;) {
        yaml_event_t event;
        if (!yaml_parser_parse(&to->parser, &event)) {
            return parser_failed(to);
        }
        going = event.type != YAML_STREAM_END_EVENT;
        bool ok = take_event(to, &event);
        yaml_event_delete(&event);
        if (!ok) {
            return false;
        }
    }
    return true;
}

bool config_node_parse_yaml(model_text text, const char *name, ifm_bump *arena, const config_node **out,
                            ifm_error *err)
{
    builder *to = ifm_alloc_zero(1, sizeof *to);
    if (to == NULL || !yaml_parser_initialize(&to->parser)) {
        ifm_free(to);
        return ifm_error_nomem(err);
    }
    to->name = name;
    to->arena = arena;
    to->err = err;
    yaml_parser_set_input_string(&to->parser, (const unsigned char *)(text.size == 0 ? "" : text.data),
                                 text.size);
    yaml_parser_set_encoding(&to->parser, YAML_UTF8_ENCODING);
    bool ok = build(to) && ifm_bump_check(arena, err);
    if (ok) {
        *out = to->root == NULL || config_node_is_null(to->root) ? NULL : to->root;
    }
    yaml_parser_delete(&to->parser);
    ifm_free(to);
    return ok;
}

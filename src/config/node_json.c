/* SPDX-License-Identifier: Apache-2.0
 *
 * JSON has its own reader: libyaml takes no pairs of surrogates. It does not tell where a value stands.
 */
#include "config/limits.h"
#include "config/node.h"

#include <jansson.h>
#include <stdio.h>

static const config_node *node_of(const json_t *value, int depth, ifm_bump *arena);

static void fill_text(config_node *node, const json_t *value, ifm_bump *arena)
{
    char number[IFM_NUMBER_SIZE];
    switch (json_typeof(value)) {
    case JSON_STRING:
        node->text = (model_text){ifm_bump_copy(arena, json_string_value(value), json_string_length(value)),
                                  json_string_length(value)};
        return;
    case JSON_INTEGER:
        node->text.size = ifm_number_write_i64(number, json_integer_value(value));
        break;
    case JSON_REAL:
        node->text.size = ifm_number_write_g(number, json_real_value(value));
        break;
    default:
        node->text.size = (size_t)snprintf(number, sizeof number, "%s",
                                           json_is_true(value)    ? "true"
                                           : json_is_false(value) ? "false"
                                                                  : "null");
        break;
    }
    node->plain = true;
    node->text.data = ifm_bump_copy(arena, number, node->text.size);
}

static void fill_list(config_node *node, const json_t *value, int depth, ifm_bump *arena)
{
    node->kind = CONFIG_SEQUENCE;
    size_t count = json_array_size(value);
    node->items = ifm_bump_alloc_array(arena, count, sizeof *node->items);
    for (size_t i = 0; i < count && node->items != NULL; i++) {
        node->items[i] = node_of(json_array_get(value, i), depth + 1, arena);
        node->count = i + 1;
    }
}

static void fill_mapping(config_node *node, json_t *value, int depth, ifm_bump *arena)
{
    node->kind = CONFIG_MAPPING;
    node->pairs = ifm_bump_alloc_array(arena, json_object_size(value), sizeof *node->pairs);
    for (void *at = json_object_iter(value); at != NULL && node->pairs != NULL;
         at = json_object_iter_next(value, at)) {
        const char *text = json_object_iter_key(at);
        config_node *key = ifm_bump_alloc(arena, sizeof *key);
        if (key == NULL) {
            return;
        }
        key->text = (model_text){ifm_bump_copy(arena, text, strlen(text)), strlen(text)};
        node->pairs[node->count++] =
            (config_pair){key, node_of(json_object_iter_value(at), depth + 1, arena)};
    }
}

/* The failure of the arena sticks. */
static const config_node *node_of(const json_t *value, int depth, ifm_bump *arena)
{
    config_node *node = ifm_bump_alloc(arena, sizeof *node);
    if (node == NULL || depth > CONFIG_DEPTH_MAX) {
        arena->failed = arena->failed == IFM_OK ? IFM_LIMIT : arena->failed;
        return NULL;
    }
    if (json_is_array(value)) {
        fill_list(node, value, depth, arena);
    } else if (json_is_object(value)) {
        fill_mapping(node, (json_t *)(uintptr_t)value, depth, arena);
    } else {
        fill_text(node, value, arena);
    }
    return node;
}

bool config_node_parse_json(model_text text, const char *name, ifm_bump *arena, const config_node **out,
                            ifm_error *err)
{
    json_error_t why;
    json_t *value = json_loadb(text.data, text.size, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &why);
    if (value == NULL && json_error_code(&why) == json_error_out_of_memory) {
        return ifm_error_nomem(err);
    }
    if (value == NULL) {
        const config_node here = {.line = why.line > 0 ? (uint32_t)why.line : 0,
                                  .column = (uint32_t)why.column};
        return config_node_fail(&here, name, err, "it is no JSON: %s", why.text);
    }
    const config_node *node = node_of(value, 0, arena);
    json_decref(value);
    if (!ifm_bump_check(arena, err)) {
        return false;
    }
    *out = config_node_is_null(node) ? NULL : node;
    return true;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "stack/yaml_value.h"

#include "os/os.h"
#include "stack/api_limits.h"

#include <string.h>
#include <yaml.h>

struct stack_yaml {
    yaml_document_t document;
};

static yaml_document_t *document_of(const stack_yaml *yaml)
{
    /* libyaml's readers do not change the document, but do not say so. */
    union {
        const stack_yaml *in;
        stack_yaml *out;
    } same = {.in = yaml};
    return &same.out->document;
}

static bool load(stack_yaml *yaml, const char *text, ifm_error *err)
{
    yaml_parser_t parser;
    if (yaml_parser_initialize(&parser) == 0) {
        return ifm_error_nomem(err);
    }
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, strlen(text));
    bool ok = yaml_parser_load(&parser, &yaml->document) != 0;
    if (!ok && parser.error == YAML_MEMORY_ERROR) {
        ifm_error_nomem(err);
    } else if (!ok) {
        ifm_error_set(err, IFM_INVALID, "line %zu: %s", parser.problem_mark.line + 1,
                      parser.problem == NULL ? "it is no YAML" : parser.problem);
    }
    yaml_parser_delete(&parser);
    return ok;
}

stack_yaml *stack_yaml_new(const char *text, ifm_error *err)
{
    if (strlen(text) > STACK_YAML_BYTES_MAX) {
        ifm_error_set(err, IFM_LIMIT, "the YAML has more than %d bytes", STACK_YAML_BYTES_MAX);
        return NULL;
    }
    stack_yaml *yaml = ifm_alloc_zero(1, sizeof *yaml);
    if (yaml == NULL) {
        ifm_error_nomem(err);
        return NULL;
    }
    if (!load(yaml, text, err)) {
        ifm_free(yaml);
        return NULL;
    }
    return yaml;
}

stack_yaml *stack_yaml_read_file(const char *path, ifm_error *err)
{
    ifm_buf text;
    ifm_buf_init(&text, STACK_YAML_BYTES_MAX);
    stack_yaml *yaml = NULL;
    if (ifm_os_read_file(path, &text, err)) {
        ifm_buf_append_char(&text, '\0');
        if (ifm_buf_check(&text, err)) {
            yaml = stack_yaml_new(text.data, err);
        }
        if (yaml == NULL) {
            ifm_error_wrap(err, "could not read \"%.120s\"", path);
        }
    }
    ifm_buf_deinit(&text);
    return yaml;
}

void stack_yaml_free(stack_yaml *yaml)
{
    if (yaml != NULL) {
        yaml_document_delete(&yaml->document);
        ifm_free(yaml);
    }
}

static bool word_is(const yaml_node_t *node, const char *word, size_t size)
{
    return node != NULL && node->type == YAML_SCALAR_NODE && node->data.scalar.length == size &&
           memcmp(node->data.scalar.value, word, size) == 0;
}

static yaml_node_t *mapping_find(yaml_document_t *document, const yaml_node_t *node, const char *word,
                                 size_t size)
{
    for (yaml_node_pair_t *at = node->data.mapping.pairs.start; at < node->data.mapping.pairs.top; at++) {
        if (word_is(yaml_document_get_node(document, at->key), word, size)) {
            return yaml_document_get_node(document, at->value);
        }
    }
    return NULL;
}

static yaml_node_t *sequence_find(yaml_document_t *document, const yaml_node_t *node, const char *word,
                                  size_t size)
{
    double index;
    size_t count = (size_t)(node->data.sequence.items.top - node->data.sequence.items.start);
    if (!ifm_number_read(word, size, &index) || !(index >= 0 && index < (double)count)) {
        return NULL;
    }
    return yaml_document_get_node(document, node->data.sequence.items.start[(size_t)index]);
}

static yaml_node_t *find(const stack_yaml *yaml, const char *path)
{
    yaml_document_t *document = document_of(yaml);
    yaml_node_t *node = yaml_document_get_root_node(document);
    for (int i = 0; node != NULL && *path != '\0' && i < STACK_YAML_PATH_WORDS_MAX; i++) {
        size_t size = strcspn(path, ".");
        if (node->type == YAML_MAPPING_NODE) {
            node = mapping_find(document, node, path, size);
        } else if (node->type == YAML_SEQUENCE_NODE) {
            node = sequence_find(document, node, path, size);
        } else {
            node = NULL;
        }
        path += size + (path[size] == '.');
    }
    return *path == '\0' ? node : NULL;
}

const char *stack_yaml_text(const stack_yaml *yaml, const char *path)
{
    const yaml_node_t *node = find(yaml, path);
    if (node == NULL || node->type != YAML_SCALAR_NODE) {
        return NULL;
    }
    return (const char *)node->data.scalar.value;
}

size_t stack_yaml_count(const stack_yaml *yaml, const char *path)
{
    const yaml_node_t *node = find(yaml, path);
    if (node != NULL && node->type == YAML_SEQUENCE_NODE) {
        return (size_t)(node->data.sequence.items.top - node->data.sequence.items.start);
    }
    if (node != NULL && node->type == YAML_MAPPING_NODE) {
        return (size_t)(node->data.mapping.pairs.top - node->data.mapping.pairs.start);
    }
    return 0;
}

const char *stack_yaml_key(const stack_yaml *yaml, const char *path, size_t item)
{
    const yaml_node_t *node = find(yaml, path);
    if (node == NULL || node->type != YAML_MAPPING_NODE || item >= stack_yaml_count(yaml, path)) {
        return NULL;
    }
    const yaml_node_t *key =
        yaml_document_get_node(document_of(yaml), node->data.mapping.pairs.start[item].key);
    return key != NULL && key->type == YAML_SCALAR_NODE ? (const char *)key->data.scalar.value : NULL;
}

/* The unit at the beginning of `text`, its length in *size; 0 for none. */
static int64_t unit_ms(const char *text, size_t *size)
{
    static const struct {
        const char *name;
        int64_t ms;
    } units[] = {{"ms", 1},       {"s", 1000},      {"m", 60000},      {"h", 3600000},
                 {"d", 86400000}, {"w", 604800000}, {"y", 31536000000}};
    for (size_t i = 0; i < IFM_COUNT_OF(units); i++) {
        *size = strlen(units[i].name);
        if (strncmp(text, units[i].name, *size) == 0) {
            return units[i].ms;
        }
    }
    return 0;
}

bool stack_duration_read(const char *text, int64_t *out_ms)
{
    int64_t total = 0;
    if (*text == '\0') {
        return false;
    }
    while (*text != '\0') {
        int64_t number = 0;
        size_t digits = strspn(text, "0123456789"), size;
        if (digits == 0 || digits > 9) {
            return false;
        }
        for (size_t i = 0; i < digits; i++) {
            number = number * 10 + (text[i] - '0');
        }
        int64_t unit = unit_ms(text + digits, &size);
        if (unit == 0 || number > INT64_MAX / 16 / unit || total > INT64_MAX / 2) {
            return false;
        }
        total += number * unit;
        text += digits + size;
    }
    *out_ms = total;
    return true;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "config/reader.h"

#include "config/limits.h"
#include "config/nearest.h"

#include <stdarg.h>
#include <stdio.h>

bool config_fail(const config_reader *reader, const config_node *node, ifm_error *err, const char *format,
                 ...)
{
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return config_node_fail(node, reader->name, err, "%s", text);
}

bool config_arena_failed(const config_reader *reader, ifm_error *err)
{
    ifm_bump_check(reader->arena, err);
    return false;
}

bool config_want(config_reader *reader, const config_node *node, config_node_kind kind, ifm_error *err)
{
    static const char *const names[] = {"one value", "a list", "a mapping of keys to values"};
    if (++reader->values > CONFIG_VALUES_MAX) {
        ifm_error_set(err, IFM_LIMIT, "%s has more than %d values, those behind aliases counted each time",
                      reader->name == NULL ? "the configuration" : reader->name, CONFIG_VALUES_MAX);
        return false;
    }
    return node->kind == kind ||
           config_fail(reader, node, err, "here is %s where %s has to be", names[node->kind], names[kind]);
}

bool config_read_text(config_reader *reader, const config_node *node, model_text *out, ifm_error *err)
{
    if (!config_want(reader, node, CONFIG_SCALAR, err)) {
        return false;
    }
    if (!ifm_utf8_valid(node->text.data, node->text.size)) {
        return config_fail(reader, node, err, "the text is no UTF-8");
    }
    *out = (model_text){ifm_bump_copy(reader->arena, node->text.data, node->text.size), node->text.size};
    return out->data != NULL || config_arena_failed(reader, err);
}

bool config_read_path(config_reader *reader, const config_node *node, const char **out, ifm_error *err)
{
    model_text text = {"", 0};
    if (!config_read_text(reader, node, &text, err)) {
        return false;
    }
    *out = text.data;
    if (text.size == 0 || text.data[0] == '/' || reader->directory == NULL) {
        return true;
    }
    size_t before = strlen(reader->directory), size = before + 1 + text.size;
    char *joined = ifm_bump_alloc(reader->arena, size + 1);
    if (joined == NULL) {
        return config_arena_failed(reader, err);
    }
    snprintf(joined, size + 1, "%s/%s", reader->directory, text.data);
    *out = joined;
    return true;
}

bool config_read_texts(config_reader *reader, const config_node *node, const model_text **out, size_t *count,
                       ifm_error *err)
{
    if (!config_want(reader, node, CONFIG_SEQUENCE, err)) {
        return false;
    }
    model_text *items = ifm_bump_alloc_array(reader->arena, node->count, sizeof *items);
    if (items == NULL) {
        return config_arena_failed(reader, err);
    }
    for (size_t i = 0; i < node->count; i++) {
        if (!config_read_text(reader, node->items[i], &items[i], err)) {
            return false;
        }
    }
    *out = items;
    *count = node->count;
    return true;
}

bool config_read_paths(config_reader *reader, const config_node *node, const char *const **out,
                       ifm_error *err)
{
    if (!config_want(reader, node, CONFIG_SEQUENCE, err)) {
        return false;
    }
    const char **items = ifm_bump_alloc_array(reader->arena, node->count + 1, sizeof *items);
    if (items == NULL) {
        return config_arena_failed(reader, err);
    }
    for (size_t i = 0; i < node->count; i++) {
        if (!config_read_path(reader, node->items[i], &items[i], err)) {
            return false;
        }
    }
    *out = items;
    return true;
}

bool config_label_name_valid(model_text name)
{
    return name.size > 0 && ifm_utf8_valid(name.data, name.size);
}

bool config_read_labels(config_reader *reader, const config_node *node, model_labels *out, ifm_error *err)
{
    if (!config_want(reader, node, CONFIG_MAPPING, err)) {
        return false;
    }
    model_label *items = ifm_bump_alloc_array(reader->arena, node->count, sizeof *items);
    if (items == NULL) {
        return config_arena_failed(reader, err);
    }
    for (size_t i = 0; i < node->count; i++) {
        const config_node *key = node->pairs[i].key;
        if (!config_read_text(reader, key, &items[i].name, err)) {
            return false;
        }
        if (!config_label_name_valid(key->text)) {
            return config_fail(reader, key, err, "\"%s\" is no name of a label", key->text.data);
        }
        if (config_node_is_null(node->pairs[i].value)) {
            items[i].value = model_text_of("");
        } else if (!config_read_text(reader, node->pairs[i].value, &items[i].value, err)) {
            return false;
        }
    }
    return model_labels_make(items, node->count, out, err);
}

static bool read_bool(config_reader *reader, const config_node *node, bool *out, ifm_error *err)
{
    static const char *const words[][2] = {
        {"true", "false"}, {"True", "False"}, {"TRUE", "FALSE"}, {"yes", "no"}, {"Yes", "No"}, {"YES", "NO"},
        {"on", "off"},     {"On", "Off"},     {"ON", "OFF"},     {"y", "n"},    {"Y", "N"}};
    if (!config_want(reader, node, CONFIG_SCALAR, err)) {
        return false;
    }
    for (size_t i = 0; i < IFM_COUNT_OF(words); i++) {
        bool yes = strcmp(node->text.data, words[i][0]) == 0;
        if (node->plain && (yes || strcmp(node->text.data, words[i][1]) == 0)) {
            *out = yes;
            return true;
        }
    }
    return config_fail(reader, node, err, "\"%s\" is neither true nor false", node->text.data);
}

static bool read_uint(config_reader *reader, const config_node *node, uint64_t *out, ifm_error *err)
{
    if (!config_want(reader, node, CONFIG_SCALAR, err)) {
        return false;
    }
    uint64_t value = 0;
    bool ok = node->plain && node->text.size > 0;
    for (size_t i = 0; i < node->text.size && ok; i++) {
        unsigned digit = (unsigned)(unsigned char)node->text.data[i] - '0';
        ok = digit < 10 && value <= (UINT64_MAX - digit) / 10;
        value = value * 10 + digit;
    }
    *out = value;
    return ok || config_fail(reader, node, err, "\"%s\" is no whole number from 0 on", node->text.data);
}

static bool read_double(config_reader *reader, const config_node *node, double *out, ifm_error *err)
{
    return config_want(reader, node, CONFIG_SCALAR, err) &&
           ((node->plain && ifm_number_read(node->text.data, node->text.size, out)) ||
            config_fail(reader, node, err, "\"%s\" is no number", node->text.data));
}

static bool read_duration(config_reader *reader, const config_node *node, int64_t *out, ifm_error *err)
{
    return config_want(reader, node, CONFIG_SCALAR, err) &&
           (config_duration(node->text, out) ||
            config_fail(reader, node, err, "\"%s\" is no duration such as 15s, 1m30s, 500ms",
                        node->text.data));
}

static bool read_size(config_reader *reader, const config_node *node, uint64_t *out, ifm_error *err)
{
    return config_want(reader, node, CONFIG_SCALAR, err) &&
           (config_size(node->text, out) ||
            config_fail(reader, node, err, "\"%s\" is no size such as 10MB, 512KB, 1GiB", node->text.data));
}

static bool choice_fits(const char *choices, model_text text)
{
    while (choices != NULL && *choices != '\0') {
        size_t size = strcspn(choices, " ");
        if (model_text_equal(text, (model_text){choices, size})) {
            return true;
        }
        choices += size + strspn(choices + size, " ");
    }
    return choices == NULL;
}

static bool read_choice(config_reader *reader, const config_field *field, const config_node *node,
                        ifm_error *err)
{
    return config_want(reader, node, CONFIG_SCALAR, err) &&
           (choice_fits(field->choices, node->text) ||
            config_fail(reader, node, err, "%s \"%s\" is none of those there are: %s", field->name,
                        node->text.data, field->choices));
}

static bool read_url(config_reader *reader, const config_node *node, const char **out, ifm_error *err)
{
    model_text text = {"", 0};
    if (!config_read_text(reader, node, &text, err)) {
        return false;
    }
    size_t scheme = strncmp(text.data, "http://", 7) == 0    ? 7
                    : strncmp(text.data, "https://", 8) == 0 ? 8
                                                             : 0;
    int shown;
    const char *rest = http_url_without_user(text.data, &shown);
    *out = text.data;
    if (scheme == 0 || text.data[scheme] == '\0' || strchr("/:?#@", text.data[scheme]) != NULL ||
        strpbrk(text.data, " \t\r\n") != NULL) {
        return config_fail(reader, node, err, "\"%.*s%s\" is no URL of http or https", shown, text.data,
                           rest);
    }
    return rest <= text.data + scheme + strcspn(text.data + scheme, "/?#") ||
           config_fail(
               reader, node, err,
               "\"%.*s%s\" is no URL with what stands before the \"@\"; hint: in a user and a password "
               "/ is written %%2F, ? %%3F, # %%23 and @ %%40",
               shown, text.data, rest);
}

static bool read_plain_text(config_reader *reader, const config_field *field, const config_node *node,
                            const char **out, ifm_error *err)
{
    model_text text = {"", 0};
    if (!read_choice(reader, field, node, err) || !config_read_text(reader, node, &text, err)) {
        return false;
    }
    *out = text.data;
    return true;
}

static bool read_field(config_reader *reader, const config_field *field, const config_node *node, char *base,
                       ifm_error *err)
{
    void *at = base + field->offset;
    bool ok = false;
    switch (field->kind) {
    case CONFIG_KIND_TEXT:
    case CONFIG_KIND_SECRET:
        return read_plain_text(reader, field, node, at, err);
    case CONFIG_KIND_PATH:
        return config_read_path(reader, node, at, err);
    case CONFIG_KIND_URL:
        return read_url(reader, node, at, err);
    case CONFIG_KIND_MODEL_TEXT:
        return config_read_text(reader, node, at, err);
    case CONFIG_KIND_BOOL:
        return read_bool(reader, node, at, err);
    case CONFIG_KIND_NOT_BOOL:
        ok = read_bool(reader, node, at, err);
        *(bool *)at = ok ? !*(bool *)at : *(bool *)at;
        return ok;
    case CONFIG_KIND_UINT:
        return read_uint(reader, node, at, err);
    case CONFIG_KIND_SIZE:
        return read_size(reader, node, at, err);
    case CONFIG_KIND_DOUBLE:
        return read_double(reader, node, at, err);
    case CONFIG_KIND_DURATION:
        return read_duration(reader, node, at, err);
    case CONFIG_KIND_FIXED:
        return read_choice(reader, field, node, err);
    case CONFIG_KIND_SECTION:
        return config_read(reader, field->schema, node, at, err);
    case CONFIG_KIND_LIST:
        return config_read_list(reader, field->schema, node, at,
                                (size_t *)(void *)(base + field->count_offset), err);
    case CONFIG_KIND_CUSTOM:
        return field->read(reader, node, at, err);
    default:
        return true; /* CONFIG_KIND_UNSUPPORTED is refused at its key */
    }
}

static bool fields_end(const config_field *field)
{
    return field->name == NULL && field->kind != CONFIG_KIND_INLINE;
}

static const config_field *field_find(const config_schema *schema, model_text key)
{
    for (const config_field *field = schema->fields; !fields_end(field); field++) {
        if (field->kind == CONFIG_KIND_INLINE) {
            const config_field *inner = field_find(field->schema, key);
            if (inner != NULL) {
                return inner;
            }
        } else if (model_text_equal(key, model_text_of(field->name))) {
            return field;
        }
    }
    return NULL;
}

static void find_nearest(const config_schema *schema, config_nearest *nearest)
{
    for (const config_field *field = schema->fields; !fields_end(field); field++) {
        if (field->kind == CONFIG_KIND_INLINE) {
            find_nearest(field->schema, nearest);
        } else if (field->kind != CONFIG_KIND_UNSUPPORTED) {
            config_nearest_try(nearest, field->name);
        }
    }
}

static bool check_key(config_reader *reader, const config_schema *schema, const config_node *key,
                      ifm_error *err)
{
    const config_field *field = field_find(schema, key->text);
    if (field != NULL && field->kind == CONFIG_KIND_UNSUPPORTED) {
        return config_fail(reader, key, err, "the key \"%s\" of Prometheus is not supported here",
                           field->name);
    }
    if (field != NULL) {
        return true;
    }
    config_nearest nearest;
    config_nearest_init(&nearest, key->text);
    find_nearest(schema, &nearest);
    if (nearest.name == NULL) {
        return config_fail(reader, key, err, "there is no key \"%.60s\" in a %s", key->text.data,
                           schema->what);
    }
    return config_fail(reader, key, err, "there is no key \"%.60s\" in a %s; hint: \"%s\" is near",
                       key->text.data, schema->what, nearest.name);
}

static bool read_fields(config_reader *reader, const config_schema *schema, const config_node *node,
                        char *base, ifm_error *err)
{
    for (const config_field *field = schema->fields; !fields_end(field); field++) {
        if (field->kind == CONFIG_KIND_INLINE) {
            if (!read_fields(reader, field->schema, node, base + field->offset, err)) {
                return false;
            }
            continue;
        }
        const config_node *value = config_node_get(node, field->name);
        if (value != NULL && !read_field(reader, field, value, base, err)) {
            return false;
        }
    }
    return schema->check == NULL || schema->check(reader, node, base, err);
}

bool config_read(config_reader *reader, const config_schema *schema, const config_node *node, void *base,
                 ifm_error *err)
{
    if (!config_want(reader, node, CONFIG_MAPPING, err)) {
        return false;
    }
    for (size_t i = 0; i < node->count; i++) {
        if (!check_key(reader, schema, node->pairs[i].key, err)) {
            return false;
        }
    }
    return read_fields(reader, schema, node, base, err);
}

bool config_read_list(config_reader *reader, const config_schema *schema, const config_node *node, void **out,
                      size_t *count, ifm_error *err)
{
    if (!config_want(reader, node, CONFIG_SEQUENCE, err)) {
        return false;
    }
    char *items = ifm_bump_alloc_array(reader->arena, node->count, schema->size);
    if (items == NULL) {
        return config_arena_failed(reader, err);
    }
    for (size_t i = 0; i < node->count; i++) {
        char *item = items + i * schema->size;
        if (schema->defaults != NULL) {
            memcpy(item, schema->defaults, schema->size);
        }
        if (!config_read(reader, schema, node->items[i], item, err)) {
            return false;
        }
    }
    *out = items;
    *count = node->count;
    return true;
}

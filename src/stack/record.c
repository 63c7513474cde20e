/* SPDX-License-Identifier: Apache-2.0 */
#include "stack/record.h"

#include <jansson.h>
#include <string.h>

/* XX(name): the texts of a record. */
#define RECORD_TEXTS(XX) XX(project) XX(prometheus_image) XX(grafana_image) XX(address)

static const char *const networks[] = {"auto", "host", "bridge"};

/* --- Reading -------------------------------------------------------------------------------------- */

typedef struct record_reader {
    json_t *root;
    ifm_error *err;
    bool ok;
} record_reader;

static void reader_refuse(record_reader *reader, const char *key, const char *want)
{
    if (reader->ok) {
        reader->ok = ifm_error_set(reader->err, IFM_INVALID, "\"%s\" is not %s", key, want);
    }
}

static bool read_bool(record_reader *reader, const char *key)
{
    json_t *value = json_object_get(reader->root, key);
    if (!json_is_boolean(value)) {
        reader_refuse(reader, key, "true or false");
    }
    return json_is_true(value);
}

static int read_number(record_reader *reader, const char *key, int max)
{
    json_t *value = json_object_get(reader->root, key);
    json_int_t number = json_integer_value(value);
    if (!json_is_integer(value) || number < 0 || number > max) {
        reader_refuse(reader, key, "a number in its range");
        return 0;
    }
    return (int)number;
}

/* null, or nothing, is NULL. */
static char *read_text(record_reader *reader, const char *key)
{
    json_t *value = json_object_get(reader->root, key);
    if (value == NULL || json_is_null(value)) {
        return NULL;
    }
    const char *text = json_string_value(value);
    if (text == NULL) {
        reader_refuse(reader, key, "a text");
        return NULL;
    }
    char *copy = ifm_copy_text(text);
    if (copy == NULL && reader->ok) {
        reader->ok = ifm_error_nomem(reader->err);
    }
    return copy;
}

static int read_choice(record_reader *reader, const char *key, const char *(*name)(int), int count)
{
    const char *text = json_string_value(json_object_get(reader->root, key));
    for (int i = 0; text != NULL && i < count; i++) {
        if (strcmp(name(i), text) == 0) {
            return i;
        }
    }
    reader_refuse(reader, key, "one of its names");
    return 0;
}

static const char *engine_name(int engine)
{
    return stack_engine_name((stack_engine)engine);
}

static const char *tool_name(int tool)
{
    return tool == STACK_TOOL_NONE ? "" : stack_tool_name((stack_tool)tool);
}

static const char *network_name(int network)
{
    return networks[network];
}

static bool record_read(record_reader *reader, stack_record *out)
{
    out->engine = (stack_engine)read_choice(reader, "engine", engine_name, STACK_ENGINE_NATIVE + 1);
    out->tool = (stack_tool)read_choice(reader, "tool", tool_name, STACK_TOOL_PODMAN_COMPOSE + 1);
    out->network = (stack_network)read_choice(reader, "network", network_name, STACK_NETWORK_BRIDGE + 1);
#define READ_TEXT(name) out->name = read_text(reader, #name);
    RECORD_TEXTS(READ_TEXT)
#undef READ_TEXT
    out->prometheus_port = read_number(reader, "prometheus_port", 65535);
    out->grafana_port = read_number(reader, "grafana_port", 65535);
    out->scrape_interval_s = read_number(reader, "scrape_interval_s", 86400);
    out->grafana = read_bool(reader, "grafana");
    out->exposed = read_bool(reader, "exposed");
    /* For advice only: without them it is a little worse. */
    out->rootless = json_is_true(json_object_get(reader->root, "rootless"));
    out->desktop = json_is_true(json_object_get(reader->root, "desktop"));
    if (reader->ok && (out->project == NULL || out->address == NULL)) {
        reader_refuse(reader, out->project == NULL ? "project" : "address", "there");
    }
    return reader->ok;
}

bool stack_record_parse(const char *text, size_t size, stack_record *out, ifm_error *err)
{
    *out = (stack_record){0};
    json_error_t where;
    record_reader reader = {.root = json_loadb(text, size, 0, &where), .err = err, .ok = true};
    if (reader.root == NULL) {
        if (json_error_code(&where) == json_error_out_of_memory) {
            return ifm_error_nomem(err);
        }
        return ifm_error_set(err, IFM_INVALID, "line %d, column %d: %.100s", where.line, where.column,
                             where.text);
    }
    bool ok = record_read(&reader, out);
    json_decref(reader.root);
    if (!ok) {
        stack_record_deinit(out);
    }
    return ok;
}

/* --- Writing -------------------------------------------------------------------------------------- */

static void print_text(ifm_buf *out, const char *key, const char *text)
{
    ifm_buf_printf(out, "  \"%s\": ", key);
    if (text == NULL) {
        ifm_buf_append_text(out, "null");
    } else {
        ifm_buf_append_json(out, text);
    }
    ifm_buf_append_text(out, ",\n");
}

static const char *bool_text(bool value)
{
    return value ? "true" : "false";
}

/* Not by the library that reads it: that leaves out what it has no memory for, and says nothing. */
bool stack_record_print(const stack_record *record, ifm_buf *out, ifm_error *err)
{
    ifm_buf_append_text(out, "{\n");
    print_text(out, "engine", engine_name((int)record->engine));
    print_text(out, "tool", tool_name((int)record->tool));
    print_text(out, "network", network_name((int)record->network));
#define PRINT_TEXT(name) print_text(out, #name, record->name);
    RECORD_TEXTS(PRINT_TEXT)
#undef PRINT_TEXT
    ifm_buf_printf(out,
                   "  \"prometheus_port\": %d,\n  \"grafana_port\": %d,\n  \"scrape_interval_s\": %d,\n"
                   "  \"grafana\": %s,\n  \"exposed\": %s,\n  \"rootless\": %s,\n  \"desktop\": %s\n}\n",
                   record->prometheus_port, record->grafana_port, record->scrape_interval_s,
                   bool_text(record->grafana), bool_text(record->exposed), bool_text(record->rootless),
                   bool_text(record->desktop));
    return ifm_buf_check(out, err);
}

/* --- The rest ------------------------------------------------------------------------------------- */

void stack_record_deinit(stack_record *record)
{
#define FREE_TEXT(name) ifm_free(record->name);
    RECORD_TEXTS(FREE_TEXT)
#undef FREE_TEXT
    *record = (stack_record){0};
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

bool stack_record_same_services(const stack_record *a, const stack_record *b)
{
    bool same = a->engine == b->engine && a->tool == b->tool && a->network == b->network &&
                a->prometheus_port == b->prometheus_port && a->grafana_port == b->grafana_port &&
                a->grafana == b->grafana && a->exposed == b->exposed;
#define SAME_TEXT(name) same = same && same_text(a->name, b->name);
    RECORD_TEXTS(SAME_TEXT)
#undef SAME_TEXT
    return same;
}

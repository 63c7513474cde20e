/* SPDX-License-Identifier: Apache-2.0
 *
 * The outermost keys, and "global".
 */
#include "config/environment.h"
#include "config/schemas.h"

enum { SCRAPE_INTERVAL_MS = 5000, SCRAPE_TIMEOUT_MS = 10000, EVALUATION_INTERVAL_MS = 60000 };

const config_global config_global_defaults = {.scrape_interval_ms = SCRAPE_INTERVAL_MS,
                                              .scrape_timeout_ms = SCRAPE_INTERVAL_MS,
                                              .evaluation_interval_ms = EVALUATION_INTERVAL_MS};

static bool read_protocols(config_reader *reader, const config_node *node, void *at, ifm_error *err)
{
    config_global *global = at;
    return config_read_protocols(reader, node, global->protocols, &global->protocol_count, err);
}

static void print_protocols(const config_field *field, const void *at, int indent, ifm_buf *out)
{
    const config_global *global = at;
    config_protocol protocols[CONFIG_PROTOCOL_COUNT];
    size_t count = global->protocol_count;
    memcpy(protocols, global->protocols, sizeof protocols);
    if (count == 0) {
        count = config_protocols_default(global->scrape_native_histograms, protocols);
    }
    config_print_protocols(field->name, protocols, count, indent, out);
}

static bool read_labels(config_reader *reader, const config_node *node, void *at, ifm_error *err)
{
    model_labels read;
    if (!config_read_labels(reader, node, &read, err)) {
        return false;
    }
    model_label *items = ifm_bump_alloc_array(reader->arena, read.count, sizeof *items);
    if (items == NULL) {
        return config_arena_failed(reader, err);
    }
    for (size_t i = 0; i < read.count; i++) {
        items[i].name = read.items[i].name;
        if (!config_environment_expand(read.items[i].value, reader->arena, &items[i].value, err)) {
            return false;
        }
    }
    return model_labels_make(items, read.count, at, err);
}

static void print_labels(const config_field *field, const void *at, int indent, ifm_buf *out)
{
    config_print_labels(field->name, *(const model_labels *)at, indent, out);
}

static bool check_global(config_reader *reader, const config_node *node, void *base, ifm_error *err)
{
    config_global *global = base;
    const config_node *timeout = config_node_get(node, "scrape_timeout");
    if (global->scrape_interval_ms == 0) {
        global->scrape_interval_ms = SCRAPE_INTERVAL_MS;
    }
    if (timeout == NULL || global->scrape_timeout_ms == 0) {
        global->scrape_timeout_ms =
            global->scrape_interval_ms < SCRAPE_TIMEOUT_MS ? global->scrape_interval_ms : SCRAPE_TIMEOUT_MS;
    }
    if (global->evaluation_interval_ms == 0) {
        global->evaluation_interval_ms = EVALUATION_INTERVAL_MS;
    }
    return global->scrape_timeout_ms <= global->scrape_interval_ms ||
           config_fail(reader, timeout, err, "the scrape timeout is greater than the scrape interval");
}

#define KEY(key, type, member)                                                                               \
    .name = key, .kind = CONFIG_KIND_##type, .offset = offsetof(config_global, member)

static const config_field global_fields[] = {
    {KEY("scrape_interval", DURATION, scrape_interval_ms)},
    {KEY("scrape_timeout", DURATION, scrape_timeout_ms)},
    {.name = "scrape_protocols",
     .kind = CONFIG_KIND_CUSTOM,
     .read = read_protocols,
     .print = print_protocols},
    {KEY("evaluation_interval", DURATION, evaluation_interval_ms)},
    {KEY("rule_query_offset", DURATION, rule_query_offset_ms)},
    {KEY("external_labels", CUSTOM, external_labels), .read = read_labels, .print = print_labels},
    {.name = "query_log_file", .kind = CONFIG_KIND_UNSUPPORTED},
    {.name = "scrape_failure_log_file", .kind = CONFIG_KIND_UNSUPPORTED},
    {.name = "runtime", .kind = CONFIG_KIND_UNSUPPORTED},
    {.name = "extra_scrape_metrics", .kind = CONFIG_KIND_UNSUPPORTED},
    {KEY("body_size_limit", SIZE, body_size_limit)},
    {KEY("sample_limit", UINT, sample_limit)},
    {KEY("target_limit", UINT, target_limit)},
    {KEY("label_limit", UINT, label_limit)},
    {KEY("label_name_length_limit", UINT, label_name_length_limit)},
    {KEY("label_value_length_limit", UINT, label_value_length_limit)},
    {KEY("keep_dropped_targets", UINT, keep_dropped_targets)},
    {.name = "metric_name_validation_scheme", .kind = CONFIG_KIND_FIXED, .choices = "utf8"},
    {.name = "metric_name_escaping_scheme", .kind = CONFIG_KIND_FIXED, .choices = "allow-utf-8"},
    {KEY("scrape_native_histograms", BOOL, scrape_native_histograms), .shown = true},
    {KEY("always_scrape_classic_histograms", BOOL, scrape_classic_histograms), .shown = true},
    {KEY("convert_classic_histograms_to_nhcb", BOOL, convert_classic_to_nhcb), .shown = true},
    {0}};

const config_schema config_global_schema = {
    .what = "\"global\"", .fields = global_fields, .check = check_global};

#undef KEY
#define KEY(key, type, member)                                                                               \
    .name = key, .kind = CONFIG_KIND_##type, .offset = offsetof(config_root, member)

static bool read_rule_files(config_reader *reader, const config_node *node, void *at, ifm_error *err)
{
    return config_read_paths(reader, node, at, err);
}

static void print_rule_files(const config_field *field, const void *at, int indent, ifm_buf *out)
{
    const char *const *files = *(const char *const *const *)at;
    if (files[0] != NULL) {
        config_print_name(field->name, indent, out);
    }
    for (size_t i = 0; files[i] != NULL; i++) {
        config_print_indent(indent, out);
        ifm_buf_append_text(out, "- ");
        config_print_text(model_text_of(files[i]), out);
        ifm_buf_append_char(out, '\n');
    }
}

static const config_field alerting_fields[] = {
    {KEY("alert_relabel_configs", LIST, file.alert_relabels.items),
     .count_offset = offsetof(config_root, file.alert_relabels.count), .schema = &config_relabel_schema},
    {KEY("alertmanagers", LIST, file.alertmanagers),
     .count_offset = offsetof(config_root, file.alertmanager_count), .schema = &config_alertmanager_schema},
    {0}};

static const config_schema alerting_schema = {.what = "\"alerting\"", .fields = alerting_fields};

static const config_field retention_fields[] = {{KEY("time", DURATION, file.retention_ms)},
                                                {KEY("size", SIZE, file.retention_bytes)},
                                                {.name = "percentage", .kind = CONFIG_KIND_UNSUPPORTED},
                                                {0}};

static const config_schema retention_schema = {.what = "\"retention\"", .fields = retention_fields};

static const config_field tsdb_fields[] = {
    {KEY("out_of_order_time_window", DURATION, file.out_of_order_window_ms)},
    {.name = "retention", .kind = CONFIG_KIND_SECTION, .schema = &retention_schema},
    {0}};

static const config_schema tsdb_schema = {.what = "\"tsdb\"", .fields = tsdb_fields};

static const config_field exemplars_fields[] = {{KEY("max_exemplars", UINT, file.exemplars_max)}, {0}};

static const config_schema exemplars_schema = {.what = "\"exemplars\"", .fields = exemplars_fields};

static const config_field storage_fields[] = {
    {.name = "tsdb", .kind = CONFIG_KIND_SECTION, .schema = &tsdb_schema},
    {.name = "exemplars", .kind = CONFIG_KIND_SECTION, .schema = &exemplars_schema},
    {0}};

static const config_schema storage_schema = {.what = "\"storage\"", .fields = storage_fields};

static const config_field root_fields[] = {
    {KEY("global", SECTION, global), .schema = &config_global_schema}, /* before those that take it over */
    {KEY("rule_files", CUSTOM, file.rule_files), .read = read_rule_files, .print = print_rule_files},
    {.name = "alerting", .kind = CONFIG_KIND_SECTION, .schema = &alerting_schema},
    {KEY("scrape_configs", LIST, file.scrapes), .count_offset = offsetof(config_root, file.scrape_count),
     .schema = &config_scrape_schema},
    {KEY("remote_write", LIST, file.remote_writes),
     .count_offset = offsetof(config_root, file.remote_write_count), .schema = &config_remote_write_schema},
    {.name = "storage", .kind = CONFIG_KIND_SECTION, .schema = &storage_schema},
    {.name = "scrape_config_files", .kind = CONFIG_KIND_UNSUPPORTED},
    {.name = "remote_read", .kind = CONFIG_KIND_UNSUPPORTED},
    {.name = "runtime", .kind = CONFIG_KIND_UNSUPPORTED},
    {.name = "tracing", .kind = CONFIG_KIND_UNSUPPORTED},
    {.name = "otlp", .kind = CONFIG_KIND_UNSUPPORTED},
    {0}};

const config_schema config_root_schema = {
    .what = "configuration", .size = sizeof(config_root), .fields = root_fields};

/* SPDX-License-Identifier: Apache-2.0
 *
 * Where alerts and samples are sent: alertmanagers and remote_write.
 */
#include "config/schemas.h"

static bool check_alertmanager(config_reader *reader, const config_node *node, void *base, ifm_error *err)
{
    config_alertmanager *manager = base;
    return config_static_check(reader, node, err) &&
           config_sources_set(reader, (config_target_group *)(uintptr_t)manager->static_groups,
                              manager->static_group_count, err);
}

static const config_alertmanager alertmanager_defaults = {
    .scheme = "http", .path_prefix = "", .timeout_ms = 10000};

#define KEY(key, type, member)                                                                               \
    .name = key, .kind = CONFIG_KIND_##type, .offset = offsetof(config_alertmanager, member)
#define LIST(key, member, members, table)                                                                    \
    .name = key, .kind = CONFIG_KIND_LIST, .offset = offsetof(config_alertmanager, member),                  \
    .count_offset = offsetof(config_alertmanager, members), .schema = &table

static const config_field alertmanager_fields[] = {
    {.kind = CONFIG_KIND_INLINE,
     .offset = offsetof(config_alertmanager, http),
     .schema = &config_http_schema},
    {.kind = CONFIG_KIND_INLINE, .schema = &config_unsupported_sds},
    {.name = "sigv4", .kind = CONFIG_KIND_UNSUPPORTED},
    {KEY("scheme", TEXT, scheme), .choices = "http https", .shown = true},
    {KEY("path_prefix", TEXT, path_prefix)},
    {KEY("timeout", DURATION, timeout_ms), .shown = true},
    {.name = "api_version", .kind = CONFIG_KIND_FIXED, .choices = "v2"},
    {LIST("relabel_configs", relabels.items, relabels.count, config_relabel_schema)},
    {LIST("alert_relabel_configs", alert_relabels.items, alert_relabels.count, config_relabel_schema)},
    {LIST("file_sd_configs", file_sds, file_sd_count, config_file_sd_schema)},
    {LIST("http_sd_configs", http_sds, http_sd_count, config_http_sd_schema)},
    {LIST("static_configs", static_groups, static_group_count, config_static_schema)},
    {0}};

const config_schema config_alertmanager_schema = {.what = "alertmanager config",
                                                  .size = sizeof(config_alertmanager),
                                                  .defaults = &alertmanager_defaults,
                                                  .fields = alertmanager_fields,
                                                  .check = check_alertmanager};

#undef KEY
#define KEY(key, type, member)                                                                               \
    .name = key, .kind = CONFIG_KIND_##type, .offset = offsetof(config_remote_write, member)

static const char protobuf_1[] = "prometheus.WriteRequest", protobuf_2[] = "io.prometheus.write.v2.Request";

static bool read_message(config_reader *reader, const config_node *node, void *at, ifm_error *err)
{
    if (!config_want(reader, node, CONFIG_SCALAR, err)) {
        return false;
    }
    *(bool *)at = strcmp(node->text.data, protobuf_2) == 0;
    return *(bool *)at || strcmp(node->text.data, protobuf_1) == 0 ||
           config_fail(reader, node, err, "\"%s\" is neither %s nor %s", node->text.data, protobuf_1,
                       protobuf_2);
}

static void print_message(const config_field *field, const void *at, int indent, ifm_buf *out)
{
    config_print_indent(indent, out);
    ifm_buf_printf(out, "%s: %s\n", field->name, *(const bool *)at ? protobuf_2 : protobuf_1);
}

static bool check_queue(config_reader *reader, const config_node *node, void *base, ifm_error *err)
{
    const config_remote_write *write = base;
    if (write->queue.capacity == 0 || write->queue.max_shards == 0 || write->queue.min_shards == 0 ||
        write->queue.max_samples_per_send == 0) {
        return config_fail(reader, node, err,
                           "a number of \"queue_config\" is 0, with which nothing is sent");
    }
    if (write->queue.min_shards > write->queue.max_shards ||
        write->queue.min_backoff_ms > write->queue.max_backoff_ms) {
        return config_fail(reader, node, err, "a minimum of \"queue_config\" is above its maximum");
    }
    return true;
}

static const config_field queue_fields[] = {
    {KEY("capacity", UINT, queue.capacity)},
    {KEY("max_shards", UINT, queue.max_shards)},
    {KEY("min_shards", UINT, queue.min_shards)},
    {KEY("max_samples_per_send", UINT, queue.max_samples_per_send)},
    {KEY("batch_send_deadline", DURATION, queue.batch_send_deadline_ms)},
    {KEY("min_backoff", DURATION, queue.min_backoff_ms)},
    {KEY("max_backoff", DURATION, queue.max_backoff_ms)},
    {KEY("retry_on_http_429", BOOL, queue.retry_on_http_429)},
    {KEY("sample_age_limit", DURATION, queue.sample_age_limit_ms)},
    {0}};

static const config_schema queue_schema = {
    .what = "\"queue_config\"", .fields = queue_fields, .check = check_queue};

static bool check_remote_write(config_reader *reader, const config_node *node, void *base, ifm_error *err)
{
    const config_remote_write *write = base;
    return (write->url != NULL || config_fail(reader, node, err, "\"remote_write\" wants a \"url\""));
}

static const config_remote_write remote_write_defaults = {
    .timeout_ms = 30000,
    .http.no_http2 = true,
    .queue = {.capacity = 10000,
              .max_shards = 50,
              .min_shards = 1,
              .max_samples_per_send = 2000,
              .batch_send_deadline_ms = 5000,
              .min_backoff_ms = 30,
              .max_backoff_ms = 5000},
};

static const config_field remote_write_fields[] = {
    {KEY("url", URL, url)},
    {KEY("remote_timeout", DURATION, timeout_ms), .shown = true},
    {KEY("headers", CUSTOM, http.headers), .read = config_read_remote_headers},
    {KEY("write_relabel_configs", LIST, relabels.items),
     .count_offset = offsetof(config_remote_write, relabels.count), .schema = &config_relabel_schema},
    {KEY("name", TEXT, name)},
    {KEY("protobuf_message", CUSTOM, protobuf_2), .read = read_message, .print = print_message},
    {KEY("send_exemplars", BOOL, send_exemplars)},
    {KEY("send_native_histograms", BOOL, send_native_histograms)},
    {.kind = CONFIG_KIND_INLINE,
     .offset = offsetof(config_remote_write, http),
     .schema = &config_http_schema},
    {.name = "queue_config", .kind = CONFIG_KIND_SECTION, .schema = &queue_schema},
    {.name = "metadata_config", .kind = CONFIG_KIND_UNSUPPORTED},
    {.name = "round_robin_dns", .kind = CONFIG_KIND_UNSUPPORTED},
    {.name = "sigv4", .kind = CONFIG_KIND_UNSUPPORTED},
    {.name = "azuread", .kind = CONFIG_KIND_UNSUPPORTED},
    {.name = "google_iam", .kind = CONFIG_KIND_UNSUPPORTED},
    {0}};

const config_schema config_remote_write_schema = {.what = "remote_write config",
                                                  .size = sizeof(config_remote_write),
                                                  .defaults = &remote_write_defaults,
                                                  .fields = remote_write_fields,
                                                  .check = check_remote_write};

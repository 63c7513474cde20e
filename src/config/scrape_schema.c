/* SPDX-License-Identifier: Apache-2.0
 *
 * scrape_configs: one job each, and what it takes over from "global".
 */
#include "config/schemas.h"

static const char *const protocol_names[] = {
    [CONFIG_PROTOCOL_PROTOBUF] = "PrometheusProto",
    [CONFIG_PROTOCOL_OPENMETRICS_1] = "OpenMetricsText1.0.0",
    [CONFIG_PROTOCOL_OPENMETRICS_0] = "OpenMetricsText0.0.1",
    [CONFIG_PROTOCOL_TEXT_1] = "PrometheusText1.0.0",
    [CONFIG_PROTOCOL_TEXT_0] = "PrometheusText0.0.4",
};

size_t config_protocols_default(bool native_histograms, config_protocol *out)
{
    static const config_protocol all[] = {CONFIG_PROTOCOL_PROTOBUF, CONFIG_PROTOCOL_OPENMETRICS_1,
                                          CONFIG_PROTOCOL_OPENMETRICS_0, CONFIG_PROTOCOL_TEXT_1,
                                          CONFIG_PROTOCOL_TEXT_0};
    size_t first = native_histograms ? 0 : 1; /* only protobuf has them */
    memcpy(out, all + first, sizeof all - first * sizeof all[0]);
    return IFM_COUNT_OF(all) - first;
}

static bool read_protocol(config_reader *reader, const config_node *node, void *at, ifm_error *err)
{
    if (!config_want(reader, node, CONFIG_SCALAR, err)) {
        return false;
    }
    for (size_t i = 0; i < CONFIG_PROTOCOL_COUNT; i++) {
        if (strcmp(node->text.data, protocol_names[i]) == 0) {
            *(config_protocol *)at = (config_protocol)i;
            return true;
        }
    }
    return config_fail(reader, node, err,
                       "\"%s\" is no protocol of scraping; hint: there are PrometheusProto, "
                       "OpenMetricsText1.0.0, OpenMetricsText0.0.1, PrometheusText1.0.0, PrometheusText0.0.4",
                       node->text.data);
}

bool config_read_protocols(config_reader *reader, const config_node *node, config_protocol *out,
                           size_t *count, ifm_error *err)
{
    if (!config_want(reader, node, CONFIG_SEQUENCE, err)) {
        return false;
    }
    if (node->count == 0) {
        return config_fail(reader, node, err, "\"scrape_protocols\" is empty");
    }
    *count = 0;
    for (size_t i = 0; i < node->count; i++) {
        config_protocol protocol = CONFIG_PROTOCOL_TEXT_0;
        if (!read_protocol(reader, node->items[i], &protocol, err)) {
            return false;
        }
        for (size_t j = 0; j < *count; j++) {
            if (out[j] == protocol) {
                return config_fail(reader, node->items[i], err, "the protocol \"%s\" is there twice",
                                   protocol_names[protocol]);
            }
        }
        out[(*count)++] = protocol;
    }
    return true;
}

void config_print_protocols(const char *name, const config_protocol *protocols, size_t count, int indent,
                            ifm_buf *out)
{
    if (count > 0) {
        config_print_name(name, indent, out);
    }
    for (size_t i = 0; i < count; i++) {
        config_print_indent(indent, out);
        ifm_buf_printf(out, "- %s\n", protocol_names[protocols[i]]);
    }
}

static bool read_protocols(config_reader *reader, const config_node *node, void *at, ifm_error *err)
{
    config_scrape *scrape = at;
    return config_read_protocols(reader, node, scrape->protocols, &scrape->protocol_count, err);
}

static void print_protocols(const config_field *field, const void *at, int indent, ifm_buf *out)
{
    const config_scrape *scrape = at;
    config_print_protocols(field->name, scrape->protocols, scrape->protocol_count, indent, out);
}

static void print_fallback(const config_field *field, const void *at, int indent, ifm_buf *out)
{
    config_protocol protocol = *(const config_protocol *)at;
    if (protocol != CONFIG_PROTOCOL_NONE) {
        config_print_indent(indent, out);
        ifm_buf_printf(out, "%s: %s\n", field->name, protocol_names[protocol]);
    }
}

/* As in the query of a URL. */
static void append_encoded(ifm_buf *out, model_text text)
{
    static const char free_bytes[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~";
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];
        if (c == ' ') {
            ifm_buf_append_char(out, '+');
        } else if (strchr(free_bytes, c) != NULL) {
            ifm_buf_append_char(out, c);
        } else {
            ifm_buf_printf(out, "%%%02X", (unsigned char)c);
        }
    }
}

/* Values of one parameter; the first one is a label as well. */
static bool take_param(config_reader *reader, const config_pair *pair, model_label *label, ifm_buf *query,
                       ifm_error *err)
{
    static const char prefix[] = "__param_";
    const model_text *values;
    size_t count;
    if (!config_read_texts(reader, pair->value, &values, &count, err)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        ifm_buf_append_text(query, query->size == 0 ? "" : "&");
        append_encoded(query, pair->key->text);
        ifm_buf_append_char(query, '=');
        append_encoded(query, values[i]);
    }
    size_t size = sizeof prefix - 1 + pair->key->text.size;
    char *name = ifm_bump_alloc(reader->arena, size + 1);
    if (name == NULL) {
        return config_arena_failed(reader, err);
    }
    memcpy(name, prefix, sizeof prefix - 1);
    memcpy(name + sizeof prefix - 1, pair->key->text.data, pair->key->text.size);
    *label = (model_label){{name, size}, count == 0 ? model_text_of("") : values[0]};
    return true;
}

static const config_pair *next_by_name(const config_node *node, const config_pair *after)
{
    const config_pair *found = NULL;
    for (size_t i = 0; i < node->count; i++) {
        const config_pair *pair = &node->pairs[i];
        if ((after == NULL || model_text_compare(pair->key->text, after->key->text) > 0) &&
            (found == NULL || model_text_compare(pair->key->text, found->key->text) < 0)) {
            found = pair;
        }
    }
    return found;
}

static bool read_params(config_reader *reader, const config_node *node, void *at, ifm_error *err)
{
    enum { QUERY_BYTES_MAX = 64 * 1024, PARAMS_MAX = 256 }; /* as long as an address may be */
    config_scrape *scrape = at;
    if (!config_want(reader, node, CONFIG_MAPPING, err)) {
        return false;
    }
    if (node->count > PARAMS_MAX) {
        return config_fail(reader, node, err, "\"params\" has more than %d keys", PARAMS_MAX);
    }
    model_label *labels = ifm_bump_alloc_array(reader->arena, node->count, sizeof *labels);
    ifm_buf query;
    ifm_buf_init(&query, QUERY_BYTES_MAX);
    bool ok = labels != NULL || config_arena_failed(reader, err);
    const config_pair *pair = NULL;
    for (size_t i = 0; i < node->count && ok; i++) {
        pair = next_by_name(node, pair);
        ok = take_param(reader, pair, &labels[i], &query, err);
    }
    scrape->param_labels = labels;
    scrape->param_label_count = node->count;
    ok = ok && ifm_buf_check(&query, err);
    if (ok) {
        scrape->params = ifm_bump_copy(reader->arena, query.data == NULL ? "" : query.data, query.size);
        ok = scrape->params != NULL || config_arena_failed(reader, err);
    }
    ifm_buf_deinit(&query);
    return ok;
}

static int hex_value(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c - 'A' + 10; /* written by append_encoded() */
}

static void print_decoded(model_text text, ifm_buf *out)
{
    ifm_buf plain;
    ifm_buf_init(&plain, text.size + 1);
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];
        if (c == '%') {
            c = (char)(hex_value(text.data[i + 1]) * 16 + hex_value(text.data[i + 2]));
            i += 2;
        }
        ifm_buf_append_char(&plain, text.data[i] == '+' ? ' ' : c);
    }
    ifm_buf_append_char(&plain, '\0');
    if (plain.failed == IFM_OK) {
        config_print_text((model_text){plain.data, plain.size - 1}, out);
    } else {
        out->failed = plain.failed;
    }
    ifm_buf_deinit(&plain);
}

static void print_params(const config_field *field, const void *at, int indent, ifm_buf *out)
{
    const config_scrape *scrape = at;
    model_text last = {NULL, 0};
    if (scrape->params[0] != '\0') {
        config_print_name(field->name, indent, out);
    }
    for (const char *part = scrape->params; *part != '\0';) {
        const model_text name = {part, strcspn(part, "=")};
        const model_text value = {part + name.size + 1, strcspn(part + name.size + 1, "&")};
        if (last.data == NULL || !model_text_equal(name, last)) {
            config_print_indent(indent + 2, out);
            print_decoded(name, out);
            ifm_buf_append_text(out, ":\n");
        }
        last = name;
        config_print_indent(indent + 2, out);
        ifm_buf_append_text(out, "- ");
        print_decoded(value, out);
        ifm_buf_append_char(out, '\n');
        part = value.data + value.size + (value.data[value.size] == '&' ? 1 : 0);
    }
}

static bool check_times(config_reader *reader, const config_node *node, config_scrape *scrape, ifm_error *err)
{
    const config_global *global = &((const config_root *)reader->root)->global;
    if (scrape->interval_ms == 0) {
        scrape->interval_ms = global->scrape_interval_ms;
    }
    if (scrape->timeout_ms > scrape->interval_ms) {
        return config_fail(reader, config_node_get(node, "scrape_timeout"), err,
                           "the scrape timeout of job \"%.60s\" is greater than its scrape interval",
                           scrape->job_name);
    }
    if (scrape->timeout_ms == 0) {
        scrape->timeout_ms =
            global->scrape_timeout_ms < scrape->interval_ms ? global->scrape_timeout_ms : scrape->interval_ms;
    }
    return true;
}

static void inherit_limit(uint64_t *to, uint64_t from)
{
    *to = *to == 0 ? from : *to;
}

/* What the job does not say itself. */
static void inherit(const config_global *global, const config_node *node, config_scrape *scrape)
{
    inherit_limit(&scrape->body_size_limit, global->body_size_limit);
    inherit_limit(&scrape->sample_limit, global->sample_limit);
    inherit_limit(&scrape->label_limit, global->label_limit);
    inherit_limit(&scrape->label_name_length_limit, global->label_name_length_limit);
    inherit_limit(&scrape->label_value_length_limit, global->label_value_length_limit);
    inherit_limit(&scrape->target_limit, global->target_limit);
    inherit_limit(&scrape->keep_dropped_targets, global->keep_dropped_targets);
    if (config_node_get(node, "scrape_native_histograms") == NULL) {
        scrape->scrape_native_histograms = global->scrape_native_histograms;
    }
    if (config_node_get(node, "always_scrape_classic_histograms") == NULL) {
        scrape->scrape_classic_histograms = global->scrape_classic_histograms;
    }
    if (config_node_get(node, "convert_classic_histograms_to_nhcb") == NULL) {
        scrape->convert_classic_to_nhcb = global->convert_classic_to_nhcb;
    }
    if (scrape->protocol_count == 0) {
        memcpy(scrape->protocols, global->protocols, sizeof scrape->protocols);
        scrape->protocol_count = global->protocol_count;
    }
    if (scrape->protocol_count == 0) {
        scrape->protocol_count =
            config_protocols_default(scrape->scrape_native_histograms, scrape->protocols);
    }
}

static bool check_scrape(config_reader *reader, const config_node *node, void *base, ifm_error *err)
{
    config_scrape *scrape = base;
    if (scrape->job_name == NULL || scrape->job_name[0] == '\0') {
        return config_fail(reader, node, err, "a scrape config has no \"job_name\"");
    }
    if (!check_times(reader, node, scrape, err) || !config_static_check(reader, node, err)) {
        return false;
    }
    inherit(&((const config_root *)reader->root)->global, node, scrape);
    return config_sources_set(reader, (config_target_group *)(uintptr_t)scrape->static_groups,
                              scrape->static_group_count, err);
}

static const config_scrape scrape_defaults = {
    .metrics_path = "/metrics",
    .scheme = "http",
    .params = "",
    .honor_timestamps = true,
    .enable_compression = true,
    .fallback_protocol = CONFIG_PROTOCOL_NONE,
};

#define KEY(key, type, member)                                                                               \
    .name = key, .kind = CONFIG_KIND_##type, .offset = offsetof(config_scrape, member)
#define LIST(key, member, members, table)                                                                    \
    .name = key, .kind = CONFIG_KIND_LIST, .offset = offsetof(config_scrape, member),                        \
    .count_offset = offsetof(config_scrape, members), .schema = &table

static const config_field scrape_fields[] = {
    {KEY("job_name", TEXT, job_name), .shown = true},
    {KEY("honor_labels", BOOL, honor_labels)},
    {KEY("honor_timestamps", BOOL, honor_timestamps), .shown = true},
    {KEY("track_timestamps_staleness", BOOL, track_timestamps_staleness), .shown = true},
    {.name = "params", .kind = CONFIG_KIND_CUSTOM, .read = read_params, .print = print_params},
    {KEY("scrape_interval", DURATION, interval_ms)},
    {KEY("scrape_timeout", DURATION, timeout_ms)},
    {.name = "scrape_protocols",
     .kind = CONFIG_KIND_CUSTOM,
     .read = read_protocols,
     .print = print_protocols},
    {KEY("fallback_scrape_protocol", CUSTOM, fallback_protocol), .read = read_protocol,
     .print = print_fallback},
    {KEY("scrape_native_histograms", BOOL, scrape_native_histograms), .shown = true},
    {KEY("always_scrape_classic_histograms", BOOL, scrape_classic_histograms), .shown = true},
    {KEY("convert_classic_histograms_to_nhcb", BOOL, convert_classic_to_nhcb), .shown = true},
    {.name = "scrape_failure_log_file", .kind = CONFIG_KIND_UNSUPPORTED},
    {.name = "extra_scrape_metrics", .kind = CONFIG_KIND_UNSUPPORTED},
    {KEY("metrics_path", TEXT, metrics_path), .shown = true},
    {KEY("scheme", TEXT, scheme), .choices = "http https", .shown = true},
    {KEY("enable_compression", BOOL, enable_compression), .shown = true},
    {KEY("body_size_limit", SIZE, body_size_limit)},
    {KEY("sample_limit", UINT, sample_limit)},
    {KEY("target_limit", UINT, target_limit)},
    {KEY("label_limit", UINT, label_limit)},
    {KEY("label_name_length_limit", UINT, label_name_length_limit)},
    {KEY("label_value_length_limit", UINT, label_value_length_limit)},
    {KEY("native_histogram_bucket_limit", UINT, native_histogram_bucket_limit)},
    {KEY("native_histogram_min_bucket_factor", DOUBLE, native_histogram_min_bucket_factor)},
    {KEY("keep_dropped_targets", UINT, keep_dropped_targets)},
    {.name = "metric_name_validation_scheme", .kind = CONFIG_KIND_FIXED, .choices = "utf8"},
    {.name = "metric_name_escaping_scheme", .kind = CONFIG_KIND_FIXED, .choices = "allow-utf-8"},
    {.kind = CONFIG_KIND_INLINE, .offset = offsetof(config_scrape, http), .schema = &config_http_schema},
    {.kind = CONFIG_KIND_INLINE, .schema = &config_unsupported_sds},
    {LIST("relabel_configs", relabels.items, relabels.count, config_relabel_schema)},
    {LIST("metric_relabel_configs", metric_relabels.items, metric_relabels.count, config_relabel_schema)},
    {LIST("file_sd_configs", file_sds, file_sd_count, config_file_sd_schema)},
    {LIST("http_sd_configs", http_sds, http_sd_count, config_http_sd_schema)},
    {LIST("static_configs", static_groups, static_group_count, config_static_schema)},
    {0}};

const config_schema config_scrape_schema = {.what = "scrape config",
                                            .size = sizeof(config_scrape),
                                            .defaults = &scrape_defaults,
                                            .fields = scrape_fields,
                                            .check = check_scrape};

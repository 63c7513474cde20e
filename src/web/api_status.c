/* SPDX-License-Identifier: Apache-2.0
 *
 * status/..., features: what the server says of itself.
 */
#include "web/impl.h"

#include <inferometer/export.h>
#include <inttypes.h>
#include <unistd.h>

/* The version of Prometheus whose API this is: clients choose what they ask for by it. */
static const char api_version[] = "3.14.0";

static void append_field(ifm_buf *out, const char *separator, const char *name, const char *text)
{
    ifm_buf_printf(out, "%s\"%s\":", separator, name);
    web_json_string(out, text);
}

void web_api_config(web_request *request)
{
    web_server *server = request->server;
    const config_file *config =
        server->options.config == NULL ? NULL : server->options.config(server->options.context);
    ifm_buf *out = web_answer_begin(request);
    append_field(out, "{", "yaml", config == NULL ? "" : config->text);
    ifm_buf_append_char(out, '}');
    web_answer_end(request);
    if (config != NULL) {
        config_release(config);
    }
}

void web_api_flags(web_request *request)
{
    const web_options *options = &request->server->options;
    ifm_buf *out = web_answer_begin(request);
    ifm_buf_append_char(out, '{');
    for (size_t i = 0; i < options->flag_count; i++) {
        append_field(out, i == 0 ? "" : ",", options->flags[i].name, options->flags[i].value);
    }
    ifm_buf_append_char(out, '}');
    web_answer_end(request);
}

/* "" without it. */
static const char *flag_value(const web_request *request, const char *name)
{
    const web_options *options = &request->server->options;
    for (size_t i = 0; i < options->flag_count; i++) {
        if (strcmp(options->flags[i].name, name) == 0) {
            return options->flags[i].value;
        }
    }
    return "";
}

static void append_time(ifm_buf *out, const char *separator, const char *name, int64_t time_ms)
{
    ifm_buf_printf(out, "%s\"%s\":\"", separator, name);
    web_time_print(time_ms, out);
    ifm_buf_append_char(out, '"');
}

/* The configuration has the last word, as for the store. */
static void append_retention(const web_request *request, ifm_buf *out)
{
    const web_options *options = &request->server->options;
    const config_file *config = options->config == NULL ? NULL : options->config(options->context);
    ifm_buf_append_text(out, ",\"storageRetention\":\"");
    if (config != NULL && config->retention_ms != 0) {
        config_duration_print(config->retention_ms, out);
    } else {
        ifm_buf_append_text(out, flag_value(request, "storage.tsdb.retention.time"));
    }
    if (config != NULL && config->retention_bytes != 0) {
        ifm_buf_printf(out, " or %" PRIu64 "B", config->retention_bytes);
    }
    ifm_buf_append_char(out, '"');
    if (config != NULL) {
        config_release(config);
    }
}

void web_api_runtimeinfo(web_request *request)
{
    web_server *server = request->server;
    char folder[4096];
    tsdb_stats stats = {0};
    tsdb *db = atomic_load_explicit(&server->db, memory_order_acquire);
    int64_t reload_ms = atomic_load_explicit(&server->reload_ms, memory_order_relaxed);
    bool failed = atomic_load_explicit(&server->reload_failed, memory_order_relaxed);
    if (db != NULL) {
        tsdb_stats_now(db, &stats);
    }
    ifm_buf *out = web_answer_begin(request);
    append_time(out, "{", "startTime", server->start_ms);
    append_field(out, ",", "CWD", getcwd(folder, sizeof folder) == NULL ? "" : folder);
    append_field(out, ",", "hostname", server->machine);
    append_time(out, ",", "serverTime", server->clock.wall_ms());
    ifm_buf_printf(out, ",\"reloadConfigSuccess\":%s", failed ? "false" : "true");
    append_time(out, ",", "lastConfigTime", reload_ms == 0 ? server->start_ms : reload_ms);
    ifm_buf_printf(out, ",\"corruptionCount\":%" PRIu64 ",\"goroutineCount\":0,\"GOMAXPROCS\":%ld",
                   stats.damages, sysconf(_SC_NPROCESSORS_ONLN));
    ifm_buf_append_text(out, ",\"GOMEMLIMIT\":0,\"GOGC\":\"\",\"GODEBUG\":\"\"");
    append_retention(request, out);
    ifm_buf_append_char(out, '}');
    web_answer_end(request);
}

/* No "features" here, by which Grafana would take this for a Mimir. */
void web_api_buildinfo(web_request *request)
{
    ifm_buf *out = web_answer_begin(request);
    append_field(out, "{", "version", api_version);
    ifm_buf_append_text(out, ",\"revision\":\"inferometer-");
    ifm_buf_append_text(out, ifm_version());
    ifm_buf_append_text(out, "\",\"branch\":\"\",\"buildUser\":\"\",\"buildDate\":\"\",\"goVersion\":\"\"}");
    web_answer_end(request);
}

static void append_rows(ifm_buf *out, const char *name, const tsdb_cardinality_item *items, size_t count)
{
    ifm_buf_printf(out, ",\"%s\":[", name);
    for (size_t i = 0; i < count && out->failed == IFM_OK; i++) {
        ifm_buf_append_text(out, i == 0 ? "{\"name\":" : ",{\"name\":");
        web_json_text(out, items[i].name);
        ifm_buf_printf(out, ",\"value\":%" PRIu64 "}", items[i].count);
    }
    ifm_buf_append_char(out, ']');
}

static bool rows_limit(web_request *request, int64_t *limit)
{
    ifm_error err;
    model_text text = web_param_get(&request->params, "limit");
    *limit = 10;
    if (text.size > 0 && (!web_integer_parse(text, limit, &err) || *limit < 1)) {
        web_answer_error(request, WEB_BAD_DATA, "limit must be a positive number");
        return false;
    }
    if (*limit > WEB_TSDB_ROWS_MAX) {
        web_answer_error(request, WEB_BAD_DATA, "limit must not exceed %d", WEB_TSDB_ROWS_MAX);
        return false;
    }
    return true;
}

void web_api_tsdb(web_request *request)
{
    int64_t limit;
    tsdb_stats stats;
    tsdb_cardinality rows = {.series_by_metric = NULL};
    ifm_error err;
    tsdb *db = rows_limit(request, &limit) ? web_db(request) : NULL;
    if (db == NULL) {
        return;
    }
    if (!tsdb_cardinality_of_head(db, (size_t)limit, &request->arena, &rows, &err)) {
        web_answer_failure(request, &err);
        return;
    }
    tsdb_stats_now(db, &stats);
    ifm_buf *out = web_answer_begin(request);
    ifm_buf_printf(out,
                   "{\"headStats\":{\"numSeries\":%" PRIu32 ",\"numLabelPairs\":%" PRIu64
                   ",\"chunkCount\":%" PRIu32 ",\"minTime\":%" PRId64 ",\"maxTime\":%" PRId64 "}",
                   stats.series, stats.label_pairs, stats.series, stats.head_min_ms, stats.head_max_ms);
    append_rows(out, "seriesCountByMetricName", rows.series_by_metric, rows.series_by_metric_count);
    append_rows(out, "labelValueCountByLabelName", rows.values_by_label, rows.values_by_label_count);
    append_rows(out, "memoryInBytesByLabelName", rows.bytes_by_label, rows.bytes_by_label_count);
    append_rows(out, "seriesCountByLabelValuePair", rows.series_by_pair, rows.series_by_pair_count);
    ifm_buf_append_char(out, '}');
    web_answer_end(request);
}

void web_api_blocks(web_request *request)
{
    const tsdb_block_info *blocks = NULL;
    size_t count = 0;
    ifm_error err;
    tsdb *db = web_db(request);
    if (db == NULL) {
        return;
    }
    if (!tsdb_blocks_list(db, &request->arena, &blocks, &count, &err)) {
        web_answer_failure(request, &err);
        return;
    }
    ifm_buf *out = web_answer_begin(request);
    ifm_buf_append_text(out, "{\"blocks\":[");
    for (size_t i = 0; i < count && out->failed == IFM_OK; i++) {
        const tsdb_block_info *block = &blocks[i];
        append_field(out, i == 0 ? "{" : ",{", "ulid", block->name);
        /* The end of a block of Prometheus is not part of it. */
        ifm_buf_printf(
            out,
            ",\"minTime\":%" PRId64 ",\"maxTime\":%" PRId64 ",\"stats\":{\"numSamples\":%" PRIu64
            ",\"numSeries\":%" PRIu32 ",\"numChunks\":%" PRIu32 "},\"compaction\":{\"level\":%" PRIu32,
            block->min_ms, block->max_ms + 1, block->samples, block->series, block->series, block->level);
        ifm_buf_append_text(out, ",\"sources\":[");
        web_json_string(out, block->name);
        ifm_buf_append_text(out, "]},\"version\":1}");
    }
    ifm_buf_append_text(out, "]}");
    web_answer_end(request);
}

void web_api_walreplay(web_request *request)
{
    ifm_buf_append_text(web_answer_begin(request), "{\"min\":0,\"max\":0,\"current\":0}");
    web_answer_end(request);
}

void web_api_features(web_request *request)
{
    ifm_buf *out = web_answer_begin(request);
    ifm_buf_append_text(out, "{\"api\":{\"admin\":");
    ifm_buf_append_text(out, request->server->options.enable_admin_api ? "true" : "false");
    ifm_buf_append_text(out, ",\"lifecycle\":");
    ifm_buf_append_text(out, request->server->options.enable_lifecycle ? "true" : "false");
    ifm_buf_append_text(out, ",\"query_stats\":true,\"query_warnings\":true},\"promql_functions\":{");
    const promql_function *function;
    for (size_t i = 0; (function = promql_function_at(i)) != NULL; i++) {
        ifm_buf_printf(out, "%s\"%s\":true", i == 0 ? "" : ",", function->name);
    }
    ifm_buf_append_text(out, "}}");
    web_answer_end(request);
}

/* ---- Snapshots ---- */

/* "20060102T150405Z-HEX" */
static void snapshot_name(const web_request *request, char out[64])
{
    ifm_buf time;
    ifm_buf_init(&time, 64);
    web_time_print(request->server->clock.wall_ms() / 1000 * 1000, &time);
    size_t size = 0;
    for (size_t i = 0; i < time.size && size < 32; i++) {
        if (time.data[i] != '-' && time.data[i] != ':') {
            out[size++] = time.data[i];
        }
    }
    ifm_buf_deinit(&time);
    static const char hex[] = "0123456789abcdef";
    uint64_t unique = (uint64_t)ifm_os_monotonic_ns();
    out[size++] = '-';
    for (int shift = 60; shift >= 0; shift -= 4) {
        out[size++] = hex[unique >> shift & 15];
    }
    out[size] = '\0';
}

void web_api_snapshot(web_request *request)
{
    char name[64];
    ifm_error err;
    const char *folder = flag_value(request, "storage.tsdb.path");
    tsdb *db = web_db(request);
    if (db == NULL) {
        return;
    }
    if (folder[0] == '\0') {
        web_answer_error(request, WEB_INTERNAL,
                         "could not create snapshot: the folder of the store is not known");
        return;
    }
    snapshot_name(request, name);
    ifm_buf path;
    ifm_buf_init(&path, 8192);
    ifm_buf_printf(&path, "%s/snapshots", folder);
    char *parent = ifm_bump_copy(&request->arena, path.data, path.size);
    ifm_buf_printf(&path, "/%s", name);
    char *place = ifm_bump_copy(&request->arena, path.data, path.size);
    ifm_buf_deinit(&path);
    if (parent == NULL || place == NULL) {
        web_answer_error(request, WEB_INTERNAL, "could not create snapshot: out of memory");
        return;
    }
    (void)ifm_os_files_real.mkdir(parent, 0700); /* what matters is whether the next step can use it */
    if (!tsdb_snapshot(db, place, &err)) {
        web_answer_error(request, WEB_INTERNAL, "could not create snapshot: %s", err.message);
        return;
    }
    ifm_buf *out = web_answer_begin(request);
    append_field(out, "{", "name", name);
    ifm_buf_append_char(out, '}');
    web_answer_end(request);
}

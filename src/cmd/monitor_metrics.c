/* SPDX-License-Identifier: Apache-2.0
 *
 * What the monitor tells of itself: under Prometheus's names where it means the same, so that dashboards and
 * rules for Prometheus fit, and under our own prefix where it does not.
 */
#include "cmd/monitor.h"

#include <inferometer/collector.h>
#include <string.h>

/* --- Emitting -------------------------------------------------------------------------------------- */

static void emit(ifm_collection *out, ifm_collected_type type, const char *name, const char *help,
                 double value)
{
    const ifm_collected_family family = {.name = name, .help = help, .type = type};
    if (ifm_collect_family(out, &family)) {
        ifm_collect_sample(out, NULL, value);
    }
}

static void counter(ifm_collection *out, const char *name, const char *help, uint64_t value)
{
    emit(out, IFM_COLLECTED_COUNTER, name, help, (double)value);
}

static void gauge(ifm_collection *out, const char *name, const char *help, double value)
{
    emit(out, IFM_COLLECTED_GAUGE, name, help, value);
}

/* A family with one label: `values` and `counts` are columns of `count` rows. */
typedef struct labelled {
    const char *name, *help, *label;
    const char *const *values;
    const uint64_t *counts;
    size_t count;
} labelled;

static void emit_labelled(ifm_collection *out, const labelled *rows)
{
    const ifm_collected_family family = {.name = rows->name,
                                         .help = rows->help,
                                         .type = IFM_COLLECTED_COUNTER,
                                         .label_names = &rows->label,
                                         .label_count = 1};
    if (!ifm_collect_family(out, &family)) {
        return;
    }
    for (size_t i = 0; i < rows->count; i++) {
        ifm_collect_sample(out, &rows->values[i], (double)rows->counts[i]);
    }
}

/* --- The store ------------------------------------------------------------------------------------- */

static void collect_samples(const tsdb_stats *stats, ifm_collection *out)
{
    static const char *const types[] = {"float", "histogram"};
    const uint64_t appended[] = {stats->samples_appended, stats->histograms_appended};
    const uint64_t late[] = {stats->verdicts[TSDB_OUT_OF_ORDER], 0};
    const uint64_t old[] = {stats->verdicts[TSDB_TOO_OLD], 0};
    emit_labelled(out, &(labelled){"prometheus_tsdb_head_samples_appended", "Samples that were taken.",
                                   "type", types, appended, 2});
    emit_labelled(out, &(labelled){"prometheus_tsdb_out_of_order_samples",
                                   "Samples that were refused: older than the series' last.", "type", types,
                                   late, 1});
    emit_labelled(out, &(labelled){"prometheus_tsdb_too_old_samples",
                                   "Samples that were refused: more than an hour older than the newest.",
                                   "type", types, old, 1});
    counter(out, "prometheus_tsdb_exemplar_exemplars_appended", "Exemplars that were taken.",
            stats->exemplars_appended);
    counter(out, "inferometer_tsdb_duplicate_samples",
            "Samples that were refused: another value at the time of the series' last.",
            stats->verdicts[TSDB_DUPLICATE]);
}

static void collect_head(const tsdb_stats *stats, ifm_collection *out)
{
    bool empty = stats->head_max_ms < stats->head_min_ms;
    gauge(out, "prometheus_tsdb_head_series", "Series in memory.", stats->series);
    gauge(out, "prometheus_tsdb_head_min_time", "Of the samples in memory, in milliseconds since 1970.",
          empty ? 0 : (double)stats->head_min_ms);
    gauge(out, "prometheus_tsdb_head_max_time", "Of the samples in memory, in milliseconds since 1970.",
          empty ? 0 : (double)stats->head_max_ms);
    counter(out, "prometheus_tsdb_head_series_created", "Series that were made.", stats->series_created);
    counter(out, "prometheus_tsdb_head_series_removed", "Series that ended.", stats->series_removed);
    gauge(out, "inferometer_tsdb_head_bytes", "Memory of series and samples.", (double)stats->head_bytes);
    gauge(out, "inferometer_tsdb_head_samples", "Samples in memory.", (double)stats->head_samples);
    counter(out, "inferometer_tsdb_series_refused",
            "New series that were refused: --storage.max-series or --storage.max-memory was reached.",
            stats->series_refused);
    gauge(out, "inferometer_tsdb_ingestion_stopped",
          "1: nothing is taken, because the disk is full, or no block can be written and memory is used up.",
          stats->ingestion_stopped);
}

static void collect_disk(const tsdb_stats *stats, ifm_collection *out)
{
    gauge(out, "prometheus_tsdb_wal_storage_size_bytes", "Of the log.", (double)stats->log_bytes);
    gauge(out, "prometheus_tsdb_storage_blocks_bytes", "Of the blocks.", (double)stats->block_bytes);
    gauge(out, "prometheus_tsdb_blocks_loaded", "Blocks.", stats->blocks);
    counter(out, "prometheus_tsdb_wal_writes_failed", "Writes of the log that failed.", stats->log_errors);
    counter(out, "prometheus_tsdb_compactions", "Blocks that were merged.", stats->compactions);
    counter(out, "prometheus_tsdb_compactions_failed", "Mergers that failed.", stats->compaction_errors);
    counter(out, "inferometer_tsdb_log_syncs", "Times that the log was made durable.", stats->log_syncs);
    counter(out, "inferometer_tsdb_flushes", "Blocks that were written from memory.", stats->flushes);
    counter(out, "inferometer_tsdb_flushes_failed", "Those that could not be written.", stats->flush_errors);
    counter(out, "inferometer_tsdb_retention_deletions", "Blocks that were removed for age or size.",
            stats->retention_deletions);
    counter(out, "inferometer_tsdb_damages", "Torn or damaged pieces of files found since the start.",
            stats->damages);
    gauge(out, "inferometer_tsdb_quarantine_bytes", "Of what was damaged and set aside.",
          (double)stats->quarantine_bytes);
    gauge(out, "prometheus_tsdb_data_replay_duration_seconds", "How long reading the log took at the start.",
          (double)stats->replay_duration_ns / 1e9);
}

/* --- The rest -------------------------------------------------------------------------------------- */

static void collect_scrapes(const scrape_stats *stats, ifm_collection *out)
{
    counter(out, "inferometer_scrapes", "Scrapes.", stats->scrapes);
    counter(out, "inferometer_scrapes_failed", "Scrapes that failed.", stats->failed_scrapes);
    gauge(out, "inferometer_targets", "Targets.", stats->targets);
    gauge(out, "inferometer_targets_up", "Targets whose last scrape went well.", stats->targets_up);
    counter(out, "prometheus_target_scrapes_sample_out_of_order", "Samples refused as out of order.",
            stats->out_of_order);
    counter(out, "prometheus_target_scrapes_sample_duplicate_timestamp", "Samples refused as duplicates.",
            stats->duplicates);
    counter(out, "prometheus_target_scrapes_sample_out_of_bounds", "Samples refused as too old.",
            stats->out_of_bounds);
    counter(out, "prometheus_target_scrapes_exceeded_sample_limit", "Scrapes over the limit of samples.",
            stats->sample_limit);
    counter(out, "prometheus_target_scrapes_exceeded_body_size_limit", "Scrapes over the limit of bytes.",
            stats->body_limit);
    counter(out, "prometheus_target_scrape_pool_exceeded_label_limits", "Scrapes over a limit of labels.",
            stats->label_limit);
    counter(out, "prometheus_target_scrape_pool_exceeded_target_limit", "Pools over their limit of targets.",
            stats->pool_target_limit);
    gauge(out, "prometheus_target_metadata_cache_entries", "Series that scrapes remember.",
          (double)stats->cache_entries);
}

static void collect_web(const web_stats *stats, const monitor_settings *settings, ifm_collection *out)
{
    uint32_t most = settings->web.queries_max;
    counter(out, "inferometer_http_requests", "Requests over HTTP.", stats->requests);
    gauge(out, "inferometer_http_connections", "Open connections.", stats->connections);
    counter(out, "inferometer_queries", "Queries.", stats->queries);
    counter(out, "inferometer_queries_refused", "Queries that found the queue full.", stats->queries_refused);
    counter(out, "inferometer_queries_timed_out", "Queries that took too long.", stats->queries_timed_out);
    gauge(out, "prometheus_engine_queries", "Queries that run or wait.",
          stats->queries_active + stats->queries_waiting);
    gauge(out, "prometheus_engine_queries_concurrent_max", "Queries that may run at one time.",
          most != 0 ? most : 20);
}

static void collect_config(struct monitor *monitor, ifm_collection *out)
{
    pthread_mutex_lock(&monitor->lock);
    bool ok = monitor->reload_ok;
    int64_t ms = monitor->reload_ms;
    pthread_mutex_unlock(&monitor->lock);
    gauge(out, "prometheus_config_last_reload_successful", "1: the configuration was read the last time.",
          ok);
    gauge(out, "prometheus_config_last_reload_success_timestamp_seconds",
          "When the configuration in use was read.", (double)ms / 1000);
}

static void collect_build(ifm_collection *out)
{
    static const char *const names[] = {"version", "revision", "branch", "goversion",
                                        "goos",    "goarch",   "tags"};
    const char *const values[] = {ifm_version(), "", "", "", "linux", "", "inferometer"};
    const ifm_collected_family family = {.name = "prometheus_build_info",
                                         .help = "What answers, under the name that clients look for.",
                                         .type = IFM_COLLECTED_GAUGE,
                                         .label_names = names,
                                         .label_count = IFM_COUNT_OF(names)};
    if (ifm_collect_family(out, &family)) {
        ifm_collect_sample(out, values, 1);
    }
}

static bool collect(void *context, ifm_collection *out, ifm_error *err)
{
    struct monitor *monitor = context;
    tsdb_stats store;
    scrape_stats scrapes;
    web_stats web;
    (void)err;
    collect_build(out);
    collect_config(monitor, out);
    tsdb_stats_now(monitor->db, &store);
    collect_samples(&store, out);
    collect_head(&store, out);
    collect_disk(&store, out);
    scrape_stats_now(monitor->scrape, &scrapes);
    collect_scrapes(&scrapes, out);
    web_stats_now(monitor->web, &web);
    collect_web(&web, monitor->settings, out);
    return true;
}

bool monitor_metrics_register(struct monitor *monitor, ifm_error *err)
{
    const ifm_collector_options options = {.name = "monitor", .collect = collect, .context = monitor};
    return ifm_process_collector_register(monitor->registry, err) &&
           ifm_build_info_register(monitor->registry, err) &&
           ifm_collector_register(monitor->registry, &options, err);
}

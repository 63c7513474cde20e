/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/monitor.h"
#include "cmd/values.h"

#include "stack/stack.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MS_PER_MINUTE INT64_C(60000)

const cmd_option monitor_options[] = {
    {MONITOR_CONFIG_FILE, "config.file", "FILE", NULL,
     "In Prometheus's format. Then exactly what is in it is scraped (without it: loggers of yours on this "
     "machine, each --target, and the monitor itself)."},
    {MONITOR_TARGET, "target", "HOST:PORT", NULL,
     "Also watch this, or the URL of a metrics page; can be repeated. Programs of yours on this machine that "
     "opened a logger are found without it."},
    {MONITOR_SCRAPE_INTERVAL, "scrape.interval", "TIME", NULL, "Without --config.file (5s)."},
    {MONITOR_STORAGE_PATH, "storage.tsdb.path", "FOLDER", NULL,
     "Where the data is (inferometer/monitor/data below $XDG_STATE_HOME or ~/.local/state)."},
    {MONITOR_RETENTION_TIME, "storage.tsdb.retention.time", "TIME", NULL, "What is older is removed (15d)."},
    {MONITOR_RETENTION_SIZE, "storage.tsdb.retention.size", "SIZE", NULL,
     "The oldest is removed when there is more; 0: no limit (0)."},
    {MONITOR_PROFILE, "storage.profile", "PROFILE", "default durable flash",
     "A power failure may cost 1 s (default) or 0.1 s (durable); flash costs up to 10 s and spares cards "
     "that "
     "wear out (default)."},
    {MONITOR_SERIES_MAX, "storage.max-series", "N", NULL,
     "In memory; beyond it new series are refused and counted (1000000)."},
    {MONITOR_MEMORY_MAX, "storage.max-memory", "SIZE", NULL, "For series and samples; likewise (2GB)."},
    {MONITOR_LISTEN, "web.listen-address", "ADDRESS:PORT", NULL,
     "Of the API and the pages (127.0.0.1:9090)."},
    {MONITOR_WEB_CONFIG, "web.config.file", "FILE", NULL, "TLS and passwords, in Prometheus's format."},
    {MONITOR_EXTERNAL_URL, "web.external-url", "URL", NULL, "Under which others reach it, behind a proxy."},
    {MONITOR_ROUTE_PREFIX, "web.route-prefix", "PATH", NULL, "Before all paths (that of the external URL)."},
    {MONITOR_LIFECYCLE, "web.enable-lifecycle", NULL, NULL, "POST /-/reload and /-/quit work."},
    {MONITOR_ADMIN_API, "web.enable-admin-api", NULL, NULL, "Snapshots can be made over HTTP."},
    {MONITOR_DASHBOARDS, "dashboards.path", "FOLDER", NULL,
     "Grafana dashboards (*.json) to show beside the built-in ones."},
    {MONITOR_CONNECTIONS_MAX, "web.max-connections", "N", NULL, "At one time (512)."},
    {MONITOR_QUERY_TIMEOUT, "query.timeout", "TIME", NULL, "Of one query (2m)."},
    {MONITOR_QUERY_SAMPLES, "query.max-samples", "N", NULL, "In memory for one query (50000000)."},
    {MONITOR_QUERY_CONCURRENCY, "query.max-concurrency", "N", NULL, "Queries at one time (20)."},
    {MONITOR_LOOKBACK, "query.lookback-delta", "TIME", NULL, "How old a value may be (5m)."},
    {MONITOR_FEATURE, "enable-feature", "NAMES", NULL,
     "Those of Prometheus, with commas between them; can be repeated."},
    {MONITOR_LOG_LEVEL, "log.level", "LEVEL", "debug info warn error", "What is said on stderr (info)."},
    {MONITOR_LOG_FORMAT, "log.format", "FORMAT", "logfmt json", "How (logfmt)."},
    {MONITOR_REPORT_FD, "report-fd", "N", NULL,
     "For programs: shares the monitor that runs, or becomes it; the result is written to this descriptor as "
     "one line, \"OK URL\" or \"CODE SENTENCE\"."},
    {MONITOR_REPORT_NOTE, "report-note", "TEXT", NULL, "For programs: said behind the URL."},
    {0},
};

static const char *const option_defaults[MONITOR_OPTION_COUNT] = {
    [MONITOR_CONFIG_FILE] = "",
    [MONITOR_SCRAPE_INTERVAL] = "5s",
    [MONITOR_RETENTION_TIME] = "15d",
    [MONITOR_RETENTION_SIZE] = "0B",
    [MONITOR_PROFILE] = "default",
    [MONITOR_SERIES_MAX] = "1000000",
    [MONITOR_MEMORY_MAX] = "2GB",
    [MONITOR_LISTEN] = "127.0.0.1:9090",
    [MONITOR_WEB_CONFIG] = "",
    [MONITOR_EXTERNAL_URL] = "",
    [MONITOR_ROUTE_PREFIX] = "",
    [MONITOR_LIFECYCLE] = "false",
    [MONITOR_ADMIN_API] = "false",
    [MONITOR_DASHBOARDS] = "",
    [MONITOR_CONNECTIONS_MAX] = "512",
    [MONITOR_QUERY_TIMEOUT] = "2m",
    [MONITOR_QUERY_SAMPLES] = "50000000",
    [MONITOR_QUERY_CONCURRENCY] = "20",
    [MONITOR_LOOKBACK] = "5m",
    [MONITOR_FEATURE] = "",
    [MONITOR_LOG_LEVEL] = "info",
    [MONITOR_LOG_FORMAT] = "logfmt",
};

/* --- Values ---------------------------------------------------------------------------------------- */

static model_text text_of(const char *value)
{
    return (model_text){.data = value, .size = strlen(value)};
}

static bool take_duration(const char *value, int64_t min_ms, int64_t *out_ms, ifm_error *err)
{
    int64_t ms;
    if (!config_duration(text_of(value), &ms)) {
        return ifm_error_set(err, IFM_INVALID, "it is no duration; hint: write it as 15s, 5m or 1h30m");
    }
    if (ms < min_ms) {
        return ifm_error_set(err, IFM_INVALID, "it is less than %lld ms", (long long)min_ms);
    }
    *out_ms = ms;
    return true;
}

static bool take_size(const char *value, uint64_t min, uint64_t *out, ifm_error *err)
{
    uint64_t bytes = 0;
    if (strcmp(value, "0") != 0 && !config_size(text_of(value), &bytes)) {
        return ifm_error_set(err, IFM_INVALID, "it is no size; hint: write it as 512MB or 2GB");
    }
    if (bytes < min) {
        return ifm_error_set(err, IFM_INVALID, "it is less than %llu bytes", (unsigned long long)min);
    }
    *out = bytes;
    return true;
}

static bool take_count(const char *value, uint32_t *out, ifm_error *err)
{
    int number;
    if (!cmd_whole(value, 1, 1000000000, &number, err)) {
        return false;
    }
    *out = (uint32_t)number;
    return true;
}

static bool take_samples(const char *value, uint64_t *out, ifm_error *err)
{
    uint32_t number;
    bool ok = take_count(value, &number, err);
    *out = ok ? number : *out;
    return ok;
}

static bool take_target(monitor_settings *settings, const char *value, ifm_error *err)
{
    if (settings->target_count == MONITOR_TARGETS_MAX) {
        return ifm_error_set(err, IFM_LIMIT, "there are more than %d; hint: --config.file takes any number",
                             MONITOR_TARGETS_MAX);
    }
    ifm_buf text;
    ifm_buf_init(&text, MONITOR_CONFIG_BYTES_MAX);
    bool ok = stack_targets_render(&value, 1, &text, err);
    ifm_buf_deinit(&text);
    if (ok) {
        settings->targets[settings->target_count++] = value;
    }
    return ok;
}

static void take_profile(monitor_settings *settings, const char *value)
{
    if (strcmp(value, "durable") == 0) {
        settings->store.commit_interval_ms = 100;
    } else if (strcmp(value, "flash") == 0) {
        settings->store.commit_interval_ms = 10000;
        settings->store.flush_interval_ms = 60 * MS_PER_MINUTE; /* fewer and larger blocks to merge */
    }
}

/* Names of Prometheus's whose meaning is always on here, or says nothing here. */
static bool feature_is_always_on(const char *name, size_t size)
{
    static const char *const names[] = {
        "exemplar-storage",
        "native-histograms",
        "promql-experimental-functions",
        "promql-at-modifier",
        "promql-negative-offset",
        "promql-per-step-stats",
        "promql-duration-expr",
        "utf8-names",
        "promql-extended-range-selectors",
        "promql-binop-fill-modifiers",
        "memory-snapshot-on-shutdown",
    };
    for (size_t i = 0; i < IFM_COUNT_OF(names); i++) {
        if (strlen(names[i]) == size && memcmp(names[i], name, size) == 0) {
            return true;
        }
    }
    return false;
}

static void take_feature(monitor_settings *settings, const char *name, size_t size)
{
    const struct {
        const char *name;
        bool *flag;
    } switches[] = {
        {"promql-delayed-name-removal", &settings->web.engine.delayed_name_removal},
        {"use-start-timestamps", &settings->web.engine.start_timestamps},
        {"type-and-unit-labels", &settings->web.engine.type_and_unit_labels},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(switches); i++) {
        if (strlen(switches[i].name) == size && memcmp(switches[i].name, name, size) == 0) {
            *switches[i].flag = true;
            return;
        }
    }
    if (size > 0 && !feature_is_always_on(name, size)) {
        fprintf(stderr, "inferometer monitor: --enable-feature=%.*s is not known here, and changes nothing\n",
                (int)size, name);
    }
}

static void take_features(monitor_settings *settings, const char *value)
{
    while (*value != '\0') {
        size_t size = strcspn(value, ",");
        take_feature(settings, value, size);
        value += size + (value[size] == ',');
    }
}

static void take_log_level(monitor_settings *settings, const char *value)
{
    settings->log.level = strcmp(value, "error") == 0  ? IFM_LOG_ERROR
                          : strcmp(value, "warn") == 0 ? IFM_LOG_WARNING
                                                       : IFM_LOG_INFO;
}

/* --- Options --------------------------------------------------------------------------------------- */

static bool take_storage(monitor_settings *settings, int id, const char *value, ifm_error *err)
{
    uint64_t bytes = 0;
    switch (id) {
    case MONITOR_STORAGE_PATH:
        settings->store.folder = value;
        return value[0] != '\0' || ifm_error_set(err, IFM_INVALID, "it is empty");
    case MONITOR_RETENTION_TIME:
        return take_duration(value, MS_PER_MINUTE, &settings->store.retention_ms, err);
    case MONITOR_RETENTION_SIZE:
        return take_size(value, 0, &settings->store.retention_bytes, err);
    case MONITOR_PROFILE:
        take_profile(settings, value);
        return true;
    case MONITOR_SERIES_MAX:
        return take_count(value, &settings->store.series_max, err);
    default:
        if (!take_size(value, 16 << 20, &bytes, err)) {
            return false;
        }
        settings->store.bytes_max = (size_t)bytes;
        return true;
    }
}

static bool take_web(monitor_settings *settings, int id, const char *value, ifm_error *err)
{
    web_options *web = &settings->web;
    switch (id) {
    case MONITOR_LISTEN:
        web->listen = value;
        return strrchr(value, ':') != NULL ||
               ifm_error_set(err, IFM_INVALID, "it has no port; hint: 127.0.0.1:9090");
    case MONITOR_EXTERNAL_URL:
        web->external_url = value;
        return value[0] == '\0' || strncmp(value, "http://", 7) == 0 || strncmp(value, "https://", 8) == 0 ||
               ifm_error_set(err, IFM_INVALID, "it is no URL; hint: http://HOST:PORT/PATH");
    case MONITOR_ROUTE_PREFIX:
        web->route_prefix = value;
        return true;
    case MONITOR_LIFECYCLE:
        web->enable_lifecycle = true;
        return true;
    case MONITOR_ADMIN_API:
        web->enable_admin_api = true;
        return true;
    case MONITOR_DASHBOARDS:
        web->dashboards = value[0] == '\0' ? NULL : value;
        return true;
    case MONITOR_CONNECTIONS_MAX:
        return take_count(value, &web->connections_max, err);
    case MONITOR_QUERY_TIMEOUT:
        return take_duration(value, 1, &web->query_timeout_ms, err);
    case MONITOR_QUERY_SAMPLES:
        return take_samples(value, &web->engine.samples_max, err);
    case MONITOR_QUERY_CONCURRENCY:
        return take_count(value, &web->queries_max, err);
    default:
        return take_duration(value, 1, &web->engine.lookback_ms, err);
    }
}

bool monitor_take(void *context, int id, const char *value, ifm_error *err)
{
    monitor_settings *settings = context;
    settings->given[id] = value != NULL ? value : "true";
    switch (id) {
    case MONITOR_CONFIG_FILE:
    case MONITOR_WEB_CONFIG:
    case MONITOR_REPORT_NOTE:
        return true;
    case MONITOR_TARGET:
        return take_target(settings, value, err);
    case MONITOR_SCRAPE_INTERVAL:
        return take_duration(value, 100, &settings->interval_ms, err);
    case MONITOR_FEATURE:
        take_features(settings, value);
        return true;
    case MONITOR_LOG_LEVEL:
        take_log_level(settings, value);
        return true;
    case MONITOR_LOG_FORMAT:
        settings->log.json = strcmp(value, "json") == 0;
        return true;
    case MONITOR_REPORT_FD:
        return cmd_whole(value, 3, 1023, &settings->report_fd, err);
    default:
        return id >= MONITOR_LISTEN ? take_web(settings, id, value, err)
                                    : take_storage(settings, id, value, err);
    }
}

const char *monitor_settings_note(const monitor_settings *settings)
{
    const char *note = settings->given[MONITOR_REPORT_NOTE];
    return note != NULL ? note : "";
}

void monitor_settings_complete(monitor_settings *settings)
{
    settings->interval_ms = settings->interval_ms != 0 ? settings->interval_ms : MONITOR_INTERVAL_MS;
    if (settings->given[MONITOR_LOG_LEVEL] == NULL) {
        settings->log.level = IFM_LOG_INFO;
    }
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const web_flag *)a)->name, ((const web_flag *)b)->name);
}

const web_flag *monitor_settings_flags(const monitor_settings *settings, const char *data_folder,
                                       ifm_bump *arena, size_t *count)
{
    web_flag *flags = ifm_bump_alloc_array(arena, MONITOR_OPTION_COUNT, sizeof *flags);
    if (flags == NULL) {
        return NULL;
    }
    size_t used = 0;
    for (size_t i = 0; i < MONITOR_OPTION_COUNT; i++) {
        const char *value = settings->given[i] != NULL ? settings->given[i] : option_defaults[i];
        value = i == MONITOR_STORAGE_PATH ? data_folder : value;
        if (i < MONITOR_REPORT_FD && value != NULL) {
            flags[used++] = (web_flag){.name = monitor_options[i].name, .value = value};
        }
    }
    qsort(flags, used, sizeof *flags, by_name);
    *count = used;
    return flags;
}

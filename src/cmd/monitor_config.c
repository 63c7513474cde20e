/* SPDX-License-Identifier: Apache-2.0
 *
 * The configuration of a monitor: its file, or without one what finds the loggers of this user on this host,
 * under the job that "inferometer stack" gives them, so that the same dashboards and rules fit.
 */
#include "cmd/monitor.h"

#include "stack/stack.h"

#include <string.h>

/* Where the monitor's own metrics are, as a target: the URL that it answers at, and "metrics". */
static bool append_own_target(ifm_buf *out, const char *own_url, ifm_error *err)
{
    ifm_buf url;
    size_t size;
    ifm_buf_init(&url, MONITOR_CONFIG_BYTES_MAX);
    bool slash = own_url[0] != '\0' && own_url[strlen(own_url) - 1] == '/';
    ifm_buf_printf(&url, "%s%smetrics", own_url, slash ? "" : "/");
    char *text = ifm_buf_take(&url, &size, err);
    ifm_buf_deinit(&url);
    const char *const targets[] = {text};
    bool ok = text != NULL && stack_targets_render(targets, 1, out, err);
    ifm_free(text);
    return ok;
}

/* file_sd takes a path for a pattern. */
static void append_pattern(ifm_buf *out, const char *folder)
{
    ifm_buf path;
    ifm_buf_init(&path, MONITOR_CONFIG_BYTES_MAX);
    for (const char *c = folder; *c != '\0'; c++) {
        if (strchr("*?[\\", *c) != NULL) {
            ifm_buf_append_char(&path, '\\');
        }
        ifm_buf_append_char(&path, *c);
    }
    ifm_buf_append(&path, "/*.json", sizeof "/*.json");
    ifm_buf_append_text(out, "          - ");
    ifm_buf_append_json(out, path.failed == IFM_OK ? path.data : "");
    ifm_buf_append_char(out, '\n');
    out->failed = out->failed == IFM_OK ? path.failed : out->failed;
    ifm_buf_deinit(&path);
}

static void append_duration(ifm_buf *out, const char *name, int64_t ms)
{
    ifm_buf text;
    ifm_buf_init(&text, 64);
    config_duration_print(ms, &text);
    ifm_buf_printf(out, "  %s: %.*s\n", name, (int)text.size, text.data);
    ifm_buf_deinit(&text);
}

/* The rules that go with it look at hours and days: more often than this would cost more than it tells. */
static void append_global(ifm_buf *out, int64_t interval_ms)
{
    ifm_buf_append_text(out, "global:\n");
    append_duration(out, "scrape_interval", interval_ms);
    if (interval_ms < 10000) {
        append_duration(out, "scrape_timeout", interval_ms);
    }
    append_duration(out, "evaluation_interval",
                    interval_ms > MONITOR_EVALUATION_MS ? interval_ms : MONITOR_EVALUATION_MS);
}

bool monitor_config_render(const struct monitor *monitor, const char *own_url, ifm_buf *out, ifm_error *err)
{
    const monitor_settings *settings = monitor->settings;
    append_global(out, settings->interval_ms);
    ifm_buf_append_text(out, "scrape_configs:\n  - job_name: " MONITOR_JOB "\n"
                             "    file_sd_configs:\n      - files:\n");
    append_pattern(out, monitor->place.registered);
    if (monitor->in_place) {
        append_pattern(out, monitor->place.targets);
    }
    ifm_buf_append_text(out, "        refresh_interval: 5s\n");
    if (settings->target_count > 0) {
        ifm_buf_append_text(out, "    static_configs: ");
        if (!stack_targets_render(settings->targets, settings->target_count, out, err)) {
            return false;
        }
    }
    if (own_url != NULL) {
        ifm_buf_append_text(out, "  - job_name: " MONITOR_OWN_JOB "\n    static_configs: ");
        if (!append_own_target(out, own_url, err)) {
            return false;
        }
    }
    return ifm_buf_check(out, err);
}

static const config_file *read_built_in(const struct monitor *monitor, ifm_error *err)
{
    ifm_buf text;
    ifm_buf_init(&text, MONITOR_CONFIG_BYTES_MAX);
    /* With TLS or a password it would have to be told how to trust itself, or the password. */
    bool own = monitor->web != NULL && monitor->web_config == NULL;
    const config_file *config = NULL;
    if (monitor_config_render(monitor, own ? web_server_url(monitor->web) : NULL, &text, err)) {
        config = config_parse(text.data, text.size, NULL, err);
    }
    ifm_buf_deinit(&text);
    return config;
}

const config_file *monitor_config_read(const struct monitor *monitor, ifm_error *err)
{
    const char *path = monitor->settings->given[MONITOR_CONFIG_FILE];
    return path != NULL ? config_load(path, err) : read_built_in(monitor, err);
}

const config_file *monitor_config_now(struct monitor *monitor)
{
    pthread_mutex_lock(&monitor->lock);
    const config_file *config = monitor->config != NULL ? config_acquire(monitor->config) : NULL;
    pthread_mutex_unlock(&monitor->lock);
    return config;
}

/* --- Reloading ------------------------------------------------------------------------------------- */

/* What the store was opened with stays until the next start. */
static void warn_of_storage(const config_file *before, const config_file *now)
{
    if (before != NULL &&
        (before->retention_ms != now->retention_ms || before->retention_bytes != now->retention_bytes ||
         before->exemplars_max != now->exemplars_max)) {
        ifm_log(IFM_LOG_WARNING, "the storage section has changed: it takes effect at the next start");
    }
}

void monitor_config_warn(const config_file *config)
{
    const struct {
        bool given;
        const char *name;
    } unused[] = {
        {config->alertmanager_count > 0, "alerting"},
        {config->remote_write_count > 0, "remote_write"},
        {config->out_of_order_window_ms > 0, "storage.tsdb.out_of_order_time_window"},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(unused); i++) {
        if (unused[i].given) {
            ifm_log(IFM_LOG_WARNING, "%s is checked, and otherwise not used by this version", unused[i].name);
        }
    }
}

static void settle(struct monitor *monitor, const config_file *config)
{
    pthread_mutex_lock(&monitor->lock);
    monitor->reload_ok = config != NULL;
    const config_file *before = NULL;
    if (config != NULL) {
        before = monitor->config;
        monitor->config = config;
        monitor->reload_ms = ifm_os_clock_real.wall_ms();
    }
    pthread_mutex_unlock(&monitor->lock);
    if (config != NULL) {
        warn_of_storage(before, config);
        monitor_config_warn(config);
    }
    config_release(before);
}

bool monitor_reload(struct monitor *monitor, ifm_error *err)
{
    pthread_mutex_lock(&monitor->reload_lock);
    if (monitor->scrape == NULL || monitor->rules == NULL) {
        pthread_mutex_unlock(&monitor->reload_lock);
        return ifm_error_set(err, IFM_BUSY, "the monitor is starting; hint: try again");
    }
    const config_file *config = monitor_config_read(monitor, err);
    rules_set *rules = config != NULL ? monitor_rules_load(monitor, config, err) : NULL;
    bool ok = rules != NULL && scrape_manager_apply(monitor->scrape, config, err);
    if (ok) {
        rules_manager_apply(monitor->rules, rules);
    } else {
        rules_set_free(rules);
        config_release(config);
        config = NULL;
        ifm_error_wrap(err, "the configuration before stays in use");
    }
    settle(monitor, config);
    web_server_tell_reload(monitor->web, ok);
    /* Said last: whoever reads it finds in metrics and API what it says. */
    if (ok) {
        ifm_log(IFM_LOG_INFO, "the configuration is in use");
    } else {
        ifm_log(IFM_LOG_ERROR, "%s", err->message);
    }
    pthread_mutex_unlock(&monitor->reload_lock);
    return ok;
}

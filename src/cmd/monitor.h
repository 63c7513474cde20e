/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of "inferometer monitor" share: what was asked for, and the parts that run.
 *
 * Thread-safety: as each function says; settings are constant once they were read.
 */
#ifndef CMD_MONITOR_H
#define CMD_MONITOR_H

#include "cmd/command.h"
#include "cmd/monitor_log.h"
#include "cmd/monitor_place.h"

#include "config/config.h"
#include "rules/rules.h"
#include "scrape/scrape.h"
#include "tsdb/tsdb.h"
#include "web/web.h"

#include <inferometer/registry.h>
#include <pthread.h>

enum {
    MONITOR_PORT = 9090,
    MONITOR_PORT_TRIES = 100,
    MONITOR_TARGETS_MAX = 256,
    MONITOR_CONFIG_BYTES_MAX = 1 << 20,
    MONITOR_INTERVAL_MS = 5000,
    MONITOR_EVALUATION_MS = 15000 /* of the rules that it carries, at most so often */
};

#define MONITOR_ADDRESS "127.0.0.1"
#define MONITOR_JOB     "inferometer"         /* the dashboards' and the stack's */
#define MONITOR_OWN_JOB "inferometer-monitor" /* of the monitor's own metrics */

/* --- Settings -------------------------------------------------------------------------------------- */

/* In the order of --help, and of monitor_options. */
typedef enum monitor_option {
    MONITOR_CONFIG_FILE,
    MONITOR_TARGET,
    MONITOR_SCRAPE_INTERVAL,
    MONITOR_STORAGE_PATH,
    MONITOR_RETENTION_TIME,
    MONITOR_RETENTION_SIZE,
    MONITOR_PROFILE,
    MONITOR_SERIES_MAX,
    MONITOR_MEMORY_MAX,
    MONITOR_LISTEN,
    MONITOR_WEB_CONFIG,
    MONITOR_EXTERNAL_URL,
    MONITOR_ROUTE_PREFIX,
    MONITOR_LIFECYCLE,
    MONITOR_ADMIN_API,
    MONITOR_DASHBOARDS,
    MONITOR_CONNECTIONS_MAX,
    MONITOR_QUERY_TIMEOUT,
    MONITOR_QUERY_SAMPLES,
    MONITOR_QUERY_CONCURRENCY,
    MONITOR_LOOKBACK,
    MONITOR_FEATURE,
    MONITOR_LOG_LEVEL,
    MONITOR_LOG_FORMAT,
    MONITOR_REPORT_FD,
    MONITOR_REPORT_NOTE,
    MONITOR_OPTION_COUNT
} monitor_option;

extern const cmd_option monitor_options[];

typedef struct monitor_settings {
    const char *given[MONITOR_OPTION_COUNT]; /* NULL: it was not */
    const char *targets[MONITOR_TARGETS_MAX];
    size_t target_count;
    int64_t interval_ms;
    tsdb_options store;
    web_options web;
    bool lookback_given;
    monitor_log log;
    int report_fd; /* 0: none. Else it was started by a logger */
} monitor_settings;

bool monitor_take(void *settings, int id, const char *value, ifm_error *err);
/* What is to be said behind the URL; "" for nothing. */
const char *monitor_settings_note(const monitor_settings *settings);
/* What was not given gets its default. */
void monitor_settings_complete(monitor_settings *settings);
/* Flags and their values for the API, sorted, in `arena`; NULL: out of memory. */
const web_flag *monitor_settings_flags(const monitor_settings *settings, const char *data_folder,
                                       ifm_bump *arena, size_t *count);

/* --- The parts ------------------------------------------------------------------------------------- */

struct monitor {
    monitor_settings *settings;
    monitor_place place;
    bool is_ready; /* it came so far */
    bool in_place; /* it is this user's monitor: the store is where it is by default, and the lock is ours */
    const char *data;
    ifm_bump arena; /* for as long as it runs */
    const config_web *web_config;
    ifm_registry *registry;
    tsdb *db;
    scrape_manager *scrape;
    rules_manager *rules;
    web_server *web;
    int wake_fd; /* eventfd: somebody asked over HTTP to quit */

    /* Held through a reload, one at a time; protects `scrape` and `rules` until we are ready. */
    pthread_mutex_t reload_lock;
    pthread_mutex_t lock; /* protects the following */
    const config_file *config;
    bool reload_ok;
    int64_t reload_ms; /* when the configuration in use was read */
};

/* The configuration: that of the file, or without one what the flags say. `monitor->web` may be NULL; then
 * it does not scrape itself. Errors: as config_load(). */
const config_file *monitor_config_read(const struct monitor *monitor, ifm_error *err);
/* The text of the configuration without a file, for tests. */
bool monitor_config_render(const struct monitor *monitor, const char *own_url, ifm_buf *out, ifm_error *err);

/* Reads the configuration again; on false the old one goes on. Any thread. */
bool monitor_reload(struct monitor *monitor, ifm_error *err);
/* The configuration of the moment, acquired. Any thread. */
const config_file *monitor_config_now(struct monitor *monitor);

/* The rules that go with a configuration: those of its files, or those that the program carries. Errors: as
 * rules_load(). */
rules_set *monitor_rules_load(const struct monitor *monitor, const config_file *config, ifm_error *err);
/* Begins to evaluate `set`, which is taken over. */
bool monitor_rules_start(struct monitor *monitor, rules_set *set, ifm_error *err);

/* Says in the log what of it changes nothing. */
void monitor_config_warn(const config_file *config);

/* Registers what the monitor tells of itself. */
bool monitor_metrics_register(struct monitor *monitor, ifm_error *err);

/* The same of its rules. */
bool monitor_rules_metrics_register(struct monitor *monitor, ifm_error *err);

/* Starts everything, runs until a signal, and stops. Returns what the program ends with. */
int monitor_main(const cmd_call *call, monitor_settings *settings);

/* A logger's monitor: the one that runs, or this process. True: `place` is locked, go on. False: it is over,
 * and was reported; *status is what the program ends with. */
bool monitor_embedded_begin(const monitor_settings *settings, monitor_place *place, int *status);
/* One line for whoever started us: "OK URL", "OK URL NOTE", "CODE SENTENCE". `fd` 0: nobody did. */
void monitor_report_ok(int fd, const char *url, const char *note);
void monitor_report_error(int fd, const ifm_error *err);

#endif

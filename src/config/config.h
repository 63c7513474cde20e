/* SPDX-License-Identifier: Apache-2.0
 *
 * Layer 3. The configuration file of a monitor: Prometheus's format, a strict subset with the same names,
 * and the same meaning and defaults (the scrape interval alone is 5 s). An unknown key, or one of Prometheus
 * that we do not have, is an error with file, line and column. Also relabelling, files of rules, and the file
 * of --web.config.file.
 *
 * Thread-safety: a configuration is constant once it was loaded, and counted by references; relabelling
 * needs a configuration of one's own thread's (its regular expressions have scratch memory): scraping only.
 */
#ifndef IFM_CONFIG_H
#define IFM_CONFIG_H

#include "base/base.h"
#include "http/http.h"
#include "model/model.h"

typedef enum config_relabel_action {
    CONFIG_RELABEL_REPLACE,
    CONFIG_RELABEL_KEEP,
    CONFIG_RELABEL_DROP,
    CONFIG_RELABEL_KEEP_EQUAL,
    CONFIG_RELABEL_DROP_EQUAL,
    CONFIG_RELABEL_HASHMOD,
    CONFIG_RELABEL_LABELMAP,
    CONFIG_RELABEL_LABELDROP,
    CONFIG_RELABEL_LABELKEEP,
    CONFIG_RELABEL_LOWERCASE,
    CONFIG_RELABEL_UPPERCASE
} config_relabel_action;

typedef struct config_relabel {
    config_relabel_action action;
    const model_text *sources;
    size_t source_count;
    model_text separator;
    model_text regex_text;
    model_regex *regex;
    uint64_t modulus;
    model_text target;
    model_text replacement;
} config_relabel;

typedef struct config_relabels {
    const config_relabel *items;
    size_t count;
} config_relabels;

/* What becomes of `labels`; *keep false: dropped. In `arena`. Errors: IFM_LIMIT (a regular expression),
 * IFM_NOMEM. */
bool config_relabel_apply(const config_relabels *relabels, model_labels labels, ifm_bump *arena,
                          model_labels *out, bool *keep, ifm_error *err);

/* Appends `text` with all letters, of any script, in upper or lower case. Bytes that are no UTF-8 become
 * U+FFFD, as in Go. */
void config_change_case(ifm_buf *out, model_text text, bool upper);

typedef struct config_target_group { /* of static_configs, and of what a discovery found */
    const model_text *targets;       /* "host:port" */
    size_t target_count;
    model_labels labels;
    const char *source; /* "0", a file, a URL */
} config_target_group;

typedef struct config_file_sd {
    const char *const *files; /* patterns, relative ones to the configuration file; ends with NULL */
    int64_t refresh_ms;
} config_file_sd;

typedef struct config_http_sd {
    const char *url;
    int64_t refresh_ms;
    http_options http;
} config_http_sd;

typedef enum config_protocol {
    CONFIG_PROTOCOL_PROTOBUF,      /* PrometheusProto */
    CONFIG_PROTOCOL_OPENMETRICS_1, /* OpenMetricsText1.0.0 */
    CONFIG_PROTOCOL_OPENMETRICS_0, /* OpenMetricsText0.0.1 */
    CONFIG_PROTOCOL_TEXT_1,        /* PrometheusText1.0.0 */
    CONFIG_PROTOCOL_TEXT_0,        /* PrometheusText0.0.4 */
    CONFIG_PROTOCOL_COUNT,
    CONFIG_PROTOCOL_NONE = CONFIG_PROTOCOL_COUNT
} config_protocol;

typedef struct config_scrape {
    const char *job_name;
    int64_t interval_ms, timeout_ms;
    const char *metrics_path; /* "/metrics" */
    const char *scheme;       /* "http" */
    const char *params;       /* as they stand in the URL, encoded, "" for none; for labels __param_ too */
    const model_label *param_labels; /* __param_NAME: its first value */
    size_t param_label_count;
    bool honor_labels, honor_timestamps, track_timestamps_staleness;
    bool enable_compression;
    bool scrape_classic_histograms; /* always_scrape_classic_histograms */
    bool scrape_native_histograms;
    bool convert_classic_to_nhcb;
    config_protocol protocols[CONFIG_PROTOCOL_COUNT];
    size_t protocol_count;
    config_protocol fallback_protocol; /* or CONFIG_PROTOCOL_NONE */
    uint64_t body_size_limit;          /* bytes; 0: SCRAPE_BODY_BYTES_MAX */
    uint64_t sample_limit, label_limit, label_name_length_limit, label_value_length_limit, target_limit;
    uint64_t keep_dropped_targets, native_histogram_bucket_limit;
    double native_histogram_min_bucket_factor;
    http_options http;
    const config_target_group *static_groups;
    size_t static_group_count;
    const config_file_sd *file_sds;
    size_t file_sd_count;
    const config_http_sd *http_sds;
    size_t http_sd_count;
    config_relabels relabels, metric_relabels;
} config_scrape;

typedef struct config_alertmanager {
    const char *scheme, *path_prefix;
    int64_t timeout_ms;
    http_options http;
    const config_target_group *static_groups;
    size_t static_group_count;
    const config_file_sd *file_sds;
    size_t file_sd_count;
    const config_http_sd *http_sds;
    size_t http_sd_count;
    config_relabels relabels, alert_relabels;
} config_alertmanager;

typedef struct config_remote_write {
    const char *url, *name;
    int64_t timeout_ms;
    bool protobuf_2, send_exemplars, send_native_histograms;
    http_options http;
    config_relabels relabels;
    struct {
        uint64_t capacity, max_shards, min_shards, max_samples_per_send;
        int64_t batch_send_deadline_ms, min_backoff_ms, max_backoff_ms, sample_age_limit_ms;
        bool retry_on_http_429;
    } queue;
} config_remote_write;

typedef struct config_file {
    const char *path; /* NULL: made without a file */
    const char *text; /* canonical YAML with defaults, secrets as <secret>: for /api/v1/status/config */
    int64_t scrape_interval_ms, scrape_timeout_ms, evaluation_interval_ms, rule_query_offset_ms;
    model_labels external_labels;
    const config_scrape *scrapes;
    size_t scrape_count;
    const char *const *rule_files; /* patterns; ends with NULL */
    config_relabels alert_relabels;
    const config_alertmanager *alertmanagers;
    size_t alertmanager_count;
    const config_remote_write *remote_writes;
    size_t remote_write_count;
    int64_t out_of_order_window_ms; /* storage.tsdb */
    int64_t retention_ms;           /* storage.tsdb.retention.time; 0: not set */
    uint64_t retention_bytes;
    uint64_t exemplars_max; /* storage.exemplars.max_exemplars; 0: not set */
} config_file;

/* With one reference. Errors: IFM_INVALID ("FILE:LINE:COLUMN: ..."; offset is not set), IFM_IO, IFM_LIMIT,
 * IFM_NOMEM. */
const config_file *config_load(const char *path, ifm_error *err);
/* The same from text; `path` is for messages and for relative file names, and may be NULL. */
const config_file *config_parse(const char *text, size_t size, const char *path, ifm_error *err);
const config_file *config_acquire(const config_file *config);
void config_release(const config_file *config); /* NULL is accepted */

/* Target groups from the text of a file of file_sd_configs (YAML or JSON), or an answer for http_sd_configs;
 * `source` is "FILE" or the URL. In `arena`. Targets may be any text: whether one can be asked is known once
 * it was relabelled. */
bool config_target_groups_parse(const char *text, size_t size, const char *source, ifm_bump *arena,
                                const config_target_group **out, size_t *count, ifm_error *err);

/* Where something stands in a file, from 1. */
typedef struct config_place {
    uint32_t line, column;
} config_place;

typedef struct config_rule_label {
    model_text name, value; /* an empty value takes the label away */
    config_place place;     /* of the value */
} config_rule_label;

typedef struct config_rule_labels { /* sorted by name */
    const config_rule_label *items;
    size_t count;
} config_rule_labels;

typedef struct config_rule {
    model_text record, alert; /* one of them is empty */
    model_text expr;          /* not parsed */
    config_place place, expr_place;
    int64_t for_ms, keep_firing_for_ms;
    config_rule_labels labels; /* those of the group are among them */
    config_rule_labels annotations;
} config_rule;

typedef struct config_rule_group {
    model_text name;
    config_place place;
    int64_t interval_ms;     /* 0: the evaluation interval */
    int64_t query_offset_ms; /* -1: that of the configuration */
    uint64_t limit;          /* 0: none */
    config_rule_labels labels;
    const config_rule *rules;
    size_t rule_count;
} config_rule_group;

/* A file of Prometheus's rules, in `arena`, checked but for its expressions and templates. `path` is for
 * messages. Errors: IFM_INVALID ("PATH:LINE:COLUMN: ..."), IFM_LIMIT, IFM_NOMEM. */
bool config_rules_parse(model_text text, const char *path, ifm_bump *arena, const config_rule_group **out,
                        size_t *count, ifm_error *err);

typedef struct config_web_user {
    const char *name, *hash;
} config_web_user;

/* --web.config.file: tls_server_config, basic_auth_users, http_server_config. */
typedef struct config_web {
    const char *cert_file, *key_file, *client_ca_file; /* NULL: not set; relative ones to the file */
    const char *client_auth_type, *min_version, *max_version;
    const config_web_user *users;
    size_t user_count;
    bool no_http2;
    const model_label *headers;
    size_t header_count;
} config_web;

const config_web *config_web_load(const char *path, ifm_error *err);
void config_web_free(const config_web *web);

/* "1h30m", "0"; "512MB". False when it is none. */
bool config_duration(model_text text, int64_t *out_ms);
bool config_size(model_text text, uint64_t *out);
/* "5s" as Prometheus prints it. */
void config_duration_print(int64_t ms, ifm_buf *out);

#endif

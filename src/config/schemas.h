/* SPDX-License-Identifier: Apache-2.0
 *
 * The tables of keys, each in the file that bears its name.
 *
 * Thread-safety: constant.
 */
#ifndef CONFIG_SCHEMAS_H
#define CONFIG_SCHEMAS_H

#include "config/reader.h"

extern const config_schema config_relabel_schema;      /* config_relabel */
extern const config_schema config_http_schema;         /* http_options; its keys stand in other mappings */
extern const config_schema config_tls_schema;          /* http_options: tls_config */
extern const config_schema config_static_schema;       /* config_target_group */
extern const config_schema config_file_sd_schema;      /* config_file_sd */
extern const config_schema config_http_sd_schema;      /* config_http_sd */
extern const config_schema config_unsupported_sds;     /* inline: discoveries that we have not */
extern const config_schema config_scrape_schema;       /* config_scrape */
extern const config_schema config_alertmanager_schema; /* config_alertmanager */
extern const config_schema config_remote_write_schema; /* config_remote_write */
extern const config_schema config_global_schema;       /* config_global */
extern const config_schema config_root_schema;         /* config_root */

/* What scrape configs take over. */
typedef struct config_global {
    int64_t scrape_interval_ms, scrape_timeout_ms, evaluation_interval_ms, rule_query_offset_ms;
    model_labels external_labels;
    config_protocol protocols[CONFIG_PROTOCOL_COUNT];
    size_t protocol_count; /* 0: the default, which depends on native histograms */
    uint64_t body_size_limit, sample_limit, label_limit, label_name_length_limit, label_value_length_limit;
    uint64_t target_limit, keep_dropped_targets;
    bool scrape_native_histograms, scrape_classic_histograms, convert_classic_to_nhcb;
} config_global;

extern const config_global config_global_defaults;

typedef struct config_root {
    config_global global;
    config_file file;
} config_root;

/* "headers" of remote_write: they are added to http_options.headers, and printed as "http_headers". */
bool config_read_remote_headers(config_reader *reader, const config_node *node, void *at, ifm_error *err);

/* The list of "scrape_protocols". */
bool config_read_protocols(config_reader *reader, const config_node *node, config_protocol *out,
                           size_t *count, ifm_error *err);
void config_print_protocols(const char *name, const config_protocol *protocols, size_t count, int indent,
                            ifm_buf *out);
/* What is asked for when the configuration does not say it. */
size_t config_protocols_default(bool native_histograms, config_protocol *out);

/* Refuses what cannot be a target among the static_configs of `node`, which was read. With relabel_configs
 * any text may become one, as in Prometheus: an address that is to be a parameter is a URL before. */
bool config_static_check(config_reader *reader, const config_node *node, ifm_error *err);

/* static_configs of a target group that came from elsewhere get their `source`. */
bool config_sources_set(config_reader *reader, config_target_group *groups, size_t count, ifm_error *err);

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * The rules of a monitor: those that its configuration names, or without a file those that the program
 * carries, which "inferometer stack" gives to Prometheus.
 */
#include "assets/assets.h"
#include "cmd/monitor.h"

#include <stdio.h>
#include <string.h>

enum { BUILT_IN_MAX = 8, NAME_SIZE = 128 };

#define BUILT_IN "rules/"

rules_set *monitor_rules_load(const struct monitor *monitor, const config_file *config, ifm_error *err)
{
    char names[BUILT_IN_MAX][NAME_SIZE]; /* as the API shows them */
    rules_text texts[BUILT_IN_MAX];
    size_t count = 0;
    bool built_in = monitor->settings->given[MONITOR_CONFIG_FILE] == NULL;
    const assets_file *file = built_in ? assets_next(BUILT_IN, NULL) : NULL;
    for (; file != NULL && count < BUILT_IN_MAX; file = assets_next(BUILT_IN, file)) {
        snprintf(names[count], NAME_SIZE, "built-in/%s", file->path + sizeof BUILT_IN - 1);
        texts[count] = (rules_text){.name = names[count], .bytes = file->bytes, .size = file->size};
        count++;
    }
    const rules_source source = {.config = config, .texts = texts, .text_count = count};
    return rules_load(&source, err);
}

bool monitor_rules_start(struct monitor *monitor, rules_set *set, ifm_error *err)
{
    const monitor_settings *settings = monitor->settings;
    const char *url = settings->web.external_url;
    const rules_options options = {.db = monitor->db,
                                   .engine = settings->web.engine,
                                   .query_timeout_ms = settings->web.query_timeout_ms,
                                   .external_url = url != NULL ? url : web_server_url(monitor->web)};
    monitor->rules = rules_manager_new(&options, err);
    if (monitor->rules == NULL) {
        rules_set_free(set);
        return false;
    }
    rules_manager_apply(monitor->rules, set);
    web_server_set_rules(monitor->web, monitor->rules);
    return true;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * Layer 4. Finds targets, asks each at its time, and appends what it says to the store.
 *
 * One thread does it all: requests run at the same time, answers are parsed one after another. A target that
 * hangs, lies or floods costs its own scrape.
 *
 * Thread-safety: any thread.
 */
#ifndef IFM_SCRAPE_H
#define IFM_SCRAPE_H

#include "config/config.h"
#include "tsdb/tsdb.h"

typedef struct scrape_manager scrape_manager;

typedef struct scrape_options {
    tsdb *db;
    const ifm_os_clock *clock; /* NULL: real */
    const char *user_agent;
    bool no_thread; /* for tests: scrape_manager_step() does what is due */
} scrape_options;

scrape_manager *scrape_manager_new(const scrape_options *options, ifm_error *err);
/* Stops. No staleness markers are appended: a restart is no gap. */
void scrape_manager_free(scrape_manager *manager);

/* Takes over a configuration (a reference is taken): targets that stay keep their loops. On false the old one
 * goes on. */
bool scrape_manager_apply(scrape_manager *manager, const config_file *config, ifm_error *err);

/* Tests: does what is due, waiting at most `wait_ms`. */
void scrape_manager_step(scrape_manager *manager, int64_t wait_ms);

typedef enum scrape_health { SCRAPE_UNKNOWN, SCRAPE_UP, SCRAPE_DOWN } scrape_health;

typedef struct scrape_target_info { /* one of /api/v1/targets; copies in the arena */
    const char *pool;
    model_labels discovered;
    model_labels labels; /* without those that begin with "__" */
    const char *url;
    const char *last_error; /* "" */
    int64_t last_scrape_ms; /* 0: never */
    double last_scrape_duration_s;
    scrape_health health;
    int64_t interval_ms, timeout_ms;
} scrape_target_info;

typedef struct scrape_targets {
    const scrape_target_info *active;
    size_t active_count;
    const scrape_target_info *dropped; /* pool and discovered labels */
    size_t dropped_count;
} scrape_targets;

bool scrape_targets_list(scrape_manager *manager, ifm_bump *arena, scrape_targets *out, ifm_error *err);

typedef struct scrape_pool_info {
    const char *name;
    size_t active, dropped;
} scrape_pool_info;
bool scrape_pools_list(scrape_manager *manager, ifm_bump *arena, const scrape_pool_info **out, size_t *count,
                       ifm_error *err);

typedef struct scrape_metadata {
    model_text metric, type, help, unit;
    model_labels target; /* empty where it was not asked for */
} scrape_metadata;

/* What targets said of their metrics: sorted by metric; each different one once, or with `by_target` one for
 * each target. `metric` empty: all. */
bool scrape_metadata_list(scrape_manager *manager, model_text metric, bool by_target, ifm_bump *arena,
                          const scrape_metadata **out, size_t *count, ifm_error *err);

typedef struct scrape_stats {
    uint64_t scrapes, failed_scrapes, samples;
    uint64_t out_of_order, duplicates, out_of_bounds, sample_limit, label_limit, body_limit,
        pool_target_limit;
    uint64_t cache_entries, config_reloads;
    uint32_t targets, targets_up;
} scrape_stats;
void scrape_stats_now(scrape_manager *manager, scrape_stats *out);

#endif

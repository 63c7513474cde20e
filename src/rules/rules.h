/* SPDX-License-Identifier: Apache-2.0
 *
 * Layer 5. Recording and alerting rules as Prometheus evaluates them: files are read and checked at once
 * (rules_load), a manager evaluates each group at its interval and appends what comes out to the store.
 *
 * One thread evaluates all groups, one after another: what a group costs is said by its metrics, and a rule
 * that takes longer than a query may is stopped.
 *
 * Thread-safety: any thread. A set that was loaded is one thread's until it is handed over.
 */
#ifndef IFM_RULES_H
#define IFM_RULES_H

#include "config/config.h"
#include "promql/promql.h"
#include "tsdb/tsdb.h"

/* ---- Files ---- */

typedef struct rules_set rules_set; /* groups that were read, and not yet evaluated */

typedef struct rules_text { /* a file of rules that the program carries */
    const char *name, *bytes;
    size_t size;
} rules_text;

typedef struct rules_source {
    const config_file *config; /* its rule_files, intervals and external labels; a reference is taken */
    const rules_text *texts;   /* beside those files */
    size_t text_count;
} rules_source;

/* Errors: IFM_INVALID ("FILE:LINE:COLUMN: ..."), IFM_IO, IFM_LIMIT, IFM_NOMEM. */
rules_set *rules_load(const rules_source *source, ifm_error *err);
void rules_set_free(rules_set *set); /* NULL is accepted */

typedef struct rules_duplicate { /* for "check rules": two that record or alert the same */
    const char *name;
    model_labels labels;
    config_place place;
} rules_duplicate;

typedef struct rules_file_report {
    size_t groups, rules;
    const rules_duplicate *duplicates; /* each but the first */
    size_t duplicate_count;
} rules_file_report;

/* Checks the text of one file as rules_load() does; the report is in `arena`. */
bool rules_check(model_text text, const char *path, ifm_bump *arena, rules_file_report *out, ifm_error *err);

/* ---- Evaluating ---- */

typedef struct rules_manager rules_manager;

typedef struct rules_options {
    tsdb *db;
    const ifm_os_clock *clock;    /* NULL: real */
    promql_engine_options engine; /* `interrupted` is not used; zeroed: defaults */
    int64_t query_timeout_ms;     /* 0: two minutes */
    const char *external_url;     /* for templates; copied */
    bool no_thread;               /* for tests: rules_manager_step() does what is due */
} rules_options;

rules_manager *rules_manager_new(const rules_options *options, ifm_error *err);
/* Cancels the query that runs, and evaluates nothing any more: who ends may have to wait for somebody who
 * waits in rules_manager_apply(). rules_manager_free() follows. NULL is accepted. */
void rules_manager_cancel(rules_manager *manager);
/* Stops; a query that runs is cancelled. No staleness markers are appended: a restart is no gap. */
void rules_manager_free(rules_manager *manager); /* NULL is accepted */

/* Takes `set` over: groups that are as they were go on, what others have in common with those before (the
 * state of alerts, the series that they left) is kept. Does not wait for a slow query: one that runs is
 * given up, and begins anew if its group is as it was. */
void rules_manager_apply(rules_manager *manager, rules_set *set);

/* Tests: evaluates the groups that are due. Returns in how many nanoseconds the next one is, -1: never. */
int64_t rules_manager_step(rules_manager *manager);

/* ---- Looking ---- */

typedef enum rules_health { RULES_UNKNOWN, RULES_OK, RULES_ERR } rules_health;

/* In the order of how bad it is. */
typedef enum rules_state {
    RULES_STATE_UNKNOWN, /* of a rule that was not evaluated yet */
    RULES_STATE_INACTIVE,
    RULES_STATE_PENDING,
    RULES_STATE_FIRING
} rules_state;

typedef struct rules_alert {
    model_labels labels, annotations;
    rules_state state;
    int64_t active_ms, keep_firing_since_ms; /* 0: it does not only keep firing */
    double value;
} rules_alert;

typedef struct rules_rule {
    bool is_alert;
    const char *name, *query;
    model_labels labels, annotations; /* as they stand in the file */
    rules_health health;
    const char *last_error; /* "" */
    double evaluation_s;
    int64_t last_evaluation_ms; /* 0: never */
    /* of alerts */
    double for_s, keep_firing_for_s;
    rules_state state;
    const rules_alert *alerts; /* pending and firing ones, by their labels */
    size_t alert_count;
} rules_rule;

typedef struct rules_group {
    const char *name, *file;
    double interval_s, evaluation_s;
    int64_t limit, last_evaluation_ms; /* 0: never */
    const rules_rule *rules;
    size_t rule_count;
    /* for metrics */
    uint64_t evaluations, failures, iterations, missed;
    uint64_t last_samples;
    double last_rules_s, restore_s, last_timestamp_s;
} rules_group;

/* All groups, by file and name, copied to `arena`. Errors: IFM_LIMIT, IFM_NOMEM. */
bool rules_groups_list(rules_manager *manager, bool with_alerts, ifm_bump *arena, const rules_group **out,
                       size_t *count, ifm_error *err);

typedef struct rules_stats {
    uint64_t evaluations, iterations;
    double evaluation_s, iteration_s; /* sums of all of them */
} rules_stats;
void rules_stats_now(rules_manager *manager, rules_stats *out);

const char *rules_state_name(rules_state state);    /* "firing" */
const char *rules_health_name(rules_health health); /* "ok" */

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of rules share.
 *
 *     config_rules_parse --load.c--> group, rule --group.c, at its time--> recording.c, alerting.c --> store
 *
 * Thread-safety:
 * R1  what was read from files is constant.
 * R2  `evaluating` of the manager is held through the evaluation of a group and through an apply: who holds
 *     it may read the state of groups, and nobody else changes it.
 * R3  the state is changed with `lock` held as well, so who holds only `lock` may read it. Order: evaluating,
 *     then lock. No query runs and nothing is appended under `lock`.
 * R4  who wants `evaluating` for an apply says so first (`wanted`): the query that runs is given up, so that
 *     nobody waits for a slow one. Its group goes on with that rule, for the same time, if it is still there.
 */
#ifndef RULES_IMPL_H
#define RULES_IMPL_H

#include "rules/limits.h"
#include "rules/rules.h"
#include "rules/template.h"

#include <pthread.h>
#include <stdatomic.h>

/* ---- Sets of labels of their own, each one piece of memory: labels.c ---- */

/* ifm_free() frees the items. NULL items: out of memory. */
model_labels rules_labels_pack(model_labels labels);

/* ---- The series that a rule left: series.c ---- */

typedef struct rules_series {
    model_labels labels; /* packed */
    uint64_t hash;
    tsdb_ref ref;
    uint64_t seen; /* the evaluation that appended it last */
} rules_series;

typedef struct rules_series_set {
    rules_series *items;
    size_t count;
    uint32_t *table; /* index + 1 by hash, open addressing; of a power of two */
    size_t table_size;
} rules_series_set;

/* The entry with these labels, made when there is none; NULL: out of memory. */
rules_series *rules_series_find(rules_series_set *set, model_labels labels);
/* Keeps those that `seen` says were there, frees the others. */
void rules_series_keep(rules_series_set *set, uint64_t seen);
void rules_series_free(rules_series_set *set);

/* ---- Alerts: alerting.c ---- */

typedef struct alert {
    model_labels labels, annotations; /* packed */
    uint64_t hash;
    rules_state state; /* inactive: it is over, and kept for a while */
    int64_t active_ns;
    int64_t resolved_ns, keep_firing_since_ns; /* 0: not */
    double value;
    bool found; /* by the evaluation that goes on */
} alert;

/* ---- Rules ---- */

typedef struct rule_template { /* a label or an annotation */
    model_text name;
    model_text text;                /* as it stands in the file */
    const rules_template *template; /* of alerts alone */
} rule_template;

typedef struct rule_templates {
    const rule_template *items;
    size_t count;
} rule_templates;

typedef struct rule {
    bool is_alert;
    const char *name;
    const char *query; /* printed */
    const promql_node *tree;
    int64_t for_ns, keep_firing_for_ns;
    rule_templates labels, annotations;
    model_labels shown_labels, shown_annotations;
    config_place place;

    /* The state. */
    rules_health health;
    char *last_error; /* NULL: none */
    double evaluation_s;
    int64_t last_evaluation_ms;
    bool restored;        /* ALERTS is written */
    bool template_failed; /* which was said in the log */
    alert *alerts;
    size_t alert_count;
    rules_series_set series;
    uint64_t evaluations; /* rules_series.seen */
} rule;

typedef struct rules_half { /* R4: an evaluation of a group that is not through */
    bool begun;
    size_t rule;       /* to be evaluated next */
    unsigned given_up; /* how often */
    uint64_t samples;
    double rules_s;
    int64_t begun_ns, begun_ms;
} rules_half;

typedef struct group {
    /* Read from a file. */
    struct group *next_read;
    ifm_bump arena; /* of all that was read */
    const char *name, *file;
    int64_t interval_ns, query_offset_ms;
    int64_t limit;
    rule *rules;
    size_t rule_count;

    /* The state. */
    tsdb_group *samples;
    int64_t eval_ns; /* wall clock: the time that is evaluated next, or was last */
    int64_t due_ns;  /* monotonic: when */
    bool should_restore;
    rules_half half;
    uint64_t runs;          /* how often it was evaluated since it is here */
    rules_series_set stale; /* of rules that are gone: to be marked at the next evaluation */
    double evaluation_s;
    int64_t last_evaluation_ms;
    uint64_t eval_total, failures, iterations, missed, last_samples;
    double last_rules_s, restore_s, last_timestamp_s;
} group;

struct rules_set {
    group **groups; /* by file and name */
    size_t count;
    const config_file *config;
};

typedef struct leftover { /* the series of a group that is gone */
    struct leftover *next;
    rules_series_set series;
    tsdb_group *samples;
    int64_t due_ns;
    int64_t end_ms; /* the time of their markers: when the group went */
} leftover;

struct rules_manager {
    rules_options options;
    const ifm_os_clock *clock;
    char *external_url;
    storage *from;
    pthread_t thread;
    pthread_mutex_t evaluating; /* R2 */
    pthread_mutex_t lock;       /* R3; protects `groups` and the state of each */
    pthread_cond_t wake;        /* with `lock`: something is due earlier, or it is over */
    bool woken;
    bool applying; /* with `lock`: the thread lets go of `evaluating` for a moment */
    atomic_bool stopping;
    atomic_bool wanted;        /* R4; relaxed: it is seen a query's check later */
    bool may_give_up, gave_up; /* of who holds `evaluating` */
    bool started;              /* the first set was applied: what comes later has nothing to restore */
    rules_set *set;
    leftover *leftovers;
    rules_stats stats;
};

/* ---- load.c ---- */

void rules_group_free(group *g);
int rules_group_compare(const group *a, const group *b); /* by file and name */

/* ---- query.c ---- */

/* Evaluates at a time; a scalar becomes one sample without labels. `out` is to be freed with
 * promql_result_free() if it succeeds; its type is a vector then. */
bool rules_query(rules_manager *manager, const promql_query *query, promql_result *out, ifm_error *err);
/* The same for templates; `context` is a rules_query_context. */
typedef struct rules_query_context {
    rules_manager *manager;
    int64_t time_ms;
    int64_t end_ns; /* monotonic: when all templates of a rule have to be through */
} rules_query_context;
bool rules_query_template(void *context, model_text expr, ifm_bump *arena, rules_vector *out, ifm_error *err);
ifm_code rules_query_interrupted(void *context);
/* When a query, or the templates of a rule, that begin now have to end. */
int64_t rules_query_end(const rules_manager *manager);

/* ---- recording.c, alerting.c: what a rule comes to ---- */

typedef struct rule_point {
    model_labels labels;
    double value;
    const model_histogram *histogram;
} rule_point;

typedef struct rule_points {
    rule_point *items;
    size_t count;
} rule_points;

typedef struct rule_time {
    int64_t eval_ns;  /* of the evaluation */
    int64_t query_ms; /* of the query and of the samples: the offset before */
} rule_time;

/* What is to be appended, in `arena`; `result` is what the points may point into. */
bool rules_record(rules_manager *manager, const group *g, const rule *r, rule_time time, ifm_bump *arena,
                  promql_result *result, rule_points *out, ifm_error *err);
bool rules_alert_eval(rules_manager *manager, const group *g, rule *r, rule_time time, ifm_bump *arena,
                      rule_points *out, ifm_error *err);
/* Whether two of them have the same labels. */
bool rules_points_unique(const rule_points *points, ifm_bump *arena);
void rules_alerts_free(rule *r);
rules_state rules_rule_state(const rule *r);

/* ---- restore.c ---- */

/* Takes over since when alerts were active before the restart. */
void rules_restore(rules_manager *manager, group *g);

/* ---- group.c ---- */

/* One evaluation at g->eval_ns, or the rest of one, with `evaluating` held. False: it was given up, R4. */
bool rules_group_eval(rules_manager *manager, group *g);
/* When `g` is evaluated for the first time. */
void rules_group_schedule(rules_manager *manager, group *g);
/* What `g` has in common with the group that it takes the place of moves over. With both locks held. */
void rules_group_take_over(group *g, group *from);
/* Marks the end of series. */
void rules_mark_stale(rules_manager *manager, tsdb_group *samples, rules_series_set *series, int64_t time_ms);

#endif

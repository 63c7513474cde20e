/* SPDX-License-Identifier: Apache-2.0
 *
 * One evaluation of a group: its rules in their order, each in a batch of its own, so that what one records
 * the next one sees.
 */
#include "rules/impl.h"

#include <stdio.h>

enum { ARENA_BYTES_MAX = 512 * 1024 * 1024 };

static rule_time time_of(const group *g)
{
    int64_t eval_ms = g->eval_ns / 1000000 - (g->eval_ns % 1000000 < 0);
    return (rule_time){.eval_ns = g->eval_ns, .query_ms = eval_ms - g->query_offset_ms};
}

/* ---- Appending ---- */

/* A ref that the store has forgotten is looked up again. */
static tsdb_verdict append(tsdb_batch *batch, rules_series *series, const tsdb_sample *sample, ifm_error *err)
{
    tsdb_verdict verdict =
        series->ref == 0 ? TSDB_GONE : tsdb_batch_append_sample(batch, series->ref, sample);
    if (verdict == TSDB_GONE && tsdb_batch_series(batch, series->labels, &series->ref, NULL, err)) {
        verdict = tsdb_batch_append_sample(batch, series->ref, sample);
    }
    return verdict;
}

static bool check_verdict(tsdb_verdict verdict, ifm_error *err)
{
    switch (verdict) {
    case TSDB_ACCEPTED:
        return true;
    case TSDB_OUT_OF_ORDER:
        return ifm_error_set(err, IFM_INVALID, "out of order sample");
    case TSDB_DUPLICATE:
        return ifm_error_set(err, IFM_INVALID, "duplicate sample for timestamp");
    case TSDB_TOO_OLD:
        return ifm_error_set(err, IFM_INVALID, "too old sample");
    default:
        return false; /* as the store said */
    }
}

/* *problem: some were refused. False: out of memory. */
static bool append_points(tsdb_batch *batch, rule *r, const rule_points *points, int64_t time_ms,
                          ifm_error *problem)
{
    for (size_t i = 0; i < points->count; i++) {
        const rule_point *point = &points->items[i];
        const tsdb_sample sample = {.time_ms = time_ms, .value = point->value, .histogram = point->histogram};
        rules_series *series = rules_series_find(&r->series, point->labels);
        if (series == NULL) {
            return false;
        }
        if (check_verdict(append(batch, series, &sample, problem), problem)) {
            series->seen = r->evaluations;
        }
    }
    return true;
}

/* What an earlier evaluation left, and this one did not. */
static void append_stale(tsdb_batch *batch, rules_series_set *set, uint64_t seen, int64_t time_ms)
{
    const tsdb_sample marker = {.time_ms = time_ms, .value = model_from_bits(MODEL_STALE_BITS)};
    for (size_t i = 0; i < set->count; i++) {
        ifm_error ignored; /* it ends all the same, five minutes later */
        if (set->items[i].seen != seen && set->items[i].seen != 0) {
            (void)append(batch, &set->items[i], &marker, &ignored);
        }
    }
}

void rules_mark_stale(rules_manager *manager, tsdb_group *samples, rules_series_set *series, int64_t time_ms)
{
    ifm_error err;
    tsdb_batch *batch =
        series->count == 0 ? NULL : tsdb_batch_begin(manager->options.db, samples, time_ms, &err);
    if (batch != NULL) {
        append_stale(batch, series, UINT64_MAX, time_ms);
        (void)!tsdb_batch_commit(batch, &err);
    }
    rules_series_free(series);
}

/* *problem: a sample was refused, the others are stored. */
static bool store(rules_manager *manager, const group *g, rule *r, const rule_points *points,
                  ifm_error *problem, ifm_error *err)
{
    int64_t time_ms = time_of(g).query_ms;
    bool idle = points->count == 0 && r->series.count == 0;
    if (idle) {
        return true;
    }
    tsdb_batch *batch = tsdb_batch_begin(manager->options.db, g->samples, time_ms, err);
    if (batch == NULL) {
        return false;
    }
    r->evaluations++;
    if (!append_points(batch, r, points, time_ms, problem)) {
        tsdb_batch_rollback(batch);
        return ifm_error_nomem(err);
    }
    append_stale(batch, &r->series, r->evaluations, time_ms);
    if (!tsdb_batch_commit(batch, err)) {
        return false;
    }
    rules_series_keep(&r->series, r->evaluations);
    return true;
}

/* ---- One rule ---- */

typedef struct outcome {
    bool ok;
    ifm_error err;
    size_t samples;
    int64_t begun_ns, begun_ms;
} outcome;

/* False: it was given up for somebody who wants to apply another set, and nothing came of it. */
static bool evaluate(rules_manager *manager, group *g, rule *r, outcome *out)
{
    ifm_bump arena;
    promql_result result = {.type = PROMQL_TYPE_NONE};
    rule_points points = {NULL, 0};
    ifm_error problem = {.code = IFM_OK};
    ifm_bump_init(&arena, ARENA_BYTES_MAX);
    manager->gave_up = false;
    out->ok = r->is_alert ? rules_alert_eval(manager, g, r, time_of(g), &arena, &points, &out->err)
                          : rules_record(manager, g, r, time_of(g), &arena, &result, &points, &out->err);
    bool given_up = !out->ok && out->err.code == IFM_CANCELED && manager->gave_up;
    if (out->ok) {
        out->samples = points.count;
        out->ok = store(manager, g, r, &points, &problem, &out->err);
    }
    if (out->ok && problem.code != IFM_OK) {
        out->ok = false;
        out->err = problem;
    }
    promql_result_free(&result);
    ifm_bump_deinit(&arena);
    return !given_up;
}

/* Says so in the log when it begins to fail, and when it fails otherwise. */
static void note_failure(const group *g, rule *r, const ifm_error *err)
{
    char *text = ifm_copy_text(err->message);
    if (r->last_error == NULL || strcmp(r->last_error, err->message) != 0) {
        ifm_log(IFM_LOG_WARNING, "the rule \"%s\" of group \"%s\" in \"%s\" could not be evaluated: %s",
                r->name, g->name, g->file, err->message);
    }
    ifm_free(r->last_error);
    r->last_error = text;
    r->health = RULES_ERR;
}

static void settle(rules_manager *manager, group *g, rule *r, const outcome *end)
{
    double took_s = (double)(manager->clock->monotonic_ns() - end->begun_ns) / 1e9;
    pthread_mutex_lock(&manager->lock); /* R3 */
    g->eval_total++;
    manager->stats.evaluations++;
    manager->stats.evaluation_s += took_s;
    r->evaluation_s = took_s;
    r->last_evaluation_ms = end->begun_ms;
    if (end->ok) {
        ifm_free(r->last_error);
        r->last_error = NULL;
        r->health = RULES_OK;
    } else if (end->err.code != IFM_CANCELED) {
        g->failures++;
        note_failure(g, r, &end->err);
    }
    pthread_mutex_unlock(&manager->lock);
}

/* ---- The group ---- */

static bool is_stopping(rules_manager *manager)
{
    return atomic_load_explicit(&manager->stopping, memory_order_relaxed);
}

/* R4 */
static void begin(rules_manager *manager, group *g)
{
    ifm_error err;
    if (g->samples == NULL) {
        g->samples = tsdb_group_new(manager->options.db, &err); /* without one it costs more memory */
    }
    if (!g->half.begun) {
        g->half = (rules_half){
            .begun = true, .begun_ns = manager->clock->monotonic_ns(), .begun_ms = manager->clock->wall_ms()};
    }
    manager->may_give_up = g->half.given_up < RULES_GIVEN_UP_MAX;
}

static void finish(rules_manager *manager, group *g)
{
    const rules_half *half = &g->half;
    pthread_mutex_lock(&manager->lock); /* R3 */
    g->runs++;
    g->iterations++;
    manager->stats.iterations++;
    g->evaluation_s = (double)(manager->clock->monotonic_ns() - half->begun_ns) / 1e9;
    manager->stats.iteration_s += g->evaluation_s;
    g->last_evaluation_ms = half->begun_ms;
    g->last_timestamp_s = (double)g->eval_ns / 1e9;
    g->last_samples = half->samples;
    g->last_rules_s = half->rules_s;
    g->half = (rules_half){.begun = false};
    pthread_mutex_unlock(&manager->lock);
}

bool rules_group_eval(rules_manager *manager, group *g)
{
    begin(manager, g);
    for (; g->half.rule < g->rule_count && !is_stopping(manager); g->half.rule++) {
        rule *r = &g->rules[g->half.rule];
        outcome end = {.begun_ns = manager->clock->monotonic_ns(), .begun_ms = manager->clock->wall_ms()};
        if (!evaluate(manager, g, r, &end)) {
            g->half.given_up++;
            return false;
        }
        settle(manager, g, r, &end);
        g->half.samples += end.ok ? end.samples : 0;
        g->half.rules_s += r->evaluation_s;
    }
    rules_mark_stale(manager, g->samples, &g->stale, time_of(g).query_ms);
    finish(manager, g);
    return true;
}

/* The time of the last evaluation that is due at `now_ns`, if the group had been there. Where in its interval
 * a group is evaluated depends on its name and file. */
static int64_t last_slot(const group *g, int64_t now_ns)
{
    const model_label items[] = {{model_text_of("file"), model_text_of(g->file)},
                                 {model_text_of("name"), model_text_of(g->name)}};
    int64_t offset =
        (int64_t)(model_labels_hash((model_labels){items, IFM_COUNT_OF(items)}) % (uint64_t)g->interval_ns);
    int64_t base = now_ns - offset;
    return base - base % g->interval_ns + offset;
}

void rules_group_schedule(rules_manager *manager, group *g)
{
    int64_t wall_ns = manager->clock->wall_ms() * 1000000;
    g->eval_ns = last_slot(g, wall_ns) + g->interval_ns;
    g->due_ns = manager->clock->monotonic_ns() + (g->eval_ns - wall_ns);
}

/* ---- Taking over ---- */

static bool same_texts(const rule_templates *a, const rule_templates *b)
{
    if (a->count != b->count) {
        return false;
    }
    for (size_t i = 0; i < a->count; i++) {
        if (!model_text_equal(a->items[i].name, b->items[i].name) ||
            !model_text_equal(a->items[i].text, b->items[i].text)) {
            return false;
        }
    }
    return true;
}

static void move_rule(rule *to, rule *from)
{
    to->series = from->series;
    to->evaluations = from->evaluations;
    from->series = (rules_series_set){NULL, 0, NULL, 0};
    if (to->is_alert) {
        to->alerts = from->alerts;
        to->alert_count = from->alert_count;
        from->alerts = NULL;
        from->alert_count = 0;
    }
}

/* What nobody took goes to the series that are to end. */
static void move_series(rules_series_set *to, rules_series_set *from)
{
    for (size_t i = 0; i < from->count; i++) {
        rules_series *series = rules_series_find(to, from->items[i].labels);
        if (series != NULL) { /* else it ends five minutes later, by itself */
            series->seen = 1;
        }
    }
}

void rules_group_take_over(group *g, group *from)
{
    g->evaluation_s = from->evaluation_s;
    g->last_evaluation_ms = from->last_evaluation_ms;
    g->eval_total = from->eval_total; /* counters go on, as Prometheus's do, which are the group's by name */
    g->failures = from->failures;
    g->iterations = from->iterations;
    g->missed = from->missed;
    g->samples = from->samples;
    from->samples = NULL;
    g->stale = from->stale;
    from->stale = (rules_series_set){NULL, 0, NULL, 0};
    for (size_t i = 0; i < g->rule_count; i++) {
        rule *r = &g->rules[i];
        for (size_t j = 0; j < from->rule_count; j++) {
            rule *before = &from->rules[j];
            if (before->name != NULL && before->is_alert == r->is_alert &&
                strcmp(before->name, r->name) == 0 && same_texts(&before->labels, &r->labels)) {
                move_rule(r, before);
                before->name = NULL; /* taken */
                break;
            }
        }
    }
    for (size_t j = 0; j < from->rule_count; j++) {
        if (from->rules[j].name != NULL) {
            move_series(&g->stale, &from->rules[j].series);
        }
    }
}

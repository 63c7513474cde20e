/* SPDX-License-Identifier: Apache-2.0
 *
 * What an alerting rule comes to: each sample of its expression is an alert, which is pending until it was
 * there for long enough, fires then, and is over when its sample is gone.
 *
 *     (new) -> pending --for--> firing --gone, keep_firing_for over--> inactive --15 min--> (forgotten)
 *                 `--gone--> (forgotten)
 */
#include "rules/impl.h"

#define ALERT_NAME_LABEL  "alertname"
#define ALERT_STATE_LABEL "alertstate"
#define ALERTS_METRIC     "ALERTS"
#define FOR_STATE_METRIC  "ALERTS_FOR_STATE"

typedef struct finding {              /* an alert of this evaluation */
    model_labels labels, annotations; /* in the arena, then packed */
    double value;
} finding;

typedef struct findings {
    finding *items;
    size_t count;
    size_t packed; /* so many of them are; what was not handed over is to be freed */
} findings;

typedef struct work {
    rules_manager *manager;
    const group *group;
    rule *rule;
    rule_time time;
    int64_t end_ns; /* of the templates */
    ifm_bump *arena;
    ifm_error *err;
} work;

/* ---- Memory ---- */

static void free_items(model_labels labels)
{
    ifm_free((void *)(uintptr_t)labels.items);
}

static void alert_free(alert *a)
{
    free_items(a->labels);
    free_items(a->annotations);
}

void rules_alerts_free(rule *r)
{
    for (size_t i = 0; i < r->alert_count; i++) {
        alert_free(&r->alerts[i]);
    }
    ifm_free(r->alerts);
    r->alerts = NULL;
    r->alert_count = 0;
}

rules_state rules_rule_state(const rule *r)
{
    rules_state state = r->last_evaluation_ms == 0 ? RULES_STATE_UNKNOWN : RULES_STATE_INACTIVE;
    for (size_t i = 0; i < r->alert_count; i++) {
        state = r->alerts[i].state > state ? r->alerts[i].state : state;
    }
    return state;
}

/* ---- Finding ---- */

/* What a template becomes; an error becomes a text, as in Prometheus. */
static bool expand_text(const work *w, const rule_template *template, const rules_template_data *data,
                        ifm_buf *out, ifm_error *err)
{
    if (rules_template_expand(template->template, data, out, err)) {
        return true;
    }
    if (err->code == IFM_NOMEM || err->code == IFM_CANCELED) {
        return false;
    }
    if (!w->rule->template_failed) {
        ifm_log(IFM_LOG_WARNING, "the alert \"%s\" of \"%s\": could not expand \"%.100s\": %s", w->rule->name,
                w->group->file, template->name.data, err->message);
    }
    w->rule->template_failed = true;
    ifm_buf_clear(out);
    ifm_buf_printf(out, "<error expanding template: %s>", err->message);
    return ifm_buf_check(out, err);
}

/* Labels are UTF-8, whatever a template writes ("\xff"). */
static bool keep_text(const work *w, const ifm_buf *text, model_text *out, ifm_error *err)
{
    const char *bytes = text->size == 0 ? "" : text->data;
    ifm_buf repaired;
    ifm_buf_init(&repaired, 4 * RULES_TEMPLATE_BYTES_MAX);
    bool valid = ifm_utf8_valid(bytes, text->size);
    if (!valid) {
        ifm_utf8_repair(&repaired, bytes, text->size, 4 * RULES_TEMPLATE_BYTES_MAX);
    }
    bool ok = ifm_buf_check(&repaired, err);
    if (ok) {
        out->size = valid ? text->size : repaired.size;
        out->data = ifm_bump_copy(w->arena, valid ? bytes : repaired.data, out->size);
        ok = ifm_bump_check(w->arena, err);
    }
    ifm_buf_deinit(&repaired);
    return ok;
}

static bool expand(const work *w, const rule_template *template, const rules_template_data *data,
                   model_text *out)
{
    ifm_error err = {.code = IFM_OK};
    ifm_buf text;
    ifm_buf_init(&text, RULES_TEMPLATE_BYTES_MAX);
    bool ok = expand_text(w, template, data, &text, &err) && keep_text(w, &text, out, &err);
    ifm_buf_deinit(&text);
    if (!ok) {
        *w->err = err;
    }
    return ok;
}

static bool find_labels(const work *w, model_labels sample, const rules_template_data *data,
                        model_labels *out)
{
    model_labels labels =
        model_labels_with(sample, model_text_of(MODEL_NAME_LABEL), model_text_of(""), w->arena);
    for (size_t i = 0; i < w->rule->labels.count; i++) {
        const rule_template *label = &w->rule->labels.items[i];
        model_text value;
        if (!expand(w, label, data, &value)) {
            return false;
        }
        labels = model_labels_with(labels, label->name, value, w->arena);
    }
    *out = model_labels_with(labels, model_text_of(ALERT_NAME_LABEL), model_text_of(w->rule->name), w->arena);
    return ifm_bump_check(w->arena, w->err);
}

static bool find_annotations(const work *w, const rules_template_data *data, model_labels *out)
{
    const rule_templates *templates = &w->rule->annotations;
    model_label *items = ifm_bump_alloc_array(w->arena, templates->count, sizeof *items);
    if (items == NULL) {
        return ifm_bump_check(w->arena, w->err);
    }
    for (size_t i = 0; i < templates->count; i++) {
        items[i].name = templates->items[i].name;
        if (!expand(w, &templates->items[i], data, &items[i].value)) {
            return false;
        }
    }
    *out = (model_labels){items, templates->count};
    return true;
}

static bool find_one(const work *w, const promql_result_series *series, finding *out)
{
    rules_query_context context = {
        .manager = w->manager, .time_ms = w->time.eval_ns / 1000000, .end_ns = w->end_ns};
    out->value = series->points[0].value;
    const rules_template_data data = {.labels = series->labels,
                                      .value = out->value,
                                      .external_labels = w->manager->set->config->external_labels,
                                      .external_url = w->manager->external_url,
                                      .time_ms = context.time_ms,
                                      .query = rules_query_template,
                                      .interrupted = rules_query_interrupted,
                                      .context = &context};
    return find_labels(w, series->labels, &data, &out->labels) &&
           find_annotations(w, &data, &out->annotations);
}

static bool check_findings(const work *w, const findings *found)
{
    rule_point *points = ifm_bump_alloc_array(w->arena, found->count, sizeof *points);
    for (size_t i = 0; points != NULL && i < found->count; i++) {
        points[i].labels = found->items[i].labels;
    }
    const rule_points all = {points, found->count};
    if (points != NULL && !rules_points_unique(&all, w->arena)) {
        return ifm_error_set(w->err, IFM_INVALID,
                             "vector contains metrics with the same labelset after applying alert labels");
    }
    return ifm_bump_check(w->arena, w->err);
}

/* So that nothing can fail once the state changes. */
static bool pack_findings(const work *w, findings *found)
{
    for (; found->packed < found->count; found->packed++) {
        finding *item = &found->items[found->packed];
        const model_labels labels = rules_labels_pack(item->labels);
        const model_labels annotations = rules_labels_pack(item->annotations);
        if (labels.items == NULL || annotations.items == NULL) {
            free_items(labels);
            free_items(annotations);
            return ifm_error_nomem(w->err);
        }
        item->labels = labels;
        item->annotations = annotations;
    }
    return true;
}

static bool find_all(work *w, findings *out)
{
    const promql_query query = {.tree = w->rule->tree, .start_ms = w->time.query_ms};
    promql_result result;
    if (!rules_query(w->manager, &query, &result, w->err)) {
        return false;
    }
    w->end_ns = rules_query_end(w->manager);
    out->count = result.series_count;
    out->items = ifm_bump_alloc_array(w->arena, out->count, sizeof *out->items);
    bool ok = ifm_bump_check(w->arena, w->err);
    for (size_t i = 0; ok && i < out->count; i++) {
        ok = find_one(w, &result.series[i], &out->items[i]);
    }
    ok = ok && check_findings(w, out) && pack_findings(w, out);
    promql_result_free(&result);
    return ok;
}

/* ---- The state ---- */

typedef struct alert_table { /* open addressing by the hash of labels; index + 1 */
    uint32_t *at;
    size_t size;
} alert_table;

static bool table_make(const work *w, alert_table *out)
{
    const rule *r = w->rule;
    for (out->size = 8; out->size < 2 * r->alert_count; out->size *= 2) {
    }
    out->at = ifm_bump_alloc_array(w->arena, out->size, sizeof *out->at);
    for (size_t i = 0; out->at != NULL && i < r->alert_count; i++) {
        size_t at = r->alerts[i].hash & (out->size - 1);
        for (; out->at[at] != 0; at = (at + 1) & (out->size - 1)) {
        }
        out->at[at] = (uint32_t)i + 1;
    }
    return ifm_bump_check(w->arena, w->err);
}

/* The alert with these labels; NULL: there is none. */
static alert *table_find(const alert_table *table, const rule *r, model_labels labels, uint64_t hash)
{
    for (size_t at = hash & (table->size - 1); table->at[at] != 0; at = (at + 1) & (table->size - 1)) {
        alert *a = &r->alerts[table->at[at] - 1];
        if (a->hash == hash && model_labels_equal(a->labels, labels)) {
            return a;
        }
    }
    return NULL;
}

/* One that goes on gets what is new of it; one that was over begins anew. */
static void take_finding(const work *w, const alert_table *table, finding *item)
{
    rule *r = w->rule;
    uint64_t hash = model_labels_hash(item->labels);
    alert *a = table_find(table, r, item->labels, hash);
    if (a == NULL) {
        a = &r->alerts[r->alert_count++];
        *a = (alert){.state = RULES_STATE_INACTIVE};
    }
    if (a->state == RULES_STATE_INACTIVE) {
        alert_free(a);
        *a = (alert){.labels = item->labels,
                     .annotations = item->annotations,
                     .hash = hash,
                     .state = RULES_STATE_PENDING,
                     .active_ns = w->time.eval_ns};
    } else {
        free_items(item->labels);
        free_items(a->annotations);
        a->annotations = item->annotations;
    }
    a->value = item->value;
    a->found = true;
}

/* One whose sample is gone. Returns whether it is active nevertheless; *forget: whether it is to go. */
static bool end_alert(const work *w, alert *a, bool *forget)
{
    const rule *r = w->rule;
    int64_t now_ns = w->time.eval_ns;
    bool keeps = false;
    if (a->state == RULES_STATE_FIRING && r->keep_firing_for_ns > 0) {
        if (a->keep_firing_since_ns == 0) {
            a->keep_firing_since_ns = now_ns;
        }
        keeps = now_ns - a->keep_firing_since_ns < r->keep_firing_for_ns;
    }
    *forget = a->state == RULES_STATE_PENDING ||
              (a->resolved_ns != 0 && now_ns - a->resolved_ns > RULES_RESOLVED_NS);
    if (a->state != RULES_STATE_INACTIVE && !keeps) {
        a->state = RULES_STATE_INACTIVE;
        a->resolved_ns = now_ns;
    }
    return keeps;
}

/* Moves each alert on. Returns how many are active. */
static size_t move_on(const work *w)
{
    rule *r = w->rule;
    size_t kept = 0, active = 0;
    for (size_t i = 0; i < r->alert_count; i++) {
        alert *a = &r->alerts[i];
        bool forget = false, is_active = a->found;
        if (a->found) {
            a->keep_firing_since_ns = 0;
        } else {
            is_active = end_alert(w, a, &forget);
        }
        if (is_active && a->state == RULES_STATE_PENDING && w->time.eval_ns - a->active_ns >= r->for_ns) {
            a->state = RULES_STATE_FIRING;
        }
        active += is_active;
        a->found = false;
        if (forget) {
            alert_free(a);
        } else {
            r->alerts[kept++] = *a;
        }
    }
    r->alert_count = kept;
    return active;
}

static bool update(const work *w, findings *found)
{
    rule *r = w->rule;
    alert_table table;
    if (!table_make(w, &table)) {
        return false;
    }
    pthread_mutex_lock(&w->manager->lock); /* R3 */
    alert *grown = ifm_realloc(r->alerts, r->alert_count + found->count + 1, sizeof *grown);
    if (grown == NULL) {
        pthread_mutex_unlock(&w->manager->lock);
        return ifm_error_nomem(w->err);
    }
    r->alerts = grown;
    for (size_t i = 0; i < found->count; i++) {
        take_finding(w, &table, &found->items[i]);
    }
    found->packed = 0; /* they are the alerts' now */
    size_t active = move_on(w);
    bool over = w->group->limit > 0 && active > (size_t)w->group->limit;
    if (over) {
        rules_alerts_free(r);
    }
    pthread_mutex_unlock(&w->manager->lock);
    return !over || ifm_error_set(w->err, IFM_LIMIT, "exceeded limit of %lld with %zu alerts",
                                  (long long)w->group->limit, active);
}

/* ---- What is appended ---- */

static int64_t seconds_of(int64_t ns)
{
    return ns / 1000000000 - (ns % 1000000000 < 0);
}

static void add_points(const work *w, const alert *a, rule_points *out)
{
    model_labels state = model_labels_with(a->labels, model_text_of(ALERT_STATE_LABEL),
                                           model_text_of(rules_state_name(a->state)), w->arena);
    out->items[out->count++] =
        (rule_point){.labels = model_labels_with(state, model_text_of(MODEL_NAME_LABEL),
                                                 model_text_of(ALERTS_METRIC), w->arena),
                     .value = 1};
    out->items[out->count++] =
        (rule_point){.labels = model_labels_with(a->labels, model_text_of(MODEL_NAME_LABEL),
                                                 model_text_of(FOR_STATE_METRIC), w->arena),
                     .value = (double)seconds_of(a->active_ns)};
}

static bool collect(const work *w, rule_points *out)
{
    const rule *r = w->rule;
    out->count = 0;
    out->items = ifm_bump_alloc_array(w->arena, 2 * r->alert_count, sizeof *out->items);
    for (size_t i = 0; out->items != NULL && r->restored && i < r->alert_count; i++) {
        if (r->alerts[i].state > RULES_STATE_INACTIVE) {
            add_points(w, &r->alerts[i], out);
        }
    }
    return ifm_bump_check(w->arena, w->err);
}

bool rules_alert_eval(rules_manager *manager, const group *g, rule *r, rule_time time, ifm_bump *arena,
                      rule_points *out, ifm_error *err)
{
    work w = {.manager = manager, .group = g, .rule = r, .time = time, .arena = arena, .err = err};
    findings found = {NULL, 0, 0};
    bool ok = find_all(&w, &found) && update(&w, &found) && collect(&w, out);
    for (size_t i = 0; i < found.packed; i++) {
        free_items(found.items[i].labels);
        free_items(found.items[i].annotations);
    }
    return ok;
}

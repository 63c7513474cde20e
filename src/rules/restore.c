/* SPDX-License-Identifier: Apache-2.0
 *
 * After a restart: since when alerts have been active, from the series ALERTS_FOR_STATE, so that a "for" of
 * an hour does not begin anew. The time in which nobody looked does not count.
 */
#include "rules/impl.h"

typedef struct restoring {
    rules_manager *manager;
    storage_querier *querier;
    int64_t now_ns;
    ifm_bump *arena;
    ifm_error *err;
} restoring;

/* The newest sample of ALERTS_FOR_STATE; false: there is none, or the alert was over. */
static bool last_sample(const restoring *to, const storage_series *series, int64_t *time_ns, double *value)
{
    storage_samples samples;
    int64_t end_ms = to->now_ns / 1000000;
    if (!to->querier->functions->read(to->querier, series, end_ms - RULES_OUTAGE_NS / 1000000, end_ms,
                                      to->arena, &samples, to->err) ||
        samples.count == 0) {
        return false;
    }
    *time_ns = samples.times_ms[samples.count - 1] * 1000000;
    *value = samples.values[samples.count - 1];
    return *value > 0 && *value < 9e9; /* no staleness marker, and a time whose nanoseconds have 63 bits */
}

static void restore_alert(const restoring *to, const rule *r, alert *a, const storage_series *series)
{
    int64_t down_ns;
    double value;
    if (!last_sample(to, series, &down_ns, &value)) {
        return;
    }
    int64_t active_ns = (int64_t)value * 1000000000;
    int64_t left_ns = down_ns > active_ns ? r->for_ns - (down_ns - active_ns) : r->for_ns;
    if (left_ns > 0 && left_ns < RULES_GRACE_NS) {
        active_ns = to->now_ns + RULES_GRACE_NS - r->for_ns;
    } else if (left_ns > 0) {
        active_ns += to->now_ns - down_ns;
    }
    pthread_mutex_lock(&to->manager->lock); /* R3 */
    a->active_ns = active_ns;
    pthread_mutex_unlock(&to->manager->lock);
}

static void restore_rule(const restoring *to, rule *r)
{
    const model_matcher matchers[] = {
        {.name = model_text_of(MODEL_NAME_LABEL),
         .value = model_text_of("ALERTS_FOR_STATE"),
         .match = MODEL_EQUAL},
        {.name = model_text_of("alertname"), .value = model_text_of(r->name), .match = MODEL_EQUAL}};
    int64_t end_ms = to->now_ns / 1000000;
    const storage_hints hints = {
        .start_ms = end_ms - RULES_OUTAGE_NS / 1000000, .end_ms = end_ms, .function = ""};
    const storage_series *series;
    size_t count;
    if (!to->querier->functions->select(to->querier, matchers, IFM_COUNT_OF(matchers), &hints, to->arena,
                                        &series, &count, to->err)) {
        ifm_log(IFM_LOG_WARNING, "the alert \"%s\": could not restore its state: %s", r->name,
                to->err->message);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        model_labels labels = model_labels_with(series[i].labels, model_text_of(MODEL_NAME_LABEL),
                                                model_text_of(""), to->arena);
        uint64_t hash = model_labels_hash(labels);
        for (size_t j = 0; j < r->alert_count; j++) {
            alert *a = &r->alerts[j];
            if (a->hash == hash && a->state > RULES_STATE_INACTIVE && model_labels_equal(a->labels, labels)) {
                restore_alert(to, r, a, &series[i]);
            }
        }
    }
}

void rules_restore(rules_manager *manager, group *g)
{
    int64_t begun_ns = manager->clock->monotonic_ns();
    ifm_error err = {.code = IFM_OK};
    ifm_bump arena;
    ifm_bump_init(&arena, RULES_LISTING_BYTES_MAX);
    restoring to = {
        .manager = manager, .now_ns = manager->clock->wall_ms() * 1000000, .arena = &arena, .err = &err};
    int64_t end_ms = to.now_ns / 1000000;
    bool ok = manager->from->functions->querier(manager->from, end_ms - RULES_OUTAGE_NS / 1000000, end_ms,
                                                &to.querier, &err);
    if (!ok) {
        ifm_log(IFM_LOG_WARNING, "could not restore the state of alerts: %s", err.message);
    }
    for (size_t i = 0; i < g->rule_count; i++) {
        rule *r = &g->rules[i];
        if (ok && r->is_alert && r->for_ns >= RULES_GRACE_NS) {
            restore_rule(&to, r);
        }
        pthread_mutex_lock(&manager->lock); /* R3 */
        r->restored = true;
        pthread_mutex_unlock(&manager->lock);
    }
    if (ok) {
        to.querier->functions->close(to.querier);
    }
    ifm_bump_deinit(&arena);
    pthread_mutex_lock(&manager->lock); /* R3 */
    g->should_restore = false;
    g->restore_s = (double)(manager->clock->monotonic_ns() - begun_ns) / 1e9;
    pthread_mutex_unlock(&manager->lock);
}

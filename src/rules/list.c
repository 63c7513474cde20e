/* SPDX-License-Identifier: Apache-2.0
 *
 * What others may know of groups, as copies that were made under the lock.
 */
#include "rules/impl.h"

#include <stdlib.h>

const char *rules_state_name(rules_state state)
{
    static const char *const names[] = {"unknown", "inactive", "pending", "firing"};
    return names[state];
}

const char *rules_health_name(rules_health health)
{
    static const char *const names[] = {"unknown", "ok", "err"};
    return names[health];
}

static const char *copy(ifm_bump *arena, const char *text)
{
    return text == NULL ? "" : ifm_bump_copy(arena, text, strlen(text));
}

static int compare_alerts(const void *a, const void *b)
{
    return model_labels_compare(((const rules_alert *)a)->labels, ((const rules_alert *)b)->labels);
}

static void list_alerts(const rule *r, ifm_bump *arena, rules_rule *out)
{
    rules_alert *alerts = ifm_bump_alloc_array(arena, r->alert_count, sizeof *alerts);
    for (size_t i = 0; alerts != NULL && i < r->alert_count; i++) {
        const alert *a = &r->alerts[i];
        if (a->state > RULES_STATE_INACTIVE) {
            alerts[out->alert_count++] =
                (rules_alert){.labels = model_labels_copy(a->labels, arena),
                              .annotations = model_labels_copy(a->annotations, arena),
                              .state = a->state,
                              .active_ms = a->active_ns / 1000000,
                              .keep_firing_since_ms = a->keep_firing_since_ns / 1000000,
                              .value = a->value};
        }
    }
    if (arena->failed == IFM_OK && out->alert_count > 1) {
        qsort(alerts, out->alert_count, sizeof *alerts, compare_alerts);
    }
    out->alerts = alerts;
}

static void list_rule(const rule *r, bool with_alerts, ifm_bump *arena, rules_rule *out)
{
    *out = (rules_rule){.is_alert = r->is_alert,
                        .name = copy(arena, r->name),
                        .query = copy(arena, r->query),
                        .labels = model_labels_copy(r->shown_labels, arena),
                        .annotations = model_labels_copy(r->shown_annotations, arena),
                        .health = r->health,
                        .last_error = copy(arena, r->last_error),
                        .evaluation_s = r->evaluation_s,
                        .last_evaluation_ms = r->last_evaluation_ms,
                        .for_s = (double)r->for_ns / 1e9,
                        .keep_firing_for_s = (double)r->keep_firing_for_ns / 1e9,
                        .state = rules_rule_state(r)};
    if (with_alerts) {
        list_alerts(r, arena, out);
    }
}

static void list_group(const group *g, bool with_alerts, ifm_bump *arena, rules_group *out)
{
    rules_rule *rules = ifm_bump_alloc_array(arena, g->rule_count, sizeof *rules);
    *out = (rules_group){.name = copy(arena, g->name),
                         .file = copy(arena, g->file),
                         .interval_s = (double)g->interval_ns / 1e9,
                         .evaluation_s = g->evaluation_s,
                         .limit = g->limit,
                         .last_evaluation_ms = g->last_evaluation_ms,
                         .rules = rules,
                         .rule_count = g->rule_count,
                         .evaluations = g->eval_total,
                         .failures = g->failures,
                         .iterations = g->iterations,
                         .missed = g->missed,
                         .last_samples = g->last_samples,
                         .last_rules_s = g->last_rules_s,
                         .restore_s = g->restore_s,
                         .last_timestamp_s = g->last_timestamp_s};
    for (size_t i = 0; rules != NULL && i < g->rule_count; i++) {
        list_rule(&g->rules[i], with_alerts, arena, &rules[i]);
    }
}

bool rules_groups_list(rules_manager *manager, bool with_alerts, ifm_bump *arena, const rules_group **out,
                       size_t *count, ifm_error *err)
{
    pthread_mutex_lock(&manager->lock); /* R3 */
    *count = manager->set == NULL ? 0 : manager->set->count;
    rules_group *groups = ifm_bump_alloc_array(arena, *count, sizeof *groups);
    for (size_t i = 0; groups != NULL && i < *count; i++) {
        list_group(manager->set->groups[i], with_alerts, arena, &groups[i]);
    }
    pthread_mutex_unlock(&manager->lock);
    *out = groups;
    return ifm_bump_check(arena, err);
}

void rules_stats_now(rules_manager *manager, rules_stats *out)
{
    pthread_mutex_lock(&manager->lock); /* R3 */
    *out = manager->stats;
    pthread_mutex_unlock(&manager->lock);
}

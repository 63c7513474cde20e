/* SPDX-License-Identifier: Apache-2.0
 *
 * Rules that are made up: a group with an alert that fires and one that is pending, and a recording rule that
 * fails; a group with that rule alone; a group without rules.
 */
#ifndef IFM_TESTS_WEB_FAKES_RULES_H
#define IFM_TESTS_WEB_FAKES_RULES_H

#include "rules/rules.h"
#include "unit/web/fakes.h"

struct rules_manager {
    bool unused;
};

static const model_label fake_severity[] = {{FAKE_TEXT("severity"), FAKE_TEXT("{{ $value }}")}};
static const model_label fake_firing[] = {{FAKE_TEXT("alertname"), FAKE_TEXT("Down")},
                                          {FAKE_TEXT("severity"), FAKE_TEXT("<3>")}};
static const model_label fake_summary[] = {{FAKE_TEXT("summary"), FAKE_TEXT("it is \"down\"")}};
static const rules_alert fake_alerts[] = {{.labels = {fake_firing, 2},
                                           .annotations = {fake_summary, 1},
                                           .state = RULES_STATE_FIRING,
                                           .active_ms = FAKE_BEGIN_MS + 1,
                                           .keep_firing_since_ms = FAKE_BEGIN_MS + 2000,
                                           .value = 0.00125},
                                          {.labels = {fake_firing, 1},
                                           .state = RULES_STATE_PENDING,
                                           .active_ms = FAKE_BEGIN_MS,
                                           .value = 12345678}};
static const rules_rule fake_rules[] = {
    {.is_alert = true,
     .name = "Down",
     .query = "up == 0",
     .labels = {fake_severity, 1},
     .annotations = {fake_summary, 1},
     .health = RULES_OK,
     .last_error = "",
     .evaluation_s = 0.5,
     .last_evaluation_ms = FAKE_BEGIN_MS,
     .for_s = 60,
     .keep_firing_for_s = 1.5,
     .state = RULES_STATE_FIRING,
     .alerts = fake_alerts,
     .alert_count = 2},
    {.name = "job:up:sum", .query = "sum by (job) (up)", .health = RULES_ERR, .last_error = "too <old>"}};
static const rules_group fake_groups[] = {
    {.name = "a",
     .file = "/etc/one.yml",
     .interval_s = 15,
     .evaluation_s = 0.25,
     .limit = 7,
     .last_evaluation_ms = FAKE_BEGIN_MS,
     .rules = fake_rules,
     .rule_count = 2},
    {.name = "b", .file = "/etc/one.yml", .interval_s = 60, .rules = fake_rules + 1, .rule_count = 1},
    {.name = "c", .file = "/etc/two.yml", .interval_s = 60}};

bool rules_groups_list(rules_manager *manager, bool with_alerts, ifm_bump *arena, const rules_group **out,
                       size_t *count, ifm_error *err)
{
    (void)manager;
    rules_group *groups = ifm_bump_alloc_array(arena, IFM_COUNT_OF(fake_groups), sizeof *groups);
    rules_rule *alert = ifm_bump_alloc(arena, 2 * sizeof *alert);
    *count = IFM_COUNT_OF(fake_groups);
    *out = groups;
    if (groups == NULL || alert == NULL) {
        return ifm_bump_check(arena, err);
    }
    memcpy(groups, fake_groups, sizeof fake_groups);
    memcpy(alert, fake_rules, sizeof fake_rules);
    alert[0].alert_count = with_alerts ? 2 : 0;
    groups[0].rules = alert;
    return true;
}

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

#endif

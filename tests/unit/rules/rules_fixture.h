/* SPDX-License-Identifier: Apache-2.0
 *
 * A store, a clock that stands still until it is moved, and rules from texts.
 */
#ifndef IFM_TESTS_RULES_FIXTURE_H
#define IFM_TESTS_RULES_FIXTURE_H

#include "rules/rules.h"
#include "unit/scrape/store_fixture.h"

#include <stdlib.h>

#define BEGIN_NS (INT64_C(1700000000) * 1000000000)
#define SECOND   INT64_C(1000000000)
#define MINUTE   (60 * SECOND)

static int64_t now_ns = BEGIN_NS;

static int64_t fake_monotonic(void)
{
    return now_ns;
}

static int64_t fake_wall(void)
{
    return now_ns / 1000000;
}

static const ifm_os_clock fake_clock = {fake_monotonic, fake_wall};

static inline const config_file *fixture_config(void)
{
    static const char text[] = "global: {evaluation_interval: 10s, external_labels: {cluster: eu}}\n";
    ifm_error err;
    const config_file *config = config_parse(text, sizeof text - 1, NULL, &err);
    assert_non_null(config);
    return config;
}

/* NULL: *err says why. */
static inline rules_set *fixture_load(const char *text, ifm_error *err)
{
    const config_file *config = fixture_config();
    const rules_text file = {.name = "rules.yml", .bytes = text, .size = strlen(text)};
    const rules_source source = {.config = config, .texts = &file, .text_count = 1};
    rules_set *set = rules_load(&source, err);
    config_release(config);
    return set;
}

static inline void fixture_apply(rules_manager *manager, const char *text)
{
    ifm_error err;
    rules_set *set = fixture_load(text, &err);
    if (set == NULL) {
        fail_msg("%s", err.message);
    }
    rules_manager_apply(manager, set);
}

/* The groups as they are now; they live in *arena, which is to be ended. */
static inline const rules_group *fixture_groups(rules_manager *manager, bool alerts, ifm_bump *arena)
{
    ifm_error err;
    const rules_group *groups = NULL;
    size_t count;
    ifm_bump_init(arena, 1 << 20);
    assert_true(rules_groups_list(manager, alerts, arena, &groups, &count, &err));
    return groups;
}

static inline rules_manager *fixture_manager(tsdb *db, const char *text)
{
    ifm_error err;
    const rules_options options = {
        .db = db, .clock = &fake_clock, .external_url = "http://host:9090/", .no_thread = true};
    rules_manager *manager = rules_manager_new(&options, &err);
    assert_non_null(manager);
    fixture_apply(manager, text);
    return manager;
}

/* {__name__=NAME, instance=INSTANCE} = VALUE, now. */
static inline void fixture_put(tsdb *db, const char *name, const char *instance, double value)
{
    ifm_error err;
    tsdb_ref ref;
    tsdb_batch *batch = tsdb_batch_begin(db, NULL, fake_wall(), &err);
    assert_non_null(batch);
    const model_label labels[] = {{model_text_of("__name__"), model_text_of(name)},
                                  {model_text_of("instance"), model_text_of(instance)}};
    assert_true(tsdb_batch_series(batch, (model_labels){labels, 2}, &ref, NULL, &err));
    tsdb_batch_append(batch, ref, value);
    assert_true(tsdb_batch_commit(batch, &err));
}

/* Goes to the next evaluation, and evaluates. */
static inline void fixture_next(rules_manager *manager)
{
    int64_t wait_ns = rules_manager_step(manager);
    assert_true(wait_ns > 0);
    now_ns += wait_ns;
    rules_manager_step(manager);
}

/* "NAME HEALTH STATE [ERROR] {LABELS}=STATE VALUE @SECONDS .." of each rule, a line each. Valid until the
 * next call. */
static inline const char *fixture_text(rules_manager *manager)
{
    static char *text;
    static size_t size;
    ifm_error err;
    ifm_bump arena;
    ifm_buf out;
    const rules_group *groups;
    size_t count;
    ifm_bump_init(&arena, 64 << 20);
    ifm_buf_init(&out, 1 << 20);
    assert_true(rules_groups_list(manager, true, &arena, &groups, &count, &err));
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < groups[i].rule_count; j++) {
            const rules_rule *rule = &groups[i].rules[j];
            ifm_buf_printf(&out, "%s %s %s", rule->name, rules_health_name(rule->health),
                           rule->is_alert ? rules_state_name(rule->state) : "-");
            if (rule->last_error[0] != '\0') {
                ifm_buf_printf(&out, " [%s]", rule->last_error);
            }
            for (size_t k = 0; k < rule->alert_count; k++) {
                const rules_alert *alert = &rule->alerts[k];
                ifm_buf_append_char(&out, ' ');
                model_labels_print(alert->labels, &out);
                ifm_buf_printf(&out, "=%s %g @%lld", rules_state_name(alert->state), alert->value,
                               (long long)((alert->active_ms - BEGIN_NS / 1000000) / 1000));
                if (alert->keep_firing_since_ms != 0) {
                    ifm_buf_append_text(&out, " kept");
                }
            }
            ifm_buf_append_char(&out, '\n');
        }
    }
    ifm_bump_deinit(&arena);
    free(text);
    ifm_buf_append_char(&out, '\0');
    text = malloc(out.size);
    size = out.size;
    memcpy(text, out.data, size);
    ifm_buf_deinit(&out);
    return text;
}

#endif

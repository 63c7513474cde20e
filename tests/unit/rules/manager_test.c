/* SPDX-License-Identifier: Apache-2.0
 *
 * Groups over time: what is recorded, what becomes of alerts, restarts and changed files.
 */
#include "unit/rules/rules_fixture.h"

/* Seconds between the begin and the first evaluation of group "g" of "rules.yml" with 10 s: its slot. */
static int64_t slot_s;

static void recording_rules_record_and_end(void **state)
{
    (void)state;
    now_ns = BEGIN_NS;
    tsdb *db = store_open(0);
    fixture_put(db, "up", "a", 1);
    fixture_put(db, "up", "b", 3);
    rules_manager *manager =
        fixture_manager(db, "groups:\n"
                            "- name: g\n"
                            "  labels: {team: x, env: group}\n"
                            "  rules:\n"
                            "  - {record: 'up:double', expr: '2 * up', labels: {env: rule}}\n"
                            "  - {record: 'up:more', expr: 'up:double > 2'}\n"
                            "  - {record: one, expr: '1'}\n");
    fixture_next(manager);
    slot_s = (now_ns - BEGIN_NS) / SECOND;
    CHECK_TEXT(fixture_text(manager), "up:double ok -\nup:more ok -\none ok -\n");
    int64_t first_ms = fake_wall();
    char want[512];
    snprintf(want, sizeof want,
             "{__name__=\"up:double\", env=\"rule\", instance=\"a\", team=\"x\"} %" PRId64 "=2\n"
             "{__name__=\"up:double\", env=\"rule\", instance=\"b\", team=\"x\"} %" PRId64 "=6\n",
             first_ms, first_ms);
    CHECK_TEXT(store_text_of(db, "__name__", "up:double"), want);
    snprintf(want, sizeof want,
             "{__name__=\"up:more\", env=\"group\", instance=\"b\", team=\"x\"} %" PRId64 "=6\n", first_ms);
    CHECK_TEXT(store_text_of(db, "__name__", "up:more"), want);
    snprintf(want, sizeof want, "{__name__=\"one\", env=\"group\", team=\"x\"} %" PRId64 "=1\n", first_ms);
    CHECK_TEXT(store_text_of(db, "__name__", "one"), want);
    fixture_put(db, "up", "b", 1); /* at the time of the evaluation that is over */
    fixture_next(manager);
    CHECK_INT(fake_wall() - first_ms, 10000);
    snprintf(want, sizeof want,
             "{__name__=\"up:more\", env=\"group\", instance=\"b\", team=\"x\"} %" PRId64 "=6 %" PRId64
             "=stale\n",
             first_ms, first_ms + 10000);
    CHECK_TEXT(store_text_of(db, "__name__", "up:more"), want);
    rules_manager_free(manager);
    tsdb_close(db);
    check_end();
}

static void errors_are_of_their_rule(void **state)
{
    (void)state;
    now_ns = BEGIN_NS;
    tsdb *db = store_open(0);
    fixture_put(db, "up", "a", 1);
    fixture_put(db, "up", "b", 1);
    rules_manager *manager = fixture_manager(db, "groups:\n"
                                                 "- name: g\n"
                                                 "  limit: 1\n"
                                                 "  rules:\n"
                                                 "  - {record: same, expr: 'up', labels: {instance: x}}\n"
                                                 "  - {record: many, expr: 'up'}\n"
                                                 "  - {record: text, expr: '\"a\"'}\n"
                                                 "  - {record: fine, expr: 'sum(up)'}\n"
                                                 "  - {alert: Same, expr: 'up', labels: {instance: ''}}\n"
                                                 "  - {alert: Many, expr: 'up'}\n"
                                                 "  - {record: matches, expr: 'up + on () up'}\n");
    fixture_next(manager);
    const char *text = fixture_text(manager);
    CHECK_CONTAINS(text,
                   "same err - [vector contains metrics with the same labelset after applying rule labels]");
    CHECK_CONTAINS(text, "many err - [exceeded limit of 1 with 2 series]");
    CHECK_CONTAINS(text, "text err - [rule result is not a vector or scalar]");
    CHECK_CONTAINS(text, "fine ok -\n");
    CHECK_CONTAINS(
        text,
        "Same err inactive [vector contains metrics with the same labelset after applying alert labels]");
    CHECK_CONTAINS(text, "Many err inactive [exceeded limit of 1 with 2 alerts]");
    CHECK_CONTAINS(text, "matches err - [found duplicate series for the match group");
    ifm_bump arena;
    const rules_group *groups = fixture_groups(manager, false, &arena);
    CHECK_INT(groups[0].evaluations, 7);
    CHECK_INT(groups[0].failures, 6);
    CHECK_INT(groups[0].iterations, 1);
    CHECK_INT(groups[0].last_samples, 1);
    ifm_bump_deinit(&arena);
    rules_manager_free(manager);
    tsdb_close(db);
    check_end();
}

#define ALERT_RULES                                                                                          \
    "groups:\n"                                                                                              \
    "- name: g\n"                                                                                            \
    "  rules:\n"                                                                                             \
    "  - alert: Down\n"                                                                                      \
    "    expr: up == 0\n"                                                                                    \
    "    for: 20s\n"                                                                                         \
    "    keep_firing_for: 15s\n"                                                                             \
    "    labels: {severity: 'v{{ $value }}', cluster: '{{ $externalLabels.cluster }}'}\n"                    \
    "    annotations: {summary: '{{ $labels.instance }} {{ query \"up\" | first | value }}'}\n"

#define DOWN "{alertname=\"Down\", cluster=\"eu\", instance=\"a\", severity=\"v0\"}"

static void alerts_go_their_way(void **state)
{
    (void)state;
    now_ns = BEGIN_NS;
    tsdb *db = store_open(0);
    fixture_put(db, "up", "a", 0);
    rules_manager *manager = fixture_manager(db, ALERT_RULES);
    char want[256];
    CHECK_TEXT(fixture_text(manager), "Down unknown unknown\n");
    fixture_next(manager);
    int64_t first_s = (now_ns - BEGIN_NS) / SECOND;
    snprintf(want, sizeof want, "Down ok pending " DOWN "=pending 0 @%d\n", (int)first_s);
    CHECK_TEXT(fixture_text(manager), want);
    CHECK_TEXT(store_text_of(db, "__name__", "ALERTS"), ""); /* until the state was restored */
    fixture_next(manager);
    CHECK_TEXT(fixture_text(manager), want);
    fixture_next(manager);
    snprintf(want, sizeof want, "Down ok firing " DOWN "=firing 0 @%d\n", (int)first_s);
    CHECK_TEXT(fixture_text(manager), want);
    CHECK_CONTAINS(store_text_of(db, "__name__", "ALERTS"),
                   "{__name__=\"ALERTS\", alertname=\"Down\", alertstate=\"firing\", cluster=\"eu\", "
                   "instance=\"a\", severity=\"v0\"} ");
    snprintf(want, sizeof want, "=%d\n", (int)(BEGIN_NS / SECOND + first_s));
    CHECK_CONTAINS(store_text_of(db, "__name__", "ALERTS_FOR_STATE"), want);
    fixture_put(db, "up", "a", 1);
    fixture_next(manager);
    snprintf(want, sizeof want, "Down ok firing " DOWN "=firing 0 @%d kept\n", (int)first_s);
    CHECK_TEXT(fixture_text(manager), want);
    fixture_next(manager);
    CHECK_TEXT(fixture_text(manager), want);
    fixture_next(manager);
    CHECK_TEXT(fixture_text(manager), "Down ok inactive\n"); /* resolved, kept inside */
    CHECK_CONTAINS(store_text_of(db, "__name__", "ALERTS"), "=stale\n");
    fixture_put(db, "up", "a", 0);
    fixture_next(manager);
    snprintf(want, sizeof want, "Down ok pending " DOWN "=pending 0 @%d\n", (int)first_s + 60);
    CHECK_TEXT(fixture_text(manager), want);
    CHECK_CONTAINS(store_text_of(db, "__name__", "ALERTS"), "alertstate=\"pending\"");
    rules_manager_free(manager);
    tsdb_close(db);
    check_end();
}

static void templates_see_the_sample(void **state)
{
    (void)state;
    now_ns = BEGIN_NS;
    tsdb *db = store_open(0);
    fixture_put(db, "up", "a", 0);
    rules_manager *manager =
        fixture_manager(db, "groups:\n"
                            "- name: g\n"
                            "  rules:\n"
                            "  - alert: Down\n"
                            "    expr: up == 0\n"
                            "    annotations: {a: '{{ $labels.instance }} {{ query "
                            "\"up\" | first | value }} {{ $labels.__name__ }} "
                            "{{ $externalURL }}', b: '{{ gt $value 1 }}', c: '{{ \"a\\xffb\" }}'}\n");
    fixture_next(manager);
    ifm_bump arena;
    const rules_group *groups = fixture_groups(manager, true, &arena);
    assert_int_equal(groups[0].rules[0].alert_count, 1);
    model_labels annotations = groups[0].rules[0].alerts[0].annotations;
    assert_int_equal(annotations.count, 3);
    CHECK_TEXT(annotations.items[0].value.data, "a 0 up http://host:9090");
    CHECK_CONTAINS(annotations.items[1].value.data,
                   "<error expanding template: line 1 of the template: incompat");
    CHECK_TEXT(annotations.items[2].value.data, "a\357\277\275b");
    ifm_bump_deinit(&arena);
    rules_manager_free(manager);
    tsdb_close(db);
    check_end();
}

#define HOUR_RULES                                                                                           \
    "groups:\n"                                                                                              \
    "- name: g\n"                                                                                            \
    "  interval: 1m\n"                                                                                       \
    "  rules:\n"                                                                                             \
    "  - {alert: Slow, expr: 'up == 0', for: 1h}\n"

static int64_t active_s(rules_manager *manager)
{
    const char *at = strchr(fixture_text(manager), '@');
    return at == NULL ? -1 : strtoll(at + 1, NULL, 10);
}

/* Evaluates for so many minutes, with up == 0. */
static void run_minutes(tsdb *db, rules_manager *manager, int minutes)
{
    for (int i = 0; i < minutes; i++) {
        fixture_put(db, "up", "a", 0);
        fixture_next(manager);
    }
}

/* An alert with "for: 1h" that was active for `before` minutes, then `outage` minutes without us. Returns by
 * how many seconds the beginning has moved. */
static int64_t restarted(int before, int outage)
{
    now_ns = BEGIN_NS;
    tsdb *db = store_open(0);
    rules_manager *manager = fixture_manager(db, HOUR_RULES);
    run_minutes(db, manager, before);
    int64_t began_s = active_s(manager);
    rules_manager_free(manager);
    now_ns += outage * MINUTE;
    manager = fixture_manager(db, HOUR_RULES);
    run_minutes(db, manager, 2); /* the second evaluation restores */
    int64_t now_s = active_s(manager);
    run_minutes(db, manager, 1);
    CHECK_CONTAINS(store_text_of(db, "__name__", "ALERTS_FOR_STATE"), "=");
    rules_manager_free(manager);
    tsdb_close(db);
    return now_s - began_s;
}

static void restarts_do_not_begin_anew(void **state)
{
    (void)state;
    int64_t moved_s = restarted(30, 5);
    CHECK(moved_s >= 6 * 60 && moved_s <= 8 * 60); /* the time without us does not count */
    moved_s = restarted(80, 5);
    CHECK_INT(moved_s, 0); /* it fired already */
    moved_s = restarted(55, 5);
    /* Five minutes were left: it waits for ten. */
    CHECK(moved_s >= 10 * 60 && moved_s < 14 * 60);
    moved_s = restarted(30, 70);
    CHECK(moved_s > 95 * 60); /* too long ago */
    check_end();
}

static void changed_files_keep_what_they_can(void **state)
{
    (void)state;
    now_ns = BEGIN_NS;
    tsdb *db = store_open(0);
    fixture_put(db, "up", "a", 0);
    rules_manager *manager = fixture_manager(db, ALERT_RULES "  - {record: gone, expr: up}\n"
                                                             "- name: other\n"
                                                             "  rules: [{record: lost, expr: up}]\n");
    fixture_next(manager);
    fixture_next(manager);
    fixture_next(manager);
    fixture_next(manager);
    CHECK_CONTAINS(fixture_text(manager), "=pending 0 @");
    int64_t began_s = active_s(manager);
    /* The same again: nothing begins anew. */
    fixture_apply(manager, ALERT_RULES "  - {record: gone, expr: up}\n"
                                       "- name: other\n"
                                       "  rules: [{record: lost, expr: up}]\n");
    CHECK_INT(active_s(manager), began_s);
    CHECK_CONTAINS(fixture_text(manager), "gone ok -");
    /* Another group by that name: the alert stays, what is no longer recorded ends. */
    fixture_apply(manager, ALERT_RULES "  - {record: more, expr: up}\n");
    CHECK_CONTAINS(fixture_text(manager), "more unknown -");
    CHECK_INT(active_s(manager), began_s);
    fixture_next(manager);
    CHECK_INT(active_s(manager), began_s);
    CHECK_CONTAINS(store_text_of(db, "__name__", "gone"), "=stale\n");
    CHECK(strstr(store_text_of(db, "__name__", "lost"), "stale") == NULL);
    for (int i = 0; i < 4; i++) {
        fixture_next(manager);
    }
    CHECK_CONTAINS(store_text_of(db, "__name__", "lost"), "=stale\n");
    fixture_apply(manager, "");
    CHECK_TEXT(fixture_text(manager), "");
    rules_manager_free(manager);
    tsdb_close(db);
    check_end();
}

/* A group of another name has the series: the marker for the first one must not end it. */
static void renamed_groups_go_on(void **state)
{
    (void)state;
    now_ns = BEGIN_NS;
    tsdb *db = store_open(0);
    fixture_put(db, "up", "a", 1);
    rules_manager *manager = fixture_manager(db, "groups: [{name: g, rules: [{record: x, expr: up}]}]");
    fixture_next(manager);
    now_ns += SECOND;
    fixture_apply(manager, "groups: [{name: h, rules: [{record: x, expr: up}]}]");
    for (int i = 0; i < 6; i++) {
        fixture_next(manager);
    }
    CHECK(strstr(store_text_of(db, "__name__", "x"), "stale") == NULL);
    /* One that nobody has any more ended when it went, not when that was written. */
    char want[64];
    now_ns += SECOND;
    snprintf(want, sizeof want, " %" PRId64 "=stale\n", fake_wall());
    fixture_apply(manager, "groups: [{name: i, rules: [{record: y, expr: up}]}]");
    for (int i = 0; i < 4; i++) {
        fixture_next(manager);
    }
    CHECK_CONTAINS(store_text_of(db, "__name__", "x"), want);
    rules_manager_free(manager);
    tsdb_close(db);
    check_end();
}

static void counters_survive_a_change(void **state)
{
    (void)state;
    now_ns = BEGIN_NS;
    tsdb *db = store_open(0);
    rules_manager *manager = fixture_manager(db, "groups: [{name: g, rules: [{record: x, expr: '1'}]}]");
    fixture_next(manager);
    fixture_apply(manager, "groups: [{name: g, rules: [{record: y, expr: '1'}]}]");
    fixture_next(manager);
    ifm_bump arena;
    const rules_group *groups = fixture_groups(manager, false, &arena);
    CHECK_INT(groups[0].evaluations, 2);
    CHECK_INT(groups[0].iterations, 2);
    ifm_bump_deinit(&arena);
    rules_manager_free(manager);
    tsdb_close(db);
    check_end();
}

static void nothing_is_evaluated_at_the_end(void **state)
{
    (void)state;
    now_ns = BEGIN_NS;
    tsdb *db = store_open(0);
    rules_manager *manager =
        fixture_manager(db, "groups: [{name: g, rules: [{record: x, expr: '1'}, {alert: A, expr: '1'}]}]");
    rules_manager_cancel(manager);
    fixture_next(manager);
    CHECK_TEXT(fixture_text(manager), "x unknown -\nA unknown unknown\n");
    CHECK_TEXT(store_text_of(db, "__name__", "x"), "");
    rules_manager_free(manager);
    tsdb_close(db);
    check_end();
}

static void put_series(tsdb *db, model_labels labels, double value)
{
    ifm_error err;
    tsdb_ref ref;
    tsdb_batch *batch = tsdb_batch_begin(db, NULL, fake_wall(), &err);
    assert_non_null(batch);
    assert_true(tsdb_batch_series(batch, labels, &ref, NULL, &err));
    tsdb_batch_append(batch, ref, value);
    assert_true(tsdb_batch_commit(batch, &err));
}

/* The sanitizer of undefined behaviour sees the sums that do not fit. */
static void the_longest_times_fit(void **state)
{
    (void)state;
    now_ns = BEGIN_NS;
    tsdb *db = store_open(0);
    static const double times[] = {9.9e9, 8.9e9, 1};
    static const char *const names[] = {"A", "B", "C"};
    fixture_put(db, "up", "a", 0);
    for (size_t i = 0; i < IFM_COUNT_OF(names); i++) {
        const model_label labels[] = {{model_text_of("__name__"), model_text_of("ALERTS_FOR_STATE")},
                                      {model_text_of("alertname"), model_text_of(names[i])},
                                      {model_text_of("instance"), model_text_of("a")}};
        put_series(db, (model_labels){labels, 3}, times[i]);
    }
    rules_manager *manager =
        fixture_manager(db, "groups:\n"
                            "- {name: g, rules: [{alert: A, expr: up == 0, for: 292y}, "
                            "{alert: B, expr: up == 0, for: 292y}, {alert: C, expr: up == 0, for: 292y}]}\n"
                            "- {name: h, interval: 292y, rules: [{record: x, expr: '1'}]}\n");
    fixture_next(manager);
    fixture_next(manager);
    fixture_next(manager);
    CHECK_CONTAINS(fixture_text(manager), "A ok pending ");
    CHECK_CONTAINS(fixture_text(manager), "B ok pending ");
    CHECK_CONTAINS(fixture_text(manager), "C ok pending ");
    fixture_apply(manager, "");
    rules_manager_free(manager);
    tsdb_close(db);
    check_end();
}

static void late_evaluations_are_missed(void **state)
{
    (void)state;
    now_ns = BEGIN_NS;
    tsdb *db = store_open(0);
    fixture_put(db, "up", "a", 0);
    rules_manager *manager = fixture_manager(db, "groups: [{name: g, rules: [{record: x, expr: up}]}]");
    fixture_next(manager);
    int64_t first_ms = fake_wall();
    CHECK_INT((now_ns - BEGIN_NS) / SECOND, slot_s); /* the slot depends on names alone */
    now_ns += 35 * SECOND;
    rules_manager_step(manager);
    char want[256];
    snprintf(want, sizeof want, "{__name__=\"x\", instance=\"a\"} %" PRId64 "=0 %" PRId64 "=0\n", first_ms,
             first_ms + 30000);
    CHECK_TEXT(store_text_of(db, "__name__", "x"), want);
    CHECK_INT(rules_manager_step(manager), 5 * SECOND);
    ifm_bump arena;
    const rules_group *groups = fixture_groups(manager, false, &arena);
    CHECK_INT(groups[0].missed, 2);
    CHECK_INT(groups[0].iterations, 4);
    ifm_bump_deinit(&arena);
    rules_manager_free(manager);
    tsdb_close(db);
    check_end();
}

static void query_offsets_look_back(void **state)
{
    (void)state;
    now_ns = BEGIN_NS;
    tsdb *db = store_open(0);
    fixture_put(db, "up", "a", 7);
    now_ns += 60 * SECOND;
    fixture_put(db, "up", "a", 8);
    rules_manager *manager =
        fixture_manager(db, "groups: [{name: g, query_offset: 30s, rules: [{record: x, expr: up}]}]");
    fixture_next(manager);
    char want[256];
    snprintf(want, sizeof want, "{__name__=\"x\", instance=\"a\"} %" PRId64 "=7\n", fake_wall() - 30000);
    CHECK_TEXT(store_text_of(db, "__name__", "x"), want);
    rules_manager_free(manager);
    tsdb_close(db);
    check_end();
}

static void a_thread_evaluates(void **state)
{
    (void)state;
    tsdb *db = store_open(0);
    ifm_error err;
    const rules_options options = {.db = db};
    rules_manager *manager = rules_manager_new(&options, &err);
    assert_non_null(manager);
    fixture_apply(manager, "groups: [{name: g, interval: 20ms, rules: [{record: x, expr: '1'}]}]");
    rules_stats stats = {.iterations = 0};
    int64_t end_ns = ifm_os_monotonic_ns() + 20 * SECOND;
    while (stats.iterations < 3 && ifm_os_monotonic_ns() < end_ns) {
        rules_stats_now(manager, &stats);
        usleep(1000);
    }
    CHECK(stats.iterations >= 3);
    /* One that is always behind lets others in. */
    for (int i = 0; i < 20; i++) {
        fixture_apply(manager, i % 2 == 0
                                   ? "groups: [{name: g, interval: 1ms, rules: [{record: y, expr: '1'}]}]"
                                   : "groups: [{name: g, interval: 1ms, rules: [{record: z, expr: '1'}, "
                                     "{alert: A, expr: vector(time()), labels: {v: '{{ $value }}'}, "
                                     "annotations: {a: '{{ query \"1\" }}'}}]}]");
        CHECK_CONTAINS(fixture_text(manager), " "); /* while it is evaluated */
        usleep(5000);
        CHECK_CONTAINS(fixture_text(manager), " ");
    }
    CHECK_CONTAINS(fixture_text(manager), "z ");
    rules_manager_free(manager);
    tsdb_close(db);
    check_end();
}

/* Windows of 10000 that are sorted at each step: a million of them take a minute. */
#define SLOW(steps)                                                                                          \
    "quantile_over_time(0.5, quantile_over_time(0.5, vector(time())[10000s:1s])[" steps "s:1s])"
#define FAST_AND_SLOW(steps)                                                                                 \
    "groups: [{name: g, interval: 50ms, rules: [{record: fast, expr: '1'}, {record: slow, expr: '" SLOW(     \
        steps) "'}]}]"

static void wait_until_evaluated(rules_manager *manager, size_t rule, const char *health)
{
    int64_t end_ns = ifm_os_monotonic_ns() + 60 * SECOND;
    bool done = false;
    while (!done) {
        ifm_bump arena;
        const rules_group *groups = fixture_groups(manager, false, &arena);
        done = strcmp(rules_health_name(groups[0].rules[rule].health), health) == 0;
        ifm_bump_deinit(&arena);
        if (ifm_os_monotonic_ns() > end_ns) {
            fail_msg("rule %zu is not %s: %s", rule, health, fixture_text(manager));
        }
        usleep(1000);
    }
}

static void slow_queries_keep_nobody_waiting(void **state)
{
    (void)state;
    tsdb *db = store_open(0);
    ifm_error err;
    const rules_options options = {.db = db};
    rules_manager *manager = rules_manager_new(&options, &err);
    assert_non_null(manager);
    fixture_apply(manager, FAST_AND_SLOW("1000000"));
    wait_until_evaluated(manager, 0, "ok");
    int64_t begun_ns = ifm_os_monotonic_ns();
    fixture_apply(manager, FAST_AND_SLOW("1000000")); /* the group goes on where it was */
    fixture_apply(manager, "groups: [{name: g, interval: 50ms, rules: [{record: other, expr: '2'}]}]");
    wait_until_evaluated(manager, 0, "ok");
    CHECK(ifm_os_monotonic_ns() - begun_ns < 5 * SECOND);
    CHECK_TEXT(fixture_text(manager), "other ok -\n");
    fixture_apply(manager, FAST_AND_SLOW("1000000"));
    wait_until_evaluated(manager, 0, "ok");
    begun_ns = ifm_os_monotonic_ns();
    rules_manager_free(manager);
    CHECK(ifm_os_monotonic_ns() - begun_ns < 5 * SECOND);
    tsdb_close(db);
    check_end();
}

/* It is not given up for ever, fails nowhere, and no other rule is evaluated twice for it. */
static void queries_that_were_given_up_begin_anew(void **state)
{
    (void)state;
    tsdb *db = store_open(0);
    ifm_error err;
    const rules_options options = {.db = db};
    rules_manager *manager = rules_manager_new(&options, &err);
    assert_non_null(manager);
    fixture_apply(manager, FAST_AND_SLOW("300"));
    wait_until_evaluated(manager, 0, "ok");
    ifm_bump arena;
    const rules_group *groups;
    for (int i = 0; i < 5; i++) {
        fixture_apply(manager, FAST_AND_SLOW("300"));
        usleep(1000);
    }
    wait_until_evaluated(manager, 1, "ok");
    groups = fixture_groups(manager, false, &arena);
    CHECK_INT(groups[0].failures, 0);
    CHECK(groups[0].evaluations <= 2 * groups[0].iterations + 2);
    CHECK_TEXT(groups[0].rules[1].last_error, "");
    ifm_bump_deinit(&arena);
    rules_manager_free(manager);
    tsdb_close(db);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(recording_rules_record_and_end),
        cmocka_unit_test(errors_are_of_their_rule),
        cmocka_unit_test(alerts_go_their_way),
        cmocka_unit_test(templates_see_the_sample),
        cmocka_unit_test(restarts_do_not_begin_anew),
        cmocka_unit_test(changed_files_keep_what_they_can),
        cmocka_unit_test(renamed_groups_go_on),
        cmocka_unit_test(counters_survive_a_change),
        cmocka_unit_test(nothing_is_evaluated_at_the_end),
        cmocka_unit_test(the_longest_times_fit),
        cmocka_unit_test(late_evaluations_are_missed),
        cmocka_unit_test(query_offsets_look_back),
        cmocka_unit_test(a_thread_evaluates),
        cmocka_unit_test(slow_queries_keep_nobody_waiting),
        cmocka_unit_test(queries_that_were_given_up_begin_anew),
    };
    return cmocka_run_group_tests(tests, scratch_make_in_memory, scratch_remove);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * Targets that hang, lie and flood: each costs its own scrape, and the others stay on time.
 */
#include "manager_fixture.h"

static const struct {
    const char *path;
    const char *want; /* in its error */
} hostile[] = {
    {"hang", "no answer began in time"},
    {"drip", "the answer was not complete in time"},
    {"flood", "body size limit exceeded"},
    {"bomb", "body size limit exceeded"},
    {"huge", "body size limit exceeded"},
    {"cut", "ended the answer too early"},
    {"garbage", "is not understood"},
    {"zero", "cannot parse line 2"},
    {"type", "received unsupported Content-Type \"text/html\" and no fallback_scrape_protocol"},
    {"loop", "redirects"},
};

static void hostile_targets_cost_their_own_scrape(void **state)
{
    static fixture f;
    ifm_bump arena;
    char yaml[4096];
    size_t size;
    const size_t count = IFM_COUNT_OF(hostile) + 1;
    (void)state;
    fixture_open(&f);
    server_set(&f.server, "good 1\n");
    size = (size_t)snprintf(yaml, sizeof yaml,
                            "scrape_configs:\n- job_name: good\n  scrape_interval: 2s\n  scrape_timeout: 2s\n"
                            "  static_configs: [{targets: ['@']}]\n");
    for (size_t i = 0; i < IFM_COUNT_OF(hostile); i++) {
        size += (size_t)snprintf(yaml + size, sizeof yaml - size,
                                 "- job_name: %s\n  metrics_path: /%s\n  scrape_interval: 2s\n"
                                 "  scrape_timeout: 2s\n  body_size_limit: 4MB\n"
                                 "  static_configs: [{targets: ['@']}]\n",
                                 hostile[i].path, hostile[i].path);
    }
    CHECK(fixture_apply(&f, yaml));
    fixture_tick(&f, 2000, count);
    fixture_tick(&f, 2000, count);
    scrape_targets targets = fixture_targets(&f, &arena);
    CHECK_INT(targets.active_count, count);
    for (size_t i = 0; i < targets.active_count; i++) {
        const scrape_target_info *target = &targets.active[i];
        bool good = strcmp(target->pool, "good") == 0;
        CHECK_INT(target->health, good ? SCRAPE_UP : SCRAPE_DOWN);
        CHECK((target->last_error[0] == '\0') == good);
        for (size_t j = 0; j < IFM_COUNT_OF(hostile); j++) {
            if (strcmp(target->pool, hostile[j].path) == 0) {
                CHECK_CONTAINS(target->last_error, hostile[j].want);
            }
        }
    }
    CHECK_CONTAINS(store_text(f.db, "good"), "=1 ");
    CHECK(strstr(store_text(f.db, "good"), "stale") == NULL);
    CHECK_TEXT(store_text(f.db, "drip"), "");
    scrape_stats stats;
    scrape_stats_now(f.manager, &stats);
    CHECK(stats.body_limit >= 6);
    CHECK_INT(stats.targets_up, 1);
    ifm_bump_deinit(&arena);
    fixture_close(&f);
    check_end();
}

static void target_with_many_series_is_stored_whole(void **state)
{
    static fixture f;
    (void)state;
    fixture_open(&f);
    CHECK(fixture_apply(&f,
                        "scrape_configs:\n- job_name: many\n  metrics_path: /many\n  scrape_interval: 30s\n"
                        "  scrape_timeout: 30s\n  static_configs: [{targets: ['@']}]\n"));
    fixture_tick(&f, 30000, 1);
    fixture_tick(&f, 30000, 1);
    CHECK_CONTAINS(store_text(f.db, "scrape_samples_scraped"), "=200000 ");
    CHECK_CONTAINS(store_text(f.db, "scrape_series_added"), "=0\n");
    CHECK_CONTAINS(store_text_of(f.db, "i", "199999"), "=1 ");
    fixture_close(&f);
    check_end();
}

static void scrape_limits_fail_the_scrape(void **state)
{
    static fixture f;
    ifm_bump arena;
    (void)state;
    fixture_open(&f);
    server_set(&f.server, "a 1\nb 1\nc 1\n");
    CHECK(fixture_apply(&f,
                        "global: {scrape_interval: 10s}\nscrape_configs:\n"
                        "- job_name: samples\n  sample_limit: 2\n  static_configs: [{targets: ['@']}]\n"
                        "- job_name: targets\n  target_limit: 1\n  static_configs: [{targets: ['@'], labels: "
                        "{n: one}}, {targets: ['@'], labels: {n: two}}]\n"));
    fixture_tick(&f, 10000, 3);
    scrape_targets targets = fixture_targets(&f, &arena);
    CHECK_TEXT(targets.active[0].last_error, "sample limit exceeded");
    CHECK_TEXT(targets.active[1].last_error, "target_limit exceeded (number of targets: 2, limit: 1)");
    CHECK_TEXT(targets.active[2].last_error, "target_limit exceeded (number of targets: 2, limit: 1)");
    ifm_bump_deinit(&arena);
    CHECK_TEXT(store_text(f.db, "a"), "");
    CHECK_CONTAINS(store_text(f.db, "scrape_samples_scraped"), "job=\"samples\"}");
    CHECK_CONTAINS(store_text(f.db, "scrape_samples_scraped"), "=3\n");
    CHECK_CONTAINS(store_text(f.db, "scrape_samples_post_metric_relabeling"), "=3\n");
    fixture_close(&f);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hostile_targets_cost_their_own_scrape),
        cmocka_unit_test(target_with_many_series_is_stored_whole),
        cmocka_unit_test(scrape_limits_fail_the_scrape),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * What others see of targets, pools and metadata; and a manager with its thread.
 */
#include "manager_fixture.h"

enum { ROUNDS_MAX = 10000 };

static void targets_are_listed_with_what_was_dropped(void **state)
{
    static fixture f;
    ifm_bump arena;
    const scrape_pool_info *pools;
    size_t count;
    (void)state;
    fixture_open(&f);
    server_set(&f.server, "a 1\n");
    CHECK(fixture_apply(&f, "global: {scrape_interval: 10s}\nscrape_configs:\n- job_name: j\n"
                            "  keep_dropped_targets: 1\n"
                            "  relabel_configs: [{source_labels: [n], regex: drop.*, action: drop}]\n"
                            "  static_configs:\n  - {targets: ['@'], labels: {n: one, __meta_x: y}}\n"
                            "  - {targets: ['@'], labels: {n: one, __meta_x: z}}\n"
                            "  - {targets: ['h:1'], labels: {n: drop1}}\n"
                            "  - {targets: ['h:2'], labels: {n: drop2}}\n"));
    scrape_targets targets = fixture_targets(&f, &arena);
    CHECK_INT(targets.active_count, 1); /* the same after relabelling: one */
    CHECK_INT(targets.dropped_count, 1);
    CHECK_TEXT(targets.active[0].pool, "j");
    CHECK_INT(targets.active[0].health, SCRAPE_UNKNOWN);
    CHECK_INT(targets.active[0].interval_ms, 10000);
    CHECK_INT(targets.active[0].last_scrape_ms, 0);
    CHECK_CONTAINS(targets.active[0].url, "/metrics");
    CHECK_INT(targets.active[0].labels.count, 3); /* instance, job, n */
    CHECK(model_text_equal(model_labels_get(targets.active[0].discovered, model_text_of("__meta_x")),
                           model_text_of("z")));
    CHECK(scrape_pools_list(f.manager, &arena, &pools, &count, &f.err));
    CHECK_INT(count, 1);
    CHECK_INT(pools[0].active, 1);
    CHECK_INT(pools[0].dropped, 2);
    ifm_bump_deinit(&arena);
    fixture_close(&f);
    check_end();
}

static void print(const scrape_metadata *items, size_t count, char *out, size_t size)
{
    size_t at = 0;
    *out = '\0';
    for (size_t i = 0; i < count; i++) {
        const scrape_metadata *m = &items[i];
        at += (size_t)snprintf(out + at, size - at, "%.*s %.*s \"%.*s\" %.*s %zu\n", (int)m->metric.size,
                               m->metric.data, (int)m->type.size, m->type.data, (int)m->help.size,
                               m->help.data == NULL ? "" : m->help.data, (int)m->unit.size,
                               m->unit.data == NULL ? "" : m->unit.data, m->target.count);
    }
}

static void metadata_is_what_the_comments_say(void **state)
{
    static fixture f;
    ifm_bump arena;
    const scrape_metadata *items;
    size_t count;
    char text[4096];
    (void)state;
    fixture_open(&f);
    ifm_bump_init(&arena, 1 << 20);
    server_set(&f.server,
               "# HELP b B\\nB.\n# TYPE b counter\nb 1\n# TYPE a gauge\na 1\n# HELP c C.\n# plain\n");
    CHECK(fixture_apply(&f, "global: {scrape_interval: 10s}\nscrape_configs:\n- job_name: j\n"
                            "  static_configs: [{targets: ['@'], labels: {n: '1'}}, {targets: ['@']}]\n"));
    fixture_tick(&f, 10000, 2);
    CHECK(scrape_metadata_list(f.manager, model_text_of(""), false, &arena, &items, &count, &f.err));
    print(items, count, text, sizeof text);
    CHECK_TEXT(text, "a gauge \"\"  0\nb counter \"B\nB.\"  0\nc unknown \"C.\"  0\n");
    CHECK(scrape_metadata_list(f.manager, model_text_of("b"), true, &arena, &items, &count, &f.err));
    CHECK_INT(count, 2);
    CHECK_INT(items[0].target.count + items[1].target.count, 5);
    /* What the target says now, after what it said before. */
    server_set(&f.server, "# HELP b Other.\n# TYPE b counter\nb 1\n");
    fixture_tick(&f, 10000, 2);
    CHECK(scrape_metadata_list(f.manager, model_text_of(""), false, &arena, &items, &count, &f.err));
    print(items, count, text, sizeof text);
    CHECK_TEXT(text, "b counter \"Other.\"  0\n");
    ifm_bump_deinit(&arena);
    fixture_close(&f);
    check_end();
}

static void manager_with_a_thread_scrapes_by_itself(void **state)
{
    static server s;
    char yaml[256];
    ifm_error err;
    (void)state;
    server_open(&s);
    server_set(&s, "# TYPE a gauge\na 1\n");
    tsdb *db = store_open(0);
    scrape_manager *manager = scrape_manager_new(&(scrape_options){.db = db, .user_agent = "test"}, &err);
    CHECK(manager != NULL);
    int size = snprintf(yaml, sizeof yaml,
                        "scrape_configs:\n- job_name: j\n  scrape_interval: 100ms\n  scrape_timeout: 100ms\n"
                        "  static_configs: [{targets: ['127.0.0.1:%d']}]\n",
                        s.port);
    const config_file *config = config_parse(yaml, (size_t)size, NULL, &err);
    CHECK(config != NULL);
    scrape_stats stats = {.scrapes = 0};
    for (int i = 0; i < 5; i++) {
        CHECK(scrape_manager_apply(manager, config, &err));
    }
    /* What others ask meanwhile. On a busy machine some scrapes do not end in time. */
    for (int i = 0; i < ROUNDS_MAX && (stats.scrapes - stats.failed_scrapes < 3 || stats.targets_up == 0);
         i++) {
        ifm_bump arena;
        scrape_targets targets;
        const scrape_metadata *items;
        size_t count;
        poll(NULL, 0, 5);
        ifm_bump_init(&arena, 1 << 20);
        CHECK(scrape_targets_list(manager, &arena, &targets, &err));
        CHECK(scrape_metadata_list(manager, model_text_of(""), true, &arena, &items, &count, &err));
        CHECK(scrape_manager_apply(manager, config, &err));
        scrape_stats_now(manager, &stats);
        ifm_bump_deinit(&arena);
    }
    CHECK(stats.config_reloads >= 5);
    CHECK_INT(stats.targets_up, 1);
    scrape_manager_free(manager);
    config_release(config);
    server_close(&s);
    CHECK_CONTAINS(store_text(db, "a"), "=1 ");
    tsdb_close(db);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(targets_are_listed_with_what_was_dropped),
        cmocka_unit_test(metadata_is_what_the_comments_say),
        cmocka_unit_test(manager_with_a_thread_scrapes_by_itself),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}

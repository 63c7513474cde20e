/* SPDX-License-Identifier: Apache-2.0
 *
 * Scraping as a whole, against servers on 127.0.0.1 and a clock that the test moves.
 */
#include "manager_fixture.h"
#include "torture.h"

#include <errno.h>
#include <unistd.h>

static const char one_target[] = "global: {scrape_interval: 10s, scrape_timeout: 5s}\n"
                                 "scrape_configs:\n- job_name: j\n  static_configs: [{targets: ['@']}]\n";

static void first_scrape(fixture *f)
{
    fixture_tick(f, 10000, 1);
}

/* One target that says `body`. */
static void open_with(fixture *f, const char *body)
{
    fixture_open(f);
    server_set(&f->server, body);
    CHECK(fixture_apply(f, one_target));
}

/* The same, scraped once. */
static void open_scraped(fixture *f, const char *body)
{
    open_with(f, body);
    first_scrape(f);
}

/* Moves the clock to when the next scrape is due. */
static void next_scrape(fixture *f)
{
    uint64_t before = fixture_scrapes(f);
    for (int i = 0; i < 2000 && fixture_scrapes(f) == before; i++) {
        clock_now_ms += 5;
        scrape_manager_step(f->manager, 0);
    }
    fixture_run(f, before + 1);
}

static void scrape_stores_samples_and_its_report(void **state)
{
    static fixture f;
    (void)state;
    open_scraped(&f, "a 1\nb 2\n");
    server_set(&f.server, "a 3\n");
    fixture_tick(&f, 10000, 1);
    CHECK_CONTAINS(store_text(f.db, "a"), "=1 ");
    CHECK_CONTAINS(store_text(f.db, "a"), "=3\n");
    CHECK_CONTAINS(store_text(f.db, "b"), "=stale\n");
    CHECK_CONTAINS(store_text(f.db, "up"), "=1\n");
    CHECK_CONTAINS(store_text(f.db, "up"), "job=\"j\"");
    CHECK_CONTAINS(store_text(f.db, "scrape_samples_scraped"), "=2 ");
    CHECK_CONTAINS(store_text(f.db, "scrape_samples_scraped"), "=1\n");
    CHECK_CONTAINS(store_text(f.db, "scrape_samples_post_metric_relabeling"), "=2 ");
    CHECK_CONTAINS(store_text(f.db, "scrape_series_added"), "=2 ");
    CHECK_CONTAINS(store_text(f.db, "scrape_series_added"), "=0\n");
    CHECK_CONTAINS(store_text(f.db, "scrape_duration_seconds"), "=0\n");
    fixture_close(&f);
    check_end();
}

static void scrape_asks_as_prometheus_does(void **state)
{
    static fixture f;
    (void)state;
    fixture_open(&f);
    server_set(&f.server, "a 1\n");
    CHECK(fixture_apply(&f, "global: {scrape_interval: 10s, scrape_timeout: 2500ms}\n"
                            "scrape_configs:\n- job_name: j\n  params: {x: [1, 'b c']}\n"
                            "  scrape_protocols: [OpenMetricsText1.0.0, PrometheusText0.0.4]\n"
                            "  static_configs: [{targets: ['@']}]\n"));
    first_scrape(&f);
    CHECK_CONTAINS(server_request(&f.server), "GET /metrics?x=1&x=b+c HTTP/1.1\r\n");
    CHECK_CONTAINS(server_request(&f.server),
                   "Accept: application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
                   "text/plain;version=0.0.4;q=0.5,*/*;q=0.4\r\n");
    CHECK_CONTAINS(server_request(&f.server), "X-Prometheus-Scrape-Timeout-Seconds: 2.5\r\n");
    CHECK_CONTAINS(server_request(&f.server), "User-Agent: test\r\n");
    fixture_close(&f);
    check_end();
}

/* Timestamps keep the interval when the clock is a little late, and tell the truth when it is very late. */
static void scrape_aligns_timestamps(void **state)
{
    static fixture f;
    ifm_bump arena;
    char want[256];
    (void)state;
    open_with(&f, "a 1\n");
    next_scrape(&f);
    int64_t first_ms = fixture_targets(&f, &arena).active[0].last_scrape_ms;
    ifm_bump_deinit(&arena);
    CHECK(first_ms > MANAGER_START_MS && first_ms <= MANAGER_START_MS + 10000);
    clock_now_ms = first_ms + 10000 + 10;
    fixture_tick(&f, 0, 1);
    clock_now_ms = first_ms + 20000 + 11;
    fixture_tick(&f, 0, 1);
    clock_now_ms = first_ms + 30000;
    fixture_tick(&f, 0, 1);
    snprintf(want, sizeof want, "} %lld=1 %lld=1 %lld=1 %lld=1\n", (long long)first_ms,
             (long long)first_ms + 10000, (long long)first_ms + 20011, (long long)first_ms + 30000);
    CHECK_CONTAINS(store_text(f.db, "a"), want);
    fixture_close(&f);
    check_end();
}

static void scrape_that_fails_is_down_and_stale(void **state)
{
    static fixture f;
    ifm_bump arena;
    (void)state;
    open_scraped(&f, "a 1\n");
    server_set_status(&f.server, 503);
    fixture_tick(&f, 10000, 1);
    fixture_tick(&f, 10000, 1);
    scrape_targets targets = fixture_targets(&f, &arena);
    CHECK_TEXT(targets.active[0].last_error, "server returned HTTP status 503 Service Unavailable");
    CHECK_INT(targets.active[0].health, SCRAPE_DOWN);
    ifm_bump_deinit(&arena);
    server_set_status(&f.server, 200);
    server_set(&f.server, "a 2\n");
    fixture_tick(&f, 10000, 1);
    targets = fixture_targets(&f, &arena);
    CHECK_TEXT(targets.active[0].last_error, "");
    CHECK_INT(targets.active[0].health, SCRAPE_UP);
    ifm_bump_deinit(&arena);
    const char *text = store_text(f.db, "a");
    CHECK_CONTAINS(text, "=stale ");
    CHECK(strstr(strstr(text, "stale") + 1, "stale") == NULL);
    CHECK_CONTAINS(text, "=2\n");
    CHECK_CONTAINS(store_text(f.db, "up"), "=0 ");
    CHECK_CONTAINS(store_text(f.db, "up"), "=1\n");
    CHECK_CONTAINS(store_text(f.db, "scrape_samples_scraped"), "=0 ");
    fixture_close(&f);
    check_end();
}

static void scrape_with_an_error_in_the_middle_stores_nothing(void **state)
{
    static fixture f;
    ifm_bump arena;
    (void)state;
    open_scraped(&f, "a 1\nb 1\n");
    server_set(&f.server, "a 2\nnew 2\n}{\n");
    fixture_tick(&f, 10000, 1);
    CHECK_CONTAINS(store_text(f.db, "a"), "=stale\n");
    CHECK_TEXT(store_text(f.db, "new"), "");
    CHECK_CONTAINS(store_text(f.db, "up"), "=0\n");
    CHECK_CONTAINS(fixture_targets(&f, &arena).active[0].last_error, "cannot parse line 3");
    ifm_bump_deinit(&arena);
    fixture_close(&f);
    check_end();
}

static void target_that_went_is_marked_after_two_intervals(void **state)
{
    static fixture f;
    ifm_bump arena;
    char want[64];
    (void)state;
    open_with(&f, "a 1\n");
    next_scrape(&f);
    int64_t last_ms = fixture_targets(&f, &arena).active[0].last_scrape_ms;
    ifm_bump_deinit(&arena);
    CHECK(fixture_apply(&f, "scrape_configs: []\n"));
    clock_now_ms = last_ms + 20999;
    scrape_manager_step(f.manager, 0);
    CHECK(strstr(store_text(f.db, "a"), "stale") == NULL);
    clock_now_ms = last_ms + 21000;
    scrape_manager_step(f.manager, 0);
    snprintf(want, sizeof want, "} %lld=1 %lld=stale\n", (long long)last_ms, (long long)last_ms + 10000);
    CHECK_CONTAINS(store_text(f.db, "a"), want);
    CHECK_CONTAINS(store_text(f.db, "up"), want);
    fixture_close(&f);
    check_end();
}

static void target_that_comes_back_is_not_marked(void **state)
{
    static fixture f;
    (void)state;
    open_scraped(&f, "a 1\nb 1\n");
    CHECK(fixture_apply(&f, "scrape_configs: []\n"));
    CHECK(fixture_apply(&f, one_target));
    server_set(&f.server, "a 2\n");
    fixture_tick(&f, 10000, 1);
    fixture_tick(&f, 10000, 1);
    fixture_tick(&f, 10000, 1);
    CHECK(strstr(store_text(f.db, "a"), "stale") == NULL);
    CHECK_CONTAINS(store_text(f.db, "b"), "=stale\n");
    CHECK(strstr(store_text(f.db, "up"), "stale") == NULL);
    fixture_close(&f);
    check_end();
}

static void end_of_the_manager_marks_nothing(void **state)
{
    static fixture f;
    (void)state;
    open_scraped(&f, "a 1\n");
    scrape_manager_free(f.manager);
    f.manager = NULL;
    CHECK(strstr(store_text(f.db, "a"), "stale") == NULL);
    fixture_close(&f);
    check_end();
}

static void reload_keeps_loops_and_takes_what_is_new(void **state)
{
    static fixture f;
    ifm_bump arena;
    (void)state;
    open_scraped(&f, "a 1\nb 1\n");
    CHECK(fixture_apply(&f,
                        "global: {scrape_interval: 10s, scrape_timeout: 5s}\nscrape_configs:\n- job_name: j\n"
                        "  body_size_limit: 1MB\n  static_configs: [{targets: ['@']}]\n"));
    CHECK(fixture_targets(&f, &arena).active[0].last_scrape_ms != 0);
    ifm_bump_deinit(&arena);
    fixture_tick(&f, 10000, 1);
    CHECK_CONTAINS(store_text(f.db, "scrape_series_added"), "=0\n"); /* the cache was kept */
    CHECK(fixture_apply(&f,
                        "global: {scrape_interval: 10s, scrape_timeout: 5s}\nscrape_configs:\n- job_name: j\n"
                        "  metric_relabel_configs: [{source_labels: [__name__], regex: b, action: drop}]\n"
                        "  static_configs: [{targets: ['@']}]\n"));
    server_set(&f.server, "a 2\nb 2\n");
    fixture_tick(&f, 10000, 1);
    fixture_tick(&f, 10000, 1);
    CHECK_CONTAINS(store_text(f.db, "a"), "=2\n");
    CHECK(strstr(store_text(f.db, "b"), "=2") == NULL);
    CHECK_CONTAINS(store_text(f.db, "scrape_samples_post_metric_relabeling"), "=1\n");
    fixture_tick(&f, 10000, 1);
    CHECK_CONTAINS(store_text(f.db, "b"), "=stale\n");
    CHECK(strstr(store_text(f.db, "a"), "stale") == NULL);
    fixture_close(&f);
    check_end();
}

static void reload_that_fails_leaves_the_old_one(void **state)
{
    static fixture f;
    (void)state;
    open_scraped(&f, "a 1\n");
    CHECK(!fixture_apply(&f, "scrape_configs:\n- job_name: k\n  convert_classic_histograms_to_nhcb: true\n"
                             "  static_configs: [{targets: ['@']}]\n"));
    CHECK_INT(f.err.code, IFM_UNSUPPORTED);
    fixture_tick(&f, 10000, 1);
    CHECK_CONTAINS(store_text(f.db, "up"), "job=\"j\"");
    fixture_close(&f);
    check_end();
}

static int64_t disk_free = INT64_MAX;

static int64_t free_bytes(const char *path)
{
    (void)path;
    return disk_free;
}

static bool writes_fail;
static ssize_t write_or_fail(int fd, const void *bytes, size_t size)
{
    errno = EIO;
    return writes_fail ? -1 : write(fd, bytes, size);
}

/* Instead of the fixture's own. */
static void use_files(fixture *f, const ifm_os_files *files)
{
    scrape_manager_free(f->manager);
    tsdb_close(f->db);
    f->db = store_open_with((tsdb_options){.files = files, .clock = &clock_fake});
    f->manager = scrape_manager_new(
        &(scrape_options){.db = f->db, .clock = &clock_fake, .user_agent = "test", .no_thread = true},
        &f->err);
    assert_non_null(f->manager);
}

static void markers_that_could_not_be_stored_come_with_the_next_scrape(void **state)
{
    static fixture f;
    ifm_bump arena;
    ifm_os_files files = ifm_os_files_real;
    (void)state;
    fixture_open(&f);
    files.write = write_or_fail;
    use_files(&f, &files);
    server_set(&f.server, "a 1\n");
    CHECK(fixture_apply(&f, one_target));
    first_scrape(&f);
    server_set_status(&f.server, 503);
    writes_fail = true;
    fixture_tick(&f, 10000, 1);
    writes_fail = false;
    CHECK_CONTAINS(fixture_targets(&f, &arena).active[0].last_error, "could not store the scrape: ");
    ifm_bump_deinit(&arena);
    CHECK(strstr(store_text(f.db, "a"), "stale") == NULL);
    for (int i = 0; i < 2; i++) {
        fixture_tick(&f, 10000, 1);
        const char *stale = strstr(store_text(f.db, "a"), "=stale");
        CHECK(stale != NULL && strcmp(stale, "=stale\n") == 0); /* once */
    }
    fixture_close(&f);
    check_end();
}

/* Time passes, so that the store looks at the disk. */
static void disk_becomes(fixture *f, int64_t free)
{
    disk_free = free;
    clock_now_ms += 60000;
    tsdb_maintain(f->db);
}

static void scrape_says_when_the_disk_is_full_and_goes_on_later(void **state)
{
    static fixture f;
    ifm_bump arena;
    ifm_os_files files = ifm_os_files_real;
    (void)state;
    fixture_open(&f);
    files.free_bytes = free_bytes;
    use_files(&f, &files);
    server_set(&f.server, "a 1\n");
    CHECK(fixture_apply(&f, one_target));
    first_scrape(&f);
    disk_becomes(&f, 0);
    server_set(&f.server, "a 2\n");
    fixture_tick(&f, 10000, 1);
    CHECK_CONTAINS(fixture_targets(&f, &arena).active[0].last_error, "could not store the scrape: ");
    ifm_bump_deinit(&arena);
    disk_becomes(&f, INT64_MAX);
    server_set(&f.server, "a 3\nb 3\n");
    fixture_tick(&f, 10000, 1);
    CHECK_TEXT(fixture_targets(&f, &arena).active[0].last_error, "");
    ifm_bump_deinit(&arena);
    const char *text = store_text(f.db, "a");
    CHECK_CONTAINS(text, "=1 ");
    CHECK(strstr(text, "=2") == NULL);
    CHECK_CONTAINS(text, "=3\n");
    CHECK_CONTAINS(store_text(f.db, "b"), "=3\n");
    fixture_close(&f);
    check_end();
}

typedef struct torture_context {
    tsdb *db;
    const config_file *configs[2];
} torture_context;

static bool apply_twice(void *context, ifm_error *err)
{
    torture_context *with = context;
    scrape_manager *manager = scrape_manager_new(
        &(scrape_options){.db = with->db, .clock = &clock_fake, .user_agent = "test", .no_thread = true},
        err);
    if (manager == NULL) {
        return false;
    }
    bool ok = scrape_manager_apply(manager, with->configs[0], err);
    bool again = scrape_manager_apply(manager, with->configs[1], err);
    scrape_stats stats;
    scrape_stats_now(manager, &stats);
    CHECK_INT(stats.targets, again ? 2 : ok ? 3 : 0); /* all of one, or all of the other */
    scrape_manager_free(manager);
    return ok && again;
}

static void reload_without_memory_is_whole_or_not_at_all(void **state)
{
    static const char one[] =
        "scrape_configs:\n- {job_name: a, static_configs: [{targets: ['h:1', 'h:2']}]}\n"
        "- {job_name: b, static_configs: [{targets: ['h:3']}]}\n";
    static const char two[] = "scrape_configs:\n- {job_name: a, static_configs: [{targets: ['h:2']}]}\n"
                              "- {job_name: c, static_configs: [{targets: ['h:4']}]}\n";
    torture_context context = {.db = store_open(0)};
    ifm_error err;
    (void)state;
    clock_now_ms = MANAGER_START_MS;
    context.configs[0] = config_parse(one, sizeof one - 1, NULL, &err);
    context.configs[1] = config_parse(two, sizeof two - 1, NULL, &err);
    CHECK(torture_allocations(apply_twice, &context, TORTURE_MAY_SUCCEED) >= 30);
    config_release(context.configs[0]);
    config_release(context.configs[1]);
    tsdb_close(context.db);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scrape_stores_samples_and_its_report),
        cmocka_unit_test(scrape_asks_as_prometheus_does),
        cmocka_unit_test(scrape_aligns_timestamps),
        cmocka_unit_test(scrape_that_fails_is_down_and_stale),
        cmocka_unit_test(scrape_with_an_error_in_the_middle_stores_nothing),
        cmocka_unit_test(target_that_went_is_marked_after_two_intervals),
        cmocka_unit_test(target_that_comes_back_is_not_marked),
        cmocka_unit_test(end_of_the_manager_marks_nothing),
        cmocka_unit_test(reload_keeps_loops_and_takes_what_is_new),
        cmocka_unit_test(reload_that_fails_leaves_the_old_one),
        cmocka_unit_test(markers_that_could_not_be_stored_come_with_the_next_scrape),
        cmocka_unit_test(scrape_says_when_the_disk_is_full_and_goes_on_later),
        cmocka_unit_test(reload_without_memory_is_whole_or_not_at_all),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * Targets from files and URLs: found, kept when what says so is broken, given up when it goes.
 */
#include "manager_fixture.h"

#include "scrape/limits.h"

enum { ROUNDS_MAX = 2000, ROUND_MS = 10 }; /* the end of waiting for a server: usually a few */

static const char of_files[] = "global: {scrape_interval: 10s}\nscrape_configs:\n- job_name: j\n"
                               "  file_sd_configs: [{files: ['$/targets/*.json'], refresh_interval: 5m}]\n";

static void write_file(const char *name, const char *text)
{
    char path[128];
    snprintf(path, sizeof path, "%s/targets/%s", scratch, name);
    FILE *file = fopen(path, "w");
    fputs(text, file);
    fclose(file);
}

static void remove_file(const char *name)
{
    char path[128];
    snprintf(path, sizeof path, "%s/targets/%s", scratch, name);
    remove(path);
}

static void look(fixture *f)
{
    clock_now_ms += SCRAPE_DISCOVERY_POLL_MS;
    scrape_manager_step(f->manager, 0);
}

static size_t active(fixture *f)
{
    scrape_stats stats;
    scrape_stats_now(f->manager, &stats);
    return stats.targets;
}

static int make_folder(void **state)
{
    char path[64];
    int result = scratch_make(state);
    snprintf(path, sizeof path, "%s/targets", scratch);
    return result == 0 ? mkdir(path, 0700) : result;
}

static void files_are_found_within_five_seconds(void **state)
{
    static fixture f;
    ifm_bump arena;
    (void)state;
    fixture_open(&f);
    CHECK(2 * SCRAPE_DISCOVERY_POLL_MS <= 5000);
    CHECK(fixture_apply(&f, of_files));
    CHECK_INT(active(&f), 0);
    write_file("a.json", "[{\"targets\": [\"h:1\"], \"labels\": {\"x\": \"y\"}}]");
    look(&f);
    CHECK_INT(active(&f), 1);
    scrape_targets targets = fixture_targets(&f, &arena);
    char path[64];
    snprintf(path, sizeof path, "%s/targets/a.json", scratch);
    model_text from = model_labels_get(targets.active[0].discovered, model_text_of("__meta_filepath"));
    CHECK(model_text_equal(from, model_text_of(path)));
    CHECK(
        model_text_equal(model_labels_get(targets.active[0].labels, model_text_of("x")), model_text_of("y")));
    ifm_bump_deinit(&arena);
    write_file("b.json", "[{\"targets\": [\"h:2\", \"h:3\"]}]");
    look(&f);
    CHECK_INT(active(&f), 3);
    remove_file("a.json");
    look(&f);
    CHECK_INT(active(&f), 2);
    remove_file("b.json");
    fixture_close(&f);
    check_end();
}

static void files_that_break_keep_what_they_said(void **state)
{
    static fixture f;
    (void)state;
    fixture_open(&f);
    write_file("a.json", "[{\"targets\": [\"h:1\"]}]");
    write_file("b.json", "[{\"targets\": [\"h:2\"]}]");
    CHECK(fixture_apply(&f, of_files));
    CHECK_INT(active(&f), 2);
    write_file("a.json", "[{\"targets\": [\"h:1");
    look(&f);
    CHECK_INT(active(&f), 2);
    CHECK(fixture_apply(&f, of_files)); /* and does so over a reload, and the looks after it */
    CHECK_INT(active(&f), 2);
    write_file("b.json", "[{\"targets\": [\"h:2\", \"h:3\"]}]");
    look(&f);
    CHECK_INT(active(&f), 3);
    write_file("b.json", "[{\"targets\": [\"h:2\"]}]");
    look(&f);
    write_file("a.json", "[{\"targets\": [\"h:1\", \"h:4\"]}]");
    look(&f);
    CHECK_INT(active(&f), 3);
    remove_file("a.json");
    remove_file("b.json");
    fixture_close(&f);
    check_end();
}

/* A file as large as it may be, one byte smaller and one larger. */
static void large_files_are_not_read(void **state)
{
    static const char text[] = "[{\"targets\": [\"h:1\"]}]";
    (void)state;
    for (int more = -1; more <= 1; more++) {
        static fixture f;
        size_t size = (size_t)(SCRAPE_DISCOVERY_BYTES_MAX + more);
        char *whole = malloc(size + 1);
        memset(whole, ' ', size);
        memcpy(whole, text, sizeof text - 1);
        whole[size] = '\0';
        write_file("a.json", whole);
        free(whole);
        fixture_open(&f);
        CHECK(fixture_apply(&f, of_files));
        CHECK_INT(active(&f), more > 0 ? 0 : 1);
        fixture_close(&f);
    }
    remove_file("a.json");
    check_end();
}

static void targets_that_cannot_be_one_are_left_out(void **state)
{
    static fixture f;
    (void)state;
    fixture_open(&f);
    write_file(
        "a.json",
        "[{\"targets\": [\"h:1\", \"http://h:2/\", \"\", \"h:3\"]}, {\"targets\": [\"h:4\"], \"labels\": "
        "{\"__scrape_interval__\": \"x\"}}, {\"targets\": [\"h:5\"], \"labels\": "
        "{\"__scrape_timeout__\": \"1h\"}}]");
    CHECK(fixture_apply(&f, of_files));
    CHECK_INT(active(&f), 2);
    remove_file("a.json");
    fixture_close(&f);
    check_end();
}

typedef struct heard {
    const char *awaited;
    size_t count;
    bool secret;
} heard;

static void hear(void *context, ifm_log_level level, const char *message)
{
    heard *what = context;
    (void)level;
    what->count += strstr(message, what->awaited) != NULL;
    what->secret = what->secret || strstr(message, "geheim") != NULL;
}

static void run_until_heard(fixture *f, const heard *what)
{
    for (int i = 0; i < ROUNDS_MAX && what->count == 0; i++) {
        scrape_manager_step(f->manager, ROUND_MS);
    }
}

static void run_until_targets(fixture *f, size_t count)
{
    for (int i = 0; i < ROUNDS_MAX && active(f) != count; i++) {
        scrape_manager_step(f->manager, ROUND_MS);
    }
    CHECK_INT(active(f), count);
}

static void urls_are_asked_at_their_interval(void **state)
{
    static const char of_urls[] = "global: {scrape_interval: 1h}\nscrape_configs:\n- job_name: j\n"
                                  "  http_sd_configs: [{url: \"http://user:geheim\\x40@/targets\", "
                                  "refresh_interval: 30s}]\n";
    char want[64];
    static fixture f;
    ifm_bump arena;
    (void)state;
    fixture_open(&f);
    snprintf(f.server.targets, sizeof f.server.targets, "[{\"targets\": [\"h:1\"]}]");
    CHECK(fixture_apply(&f, of_urls));
    run_until_targets(&f, 1);
    scrape_targets targets = fixture_targets(&f, &arena);
    model_text url = model_labels_get(targets.active[0].discovered, model_text_of("__meta_url"));
    snprintf(want, sizeof want, "http://127.0.0.1:%d/targets", f.server.port);
    CHECK(model_text_equal(url, model_text_of(want)));
    ifm_bump_deinit(&arena);
    pthread_mutex_lock(&f.server.lock);
    f.server.targets[0] = '\0'; /* an error: what it said before holds */
    pthread_mutex_unlock(&f.server.lock);
    heard what = {.awaited = "could not read targets of job \"j\""};
    ifm_log_set(hear, &what);
    clock_now_ms += 30000;
    run_until_heard(&f, &what);
    ifm_log_set(NULL, NULL);
    CHECK_INT(what.count, 1);
    CHECK_INT(active(&f), 1);
    CHECK(fixture_apply(&f, of_urls)); /* and does so over a reload */
    CHECK_INT(active(&f), 1);
    pthread_mutex_lock(&f.server.lock);
    snprintf(f.server.targets, sizeof f.server.targets, "[{\"targets\": [\"h:1\", \"h:2\"]}]");
    pthread_mutex_unlock(&f.server.lock);
    for (int i = 0; i < 10; i++) {
        scrape_manager_step(f.manager, 10);
    }
    clock_now_ms += 30000;
    run_until_targets(&f, 2);
    fixture_close(&f);
    check_end();
}

/* What is said until `awaited` is among it. */
static heard listen_to(const char *text, const char *targets, const char *awaited)
{
    static fixture f;
    heard what = {.awaited = awaited};
    fixture_open(&f);
    snprintf(f.server.targets, sizeof f.server.targets, "%s", targets);
    ifm_log_set(hear, &what);
    CHECK(fixture_apply(&f, text));
    run_until_heard(&f, &what);
    ifm_log_set(NULL, NULL);
    fixture_close(&f);
    return what;
}

static void passwords_of_urls_are_not_logged(void **state)
{
    /* "\x40" is the "@" of YAML that fixture_apply() leaves alone. */
    static const char nobody[] = "scrape_configs: [{job_name: j, http_sd_configs: [{url: "
                                 "\"http://user:geheim\\x40127.0.0.1:1/x?y\"}]}]\n";
    static const char answers[] = "scrape_configs: [{job_name: j, http_sd_configs: [{url: "
                                  "\"http://user:geheim\\x40@/targets\"}]}]\n";
    (void)state;
    heard what = listen_to(nobody, "", "could not read targets of job \"j\" from \"127.0.0.1:1/x?y\"");
    CHECK_INT(what.count, 1);
    CHECK(!what.secret);
    what = listen_to(answers, "[{", "it is no JSON");
    CHECK_INT(what.count, 1);
    CHECK(!what.secret);
    what = listen_to(answers, "[{\"targets\": [\"a/b\"]}]", "is left out");
    CHECK_INT(what.count, 1);
    CHECK(!what.secret);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_are_found_within_five_seconds),
        cmocka_unit_test(files_that_break_keep_what_they_said),
        cmocka_unit_test(large_files_are_not_read),
        cmocka_unit_test(targets_that_cannot_be_one_are_left_out),
        cmocka_unit_test(urls_are_asked_at_their_interval),
        cmocka_unit_test(passwords_of_urls_are_not_logged),
    };
    return cmocka_run_group_tests(tests, make_folder, scratch_remove);
}

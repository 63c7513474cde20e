/* SPDX-License-Identifier: Apache-2.0
 *
 * A manager without a thread, with a clock that stands still but for clock_advance(), a store and a server.
 */
#ifndef IFM_TESTS_MANAGER_FIXTURE_H
#define IFM_TESTS_MANAGER_FIXTURE_H

#include "scrape/scrape.h"
#include "server_fixture.h"
#include "store_fixture.h"

enum { MANAGER_START_MS = 1000000000 };

static int64_t clock_now_ms;

static inline int64_t clock_monotonic_ns(void)
{
    return (clock_now_ms - MANAGER_START_MS + 1) * 1000000;
}

static inline int64_t clock_wall_ms(void)
{
    return clock_now_ms;
}

static const ifm_os_clock clock_fake = {clock_monotonic_ns, clock_wall_ms};

typedef struct fixture {
    server server;
    tsdb *db;
    scrape_manager *manager;
    ifm_error err;
} fixture;

static inline void fixture_open(fixture *f)
{
    clock_now_ms = MANAGER_START_MS;
    server_open(&f->server);
    f->db = store_open(0);
    f->manager = scrape_manager_new(
        &(scrape_options){.db = f->db, .clock = &clock_fake, .user_agent = "test", .no_thread = true},
        &f->err);
    if (f->manager == NULL) {
        fail_msg("%s", f->err.message);
    }
}

static inline void fixture_close(fixture *f)
{
    scrape_manager_free(f->manager);
    server_close(&f->server);
    tsdb_close(f->db);
}

/* Applies the text with @ replaced by the server's address and $ by the test's folder. */
static inline bool fixture_apply(fixture *f, const char *text)
{
    ifm_buf yaml;
    ifm_buf_init(&yaml, 1 << 20);
    for (; *text != '\0'; text++) {
        if (*text == '@') {
            ifm_buf_printf(&yaml, "127.0.0.1:%d", f->server.port);
        } else if (*text == '$') {
            ifm_buf_append_text(&yaml, scratch);
        } else {
            ifm_buf_append_char(&yaml, *text);
        }
    }
    const config_file *config = config_parse(yaml.data, yaml.size, NULL, &f->err);
    ifm_buf_deinit(&yaml);
    if (config == NULL) {
        fail_msg("%s", f->err.message);
    }
    bool ok = scrape_manager_apply(f->manager, config, &f->err);
    config_release(config);
    return ok;
}

static inline uint64_t fixture_scrapes(fixture *f)
{
    scrape_stats stats;
    scrape_stats_now(f->manager, &stats);
    return stats.scrapes;
}

/* Steps until that many scrapes were made since the start. */
static inline void fixture_run(fixture *f, uint64_t scrapes)
{
    enum { STEPS_MAX = 2000, WAIT_MS = 20 };
    int steps = 0;
    while (fixture_scrapes(f) < scrapes) {
        scrape_manager_step(f->manager, WAIT_MS);
        if (++steps == STEPS_MAX) {
            fail_msg("only %d of %d scrapes were made", (int)fixture_scrapes(f), (int)scrapes);
        }
    }
}

/* Lets all that is due happen, one interval further. */
static inline void fixture_tick(fixture *f, int64_t ms, uint64_t scrapes)
{
    uint64_t before = fixture_scrapes(f);
    clock_now_ms += ms;
    fixture_run(f, before + scrapes);
}

static inline scrape_targets fixture_targets(fixture *f, ifm_bump *arena)
{
    scrape_targets targets;
    ifm_bump_init(arena, 64 << 20);
    if (!scrape_targets_list(f->manager, arena, &targets, &f->err)) {
        fail_msg("%s", f->err.message);
    }
    return targets;
}

#endif

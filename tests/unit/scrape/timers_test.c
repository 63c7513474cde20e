/* SPDX-License-Identifier: Apache-2.0
 *
 * Timers fire in the order of their time, whatever was set, moved and taken back.
 */
#include "scrape/timers.h"

#include "check.h"

enum { TIMERS = 200 };

typedef struct fired {
    int order[TIMERS];
    int count;
} fired;

typedef struct item {
    scrape_timer timer;
    fired *to;
    int number;
} item;

static void fire(void *context)
{
    item *from = context;
    from->to->order[from->to->count++] = from->number;
}

static void timers_fire_in_order(void **state)
{
    static item items[TIMERS];
    static fired seen;
    scrape_timers timers = {.items = NULL};
    ifm_error err;
    uint32_t seed = 7;
    (void)state;
    for (int i = 0; i < TIMERS; i++) {
        CHECK(scrape_timers_reserve(&timers, &err));
        items[i] = (item){.timer = {.fire = fire, .context = &items[i]}, .to = &seen, .number = i};
        seed = seed * 1664525 + 1013904223;
        scrape_timers_set(&timers, &items[i].timer, (int64_t)(seed >> 8) % 1000);
    }
    for (int i = 0; i < TIMERS; i += 3) { /* moved */
        seed = seed * 1664525 + 1013904223;
        scrape_timers_set(&timers, &items[i].timer, (int64_t)(seed >> 8) % 1000);
    }
    int left = TIMERS;
    for (int i = 0; i < TIMERS; i += 7, left--) { /* taken back */
        scrape_timers_release(&timers, &items[i].timer);
    }
    scrape_timers_run(&timers, 499);
    int early = seen.count;
    for (int i = 0; i < early; i++) {
        CHECK(items[seen.order[i]].timer.due_ns <= 499);
    }
    CHECK(scrape_timers_next(&timers) >= 500);
    scrape_timers_run(&timers, 1000);
    CHECK_INT(seen.count, left);
    for (int i = 1; i < seen.count; i++) {
        CHECK(items[seen.order[i - 1]].timer.due_ns <= items[seen.order[i]].timer.due_ns);
        CHECK(seen.order[i] % 7 != 0);
    }
    CHECK_INT(scrape_timers_next(&timers), INT64_MAX);
    scrape_timers_deinit(&timers);
    check_end();
}

static void no_wait_is_longer_than_the_clock(void **state)
{
    static const int64_t centuries_ms = INT64_MAX / 1000000; /* the longest duration that can be configured */
    (void)state;
    CHECK_INT(scrape_timers_after(5, 3), 3000005);
    CHECK(scrape_timers_after(1000000, centuries_ms) > INT64_MAX / 3);
    CHECK(scrape_timers_after(1000000, centuries_ms * 3) > INT64_MAX / 3);
    CHECK(scrape_timers_after(1000000, centuries_ms * 3) < INT64_MAX - 1000000);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(timers_fire_in_order),
                                       cmocka_unit_test(no_wait_is_longer_than_the_clock)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

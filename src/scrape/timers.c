/* SPDX-License-Identifier: Apache-2.0 */
#include "scrape/timers.h"

#include <inferometer/registry.h>

enum { TIMERS_CAPACITY_MIN = 16 };

void scrape_timers_deinit(scrape_timers *timers)
{
    ifm_free(timers->items);
    *timers = (scrape_timers){.items = NULL};
}

bool scrape_timers_reserve(scrape_timers *timers, ifm_error *err)
{
    if (timers->reserved == timers->capacity) {
        size_t capacity = timers->capacity == 0 ? TIMERS_CAPACITY_MIN : timers->capacity * 2;
        scrape_timer **items = ifm_realloc(timers->items, capacity, sizeof(scrape_timer *));
        if (items == NULL) {
            return ifm_error_nomem(err);
        }
        timers->items = items;
        timers->capacity = capacity;
    }
    timers->reserved++;
    return true;
}

void scrape_timers_release(scrape_timers *timers, scrape_timer *timer)
{
    scrape_timers_unset(timers, timer);
    timers->reserved--;
}

static void place(scrape_timers *timers, size_t index, scrape_timer *timer)
{
    timers->items[index] = timer;
    timer->place = index + 1; /* T1 */
}

static void sift_up(scrape_timers *timers, size_t index)
{
    scrape_timer *timer = timers->items[index];
    while (index > 0 && timers->items[(index - 1) / 2]->due_ns > timer->due_ns) {
        place(timers, index, timers->items[(index - 1) / 2]);
        index = (index - 1) / 2;
    }
    place(timers, index, timer);
}

static void sift_down(scrape_timers *timers, size_t index)
{
    scrape_timer *timer = timers->items[index];
    for (;;) {
        size_t child = index * 2 + 1;
        if (child + 1 < timers->count && timers->items[child + 1]->due_ns < timers->items[child]->due_ns) {
            child++;
        }
        if (child >= timers->count || timers->items[child]->due_ns >= timer->due_ns) {
            break;
        }
        place(timers, index, timers->items[child]);
        index = child;
    }
    place(timers, index, timer);
}

void scrape_timers_set(scrape_timers *timers, scrape_timer *timer, int64_t due_ns)
{
    scrape_timers_unset(timers, timer);
    timer->due_ns = due_ns;
    timers->items[timers->count++] = timer; /* T2 */
    sift_up(timers, timers->count - 1);
}

void scrape_timers_unset(scrape_timers *timers, scrape_timer *timer)
{
    if (timer->place == 0) {
        return;
    }
    size_t index = timer->place - 1;
    timer->place = 0;
    scrape_timer *last = timers->items[--timers->count];
    if (last != timer) {
        timers->items[index] = last;
        sift_up(timers, index);
        sift_down(timers, last->place - 1);
    }
}

void scrape_timers_run(scrape_timers *timers, int64_t now_ns)
{
    while (timers->count > 0 && timers->items[0]->due_ns <= now_ns) {
        scrape_timer *timer = timers->items[0];
        scrape_timers_unset(timers, timer);
        timer->fire(timer->context);
    }
}

int64_t scrape_timers_after(int64_t now_ns, int64_t wait_ms)
{
    enum { MS_NS = 1000000 };
    /* Half of the range: whoever computes with it has room. */
    int64_t most_ms = (INT64_MAX / 2 - now_ns) / MS_NS;
    return now_ns + (wait_ms < most_ms ? wait_ms : most_ms) * MS_NS;
}

int64_t scrape_timers_next(const scrape_timers *timers)
{
    return timers->count == 0 ? INT64_MAX : timers->items[0]->due_ns;
}

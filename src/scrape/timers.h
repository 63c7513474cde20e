/* SPDX-License-Identifier: Apache-2.0
 *
 * What is to be done when: a heap of timers by the monotonic clock. A timer lies in the object that it is
 * for.
 *
 * Thread-safety: one thread.
 * T1  timer->place is 0 while the timer is not set, else one more than its index in the heap.
 * T2  a timer that was announced with scrape_timers_reserve() can be set without failing.
 */
#ifndef SCRAPE_TIMERS_H
#define SCRAPE_TIMERS_H

#include "base/base.h"

typedef struct scrape_timer {
    int64_t due_ns;
    size_t place;
    void (*fire)(void *context);
    void *context;
} scrape_timer;

typedef struct scrape_timers {
    scrape_timer **items;
    size_t count;
    size_t capacity;
    size_t reserved; /* timers that exist, set or not: T2 */
} scrape_timers;

void scrape_timers_deinit(scrape_timers *timers);

/* One more timer will exist. Errors: IFM_NOMEM. */
bool scrape_timers_reserve(scrape_timers *timers, ifm_error *err);
/* One less: it is not set any more. */
void scrape_timers_release(scrape_timers *timers, scrape_timer *timer);

/* Sets it, or sets it anew. */
void scrape_timers_set(scrape_timers *timers, scrape_timer *timer, int64_t due_ns);
void scrape_timers_unset(scrape_timers *timers, scrape_timer *timer);

/* Fires what is due at `now_ns`, the earliest first. A timer is not set any more when it fires. */
void scrape_timers_run(scrape_timers *timers, int64_t now_ns);

/* When it is `wait_ms` later; what the clock cannot say any more is as late as it can. */
int64_t scrape_timers_after(int64_t now_ns, int64_t wait_ms);

/* When the next one is due; INT64_MAX without one. */
int64_t scrape_timers_next(const scrape_timers *timers);

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * A target's loop: waits for its time, asks, appends the answer, reports. When its target goes it is retired,
 * and two intervals later writes staleness markers, which the store refuses if the target has come back.
 *
 *     waiting --due--> asking --answer, failure--> waiting ..
 *        |                |
 *        `----------------+--target gone--> retired --2.1 intervals--> markers, freed
 *
 * Thread-safety: the scraping thread's; fields marked S1 are read by others under manager->lock.
 */
#ifndef SCRAPE_LOOP_H
#define SCRAPE_LOOP_H

#include "scrape/manager.h"

enum { SCRAPE_REPORT_COUNT = 5 };

struct scrape_loop {
    scrape_manager *manager;
    scrape_timer timer;
    const config_file *file; /* a reference; `config` is part of it */
    const config_scrape *config;
    scrape_target *target; /* S1 */
    scrape_cache cache;    /* S2 */
    tsdb_group *group;
    tsdb_ref report[SCRAPE_REPORT_COUNT];
    int64_t aligned_ms; /* when it should ask, or should have asked last */
    uint64_t request;   /* 0: none is under way */
    int64_t asked_ms, asked_ns;
    const config_file *asked_file; /* a reference: what the request under way borrows from */
    scrape_target *asked_target;   /* likewise, when it is not `target` any more */
    ifm_buf headers_text;
    const char *headers[5];
    ifm_buf body;
    char forced_error[120]; /* "": none; the pool has too many targets */
    bool warned;            /* of samples that were refused */
    int64_t stale_ms;       /* of a retired one: the time of its markers */
    scrape_loop *next;      /* of retired ones */

    scrape_health health; /* S1, as all below */
    char last_error[IFM_ERROR_MESSAGE_SIZE];
    int64_t last_scrape_ms;
    double last_duration_s;
    uint32_t cache_entries;
};

/* Does not start it. Takes `target` when it succeeds. Errors: IFM_NOMEM. */
scrape_loop *scrape_loop_new(scrape_manager *manager, const config_file *file, const config_scrape *config,
                             scrape_target *target, ifm_error *err);
void scrape_loop_free(scrape_loop *loop); /* gives up its request; NULL is accepted */

void scrape_loop_start(scrape_loop *loop);

/* The target has gone: the caller has taken the loop from its pool's list. */
void scrape_loop_retire(scrape_loop *loop);

/* Goes on with another configuration and a target that is the same (scrape_target_same()), which it takes. */
void scrape_loop_adopt(scrape_loop *loop, const config_file *file, const config_scrape *config,
                       scrape_target *target);

/* Whether what the cache says of lines holds under the other configuration as well. */
bool scrape_config_keeps_cache(const config_scrape *a, const config_scrape *b);

/* ---- Private to loops ---- */

/* What a scrape came to, before it is reported. */
typedef struct scrape_outcome {
    int64_t time_ms;
    bool failed;
    ifm_error err; /* of the scrape when it failed, of the store when its code is set */
    scrape_counts counts;
} scrape_outcome;

/* Appends the body, or what a failed scrape means, and reports; fills in what it came to. */
void scrape_loop_store(scrape_loop *loop, const http_response *response, scrape_outcome *outcome);

#endif

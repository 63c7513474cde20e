/* SPDX-License-Identifier: Apache-2.0
 *
 * Private to scraping: what its parts share.
 *
 *     timers --due--> loop --request--> client --answer--> append --> store
 *       ^    --due--> discovery (files, HTTP) --groups--> pool: starts and retires loops
 *
 * Thread-safety: one thread, the scraping one, does all this. Others see the fields under the locks.
 * S1  `lock` protects the lists of pools, loops and dropped targets, what a loop shows of itself, and the
 *     counters. The scraping thread reads without it what only it writes.
 * S2  `cache_lock` protects the caches: it is held while an answer is appended, and by who lists metadata.
 *     It is taken after `lock`, if both are.
 */
#ifndef SCRAPE_MANAGER_H
#define SCRAPE_MANAGER_H

#include "scrape/append.h"
#include "scrape/scrape.h"
#include "scrape/timers.h"

typedef struct scrape_pool scrape_pool;
typedef struct scrape_loop scrape_loop;

struct scrape_manager {
    tsdb *db;
    const ifm_os_clock *clock;
    http_client *client;
    scrape_timers timers;
    scrape_scratch scratch;
    ifm_buf spares[SCRAPE_SPARE_BODIES_MAX]; /* memory for answers */
    size_t spare_count;
    uint64_t seed; /* of the host: two monitors do not ask at the same moment */
    bool sync_due; /* a discovery found something */

    pthread_mutex_t lock; /* S1 */
    pthread_mutex_t cache_lock;
    scrape_pool **pools;
    size_t pool_count;
    scrape_loop *retired; /* of targets that went: to write staleness markers */
    scrape_stats stats;   /* `targets`, `targets_up` and `cache_entries` are counted when asked */

    /* The thread, and what is handed to it; under `mail_lock`. */
    pthread_t thread;
    bool has_thread;
    pthread_mutex_t mail_lock;
    pthread_cond_t mail_done;
    pthread_mutex_t apply_lock; /* one at a time */
    const config_file *mail;    /* NULL: none, or taken */
    bool mail_ok;
    ifm_error *mail_err;
    bool stopping;
};

/* Memory for an answer of at most `max` bytes, and a NUL behind them. */
void scrape_body_take(scrape_manager *manager, size_t max, ifm_buf *out);
void scrape_body_give(scrape_manager *manager, ifm_buf *body);

#endif

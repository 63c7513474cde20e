/* SPDX-License-Identifier: Apache-2.0
 *
 * A target: what its labels are, where it is asked and when. Made from a group of a discovery and
 * relabelling; constant after that.
 *
 * Thread-safety: scrape_target_new() is the scraping thread's, for relabelling; a target may be read by any.
 */
#ifndef SCRAPE_TARGET_H
#define SCRAPE_TARGET_H

#include "config/config.h"

typedef struct scrape_target {
    ifm_bump arena;          /* all of it */
    model_labels discovered; /* before relabelling */
    model_labels labels;     /* after it, without __meta_ ones; empty: dropped */
    model_labels shown;      /* those that series get: without "__" */
    const char *url;
    uint64_t hash; /* of labels and URL: what tells one target of a pool from another */
    int64_t interval_ms, timeout_ms;
} scrape_target;

/* The target number `index` of `group`. Dropped by relabelling: `labels` is empty. Errors: IFM_INVALID (it
 * cannot be a target: no address, an interval that is none), IFM_LIMIT, IFM_NOMEM. */
scrape_target *scrape_target_new(const config_scrape *config, const config_target_group *group, size_t index,
                                 ifm_error *err);
void scrape_target_free(scrape_target *target); /* NULL is accepted */

/* Same labels and URL. */
bool scrape_target_same(const scrape_target *a, const scrape_target *b);

#endif

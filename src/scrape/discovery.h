/* SPDX-License-Identifier: Apache-2.0
 *
 * Where the targets of a pool come from, beside its configuration: files that are looked at every few
 * seconds, and URLs that are asked at their refresh interval. What cannot be read or parsed leaves the groups
 * of the last time.
 *
 * Thread-safety: the scraping thread's.
 */
#ifndef SCRAPE_DISCOVERY_H
#define SCRAPE_DISCOVERY_H

#include "scrape/manager.h"

#include <sys/stat.h>

/* Groups that lie in an arena of their own. */
typedef struct scrape_groups {
    ifm_bump arena;
    const config_target_group *items;
    size_t count;
} scrape_groups;

typedef struct scrape_sd_file {
    char *path;
    struct stat status; /* when it was read, or refused, last */
    scrape_groups groups;
    bool refused; /* it cannot be read now: the groups are those of before */
    bool found;   /* by this look */
} scrape_sd_file;

typedef struct scrape_discovery scrape_discovery;

typedef struct scrape_sd_http {
    scrape_discovery *discovery;
    const config_http_sd *config;
    scrape_timer timer;
    scrape_groups groups;
    uint64_t request;
    ifm_buf body;
    char refresh_header[80];
    const char *headers[3];
    bool warned;
} scrape_sd_http;

struct scrape_discovery {
    scrape_manager *manager;
    const config_scrape *config;
    bool *sync_due; /* set when groups have changed */
    scrape_sd_file *files;
    size_t file_count, file_capacity;
    scrape_timer files_timer;
    scrape_sd_http *https;
    size_t timers_reserved;
};

/* Reads the files. `config` outlives it. Errors: IFM_NOMEM. */
bool scrape_discovery_init(scrape_discovery *discovery, scrape_manager *manager, const config_scrape *config,
                           bool *sync_due, ifm_error *err);
void scrape_discovery_deinit(scrape_discovery *discovery);

/* Sets its timers. With `old`, takes over what the same URLs have said, and files that are refused now. */
void scrape_discovery_start(scrape_discovery *discovery, scrape_discovery *old);

/* The groups that a file or a URL said last: those of `old`, before they are taken over. */
const scrape_groups *scrape_discovery_file_groups(const scrape_discovery *discovery, size_t index,
                                                  const scrape_discovery *old);
const scrape_groups *scrape_discovery_http_groups(const scrape_discovery *discovery, size_t index,
                                                  const scrape_discovery *old);

#endif

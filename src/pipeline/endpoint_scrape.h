/* SPDX-License-Identifier: Apache-2.0
 *
 * One scrape: the registry written out, and compressed when the client takes it.
 *
 * Thread-safety: one scrape by one thread.
 */
#ifndef IFM_PIPELINE_ENDPOINT_SCRAPE_H
#define IFM_PIPELINE_ENDPOINT_SCRAPE_H

#include <inferometer/error.h>
#include <inferometer/registry.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct ifm_scrape {
    /* In; borrowed until ifm_scrape_run() returns. */
    ifm_registry *registry;
    ifm_expose_options options;
    bool gzip_wanted;
    /* Out */
    char *body; /* the caller frees it with ifm_free(); NULL when it failed */
    size_t size;
    bool gzipped; /* false too when there was no memory to compress */
    ifm_error err;
} ifm_scrape;

void ifm_scrape_run(ifm_scrape *scrape);

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * What is said of formats: the Accept header of a scrape, and what an answer's Content-Type means.
 *
 * Thread-safety: any thread; no state.
 */
#ifndef SCRAPE_PROTOCOL_H
#define SCRAPE_PROTOCOL_H

#include "config/config.h"

typedef enum scrape_format {
    SCRAPE_FORMAT_TEXT,
    SCRAPE_FORMAT_OPENMETRICS,
    SCRAPE_FORMAT_PROTOBUF
} scrape_format;

/* Appends "Accept: ..." with the protocols of `config`, the first the most wanted. */
void scrape_accept_header(const config_scrape *config, ifm_buf *out);

/* False with IFM_INVALID when it is none that we read, and there is no fallback. */
bool scrape_format_of(const char *content_type, config_protocol fallback, scrape_format *out, ifm_error *err);

/* "404 Not Found" as it stands in a status line. */
void scrape_status_text(int status, char *out, size_t size);

#endif

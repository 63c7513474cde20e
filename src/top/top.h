/* SPDX-License-Identifier: Apache-2.0
 *
 * Layer 6: the Overview in a terminal. It asks the HTTP API of a monitor, or of any Prometheus.
 *
 * Thread-safety: one thread, and one terminal of the process.
 */
#ifndef IFM_TOP_H
#define IFM_TOP_H

#include "base/base.h"
#include "http/http.h"

#include <stdint.h>

typedef enum top_page { TOP_PAGE_OVERVIEW, TOP_PAGE_PIPELINE, TOP_PAGE_TARGETS, TOP_PAGE_ALERTS } top_page;

typedef enum top_wanted_graph {
    TOP_WANTED_AUTO, /* what the locale and the terminal can show */
    TOP_WANTED_BRAILLE,
    TOP_WANTED_BLOCK,
    TOP_WANTED_ASCII
} top_wanted_graph;

/* Everything is borrowed. */
typedef struct top_options {
    const char *url;          /* of the server, without a slash at its end */
    bool is_guess;            /* nobody named it, and no monitor of this user runs */
    const http_options *http; /* user, password, certificates */
    int64_t timeout_ms;       /* of one question */
    int64_t interval_ms;      /* between two answers */
    int64_t range_ms;
    double objective_s; /* of a duration, a bound of its buckets */
    top_page page;
    const char *pipeline; /* of TOP_PAGE_PIPELINE; NULL elsewhere */
    top_wanted_graph graph;
    bool has_colour;
    bool is_utf8; /* characters of the locale that the terminal is told in; LC_CTYPE is set */
    int cancel_fd;
    int width, height; /* of one frame; a list is shown whole */
} top_options;

/* Shows it until a key or `cancel_fd` ends it. Errors: IFM_UNSUPPORTED (this is no terminal that can show
 * it), IFM_CANCELED (by cancel_fd), IFM_IO (the terminal went away), IFM_NOMEM. */
bool top_run(const top_options *options, ifm_error *err);

/* Appends one frame of plain text. Errors: IFM_IO, IFM_TIMEOUT and others (the server could not be asked),
 * IFM_NOT_FOUND (it has no such pipeline), IFM_CANCELED, IFM_NOMEM. */
bool top_once(const top_options *options, ifm_buf *out, ifm_error *err);

#endif

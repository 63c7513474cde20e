/* SPDX-License-Identifier: Apache-2.0
 *
 * Limits of the HTTP server, each with its reason.
 */
#ifndef IFM_WEB_LIMITS_H
#define IFM_WEB_LIMITS_H

enum {
    /* Connections at once, Prometheus's default. One that is open costs a thread and WEB_CONNECTION_BYTES, of
     * memory that is touched some 80 KiB, whatever its stack could grow to. */
    WEB_CONNECTIONS_MAX = 512,

    /* Queries at once, and those that may wait: the one is Prometheus's default, the other what a page of
     * dashboards in a hundred browsers asks for at a time. */
    WEB_QUERIES_MAX = 20,
    WEB_QUERIES_QUEUED_MAX = 200,

    /* Prometheus's default of --query.timeout. */
    WEB_QUERY_TIMEOUT_MS = 120000,

    /* Steps of a range query, as Prometheus has it. */
    WEB_STEPS_MAX = 11000,

    /* Request line and headers of one connection, with what MHD notes beside them. A query of 20 KiB in a URL
     * is the longest that browsers and proxies let through. MHD clears all of it between two requests, so all
     * of it is in memory. */
    WEB_CONNECTION_BYTES = 64 * 1024,

    /* A form: an expression has at most 1 MiB, each byte of which takes up to three. */
    WEB_BODY_BYTES_MAX = 4 * 1024 * 1024,

    /* A longer one is not even read to be dropped. */
    WEB_BODY_DROPPED_BYTES_MAX = 4 * WEB_BODY_BYTES_MAX,

    /* Parameters of a request: Grafana sends one match[] for each metric of a list at most. */
    WEB_PARAMS_MAX = 4096,

    /* Memory that a request may use beside its query and its answer: lists of series, decoded parameters. */
    WEB_REQUEST_BYTES_MAX = 512 * 1024 * 1024,

    /* One answer, and all that were not read to their end: past it new queries are refused. */
    WEB_ANSWER_BYTES_MAX = 512 * 1024 * 1024,
    WEB_UNREAD_BYTES_MAX = 1024 * 1024 * 1024,

    /* Smaller answers fit into a packet as they are. */
    WEB_GZIP_BYTES_MIN = 1400,

    /* A connection that neither sends nor reads. Grafana keeps its own for 90 s. */
    WEB_IDLE_SECONDS = 120,

    /* How long a request may take to come, and an answer to be read, with a second for each of so many bytes
     * (1 Mbit/s); and how often somebody looks. */
    WEB_REQUEST_SECONDS = 300,
    WEB_READ_BYTES_PER_SECOND = 131072,
    WEB_WATCH_SECONDS = 10,

    /* How often a query looks whether its client is still there, and for its deadline. */
    WEB_LOOK_MS = 50,

    /* Passwords that wait for being verified: one takes a quarter of a second at bcrypt's cost 12. */
    WEB_VERIFICATIONS_MAX = 16,

    /* Warnings and infos of an answer, as Prometheus has it. */
    WEB_ANNOTATIONS_MAX = 10,

    /* Bytes of the path of a request: label names are the longest part of one. */
    WEB_PATH_BYTES_MAX = 16 * 1024,

    /* Files of --dashboards.path, and the bytes of each: the largest public ones have some 600 KB. */
    WEB_DASHBOARDS_MAX = 1000,
    WEB_DASHBOARD_BYTES_MAX = 5 * 1024 * 1024,

    /* Bytes of what is kept of each for the list: title and description of most have less than 1 KB. */
    WEB_DASHBOARD_KNOWN_BYTES_MAX = 64 * 1024,

    /* Rows of each table of status/tsdb, as Prometheus has it. */
    WEB_TSDB_ROWS_MAX = 10000
};

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * Limits of asking other servers, each with its reason. The size and the time of an answer are limits of each
 * request.
 */
#ifndef HTTP_LIMITS_H
#define HTTP_LIMITS_H

enum {
    /* Bytes of a secret in a file: tokens are some 1,000 bytes, and servers refuse lines of more than 8 or
     * 16 KiB. */
    HTTP_SECRET_BYTES_MAX = 64 * 1024,

    /* Bytes of certificates and keys that stand in a configuration: a bundle of all public authorities is
     * 220 KB. */
    HTTP_PEM_BYTES_MAX = 4 * 1024 * 1024,

    /* Different such texts of one client: each is an open file. */
    HTTP_PEM_COUNT_MAX = 256,

    /* Bytes of all head lines of an answer and of what came before it (100 Continue, redirects). libcurl
     * itself only limits a line. */
    HTTP_HEAD_BYTES_MAX = 256 * 1024,

    /* Redirects that are followed, as Go and Prometheus have it. */
    HTTP_REDIRECTS_MAX = 10,

    /* Bytes that are read at once: 64 KiB are a third of the calls of libcurl's 16, and more than that is
     * mapped and unmapped by malloc() for each request. */
    HTTP_READ_BYTES = 64 * 1024,

    /* Requests whose memory is kept for the next ones: as many as go on at the same time in a usual round. */
    HTTP_IDLE_MAX = 32,

    /* Connections that are kept: as many targets as a monitor of one machine may have, so that each keeps
     * its own from scrape to scrape. */
    HTTP_CONNECTIONS_MAX = 1024,

    /* A connection that nobody used for as long is closed: twice the longest usual scrape interval. */
    HTTP_CONNECTION_IDLE_S = 120,

    /* Descriptors that are waited for beside those of requests: a terminal and signals, with room. */
    HTTP_BESIDE_MAX = 8,

    /* Bytes of an address. */
    HTTP_URL_BYTES_MAX = 64 * 1024
};

#endif

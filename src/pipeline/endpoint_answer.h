/* SPDX-License-Identifier: Apache-2.0
 *
 * Answers of the endpoint: status, headers, body. Every one says what it is, is not kept by caches, and is
 * not guessed at by browsers.
 *
 * Thread-safety: on the endpoint's loop.
 */
#ifndef IFM_PIPELINE_ENDPOINT_ANSWER_H
#define IFM_PIPELINE_ENDPOINT_ANSWER_H

#include <microhttpd.h>
#include <stddef.h>

typedef struct ifm_answer_header {
    const char *name;
    const char *value;
} ifm_answer_header;

enum { IFM_ANSWER_HEADERS_MAX = 5 };

typedef enum ifm_answer_body {
    IFM_ANSWER_BORROWS, /* the body outlives the endpoint's connections */
    IFM_ANSWER_TAKES    /* freed with ifm_free(), also when queueing fails */
} ifm_answer_body;

typedef struct ifm_answer {
    unsigned status;
    char *body;
    size_t size;
    ifm_answer_body ownership;
    ifm_answer_header headers[IFM_ANSWER_HEADERS_MAX]; /* up to the first without a name */
} ifm_answer;

/* MHD_NO when it could not be queued; the connection is then to be closed. */
enum MHD_Result ifm_answer_queue(struct MHD_Connection *connection, const ifm_answer *answer);

#endif

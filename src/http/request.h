/* SPDX-License-Identifier: Apache-2.0
 *
 * Private to http: one request, and what is made of its options.
 */
#ifndef HTTP_REQUEST_H
#define HTTP_REQUEST_H

#include "http/http.h"
#include "http/pem.h"

#include <curl/curl.h>

typedef struct http_transfer http_transfer;

struct http_transfer {
    http_transfer *next, *previous; /* of those under way, or of the idle ones */
    CURL *easy;
    uint64_t id;
    http_request request; /* as it was given */
    struct curl_slist *headers;
    struct curl_slist *connect_to;
    size_t body_bytes; /* decompressed, of this request */
    size_t head_bytes;
    int64_t retry_after_ms; /* -1 without */
    ifm_code stopped;       /* why a callback ended it; IFM_OK: none did */
    char complaint[CURL_ERROR_SIZE];
};

/* Sets what `transfer->request` and its options say of where to go, of TLS, of proxies and of
 * authentication. */
bool http_transfer_set_options(http_transfer *transfer, http_pems *pems, ifm_error *err);

/* Appends to the list of head lines. */
bool http_transfer_add_header(http_transfer *transfer, const char *line, ifm_error *err);

/* Says in `err` what went wrong. */
void http_transfer_explain(const http_transfer *transfer, CURLcode code, ifm_error *err);

#endif

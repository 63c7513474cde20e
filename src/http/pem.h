/* SPDX-License-Identifier: Apache-2.0
 *
 * Certificates and keys that stand in a configuration, as files in memory: not every TLS library of libcurl
 * takes them otherwise. The same text is the same file for as long as the client is there, because libcurl
 * tells by the name whether a connection may be used again.
 *
 * Thread-safety: one thread.
 */
#ifndef HTTP_PEM_H
#define HTTP_PEM_H

#include "base/base.h"

typedef struct http_pem {
    char *text;
    int fd;
} http_pem;

typedef struct http_pems { /* zeroed: none */
    http_pem *items;
    size_t count;
} http_pems;

void http_pems_deinit(http_pems *pems);

/* The name of the file. Errors: IFM_LIMIT, IFM_IO, IFM_NOMEM. */
enum { HTTP_PEM_PATH_SIZE = 32 };
bool http_pems_path(http_pems *pems, const char *text, char out[HTTP_PEM_PATH_SIZE], ifm_error *err);

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * Layer 2. Asking other servers over HTTP: many requests at once in one thread, on libcurl. For scraping,
 * service discovery, remote write and webhooks alike.
 *
 * What a server sends is not trusted: its size, also after decompression, and its time have limits.
 *
 * Thread-safety: a client is one thread's; http_client_wake() may be called from any.
 */
#ifndef IFM_HTTP_H
#define IFM_HTTP_H

#include "base/base.h"

/* Prometheus's HTTPClientConfig; texts are NULL when they are not set. Files are read at each request, so
 * that secrets can be replaced. */
typedef struct http_options {
    char *user, *user_file;
    char *password, *password_file;
    char *authorization_type; /* "Bearer" */
    char *authorization, *authorization_file;
    char *ca, *ca_file, *cert, *cert_file, *key, *key_file; /* PEM */
    char *server_name;
    bool insecure_skip_verify;
    char *tls_min_version, *tls_max_version; /* "TLS12"; NULL: libcurl's */
    char *proxy_url, *no_proxy;
    bool proxy_from_environment;
    bool no_redirects;          /* follow_redirects: false */
    bool no_http2;              /* enable_http2: false */
    const char *const *headers; /* "Name: value", ends with NULL; or NULL */
} http_options;

typedef struct http_client http_client;
typedef struct http_response http_response;

typedef struct http_request {
    const char *url;
    const char *method; /* NULL: GET, or POST with a body */
    /* Beside those of `options`; ends with NULL, or NULL. Without "Accept-Encoding: identity" among them gzip
     * and deflate are asked for. */
    const char *const *headers;
    const http_options *options;
    const char *body; /* until it is done */
    size_t body_size;
    int64_t timeout_ms;
    size_t body_max; /* bytes of the answer, as sent and decompressed; IFM_LIMIT beyond */
    ifm_buf *out;    /* gets the body; its maximum is >= body_max */
    /* Called in http_client_run(), once; the request is over. `err` NULL: an answer came, whatever its
     * status. */
    void (*done)(void *context, const http_response *response, const ifm_error *err);
    void *context;
} http_request;

struct http_response {
    int status;
    const char *content_type; /* "" without; valid during done() */
    int64_t retry_after_ms;   /* -1 without */
    size_t wire_bytes;        /* before decompression */
    int64_t duration_ns;
};

http_client *http_client_new(const char *user_agent, ifm_error *err);
/* Requests under way are given up, without done(). */
void http_client_free(http_client *client);

/* Starts a request; connections are kept and used again. `request` is copied, what it points to is not. The
 * id is never 0. Errors (also told so, not by done()): IFM_INVALID (the URL), IFM_IO (a file), IFM_NOMEM. */
uint64_t http_client_start(http_client *client, const http_request *request, ifm_error *err);
/* Gives it up, without done(). An id that is over is ignored. */
void http_client_cancel(http_client *client, uint64_t id);

/* Does what can be done, waits at most `wait_ms` for something to do, and returns. Errors of a request reach
 * its done(): IFM_IO ("connection refused"), IFM_TIMEOUT, IFM_LIMIT, IFM_INVALID (no HTTP). */
void http_client_run(http_client *client, int64_t wait_ms);
/* The same, and returns as soon as one of `count` descriptors can be read, too: for a loop that also has
 * keys or signals to wait for. */
void http_client_run_beside(http_client *client, int64_t wait_ms, const int *fds, size_t count);
void http_client_wake(http_client *client);

/* What is shown of a URL, for "%.*s%s": `scheme_size` bytes of it, and what is returned. The user and the
 * password are left out, also where the URL is none: of a text without a scheme, or whose host cannot be one,
 * all up to the last "@". */
const char *http_url_without_user(const char *url, int *scheme_size);

#endif

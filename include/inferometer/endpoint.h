/* SPDX-License-Identifier: Apache-2.0
 *
 * The HTTP endpoint that a scraper reads: /metrics, a small page at /, /-/healthy.
 *
 * It runs on threads of its own and never touches the threads that update metrics. A slow, silent or
 * broken client costs a connection until the idle time is over, nothing else.
 *
 * /metrics answers GET and HEAD; the format is chosen by Accept (q-values), the compression by
 * Accept-Encoding, and `?name[]=NAME` (repeatable) limits the answer to samples of these names.
 *
 * Thread-safety: any thread; an endpoint must not be stopped twice. After fork() the child has no
 * endpoint: stopping the inherited one only frees its memory.
 */
#ifndef IFM_ENDPOINT_H
#define IFM_ENDPOINT_H

#include <inferometer/error.h>
#include <inferometer/registry.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ifm_endpoint ifm_endpoint;

enum {
    IFM_ENDPOINT_PORT_DEFAULT = 8000,
    IFM_ENDPOINT_PORT_ANY = -1,   /* the system chooses; ifm_endpoint_port() tells which */
    IFM_ENDPOINT_SCRAPES_MAX = 4, /* at once; more are answered 503 with Retry-After */
    IFM_ENDPOINT_CONNECTIONS_MAX = 64,
    IFM_ENDPOINT_CONNECTIONS_PER_ADDRESS_MAX = 32,
    IFM_ENDPOINT_IDLE_SECONDS = 10,
    IFM_ENDPOINT_HEADER_BYTES_MAX = 32768 /* per connection, headers and request line together */
};

typedef struct ifm_endpoint_options {
    const char *address;       /* "127.0.0.1" when NULL; "0.0.0.0", "::", "::1", any local address */
    int port;                  /* 0 means 8000; IFM_ENDPOINT_PORT_ANY lets the system choose */
    const char *user;          /* basic auth when not NULL; then password_hash is required */
    const char *password_hash; /* crypt(3) form: bcrypt "$2y$..", yescrypt "$y$..", SHA-512 "$6$.." */
    const char *tls_cert_file; /* PEM, with its chain; TLS when not NULL; then tls_key_file is required */
    const char *tls_key_file;  /* PEM */
    unsigned scrapes_max;      /* 0 means IFM_ENDPOINT_SCRAPES_MAX */
    unsigned connections_max;  /* 0 means IFM_ENDPOINT_CONNECTIONS_MAX */
    unsigned idle_seconds;     /* 0 means IFM_ENDPOINT_IDLE_SECONDS */
    unsigned header_bytes_max; /* 0 means IFM_ENDPOINT_HEADER_BYTES_MAX; at least 1024 */
    const char *title;         /* shown on the page at /; NULL means "Inferometer" */
} ifm_endpoint_options;

/* Starts serving `registry` (NULL: the default one), which must outlive the endpoint. `options` may be
 * NULL. Errors: IFM_BUSY (the port is taken: the message names the process when /proc tells), IFM_INVALID
 * (address, port, a limit, hash, or a certificate that cannot be used), IFM_UNSUPPORTED (the system has no
 * IPv6, or libmicrohttpd no TLS), IFM_IO, IFM_NOMEM. */
IFM_API IFM_MUST_USE ifm_endpoint *ifm_endpoint_start(ifm_registry *registry,
                                                      const ifm_endpoint_options *options, ifm_error *err);

/* The port that is served, 1 to 65535. */
IFM_API int ifm_endpoint_port(const ifm_endpoint *endpoint);

/* "http://127.0.0.1:8000/metrics": as the endpoint can be reached from this host; valid until stop. */
IFM_API const char *ifm_endpoint_url(const ifm_endpoint *endpoint);

/* Stops: no new connections, running answers are ended, threads joined, memory freed. NULL is accepted. */
IFM_API void ifm_endpoint_stop(ifm_endpoint *endpoint);

#ifdef __cplusplus
}
#endif

#endif

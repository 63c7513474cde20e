/* SPDX-License-Identifier: Apache-2.0
 *
 * The listening socket of a server: from an address and a port to a file descriptor, or to a sentence
 * that says who is in the way.
 *
 * Thread-safety: any thread; no state.
 */
#ifndef IFM_OS_LISTEN_H
#define IFM_OS_LISTEN_H

#include <inferometer/error.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>

typedef union ifm_listen_address {
    struct sockaddr any;
    struct sockaddr_in in;
    struct sockaddr_in6 in6;
} ifm_listen_address;

enum {
    IFM_LISTEN_HOST_SIZE = 80,  /* "[", an IPv6 address with "%25" and an interface, "]" */
    IFM_LISTEN_PLACE_SIZE = 96, /* the same with a port */
    IFM_LISTEN_URL_SIZE = 128
};

/* `text` is an IPv4 or IPv6 address, no name; NULL means 127.0.0.1. `port` is as in ifm_endpoint_options.
 * Errors: IFM_INVALID. */
bool ifm_listen_address_parse(const char *text, int port, ifm_listen_address *out, ifm_error *err);

/* "127.0.0.1:8000", "[::1]:8000". */
void ifm_listen_address_print(const ifm_listen_address *address, char out[IFM_LISTEN_PLACE_SIZE]);

/* The URL of `path` ("/metrics", at most 16 bytes) as this host reaches it: a wildcard address becomes a
 * loopback address. */
void ifm_listen_url(const ifm_listen_address *address, bool tls, const char *path,
                    char out[IFM_LISTEN_URL_SIZE]);

/* A socket that listens, non-blocking and close-on-exec; the caller closes it. A port 0 in `address` is
 * replaced by the one the system chose. -1 on failure, then *number is the errno. */
int ifm_listen_open(ifm_listen_address *address, int *number);

/* Fills `err` in for a failed ifm_listen_open(): looks through /proc for the process in the way, so it is
 * slow. `advice` is what to do about a port that is taken. IFM_BUSY, IFM_INVALID (no such address here),
 * IFM_UNSUPPORTED (no IPv6) or IFM_IO. Returns false. */
bool ifm_listen_error(const ifm_listen_address *address, int number, const char *advice, ifm_error *err);

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of the endpoint share: the endpoint, its connections, its requests.
 *
 * One thread, the loop, does all input and output through libmicrohttpd, which runs in its external epoll
 * mode: MHD has no thread of its own and is never entered by two. Nothing slow runs on the loop. A scrape,
 * or a password that was not seen before, is handed to a worker while MHD suspends the connection; the
 * worker hands it back and the loop answers. So
 *  - a slow reader, or one that sends a byte at a time, costs its connection until the deadline, and no
 *    scrape's place: that is held only while the document is made (endpoint_work.h);
 *  - a slow collector delays scrapes, not /-/healthy nor the answer 503;
 *  - every deadline is kept in one place, and closing a connection cannot race with its end.
 * MHD's own thread pool was refused for these reasons: a worker that gathers holds up all connections it
 * was given, its idle time starts anew with each byte, and it spins while accept() finds no descriptor.
 *
 * E1  `clients` has exactly the connections that MHD has: changed in MHD's notifications only.
 * E2  a connection is suspended exactly while a worker has its request: client->suspended.
 * E3  every descriptor of the endpoint is opened and closed, and MHD is entered, under `running` or under
 *     the fork lock; so fork() finds none half-made (endpoint_fork.h).
 */
#ifndef IFM_PIPELINE_ENDPOINT_IMPL_H
#define IFM_PIPELINE_ENDPOINT_IMPL_H

#include "base/base.h"
#include "os/os.h"
#include "pipeline/endpoint_work.h"

#include <inferometer/endpoint.h>
#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum {
    IFM_ENDPOINT_VERIFICATIONS_MAX = 16, /* waiting for the one thread that hashes passwords */
    IFM_ENDPOINT_BODY_BYTES_MAX = 65536, /* of a request: read and ignored, so the connection lives on */
    IFM_ENDPOINT_READ_BYTES_PER_SECOND = 131072, /* the slowest reader that is waited for: 1 Mbit/s */
    IFM_ENDPOINT_ANSWER_BYTES_MAX = 256 << 20    /* of answers not read yet, before new scrapes are refused */
};

/* One connection. */
typedef struct ifm_client {
    struct ifm_client *next;
    struct ifm_client *before;
    struct MHD_Connection *connection;
    int64_t deadline_ns; /* monotonic; INT64_MAX while a worker has the request */
    int fd;              /* MHD's; valid until the client is gone */
    bool suspended;      /* E2 */
} ifm_client;

struct ifm_endpoint {
    /* Constant once started. */
    pid_t pid; /* of the process that started it: in another one, after fork(), there are no threads */
    ifm_registry *registry;
    unsigned connections_max;
    unsigned header_bytes_max;
    int64_t idle_ns;
    ifm_listen_address address;
    char url[IFM_LISTEN_URL_SIZE];
    char *page;
    size_t page_size;
    ifm_auth *auth;         /* NULL: everybody may read */
    ifm_workers *scrapers;  /* their limit is scrapes_max */
    ifm_workers *verifiers; /* one thread; NULL without auth */
    struct MHD_Daemon *daemon;
    int listen_fd;
    int wake_fd;             /* eventfd: a worker is done, or stop */
    int epoll_fd;            /* MHD's */
    char start_message[160]; /* what MHD said last before it ran */
    pthread_t thread;
    bool thread_started;
    atomic_bool stopping; /* relaxed: the eventfd orders it */

    pthread_mutex_t running; /* held by the loop but while it waits; protects MHD and the fields below */
    ifm_client *clients;     /* E1 */
    unsigned client_count;
    uint64_t answer_bytes;   /* queued in MHD, not sent to the end */
    int64_t accept_again_ns; /* accept() found no resources: not before this */
    ifm_endpoint *fork_next; /* protected by the fork lock */
};

/* endpoint_daemon.c */

/* Opens the descriptors and starts MHD and the threads. `tls` is NULL without TLS. Under the fork lock. On
 * failure what was opened stays for ifm_endpoint_daemon_stop(), and *listen_number is not 0 when the reason
 * is for ifm_listen_error() to tell. */
bool ifm_endpoint_daemon_start(ifm_endpoint *endpoint, const ifm_endpoint_options *options,
                               const ifm_tls_files *tls, int *listen_number, ifm_error *err);

/* Joins the threads. Not under the fork lock: a collector that still runs may fork. */
void ifm_endpoint_daemon_join(ifm_endpoint *endpoint);

/* After the threads: ends the connections, closes the descriptors. Under the fork lock. */
void ifm_endpoint_daemon_stop(ifm_endpoint *endpoint);

/* endpoint_loop.c: the thread, and MHD_NotifyConnectionCallback. `context` is the endpoint. */
void *ifm_endpoint_loop_run(void *context);
void ifm_endpoint_client_notify(void *context, struct MHD_Connection *connection, void **socket_context,
                                enum MHD_ConnectionNotificationCode code);

/* endpoint_request.c: MHD_AccessHandlerCallback and MHD_RequestCompletedCallback. */
enum MHD_Result ifm_endpoint_request_handle(void *context, struct MHD_Connection *connection, const char *url,
                                            const char *method, const char *version, const char *upload,
                                            size_t *upload_size, void **request);
void ifm_endpoint_request_completed(void *context, struct MHD_Connection *connection, void **request,
                                    enum MHD_RequestTerminationCode reason);

/* Gives the finished jobs of workers back to their connections. */
void ifm_endpoint_requests_resume(ifm_endpoint *endpoint);

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * Deadlines of connections. MHD's idle time starts anew with each byte; who sends or reads a byte a minute
 * would keep a connection, and the answer on it, for ever. A thread looks every few seconds and ends what is
 * overdue.
 *
 * Thread-safety: any thread.
 * D1  the list has exactly the connections that MHD has: changed in MHD's notifications only.
 */
#ifndef IFM_WEB_WATCH_H
#define IFM_WEB_WATCH_H

#include <inferometer/error.h>
#include <microhttpd.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/* One connection. */
typedef struct web_client {
    struct web_client *next, *before;
    int fd;              /* MHD's; valid until the client is gone */
    int64_t deadline_ns; /* monotonic; INT64_MAX: none */
} web_client;

typedef struct web_watch {
    pthread_mutex_t lock;  /* protects all below */
    pthread_cond_t wanted; /* of CLOCK_MONOTONIC, as is `gone` */
    pthread_cond_t gone;   /* a client is */
    web_client *clients;   /* D1 */
    bool stopping;
    bool started;
    pthread_t thread;
} web_watch;

bool web_watch_start(web_watch *watch, ifm_error *err);
/* After MHD has stopped. May be called on a zeroed watch. */
void web_watch_stop(web_watch *watch);

/* Ends all connections, and waits until MHD has let go of them; no new ones may come meanwhile. What is being
 * answered is answered, if that takes no more than a moment. */
void web_watch_end(web_watch *watch);

/* MHD_NotifyConnectionCallback; `context` is the watch. The connection's context becomes its web_client. */
void web_watch_notify(void *context, struct MHD_Connection *connection, void **socket_context,
                      enum MHD_ConnectionNotificationCode code);

/* The next deadline of a connection: to send a request, to read `bytes`, or none while it is worked on. */
void web_watch_request(web_watch *watch, struct MHD_Connection *connection);
void web_watch_work(web_watch *watch, struct MHD_Connection *connection);
void web_watch_answer(web_watch *watch, struct MHD_Connection *connection, uint64_t bytes);

/* For tests: ends what is overdue at `now_ns`; how many. */
unsigned web_watch_look(web_watch *watch, int64_t now_ns);

#endif

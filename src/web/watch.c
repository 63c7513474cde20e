/* SPDX-License-Identifier: Apache-2.0 */
#include "web/watch.h"

#include "os/os.h"
#include "web/limits.h"

#include <sys/socket.h>
#include <time.h>

#define NS_PER_S  INT64_C(1000000000)
#define NS_PER_MS INT64_C(1000000)

/* Under the lock. */
static void wait_for(web_watch *watch, pthread_cond_t *what, int64_t ns)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    ns += until.tv_nsec;
    until.tv_sec += ns / NS_PER_S;
    until.tv_nsec = ns % NS_PER_S;
    pthread_cond_timedwait(what, &watch->lock, &until);
}

static void *watch_run(void *argument)
{
    web_watch *watch = argument;
    pthread_mutex_lock(&watch->lock);
    while (!watch->stopping) {
        wait_for(watch, &watch->wanted, WEB_WATCH_SECONDS * NS_PER_S);
        pthread_mutex_unlock(&watch->lock);
        (void)web_watch_look(watch, ifm_os_monotonic_ns());
        pthread_mutex_lock(&watch->lock);
    }
    pthread_mutex_unlock(&watch->lock);
    return NULL;
}

bool web_watch_start(web_watch *watch, ifm_error *err)
{
    pthread_condattr_t attributes;
    pthread_mutex_init(&watch->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&watch->wanted, &attributes);
    pthread_cond_init(&watch->gone, &attributes);
    pthread_condattr_destroy(&attributes);
    watch->started = ifm_os_thread_start("web-watch", watch_run, watch, &watch->thread, err);
    return watch->started;
}

void web_watch_stop(web_watch *watch)
{
    if (!watch->started) {
        return;
    }
    pthread_mutex_lock(&watch->lock);
    watch->stopping = true;
    pthread_cond_signal(&watch->wanted);
    pthread_mutex_unlock(&watch->lock);
    pthread_join(watch->thread, NULL);
    pthread_cond_destroy(&watch->wanted);
    pthread_cond_destroy(&watch->gone);
    pthread_mutex_destroy(&watch->lock);
    watch->started = false;
}

unsigned web_watch_look(web_watch *watch, int64_t now_ns)
{
    unsigned count = 0;
    pthread_mutex_lock(&watch->lock);
    for (web_client *client = watch->clients; client != NULL; client = client->next) {
        if (now_ns >= client->deadline_ns) {
            shutdown(client->fd, SHUT_RDWR); /* MHD hears of it, and cleans up */
            client->deadline_ns = INT64_MAX;
            count++;
        }
    }
    pthread_mutex_unlock(&watch->lock);
    return count;
}

/* Under the lock. */
static void shut_all(const web_watch *watch, int how)
{
    for (const web_client *client = watch->clients; client != NULL; client = client->next) {
        shutdown(client->fd, how);
    }
}

void web_watch_end(web_watch *watch)
{
    static const int64_t moment_ns = WEB_LOOK_MS * NS_PER_MS;
    int64_t patient_until_ns = ifm_os_monotonic_ns() + moment_ns;
    pthread_mutex_lock(&watch->lock);
    shut_all(watch, SHUT_RD);
    while (watch->clients != NULL) {
        wait_for(watch, &watch->gone, moment_ns);
        if (ifm_os_monotonic_ns() >= patient_until_ns) {
            shut_all(watch, SHUT_RDWR);
        }
    }
    pthread_mutex_unlock(&watch->lock);
}

/* ---- Connections ---- */

static int64_t request_deadline(void)
{
    return ifm_os_monotonic_ns() + WEB_REQUEST_SECONDS * NS_PER_S;
}

static void client_add(web_watch *watch, struct MHD_Connection *connection, void **socket_context)
{
    int fd = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
    web_client *client = ifm_alloc(sizeof *client);
    if (client == NULL) {
        shutdown(fd, SHUT_RDWR); /* what has no deadline is not kept */
        return;
    }
    pthread_mutex_lock(&watch->lock);
    *client = (web_client){.next = watch->clients, .fd = fd, .deadline_ns = request_deadline()};
    if (client->next != NULL) {
        client->next->before = client;
    }
    watch->clients = client;
    pthread_mutex_unlock(&watch->lock);
    *socket_context = client;
}

static void client_remove(web_watch *watch, web_client *client)
{
    pthread_mutex_lock(&watch->lock);
    if (client->next != NULL) {
        client->next->before = client->before;
    }
    if (client->before != NULL) {
        client->before->next = client->next;
    } else {
        watch->clients = client->next;
    }
    pthread_cond_signal(&watch->gone);
    pthread_mutex_unlock(&watch->lock);
    ifm_free(client);
}

void web_watch_notify(void *context, struct MHD_Connection *connection, void **socket_context,
                      enum MHD_ConnectionNotificationCode code)
{
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        client_add(context, connection, socket_context); /* D1 */
    } else if (*socket_context != NULL) {
        client_remove(context, *socket_context); /* D1 */
        *socket_context = NULL;
    }
}

static void set_deadline(web_watch *watch, struct MHD_Connection *connection, int64_t deadline_ns)
{
    web_client *client =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
    if (client != NULL) {
        pthread_mutex_lock(&watch->lock);
        client->deadline_ns = deadline_ns;
        pthread_mutex_unlock(&watch->lock);
    }
}

void web_watch_request(web_watch *watch, struct MHD_Connection *connection)
{
    set_deadline(watch, connection, request_deadline());
}

void web_watch_work(web_watch *watch, struct MHD_Connection *connection)
{
    set_deadline(watch, connection, INT64_MAX);
}

void web_watch_answer(web_watch *watch, struct MHD_Connection *connection, uint64_t bytes)
{
    int64_t seconds = WEB_REQUEST_SECONDS + (int64_t)(bytes / WEB_READ_BYTES_PER_SECOND);
    set_deadline(watch, connection, ifm_os_monotonic_ns() + seconds * NS_PER_S);
}

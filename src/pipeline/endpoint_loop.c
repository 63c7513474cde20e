/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/endpoint_impl.h"

#include "os/os.h"

#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#define NS_PER_MS INT64_C(1000000)

enum {
    ACCEPTS_PER_TURN = 16, /* so that new connections do not hold up those there are */
    ACCEPT_PAUSE_MS = 250  /* when the process has no descriptor left */
};

/* --- Connections ----------------------------------------------------------------------------------- */

static void client_add(ifm_endpoint *endpoint, struct MHD_Connection *connection, void **socket_context)
{
    int fd = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
    ifm_client *client = ifm_alloc(sizeof *client);
    if (client == NULL) {
        shutdown(fd, SHUT_RDWR); /* what has no deadline is not kept; MHD closes it when it looks */
        return;
    }
    *client = (ifm_client){.next = endpoint->clients,
                           .connection = connection,
                           .fd = fd,
                           .deadline_ns = ifm_os_monotonic_ns() + endpoint->idle_ns};
    if (client->next != NULL) {
        client->next->before = client;
    }
    endpoint->clients = client;
    endpoint->client_count++;
    *socket_context = client;
}

static void client_remove(ifm_endpoint *endpoint, ifm_client *client)
{
    if (client->next != NULL) {
        client->next->before = client->before;
    }
    if (client->before != NULL) {
        client->before->next = client->next;
    } else {
        endpoint->clients = client->next;
    }
    endpoint->client_count--;
    ifm_free(client);
}

void ifm_endpoint_client_notify(void *context, struct MHD_Connection *connection, void **socket_context,
                                enum MHD_ConnectionNotificationCode code)
{
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        client_add(context, connection, socket_context); /* E1 */
    } else if (*socket_context != NULL) {
        client_remove(context, *socket_context); /* E1 */
        *socket_context = NULL;
    }
}

/* True when one was accepted, or found broken: there may be another. */
static bool loop_accept(ifm_endpoint *endpoint, int64_t now_ns)
{
    union {
        struct sockaddr any;
        struct sockaddr_storage storage;
    } peer;
    socklen_t size = sizeof peer;
    int fd = accept4(endpoint->listen_fd, &peer.any, &size, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd >= 0) {
        /* MHD closes it when it is one too many of its address. */
        (void)MHD_add_connection(endpoint->daemon, fd, &peer.any, size);
        return true;
    }
    switch (errno) {
    case EAGAIN:
        return false;
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
        endpoint->accept_again_ns = now_ns + ACCEPT_PAUSE_MS * NS_PER_MS;
        return false;
    default:
        return true; /* an error of that connection, which is gone: accept(2) */
    }
}

static bool loop_may_accept(const ifm_endpoint *endpoint, int64_t now_ns)
{
    return endpoint->client_count < endpoint->connections_max && now_ns >= endpoint->accept_again_ns;
}

/* Ends connections past their deadline: MHD is told by the socket, and cleans up. */
static void loop_close_overdue(ifm_endpoint *endpoint, int64_t now_ns)
{
    for (ifm_client *client = endpoint->clients; client != NULL; client = client->next) {
        if (now_ns >= client->deadline_ns) {
            shutdown(client->fd, SHUT_RDWR);
            client->deadline_ns = INT64_MAX;
        }
    }
}

/* --- The loop -------------------------------------------------------------------------------------- */

/* Milliseconds until something has to be done without an event; -1: never. */
static int loop_timeout_ms(ifm_endpoint *endpoint)
{
    int64_t now_ns = ifm_os_monotonic_ns();
    int64_t next_ns = INT64_MAX;
    for (const ifm_client *client = endpoint->clients; client != NULL; client = client->next) {
        next_ns = client->deadline_ns < next_ns ? client->deadline_ns : next_ns;
    }
    if (endpoint->accept_again_ns > now_ns && endpoint->accept_again_ns < next_ns) {
        next_ns = endpoint->accept_again_ns;
    }
    int64_t wait_ms = next_ns == INT64_MAX ? INT32_MAX : (next_ns - now_ns) / NS_PER_MS + 1;
    MHD_UNSIGNED_LONG_LONG mhd_ms;
    if (MHD_get_timeout(endpoint->daemon, &mhd_ms) == MHD_YES && mhd_ms < (MHD_UNSIGNED_LONG_LONG)wait_ms) {
        wait_ms = (int64_t)mhd_ms;
    }
    return wait_ms >= INT32_MAX ? -1 : wait_ms < 0 ? 0 : (int)wait_ms;
}

/* Does what there is to do, without waiting. Under `running`. */
static void loop_turn(ifm_endpoint *endpoint)
{
    eventfd_t ignored;
    eventfd_read(endpoint->wake_fd, &ignored);
    int64_t now_ns = ifm_os_monotonic_ns();
    for (int i = 0; i < ACCEPTS_PER_TURN && loop_may_accept(endpoint, now_ns); i++) {
        if (!loop_accept(endpoint, now_ns)) {
            break;
        }
    }
    ifm_endpoint_requests_resume(endpoint);
    MHD_run(endpoint->daemon);
    loop_close_overdue(endpoint, now_ns);
}

void *ifm_endpoint_loop_run(void *argument)
{
    ifm_endpoint *endpoint = argument;
    struct pollfd waits[] = {{.fd = endpoint->wake_fd, .events = POLLIN},
                             {.fd = endpoint->epoll_fd, .events = POLLIN},
                             {.fd = endpoint->listen_fd, .events = POLLIN}};
    int timeout_ms = -1;
    while (!atomic_load_explicit(&endpoint->stopping, memory_order_relaxed)) {
        poll(waits, IFM_COUNT_OF(waits), timeout_ms);
        pthread_mutex_lock(&endpoint->running);
        loop_turn(endpoint);
        timeout_ms = loop_timeout_ms(endpoint);
        waits[2].fd = loop_may_accept(endpoint, ifm_os_monotonic_ns()) ? endpoint->listen_fd : -1;
        pthread_mutex_unlock(&endpoint->running);
    }
    return NULL;
}

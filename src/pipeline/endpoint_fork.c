/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/endpoint_fork.h"

#include "pipeline/endpoint_impl.h"

#include <pthread.h>
#include <unistd.h>

static struct {
    pthread_once_t once;
    pthread_mutex_t lock; /* protects `endpoints`, and keeps fork() away */
    ifm_endpoint *endpoints;
} forking = {PTHREAD_ONCE_INIT, PTHREAD_MUTEX_INITIALIZER, NULL};

static void fork_prepare(void)
{
    pthread_mutex_lock(&forking.lock);
    for (ifm_endpoint *at = forking.endpoints; at != NULL; at = at->fork_next) {
        pthread_mutex_lock(&at->running); /* the loop is between two turns: E3 */
    }
}

static void fork_parent(void)
{
    for (ifm_endpoint *at = forking.endpoints; at != NULL; at = at->fork_next) {
        pthread_mutex_unlock(&at->running);
    }
    pthread_mutex_unlock(&forking.lock);
}

/* Only close(): the sockets are shared with the parent, and a shutdown() would end its connections. */
static void fork_child(void)
{
    for (ifm_endpoint *at = forking.endpoints; at != NULL; at = at->fork_next) {
        close(at->listen_fd);
        close(at->wake_fd);
        close(at->epoll_fd);
        for (const ifm_client *client = at->clients; client != NULL; client = client->next) {
            close(client->fd);
        }
        pthread_mutex_unlock(&at->running);
    }
    forking.endpoints = NULL;
    pthread_mutex_unlock(&forking.lock);
}

static void fork_register(void)
{
    pthread_atfork(fork_prepare, fork_parent, fork_child);
}

void ifm_endpoint_fork_lock(void)
{
    pthread_once(&forking.once, fork_register);
    pthread_mutex_lock(&forking.lock);
}

void ifm_endpoint_fork_unlock(void)
{
    pthread_mutex_unlock(&forking.lock);
}

void ifm_endpoint_fork_add(ifm_endpoint *endpoint)
{
    endpoint->fork_next = forking.endpoints;
    forking.endpoints = endpoint;
}

void ifm_endpoint_fork_remove(ifm_endpoint *endpoint)
{
    ifm_endpoint **link = &forking.endpoints;
    while (*link != endpoint) {
        link = &(*link)->fork_next;
    }
    *link = endpoint->fork_next;
}

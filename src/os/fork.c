/* SPDX-License-Identifier: Apache-2.0 */
#include "os/fork.h"

#include <pthread.h>
#include <stddef.h>
#include <unistd.h>

static struct {
    pthread_once_t once;
    pthread_mutex_t lock; /* protects `entries`, and keeps fork() away */
    ifm_os_fork_fd *entries;
} forking = {PTHREAD_ONCE_INIT, PTHREAD_MUTEX_INITIALIZER, NULL};

static void fork_prepare(void)
{
    pthread_mutex_lock(&forking.lock);
}

static void fork_parent(void)
{
    pthread_mutex_unlock(&forking.lock);
}

static void fork_child(void)
{
    for (ifm_os_fork_fd *at = forking.entries; at != NULL; at = at->next) {
        close(at->fd);
        at->fd = -1;
    }
    forking.entries = NULL;
    pthread_mutex_unlock(&forking.lock);
}

static void fork_register(void)
{
    pthread_atfork(fork_prepare, fork_parent, fork_child);
}

void ifm_os_fork_lock(void)
{
    pthread_once(&forking.once, fork_register);
    pthread_mutex_lock(&forking.lock);
}

void ifm_os_fork_unlock(void)
{
    pthread_mutex_unlock(&forking.lock);
}

void ifm_os_fork_add(ifm_os_fork_fd *entry, int fd)
{
    entry->fd = fd;
    if (fd >= 0) {
        entry->next = forking.entries;
        forking.entries = entry;
    }
}

void ifm_os_fork_close(ifm_os_fork_fd *entry)
{
    ifm_os_fork_lock();
    if (entry->fd >= 0) {
        ifm_os_fork_fd **link = &forking.entries;
        while (*link != entry) {
            link = &(*link)->next;
        }
        *link = entry->next;
        close(entry->fd);
        entry->fd = -1;
    }
    ifm_os_fork_unlock();
}

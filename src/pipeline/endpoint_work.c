/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/endpoint_work.h"

#include "base/base.h"
#include "os/os.h"

#include <pthread.h>
#include <stdint.h>
#include <sys/eventfd.h>

typedef struct work_queue {
    ifm_work *first;
    ifm_work **end;
} work_queue;

struct ifm_workers {
    pthread_mutex_t lock; /* protects the fields up to `threads` */
    pthread_cond_t changed;
    work_queue queued;
    work_queue done;
    unsigned in_hand; /* queued or running: W1 */
    bool stopping;
    unsigned limit;
    int wake_fd;
    unsigned thread_count;
    pthread_t threads[];
};

static void queue_init(work_queue *queue)
{
    queue->first = NULL;
    queue->end = &queue->first;
}

static void queue_put(work_queue *queue, ifm_work *work)
{
    work->next = NULL;
    *queue->end = work;
    queue->end = &work->next;
}

static ifm_work *queue_take(work_queue *queue)
{
    ifm_work *work = queue->first;
    if (work != NULL) {
        queue->first = work->next;
        if (queue->first == NULL) {
            queue->end = &queue->first;
        }
    }
    return work;
}

static void *workers_run(void *argument)
{
    ifm_workers *workers = argument;
    pthread_mutex_lock(&workers->lock);
    while (!workers->stopping) {
        ifm_work *work = queue_take(&workers->queued);
        if (work == NULL) {
            pthread_cond_wait(&workers->changed, &workers->lock);
            continue;
        }
        pthread_mutex_unlock(&workers->lock);
        work->run(work);
        pthread_mutex_lock(&workers->lock);
        workers->in_hand--;
        queue_put(&workers->done, work);
        eventfd_write(workers->wake_fd, 1); /* cannot fail but by overflow: then the loop is awake */
    }
    pthread_mutex_unlock(&workers->lock);
    return NULL;
}

ifm_workers *ifm_workers_start(const ifm_workers_options *options, ifm_error *err)
{
    ifm_workers *workers = ifm_alloc_zero(1, sizeof *workers + options->threads * sizeof(pthread_t));
    if (workers == NULL) {
        ifm_error_nomem(err);
        return NULL;
    }
    pthread_mutex_init(&workers->lock, NULL);
    pthread_cond_init(&workers->changed, NULL);
    queue_init(&workers->queued);
    queue_init(&workers->done);
    workers->limit = options->limit;
    workers->wake_fd = options->wake_fd;
    for (; workers->thread_count < options->threads; workers->thread_count++) {
        pthread_t *thread = &workers->threads[workers->thread_count];
        if (!ifm_os_thread_start(options->thread_name, workers_run, workers, thread, err)) {
            ifm_workers_stop(workers);
            return NULL;
        }
    }
    return workers;
}

bool ifm_workers_submit(ifm_workers *workers, ifm_work *work)
{
    pthread_mutex_lock(&workers->lock);
    bool room = workers->in_hand < workers->limit;
    if (room) {
        workers->in_hand++; /* W1 */
        queue_put(&workers->queued, work);
        pthread_cond_signal(&workers->changed);
    }
    pthread_mutex_unlock(&workers->lock);
    return room;
}

ifm_work *ifm_workers_take(ifm_workers *workers)
{
    pthread_mutex_lock(&workers->lock);
    ifm_work *work = queue_take(&workers->done);
    pthread_mutex_unlock(&workers->lock);
    return work;
}

void ifm_workers_stop(ifm_workers *workers)
{
    if (workers == NULL) {
        return;
    }
    pthread_mutex_lock(&workers->lock);
    workers->stopping = true;
    pthread_cond_broadcast(&workers->changed);
    pthread_mutex_unlock(&workers->lock);
    for (unsigned i = 0; i < workers->thread_count; i++) {
        pthread_join(workers->threads[i], NULL);
    }
    pthread_cond_destroy(&workers->changed);
    pthread_mutex_destroy(&workers->lock);
    ifm_free(workers);
}

void ifm_workers_abandon(ifm_workers *workers)
{
    ifm_free(workers);
}

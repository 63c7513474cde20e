/* SPDX-License-Identifier: Apache-2.0 */
#include "ocr/page_queue.h"

#include "common/stop.h"
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

struct page_queue {
    pthread_mutex_t mutex;  /* protects first, count, closed and pages[] */
    pthread_cond_t changed; /* one condition for all who wait: they are few */
    size_t capacity;
    size_t first; /* the oldest page is pages[first] */
    size_t count;
    bool closed;
    atomic_bool stopped; /* set with the mutex held; read without it by page_queue_stopped() */
    struct page pages[];
};

struct page_queue *page_queue_new(size_t capacity)
{
    struct page_queue *queue = calloc(1, sizeof *queue + capacity * sizeof queue->pages[0]);
    if (queue == NULL) {
        return NULL;
    }
    queue->capacity = capacity;
    pthread_mutex_init(&queue->mutex, NULL);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&queue->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    return queue;
}

void page_queue_free(struct page_queue *queue)
{
    if (queue == NULL) {
        return;
    }
    page_queue_stop(queue);
    pthread_cond_destroy(&queue->changed);
    pthread_mutex_destroy(&queue->mutex);
    free(queue);
}

bool page_queue_push(struct page_queue *queue, const struct page *page)
{
    pthread_mutex_lock(&queue->mutex);
    while (queue->count == queue->capacity && !queue->stopped) {
        pthread_cond_wait(&queue->changed, &queue->mutex);
    }
    bool ok = !queue->stopped;
    if (ok) {
        size_t last = (queue->first + queue->count) % queue->capacity;
        queue->pages[last] = *page;
        queue->pages[last].enqueued_seconds = clock_seconds();
        queue->count++;
        pthread_cond_broadcast(&queue->changed);
    }
    pthread_mutex_unlock(&queue->mutex);
    return ok;
}

bool page_queue_pop(struct page_queue *queue, struct page *out)
{
    pthread_mutex_lock(&queue->mutex);
    while (queue->count == 0 && !queue->closed && !queue->stopped) {
        pthread_cond_wait(&queue->changed, &queue->mutex);
    }
    bool ok = queue->count > 0 && !queue->stopped;
    if (ok) {
        *out = queue->pages[queue->first];
        queue->first = (queue->first + 1) % queue->capacity;
        queue->count--;
        pthread_cond_broadcast(&queue->changed);
    }
    pthread_mutex_unlock(&queue->mutex);
    return ok;
}

bool page_queue_wait(struct page_queue *queue, double seconds)
{
    struct timespec until = {.tv_sec = (time_t)seconds};
    until.tv_nsec = (long)((seconds - (double)until.tv_sec) * 1e9);
    pthread_mutex_lock(&queue->mutex);
    while (!queue->stopped && clock_seconds() < seconds) {
        pthread_cond_timedwait(&queue->changed, &queue->mutex, &until);
    }
    bool ok = !queue->stopped;
    pthread_mutex_unlock(&queue->mutex);
    return ok;
}

void page_queue_close(struct page_queue *queue)
{
    pthread_mutex_lock(&queue->mutex);
    queue->closed = true;
    pthread_cond_broadcast(&queue->changed);
    pthread_mutex_unlock(&queue->mutex);
}

void page_queue_stop(struct page_queue *queue)
{
    pthread_mutex_lock(&queue->mutex);
    queue->stopped = true;
    for (; queue->count > 0; queue->count--) {
        free(queue->pages[queue->first].path);
        queue->first = (queue->first + 1) % queue->capacity;
    }
    pthread_cond_broadcast(&queue->changed);
    pthread_mutex_unlock(&queue->mutex);
}

bool page_queue_stopped(const struct page_queue *queue)
{
    return atomic_load_explicit(&queue->stopped, memory_order_relaxed);
}

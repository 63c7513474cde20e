/* SPDX-License-Identifier: Apache-2.0
 *
 * Pages on their way from the feeder to the workers: first in, first out, bounded, so that a folder of a
 * million files costs no memory and the feeder waits instead.
 *
 *     open --page_queue_close()--> closed (what is in it is still handed out)
 *     open, closed --page_queue_stop()--> stopped (nothing goes in or out)
 *
 * Thread-safety: any thread between new and free.
 */
#ifndef EXAMPLES_OCR_PAGE_QUEUE_H
#define EXAMPLES_OCR_PAGE_QUEUE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

enum page_kind {
    PAGE_IMAGE, /* the whole file, or page `number` of a TIFF */
    PAGE_PDF    /* page `number` of a document that has to be rendered */
};

struct page {
    char *path; /* owned by the page; free() it */
    enum page_kind kind;
    unsigned number;         /* from 1 */
    unsigned count;          /* pages of the file, as far as known; at least 1 */
    double enqueued_seconds; /* set by page_queue_push() */
};

struct page_queue;

/* NULL when memory is out. */
struct page_queue *page_queue_new(size_t capacity);
void page_queue_free(struct page_queue *queue);

/* Takes `page`, waits while the queue is full. False, and the page is not taken, when it was stopped. */
bool page_queue_push(struct page_queue *queue, const struct page *page);

/* Waits for a page; false when the queue is stopped, or closed and empty. */
bool page_queue_pop(struct page_queue *queue, struct page *out);

/* Waits until clock_seconds() is `seconds`, for a feeder that paces itself; false when it was stopped. */
bool page_queue_wait(struct page_queue *queue, double seconds);

/* No more pages will come. */
void page_queue_close(struct page_queue *queue);

/* Ends all waiting and drops the pages that are left. */
void page_queue_stop(struct page_queue *queue);

/* Whether it was stopped: takes no lock, so that anyone may ask at any time. */
bool page_queue_stopped(const struct page_queue *queue);

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * Finds the pages: goes through files and folders, once or repeatedly, then watches a folder, and puts
 * every page into the queue. What cannot be looked into is complained about, and the rest is read.
 *
 * Thread-safety: one thread.
 */
#ifndef EXAMPLES_OCR_FEEDER_H
#define EXAMPLES_OCR_FEEDER_H

#include "common/console.h"
#include "ocr/options.h"
#include "ocr/page_queue.h"

#include <inferometer/error.h>
#include <stdatomic.h>

struct feeder {
    const struct ocr_options *options;
    struct console *console;
    struct page_queue *queue;
    int watch;           /* inotify, or -1; opened by feeder_open() */
    atomic_bool trouble; /* something was complained about */
    uint64_t pages;      /* put into the queue so far */
    double due;          /* of the next page, by clock_seconds(), when there is a rate */
};

/* Makes sure that the folder can be watched, before anything is read. The fields above `watch` are set.
 * Errors: IFM_IO. */
bool feeder_open(struct feeder *feeder, ifm_error *err);

/* Runs until everything was put into the queue, which is then closed, or the queue is stopped. */
void feeder_run(struct feeder *feeder);

void feeder_close(struct feeder *feeder);

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * What a worker does with each page, and what is measured of it:
 *
 *     render          pdftoppm makes an image of a PDF's page (a stage of this pipeline's own)
 *     pre_process     load the image, make it black and white
 *     engine_forward  the neural network
 *     post_process    the text, the confidence of its words; write them out
 *
 * A page that cannot be read is an inference with the outcome "failure" and one of the reasons
 * render_failed, unreadable_image, image_too_large, recognise_failed, output_failed; one that Ctrl-C
 * interrupts has the outcome "cancelled".
 *
 * Thread-safety: workshop_open() and workshop_close() by one thread; worker_run() by any number of them.
 */
#ifndef EXAMPLES_OCR_WORKER_H
#define EXAMPLES_OCR_WORKER_H

#include "common/console.h"
#include "ocr/options.h"
#include "ocr/page_queue.h"
#include "ocr/reader.h"

#include <inferometer/inferometer.h>
#include <stdatomic.h>

/* What all workers share. */
struct workshop {
    const struct ocr_options *options;
    struct console *console;
    struct page_queue *queue;
    ifm_logger *logger;
    ifm_pipeline *pipeline;
    ifm_stage render;
    ifm_histogram confidence;
    ifm_counter words;
    ifm_counter characters;
    _Atomic uint64_t pages_read;   /* for the progress line; relaxed: it orders nothing */
    _Atomic uint64_t pages_failed; /* likewise */
};

#define OCR_PIPELINE "ocr"

/* Opens the logger of `shop`, whose options, console and queue are set, and registers what is measured. */
bool workshop_open(struct workshop *shop, ifm_error *err);
void workshop_close(struct workshop *shop);

/* Reads pages of the queue until it ends. */
void worker_run(struct workshop *shop, struct reader *reader);

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * Tesseract: the neural network (LSTM) that turns the image of a page into text.
 *
 * Thread-safety: one reader by one thread; several readers by several threads.
 */
#ifndef EXAMPLES_OCR_READER_H
#define EXAMPLES_OCR_READER_H

#include "ocr/page_queue.h"

#include <inferometer/error.h>
#include <leptonica/allheaders.h>
#include <stdint.h>

struct reader;

struct reading {
    char *text; /* UTF-8; free it with reading_free() */
    uint64_t words;
    uint64_t characters; /* without white space */
    double confidence;   /* mean of the words, 0 to 1; meaningless without words */
};

/* Has to be in the environment when the process starts, for Tesseract's OpenMP reads it as it is loaded:
 * otherwise every reader has four threads of its own, which are slower than one for a page and fight with
 * other readers. Starts the program again with it when it is missing. */
void reader_limit_threads(char **argv);

/* Loads the model of `language`. The reader stops in the middle of a page when `queue`, which must outlive
 * it, is stopped. Errors: IFM_NOT_FOUND (there is no such model), IFM_NOMEM. */
struct reader *reader_new(const char *language, const struct page_queue *queue, ifm_error *err);
void reader_free(struct reader *reader);

/* The neural network: finds the lines and recognises them. False when it failed, or was stopped. */
bool reader_recognise(struct reader *reader, PIX *image, ifm_error *err);

/* What was recognised. */
bool reader_result(struct reader *reader, struct reading *out, ifm_error *err);
void reading_free(struct reading *reading);

/* The version of Tesseract. Static storage. */
const char *reader_version(void);

#endif

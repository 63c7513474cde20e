/* SPDX-License-Identifier: Apache-2.0
 *
 * PDF pages as images, by poppler's pdfinfo and pdftoppm as child processes: a document that makes the
 * renderer crash costs one page. The image comes through a pipe, so there is no temporary file to be left
 * behind, however this program ends.
 *
 * Thread-safety: any thread.
 */
#ifndef EXAMPLES_OCR_PDF_H
#define EXAMPLES_OCR_PDF_H

#include "ocr/page_queue.h"

#include <inferometer/error.h>
#include <stddef.h>

/* A rendered page of more than this is refused: an A1 sheet at 300 dpi has 70 MB. */
enum { PDF_IMAGE_BYTES_MAX = 128 * 1024 * 1024 };

/* The number of pages. A child that runs when `queue` is stopped is ended. */
bool pdf_page_count(const char *path, const struct page_queue *queue, unsigned *out, ifm_error *err);

/* Renders page `number` as a grey PGM image; free() *out. Errors: IFM_INVALID (it cannot be rendered),
 * IFM_LIMIT (PDF_IMAGE_BYTES_MAX), IFM_CANCELED (the queue was stopped), IFM_TIMEOUT,
 * IFM_IO, IFM_NOMEM. */
bool pdf_render(const char *path, unsigned number, unsigned dpi, const struct page_queue *queue, char **out,
                size_t *size, ifm_error *err);

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * The text of a page as a file.
 *
 * Thread-safety: any thread.
 */
#ifndef EXAMPLES_OCR_TEXT_OUTPUT_H
#define EXAMPLES_OCR_TEXT_OUTPUT_H

#include "ocr/page_queue.h"

#include <inferometer/error.h>

/* Makes the folder where it does not exist. Errors: IFM_IO. */
bool text_output_prepare(const char *directory, ifm_error *err);

/* Writes DIRECTORY/FILE.txt, or DIRECTORY/FILE-PAGE.txt for a page of a document. The file appears
 * complete: it is written under another name
 * and renamed. Files of the same name from different folders
 * overwrite one another. Errors: IFM_IO, IFM_LIMIT (the name is too long). */
bool text_output_write(const char *directory, const struct page *page, const char *text, ifm_error *err);

#endif

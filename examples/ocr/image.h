/* SPDX-License-Identifier: Apache-2.0
 *
 * Page images by Leptonica: what comes before the neural network.
 *
 * Thread-safety: any thread.
 */
#ifndef EXAMPLES_OCR_IMAGE_H
#define EXAMPLES_OCR_IMAGE_H

#include <inferometer/error.h>
#include <leptonica/allheaders.h>
#include <stdbool.h>
#include <stddef.h>

enum {
    IMAGE_SIDE_MAX = 32767,          /* Tesseract's coordinates have 16 bits */
    IMAGE_PIXELS_MAX = 256 * 1000000 /* an A0 sheet at 400 dpi; as 32 bit colour it takes 1 GB */
};

/* Leptonica explains on stderr every file that it cannot read; we do that ourselves. Call once. */
void image_quiet(void);

/* The number of images in the file: more than 1 only for a TIFF; 1 also when it cannot be read. */
unsigned image_count(const char *path);

/* Loads image `number` (from 1) of a file; or an image from memory. The caller frees it with pixDestroy().
 * Errors: IFM_NOT_FOUND (the file cannot be opened), IFM_INVALID (no image that Leptonica can read),
 * IFM_LIMIT (over the limits above). */
bool image_load_file(const char *path, unsigned number, PIX **out, ifm_error *err);
bool image_load_memory(const char *data, size_t size, PIX **out, ifm_error *err);

/* A black and white copy, by Otsu's threshold: the one that best splits the histogram of grey into two. It
 * has the resolution of `image`, or `dpi` where that is unknown. */
bool image_binarise(PIX *image, unsigned dpi, PIX **out, ifm_error *err);

#endif

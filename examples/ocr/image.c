/* SPDX-License-Identifier: Apache-2.0 */
#include "ocr/image.h"

#include "ocr/fail.h"
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum {
    GREY_MIDDLE = 128,
    OTSU_SIDE_MIN = 16 /* Leptonica's: a smaller tile has no histogram worth the name */
};

/* How far the threshold may leave the best split for a sparser grey, relative to it: Leptonica's advice. */
static const float otsu_score_fraction = 0.1F;

void image_quiet(void)
{
    setMsgSeverity(L_SEVERITY_NONE);
}

unsigned image_count(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return 1;
    }
    l_int32 format, count = 1;
    if (findFileFormatStream(file, &format) != 0 || !L_FORMAT_IS_TIFF(format) ||
        tiffGetCount(file, &count) != 0 || count < 1) {
        count = 1;
    }
    fclose(file);
    return (unsigned)count;
}

/* Looks at what the head of the file says before any memory is allocated for the pixels. */
static bool check_size(l_int32 width, l_int32 height, ifm_error *err)
{
    if (width < 1 || height < 1) {
        return fail(err, IFM_INVALID, "it has no pixels");
    }
    if (width > IMAGE_SIDE_MAX || height > IMAGE_SIDE_MAX || (int64_t)width * height > IMAGE_PIXELS_MAX) {
        return fail(err, IFM_LIMIT, "it has %d x %d pixels, over the limit of %d a side and %d in all", width,
                    height, IMAGE_SIDE_MAX, IMAGE_PIXELS_MAX);
    }
    return true;
}

bool image_load_file(const char *path, unsigned number, PIX **out, ifm_error *err)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return fail(err, IFM_NOT_FOUND, "it could not be opened: %s", strerror(errno));
    }
    l_int32 format = IFF_UNKNOWN, width = 0, height = 0;
    bool known = findFileFormatStream(file, &format) == 0 && format != IFF_UNKNOWN;
    bool tiff = known && L_FORMAT_IS_TIFF(format);
    fclose(file);
    if (tiff) {
        known = readHeaderTiff(path, (l_int32)number - 1, &width, &height, NULL, NULL, NULL, NULL, NULL) == 0;
    } else if (known) {
        known = pixReadHeader(path, NULL, &width, &height, NULL, NULL, NULL) == 0;
    }
    if (!known) {
        return fail(err, IFM_INVALID, "it is no image in a format that can be read");
    }
    if (!check_size(width, height, err)) {
        return false;
    }
    *out = tiff ? pixReadTiff(path, (l_int32)number - 1) : pixRead(path);
    return *out != NULL || fail(err, IFM_INVALID, "the image is damaged");
}

bool image_load_memory(const char *data, size_t size, PIX **out, ifm_error *err)
{
    const l_uint8 *bytes = (const l_uint8 *)data;
    l_int32 width, height;
    if (pixReadHeaderMem(bytes, size, NULL, &width, &height, NULL, NULL, NULL) != 0) {
        return fail(err, IFM_INVALID, "it is no image in a format that can be read");
    }
    if (!check_size(width, height, err)) {
        return false;
    }
    *out = pixReadMem(bytes, size);
    return *out != NULL || fail(err, IFM_INVALID, "the image is damaged");
}

/* Splits grey at Otsu's threshold over the whole page; a scrap that is too small for it in the middle. */
static PIX *threshold(PIX *grey)
{
    l_int32 width = pixGetWidth(grey), height = pixGetHeight(grey);
    if (width < OTSU_SIDE_MIN || height < OTSU_SIDE_MIN) {
        return pixThresholdToBinary(grey, GREY_MIDDLE);
    }
    PIX *binary = NULL;
    if (pixOtsuAdaptiveThreshold(grey, width, height, 0, 0, otsu_score_fraction, NULL, &binary) != 0) {
        return NULL;
    }
    return binary;
}

bool image_binarise(PIX *image, unsigned dpi, PIX **out, ifm_error *err)
{
    PIX *binary = NULL;
    if (pixGetDepth(image) == 1) {
        binary = pixConvertTo1(image, GREY_MIDDLE); /* already; but a colour map may have it inverted */
    } else {
        /* Scans with an alpha channel mean white paper behind it. */
        PIX *opaque = pixRemoveAlpha(image);
        PIX *grey = opaque == NULL ? NULL : pixConvertTo8(opaque, 0);
        binary = grey == NULL ? NULL : threshold(grey);
        pixDestroy(&grey);
        pixDestroy(&opaque);
    }
    if (binary == NULL) {
        return fail(err, IFM_INVALID, "it could not be turned into black and white");
    }
    if (pixGetXRes(image) > 0) {
        pixCopyResolution(binary, image);
    } else {
        pixSetResolution(binary, (l_int32)dpi, (l_int32)dpi);
    }
    *out = binary;
    return true;
}

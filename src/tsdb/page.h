/* SPDX-License-Identifier: Apache-2.0
 *
 * Pages: the samples of neighbouring series in a window of time, packed together. A page is a directory of
 * its chunks (one series' samples at a piece of one column of timestamps) and streams of bytes of one kind,
 * each compressed on its own. docs/format/block.md has the bytes.
 *
 * Thread-safety: an encoder and a decoder are one thread's; a decoded page is constant.
 */
#ifndef IFM_TSDB_PAGE_H
#define IFM_TSDB_PAGE_H

#include "tsdb/block_limits.h"
#include "tsdb/bytes.h"
#include "tsdb/values.h"

typedef enum tsdb_page_stream {
    TSDB_STREAM_DIRECTORY,
    TSDB_STREAM_BITS,       /* which samples of eight series have a residual */
    TSDB_STREAM_SPARSE,     /* those residuals, a byte each */
    TSDB_STREAM_ESCAPES,    /* residuals that are too large for a byte */
    TSDB_STREAM_EXCEPTIONS, /* values that are no integers */
    TSDB_STREAM_STARTS,
    TSDB_STREAM_HISTOGRAMS,
    TSDB_STREAM_PLANES, /* byte 0 to 7 of other residuals, a stream each */
    TSDB_STREAM_COUNT = TSDB_STREAM_PLANES + 8
} tsdb_page_stream;

/* What a directory says of a chunk. */
typedef enum tsdb_residual_form { TSDB_STORE_ZERO, TSDB_STORE_SPARSE, TSDB_STORE_PLANES } tsdb_residual_form;

enum {
    TSDB_CHUNK_SAME_SHAPE = 1,
    TSDB_CHUNK_HISTOGRAMS = 2,
    TSDB_CHUNK_STARTS = 4,
    TSDB_CHUNK_EXCEPTIONS = 8,
    TSDB_CHUNK_PREDICTOR_SHIFT = 4,
    TSDB_CHUNK_STORAGE_SHIFT = 6,
    TSDB_CHUNK_MAPPING_MASK = 31,
    TSDB_CHUNK_WIDTH_SHIFT = 5,
    TSDB_SLAB_SERIES = 8,
    TSDB_SPARSE_ESCAPE = 255
};

typedef struct tsdb_page_chunk {
    uint32_t series; /* within the batch of series that the page belongs to */
    uint32_t column; /* of the block, */
    uint32_t first;  /* from which time on */
    uint32_t count;  /* > 0 */
    const double *values;
    const model_histogram *const *histograms; /* or NULL */
    const int64_t *starts_ms;                 /* or NULL */
} tsdb_page_chunk;

/* ---- Encoding ---- */

typedef struct tsdb_page_encoder tsdb_page_encoder;

tsdb_page_encoder *tsdb_page_encoder_new(int level, ifm_error *err); /* of zstd */
void tsdb_page_encoder_free(tsdb_page_encoder *encoder);             /* NULL is accepted */
/* Appends a page of chunks that are sorted by series. Errors: IFM_NOMEM, IFM_LIMIT. */
bool tsdb_page_encode(tsdb_page_encoder *encoder, const tsdb_page_chunk *chunks, size_t count, ifm_buf *out,
                      ifm_error *err);

/* ---- Decoding ---- */

typedef struct tsdb_page {
    tsdb_page_chunk *chunks; /* sorted by series; they point into the page */
    size_t count;
    size_t bytes; /* what it takes in memory */
    uint64_t *values;
    int64_t *starts;
    ifm_bump histograms;
} tsdb_page;

typedef struct tsdb_page_decoder tsdb_page_decoder;

tsdb_page_decoder *tsdb_page_decoder_new(ifm_error *err);
void tsdb_page_decoder_free(tsdb_page_decoder *decoder); /* NULL is accepted */
/* Errors: IFM_INVALID (damaged), IFM_NOMEM. */
tsdb_page *tsdb_page_decode(tsdb_page_decoder *decoder, const uint8_t *bytes, size_t size, ifm_error *err);
void tsdb_page_free(tsdb_page *page);

/* ---- Parts ---- */

void tsdb_page_histograms_put(const tsdb_page_chunk *chunk, ifm_buf *out);
/* Adds the chunk's histograms, in the page's arena. False with IFM_INVALID, IFM_NOMEM. */
bool tsdb_page_histograms_get(tsdb_page *page, tsdb_page_chunk *chunk, bytes_cursor *from, ifm_error *err);

uint64_t tsdb_checksum(const void *bytes, size_t size);

#endif

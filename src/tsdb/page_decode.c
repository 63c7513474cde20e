/* SPDX-License-Identifier: Apache-2.0
 *
 * Residuals are unpacked into the memory that the values will have, then become integers there, then doubles:
 * each chunk one step behind the one that may be predicted from it.
 */
#include "tsdb/page.h"

#include <zstd.h>

/* What the directory says of a chunk. */
typedef struct decoder_chunk {
    tsdb_values values;
    tsdb_residual_form storage;
    uint8_t width;
    bool starts_slab;
    bool has_histograms, has_starts;
    uint64_t *residuals;
} decoder_chunk;

struct tsdb_page_decoder {
    ZSTD_DCtx *zstd;
    ifm_buf unpacked; /* all streams, one after the other */
    bytes_cursor streams[TSDB_STREAM_COUNT];
    decoder_chunk *chunks;
    size_t chunk_max;
};

tsdb_page_decoder *tsdb_page_decoder_new(ifm_error *err)
{
    tsdb_page_decoder *made = ifm_alloc_zero(1, sizeof *made);
    if (made == NULL) {
        ifm_error_nomem(err);
        return NULL;
    }
    ifm_buf_init(&made->unpacked, TSDB_PAGE_BYTES_MAX);
    made->zstd = ZSTD_createDCtx();
    if (made->zstd == NULL) {
        ifm_free(made);
        ifm_error_nomem(err);
        return NULL;
    }
    return made;
}

void tsdb_page_decoder_free(tsdb_page_decoder *decoder)
{
    if (decoder == NULL) {
        return;
    }
    ZSTD_freeDCtx(decoder->zstd);
    ifm_buf_deinit(&decoder->unpacked);
    ifm_free(decoder->chunks);
    ifm_free(decoder);
}

void tsdb_page_free(tsdb_page *page)
{
    if (page == NULL) {
        return;
    }
    ifm_bump_deinit(&page->histograms);
    ifm_free(page->chunks);
    ifm_free(page->values);
    ifm_free(page->starts);
    ifm_free(page);
}

static bool damaged(ifm_error *err, const char *what)
{
    return ifm_error_set(err, IFM_INVALID, "%s is damaged", what);
}

/* Unpacks all streams; the cursors point into decoder->unpacked. */
static bool streams_unpack(tsdb_page_decoder *decoder, const uint8_t *bytes, size_t size, ifm_error *err)
{
    if (size < 8 || bytes_load_u64(bytes) != tsdb_checksum(bytes + 8, size - 8)) {
        return ifm_error_set(err, IFM_INVALID, "the checksum of a page does not match");
    }
    bytes_cursor from = {bytes + 8, bytes + size, false};
    uint64_t raw[TSDB_STREAM_COUNT];
    uint64_t stored[TSDB_STREAM_COUNT];
    uint64_t total = 0;
    for (size_t i = 0; i < TSDB_STREAM_COUNT; i++) {
        raw[i] = bytes_get_below(&from, TSDB_PAGE_BYTES_MAX);
        stored[i] = raw[i] > 0 ? bytes_get_below(&from, raw[i] + 1) : 0;
        total += raw[i];
    }
    ifm_buf_clear(&decoder->unpacked);
    if (from.failed || total > TSDB_PAGE_BYTES_MAX) {
        return damaged(err, "a page");
    }
    char *to = ifm_buf_reserve(&decoder->unpacked, total);
    if (to == NULL) {
        return ifm_buf_check(&decoder->unpacked, err);
    }
    for (size_t i = 0; i < TSDB_STREAM_COUNT; i++) {
        const uint8_t *packed = bytes_get_bytes(&from, stored[i]);
        if (packed == NULL) {
            return damaged(err, "a page");
        }
        if (raw[i] == stored[i] && raw[i] > 0) {
            memcpy(to, packed, raw[i]);
        } else if (raw[i] > 0 &&
                   ZSTD_decompressDCtx(decoder->zstd, to, raw[i], packed, stored[i]) != raw[i]) {
            return damaged(err, "a stream of a page");
        }
        decoder->streams[i] = (bytes_cursor){(const uint8_t *)to, (const uint8_t *)to + raw[i], false};
        to += raw[i];
    }
    return true;
}

/* One entry. `before` is the chunk in front of it, or NULL. */
static void entry_get(bytes_cursor *from, decoder_chunk *to, tsdb_page_chunk *chunk,
                      const tsdb_page_chunk *before)
{
    unsigned flags = bytes_get_byte(from);
    unsigned code = bytes_get_byte(from);
    *to = (decoder_chunk){.has_histograms = (flags & TSDB_CHUNK_HISTOGRAMS) != 0,
                          .has_starts = (flags & TSDB_CHUNK_STARTS) != 0,
                          .storage = (tsdb_residual_form)(flags >> TSDB_CHUNK_STORAGE_SHIFT),
                          .width = (uint8_t)((code >> TSDB_CHUNK_WIDTH_SHIFT) + 1),
                          .starts_slab = code >> TSDB_CHUNK_WIDTH_SHIFT != 0};
    to->values.exceptions = (flags & TSDB_CHUNK_EXCEPTIONS) != 0;
    to->values.predictor = (tsdb_predictor)(flags >> TSDB_CHUNK_PREDICTOR_SHIFT & 3);
    to->values.mapping = code & TSDB_CHUNK_MAPPING_MASK;
    *chunk = before != NULL ? *before : (tsdb_page_chunk){.series = 0};
    chunk->series += bytes_get_below(from, TSDB_BLOCK_SERIES_MAX);
    bool same = (flags & TSDB_CHUNK_SAME_SHAPE) != 0;
    if (!same) {
        chunk->column = bytes_get_below(from, UINT32_MAX);
        chunk->first = bytes_get_below(from, TSDB_COLUMN_SAMPLES_MAX);
        chunk->count = bytes_get_below(from, TSDB_PAGE_SAMPLES_MAX);
    }
    to->values.first = bytes_get_signed(from);
    to->values.second = to->values.predictor == TSDB_PREDICT_DELTA2 ? bytes_get_signed(from) : 0;
    to->values.divisor = bytes_get_varint(from);
    bool mapped = to->values.mapping <= TSDB_VALUES_DECIMALS_MAX || to->values.mapping == TSDB_VALUES_BITS;
    bool alone = to->values.predictor == TSDB_PREDICT_PREVIOUS && (before == NULL || !same);
    if (!mapped || alone || chunk->count == 0 || (before == NULL && same) ||
        to->storage > TSDB_STORE_PLANES || chunk->series >= TSDB_BLOCK_SERIES_MAX) {
        from->failed = true;
    }
}

static bool chunks_reserve(tsdb_page_decoder *decoder, size_t count)
{
    if (count > decoder->chunk_max) {
        void *grown = ifm_realloc(decoder->chunks, count, sizeof *decoder->chunks);
        if (grown == NULL) {
            return false;
        }
        decoder->chunks = grown;
        decoder->chunk_max = count;
    }
    return true;
}

/* Memory for values and start timestamps, and each chunk's part of it. */
static bool page_reserve(tsdb_page_decoder *decoder, tsdb_page *page, size_t samples, ifm_error *err)
{
    bool starts = false;
    for (size_t i = 0; i < page->count; i++) {
        starts = starts || decoder->chunks[i].has_starts;
    }
    page->values = ifm_alloc(samples * sizeof *page->values);
    page->starts = starts ? ifm_alloc(samples * sizeof *page->starts) : NULL;
    if (page->values == NULL || (starts && page->starts == NULL)) {
        return ifm_error_nomem(err);
    }
    size_t at = 0;
    for (size_t i = 0; i < page->count; i++) {
        decoder->chunks[i].residuals = page->values + at;
        page->chunks[i].values = (const double *)(const void *)(page->values + at);
        page->chunks[i].starts_ms = decoder->chunks[i].has_starts ? page->starts + at : NULL;
        page->chunks[i].histograms = NULL;
        at += page->chunks[i].count;
    }
    page->bytes = samples * sizeof *page->values * (starts ? 2 : 1) + page->count * sizeof *page->chunks;
    return true;
}

static bool directory_get(tsdb_page_decoder *decoder, tsdb_page *page, ifm_error *err)
{
    bytes_cursor *from = &decoder->streams[TSDB_STREAM_DIRECTORY];
    page->count = bytes_get_below(from, bytes_cursor_left(from) / 4 + 1);
    uint64_t samples = bytes_get_below(from, TSDB_PAGE_SAMPLES_MAX * 4);
    page->chunks = ifm_alloc_zero(page->count + 1, sizeof *page->chunks);
    if (page->chunks == NULL || !chunks_reserve(decoder, page->count)) {
        return ifm_error_nomem(err);
    }
    uint64_t total = 0;
    for (size_t i = 0; i < page->count && !from->failed; i++) {
        entry_get(from, &decoder->chunks[i], &page->chunks[i], i == 0 ? NULL : &page->chunks[i - 1]);
        total += page->chunks[i].count;
    }
    if (from->failed || total != samples) {
        return damaged(err, "the directory of a page");
    }
    return page_reserve(decoder, page, samples, err);
}

/* ---- Residuals ---- */

static bool slab_get(tsdb_page_decoder *decoder, decoder_chunk *const *slab, size_t slab_count, size_t count)
{
    bytes_cursor *sparse = &decoder->streams[TSDB_STREAM_SPARSE];
    const uint8_t *bits = bytes_get_bytes(&decoder->streams[TSDB_STREAM_BITS], count);
    if (bits == NULL) {
        return false;
    }
    const uint8_t *value = sparse->at;
    for (size_t j = 0; j < slab_count; j++) {
        memset(slab[j]->residuals, 0, count * sizeof *slab[j]->residuals);
    }
    for (size_t i = 0; i < count; i++) {
        for (unsigned mask = bits[i]; mask != 0; mask &= mask - 1) {
            unsigned j = (unsigned)__builtin_ctz(mask);
            if (j >= slab_count || value == sparse->end) {
                return false;
            }
            uint64_t residual = *value++;
            if (residual == TSDB_SPARSE_ESCAPE) {
                residual += bytes_get_varint(&decoder->streams[TSDB_STREAM_ESCAPES]);
            }
            slab[j]->residuals[i] = residual;
        }
    }
    sparse->at = value;
    return !decoder->streams[TSDB_STREAM_ESCAPES].failed;
}

static bool planes_get(tsdb_page_decoder *decoder, decoder_chunk *chunk, size_t count)
{
    uint64_t *to = chunk->residuals;
    const uint8_t *from[8];
    for (unsigned plane = 0; plane < chunk->width; plane++) {
        from[plane] = bytes_get_bytes(&decoder->streams[TSDB_STREAM_PLANES + plane], count);
        if (from[plane] == NULL) {
            return false;
        }
    }
    for (size_t i = 0; i < count; i++) {
        to[i] = from[0][i];
    }
    for (unsigned plane = 1; plane < chunk->width; plane++) {
        const uint8_t *bytes = from[plane];
        for (size_t i = 0; i < count; i++) {
            to[i] |= (uint64_t)bytes[i] << (8 * plane);
        }
    }
    return true;
}

static bool residuals_get(tsdb_page_decoder *decoder, tsdb_page *page)
{
    decoder_chunk *slab[TSDB_SLAB_SERIES];
    size_t slab_count = 0;
    size_t slab_samples = 0;
    bool ok = true;
    for (size_t i = 0; i < page->count && ok; i++) {
        decoder_chunk *chunk = &decoder->chunks[i];
        size_t count = page->chunks[i].count;
        if (chunk->storage == TSDB_STORE_ZERO) {
            memset(chunk->residuals, 0, count * sizeof *chunk->residuals);
        } else if (chunk->storage == TSDB_STORE_PLANES) {
            ok = planes_get(decoder, chunk, count);
        } else {
            if (chunk->starts_slab && slab_count > 0) {
                ok = slab_get(decoder, slab, slab_count, slab_samples);
                slab_count = 0;
            }
            if (slab_count == TSDB_SLAB_SERIES || (slab_count > 0 && slab_samples != count)) {
                return false;
            }
            slab[slab_count++] = chunk;
            slab_samples = count;
        }
    }
    return ok && (slab_count == 0 || slab_get(decoder, slab, slab_count, slab_samples));
}

/* ---- Values ---- */

/* Integers of a chunk become doubles once the next one does not need them any more. */
static bool chunk_finish(tsdb_page_decoder *decoder, tsdb_page *page, size_t i, ifm_error *err)
{
    decoder_chunk *chunk = &decoder->chunks[i];
    tsdb_page_chunk *to = &page->chunks[i];
    tsdb_values_unmap(&chunk->values, to->count, chunk->residuals);
    if (chunk->values.exceptions &&
        !tsdb_values_patch(&decoder->streams[TSDB_STREAM_EXCEPTIONS], to->count, chunk->residuals)) {
        return damaged(err, "a value of a page");
    }
    bytes_cursor *starts = &decoder->streams[TSDB_STREAM_STARTS];
    uint64_t start = 0;
    for (size_t j = 0; to->starts_ms != NULL && j < to->count; j++) {
        start += (uint64_t)bytes_get_signed(starts);
        page->starts[(size_t)(to->starts_ms - page->starts) + j] = (int64_t)start;
    }
    if (starts->failed) {
        return damaged(err, "a start timestamp of a page");
    }
    return !chunk->has_histograms ||
           tsdb_page_histograms_get(page, to, &decoder->streams[TSDB_STREAM_HISTOGRAMS], err);
}

static bool values_get(tsdb_page_decoder *decoder, tsdb_page *page, ifm_error *err)
{
    if (!residuals_get(decoder, page)) {
        return damaged(err, "a stream of a page");
    }
    for (size_t i = 0; i < page->count; i++) {
        decoder_chunk *chunk = &decoder->chunks[i];
        tsdb_values_restore(&chunk->values, i == 0 ? NULL : decoder->chunks[i - 1].residuals,
                            page->chunks[i].count, chunk->residuals);
        if (i > 0 && !chunk_finish(decoder, page, i - 1, err)) {
            return false;
        }
    }
    return page->count == 0 || chunk_finish(decoder, page, page->count - 1, err);
}

tsdb_page *tsdb_page_decode(tsdb_page_decoder *decoder, const uint8_t *bytes, size_t size, ifm_error *err)
{
    tsdb_page *page = ifm_alloc_zero(1, sizeof *page);
    if (page == NULL) {
        ifm_error_nomem(err);
        return NULL;
    }
    ifm_bump_init(&page->histograms, TSDB_PAGE_BYTES_MAX * (size_t)4);
    if (!streams_unpack(decoder, bytes, size, err) || !directory_get(decoder, page, err) ||
        !values_get(decoder, page, err)) {
        tsdb_page_free(page);
        return NULL;
    }
    page->bytes += page->histograms.used;
    return page;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "tsdb/page.h"

#include <xxhash.h>
#include <zstd.h>

/* A chunk on its way. */
typedef struct encoder_chunk {
    tsdb_values values;
    tsdb_residual_form storage;
    uint8_t width;       /* PLANES: bytes of the largest residual */
    bool starts_slab;    /* SPARSE */
    uint64_t *residuals; /* of the encoder */
} encoder_chunk;

struct tsdb_page_encoder {
    int level;
    ZSTD_CCtx *zstd;
    ifm_buf streams[TSDB_STREAM_COUNT];
    ifm_buf packed;        /* a compressed stream */
    encoder_chunk *chunks; /* room for `chunk_max` */
    size_t chunk_max;
    uint64_t *residuals; /* and three times as many samples: residuals, and integers of two series */
    size_t sample_max;
};

uint64_t tsdb_checksum(const void *bytes, size_t size)
{
    return XXH3_64bits(bytes, size);
}

tsdb_page_encoder *tsdb_page_encoder_new(int level, ifm_error *err)
{
    tsdb_page_encoder *made = ifm_alloc_zero(1, sizeof *made);
    if (made == NULL) {
        ifm_error_nomem(err);
        return NULL;
    }
    made->level = level;
    for (size_t i = 0; i < TSDB_STREAM_COUNT; i++) {
        ifm_buf_init(&made->streams[i], TSDB_PAGE_BYTES_MAX);
    }
    ifm_buf_init(&made->packed, TSDB_PAGE_BYTES_MAX);
    made->zstd = ZSTD_createCCtx();
    if (made->zstd == NULL) {
        tsdb_page_encoder_free(made);
        ifm_error_nomem(err);
        return NULL;
    }
    return made;
}

void tsdb_page_encoder_free(tsdb_page_encoder *encoder)
{
    if (encoder == NULL) {
        return;
    }
    for (size_t i = 0; i < TSDB_STREAM_COUNT; i++) {
        ifm_buf_deinit(&encoder->streams[i]);
    }
    ifm_buf_deinit(&encoder->packed);
    ZSTD_freeCCtx(encoder->zstd);
    ifm_free(encoder->chunks);
    ifm_free(encoder->residuals);
    ifm_free(encoder);
}

static bool encoder_reserve(tsdb_page_encoder *encoder, size_t chunks, size_t samples, ifm_error *err)
{
    if (chunks > encoder->chunk_max) {
        void *grown = ifm_realloc(encoder->chunks, chunks, sizeof *encoder->chunks);
        if (grown == NULL) {
            return ifm_error_nomem(err);
        }
        encoder->chunks = grown;
        encoder->chunk_max = chunks;
    }
    if (samples > encoder->sample_max) {
        void *grown = ifm_realloc(encoder->residuals, samples, 3 * sizeof *encoder->residuals);
        if (grown == NULL) {
            return ifm_error_nomem(err);
        }
        encoder->residuals = grown;
        encoder->sample_max = samples;
    }
    for (size_t i = 0; i < TSDB_STREAM_COUNT; i++) {
        ifm_buf_clear(&encoder->streams[i]);
    }
    return true;
}

/* How the residuals are stored: a bit for each and a byte for those that are not 0 when most are 0, else as
 * planes of bytes, of which the lower ones are noise and the upper ones pack well. */
static void choose_storage(encoder_chunk *chunk, size_t count)
{
    uint64_t all = 0;
    size_t nonzero = 0;
    size_t escapes = 0;
    for (size_t i = 0; i < count; i++) {
        uint64_t residual = chunk->residuals[i];
        all |= residual;
        nonzero += residual != 0;
        escapes += residual >= TSDB_SPARSE_ESCAPE;
    }
    chunk->width = all == 0 ? 0 : (uint8_t)((64 - __builtin_clzll(all) + 7) / 8);
    if (all == 0) {
        chunk->storage = TSDB_STORE_ZERO;
    } else if (nonzero <= count / 2 + count / 8 && escapes <= count / 16) {
        chunk->storage = TSDB_STORE_SPARSE;
    } else {
        chunk->storage = TSDB_STORE_PLANES;
    }
}

static bool same_shape(const tsdb_page_chunk *a, const tsdb_page_chunk *b)
{
    return a->column == b->column && a->first == b->first && a->count == b->count;
}

/* Maps and predicts all chunks; exceptions, start timestamps and histograms are written at once. */
static void encoder_predict(tsdb_page_encoder *encoder, const tsdb_page_chunk *chunks, size_t count,
                            size_t sample_count)
{
    uint64_t *residuals = encoder->residuals;
    int64_t *now = (int64_t *)encoder->residuals + sample_count;
    int64_t *before = now + sample_count;
    uint8_t hint = 0;
    for (size_t i = 0; i < count; i++) {
        const tsdb_page_chunk *from = &chunks[i];
        encoder_chunk *to = &encoder->chunks[i];
        *to = (encoder_chunk){.residuals = residuals};
        residuals += from->count;
        to->values.mapping =
            tsdb_values_map(from->values, from->count, hint, now, &encoder->streams[TSDB_STREAM_EXCEPTIONS],
                            &to->values.exceptions);
        bool neighbour = i > 0 && to->values.mapping == hint && same_shape(from, &chunks[i - 1]);
        hint = to->values.mapping;
        tsdb_values_predict(&to->values, now, neighbour ? before : NULL, from->count, to->residuals);
        choose_storage(to, from->count);
        int64_t *swap = before;
        before = now;
        now = swap;
        if (from->histograms != NULL) {
            tsdb_page_histograms_put(from, &encoder->streams[TSDB_STREAM_HISTOGRAMS]);
        }
        for (size_t j = 0; from->starts_ms != NULL && j < from->count; j++) {
            uint64_t last = j == 0 ? 0 : (uint64_t)from->starts_ms[j - 1];
            bytes_put_signed(&encoder->streams[TSDB_STREAM_STARTS],
                             (int64_t)((uint64_t)from->starts_ms[j] - last));
        }
    }
}

/* Eight series at most, for each time a byte that has a bit for each series: neighbouring buckets of a
 * histogram move together, and the entropy coder sees it. */
static void slab_put(tsdb_page_encoder *encoder, encoder_chunk *const *slab, size_t slab_count, size_t count)
{
    ifm_buf *bits = &encoder->streams[TSDB_STREAM_BITS];
    ifm_buf *sparse = &encoder->streams[TSDB_STREAM_SPARSE];
    char *to = ifm_buf_reserve(bits, count);
    char *value = ifm_buf_reserve(sparse, count * slab_count);
    if (to == NULL || value == NULL) {
        return;
    }
    for (size_t i = 0; i < count; i++) {
        unsigned mask = 0;
        for (size_t j = 0; j < slab_count; j++) {
            uint64_t residual = slab[j]->residuals[i];
            if (residual == 0) {
                continue;
            }
            mask |= 1U << j;
            *value++ = (char)(residual < TSDB_SPARSE_ESCAPE ? residual : TSDB_SPARSE_ESCAPE);
            if (residual >= TSDB_SPARSE_ESCAPE) {
                bytes_put_varint(&encoder->streams[TSDB_STREAM_ESCAPES], residual - TSDB_SPARSE_ESCAPE);
            }
        }
        to[i] = (char)mask;
    }
    bits->size += count;
    sparse->size = (size_t)(value - sparse->data);
}

static void planes_put(tsdb_page_encoder *encoder, const encoder_chunk *chunk, size_t count)
{
    for (unsigned plane = 0; plane < chunk->width; plane++) {
        ifm_buf *stream = &encoder->streams[TSDB_STREAM_PLANES + plane];
        char *to = ifm_buf_reserve(stream, count);
        if (to == NULL) {
            return;
        }
        for (size_t i = 0; i < count; i++) {
            to[i] = (char)(chunk->residuals[i] >> (8 * plane));
        }
        stream->size += count;
    }
}

/* A histogram begins where the next series is predicted from this one, and this one is not. */
static bool begins_group(const encoder_chunk *chunks, size_t i, size_t count)
{
    return chunks[i].values.predictor != TSDB_PREDICT_PREVIOUS && i + 1 < count &&
           chunks[i + 1].values.predictor == TSDB_PREDICT_PREVIOUS;
}

static void encoder_store(tsdb_page_encoder *encoder, const tsdb_page_chunk *chunks, size_t count)
{
    encoder_chunk *slab[TSDB_SLAB_SERIES];
    size_t slab_count = 0;
    size_t slab_samples = 0;
    bool fresh = false; /* a group began since the slab did */
    for (size_t i = 0; i < count; i++) {
        encoder_chunk *chunk = &encoder->chunks[i];
        fresh = fresh || begins_group(encoder->chunks, i, count);
        if (chunk->storage == TSDB_STORE_PLANES) {
            planes_put(encoder, chunk, chunks[i].count);
        }
        if (chunk->storage != TSDB_STORE_SPARSE) {
            continue;
        }
        if (slab_count > 0 && (slab_count == TSDB_SLAB_SERIES || slab_samples != chunks[i].count || fresh)) {
            slab_put(encoder, slab, slab_count, slab_samples);
            slab_count = 0;
        }
        chunk->starts_slab = slab_count == 0;
        fresh = false;
        slab[slab_count++] = chunk;
        slab_samples = chunks[i].count;
    }
    if (slab_count > 0) {
        slab_put(encoder, slab, slab_count, slab_samples);
    }
}

static void directory_put(tsdb_page_encoder *encoder, const tsdb_page_chunk *chunks, size_t count,
                          size_t sample_count)
{
    ifm_buf *out = &encoder->streams[TSDB_STREAM_DIRECTORY];
    bytes_put_varint(out, count);
    bytes_put_varint(out, sample_count);
    for (size_t i = 0; i < count; i++) {
        const tsdb_page_chunk *from = &chunks[i];
        const encoder_chunk *chunk = &encoder->chunks[i];
        bool same = i > 0 && same_shape(from, &chunks[i - 1]);
        unsigned upper = chunk->storage == TSDB_STORE_PLANES   ? chunk->width - 1U
                         : chunk->storage == TSDB_STORE_SPARSE ? chunk->starts_slab
                                                               : 0;
        unsigned flags = (same ? TSDB_CHUNK_SAME_SHAPE : 0U) |
                         (from->histograms != NULL ? TSDB_CHUNK_HISTOGRAMS : 0U) |
                         (from->starts_ms != NULL ? TSDB_CHUNK_STARTS : 0U) |
                         (chunk->values.exceptions ? TSDB_CHUNK_EXCEPTIONS : 0U) |
                         (unsigned)chunk->values.predictor << TSDB_CHUNK_PREDICTOR_SHIFT |
                         (unsigned)chunk->storage << TSDB_CHUNK_STORAGE_SHIFT;
        ifm_buf_append_char(out, (char)flags);
        ifm_buf_append_char(out, (char)(chunk->values.mapping | upper << TSDB_CHUNK_WIDTH_SHIFT));
        bytes_put_varint(out, from->series - (i == 0 ? 0 : chunks[i - 1].series));
        if (!same) {
            bytes_put_varint(out, from->column);
            bytes_put_varint(out, from->first);
            bytes_put_varint(out, from->count);
        }
        bytes_put_signed(out, chunk->values.first);
        if (chunk->values.predictor == TSDB_PREDICT_DELTA2) {
            bytes_put_signed(out, chunk->values.second);
        }
        bytes_put_varint(out, chunk->values.divisor);
    }
}

/* Appends a stream, compressed when that is shorter; *stored is what it takes. */
static bool stream_put(tsdb_page_encoder *encoder, const ifm_buf *stream, ifm_buf *out, size_t *stored,
                       ifm_error *err)
{
    size_t bound = ZSTD_compressBound(stream->size);
    ifm_buf_clear(&encoder->packed);
    char *to = ifm_buf_reserve(&encoder->packed, bound);
    if (to == NULL) {
        return ifm_buf_check(&encoder->packed, err);
    }
    size_t size = ZSTD_compressCCtx(encoder->zstd, to, bound, stream->data, stream->size, encoder->level);
    /* Also when zstd is out of memory: then it is as it is. */
    bool smaller = !ZSTD_isError(size) && size < stream->size;
    *stored = smaller ? size : stream->size;
    ifm_buf_append(out, smaller ? to : stream->data, *stored);
    return ifm_buf_check(out, err);
}

/* A checksum of all that follows, sizes of the streams, and the streams. */
static bool encoder_write(tsdb_page_encoder *encoder, ifm_buf *out, ifm_error *err)
{
    size_t start = out->size;
    ifm_buf sizes;
    ifm_buf body;
    ifm_buf_init(&sizes, TSDB_PAGE_BYTES_MAX);
    ifm_buf_init(&body, TSDB_PAGE_BYTES_MAX);
    bool ok = true;
    for (size_t i = 0; i < TSDB_STREAM_COUNT && ok; i++) {
        const ifm_buf *stream = &encoder->streams[i];
        ok = ifm_buf_check(stream, err);
        bytes_put_varint(&sizes, stream->size);
        size_t stored = 0;
        if (ok && stream->size > 0) {
            ok = stream_put(encoder, stream, &body, &stored, err);
            bytes_put_varint(&sizes, stored);
        }
    }
    ok = ok && ifm_buf_check(&sizes, err);
    if (ok) {
        bytes_put_u64(out, 0);
        ifm_buf_append(out, sizes.data, sizes.size);
        ifm_buf_append(out, body.data, body.size);
        ok = ifm_buf_check(out, err);
    }
    if (ok) {
        size_t behind = start + 8;
        bytes_store_u64(out->data + start, tsdb_checksum(out->data + behind, out->size - behind));
    }
    ifm_buf_deinit(&sizes);
    ifm_buf_deinit(&body);
    return ok;
}

bool tsdb_page_encode(tsdb_page_encoder *encoder, const tsdb_page_chunk *chunks, size_t count, ifm_buf *out,
                      ifm_error *err)
{
    size_t sample_count = 0;
    for (size_t i = 0; i < count; i++) {
        sample_count += chunks[i].count;
    }
    if (!encoder_reserve(encoder, count, sample_count, err)) {
        return false;
    }
    encoder_predict(encoder, chunks, count, sample_count);
    encoder_store(encoder, chunks, count);
    directory_put(encoder, chunks, count, sample_count);
    return encoder_write(encoder, out, err);
}

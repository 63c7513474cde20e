/* SPDX-License-Identifier: Apache-2.0 */
#include "tsdb/log_format.h"

#include "tsdb/limits.h"

#define XXH_INLINE_ALL /* nothing to link, as in metrics/family.c */
#include <xxhash.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "numbers are written as they lie in memory");

static void put(unsigned char *out, size_t at, const void *number, size_t size)
{
    memcpy(out + at, number, size);
}

void log_header_write(unsigned char out[LOG_HEADER_SIZE], const log_header *header)
{
    memcpy(out, LOG_MAGIC, 8);
    put(out, 8, &header->version, 4);
    put(out, 12, &header->flags, 4);
    put(out, 16, &header->number, 8);
    uint64_t hash = XXH3_64bits(out, 24);
    put(out, 24, &hash, 8);
}

bool log_header_read(const unsigned char in[LOG_HEADER_SIZE], log_header *header)
{
    uint64_t hash;
    memcpy(&header->version, in + 8, 4);
    memcpy(&header->flags, in + 12, 4);
    memcpy(&header->number, in + 16, 8);
    memcpy(&hash, in + 24, 8);
    return memcmp(in, LOG_MAGIC, 8) == 0 && hash == XXH3_64bits(in, 24);
}

void log_record_write(unsigned char out[LOG_RECORD_SIZE], log_record *record, const void *payload)
{
    uint32_t magic = LOG_RECORD_MAGIC, reserved = 0;
    put(out, 0, &magic, 4);
    put(out, 4, &record->stored, 4);
    put(out, 8, &record->unpacked, 4);
    put(out, 12, &reserved, 4);
    put(out, 16, &record->sequence, 8);
    record->hash = XXH3_64bits_withSeed(payload, record->stored, XXH3_64bits(out, 24));
    put(out, 24, &record->hash, 8);
}

bool log_record_read(const unsigned char in[LOG_RECORD_SIZE], log_record *record)
{
    uint32_t magic;
    memcpy(&magic, in, 4);
    memcpy(&record->stored, in + 4, 4);
    memcpy(&record->unpacked, in + 8, 4);
    memcpy(&record->sequence, in + 16, 8);
    memcpy(&record->hash, in + 24, 8);
    return magic == LOG_RECORD_MAGIC && record->stored > 0 && record->stored <= TSDB_RECORD_BYTES_MAX &&
           record->unpacked <= TSDB_RECORD_BYTES_MAX;
}

bool log_record_check(const unsigned char in[LOG_RECORD_SIZE], const log_record *record, const void *payload)
{
    return record->hash == XXH3_64bits_withSeed(payload, record->stored, XXH3_64bits(in, 24));
}

uint64_t log_row_hash(uint64_t hash, const void *bytes, size_t size)
{
    return XXH3_64bits_withSeed(bytes, size, hash);
}

/* ---- Histograms ---- */

static void put_side(ifm_buf *out, const model_span *spans, uint32_t span_count, const double *counts,
                     uint32_t count)
{
    bytes_put_varint(out, span_count);
    for (uint32_t i = 0; i < span_count; i++) {
        bytes_put_signed(out, spans[i].offset);
        bytes_put_varint(out, spans[i].length);
    }
    bytes_put_varint(out, count);
    ifm_buf_append(out, counts, count * sizeof(double));
}

void log_put_histogram(ifm_buf *out, const model_histogram *h)
{
    double numbers[] = {h->zero_threshold, h->zero_count, h->count, h->sum};
    bytes_put_signed(out, h->schema);
    bytes_put_varint(out, (uint64_t)h->hint);
    ifm_buf_append(out, numbers, sizeof numbers);
    put_side(out, h->positive_spans, h->positive_span_count, h->positive, h->positive_count);
    put_side(out, h->negative_spans, h->negative_span_count, h->negative, h->negative_count);
    bytes_put_varint(out, h->custom_count);
    ifm_buf_append(out, h->custom, h->custom_count * sizeof(double));
}

static const double *get_doubles(bytes_cursor *in, uint32_t *count, ifm_bump *arena)
{
    uint64_t wanted = bytes_get_varint(in);
    const unsigned char *bytes =
        wanted > MODEL_BUCKETS_MAX ? NULL : bytes_get_bytes(in, (size_t)wanted * sizeof(double));
    if (bytes == NULL) {
        in->failed = true;
        return NULL;
    }
    *count = (uint32_t)wanted;
    return wanted == 0 ? NULL : (const double *)(const void *)ifm_bump_copy(arena, bytes, wanted * 8);
}

static const model_span *get_spans(bytes_cursor *in, uint32_t *count, ifm_bump *arena)
{
    uint64_t wanted = bytes_get_varint(in);
    if (in->failed || wanted > (uint64_t)(in->end - in->at)) {
        in->failed = true;
        return NULL;
    }
    model_span *spans = ifm_bump_alloc_array(arena, (size_t)wanted, sizeof *spans);
    for (uint64_t i = 0; spans != NULL && i < wanted; i++) {
        int64_t offset = bytes_get_signed(in);
        uint64_t length = bytes_get_varint(in);
        if (offset < INT32_MIN || offset > INT32_MAX || length > UINT32_MAX) {
            in->failed = true;
            return NULL;
        }
        spans[i] = (model_span){(int32_t)offset, (uint32_t)length};
    }
    *count = (uint32_t)wanted;
    return spans;
}

const model_histogram *log_get_histogram(bytes_cursor *in, ifm_bump *arena)
{
    ifm_error err;
    double numbers[4] = {0};
    model_histogram *h = ifm_bump_alloc(arena, sizeof *h);
    if (h == NULL) {
        return NULL;
    }
    int64_t schema = bytes_get_signed(in);
    uint64_t hint = bytes_get_varint(in);
    const unsigned char *bytes = bytes_get_bytes(in, sizeof numbers);
    if (bytes == NULL || schema < INT32_MIN || schema > INT32_MAX || hint > MODEL_RESET_GAUGE) {
        in->failed = true;
        return NULL;
    }
    memcpy(numbers, bytes, sizeof numbers);
    h->schema = (int32_t)schema;
    h->hint = (model_reset_hint)hint;
    h->zero_threshold = numbers[0];
    h->zero_count = numbers[1];
    h->count = numbers[2];
    h->sum = numbers[3];
    h->positive_spans = get_spans(in, &h->positive_span_count, arena);
    h->positive = get_doubles(in, &h->positive_count, arena);
    h->negative_spans = get_spans(in, &h->negative_span_count, arena);
    h->negative = get_doubles(in, &h->negative_count, arena);
    h->custom = get_doubles(in, &h->custom_count, arena);
    if (arena->failed != IFM_OK) {
        return NULL;
    }
    if (in->failed || !model_histogram_check(h, &err)) {
        in->failed = true;
        return NULL;
    }
    return h;
}

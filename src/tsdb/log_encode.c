/* SPDX-License-Identifier: Apache-2.0
 *
 * The record of a batch. Values of a row are the difference (XOR) to what each series had before, split into
 * planes of bytes of the same weight: those of slow counters are mostly zero, and zstd makes nothing of them.
 */
#include "tsdb/limits.h"
#include "tsdb/log_impl.h"
#include "tsdb/tsdb_impl.h"

#include <inferometer/registry.h>
#include <zstd.h>

enum { LOG_PACK_LEVEL = 1, LOG_PACK_MIN = 128 /* smaller ones do not get smaller */ };

typedef struct encoding {
    tsdb_log *log;
    tsdb_batch *batch;
    bool key, full, layout;
} encoding;

static bool in_row(const tsdb_batch *batch, const head_item *item)
{
    return item->extra == 0 && batch->group != NULL;
}

/* Whether the row has the very series of the group's last one. */
static bool same_layout(const tsdb_batch *batch, uint32_t rows)
{
    const tsdb_group *group = batch->group;
    if (rows != group->layout_count) {
        return false;
    }
    for (uint32_t i = 0, at = 0; i < batch->count; i++) {
        if (in_row(batch, &batch->items[i]) && group->layout[at++] != batch->items[i].slot) {
            return false;
        }
    }
    return true;
}

static uint32_t count_rows(const tsdb_batch *batch)
{
    return batch->group == NULL ? 0 : batch->count - batch->extra_count;
}

static bool reserve_layout(tsdb_group *group, uint32_t rows)
{
    if (rows <= group->layout_capacity) {
        return true;
    }
    uint32_t *grown = ifm_realloc(group->layout, rows, sizeof *grown);
    if (grown == NULL) {
        return false;
    }
    group->layout = grown;
    group->layout_capacity = rows;
    return true;
}

static void put_text(ifm_buf *out, model_text text)
{
    bytes_put_varint(out, text.size);
    ifm_buf_append(out, text.data, text.size);
}

static void put_definition(ifm_buf *out, const tsdb *db, uint32_t slot)
{
    const uint32_t *entries = index_series_at(db->index, tsdb_slot(db, slot)->index_id);
    bytes_put_varint(out, slot);
    bytes_put_varint(out, entries[0]);
    for (uint32_t i = 1; i <= entries[0]; i++) {
        const index_entry *value = index_entry_at(db->index, entries[i]);
        put_text(out, index_text(index_entry_at(db->index, value->parent)));
        put_text(out, index_text(value));
    }
}

static bool is_defined_here(const encoding *e, const head_item *item)
{
    const head_series *series = tsdb_slot(e->batch->db, item->slot);
    return (series->flags & HEAD_SERIES_LOGGED) == 0 || (e->full && in_row(e->batch, item));
}

static void put_definitions(const encoding *e, ifm_buf *out)
{
    uint64_t count = 0;
    for (uint32_t i = 0; i < e->batch->count; i++) {
        count += is_defined_here(e, &e->batch->items[i]);
    }
    bytes_put_varint(out, count);
    for (uint32_t i = 0; count > 0 && i < e->batch->count; i++) {
        if (is_defined_here(e, &e->batch->items[i])) {
            put_definition(out, e->batch->db, e->batch->items[i].slot);
        }
    }
}

static void put_layout(const encoding *e, ifm_buf *out)
{
    uint32_t last = 0;
    for (uint32_t i = 0; i < e->batch->count; i++) {
        const head_item *item = &e->batch->items[i];
        if (in_row(e->batch, item)) {
            bytes_put_signed(out, (int64_t)item->slot - (int64_t)last);
            last = item->slot;
        }
    }
}

/* The planes and then the hash of slots and bits, by which replay knows whether it has what they refer to. */
static void put_values(const encoding *e, ifm_buf *out, uint32_t rows)
{
    const tsdb_batch *batch = e->batch;
    ifm_buf *scratch = &e->log->planes; /* bits, then slots */
    ifm_buf_clear(scratch);
    uint64_t *bits = (uint64_t *)(void *)ifm_buf_reserve(scratch, (size_t)rows * 12);
    unsigned char *planes = (unsigned char *)ifm_buf_reserve(out, (size_t)rows * 8);
    if (bits == NULL || planes == NULL) {
        return;
    }
    uint32_t *slots = (uint32_t *)(void *)(bits + rows);
    for (uint32_t i = 0, at = 0; i < batch->count; i++) {
        const head_item *item = &batch->items[i];
        if (!in_row(batch, item)) {
            continue;
        }
        const head_series *series = tsdb_slot(batch->db, item->slot);
        bool refers = !e->key && (series->flags & HEAD_SERIES_LOGGED) != 0;
        uint64_t value = model_bits(item->value), difference = value ^ (refers ? series->last_bits : 0);
        bits[at] = value;
        slots[at] = item->slot;
        for (size_t plane = 0; plane < 8; plane++) {
            planes[plane * rows + at] = (unsigned char)(difference >> (8 * plane));
        }
        at++;
    }
    out->size += (size_t)rows * 8;
    uint64_t hash = log_row_hash(0, bits, (size_t)rows * 8);
    hash = log_row_hash(hash, slots, (size_t)rows * 4);
    ifm_buf_append(out, &hash, sizeof hash);
}

static void put_extra(const encoding *e, ifm_buf *out, const head_item *item)
{
    const head_extra *extra = &e->batch->extras[item->extra - 1];
    unsigned flags =
        (extra->histogram != NULL ? LOG_EXTRA_HISTOGRAM : 0U) | (extra->start_ms != 0 ? LOG_EXTRA_START : 0U);
    bytes_put_varint(out, item->slot);
    bytes_put_signed(out, (int64_t)((uint64_t)extra->time_ms - (uint64_t)e->batch->time_ms));
    ifm_buf_append_char(out, (char)flags);
    if (extra->start_ms != 0) {
        bytes_put_signed(out, extra->start_ms);
    }
    if (extra->histogram != NULL) {
        log_put_histogram(out, extra->histogram);
    } else {
        ifm_buf_append(out, &item->value, sizeof item->value);
    }
}

static void put_batch(const encoding *e, ifm_buf *out)
{
    const tsdb_batch *batch = e->batch;
    uint32_t rows = count_rows(batch);
    ifm_buf_append_char(out, (char)((e->key ? LOG_BATCH_KEY : 0) | (e->layout ? LOG_BATCH_LAYOUT : 0)));
    bytes_put_varint(out, batch->group == NULL ? 0 : batch->group->id);
    bytes_put_signed(out, batch->time_ms);
    put_definitions(e, out);
    bytes_put_varint(out, rows);
    if (rows > 0) {
        if (e->layout) {
            put_layout(e, out);
        }
        put_values(e, out, rows);
    }
    bytes_put_varint(out, batch->extra_count);
    for (uint32_t i = 0; batch->extra_count > 0 && i < batch->count; i++) {
        if (batch->items[i].extra != 0) {
            put_extra(e, out, &batch->items[i]);
        }
    }
}

/* The payload packed behind room for the record's header, or as it is when that is not smaller. */
static bool pack(tsdb_log *log, ifm_error *err)
{
    ifm_buf_clear(&log->packed);
    size_t bound = ZSTD_compressBound(log->payload.size);
    unsigned char *to = (unsigned char *)ifm_buf_reserve(&log->packed, LOG_RECORD_SIZE + bound);
    if (to == NULL) {
        return ifm_buf_check(&log->packed, err);
    }
    log_record record = {.sequence = log->sequence + 1};
    size_t size = 0;
    if (log->packer == NULL && log->payload.size >= LOG_PACK_MIN) {
        log->packer = ZSTD_createCCtx();
    }
    if (log->packer != NULL && log->payload.size >= LOG_PACK_MIN) {
        size = ZSTD_compressCCtx(log->packer, to + LOG_RECORD_SIZE, bound, log->payload.data,
                                 log->payload.size, LOG_PACK_LEVEL);
    }
    if (size == 0 || ZSTD_isError(size) || size >= log->payload.size) {
        size = log->payload.size;
        memcpy(to + LOG_RECORD_SIZE, log->payload.data, size);
    } else {
        record.unpacked = (uint32_t)log->payload.size;
    }
    record.stored = (uint32_t)size;
    log_record_write(to, &record, to + LOG_RECORD_SIZE);
    log->packed.size = LOG_RECORD_SIZE + size;
    return true;
}

bool log_encode(tsdb_log *log, tsdb_batch *batch, ifm_error *err)
{
    encoding e = {.log = log, .batch = batch};
    tsdb_group *group = batch->group;
    uint32_t rows = count_rows(batch);
    if (rows > 0) {
        bool known = group->log_generation == log->generation;
        e.key = !known || (group->rows_logged % LOG_KEY_ROWS) == 0;
        e.full = known && (group->rows_logged % LOG_FULL_ROWS) == 0;
        e.layout = e.key || !same_layout(batch, rows);
        if (!reserve_layout(group, rows)) {
            return ifm_error_nomem(err);
        }
    }
    ifm_buf_clear(&log->payload);
    put_batch(&e, &log->payload);
    return ifm_buf_check(&log->payload, err) && ifm_buf_check(&log->planes, err) && pack(log, err);
}

void log_encoded(tsdb_log *log, tsdb_batch *batch)
{
    tsdb_group *group = batch->group;
    uint32_t rows = 0;
    log->sequence++;
    for (uint32_t i = 0; i < batch->count; i++) {
        head_series *series = tsdb_slot(batch->db, batch->items[i].slot);
        series->flags |= HEAD_SERIES_LOGGED;
        if (in_row(batch, &batch->items[i])) {
            group->layout[rows++] = batch->items[i].slot;
        }
    }
    if (rows > 0) {
        group->layout_count = rows;
        group->rows_logged = group->log_generation == log->generation ? group->rows_logged + 1 : 1;
        group->log_generation = log->generation;
    }
}

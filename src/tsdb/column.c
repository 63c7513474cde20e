/* SPDX-License-Identifier: Apache-2.0 */
#include "tsdb/column.h"

#include "tsdb/page.h"

#include <zstd.h>

typedef enum column_form { FORM_STEADY, FORM_PLAIN, FORM_PACKED } column_form;

enum { COLUMN_LEVEL = 3 };

/* Differences of differences, the first being that to the first step. */
static bool differences_put(const int64_t *times_ms, size_t count, ifm_buf *out)
{
    bool steady = true;
    uint64_t step = (uint64_t)times_ms[1] - (uint64_t)times_ms[0];
    for (size_t i = 2; i < count; i++) {
        uint64_t now = (uint64_t)times_ms[i] - (uint64_t)times_ms[i - 1];
        steady = steady && now == step;
        bytes_put_signed(out, (int64_t)(now - step));
        step = now;
    }
    return steady;
}

/* The differences as they are or compressed, whatever is shorter. */
static void differences_pack(const ifm_buf *raw, ifm_buf *out, ifm_buf *packed)
{
    size_t bound = ZSTD_compressBound(raw->size);
    char *to = ifm_buf_reserve(packed, bound);
    size_t size = to == NULL ? 0 : ZSTD_compress(to, bound, raw->data, raw->size, COLUMN_LEVEL);
    bool smaller = to != NULL && !ZSTD_isError(size) && size + 4 < raw->size;
    ifm_buf_append_char(out, (char)(smaller ? FORM_PACKED : FORM_PLAIN));
    if (smaller) {
        bytes_put_varint(out, raw->size);
    }
    ifm_buf_append(out, smaller ? to : raw->data, smaller ? size : raw->size);
}

bool tsdb_column_encode(const int64_t *times_ms, size_t count, ifm_buf *out, ifm_error *err)
{
    size_t start = out->size;
    ifm_buf raw;
    ifm_buf packed;
    ifm_buf_init(&raw, TSDB_PAGE_BYTES_MAX);
    ifm_buf_init(&packed, TSDB_PAGE_BYTES_MAX);
    bytes_put_u64(out, 0);
    bytes_put_signed(out, times_ms[0]);
    if (count > 1) {
        bytes_put_varint(out, (uint64_t)times_ms[1] - (uint64_t)times_ms[0]);
        if (differences_put(times_ms, count, &raw)) {
            ifm_buf_append_char(out, FORM_STEADY);
        } else {
            differences_pack(&raw, out, &packed);
        }
    }
    bool ok = ifm_buf_check(&raw, err) && ifm_buf_check(&packed, err) && ifm_buf_check(out, err);
    if (ok) {
        bytes_store_u64(out->data + start, tsdb_checksum(out->data + start + 8, out->size - start - 8));
    }
    ifm_buf_deinit(&raw);
    ifm_buf_deinit(&packed);
    return ok;
}

static bool times_rise(const int64_t *times_ms, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        if (times_ms[i] <= times_ms[i - 1]) {
            return false;
        }
    }
    return true;
}

static void differences_get(bytes_cursor *from, size_t count, uint64_t step, int64_t *times_ms)
{
    for (size_t i = 2; i < count; i++) {
        step += (uint64_t)bytes_get_signed(from);
        times_ms[i] = (int64_t)((uint64_t)times_ms[i - 1] + step);
    }
}

static bool column_unpack(bytes_cursor *from, size_t count, uint64_t step, int64_t *times_ms, ifm_error *err)
{
    uint64_t size = bytes_get_below(from, count * BYTES_VARINT_SIZE_MAX + 1);
    char *raw = ifm_alloc(size + 1);
    if (raw == NULL) {
        return ifm_error_nomem(err);
    }
    size_t got = ZSTD_decompress(raw, size, from->at, bytes_cursor_left(from));
    bytes_cursor again = {(const uint8_t *)raw, (const uint8_t *)raw + size, got != size};
    if (!again.failed) {
        differences_get(&again, count, step, times_ms);
    }
    from->failed = from->failed || again.failed;
    ifm_free(raw);
    return true;
}

bool tsdb_column_decode(const uint8_t *bytes, size_t size, size_t count, int64_t *times_ms, ifm_error *err)
{
    if (size < 8 || count == 0 || bytes_load_u64(bytes) != tsdb_checksum(bytes + 8, size - 8)) {
        return ifm_error_set(err, IFM_INVALID, "the checksum of a column of timestamps does not match");
    }
    bytes_cursor from = {bytes + 8, bytes + size, false};
    times_ms[0] = bytes_get_signed(&from);
    if (count > 1) {
        uint64_t step = bytes_get_varint(&from);
        uint8_t form = bytes_get_byte(&from);
        times_ms[1] = (int64_t)((uint64_t)times_ms[0] + step);
        if (form == FORM_STEADY) {
            for (size_t i = 2; i < count; i++) {
                times_ms[i] = (int64_t)((uint64_t)times_ms[i - 1] + step);
            }
        } else if (form == FORM_PLAIN) {
            differences_get(&from, count, step, times_ms);
        } else if (form != FORM_PACKED) {
            from.failed = true;
        } else if (!column_unpack(&from, count, step, times_ms, err)) {
            return false;
        }
    }
    if (from.failed || !times_rise(times_ms, count)) {
        return ifm_error_set(err, IFM_INVALID, "a column of timestamps is damaged");
    }
    return true;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * Batches of the log, appended to the store again. What refers to something that was lost shows by the hash
 * of its row and is left out: nothing is made up.
 */
#include "tsdb/limits.h"
#include "tsdb/log_impl.h"
#include "tsdb/tsdb_impl.h"

#include <inferometer/registry.h>

typedef struct replayed_series {
    tsdb_ref ref;        /* 0: not defined */
    uint64_t generation; /* in which it was defined */
    uint64_t record;     /* which defined it last */
} replayed_series;

typedef struct replayed_group {
    tsdb_group *group;
    uint64_t generation; /* in which the layout is known */
} replayed_group;

struct log_replayer {
    tsdb *db;
    uint64_t generation, record;
    head_pages series; /* replayed_series, by slot of the log */
    head_pages groups; /* replayed_group, by id */
    uint32_t group_count;
    uint32_t *slots; /* of a row */
    uint64_t *bits;
    size_t capacity;
    ifm_bump arena; /* of a record */
};

log_replayer *log_replayer_new(tsdb *db, ifm_error *err)
{
    log_replayer *r = ifm_alloc_zero(1, sizeof *r);
    if (r == NULL) {
        ifm_error_nomem(err);
        return NULL;
    }
    r->db = db;
    r->generation = 1;
    head_pages_init(&r->series, sizeof(replayed_series));
    head_pages_init(&r->groups, sizeof(replayed_group));
    ifm_bump_init(&r->arena, TSDB_RECORD_BYTES_MAX);
    return r;
}

void log_replayer_free(log_replayer *r)
{
    if (r == NULL) {
        return;
    }
    for (uint32_t i = 0; i < r->group_count; i++) {
        replayed_group *group = head_pages_find(&r->groups, i);
        if (group != NULL) {
            tsdb_group_free(group->group);
        }
    }
    head_pages_deinit(&r->series);
    head_pages_deinit(&r->groups);
    ifm_free(r->slots);
    ifm_free(r->bits);
    ifm_bump_deinit(&r->arena);
    ifm_free(r);
}

void log_replayer_begin(log_replayer *r)
{
    r->generation++;
}

static replayed_series *series_of(log_replayer *r, uint64_t slot)
{
    replayed_series *series = slot >= TSDB_SERIES_MAX ? NULL : head_pages_find(&r->series, (uint32_t)slot);
    return series != NULL && series->ref != 0 && series->generation == r->generation ? series : NULL;
}

static replayed_group *group_of(log_replayer *r, uint64_t id, ifm_error *err)
{
    if (!head_pages_ensure(&r->groups, (uint32_t)id)) {
        ifm_error_nomem(err);
        return NULL;
    }
    replayed_group *group = head_pages_at(&r->groups, (uint32_t)id);
    if (group->group == NULL) {
        group->group = tsdb_group_new(r->db, err);
        r->group_count = id >= r->group_count ? (uint32_t)id + 1 : r->group_count;
    }
    return group->group == NULL ? NULL : group;
}

/* ---- Definitions ---- */

static bool get_text(bytes_cursor *in, model_text *text)
{
    uint64_t size = bytes_get_varint(in);
    text->data = (const char *)bytes_get_bytes(in, size > SIZE_MAX ? SIZE_MAX : (size_t)size);
    text->size = (size_t)size;
    return text->data != NULL;
}

static bool get_definition(log_replayer *r, bytes_cursor *in, tsdb_batch *batch, ifm_error *err)
{
    uint64_t slot = bytes_get_varint(in), count = bytes_get_varint(in);
    if (in->failed || slot >= TSDB_SERIES_MAX || count == 0 || count > (uint64_t)(in->end - in->at)) {
        in->failed = true;
        return true;
    }
    model_label *items = ifm_bump_alloc_array(&r->arena, (size_t)count, sizeof *items);
    if (items == NULL) {
        return ifm_bump_check(&r->arena, err);
    }
    for (uint64_t i = 0; i < count; i++) {
        if (!get_text(in, &items[i].name) || !get_text(in, &items[i].value) ||
            (i > 0 && model_text_compare(items[i - 1].name, items[i].name) >= 0)) {
            in->failed = true;
            return true;
        }
    }
    tsdb_ref ref = 0;
    if (!tsdb_batch_series(batch, (model_labels){items, (size_t)count}, &ref, NULL, err)) {
        in->failed = err->code != IFM_NOMEM;
        return in->failed;
    }
    if (!head_pages_ensure(&r->series, (uint32_t)slot)) {
        return ifm_error_nomem(err);
    }
    *(replayed_series *)head_pages_at(&r->series, (uint32_t)slot) =
        (replayed_series){ref, r->generation, r->record};
    return true;
}

/* ---- Rows ---- */

static bool reserve(log_replayer *r, size_t rows)
{
    if (rows <= r->capacity) {
        return true;
    }
    uint32_t *slots = ifm_realloc(r->slots, rows, sizeof *slots);
    r->slots = slots == NULL ? r->slots : slots;
    uint64_t *bits = ifm_realloc(r->bits, rows, sizeof *bits);
    r->bits = bits == NULL ? r->bits : bits;
    if (slots == NULL || bits == NULL) {
        return false;
    }
    r->capacity = rows;
    return true;
}

static void get_layout(log_replayer *r, bytes_cursor *in, size_t rows)
{
    int64_t last = 0;
    for (size_t i = 0; i < rows; i++) {
        last = (int64_t)((uint64_t)last + (uint64_t)bytes_get_signed(in));
        if (last < 0 || last >= TSDB_SERIES_MAX) {
            in->failed = true;
            return;
        }
        r->slots[i] = (uint32_t)last;
    }
}

/* The layout of the row, given or the group's last one; false: memory is out. *lost: it is not known. */
static bool take_layout(log_replayer *r, replayed_group *of, bytes_cursor *in, unsigned flags, size_t rows)
{
    tsdb_group *group = of->group;
    if ((flags & LOG_BATCH_LAYOUT) == 0) {
        if (of->generation != r->generation || group->layout_count != rows) {
            in->failed = true;
            return true;
        }
        memcpy(r->slots, group->layout, rows * sizeof *r->slots);
        return true;
    }
    get_layout(r, in, rows);
    if (in->failed) {
        return true;
    }
    if (rows > group->layout_capacity) {
        uint32_t *grown = ifm_realloc(group->layout, rows, sizeof *grown);
        if (grown == NULL) {
            return false;
        }
        group->layout = grown;
        group->layout_capacity = (uint32_t)rows;
    }
    memcpy(group->layout, r->slots, rows * sizeof *r->slots);
    group->layout_count = (uint32_t)rows;
    of->generation = r->generation;
    return true;
}

/* False: they are not what was written. */
static bool get_values(log_replayer *r, bytes_cursor *in, unsigned flags, size_t rows)
{
    const unsigned char *planes = bytes_get_bytes(in, rows * 8), *stored = bytes_get_bytes(in, 8);
    uint64_t hash, wanted;
    if (stored == NULL) {
        return false;
    }
    for (size_t i = 0; i < rows; i++) {
        const replayed_series *series = series_of(r, r->slots[i]);
        uint64_t value = 0;
        for (size_t plane = 0; plane < 8; plane++) {
            value |= (uint64_t)planes[plane * rows + i] << (8 * plane);
        }
        if (series != NULL && series->record != r->record && (flags & LOG_BATCH_KEY) == 0) {
            value ^= tsdb_slot(r->db, (uint32_t)series->ref)->last_bits;
        }
        r->bits[i] = value;
    }
    memcpy(&wanted, stored, sizeof wanted);
    hash = log_row_hash(0, r->bits, rows * 8);
    return log_row_hash(hash, r->slots, rows * 4) == wanted;
}

static void append_row(log_replayer *r, tsdb_batch *batch, size_t rows, bool *lost)
{
    for (size_t i = 0; i < rows; i++) {
        const replayed_series *series = series_of(r, r->slots[i]);
        if (series != NULL) {
            tsdb_batch_append(batch, series->ref, model_from_bits(r->bits[i]));
        } else {
            *lost = true;
        }
    }
}

/* ---- Extras ---- */

typedef struct replayed_extra {
    uint64_t slot;
    tsdb_sample sample;
} replayed_extra;

static bool get_extra(log_replayer *r, bytes_cursor *in, int64_t time_ms, replayed_extra *extra)
{
    extra->slot = bytes_get_varint(in);
    extra->sample.time_ms = (int64_t)((uint64_t)time_ms + (uint64_t)bytes_get_signed(in));
    const unsigned char *flags = bytes_get_bytes(in, 1), *value;
    if (flags == NULL) {
        return false;
    }
    if ((*flags & LOG_EXTRA_START) != 0) {
        extra->sample.start_ms = bytes_get_signed(in);
    }
    if ((*flags & LOG_EXTRA_HISTOGRAM) != 0) {
        extra->sample.histogram = log_get_histogram(in, &r->arena);
        return extra->sample.histogram != NULL;
    }
    value = bytes_get_bytes(in, sizeof extra->sample.value);
    if (value != NULL) {
        memcpy(&extra->sample.value, value, sizeof extra->sample.value);
    }
    return value != NULL;
}

/* NULL with in->failed, or memory is out. */
static replayed_extra *get_extras(log_replayer *r, bytes_cursor *in, int64_t time_ms, size_t *count)
{
    uint64_t wanted = bytes_get_varint(in);
    if (in->failed || wanted > (uint64_t)(in->end - in->at)) {
        in->failed = true;
        return NULL;
    }
    replayed_extra *extras = ifm_bump_alloc_array(&r->arena, (size_t)wanted, sizeof *extras);
    for (uint64_t i = 0; extras != NULL && i < wanted; i++) {
        if (!get_extra(r, in, time_ms, &extras[i])) {
            in->failed = in->failed || r->arena.failed == IFM_OK;
            return NULL;
        }
    }
    *count = (size_t)wanted;
    return extras;
}

/* Those up to the batch's time, or those behind it: a series may be in the row as well. */
static void append_extras(log_replayer *r, tsdb_batch *batch, const replayed_extra *extras, size_t count,
                          bool behind)
{
    for (size_t i = 0; i < count; i++) {
        const replayed_series *series = series_of(r, extras[i].slot);
        if (series != NULL && (extras[i].sample.time_ms > batch->time_ms) == behind) {
            tsdb_batch_append_sample(batch, series->ref, &extras[i].sample);
        }
    }
}

/* ---- A batch ---- */

static bool get_definitions(log_replayer *r, bytes_cursor *in, tsdb_batch *batch, ifm_error *err)
{
    uint64_t count = bytes_get_varint(in);
    for (uint64_t i = 0; i < count && !in->failed; i++) {
        ifm_bump_mark mark = ifm_bump_mark_now(&r->arena);
        bool ok = get_definition(r, in, batch, err);
        ifm_bump_rewind(&r->arena, mark); /* the index has what it needs of the labels */
        if (!ok) {
            return false;
        }
    }
    return true;
}

static bool get_batch(log_replayer *r, bytes_cursor *in, tsdb_batch *batch, replayed_group *group,
                      unsigned flags, bool *lost, ifm_error *err)
{
    size_t extra_count = 0;
    if (!get_definitions(r, in, batch, err)) {
        return false;
    }
    uint64_t rows = bytes_get_varint(in);
    if (in->failed || rows > (uint64_t)(in->end - in->at) || (rows > 0 && group == NULL)) {
        in->failed = true;
        return true;
    }
    bool row = rows > 0;
    if (row && (!reserve(r, (size_t)rows) || !take_layout(r, group, in, flags, (size_t)rows))) {
        return ifm_error_nomem(err);
    }
    row = row && get_values(r, in, flags, (size_t)rows);
    *lost = rows > 0 && !row;
    const replayed_extra *extras = get_extras(r, in, batch->time_ms, &extra_count);
    if (extras == NULL && !in->failed) {
        return ifm_bump_check(&r->arena, err);
    }
    append_extras(r, batch, extras, extra_count, false);
    if (row) {
        append_row(r, batch, (size_t)rows, lost);
    }
    append_extras(r, batch, extras, extra_count, true);
    return true;
}

bool log_replayer_batch(log_replayer *r, const void *payload, size_t size, bool *lost, ifm_error *err)
{
    bytes_cursor in = {payload, (const unsigned char *)payload + size, false};
    replayed_group *group = NULL;
    ifm_bump_mark mark = ifm_bump_mark_now(&r->arena);
    const unsigned char *flags = bytes_get_bytes(&in, 1);
    uint64_t id = bytes_get_varint(&in);
    int64_t time_ms = bytes_get_signed(&in);
    *lost = true;
    r->record++;
    if (in.failed || flags == NULL || *flags > LOG_BATCH_FLAGS || id >= TSDB_GROUPS_MAX) {
        return true;
    }
    if (id != 0) {
        group = group_of(r, id, err);
        if (group == NULL) {
            return false;
        }
    }
    tsdb_batch *batch = tsdb_batch_begin(r->db, group == NULL ? NULL : group->group, time_ms, err);
    if (batch == NULL) {
        return false;
    }
    *lost = false;
    if (!get_batch(r, &in, batch, group, *flags, lost, err)) {
        tsdb_batch_rollback(batch);
        return false;
    }
    *lost = *lost || in.failed;
    bool ok = tsdb_batch_commit(batch, err);
    ifm_bump_rewind(&r->arena, mark);
    return ok;
}

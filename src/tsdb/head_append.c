/* SPDX-License-Identifier: Apache-2.0
 *
 * A batch on its way into the active generation: first every sample gets its place (which takes memory and
 * may fail), then the log is written, then the samples are. The invariants are those of head.h.
 */
#include "tsdb/head.h"
#include "tsdb/tsdb_impl.h"

#include <inferometer/registry.h>
#define XXH_INLINE_ALL /* nothing to link, as in metrics/family.c */
#include <xxhash.h>

/* ---- Histograms ---- */

static const void *copy_array(head_generation *generation, const void *items, size_t count, size_t size,
                              bool *ok)
{
    if (count == 0) {
        return NULL;
    }
    const void *copy = head_arena_copy(&generation->arena, items, count * size);
    *ok = *ok && copy != NULL;
    return copy;
}

const model_histogram *head_copy_histogram(head_generation *generation, const model_histogram *h)
{
    bool ok = true;
    model_histogram *copy = head_arena_copy(&generation->arena, h, sizeof *h);
    if (copy == NULL) {
        return NULL;
    }
    size_t span = sizeof(model_span), bucket = sizeof(double);
    copy->positive_spans = copy_array(generation, h->positive_spans, h->positive_span_count, span, &ok);
    copy->negative_spans = copy_array(generation, h->negative_spans, h->negative_span_count, span, &ok);
    copy->positive = copy_array(generation, h->positive, h->positive_count, bucket, &ok);
    copy->negative = copy_array(generation, h->negative, h->negative_count, bucket, &ok);
    copy->custom = copy_array(generation, h->custom, h->custom_count, bucket, &ok);
    return ok ? copy : NULL;
}

static uint64_t hash_more(uint64_t hash, const void *bytes, size_t size)
{
    return size == 0 ? XXH3_64bits_withSeed("", 0, hash) : XXH3_64bits_withSeed(bytes, size, hash);
}

uint64_t head_hash_histogram(const model_histogram *h)
{
    double numbers[] = {h->zero_threshold, h->zero_count, h->count, h->sum};
    uint64_t hash = hash_more((uint64_t)(uint32_t)h->schema, numbers, sizeof numbers);
    hash = hash_more(hash, h->positive_spans, h->positive_span_count * sizeof(model_span));
    hash = hash_more(hash, h->negative_spans, h->negative_span_count * sizeof(model_span));
    hash = hash_more(hash, h->positive, h->positive_count * sizeof(double));
    hash = hash_more(hash, h->negative, h->negative_count * sizeof(double));
    return hash_more(hash, h->custom, h->custom_count * sizeof(double));
}

/* ---- Columns ---- */

static head_column *column_new(head_generation *generation, bool own)
{
    head_column *column = head_arena_alloc(&generation->arena, sizeof *column);
    if (column != NULL) {
        atomic_init(&column->rows, NULL);
        atomic_init(&column->count, 0);
        column->used = 0;
        column->id = generation->column_count++;
        column->own = own;
    }
    return column;
}

/* Makes room for a row behind those that are used. */
static bool column_reserve(head_generation *generation, head_column *column)
{
    head_rows *old = atomic_load_explicit(&column->rows, memory_order_relaxed);
    uint32_t have = old == NULL ? 0 : old->capacity;
    if (column->used < have) {
        return true;
    }
    uint32_t capacity = have == 0 ? HEAD_ROWS_MIN : have * 2;
    head_rows *rows = head_arena_alloc(&generation->arena, sizeof *rows + capacity * sizeof(int64_t) +
                                                               capacity * sizeof(uint32_t));
    if (rows == NULL) {
        return false;
    }
    rows->capacity = capacity;
    rows->batches = (uint32_t *)(void *)(rows->times_ms + capacity);
    if (old != NULL) {
        memcpy(rows->times_ms, old->times_ms, column->used * sizeof(int64_t));
        memcpy(rows->batches, old->batches, column->used * sizeof(uint32_t));
    }
    atomic_store_explicit(&column->rows, rows, memory_order_release);
    return true;
}

static bool column_push(head_generation *generation, head_column *column, int64_t time_ms, uint32_t *row)
{
    if (!column_reserve(generation, column)) {
        return false;
    }
    head_rows *rows = atomic_load_explicit(&column->rows, memory_order_relaxed);
    *row = column->used++;
    rows->times_ms[*row] = time_ms;
    rows->batches[*row] = generation->batch_count;
    return true;
}

static int64_t column_last(const head_column *column)
{
    const head_rows *rows = atomic_load_explicit(&column->rows, memory_order_relaxed);
    return column->used == 0 ? INT64_MIN : rows->times_ms[column->used - 1];
}

/* The first of the group's columns that ends before this time: so batches that always come in pairs with the
 * same time keep to one column each. */
static bool group_column(tsdb_batch *batch)
{
    head_generation *generation = batch->db->active;
    tsdb_group *group = batch->group;
    if (group->generation != generation->number) {
        memset(group->columns, 0, sizeof group->columns);
        group->generation = generation->number;
        group->next_column = 0;
    }
    for (uint32_t i = 0; i < HEAD_GROUP_COLUMNS; i++) {
        if (group->columns[i] == NULL) {
            group->columns[i] = column_new(generation, false);
            batch->column = group->columns[i];
            break;
        }
        if (column_last(group->columns[i]) < batch->time_ms) {
            batch->column = group->columns[i];
            break;
        }
    }
    if (batch->column == NULL && group->columns[HEAD_GROUP_COLUMNS - 1] != NULL) {
        uint32_t at = group->next_column++ % HEAD_GROUP_COLUMNS;
        head_column *column = column_new(generation, false);
        if (column != NULL) {
            group->columns[at] = column;
        }
        batch->column = column;
    }
    return batch->column != NULL && column_push(generation, batch->column, batch->time_ms, &batch->row);
}

/* ---- Segments ---- */

static head_segment *segment_new(tsdb *db, head_series *series, head_column *column, uint32_t row,
                                 uint32_t sides)
{
    head_generation *generation = db->active;
    size_t size = sizeof(head_segment) + (sides != 0 ? sizeof(head_sides) : 0);
    head_segment *segment = head_arena_alloc(&generation->arena, size);
    if (segment == NULL) {
        return NULL;
    }
    *segment = (head_segment){.previous = series->segment, .column = column, .first = row, .sides = sides};
    for (size_t i = 0; i < HEAD_SEGMENT_VALUES; i++) {
        segment->values[i] = model_from_bits(MODEL_ABSENT_BITS);
    }
    if (sides != 0) {
        head_sides *of = head_sides_of(segment);
        *of = (head_sides){0};
        size_t pointers = HEAD_SEGMENT_VALUES * sizeof(void *), times = HEAD_SEGMENT_VALUES * sizeof(int64_t);
        if ((sides & HEAD_SIDE_HISTOGRAMS) != 0) {
            of->histograms = head_arena_alloc(&generation->arena, pointers);
        }
        if ((sides & HEAD_SIDE_STARTS) != 0) {
            of->starts_ms = head_arena_alloc(&generation->arena, times);
        }
        if (((sides & HEAD_SIDE_HISTOGRAMS) != 0 && of->histograms == NULL) ||
            ((sides & HEAD_SIDE_STARTS) != 0 && of->starts_ms == NULL)) {
            return NULL;
        }
        if (of->histograms != NULL) {
            memset(of->histograms, 0, pointers);
        }
        if (of->starts_ms != NULL) {
            memset(of->starts_ms, 0, times);
        }
    }
    series->segment = segment;
    series->segment_first = row;
    series->column_id = column->id;
    atomic_store_explicit((_Atomic(head_segment *) *)head_pages_at(&generation->heads, series->index_id),
                          segment, memory_order_release);
    return segment;
}

/* The series' segment with this row. A row of a batch that failed is used again by the next one, and may lie
 * before the segment that was made for it: then the difference is large, too. */
static inline head_segment *segment_at(tsdb *db, head_series *series, head_column *column, uint32_t row,
                                       uint32_t sides)
{
    head_segment *segment = series->segment;
    if (segment != NULL && series->column_id == column->id &&
        row - series->segment_first < HEAD_SEGMENT_VALUES) {
        if (sides == 0 || (sides & ~segment->sides) == 0) {
            return segment;
        }
        sides |= segment->sides;
    }
    return segment_new(db, series, column, row, sides);
}

static bool prepare_extra(tsdb *db, head_series *series, head_extra *extra)
{
    head_column *column =
        series->segment != NULL && series->segment->column->own ? series->segment->column : NULL;
    if (column == NULL) {
        column = column_new(db->active, true);
    }
    if (column == NULL || !column_push(db->active, column, extra->time_ms, &extra->row)) {
        return false;
    }
    uint32_t sides = (extra->histogram != NULL ? HEAD_SIDE_HISTOGRAMS : 0U) |
                     (extra->start_ms != 0 ? HEAD_SIDE_STARTS : 0U);
    extra->segment = segment_at(db, series, column, extra->row, sides);
    column->used -= extra->segment == NULL;
    return extra->segment != NULL;
}

/* An extra at the batch's own time goes to the group's row. */
static bool prepare_item(tsdb_batch *batch, const head_item *item)
{
    tsdb *db = batch->db;
    head_series *series = tsdb_slot(db, item->slot);
    head_extra *extra = item->extra == 0 ? NULL : &batch->extras[item->extra - 1];
    if (extra != NULL && (batch->group == NULL || extra->time_ms != batch->time_ms)) {
        return prepare_extra(db, series, extra);
    }
    if (batch->column == NULL && !group_column(batch)) {
        return false;
    }
    uint32_t sides = 0;
    if (extra != NULL) {
        sides = (extra->histogram != NULL ? HEAD_SIDE_HISTOGRAMS : 0U) |
                (extra->start_ms != 0 ? HEAD_SIDE_STARTS : 0U);
    }
    head_segment *segment = segment_at(db, series, batch->column, batch->row, sides);
    if (extra != NULL) {
        extra->segment = segment;
        extra->row = batch->row;
    }
    return segment != NULL;
}

bool head_prepare(tsdb_batch *batch, ifm_error *err)
{
    head_generation *generation = batch->db->active;
    batch->column = NULL;
    generation->batch_count++;
    for (uint32_t i = 0; i < batch->count; i++) {
        if (!prepare_item(batch, &batch->items[i])) {
            head_unprepare(batch);
            return ifm_error_nomem(err);
        }
    }
    return true;
}

void head_unprepare(tsdb_batch *batch)
{
    if (batch->column != NULL) {
        batch->column->used = atomic_load_explicit(&batch->column->count, memory_order_relaxed);
    }
    for (uint32_t i = 0; i < batch->extra_count; i++) {
        head_segment *segment = batch->extras[i].segment;
        if (segment != NULL) {
            segment->column->used = atomic_load_explicit(&segment->column->count, memory_order_relaxed);
        }
    }
}

/* ---- Applying ---- */

static void apply_extra(head_series *series, const head_item *item, const head_extra *extra)
{
    head_segment *segment = extra->segment;
    uint32_t at = extra->row - segment->first;
    segment->values[at] = item->value;
    if (extra->histogram != NULL) {
        head_sides_of(segment)->histograms[at] = extra->histogram;
        series->flags |= HEAD_SERIES_HISTOGRAM;
    } else {
        series->flags &= ~(uint32_t)HEAD_SERIES_HISTOGRAM;
    }
    if (extra->start_ms != 0) {
        head_sides_of(segment)->starts_ms[at] = extra->start_ms;
    }
    series->last_ms = extra->time_ms;
    series->last_bits = extra->bits;
}

/* Where the batch's row is in the newest segment of the series; NULL: a later sample of the batch needed
 * another segment. */
static inline double *newest_value(const head_series *series, const tsdb_batch *batch)
{
    uint32_t at = batch->row - series->segment_first;
    bool there =
        series->segment != NULL && series->column_id == batch->column->id && at < HEAD_SEGMENT_VALUES;
    return there ? &series->segment->values[at] : NULL;
}

static double *older_value(const head_series *series, const tsdb_batch *batch)
{
    head_segment *segment = series->segment;
    while (segment->column != batch->column || batch->row - segment->first >= HEAD_SEGMENT_VALUES) {
        segment = segment->previous;
    }
    return &segment->values[batch->row - segment->first];
}

/* The range of times that the batch adds to. */
static void apply_range(head_generation *generation, int64_t low_ms, int64_t high_ms)
{
    tsdb_source *source = &generation->base;
    if (low_ms < atomic_load_explicit(&source->min_ms, memory_order_relaxed)) {
        atomic_store_explicit(&source->min_ms, low_ms, memory_order_relaxed);
    }
    if (high_ms > atomic_load_explicit(&source->max_ms, memory_order_relaxed)) {
        atomic_store_explicit(&source->max_ms, high_ms, memory_order_relaxed);
    }
}

static void publish(tsdb_batch *batch)
{
    head_generation *generation = batch->db->active;
    if (batch->column != NULL) {
        atomic_store_explicit(&batch->column->count, batch->column->used, memory_order_release); /* H1 */
    }
    for (uint32_t i = 0; i < batch->extra_count; i++) {
        head_column *column = batch->extras[i].segment->column;
        atomic_store_explicit(&column->count, column->used, memory_order_release);
    }
    atomic_fetch_add_explicit(&generation->samples, batch->count, memory_order_relaxed);
    atomic_store_explicit(&generation->bytes, sizeof *generation + generation->arena.bytes,
                          memory_order_relaxed);
    atomic_store_explicit(&generation->batch, generation->batch_count, memory_order_release);
}

void head_apply(tsdb_batch *batch)
{
    enum { AHEAD = 16 }; /* series whose memory is fetched before it is their turn */
    tsdb *db = batch->db;
    int64_t low_ms = INT64_MAX, high_ms = INT64_MIN;
    for (uint32_t i = 0; i < batch->count; i++) {
        const head_item *item = &batch->items[i];
        head_series *series = tsdb_slot(db, item->slot);
        if (i + AHEAD < batch->count && batch->column != NULL) {
            __builtin_prefetch(newest_value(tsdb_slot(db, item[AHEAD].slot), batch), 1);
        }
        int64_t time_ms = batch->time_ms;
        if (item->extra != 0) {
            apply_extra(series, item, &batch->extras[item->extra - 1]);
            time_ms = series->last_ms;
        } else {
            double *value = newest_value(series, batch);
            *(value != NULL ? value : older_value(series, batch)) = item->value;
            series->last_ms = time_ms;
            series->last_bits = model_bits(item->value);
            series->flags &= ~(uint32_t)HEAD_SERIES_HISTOGRAM;
        }
        low_ms = time_ms < low_ms ? time_ms : low_ms;
        high_ms = time_ms > high_ms ? time_ms : high_ms;
    }
    if (batch->count > 0) {
        apply_range(db->active, low_ms, high_ms);
        db->newest_ms = high_ms > db->newest_ms ? high_ms : db->newest_ms;
        publish(batch);
    }
}

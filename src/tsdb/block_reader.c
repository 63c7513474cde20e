/* SPDX-License-Identifier: Apache-2.0
 *
 * What one thread needs to read a block: pages that it decoded, the oldest of which go when they are too
 * many, and columns, which stay: runs point to them. The last one of a block waits for the next query.
 */
#include "tsdb/block_source.h"
#include "tsdb/column.h"

enum { SPARE_AGE_MAX = 10 }; /* of a block, some seconds: dashboards that are looked at ask more often */

typedef struct block_reader {
    tsdb_block_source *block;
    const tsdb_block_index *index;
    tsdb_page_decoder *decoder;
    tsdb_page **pages; /* by number, NULL: not decoded */
    uint32_t *queue;   /* a ring of numbers of decoded pages, the oldest first */
    uint32_t queue_first, queue_count;
    size_t bytes_max;
    size_t bytes;          /* of decoded pages */
    tsdb_column **columns; /* by number */
    ifm_buf packed;
} block_reader;

void tsdb_block_reader_destroy(tsdb_reader *base)
{
    block_reader *reader = (block_reader *)(void *)base;
    if (reader == NULL) {
        return;
    }
    for (uint32_t i = 0; reader->pages != NULL && i < reader->index->page_count; i++) {
        tsdb_page_free(reader->pages[i]);
    }
    for (uint32_t i = 0; reader->columns != NULL && i < reader->index->column_count; i++) {
        ifm_free(reader->columns[i]);
    }
    ifm_free(reader->pages);
    ifm_free(reader->queue);
    ifm_free(reader->columns);
    ifm_buf_deinit(&reader->packed);
    tsdb_page_decoder_free(reader->decoder);
    ifm_free(reader);
}

/* ---- Readers that wait for the next query ---- */

/* Takes the block's reader, and leaves `spare` in its place. */
static tsdb_reader *exchange_spare(tsdb_block_source *block, tsdb_reader *spare)
{
    pthread_mutex_lock(&block->lock);
    tsdb_reader *before = block->spare;
    block->spare = spare;
    block->spare_age = 0;
    pthread_mutex_unlock(&block->lock);
    return before;
}

void tsdb_block_reader_free(tsdb_reader *base)
{
    block_reader *reader = (block_reader *)(void *)base;
    if (reader != NULL && reader->bytes_max == TSDB_READER_BYTES_MAX) {
        base = exchange_spare(reader->block, base);
    }
    tsdb_block_reader_destroy(base);
}

bool tsdb_block_source_rest(tsdb_block_source *block)
{
    tsdb_reader *old = NULL;
    pthread_mutex_lock(&block->lock);
    if (block->spare != NULL && ++block->spare_age > SPARE_AGE_MAX) {
        old = block->spare;
        block->spare = NULL;
    }
    pthread_mutex_unlock(&block->lock);
    tsdb_block_reader_destroy(old);
    return old != NULL;
}

tsdb_reader *tsdb_block_reader_new(tsdb_source *source, ifm_error *err)
{
    tsdb_block_source *block = (tsdb_block_source *)source;
    const tsdb_block_index *index = tsdb_block_source_index(block, err);
    if (index == NULL) {
        return NULL;
    }
    tsdb_reader *spare = exchange_spare(block, NULL);
    if (spare != NULL) {
        return spare;
    }
    block_reader *reader = ifm_alloc_zero(1, sizeof *reader);
    if (reader == NULL) {
        ifm_error_nomem(err);
        return NULL;
    }
    reader->block = block;
    reader->index = index;
    reader->bytes_max = TSDB_READER_BYTES_MAX;
    ifm_buf_init(&reader->packed, TSDB_PAGE_BYTES_MAX);
    reader->decoder = tsdb_page_decoder_new(err);
    reader->pages = ifm_alloc_zero((size_t)index->page_count + 1, sizeof(tsdb_page *));
    reader->queue = ifm_alloc_zero((size_t)index->page_count + 1, sizeof *reader->queue);
    reader->columns = ifm_alloc_zero((size_t)index->column_count + 1, sizeof(tsdb_column *));
    if (reader->decoder == NULL || reader->pages == NULL || reader->queue == NULL ||
        reader->columns == NULL) {
        tsdb_block_reader_destroy((tsdb_reader *)(void *)reader);
        ifm_error_nomem(err);
        return NULL;
    }
    return (tsdb_reader *)(void *)reader;
}

void tsdb_block_reader_limit(tsdb_reader *reader, size_t bytes)
{
    ((block_reader *)(void *)reader)->bytes_max = bytes;
}

/* ---- Pages and columns ---- */

static void queue_push(block_reader *reader, uint32_t number)
{
    uint32_t size = reader->index->page_count + 1;
    reader->queue[(reader->queue_first + reader->queue_count++) % size] = number;
}

static void queue_drop(block_reader *reader)
{
    uint32_t number = reader->queue[reader->queue_first];
    reader->queue_first = (reader->queue_first + 1) % (reader->index->page_count + 1);
    reader->queue_count--;
    reader->bytes -= reader->pages[number]->bytes;
    tsdb_page_free(reader->pages[number]);
    reader->pages[number] = NULL;
}

/* What is damaged is noted and left out: true, with *out NULL. */
static bool reader_page(block_reader *reader, uint32_t number, const tsdb_page **out, ifm_error *err)
{
    *out = reader->pages[number];
    if (*out != NULL) {
        return true;
    }
    const tsdb_block_page *place = &reader->index->pages[number];
    ifm_error why;
    tsdb_page *page = NULL;
    if (tsdb_block_source_read(reader->block, place->offset, place->size, &reader->packed, &why)) {
        page = tsdb_page_decode(reader->decoder, (const uint8_t *)reader->packed.data, reader->packed.size,
                                &why);
    }
    if (page == NULL) {
        if (why.code == IFM_INVALID) {
            tsdb_block_source_damaged(reader->block, number, &why);
            return true;
        }
        *err = why;
        return false;
    }
    while (reader->queue_count > 0 && reader->bytes + page->bytes > reader->bytes_max) {
        queue_drop(reader);
    }
    reader->pages[number] = page;
    reader->bytes += page->bytes;
    queue_push(reader, number);
    *out = page;
    return true;
}

/* As reader_page(). */
static bool reader_column(block_reader *reader, uint32_t number, const tsdb_column **out, ifm_error *err)
{
    *out = number < reader->index->column_count ? reader->columns[number] : NULL;
    if (*out != NULL || number >= reader->index->column_count) {
        return true;
    }
    const tsdb_block_column *place = &reader->index->columns[number];
    tsdb_column *column = ifm_alloc(sizeof *column + place->count * sizeof(int64_t));
    if (column == NULL) {
        return ifm_error_nomem(err);
    }
    int64_t *times_ms = (int64_t *)(void *)(column + 1);
    *column = (tsdb_column){times_ms, place->count, number};
    ifm_error why;
    bool ok = tsdb_block_source_read(reader->block, place->offset, place->size, &reader->packed, &why) &&
              tsdb_column_decode((const uint8_t *)reader->packed.data, reader->packed.size, place->count,
                                 times_ms, &why);
    if (!ok) {
        ifm_free(column);
        if (why.code == IFM_INVALID) {
            tsdb_block_source_damaged(reader->block, number | BLOCK_COLUMN_PART, &why);
            return true;
        }
        *err = why;
        return false;
    }
    reader->columns[number] = column;
    *out = column;
    return true;
}

/* ---- Runs ---- */

/* The first of times[low..high) at or behind `time_ms`. */
static size_t find_time(const int64_t *times_ms, size_t low, size_t high, int64_t time_ms)
{
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (times_ms[middle] < time_ms) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* Copies the part of a chunk that lies in the range. */
static void run_copy(const tsdb_page_chunk *chunk, const tsdb_column *column, size_t first, size_t end,
                     ifm_bump *arena, tsdb_run *out)
{
    size_t count = end - first;
    size_t skip = first - chunk->first;
    double *values = ifm_bump_alloc(arena, count * sizeof *values);
    if (values == NULL) {
        return;
    }
    memcpy(values, chunk->values + skip, count * sizeof *values);
    *out = (tsdb_run){.column = column, .first = first, .count = count, .values = values};
    if (chunk->starts_ms != NULL) {
        int64_t *starts_ms = ifm_bump_alloc(arena, count * sizeof *starts_ms);
        if (starts_ms != NULL) {
            memcpy(starts_ms, chunk->starts_ms + skip, count * sizeof *starts_ms);
        }
        out->starts_ms = starts_ms;
    }
    if (chunk->histograms != NULL) {
        const model_histogram **items = ifm_bump_alloc_array(arena, count, sizeof *items);
        for (size_t i = 0; items != NULL && i < count; i++) {
            const model_histogram *from = chunk->histograms[skip + i];
            items[i] = from == NULL ? NULL : model_histogram_copy(from, arena);
        }
        out->histograms = items;
    }
}

static const tsdb_page_chunk *find_chunk(const tsdb_page *page, uint32_t series)
{
    if (series < page->count && page->chunks[series].series == series &&
        (series == 0 || page->chunks[series - 1].series < series)) {
        return &page->chunks[series]; /* as a rule each has one */
    }
    size_t low = 0;
    size_t high = page->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (page->chunks[middle].series < series) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return &page->chunks[low];
}

typedef struct run_list {
    ifm_bump *arena;
    tsdb_run *runs;
    size_t count;
    int64_t start_ms, end_ms;
} run_list;

static bool read_page(block_reader *reader, uint32_t number, uint32_t series, run_list *list, ifm_error *err)
{
    const tsdb_page *page;
    if (!reader_page(reader, number, &page, err)) {
        return false;
    }
    if (page == NULL) {
        return true;
    }
    const tsdb_page_chunk *chunk = find_chunk(page, series);
    for (; chunk < page->chunks + page->count && chunk->series == series; chunk++) {
        const tsdb_column *column;
        if (!reader_column(reader, chunk->column, &column, err)) {
            return false;
        }
        if (column == NULL || chunk->first > column->count || chunk->count > column->count - chunk->first) {
            continue; /* damaged */
        }
        size_t end = (size_t)chunk->first + chunk->count;
        size_t first = find_time(column->times_ms, chunk->first, end, list->start_ms);
        if (list->end_ms < INT64_MAX) {
            end = find_time(column->times_ms, first, end, list->end_ms + 1);
        }
        tsdb_run *grown =
            first < end ? ifm_bump_grow(list->arena, list->runs, list->count, sizeof *grown) : NULL;
        if (grown != NULL) {
            list->runs = grown;
            run_copy(chunk, column, first, end, list->arena, &grown[list->count++]);
        }
    }
    return ifm_bump_check(list->arena, err);
}

bool tsdb_block_reader_read(tsdb_reader *base, uint64_t handle, int64_t start_ms, int64_t end_ms,
                            ifm_bump *arena, const tsdb_run **out, size_t *out_count, ifm_error *err)
{
    block_reader *reader = (block_reader *)(void *)base;
    const tsdb_block_index *index = reader->index;
    uint32_t position = index->positions[handle];
    const tsdb_block_batch *batch = tsdb_block_index_batch(index, position);
    run_list list = {.arena = arena, .start_ms = start_ms, .end_ms = end_ms};
    for (uint32_t i = 0; i < batch->page_count; i++) {
        const tsdb_block_page *page = &index->pages[batch->first_page + i];
        if (page->max_ms < start_ms || page->min_ms > end_ms) {
            continue;
        }
        if (!read_page(reader, batch->first_page + i, position - batch->first_series, &list, err)) {
            return false;
        }
    }
    *out = list.runs;
    *out_count = list.count;
    return true;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * Series wait in a batch until there are enough samples for pages; then one page is written for each window
 * of time. Columns of timestamps are known by the hash of their times, so those that are the same are one.
 */
#include "tsdb/block_writer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <xxhash.h>
#include <zstd.h>

enum {
    WRITER_LEVEL_WARM = 3,
    WRITER_LEVEL_COLD = 19,
    WRITER_PENDING_SIZE = 256 * 1024, /* bytes that are written at once */
    WRITER_ITEMS_MAX = 1024 * 1024 * 1024
};

static void writer_free(tsdb_block_writer *writer)
{
    if (writer == NULL) {
        return;
    }
    if (writer->fd >= 0) {
        writer->files->close(writer->fd);
    }
    ifm_buf *const bufs[] = {&writer->pending, &writer->times,  &writer->offsets,
                             &writer->batches, &writer->pages,  &writer->columns,
                             &writer->hashes,  &writer->pieces, &writer->chunks};
    for (size_t i = 0; i < IFM_COUNT_OF(bufs); i++) {
        ifm_buf_deinit(bufs[i]);
    }
    ifm_bump_deinit(&writer->arena);
    tsdb_page_encoder_free(writer->encoder);
    tsdb_index_builder_free(writer->index);
    for (size_t i = 0; i < writer->replaces_count; i++) {
        ifm_free(writer->replaces[i]);
    }
    ifm_free(writer->replaces);
    ifm_free(writer->places);
    ifm_free(writer->folder);
    ifm_free(writer->path);
    ifm_free(writer->temporary);
    ifm_free(writer);
}

static bool writer_names(tsdb_block_writer *writer, const tsdb_block_writer_options *options, ifm_error *err)
{
    snprintf(writer->summary.info.name, sizeof writer->summary.info.name, "%016llx-%u" BLOCK_SUFFIX,
             (unsigned long long)options->sequence, options->level);
    writer->folder = ifm_copy_text(options->folder);
    writer->path = tsdb_path(options->folder, writer->summary.info.name, "");
    writer->temporary = tsdb_path(options->folder, writer->summary.info.name, BLOCK_TEMPORARY_SUFFIX);
    writer->replaces = ifm_alloc_zero(options->replaces_count + 1, sizeof *writer->replaces);
    if (writer->folder == NULL || writer->path == NULL || writer->temporary == NULL ||
        writer->replaces == NULL) {
        return ifm_error_nomem(err);
    }
    for (size_t i = 0; i < options->replaces_count; i++) {
        writer->replaces[i] = ifm_copy_text(options->replaces[i]);
        if (writer->replaces[i] == NULL) {
            return ifm_error_nomem(err);
        }
        writer->replaces_count++;
    }
    return true;
}

static void writer_init(tsdb_block_writer *writer, const tsdb_block_writer_options *options)
{
    writer->files = options->files;
    writer->fd = -1;
    writer->level = options->cold ? WRITER_LEVEL_COLD : WRITER_LEVEL_WARM;
    writer->summary.sequence = options->sequence;
    writer->summary.info.level = options->level;
    writer->summary.info.min_ms = INT64_MAX;
    writer->summary.info.max_ms = INT64_MIN;
    ifm_buf *const bufs[] = {&writer->pending, &writer->times,  &writer->offsets,
                             &writer->batches, &writer->pages,  &writer->columns,
                             &writer->hashes,  &writer->pieces, &writer->chunks};
    for (size_t i = 0; i < IFM_COUNT_OF(bufs); i++) {
        ifm_buf_init(bufs[i], WRITER_ITEMS_MAX);
    }
    ifm_bump_init(&writer->arena, TSDB_BATCH_BYTES_MAX);
}

tsdb_block_writer *tsdb_block_writer_open(const tsdb_block_writer_options *options, ifm_error *err)
{
    tsdb_block_writer *writer = ifm_alloc_zero(1, sizeof *writer);
    if (writer == NULL) {
        ifm_error_nomem(err);
        return NULL;
    }
    writer_init(writer, options);
    bool ok = options->replaces_count <= TSDB_REPLACES_MAX ||
              ifm_error_set(err, IFM_LIMIT, "a block cannot replace more than %d others", TSDB_REPLACES_MAX);
    ok = ok && writer_names(writer, options, err);
    writer->encoder = ok ? tsdb_page_encoder_new(writer->level, err) : NULL;
    writer->index = writer->encoder != NULL ? tsdb_index_builder_new(err) : NULL;
    if (writer->index == NULL) {
        writer_free(writer);
        return NULL;
    }
    writer->fd = tsdb_file_open(writer->files, writer->temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW);
    if (writer->fd < 0) {
        ifm_error_errno(err, IFM_IO, errno, "could not create \"%.150s\"", writer->temporary);
        writer_free(writer);
        return NULL;
    }
    char header[BLOCK_HEADER_SIZE];
    block_header_make(header);
    ifm_buf_append(&writer->pending, header, sizeof header);
    return writer;
}

void tsdb_block_writer_abort(tsdb_block_writer *writer)
{
    if (writer == NULL) {
        return;
    }
    if (writer->fd >= 0) {
        writer->files->unlink(writer->temporary);
    }
    writer_free(writer);
}

/* ---- The file ---- */

static uint64_t writer_offset(const tsdb_block_writer *writer)
{
    return writer->written + writer->pending.size;
}

static bool writer_flush(tsdb_block_writer *writer, size_t least, ifm_error *err)
{
    if (!ifm_buf_check(&writer->pending, err)) {
        return false;
    }
    if (writer->pending.size < least) {
        return true;
    }
    if (tsdb_file_write(writer->files, writer->fd, writer->pending.data, writer->pending.size) != 0) {
        return ifm_error_errno(err, IFM_IO, errno, "could not write \"%.150s\"", writer->temporary);
    }
    writer->written += writer->pending.size;
    ifm_buf_clear(&writer->pending);
    return true;
}

/* ---- Columns ---- */

static uint32_t column_count(const tsdb_block_writer *writer)
{
    return (uint32_t)(writer->columns.size / sizeof(tsdb_block_column));
}

static const XXH128_hash_t *column_hashes(const tsdb_block_writer *writer)
{
    return (const XXH128_hash_t *)(const void *)writer->hashes.data;
}

/* Open addressing by the hash; twice as many places when half of them are taken. */
static bool columns_reserve(tsdb_block_writer *writer, ifm_error *err)
{
    uint32_t count = column_count(writer);
    if (writer->places != NULL && count <= writer->places_mask / 2) {
        return true;
    }
    uint32_t places_count = writer->places == NULL ? 64 : (writer->places_mask + 1) * 2;
    uint32_t *places = ifm_alloc_zero(places_count, sizeof *places);
    if (places == NULL) {
        return ifm_error_nomem(err);
    }
    for (uint32_t i = 0; i < count; i++) {
        uint32_t at = (uint32_t)column_hashes(writer)[i].low64 & (places_count - 1);
        while (places[at] != 0) {
            at = (at + 1) & (places_count - 1);
        }
        places[at] = i + 1;
    }
    ifm_free(writer->places);
    writer->places = places;
    writer->places_mask = places_count - 1;
    return true;
}

static bool column_write(tsdb_block_writer *writer, const int64_t *times_ms, size_t count, ifm_error *err)
{
    tsdb_block_column column = {.offset = writer_offset(writer), .count = (uint32_t)count};
    if (!tsdb_column_encode(times_ms, count, &writer->pending, err)) {
        return false;
    }
    column.size = (uint32_t)(writer_offset(writer) - column.offset);
    ifm_buf_append(&writer->columns, &column, sizeof column);
    return ifm_buf_check(&writer->columns, err) && writer_flush(writer, WRITER_PENDING_SIZE, err);
}

/* The column with these times, written when there is none. */
static bool column_find(tsdb_block_writer *writer, const int64_t *times_ms, size_t count, uint32_t *out,
                        ifm_error *err)
{
    if (count > TSDB_COLUMN_SAMPLES_MAX) {
        return ifm_error_set(err, IFM_LIMIT, "a series has more than %d samples", TSDB_COLUMN_SAMPLES_MAX);
    }
    if (!columns_reserve(writer, err)) {
        return false;
    }
    XXH128_hash_t hash = XXH3_128bits(times_ms, count * sizeof *times_ms);
    uint32_t at = (uint32_t)hash.low64 & writer->places_mask;
    for (; writer->places[at] != 0; at = (at + 1) & writer->places_mask) {
        *out = writer->places[at] - 1;
        if (XXH128_isEqual(column_hashes(writer)[*out], hash)) {
            return true;
        }
    }
    *out = column_count(writer);
    ifm_buf_append(&writer->hashes, &hash, sizeof hash);
    if (!ifm_buf_check(&writer->hashes, err) || !column_write(writer, times_ms, count, err)) {
        return false;
    }
    writer->places[at] = *out + 1;
    return true;
}

/* ---- Runs of a series ---- */

static const int64_t *writer_times(const tsdb_block_writer *writer)
{
    return (const int64_t *)(const void *)writer->times.data;
}

/* The times of all runs in one column, each run's at offsets[i] + its first. `whole`: with the times of the
 * columns that the runs leave out, so that neighbours get the same column. False when they do not rise. */
static bool runs_join(tsdb_block_writer *writer, const tsdb_run *runs, size_t count, bool whole)
{
    ifm_buf_clear(&writer->times);
    ifm_buf_clear(&writer->offsets);
    int64_t last_ms = 0;
    size_t offset = 0;
    for (size_t i = 0; i < count; i++) {
        const tsdb_column *column = runs[i].column;
        const tsdb_column *before = i == 0 ? NULL : runs[i - 1].column;
        if (whole && before != NULL && before->times_ms == column->times_ms &&
            before->count == column->count) {
            if (runs[i].first < runs[i - 1].first + runs[i - 1].count) {
                return false;
            }
        } else {
            size_t first = whole ? 0 : runs[i].first;
            size_t size = whole ? column->count : runs[i].count;
            if (size == 0) {
                return false;
            }
            offset = writer->times.size / sizeof(int64_t) - first;
            if (writer->times.size > 0 && column->times_ms[first] <= last_ms) {
                return false;
            }
            ifm_buf_append(&writer->times, column->times_ms + first, size * sizeof(int64_t));
            last_ms = column->times_ms[first + size - 1];
        }
        ifm_buf_append(&writer->offsets, &offset, sizeof offset);
    }
    return true;
}

/* Copies runs[first..end) to values of the batch; what lies between them is absent. */
static bool segment_copy(tsdb_block_writer *writer, const tsdb_run *runs, size_t first, size_t end,
                         writer_segment *out)
{
    const size_t *offsets = (const size_t *)(const void *)writer->offsets.data;
    out->first = offsets[first] + runs[first].first;
    out->count = offsets[end - 1] + runs[end - 1].first + runs[end - 1].count - out->first;
    bool histograms = false;
    bool starts = false;
    for (size_t i = first; i < end; i++) {
        histograms = histograms || runs[i].histograms != NULL;
        starts = starts || runs[i].starts_ms != NULL;
    }
    ifm_bump *arena = &writer->arena;
    out->values = ifm_bump_alloc_array(arena, out->count, sizeof *out->values);
    out->histograms = histograms ? ifm_bump_alloc_array(arena, out->count, sizeof *out->histograms) : NULL;
    out->starts_ms = starts ? ifm_bump_alloc_array(arena, out->count, sizeof *out->starts_ms) : NULL;
    if (arena->failed != IFM_OK) {
        return false;
    }
    size_t at = 0;
    for (size_t i = first; i < end; i++) {
        const tsdb_run *run = &runs[i];
        size_t to = offsets[i] + run->first - out->first;
        for (; at < to; at++) {
            out->values[at] = model_from_bits(MODEL_ABSENT_BITS);
        }
        memcpy(out->values + at, run->values, run->count * sizeof *run->values);
        if (run->starts_ms != NULL) {
            memcpy(out->starts_ms + at, run->starts_ms, run->count * sizeof *run->starts_ms);
        }
        for (size_t j = 0; run->histograms != NULL && j < run->count; j++) {
            const model_histogram *from = run->histograms[j];
            out->histograms[at + j] = from == NULL ? NULL : model_histogram_copy(from, arena);
        }
        at += run->count;
    }
    return arena->failed == IFM_OK;
}

/* ---- Pieces: what a series has in one page ---- */

static bool any_histogram(const model_histogram *const *items, size_t count)
{
    for (size_t i = 0; items != NULL && i < count; i++) {
        if (items[i] != NULL) {
            return true;
        }
    }
    return false;
}

static bool any_start(const int64_t *starts_ms, size_t count)
{
    for (size_t i = 0; starts_ms != NULL && i < count; i++) {
        if (starts_ms[i] != 0) {
            return true;
        }
    }
    return false;
}

/* Of the samples [first, end) of a segment, without absent ones at the ends. */
static void piece_add(tsdb_block_writer *writer, const writer_segment *segment, uint32_t window, size_t first,
                      size_t end)
{
    while (first < end && model_is_absent(segment->values[first])) {
        first++;
    }
    while (end > first && model_is_absent(segment->values[end - 1])) {
        end--;
    }
    if (first == end) {
        return;
    }
    const int64_t *times_ms = writer_times(writer) + segment->first;
    writer_piece piece = {.window = window, .min_ms = times_ms[first], .max_ms = times_ms[end - 1]};
    size_t count = end - first;
    piece.chunk = (tsdb_page_chunk){
        .series = writer->batch_series,
        .column = segment->column,
        .first = (uint32_t)(segment->first + first),
        .count = (uint32_t)count,
        .values = segment->values + first,
    };
    const model_histogram *const *histograms = (const model_histogram *const *)segment->histograms;
    if (histograms != NULL && any_histogram(histograms + first, count)) {
        piece.chunk.histograms = histograms + first;
    }
    if (any_start(segment->starts_ms == NULL ? NULL : segment->starts_ms + first, count)) {
        piece.chunk.starts_ms = segment->starts_ms + first;
    }
    for (size_t i = first; i < end; i++) {
        writer->series_samples += !model_is_absent(segment->values[i]);
    }
    writer->batch_samples += count;
    ifm_buf_append(&writer->pieces, &piece, sizeof piece);
}

/* Windows are cut at the same places of a column for all of its series. */
static void segment_cut(tsdb_block_writer *writer, const writer_segment *segment)
{
    size_t total = writer->times.size / sizeof(int64_t);
    size_t windows = (total + TSDB_PAGE_SERIES_SAMPLES_MAX - 1) / TSDB_PAGE_SERIES_SAMPLES_MAX;
    size_t width = (total + windows - 1) / windows;
    size_t end = segment->first + segment->count;
    for (size_t at = segment->first; at < end;) {
        size_t next = (at / width + 1) * width;
        next = next < end ? next : end;
        piece_add(writer, segment, (uint32_t)(at / width), at - segment->first, next - segment->first);
        at = next;
    }
}

static bool runs_cut(tsdb_block_writer *writer, const tsdb_run *runs, size_t count, ifm_error *err)
{
    const size_t *offsets = (const size_t *)(const void *)writer->offsets.data;
    uint32_t column = 0;
    if (!column_find(writer, writer_times(writer), writer->times.size / sizeof(int64_t), &column, err)) {
        return false;
    }
    for (size_t first = 0, end = 0; first < count; first = end) {
        end = first + 1;
        while (end < count && offsets[end] + runs[end].first -
                                      (offsets[end - 1] + runs[end - 1].first + runs[end - 1].count) <=
                                  TSDB_GAP_SAMPLES_MAX) {
            end++;
        }
        writer_segment segment = {.column = column};
        if (!segment_copy(writer, runs, first, end, &segment)) {
            return ifm_bump_check(&writer->arena, err);
        }
        segment_cut(writer, &segment);
    }
    return ifm_buf_check(&writer->pieces, err);
}

/* ---- Batches ---- */

static int compare_pieces(const void *left, const void *right)
{
    const writer_piece *a = left;
    const writer_piece *b = right;
    if (a->window != b->window) {
        return a->window < b->window ? -1 : 1;
    }
    if (a->chunk.series != b->chunk.series) {
        return a->chunk.series < b->chunk.series ? -1 : 1;
    }
    return a->min_ms < b->min_ms ? -1 : a->min_ms > b->min_ms;
}

static bool page_write(tsdb_block_writer *writer, const writer_piece *pieces, size_t count, ifm_error *err)
{
    tsdb_block_page page = {
        .offset = writer_offset(writer), .min_ms = pieces[0].min_ms, .max_ms = pieces[0].max_ms};
    ifm_buf_clear(&writer->chunks);
    for (size_t i = 0; i < count; i++) {
        ifm_buf_append(&writer->chunks, &pieces[i].chunk, sizeof pieces[i].chunk);
        page.min_ms = pieces[i].min_ms < page.min_ms ? pieces[i].min_ms : page.min_ms;
        page.max_ms = pieces[i].max_ms > page.max_ms ? pieces[i].max_ms : page.max_ms;
    }
    if (!ifm_buf_check(&writer->chunks, err) ||
        !tsdb_page_encode(writer->encoder, (const tsdb_page_chunk *)(const void *)writer->chunks.data, count,
                          &writer->pending, err)) {
        return false;
    }
    page.size = (uint32_t)(writer_offset(writer) - page.offset);
    ifm_buf_append(&writer->pages, &page, sizeof page);
    return ifm_buf_check(&writer->pages, err) && writer_flush(writer, WRITER_PENDING_SIZE, err);
}

static bool batch_write(tsdb_block_writer *writer, ifm_error *err)
{
    writer_piece *pieces = (writer_piece *)(void *)writer->pieces.data;
    size_t count = writer->pieces.size / sizeof *pieces;
    tsdb_block_batch batch = {.series_count = writer->batch_series};
    if (count == 0) {
        return true;
    }
    qsort(pieces, count, sizeof *pieces, compare_pieces);
    for (size_t first = 0, end = 0; first < count; first = end) {
        while (end < count && pieces[end].window == pieces[first].window) {
            end++;
        }
        if (!page_write(writer, pieces + first, end - first, err)) {
            return false;
        }
        batch.page_count++;
    }
    ifm_buf_append(&writer->batches, &batch, sizeof batch);
    ifm_buf_clear(&writer->pieces);
    ifm_bump_deinit(&writer->arena);
    ifm_bump_init(&writer->arena, TSDB_BATCH_BYTES_MAX);
    writer->batch_series = 0;
    writer->batch_samples = 0;
    return ifm_buf_check(&writer->batches, err);
}

/* Which histogram a series belongs to: its labels but le. */
static uint64_t group_of(model_labels labels)
{
    uint64_t hash = 0;
    for (size_t i = 0; i < labels.count; i++) {
        const model_label *label = &labels.items[i];
        if (!model_text_equal(label->name, model_text_of("le"))) {
            hash = XXH3_64bits_withSeed(label->name.data, label->name.size, hash);
            hash = XXH3_64bits_withSeed(label->value.data, label->value.size, hash);
        }
    }
    return hash;
}

/* Whether the batch is full, and the next series not part of the histogram before. */
static bool batch_is_full(const tsdb_block_writer *writer, uint64_t group)
{
    size_t samples = writer->batch_samples;
    uint32_t series = writer->batch_series;
    bool enough = (samples >= TSDB_PAGE_SAMPLES_AIM && series >= TSDB_PAGE_SERIES_MIN) ||
                  series >= TSDB_PAGE_SERIES_MAX || samples >= TSDB_BATCH_SAMPLES_MAX ||
                  writer->arena.used >= TSDB_BATCH_BYTES_MAX / 8;
    return enough && (group != writer->group || series >= TSDB_PAGE_SERIES_MAX + TSDB_PAGE_SERIES_MORE ||
                      samples >= 2 * TSDB_PAGE_SAMPLES_AIM);
}

static void summary_add(tsdb_block_writer *writer, size_t first_piece)
{
    const writer_piece *pieces = (const writer_piece *)(const void *)writer->pieces.data;
    tsdb_block_info *info = &writer->summary.info;
    for (size_t i = first_piece; i < writer->pieces.size / sizeof *pieces; i++) {
        info->min_ms = pieces[i].min_ms < info->min_ms ? pieces[i].min_ms : info->min_ms;
        info->max_ms = pieces[i].max_ms > info->max_ms ? pieces[i].max_ms : info->max_ms;
    }
    info->samples += writer->series_samples;
    info->series++;
}

bool tsdb_block_writer_add(tsdb_block_writer *writer, model_labels labels, const tsdb_run *runs,
                           size_t run_count, ifm_error *err)
{
    uint64_t group = group_of(labels);
    if (batch_is_full(writer, group) && !batch_write(writer, err)) {
        return false;
    }
    writer->group = group;
    if (run_count == 0) {
        return true;
    }
    bool joined = runs_join(writer, runs, run_count, true) || runs_join(writer, runs, run_count, false);
    if (!ifm_buf_check(&writer->times, err) || !ifm_buf_check(&writer->offsets, err)) {
        return false;
    }
    if (!joined) {
        return ifm_error_set(err, IFM_INVALID, "runs of a series overlap");
    }
    size_t pieces = writer->pieces.size / sizeof(writer_piece);
    writer->series_samples = 0;
    if (!runs_cut(writer, runs, run_count, err)) {
        return false;
    }
    if (writer->series_samples == 0) {
        return true;
    }
    summary_add(writer, pieces);
    writer->batch_series++;
    return tsdb_index_builder_add(writer->index, labels, err);
}

/* ---- The end ---- */

static bool index_write(tsdb_block_writer *writer, ifm_error *err)
{
    ifm_buf raw;
    ifm_buf packed;
    ifm_buf_init(&raw, TSDB_INDEX_BYTES_MAX);
    ifm_buf_init(&packed, TSDB_INDEX_BYTES_MAX);
    bool ok = tsdb_index_builder_write(writer->index, &raw, err);
    tsdb_index_places_write((const tsdb_block_batch *)(const void *)writer->batches.data,
                            writer->batches.size / sizeof(tsdb_block_batch),
                            (const tsdb_block_page *)(const void *)writer->pages.data,
                            writer->pages.size / sizeof(tsdb_block_page), &raw);
    tsdb_index_columns_write((const tsdb_block_column *)(const void *)writer->columns.data,
                             column_count(writer), &raw);
    ok = ok && ifm_buf_check(&raw, err);
    if (ok) {
        size_t bound = ZSTD_compressBound(raw.size);
        char *to = ifm_buf_reserve(&packed, bound);
        size_t size = to == NULL ? 0 : ZSTD_compress(to, bound, raw.data, raw.size, writer->level);
        ok = to != NULL ? !ZSTD_isError(size) || ifm_error_nomem(err) : ifm_buf_check(&packed, err);
        if (ok) {
            writer->summary.index_offset = writer_offset(writer);
            writer->summary.index_size = size;
            writer->summary.index_raw_size = raw.size;
            writer->summary.index_checksum = tsdb_checksum(to, size);
            ifm_buf_append(&writer->pending, to, size);
            ok = ifm_buf_check(&writer->pending, err);
        }
    }
    ifm_buf_deinit(&raw);
    ifm_buf_deinit(&packed);
    return ok;
}

static bool writer_finish(tsdb_block_writer *writer, ifm_error *err)
{
    if (!batch_write(writer, err) || !index_write(writer, err)) {
        return false;
    }
    if (writer->summary.info.series == 0) {
        return ifm_error_set(err, IFM_INVALID, "a block cannot be empty");
    }
    writer->summary.replaces_count = writer->replaces_count;
    block_summary_write(&writer->summary, (const char *const *)writer->replaces, writer_offset(writer),
                        &writer->pending);
    writer->summary.info.bytes = writer_offset(writer);
    if (!writer_flush(writer, 0, err)) {
        return false;
    }
    if (tsdb_file_sync(writer->files, writer->fd) != 0) {
        return ifm_error_errno(err, IFM_IO, errno, "could not sync \"%.150s\"", writer->temporary);
    }
    return true;
}

/* Gives the file its name. When that cannot be made durable the file goes again: the caller has the samples
 * still, and will write them to another one. */
static bool writer_publish(tsdb_block_writer *writer, ifm_error *err)
{
    if (writer->files->rename(writer->temporary, writer->path) != 0) {
        ifm_error_errno(err, IFM_IO, errno, "could not rename \"%.150s\"", writer->temporary);
        writer->files->unlink(writer->temporary);
        return false;
    }
    if (tsdb_folder_sync(writer->files, writer->folder) != 0) {
        ifm_error_errno(err, IFM_IO, errno, "could not sync the folder \"%.150s\"", writer->folder);
        writer->files->unlink(writer->path);
        return false;
    }
    return true;
}

bool tsdb_block_writer_commit(tsdb_block_writer *writer, tsdb_block_info *info, ifm_error *err)
{
    if (!writer_finish(writer, err)) {
        tsdb_block_writer_abort(writer);
        return false;
    }
    int closed = writer->files->close(writer->fd);
    writer->fd = -1;
    bool ok = closed == 0 || errno == EINTR;
    if (!ok) {
        ifm_error_errno(err, IFM_IO, errno, "could not close \"%.150s\"", writer->temporary);
        writer->files->unlink(writer->temporary);
    }
    ok = ok && writer_publish(writer, err);
    if (ok && info != NULL) {
        *info = writer->summary.info;
    }
    writer_free(writer);
    return ok;
}

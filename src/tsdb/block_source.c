/* SPDX-License-Identifier: Apache-2.0 */
#include "tsdb/block_source.h"

#include "tsdb/column.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <zstd.h>

enum { DAMAGED_MAX = 64 * 1024 * 1024 };

static void index_forget(tsdb_block_source *block)
{
    tsdb_block_index *index = atomic_exchange(&block->index, NULL);
    if (index != NULL) {
        tsdb_block_index_deinit(index);
        ifm_free(index);
    }
}

static void block_release(tsdb_source *base)
{
    if (atomic_fetch_sub_explicit(&base->references, 1, memory_order_acq_rel) > 1) {
        return;
    }
    tsdb_block_source *block = (tsdb_block_source *)base;
    if (block->fd >= 0) {
        block->files->close(block->fd);
    }
    tsdb_block_reader_destroy(block->spare);
    index_forget(block);
    block_summary_deinit(&block->summary);
    ifm_buf_deinit(&block->damaged);
    pthread_mutex_destroy(&block->lock);
    ifm_free(block);
}

/* ---- Reading the file ---- */

bool tsdb_block_source_read(tsdb_block_source *block, uint64_t offset, size_t size, ifm_buf *bytes,
                            ifm_error *err)
{
    if (offset > block->summary.index_offset || size > block->summary.index_offset - offset) {
        return ifm_error_set(err, IFM_INVALID, "a part of it lies beyond its end");
    }
    ifm_buf_clear(bytes);
    char *to = ifm_buf_reserve(bytes, size);
    if (to == NULL) {
        return ifm_buf_check(bytes, err);
    }
    if (tsdb_file_read(block->files, block->fd, to, size, offset) != 0) {
        return ifm_error_errno(err, IFM_IO, errno, "could not read block \"%s\"", block->summary.info.name);
    }
    bytes->size = size;
    return true;
}

void tsdb_block_source_damaged(tsdb_block_source *block, uint64_t part, const ifm_error *why)
{
    pthread_mutex_lock(&block->lock);
    const uint64_t *parts = (const uint64_t *)(const void *)block->damaged.data;
    bool seen = false;
    for (size_t i = 0; i < block->damaged.size / sizeof part && !seen; i++) {
        seen = parts[i] == part;
    }
    if (!seen) {
        ifm_buf_append(&block->damaged, &part, sizeof part); /* without memory it is said again */
    }
    pthread_mutex_unlock(&block->lock);
    if (!seen) {
        atomic_fetch_add(&block->damages, 1);
        ifm_log(IFM_LOG_WARNING, "block \"%s\" is damaged, the rest of it is served: %s (%s %llu)",
                block->summary.info.name, why->message, part & BLOCK_COLUMN_PART ? "column" : "page",
                (unsigned long long)(part & ~BLOCK_COLUMN_PART));
    }
}

/* ---- The index ---- */

static char *index_read(tsdb_block_source *block, ifm_error *err)
{
    size_t size = block->summary.index_size;
    char *packed = ifm_alloc(size + 1);
    if (packed == NULL) {
        ifm_error_nomem(err);
        return NULL;
    }
    bool ok = tsdb_file_read(block->files, block->fd, packed, size, block->summary.index_offset) == 0 ||
              ifm_error_errno(err, IFM_IO, errno, "could not read the index");
    if (ok && tsdb_checksum(packed, size) != block->summary.index_checksum) {
        ok = ifm_error_set(err, IFM_INVALID, "the index is damaged");
    }
    if (!ok) {
        ifm_free(packed);
        return NULL;
    }
    return packed;
}

static tsdb_block_index *index_load(tsdb_block_source *block, ifm_error *err)
{
    char *packed = index_read(block, err);
    if (packed == NULL) {
        return NULL;
    }
    size_t size = block->summary.index_raw_size;
    char *raw = ifm_alloc(size + 1);
    tsdb_block_index *made = ifm_alloc_zero(1, sizeof *made);
    bool ok = (raw != NULL && made != NULL) || ifm_error_nomem(err);
    if (ok && ZSTD_decompress(raw, size, packed, block->summary.index_size) != size) {
        ok = ifm_error_set(err, IFM_INVALID, "the index is damaged");
    }
    ifm_free(packed);
    if (!ok) {
        ifm_free(raw);
        ifm_free(made);
        return NULL;
    }
    if (!tsdb_block_index_load(raw, size, made, err)) {
        ifm_free(made);
        return NULL;
    }
    return made;
}

const tsdb_block_index *tsdb_block_source_index(tsdb_block_source *block, ifm_error *err)
{
    tsdb_block_index *index = atomic_load_explicit(&block->index, memory_order_acquire);
    if (index != NULL) {
        return index;
    }
    pthread_mutex_lock(&block->lock);
    index = atomic_load_explicit(&block->index, memory_order_relaxed);
    if (index == NULL) {
        index = index_load(block, err);
        atomic_store_explicit(&block->index, index, memory_order_release);
    }
    pthread_mutex_unlock(&block->lock);
    if (index == NULL) {
        ifm_error_wrap(err, "block \"%s\"", block->summary.info.name);
    }
    return index;
}

/* ---- The source ---- */

static bool block_select(tsdb_source *source, const model_matcher *matchers, size_t count, ifm_bump *arena,
                         const tsdb_source_series **out, size_t *out_count, ifm_error *err)
{
    const tsdb_block_index *index = tsdb_block_source_index((tsdb_block_source *)source, err);
    return index != NULL && tsdb_block_index_select(index, matchers, count, arena, out, out_count, err);
}

static bool block_label_names(tsdb_source *source, ifm_bump *arena, const model_text **out, size_t *count,
                              ifm_error *err)
{
    const tsdb_block_index *index = tsdb_block_source_index((tsdb_block_source *)source, err);
    if (index == NULL) {
        return false;
    }
    model_text *names = ifm_bump_alloc_array(arena, index->name_count, sizeof *names);
    for (uint32_t i = 0; names != NULL && i < index->name_count; i++) {
        names[i] = index->names[i].text;
    }
    *out = names;
    *count = index->name_count;
    return ifm_bump_check(arena, err);
}

static bool block_label_values(tsdb_source *source, model_text name, ifm_bump *arena, const model_text **out,
                               size_t *count, ifm_error *err)
{
    const tsdb_block_index *index = tsdb_block_source_index((tsdb_block_source *)source, err);
    if (index == NULL) {
        return false;
    }
    const tsdb_index_name *found = tsdb_block_index_name(index, name);
    uint32_t value_count = found == NULL ? 0 : found->pair_count;
    model_text *values = ifm_bump_alloc_array(arena, value_count, sizeof *values);
    for (uint32_t i = 0; values != NULL && i < value_count; i++) {
        values[i] = tsdb_block_index_value(index, found->first_pair + i);
    }
    *out = values;
    *count = value_count;
    return ifm_bump_check(arena, err);
}

static const tsdb_source_functions block_functions = {
    .release = block_release,
    .select = block_select,
    .reader_new = tsdb_block_reader_new,
    .reader_free = tsdb_block_reader_free,
    .read = tsdb_block_reader_read,
    .label_names = block_label_names,
    .label_values = block_label_values,
};

static bool block_check(tsdb_block_source *block, ifm_error *err)
{
    if (!block_summary_read(block->files, block->fd, &block->summary, err)) {
        return false;
    }
    char *packed = index_read(block, err);
    ifm_free(packed);
    return packed != NULL;
}

tsdb_source *tsdb_block_open(const ifm_os_files *files, const char *folder, const char *name,
                             tsdb_block_info *info, ifm_error *err)
{
    tsdb_block_source *block = ifm_alloc_zero(1, sizeof *block);
    char *path = tsdb_path(folder, name, "");
    if (block == NULL || path == NULL) {
        ifm_free(block);
        ifm_free(path);
        ifm_error_nomem(err);
        return NULL;
    }
    pthread_mutex_init(&block->lock, NULL);
    block->base.functions = &block_functions;
    block->base.references = 1;
    block->files = files;
    ifm_buf_init(&block->damaged, DAMAGED_MAX);
    block->fd = tsdb_file_open(files, path, O_RDONLY);
    bool ok = block->fd >= 0 || ifm_error_errno(err, IFM_IO, errno, "could not open \"%.150s\"", path);
    ifm_free(path);
    if (!ok || !block_check(block, err)) {
        ifm_error_wrap(err, "could not open block \"%s\"", name);
        block_release(&block->base);
        return NULL;
    }
    snprintf(block->summary.info.name, sizeof block->summary.info.name, "%s", name);
    block->base.min_ms = block->summary.info.min_ms;
    block->base.max_ms = block->summary.info.max_ms;
    if (info != NULL) {
        *info = block->summary.info;
    }
    return &block->base;
}

/* ---- Verifying ---- */

/* Notes the first failure, and goes on. False: not damaged, but could not be read. */
static bool verify_part(tsdb_block_source *block, bool ok, uint64_t part, ifm_error *why, ifm_error *first)
{
    if (ok) {
        return true;
    }
    if (why->code != IFM_INVALID) {
        *first = *why;
        return false;
    }
    tsdb_block_source_damaged(block, part, why);
    if (first->code == IFM_OK) {
        *first = *why;
    }
    return true;
}

/* Only whether the checksum in front of a page or column is right. */
static bool verify_checksum(const ifm_buf *bytes, ifm_error *why)
{
    const uint8_t *data = (const uint8_t *)bytes->data;
    return (bytes->size >= 8 && bytes_load_u64(data) == tsdb_checksum(data + 8, bytes->size - 8)) ||
           ifm_error_set(why, IFM_INVALID, "a checksum does not match");
}

/* Reads each byte once, and decodes nothing. */
static void verify_checksums(tsdb_block_source *block, const tsdb_block_index *index, ifm_buf *bytes,
                             ifm_error *first)
{
    ifm_error why;
    bool going = true;
    for (uint32_t i = 0; i < index->page_count && going; i++) {
        const tsdb_block_page *page = &index->pages[i];
        bool ok = tsdb_block_source_read(block, page->offset, page->size, bytes, &why) &&
                  verify_checksum(bytes, &why);
        going = verify_part(block, ok, i, &why, first);
    }
    for (uint32_t i = 0; i < index->column_count && going; i++) {
        const tsdb_block_column *column = &index->columns[i];
        bool ok = tsdb_block_source_read(block, column->offset, column->size, bytes, &why) &&
                  verify_checksum(bytes, &why);
        going = verify_part(block, ok, i | BLOCK_COLUMN_PART, &why, first);
    }
}

bool tsdb_block_source_check(tsdb_block_source *block, ifm_error *err)
{
    const tsdb_block_index *index = tsdb_block_source_index(block, err);
    if (index == NULL) {
        return false;
    }
    ifm_error first = {.code = IFM_OK};
    ifm_buf bytes;
    ifm_buf_init(&bytes, TSDB_PAGE_BYTES_MAX);
    verify_checksums(block, index, &bytes, &first);
    ifm_buf_deinit(&bytes);
    index_forget(block);
    if (first.code != IFM_OK) {
        *err = first;
    }
    return first.code == IFM_OK;
}

static bool verify_pages(tsdb_block_source *block, const tsdb_block_index *index, ifm_buf *bytes,
                         ifm_error *first)
{
    ifm_error why;
    tsdb_page_decoder *decoder = tsdb_page_decoder_new(first);
    bool going = decoder != NULL;
    for (uint32_t i = 0; i < index->page_count && going; i++) {
        const tsdb_block_page *page = &index->pages[i];
        bool ok = tsdb_block_source_read(block, page->offset, page->size, bytes, &why);
        tsdb_page *decoded =
            ok ? tsdb_page_decode(decoder, (const uint8_t *)bytes->data, bytes->size, &why) : NULL;
        tsdb_page_free(decoded);
        going = verify_part(block, decoded != NULL, i, &why, first);
    }
    tsdb_page_decoder_free(decoder);
    return going;
}

static bool verify_columns(tsdb_block_source *block, const tsdb_block_index *index, ifm_buf *bytes,
                           ifm_error *first)
{
    ifm_error why;
    bool going = true;
    for (uint32_t i = 0; i < index->column_count && going; i++) {
        const tsdb_block_column *column = &index->columns[i];
        int64_t *times_ms = ifm_alloc_zero((size_t)column->count + 1, sizeof *times_ms);
        bool ok = times_ms != NULL || ifm_error_nomem(&why);
        ok = ok && tsdb_block_source_read(block, column->offset, column->size, bytes, &why) &&
             tsdb_column_decode((const uint8_t *)bytes->data, bytes->size, column->count, times_ms, &why);
        ifm_free(times_ms);
        going = verify_part(block, ok, i | BLOCK_COLUMN_PART, &why, first);
    }
    return going;
}

bool tsdb_block_verify(tsdb_source *source, ifm_error *err)
{
    tsdb_block_source *block = (tsdb_block_source *)source;
    const tsdb_block_index *index = tsdb_block_source_index(block, err);
    if (index == NULL) {
        return false;
    }
    ifm_error first = {.code = IFM_OK};
    ifm_buf bytes;
    ifm_buf_init(&bytes, TSDB_PAGE_BYTES_MAX);
    if (verify_pages(block, index, &bytes, &first)) {
        verify_columns(block, index, &bytes, &first);
    }
    ifm_buf_deinit(&bytes);
    if (first.code == IFM_OK) {
        return true;
    }
    *err = first;
    return ifm_error_wrap(err, "block \"%s\"", block->summary.info.name);
}

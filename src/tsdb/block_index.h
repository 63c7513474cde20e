/* SPDX-License-Identifier: Apache-2.0
 *
 * The index of a block: which series there are, and where their samples lie.
 *
 * Pairs (a name and a value) are numbered in the order of names and values, so series compare as their lists
 * of pairs do. Series are numbered in the order of labels. Their position is where they lie in the pages, in
 * another order: that in which they were written. Postings (the series of a pair) are not in the file; they
 * are made when it is read.
 *
 * Thread-safety: a loaded index is constant.
 * I1  pairs of a series rise strictly, so no name is there twice.
 */
#ifndef IFM_TSDB_BLOCK_INDEX_H
#define IFM_TSDB_BLOCK_INDEX_H

#include "tsdb/block_limits.h"
#include "tsdb/bytes.h"
#include "tsdb/source.h"

typedef struct tsdb_block_page {
    uint64_t offset;
    uint32_t size;
    int64_t min_ms, max_ms;
} tsdb_block_page;

typedef struct tsdb_block_column {
    uint64_t offset;
    uint32_t size;
    uint32_t count;
} tsdb_block_column;

/* Series that share pages: a page for each window of time. */
typedef struct tsdb_block_batch {
    uint32_t first_series, series_count; /* positions */
    uint32_t first_page, page_count;
} tsdb_block_batch;

/* ---- Building ---- */

typedef struct tsdb_index_builder tsdb_index_builder;

tsdb_index_builder *tsdb_index_builder_new(ifm_error *err);
void tsdb_index_builder_free(tsdb_index_builder *builder); /* NULL is accepted */
/* The next series; its position is the count of those before. Errors: IFM_NOMEM, IFM_LIMIT. */
bool tsdb_index_builder_add(tsdb_index_builder *builder, model_labels labels, ifm_error *err);
/* Appends series and their positions. Errors: IFM_INVALID (a series twice), IFM_NOMEM, IFM_LIMIT. */
bool tsdb_index_builder_write(tsdb_index_builder *builder, ifm_buf *out, ifm_error *err);

void tsdb_index_places_write(const tsdb_block_batch *batches, size_t batch_count,
                             const tsdb_block_page *pages, size_t page_count, ifm_buf *out);
void tsdb_index_columns_write(const tsdb_block_column *columns, size_t count, ifm_buf *out);

/* ---- Reading ---- */

typedef struct tsdb_index_name {
    model_text text;
    uint32_t first_pair, pair_count;
} tsdb_index_name;

typedef struct tsdb_block_index {
    char *bytes; /* texts and lists of pairs are read in place */
    size_t size;
    tsdb_index_name *names;
    uint32_t name_count;
    uint32_t pair_count;
    uint32_t *pair_at;       /* where a pair's value is */
    uint32_t *pair_postings; /* [pair_count + 1] into postings */
    uint32_t *postings;
    uint32_t series_count;
    uint32_t *series_at; /* where its pairs are */
    uint32_t *positions;
    tsdb_block_batch *batches;
    uint32_t batch_count;
    tsdb_block_page *pages;
    uint32_t page_count;
    tsdb_block_column *columns;
    uint32_t column_count;
} tsdb_block_index;

/* Takes `bytes` (ifm_free) whatever it returns. Errors: IFM_INVALID, IFM_NOMEM. */
bool tsdb_block_index_load(char *bytes, size_t size, tsdb_block_index *out, ifm_error *err);
void tsdb_block_index_deinit(tsdb_block_index *index);

model_text tsdb_block_index_value(const tsdb_block_index *index, uint32_t pair);
/* The name with this text, or NULL. */
const tsdb_index_name *tsdb_block_index_name(const tsdb_block_index *index, model_text text);
/* The batch that has the series. */
const tsdb_block_batch *tsdb_block_index_batch(const tsdb_block_index *index, uint32_t position);
/* Series as tsdb_source's select. */
bool tsdb_block_index_select(const tsdb_block_index *index, const model_matcher *matchers, size_t count,
                             ifm_bump *arena, const tsdb_source_series **out, size_t *out_count,
                             ifm_error *err);

#endif

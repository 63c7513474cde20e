/* SPDX-License-Identifier: Apache-2.0
 *
 * What a writer of a block holds. Private to block_writer.c.
 */
#ifndef IFM_TSDB_BLOCK_WRITER_H
#define IFM_TSDB_BLOCK_WRITER_H

#include "tsdb/block.h"
#include "tsdb/block_file.h"
#include "tsdb/block_index.h"
#include "tsdb/column.h"
#include "tsdb/page.h"

/* Neighbouring runs of a series as one. */
typedef struct writer_segment {
    uint32_t column;
    size_t first, count; /* of the column */
    double *values;
    const model_histogram **histograms; /* or NULL */
    int64_t *starts_ms;                 /* or NULL */
} writer_segment;

typedef struct writer_piece {
    tsdb_page_chunk chunk;
    uint32_t window;
    int64_t min_ms, max_ms;
} writer_piece;

struct tsdb_block_writer {
    const ifm_os_files *files;
    char *folder, *path, *temporary;
    char **replaces;
    size_t replaces_count;
    int fd;
    int level; /* of zstd */
    uint64_t written;
    ifm_buf pending; /* behind `written` */
    block_summary summary;
    tsdb_page_encoder *encoder;
    tsdb_index_builder *index;
    ifm_buf batches, pages, columns; /* tsdb_block_batch, _page, _column */
    ifm_buf hashes;                  /* of columns: XXH128_hash_t */
    uint32_t *places;                /* column + 1 by its hash */
    uint32_t places_mask;

    /* The series of this moment. */
    ifm_buf times;   /* int64_t: of its column */
    ifm_buf offsets; /* size_t: of its runs' columns in it */
    uint64_t series_samples;

    /* The batch. */
    ifm_bump arena; /* values */
    ifm_buf pieces; /* writer_piece */
    ifm_buf chunks; /* tsdb_page_chunk: of a page */
    uint32_t batch_series;
    size_t batch_samples;
    uint64_t group;
};

#endif

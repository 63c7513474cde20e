/* SPDX-License-Identifier: Apache-2.0
 *
 * A block as a source. Its index is read when it is first needed, and stays.
 *
 * Thread-safety: `lock` protects `index` until it is set, `damaged`, and `spare`; the rest is constant.
 */
#ifndef IFM_TSDB_BLOCK_SOURCE_H
#define IFM_TSDB_BLOCK_SOURCE_H

#include "tsdb/block.h"
#include "tsdb/block_file.h"
#include "tsdb/block_index.h"
#include "tsdb/page.h"

typedef struct tsdb_block_source {
    tsdb_source base;
    const ifm_os_files *files;
    int fd;
    block_summary summary;
    pthread_mutex_t lock;
    _Atomic(tsdb_block_index *) index;
    ifm_buf damaged; /* uint64_t: numbers of pages, of columns with bit 32, that were found damaged */
    _Atomic uint64_t damages;
    tsdb_reader
        *spare; /* of the last query, with what it decoded: the next of a dashboard asks for that again */
    unsigned spare_age; /* calls of tsdb_block_source_rest() since then */
} tsdb_block_source;

/* Parts that are damaged are counted and warned of once. */
void tsdb_block_source_damaged(tsdb_block_source *block, uint64_t part, const ifm_error *why);
/* NULL with IFM_IO, IFM_INVALID, IFM_NOMEM. */
const tsdb_block_index *tsdb_block_source_index(tsdb_block_source *block, ifm_error *err);

/* As tsdb_block_verify(), but by checksums alone, and the index is not kept: nobody else may have it. */
bool tsdb_block_source_check(tsdb_block_source *block, ifm_error *err);

/* Reads a page or column into *bytes, which grows. */
bool tsdb_block_source_read(tsdb_block_source *block, uint64_t offset, size_t size, ifm_buf *bytes,
                            ifm_error *err);

tsdb_reader *tsdb_block_reader_new(tsdb_source *source, ifm_error *err);
void tsdb_block_reader_free(tsdb_reader *reader);
/* Without keeping it. */
void tsdb_block_reader_destroy(tsdb_reader *reader);
/* To be called each second or so: frees a reader that no query wanted for a while. Whether it did. */
bool tsdb_block_source_rest(tsdb_block_source *block);
/* How many bytes of decoded pages it keeps; TSDB_READER_BYTES_MAX without this. */
void tsdb_block_reader_limit(tsdb_reader *reader, size_t bytes);
bool tsdb_block_reader_read(tsdb_reader *reader, uint64_t handle, int64_t start_ms, int64_t end_ms,
                            ifm_bump *arena, const tsdb_run **out, size_t *out_count, ifm_error *err);

#define BLOCK_COLUMN_PART (UINT64_C(1) << 32)

#endif

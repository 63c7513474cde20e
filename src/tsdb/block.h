/* SPDX-License-Identifier: Apache-2.0
 *
 * Blocks: immutable files, each of all samples of a span of time. A block is one file, complete or not there:
 * written beside its place, synced, renamed, its folder synced. docs/format/block.md describes it.
 *
 * Thread-safety: a block may be read by any thread; the set of blocks has its own lock.
 */
#ifndef IFM_TSDB_BLOCK_H
#define IFM_TSDB_BLOCK_H

#include "os/os.h"
#include "tsdb/source.h"
#include "tsdb/tsdb.h"

/* ---- Writing ---- */

typedef struct tsdb_block_writer tsdb_block_writer;

typedef struct tsdb_block_writer_options {
    const ifm_os_files *files;
    const char *folder;
    uint64_t sequence;           /* of the name: later ones hold later samples of a series */
    uint32_t level;              /* 0: flushed; how often it was merged */
    const char *const *replaces; /* names of the blocks that it takes the place of, in the same moment */
    size_t replaces_count;
    bool cold; /* pack as small as can be: it will not be merged soon */
} tsdb_block_writer_options;

tsdb_block_writer *tsdb_block_writer_open(const tsdb_block_writer_options *options, ifm_error *err);
/* Series come in any order, each once; in that of tsdb_block_order() they pack best. Nothing of `labels` and
 * `runs` is kept. One without a sample is left out. Errors: IFM_IO, IFM_NOMEM, IFM_LIMIT, IFM_INVALID (runs
 * that overlap). After a failure only tsdb_block_writer_abort() is allowed. */
bool tsdb_block_writer_add(tsdb_block_writer *writer, model_labels labels, const tsdb_run *runs,
                           size_t run_count, ifm_error *err);
/* Makes it durable and visible; `info` may be NULL. Frees the writer whatever it returns. */
bool tsdb_block_writer_commit(tsdb_block_writer *writer, tsdb_block_info *info, ifm_error *err);
void tsdb_block_writer_abort(tsdb_block_writer *writer);

/* The order in which series pack best, as indices in order[0..count): the buckets of one histogram together,
 * by bound. Errors: IFM_NOMEM. */
bool tsdb_block_order(const model_labels *series, size_t count, uint32_t *order, ifm_error *err);

/* ---- One block ---- */

/* A source with one reference. Checks header, footer and index; pages are checked when they are read. Errors:
 * IFM_INVALID (damaged: the sentence says what), IFM_UNSUPPORTED (a newer format), IFM_IO, IFM_NOMEM. */
tsdb_source *tsdb_block_open(const ifm_os_files *files, const char *folder, const char *name,
                             tsdb_block_info *info, ifm_error *err);

/* Reads all of it. Errors: IFM_INVALID with what is damaged. */
bool tsdb_block_verify(tsdb_source *block, ifm_error *err);

/* ---- The set of blocks of a store ---- */

typedef struct tsdb_blocks tsdb_blocks;

typedef struct tsdb_blocks_options {
    const ifm_os_files *files;
    const char *folder;     /* "STORE/blocks" */
    const char *quarantine; /* "STORE/quarantine", made when it is needed */
    int64_t retention_ms;
    uint64_t retention_bytes;
} tsdb_blocks_options;

typedef struct tsdb_blocks_stats {
    uint32_t blocks;
    uint64_t bytes, quarantine_bytes;
    uint64_t compactions, compaction_errors, retention_deletions, damages;
    int64_t min_ms, max_ms;
} tsdb_blocks_stats;

/* Opens every block of the folder; moves damaged ones to quarantine, ends what a crash interrupted. */
tsdb_blocks *tsdb_blocks_open(const tsdb_blocks_options *options, ifm_error *err);
void tsdb_blocks_close(tsdb_blocks *blocks);

/* To be called each second or so: frees what queries decoded and no other wanted for a while. Whether there
 * was any. */
bool tsdb_blocks_rest(tsdb_blocks *blocks);

/* The sequence for the next flushed block. */
uint64_t tsdb_blocks_next_sequence(tsdb_blocks *blocks);
/* A committed block, for tsdb_blocks_add(), which takes it into the set and does not read it. When one of the
 * two fails, the block's file is deleted: the caller writes it again, and files that no set has would fill
 * the disk beside the retention. */
tsdb_source *tsdb_blocks_load(tsdb_blocks *blocks, const char *name, ifm_error *err);
bool tsdb_blocks_add(tsdb_blocks *blocks, tsdb_source *source, ifm_error *err);
/* Appends acquired sources that overlap the range, oldest first, to an array in the heap (ifm_realloc). */
bool tsdb_blocks_acquire(tsdb_blocks *blocks, int64_t start_ms, int64_t end_ms, tsdb_source ***sources,
                         size_t *count, ifm_error *err);
/* Merges what is due, one merge at most; *more: call again. `stop` is looked at often. Readers go on. */
bool tsdb_blocks_compact(tsdb_blocks *blocks, const _Atomic bool *stop, bool *more, ifm_error *err);
/* Deletes blocks that are over the retention: older than now_ms - retention_ms as a whole, or the oldest
 * while blocks and `other_bytes` are over retention_bytes. */
void tsdb_blocks_retain(tsdb_blocks *blocks, int64_t now_ms, uint64_t other_bytes);
void tsdb_blocks_stats_now(tsdb_blocks *blocks, tsdb_blocks_stats *out);
bool tsdb_blocks_info(tsdb_blocks *blocks, ifm_bump *arena, const tsdb_block_info **out, size_t *count,
                      ifm_error *err);
/* Hard links (or copies) of all blocks of this moment to `folder`. */
bool tsdb_blocks_link(tsdb_blocks *blocks, const char *folder, ifm_error *err);

#endif

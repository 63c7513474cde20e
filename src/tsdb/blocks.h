/* SPDX-License-Identifier: Apache-2.0
 *
 * The set of blocks. Private to blocks_*.c.
 *
 * A block of a merge names those that it replaces. They are served until it is in its place; a crash before
 * they are deleted is seen at the next start by those names. So no other merge begins before they are gone:
 * it could replace the block with the names.
 *
 *     merging --rename--> both there --unlink--> the new one alone
 *        | crash             | crash: the start deletes the replaced ones, once the new one is verified
 *        `-> the start deletes the temporary file
 *
 * Thread-safety: `lock` protects all that is not constant. No I/O but closing and unlinking is done under it.
 * S1  items are sorted by sequence, then level; each holds one reference to its source.
 */
#ifndef IFM_TSDB_BLOCKS_H
#define IFM_TSDB_BLOCKS_H

#include "tsdb/block_source.h"

typedef struct blocks_item {
    tsdb_source *source;
    tsdb_block_info info;
    uint64_t sequence;
} blocks_item;

struct tsdb_blocks {
    const ifm_os_files *files;
    char *folder, *quarantine;
    int64_t retention_ms;
    uint64_t retention_bytes;
    pthread_mutex_t lock;
    blocks_item *items; /* S1 */
    size_t count;
    uint64_t next_sequence;
    uint64_t compactions, compaction_errors, retention_deletions;
    uint64_t damages; /* quarantined blocks, and damages of those that are not in the set any more */
    uint64_t quarantine_bytes;
    bool compacting;
    struct blocks_compaction *unfinished; /* files that it replaced are still there; no other begins */
    unsigned failures;                    /* compactions that failed in a row */
    unsigned pause;                       /* calls that do nothing after that */
};

/* Takes the source, unless it fails; the caller holds the lock. Errors: IFM_NOMEM. */
bool tsdb_blocks_insert(tsdb_blocks *blocks, tsdb_source *source, ifm_error *err);
/* Takes an item out of the set, without deleting its file; the caller holds the lock. */
void tsdb_blocks_remove(tsdb_blocks *blocks, size_t at);
/* Reads the sequence and level from the name; false when it is not a block's. */
bool tsdb_blocks_name(const char *name, uint64_t *sequence, uint32_t *level);
/* -1 with errno. */
int tsdb_blocks_unlink(tsdb_blocks *blocks, const char *name);

/* Writes what `sources`, oldest first, have together. *stopped: because of `stop`, without an error. */
typedef struct blocks_merge {
    tsdb_source *const *sources;
    size_t count;
    const _Atomic bool *stop;
} blocks_merge;
bool tsdb_blocks_merge(const blocks_merge *merge, const tsdb_block_writer_options *options,
                       tsdb_block_info *info, bool *stopped, ifm_error *err);

#endif

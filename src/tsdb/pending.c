/* SPDX-License-Identifier: Apache-2.0
 *
 * Stand-ins, until the parts of the store that bear these names are there: weak, so that those win.
 */
#include "tsdb/tsdb_impl.h"

#include <inferometer/registry.h>

#define PENDING __attribute__((weak))

PENDING tsdb_blocks *tsdb_blocks_open(const tsdb_blocks_options *options, ifm_error *err)
{
    (void)options;
    tsdb_blocks *blocks = ifm_alloc(1);
    if (blocks == NULL) {
        ifm_error_nomem(err);
    }
    return blocks;
}
PENDING void tsdb_blocks_close(tsdb_blocks *blocks)
{
    ifm_free(blocks);
}
PENDING uint64_t tsdb_blocks_next_sequence(tsdb_blocks *blocks)
{
    (void)blocks;
    return 1;
}
PENDING bool tsdb_blocks_add(tsdb_blocks *blocks, const char *name, ifm_error *err)
{
    (void)blocks;
    (void)name;
    return ifm_error_set(err, IFM_UNSUPPORTED, "there are no blocks yet");
}
PENDING bool tsdb_blocks_acquire(tsdb_blocks *blocks, int64_t start_ms, int64_t end_ms,
                                 tsdb_source ***sources, size_t *count, ifm_error *err)
{
    (void)blocks;
    (void)start_ms;
    (void)end_ms;
    (void)sources;
    (void)count;
    (void)err;
    return true;
}
PENDING bool tsdb_blocks_compact(tsdb_blocks *blocks, const _Atomic bool *stop, bool *more, ifm_error *err)
{
    (void)blocks;
    (void)stop;
    (void)err;
    *more = false;
    return true;
}
PENDING void tsdb_blocks_retain(tsdb_blocks *blocks, int64_t now_ms, uint64_t other_bytes)
{
    (void)blocks;
    (void)now_ms;
    (void)other_bytes;
}
PENDING void tsdb_blocks_stats_now(tsdb_blocks *blocks, tsdb_blocks_stats *out)
{
    (void)blocks;
    *out = (tsdb_blocks_stats){.min_ms = INT64_MAX, .max_ms = INT64_MIN};
}
PENDING bool tsdb_blocks_info(tsdb_blocks *blocks, ifm_bump *arena, const tsdb_block_info **out,
                              size_t *count, ifm_error *err)
{
    (void)blocks;
    (void)arena;
    (void)err;
    *out = NULL;
    *count = 0;
    return true;
}
PENDING tsdb_block_writer *tsdb_block_writer_open(const tsdb_block_writer_options *options, ifm_error *err)
{
    (void)options;
    ifm_error_set(err, IFM_UNSUPPORTED, "there are no blocks yet");
    return NULL;
}
PENDING bool tsdb_block_writer_add(tsdb_block_writer *writer, model_labels labels, const tsdb_run *runs,
                                   size_t run_count, ifm_error *err)
{
    (void)writer;
    (void)labels;
    (void)runs;
    (void)run_count;
    return ifm_error_set(err, IFM_UNSUPPORTED, "there are no blocks yet");
}
PENDING bool tsdb_block_writer_commit(tsdb_block_writer *writer, tsdb_block_info *info, ifm_error *err)
{
    (void)writer;
    (void)info;
    return ifm_error_set(err, IFM_UNSUPPORTED, "there are no blocks yet");
}
PENDING void tsdb_block_writer_abort(tsdb_block_writer *writer)
{
    (void)writer;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "tsdb/blocks.h"

#include <errno.h>

/* Blocks that begin in the same span are merged once it is over. Each span is some of the one before, so a
 * sample is written five times at most. The longest ones are left out when they are more than a tenth of the
 * retention: a block is only deleted as a whole. */
static const int64_t spans_ms[] = {10 * 60000, 60 * 60000, 6 * 60 * 60000, 24 * 60 * 60000};

enum {
    SPANS_ALWAYS = 2, /* without them there would be too many blocks */
    SPANS_COLD = 2,   /* from here on it pays to pack well */
    PAUSE_SHIFT_MAX = 10,
    GROUP_MAX = 256
};

/* Bytes of a merge: one of more would take too long, and too much room beside its sources. */
#define GROUP_BYTES_MAX (UINT64_C(4) << 30)

/* Consecutive blocks to merge. */
typedef struct blocks_group {
    size_t first, count; /* of items */
    size_t span;
} blocks_group;

static int64_t window_of(int64_t time_ms, int64_t span_ms)
{
    int64_t rest = time_ms % span_ms;
    return time_ms - (rest < 0 ? rest + span_ms : rest);
}

static bool is_damaged(const blocks_item *item)
{
    return atomic_load(&((tsdb_block_source *)item->source)->damages) > 0;
}

/* How many blocks from `first` on begin in the same window and may be merged. */
static size_t group_size(const tsdb_blocks *blocks, size_t first, int64_t span_ms)
{
    int64_t window_ms = window_of(blocks->items[first].info.min_ms, span_ms);
    uint64_t bytes = 0;
    size_t count = 0;
    for (size_t i = first; i < blocks->count && count < GROUP_MAX; i++, count++) {
        const blocks_item *item = &blocks->items[i];
        bytes += item->info.bytes;
        if (window_of(item->info.min_ms, span_ms) != window_ms || is_damaged(item) ||
            bytes > GROUP_BYTES_MAX ||
            (uint64_t)item->info.max_ms - (uint64_t)item->info.min_ms > 2 * (uint64_t)span_ms) {
            break;
        }
    }
    return count;
}

static bool group_choose(const tsdb_blocks *blocks, blocks_group *out)
{
    int64_t newest_ms = INT64_MIN;
    for (size_t i = 0; i < blocks->count; i++) {
        newest_ms = blocks->items[i].info.max_ms > newest_ms ? blocks->items[i].info.max_ms : newest_ms;
    }
    for (size_t span = 0; span < IFM_COUNT_OF(spans_ms); span++) {
        int64_t span_ms = spans_ms[span];
        if (span >= SPANS_ALWAYS && blocks->retention_ms > 0 && span_ms > blocks->retention_ms / 10) {
            break;
        }
        for (size_t i = 0; i < blocks->count;) {
            size_t count = group_size(blocks, i, span_ms);
            int64_t end_ms = window_of(blocks->items[i].info.min_ms, span_ms) + span_ms;
            if (count >= 2 && end_ms <= newest_ms) {
                *out = (blocks_group){i, count, span};
                return true;
            }
            i += count > 0 ? count : 1;
        }
    }
    return false;
}

/* ---- One compaction ---- */

typedef struct blocks_compaction {
    tsdb_source *sources[GROUP_MAX];
    tsdb_block_info infos[GROUP_MAX]; /* of the sources */
    const char *names[GROUP_MAX];     /* in `infos` */
    size_t count;
    const char *left[GROUP_MAX]; /* of `names`, once the new block is in its place: still to be deleted */
    size_t left_count;
    bool overtaken; /* the retention deleted one of them meanwhile, whose samples must not come back */
    tsdb_block_writer_options options;
} compaction;

/* Chooses what is due and takes references. False: nothing is. The caller holds the lock. */
static bool compaction_begin(tsdb_blocks *blocks, compaction *c)
{
    blocks_group group;
    if (blocks->compacting || blocks->unfinished != NULL || !group_choose(blocks, &group)) {
        return false;
    }
    c->count = group.count;
    c->options = (tsdb_block_writer_options){.files = blocks->files,
                                             .folder = blocks->folder,
                                             .replaces = c->names,
                                             .replaces_count = group.count,
                                             .cold = group.span >= SPANS_COLD};
    for (size_t i = 0; i < group.count; i++) {
        const blocks_item *item = &blocks->items[group.first + i];
        tsdb_source_acquire(item->source);
        c->sources[i] = item->source;
        c->infos[i] = item->info;
        c->names[i] = c->infos[i].name;
        c->options.sequence = item->sequence; /* the last one's: S1 */
        c->options.level = item->info.level + 1 > c->options.level ? item->info.level + 1 : c->options.level;
    }
    blocks->compacting = true;
    return true;
}

static bool is_replaced(const compaction *c, const tsdb_source *source)
{
    for (size_t i = 0; i < c->count; i++) {
        if (c->sources[i] == source) {
            return true;
        }
    }
    return false;
}

/* Deletes what is left of the old files; 0, or the error of one that stays. */
static int compaction_delete(tsdb_blocks *blocks, compaction *c)
{
    size_t kept = 0;
    int why = 0;
    for (size_t i = 0; i < c->left_count; i++) {
        if (tsdb_blocks_unlink(blocks, c->left[i]) != 0 && errno != ENOENT) {
            why = errno;
            c->left[kept++] = c->left[i];
        }
    }
    c->left_count = kept;
    return why;
}

/* Whether all that were merged are still in the set. The caller holds the lock. */
static bool compaction_is_current(const tsdb_blocks *blocks, const compaction *c)
{
    size_t found = 0;
    for (size_t i = 0; i < blocks->count; i++) {
        found += is_replaced(c, blocks->items[i].source);
    }
    return found == c->count;
}

/* The new block takes the place of the old ones, whose files go. */
static bool compaction_swap(tsdb_blocks *blocks, compaction *c, const char *name, ifm_error *err)
{
    tsdb_source *made = tsdb_block_open(blocks->files, blocks->folder, name, NULL, err);
    if (made == NULL) {
        return false;
    }
    pthread_mutex_lock(&blocks->lock);
    c->overtaken = !compaction_is_current(blocks, c);
    bool ok = !c->overtaken && tsdb_blocks_insert(blocks, made, err);
    for (size_t i = blocks->count; ok && i > 0; i--) {
        if (is_replaced(c, blocks->items[i - 1].source)) {
            tsdb_blocks_remove(blocks, i - 1);
        }
    }
    pthread_mutex_unlock(&blocks->lock);
    if (!ok) {
        made->functions->release(made);
        return false;
    }
    memcpy(c->left, c->names, c->count * sizeof *c->left);
    c->left_count = c->count;
    int why = compaction_delete(blocks, c);
    if (why != 0) {
        ifm_log(IFM_LOG_WARNING,
                "could not delete block \"%s\", which was merged with others: %s; it is tried again, and no "
                "other blocks are merged before",
                c->left[0], strerrordesc_np(why));
    }
    return true;
}

static bool compaction_run(tsdb_blocks *blocks, compaction *c, const _Atomic bool *stop, bool *stopped,
                           ifm_error *err)
{
    blocks_merge merge = {c->sources, c->count, stop};
    tsdb_block_info info;
    if (!tsdb_blocks_merge(&merge, &c->options, &info, stopped, err)) {
        return false;
    }
    if (!compaction_swap(blocks, c, info.name, err)) {
        tsdb_blocks_unlink(blocks, info.name); /* the old ones are served */
        return false;
    }
    return true;
}

static void compaction_end(tsdb_blocks *blocks, compaction *c, bool ok, bool stopped)
{
    pthread_mutex_lock(&blocks->lock);
    blocks->compacting = false;
    blocks->unfinished = c->left_count > 0 ? c : NULL;
    if (ok) {
        blocks->compactions++;
        blocks->failures = 0;
    } else if (!stopped) {
        blocks->compaction_errors++;
        blocks->failures += blocks->failures < PAUSE_SHIFT_MAX;
        blocks->pause = 1U << blocks->failures;
    }
    pthread_mutex_unlock(&blocks->lock);
    for (size_t i = 0; i < c->count; i++) {
        c->sources[i]->functions->release(c->sources[i]);
    }
}

/* Tries again to delete what a merge left. False: none did. */
static bool compaction_resume(tsdb_blocks *blocks, bool *more)
{
    pthread_mutex_lock(&blocks->lock);
    compaction *c = blocks->compacting ? NULL : blocks->unfinished;
    blocks->compacting |= c != NULL;
    pthread_mutex_unlock(&blocks->lock);
    if (c == NULL) {
        return false;
    }
    compaction_delete(blocks, c);
    *more = c->left_count == 0;
    pthread_mutex_lock(&blocks->lock);
    blocks->compacting = false;
    blocks->unfinished = *more ? NULL : c;
    pthread_mutex_unlock(&blocks->lock);
    if (*more) {
        ifm_free(c);
    }
    return true;
}

bool tsdb_blocks_compact(tsdb_blocks *blocks, const _Atomic bool *stop, bool *more, ifm_error *err)
{
    *more = false;
    if (compaction_resume(blocks, more)) {
        return true;
    }
    compaction *c = ifm_alloc_zero(1, sizeof *c);
    if (c == NULL) {
        return ifm_error_nomem(err);
    }
    pthread_mutex_lock(&blocks->lock);
    bool paused = blocks->pause > 0;
    blocks->pause -= paused;
    bool due = !paused && compaction_begin(blocks, c);
    pthread_mutex_unlock(&blocks->lock);
    bool ok = true, keep = false;
    if (due) {
        bool stopped = false;
        ok = compaction_run(blocks, c, stop, &stopped, err);
        keep = c->left_count > 0;
        *more = (ok || c->overtaken) && !keep;
        compaction_end(blocks, c, ok, stopped || c->overtaken);
        ok = ok || stopped || c->overtaken;
    }
    if (!keep) {
        ifm_free(c);
    }
    return ok || ifm_error_wrap(err, "could not merge blocks");
}

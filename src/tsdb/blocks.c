/* SPDX-License-Identifier: Apache-2.0 */
#include "tsdb/blocks.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

enum { COPY_SIZE = 256 * 1024 };

bool tsdb_blocks_name(const char *name, uint64_t *sequence, uint32_t *level)
{
    unsigned long long number = 0;
    unsigned of = 0;
    int end = 0;
    if (sscanf(name, "%16llx-%9u" BLOCK_SUFFIX "%n", &number, &of, &end) != 2 || end == 0 ||
        name[end] != '\0') {
        return false;
    }
    *sequence = number;
    *level = of;
    return true;
}

int tsdb_blocks_unlink(tsdb_blocks *blocks, const char *name)
{
    char *path = tsdb_path(blocks->folder, name, "");
    int result = path == NULL ? -1 : blocks->files->unlink(path);
    int number = path == NULL ? ENOMEM : errno;
    ifm_free(path);
    errno = number;
    return result;
}

/* ---- The set ---- */

bool tsdb_blocks_insert(tsdb_blocks *blocks, tsdb_source *source, ifm_error *err)
{
    blocks_item *grown = ifm_realloc(blocks->items, blocks->count + 1, sizeof *grown);
    if (grown == NULL) {
        return ifm_error_nomem(err);
    }
    blocks->items = grown;
    const block_summary *summary = &((tsdb_block_source *)source)->summary;
    blocks_item made = {source, summary->info, summary->sequence};
    size_t at = blocks->count++;
    for (; at > 0; at--) {
        const blocks_item *before = &grown[at - 1];
        if (before->sequence < made.sequence ||
            (before->sequence == made.sequence && before->info.level <= made.info.level)) {
            break;
        }
        grown[at] = *before;
    }
    grown[at] = made; /* S1 */
    if (blocks->next_sequence <= made.sequence) {
        blocks->next_sequence = made.sequence + 1;
    }
    return true;
}

void tsdb_blocks_remove(tsdb_blocks *blocks, size_t at)
{
    tsdb_source *source = blocks->items[at].source;
    blocks->damages += atomic_load(&((tsdb_block_source *)source)->damages);
    source->functions->release(source);
    blocks->count--;
    memmove(&blocks->items[at], &blocks->items[at + 1], (blocks->count - at) * sizeof *blocks->items);
}

void tsdb_blocks_close(tsdb_blocks *blocks)
{
    if (blocks == NULL) {
        return;
    }
    while (blocks->count > 0) {
        tsdb_blocks_remove(blocks, blocks->count - 1);
    }
    ifm_free(blocks->items);
    ifm_free(blocks->unfinished);
    ifm_free(blocks->folder);
    ifm_free(blocks->quarantine);
    pthread_mutex_destroy(&blocks->lock);
    ifm_free(blocks);
}

bool tsdb_blocks_rest(tsdb_blocks *blocks)
{
    bool freed = false;
    pthread_mutex_lock(&blocks->lock);
    for (size_t i = 0; i < blocks->count; i++) {
        freed |= tsdb_block_source_rest((tsdb_block_source *)blocks->items[i].source);
    }
    pthread_mutex_unlock(&blocks->lock);
    return freed;
}

uint64_t tsdb_blocks_next_sequence(tsdb_blocks *blocks)
{
    pthread_mutex_lock(&blocks->lock);
    uint64_t sequence = blocks->next_sequence++;
    pthread_mutex_unlock(&blocks->lock);
    return sequence;
}

tsdb_source *tsdb_blocks_load(tsdb_blocks *blocks, const char *name, ifm_error *err)
{
    tsdb_source *source = tsdb_block_open(blocks->files, blocks->folder, name, NULL, err);
    if (source == NULL) {
        tsdb_blocks_unlink(blocks, name);
    }
    return source;
}

bool tsdb_blocks_add(tsdb_blocks *blocks, tsdb_source *source, ifm_error *err)
{
    pthread_mutex_lock(&blocks->lock);
    bool ok = tsdb_blocks_insert(blocks, source, err);
    pthread_mutex_unlock(&blocks->lock);
    if (!ok) {
        tsdb_blocks_unlink(blocks, ((tsdb_block_source *)source)->summary.info.name);
        source->functions->release(source);
    }
    return ok;
}

bool tsdb_blocks_acquire(tsdb_blocks *blocks, int64_t start_ms, int64_t end_ms, tsdb_source ***sources,
                         size_t *count, ifm_error *err)
{
    pthread_mutex_lock(&blocks->lock);
    tsdb_source **grown = ifm_realloc(*sources, *count + blocks->count + 1, sizeof(tsdb_source *));
    if (grown != NULL) {
        *sources = grown;
    }
    for (size_t i = 0; i < blocks->count && grown != NULL; i++) {
        const blocks_item *item = &blocks->items[i];
        if (item->info.min_ms <= end_ms && item->info.max_ms >= start_ms) {
            tsdb_source_acquire(item->source);
            grown[(*count)++] = item->source;
        }
    }
    pthread_mutex_unlock(&blocks->lock);
    return grown != NULL || ifm_error_nomem(err);
}

/* ---- Retention ---- */

/* The block to delete next; count: none. */
static size_t retain_choose(const tsdb_blocks *blocks, int64_t now_ms, uint64_t other_bytes)
{
    size_t oldest = blocks->count;
    uint64_t bytes = other_bytes;
    for (size_t i = 0; i < blocks->count; i++) {
        bytes += blocks->items[i].info.bytes;
        if (oldest == blocks->count || blocks->items[i].info.max_ms < blocks->items[oldest].info.max_ms) {
            oldest = i;
        }
    }
    if (oldest == blocks->count) {
        return oldest;
    }
    bool late = blocks->retention_ms > 0 && blocks->items[oldest].info.max_ms < now_ms - blocks->retention_ms;
    bool large = blocks->retention_bytes > 0 && bytes > blocks->retention_bytes;
    return late || large ? oldest : blocks->count;
}

void tsdb_blocks_retain(tsdb_blocks *blocks, int64_t now_ms, uint64_t other_bytes)
{
    pthread_mutex_lock(&blocks->lock);
    for (size_t at = 0; (at = retain_choose(blocks, now_ms, other_bytes)) < blocks->count;) {
        const char *name = blocks->items[at].info.name;
        if (tsdb_blocks_unlink(blocks, name) != 0 && errno != ENOENT) {
            ifm_log(IFM_LOG_WARNING, "could not delete block \"%s\", which is over the retention: %s", name,
                    strerrordesc_np(errno));
            break;
        }
        blocks->retention_deletions++;
        tsdb_blocks_remove(blocks, at);
    }
    pthread_mutex_unlock(&blocks->lock);
}

/* ---- What there is ---- */

void tsdb_blocks_stats_now(tsdb_blocks *blocks, tsdb_blocks_stats *out)
{
    pthread_mutex_lock(&blocks->lock);
    *out = (tsdb_blocks_stats){.blocks = (uint32_t)blocks->count,
                               .quarantine_bytes = blocks->quarantine_bytes,
                               .compactions = blocks->compactions,
                               .compaction_errors = blocks->compaction_errors,
                               .retention_deletions = blocks->retention_deletions,
                               .damages = blocks->damages,
                               .min_ms = INT64_MAX,
                               .max_ms = INT64_MIN};
    for (size_t i = 0; i < blocks->count; i++) {
        const blocks_item *item = &blocks->items[i];
        out->bytes += item->info.bytes;
        out->damages += atomic_load(&((tsdb_block_source *)item->source)->damages);
        out->min_ms = item->info.min_ms < out->min_ms ? item->info.min_ms : out->min_ms;
        out->max_ms = item->info.max_ms > out->max_ms ? item->info.max_ms : out->max_ms;
    }
    pthread_mutex_unlock(&blocks->lock);
}

bool tsdb_blocks_info(tsdb_blocks *blocks, ifm_bump *arena, const tsdb_block_info **out, size_t *count,
                      ifm_error *err)
{
    pthread_mutex_lock(&blocks->lock);
    tsdb_block_info *made = ifm_bump_alloc_array(arena, blocks->count, sizeof *made);
    for (size_t i = 0; i < blocks->count && made != NULL; i++) {
        made[i] = blocks->items[i].info;
    }
    *count = blocks->count;
    pthread_mutex_unlock(&blocks->lock);
    *out = made;
    return ifm_bump_check(arena, err);
}

/* ---- Links ---- */

/* Copies what the source has open: its file may have been deleted by now. */
static bool copy_block(const tsdb_blocks *blocks, const tsdb_block_source *block, const char *to,
                       ifm_error *err)
{
    const ifm_os_files *files = blocks->files;
    char *bytes = ifm_alloc(COPY_SIZE);
    if (bytes == NULL) {
        return ifm_error_nomem(err);
    }
    int fd = tsdb_file_open(files, to, O_WRONLY | O_CREAT | O_EXCL);
    bool ok = fd >= 0;
    uint64_t left = block->summary.info.bytes;
    for (uint64_t at = 0; ok && left > 0;) {
        size_t size = left < COPY_SIZE ? left : COPY_SIZE;
        ok = tsdb_file_read(files, block->fd, bytes, size, at) == 0 &&
             tsdb_file_write(files, fd, bytes, size) == 0;
        at += size;
        left -= size;
    }
    ok = ok && tsdb_file_sync(files, fd) == 0;
    if (!ok) {
        ifm_error_errno(err, IFM_IO, errno, "could not copy a block to \"%.150s\"", to);
    }
    if (fd >= 0) {
        files->close(fd);
    }
    ifm_free(bytes);
    return ok;
}

static bool link_block(tsdb_blocks *blocks, tsdb_source *source, const char *folder, ifm_error *err)
{
    const tsdb_block_source *block = (const tsdb_block_source *)source;
    char *from = tsdb_path(blocks->folder, block->summary.info.name, "");
    char *to = tsdb_path(folder, block->summary.info.name, "");
    bool ok = from != NULL && to != NULL;
    if (!ok) {
        ifm_error_nomem(err);
    } else if (blocks->files->link(from, to) != 0) {
        ok = copy_block(blocks, block, to, err);
    }
    ifm_free(from);
    ifm_free(to);
    return ok;
}

bool tsdb_blocks_link(tsdb_blocks *blocks, const char *folder, ifm_error *err)
{
    tsdb_source **sources = NULL;
    size_t count = 0;
    bool ok = tsdb_blocks_acquire(blocks, INT64_MIN, INT64_MAX, &sources, &count, err);
    for (size_t i = 0; i < count; i++) {
        ok = ok && link_block(blocks, sources[i], folder, err);
        sources[i]->functions->release(sources[i]);
    }
    ifm_free(sources);
    if (ok && tsdb_folder_sync(blocks->files, folder) != 0) {
        ok = ifm_error_errno(err, IFM_IO, errno, "could not sync the folder \"%.150s\"", folder);
    }
    return ok;
}

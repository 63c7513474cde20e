/* SPDX-License-Identifier: Apache-2.0 */
#include "tsdb/blocks.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

enum { FOLDER_MODE = 0755, QUARANTINE_TRIES = 1000 };

static bool ends_with(const char *text, const char *end)
{
    size_t size = strlen(text);
    size_t end_size = strlen(end);
    return size > end_size && strcmp(text + size - end_size, end) == 0;
}

/* ---- Quarantine ---- */

/* Bytes of the files of a folder that is there. */
static uint64_t folder_bytes(const char *folder)
{
    uint64_t bytes = 0;
    DIR *opened = opendir(folder);
    struct dirent *entry = opened == NULL ? NULL : readdir(opened);
    for (; entry != NULL; entry = readdir(opened)) {
        char *path = tsdb_path(folder, entry->d_name, "");
        struct stat status;
        if (path != NULL && stat(path, &status) == 0 && S_ISREG(status.st_mode)) {
            bytes += (uint64_t)status.st_size;
        }
        ifm_free(path);
    }
    if (opened != NULL) {
        closedir(opened);
    }
    return bytes;
}

/* A path in the quarantine that is not taken; NULL without memory. */
static char *quarantine_path(const tsdb_blocks *blocks, const char *name)
{
    char *path = tsdb_path(blocks->quarantine, name, "");
    struct stat status;
    for (int i = 1; path != NULL && i < QUARANTINE_TRIES && lstat(path, &status) == 0; i++) {
        char suffix[16];
        snprintf(suffix, sizeof suffix, ".%d", i);
        ifm_free(path);
        path = tsdb_path(blocks->quarantine, name, suffix);
    }
    return path;
}

/* Moves a file out of the way, never deletes it. What cannot be moved stays, and is not served. */
static void quarantine_block(tsdb_blocks *blocks, const char *name, const ifm_error *why)
{
    blocks->damages++;
    blocks->files->mkdir(blocks->quarantine, FOLDER_MODE);
    char *from = tsdb_path(blocks->folder, name, "");
    char *to = quarantine_path(blocks, name);
    bool moved = from != NULL && to != NULL && blocks->files->rename(from, to) == 0;
    ifm_log(IFM_LOG_WARNING, "%s%s\"%s\": %s", moved ? "moved a damaged block to " : "could not move away ",
            moved ? "" : "the damaged block ", moved ? to : name, why->message);
    ifm_free(from);
    ifm_free(to);
}

/* ---- The files of the folder ---- */

/* One file. False when the store cannot be opened with it. */
static bool open_file(tsdb_blocks *blocks, const char *name, ifm_error *err)
{
    uint64_t sequence;
    uint32_t level;
    if (ends_with(name, BLOCK_SUFFIX BLOCK_TEMPORARY_SUFFIX)) { /* of a process that was killed */
        tsdb_blocks_unlink(blocks, name);
        return true;
    }
    if (!tsdb_blocks_name(name, &sequence, &level)) {
        return true; /* not ours */
    }
    if (blocks->next_sequence <= sequence) {
        blocks->next_sequence = sequence + 1;
    }
    ifm_error why;
    tsdb_source *source = tsdb_block_open(blocks->files, blocks->folder, name, NULL, &why);
    const tsdb_block_source *block = (const tsdb_block_source *)source;
    if (source != NULL && (block->summary.sequence != sequence || block->summary.info.level != level)) {
        source->functions->release(source); /* a merge could write over it */
        source = NULL;
        ifm_error_set(&why, IFM_INVALID, "block \"%s\" has the name of another", name);
    }
    if (source != NULL) {
        bool ok = tsdb_blocks_insert(blocks, source, err);
        if (!ok) {
            source->functions->release(source);
        }
        return ok;
    }
    if (why.code == IFM_INVALID) {
        quarantine_block(blocks, name, &why);
        return true;
    }
    if (why.code == IFM_IO) { /* perhaps the disk; perhaps it can be read at the next start */
        blocks->damages++;
        ifm_log(IFM_LOG_WARNING, "%s; the store goes on without it", why.message);
        return true;
    }
    *err = why;
    return false;
}

static bool open_files(tsdb_blocks *blocks, ifm_error *err)
{
    if (blocks->files->mkdir(blocks->folder, FOLDER_MODE) != 0 && errno != EEXIST) {
        return ifm_error_errno(err, IFM_IO, errno, "could not create \"%.150s\"", blocks->folder);
    }
    DIR *opened = opendir(blocks->folder);
    if (opened == NULL) {
        return ifm_error_errno(err, IFM_IO, errno, "could not read the folder \"%.150s\"", blocks->folder);
    }
    bool ok = true;
    for (struct dirent *entry = readdir(opened); entry != NULL && ok; entry = readdir(opened)) {
        ok = open_file(blocks, entry->d_name, err);
    }
    closedir(opened);
    return ok;
}

/* ---- Merges that a crash interrupted ---- */

static size_t find_block(const tsdb_blocks *blocks, const char *name)
{
    size_t at = 0;
    while (at < blocks->count && strcmp(blocks->items[at].info.name, name) != 0) {
        at++;
    }
    return at;
}

/* Whether blocks that this one replaces are still there. */
static bool has_replaced(const tsdb_blocks *blocks, const block_summary *summary)
{
    for (size_t i = 0; i < summary->replaces_count; i++) {
        if (find_block(blocks, summary->replaces[i]) < blocks->count) {
            return true;
        }
    }
    return false;
}

/* The replaced ones go once it is sure that all of it can be read; otherwise it goes itself. */
static void finish_merge(tsdb_blocks *blocks, tsdb_source *source)
{
    const block_summary *summary = &((tsdb_block_source *)source)->summary;
    ifm_error why;
    bool sound = tsdb_block_verify(source, &why);
    if (!sound && why.code != IFM_INVALID) {
        return; /* it was not damage: both are served, the samples of one hide those of the other */
    }
    if (!sound) {
        quarantine_block(blocks, summary->info.name, &why);
        tsdb_blocks_remove(blocks, find_block(blocks, summary->info.name));
        return;
    }
    for (size_t i = 0; i < summary->replaces_count; i++) {
        size_t at = find_block(blocks, summary->replaces[i]);
        if (at == blocks->count || blocks->items[at].source == source) {
            continue;
        }
        if (tsdb_blocks_unlink(blocks, summary->replaces[i]) == 0 || errno == ENOENT) {
            tsdb_blocks_remove(blocks, at);
        } else { /* both are served, and the next merge replaces both */
            ifm_log(IFM_LOG_WARNING, "could not delete block \"%s\", which was merged with others: %s",
                    summary->replaces[i], strerrordesc_np(errno));
        }
    }
}

static void finish_merges(tsdb_blocks *blocks)
{
    for (size_t i = blocks->count; i > 0;) {
        tsdb_source *source = blocks->items[--i].source;
        if (has_replaced(blocks, &((tsdb_block_source *)source)->summary)) {
            finish_merge(blocks, source);
            i = i < blocks->count ? i
                                  : blocks->count; /* those that are gone had lower places, or it is gone */
        }
    }
}

/* The checksums of the newest: what was written last is what a crash could have hurt. */
static void verify_newest(tsdb_blocks *blocks)
{
    uint64_t bytes = 0;
    for (size_t i = blocks->count; i > 0; i--) {
        bytes += blocks->items[i - 1].info.bytes;
        ifm_error why;
        if (bytes > TSDB_VERIFY_BYTES_MAX) {
            break;
        }
        if (!tsdb_block_source_check((tsdb_block_source *)blocks->items[i - 1].source, &why) &&
            why.code != IFM_INVALID) { /* damage was warned of */
            ifm_log(IFM_LOG_WARNING, "could not verify block \"%s\": %s", blocks->items[i - 1].info.name,
                    why.message);
        }
    }
}

tsdb_blocks *tsdb_blocks_open(const tsdb_blocks_options *options, ifm_error *err)
{
    tsdb_blocks *blocks = ifm_alloc_zero(1, sizeof *blocks);
    if (blocks == NULL) {
        ifm_error_nomem(err);
        return NULL;
    }
    pthread_mutex_init(&blocks->lock, NULL);
    blocks->files = options->files;
    blocks->retention_ms = options->retention_ms;
    blocks->retention_bytes = options->retention_bytes;
    blocks->next_sequence = 1;
    blocks->folder = ifm_copy_text(options->folder);
    blocks->quarantine = ifm_copy_text(options->quarantine);
    bool ok = (blocks->folder != NULL && blocks->quarantine != NULL) || ifm_error_nomem(err);
    if (!ok || !open_files(blocks, err)) {
        tsdb_blocks_close(blocks);
        return NULL;
    }
    finish_merges(blocks);
    verify_newest(blocks);
    blocks->quarantine_bytes = folder_bytes(blocks->quarantine);
    return blocks;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "tsdb/block_file.h"

#include "tsdb/page.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

/* ---- Header, summary, trailer ---- */

static const char block_magic[8] = {'i', 'f', 'm', 'b', 'l', 'o', 'c', 'k'};
static const char trailer_magic[8] = {'i', 'f', 'm', 'e', 'n', 'd', '0', '1'};

void block_header_make(char header[BLOCK_HEADER_SIZE])
{
    memset(header, 0, BLOCK_HEADER_SIZE);
    memcpy(header, block_magic, sizeof block_magic);
    bytes_store_u32(header + 8, BLOCK_VERSION);
}

void block_summary_write(const block_summary *summary, const char *const *replaces, uint64_t offset,
                         ifm_buf *out)
{
    size_t start = out->size;
    const tsdb_block_info *info = &summary->info;
    const uint64_t numbers[] = {summary->sequence,      info->level,           info->series,
                                info->samples,          summary->index_offset, summary->index_size,
                                summary->index_raw_size};
    for (size_t i = 0; i < IFM_COUNT_OF(numbers); i++) {
        bytes_put_varint(out, numbers[i]);
    }
    bytes_put_signed(out, info->min_ms);
    bytes_put_signed(out, info->max_ms);
    bytes_put_u64(out, summary->index_checksum);
    bytes_put_varint(out, summary->replaces_count);
    for (size_t i = 0; i < summary->replaces_count; i++) {
        bytes_put_varint(out, strlen(replaces[i]));
        ifm_buf_append_text(out, replaces[i]);
    }
    if (out->failed != IFM_OK) {
        return;
    }
    size_t size = out->size - start;
    char trailer[BLOCK_TRAILER_SIZE];
    bytes_store_u64(trailer, offset);
    bytes_store_u64(trailer + 8, size);
    bytes_store_u64(trailer + 16, tsdb_checksum(out->data + start, size));
    bytes_store_u64(trailer + 24, offset + size + BLOCK_TRAILER_SIZE);
    bytes_store_u64(trailer + 32, tsdb_checksum(trailer, 32));
    memcpy(trailer + 40, trailer_magic, sizeof trailer_magic);
    ifm_buf_append(out, trailer, sizeof trailer);
}

void block_summary_deinit(block_summary *summary)
{
    for (size_t i = 0; i < summary->replaces_count; i++) {
        ifm_free(summary->replaces[i]);
    }
    ifm_free(summary->replaces);
    summary->replaces = NULL;
    summary->replaces_count = 0;
}

/* Where the file ends. There is no fstat() in the table: a block is never being written when it is read. */
static bool file_size(int fd, uint64_t *out, ifm_error *err)
{
    struct stat status;
    if (fstat(fd, &status) != 0) {
        return ifm_error_errno(err, IFM_IO, errno, "could not read the size");
    }
    *out = (uint64_t)status.st_size;
    return true;
}

static bool header_check(const ifm_os_files *files, int fd, ifm_error *err)
{
    char want[BLOCK_HEADER_SIZE];
    char header[BLOCK_HEADER_SIZE];
    block_header_make(want);
    if (tsdb_file_read(files, fd, header, sizeof header, 0) != 0) {
        return ifm_error_errno(err, IFM_IO, errno, "could not read the header");
    }
    if (memcmp(header, block_magic, sizeof block_magic) != 0) {
        return ifm_error_set(err, IFM_INVALID, "the header is damaged");
    }
    uint32_t version = bytes_load_u32((const uint8_t *)header + 8);
    if (version != BLOCK_VERSION && version > 0 && version < 256) {
        return ifm_error_set(err, IFM_UNSUPPORTED, "format %u is of another version", version);
    }
    return memcmp(header, want, sizeof want) == 0 || ifm_error_set(err, IFM_INVALID, "the header is damaged");
}

static bool replaces_get(bytes_cursor *from, block_summary *out, ifm_error *err)
{
    size_t count = bytes_get_below(from, TSDB_REPLACES_MAX + 1);
    out->replaces = ifm_alloc_zero(count + 1, sizeof *out->replaces);
    if (out->replaces == NULL) {
        return ifm_error_nomem(err);
    }
    for (size_t i = 0; i < count && !from->failed; i++) {
        size_t size = bytes_get_below(from, sizeof out->info.name);
        const uint8_t *bytes = bytes_get_bytes(from, size);
        if (bytes == NULL || memchr(bytes, '/', size) != NULL) {
            break;
        }
        out->replaces[i] = ifm_copy_bytes(bytes, size);
        if (out->replaces[i] == NULL) {
            return ifm_error_nomem(err);
        }
        out->replaces_count++;
    }
    from->failed = from->failed || out->replaces_count < count;
    return true;
}

static bool summary_get(const char *bytes, size_t size, uint64_t offset, block_summary *out, ifm_error *err)
{
    bytes_cursor from = {(const uint8_t *)bytes, (const uint8_t *)bytes + size, false};
    tsdb_block_info *info = &out->info;
    out->sequence = bytes_get_varint(&from);
    info->level = bytes_get_below(&from, UINT32_MAX);
    info->series = bytes_get_below(&from, TSDB_BLOCK_SERIES_MAX + 1);
    info->samples = bytes_get_varint(&from);
    out->index_offset = bytes_get_varint(&from);
    out->index_size = bytes_get_varint(&from);
    out->index_raw_size = bytes_get_varint(&from);
    info->min_ms = bytes_get_signed(&from);
    info->max_ms = bytes_get_signed(&from);
    out->index_checksum = bytes_get_u64(&from);
    bool ok = replaces_get(&from, out, err);
    bool fits = out->index_offset <= offset && out->index_size <= offset - out->index_offset &&
                out->index_raw_size <= TSDB_INDEX_BYTES_MAX;
    if (ok && (from.failed || !fits)) {
        ok = ifm_error_set(err, IFM_INVALID, "the summary is damaged");
    }
    return ok;
}

bool block_summary_read(const ifm_os_files *files, int fd, block_summary *out, ifm_error *err)
{
    uint64_t size = 0;
    *out = (block_summary){.replaces = NULL};
    if (!file_size(fd, &size, err)) {
        return false;
    }
    if (size < BLOCK_HEADER_SIZE + BLOCK_TRAILER_SIZE) {
        return ifm_error_set(err, IFM_INVALID, "the file is cut off");
    }
    char trailer[BLOCK_TRAILER_SIZE];
    if (!header_check(files, fd, err)) {
        return false;
    }
    if (tsdb_file_read(files, fd, trailer, sizeof trailer, size - sizeof trailer) != 0) {
        return ifm_error_errno(err, IFM_IO, errno, "could not read the trailer");
    }
    const uint8_t *t = (const uint8_t *)trailer;
    uint64_t offset = bytes_load_u64(t);
    uint64_t summary_size = bytes_load_u64(t + 8);
    if (memcmp(trailer + 40, trailer_magic, sizeof trailer_magic) != 0 ||
        bytes_load_u64(t + 32) != tsdb_checksum(trailer, 32) || bytes_load_u64(t + 24) != size ||
        summary_size > BLOCK_SUMMARY_SIZE_MAX || offset != size - sizeof trailer - summary_size) {
        return ifm_error_set(err, IFM_INVALID, "the trailer is damaged");
    }
    char *bytes = ifm_alloc(summary_size + 1);
    if (bytes == NULL) {
        return ifm_error_nomem(err);
    }
    bool ok = tsdb_file_read(files, fd, bytes, summary_size, offset) == 0 ||
              ifm_error_errno(err, IFM_IO, errno, "could not read the summary");
    if (ok && tsdb_checksum(bytes, summary_size) != bytes_load_u64(t + 16)) {
        ok = ifm_error_set(err, IFM_INVALID, "the summary is damaged");
    }
    ok = ok && summary_get(bytes, summary_size, offset, out, err);
    ifm_free(bytes);
    out->info.bytes = size;
    if (!ok) {
        block_summary_deinit(out);
    }
    return ok;
}

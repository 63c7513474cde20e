/* SPDX-License-Identifier: Apache-2.0
 *
 * What stands at the end of a block: its summary.
 */
#ifndef IFM_TSDB_BLOCK_FILE_H
#define IFM_TSDB_BLOCK_FILE_H

#include "tsdb/block_limits.h"
#include "tsdb/bytes.h"
#include "tsdb/file.h"
#include "tsdb/tsdb.h"

#define BLOCK_SUFFIX           ".block"
#define BLOCK_TEMPORARY_SUFFIX ".tmp"

enum {
    BLOCK_VERSION = 1,
    BLOCK_HEADER_SIZE = 16,
    BLOCK_TRAILER_SIZE = 48,
    BLOCK_SUMMARY_SIZE_MAX = 256 * 1024
};

typedef struct block_summary {
    tsdb_block_info info;
    uint64_t sequence;
    uint64_t index_offset, index_size, index_raw_size, index_checksum;
    char **replaces; /* in the heap */
    size_t replaces_count;
} block_summary;

void block_header_make(char header[BLOCK_HEADER_SIZE]);
/* Appends summary and trailer to what will be written at `offset`. */
void block_summary_write(const block_summary *summary, const char *const *replaces, uint64_t offset,
                         ifm_buf *out);
/* Reads header, trailer and summary, and checks them. Errors: IFM_INVALID, IFM_UNSUPPORTED, IFM_IO,
 * IFM_NOMEM. */
bool block_summary_read(const ifm_os_files *files, int fd, block_summary *out, ifm_error *err);
void block_summary_deinit(block_summary *summary);

#endif

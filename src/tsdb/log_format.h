/* SPDX-License-Identifier: Apache-2.0
 *
 * The bytes of the log, as docs/format/log.md has them.
 */
#ifndef IFM_TSDB_LOG_FORMAT_H
#define IFM_TSDB_LOG_FORMAT_H

#include "tsdb/bytes.h"
#include "tsdb/head.h"

enum {
    LOG_VERSION = 1,
    LOG_HEADER_SIZE = 32, /* of a segment */
    LOG_RECORD_SIZE = 32, /* of a record before its payload */
    LOG_FLAG_BEGINS = 1   /* a segment that does not refer to earlier ones */
};

#define LOG_MAGIC        "IFMTSLOG"
#define LOG_RECORD_MAGIC UINT32_C(0x42524cf1)

typedef struct log_header {
    uint32_t version, flags;
    uint64_t number;
} log_header;

void log_header_write(unsigned char out[LOG_HEADER_SIZE], const log_header *header);
/* False: damaged. */
bool log_header_read(const unsigned char in[LOG_HEADER_SIZE], log_header *header);

typedef struct log_record {
    uint32_t stored, unpacked; /* sizes; unpacked 0: it is stored as it is */
    uint64_t sequence;
    uint64_t hash; /* of the rest of the header and the payload */
} log_record;

void log_record_write(unsigned char out[LOG_RECORD_SIZE], log_record *record, const void *payload);
/* Whether it looks like a record; the payload is to be checked, too. */
bool log_record_read(const unsigned char in[LOG_RECORD_SIZE], log_record *record);
bool log_record_check(const unsigned char in[LOG_RECORD_SIZE], const log_record *record, const void *payload);

/* ---- Payloads ---- */

enum { LOG_BATCH_KEY = 1, LOG_BATCH_LAYOUT = 2, LOG_BATCH_FLAGS = 3 };
enum { LOG_EXTRA_HISTOGRAM = 1, LOG_EXTRA_START = 2 };
enum {
    LOG_KEY_ROWS = 32,  /* every so many rows of a group one that does not refer to others */
    LOG_FULL_ROWS = 128 /* and one with the labels of its series */
};

void log_put_histogram(ifm_buf *out, const model_histogram *h);

/* In `arena`; NULL with in->failed or a failure of the arena. */
const model_histogram *log_get_histogram(bytes_cursor *in, ifm_bump *arena);

/* Over the slots and bits of a row. */
uint64_t log_row_hash(uint64_t hash, const void *bytes, size_t size);

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * Columns of timestamps in a block. docs/format/block.md has the bytes.
 */
#ifndef IFM_TSDB_COLUMN_H
#define IFM_TSDB_COLUMN_H

#include "tsdb/block_limits.h"
#include "tsdb/bytes.h"

/* Appends `count` > 0 times, which rise strictly. False with IFM_NOMEM or IFM_LIMIT. */
bool tsdb_column_encode(const int64_t *times_ms, size_t count, ifm_buf *out, ifm_error *err);
/* Reads `count` times. Errors: IFM_INVALID (damaged), IFM_NOMEM. */
bool tsdb_column_decode(const uint8_t *bytes, size_t size, size_t count, int64_t *times_ms, ifm_error *err);

#endif

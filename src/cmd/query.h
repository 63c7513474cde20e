/* SPDX-License-Identifier: Apache-2.0
 *
 * Printing answers of Prometheus's API as promtool does.
 *
 * Thread-safety: any thread; no state.
 */
#ifndef CMD_QUERY_H
#define CMD_QUERY_H

#include "base/base.h"

#include <jansson.h>
#include <stdint.h>

typedef enum query_format { QUERY_PROMQL, QUERY_JSON } query_format;

/* Appends "data" of an answer to query or query_range. Errors: IFM_INVALID (it is not what the API says),
 * IFM_LIMIT, IFM_NOMEM. */
bool query_print_value(const json_t *data, query_format format, ifm_buf *out, ifm_error *err);
/* Of an answer to series, and of one to label values. */
bool query_print_series(const json_t *data, query_format format, ifm_buf *out, ifm_error *err);
bool query_print_names(const json_t *data, query_format format, ifm_buf *out, ifm_error *err);

/* "1700000000.5", or RFC 3339: "2026-11-25T18:55:22Z". Errors: IFM_INVALID. */
bool query_time(const char *text, int64_t *out_ms, ifm_error *err);

/* Milliseconds as seconds: "1700000000.5". */
void query_append_time(ifm_buf *out, int64_t time_ms);

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * JSON as Prometheus's HTTP API writes it, byte by byte: samples and label sets one way (jsoniter's fast
 * strings), everything else another (Go's encoding/json, which also escapes <, > and &).
 *
 * Thread-safety: any thread; no state.
 */
#ifndef IFM_WEB_JSON_H
#define IFM_WEB_JSON_H

#include "model/model.h"
#include "promql/promql.h"

/* A string in its quotes: of labels, as its bytes are but for what JSON forbids. */
void web_json_label_text(ifm_buf *out, model_text text);
/* Of everything else: <, >, &, U+2028 and U+2029 escaped, U+FFFD for what is no UTF-8. */
void web_json_text(ifm_buf *out, model_text text);
void web_json_string(ifm_buf *out, const char *text);

void web_json_labels(ifm_buf *out, model_labels labels);
/* ["a","b"] */
void web_json_texts(ifm_buf *out, const model_text *texts, size_t count);
void web_json_i64(ifm_buf *out, int64_t value);
/* A number as encoding/json writes a float64; one that JSON has no form for becomes 0. */
void web_json_number(ifm_buf *out, double value);
/* Seconds: "1700000000.123" */
void web_json_time(ifm_buf *out, int64_t time_ms);
/* A sample's value, in its quotes. */
void web_json_value(ifm_buf *out, double value);
void web_json_histogram(ifm_buf *out, const model_histogram *h);

/* {"resultType":..,"result":..: left open, for the statistics. At most `limit` series (0: all). */
void web_json_result(ifm_buf *out, const promql_result *result, size_t limit);

#endif

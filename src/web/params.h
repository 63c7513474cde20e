/* SPDX-License-Identifier: Apache-2.0
 *
 * What a request says: its path and its parameters, decoded. A form comes before the query string, and the
 * first value of a name counts, as in Go's r.FormValue().
 *
 * Thread-safety: one request is one thread's.
 */
#ifndef IFM_WEB_PARAMS_H
#define IFM_WEB_PARAMS_H

#include "base/base.h"
#include "model/model.h"

typedef struct web_param {
    model_text name, value; /* valid UTF-8 */
} web_param;

typedef struct web_params {
    web_param *items;
    size_t count;
} web_params;

/* Splits the target of a request line ("/path?a=b", or "http://host/path") in its path, decoded, and its
 * query string. Both lie in `target` or in `arena`. Errors: IFM_INVALID (an escape that is none, no UTF-8, a
 * NUL), IFM_LIMIT, IFM_NOMEM. */
bool web_target_split(const char *target, ifm_bump *arena, model_text *path, model_text *query,
                      ifm_error *err);

/* Adds the pairs of "a=b&c=d". As in Go, a pair that cannot be decoded is left out. Errors: IFM_INVALID (no
 * UTF-8), IFM_LIMIT (too many), IFM_NOMEM. */
bool web_params_add(web_params *params, model_text form, ifm_bump *arena, ifm_error *err);

bool web_param_has(const web_params *params, const char *name);

/* The first value of `name`; an empty text without it. */
model_text web_param_get(const web_params *params, const char *name);

/* All values of `name`, in an array in `arena`; NULL without memory. */
const model_text *web_param_all(const web_params *params, const char *name, ifm_bump *arena, size_t *count);

/* ---- Values. The messages are Prometheus's ---- */

/* Seconds as a number, or RFC 3339, to milliseconds. */
bool web_time_parse(model_text text, int64_t *out_ms, ifm_error *err);
/* Seconds as a number, or "1h30m", to nanoseconds. */
bool web_duration_parse(model_text text, int64_t *out_ns, ifm_error *err);
/* As Go's strconv.Atoi(). */
bool web_integer_parse(model_text text, int64_t *out, ifm_error *err);

/* The times of Prometheus's MinTime and MaxTime. */
extern const int64_t web_time_min_ms, web_time_max_ms;

/* Appends a time as Go writes time.Time in JSON: "2006-01-02T15:04:05.999Z", without quotes. */
void web_time_print(int64_t time_ms, ifm_buf *out);

#endif

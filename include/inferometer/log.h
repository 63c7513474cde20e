/* SPDX-License-Identifier: Apache-2.0
 *
 * Where the library says what it cannot return: it prints nothing by itself. Set a function to hear of
 * background failures (a text file that cannot be written, a collector
 * that fails, an endpoint's trouble).
 */
#ifndef IFM_LOG_H
#define IFM_LOG_H

#include <inferometer/export.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum ifm_log_level { IFM_LOG_ERROR, IFM_LOG_WARNING, IFM_LOG_INFO } ifm_log_level;

/* `message` is one line without a line end, valid during the call. Called from any thread, one at a time. It
 * may call the library; what the library would have to say about that is dropped. */
typedef void (*ifm_log_function)(void *context, ifm_log_level level, const char *message);

/* Sets the function, NULL for none (the default). `context` must stay valid until it is replaced; when
 * this returns, the function before is not running and will not be called again. Must not be called from
 * inside the function. */
IFM_API void ifm_log_set(ifm_log_function function, void *context);

/* A ready-made function: one line on stderr, "inferometer: LEVEL: MESSAGE". */
IFM_API void ifm_log_to_stderr(void *context, ifm_log_level level, const char *message);

#ifdef __cplusplus
}
#endif

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * A text file with the whole registry in text format 0.0.4, for node_exporter's textfile collector, for
 * batch jobs, or to look at. It is replaced atomically (a temporary file in the same folder, fsync,
 * rename), so a reader never sees half of one; a thread of its own writes it.
 *
 * A failure (folder missing, disk full, no permission) is logged once until a write succeeds again, and
 * every one is counted in inferometer_text_file_failures_total; it is never fatal.
 *
 * Thread-safety: any thread; ifm_text_file_poke() is wait-free.
 */
#ifndef IFM_TEXT_FILE_H
#define IFM_TEXT_FILE_H

#include <inferometer/error.h>
#include <inferometer/registry.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ifm_text_file ifm_text_file;

typedef struct ifm_text_file_options {
    const char *directory; /* "." when NULL */
    const char *name;      /* "prometheus_logs.prom" when NULL; no slash */
    uint64_t every_pokes;  /* write after that many pokes; 0: not by count */
    double every_seconds;  /* write after that time; 0: not by time */
} ifm_text_file_options;

/* Starts the writer; `registry` (NULL: the default) must outlive it. A folder that does not exist is no
 * error here: it may come. Errors: IFM_INVALID (name with a slash, negative time), IFM_IO (no thread),
 * IFM_NOMEM. */
IFM_API IFM_MUST_USE ifm_text_file *ifm_text_file_start(ifm_registry *registry,
                                                        const ifm_text_file_options *options, ifm_error *err);

/* Counts one event; wakes the writer at every `every_pokes`-th. Never blocks. */
IFM_API void ifm_text_file_poke(ifm_text_file *file);

/* Writes now, on the calling thread. Errors: IFM_IO, IFM_NOMEM, IFM_LIMIT, IFM_STATE (in a child of fork(),
 * which never writes: the file is its parent's). */
IFM_API IFM_MUST_USE bool ifm_text_file_write(ifm_text_file *file, ifm_error *err);

/* The number of writes that failed so far. */
IFM_API uint64_t ifm_text_file_failures(const ifm_text_file *file);

/* Writes a last time, stops the thread and frees. NULL is accepted. */
IFM_API void ifm_text_file_stop(ifm_text_file *file);

#ifdef __cplusplus
}
#endif

#endif

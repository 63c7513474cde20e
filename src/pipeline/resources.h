/* SPDX-License-Identifier: Apache-2.0
 *
 * Resource use of the process and its host, read from /proc at each scrape: what process_* does not have.
 * A value that the system does not tell is left out.
 *
 *   inferometer_process_cpu_ratio              of all cores: 1 is every core busy with this process
 *   inferometer_process_memory_ratio           resident memory of the host's memory
 *   inferometer_host_cpu_ratio                 time that the cores were not idle
 *   inferometer_host_memory_total_bytes
 *   inferometer_host_memory_available_bytes    what programs can still get, caches included
 *   inferometer_host_memory_ratio              in use: 1 - available / total
 *   inferometer_host_threads
 *   inferometer_host_open_files
 *
 * A CPU ratio covers the time since the scrape before, but at least a second: a scrape that comes sooner,
 * from a second scraper, is told the ratio of the last whole interval and begins no new one. The first
 * ratio is that since boot (host) or since the collector was registered (process).
 *
 * Thread-safety: parsing has no state; a collector runs once at a time for one registry.
 */
#ifndef IFM_PIPELINE_RESOURCES_H
#define IFM_PIPELINE_RESOURCES_H

#include "os/os.h"

#include <inferometer/error.h>
#include <inferometer/registry.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The name of the collector, for ifm_registry_unregister(). */
#define IFM_RESOURCES_COLLECTOR "resources"

enum { IFM_RESOURCES_INTERVAL_NS = 1000000000 };

/* The first lines of /proc/stat. */
typedef struct ifm_host_cpu {
    uint64_t busy_ticks;
    uint64_t total_ticks;
    uint64_t cores;
} ifm_host_cpu;

bool ifm_host_cpu_parse(const char *text, size_t size, ifm_host_cpu *out);

/* "KEY:  NUMBER kB" of /proc/meminfo, in bytes. */
bool ifm_meminfo_parse(const char *text, size_t size, const char *key, uint64_t *bytes);

/* Word `index` (from 0) of a line of words, as a number: of /proc/sys/fs/file-nr, /proc/self/statm. */
bool ifm_proc_word_parse(const char *text, size_t size, size_t index, uint64_t *out);

/* The number of threads in /proc/loadavg: "0.5 0.4 0.3 RUNNING/THREADS PID". */
bool ifm_loadavg_threads_parse(const char *text, size_t size, uint64_t *out);

/* A reading of what was used and what could have been, and the ratio of the last whole interval. */
typedef struct ifm_ratio {
    double used;
    double possible;
    int64_t at_ns;
    double last; /* NaN: none yet */
} ifm_ratio;

/* The ratio since the reading before, by the rule above; NaN when nothing was possible meanwhile. */
double ifm_ratio_next(ifm_ratio *ratio, double used, double possible, int64_t now_ns);

typedef struct ifm_resources_options {
    const char *proc; /* "/proc"; borrowed */
    const ifm_os_clock *clock;
    double (*process_cpu_seconds)(void); /* since the process began; negative: not known */
} ifm_resources_options;

extern const ifm_resources_options ifm_resources_real;

/* Registers the collector. Errors: IFM_EXISTS, IFM_NOMEM. */
bool ifm_resources_register(ifm_registry *registry, const ifm_resources_options *options, ifm_error *err);

#endif

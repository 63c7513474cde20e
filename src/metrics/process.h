/* SPDX-License-Identifier: Apache-2.0
 *
 * What the process_* metrics are made of: texts of /proc, parsed apart from reading them.
 *
 * Thread-safety: any thread; no state.
 */
#ifndef IFM_METRICS_PROCESS_H
#define IFM_METRICS_PROCESS_H

#include <inferometer/error.h>
#include <inferometer/registry.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Of /proc/PID/stat, in its own units. */
typedef struct ifm_process_stat {
    uint64_t user_ticks;
    uint64_t system_ticks;
    uint64_t threads;
    uint64_t start_ticks; /* since boot */
    uint64_t virtual_bytes;
    uint64_t resident_pages;
    uint64_t break_start; /* address; 0: the kernel does not tell */
} ifm_process_stat;

/* False when `text` is not what the kernel writes. The name of the program, in parentheses, may hold
 * anything: spaces, parentheses, line ends. */
bool ifm_process_stat_parse(const char *text, size_t size, ifm_process_stat *out);

/* The line "btime SECONDS" of /proc/stat: when the system booted, since 1970. */
bool ifm_process_boot_time_parse(const char *text, size_t size, uint64_t *seconds);

/* As ifm_process_collector_register(), with another folder in the place of "/proc"; it is borrowed. */
bool ifm_process_collector_register_at(ifm_registry *registry, const char *proc, ifm_error *err);

#endif

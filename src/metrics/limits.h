/* SPDX-License-Identifier: Apache-2.0
 *
 * Limits of the folder metrics, each with its reason; those a user meets are in inferometer/registry.h.
 */
#ifndef IFM_METRICS_LIMITS_H
#define IFM_METRICS_LIMITS_H

enum {
    IFM_THREADS_MAX = 4096,   /* threads with cells of their own at once: 256 KiB of untouched bss. A thread
                                   beyond updates counters and gauges by shared atomics, and its observations
                                   are dropped and counted */
    IFM_CACHE_LINE = 64,      /* x86-64 and most arm64; only speed depends on it */
    IFM_KEY_BYTES_FAST = 512, /* labels packed on the stack by the lock-free look-up; longer ones lock */
    IFM_EXPOSE_BYTES_MAX = 1 << 30, /* one document */
    IFM_READ_TRIES_MAX = 2000, /* of a histogram whose writer was preempted in mid-update: about 100 ms with
                                  the kernel's timer slack of 50 us; only a stopped thread takes longer */
    IFM_EXEMPLAR_LABELS_MAX = 16,       /* a trace id, a span id and room */
    IFM_COLLECTED_SAMPLES_MAX = 100000, /* per collector and scrape, as IFM_SERIES_LIMIT_DEFAULT */
    IFM_COLLECTED_FAMILIES_MAX = 10000, /* per scrape, of all collectors, as IFM_FAMILIES_MAX */
    IFM_COLLECTORS_MAX = 1000           /* per registry */
};

#endif

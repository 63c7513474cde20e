/* SPDX-License-Identifier: Apache-2.0
 *
 * What both benchmark programs share, so that the two sides differ in the library they call and in nothing
 * else: the case table, threads pinned to processors and started by a barrier, the clock, the values that
 * are observed, the labels of the series, the memory readings.
 *
 * A program runs ONE case per process and prints one number: no case inherits another's heap, caches or
 * promoted counters. `PROGRAM` lists the cases, `PROGRAM CASE [DIVISOR]` runs one with its operations
 * divided by DIVISOR.
 *
 * Thread-safety: bench_run() and the like are called by the main thread only. Any failure of the system
 * ends the program with a sentence and status 1: a benchmark that goes on is worse than none.
 */
#ifndef IFM_BENCH_HARNESS_H
#define IFM_BENCH_HARNESS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    BENCH_VALUES = 16384,         /* a power of two; too many for the branch predictor to learn by heart */
    BENCH_LOOKUP_VALUES = 10,     /* of each of two labels: 100 series */
    BENCH_SERIES = 100000,        /* of the serialisation and memory cases */
    BENCH_SERIES_PIPELINES = 100, /* values of the first label of these series */
    BENCH_SCRAPED_SERIES = 1000,  /* in the family that is scraped while it is updated */
    BENCH_LABEL_BYTES = 16
};

typedef struct bench_case bench_case;
struct bench_case {
    const char *name;
    double (*run)(const bench_case *self); /* returns the number to print */
    unsigned threads;
    uint64_t operations; /* per thread, timed; a tenth of them more go before, untimed */
};

/* The loop that is timed; runs on a thread of its own. `thread` counts from 0. */
typedef void (*bench_loop)(void *context, unsigned thread, uint64_t operations);

/* Runs `loop` on self->threads threads at once, each pinned to a processor. Returns wall time, from the
 * first start to the last end, in nanoseconds by operations per thread. */
double bench_run(const bench_case *self, bench_loop loop, void *context);

/* As bench_run(), while one more thread on the last processor calls `scrape` without a pause. */
double bench_run_scraped(const bench_case *self, bench_loop loop, void (*scrape)(void *context),
                         void *context);

/* Calls `action` once untimed, then self->operations times. Returns milliseconds by call. */
double bench_repeat_ms(const bench_case *self, void (*action)(void *context), void *context);

int64_t bench_now_ns(void);

/* BENCH_VALUES latencies in seconds: log-normal, median 20 ms, the same in every run. */
const double *bench_values(void);

/* Labels of series `index` of BENCH_SERIES: "pipeline-042", "shard-0007". */
void bench_series_labels(size_t index, char pipeline[BENCH_LABEL_BYTES], char shard[BENCH_LABEL_BYTES]);

/* The values of the two labels of the look-up cases. */
extern const char *const bench_methods[BENCH_LOOKUP_VALUES];
extern const char *const bench_codes[BENCH_LOOKUP_VALUES];

/* Bytes that malloc has handed out, and that the process occupies (VmRSS). */
size_t bench_heap_bytes(void);
size_t bench_resident_bytes(void);

/* `grown` bytes by series of BENCH_SERIES, without the text of the two label values. */
double bench_bytes_per_series(size_t grown);

/* Prints `what` on stderr and ends the program with status 1. */
#ifdef __cplusplus
[[noreturn]]
#else
_Noreturn
#endif
void bench_fail(const char *what);

/* The whole of main(). `version` is that of the library, NULL when it does not tell. */
int bench_main(int argc, char **argv, const char *version, const bench_case *cases, size_t count);

#ifdef __cplusplus
}
#endif

#endif

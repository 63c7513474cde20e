/* SPDX-License-Identifier: Apache-2.0
 *
 * See harness.h. Each thread warms up with a tenth of its operations, so that caches are filled, branches
 * learnt and adaptive cells promoted, waits for the others at a barrier, and only then is timed.
 */
#include "harness.h"

#include <inttypes.h>
#include <malloc.h>
#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { WARM_UP_DIVISOR = 10, THREADS_MAX = 8 };

const char *const bench_methods[BENCH_LOOKUP_VALUES] = {"GET",     "PUT",   "POST",    "HEAD",  "PATCH",
                                                        "OPTIONS", "TRACE", "CONNECT", "QUERY", "DELETE"};
const char *const bench_codes[BENCH_LOOKUP_VALUES] = {"200", "201", "204", "301", "304",
                                                      "400", "403", "404", "500", "503"};

void bench_fail(const char *what)
{
    fprintf(stderr, "bench: %s\n", what);
    exit(1);
}

int64_t bench_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* --- Threads ------------------------------------------------------------------------------------------ */

typedef struct worker {
    const bench_case *self;
    bench_loop loop;
    void *context;
    pthread_barrier_t *barrier;
    unsigned index;
    pthread_t thread;
    int64_t begin_ns;
    int64_t end_ns;
} worker;

typedef struct scraper {
    void (*scrape)(void *context);
    void *context;
    pthread_barrier_t *barrier;
    atomic_bool stop; /* relaxed: nothing else is handed over with it */
} scraper;

static unsigned processors(void)
{
    long count = sysconf(_SC_NPROCESSORS_ONLN);
    return count > 0 ? (unsigned)count : 1;
}

static void pin(unsigned processor)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(processor % processors(), &set);
    if (pthread_setaffinity_np(pthread_self(), sizeof set, &set) != 0) {
        bench_fail("could not pin a thread to a processor");
    }
}

static void *work(void *argument)
{
    worker *self = argument;
    uint64_t operations = self->self->operations;
    pin(self->index);
    pthread_barrier_wait(self->barrier); /* warm up together: contention is part of it */
    self->loop(self->context, self->index, operations / WARM_UP_DIVISOR + 1);
    pthread_barrier_wait(self->barrier);
    self->begin_ns = bench_now_ns();
    self->loop(self->context, self->index, operations);
    self->end_ns = bench_now_ns();
    return NULL;
}

static void *scrape_on_and_on(void *argument)
{
    scraper *self = argument;
    pin(processors() - 1);
    self->scrape(self->context);
    pthread_barrier_wait(self->barrier);
    pthread_barrier_wait(self->barrier);
    while (!atomic_load_explicit(&self->stop, memory_order_relaxed)) {
        self->scrape(self->context);
    }
    return NULL;
}

static void start(pthread_t *thread, void *(*function)(void *), void *argument)
{
    if (pthread_create(thread, NULL, function, argument) != 0) {
        bench_fail("could not start a thread");
    }
}

static double run(const bench_case *self, bench_loop loop, void *context, scraper *background)
{
    worker workers[THREADS_MAX];
    pthread_barrier_t barrier;
    pthread_t scraping;
    if (self->threads > THREADS_MAX ||
        pthread_barrier_init(&barrier, NULL, self->threads + (background != NULL)) != 0) {
        bench_fail("could not set up the barrier");
    }
    if (background != NULL) {
        background->barrier = &barrier;
        start(&scraping, scrape_on_and_on, background);
    }
    for (unsigned i = 0; i < self->threads; i++) {
        workers[i] =
            (worker){.self = self, .loop = loop, .context = context, .barrier = &barrier, .index = i};
        start(&workers[i].thread, work, &workers[i]);
    }
    int64_t begin_ns = INT64_MAX;
    int64_t end_ns = 0;
    for (unsigned i = 0; i < self->threads; i++) {
        pthread_join(workers[i].thread, NULL);
        begin_ns = workers[i].begin_ns < begin_ns ? workers[i].begin_ns : begin_ns;
        end_ns = workers[i].end_ns > end_ns ? workers[i].end_ns : end_ns;
    }
    if (background != NULL) {
        atomic_store_explicit(&background->stop, true, memory_order_relaxed);
        pthread_join(scraping, NULL);
    }
    pthread_barrier_destroy(&barrier);
    return (double)(end_ns - begin_ns) / (double)self->operations;
}

double bench_run(const bench_case *self, bench_loop loop, void *context)
{
    return run(self, loop, context, NULL);
}

double bench_run_scraped(const bench_case *self, bench_loop loop, void (*scrape)(void *context),
                         void *context)
{
    scraper background = {.scrape = scrape, .context = context};
    return run(self, loop, context, &background);
}

double bench_repeat_ms(const bench_case *self, void (*action)(void *context), void *context)
{
    pin(0);
    action(context);
    int64_t begin_ns = bench_now_ns();
    for (uint64_t i = 0; i < self->operations; i++) {
        action(context);
    }
    return (double)(bench_now_ns() - begin_ns) / (double)self->operations / 1e6;
}

/* --- Input -------------------------------------------------------------------------------------------- */

/* splitmix64, with its published constants: the same values on every machine. */
static uint64_t random_next(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15U;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
}

const double *bench_values(void)
{
    static double values[BENCH_VALUES]; /* filled by the main thread, before any other starts */
    uint64_t state = 1;
    for (size_t i = 0; i < BENCH_VALUES; i++) {
        double normal = -6.0; /* twelve uniforms less their mean: near enough to normal */
        for (int k = 0; k < 12; k++) {
            normal += (double)(random_next(&state) >> 11) * 0x1p-53;
        }
        values[i] = 0.020 * exp(normal);
    }
    return values;
}

void bench_series_labels(size_t index, char pipeline[BENCH_LABEL_BYTES], char shard[BENCH_LABEL_BYTES])
{
    snprintf(pipeline, BENCH_LABEL_BYTES, "pipeline-%03u", (unsigned)(index % BENCH_SERIES_PIPELINES));
    snprintf(shard, BENCH_LABEL_BYTES, "shard-%04u", (unsigned)(index / BENCH_SERIES_PIPELINES));
}

/* --- Memory ------------------------------------------------------------------------------------------- */

size_t bench_heap_bytes(void)
{
    struct mallinfo2 heap = mallinfo2();
    return heap.uordblks + heap.hblkhd;
}

size_t bench_resident_bytes(void)
{
    FILE *file = fopen("/proc/self/statm", "r");
    size_t pages = 0;
    if (file == NULL || fscanf(file, "%*s %zu", &pages) != 1) {
        bench_fail("could not read /proc/self/statm");
    }
    fclose(file);
    return pages * (size_t)sysconf(_SC_PAGESIZE);
}

double bench_bytes_per_series(size_t grown)
{
    size_t text = 0;
    for (size_t i = 0; i < BENCH_SERIES; i++) {
        char pipeline[BENCH_LABEL_BYTES];
        char shard[BENCH_LABEL_BYTES];
        bench_series_labels(i, pipeline, shard);
        text += strlen(pipeline) + strlen(shard);
    }
    return ((double)grown - (double)text) / BENCH_SERIES;
}

/* --- Program ------------------------------------------------------------------------------------------ */

static int list(const bench_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        printf("%s\n", cases[i].name);
    }
    return 0;
}

int bench_main(int argc, char **argv, const char *version, const bench_case *cases, size_t count)
{
    if (argc < 2) {
        return list(cases, count);
    }
    if (strcmp(argv[1], "--version") == 0) {
        printf("%s\n", version == NULL ? "" : version);
        return 0;
    }
    uint64_t divisor = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    for (size_t i = 0; i < count; i++) {
        if (strcmp(cases[i].name, argv[1]) == 0) {
            bench_case chosen = cases[i];
            chosen.operations = chosen.operations / (divisor == 0 ? 1 : divisor) + 1;
            printf("%.3f\n", chosen.run(&chosen));
            return 0;
        }
    }
    fprintf(stderr, "bench: there is no case \"%s\"; hint: without arguments the cases are listed\n",
            argv[1]);
    return 1;
}

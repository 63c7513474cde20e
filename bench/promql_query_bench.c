/* SPDX-License-Identifier: Apache-2.0
 *
 * usage: promql_query_bench FILE
 *
 * Loads a file in OpenMetrics and times queries over it: each line of the standard input is
 * "START END STEP QUERY", times in milliseconds; for each, a line "NANOSECONDS SERIES SAMPLES SUM BYTES".
 * The time is that of the engine over the storage in memory, from the text to the result, which is freed
 * within it: no HTTP, no JSON. For promql_compare.py.
 */
#include "../tests/differential/load_openmetrics.h"
#include "os/os.h"
#include "promql/engine.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { MEMORY_BYTES_MAX = 1024 * 1024 * 1024 };

typedef struct measured {
    int64_t took_ns;
    size_t series;
    size_t samples;
    double sum; /* of all that are finite */
    size_t bytes;
} measured;

static void count(const promql_result *result, measured *out)
{
    *out = (measured){.series = result->series_count, .bytes = result->arena.used};
    for (size_t i = 0; i < result->series_count; i++) {
        out->samples += result->series[i].count;
        for (size_t p = 0; p < result->series[i].count; p++) {
            double value = result->series[i].points[p].value;
            out->sum += isfinite(value) ? value : 0;
        }
    }
}

static bool measure(storage *from, const promql_query *query, measured *out, ifm_error *err)
{
    const promql_engine_options options = promql_engine_defaults();
    promql_result result;
    int64_t before_ns = ifm_os_monotonic_ns();
    bool ok = promql_query_run(&options, from, query, &result, err);
    int64_t ran_ns = ifm_os_monotonic_ns() - before_ns;
    count(&result, out);
    before_ns = ifm_os_monotonic_ns();
    promql_result_free(&result);
    out->took_ns = ran_ns + ifm_os_monotonic_ns() - before_ns;
    return ok;
}

/* False at the end of the input, or when it is none of ours. */
static bool read_query(char **line, size_t *capacity, promql_query *out)
{
    ssize_t size = getline(line, capacity, stdin);
    if (size <= 0) {
        return false;
    }
    char *at = *line;
    out->start_ms = strtoll(at, &at, 10);
    out->end_ms = strtoll(at, &at, 10);
    out->step_ms = strtoll(at, &at, 10);
    out->text = at;
    out->size = strlen(at);
    return out->step_ms > 0;
}

static bool answer_all(storage *from, ifm_error *err)
{
    char *line = NULL;
    size_t capacity = 0;
    bool ok = true;
    for (promql_query query = {0}; ok && read_query(&line, &capacity, &query);) {
        measured is = {0};
        ok = measure(from, &query, &is, err);
        printf("%lld %zu %zu %.17g %zu\n", (long long)is.took_ns, is.series, is.samples, is.sum, is.bytes);
        (void)fflush(stdout);
    }
    free(line);
    return ok;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: promql_query_bench FILE\n");
        return 2;
    }
    ifm_error err;
    promqltest_memory *memory = promqltest_memory_new(0, MEMORY_BYTES_MAX, &err);
    bool ok = memory != NULL && load_openmetrics(argv[1], memory, &err) &&
              answer_all(promqltest_memory_storage(memory), &err);
    if (!ok) {
        fprintf(stderr, "promql_query_bench: %s\n", err.message);
    }
    promqltest_memory_free(memory);
    return ok ? 0 : 1;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * Any file of tests is read and run to its end: within its memory, and with each of its commands counted at
 * most once. This is the query engine under arbitrary data, too.
 */
#include "promqltest/promqltest.h"

#include <stdlib.h>

enum {
    FUZZ_MEMORY_MAX = 16 * 1024 * 1024,
    FUZZ_SAMPLES_MAX = 2000,
    FUZZ_CALLS_MAX = 20 * 1000 /* of the check for an interruption: what takes longer is ended by it */
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition) {
        abort();
    }
}

typedef struct fuzz_run {
    size_t calls;
    size_t failed;
} fuzz_run;

static void count_failure(void *context, size_t line, const char *text, size_t size)
{
    fuzz_run *run = context;
    require(line >= 1 && (text != NULL || size == 0) && size <= PROMQLTEST_FAILURE_BYTES_MAX);
    run->failed++;
}

static ifm_code count_call(void *context)
{
    fuzz_run *run = context;
    return ++run->calls > FUZZ_CALLS_MAX ? IFM_TIMEOUT : IFM_OK;
}

static size_t count_lines(const uint8_t *data, size_t size)
{
    size_t lines = 1;
    for (size_t i = 0; i < size; i++) {
        lines += data[i] == '\n' ? 1 : 0;
    }
    return lines;
}

/* The first byte chooses how it is run. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_run run = {0};
    promqltest_counts counts = {0};
    ifm_error err = {.code = IFM_OK};
    unsigned how = size == 0 ? 0 : data[0];
    const promqltest_options options = {.chunk_samples = 1 + how % 4,
                                        .samples_max = FUZZ_SAMPLES_MAX,
                                        .bytes_max = FUZZ_MEMORY_MAX,
                                        .drop_names_early = (how & 4) != 0,
                                        .no_starts = (how & 8) != 0,
                                        .failed = count_failure,
                                        .interrupted = count_call,
                                        .context = &run};
    bool ok = promqltest_run(&options, (const char *)data, size, &counts, &err);
    require(ok || err.code == IFM_TIMEOUT);
    require(counts.failed == run.failed && counts.passed + counts.failed <= count_lines(data, size));
    return 0;
}

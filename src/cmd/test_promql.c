/* SPDX-License-Identifier: Apache-2.0
 *
 * inferometer test promql FILE...: files in Prometheus's test language, against our query engine.
 */
#include "base/base.h"
#include "cmd/all.h"
#include "os/os.h"
#include "promqltest/promqltest.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>

enum { OPTION_CHUNK_SAMPLES, OPTION_NO_RERUNS, OPTION_SERVER };

enum { CHUNK_SAMPLES_MAX = 1000 * 1000 };

typedef struct test_settings {
    size_t chunk_samples;
    bool no_reruns;
    bool server;
} test_settings;

static bool take_chunk_samples(test_settings *to, const char *value, ifm_error *err)
{
    size_t count = 0;
    bool valid = value[0] != '\0';
    for (const char *at = value; *at != '\0' && valid; at++) {
        valid = *at >= '0' && *at <= '9' && count < CHUNK_SAMPLES_MAX;
        count = count * 10 + (size_t)(*at - '0');
    }
    if (!valid || count == 0 || count > CHUNK_SAMPLES_MAX) {
        return ifm_error_set(err, IFM_INVALID, "it is no number from 1 to %d", CHUNK_SAMPLES_MAX);
    }
    to->chunk_samples = count;
    return true;
}

static bool test_take(void *settings, int id, const char *value, ifm_error *err)
{
    test_settings *to = settings;
    switch (id) {
    case OPTION_CHUNK_SAMPLES:
        return take_chunk_samples(to, value, err);
    case OPTION_NO_RERUNS:
        to->no_reruns = true;
        return true;
    default:
        to->server = true;
        return true;
    }
}

/* One file of a run. */
typedef struct test_file {
    const char *name;
    int cancel_fd;
} test_file;

static ifm_code canceled(void *context)
{
    const test_file *file = context;
    struct pollfd cancel = {.fd = file->cancel_fd, .events = POLLIN};
    return poll(&cancel, 1, 0) > 0 ? IFM_CANCELED : IFM_OK;
}

static void print_failure(void *context, size_t line, const char *text, size_t size)
{
    const test_file *file = context;
    printf("%s:%zu: ", file->name, line);
    fwrite(text, 1, size, stdout);
    putchar('\n');
}

static bool test_run_file(const cmd_call *call, const test_settings *settings, const char *path,
                          promqltest_counts *counts, ifm_error *err)
{
    bool piped = strcmp(path, "-") == 0;
    test_file file = {piped ? "standard input" : path, call->cancel_fd};
    const promqltest_options options = {.chunk_samples = settings->chunk_samples,
                                        .no_reruns = settings->no_reruns,
                                        .drop_names_early = settings->server,
                                        .no_starts = settings->server,
                                        .failed = print_failure,
                                        .interrupted = canceled,
                                        .context = &file};
    ifm_buf text;
    ifm_buf_init(&text, PROMQLTEST_FILE_BYTES_MAX);
    bool ok = ifm_os_read_file(piped ? "/dev/stdin" : path, &text, err) &&
              promqltest_run(&options, text.data == NULL ? "" : text.data, text.size, counts, err);
    ifm_buf_deinit(&text);
    return ok;
}

/* A file that cannot be read does not keep the others from being run. */
static int test_run(const cmd_call *call, void *settings)
{
    promqltest_counts counts = {0};
    bool ok = true;
    for (int i = 0; i < call->argument_count; i++) {
        ifm_error err;
        if (test_run_file(call, settings, call->arguments[i], &counts, &err)) {
            continue;
        }
        cmd_fail(&err);
        ok = false;
        if (err.code == IFM_CANCELED) {
            return CMD_INTERRUPTED;
        }
    }
    printf("%zu passed, %zu failed\n", counts.passed, counts.failed);
    return ok && counts.failed == 0 ? CMD_OK : CMD_TROUBLE;
}

static const cmd_option test_options[] = {
    {OPTION_CHUNK_SAMPLES, "chunk-samples", "COUNT", NULL,
     "How many samples a chunk of the storage holds: results must not depend on it [120]."},
    {OPTION_NO_RERUNS, "no-reruns", NULL, NULL,
     "Run each query once, not also at other times with its selectors fixed by \"@\", and inside of ranges."},
    {OPTION_SERVER, "server-defaults", NULL, NULL,
     "Evaluate as a server does: no delayed name removal, no start timestamps. Prometheus's own files expect "
     "both."},
    {0}};

const cmd_command cmd_test_promql = {
    .name = "test promql",
    .arguments = "FILE...",
    .summary = "Runs files in Prometheus's test language for PromQL: load, eval, expect.",
    .description =
        "Each FILE loads series into memory, evaluates queries and says what is expected of them, in the "
        "language of Prometheus's package promqltest; \"-\" is the standard input. Each failure is a line: "
        "FILE:LINE: QUERY: what was expected, and what was got.\n"
        "Ends with 0 when all is well, and with 1 when something failed.",
    .options = test_options,
    .take = test_take,
    .settings_size = sizeof(test_settings),
    .run = test_run,
    .arguments_min = 1,
    .arguments_max = -1,
};

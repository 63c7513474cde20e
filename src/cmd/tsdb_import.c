/* SPDX-License-Identifier: Apache-2.0
 *
 * inferometer tsdb create-blocks-from openmetrics INPUT [FOLDER]: samples of a file become blocks.
 */
#include "base/base.h"
#include "cmd/all.h"
#include "cmd/tsdb.h"
#include "os/os.h"

#include <inttypes.h>
#include <stdio.h>

enum { OPTION_QUIET };

#define INPUT_BYTES_MAX (UINT64_C(16) << 30) /* it is held in memory */

typedef struct import_settings {
    bool quiet;
} import_settings;

static bool import_take(void *settings, int id, const char *value, ifm_error *err)
{
    import_settings *to = settings;
    (void)id;
    (void)value;
    (void)err;
    to->quiet = true;
    return true;
}

typedef struct import_run_state {
    cmd_tsdb_progress progress;
    size_t size; /* of the text */
    bool quiet;
    size_t blocks;
    uint64_t samples;
} import_run_state;

static bool import_progress(void *context, size_t bytes)
{
    import_run_state *run = context;
    return cmd_tsdb_progress_at(&run->progress, "bytes read", bytes, run->size);
}

static void import_block(void *context, const tsdb_block_info *info)
{
    import_run_state *run = context;
    run->blocks++;
    run->samples += info->samples;
    if (!run->quiet) {
        cmd_tsdb_progress_end(&run->progress);
        cmd_tsdb_print_block_head(run->blocks == 1);
        cmd_tsdb_print_block(info);
    }
}

static bool import_file(const cmd_call *call, import_run_state *run, ifm_error *err)
{
    const char *folder = call->argument_count > 1 ? call->arguments[1] : CMD_TSDB_FOLDER;
    const tsdb_import_options options = {
        .folder = folder, .progress = import_progress, .block = import_block, .context = run};
    ifm_buf text;
    ifm_buf_init(&text, INPUT_BYTES_MAX);
    bool ok = ifm_os_read_file(call->arguments[0], &text, err);
    if (ok) {
        run->size = text.size;
        ok = tsdb_import_openmetrics(&options, text.data == NULL ? "" : text.data, text.size, err) ||
             ifm_error_wrap(err, "could not import \"%.100s\"", call->arguments[0]);
    }
    ifm_buf_deinit(&text);
    return ok;
}

static int import_run(const cmd_call *call, void *settings)
{
    ifm_error err;
    import_run_state run = {.quiet = ((import_settings *)settings)->quiet};
    cmd_tsdb_progress_init(&run.progress, call);
    bool ok = import_file(call, &run, &err);
    cmd_tsdb_progress_end(&run.progress);
    if (ok && !run.quiet) {
        printf("%" PRIu64 " samples in %zu block(s)\n", run.samples, run.blocks);
    }
    return cmd_tsdb_end(ok, &err);
}

static const cmd_option import_options[] = {
    {OPTION_QUIET, "quiet", NULL, NULL, "Print nothing but what went wrong."}, {0}};

const cmd_command cmd_tsdb_import = {
    .name = "tsdb create-blocks-from openmetrics",
    .arguments = "INPUT [FOLDER]",
    .summary = "Puts the samples of an OpenMetrics file into a store.",
    .description =
        "INPUT is a text in OpenMetrics of which each sample has its time, in any order; FOLDER is that of "
        "the "
        "store [data], which is made when it is missing, and which no monitor may have open meanwhile. "
        "Samples "
        "that are older than what a monitor keeps (--storage.tsdb.retention.time) go when it starts.\n"
        "Ends with 1, and says where, when a line cannot be read; then nothing is written.",
    .options = import_options,
    .take = import_take,
    .settings_size = sizeof(import_settings),
    .run = import_run,
    .arguments_min = 1,
    .arguments_max = 2,
};

/* SPDX-License-Identifier: Apache-2.0
 *
 * inferometer tsdb list [FOLDER]: the blocks of a store, and whether they are whole.
 */
#include "base/base.h"
#include "cmd/all.h"
#include "cmd/tsdb.h"

#include <inttypes.h>
#include <stdio.h>

enum { OPTION_VERIFY };

enum { LIST_BYTES_MAX = 64 * 1024 * 1024 /* a hundred thousand blocks */ };

typedef struct list_settings {
    bool verify;
} list_settings;

static bool list_take(void *settings, int id, const char *value, ifm_error *err)
{
    list_settings *to = settings;
    (void)id;
    (void)value;
    (void)err;
    to->verify = true;
    return true;
}

void cmd_tsdb_print_block_head(bool first)
{
    if (first) {
        printf("%-34s %-25s %-25s %10s %12s %9s %5s %10s\n", "BLOCK", "FROM", "TO", "DURATION", "SAMPLES",
               "SERIES", "LEVEL", "SIZE");
    }
}

void cmd_tsdb_print_block(const tsdb_block_info *info)
{
    char from[CMD_TSDB_TEXT_SIZE];
    char to[CMD_TSDB_TEXT_SIZE];
    char duration[CMD_TSDB_TEXT_SIZE];
    char size[CMD_TSDB_TEXT_SIZE];
    cmd_tsdb_print_time(info->min_ms, from);
    cmd_tsdb_print_time(info->max_ms, to);
    cmd_tsdb_print_duration(info->max_ms - info->min_ms, duration);
    cmd_tsdb_print_bytes(info->bytes, size);
    printf("%-34s %-25s %-25s %10s %12" PRIu64 " %9" PRIu32 " %5" PRIu32 " %10s\n", info->name, from, to,
           duration, info->samples, info->series, info->level, size);
}

/* What is read of each series; what is damaged is an error. */
static bool count_samples(void *context, model_labels labels, const storage_samples *samples, ifm_error *err)
{
    uint64_t *count = context;
    (void)labels;
    (void)err;
    *count += samples->count;
    return true;
}

static bool list_print(const cmd_call *call, const list_settings *settings, ifm_error *err)
{
    const tsdb_block_info *blocks = NULL;
    size_t count = 0;
    uint64_t samples = 0;
    tsdb_stats stats;
    ifm_bump arena;
    tsdb_copy *copy = cmd_tsdb_open(call, err);
    if (copy == NULL) {
        return false;
    }
    tsdb *db = tsdb_copy_store(copy);
    ifm_bump_init(&arena, LIST_BYTES_MAX);
    bool ok = tsdb_blocks_list(db, &arena, &blocks, &count, err);
    for (size_t i = 0; ok && i < count; i++) {
        cmd_tsdb_print_block_head(i == 0);
        cmd_tsdb_print_block(&blocks[i]);
    }
    tsdb_stats_now(db, &stats);
    if (ok) {
        printf("%zu block(s), %" PRIu64 " samples in the log\n", count, stats.head_samples);
    }
    if (ok && settings->verify) {
        const cmd_tsdb_settings all = {.match_count = 0};
        ok = cmd_tsdb_visit(db, call, &all, count_samples, &samples, err);
    }
    ok = ok && cmd_tsdb_is_whole(db, err);
    if (ok && settings->verify) {
        printf("all %" PRIu64 " samples can be read\n", samples);
    }
    ifm_bump_deinit(&arena);
    tsdb_copy_close(copy);
    return ok;
}

static int list_run(const cmd_call *call, void *settings)
{
    ifm_error err;
    return cmd_tsdb_end(list_print(call, settings, &err), &err);
}

static const cmd_option list_options[] = {
    {OPTION_VERIFY, "verify", NULL, NULL,
     "Read every sample as well, and say whether all of them can be read."},
    {0}};

const cmd_command cmd_tsdb_list = {
    .name = "tsdb list",
    .arguments = "[FOLDER]",
    .summary = "Lists the blocks of a store; with --verify, reads all of it.",
    .description =
        "FOLDER is that of the store [data]; a monitor may have it open, and is not disturbed. Times are "
        "UTC.\n"
        "Ends with 1 when something is damaged, or cannot be read.",
    .options = list_options,
    .take = list_take,
    .settings_size = sizeof(list_settings),
    .run = list_run,
    .arguments_max = 1,
};

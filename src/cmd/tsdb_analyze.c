/* SPDX-License-Identifier: Apache-2.0
 *
 * inferometer tsdb analyze [FOLDER]: what a store is full of.
 */
#include "base/base.h"
#include "cmd/all.h"
#include "cmd/tsdb.h"
#include "cmd/tsdb_tally.h"
#include "cmd/values.h"

#include <inttypes.h>
#include <stdio.h>

enum { OPTION_LIMIT, OPTION_MATCH };

enum { LIMIT_DEFAULT = 20, LIMIT_MAX = 1000 * 1000 };

enum {
    ANALYZE_BYTES_MAX = 2000 * 1024 * 1024, /* texts of some ten million label pairs */
    PAIR_BYTES_MAX = 16 * 1024 * 1024
};

typedef struct analyze_settings {
    cmd_tsdb_settings series;
    int limit; /* 0: LIMIT_DEFAULT */
} analyze_settings;

static bool analyze_take(void *settings, int id, const char *value, ifm_error *err)
{
    analyze_settings *to = settings;
    if (id == OPTION_LIMIT) {
        return cmd_whole(value, 1, LIMIT_MAX, &to->limit, err);
    }
    return cmd_tsdb_take_match(&to->series, value, err);
}

/* One series: what counts for churn is how much of the time it was not there. */
typedef struct analyze {
    ifm_bump arena;
    ifm_buf pair; /* "name=value" */
    int64_t min_ms, max_ms;
    uint64_t series, samples, histograms, pairs;
    cmd_tally metric_series, pair_series, name_series, name_values, name_bytes, pair_churn, name_churn;
} analyze;

static void analyze_label(analyze *to, const model_label *label, double missing)
{
    bool is_new = false;
    ifm_buf_clear(&to->pair);
    ifm_buf_append(&to->pair, label->name.data, label->name.size);
    ifm_buf_append_char(&to->pair, '=');
    ifm_buf_append(&to->pair, label->value.data, label->value.size);
    model_text pair = {to->pair.data, to->pair.size};
    cmd_tally_add(&to->pair_series, pair, 1, &is_new);
    cmd_tally_add(&to->pair_churn, pair, missing, NULL);
    cmd_tally_add(&to->name_series, label->name, 1, NULL);
    cmd_tally_add(&to->name_churn, label->name, missing, NULL);
    if (is_new) {
        cmd_tally_add(&to->name_values, label->name, 1, NULL);
        cmd_tally_add(&to->name_bytes, label->name, (double)label->value.size, NULL);
    }
    if (model_text_equal(label->name, model_text_of(MODEL_NAME_LABEL))) {
        cmd_tally_add(&to->metric_series, label->value, 1, NULL);
    }
}

static bool analyze_series(void *context, model_labels labels, const storage_samples *samples, ifm_error *err)
{
    analyze *to = context;
    double all_ms = (double)to->max_ms - (double)to->min_ms;
    double its_ms = (double)samples->times_ms[samples->count - 1] - (double)samples->times_ms[0];
    to->series++;
    to->samples += samples->count;
    to->pairs += labels.count;
    for (size_t i = 0; samples->histograms != NULL && i < samples->count; i++) {
        to->histograms += samples->histograms[i] != NULL;
    }
    for (size_t i = 0; i < labels.count; i++) {
        analyze_label(to, &labels.items[i], all_ms > 0 ? 1 - its_ms / all_ms : 0);
    }
    return ifm_bump_check(&to->arena, err) && ifm_buf_check(&to->pair, err);
}

static void print_lists(analyze *of, size_t limit)
{
    const struct {
        const char *title;
        cmd_tally *tally;
    } lists[] = {
        {"Metrics with the most series", &of->metric_series},
        {"Labels with the most values", &of->name_values},
        {"Labels with the most bytes of values", &of->name_bytes},
        {"Label pairs of the most series", &of->pair_series},
        {"Labels of the most churn (series, weighed by how much of the time they were not there)",
         &of->name_churn},
        {"Label pairs of the most churn", &of->pair_churn},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(lists); i++) {
        printf("\n%s:\n", lists[i].title);
        cmd_tally_print(lists[i].tally, limit);
    }
}

static void print_totals(const analyze *of, const tsdb_stats *stats)
{
    char text[CMD_TSDB_TEXT_SIZE];
    char more[CMD_TSDB_TEXT_SIZE];
    cmd_tsdb_print_bytes(stats->block_bytes, text);
    cmd_tsdb_print_bytes(stats->log_bytes, more);
    printf("Blocks:       %" PRIu32 ", %s; log: %s\n", stats->blocks, text, more);
    if (of->series > 0) {
        cmd_tsdb_print_time(of->min_ms, text);
        cmd_tsdb_print_time(of->max_ms, more);
        printf("Time:         from %s to %s\n", text, more);
        cmd_tsdb_print_duration(of->max_ms - of->min_ms, text);
        printf("Duration:     %s\n", text);
    }
    printf("Series:       %" PRIu64 "\n", of->series);
    printf("Samples:      %" PRIu64 ", of these native histograms: %" PRIu64 "\n", of->samples,
           of->histograms);
    uint64_t in_blocks = of->samples > stats->head_samples ? of->samples - stats->head_samples : 0;
    if (in_blocks > 0) {
        printf("Bytes:        %.2f per sample in blocks\n", (double)stats->block_bytes / (double)in_blocks);
    }
    printf("Label names:  %zu\n", of->name_series.count);
    printf("Label pairs:  %zu, of all series together: %" PRIu64 "\n", of->pair_series.count, of->pairs);
    if (stats->damages > 0) {
        printf("Damaged:      %" PRIu64 " part(s) that cannot be read\n", stats->damages);
    }
}

static bool analyze_store(tsdb *db, const cmd_call *call, const analyze_settings *settings, ifm_error *err)
{
    tsdb_stats stats;
    tsdb_stats_now(db, &stats);
    analyze to = {.min_ms = stats.min_ms, .max_ms = stats.head_max_ms};
    cmd_tally *tallies[] = {&to.metric_series, &to.pair_series, &to.name_series, &to.name_values,
                            &to.name_bytes,    &to.pair_churn,  &to.name_churn};
    for (size_t i = 0; i < IFM_COUNT_OF(tallies); i++) {
        tallies[i]->arena = &to.arena;
    }
    ifm_bump_init(&to.arena, ANALYZE_BYTES_MAX);
    ifm_buf_init(&to.pair, PAIR_BYTES_MAX);
    const tsdb_block_info *blocks = NULL;
    size_t count = 0;
    bool ok = tsdb_blocks_list(db, &to.arena, &blocks, &count, err);
    for (size_t i = 0; ok && i < count; i++) {
        to.max_ms = blocks[i].max_ms > to.max_ms ? blocks[i].max_ms : to.max_ms;
        to.min_ms = blocks[i].min_ms < to.min_ms ? blocks[i].min_ms : to.min_ms;
    }
    ok = ok && cmd_tsdb_visit(db, call, &settings->series, analyze_series, &to, err);
    if (ok) {
        print_totals(&to, &stats);
        print_lists(&to, settings->limit == 0 ? LIMIT_DEFAULT : (size_t)settings->limit);
    }
    ifm_buf_deinit(&to.pair);
    ifm_bump_deinit(&to.arena);
    return ok;
}

static int analyze_run(const cmd_call *call, void *settings)
{
    ifm_error err;
    tsdb_copy *copy = cmd_tsdb_open(call, &err);
    bool ok = copy != NULL && analyze_store(tsdb_copy_store(copy), call, settings, &err);
    tsdb_copy_close(copy);
    return cmd_tsdb_end(ok, &err);
}

static const cmd_option analyze_options[] = {
    {OPTION_LIMIT, "limit", "COUNT", NULL, "How many lines each list has [20]."},
    {OPTION_MATCH, "match", "SELECTOR", NULL,
     "Only series that this selector matches; may be given again for more series [all]."},
    {0}};

const cmd_command cmd_tsdb_analyze = {
    .name = "tsdb analyze",
    .arguments = "[FOLDER]",
    .summary = "Says what a store is full of: series, labels, churn, bytes.",
    .description =
        "FOLDER is that of the store [data]; a monitor may have it open, and is not disturbed. All "
        "samples are read.",
    .options = analyze_options,
    .take = analyze_take,
    .settings_size = sizeof(analyze_settings),
    .run = analyze_run,
    .arguments_max = 1,
};

/* SPDX-License-Identifier: Apache-2.0
 *
 * Blocks are written day by day (UTC), so that retention can delete them one by one; and series by series,
 * sorted by labels, as a block wants them.
 */
#include "tsdb/import.h"

#include "tsdb/tsdb_impl.h"

#include <inferometer/registry.h>

enum { DAY_MS = 24 * 3600 * 1000 };

/* The blocks that are written. */
typedef struct import {
    const tsdb_import_options *options;
    const tsdb_import_data *data;
    tsdb *db;        /* ours while we write */
    uint32_t *order; /* of the series, as they pack best */
    size_t *at;      /* of each series: its first sample that is not written */
} import;

static int64_t day_of(int64_t time_ms)
{
    return time_ms / DAY_MS - (time_ms % DAY_MS < 0);
}

/* The first day of which something is left; false when all is written. */
static bool day_next(const import *of, int64_t *day)
{
    bool found = false;
    for (size_t i = 0; i < of->data->count; i++) {
        const tsdb_import_series *series = of->data->series[i];
        if (of->at[i] < series->count) {
            int64_t its = day_of(series->times_ms[of->at[i]]);
            *day = !found || its < *day ? its : *day;
            found = true;
        }
    }
    return found;
}

static bool series_write(import *of, size_t index, int64_t day, tsdb_block_writer *writer, ifm_error *err)
{
    const tsdb_import_series *series = of->data->series[index];
    size_t first = of->at[index];
    size_t end = first;
    while (end < series->count && day_of(series->times_ms[end]) == day) {
        end++;
    }
    of->at[index] = end;
    const tsdb_column column = {series->times_ms, series->count, series->column};
    const tsdb_run run = {
        .column = &column, .first = first, .count = end - first, .values = series->values + first};
    return first == end || tsdb_block_writer_add(writer, series->labels, &run, 1, err);
}

static bool day_write(import *of, int64_t day, ifm_error *err)
{
    const tsdb_block_writer_options options = {.files = of->db->options.files,
                                               .folder = of->db->blocks_folder,
                                               .sequence = tsdb_blocks_next_sequence(of->db->blocks),
                                               .cold = true};
    tsdb_block_info info;
    tsdb_block_writer *writer = tsdb_block_writer_open(&options, err);
    if (writer == NULL) {
        return false;
    }
    for (size_t i = 0; i < of->data->count; i++) {
        if (!series_write(of, of->order[i], day, writer, err)) {
            tsdb_block_writer_abort(writer);
            return false;
        }
    }
    tsdb_source *block = tsdb_block_writer_commit(writer, &info, err)
                             ? tsdb_blocks_load(of->db->blocks, info.name, err)
                             : NULL;
    if (block == NULL || !tsdb_blocks_add(of->db->blocks, block, err)) {
        return false;
    }
    if (of->options->block != NULL) {
        of->options->block(of->options->context, &info);
    }
    return true;
}

static bool order_series(import *of, ifm_error *err)
{
    size_t count = of->data->count;
    model_labels *labels = ifm_alloc_zero(count, sizeof *labels);
    of->order = ifm_alloc_zero(count, sizeof *of->order);
    of->at = ifm_alloc_zero(count, sizeof *of->at);
    bool ok = (labels != NULL && of->order != NULL && of->at != NULL) || ifm_error_nomem(err);
    for (size_t i = 0; ok && i < count; i++) {
        labels[i] = of->data->series[i]->labels;
    }
    ok = ok && tsdb_block_order(labels, count, of->order, err);
    ifm_free(labels);
    return ok;
}

/* The store is opened, so that nobody else writes to it, but nothing is appended. */
static bool import_write(import *of, ifm_error *err)
{
    const tsdb_options options = {.folder = of->options->folder,
                                  .files = of->options->files,
                                  .retention_ms = INT64_MAX / 4, /* that is the monitor's business */
                                  .no_threads = true};
    bool ok = order_series(of, err) && tsdb_open(&options, &of->db, err);
    for (int64_t day = 0; ok && day_next(of, &day);) {
        ok = day_write(of, day, err);
    }
    tsdb_close(of->db);
    ifm_free(of->order);
    ifm_free(of->at);
    return ok;
}

bool tsdb_import_openmetrics(const tsdb_import_options *options, const char *text, size_t size,
                             ifm_error *err)
{
    tsdb_import_data data;
    tsdb_import_init(&data);
import of = {.options = options, .data = & data };
    bool ok = tsdb_import_parse(&data, options, text, size, err) && tsdb_import_sort(&data, err) &&
              (data.count == 0 || import_write(&of, err));
    tsdb_import_deinit(&data);
    return ok;
}

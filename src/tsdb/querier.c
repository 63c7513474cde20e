/* SPDX-License-Identifier: Apache-2.0
 *
 * The interface of storage.h over a view.
 */
#include "tsdb/querier.h"

#include <inferometer/registry.h>

typedef struct querier {
    storage_querier base;
    void (*release)(tsdb_view *view);
    tsdb_view view;
    tsdb_reader **readers; /* one for each source, opened when it is first read */
} querier;

static bool querier_select(storage_querier *base, const model_matcher *matchers, size_t count,
                           const storage_hints *hints, ifm_bump *arena, const storage_series **out,
                           size_t *out_count, ifm_error *err)
{
    querier *q = (querier *)base;
    tsdb_range range = {hints->start_ms, hints->end_ms};
    const tsdb_merged *merged = NULL;
    size_t found = 0;
    if (!tsdb_view_select(&q->view, matchers, count, range, arena, &merged, &found, err)) {
        return false;
    }
    storage_series *series = ifm_bump_alloc_array(arena, found, sizeof *series);
    if (series == NULL) {
        return ifm_bump_check(arena, err);
    }
    for (size_t i = 0; i < found; i++) {
        series[i] = (storage_series){merged[i].labels, merged[i].first};
    }
    *out = series;
    *out_count = found;
    return true;
}

static bool part_read(querier *q, const tsdb_part *part, tsdb_range range, ifm_bump *arena,
                      const tsdb_run **runs, size_t *count, ifm_error *err)
{
    tsdb_source *source = q->view.sources[part->source];
    tsdb_reader **reader = &q->readers[part->source];
    if (*reader == NULL) {
        *reader = source->functions->reader_new(source, err);
    }
    return *reader != NULL && source->functions->read(*reader, part->handle, range.start_ms, range.end_ms,
                                                      arena, runs, count, err);
}

/* The runs of all parts in one array. */
static bool parts_read(querier *q, const tsdb_part *part, tsdb_range range, ifm_bump *arena,
                       const tsdb_run **out, size_t *out_count, ifm_error *err)
{
    if (part->next == NULL) {
        return part_read(q, part, range, arena, out, out_count, err);
    }
    tsdb_run *all = NULL;
    size_t all_count = 0;
    for (; part != NULL; part = part->next) {
        const tsdb_run *runs = NULL;
        size_t count = 0;
        if (!part_read(q, part, range, arena, &runs, &count, err)) {
            return false;
        }
        for (size_t i = 0; i < count; i++) {
            tsdb_run *grown = ifm_bump_grow(arena, all, all_count, sizeof *grown);
            if (grown == NULL) {
                return ifm_bump_check(arena, err);
            }
            all = grown;
            all[all_count++] = runs[i];
        }
    }
    *out = all;
    *out_count = all_count;
    return true;
}

static bool querier_read(storage_querier *base, const storage_series *series, int64_t start_ms,
                         int64_t end_ms, ifm_bump *arena, storage_samples *out, ifm_error *err)
{
    tsdb_range range = {start_ms, end_ms};
    const tsdb_run *runs = NULL;
    size_t count = 0;
    return parts_read((querier *)base, series->handle, range, arena, &runs, &count, err) &&
           tsdb_join(runs, count, range, arena, out, err);
}

static void querier_close(storage_querier *base)
{
    querier *q = (querier *)base;
    for (size_t i = 0; i < q->view.count; i++) {
        if (q->readers[i] != NULL) {
            q->view.sources[i]->functions->reader_free(q->readers[i]);
        }
    }
    q->release(&q->view);
    ifm_free(q->readers);
    ifm_free(q);
}

static const storage_querier_functions querier_functions = {querier_select, querier_read, querier_close};

static bool queries_querier(storage *from, int64_t start_ms, int64_t end_ms, storage_querier **out,
                            ifm_error *err)
{
    tsdb_queries *queries = (tsdb_queries *)from;
    tsdb_view view;
    if (!queries->views.acquire(queries->db, start_ms, end_ms, &view, err)) {
        return false;
    }
    querier *made = ifm_alloc_zero(1, sizeof *made);
    tsdb_reader **readers = ifm_alloc_zero(view.count, sizeof(tsdb_reader *));
    if (made == NULL || readers == NULL) {
        queries->views.release(&view);
        ifm_free(readers);
        ifm_free(made);
        return ifm_error_nomem(err);
    }
    *made = (querier){{&querier_functions}, queries->views.release, view, readers};
    *out = &made->base;
    return true;
}

static const storage_functions queries_functions = {queries_querier};

void tsdb_queries_init(tsdb_queries *queries, tsdb *db, tsdb_view_functions views)
{
    *queries = (tsdb_queries){{&queries_functions}, db, views};
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * Generations as sources: what readers see of them, without a lock. The invariants are those of head.h.
 */
#include "tsdb/head.h"
#include "tsdb/source.h"

#include <inferometer/registry.h>

struct tsdb_reader {
    head_generation *generation;
    uint32_t batch; /* the newest that it sees */
};

static const tsdb_source_functions generation_functions;

head_generation *head_generation_new(tsdb_index *index, ifm_error *err)
{
    head_generation *generation = ifm_alloc_zero(1, sizeof *generation);
    if (generation == NULL) {
        ifm_error_nomem(err);
        return NULL;
    }
    generation->base.functions = &generation_functions;
    atomic_init(&generation->base.references, 1);
    atomic_init(&generation->base.min_ms, INT64_MAX);
    atomic_init(&generation->base.max_ms, INT64_MIN);
    head_pages_init(&generation->heads, sizeof(head_segment *));
    tsdb_index_acquire(index);
    generation->index = index;
    generation->number = 1;
    return generation;
}

static void generation_release(tsdb_source *source)
{
    head_generation *generation = head_generation_of(source);
    /* acq_rel: whoever frees it sees what the others did before they let go. */
    if (atomic_fetch_sub_explicit(&source->references, 1, memory_order_acq_rel) != 1) {
        return;
    }
    head_arena_deinit(&generation->arena);
    head_pages_deinit(&generation->heads);
    tsdb_index_release(generation->index);
    ifm_free(generation);
}

uint32_t head_column_visible(const head_column *column, uint32_t batch)
{
    uint32_t count = atomic_load_explicit(&column->count, memory_order_acquire);
    if (count == 0) {
        return 0;
    }
    const head_rows *rows = atomic_load_explicit(&column->rows, memory_order_acquire);
    while (count > 0 && rows->batches[count - 1] > batch) { /* H4 */
        count--;
    }
    return count;
}

static bool generation_select(tsdb_source *source, const model_matcher *matchers, size_t count,
                              ifm_bump *arena, const tsdb_source_series **out, size_t *out_count,
                              ifm_error *err)
{
    head_generation *generation = head_generation_of(source);
    uint32_t *ids = NULL;
    size_t found = 0, kept = 0;
    if (!tsdb_index_select(generation->index, matchers, count, arena, &ids, &found, err)) {
        return false;
    }
    for (size_t i = 0; i < found; i++) {
        ids[kept] = ids[i];
        kept += head_newest(generation, ids[i]) != NULL;
    }
    uint32_t *scratch = ifm_bump_alloc_array(arena, kept, sizeof *scratch);
    tsdb_source_series *series = ifm_bump_alloc_array(arena, kept, sizeof *series);
    if (!ifm_bump_check(arena, err)) {
        return false;
    }
    tsdb_index_sort(generation->index, ids, scratch, kept);
    for (size_t i = 0; i < kept; i++) {
        series[i].labels = tsdb_index_labels_new(generation->index, ids[i], arena);
        series[i].handle = ids[i];
    }
    if (!ifm_bump_check(arena, err)) {
        return false;
    }
    *out = series;
    *out_count = kept;
    return true;
}

static tsdb_reader *generation_reader_new(tsdb_source *source, ifm_error *err)
{
    tsdb_reader *reader = ifm_alloc(sizeof *reader);
    if (reader == NULL) {
        ifm_error_nomem(err);
        return NULL;
    }
    reader->generation = head_generation_of(source);
    reader->batch = atomic_load_explicit(&reader->generation->batch, memory_order_acquire);
    return reader;
}

static void generation_reader_free(tsdb_reader *reader)
{
    ifm_free(reader);
}

/* What of a segment is to be seen: rows from..to of its column. */
typedef struct segment_part {
    const head_segment *segment;
    const head_rows *rows;
    uint32_t from, to, visible;
} segment_part;

/* Cut at both ends where samples are absent; `before` is the newer segment, at which it ends (H3). False when
 * there is nothing. */
static bool part_of(const head_segment *segment, const head_segment *before, uint32_t batch,
                    segment_part *part)
{
    part->segment = segment;
    part->visible = head_column_visible(segment->column, batch);
    part->from = segment->first;
    part->to = segment->first + HEAD_SEGMENT_VALUES;
    part->to = part->to > part->visible ? part->visible : part->to;
    if (before != NULL && before->column == segment->column && before->first < part->to) {
        part->to = before->first;
    }
    while (part->to > part->from && model_is_absent(segment->values[part->to - 1 - segment->first])) {
        part->to--;
    }
    while (part->from < part->to && model_is_absent(segment->values[part->from - segment->first])) {
        part->from++;
    }
    if (part->from >= part->to) {
        return false;
    }
    part->rows = atomic_load_explicit(&segment->column->rows, memory_order_acquire);
    return true;
}

static bool write_run(const segment_part *part, ifm_bump *arena, tsdb_run *run)
{
    const head_segment *segment = part->segment;
    tsdb_column *column = ifm_bump_alloc(arena, sizeof *column);
    if (column == NULL) {
        return false;
    }
    uint32_t skip = part->from - segment->first;
    *column = (tsdb_column){part->rows->times_ms, part->visible, segment->column->id};
    *run = (tsdb_run){.column = column,
                      .first = part->from,
                      .count = part->to - part->from,
                      .values = segment->values + skip};
    if (segment->sides != 0) {
        const head_sides *sides = (const head_sides *)(const void *)(segment + 1);
        run->histograms = sides->histograms == NULL ? NULL : sides->histograms + skip;
        run->starts_ms = sides->starts_ms == NULL ? NULL : sides->starts_ms + skip;
    }
    return true;
}

/* Newest first: a segment that is linked while this runs is not seen, nor are its rows. */
static bool generation_read(tsdb_reader *reader, uint64_t handle, int64_t start_ms, int64_t end_ms,
                            ifm_bump *arena, const tsdb_run **out, size_t *out_count, ifm_error *err)
{
    segment_part part;
    const head_segment *newest = head_newest(reader->generation, (uint32_t)handle), *before = NULL;
    size_t count = 0, at;
    for (const head_segment *s = newest; s != NULL; s = s->previous) {
        count++;
    }
    tsdb_run *runs = ifm_bump_alloc_array(arena, count, sizeof *runs);
    if (runs == NULL) {
        return ifm_bump_check(arena, err);
    }
    at = count;
    for (const head_segment *s = newest; s != NULL; before = s, s = s->previous) {
        if (!part_of(s, before, reader->batch, &part)) {
            continue;
        }
        if (part.rows->times_ms[part.to - 1] < start_ms) {
            break; /* H2: all others are older */
        }
        if (part.rows->times_ms[part.from] <= end_ms && !write_run(&part, arena, &runs[--at])) {
            return ifm_bump_check(arena, err);
        }
    }
    *out = runs + at;
    *out_count = count - at;
    return true;
}

static bool generation_label_names(tsdb_source *source, ifm_bump *arena, const model_text **out,
                                   size_t *count, ifm_error *err)
{
    return tsdb_index_names(head_generation_of(source)->index, arena, out, count, err);
}

static bool generation_label_values(tsdb_source *source, model_text name, ifm_bump *arena,
                                    const model_text **out, size_t *count, ifm_error *err)
{
    return tsdb_index_values(head_generation_of(source)->index, name, arena, out, count, err);
}

static const tsdb_source_functions generation_functions = {
    .release = generation_release,
    .select = generation_select,
    .reader_new = generation_reader_new,
    .reader_free = generation_reader_free,
    .read = generation_read,
    .label_names = generation_label_names,
    .label_values = generation_label_values,
};

/* SPDX-License-Identifier: Apache-2.0
 *
 * Q1 of querier.h. Runs are nearly always in order, as sources are; where they overlap (samples that were
 * imported, a generation that a crash left beside its block) they are sorted.
 */
#include "tsdb/querier.h"

#include <stdlib.h>

/* The part of a run that lies in the range. */
typedef struct join_piece {
    const int64_t *times_ms;
    const double *values;
    const model_histogram *const *histograms;
    const int64_t *starts_ms;
    size_t count;
} join_piece;

/* What is joined so far; `histograms` and `starts_ms` are NULL when no piece has any. */
typedef struct join_columns {
    size_t count;
    int64_t *times_ms;
    double *values;
    const model_histogram **histograms;
    int64_t *starts_ms;
} join_columns;

/* How many of times[0..count), which rise, are before `time_ms`. */
static size_t times_before(const int64_t *times, size_t count, int64_t time_ms)
{
    size_t low = 0;
    while (low < count) {
        size_t middle = low + (count - low) / 2;
        if (times[middle] < time_ms) {
            low = middle + 1;
        } else {
            count = middle;
        }
    }
    return low;
}

static join_piece piece_of(const tsdb_run *run, tsdb_range range)
{
    const int64_t *times = run->column->times_ms + run->first;
    size_t first = 0;
    size_t end = run->count;
    if (end > 0 && times[0] < range.start_ms) {
        first = times_before(times, end, range.start_ms);
    }
    if (end > 0 && times[end - 1] > range.end_ms) { /* so end_ms is not the largest number */
        end = times_before(times, end, range.end_ms + 1);
    }
    if (first >= end) {
        return (join_piece){.count = 0};
    }
    return (join_piece){.times_ms = times + first,
                        .values = run->values + first,
                        .histograms = run->histograms == NULL ? NULL : run->histograms + first,
                        .starts_ms = run->starts_ms == NULL ? NULL : run->starts_ms + first,
                        .count = end - first};
}

static bool piece_has_absent(const join_piece *piece)
{
    bool absent = false;
    for (size_t i = 0; i < piece->count; i++) { /* without a way out: it is done with vectors */
        absent |= model_is_absent(piece->values[i]);
    }
    return absent;
}

static void columns_add(join_columns *to, const join_piece *piece)
{
    for (size_t i = 0; i < piece->count; i++) {
        if (model_is_absent(piece->values[i])) {
            continue;
        }
        size_t at = to->count++;
        to->times_ms[at] = piece->times_ms[i];
        to->values[at] = piece->values[i];
        if (piece->histograms != NULL) {
            to->histograms[at] = piece->histograms[i];
        }
        if (piece->starts_ms != NULL) {
            to->starts_ms[at] = piece->starts_ms[i];
        }
    }
}

/* Which columns there are beside times and values. */
typedef struct join_kinds {
    bool histograms, starts;
} join_kinds;

static bool columns_init(join_columns *to, size_t room, join_kinds kinds, ifm_bump *arena, ifm_error *err)
{
    *to = (join_columns){.times_ms = ifm_bump_alloc_array(arena, room, sizeof *to->times_ms),
                         .values = ifm_bump_alloc_array(arena, room, sizeof *to->values)};
    if (kinds.histograms) {
        to->histograms = ifm_bump_alloc_array(arena, room, sizeof *to->histograms);
    }
    if (kinds.starts) {
        to->starts_ms = ifm_bump_alloc_array(arena, room, sizeof *to->starts_ms);
    }
    return ifm_bump_check(arena, err);
}

typedef struct join_place {
    int64_t time_ms;
    size_t index;
} join_place;

static int compare_places(const void *left, const void *right)
{
    const join_place *a = left;
    const join_place *b = right;
    if (a->time_ms != b->time_ms) {
        return a->time_ms < b->time_ms ? -1 : 1;
    }
    return a->index < b->index ? -1 : a->index > b->index;
}

/* Puts the columns in order and leaves out what is there twice. */
static bool columns_sort(join_columns *columns, ifm_bump *arena, ifm_error *err)
{
    join_columns sorted;
    join_kinds kinds = {columns->histograms != NULL, columns->starts_ms != NULL};
    join_place *places = ifm_bump_alloc_array(arena, columns->count, sizeof *places);
    if (places == NULL || !columns_init(&sorted, columns->count, kinds, arena, err)) {
        return ifm_bump_check(arena, err);
    }
    for (size_t i = 0; i < columns->count; i++) {
        places[i] = (join_place){columns->times_ms[i], i};
    }
    qsort(places, columns->count, sizeof *places, compare_places);
    for (size_t i = 0; i < columns->count; i++) {
        if (i > 0 && places[i].time_ms == places[i - 1].time_ms) {
            continue; /* Q1 */
        }
        size_t from = places[i].index;
        size_t to = sorted.count++;
        sorted.times_ms[to] = columns->times_ms[from];
        sorted.values[to] = columns->values[from];
        if (sorted.histograms != NULL) {
            sorted.histograms[to] = columns->histograms[from];
        }
        if (sorted.starts_ms != NULL) {
            sorted.starts_ms[to] = columns->starts_ms[from];
        }
    }
    *columns = sorted;
    return true;
}

static bool columns_in_order(const join_columns *columns)
{
    bool ok = true;
    for (size_t i = 1; i < columns->count; i++) {
        ok &= columns->times_ms[i - 1] < columns->times_ms[i];
    }
    return ok;
}

static bool join_pieces(const join_piece *pieces, size_t count, ifm_bump *arena, storage_samples *out,
                        ifm_error *err)
{
    join_columns columns;
    join_kinds kinds = {false, false};
    size_t room = 0;
    for (size_t i = 0; i < count; i++) {
        room += pieces[i].count;
        kinds.histograms |= pieces[i].histograms != NULL;
        kinds.starts |= pieces[i].starts_ms != NULL;
    }
    if (!columns_init(&columns, room, kinds, arena, err)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        columns_add(&columns, &pieces[i]);
    }
    if (!columns_in_order(&columns) && !columns_sort(&columns, arena, err)) {
        return false;
    }
    *out = (storage_samples){columns.count, columns.times_ms, columns.values, columns.histograms,
                             columns.starts_ms};
    return true;
}

bool tsdb_join(const tsdb_run *runs, size_t count, tsdb_range range, ifm_bump *arena, storage_samples *out,
               ifm_error *err)
{
    join_piece one = {.count = 0};
    join_piece *pieces = &one;
    size_t filled = 0;
    if (count > 1) {
        pieces = ifm_bump_alloc_array(arena, count, sizeof *pieces);
        if (pieces == NULL) {
            return ifm_bump_check(arena, err);
        }
    }
    for (size_t i = 0; i < count; i++) {
        pieces[filled] = piece_of(&runs[i], range);
        filled += pieces[filled].count > 0;
    }
    *out = (storage_samples){.count = 0};
    if (filled == 1 && !piece_has_absent(pieces)) {
        *out = (storage_samples){pieces->count, pieces->times_ms, pieces->values, pieces->histograms,
                                 pieces->starts_ms};
    } else if (filled > 0 && !join_pieces(pieces, filled, arena, out, err)) {
        return false;
    }
    return tsdb_hints_finish(out, arena, err);
}

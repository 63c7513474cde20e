/* SPDX-License-Identifier: Apache-2.0
 *
 * The series of all sources, each once: lists that are sorted by labels are merged two by two, so that a
 * series that is in n sources costs n - 1 comparisons.
 */
#include "tsdb/querier.h"

typedef struct select_list {
    tsdb_merged *items;
    size_t count;
} select_list;

/* The series of one source. */
static bool list_of(const tsdb_source_series *series, size_t count, size_t source, ifm_bump *arena,
                    select_list *out, ifm_error *err)
{
    tsdb_merged *items = ifm_bump_alloc_array(arena, count, sizeof *items);
    tsdb_part *parts = ifm_bump_alloc_array(arena, count, sizeof *parts);
    if (items == NULL || parts == NULL) {
        return ifm_bump_check(arena, err);
    }
    for (size_t i = 0; i < count; i++) {
        parts[i] = (tsdb_part){.handle = series[i].handle, .source = source};
        items[i] = (tsdb_merged){series[i].labels, &parts[i], &parts[i]};
    }
    *out = (select_list){items, count};
    return true;
}

/* Of the series in both lists, the parts of `older` come first. */
static bool lists_merge(select_list *older, const select_list *newer, ifm_bump *arena, ifm_error *err)
{
    size_t room = older->count + newer->count;
    tsdb_merged *items = ifm_bump_alloc_array(arena, room, sizeof *items);
    size_t a = 0;
    size_t b = 0;
    size_t count = 0;
    if (items == NULL) {
        return ifm_bump_check(arena, err);
    }
    while (a < older->count && b < newer->count) {
        int order = model_labels_compare(older->items[a].labels, newer->items[b].labels);
        items[count] = order <= 0 ? older->items[a++] : newer->items[b++];
        if (order == 0) {
            items[count].last->next = newer->items[b].first;
            items[count].last = newer->items[b++].last;
        }
        count++;
    }
    while (a < older->count) {
        items[count++] = older->items[a++];
    }
    while (b < newer->count) {
        items[count++] = newer->items[b++];
    }
    *older = (select_list){items, count};
    return true;
}

static bool lists_merge_all(select_list *lists, size_t count, ifm_bump *arena, ifm_error *err)
{
    for (size_t step = 1; step < count; step *= 2) { /* neighbours, so that the order of sources is kept */
        for (size_t i = 0; i + step < count; i += 2 * step) {
            if (lists[i].count == 0) {
                lists[i] = lists[i + step];
            } else if (lists[i + step].count > 0 && !lists_merge(&lists[i], &lists[i + step], arena, err)) {
                return false;
            }
        }
    }
    return true;
}

bool tsdb_view_select(const tsdb_view *view, const model_matcher *matchers, size_t count, tsdb_range range,
                      ifm_bump *arena, const tsdb_merged **out, size_t *out_count, ifm_error *err)
{
    select_list none = {NULL, 0};
    select_list *lists = ifm_bump_alloc_array(arena, view->count, sizeof *lists);
    if (lists == NULL) {
        return ifm_bump_check(arena, err);
    }
    for (size_t i = 0; i < view->count; i++) {
        tsdb_source *source = view->sources[i];
        const tsdb_source_series *series = NULL;
        size_t found = 0;
        if (tsdb_source_overlaps(source, range.start_ms, range.end_ms) &&
            (!source->functions->select(source, matchers, count, arena, &series, &found, err) ||
             !list_of(series, found, i, arena, &lists[i], err))) {
            return false;
        }
    }
    if (!lists_merge_all(lists, view->count, arena, err)) {
        return false;
    }
    const select_list *all = view->count == 0 ? &none : &lists[0];
    *out = all->items;
    *out_count = all->count;
    return true;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * Which names and values the series of the head have most of.
 */
#include "tsdb/index.h"

#include <stdlib.h>

static int more_first(const void *a, const void *b)
{
    const tsdb_cardinality_item *x = a, *y = b;
    if (x->count != y->count) {
        return x->count < y->count ? 1 : -1;
    }
    return model_text_compare(x->name, y->name);
}

static void keep_most(tsdb_cardinality_item *items, size_t *count, size_t limit)
{
    if (*count > 1) {
        qsort(items, *count, sizeof *items, more_first);
    }
    *count = *count > limit ? limit : *count;
}

/* "name=value" */
static model_text pair_text(const tsdb_index *index, const index_entry *value, ifm_bump *arena)
{
    const index_entry *name = index_entry_at(index, value->parent);
    size_t size = (size_t)name->size + 1 + value->size;
    char *text = ifm_bump_alloc(arena, size);
    if (text == NULL) {
        return (model_text){"", 0};
    }
    memcpy(text, name->text, name->size);
    text[name->size] = '=';
    memcpy(text + name->size + 1, value->text, value->size);
    return (model_text){text, size};
}

/* The pairs with most series; their texts are made when it is known which. */
static void count_pairs(const tsdb_index *index, uint32_t entries, size_t limit, ifm_bump *arena,
                        tsdb_cardinality *out)
{
    for (size_t i = 0; i < entries; i++) {
        const index_entry *entry = index_entry_at(index, (uint32_t)i);
        if (entry->parent == INDEX_NONE) {
            continue;
        }
        uint64_t count = index_postings_count(&entry->postings);
        size_t at = out->series_by_pair_count;
        if (at == limit && (limit == 0 || out->series_by_pair[at - 1].count >= count)) {
            continue;
        }
        at -= at == limit;
        for (; at > 0 && out->series_by_pair[at - 1].count < count; at--) {
            out->series_by_pair[at] = out->series_by_pair[at - 1];
        }
        out->series_by_pair[at] = (tsdb_cardinality_item){{(const char *)entry, 0}, count};
        out->series_by_pair_count += out->series_by_pair_count < limit;
    }
    for (size_t i = 0; i < out->series_by_pair_count; i++) {
        tsdb_cardinality_item *item = &out->series_by_pair[i];
        item->name = pair_text(index, (const index_entry *)(const void *)item->name.data, arena);
    }
}

/* Room for ids. */
typedef struct id_list {
    uint32_t *items;
    uint32_t room;
} id_list;

static void count_name(const tsdb_index *index, const index_entry *name, id_list ids, tsdb_cardinality *out)
{
    uint32_t count = index_postings_count(&name->postings);
    count = count > ids.room ? ids.room : count; /* more may have come since */
    uint64_t bytes = 0;
    bool metric = model_text_equal(index_text(name), model_text_of(MODEL_NAME_LABEL));
    tsdb_index_postings(&name->postings, ids.items, count);
    for (uint32_t i = 0; i < count; i++) {
        const index_entry *value = index_entry_at(index, ids.items[i]);
        uint32_t series = index_postings_count(&value->postings);
        bytes += (uint64_t)value->size * series;
        if (metric) {
            out->series_by_metric[out->series_by_metric_count++] =
                (tsdb_cardinality_item){index_text(value), series};
        }
    }
    out->values_by_label[out->values_by_label_count++] = (tsdb_cardinality_item){index_text(name), count};
    out->bytes_by_label[out->bytes_by_label_count++] = (tsdb_cardinality_item){index_text(name), bytes};
}

bool tsdb_index_cardinality(const tsdb_index *index, size_t limit, ifm_bump *arena, tsdb_cardinality *out,
                            ifm_error *err)
{
    uint32_t names = index_postings_count(&index->names);
    uint32_t entries = atomic_load_explicit(&index->entry_count, memory_order_acquire);
    limit = limit > entries ? entries : limit;
    *out = (tsdb_cardinality){0};
    uint32_t *name_ids = ifm_bump_alloc_array(arena, names, sizeof *name_ids);
    uint32_t *ids = ifm_bump_alloc_array(arena, entries, sizeof *ids);
    out->series_by_metric = ifm_bump_alloc_array(arena, entries, sizeof *out->series_by_metric);
    out->values_by_label = ifm_bump_alloc_array(arena, names, sizeof *out->values_by_label);
    out->bytes_by_label = ifm_bump_alloc_array(arena, names, sizeof *out->bytes_by_label);
    out->series_by_pair = ifm_bump_alloc_array(arena, limit + 1, sizeof *out->series_by_pair);
    if (!ifm_bump_check(arena, err)) {
        return false;
    }
    tsdb_index_postings(&index->names, name_ids, names);
    for (uint32_t i = 0; i < names; i++) {
        count_name(index, index_entry_at(index, name_ids[i]), (id_list){ids, entries}, out);
    }
    keep_most(out->series_by_metric, &out->series_by_metric_count, limit);
    keep_most(out->values_by_label, &out->values_by_label_count, limit);
    keep_most(out->bytes_by_label, &out->bytes_by_label_count, limit);
    count_pairs(index, entries, limit, arena, out);
    return ifm_bump_check(arena, err);
}

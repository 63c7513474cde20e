/* SPDX-License-Identifier: Apache-2.0 */
#include "tsdb/block_index.h"

#include <stdlib.h>
#include <xxhash.h>

/* A text that was seen; a pair of two of them. */
typedef struct builder_text {
    uint32_t at, size; /* in `texts` */
} builder_text;

typedef struct builder_pair {
    uint32_t name, value; /* texts */
} builder_pair;

/* Hash -> number + 1, open addressing; a power of two of places. */
typedef struct builder_table {
    uint32_t *places;
    uint32_t mask;
    uint32_t count;
} builder_table;

struct tsdb_index_builder {
    ifm_buf bytes;      /* of texts */
    ifm_buf texts;      /* builder_text */
    ifm_buf pairs;      /* builder_pair */
    ifm_buf series;     /* uint32_t pairs, in the order of a series' labels */
    ifm_buf series_end; /* uint32_t: where a series' pairs end, in items */
    builder_table text_table, pair_table;
};

enum { TABLE_PLACES_MIN = 1024 };

tsdb_index_builder *tsdb_index_builder_new(ifm_error *err)
{
    tsdb_index_builder *made = ifm_alloc_zero(1, sizeof *made);
    if (made == NULL) {
        ifm_error_nomem(err);
        return NULL;
    }
    ifm_buf *const bufs[] = {&made->bytes, &made->texts, &made->pairs, &made->series, &made->series_end};
    for (size_t i = 0; i < IFM_COUNT_OF(bufs); i++) {
        ifm_buf_init(bufs[i], TSDB_INDEX_BYTES_MAX);
    }
    return made;
}

void tsdb_index_builder_free(tsdb_index_builder *builder)
{
    if (builder == NULL) {
        return;
    }
    ifm_buf *const bufs[] = {&builder->bytes, &builder->texts, &builder->pairs, &builder->series,
                             &builder->series_end};
    for (size_t i = 0; i < IFM_COUNT_OF(bufs); i++) {
        ifm_buf_deinit(bufs[i]);
    }
    ifm_free(builder->text_table.places);
    ifm_free(builder->pair_table.places);
    ifm_free(builder);
}

/* ---- Tables ---- */

static uint64_t hash_text(const char *bytes, size_t size)
{
    return XXH3_64bits(bytes, size);
}

static model_text text_of(const tsdb_index_builder *builder, uint32_t number)
{
    const builder_text *text = (const builder_text *)(const void *)builder->texts.data + number;
    return (model_text){builder->bytes.data + text->at, text->size};
}

static const builder_pair *pair_of(const tsdb_index_builder *builder, uint32_t number)
{
    return (const builder_pair *)(const void *)builder->pairs.data + number;
}

static uint64_t hash_pair(const builder_pair *pair)
{
    uint64_t key = (uint64_t)pair->name << 32 | pair->value;
    return XXH3_64bits(&key, sizeof key);
}

static uint64_t hash_number(const tsdb_index_builder *builder, const builder_table *table, uint32_t number)
{
    if (table == &builder->pair_table) {
        return hash_pair(pair_of(builder, number));
    }
    model_text text = text_of(builder, number);
    return hash_text(text.data, text.size);
}

/* Twice as many places when half of them are taken. */
static bool table_reserve(tsdb_index_builder *builder, builder_table *table, ifm_error *err)
{
    if (table->places != NULL && table->count <= table->mask / 2) {
        return true;
    }
    uint32_t count = table->places == NULL ? TABLE_PLACES_MIN : (table->mask + 1) * 2;
    uint32_t *places = ifm_alloc_zero(count, sizeof *places);
    if (places == NULL) {
        return ifm_error_nomem(err);
    }
    for (uint32_t number = 0; number < table->count; number++) {
        uint32_t at = (uint32_t)hash_number(builder, table, number) & (count - 1);
        while (places[at] != 0) {
            at = (at + 1) & (count - 1);
        }
        places[at] = number + 1;
    }
    ifm_free(table->places);
    table->places = places;
    table->mask = count - 1;
    return true;
}

static bool intern_text(tsdb_index_builder *builder, model_text text, uint32_t *out, ifm_error *err)
{
    builder_table *table = &builder->text_table;
    if (!table_reserve(builder, table, err)) {
        return false;
    }
    uint32_t at = (uint32_t)hash_text(text.data, text.size) & table->mask;
    for (; table->places[at] != 0; at = (at + 1) & table->mask) {
        if (model_text_equal(text_of(builder, table->places[at] - 1), text)) {
            *out = table->places[at] - 1;
            return true;
        }
    }
    builder_text made = {(uint32_t)builder->bytes.size, (uint32_t)text.size};
    ifm_buf_append(&builder->bytes, text.data, text.size);
    ifm_buf_append(&builder->texts, &made, sizeof made);
    if (!ifm_buf_check(&builder->bytes, err) || !ifm_buf_check(&builder->texts, err)) {
        return false;
    }
    *out = table->count++;
    table->places[at] = *out + 1;
    return true;
}

static bool intern_pair(tsdb_index_builder *builder, const model_label *label, uint32_t *out, ifm_error *err)
{
    builder_pair made;
    builder_table *table = &builder->pair_table;
    if (!intern_text(builder, label->name, &made.name, err) ||
        !intern_text(builder, label->value, &made.value, err) || !table_reserve(builder, table, err)) {
        return false;
    }
    uint32_t at = (uint32_t)hash_pair(&made) & table->mask;
    for (; table->places[at] != 0; at = (at + 1) & table->mask) {
        const builder_pair *there = pair_of(builder, table->places[at] - 1);
        if (there->name == made.name && there->value == made.value) {
            *out = table->places[at] - 1;
            return true;
        }
    }
    ifm_buf_append(&builder->pairs, &made, sizeof made);
    if (!ifm_buf_check(&builder->pairs, err)) {
        return false;
    }
    *out = table->count++;
    table->places[at] = *out + 1;
    return true;
}

bool tsdb_index_builder_add(tsdb_index_builder *builder, model_labels labels, ifm_error *err)
{
    if (builder->series_end.size / sizeof(uint32_t) >= TSDB_BLOCK_SERIES_MAX) {
        return ifm_error_set(err, IFM_LIMIT, "a block has more than %d series", TSDB_BLOCK_SERIES_MAX);
    }
    size_t before = builder->series.size;
    for (size_t i = 0; i < labels.count; i++) {
        uint32_t pair;
        if (!intern_pair(builder, &labels.items[i], &pair, err)) {
            builder->series.size = before;
            return false;
        }
        ifm_buf_append(&builder->series, &pair, sizeof pair);
    }
    uint32_t end = (uint32_t)(builder->series.size / sizeof(uint32_t));
    ifm_buf_append(&builder->series_end, &end, sizeof end);
    return ifm_buf_check(&builder->series, err) && ifm_buf_check(&builder->series_end, err);
}

/* ---- Sorting ---- */

/* What qsort_r() compares by. */
typedef struct builder_order {
    const tsdb_index_builder *builder;
    const uint32_t *ranks; /* of pairs */
} builder_order;

static int compare_pairs(const void *left, const void *right, void *context)
{
    const tsdb_index_builder *builder = ((builder_order *)context)->builder;
    const builder_pair *a = pair_of(builder, *(const uint32_t *)left);
    const builder_pair *b = pair_of(builder, *(const uint32_t *)right);
    if (a->name != b->name) {
        return model_text_compare(text_of(builder, a->name), text_of(builder, b->name));
    }
    return a->value == b->value ? 0
                                : model_text_compare(text_of(builder, a->value), text_of(builder, b->value));
}

/* The pairs of a series. */
static const uint32_t *series_pairs(const tsdb_index_builder *builder, uint32_t series, size_t *count)
{
    const uint32_t *ends = (const uint32_t *)(const void *)builder->series_end.data;
    uint32_t first = series == 0 ? 0 : ends[series - 1];
    *count = ends[series] - first;
    return (const uint32_t *)(const void *)builder->series.data + first;
}

static int compare_series(const void *left, const void *right, void *context)
{
    const builder_order *order = context;
    size_t a_count;
    size_t b_count;
    const uint32_t *a = series_pairs(order->builder, *(const uint32_t *)left, &a_count);
    const uint32_t *b = series_pairs(order->builder, *(const uint32_t *)right, &b_count);
    for (size_t i = 0; i < a_count && i < b_count; i++) {
        if (a[i] != b[i]) {
            return order->ranks[a[i]] < order->ranks[b[i]] ? -1 : 1;
        }
    }
    return a_count < b_count ? -1 : a_count > b_count;
}

static void text_put(ifm_buf *out, model_text text)
{
    bytes_put_varint(out, text.size);
    ifm_buf_append(out, text.data, text.size);
}

/* Names, each with its values. */
static void pairs_write(const tsdb_index_builder *builder, const uint32_t *sorted, uint32_t count,
                        ifm_buf *out)
{
    uint32_t names = 0;
    for (uint32_t i = 0; i < count; i++) {
        names += i == 0 || pair_of(builder, sorted[i])->name != pair_of(builder, sorted[i - 1])->name;
    }
    bytes_put_varint(out, names);
    for (uint32_t first = 0, end = 0; first < count; first = end) {
        uint32_t name = pair_of(builder, sorted[first])->name;
        while (end < count && pair_of(builder, sorted[end])->name == name) {
            end++;
        }
        text_put(out, text_of(builder, name));
        bytes_put_varint(out, end - first);
        for (uint32_t i = first; i < end; i++) {
            text_put(out, text_of(builder, pair_of(builder, sorted[i])->value));
        }
    }
}

/* For each series how many pairs, the first one's number, and how far the next ones are; then all positions,
 * each by how far it is from the one behind the position before. */
static bool series_write(const tsdb_index_builder *builder, const uint32_t *ranks, const uint32_t *sorted,
                         uint32_t series_count, ifm_buf *out, ifm_error *err)
{
    builder_order order = {builder, ranks};
    bytes_put_varint(out, series_count);
    for (uint32_t i = 0; i < series_count; i++) {
        if (i > 0 && compare_series(&sorted[i - 1], &sorted[i], &order) == 0) {
            return ifm_error_set(err, IFM_INVALID, "a series was given to a block twice");
        }
        size_t count;
        const uint32_t *pairs = series_pairs(builder, sorted[i], &count);
        bytes_put_varint(out, count);
        uint32_t last = 0;
        for (size_t j = 0; j < count; j++) {
            bytes_put_varint(out, ranks[pairs[j]] - last);
            last = ranks[pairs[j]];
        }
    }
    for (uint32_t i = 0; i < series_count; i++) {
        bytes_put_signed(out, (int64_t)sorted[i] - (i == 0 ? 0 : (int64_t)sorted[i - 1] + 1));
    }
    return ifm_buf_check(out, err);
}

bool tsdb_index_builder_write(tsdb_index_builder *builder, ifm_buf *out, ifm_error *err)
{
    uint32_t pair_count = builder->pair_table.count;
    uint32_t series_count = (uint32_t)(builder->series_end.size / sizeof(uint32_t));
    uint32_t *numbers = ifm_alloc_zero(pair_count + series_count + 1, sizeof *numbers);
    uint32_t *ranks = ifm_alloc_zero(pair_count + 1, sizeof *ranks);
    bool ok = (numbers != NULL && ranks != NULL) || ifm_error_nomem(err);
    if (ok) {
        uint32_t *series = numbers + pair_count;
        builder_order order = {builder, ranks};
        for (uint32_t i = 0; i < pair_count; i++) {
            numbers[i] = i;
        }
        for (uint32_t i = 0; i < series_count; i++) {
            series[i] = i;
        }
        qsort_r(numbers, pair_count, sizeof *numbers, compare_pairs, &order);
        for (uint32_t i = 0; i < pair_count; i++) {
            ranks[numbers[i]] = i;
        }
        qsort_r(series, series_count, sizeof *series, compare_series, &order);
        pairs_write(builder, numbers, pair_count, out);
        ok = series_write(builder, ranks, series, series_count, out, err);
    }
    ifm_free(numbers);
    ifm_free(ranks);
    return ok;
}

void tsdb_index_places_write(const tsdb_block_batch *batches, size_t batch_count,
                             const tsdb_block_page *pages, size_t page_count, ifm_buf *out)
{
    bytes_put_varint(out, batch_count);
    for (size_t i = 0; i < batch_count; i++) {
        bytes_put_varint(out, batches[i].series_count);
        bytes_put_varint(out, batches[i].page_count);
    }
    bytes_put_varint(out, page_count);
    uint64_t end = 0;
    int64_t min_ms = 0;
    for (size_t i = 0; i < page_count; i++) {
        bytes_put_varint(out, pages[i].offset - end);
        bytes_put_varint(out, pages[i].size);
        bytes_put_signed(out, (int64_t)((uint64_t)pages[i].min_ms - (uint64_t)min_ms));
        bytes_put_varint(out, (uint64_t)pages[i].max_ms - (uint64_t)pages[i].min_ms);
        end = pages[i].offset + pages[i].size;
        min_ms = pages[i].min_ms;
    }
}

void tsdb_index_columns_write(const tsdb_block_column *columns, size_t count, ifm_buf *out)
{
    bytes_put_varint(out, count);
    uint64_t end = 0;
    for (size_t i = 0; i < count; i++) {
        bytes_put_varint(out, columns[i].offset - end);
        bytes_put_varint(out, columns[i].size);
        bytes_put_varint(out, columns[i].count);
        end = columns[i].offset + columns[i].size;
    }
}

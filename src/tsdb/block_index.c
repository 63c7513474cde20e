/* SPDX-License-Identifier: Apache-2.0 */
#include "tsdb/block_index.h"

/* ---- Loading ---- */

void tsdb_block_index_deinit(tsdb_block_index *index)
{
    ifm_free(index->bytes);
    ifm_free(index->names);
    ifm_free(index->pair_at);
    ifm_free(index->pair_postings);
    ifm_free(index->postings);
    ifm_free(index->series_at);
    ifm_free(index->positions);
    ifm_free(index->batches);
    ifm_free(index->pages);
    ifm_free(index->columns);
    *index = (tsdb_block_index){.bytes = NULL};
}

/* An array of a count that was read, where each item takes at least one byte of what is left. */
static void *items_new(bytes_cursor *from, uint32_t *count, size_t size, bool *nomem)
{
    *count = bytes_get_below(from, bytes_cursor_left(from) + 1);
    void *items = ifm_alloc_zero((size_t)*count + 1, size);
    *nomem = *nomem || items == NULL;
    return items;
}

static model_text text_get(bytes_cursor *from)
{
    uint64_t size = bytes_get_varint(from);
    const uint8_t *bytes = bytes_get_bytes(from, size);
    return (model_text){(const char *)bytes, bytes == NULL ? 0 : size};
}

/* Walks over the values twice: to count, and to note where they are. */
static void names_load(tsdb_block_index *index, bytes_cursor *from, bool *nomem)
{
    index->names = items_new(from, &index->name_count, sizeof *index->names, nomem);
    if (*nomem) {
        return;
    }
    bytes_cursor again = *from;
    uint64_t pairs = 0;
    for (uint32_t i = 0; i < index->name_count && !from->failed; i++) {
        index->names[i].text = text_get(from);
        index->names[i].first_pair = (uint32_t)pairs;
        index->names[i].pair_count = bytes_get_below(from, bytes_cursor_left(from) + 1);
        pairs += index->names[i].pair_count;
        for (uint32_t j = 0; j < index->names[i].pair_count && !from->failed; j++) {
            text_get(from);
        }
        bool sorted = i == 0 || model_text_compare(index->names[i - 1].text, index->names[i].text) < 0;
        if (!sorted) {
            from->failed = true;
        }
    }
    if (from->failed) {
        return;
    }
    index->pair_count = (uint32_t)pairs;
    index->pair_at = ifm_alloc_zero(pairs + 1, sizeof *index->pair_at);
    *nomem = index->pair_at == NULL;
    uint32_t pair = 0;
    for (uint32_t i = 0; i < index->name_count && !*nomem; i++) {
        text_get(&again);
        bytes_get_varint(&again);
        for (uint32_t j = 0; j < index->names[i].pair_count; j++) {
            index->pair_at[pair++] = (uint32_t)(again.at - (const uint8_t *)index->bytes);
            text_get(&again);
        }
    }
}

static void series_load(tsdb_block_index *index, bytes_cursor *from, bool *nomem)
{
    index->series_at = items_new(from, &index->series_count, sizeof *index->series_at, nomem);
    index->positions = ifm_alloc_zero((size_t)index->series_count + 1, sizeof *index->positions);
    index->pair_postings = ifm_alloc_zero((size_t)index->pair_count + 2, sizeof *index->pair_postings);
    *nomem = *nomem || index->positions == NULL || index->pair_postings == NULL;
    for (uint32_t i = 0; i < index->series_count && !*nomem && !from->failed; i++) {
        index->series_at[i] = (uint32_t)(from->at - (const uint8_t *)index->bytes);
        uint32_t count = bytes_get_below(from, bytes_cursor_left(from) + 1);
        uint64_t pair = 0;
        for (uint32_t j = 0; j < count && !from->failed; j++) {
            uint64_t step = bytes_get_varint(from);
            pair += step;
            if (pair >= index->pair_count || step >= index->pair_count || (j > 0 && step == 0)) { /* I1 */
                from->failed = true;
                return;
            }
            index->pair_postings[pair + 2]++;
        }
    }
    int64_t position = -1;
    for (uint32_t i = 0; i < index->series_count && !*nomem && !from->failed; i++) {
        position = (int64_t)((uint64_t)position + 1 + (uint64_t)bytes_get_signed(from));
        if (position < 0 || position >= index->series_count) {
            from->failed = true;
            return;
        }
        index->positions[i] = (uint32_t)position;
    }
}

/* Counts are at pair + 2; they become where the next one goes, at pair + 1, and at last where it begins. */
static void postings_make(tsdb_block_index *index, bool *nomem)
{
    for (uint32_t i = 2; i <= index->pair_count + 1; i++) {
        index->pair_postings[i] += index->pair_postings[i - 1];
    }
    size_t total = index->pair_postings[index->pair_count + 1];
    index->postings = ifm_alloc((total + 1) * sizeof *index->postings);
    if (index->postings == NULL) {
        *nomem = true;
        return;
    }
    bytes_cursor from = {NULL, (const uint8_t *)index->bytes + index->size, false};
    for (uint32_t i = 0; i < index->series_count; i++) {
        from.at = (const uint8_t *)index->bytes + index->series_at[i];
        uint64_t count = bytes_get_varint(&from);
        uint32_t pair = 0;
        for (uint64_t j = 0; j < count; j++) {
            pair += (uint32_t)bytes_get_varint(&from);
            index->postings[index->pair_postings[pair + 1]++] = i;
        }
    }
}

static void places_load(tsdb_block_index *index, bytes_cursor *from, bool *nomem)
{
    index->batches = items_new(from, &index->batch_count, sizeof *index->batches, nomem);
    uint64_t series = 0;
    uint64_t pages = 0;
    for (uint32_t i = 0; i < index->batch_count && !*nomem; i++) {
        tsdb_block_batch *batch = &index->batches[i];
        batch->first_series = (uint32_t)series;
        batch->first_page = (uint32_t)pages;
        batch->series_count = bytes_get_below(from, TSDB_BLOCK_SERIES_MAX);
        batch->page_count = bytes_get_below(from, TSDB_BLOCK_SERIES_MAX);
        series += batch->series_count;
        pages += batch->page_count;
    }
    index->pages = items_new(from, &index->page_count, sizeof *index->pages, nomem);
    if (series != index->series_count || pages != index->page_count) {
        from->failed = true;
        return;
    }
    uint64_t end = 0;
    int64_t min_ms = 0;
    for (uint32_t i = 0; i < index->page_count && !*nomem; i++) {
        tsdb_block_page *page = &index->pages[i];
        page->offset = end + bytes_get_varint(from);
        page->size = bytes_get_below(from, UINT32_MAX);
        min_ms = (int64_t)((uint64_t)min_ms + (uint64_t)bytes_get_signed(from));
        page->min_ms = min_ms;
        page->max_ms = (int64_t)((uint64_t)min_ms + bytes_get_varint(from));
        end = page->offset + page->size;
    }
}

static void columns_load(tsdb_block_index *index, bytes_cursor *from, bool *nomem)
{
    index->columns = items_new(from, &index->column_count, sizeof *index->columns, nomem);
    uint64_t end = 0;
    for (uint32_t i = 0; i < index->column_count && !*nomem; i++) {
        tsdb_block_column *column = &index->columns[i];
        column->offset = end + bytes_get_varint(from);
        column->size = bytes_get_below(from, UINT32_MAX);
        column->count = bytes_get_below(from, TSDB_COLUMN_SAMPLES_MAX + 1);
        end = column->offset + column->size;
    }
}

bool tsdb_block_index_load(char *bytes, size_t size, tsdb_block_index *out, ifm_error *err)
{
    tsdb_block_index index = {.bytes = bytes, .size = size};
    bytes_cursor from = {(const uint8_t *)bytes, (const uint8_t *)bytes + size, false};
    bool nomem = false;
    names_load(&index, &from, &nomem);
    void (*const parts[])(tsdb_block_index *, bytes_cursor *, bool *) = {series_load, places_load,
                                                                         columns_load};
    for (size_t i = 0; i < IFM_COUNT_OF(parts) && !nomem && !from.failed; i++) {
        parts[i](&index, &from, &nomem);
    }
    if (!nomem && !from.failed) {
        postings_make(&index, &nomem);
    }
    if (nomem || from.failed) {
        tsdb_block_index_deinit(&index);
        return nomem ? ifm_error_nomem(err) : ifm_error_set(err, IFM_INVALID, "the index is damaged");
    }
    *out = index;
    return true;
}

/* ---- Looking up ---- */

model_text tsdb_block_index_value(const tsdb_block_index *index, uint32_t pair)
{
    const uint8_t *bytes = (const uint8_t *)index->bytes;
    bytes_cursor from = {bytes + index->pair_at[pair], bytes + index->size, false};
    return text_get(&from);
}

const tsdb_index_name *tsdb_block_index_name(const tsdb_block_index *index, model_text text)
{
    uint32_t low = 0;
    uint32_t high = index->name_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = model_text_compare(index->names[middle].text, text);
        if (order == 0) {
            return &index->names[middle];
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
}

const tsdb_block_batch *tsdb_block_index_batch(const tsdb_block_index *index, uint32_t position)
{
    uint32_t low = 0; /* the last batch that begins at or before it */
    uint32_t high = index->batch_count;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (index->batches[middle].first_series <= position) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return &index->batches[low];
}

/* The pair of a name and a value; pair_count when there is none. */
static uint32_t find_pair(const tsdb_block_index *index, const tsdb_index_name *name, model_text value)
{
    uint32_t low = name->first_pair;
    uint32_t high = low + name->pair_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = model_text_compare(tsdb_block_index_value(index, middle), value);
        if (order == 0) {
            return middle;
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return index->pair_count;
}

/* ---- Selecting: a bit for each series ---- */

static void bits_set(const tsdb_block_index *index, uint32_t pair, bool to, uint64_t *bits)
{
    const uint32_t *at = index->postings + (pair == 0 ? 0 : index->pair_postings[pair]);
    const uint32_t *end = index->postings + index->pair_postings[pair + 1];
    for (; at < end; at++) {
        uint64_t bit = UINT64_C(1) << (*at & 63);
        bits[*at >> 6] = to ? bits[*at >> 6] | bit : bits[*at >> 6] & ~bit;
    }
}

/* Series without the label have the empty value: when that matches, those of other values are taken out of
 * all; else those of the values that match are put in. */
static bool matcher_bits(const tsdb_block_index *index, const model_matcher *matcher, uint64_t *bits,
                         size_t words, ifm_error *err)
{
    ifm_error failure = {.code = IFM_OK};
    bool empty = model_matcher_matches(matcher, (model_text){"", 0}, &failure);
    memset(bits, empty ? 0xff : 0, words * sizeof *bits);
    const tsdb_index_name *name = tsdb_block_index_name(index, matcher->name);
    if (name == NULL || failure.code != IFM_OK) {
        *err = failure;
        return failure.code == IFM_OK;
    }
    bool one =
        (matcher->match == MODEL_EQUAL || matcher->match == MODEL_NOT_EQUAL) && matcher->value.size > 0;
    if (one) {
        uint32_t pair = find_pair(index, name, matcher->value);
        if (pair < index->pair_count) {
            bits_set(index, pair, !empty, bits);
        }
        return true;
    }
    for (uint32_t i = 0; i < name->pair_count; i++) {
        uint32_t pair = name->first_pair + i;
        bool matches = model_matcher_matches(matcher, tsdb_block_index_value(index, pair), &failure);
        if (failure.code != IFM_OK) {
            *err = failure;
            return false;
        }
        if (matches != empty) {
            bits_set(index, pair, matches, bits);
        }
    }
    return true;
}

static bool series_labels(const tsdb_block_index *index, uint32_t series, ifm_bump *arena, model_labels *out)
{
    const uint8_t *bytes = (const uint8_t *)index->bytes;
    bytes_cursor from = {bytes + index->series_at[series], bytes + index->size, false};
    size_t count = bytes_get_varint(&from);
    model_label *items = ifm_bump_alloc_array(arena, count, sizeof *items);
    if (items == NULL) {
        return false;
    }
    uint32_t pair = 0;
    const tsdb_index_name *name = index->names;
    for (size_t i = 0; i < count; i++) {
        pair += (uint32_t)bytes_get_varint(&from);
        while (pair >= name->first_pair + name->pair_count) {
            name++;
        }
        items[i] = (model_label){name->text, tsdb_block_index_value(index, pair)};
    }
    *out = (model_labels){items, count};
    return true;
}

static bool select_bits(const tsdb_block_index *index, const model_matcher *matchers, size_t count,
                        uint64_t *bits, ifm_error *err)
{
    size_t words = ((size_t)index->series_count + 63) / 64;
    memset(bits, 0xff, words * sizeof *bits);
    for (size_t i = 0; i < count; i++) {
        if (!matcher_bits(index, &matchers[i], bits + words, words, err)) {
            return false;
        }
        for (size_t j = 0; j < words; j++) {
            bits[j] &= bits[words + j];
        }
    }
    if (index->series_count % 64 != 0) {
        bits[words - 1] &= (UINT64_C(1) << (index->series_count % 64)) - 1;
    }
    return true;
}

bool tsdb_block_index_select(const tsdb_block_index *index, const model_matcher *matchers, size_t count,
                             ifm_bump *arena, const tsdb_source_series **out, size_t *out_count,
                             ifm_error *err)
{
    size_t words = ((size_t)index->series_count + 63) / 64;
    uint64_t *bits = ifm_alloc_zero(2 * words + 1, sizeof *bits);
    if (bits == NULL) {
        return ifm_error_nomem(err);
    }
    bool ok = select_bits(index, matchers, count, bits, err);
    size_t found = 0;
    for (size_t i = 0; i < words && ok; i++) {
        found += (size_t)__builtin_popcountll(bits[i]);
    }
    tsdb_source_series *made = ok ? ifm_bump_alloc_array(arena, found, sizeof *made) : NULL;
    size_t at = 0;
    for (size_t i = 0; i < words && made != NULL; i++) {
        for (uint64_t rest = bits[i]; rest != 0; rest &= rest - 1) {
            uint32_t series = (uint32_t)(i * 64 + (size_t)__builtin_ctzll(rest));
            made[at].handle = series;
            if (!series_labels(index, series, arena, &made[at++].labels)) {
                break;
            }
        }
    }
    ifm_free(bits);
    if (!ok || !ifm_bump_check(arena, err)) {
        return false;
    }
    *out = made;
    *out_count = found;
    return true;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "tsdb/import.h"

#include "exposition/exposition.h"
#include "tsdb/limits.h"

#include <inferometer/registry.h>

#include <stdlib.h>
#define XXH_INLINE_ALL /* nothing to link, as in model/labels.c */
#include <xxhash.h>

enum {
    TABLE_SIZE_MIN = 1024,
    PROGRESS_LINES = 65536 /* between two looks at the clock and at Ctrl-C: some 30 ms */
};

void tsdb_import_init(tsdb_import_data *data)
{
    *data = (tsdb_import_data){.count = 0};
    ifm_bump_init(&data->arena, TSDB_IMPORT_BYTES_MAX);
}

void tsdb_import_deinit(tsdb_import_data *data)
{
    ifm_bump_deinit(&data->arena);
}

/* ---- Series ---- */

static tsdb_import_series **table_slot(const tsdb_import_data *data, model_labels labels, uint64_t hash)
{
    size_t at = (size_t)hash & (data->table_size - 1);
    while (data->table[at] != NULL &&
           (data->table[at]->hash != hash || !model_labels_equal(data->table[at]->labels, labels))) {
        at = (at + 1) & (data->table_size - 1);
    }
    return &data->table[at];
}

static bool table_grow(tsdb_import_data *data)
{
    tsdb_import_data larger = *data;
    larger.table_size = data->table_size == 0 ? TABLE_SIZE_MIN : data->table_size * 2;
    larger.table = ifm_bump_alloc_array(&data->arena, larger.table_size, sizeof *larger.table);
    if (larger.table == NULL) {
        return false;
    }
    for (size_t i = 0; i < data->count; i++) {
        *table_slot(&larger, data->series[i]->labels, data->series[i]->hash) = data->series[i];
    }
    data->table = larger.table;
    data->table_size = larger.table_size;
    return true;
}

/* The series with these labels, which are copied when it is new; NULL without memory. */
static tsdb_import_series *series_find(tsdb_import_data *data, model_labels labels)
{
    if (data->count * 2 >= data->table_size && !table_grow(data)) {
        return NULL;
    }
    uint64_t hash = model_labels_hash(labels);
    tsdb_import_series **slot = table_slot(data, labels, hash);
    if (*slot != NULL) {
        return *slot;
    }
    tsdb_import_series *made = ifm_bump_alloc(&data->arena, sizeof *made);
    tsdb_import_series **all = ifm_bump_grow(&data->arena, data->series, data->count, sizeof(void *));
    if (made == NULL || all == NULL) {
        return NULL;
    }
    made->labels = model_labels_copy(labels, &data->arena);
    made->hash = hash;
    data->series = all;
    all[data->count++] = made;
    *slot = made;
    return data->arena.failed == IFM_OK ? made : NULL;
}

static model_text text_of(ifm_text text)
{
    return (model_text){text.data, text.size};
}

/* The labels of a line, in `scratch`. */
static bool entry_labels(const ifm_entry *entry, ifm_bump *scratch, model_labels *out, ifm_error *err)
{
    model_label *items = ifm_bump_alloc_array(scratch, entry->label_count + 1, sizeof *items);
    if (items == NULL) {
        return ifm_bump_check(scratch, err);
    }
    items[0] = (model_label){model_text_of(MODEL_NAME_LABEL), text_of(entry->name)};
    for (size_t i = 0; i < entry->label_count; i++) {
        items[i + 1] = (model_label){text_of(entry->labels[i].name), text_of(entry->labels[i].value)};
    }
    return model_labels_make(items, entry->label_count + 1, out, err);
}

/* ---- Samples ---- */

static bool series_add(tsdb_import_data *data, tsdb_import_series *series, int64_t time_ms, double value)
{
    int64_t *times = ifm_bump_grow(&data->arena, series->times_ms, series->count, sizeof *times);
    double *values = ifm_bump_grow(&data->arena, series->values, series->count, sizeof *values);
    if (times == NULL || values == NULL) {
        return false;
    }
    series->times_ms = times;
    series->values = values;
    series->unsorted |= series->count > 0 && times[series->count - 1] >= time_ms;
    times[series->count] = time_ms;
    values[series->count++] = model_is_absent(value) ? model_from_bits(MODEL_NAN_BITS) : value;
    data->samples++;
    return true;
}

static bool sample_take(tsdb_import_data *data, const ifm_entry *entry, ifm_bump *scratch, ifm_error *err)
{
    model_labels labels;
    if (!entry->time.present) {
        return ifm_error_set(err, IFM_INVALID, "line %zu: a sample of \"%.*s\" has no time", entry->line,
                             (int)(entry->name.size < 80 ? entry->name.size : 80), entry->name.data);
    }
    if (!entry_labels(entry, scratch, &labels, err)) {
        return ifm_error_wrap(err, "line %zu", entry->line);
    }
    tsdb_import_series *series = series_find(data, labels);
    return (series != NULL && series_add(data, series, entry->time.ms, entry->value)) ||
           ifm_bump_check(&data->arena, err);
}

static bool entries_read(tsdb_import_data *data, const tsdb_import_options *options, ifm_parser *parser,
                         ifm_error *err)
{
    ifm_entry entry = {.kind = IFM_ENTRY_END};
    ifm_bump scratch;
    bool ok = true;
    size_t told = 0;
    ifm_bump_init(&scratch, TSDB_IMPORT_LINE_BYTES_MAX);
    ifm_bump_mark empty = ifm_bump_mark_now(&scratch);
    do {
        ok = ifm_parser_next(parser, &entry, err);
        if (ok && entry.kind == IFM_ENTRY_SAMPLE) {
            ok = sample_take(data, &entry, &scratch, err);
            ifm_bump_rewind(&scratch, empty);
        }
        if (ok && entry.line >= told + PROGRESS_LINES && options->progress != NULL) {
            told = entry.line;
            ok = options->progress(options->context, entry.offset) ||
                 ifm_error_set(err, IFM_CANCELED, "the import was interrupted");
        }
    } while (ok && entry.kind != IFM_ENTRY_END);
    ifm_bump_deinit(&scratch);
    return ok;
}

bool tsdb_import_parse(tsdb_import_data *data, const tsdb_import_options *options, const char *text,
                       size_t size, ifm_error *err)
{
    ifm_parser *parser = ifm_parser_new(IFM_PARSE_OPENMETRICS, IFM_PARSE_LENIENT, err);
    if (parser == NULL) {
        return false;
    }
    ifm_parser_start(parser, text, size);
    bool ok = entries_read(data, options, parser, err);
    ifm_parser_free(parser);
    return ok;
}

/* ---- I1 ---- */

typedef struct import_sample {
    int64_t time_ms;
    size_t index; /* so that the order does not depend on qsort() */
    double value;
} import_sample;

static int compare_samples(const void *left, const void *right)
{
    const import_sample *a = left;
    const import_sample *b = right;
    if (a->time_ms != b->time_ms) {
        return a->time_ms < b->time_ms ? -1 : 1;
    }
    return a->index < b->index ? -1 : a->index > b->index;
}

static bool duplicate(const tsdb_import_series *series, int64_t time_ms, ifm_error *err)
{
    ifm_buf name;
    ifm_buf_init(&name, 160); /* what has room in a message */
    model_labels_print(series->labels, &name);
    ifm_error_set(err, IFM_INVALID, "there are two samples with other values at %lld of %.*s",
                  (long long)time_ms, (int)name.size, name.size == 0 ? "" : name.data);
    ifm_buf_deinit(&name);
    return false;
}

static bool series_put(tsdb_import_series *series, const import_sample *samples, ifm_error *err)
{
    size_t kept = 0;
    for (size_t i = 0; i < series->count; i++) {
        if (kept > 0 && series->times_ms[kept - 1] == samples[i].time_ms) {
            if (model_bits(series->values[kept - 1]) != model_bits(samples[i].value)) {
                return duplicate(series, samples[i].time_ms, err);
            }
            continue;
        }
        series->times_ms[kept] = samples[i].time_ms;
        series->values[kept++] = samples[i].value;
    }
    series->count = kept;
    return true;
}

static bool series_sort(tsdb_import_series *series, ifm_error *err)
{
    import_sample *samples = ifm_alloc_zero(series->count, sizeof *samples);
    if (samples == NULL) {
        return ifm_error_nomem(err);
    }
    for (size_t i = 0; i < series->count; i++) {
        samples[i] = (import_sample){series->times_ms[i], i, series->values[i]};
    }
    qsort(samples, series->count, sizeof *samples, compare_samples);
    bool ok = series_put(series, samples, err);
    ifm_free(samples);
    return ok;
}

static int compare_series(const void *left, const void *right)
{
    const tsdb_import_series *const *a = left;
    const tsdb_import_series *const *b = right;
    return model_labels_compare((*a)->labels, (*b)->labels);
}

static int compare_times(const void *left, const void *right)
{
    const tsdb_import_series *const *a = left;
    const tsdb_import_series *const *b = right;
    if ((*a)->column != (*b)->column) {
        return (*a)->column < (*b)->column ? -1 : 1;
    }
    return (*a)->count < (*b)->count ? -1 : (*a)->count > (*b)->count;
}

static bool same_times(const tsdb_import_series *a, const tsdb_import_series *b)
{
    return a->count == b->count && memcmp(a->times_ms, b->times_ms, a->count * sizeof *a->times_ms) == 0;
}

/* Series that were scraped together have the same times: they share one column. */
static void columns_share(tsdb_import_data *data)
{
    uint64_t number = 0;
    tsdb_import_series *first = NULL;
    uint64_t first_hash = 0;
    for (size_t i = 0; i < data->count; i++) {
        tsdb_import_series *series = data->series[i];
        series->column = XXH3_64bits(series->times_ms, series->count * sizeof *series->times_ms);
    }
    qsort(data->series, data->count, sizeof *data->series, compare_times);
    for (size_t i = 0; i < data->count; i++) {
        tsdb_import_series *series = data->series[i];
        if (first == NULL || first_hash != series->column || !same_times(first, series)) {
            first = series;
            first_hash = series->column;
            number++;
        }
        series->times_ms = first->times_ms;
        series->column = number;
    }
}

bool tsdb_import_sort(tsdb_import_data *data, ifm_error *err)
{
    if (data->count == 0) {
        return true;
    }
    for (size_t i = 0; i < data->count; i++) {
        if (data->series[i]->unsorted && !series_sort(data->series[i], err)) {
            return false;
        }
    }
    columns_share(data);
    qsort(data->series, data->count, sizeof *data->series, compare_series);
    return true;
}

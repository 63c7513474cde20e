/* SPDX-License-Identifier: Apache-2.0
 *
 * load_with_nhcb: what NAME_bucket, NAME_count and NAME_sum say becomes a native histogram NAME with custom
 * buckets beside them, at each time at which one of them has a sample.
 */
#include "promqltest/run.h"
#include "promqltest/text.h"

#include <math.h>
#include <stdlib.h>

typedef enum part { PART_BUCKET, PART_COUNT, PART_SUM, PART_NONE } part;

/* One sample of a classic series. */
typedef struct piece {
    size_t family; /* index of the labels of the histogram that it belongs to */
    size_t at;     /* index of the sample in its series */
    part part;
    double bound;
    double value;
} piece;

typedef struct piece_list {
    promqltest_run_state *run;
    piece *items;
    size_t count;
    model_labels *families;
    size_t family_count;
    ifm_error *err;
} piece_list;

static part part_of(model_text name, model_text *base)
{
    static const char *const suffixes[] = {"_bucket", "_count", "_sum"};
    for (size_t i = 0; i < IFM_COUNT_OF(suffixes); i++) {
        size_t size = strlen(suffixes[i]);
        if (name.size >= size && memcmp(name.data + name.size - size, suffixes[i], size) == 0) {
            *base = (model_text){name.data, name.size - size};
            return (part)i;
        }
    }
    return PART_NONE;
}

/* The index of the histogram that a classic series belongs to. */
static bool find_family(piece_list *pieces, model_labels labels, model_text base, size_t *out)
{
    ifm_bump *arena = &pieces->run->arena;
    model_labels family = model_labels_with(labels, model_text_of(MODEL_NAME_LABEL), base, arena);
    family = model_labels_with(family, model_text_of("le"), model_text_of(""), arena);
    for (*out = 0; *out < pieces->family_count; (*out)++) {
        if (model_labels_equal(pieces->families[*out], family)) {
            return true;
        }
    }
    model_labels *families = ifm_bump_grow(arena, pieces->families, pieces->family_count, sizeof *families);
    if (!ifm_bump_check(arena, pieces->err)) {
        return false;
    }
    pieces->families = families;
    families[pieces->family_count++] = family;
    return true;
}

static bool collect(piece_list *pieces, const promqltest_series *series)
{
    piece one = {0};
    model_text base;
    one.part = part_of(model_labels_get(series->labels, model_text_of(MODEL_NAME_LABEL)), &base);
    if (one.part == PART_NONE) {
        return true;
    }
    model_text bound = model_labels_get(series->labels, model_text_of("le"));
    if (one.part == PART_BUCKET &&
        (!ifm_number_read(bound.data, bound.size, &one.bound) || isnan(one.bound))) {
        return true; /* Prometheus leaves it out, too */
    }
    if (!find_family(pieces, series->labels, base, &one.family)) {
        return false;
    }
    for (size_t i = 0; i < series->count; i++) {
        const promqltest_item *item = &series->items[i];
        if (item->omitted || item->histogram != NULL) {
            continue;
        }
        piece *items = ifm_bump_grow(&pieces->run->arena, pieces->items, pieces->count, sizeof *items);
        if (items == NULL) {
            return ifm_bump_check(&pieces->run->arena, pieces->err);
        }
        pieces->items = items;
        one.at = i;
        one.value = item->value;
        items[pieces->count++] = one;
    }
    return true;
}

static int order(double a, double b)
{
    return (a > b) - (a < b);
}

/* By histogram and time, in it buckets first, by bound. */
static int compare_pieces(const void *left, const void *right)
{
    const piece *a = left;
    const piece *b = right;
    if (a->family != b->family) {
        return a->family < b->family ? -1 : 1;
    }
    if (a->at != b->at) {
        return a->at < b->at ? -1 : 1;
    }
    return a->part != b->part ? (int)a->part - (int)b->part : order(a->bound, b->bound);
}

/* What the pieces of one time say. */
typedef struct classic {
    const piece *buckets;
    size_t bucket_count;
    double count;
    double sum;
    bool has_count;
} classic;

static classic gather(const piece *items, size_t count)
{
    classic all = {.buckets = items};
    for (size_t i = 0; i < count; i++) {
        if (items[i].part == PART_BUCKET) {
            all.bucket_count++;
        } else if (items[i].part == PART_COUNT) {
            all.count = items[i].value;
            all.has_count = true;
        } else {
            all.sum = items[i].value;
        }
    }
    if (!all.has_count && all.bucket_count > 0) {
        all.count = items[all.bucket_count - 1].value;
    }
    return all;
}

/* Cumulative counts to those of each bucket. */
static bool fill_buckets(const classic *from, double *counts, double *bounds, size_t *count, ifm_error *err)
{
    double before = 0;
    size_t filled = 0;
    for (size_t i = 0; i < from->bucket_count; i++) {
        double bound = from->buckets[i].bound;
        double value = from->buckets[i].value;
        if (value < before) {
            return ifm_error_set(err, IFM_INVALID, "bucket counts of a classic histogram are not cumulative");
        }
        if (filled > 0 && order(bounds[filled - 1], bound) == 0) {
            continue; /* "1" and "1.0": the first counts */
        }
        bounds[filled] = bound;
        counts[filled++] = value - before;
        before = value;
    }
    if (filled == 0 || !isinf(bounds[filled - 1]) || bounds[filled - 1] < 0) {
        bounds[filled] = INFINITY;
        counts[filled++] = from->count - before;
        before = from->count;
    }
    *count = filled;
    return before == from->count ||
           ifm_error_set(err, IFM_INVALID, "count and buckets of a classic histogram do not agree");
}

static bool append_histogram(piece_list *pieces, model_labels labels, const classic *from, int64_t time_ms)
{
    ifm_bump *arena = &pieces->run->arena;
    size_t room = from->bucket_count + 1;
    size_t count = 0;
    double *counts = ifm_bump_alloc_array(arena, room, sizeof *counts);
    double *bounds = ifm_bump_alloc_array(arena, room, sizeof *bounds);
    model_span *span = ifm_bump_alloc(arena, sizeof *span);
    if (!ifm_bump_check(arena, pieces->err) || !fill_buckets(from, counts, bounds, &count, pieces->err)) {
        return false;
    }
    *span = (model_span){0, (uint32_t)count};
    model_histogram histogram = {.schema = MODEL_SCHEMA_CUSTOM,
                                 .count = from->count,
                                 .sum = from->sum,
                                 .positive_spans = span,
                                 .positive_span_count = 1,
                                 .positive = counts,
                                 .positive_count = (uint32_t)count,
                                 .custom = bounds,
                                 .custom_count = (uint32_t)count - 1};
    promqltest_sample sample = {.time_ms = time_ms, .histogram = &histogram};
    promqltest_memory_series *to = promqltest_memory_find(pieces->run->memory, labels, pieces->err);
    return to != NULL && promqltest_memory_append(pieces->run->memory, to, &sample, pieces->err);
}

bool promqltest_load_nhcb(promqltest_run_state *run, const promqltest_load_data *load, ifm_error *err)
{
    piece_list pieces = {.run = run, .err = err};
    for (size_t i = 0; i < load->count; i++) {
        if (!collect(&pieces, &load->series[i].series)) {
            return false;
        }
    }
    if (pieces.count > 0) {
        qsort(pieces.items, pieces.count, sizeof *pieces.items, compare_pieces);
    }
    size_t end;
    for (size_t from = 0; from < pieces.count; from = end) {
        const piece *first = &pieces.items[from];
        for (end = from; end < pieces.count && pieces.items[end].family == first->family &&
                         pieces.items[end].at == first->at;
             end++) {
        }
        classic all = gather(first, end - from);
        if (!append_histogram(&pieces, pieces.families[first->family], &all,
                              (int64_t)first->at * load->step_ms)) {
            return false;
        }
    }
    return true;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * By the metric's name; by all labels but le; by bound. Counts would be nothing beside the last bucket,
 * which they equal, and are 10 % of a block apart from it; but most queries are for counts and sums alone,
 * and would decode all buckets with them.
 */
#include "tsdb/block.h"

#include <stdlib.h>

typedef struct order_key {
    model_labels labels;
    model_text name;
    double bound;
    uint32_t index;
} order_key;

static bool is_named(const model_label *label, const char *name)
{
    return model_text_equal(label->name, model_text_of(name));
}

static order_key key_of(model_labels labels, uint32_t index)
{
    order_key key = {.labels = labels, .index = index};
    key.name = model_labels_get(labels, model_text_of(MODEL_NAME_LABEL));
    model_text bound = model_labels_get(labels, model_text_of("le"));
    if (bound.size == 0 || !ifm_number_read(bound.data, bound.size, &key.bound) || key.bound != key.bound) {
        key.bound = 0;
    }
    return key;
}

/* Skips the labels that do not tell two histograms apart. */
static size_t next_label(model_labels labels, size_t i)
{
    while (i < labels.count &&
           (is_named(&labels.items[i], "le") || is_named(&labels.items[i], MODEL_NAME_LABEL))) {
        i++;
    }
    return i;
}

static int compare_others(model_labels a, model_labels b)
{
    size_t i = next_label(a, 0);
    size_t j = next_label(b, 0);
    for (; i < a.count && j < b.count; i = next_label(a, i + 1), j = next_label(b, j + 1)) {
        int order = model_text_compare(a.items[i].name, b.items[j].name);
        if (order == 0) {
            order = model_text_compare(a.items[i].value, b.items[j].value);
        }
        if (order != 0) {
            return order;
        }
    }
    return (i < a.count) - (j < b.count);
}

static int compare_keys(const void *left, const void *right)
{
    const order_key *a = left;
    const order_key *b = right;
    int order = model_text_compare(a->name, b->name);
    if (order == 0) {
        order = compare_others(a->labels, b->labels);
    }
    if (order != 0) {
        return order;
    }
    if (a->bound != b->bound) {
        return a->bound < b->bound ? -1 : 1;
    }
    return model_labels_compare(a->labels, b->labels);
}

bool tsdb_block_order(const model_labels *series, size_t count, uint32_t *order, ifm_error *err)
{
    order_key *keys = ifm_alloc((count + 1) * sizeof *keys);
    if (keys == NULL) {
        return ifm_error_nomem(err);
    }
    for (size_t i = 0; i < count; i++) {
        keys[i] = key_of(series[i], (uint32_t)i);
    }
    qsort(keys, count, sizeof *keys, compare_keys);
    for (size_t i = 0; i < count; i++) {
        order[i] = keys[i].index;
    }
    ifm_free(keys);
    return true;
}

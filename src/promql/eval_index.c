/* SPDX-License-Identifier: Apache-2.0
 *
 * Sets of labels to numbers, by open addressing, and what is built on it: series of the same labels become
 * one.
 */
#include "promql/eval_impl.h"

enum { INDEX_SLOTS_MIN = 16 };

struct promql_index_slot {
    uint64_t hash;
    size_t number; /* 1 + the number; 0: free */
    model_labels labels;
};

static struct promql_index_slot *index_find(const promql_index *index, model_labels labels, uint64_t hash)
{
    size_t mask = index->slot_count - 1;
    for (size_t at = (size_t)hash & mask;; at = (at + 1) & mask) {
        struct promql_index_slot *slot = &index->slots[at];
        if (slot->number == 0 || (slot->hash == hash && model_labels_equal(slot->labels, labels))) {
            return slot;
        }
    }
}

/* At most half of the slots are taken, so that index_find() ends. */
static bool index_grow(promql_eval *eval, promql_index *index)
{
    promql_index grown = {.slot_count = index->slot_count == 0 ? INDEX_SLOTS_MIN : index->slot_count * 2};
    grown.slots = ifm_bump_alloc_array(eval->arena, grown.slot_count, sizeof *grown.slots);
    if (grown.slots == NULL) {
        return promql_check_arena(eval);
    }
    for (size_t i = 0; i < index->slot_count; i++) {
        if (index->slots[i].number != 0) {
            *index_find(&grown, index->slots[i].labels, index->slots[i].hash) = index->slots[i];
        }
    }
    grown.count = index->count;
    *index = grown;
    return true;
}

bool promql_index_put(promql_eval *eval, promql_index *index, model_labels labels, size_t *number,
                      bool *fresh)
{
    if (index->count >= index->slot_count / 2 && !index_grow(eval, index)) {
        return false;
    }
    uint64_t hash = model_labels_hash(labels);
    struct promql_index_slot *slot = index_find(index, labels, hash);
    *fresh = slot->number == 0;
    if (*fresh) {
        *slot = (struct promql_index_slot){.hash = hash, .number = ++index->count, .labels = labels};
    }
    *number = slot->number - 1;
    return true;
}

bool promql_index_get(const promql_index *index, model_labels labels, size_t *number)
{
    if (index->slot_count == 0) {
        return false;
    }
    const struct promql_index_slot *slot = index_find(index, labels, model_labels_hash(labels));
    if (slot->number == 0) {
        return false;
    }
    *number = slot->number - 1;
    return true;
}

/* Moves the samples of `from` into `into`. Columns may be shared with other values: `into` gets its own. */
static bool merge_series(promql_eval *eval, promql_series *into, const promql_series *from)
{
    for (size_t step = 0; step < eval->steps; step++) {
        promql_sample sample = promql_series_at(from, step);
        if (!sample.present) {
            continue;
        }
        if (!model_is_absent(into->values[step])) {
            return promql_eval_fail(eval, IFM_INVALID,
                                    "vector cannot contain metrics with the same labelset");
        }
        promql_series_set(eval, into, step, sample);
    }
    return promql_check_arena(eval);
}

bool promql_value_check_distinct(promql_eval *eval, const promql_value *value)
{
    promql_index index = {.slots = NULL};
    for (size_t i = 0; i < value->count; i++) {
        size_t number;
        bool fresh;
        if (!promql_index_put(eval, &index, value->series[i].labels, &number, &fresh)) {
            return false;
        }
        if (!fresh) {
            return promql_eval_fail(eval, IFM_INVALID,
                                    "vector cannot contain metrics with the same labelset");
        }
    }
    return true;
}

bool promql_value_merge(promql_eval *eval, promql_value *value)
{
    promql_index index = {.slots = NULL};
    size_t kept = 0;
    for (size_t i = 0; i < value->count; i++) {
        size_t number;
        bool fresh;
        if (!promql_index_put(eval, &index, value->series[i].labels, &number, &fresh)) {
            return false;
        }
        if (fresh) {
            value->series[kept++] = value->series[i]; /* number == kept */
        } else if (!merge_series(eval, &value->series[number], &value->series[i])) {
            return false;
        }
    }
    value->count = kept;
    return true;
}

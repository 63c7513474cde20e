/* SPDX-License-Identifier: Apache-2.0 */
#include "exposition/parser_set.h"

#include <inferometer/registry.h>

#define XXH_INLINE_ALL /* nothing to link, as in metrics/family.c */
#include <xxhash.h>

enum { SET_CAPACITY_MIN = 64 };

ifm_hash ifm_hash_text(ifm_text text, uint64_t seed)
{
    XXH128_hash_t hash = XXH3_128bits_withSeed(text.data, text.size, seed);
    return (ifm_hash){hash.low64, hash.high64};
}

void ifm_hash_add_label(ifm_hash *hash, const ifm_parsed_label *label)
{
    /* The name's hash seeds the value's, so that a="b" differs from b="a". */
    ifm_hash value = ifm_hash_text(label->value, ifm_hash_text(label->name, 0).low);
    hash->low += value.low;
    hash->high += value.high;
}

void ifm_hash_set_init(ifm_hash_set *set)
{
    *set = (ifm_hash_set){.generation = 1};
}

void ifm_hash_set_deinit(ifm_hash_set *set)
{
    ifm_free(set->slots);
    ifm_hash_set_init(set);
}

void ifm_hash_set_clear(ifm_hash_set *set)
{
    set->generation++;
    set->count = 0;
}

/* The slot of `hash`, or the free one where it belongs. */
static ifm_hash_slot *set_find(const ifm_hash_set *set, ifm_hash hash)
{
    size_t mask = set->capacity - 1;
    size_t at = (size_t)hash.low & mask;
    while (set->slots[at].generation == set->generation &&
           (set->slots[at].hash.low != hash.low || set->slots[at].hash.high != hash.high)) {
        at = (at + 1) & mask; /* S1 */
    }
    return &set->slots[at];
}

static bool set_grow(ifm_hash_set *set, ifm_error *err)
{
    ifm_hash_set larger = {.generation = 1, .count = set->count};
    larger.capacity = set->capacity == 0 ? SET_CAPACITY_MIN : set->capacity * 2;
    larger.slots = ifm_alloc_zero(larger.capacity, sizeof *larger.slots);
    if (larger.slots == NULL) {
        return ifm_error_nomem(err);
    }
    for (size_t i = 0; i < set->capacity; i++) {
        if (set->slots[i].generation == set->generation) {
            *set_find(&larger, set->slots[i].hash) = (ifm_hash_slot){set->slots[i].hash, larger.generation};
        }
    }
    ifm_free(set->slots);
    *set = larger;
    return true;
}

bool ifm_hash_set_add(ifm_hash_set *set, ifm_hash hash, bool *added, ifm_error *err)
{
    if (set->count + 1 > set->capacity / 4 * 3 && !set_grow(set, err)) { /* S1 */
        return false;
    }
    ifm_hash_slot *slot = set_find(set, hash);
    *added = slot->generation != set->generation;
    set->count += *added;
    *slot = (ifm_hash_slot){hash, set->generation};
    return true;
}

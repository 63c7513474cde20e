/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/tsdb_tally.h"

#include <stdio.h>
#include <stdlib.h>

enum { SLOTS_MIN = 256 };

/* FNV-1a. */
static uint64_t hash(model_text name)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < name.size; i++) {
        h = (h ^ (unsigned char)name.data[i]) * UINT64_C(0x100000001b3);
    }
    return h;
}

static cmd_tally_item *slot_of(const cmd_tally *tally, model_text name)
{
    size_t at = (size_t)hash(name) & (tally->slot_count - 1);
    while (tally->slots[at].name.data != NULL && !model_text_equal(tally->slots[at].name, name)) {
        at = (at + 1) & (tally->slot_count - 1);
    }
    return &tally->slots[at];
}

static bool grow(cmd_tally *tally)
{
    cmd_tally larger = *tally;
    larger.slot_count = tally->slot_count == 0 ? SLOTS_MIN : tally->slot_count * 2;
    larger.slots = ifm_bump_alloc_array(tally->arena, larger.slot_count, sizeof *larger.slots);
    if (larger.slots == NULL) {
        return false;
    }
    for (size_t i = 0; i < tally->slot_count; i++) {
        if (tally->slots[i].name.data != NULL) {
            *slot_of(&larger, tally->slots[i].name) = tally->slots[i];
        }
    }
    *tally = larger;
    return true;
}

void cmd_tally_add(cmd_tally *tally, model_text name, double amount, bool *is_new)
{
    if (is_new != NULL) {
        *is_new = false;
    }
    if (tally->count * 2 >= tally->slot_count && !grow(tally)) {
        return;
    }
    cmd_tally_item *item = slot_of(tally, name);
    if (item->name.data == NULL) {
        item->name = (model_text){ifm_bump_copy(tally->arena, name.data, name.size), name.size};
        tally->count += item->name.data != NULL;
        if (is_new != NULL) {
            *is_new = true;
        }
    }
    item->amount += amount;
}

static int compare_items(const void *left, const void *right)
{
    const cmd_tally_item *a = left;
    const cmd_tally_item *b = right;
    if (a->amount != b->amount) {
        return a->amount > b->amount ? -1 : 1;
    }
    return model_text_compare(a->name, b->name);
}

void cmd_tally_print(cmd_tally *tally, size_t limit)
{
    size_t kept = 0;
    for (size_t i = 0; i < tally->slot_count; i++) {
        if (tally->slots[i].name.data != NULL && tally->slots[i].amount >= 0.5) {
            tally->slots[kept++] = tally->slots[i];
        }
    }
    if (kept > 1) {
        qsort(tally->slots, kept, sizeof *tally->slots, compare_items);
    }
    for (size_t i = 0; i < kept && i < limit; i++) {
        printf("%12.0f  %.*s\n", tally->slots[i].amount, (int)tally->slots[i].name.size,
               tally->slots[i].name.data);
    }
    if (kept == 0) {
        printf("        none\n");
    }
    tally->count = 0;
    tally->slot_count = 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "metrics/exemplar.h"

#include "base/base.h"
#include "os/os.h"

#include <string.h>

enum { RECORD_WORDS = (sizeof(struct ifm_exemplar_record) + 7) / 8, GET_TRIES = 8 };

struct exemplar_slot {
    _Atomic uint32_t version; /* E1; 0: never written. Acquire and release order the words. */
    _Atomic uint64_t words[RECORD_WORDS];
};

struct ifm_exemplars_store {
    size_t count;
    struct exemplar_slot slots[];
};

struct ifm_exemplars_store *ifm_exemplars_new(size_t slots, ifm_error *err)
{
    struct ifm_exemplars_store *store =
        ifm_alloc_zero(1, sizeof(struct ifm_exemplars_store) + slots * sizeof(struct exemplar_slot));
    if (store == NULL) {
        ifm_error_nomem(err);
        return NULL;
    }
    store->count = slots;
    return store;
}

void ifm_exemplars_free(struct ifm_exemplars_store *store)
{
    ifm_free(store);
}

void ifm_exemplars_clear(struct ifm_exemplars_store *store)
{
    for (size_t i = 0; i < store->count; i++) {
        atomic_store(&store->slots[i].version, 0);
    }
}

/* Appends one text; false when it is not UTF-8 or there is no room. */
static bool record_append(struct ifm_exemplar_record *record, size_t *used, size_t *characters, size_t at,
                          const char *text)
{
    size_t size = strlen(text);
    if (size > sizeof record->text - *used || !ifm_utf8_valid(text, size)) {
        return false;
    }
    *characters += ifm_utf8_length(text, size);
    memcpy(record->text + *used, text, size);
    record->sizes[at] = (uint16_t)size;
    *used += size;
    return *characters <= IFM_EXEMPLAR_CHARACTERS_MAX;
}

/* Whether label `at` has the name of one before it. */
static bool name_repeats(const ifm_exemplar *exemplar, size_t at)
{
    for (size_t i = 0; i < at; i++) {
        if (strcmp(exemplar->label_names[i], exemplar->label_names[at]) == 0) {
            return true;
        }
    }
    return false;
}

static bool record_make(struct ifm_exemplar_record *record, double value, const ifm_exemplar *exemplar)
{
    bool missing =
        exemplar->label_count > 0 && (exemplar->label_names == NULL || exemplar->label_values == NULL);
    if (missing || exemplar->label_count > IFM_EXEMPLAR_LABELS_MAX) {
        return false;
    }
    size_t used = 0;
    size_t characters = 0;
    for (size_t i = 0; i < exemplar->label_count; i++) {
        const char *name = exemplar->label_names[i];
        const char *text = exemplar->label_values[i];
        if (name == NULL || text == NULL || name[0] == '\0' || name_repeats(exemplar, i) ||
            !record_append(record, &used, &characters, 2 * i, name) ||
            !record_append(record, &used, &characters, 2 * i + 1, text)) {
            return false;
        }
    }
    record->label_count = (uint16_t)exemplar->label_count;
    record->value = value;
    record->timestamp_ms = exemplar->timestamp_ms != 0 ? exemplar->timestamp_ms : ifm_os_clock_real.wall_ms();
    return true;
}

void ifm_exemplars_put(struct ifm_exemplars_store *store, size_t slot, double value,
                       const ifm_exemplar *exemplar)
{
    union {
        struct ifm_exemplar_record record;
        uint64_t words[RECORD_WORDS];
    } made;
    memset(&made, 0, sizeof made);
    if (!record_make(&made.record, value, exemplar)) {
        return;
    }
    struct exemplar_slot *to = &store->slots[slot];
    uint32_t version = atomic_load_explicit(&to->version, memory_order_relaxed);
    if ((version & 1) != 0 ||
        !atomic_compare_exchange_strong_explicit(&to->version, &version, version + 1, memory_order_acq_rel,
                                                 memory_order_relaxed)) {
        return; /* E1: somebody else is here */
    }
    atomic_thread_fence(memory_order_release);
    for (size_t i = 0; i < RECORD_WORDS; i++) {
        atomic_store_explicit(&to->words[i], made.words[i], memory_order_relaxed);
    }
    uint32_t next = version + 2;
    atomic_store_explicit(&to->version, next == 0 ? 2 : next, memory_order_release);
}

bool ifm_exemplars_get(struct ifm_exemplars_store *store, size_t slot, struct ifm_exemplar_record *out)
{
    struct exemplar_slot *from = &store->slots[slot];
    uint64_t words[RECORD_WORDS];
    for (int tries = 0; tries < GET_TRIES; tries++) {
        uint32_t version = atomic_load_explicit(&from->version, memory_order_acquire);
        if (version == 0) {
            return false;
        }
        if ((version & 1) != 0) {
            continue;
        }
        for (size_t i = 0; i < RECORD_WORDS; i++) {
            words[i] = atomic_load_explicit(&from->words[i], memory_order_relaxed);
        }
        atomic_thread_fence(memory_order_acquire);
        if (atomic_load_explicit(&from->version, memory_order_relaxed) == version) {
            memcpy(out, words, sizeof *out);
            return true;
        }
    }
    return false;
}

ifm_exemplar_view ifm_exemplar_record_view(const struct ifm_exemplar_record *record, ifm_text *texts)
{
    ifm_text *names = texts;
    ifm_text *values = texts + IFM_EXEMPLAR_LABELS_MAX;
    const char *at = record->text;
    for (size_t i = 0; i < record->label_count; i++) {
        names[i] = (ifm_text){at, record->sizes[2 * i]};
        at += record->sizes[2 * i];
        values[i] = (ifm_text){at, record->sizes[2 * i + 1]};
        at += record->sizes[2 * i + 1];
    }
    return (ifm_exemplar_view){names, values, record->label_count, record->value, record->timestamp_ms};
}

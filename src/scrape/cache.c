/* SPDX-License-Identifier: Apache-2.0 */
#include "scrape/cache.h"

#include <inferometer/registry.h>

enum { ENTRIES_MIN = 64, TEXT_BYTES_MIN = 4096, SLOTS_MIN = 256, ORDER_MIN = 256 };

void scrape_cache_deinit(scrape_cache *cache)
{
    ifm_free(cache->entries);
    ifm_free(cache->texts);
    *cache = (scrape_cache){.entries = NULL};
}

void scrape_cache_scratch_init(scrape_cache_scratch *scratch)
{
    int64_t now_ns = ifm_os_monotonic_ns();
    *scratch =
        (scrape_cache_scratch){.seed = XXH3_64bits_withSeed(&now_ns, sizeof now_ns, (uintptr_t)scratch)};
}

void scrape_cache_scratch_deinit(scrape_cache_scratch *scratch)
{
    ifm_free(scratch->order);
    ifm_free(scratch->slots);
    *scratch = (scrape_cache_scratch){.seed = scratch->seed};
}

void scrape_cache_scratch_trim(scrape_cache_scratch *scratch)
{
    size_t used =
        scratch->order_capacity * sizeof *scratch->order + scratch->slot_capacity * sizeof *scratch->slots;
    if (used > SCRAPE_SCRATCH_BYTES_KEPT) {
        scrape_cache_scratch_deinit(scratch);
    }
}

void scrape_cache_begin(scrape_cache *cache, scrape_cache_scratch *scratch)
{
    cache->scrape++;
    cache->next = 0;
    cache->seen_count = 0;
    cache->reordered = false;
    scratch->table = false;
}

/* ---- The hash table ---- */

static void table_put(scrape_cache_scratch *scratch, uint64_t hash, uint32_t index)
{
    size_t mask = scratch->slot_count - 1;
    size_t at = hash & mask;
    while (scratch->slots[at] != 0) {
        at = (at + 1) & mask;
    }
    scratch->slots[at] = index + 1;
}

/* Fills it with all entries, with room for as many again. */
static bool table_fill(const scrape_cache *cache, scrape_cache_scratch *scratch, ifm_error *err)
{
    size_t want = SLOTS_MIN;
    while (want < ((size_t)cache->count + 1) * 3) {
        want *= 2;
    }
    if (want > scratch->slot_capacity) {
        uint32_t *slots = ifm_alloc(want * sizeof *slots);
        if (slots == NULL) {
            return ifm_error_nomem(err);
        }
        ifm_free(scratch->slots);
        scratch->slots = slots;
        scratch->slot_capacity = want;
    }
    scratch->slot_count = want;
    memset(scratch->slots, 0, scratch->slot_count * sizeof *scratch->slots);
    for (uint32_t i = 0; i < cache->count; i++) {
        table_put(scratch, cache->entries[i].hash, i);
    }
    scratch->table = true;
    return true;
}

bool scrape_cache_find(scrape_cache *cache, scrape_cache_scratch *scratch, model_text text,
                       scrape_entry **out, ifm_error *err)
{
    if (!scratch->table && !table_fill(cache, scratch, err)) {
        return false;
    }
    uint64_t hash = scrape_cache_hash(scratch, text.data, text.size);
    size_t mask = scratch->slot_count - 1;
    *out = NULL;
    for (size_t at = hash & mask; scratch->slots[at] != 0; at = (at + 1) & mask) {
        scrape_entry *entry = &cache->entries[scratch->slots[at] - 1];
        if (entry->hash == hash && entry->size == text.size) {
            *out = entry;
            break;
        }
    }
    return true;
}

/* ---- Adding ---- */

static uint32_t grown(uint32_t capacity, uint32_t need, uint32_t least)
{
    uint64_t more = (uint64_t)capacity + capacity / 2;
    more = more < least ? least : more;
    more = more < need ? need : more;
    return more > UINT32_MAX ? UINT32_MAX : (uint32_t)more;
}

static bool make_room(scrape_cache *cache, ifm_error *err)
{
    if (cache->count < cache->capacity) {
        return true;
    }
    if (cache->count == UINT32_MAX - 1) {
        return ifm_error_set(err, IFM_LIMIT, "there are more than %u series", cache->count);
    }
    uint32_t capacity = grown(cache->capacity, cache->count + 1, ENTRIES_MIN);
    scrape_entry *entries = ifm_realloc(cache->entries, capacity, sizeof *entries);
    if (entries == NULL) {
        return ifm_error_nomem(err);
    }
    cache->entries = entries;
    cache->capacity = capacity;
    return true;
}

static bool make_text_room(scrape_cache *cache, size_t size, ifm_error *err)
{
    if (size > UINT32_MAX - cache->text_bytes) {
        return ifm_error_set(err, IFM_LIMIT, "the comments have more than 4 GiB");
    }
    if (size <= cache->text_capacity - cache->text_bytes) {
        return true;
    }
    uint32_t capacity = grown(cache->text_capacity, cache->text_bytes + (uint32_t)size, TEXT_BYTES_MIN);
    char *texts = ifm_realloc(cache->texts, capacity, 1);
    if (texts == NULL) {
        return ifm_error_nomem(err);
    }
    cache->texts = texts;
    cache->text_capacity = capacity;
    return true;
}

bool scrape_cache_add(scrape_cache *cache, scrape_cache_scratch *scratch, model_text text, unsigned flags,
                      scrape_entry **out, ifm_error *err)
{
    bool comment = (flags & SCRAPE_ENTRY_COMMENT) != 0;
    if (text.size > SCRAPE_SERIES_BYTES_MAX) {
        return ifm_error_set(err, IFM_LIMIT,
                             "a comment, or a series' name and labels, has %zu bytes, more than %d",
                             text.size, SCRAPE_SERIES_BYTES_MAX);
    }
    if (!make_room(cache, err) || (comment && !make_text_room(cache, text.size, err))) {
        return false;
    }
    if (scratch->table && ((size_t)cache->count + 1) * 2 > scratch->slot_count &&
        !table_fill(cache, scratch, err)) {
        return false;
    }
    scrape_entry *entry = &cache->entries[cache->count];
    *entry = (scrape_entry){.hash = scrape_cache_hash(scratch, text.data, text.size),
                            .size = (uint32_t)text.size,
                            .flags = flags};
    if (comment) {
        entry->ref = cache->text_bytes;
        memcpy(cache->texts + cache->text_bytes, text.data, text.size);
        cache->text_bytes += (uint32_t)text.size;
    }
    if (scratch->table) {
        table_put(scratch, entry->hash, cache->count);
    }
    cache->count++;
    *out = entry;
    return true;
}

bool scrape_cache_see_slow(scrape_cache *cache, scrape_cache_scratch *scratch, uint32_t index, ifm_error *err)
{
    size_t need = (size_t)cache->seen_count + 1;
    if (need > scratch->order_capacity) {
        size_t capacity = need < ORDER_MIN ? ORDER_MIN : need * 2;
        uint32_t *order = ifm_realloc(scratch->order, capacity, sizeof *order);
        if (order == NULL) {
            return ifm_error_nomem(err);
        }
        scratch->order = order;
        scratch->order_capacity = capacity;
    }
    for (uint32_t i = 0; !cache->reordered && i < cache->seen_count; i++) {
        scratch->order[i] = i; /* C3 */
    }
    cache->reordered = true;
    scratch->order[cache->seen_count++] = index;
    return true;
}

/* ---- The end of a scrape ---- */

bool scrape_cache_lacks(const scrape_cache *cache)
{
    return cache->seen_count < cache->count;
}

/* Gives back what growing took too much. */
static void shrink(scrape_cache *cache)
{
    enum { SLACK_PART = 8 };
    if (cache->capacity - cache->count > cache->count / SLACK_PART + ENTRIES_MIN) {
        scrape_entry *entries = ifm_realloc(cache->entries, (size_t)cache->count + 1, sizeof *entries);
        cache->entries = entries == NULL ? cache->entries : entries;
        cache->capacity = entries == NULL ? cache->capacity : cache->count + 1;
    }
    if (cache->text_capacity - cache->text_bytes > cache->text_bytes / SLACK_PART + TEXT_BYTES_MIN) {
        char *texts = ifm_realloc(cache->texts, (size_t)cache->text_bytes + 1, 1);
        cache->texts = texts == NULL ? cache->texts : texts;
        cache->text_capacity = texts == NULL ? cache->text_capacity : cache->text_bytes + 1;
    }
}

/* Moves an entry, and a comment's text to texts[at ..]; returns where the next text goes. */
static uint32_t move_entry(const scrape_cache *cache, uint32_t from, scrape_entry *to, char *texts,
                           uint32_t at)
{
    scrape_entry entry = cache->entries[from];
    if ((entry.flags & SCRAPE_ENTRY_COMMENT) != 0) {
        memmove(texts + at, cache->texts + entry.ref, entry.size);
        entry.ref = at;
        at += entry.size;
    }
    *to = entry;
    return at;
}

/* Leaves out what was not seen, in place: texts lie in the order of the entries. */
static void compact(scrape_cache *cache)
{
    uint32_t count = 0;
    uint32_t bytes = 0;
    for (uint32_t i = 0; i < cache->count; i++) {
        if (cache->entries[i].seen == cache->scrape) {
            bytes = move_entry(cache, i, &cache->entries[count++], cache->texts, bytes);
        }
    }
    cache->count = count;
    cache->text_bytes = bytes;
}

static bool reorder(scrape_cache *cache, const uint32_t *order)
{
    scrape_entry *entries = ifm_alloc(((size_t)cache->seen_count + 1) * sizeof *entries);
    char *texts = ifm_alloc((size_t)cache->text_bytes + 1);
    if (entries == NULL || texts == NULL) {
        ifm_free(entries);
        ifm_free(texts);
        return false;
    }
    uint32_t at = 0;
    for (uint32_t i = 0; i < cache->seen_count; i++) {
        at = move_entry(cache, order[i], &entries[i], texts, at);
    }
    ifm_free(cache->entries);
    ifm_free(cache->texts);
    cache->entries = entries;
    cache->texts = texts;
    cache->text_capacity = cache->text_bytes + 1;
    cache->text_bytes = at;
    cache->count = cache->seen_count;
    cache->capacity = cache->seen_count + 1;
    return true;
}

void scrape_cache_commit(scrape_cache *cache, scrape_cache_scratch *scratch)
{
    if (!cache->reordered && cache->seen_count < cache->count) {
        compact(cache);
    }
    if (cache->reordered && !reorder(cache, scratch->order)) {
        compact(cache);
    }
    shrink(cache);
    cache->known = cache->count; /* C2 */
    cache->text_known = cache->text_bytes;
}

void scrape_cache_abandon(scrape_cache *cache)
{
    cache->count = cache->known;
    cache->text_bytes = cache->text_known;
    cache->reordered = false;
    cache->seen_count = 0;
    shrink(cache);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * What a target said last time, line by line, with what became of each line: so a line that comes again is
 * recognized, not parsed. Of what stood there a hash of 64 bits is kept: 24 bytes for a series instead of
 * about 120. That two texts of one length have the same hash happens once in 2^64 comparisons, and cannot be
 * brought about from outside, because the seed is a secret of the process.
 *
 * Targets repeat themselves in the same order, so there is one entry that is expected next; only when
 * something else stands there a table is made, for this scrape.
 *
 * A scrape: begin, then for each line find or add, then commit (the cache is what was seen, in that order) or
 * abandon (the cache is what it was).
 *
 * Thread-safety: the scraping thread's; others may read under manager->cache_lock.
 * C1  hashes of entries are distinct.
 * C2  entries[0, known) are those of the last scrape that was committed, in its order.
 * C3  without `reordered`, the entries seen so far in this scrape are entries[0, seen_count), in this order.
 */
#ifndef SCRAPE_CACHE_H
#define SCRAPE_CACHE_H

#include "scrape/limits.h"
#include "tsdb/tsdb.h"

#define XXH_INLINE_ALL /* nothing to link, as in metrics/family.c */
#include <xxhash.h>

enum {
    SCRAPE_ENTRY_COMMENT = 1,     /* a HELP, TYPE or UNIT line; no series */
    SCRAPE_ENTRY_TYPE = 2,        /* a TYPE line: says what the lines below it are */
    SCRAPE_ENTRY_HISTOGRAM = 4,   /* of a TYPE line */
    SCRAPE_ENTRY_SUMMARY = 8,     /* of a TYPE line */
    SCRAPE_ENTRY_TRACKED = 16,    /* gets a staleness marker when it is not there any more */
    SCRAPE_ENTRY_REFUSED = 32,    /* the store was full: to be tried again */
    SCRAPE_ENTRY_OPENMETRICS = 64 /* of a comment: how it is to be read */
};

typedef struct scrape_entry {
    uint64_t hash;
    tsdb_ref ref; /* 0: dropped by relabelling, or refused; of a comment where it begins in `texts` */
    uint32_t size : 24;
    uint32_t flags : 8;
    uint32_t seen; /* number of the last scrape that it was in */
} scrape_entry;

typedef struct scrape_cache {
    scrape_entry *entries;
    uint32_t count, known, capacity;
    char *texts; /* of comments, one behind the other */
    uint32_t text_bytes, text_known, text_capacity;
    uint32_t scrape;     /* number of this scrape, from 1 */
    uint32_t next;       /* the entry that is expected now */
    uint32_t seen_count; /* entries seen in this scrape */
    bool reordered;
} scrape_cache;

/* Shared by all caches of one thread: what one needs during a scrape. */
typedef struct scrape_cache_scratch {
    uint64_t seed;
    uint32_t *order; /* of the entries seen, when they are `reordered` */
    size_t order_capacity;
    uint32_t *slots;                  /* the hash table: index + 1 */
    size_t slot_capacity, slot_count; /* powers of two */
    bool table;                       /* it is filled */
} scrape_cache_scratch;

void scrape_cache_deinit(scrape_cache *cache);
void scrape_cache_scratch_init(scrape_cache_scratch *scratch);
void scrape_cache_scratch_deinit(scrape_cache_scratch *scratch);

void scrape_cache_begin(scrape_cache *cache, scrape_cache_scratch *scratch);

static inline uint64_t scrape_cache_hash(const scrape_cache_scratch *scratch, const char *text, size_t size)
{
    return XXH3_64bits_withSeed(text, size, scratch->seed);
}

/* The entry that is expected at `at`; NULL: what stands there is something else. At least one byte follows
 * it before `end`. */
static inline scrape_entry *scrape_cache_expected(const scrape_cache *cache,
                                                  const scrape_cache_scratch *scratch, const char *at,
                                                  const char *end)
{
    if (cache->next >= cache->known) {
        return NULL;
    }
    scrape_entry *entry = &cache->entries[cache->next];
    bool same =
        (size_t)(end - at) > entry->size && scrape_cache_hash(scratch, at, entry->size) == entry->hash;
    return same ? entry : NULL;
}

/* Looks in the hash table; *out NULL: there is none. Errors: IFM_NOMEM. */
bool scrape_cache_find(scrape_cache *cache, scrape_cache_scratch *scratch, model_text text,
                       scrape_entry **out, ifm_error *err);

/* Adds one that scrape_cache_find() has not found just now, a comment with its text. Entries move. Errors:
 * IFM_LIMIT, IFM_NOMEM. */
bool scrape_cache_add(scrape_cache *cache, scrape_cache_scratch *scratch, model_text text, unsigned flags,
                      scrape_entry **out, ifm_error *err);

bool scrape_cache_see_slow(scrape_cache *cache, scrape_cache_scratch *scratch, uint32_t index,
                           ifm_error *err);

/* The entry is in this scrape; what comes next in the cache is expected next. Not for one that was seen
 * before in this scrape. Errors: IFM_NOMEM. */
static inline bool scrape_cache_see(scrape_cache *cache, scrape_cache_scratch *scratch, scrape_entry *entry,
                                    ifm_error *err)
{
    uint32_t index = (uint32_t)(entry - cache->entries);
    entry->seen = cache->scrape;
    if (index < cache->known) { /* a new line does not change what comes behind it */
        cache->next = index + 1;
    }
    if (!cache->reordered && index == cache->seen_count) {
        cache->seen_count++;
        return true; /* C3 */
    }
    return scrape_cache_see_slow(cache, scratch, index, err);
}

static inline bool scrape_cache_was_seen(const scrape_cache *cache, const scrape_entry *entry)
{
    return entry->seen == cache->scrape;
}

/* Whether an entry of the cache was not in this scrape. */
bool scrape_cache_lacks(const scrape_cache *cache);

/* Keeps what was seen, in its order; without memory for that in the order of before, which costs nothing but
 * time. */
void scrape_cache_commit(scrape_cache *cache, scrape_cache_scratch *scratch);
void scrape_cache_abandon(scrape_cache *cache);

/* Gives back memory beyond what is kept between scrapes. */
void scrape_cache_scratch_trim(scrape_cache_scratch *scratch);

#endif

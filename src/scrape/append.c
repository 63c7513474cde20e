/* SPDX-License-Identifier: Apache-2.0 */
#include "scrape/append.h"

#include <inferometer/registry.h>

bool scrape_scratch_init(scrape_scratch *scratch, ifm_error *err)
{
    *scratch = (scrape_scratch){.text = NULL};
    scrape_cache_scratch_init(&scratch->cache);
    ifm_bump_init(&scratch->arena, SCRAPE_LINE_BYTES_MAX);
    ifm_buf_init(&scratch->key, SCRAPE_SERIES_BYTES_MAX);
    scratch->text = ifm_parser_new(IFM_PARSE_TEXT, IFM_PARSE_LENIENT, err);
    scratch->openmetrics =
        scratch->text == NULL ? NULL : ifm_parser_new(IFM_PARSE_OPENMETRICS, IFM_PARSE_LENIENT, err);
    scratch->protobuf = scratch->openmetrics == NULL ? NULL : ifm_proto_parser_new(IFM_PROTO_NATIVE, err);
    if (scratch->protobuf == NULL) {
        scrape_scratch_deinit(scratch);
        return false;
    }
    return true;
}

void scrape_scratch_deinit(scrape_scratch *scratch)
{
    scrape_cache_scratch_deinit(&scratch->cache);
    ifm_bump_deinit(&scratch->arena);
    ifm_buf_deinit(&scratch->key);
    ifm_parser_free(scratch->text);
    ifm_parser_free(scratch->openmetrics);
    ifm_proto_parser_free(scratch->protobuf);
    *scratch = (scrape_scratch){.text = NULL};
}

/* ---- A series that is known ---- */

static tsdb_verdict put(scrape_appender *to, const scrape_entry *entry, const scrape_point *point)
{
    if (point->has_time || point->histogram != NULL) {
        int64_t time_ms = point->has_time ? point->time_ms : to->time_ms;
        if (time_ms > to->time_ms_max) {
            return TSDB_TOO_OLD; /* counted alike: out of bounds */
        }
        tsdb_sample sample = {.time_ms = time_ms, .value = point->value, .histogram = point->histogram};
        return tsdb_batch_append_sample(to->batch, entry->ref, &sample);
    }
    if (scrape_cache_was_seen(to->cache, entry)) {
        return TSDB_DUPLICATE;
    }
    return tsdb_batch_append(to->batch, entry->ref, point->value);
}

static void count_verdict(scrape_counts *counts, tsdb_verdict verdict)
{
    counts->out_of_order += verdict == TSDB_OUT_OF_ORDER;
    counts->duplicates += verdict == TSDB_DUPLICATE;
    counts->out_of_bounds += verdict == TSDB_TOO_OLD;
}

static bool is_at_limit(const scrape_appender *to)
{
    return to->config->sample_limit > 0 && to->appended >= to->config->sample_limit;
}

bool scrape_append_known(scrape_appender *to, scrape_entry *entry, const scrape_point *point,
                         tsdb_verdict *verdict, ifm_error *err)
{
    bool seen = scrape_cache_was_seen(to->cache, entry);
    if (entry->ref == 0) { /* dropped */
        *verdict = TSDB_ACCEPTED;
        to->counts.total++;
        return seen || scrape_cache_see(to->cache, &to->scratch->cache, entry, err);
    }
    if (is_at_limit(to)) { /* goes on, to report how many there are */
        to->counts.sample_limit = true;
        *verdict = TSDB_ACCEPTED;
    } else {
        *verdict = put(to, entry, point);
        if (*verdict == TSDB_GONE) {
            return true;
        }
        to->appended++;
        count_verdict(&to->counts, *verdict);
    }
    to->counts.total++;
    to->counts.added++;
    bool tracked = !point->has_time || to->config->track_timestamps_staleness;
    entry->flags =
        tracked ? entry->flags | SCRAPE_ENTRY_TRACKED : entry->flags & (unsigned)~SCRAPE_ENTRY_TRACKED & 0xFF;
    return seen || scrape_cache_see(to->cache, &to->scratch->cache, entry, err);
}

/* ---- A series that is new, or has to be looked up again ---- */

/* *ref 0: dropped, or refused with *full: by the store, or because sample_limit is reached. */
static bool look_up(scrape_appender *to, const scrape_line *line, tsdb_ref *ref, bool *full, ifm_error *err)
{
    model_labels labels;
    *ref = 0;
    *full = false;
    if (!scrape_labels_make(to, line->name, line->labels, line->label_count, &labels, err)) {
        return false;
    }
    if (labels.count > 0 && is_at_limit(to)) { /* the scrape fails: no series is made for it any more */
        to->counts.sample_limit = true;
        *full = true;
        return true;
    }
    if (labels.count == 0 || tsdb_batch_series(to->batch, labels, ref, NULL, err)) {
        return true;
    }
    if (err->code != IFM_LIMIT) {
        return false;
    }
    *ref = 0;
    *full = true;
    to->counts.refused++;
    to->refusal = *err;
    return true;
}

void scrape_append_exemplar(scrape_appender *to, tsdb_ref ref, const ifm_parsed_exemplar *exemplar,
                            const scrape_point *point)
{
    ifm_bump *arena = &to->scratch->arena;
    ifm_bump_mark mark = ifm_bump_mark_now(arena);
    model_label *items = ifm_bump_alloc_array(arena, exemplar->label_count, sizeof *items);
    size_t characters = 0;
    for (size_t i = 0; i < exemplar->label_count && items != NULL; i++) {
        ifm_text name = exemplar->labels[i].name;
        ifm_text value = exemplar->labels[i].value;
        characters += ifm_utf8_length(name.data, name.size) + ifm_utf8_length(value.data, value.size);
        items[i] = (model_label){{name.data, name.size}, {value.data, value.size}};
    }
    int64_t time_ms = point->has_time ? point->time_ms : to->time_ms;
    tsdb_exemplar made = {.value = exemplar->value,
                          .time_ms = exemplar->time.present ? exemplar->time.ms : time_ms};
    ifm_error ignored;
    if (items != NULL && characters <= SCRAPE_EXEMPLAR_CHARACTERS_MAX && made.time_ms <= to->time_ms_max &&
        model_labels_make(items, exemplar->label_count, &made.labels, &ignored)) {
        tsdb_batch_exemplar(to->batch, ref, &made);
    }
    scrape_scratch_rewind(to->scratch, mark);
}

/* The entry of `line`, with a series that the store knows. */
static bool resolve(scrape_appender *to, const scrape_line *line, bool again, scrape_entry **out,
                    ifm_error *err)
{
    scrape_entry *entry = line->entry;
    if (entry != NULL && !again && (entry->flags & SCRAPE_ENTRY_REFUSED) == 0) {
        *out = entry;
        return true;
    }
    tsdb_ref ref;
    bool full;
    if (!look_up(to, line, &ref, &full, err) ||
        (entry == NULL && !scrape_cache_add(to->cache, &to->scratch->cache, line->text, 0, &entry, err))) {
        return false;
    }
    entry->ref = ref;
    entry->flags = full ? SCRAPE_ENTRY_REFUSED : 0;
    *out = entry;
    return true;
}

static bool append_resolved(scrape_appender *to, const scrape_line *line, tsdb_ref *ref, ifm_error *err)
{
    bool is_new = line->entry == NULL;
    scrape_entry *entry;
    tsdb_verdict verdict;
    if (!resolve(to, line, false, &entry, err) ||
        !scrape_append_known(to, entry, &line->point, &verdict, err)) {
        return false;
    }
    if (verdict == TSDB_GONE) {
        scrape_line known = *line;
        known.entry = entry;
        if (!resolve(to, &known, true, &entry, err) ||
            !scrape_append_known(to, entry, &line->point, &verdict, err)) {
            return false;
        }
    }
    if ((entry->flags & SCRAPE_ENTRY_REFUSED) != 0) {
        to->counts.added++; /* relabelling left it */
    }
    *ref = verdict == TSDB_GONE || to->counts.sample_limit ? 0 : entry->ref;
    to->counts.series_added += is_new && verdict == TSDB_ACCEPTED && *ref != 0;
    return true;
}

bool scrape_append_line(scrape_appender *to, const scrape_line *line, tsdb_ref *ref, ifm_error *err)
{
    ifm_bump_mark mark = ifm_bump_mark_now(&to->scratch->arena);
    bool ok = append_resolved(to, line, ref, err);
    scrape_scratch_rewind(to->scratch, mark);
    return ok;
}

/* ---- Staleness ---- */

/* A series that has been written differently this time has a sample of this time: the store refuses the
 * marker as a duplicate. */
void scrape_append_stale(scrape_appender *to)
{
    scrape_cache *cache = to->cache;
    for (uint32_t i = 0; scrape_cache_lacks(cache) && i < cache->known; i++) {
        const scrape_entry *entry = &cache->entries[i];
        if (!scrape_cache_was_seen(cache, entry) && (entry->flags & SCRAPE_ENTRY_TRACKED) != 0) {
            tsdb_batch_append(to->batch, entry->ref, model_from_bits(MODEL_STALE_BITS));
        }
    }
}

void scrape_append_all_stale(const scrape_cache *cache, tsdb_batch *batch)
{
    for (uint32_t i = 0; i < cache->known; i++) {
        const scrape_entry *entry = &cache->entries[i];
        if ((entry->flags & SCRAPE_ENTRY_TRACKED) != 0) {
            tsdb_batch_append(batch, entry->ref, model_from_bits(MODEL_STALE_BITS));
        }
    }
}

void scrape_append_all_stale_done(scrape_cache *cache)
{
    for (uint32_t i = 0; i < cache->known; i++) {
        cache->entries[i].flags &= (unsigned)~SCRAPE_ENTRY_TRACKED & 0xFF;
    }
}

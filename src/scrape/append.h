/* SPDX-License-Identifier: Apache-2.0
 *
 * From an answer to samples in a batch. A line that was in the last scrape costs a comparison and the
 * reading of its number; a new one is parsed, relabelled and looked up in the store.
 *
 * Thread-safety: the scraping thread's.
 */
#ifndef SCRAPE_APPEND_H
#define SCRAPE_APPEND_H

#include "exposition/exposition.h"
#include "scrape/cache.h"
#include "scrape/protocol.h"
#include "scrape/target.h"

/* Memory and parsers that all targets share, one after another. */
typedef struct scrape_scratch {
    scrape_cache_scratch cache;
    ifm_bump arena; /* of one line */
    ifm_buf key;    /* of one series that has no text */
    ifm_parser *text, *openmetrics;
    ifm_proto_parser *protobuf;
} scrape_scratch;

bool scrape_scratch_init(scrape_scratch *scratch, ifm_error *err);
void scrape_scratch_deinit(scrape_scratch *scratch);

/* Takes back what a line needed. */
static inline void scrape_scratch_rewind(scrape_scratch *scratch, ifm_bump_mark mark)
{
    if (scratch->arena.failed != IFM_OK) {
        ifm_bump_deinit(&scratch->arena);
    } else {
        ifm_bump_rewind(&scratch->arena, mark);
    }
}

typedef struct scrape_counts {
    uint64_t total;        /* samples in the answer */
    uint64_t added;        /* left by metric_relabel_configs */
    uint64_t series_added; /* that were not in the last scrape */
    uint64_t out_of_order, duplicates, out_of_bounds;
    uint64_t refused; /* new series that the store has no room for */
    bool sample_limit, label_limit, bucket_limit;
} scrape_counts;

typedef struct scrape_appender {
    const config_scrape *config;
    const scrape_target *target;
    scrape_cache *cache;
    scrape_scratch *scratch;
    tsdb_batch *batch;
    int64_t time_ms;
    int64_t time_ms_max; /* of samples with a time of their own */
    scrape_counts counts;
    uint64_t appended; /* what sample_limit counts */
    unsigned family;   /* SCRAPE_ENTRY_HISTOGRAM or _SUMMARY of the last TYPE line */
    bool openmetrics;  /* the text is */
    ifm_error refusal; /* the store's, with counts.refused */
} scrape_appender;

/* Appends all that body[0..size) says; body[size] is NUL. The cache has begun, and is to be committed with
 * the batch, or abandoned. Errors: IFM_INVALID (it cannot be parsed), IFM_LIMIT (one of the configuration, of
 * the parser or ours), IFM_NOMEM. */
bool scrape_append(scrape_appender *to, scrape_format format, const char *body, size_t size, ifm_error *err);

/* Appends staleness markers for the series of the cache that this scrape did not have. */
void scrape_append_stale(scrape_appender *to);

/* The same for all series of the last scrape, whatever the current one had; and once that batch is committed,
 * that they get none again. */
void scrape_append_all_stale(const scrape_cache *cache, tsdb_batch *batch);
void scrape_append_all_stale_done(scrape_cache *cache);

/* ---- Private to the appending of text and protobuf ---- */

/* The labels of a new series: those of the target added, renamed, relabelled and checked. Empty: dropped. In
 * the scratch arena. */
bool scrape_labels_make(scrape_appender *to, ifm_text name, const ifm_parsed_label *labels, size_t count,
                        model_labels *out, ifm_error *err);

typedef struct scrape_point {
    double value;
    const model_histogram *histogram; /* or NULL */
    bool has_time;                    /* of its own, and honoured */
    int64_t time_ms;
} scrape_point;

/* Appends to the series of `entry` and sees it; TSDB_GONE: nothing happened. Errors: IFM_NOMEM. */
bool scrape_append_known(scrape_appender *to, scrape_entry *entry, const scrape_point *point,
                         tsdb_verdict *verdict, ifm_error *err);

/* A line with labels that were parsed: finds its series, remembers it under `text` (unless `entry` is known
 * already), and appends. */
typedef struct scrape_line {
    model_text text;
    scrape_entry *entry;
    ifm_text name;
    const ifm_parsed_label *labels;
    size_t label_count;
    scrape_point point;
} scrape_line;
/* *ref 0: it was dropped or refused. */
bool scrape_append_line(scrape_appender *to, const scrape_line *line, tsdb_ref *ref, ifm_error *err);

/* An exemplar of the sample `point`; one that is not valid is left out. */
void scrape_append_exemplar(scrape_appender *to, tsdb_ref ref, const ifm_parsed_exemplar *exemplar,
                            const scrape_point *point);

bool scrape_append_protobuf(scrape_appender *to, const char *body, size_t size, ifm_error *err);

#endif

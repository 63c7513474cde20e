/* SPDX-License-Identifier: Apache-2.0
 *
 * Layer 3. The store: a head in memory with a write-ahead log, and immutable blocks in files.
 *
 *     batch --commit--> log (a write: survives kill -9; synced every commit interval)
 *                   `-> active generation --(time, samples)--> frozen --written--> block --merged--> block
 *
 * A generation of the head is an arena: what is in it only grows while it is active, is constant once it is
 * frozen, and is freed at once when its block is durable and its last reader is gone. So readers take no lock
 * that the writer could wait for. docs/format/ describes every file byte by byte.
 *
 * Thread-safety: any thread for everything but a batch, which is one thread's from begin to end.
 */
#ifndef IFM_TSDB_H
#define IFM_TSDB_H

#include "model/model.h"
#include "os/os.h"
#include "storage/storage.h"

typedef struct tsdb tsdb;

/* 0 or NULL: what stands in parentheses. */
typedef struct tsdb_options {
    const char *folder;         /* made when it is missing; locked while open */
    const ifm_os_files *files;  /* (real) */
    const ifm_os_clock *clock;  /* (real) */
    int64_t retention_ms;       /* (15 days) */
    uint64_t retention_bytes;   /* (none) of blocks and log */
    int64_t commit_interval_ms; /* (1000) between syncs of the log: what a power failure may cost */
    int64_t flush_interval_ms;  /* (10 minutes) how much time a generation spans, at most */
    uint64_t flush_samples;     /* (2 million) and how many samples, so that a start is quick */
    uint32_t series_max; /* (1,000,000) in the head: at the cap new series are refused, old ones go on */
    size_t bytes_max;    /* (2 GiB) of the head's memory: likewise */
    uint64_t disk_reserve_bytes; /* (64 MiB) ingestion stops when less is free on the disk */
    uint32_t exemplars_max;      /* (10,000) kept in memory, the newest of all series */
    bool no_threads;             /* for tests: nothing happens by itself, tsdb_maintain() does what is due */
} tsdb_options;

/* Opens a store, whatever became of its files: damaged tails are cut, damaged blocks and ranges of the log
 * are moved to "FOLDER/quarantine", each with a warning in the log and counted in tsdb_stats. Errors: IFM_IO,
 * IFM_BUSY (another process has it), IFM_INVALID (options; a format of a newer version), IFM_NOMEM. */
bool tsdb_open(const tsdb_options *options, tsdb **out, ifm_error *err);

/* Syncs and closes. Queriers have to be closed before. NULL is accepted. */
void tsdb_close(tsdb *db);

/* ---- Appending ---- */

/* A series of the head; never reused for another series. 0: none. */
typedef uint64_t tsdb_ref;

/* Those whose samples mostly have one time: the series of one target, of one rule group. They share a column
 * of timestamps. Costs little; one thread's. */
typedef struct tsdb_group tsdb_group;
tsdb_group *tsdb_group_new(tsdb *db, ifm_error *err);
void tsdb_group_free(tsdb_group *group); /* the samples stay; NULL is accepted */

typedef enum tsdb_verdict {
    TSDB_ACCEPTED,     /* also the very same sample again, which is not stored twice */
    TSDB_OUT_OF_ORDER, /* older than the series' last */
    TSDB_DUPLICATE,    /* another value at the time of the series' last */
    TSDB_TOO_OLD,      /* more than an hour older than the newest sample of the store */
    TSDB_GONE,         /* no such ref (any more): look it up again */
    TSDB_VERDICT_COUNT
} tsdb_verdict;

/* A batch: what one scrape (one evaluation of a rule group, one request) appends. All of it is acknowledged
 * or nothing. It holds the store's writer lock from begin to commit or rollback: do no I/O in between. */
typedef struct tsdb_batch tsdb_batch;

/* `group` NULL: samples of unrelated times. Errors: IFM_NOMEM, IFM_IO (the log cannot be written; ingestion
 * is stopped because the disk is full, or because blocks cannot be written and memory is used up). */
tsdb_batch *tsdb_batch_begin(tsdb *db, tsdb_group *group, int64_t time_ms, ifm_error *err);

/* The series with these labels (copied), made when there is none. Errors: IFM_LIMIT (series_max, bytes_max),
 * IFM_INVALID (no label), IFM_NOMEM. *is_new may be NULL. */
bool tsdb_batch_series(tsdb_batch *batch, model_labels labels, tsdb_ref *out, bool *is_new, ifm_error *err);

/* A sample at the batch's time: the hot call, which cannot fail but by its verdict. NaNs other than the
 * staleness marker keep their bits, but MODEL_ABSENT_BITS becomes the normal one. */
tsdb_verdict tsdb_batch_append(tsdb_batch *batch, tsdb_ref ref, double value);

typedef struct tsdb_sample {
    int64_t time_ms;
    int64_t start_ms; /* 0: unknown */
    double value;
    const model_histogram *histogram; /* or NULL; copied, and to be checked before */
} tsdb_sample;

/* A sample with a time of its own, a histogram, or a start timestamp. */
tsdb_verdict tsdb_batch_append_sample(tsdb_batch *batch, tsdb_ref ref, const tsdb_sample *sample);

typedef struct tsdb_exemplar {
    model_labels series; /* of a result; ignored when appending */
    model_labels labels;
    double value;
    int64_t time_ms;
} tsdb_exemplar;

/* Kept in memory alone. An older or equal one than the series' newest is dropped. */
void tsdb_batch_exemplar(tsdb_batch *batch, tsdb_ref ref, const tsdb_exemplar *exemplar);

/* Acknowledges: once it returns true the batch survives the death of this process. On false nothing of it is
 * stored. Frees the batch either way. Errors: IFM_IO, IFM_NOMEM. */
bool tsdb_batch_commit(tsdb_batch *batch, ifm_error *err);
void tsdb_batch_rollback(tsdb_batch *batch);

/* ---- Reading ---- */

/* What queries read; any number of queriers at once. */
storage *tsdb_storage(tsdb *db);

/* Which series: those that match one of the sets. No set: all. */
typedef struct tsdb_selection {
    const model_matcher *const *sets;
    const size_t *set_sizes;
    size_t set_count;
    int64_t start_ms, end_ms; /* both included; series without a sample there may be listed (whole blocks) */
    size_t limit;             /* 0: none; one more than it is returned when there are more */
} tsdb_selection;

/* Sorted, each once, in `arena`. Errors: IFM_LIMIT (the arena), IFM_IO, IFM_NOMEM. */
bool tsdb_series(tsdb *db, const tsdb_selection *selection, ifm_bump *arena, const model_labels **out,
                 size_t *count, ifm_error *err);
bool tsdb_label_names(tsdb *db, const tsdb_selection *selection, ifm_bump *arena, const model_text **out,
                      size_t *count, ifm_error *err);
bool tsdb_label_values(tsdb *db, model_text name, const tsdb_selection *selection, ifm_bump *arena,
                       const model_text **out, size_t *count, ifm_error *err);
/* Sorted by series, then time. */
bool tsdb_exemplars(tsdb *db, const tsdb_selection *selection, ifm_bump *arena, const tsdb_exemplar **out,
                    size_t *count, ifm_error *err);

/* ---- The store itself ---- */

typedef struct tsdb_stats {
    uint32_t series; /* of the head */
    uint64_t label_pairs;
    uint64_t head_samples, head_bytes;
    int64_t head_min_ms, head_max_ms; /* INT64_MAX, INT64_MIN: empty */
    int64_t min_ms;                   /* of everything */
    uint64_t samples_appended, histograms_appended, exemplars_appended;
    uint64_t verdicts[TSDB_VERDICT_COUNT];
    uint64_t series_created, series_removed, series_refused;
    uint64_t log_bytes, block_bytes, quarantine_bytes;
    uint32_t log_segments, blocks;
    uint64_t log_syncs, log_errors, flushes, flush_errors, compactions, compaction_errors,
        retention_deletions;
    uint64_t damages;           /* torn or damaged ranges and blocks that were found since the start */
    bool ingestion_stopped;     /* the disk is full, or blocks cannot be written and memory is used up */
    int64_t replay_duration_ns; /* of the start */
    uint64_t replayed_samples;
} tsdb_stats;

void tsdb_stats_now(tsdb *db, tsdb_stats *out);

/* How many series (values, bytes) there are for a name; for the status page and "analyze". */
typedef struct tsdb_cardinality_item {
    model_text name;
    uint64_t count;
} tsdb_cardinality_item;

typedef struct tsdb_cardinality { /* each sorted by count, the largest first, of `limit` items */
    tsdb_cardinality_item *series_by_metric, *values_by_label, *bytes_by_label, *series_by_pair;
    size_t series_by_metric_count, values_by_label_count, bytes_by_label_count, series_by_pair_count;
} tsdb_cardinality;

bool tsdb_cardinality_of_head(tsdb *db, size_t limit, ifm_bump *arena, tsdb_cardinality *out, ifm_error *err);

typedef struct tsdb_block_info {
    char name[64];
    int64_t min_ms, max_ms; /* both included */
    uint64_t samples, bytes;
    uint32_t series, level;
} tsdb_block_info;

/* Oldest first, in `arena`. */
bool tsdb_blocks_list(tsdb *db, ifm_bump *arena, const tsdb_block_info **out, size_t *count, ifm_error *err);

/* Writes what is in memory to a block now, and waits for it. Errors: IFM_IO, IFM_NOMEM. */
bool tsdb_flush(tsdb *db, ifm_error *err);

/* Does what is due by the clock: sync, flush, compaction, retention, disk check. With threads nobody needs
 * to call it. */
void tsdb_maintain(tsdb *db);

/* A consistent copy in `folder`, which must not exist, for tsdb_open(); appending goes on meanwhile. Errors:
 * IFM_EXISTS, IFM_IO, IFM_NOMEM. */
bool tsdb_snapshot(tsdb *db, const char *folder, ifm_error *err);

/* ---- A store that somebody else may have open ---- */

/* What a store holds at this moment, for reading: nothing is written to its folder, and who has it open is
 * not disturbed. */
typedef struct tsdb_copy tsdb_copy;

/* Errors: IFM_NOT_FOUND (no store is there), as tsdb_open() for others. */
bool tsdb_copy_open(const char *folder, tsdb_copy **out, ifm_error *err);
tsdb *tsdb_copy_store(tsdb_copy *copy);
void tsdb_copy_close(tsdb_copy *copy); /* NULL is accepted */

/* ---- Importing ---- */

typedef struct tsdb_import_options {
    const char *folder;        /* of a store, which nobody may have open; made when it is missing */
    const ifm_os_files *files; /* NULL: the real ones */
    /* Called now and then with how many bytes of the text are read; false: stop. NULL: none. */
    bool (*progress)(void *context, size_t bytes);
    /* Called for each block that is written. NULL: none. */
    void (*block)(void *context, const tsdb_block_info *info);
    void *context;
} tsdb_import_options;

/* Writes the samples of an OpenMetrics text, each of which must have a time, to blocks of a day at most. They
 * may come in any order. When it fails, blocks that were written stay. Errors: IFM_INVALID (the text; the
 * sentence has the line), IFM_BUSY (the store is open), IFM_LIMIT, IFM_IO, IFM_NOMEM, IFM_CANCELED. */
bool tsdb_import_openmetrics(const tsdb_import_options *options, const char *text, size_t size,
                             ifm_error *err);

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * The head: generations of samples in memory, and what the writer knows of each series.
 *
 *     generation --heads--> newest segment --previous--> older segment --> ..
 *     (one per series)      30 values                \--> column: the times, one for all series of a group
 *
 * A segment belongs to a series and a column and has a value for each of 30 rows of the column from `first`
 * on; rows in which the series has no sample are absent. A row becomes visible when the column's count is
 * published, and to a reader when the batch that wrote it is not newer than the reader: so a reader sees all
 * of a batch or nothing, and what it sees of one series fits what it sees of the others.
 *
 * Thread-safety: what the writer alone uses says so; the writer holds tsdb.writer.
 * H1  a row's values are written before its column's count is published (release), and never again.
 * H2  segments of a series are linked in the order of time, and times of a column rise strictly.
 * H3  of two segments of a series in one column the newer begins behind the last sample of the older.
 * H4  batch numbers of a column's rows do not fall.
 * H5  a reference (tsdb_ref) is a slot and its tag; the tag changes when the slot's series is dropped.
 */
#ifndef IFM_TSDB_HEAD_H
#define IFM_TSDB_HEAD_H

#include "tsdb/index.h"
#include "tsdb/source.h"

enum {
    HEAD_SEGMENT_VALUES = 10, /* 104 bytes with its header: what a new generation takes at once is small */
    HEAD_GROUP_COLUMNS = 4,   /* batches of one group with the same time, each with a column of its own */
    HEAD_ROWS_MIN = 4
};

typedef struct head_rows {
    uint32_t capacity;
    uint32_t *batches; /* which batch wrote the row */
    int64_t times_ms[];
} head_rows;

typedef struct head_column {
    _Atomic(head_rows *) rows; /* replaced by larger ones; old ones stay in the arena */
    _Atomic uint32_t count;    /* published (H1) */
    uint32_t used;             /* the writer's; above count while a batch is prepared */
    uint32_t id;
    bool own; /* of one series alone */
} head_column;

enum { HEAD_SIDE_HISTOGRAMS = 1, HEAD_SIDE_STARTS = 2 };

typedef struct head_segment {
    struct head_segment *previous;
    head_column *column;
    uint32_t first; /* row of values[0] */
    uint32_t sides; /* which of head_sides, behind the values, there are */
    double values[HEAD_SEGMENT_VALUES];
} head_segment;

typedef struct head_sides {
    const model_histogram **histograms; /* of HEAD_SEGMENT_VALUES, as starts_ms */
    int64_t *starts_ms;
} head_sides;

static inline head_sides *head_sides_of(head_segment *segment)
{
    return (head_sides *)(void *)(segment + 1);
}

typedef struct head_generation {
    tsdb_source base;
    struct head_generation *next; /* frozen ones, the oldest first; under tsdb.lock */
    tsdb_index *index;            /* a reference */
    head_arena arena;
    head_pages heads;       /* _Atomic(head_segment *), by number of the index; released by the writer */
    _Atomic uint32_t batch; /* the last that is complete (release behind the counts of its columns) */
    _Atomic uint64_t samples;
    _Atomic size_t bytes;
    uint32_t column_count; /* the writer's */
    uint32_t flush_failures;
    int64_t begun_ns;     /* monotonic; of its first batch, 0 before */
    int64_t retry_ns;     /* when to flush it again */
    uint64_t log_end;     /* its log segments have smaller numbers; set when it is frozen */
    uint64_t number;      /* 1, 2, .. since the start */
    uint32_t batch_count; /* the writer's: how many were begun */
} head_generation;

head_generation *head_generation_new(tsdb_index *index, ifm_error *err);
static inline head_generation *head_generation_of(tsdb_source *source)
{
    return (head_generation *)(void *)source; /* base is its first member */
}

/* The samples that a reader with `batch` sees of a column. */
uint32_t head_column_visible(const head_column *column, uint32_t batch);
static inline head_segment *head_newest(const head_generation *generation, uint32_t series)
{
    _Atomic(head_segment *) *head = head_pages_find(&generation->heads, series);
    return head == NULL ? NULL : atomic_load_explicit(head, memory_order_acquire);
}

/* ---- The writer's part ---- */

enum {
    HEAD_SERIES_LOGGED = 1,   /* its labels are in the log of this generation */
    HEAD_SERIES_HISTOGRAM = 2 /* last_bits is a hash of a histogram */
};

typedef struct head_series {
    uint32_t tag;      /* H5; 0: the slot was never used */
    uint32_t index_id; /* INDEX_NONE: the slot is free */
    int64_t last_ms;   /* INT64_MIN: no sample yet */
    uint64_t last_bits;
    head_segment *segment;  /* newest of the active generation, */
    uint32_t segment_first; /* its first row, */
    uint32_t column_id;     /* and its column: so the segment need not be fetched to know its place in it */
    uint32_t pending;       /* perhaps the item of the batch with its last sample there */
    uint32_t flags;
} head_series;

/* A sample of a batch. */
typedef struct head_item {
    uint32_t slot;
    uint32_t extra; /* + 1; 0: at the batch's time */
    double value;   /* 0 for a histogram */
} head_item;

typedef struct head_extra {
    int64_t time_ms, start_ms;
    const model_histogram *histogram; /* in the generation's arena */
    uint64_t bits;                    /* of the value or, for a histogram, its hash */
    head_segment *segment;            /* once prepared, with `row` */
    uint32_t row;
} head_extra;

struct tsdb_group {
    tsdb *db;
    uint32_t id;         /* in the log */
    uint64_t generation; /* the columns are of */
    head_column *columns[HEAD_GROUP_COLUMNS];
    uint32_t next_column; /* to be given up next */
    /* of the log: */
    uint32_t *layout; /* the slots of its last row there */
    uint32_t layout_count, layout_capacity;
    uint32_t rows_logged;    /* in this generation of the log */
    uint64_t log_generation; /* the layout is known in */
};

struct tsdb_batch {
    tsdb *db;
    tsdb_group *group; /* or NULL */
    int64_t time_ms;
    bool too_old;
    ifm_code failed; /* an append could not get memory */
    head_item *items;
    uint32_t count, capacity;
    head_extra *extras;
    uint32_t extra_count, extra_capacity;
    uint64_t verdicts[TSDB_VERDICT_COUNT];
    uint64_t histograms;
    /* once prepared: */
    head_column *column; /* the group's, or NULL */
    uint32_t row;
};

/* Gives every sample its place; nothing is visible yet. On failure and by head_unprepare() that is undone. */
bool head_prepare(tsdb_batch *batch, ifm_error *err);
void head_unprepare(tsdb_batch *batch);
/* Writes the samples and publishes them; cannot fail. */
void head_apply(tsdb_batch *batch);
const model_histogram *head_copy_histogram(head_generation *generation, const model_histogram *h);
uint64_t head_hash_histogram(const model_histogram *h);

/* Freezes the active generation and begins another one; drops series that are dead. `log_end`: the number of
 * the log segment that the new one begins with. False: nothing changed. */
bool head_switch(tsdb *db, uint64_t log_end, ifm_error *err);

/* Asserts the invariants for tests: false when one does not hold. */
bool tsdb_head_check(tsdb *db);

#endif

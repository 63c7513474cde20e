/* SPDX-License-Identifier: Apache-2.0
 *
 * The newest exemplars of all series, in memory alone: a ring in which the oldest make room.
 *
 * Thread-safety: its lock protects all of it.
 * E1  exemplars of a series are in the order of time.
 */
#ifndef IFM_TSDB_EXEMPLARS_H
#define IFM_TSDB_EXEMPLARS_H

#include "tsdb/tsdb.h"

#include <pthread.h>

typedef struct exemplar_cell {
    char *bytes;        /* the labels, in the heap: those of the series, those of the exemplar */
    uint64_t hash;      /* of the series' labels */
    uint32_t next;      /* in the bucket of the hash, older; + 1 */
    uint32_t counts[2]; /* of both sets */
    double value;
    int64_t time_ms;
} exemplar_cell;

typedef struct tsdb_exemplar_ring {
    pthread_mutex_t lock;
    exemplar_cell *cells; /* NULL until there is one */
    uint32_t *buckets;    /* the newest of each; + 1 */
    uint32_t max, bucket_mask, at, count;
} tsdb_exemplar_ring;

bool tsdb_exemplar_ring_init(tsdb_exemplar_ring *ring, uint32_t max, ifm_error *err);
void tsdb_exemplar_ring_deinit(tsdb_exemplar_ring *ring);
/* Whether it was kept. */
bool tsdb_exemplar_ring_add(tsdb_exemplar_ring *ring, model_labels series, const tsdb_exemplar *exemplar);

#endif

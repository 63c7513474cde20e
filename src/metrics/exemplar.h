/* SPDX-License-Identifier: Apache-2.0
 *
 * The latest exemplar of a counter, or of each bucket of a histogram, in slots of fixed size that are made
 * with the series.
 *
 * Thread-safety: put from any thread, wait-free: a slot that another thread is writing at this moment is
 * left to it. get from any thread: a slot that changes while it is copied is tried again a few times.
 * E1  version is odd while the slot is being written.
 */
#ifndef IFM_METRICS_EXEMPLAR_H
#define IFM_METRICS_EXEMPLAR_H

#include "exposition/exposition.h"
#include "metrics/limits.h"

#include <inferometer/metrics.h>
#include <stdatomic.h>

/* 128 characters of up to 4 bytes. */
enum { IFM_EXEMPLAR_TEXT_BYTES = 4 * IFM_EXEMPLAR_CHARACTERS_MAX };

/* An exemplar in one piece; names and values follow each other in `text`. */
struct ifm_exemplar_record {
    double value;
    int64_t timestamp_ms;
    uint16_t label_count; /* 0xFFFF never occurs */
    uint16_t sizes[2 * IFM_EXEMPLAR_LABELS_MAX];
    char text[IFM_EXEMPLAR_TEXT_BYTES];
};

struct ifm_exemplars_store;

struct ifm_exemplars_store *ifm_exemplars_new(size_t slots, ifm_error *err);
void ifm_exemplars_free(struct ifm_exemplars_store *store);
void ifm_exemplars_clear(struct ifm_exemplars_store *store);

/* Keeps `exemplar` in the slot; left out when it has too many labels or characters, or is not UTF-8. */
void ifm_exemplars_put(struct ifm_exemplars_store *store, size_t slot, double value,
                       const ifm_exemplar *exemplar);

/* Copies what the slot holds; false when it holds nothing, or changed all the time. */
bool ifm_exemplars_get(struct ifm_exemplars_store *store, size_t slot, struct ifm_exemplar_record *out);

/* A view into `record`; `texts` has room for 2 * IFM_EXEMPLAR_LABELS_MAX. */
ifm_exemplar_view ifm_exemplar_record_view(const struct ifm_exemplar_record *record, ifm_text *texts);

#endif

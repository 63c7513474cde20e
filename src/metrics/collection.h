/* SPDX-License-Identifier: Apache-2.0
 *
 * What the collectors of one gather emitted: copied, checked, and written only when they are done, because
 * a document has each family in one piece and a collector may be refused half-way.
 *
 * Thread-safety: one thread.
 */
#ifndef IFM_METRICS_COLLECTION_H
#define IFM_METRICS_COLLECTION_H

#include "metrics/gather.h"

struct ifm_collected_sample {
    char *key; /* packed label values; NULL without labels */
    uint32_t key_size;
    double value;
};

struct ifm_collected {
    struct ifm_family *family; /* the description; it is in no registry */
    struct ifm_collected_sample *samples;
    size_t sample_count;
    size_t sample_capacity;
    uint64_t *buckets; /* histogram */
    double sum;
};

struct ifm_collection {
    ifm_registry *registry;
    struct ifm_collected *families;
    size_t family_count;
    size_t family_capacity;
    size_t sample_count; /* of this collector, against IFM_COLLECTED_SAMPLES_MAX */
    bool open;           /* samples go to the last family */
    bool refused;        /* something was left out since ifm_collection_begin() */
    bool nomem;
};

/* Samples that follow are of another collector. */
void ifm_collection_begin(ifm_collection *collection);

/* Drops repeated series of the families from `first` on. */
void ifm_collection_check(ifm_collection *collection, size_t first);

void ifm_collection_write(const ifm_collection *collection, struct ifm_gather *gather);
void ifm_collection_deinit(ifm_collection *collection);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include "metrics/collection.h"

#include "base/base.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void ifm_collection_begin(ifm_collection *collection)
{
    collection->open = false;
    collection->refused = false;
    collection->sample_count = 0;
}

static bool collection_refuse(ifm_collection *collection)
{
    collection->refused = true;
    return false;
}

static bool collection_nomem(ifm_collection *collection)
{
    collection->nomem = true;
    return collection_refuse(collection);
}

/* Whether one is the beginning of the other: sample names are a family's name and a suffix, so only such
 * families can share one. */
static bool names_begin_alike(const char *a, const char *b)
{
    while (*a != '\0' && *a == *b) {
        a++;
        b++;
    }
    return *a == '\0' || *b == '\0';
}

static bool families_clash(const struct ifm_family *family, const struct ifm_family *other)
{
    char name[2 * IFM_NAME_BYTES_MAX + 16];
    const char *suffix;
    for (size_t s = 0; (suffix = ifm_family_sample_suffix(family, s)) != NULL; s++) {
        snprintf(name, sizeof name, "%s%s", family->sort_key, suffix);
        if (ifm_family_has_sample(other, name)) {
            return true;
        }
    }
    return false;
}

/* Whether another family of this gather has one of its sample names. */
static bool collection_clashes(const ifm_collection *collection, const struct ifm_family *family)
{
    for (size_t i = 0; i < collection->family_count; i++) {
        const struct ifm_family *other = collection->families[i].family;
        if (names_begin_alike(family->sort_key, other->sort_key) && families_clash(family, other)) {
            return true;
        }
    }
    return false;
}

static struct ifm_collected *collection_add(ifm_collection *collection)
{
    if (collection->family_count == collection->family_capacity) {
        size_t capacity = collection->family_capacity == 0 ? 16 : collection->family_capacity * 2;
        struct ifm_collected *families = ifm_realloc(collection->families, capacity, sizeof *families);
        if (families == NULL) {
            collection_nomem(collection);
            return NULL;
        }
        collection->families = families;
        collection->family_capacity = capacity;
    }
    struct ifm_collected *added = &collection->families[collection->family_count];
    *added = (struct ifm_collected){0};
    return added;
}

static bool collection_open(ifm_collection *collection, ifm_metric_type type,
                            const ifm_metric_options *options)
{
    ifm_error reason;
    collection->open = false;
    struct ifm_family *family = ifm_family_new(type, options, &reason);
    if (family == NULL) {
        return reason.code == IFM_NOMEM ? collection_nomem(collection) : collection_refuse(collection);
    }
    struct ifm_collected *added = NULL;
    if (collection->family_count >= IFM_COLLECTED_FAMILIES_MAX ||
        ifm_registry_clashes(collection->registry, family) || collection_clashes(collection, family)) {
        collection_refuse(collection);
    } else {
        added = collection_add(collection);
    }
    if (added == NULL) {
        ifm_family_free(family);
        return false;
    }
    added->family = family;
    collection->family_count++;
    collection->open = true;
    return true;
}

bool ifm_collect_family(ifm_collection *collection, const ifm_collected_family *family)
{
    static const ifm_metric_type types[] = {
        [IFM_COLLECTED_COUNTER] = IFM_TYPE_COUNTER,
        [IFM_COLLECTED_GAUGE] = IFM_TYPE_GAUGE,
        [IFM_COLLECTED_INFO] = IFM_TYPE_INFO,
        [IFM_COLLECTED_UNKNOWN] = IFM_TYPE_UNKNOWN,
    };
    ifm_metric_options options = {
        .name = family->name,
        .help = family->help,
        .unit = family->unit,
        .label_names = family->label_names,
        .label_count = family->label_count,
    };
    if ((size_t)family->type >= IFM_COUNT_OF(types)) {
        collection->open = false;
        return collection_refuse(collection);
    }
    return collection_open(collection, types[family->type], &options);
}

static bool collected_room(struct ifm_collected *family)
{
    if (family->sample_count < family->sample_capacity) {
        return true;
    }
    size_t capacity = family->sample_capacity == 0 ? 4 : family->sample_capacity * 2;
    struct ifm_collected_sample *samples = ifm_realloc(family->samples, capacity, sizeof *samples);
    if (samples == NULL) {
        return false;
    }
    family->samples = samples;
    family->sample_capacity = capacity;
    return true;
}

void ifm_collect_sample(ifm_collection *collection, const char *const *label_values, double value)
{
    if (!collection->open) {
        return;
    }
    struct ifm_collected *family = &collection->families[collection->family_count - 1];
    bool labels = family->family->label_count > 0;
    bool negative = family->family->type == IFM_TYPE_COUNTER && !(value >= 0);
    if (collection->sample_count >= IFM_COLLECTED_SAMPLES_MAX || negative ||
        (labels && label_values == NULL)) {
        collection_refuse(collection);
        return;
    }
    struct ifm_collected_sample sample = {.value = value};
    if (labels) {
        sample.key = ifm_family_pack(family->family, label_values, &sample.key_size);
    }
    if ((labels && sample.key == NULL) || !collected_room(family)) {
        ifm_free(sample.key);
        collection_nomem(collection);
        return;
    }
    family->samples[family->sample_count++] = sample;
    collection->sample_count++;
}

void ifm_collect_histogram(ifm_collection *collection, const char *name, const char *help, const char *unit,
                           const double *bounds, const uint64_t *buckets, size_t bound_count, double sum)
{
    ifm_error reason;
    ifm_metric_options options = {.name = name, .help = help, .unit = unit};
    if (buckets == NULL || (bounds == NULL && bound_count > 0)) {
        collection->open = false;
        collection_refuse(collection);
        return;
    }
    bool opened = collection_open(collection, IFM_TYPE_HISTOGRAM, &options);
    collection->open = false; /* no samples after it */
    if (!opened) {
        return;
    }
    struct ifm_collected *family = &collection->families[collection->family_count - 1];
    family->buckets = ifm_alloc((bound_count + 1) * sizeof *buckets);
    if (family->buckets == NULL ||
        !ifm_buckets_init(&family->family->histogram.buckets, bounds, bound_count, &reason)) {
        bool nomem = family->buckets == NULL || reason.code == IFM_NOMEM;
        ifm_free(family->buckets);
        ifm_family_free(family->family);
        collection->family_count--;
        nomem ? (void)collection_nomem(collection) : (void)collection_refuse(collection);
        return;
    }
    memcpy(family->buckets, buckets, (bound_count + 1) * sizeof *buckets);
    family->sum = sum;
}

/* --- Repeated series ------------------------------------------------------------------------------------ */

static int sample_compare(const void *a, const void *b)
{
    const struct ifm_collected_sample *left = *(const struct ifm_collected_sample *const *)a;
    const struct ifm_collected_sample *right = *(const struct ifm_collected_sample *const *)b;
    uint32_t size = left->key_size < right->key_size ? left->key_size : right->key_size;
    int order = size == 0 ? 0 : memcmp(left->key, right->key, size);
    if (order == 0) {
        order = (left->key_size > right->key_size) - (left->key_size < right->key_size);
    }
    return order != 0 ? order : (left > right) - (left < right); /* the earlier one is kept */
}

static bool sample_same(const struct ifm_collected_sample *a, const struct ifm_collected_sample *b)
{
    return a->key_size == b->key_size && (a->key_size == 0 || memcmp(a->key, b->key, a->key_size) == 0);
}

static void collected_check(ifm_collection *collection, struct ifm_collected *family)
{
    size_t count = family->sample_count;
    if (count < 2) {
        return;
    }
    struct ifm_collected_sample **sorted = ifm_alloc(count * sizeof(struct ifm_collected_sample *));
    bool *repeated = ifm_alloc_zero(count, sizeof *repeated);
    if (sorted == NULL || repeated == NULL) {
        collection_nomem(collection);
    } else {
        for (size_t i = 0; i < count; i++) {
            sorted[i] = &family->samples[i];
        }
        qsort(sorted, count, sizeof(struct ifm_collected_sample *), sample_compare);
        for (size_t i = 1; i < count; i++) {
            repeated[sorted[i] - family->samples] = sample_same(sorted[i - 1], sorted[i]);
        }
        family->sample_count = 0;
        for (size_t i = 0; i < count; i++) {
            if (repeated[i]) {
                ifm_free(family->samples[i].key);
                collection_refuse(collection);
            } else {
                family->samples[family->sample_count++] = family->samples[i];
            }
        }
    }
    ifm_free((void *)sorted);
    ifm_free(repeated);
}

void ifm_collection_check(ifm_collection *collection, size_t first)
{
    for (size_t i = first; i < collection->family_count; i++) {
        collected_check(collection, &collection->families[i]);
    }
}

/* --- Writing -------------------------------------------------------------------------------------------- */

static void collected_write_histogram(const struct ifm_collected *collected, struct ifm_gather *gather)
{
    const struct ifm_buckets *buckets = &collected->family->histogram.buckets;
    ifm_histogram_point histogram = {
        .classic = true,
        .bounds = buckets->bounds,
        .buckets = collected->buckets,
        .bound_count = buckets->count,
        .sum = collected->sum,
    };
    for (size_t i = 0; i <= buckets->count; i++) {
        histogram.count += collected->buckets[i];
    }
    ifm_encoder_histogram(gather->encoder, &(ifm_point){0}, &histogram);
}

static void collected_write_sample(const struct ifm_collected *collected, struct ifm_gather *gather,
                                   const struct ifm_collected_sample *sample)
{
    ifm_family_unpack(collected->family, sample->key, gather->texts);
    ifm_point point = {.label_values = gather->texts};
    if (collected->family->type == IFM_TYPE_COUNTER) {
        ifm_encoder_counter(gather->encoder, &point, sample->value, NULL);
    } else if (collected->family->type == IFM_TYPE_INFO) {
        ifm_encoder_info(gather->encoder, &point);
    } else {
        ifm_encoder_gauge(gather->encoder, &point, sample->value);
    }
}

void ifm_collection_write(const ifm_collection *collection, struct ifm_gather *gather)
{
    for (size_t i = 0; i < collection->family_count; i++) {
        const struct ifm_collected *collected = &collection->families[i];
        ifm_family_head head = ifm_family_head_of(collected->family);
        bool empty = collected->buckets == NULL && collected->sample_count == 0;
        if (empty || !ifm_encoder_wants(gather->encoder, &head)) {
            continue;
        }
        ifm_encoder_family_begin(gather->encoder, &head);
        if (collected->buckets != NULL) {
            collected_write_histogram(collected, gather);
        }
        for (size_t k = 0; k < collected->sample_count; k++) {
            collected_write_sample(collected, gather, &collected->samples[k]);
        }
        ifm_encoder_family_end(gather->encoder);
    }
}

void ifm_collection_deinit(ifm_collection *collection)
{
    for (size_t i = 0; i < collection->family_count; i++) {
        struct ifm_collected *collected = &collection->families[i];
        for (size_t k = 0; k < collected->sample_count; k++) {
            ifm_free(collected->samples[k].key);
        }
        ifm_free(collected->samples);
        ifm_free(collected->buckets);
        ifm_family_free(collected->family);
    }
    ifm_free(collection->families);
}

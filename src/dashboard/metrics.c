/* SPDX-License-Identifier: Apache-2.0
 *
 * M1  at most half of the slots are taken: a search ends.
 */
#include "dashboard/metrics.h"

#include "base/base.h"
#include "dashboard/limits.h"
#include "dashboard/metrics_impl.h"

#include <stdint.h>
#include <string.h>

typedef struct metric {
    char *name; /* NULL: a free slot */
    size_t size;
    dashboard_metric_type type;
} metric;

/* A family whose names begin with `prefix`. */
typedef struct pattern {
    char *prefix;
    size_t size;
    dashboard_metric_type type;
} pattern;

struct dashboard_metrics {
    metric *slots;
    size_t slot_count; /* a power of two */
    size_t count;
    pattern *patterns;
    size_t pattern_count, pattern_capacity;
};

enum { SLOTS_FIRST = 256, PATTERNS_FIRST = 16, NEAREST_SIZE_MAX = 128 };

static bool add_prometheus(dashboard_metrics *metrics, ifm_error *err)
{
    static const char *const names[] = {"up",
                                        "scrape_duration_seconds",
                                        "scrape_samples_scraped",
                                        "scrape_samples_post_metric_relabeling",
                                        "scrape_series_added",
                                        "scrape_timeout_seconds", /* these three: extra-scrape-metrics */
                                        "scrape_sample_limit",
                                        "scrape_body_size_bytes",
                                        "ALERTS",
                                        "ALERTS_FOR_STATE"};
    for (size_t i = 0; i < IFM_COUNT_OF(names); i++) {
        if (!dashboard_metrics_add(metrics, names[i], strlen(names[i]), DASHBOARD_METRIC_GAUGE, err)) {
            return false;
        }
    }
    return true;
}

dashboard_metrics *dashboard_metrics_new(ifm_error *err)
{
    dashboard_metrics *metrics = ifm_alloc_zero(1, sizeof *metrics);
    if (metrics == NULL) {
        ifm_error_nomem(err);
        return NULL;
    }
    if (!add_prometheus(metrics, err)) {
        dashboard_metrics_free(metrics);
        return NULL;
    }
    return metrics;
}

void dashboard_metrics_free(dashboard_metrics *metrics)
{
    if (metrics == NULL) {
        return;
    }
    for (size_t i = 0; i < metrics->slot_count; i++) {
        ifm_free(metrics->slots[i].name);
    }
    for (size_t i = 0; i < metrics->pattern_count; i++) {
        ifm_free(metrics->patterns[i].prefix);
    }
    ifm_free(metrics->slots);
    ifm_free(metrics->patterns);
    ifm_free(metrics);
}

/* The slot of that name, or the free one where it belongs. FNV-1a: the names are those of the user's own
 * files, and a slow look-up is all that an enemy could gain. */
static metric *slot_of(metric *slots, size_t slot_count, const char *name, size_t size)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (size_t i = 0; i < size; i++) {
        hash = (hash ^ (unsigned char)name[i]) * UINT64_C(1099511628211);
    }
    size_t at = (size_t)(hash ^ hash >> 32) & (slot_count - 1);
    while (slots[at].name != NULL &&
           (slots[at].size != size || memcmp(slots[at].name, name, size) != 0)) { /* M1 */
        at = (at + 1) & (slot_count - 1);
    }
    return &slots[at];
}

/* Makes room for one more. */
static bool reserve(dashboard_metrics *metrics, ifm_error *err)
{
    if ((metrics->count + 1) * 2 <= metrics->slot_count) {
        return true;
    }
    size_t slot_count = metrics->slot_count == 0 ? SLOTS_FIRST : metrics->slot_count * 2;
    metric *slots = ifm_alloc_zero(slot_count, sizeof *slots);
    if (slots == NULL) {
        return ifm_error_nomem(err);
    }
    for (size_t i = 0; i < metrics->slot_count; i++) {
        const metric *old = &metrics->slots[i];
        if (old->name != NULL) {
            *slot_of(slots, slot_count, old->name, old->size) = *old;
        }
    }
    ifm_free(metrics->slots);
    metrics->slots = slots;
    metrics->slot_count = slot_count;
    return true;
}

bool dashboard_metrics_add(dashboard_metrics *metrics, const char *name, size_t size,
                           dashboard_metric_type type, ifm_error *err)
{
    if (size > DASHBOARD_METRIC_BYTES_MAX) {
        return ifm_error_set(err, IFM_LIMIT, "the name of a metric has %zu bytes, the limit is %d", size,
                             DASHBOARD_METRIC_BYTES_MAX);
    }
    if (metrics->count >= DASHBOARD_METRICS_MAX) {
        return ifm_error_set(err, IFM_LIMIT, "there are more than %d names of metrics",
                             DASHBOARD_METRICS_MAX);
    }
    if (!reserve(metrics, err)) {
        return false;
    }
    metric *slot = slot_of(metrics->slots, metrics->slot_count, name, size);
    if (slot->name != NULL) {
        return true;
    }
    char *copy = ifm_copy_bytes(name, size);
    if (copy == NULL) {
        return ifm_error_nomem(err);
    }
    *slot = (metric){copy, size, type};
    metrics->count++;
    return true;
}

bool dashboard_metrics_add_pattern(dashboard_metrics *metrics, const char *prefix, size_t size,
                                   dashboard_metric_type type, ifm_error *err)
{
    if (metrics->pattern_count == metrics->pattern_capacity) {
        size_t more = metrics->pattern_capacity == 0 ? PATTERNS_FIRST : metrics->pattern_capacity * 2;
        pattern *moved = ifm_realloc(metrics->patterns, more, sizeof *moved);
        if (moved == NULL) {
            return ifm_error_nomem(err);
        }
        metrics->patterns = moved;
        metrics->pattern_capacity = more;
    }
    char *copy = ifm_copy_bytes(prefix, size);
    if (copy == NULL) {
        return ifm_error_nomem(err);
    }
    metrics->patterns[metrics->pattern_count++] = (pattern){copy, size, type};
    return true;
}

static bool ends_with(const char *name, size_t size, const char *end)
{
    size_t end_size = strlen(end);
    return size > end_size && memcmp(name + size - end_size, end, end_size) == 0;
}

/* The type of `name`, which is of a family that a pattern of `type` describes. */
static dashboard_metric_type type_by_suffix(const char *name, size_t size, dashboard_metric_type type)
{
    if (type != DASHBOARD_METRIC_HISTOGRAM) {
        return type;
    }
    if (ends_with(name, size, "_bucket")) {
        return DASHBOARD_METRIC_BUCKET;
    }
    if (ends_with(name, size, "_sum") || ends_with(name, size, "_count")) {
        return DASHBOARD_METRIC_COUNTER;
    }
    return ends_with(name, size, "_created") ? DASHBOARD_METRIC_GAUGE : type;
}

dashboard_metric_type dashboard_metrics_find(const dashboard_metrics *metrics, const char *name, size_t size)
{
    const metric *slot = slot_of(metrics->slots, metrics->slot_count, name, size);
    if (slot->name != NULL) {
        return slot->type;
    }
    for (size_t i = 0; i < metrics->pattern_count; i++) {
        const pattern *at = &metrics->patterns[i];
        if (size > at->size && memcmp(name, at->prefix, at->size) == 0) {
            return type_by_suffix(name, size, at->type);
        }
    }
    return DASHBOARD_METRIC_NONE;
}

/* How many characters have to be changed, added or left out (Levenshtein). Sizes up to NEAREST_SIZE_MAX. */
static unsigned distance(const char *a, size_t a_size, const char *b, size_t b_size)
{
    unsigned row[NEAREST_SIZE_MAX + 1];
    for (size_t j = 0; j <= b_size; j++) {
        row[j] = (unsigned)j;
    }
    for (size_t i = 1; i <= a_size; i++) {
        unsigned diagonal = row[0];
        row[0] = (unsigned)i;
        for (size_t j = 1; j <= b_size; j++) {
            unsigned best = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            best = row[j] + 1 < best ? row[j] + 1 : best;
            row[j] = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
        }
    }
    return row[b_size];
}

const char *dashboard_metrics_nearest(const dashboard_metrics *metrics, const char *name, size_t size)
{
    const metric *nearest = NULL;
    unsigned nearest_distance = (unsigned)(size / 3); /* past a third it is another name */
    for (size_t i = 0; i < metrics->slot_count && size <= NEAREST_SIZE_MAX; i++) {
        const metric *at = &metrics->slots[i];
        size_t apart = at->size > size ? at->size - size : size - at->size;
        if (at->name == NULL || at->size > NEAREST_SIZE_MAX || apart > nearest_distance) {
            continue;
        }
        unsigned found = distance(name, size, at->name, at->size);
        bool is_first = nearest == NULL || strcmp(at->name, nearest->name) < 0; /* whatever the hash */
        if (found < nearest_distance || (found == nearest_distance && is_first)) {
            nearest = at;
            nearest_distance = found;
        }
    }
    return nearest == NULL ? NULL : nearest->name;
}

size_t dashboard_metrics_count(const dashboard_metrics *metrics)
{
    return metrics->count + metrics->pattern_count;
}

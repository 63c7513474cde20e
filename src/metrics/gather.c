/* SPDX-License-Identifier: Apache-2.0 */
#include "metrics/gather.h"

#include "base/base.h"
#include "metrics/exemplar.h"
#include "metrics/observe.h"
#include "metrics/self.h"

#include "os/os.h"

#include <errno.h>
#include <string.h>

/* A family's series, as they were at one moment; none is recycled while the gather runs (R2). */
struct gather_children {
    struct ifm_series **series;
    size_t count;
    size_t capacity;
};

static ifm_text text_of(const char *text)
{
    return (ifm_text){text, strlen(text)};
}

ifm_family_head ifm_family_head_of(const struct ifm_family *family)
{
    return (ifm_family_head){
        .name = text_of(family->name),
        .help = text_of(family->help),
        .unit = text_of(family->unit),
        .type = family->type,
        .label_names = family->label_names,
        .label_count = family->label_count,
    };
}

static bool children_copy(struct gather_children *children, const struct ifm_family *family, ifm_error *err)
{
    children->count = 0;
    for (size_t capacity = 0;;) {
        pthread_mutex_lock(&family->registry->lock);
        size_t need = family->child_count + 1;
        if (need <= children->capacity) {
            for (size_t i = 0; i < family->child_count; i++) {
                if (family->children[i] != NULL) {
                    children->series[children->count++] = family->children[i];
                }
            }
            if (family->overflow != NULL &&
                atomic_load_explicit(&family->overflow_used, memory_order_relaxed)) {
                children->series[children->count++] = family->overflow;
            }
            pthread_mutex_unlock(&family->registry->lock);
            return true;
        }
        pthread_mutex_unlock(&family->registry->lock);
        /* Memory is not taken under the lock; some room for what is added meanwhile. */
        capacity = need + need / 8;
        struct ifm_series **series = ifm_realloc(children->series, capacity, sizeof *series);
        if (series == NULL) {
            return ifm_error_nomem(err);
        }
        children->series = series;
        children->capacity = capacity;
    }
}

static bool series_is_live(const struct ifm_series *series)
{
    return (ifm_series_generation(series) & 1) == 0;
}

static ifm_point gather_point(struct ifm_gather *gather, const struct ifm_family *family,
                              const struct ifm_series *series)
{
    ifm_family_unpack(family, series->key, gather->texts);
    bool created = gather->registry->options.created_timestamps == IFM_CREATED_EXPOSE;
    return (ifm_point){gather->texts, created ? series->created_ms : 0};
}

/* --- Counter, gauge, info, state set -------------------------------------------------------------------- */

static void write_counter(struct ifm_gather *gather, const struct ifm_series *series, const ifm_point *point)
{
    struct ifm_exemplar_record record;
    ifm_text texts[2 * IFM_EXEMPLAR_LABELS_MAX];
    ifm_exemplar_view view;
    bool has = series->exemplars != NULL && ifm_exemplars_get(series->exemplars, 0, &record);
    if (has) {
        view = ifm_exemplar_record_view(&record, texts);
    }
    ifm_encoder_counter(gather->encoder, point, ifm_series_counter_value(series), has ? &view : NULL);
}

static void write_simple(struct ifm_gather *gather, const struct ifm_family *family,
                         const struct ifm_series *series)
{
    ifm_point point = gather_point(gather, family, series);
    if (family->type == IFM_TYPE_COUNTER) {
        write_counter(gather, series, &point);
    } else if (family->type == IFM_TYPE_GAUGE) {
        ifm_encoder_gauge(gather->encoder, &point, ifm_series_gauge_value(series));
    } else if (family->type == IFM_TYPE_INFO) {
        ifm_encoder_info(gather->encoder, &point);
    } else {
        ifm_encoder_state_set(gather->encoder, &point, family->states, family->state_count,
                              atomic_load_explicit(&series->states, memory_order_relaxed));
    }
}

/* --- Histogram ------------------------------------------------------------------------------------------ */

/* The exemplars of one series' buckets, copied out of its store. */
struct bucket_exemplars {
    struct ifm_exemplar_record *records;
    ifm_text (*texts)[2 * IFM_EXEMPLAR_LABELS_MAX];
    ifm_exemplar_view *views;            /* one after the other, for native buckets */
    const ifm_exemplar_view **by_bucket; /* NULL where a bucket has none */
    size_t count;                        /* of views */
};

static void bucket_exemplars_free(struct bucket_exemplars *exemplars)
{
    ifm_free(exemplars->records);
    ifm_free(exemplars->texts);
    ifm_free(exemplars->views);
    ifm_free((void *)exemplars->by_bucket);
}

static bool bucket_exemplars_init(struct bucket_exemplars *exemplars, size_t buckets, ifm_error *err)
{
    exemplars->records = ifm_alloc_zero(buckets, sizeof *exemplars->records);
    exemplars->texts = ifm_alloc_zero(buckets, sizeof *exemplars->texts);
    exemplars->views = ifm_alloc_zero(buckets, sizeof *exemplars->views);
    exemplars->by_bucket = ifm_alloc_zero(buckets, sizeof *exemplars->by_bucket);
    bool made = exemplars->records != NULL && exemplars->texts != NULL && exemplars->views != NULL &&
                exemplars->by_bucket != NULL;
    if (!made) {
        bucket_exemplars_free(exemplars);
        return ifm_error_nomem(err);
    }
    return true;
}

static void bucket_exemplars_read(struct bucket_exemplars *exemplars, const struct ifm_series *series,
                                  size_t buckets)
{
    exemplars->count = 0;
    for (size_t i = 0; i < buckets; i++) {
        exemplars->by_bucket[i] = NULL;
        if (ifm_exemplars_get(series->exemplars, i, &exemplars->records[i])) {
            ifm_exemplar_view *view = &exemplars->views[exemplars->count++];
            *view = ifm_exemplar_record_view(&exemplars->records[i], exemplars->texts[i]);
            exemplars->by_bucket[i] = view;
        }
    }
}

static ifm_native_run native_run(const struct ifm_native_sum_run *run)
{
    return (ifm_native_run){run->first, run->length, run->counts};
}

static void write_histogram(struct ifm_gather *gather, const struct ifm_family *family,
                            const struct ifm_series *series, const struct ifm_histogram_sum *sum,
                            struct bucket_exemplars *exemplars)
{
    ifm_point point = gather_point(gather, family, series);
    const struct ifm_histogram_layout *layout = &family->histogram;
    if (family->exemplars) {
        bucket_exemplars_read(exemplars, series, layout->buckets.count + 1);
    }
    ifm_native_point native = {
        .schema = sum->native.schema,
        .zero_threshold = layout->native.zero_threshold,
        .zero_count = sum->native.zero,
        .positive = native_run(&sum->native.positive),
        .negative = native_run(&sum->native.negative),
        .exemplars = exemplars->views,
        .exemplar_count = exemplars->count,
    };
    ifm_histogram_point histogram = {
        .classic = layout->classic,
        .bounds = layout->buckets.bounds,
        .buckets = sum->buckets,
        .bound_count = layout->buckets.count,
        .count = sum->count,
        .sum = sum->sum,
        .exemplars = family->exemplars ? exemplars->by_bucket : NULL,
        .native = layout->native.slots != 0 ? &native : NULL,
    };
    ifm_encoder_histogram(gather->encoder, &point, &histogram);
}

static void write_summary(struct ifm_gather *gather, const struct ifm_family *family,
                          const struct ifm_series *series, const struct ifm_histogram_sum *sum)
{
    double values[IFM_QUANTILES_MAX];
    ifm_point point = gather_point(gather, family, series);
    if (series->sketch != NULL) {
        ifm_sketch_read(series->sketch, ifm_os_monotonic_ns(), values);
    }
    ifm_summary_point summary = {
        .quantiles = family->sketch.quantiles,
        .values = values,
        .quantile_count = family->sketch.quantile_count,
        .count = sum->count,
        .sum = sum->sum,
    };
    ifm_encoder_summary(gather->encoder, &point, &summary);
}

/* Histograms and summaries. A series whose writer is stuck is left out and counted: a gap is better than
 * numbers that do not belong together. */
static bool write_cells(struct ifm_gather *gather, const struct ifm_family *family,
                        const struct gather_children *children, ifm_error *err)
{
    struct bucket_exemplars exemplars = {0};
    struct ifm_histogram_sum sum;
    if (!ifm_histogram_sum_init(&sum, &family->histogram, err)) {
        return false;
    }
    if (family->exemplars && !bucket_exemplars_init(&exemplars, family->histogram.buckets.count + 1, err)) {
        ifm_histogram_sum_deinit(&sum);
        return false;
    }
    bool done = true;
    for (size_t i = 0; done && i < children->count; i++) {
        const struct ifm_series *series = children->series[i];
        if (!series_is_live(series)) {
            continue;
        }
        ifm_histogram_sum_clear(&sum, &family->histogram);
        enum ifm_read_result result = ifm_series_histogram(series, &sum);
        if (result == IFM_READ_NOMEM) {
            done = ifm_error_nomem(err);
        } else if (result == IFM_READ_STUCK) {
            atomic_fetch_add_explicit(&gather->registry->skipped_series, 1, memory_order_relaxed);
        } else if (family->type == IFM_TYPE_SUMMARY) {
            write_summary(gather, family, series, &sum);
        } else {
            write_histogram(gather, family, series, &sum, &exemplars);
        }
    }
    bucket_exemplars_free(&exemplars);
    ifm_histogram_sum_deinit(&sum);
    return done;
}

/* --- Families ------------------------------------------------------------------------------------------- */

static bool gather_family(struct ifm_gather *gather, const struct ifm_family *family,
                          struct gather_children *children, ifm_error *err)
{
    ifm_family_head head = ifm_family_head_of(family);
    if (!ifm_encoder_wants(gather->encoder, &head)) {
        return true;
    }
    if (!children_copy(children, family, err)) {
        return false;
    }
    if (children->count == 0) {
        return true;
    }
    bool done = true;
    ifm_encoder_family_begin(gather->encoder, &head);
    if (family->type == IFM_TYPE_HISTOGRAM || family->type == IFM_TYPE_SUMMARY) {
        done = write_cells(gather, family, children, err);
    } else {
        for (size_t i = 0; i < children->count; i++) {
            if (series_is_live(children->series[i])) {
                write_simple(gather, family, children->series[i]);
            }
        }
    }
    ifm_encoder_family_end(gather->encoder);
    return done;
}

static struct ifm_family **families_copy(ifm_registry *registry, size_t *count, ifm_error *err)
{
    pthread_mutex_lock(&registry->lock);
    registry->gathering++; /* R2: from here on what was copied stays */
    registry->gatherer = pthread_self();
    *count = registry->family_count;
    struct ifm_family **families = ifm_alloc((*count + 1) * sizeof(struct ifm_family *));
    if (families != NULL && *count > 0) {
        memcpy(families, registry->families, *count * sizeof(struct ifm_family *));
    }
    pthread_mutex_unlock(&registry->lock);
    if (families == NULL) {
        ifm_error_nomem(err);
    }
    return families;
}

static bool gather_families(struct ifm_gather *gather, ifm_error *err)
{
    size_t count;
    struct gather_children children = {0};
    struct ifm_family **families = families_copy(gather->registry, &count, err);
    bool done = families != NULL;
    for (size_t i = 0; done && i < count; i++) {
        done = gather_family(gather, families[i], &children, err);
    }
    ifm_free(children.series);
    ifm_free(families);
    return done;
}

bool ifm_registry_gather(ifm_registry *registry, ifm_encoder *encoder, ifm_error *err)
{
    struct ifm_gather gather = {.registry = registry, .encoder = encoder};
    if (pthread_mutex_lock(&registry->gather_lock) == EDEADLK) {
        return ifm_error_set(err, IFM_STATE, "cannot gather a registry from inside one of its collectors");
    }
    bool done = gather_families(&gather, err) && ifm_gather_collectors(&gather, err);
    if (done && registry->options.self_metrics == IFM_SELF_METRICS_EXPOSE) {
        ifm_self_write(&gather);
    }
    pthread_mutex_lock(&registry->lock);
    registry->gathering--;
    ifm_registry_reclaim(registry);
    ifm_arena_reserve(&registry->arena);
    pthread_mutex_unlock(&registry->lock);
    pthread_mutex_unlock(&registry->gather_lock);
    if (gather.warning[0] != '\0') {
        ifm_log(IFM_LOG_WARNING, "%s", gather.warning); /* the program's function may call the library */
    }
    return done;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/pipeline_metrics.h"

#include "base/base.h"
#include "exposition/exposition.h"
#include "pipeline/limits.h"
#include "pipeline/resources.h"

#include <pthread.h>
#include <string.h>

enum { METRICS_NAME_BUCKETS = 256 };

/* The only state of the process in this folder: a registry has no place to hang it. */
static struct {
    pthread_once_t once;
    pthread_mutex_t lock;        /* protects `first` and everything that hangs from it */
    ifm_pipeline_metrics *first; /* one for each registry with open loggers */
} pipelines = {PTHREAD_ONCE_INIT, PTHREAD_MUTEX_INITIALIZER, NULL};

_Atomic int32_t ifm_pipeline_epoch = 1;

static void fork_child(void)
{
    pthread_mutex_init(&pipelines.lock, NULL); /* M1 */
    atomic_fetch_add_explicit(&ifm_pipeline_epoch, 1, memory_order_relaxed);
}

static void fork_register(void)
{
    pthread_atfork(NULL, NULL, fork_child);
}

void ifm_pipelines_lock(void)
{
    pthread_once(&pipelines.once, fork_register);
    pthread_mutex_lock(&pipelines.lock);
}

void ifm_pipelines_unlock(void)
{
    pthread_mutex_unlock(&pipelines.lock);
}

/* --- Registering -------------------------------------------------------------------------------------- */

/* What reaches a registry under a name of ours is taken out again with the last logger. */
static bool metrics_remember(ifm_pipeline_metrics *metrics, bool done, const char *name)
{
    if (done) {
        metrics->registered[metrics->registered_count++] = name;
    }
    return done;
}

/* Most families have a second label; `label` NULL is for those that have not. */
static ifm_metric_options describe(const char *name, const char *help, const char *unit,
                                   const char *const *labels, size_t label_count)
{
    return (ifm_metric_options){
        .name = name, .help = help, .unit = unit, .label_names = labels, .label_count = label_count};
}

static bool register_counter(ifm_pipeline_metrics *metrics, const char *name, const char *help,
                             const char *label, ifm_counter_family **out, ifm_error *err)
{
    const char *const labels[] = {"pipeline", label};
    const ifm_counter_options options = {.metric = describe(name, help, NULL, labels, 2)};
    bool done = ifm_counter_family_register(metrics->registry, &options, out, err);
    return metrics_remember(metrics, done, name);
}

struct histogram_plan {
    const char *name;
    const char *help;
    const char *unit;
    ifm_histogram_kind kind;
    const double *bounds;
    size_t bound_count;
    size_t label_count; /* 1: pipeline; 2: and stage */
};

static bool register_histogram(ifm_pipeline_metrics *metrics, const struct histogram_plan *plan,
                               ifm_histogram_family **out, ifm_error *err)
{
    static const char *const labels[] = {"pipeline", "stage"};
    const ifm_histogram_options options = {
        .metric = describe(plan->name, plan->help, plan->unit, labels, plan->label_count),
        .kind = plan->kind,
        .bounds = plan->bounds,
        .bound_count = plan->bound_count,
    };
    bool known = *out != NULL;
    bool done = ifm_histogram_family_register(metrics->registry, &options, out, err);
    return known ? done : metrics_remember(metrics, done, plan->name);
}

static bool register_in_flight(ifm_pipeline_metrics *metrics, ifm_error *err)
{
    static const char *const labels[] = {"pipeline"};
    static const char name[] = "inference_requests_in_flight";
    const ifm_gauge_options options = {
        .metric = describe(name, "Inferences that have begun and not ended.", NULL, labels, 1),
        .updates = IFM_GAUGE_INC_DEC,
    };
    bool done = ifm_gauge_family_register(metrics->registry, &options, &metrics->in_flight, err);
    return metrics_remember(metrics, done, name);
}

static bool register_model(ifm_pipeline_metrics *metrics, ifm_error *err)
{
    static const char *const labels[] = {"pipeline", "name", "version", "engine"};
    static const char name[] = "inference_model";
    const ifm_metric_options options = describe(name, "The model that a pipeline runs.", NULL, labels, 4);
    bool done = ifm_info_register(metrics->registry, &options, &metrics->model, err);
    return metrics_remember(metrics, done, name);
}

/* inference_duration_seconds and inference_stage_duration_seconds, with the bounds of this logger. */
static bool register_durations(ifm_pipeline_metrics *metrics, const ifm_logger_options *settings,
                               ifm_error *err)
{
    struct histogram_plan plan = {
        .name = "inference_duration_seconds",
        .help = "Time from the beginning of an inference to its end.",
        .unit = "seconds",
        .kind = IFM_HISTOGRAM_BOTH,
        .bounds = settings->stage_bounds,
        .bound_count = settings->stage_bound_count,
        .label_count = 1,
    };
    if (!register_histogram(metrics, &plan, &metrics->duration, err)) {
        return false;
    }
    plan.name = "inference_stage_duration_seconds";
    plan.help = "Time of one stage of an inference.";
    plan.label_count = 2;
    return register_histogram(metrics, &plan, &metrics->stage_duration, err);
}

/* What a pipeline reports only when it has it: batches, a queue, tokens. */
static bool register_optional(ifm_pipeline_metrics *metrics, ifm_error *err)
{
    static const double batch_sizes[] = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024};
    /* The bounds that inference servers use, so that dashboards and alerts compare, and below them room for
     * small models. */
    static const double first_token[] = {.001, .0025, .005, .01, .02, .04, .06, .08, .1,
                                         .25,  .5,    .75,  1,   2.5, 5,   7.5, 10};
    static const double per_token[] = {.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .075,
                                       .1,    .15,    .2,    .3,   .4,    .5,   .75, 1,    2.5};
    struct histogram_plan batch = {.name = "inference_batch_size",
                                   .help = "Items that one inference handles.",
                                   .kind = IFM_HISTOGRAM_CLASSIC,
                                   .bounds = batch_sizes,
                                   .bound_count = IFM_COUNT_OF(batch_sizes),
                                   .label_count = 1};
    struct histogram_plan queue = {.name = "inference_queue_duration_seconds",
                                   .help = "Time that a request waited before its inference began.",
                                   .unit = "seconds",
                                   .kind = IFM_HISTOGRAM_BOTH,
                                   .label_count = 1};
    struct histogram_plan first = {.name = "inference_time_to_first_token_seconds",
                                   .help =
                                       "Time from the beginning of an inference to its first output token.",
                                   .unit = "seconds",
                                   .kind = IFM_HISTOGRAM_BOTH,
                                   .bounds = first_token,
                                   .bound_count = IFM_COUNT_OF(first_token),
                                   .label_count = 1};
    struct histogram_plan per = {
        .name = "inference_time_per_output_token_seconds",
        .help = "Time between output tokens after the first, as a mean of each inference.",
        .unit = "seconds",
        .kind = IFM_HISTOGRAM_BOTH,
        .bounds = per_token,
        .bound_count = IFM_COUNT_OF(per_token),
        .label_count = 1};
    queue.bounds = ifm_buckets_stage(&queue.bound_count);
    return register_histogram(metrics, &batch, &metrics->batch_size, err) &&
           register_histogram(metrics, &queue, &metrics->queue_duration, err) &&
           register_histogram(metrics, &first, &metrics->first_token, err) &&
           register_histogram(metrics, &per, &metrics->per_token, err) &&
           register_counter(metrics, "inference_tokens", "Tokens that went in or came out.", "direction",
                            &metrics->tokens, err);
}

static bool register_common(ifm_pipeline_metrics *metrics, ifm_error *err)
{
    metrics->resources = ifm_resources_register(metrics->registry, &ifm_resources_real, err);
    return metrics->resources &&
           register_counter(metrics, "inference_requests", "Inferences that ended, by outcome.", "outcome",
                            &metrics->requests, err) &&
           register_counter(metrics, "inference_failures", "Inferences that failed, by reason.", "reason",
                            &metrics->failures, err) &&
           register_in_flight(metrics, err) && register_model(metrics, err) &&
           register_optional(metrics, err);
}

/* --- Sharing ------------------------------------------------------------------------------------------ */

static ifm_pipeline_metrics **metrics_find(const ifm_registry *registry)
{
    ifm_pipeline_metrics **at = &pipelines.first;
    while (*at != NULL && (*at)->registry != registry) {
        at = &(*at)->next;
    }
    return at;
}

static void unregister_named(void *registry, const char *name, void *value)
{
    (void)value;
    ifm_registry_unregister(registry, name);
}

static void metrics_free(ifm_pipeline_metrics *metrics)
{
    for (size_t i = 0; i < metrics->registered_count; i++) {
        ifm_registry_unregister(metrics->registry, metrics->registered[i]);
    }
    if (metrics->resources) {
        ifm_registry_unregister(metrics->registry, IFM_RESOURCES_COLLECTOR);
    }
    ifm_names_each(&metrics->data, unregister_named, metrics->registry);
    ifm_names_each(&metrics->plain, unregister_named, metrics->registry);
    ifm_names_deinit(&metrics->data, NULL);
    ifm_names_deinit(&metrics->plain, ifm_free);
    ifm_free(metrics);
}

static ifm_pipeline_metrics *metrics_new(const ifm_logger_options *settings, ifm_error *err)
{
    ifm_pipeline_metrics *metrics = ifm_alloc_zero(1, sizeof *metrics);
    if (metrics == NULL) {
        ifm_error_nomem(err);
        return NULL;
    }
    metrics->registry = settings->registry;
    if (!ifm_names_init(&metrics->data, METRICS_NAME_BUCKETS, err) ||
        !ifm_names_init(&metrics->plain, METRICS_NAME_BUCKETS, err) || !register_common(metrics, err)) {
        metrics_free(metrics);
        return NULL;
    }
    return metrics;
}

static ifm_pipeline_metrics *metrics_acquire(const ifm_logger_options *settings, ifm_error *err)
{
    ifm_pipeline_metrics *metrics = *metrics_find(settings->registry);
    bool is_new = metrics == NULL;
    metrics = is_new ? metrics_new(settings, err) : metrics;
    if (metrics == NULL) {
        return NULL;
    }
    if ((settings->naming & IFM_NAMING_INFEROMETER) != 0 && !register_durations(metrics, settings, err)) {
        if (is_new) {
            metrics_free(metrics);
        }
        return NULL;
    }
    if (is_new) {
        metrics->next = pipelines.first;
        pipelines.first = metrics;
    }
    metrics->users++;
    return metrics;
}

ifm_pipeline_metrics *ifm_pipeline_metrics_acquire(const ifm_logger_options *settings, ifm_error *err)
{
    ifm_pipelines_lock();
    ifm_pipeline_metrics *metrics = metrics_acquire(settings, err);
    ifm_pipelines_unlock();
    return metrics;
}

void ifm_pipeline_metrics_release(ifm_pipeline_metrics *metrics)
{
    ifm_pipelines_lock();
    if (--metrics->users == 0) {
        *metrics_find(metrics->registry) = metrics->next; /* M1 */
        metrics_free(metrics);
    }
    ifm_pipelines_unlock();
}

/* --- Metrics with names of their own ------------------------------------------------------------------ */

/* STAGE_PIPELINE with '_' for what a metric's name may not have. The caller frees it. */
static char *plain_name(const char *stage, const char *pipeline, ifm_error *err)
{
    ifm_buf given, name;
    size_t size;
    ifm_buf_init(&given, IFM_NAME_BYTES_MAX);
    ifm_buf_init(&name, IFM_NAME_BYTES_MAX + 1);
    ifm_buf_printf(&given, "%s_%s", stage, pipeline);
    if (given.failed == IFM_OK) {
        ifm_name_escape(&name, given.data, given.size, IFM_ESCAPING_UNDERSCORES, IFM_NAME_METRIC);
    }
    char *result = ifm_buf_check(&given, err) ? ifm_buf_take(&name, &size, err) : NULL;
    ifm_buf_deinit(&given);
    ifm_buf_deinit(&name);
    return result;
}

/* Stage and pipeline, a NUL after each. The caller frees it. */
static char *plain_owner(const char *stage, const char *pipeline)
{
    size_t stage_size = strlen(stage) + 1, pipeline_size = strlen(pipeline) + 1;
    char *owner = ifm_alloc(stage_size + pipeline_size);
    if (owner != NULL) {
        memcpy(owner, stage, stage_size);
        memcpy(owner + stage_size, pipeline, pipeline_size);
    }
    return owner;
}

static bool plain_check_owner(const char *owner, const char *name, const char *stage, const char *pipeline,
                              ifm_error *err)
{
    const char *owner_pipeline = owner + strlen(owner) + 1;
    if (strcmp(owner, stage) == 0 && strcmp(owner_pipeline, pipeline) == 0) {
        return true;
    }
    return ifm_error_set(
        err, IFM_EXISTS,
        "stage \"%.40s\" of pipeline \"%.40s\" cannot have metric \"%.60s\": it belongs to stage "
        "\"%.40s\" of pipeline \"%.40s\"",
        stage, pipeline, name, owner, owner_pipeline);
}

static bool plain_register(ifm_registry *registry, const char *name, ifm_histogram *out, ifm_error *err)
{
    /* Exact to the letter: the buckets of Prometheus's client libraries, no labels, no unit. */
    ifm_histogram_options options = {
        .metric = {.name = name, .help = "Time of this stage in this pipeline, in seconds."},
        .kind = IFM_HISTOGRAM_CLASSIC,
    };
    options.bounds = ifm_buckets_default(&options.bound_count);
    return ifm_histogram_register(registry, &options, out, err);
}

static bool plain_make(ifm_pipeline_metrics *metrics, const char *name, const char *stage,
                       const char *pipeline, ifm_histogram *out, ifm_error *err)
{
    if (!plain_register(metrics->registry, name, out, err)) {
        return false;
    }
    char *owner = plain_owner(stage, pipeline);
    if (owner == NULL || ifm_names_add(&metrics->plain, name, owner, err) == NULL) {
        ifm_registry_unregister(metrics->registry, name);
        ifm_free(owner);
        return ifm_error_nomem(err);
    }
    return true;
}

bool ifm_pipeline_metrics_plain(ifm_pipeline_metrics *metrics, const char *stage, const char *pipeline,
                                ifm_histogram *out, bool *made, ifm_error *err)
{
    char *name = plain_name(stage, pipeline, err);
    if (name == NULL) {
        return false;
    }
    const char *owner = ifm_names_find(&metrics->plain, name);
    bool done = owner != NULL ? plain_check_owner(owner, name, stage, pipeline, err) &&
                                    plain_register(metrics->registry, name, out, err)
                              : plain_make(metrics, name, stage, pipeline, out, err);
    *made = done && owner == NULL;
    ifm_free(name);
    return done;
}

void ifm_pipeline_metrics_unmake_plain(ifm_pipeline_metrics *metrics, const char *stage, const char *pipeline)
{
    ifm_error ignored; /* out of memory: it stays, at zero, until the last logger is closed */
    char *name = plain_name(stage, pipeline, &ignored);
    if (name != NULL) {
        ifm_registry_unregister(metrics->registry, name);
        ifm_free(ifm_names_remove(&metrics->plain, name));
        ifm_free(name);
    }
}

static bool data_register(ifm_pipeline_metrics *metrics, const char *name, const char *help,
                          const double *bounds, size_t bound_count, ifm_histogram_family **out,
                          ifm_error *err)
{
    static const char *const labels[] = {"pipeline"};
    const ifm_histogram_options options = {
        .metric = describe(name, help, NULL, labels, 1),
        .kind = IFM_HISTOGRAM_BOTH,
        .bounds = bounds,
        .bound_count = bound_count,
    };
    ifm_histogram_family *family;
    if (!ifm_histogram_family_register(metrics->registry, &options, &family, err)) {
        return false;
    }
    if (ifm_names_add(&metrics->data, name, family, err) == NULL) {
        ifm_registry_unregister(metrics->registry, name);
        return false;
    }
    *out = family;
    return true;
}

bool ifm_pipeline_metrics_data(ifm_pipeline_metrics *metrics, const char *name, const char *help,
                               const double *bounds, size_t bound_count, ifm_histogram_family **out,
                               ifm_error *err)
{
    ifm_buf buf;
    size_t size;
    ifm_buf_init(&buf, IFM_NAME_BYTES_MAX + 1);
    ifm_buf_printf(&buf, "inference_data_%s", name);
    char *metric = ifm_buf_take(&buf, &size, err);
    ifm_buf_deinit(&buf);
    if (metric == NULL) {
        return err->code == IFM_LIMIT
                   ? ifm_error_set(err, IFM_INVALID, "the name of the data is longer than %d bytes",
                                   IFM_NAME_BYTES_MAX)
                   : false;
    }
    bool done;
    ifm_histogram_family *known = ifm_names_find(&metrics->data, metric);
    if (known != NULL) {
        *out = known;
        done = true;
    } else if (metrics->data.count >= IFM_DATA_NAMES_MAX) {
        done = ifm_error_set(err, IFM_LIMIT, "cannot declare \"%.60s\": there are %d metrics of data", metric,
                             IFM_DATA_NAMES_MAX);
    } else {
        done = data_register(metrics, metric, help, bounds, bound_count, out, err);
    }
    ifm_free(metric);
    return done;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * Making pipelines and everything about them that is not hot. What can fail is done before the labelled
 * series are made, which cannot be taken back without touching those of another logger.
 */
#include "pipeline/pipeline.h"

#include "base/base.h"

#include <inferometer/timing.h>
#include <string.h>

enum { STAGE_NAME_BUCKETS = 64, REASON_BUCKETS = 64, MODEL_TEXTS = 3 };

static const char overflow_reason[] = "_overflow";

/* --- Making and freeing ------------------------------------------------------------------------------- */

/* Takes a place in stages[] and, if it is named so, the metric STAGE_PIPELINE. */
static bool pipeline_prepare_stage(ifm_pipeline *pipeline, int32_t place, const char *name, ifm_error *err)
{
    struct ifm_pipeline_stage *stage = &pipeline->stages[place];
    if ((pipeline->naming & IFM_NAMING_DEEPSPARSE) != 0 &&
        !ifm_pipeline_metrics_plain(pipeline->metrics, name, pipeline->name, &stage->plain,
                                    &stage->made_plain, err)) {
        return false;
    }
    stage->name = ifm_names_add(&pipeline->stage_names, name, stage, err);
    if (stage->name == NULL && stage->made_plain) {
        ifm_pipeline_metrics_unmake_plain(pipeline->metrics, name, pipeline->name);
    }
    if (stage->name == NULL) {
        *stage = (struct ifm_pipeline_stage){.name = NULL};
        return false;
    }
    return true;
}

/* Makes the labelled series and publishes the stage. */
static void pipeline_publish_stage(ifm_pipeline *pipeline, int32_t place)
{
    struct ifm_pipeline_stage *stage = &pipeline->stages[place];
    if ((pipeline->naming & IFM_NAMING_INFEROMETER) != 0) {
        const char *const values[] = {pipeline->name, stage->name};
        stage->labelled = ifm_histogram_with(pipeline->metrics->stage_duration, values);
    }
    atomic_store_explicit(&pipeline->stage_count, place + 1, memory_order_release); /* P1 */
}

static bool pipeline_prepare(ifm_pipeline *pipeline, const char *name, ifm_error *err)
{
    static const char *const stages[] = {
        [IFM_PRE_PROCESS] = IFM_STAGE_NAME_PRE_PROCESS,
        [IFM_ENGINE_FORWARD] = IFM_STAGE_NAME_ENGINE_FORWARD,
        [IFM_POST_PROCESS] = IFM_STAGE_NAME_POST_PROCESS,
    };
    pipeline->name = ifm_copy_text(name);
    if (pipeline->name == NULL) {
        return ifm_error_nomem(err);
    }
    bool made; /* nothing fails after it, so it need not be taken back */
    bool ok = ifm_names_init(&pipeline->stage_names, STAGE_NAME_BUCKETS, err) &&
              ifm_names_init(&pipeline->reasons, REASON_BUCKETS, err);
    for (int32_t i = 0; ok && i <= IFM_POST_PROCESS; i++) {
        ok = pipeline_prepare_stage(pipeline, i, stages[i], err);
    }
    if (ok && (pipeline->naming & IFM_NAMING_DEEPSPARSE) != 0) {
        ok = ifm_pipeline_metrics_plain(pipeline->metrics, IFM_STAGE_NAME_TOTAL_INFERENCE, name,
                                        &pipeline->plain_duration, &made, err);
    }
    return ok;
}

/* Series whose labels are known from the beginning are exposed at 0 from the beginning, as Prometheus
 * advises: a rate over a counter that appears with its first event misses that event. */
static void pipeline_publish(ifm_pipeline *pipeline)
{
    static const char *const outcomes[] = {
        [IFM_SUCCESS] = "success",
        [IFM_FAILURE] = "failure",
        [IFM_CANCELLED] = "cancelled",
    };
    const ifm_pipeline_metrics *metrics = pipeline->metrics;
    const char *const only[] = {pipeline->name};
    pipeline->in_flight = ifm_gauge_with(metrics->in_flight, only);
    if ((pipeline->naming & IFM_NAMING_INFEROMETER) != 0) {
        pipeline->duration = ifm_histogram_with(metrics->duration, only);
    }
    for (size_t i = 0; i < IFM_COUNT_OF(outcomes); i++) {
        const char *const values[] = {pipeline->name, outcomes[i]};
        pipeline->outcomes[i] = ifm_counter_with(metrics->requests, values);
    }
    for (int32_t i = 0; i <= IFM_POST_PROCESS; i++) {
        pipeline_publish_stage(pipeline, i);
    }
}

/* Takes back the metrics that a pipeline made before it failed. */
static void pipeline_discard(ifm_pipeline *pipeline)
{
    for (int32_t i = 0; i <= IFM_POST_PROCESS; i++) {
        if (pipeline->stages[i].made_plain) {
            ifm_pipeline_metrics_unmake_plain(pipeline->metrics, pipeline->stages[i].name, pipeline->name);
        }
    }
    ifm_pipeline_free(pipeline);
}

ifm_pipeline *ifm_pipeline_new(ifm_pipeline_metrics *metrics, ifm_naming naming, ifm_text_file *text_file,
                               const char *name, ifm_error *err)
{
    ifm_pipeline *pipeline = ifm_alloc_zero(1, sizeof *pipeline);
    if (pipeline == NULL) {
        ifm_error_nomem(err);
        return NULL;
    }
    pipeline->metrics = metrics;
    pipeline->naming = naming;
    pipeline->text_file = text_file;
    if (!pipeline_prepare(pipeline, name, err)) {
        pipeline_discard(pipeline);
        return NULL;
    }
    pipeline_publish(pipeline);
    return pipeline;
}

void ifm_pipeline_free(ifm_pipeline *pipeline)
{
    if (pipeline == NULL) {
        return;
    }
    for (size_t i = 0; i < MODEL_TEXTS; i++) {
        ifm_free(pipeline->model[i]);
    }
    ifm_names_deinit(&pipeline->stage_names, NULL);
    ifm_names_deinit(&pipeline->reasons, ifm_free);
    ifm_free(pipeline->name);
    ifm_free(pipeline);
}

const char *ifm_pipeline_name(const ifm_pipeline *pipeline)
{
    return pipeline == NULL ? NULL : pipeline->name;
}

/* --- Stages ------------------------------------------------------------------------------------------- */

ifm_stage ifm_pipeline_find_stage(const ifm_pipeline *pipeline, const char *name)
{
    const struct ifm_pipeline_stage *stage = ifm_names_find(&pipeline->stage_names, name);
    ifm_stage place = stage == NULL ? IFM_STAGE_NONE : (ifm_stage)(stage - pipeline->stages);
    /* It has a name before it is published. */
    return place < atomic_load_explicit(&pipeline->stage_count, memory_order_acquire) ? place
                                                                                      : IFM_STAGE_NONE;
}

ifm_stage ifm_pipeline_add_stage(ifm_pipeline *pipeline, const char *name, ifm_error *err)
{
    ifm_stage known = ifm_pipeline_find_stage(pipeline, name);
    if (known != IFM_STAGE_NONE) {
        return known;
    }
    int32_t place = atomic_load_explicit(&pipeline->stage_count, memory_order_relaxed);
    if (place == IFM_STAGES_MAX) {
        ifm_error_set(err, IFM_LIMIT, "stage \"%.60s\" cannot be declared: pipeline \"%.60s\" has %d stages",
                      name, pipeline->name, IFM_STAGES_MAX);
        return IFM_STAGE_NONE;
    }
    if (!pipeline_prepare_stage(pipeline, place, name, err)) {
        return IFM_STAGE_NONE;
    }
    pipeline_publish_stage(pipeline, place);
    return place;
}

ifm_stage ifm_pipeline_stage(ifm_pipeline *pipeline, const char *name, ifm_error *err)
{
    if (pipeline == NULL) {
        ifm_error_set(err, IFM_INVALID, "a stage cannot be declared: there is no pipeline");
        return IFM_STAGE_NONE;
    }
    if (!ifm_pipeline_name_check("stage", name, err)) {
        return IFM_STAGE_NONE;
    }
    if (strcmp(name, IFM_STAGE_NAME_TOTAL_INFERENCE) == 0) {
        ifm_error_set(err, IFM_INVALID,
                      "stage \"%s\" cannot be declared: it is the whole inference, which is always measured",
                      name);
        return IFM_STAGE_NONE;
    }
    ifm_pipelines_lock();
    ifm_stage stage = ifm_pipeline_add_stage(pipeline, name, err);
    ifm_pipelines_unlock();
    return stage;
}

/* --- Series made at their first report ---------------------------------------------------------------- */

static ifm_histogram_family *optional_family(const ifm_pipeline_metrics *metrics,
                                             enum ifm_pipeline_optional which)
{
    switch (which) {
    case IFM_OPTIONAL_BATCH_SIZE:
        return metrics->batch_size;
    case IFM_OPTIONAL_QUEUE:
        return metrics->queue_duration;
    case IFM_OPTIONAL_FIRST_TOKEN:
        return metrics->first_token;
    default:
        return metrics->per_token;
    }
}

ifm_histogram ifm_pipeline_optional_slow(ifm_pipeline *pipeline, enum ifm_pipeline_optional which)
{
    struct ifm_pipeline_histogram *optional = &pipeline->optional[which];
    const char *const values[] = {pipeline->name};
    ifm_pipelines_lock();
    if (!atomic_load_explicit(&optional->ready, memory_order_relaxed)) {
        optional->handle = ifm_histogram_with(optional_family(pipeline->metrics, which), values);
        atomic_store_explicit(&optional->ready, true, memory_order_release); /* P2 */
    }
    ifm_histogram handle = optional->handle;
    ifm_pipelines_unlock();
    return handle;
}

ifm_counter ifm_pipeline_tokens_slow(ifm_pipeline *pipeline, ifm_token_direction direction)
{
    static const char *const directions[] = {[IFM_TOKENS_INPUT] = "input", [IFM_TOKENS_OUTPUT] = "output"};
    ifm_pipelines_lock();
    if (!atomic_load_explicit(&pipeline->tokens_ready, memory_order_relaxed)) {
        for (size_t i = 0; i < IFM_COUNT_OF(directions); i++) {
            const char *const values[] = {pipeline->name, directions[i]};
            pipeline->tokens[i] = ifm_counter_with(pipeline->metrics->tokens, values);
        }
        atomic_store_explicit(&pipeline->tokens_ready, true, memory_order_release); /* P2 */
    }
    ifm_counter counter = pipeline->tokens[direction];
    ifm_pipelines_unlock();
    return counter;
}

static ifm_counter reason_counter(const ifm_pipeline *pipeline, const char *reason)
{
    const char *const values[] = {pipeline->name, reason};
    return ifm_counter_with(pipeline->metrics->failures, values);
}

/* Whether a reason that has no counter cannot get one. */
static bool reason_overflows(const ifm_pipeline *pipeline, const char *reason)
{
    return atomic_load_explicit(&pipeline->reasons_full, memory_order_relaxed) ||
           strlen(reason) > IFM_PIPELINE_NAME_BYTES_MAX;
}

/* Under the lock. */
static ifm_counter pipeline_overflow(ifm_pipeline *pipeline)
{
    if (!atomic_load_explicit(&pipeline->overflow_ready, memory_order_relaxed)) {
        pipeline->reasons_overflow = reason_counter(pipeline, overflow_reason);
        atomic_store_explicit(&pipeline->overflow_ready, true, memory_order_release); /* P2 */
    }
    return pipeline->reasons_overflow;
}

/* Under the lock. A reason for which there is no room, or no memory, is counted under "_overflow". */
static ifm_counter pipeline_add_reason(ifm_pipeline *pipeline, const char *reason)
{
    ifm_error ignored;
    ifm_counter *counter = reason_overflows(pipeline, reason) ? NULL : ifm_alloc(sizeof *counter);
    if (counter == NULL) {
        return pipeline_overflow(pipeline);
    }
    *counter = reason_counter(pipeline, reason);
    if (ifm_names_add(&pipeline->reasons, reason, counter, &ignored) == NULL) {
        ifm_free(counter);
        return pipeline_overflow(pipeline);
    }
    bool full = pipeline->reasons.count == IFM_FAILURE_REASONS_MAX;
    atomic_store_explicit(&pipeline->reasons_full, full, memory_order_relaxed);
    return *counter;
}

ifm_counter ifm_pipeline_reason(ifm_pipeline *pipeline, const char *reason)
{
    const ifm_counter *known = ifm_names_find(&pipeline->reasons, reason);
    if (known != NULL) {
        return *known;
    }
    if (atomic_load_explicit(&pipeline->overflow_ready, memory_order_acquire) &&
        reason_overflows(pipeline, reason)) {
        return pipeline->reasons_overflow;
    }
    ifm_pipelines_lock();
    known = ifm_names_find(&pipeline->reasons, reason);
    ifm_counter counter = known != NULL ? *known : pipeline_add_reason(pipeline, reason);
    ifm_pipelines_unlock();
    return counter;
}

/* --- Model and data ----------------------------------------------------------------------------------- */

static void pipeline_expose_model(ifm_pipeline *pipeline, char *const *model, bool exposed)
{
    const char *const values[] = {pipeline->name, model[0], model[1], model[2]};
    if (exposed) {
        ifm_info_set(pipeline->metrics->model, values);
    } else {
        ifm_info_remove(pipeline->metrics->model, values);
    }
}

void ifm_pipeline_model(ifm_pipeline *pipeline, const char *name, const char *version, const char *engine)
{
    const char *const given[MODEL_TEXTS] = {name, version, engine};
    char *model[MODEL_TEXTS] = {NULL};
    bool copied = pipeline != NULL;
    for (size_t i = 0; copied && i < MODEL_TEXTS; i++) {
        model[i] = ifm_copy_text(given[i] == NULL ? "" : given[i]);
        copied = model[i] != NULL;
    }
    if (copied) {
        ifm_pipelines_lock();
        /* The old one goes first: two at once would make joins on the pipeline ambiguous. */
        if (pipeline->model[0] != NULL) {
            pipeline_expose_model(pipeline, pipeline->model, false);
        }
        pipeline_expose_model(pipeline, model, true);
        for (size_t i = 0; i < MODEL_TEXTS; i++) {
            char *old = pipeline->model[i];
            pipeline->model[i] = model[i];
            model[i] = old;
        }
        ifm_pipelines_unlock();
    }
    for (size_t i = 0; i < MODEL_TEXTS; i++) {
        ifm_free(model[i]);
    }
}

bool ifm_pipeline_data(ifm_pipeline *pipeline, const char *name, const char *help, const double *bounds,
                       size_t bound_count, ifm_histogram *out, ifm_error *err)
{
    if (pipeline == NULL || name == NULL || *name == '\0') {
        return ifm_error_set(err, IFM_INVALID, "data cannot be declared: there is no %s",
                             pipeline == NULL ? "pipeline" : "name");
    }
    const char *const values[] = {pipeline->name};
    ifm_histogram_family *family;
    ifm_pipelines_lock();
    bool done = ifm_pipeline_metrics_data(pipeline->metrics, name, help, bounds, bound_count, &family, err);
    if (done) {
        *out = ifm_histogram_with(family, values);
    }
    ifm_pipelines_unlock();
    return done;
}

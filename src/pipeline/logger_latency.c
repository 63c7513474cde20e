/* SPDX-License-Identifier: Apache-2.0
 *
 * ifm_logger_log_latency(): everything is checked before anything is recorded. Look-ups of the pipeline and
 * its stages take no lock; only the first timing of a pipeline does.
 */
#include "base/base.h"
#include "pipeline/logger.h"

#include <string.h>

/* The stages of one timing. */
struct latency {
    const ifm_timing *timing;
    ifm_stage stages[IFM_TIMING_STAGES_MAX]; /* IFM_STAGE_NONE: the whole, or not declared */
    uint64_t set;
    bool total;
    bool declared; /* every stage but the whole is a stage of the pipeline */
    double sum_seconds;
    double total_seconds;
};

static bool is_total(const char *name)
{
    return strcmp(name, IFM_STAGE_NAME_TOTAL_INFERENCE) == 0;
}

static void latency_look_up(struct latency *latency, const ifm_pipeline *pipeline, const ifm_timing *timing)
{
    *latency = (struct latency){.timing = timing, .declared = true};
    for (size_t i = 0; i < ifm_timing_count(timing); i++) {
        const char *name = ifm_timing_name(timing, i);
        double seconds = ifm_timing_seconds(timing, i);
        latency->stages[i] = IFM_STAGE_NONE;
        if (is_total(name)) {
            latency->total = true;
            latency->total_seconds = seconds;
            continue;
        }
        ifm_stage stage = ifm_pipeline_find_stage(pipeline, name);
        latency->stages[i] = stage;
        latency->declared = latency->declared && stage != IFM_STAGE_NONE;
        latency->set |= stage == IFM_STAGE_NONE ? 0 : UINT64_C(1) << stage;
        latency->sum_seconds += seconds;
    }
}

/* --- The error: both sets, sorted --------------------------------------------------------------------- */

struct name_list {
    const char *names[IFM_TIMING_STAGES_MAX + 1]; /* every stage of a pipeline, and the whole */
    size_t count;
};

/* In order, so that two lists can be compared by eye. */
static void list_add(struct name_list *list, const char *name)
{
    size_t at = list->count++;
    for (; at > 0 && strcmp(list->names[at - 1], name) > 0; at--) {
        list->names[at] = list->names[at - 1];
    }
    list->names[at] = name;
}

static void list_write(const struct name_list *list, ifm_buf *out)
{
    for (size_t i = 0; i < list->count; i++) {
        ifm_buf_printf(out, "%s\"%s\"", i == 0 ? "" : ", ", list->names[i]);
    }
}

static bool latency_refuse(const ifm_pipeline *pipeline, const struct latency *latency, ifm_error *err)
{
    struct name_list expected = {.count = 0}, given = {.count = 0};
    for (ifm_stage stage = 0; stage < IFM_STAGES_MAX; stage++) {
        if ((pipeline->layout.stages >> stage & 1) != 0) {
            list_add(&expected, pipeline->stages[stage].name);
        }
    }
    if (pipeline->layout.total) {
        list_add(&expected, IFM_STAGE_NAME_TOTAL_INFERENCE);
    }
    for (size_t i = 0; i < ifm_timing_count(latency->timing); i++) {
        list_add(&given, ifm_timing_name(latency->timing, i));
    }
    ifm_buf text;
    ifm_buf_init(&text, 2 * (IFM_TIMING_STAGES_MAX + 1) * (IFM_PIPELINE_NAME_BYTES_MAX + 4) + 256);
    ifm_buf_printf(&text, "stages of pipeline \"%.40s\" differ from the first timing: expected ",
                   pipeline->name);
    list_write(&expected, &text);
    ifm_buf_append_text(&text, "; got ");
    list_write(&given, &text);
    if (text.failed == IFM_OK) {
        ifm_error_set(err, IFM_INVALID, "%.*s", (int)text.size, text.data);
    } else {
        ifm_buf_check(&text, err);
    }
    ifm_buf_deinit(&text);
    return false;
}

/* --- Recording ---------------------------------------------------------------------------------------- */

/* Under the lock: declares the stages of the first timing and fixes them. */
static bool latency_fix(ifm_pipeline *pipeline, const ifm_timing *timing, ifm_error *err)
{
    struct latency latency;
    if (atomic_load_explicit(&pipeline->layout.fixed, memory_order_relaxed)) {
        return true; /* another thread was first */
    }
    for (size_t i = 0; i < ifm_timing_count(timing); i++) {
        const char *name = ifm_timing_name(timing, i);
        if (!is_total(name) && ifm_pipeline_add_stage(pipeline, name, err) == IFM_STAGE_NONE) {
            return false;
        }
    }
    latency_look_up(&latency, pipeline, timing);
    pipeline->layout.stages = latency.set;
    pipeline->layout.total = latency.total;
    atomic_store_explicit(&pipeline->layout.fixed, true, memory_order_release);
    return true;
}

static bool latency_check(ifm_pipeline *pipeline, const ifm_timing *timing, struct latency *latency,
                          ifm_error *err)
{
    if (!atomic_load_explicit(&pipeline->layout.fixed, memory_order_acquire)) {
        ifm_pipelines_lock();
        bool fixed = latency_fix(pipeline, timing, err);
        ifm_pipelines_unlock();
        if (!fixed) {
            return false;
        }
    }
    latency_look_up(latency, pipeline, timing);
    bool same = latency->declared && latency->set == pipeline->layout.stages &&
                latency->total == pipeline->layout.total;
    return same || latency_refuse(pipeline, latency, err);
}

bool ifm_logger_log_latency(ifm_logger *logger, const char *pipeline_name, const ifm_timing *timing,
                            ifm_error *err)
{
    struct latency latency;
    if (timing == NULL) {
        return ifm_error_set(err, IFM_INVALID, "latency cannot be logged: there is no timing");
    }
    ifm_pipeline *pipeline = ifm_logger_pipeline(logger, pipeline_name, err);
    if (pipeline == NULL || !latency_check(pipeline, timing, &latency, err)) {
        return false;
    }
    for (size_t i = 0; i < ifm_timing_count(timing); i++) {
        if (latency.stages[i] != IFM_STAGE_NONE) {
            ifm_pipeline_observe_stage(pipeline, latency.stages[i], ifm_timing_seconds(timing, i));
        }
    }
    ifm_pipeline_observe(pipeline, IFM_SUCCESS, latency.total ? latency.total_seconds : latency.sum_seconds);
    return true;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * Layer 4. A pipeline of one logger: the handles that its inferences update, each resolved once.
 *
 * Thread-safety: hot calls read what is constant from ifm_pipeline_new() on, and what is published with
 * release order: stage_count, `ready`. Everything cold is under ifm_pipelines_lock().
 * P1  stages[0..stage_count) are constant.
 * P2  a handle of a series that is made at its first report is constant once `ready` is true.
 */
#ifndef IFM_PIPELINE_INTERNAL_H
#define IFM_PIPELINE_INTERNAL_H

#include "pipeline/limits.h"
#include "pipeline/pipeline_metrics.h"

#include <inferometer/pipeline.h>
#include <inferometer/text_file.h>
#include <stdatomic.h>
#include <stdint.h>

/* Under each naming that the logger does not have, a handle is zero: a no-op. */
struct ifm_pipeline_stage {
    ifm_histogram labelled;
    ifm_histogram plain;
    const char *name;
    bool made_plain; /* the metric is of this pipeline's making */
};

enum ifm_pipeline_optional {
    IFM_OPTIONAL_BATCH_SIZE,
    IFM_OPTIONAL_QUEUE,
    IFM_OPTIONAL_FIRST_TOKEN,
    IFM_OPTIONAL_PER_TOKEN,
    IFM_OPTIONAL_COUNT
};

struct ifm_pipeline_histogram {
    _Atomic bool ready; /* P2 */
    ifm_histogram handle;
};

/* The stages that a timing has: the first one fixes them. */
struct ifm_pipeline_layout {
    _Atomic bool fixed; /* release, after the fields below */
    bool total;
    uint64_t stages; /* bit i: stage i */
};

struct ifm_pipeline {
    ifm_histogram duration;
    ifm_histogram plain_duration;
    ifm_counter outcomes[IFM_CANCELLED + 1];
    ifm_gauge in_flight;
    ifm_text_file *text_file; /* NULL: none; belongs to the logger */
    _Atomic int32_t stage_count;
    struct ifm_pipeline_stage stages[IFM_STAGES_MAX];

    struct ifm_pipeline_histogram optional[IFM_OPTIONAL_COUNT];
    _Atomic bool tokens_ready;
    ifm_counter tokens[IFM_TOKENS_OUTPUT + 1];
    ifm_names reasons;           /* reason -> ifm_counter */
    _Atomic bool reasons_full;   /* relaxed: who does not see it yet takes the lock */
    _Atomic bool overflow_ready; /* P2, of reasons_overflow */
    ifm_counter reasons_overflow;
    struct ifm_pipeline_layout layout;

    ifm_pipeline_metrics *metrics;
    ifm_naming naming;
    char *name;
    ifm_names stage_names; /* -> struct ifm_pipeline_stage */
    char *model[3];        /* name, version, engine; NULL while there is none */
};

/* Under the lock. Errors: as ifm_logger_pipeline(). */
ifm_pipeline *ifm_pipeline_new(ifm_pipeline_metrics *metrics, ifm_naming naming, ifm_text_file *text_file,
                               const char *name, ifm_error *err);

/* Frees the memory; the series stay until the metrics are released. NULL is accepted. */
void ifm_pipeline_free(ifm_pipeline *pipeline);

/* Under the lock: ifm_pipeline_stage() of a name that was checked. */
ifm_stage ifm_pipeline_add_stage(ifm_pipeline *pipeline, const char *name, ifm_error *err);

/* The stage of that name, IFM_STAGE_NONE when it was not declared. Any thread. */
ifm_stage ifm_pipeline_find_stage(const ifm_pipeline *pipeline, const char *name);

/* Series that are made at their first report: lock-free afterwards. */
ifm_histogram ifm_pipeline_optional_slow(ifm_pipeline *pipeline, enum ifm_pipeline_optional which);
ifm_counter ifm_pipeline_tokens_slow(ifm_pipeline *pipeline, ifm_token_direction direction);
ifm_counter ifm_pipeline_reason(ifm_pipeline *pipeline, const char *reason);

static inline bool ifm_pipeline_has_stage(ifm_pipeline *pipeline, ifm_stage stage)
{
    return stage >= 0 && stage < atomic_load_explicit(&pipeline->stage_count, memory_order_acquire); /* P1 */
}

static inline void ifm_pipeline_observe_stage(ifm_pipeline *pipeline, ifm_stage stage, double seconds)
{
    const struct ifm_pipeline_stage *at = &pipeline->stages[stage];
    ifm_histogram_observe(at->labelled, seconds);
    ifm_histogram_observe(at->plain, seconds);
}

/* The whole of an inference: its time, its outcome, and the text file's turn. */
static inline void ifm_pipeline_observe(ifm_pipeline *pipeline, ifm_outcome outcome, double seconds)
{
    ifm_histogram_observe(pipeline->duration, seconds);
    ifm_histogram_observe(pipeline->plain_duration, seconds);
    ifm_counter_inc(pipeline->outcomes[outcome]);
    if (pipeline->text_file != NULL) {
        ifm_text_file_poke(pipeline->text_file);
    }
}

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * The hot calls. An inference of three stages is five clock reads, four observations, a counter, and a
 * gauge up and down. The gauge is of the kind that threads do not share (IFM_GAUGE_INC_DEC), and is never
 * seen below zero, for each inference adds one before it takes one.
 *
 * I1  `open` is the epoch in which the inference or span was begun, 0 when it was not, or has ended. Another
 *     epoch means that it was begun before fork(), by the parent, who counts it.
 * I2  `stage` of an open inference is IFM_STAGE_NONE or a published stage.
 */
#include "os/os.h"
#include "pipeline/pipeline.h"

#include <math.h>

/* Divided, not multiplied by 1e-9, which has no exact double: 5 ms must land in the bucket that ends with
 * 0.005. */
static double seconds_between(int64_t begin_ns, int64_t end_ns)
{
    return (double)(end_ns - begin_ns) / 1e9;
}

static int32_t epoch_now(void)
{
    return atomic_load_explicit(&ifm_pipeline_epoch, memory_order_relaxed);
}

static bool is_open(const ifm_inference *inference)
{
    return inference != NULL && inference->open != 0 && inference->open == epoch_now(); /* I1 */
}

ifm_inference ifm_inference_begin(ifm_pipeline *pipeline)
{
    if (pipeline == NULL) {
        return (ifm_inference){.stage = IFM_STAGE_NONE};
    }
    ifm_gauge_inc(pipeline->in_flight);
    return (ifm_inference){
        .pipeline = pipeline,
        .begin_ns = ifm_os_monotonic_ns(),
        .stage = IFM_STAGE_NONE,
        .open = epoch_now(),
    };
}

static void stage_finish(ifm_inference *inference, int64_t now_ns)
{
    if (inference->stage != IFM_STAGE_NONE) {
        ifm_pipeline_observe_stage(inference->pipeline, inference->stage,
                                   seconds_between(inference->stage_begin_ns, now_ns));
        inference->stage = IFM_STAGE_NONE;
    }
}

void ifm_inference_stage(ifm_inference *inference, ifm_stage stage)
{
    if (!is_open(inference)) {
        return;
    }
    int64_t now_ns = ifm_os_monotonic_ns();
    stage_finish(inference, now_ns);
    if (ifm_pipeline_has_stage(inference->pipeline, stage)) {
        inference->stage = stage; /* I2 */
        inference->stage_begin_ns = now_ns;
    }
}

void ifm_inference_stage_end(ifm_inference *inference)
{
    if (is_open(inference)) {
        stage_finish(inference, ifm_os_monotonic_ns());
    }
}

static ifm_histogram optional(ifm_pipeline *pipeline, enum ifm_pipeline_optional which)
{
    const struct ifm_pipeline_histogram *known = &pipeline->optional[which];
    return atomic_load_explicit(&known->ready, memory_order_acquire)
               ? known->handle
               : ifm_pipeline_optional_slow(pipeline, which);
}

static void inference_finish(ifm_inference *inference, ifm_outcome outcome)
{
    ifm_pipeline *pipeline = inference->pipeline;
    int64_t now_ns = ifm_os_monotonic_ns();
    inference->open = 0;
    stage_finish(inference, now_ns);
    ifm_gauge_dec(pipeline->in_flight);
    ifm_pipeline_observe(pipeline, outcome, seconds_between(inference->begin_ns, now_ns));
    if (inference->first_token_ns != 0 && inference->output_tokens >= 2) {
        ifm_histogram_observe(optional(pipeline, IFM_OPTIONAL_PER_TOKEN),
                              seconds_between(inference->first_token_ns, now_ns) /
                                  (double)(inference->output_tokens - 1));
    }
}

void ifm_inference_end(ifm_inference *inference, ifm_outcome outcome)
{
    if (!is_open(inference)) {
        return;
    }
    if (outcome == IFM_SUCCESS || outcome == IFM_CANCELLED) {
        inference_finish(inference, outcome);
    } else {
        ifm_inference_fail(inference, NULL);
    }
}

void ifm_inference_fail(ifm_inference *inference, const char *reason)
{
    if (is_open(inference)) {
        const char *known = reason == NULL || *reason == '\0' ? "other" : reason;
        ifm_counter_inc(ifm_pipeline_reason(inference->pipeline, known));
        inference_finish(inference, IFM_FAILURE);
    }
}

ifm_span ifm_span_begin(const ifm_inference *inference, ifm_stage stage)
{
    if (!is_open(inference) || !ifm_pipeline_has_stage(inference->pipeline, stage)) {
        return (ifm_span){.stage = IFM_STAGE_NONE};
    }
    return (ifm_span){
        .pipeline = inference->pipeline,
        .begin_ns = ifm_os_monotonic_ns(),
        .stage = stage,
        .open = inference->open,
    };
}

void ifm_span_end(ifm_span *span)
{
    if (span != NULL && span->open != 0 && span->open == epoch_now()) {
        span->open = 0;
        ifm_pipeline_observe_stage(span->pipeline, span->stage,
                                   seconds_between(span->begin_ns, ifm_os_monotonic_ns()));
    }
}

void ifm_inference_batch_size(ifm_inference *inference, uint64_t items)
{
    if (is_open(inference) && items > 0) {
        ifm_histogram_observe(optional(inference->pipeline, IFM_OPTIONAL_BATCH_SIZE), (double)items);
    }
}

void ifm_inference_queue_time(ifm_inference *inference, double seconds)
{
    if (is_open(inference) && isfinite(seconds) && seconds >= 0) {
        ifm_histogram_observe(optional(inference->pipeline, IFM_OPTIONAL_QUEUE), seconds);
    }
}

void ifm_inference_tokens(ifm_inference *inference, ifm_token_direction direction, uint64_t count)
{
    if (!is_open(inference) || (unsigned)direction > IFM_TOKENS_OUTPUT) {
        return;
    }
    ifm_pipeline *pipeline = inference->pipeline;
    bool ready = atomic_load_explicit(&pipeline->tokens_ready, memory_order_acquire);
    ifm_counter_add(ready ? pipeline->tokens[direction] : ifm_pipeline_tokens_slow(pipeline, direction),
                    (double)count);
    if (direction == IFM_TOKENS_OUTPUT) {
        inference->output_tokens += count;
    }
}

void ifm_inference_first_token(ifm_inference *inference)
{
    if (is_open(inference) && inference->first_token_ns == 0) {
        inference->first_token_ns = ifm_os_monotonic_ns();
        ifm_histogram_observe(optional(inference->pipeline, IFM_OPTIONAL_FIRST_TOKEN),
                              seconds_between(inference->begin_ns, inference->first_token_ns));
    }
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * Pipelines, inferences and stages: what is measured.
 *
 *     ifm_inference run = ifm_inference_begin(ocr);
 *     ifm_inference_stage(&run, IFM_PRE_PROCESS);      -- ends the stage before, begins this one
 *     ifm_inference_stage(&run, IFM_ENGINE_FORWARD);
 *     ifm_inference_stage(&run, IFM_POST_PROCESS);
 *     ifm_inference_end(&run, IFM_SUCCESS);            -- ends the last stage and the whole
 *
 * Sequential stages cost one clock read each. Stages that nest, overlap or run on another thread are
 * timed by a span, which is a value that may be copied to the other thread.
 *
 * What is exposed, all with the label `pipeline` (default naming):
 *   inference_duration_seconds                       histogram, observed at the end of each inference
 *   inference_stage_duration_seconds{stage}          histogram, observed at the end of each stage; a stage
 *                                                    that runs twice in one inference is observed twice
 *   inference_requests_total{outcome}                counter: success, failure, cancelled
 *   inference_failures_total{reason}                 counter
 *   inference_requests_in_flight                     gauge: begun and not ended, never negative
 *   inference_batch_size                             histogram
 *   inference_queue_duration_seconds                 histogram
 *   inference_tokens_total{direction}                counter: input, output
 *   inference_time_to_first_token_seconds            histogram
 *   inference_time_per_output_token_seconds          histogram
 *   inference_model_info{name,version,engine}        info
 * Durations are classic and native histograms at once. Durations, outcomes and in flight are exposed at 0
 * as soon as the pipeline or stage is there, so that a rate misses nothing; what a pipeline never reports
 * (failures, batch size, queue, tokens, model) is not exposed for it.
 *
 * Thread-safety: pipelines are used from any number of threads at once. One ifm_inference is used by one
 * thread at a time; it is a plain value and may be handed on, but of its copies only one may be used from
 * then on: each that is ended counts. Of the calls on inferences and spans none fails, and none locks or
 * allocates, but for the first report of a kind (batch size, queue time, first token, time per output token,
 * tokens, each failure reason) per pipeline, which registers its series. A NULL pipeline and a zeroed
 * ifm_inference are no-ops. Times come from the monotonic clock.
 *
 * fork(): an inference or span that was begun before is counted by the parent; the child's copy is a no-op.
 */
#ifndef IFM_PIPELINE_H
#define IFM_PIPELINE_H

#include <inferometer/error.h>
#include <inferometer/metrics.h>
#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ifm_pipeline ifm_pipeline; /* owned by its logger, lives as long as it */

/* A stage: one of these three, or what ifm_pipeline_stage() returned. */
typedef int32_t ifm_stage;
enum {
    IFM_STAGE_NONE = -1,
    IFM_PRE_PROCESS = 0,
    IFM_ENGINE_FORWARD = 1,
    IFM_POST_PROCESS = 2,
    IFM_STAGES_MAX = 64 /* per pipeline: a label's values; more belongs into a trace */
};

typedef enum ifm_outcome { IFM_SUCCESS, IFM_FAILURE, IFM_CANCELLED } ifm_outcome;

typedef enum ifm_token_direction { IFM_TOKENS_INPUT, IFM_TOKENS_OUTPUT } ifm_token_direction;

/* One running inference. The fields are private. */
typedef struct ifm_inference {
    ifm_pipeline *pipeline;
    int64_t begin_ns;
    int64_t stage_begin_ns;
    int64_t first_token_ns;
    uint64_t output_tokens;
    ifm_stage stage;
    int32_t open;
} ifm_inference;

/* One running stage that is timed by itself. The fields are private. */
typedef struct ifm_span {
    ifm_pipeline *pipeline;
    int64_t begin_ns;
    ifm_stage stage;
    int32_t open;
} ifm_span;

/* Declares a stage of that name (UTF-8, 1 to 255 bytes), or finds it. Call it once and keep the result.
 * IFM_STAGE_NONE, which other calls take for no stage, on error: IFM_INVALID (also "total_inference", which
 * is the whole), IFM_EXISTS (IFM_NAMING_DEEPSPARSE: see logger.h), IFM_LIMIT (over IFM_STAGES_MAX),
 * IFM_NOMEM. */
IFM_API IFM_MUST_USE ifm_stage ifm_pipeline_stage(ifm_pipeline *pipeline, const char *name, ifm_error *err);

/* The name as it was given; NULL for a NULL pipeline. */
IFM_API const char *ifm_pipeline_name(const ifm_pipeline *pipeline);

/* Describes the model, inference_model_info; NULL reads as "". A second call replaces the first. Cold. */
IFM_API void ifm_pipeline_model(ifm_pipeline *pipeline, const char *name, const char *version,
                                const char *engine);

/* A histogram about the data of this pipeline, not about its time: inference_data_NAME{pipeline}, for
 * example NAME "word_confidence_ratio"; UTF-8 as every metric name. `bounds` as in ifm_histogram_options;
 * those of the first pipeline that declares NAME hold for all, and its help. Cold. Errors: as
 * ifm_histogram_register(); IFM_LIMIT also over 1000 names per registry. */
IFM_API IFM_MUST_USE bool ifm_pipeline_data(ifm_pipeline *pipeline, const char *name, const char *help,
                                            const double *bounds, size_t bound_count, ifm_histogram *out,
                                            ifm_error *err);

/* Begins an inference: one clock read; it is in flight until ifm_inference_end(). */
IFM_API ifm_inference ifm_inference_begin(ifm_pipeline *pipeline);

/* Ends the stage that runs, if any, and begins `stage`: one clock read. A stage that was not declared is
 * not timed. */
IFM_API void ifm_inference_stage(ifm_inference *inference, ifm_stage stage);

/* Ends the stage that runs without beginning another: one clock read. */
IFM_API void ifm_inference_stage_end(ifm_inference *inference);

/* Ends the stage that runs and the inference: one clock read, total_inference is observed. A second end
 * is ignored. IFM_FAILURE, and what is no outcome, is a failure for the reason "other". */
IFM_API void ifm_inference_end(ifm_inference *inference, ifm_outcome outcome);

/* As ifm_inference_end() with IFM_FAILURE, and counts the reason: a short constant such as "timeout" or
 * "out_of_memory", not a message (reasons beyond 100 different ones per pipeline, or longer than 255 bytes,
 * count as "_overflow"). NULL or "": "other". */
IFM_API void ifm_inference_fail(ifm_inference *inference, const char *reason);

/* A stage that nests, overlaps, or runs elsewhere. The span may be copied and ended on another thread, but
 * must be ended once; it may outlive the inference. It does not touch the inference's sequential stage. */
IFM_API ifm_span ifm_span_begin(const ifm_inference *inference, ifm_stage stage);
IFM_API void ifm_span_end(ifm_span *span);

/* Items of the batch that this inference handles, >= 1; 0 is ignored. Call it once. */
IFM_API void ifm_inference_batch_size(ifm_inference *inference, uint64_t items);

/* Time that the request waited before ifm_inference_begin(), in seconds >= 0; other values are ignored. */
IFM_API void ifm_inference_queue_time(ifm_inference *inference, double seconds);

/* Tokens that went in or came out; may be called repeatedly, the numbers add up. */
IFM_API void ifm_inference_tokens(ifm_inference *inference, ifm_token_direction direction, uint64_t count);

/* The first output token is there: one clock read, observes inference_time_to_first_token_seconds. With
 * it, and at least two output tokens, ifm_inference_end() observes inference_time_per_output_token_seconds
 * = (end - first token) / (output tokens - 1). A second call is ignored. */
IFM_API void ifm_inference_first_token(ifm_inference *inference);

#ifdef __cplusplus
}
#endif

#endif

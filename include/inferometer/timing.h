/* SPDX-License-Identifier: Apache-2.0
 *
 * The interface of the prototype that Inferometer rebuilds: a builder of stage timings, and the timing
 * that ifm_logger_log_latency() takes. New code uses pipeline.h.
 *
 * Thread-safety: one builder by one thread; a timing is constant after ifm_timing_build().
 */
#ifndef IFM_TIMING_H
#define IFM_TIMING_H

#include <inferometer/error.h>
#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { IFM_TIMING_STAGES_MAX = 64 };

#define IFM_STAGE_NAME_PRE_PROCESS     "pre_process"
#define IFM_STAGE_NAME_ENGINE_FORWARD  "engine_forward"
#define IFM_STAGE_NAME_POST_PROCESS    "post_process"
#define IFM_STAGE_NAME_TOTAL_INFERENCE "total_inference"

typedef struct ifm_timing_builder ifm_timing_builder;
typedef struct ifm_timing ifm_timing;

/* The caller frees it with ifm_timing_builder_free(). Errors: IFM_NOMEM. */
IFM_API IFM_MUST_USE ifm_timing_builder *ifm_timing_builder_new(ifm_error *err);
IFM_API void ifm_timing_builder_free(ifm_timing_builder *builder);

/* Starts the stage `name` (copied). Errors: IFM_STATE (it was started before), IFM_INVALID (empty, not
 * UTF-8, over 255 bytes), IFM_LIMIT (over IFM_TIMING_STAGES_MAX), IFM_NOMEM. */
IFM_API IFM_MUST_USE bool ifm_timing_builder_start(ifm_timing_builder *builder, const char *name,
                                                   ifm_error *err);

/* Stops it. Errors: IFM_STATE (never started, or stopped already). */
IFM_API IFM_MUST_USE bool ifm_timing_builder_stop(ifm_timing_builder *builder, const char *name,
                                                  ifm_error *err);

/* The timing of all stages, which the caller frees with ifm_timing_free(); the builder is empty afterwards
 * and may be used again. Errors: IFM_STATE (a stage still runs, or there is none), IFM_NOMEM. */
IFM_API IFM_MUST_USE ifm_timing *ifm_timing_build(ifm_timing_builder *builder, ifm_error *err);

/* A timing from known durations. `seconds` are finite and >= 0; names are different. The caller frees it.
 * Errors: IFM_INVALID, IFM_LIMIT, IFM_NOMEM. */
IFM_API IFM_MUST_USE ifm_timing *ifm_timing_new(const char *const *names, const double *seconds, size_t count,
                                                ifm_error *err);
IFM_API void ifm_timing_free(ifm_timing *timing);

IFM_API size_t ifm_timing_count(const ifm_timing *timing);
/* Name and seconds of stage `index` < count, in the order of starting; the name lives as long as timing.
 * NULL and 0 for another index. */
IFM_API const char *ifm_timing_name(const ifm_timing *timing, size_t index);
IFM_API double ifm_timing_seconds(const ifm_timing *timing, size_t index);

#ifdef __cplusplus
}
#endif

#endif

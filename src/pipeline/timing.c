/* SPDX-License-Identifier: Apache-2.0
 *
 * The builder of stage timings. A stage goes through: not there -> running -> stopped; ifm_timing_build()
 * takes the stopped ones out.
 */
#include "pipeline/timing.h"

#include "base/base.h"
#include "pipeline/pipeline_names.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

struct builder_stage {
    char *name;
    int64_t begin_ns;
    int64_t duration_ns; /* negative while it runs */
};

struct ifm_timing_builder {
    const ifm_os_clock *clock;
    size_t count;
    struct builder_stage stages[IFM_TIMING_STAGES_MAX];
};

struct timing_stage {
    char *name;
    double seconds;
};

struct ifm_timing {
    size_t count;
    struct timing_stage stages[];
};

ifm_timing_builder *ifm_timing_builder_new_with_clock(const ifm_os_clock *clock, ifm_error *err)
{
    ifm_timing_builder *builder = ifm_alloc_zero(1, sizeof *builder);
    if (builder == NULL) {
        ifm_error_nomem(err);
        return NULL;
    }
    builder->clock = clock;
    return builder;
}

ifm_timing_builder *ifm_timing_builder_new(ifm_error *err)
{
    return ifm_timing_builder_new_with_clock(&ifm_os_clock_real, err);
}

void ifm_timing_builder_free(ifm_timing_builder *builder)
{
    for (size_t i = 0; builder != NULL && i < builder->count; i++) {
        ifm_free(builder->stages[i].name);
    }
    ifm_free(builder);
}

static struct builder_stage *builder_find(ifm_timing_builder *builder, const char *name)
{
    for (size_t i = 0; i < builder->count; i++) {
        if (strcmp(builder->stages[i].name, name) == 0) {
            return &builder->stages[i];
        }
    }
    return NULL;
}

bool ifm_timing_builder_start(ifm_timing_builder *builder, const char *name, ifm_error *err)
{
    if (!ifm_pipeline_name_check("stage", name, err)) {
        return false;
    }
    if (builder_find(builder, name) != NULL) {
        return ifm_error_set(err, IFM_STATE, "stage \"%s\" cannot be started: it was started before", name);
    }
    if (builder->count == IFM_TIMING_STAGES_MAX) {
        return ifm_error_set(err, IFM_LIMIT, "stage \"%s\" cannot be started: a timing has at most %d stages",
                             name, IFM_TIMING_STAGES_MAX);
    }
    char *copy = ifm_copy_text(name);
    if (copy == NULL) {
        return ifm_error_nomem(err);
    }
    /* The clock is read last, so that the stage does not contain our own work. */
    struct builder_stage *stage = &builder->stages[builder->count++];
    *stage = (struct builder_stage){.name = copy, .duration_ns = -1};
    stage->begin_ns = builder->clock->monotonic_ns();
    return true;
}

bool ifm_timing_builder_stop(ifm_timing_builder *builder, const char *name, ifm_error *err)
{
    int64_t now_ns = builder->clock->monotonic_ns();
    if (!ifm_pipeline_name_check("stage", name, err)) {
        return false;
    }
    struct builder_stage *stage = builder_find(builder, name);
    if (stage == NULL) {
        return ifm_error_set(err, IFM_STATE, "stage \"%s\" cannot be stopped: it was never started", name);
    }
    if (stage->duration_ns >= 0) {
        return ifm_error_set(err, IFM_STATE, "stage \"%s\" cannot be stopped: it was stopped before", name);
    }
    stage->duration_ns = now_ns - stage->begin_ns;
    return true;
}

static ifm_timing *timing_alloc(size_t count, ifm_error *err)
{
    ifm_timing *timing = ifm_alloc_zero(1, sizeof *timing + count * sizeof timing->stages[0]);
    if (timing == NULL) {
        ifm_error_nomem(err);
    }
    return timing;
}

ifm_timing *ifm_timing_build(ifm_timing_builder *builder, ifm_error *err)
{
    if (builder->count == 0) {
        ifm_error_set(err, IFM_STATE, "a timing cannot be built: no stage was started");
        return NULL;
    }
    for (size_t i = 0; i < builder->count; i++) {
        if (builder->stages[i].duration_ns < 0) {
            ifm_error_set(err, IFM_STATE, "a timing cannot be built: stage \"%s\" was not stopped",
                          builder->stages[i].name);
            return NULL;
        }
    }
    ifm_timing *timing = timing_alloc(builder->count, err);
    if (timing == NULL) {
        return NULL;
    }
    timing->count = builder->count;
    for (size_t i = 0; i < builder->count; i++) {
        timing->stages[i].name = builder->stages[i].name;
        timing->stages[i].seconds = (double)builder->stages[i].duration_ns / 1e9;
    }
    builder->count = 0; /* the names belong to the timing now */
    return timing;
}

static bool timing_add(ifm_timing *timing, const char *name, double seconds, ifm_error *err)
{
    if (!ifm_pipeline_name_check("stage", name, err)) {
        return false;
    }
    if (!isfinite(seconds) || seconds < 0) {
        return ifm_error_set(err, IFM_INVALID,
                             "the time of stage \"%s\" is %g seconds, but must be finite and not negative",
                             name, seconds);
    }
    for (size_t i = 0; i < timing->count; i++) {
        if (strcmp(timing->stages[i].name, name) == 0) {
            return ifm_error_set(err, IFM_INVALID, "stage \"%s\" is given twice", name);
        }
    }
    struct timing_stage *stage = &timing->stages[timing->count];
    stage->name = ifm_copy_text(name);
    stage->seconds = seconds;
    if (stage->name == NULL) {
        return ifm_error_nomem(err);
    }
    timing->count++;
    return true;
}

ifm_timing *ifm_timing_new(const char *const *names, const double *seconds, size_t count, ifm_error *err)
{
    if (names == NULL || seconds == NULL || count == 0) {
        ifm_error_set(err, IFM_INVALID, "a timing cannot be made: no stages were given");
        return NULL;
    }
    if (count > IFM_TIMING_STAGES_MAX) {
        ifm_error_set(err, IFM_LIMIT, "a timing has at most %d stages, but %zu were given",
                      IFM_TIMING_STAGES_MAX, count);
        return NULL;
    }
    ifm_timing *timing = timing_alloc(count, err);
    for (size_t i = 0; timing != NULL && i < count; i++) {
        if (!timing_add(timing, names[i], seconds[i], err)) {
            ifm_timing_free(timing);
            return NULL;
        }
    }
    return timing;
}

void ifm_timing_free(ifm_timing *timing)
{
    for (size_t i = 0; timing != NULL && i < timing->count; i++) {
        ifm_free(timing->stages[i].name);
    }
    ifm_free(timing);
}

size_t ifm_timing_count(const ifm_timing *timing)
{
    return timing == NULL ? 0 : timing->count;
}

const char *ifm_timing_name(const ifm_timing *timing, size_t index)
{
    return index < ifm_timing_count(timing) ? timing->stages[index].name : NULL;
}

double ifm_timing_seconds(const ifm_timing *timing, size_t index)
{
    return index < ifm_timing_count(timing) ? timing->stages[index].seconds : 0;
}

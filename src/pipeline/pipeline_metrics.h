/* SPDX-License-Identifier: Apache-2.0
 *
 * The metric families of pipelines in one registry. They are shared by all loggers that are open on it, and
 * unregistered with the last: counters of a pipeline must not start again because one of two loggers that
 * report it was closed.
 *
 * Thread-safety: everything here is under one lock of the process, ifm_pipelines_lock(), which no hot call
 * takes; functions take it themselves unless it says otherwise. Registry locks are taken inside it.
 * fork(): the child gets a new lock, for a thread that is not there may hold the old one.
 * M1  what the lock protects is changed by single stores, so that the child finds it sound.
 */
#ifndef IFM_PIPELINE_PIPELINE_METRICS_H
#define IFM_PIPELINE_PIPELINE_METRICS_H

#include "pipeline/pipeline_names.h"

#include <inferometer/logger.h>
#include <inferometer/metrics.h>
#include <stdatomic.h>

enum { IFM_PIPELINE_FAMILIES_MAX = 16 };

typedef struct ifm_pipeline_metrics {
    struct ifm_pipeline_metrics *next;
    ifm_registry *registry;
    size_t users; /* loggers */

    ifm_histogram_family *duration; /* NULL until a logger names them so */
    ifm_histogram_family *stage_duration;
    ifm_counter_family *requests;
    ifm_counter_family *failures;
    ifm_gauge_family *in_flight;
    ifm_histogram_family *batch_size;
    ifm_histogram_family *queue_duration;
    ifm_counter_family *tokens;
    ifm_histogram_family *first_token;
    ifm_histogram_family *per_token;
    ifm_info_family *model;

    const char *registered[IFM_PIPELINE_FAMILIES_MAX]; /* names of the families above that are there */
    size_t registered_count;
    bool resources;  /* the collector is registered */
    ifm_names data;  /* metric name -> ifm_histogram_family */
    ifm_names plain; /* metric name of IFM_NAMING_DEEPSPARSE -> whose it is */
} ifm_pipeline_metrics;

/* 1, and one more in each generation of children. An inference that was begun before fork() belongs to the
 * parent; its copy in the child, which has other numbers, is a no-op. Relaxed: it changes only while the
 * process has one thread. */
extern _Atomic int32_t ifm_pipeline_epoch;

void ifm_pipelines_lock(void);
void ifm_pipelines_unlock(void);

/* The families of `settings->registry`, which is not NULL, as its naming and bounds want them. The caller
 * gives them back. Errors: IFM_EXISTS, IFM_INVALID (bounds), IFM_LIMIT, IFM_NOMEM. */
ifm_pipeline_metrics *ifm_pipeline_metrics_acquire(const ifm_logger_options *settings, ifm_error *err);
void ifm_pipeline_metrics_release(ifm_pipeline_metrics *metrics);

/* Under the lock: the histogram STAGE_PIPELINE. *made tells whether it is new, so that the caller can take
 * it back. Errors: IFM_EXISTS (another pipeline or stage has that name, or something else in the registry),
 * IFM_LIMIT, IFM_NOMEM. */
bool ifm_pipeline_metrics_plain(ifm_pipeline_metrics *metrics, const char *stage, const char *pipeline,
                                ifm_histogram *out, bool *made, ifm_error *err);
void ifm_pipeline_metrics_unmake_plain(ifm_pipeline_metrics *metrics, const char *stage,
                                       const char *pipeline);

/* Under the lock: the family inference_data_NAME. Errors: as ifm_histogram_register(). */
bool ifm_pipeline_metrics_data(ifm_pipeline_metrics *metrics, const char *name, const char *help,
                               const double *bounds, size_t bound_count, ifm_histogram_family **out,
                               ifm_error *err);

#endif

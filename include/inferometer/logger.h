/* SPDX-License-Identifier: Apache-2.0
 *
 * The logger: what a program opens. It holds the pipelines, serves their metrics on a port, and keeps a
 * text file up to date when asked.
 *
 * Thread-safety: any thread; but ifm_logger_close() must be the last call, after every inference ended.
 *
 * Several loggers may be open. On one registry they share metric families, and their pipelines of one name
 * share series; these stay until the last of them is closed, so that no counter starts again. Each needs a
 * port of its own.
 *
 * Settings come, the later over the earlier, from: defaults; the options or the YAML file; the environment:
 *   INFEROMETER_PORT             1 to 65535, "any" for a free one, "off" for none
 *   INFEROMETER_ADDRESS
 *   INFEROMETER_NAMING           inferometer, deepsparse, both
 *   INFEROMETER_TEXT_DIRECTORY
 *   INFEROMETER_TEXT_NAME
 *   INFEROMETER_TEXT_EVERY       a whole number of inferences
 *   INFEROMETER_TEXT_SECONDS     a number from 0
 *   INFEROMETER_MONITORING       none
 * A variable that is empty counts as not set. A value that cannot be used is an error of ifm_logger_open().
 * The YAML file is one mapping whose keys are the fields of ifm_logger_options from `port` to
 * `stage_bounds` (a list), with the values above; a key that does not exist is an error, with its line.
 *
 * fork(): the child's copy of a logger has no endpoint and writes no file; closing it is harmless, using it
 * goes on, and it may open another.
 */
#ifndef IFM_LOGGER_H
#define IFM_LOGGER_H

#include <inferometer/endpoint.h>
#include <inferometer/error.h>
#include <inferometer/pipeline.h>
#include <inferometer/registry.h>
#include <inferometer/timing.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ifm_logger ifm_logger;

/* Names on the wire; may be combined. */
typedef enum ifm_naming {
    IFM_NAMING_DEFAULT = 0,     /* IFM_NAMING_INFEROMETER */
    IFM_NAMING_INFEROMETER = 1, /* inference_stage_duration_seconds{pipeline,stage}: see pipeline.h */
    IFM_NAMING_DEEPSPARSE = 2,  /* STAGE_PIPELINE, for example total_inference_ocr: see below */
    IFM_NAMING_BOTH = 3
} ifm_naming;

/* IFM_NAMING_DEEPSPARSE: one histogram for each stage and pipeline, in seconds, with the buckets of
 * Prometheus's Python client, named pre_process_NAME, engine_forward_NAME, post_process_NAME,
 * total_inference_NAME, and STAGE_NAME for stages declared later. Characters that a metric name may not
 * have become '_'; of two pipelines or stages whose names become the same one, the second is refused with
 * IFM_EXISTS. Naming is about durations only: everything else in pipeline.h is exposed under either. */

typedef enum ifm_monitoring {
    IFM_MONITORING_NONE /* the default: only the endpoint */
} ifm_monitoring;

enum {
    IFM_LOGGER_PORT_NONE = -2,  /* no endpoint */
    IFM_PIPELINES_MAX = 1000,   /* per logger */
    IFM_TEXT_EVERY_DEFAULT = 10 /* inferences between two text files */
};

typedef struct ifm_logger_options {
    int port;            /* 0 means 8000; IFM_ENDPOINT_PORT_ANY; IFM_LOGGER_PORT_NONE */
    const char *address; /* NULL means "127.0.0.1" */
    const char *user;    /* basic auth, TLS: see endpoint.h */
    const char *password_hash;
    const char *tls_cert_file;
    const char *tls_key_file;
    ifm_naming naming;
    const char *text_directory; /* NULL: no text file */
    const char *text_name;      /* NULL means "prometheus_logs.prom" */
    uint64_t text_every;        /* inferences; 0 means IFM_TEXT_EVERY_DEFAULT unless text_seconds is set */
    double text_seconds;        /* also after that time; 0: not by time */
    ifm_monitoring monitoring;
    const double *stage_bounds; /* classic buckets of stages and totals; NULL means ifm_buckets_stage() */
    size_t stage_bound_count;
    ifm_registry *registry;  /* NULL means the default registry; it must outlive the logger */
    const char *config_file; /* YAML with the same settings; then all fields above but `registry` and
                                   `stage_bounds` must be zero */
} ifm_logger_options;

/* Opens a logger: registers its metrics (those of pipeline.h; CPU, memory, threads and open files of process
 * and host as inferometer_process_* and inferometer_host_*), starts the endpoint and the text file.
 * `options` may be NULL; it is copied. The caller owns the result and closes it. On failure nothing is left
 * running or registered.
 * Errors: those of ifm_endpoint_start(); IFM_INVALID (options, environment, or the YAML file: with line
 * and column); IFM_EXISTS (a metric name is taken in the registry by something else, or with other bounds
 * by an open logger); IFM_IO; IFM_LIMIT (the YAML file is larger than 64 KiB); IFM_NOMEM. */
IFM_API IFM_MUST_USE ifm_logger *ifm_logger_open(const ifm_logger_options *options, ifm_error *err);

/* Stops the endpoint, writes the text file a last time, frees the pipelines and, when no other logger is
 * open on the registry, unregisters the metrics. NULL is accepted. */
IFM_API void ifm_logger_close(ifm_logger *logger);

/* The pipeline of that name (UTF-8, 1 to 255 bytes), made at the first call; the logger owns it. Call it
 * once and keep the result. Errors: IFM_INVALID, IFM_EXISTS (IFM_NAMING_DEEPSPARSE: see there), IFM_LIMIT
 * (over IFM_PIPELINES_MAX), IFM_NOMEM. */
IFM_API IFM_MUST_USE ifm_pipeline *ifm_logger_pipeline(ifm_logger *logger, const char *name, ifm_error *err);

/* Logs one inference whose times are known, as a success. The first call for a pipeline fixes its set of
 * stages; a later timing with another set is refused with IFM_INVALID, naming both sets, and nothing is
 * recorded. The stage total_inference counts as the whole inference; without it the whole is the sum of the
 * stages. Look-ups take no lock. Errors: also those of ifm_logger_pipeline() and ifm_pipeline_stage(). */
IFM_API IFM_MUST_USE bool ifm_logger_log_latency(ifm_logger *logger, const char *pipeline_name,
                                                 const ifm_timing *timing, ifm_error *err);

/* The registry of the logger; the port and URL of its endpoint (0 and NULL without one). */
IFM_API ifm_registry *ifm_logger_registry(const ifm_logger *logger);
IFM_API int ifm_logger_port(const ifm_logger *logger);
IFM_API const char *ifm_logger_url(const ifm_logger *logger);

#ifdef __cplusplus
}
#endif

#endif

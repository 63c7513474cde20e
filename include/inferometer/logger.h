/* SPDX-License-Identifier: Apache-2.0
 *
 * The logger: what a program opens. It holds the pipelines, serves their metrics on a port, and keeps a
 * text file up to date and brings up a monitor when asked.
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
 *   INFEROMETER_MONITORING       none, stack, embedded, auto
 *   INFEROMETER_REGISTRATION     on, off
 * A variable that is empty counts as not set. A value that cannot be used is an error of ifm_logger_open().
 * The YAML file is one mapping whose keys are the fields of ifm_logger_options from `port` to
 * `stage_bounds` (a list), with the values above; a key that does not exist is an error, with its line.
 *
 * fork(): the child's copy of a logger has no endpoint, writes no file and knows nothing of its monitor;
 * closing it is harmless, using it goes on, and it may open another.
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

/* What shows the metrics. Whatever becomes of it, the logger is open and the pipeline runs: see
 * ifm_logger_monitoring(). */
typedef enum ifm_monitoring {
    IFM_MONITORING_NONE = 0, /* the default: only the endpoint */
    IFM_MONITORING_STACK,    /* Prometheus and Grafana with dashboards, by "inferometer stack up": what the
                                prototype did with grafana_monitoring=true */
    IFM_MONITORING_EMBEDDED, /* the monitor of Inferometer, by "inferometer monitor": needs nothing else, and
                                is one process for all loggers of this user on this host */
    IFM_MONITORING_AUTO      /* the stack when it runs, or when a container engine works and has the images;
                                the monitor otherwise. Which and why is logged */
} ifm_monitoring;

/* Whether a logger with an endpoint makes itself known to monitors of this user on this host: by a file for
 * Prometheus's file_sd_configs, "$XDG_STATE_HOME/inferometer/targets/PROCESS-PID-PORT.json" (without the
 * variable, below ~/.local/state), which is removed when the logger is closed. What a process that was killed
 * has left is removed by the next logger that opens, or by the stack: until then it is a target that is down.
 * A folder that cannot be made or written is logged at IFM_LOG_INFO, no more. A program with raised
 * privileges (set-user-id, file capabilities) is not registered: the folder would be its caller's. */
typedef enum ifm_registration {
    IFM_REGISTRATION_ON = 0, /* the default */
    IFM_REGISTRATION_OFF
} ifm_registration;

typedef enum ifm_monitoring_state {
    IFM_MONITORING_STATE_OFF,      /* not asked for */
    IFM_MONITORING_STATE_STARTING, /* may take minutes: images are pulled */
    IFM_MONITORING_STATE_RUNNING,
    IFM_MONITORING_STATE_FAILED
} ifm_monitoring_state;

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
    ifm_registration registration;
    const double *stage_bounds; /* classic buckets of stages and totals; NULL means ifm_buckets_stage() */
    size_t stage_bound_count;
    ifm_registry *registry;  /* NULL means the default registry; it must outlive the logger */
    const char *config_file; /* YAML with the same settings; then all fields above but `registry` and
                                   `stage_bounds` must be zero */
} ifm_logger_options;

/* Opens a logger: registers its metrics (those of pipeline.h; CPU, memory, threads and open files of process
 * and host as inferometer_process_* and inferometer_host_*), starts the endpoint and the text file, and
 * begins to start the monitor, which is not waited for.
 * `options` may be NULL; it is copied. The caller owns the result and closes it. On failure nothing is left
 * running or registered.
 * Errors: those of ifm_endpoint_start(); IFM_INVALID (options, environment, or the YAML file: with line
 * and column); IFM_EXISTS (a metric name is taken in the registry by something else, or with other bounds
 * by an open logger); IFM_IO; IFM_LIMIT (the YAML file is larger than 64 KiB); IFM_NOMEM. */
IFM_API IFM_MUST_USE ifm_logger *ifm_logger_open(const ifm_logger_options *options, ifm_error *err);

/* Stops the endpoint, writes the text file a last time, frees the pipelines and, when no other logger is
 * open on the registry, unregisters the metrics. A monitor goes on, also one that is still starting. NULL is
 * accepted. */
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

/* What has become of monitoring; it is also logged once, at IFM_LOG_INFO when it runs and IFM_LOG_WARNING
 * when it failed. It is started by a thread of the logger, which runs the program "inferometer" (the file
 * that INFEROMETER_BIN names; else beside the library; else on PATH) in a session of its own, with the
 * environment of the moment the logger was opened, with none of the process's descriptors, as nobody's child.
 * Its output is in "stack/up.log" of the state folder, with IFM_MONITORING_EMBEDDED in "monitor/up.log" and
 * then "monitor/monitor.log". IFM_MONITORING_STATE_RUNNING means that it came up once. It stays when the
 * logger is closed: "inferometer stack down" or "inferometer monitor stop" ends it.
 *
 * `err` is filled in when the state is FAILED: IFM_NOT_FOUND (the program, or something that it needs),
 * IFM_INVALID (the logger has no endpoint), IFM_UNSUPPORTED (the process has raised privileges, and
 * starts no other), IFM_IO (it could not be started, or ended without a word), IFM_NOMEM,
 * IFM_LIMIT (the environment is larger than 4 MiB); whatever else the program reported;
 * IFM_STATE in a child of fork(). Never blocks. */
IFM_API ifm_monitoring_state ifm_logger_monitoring(const ifm_logger *logger, ifm_error *err);

/* The URL of the dashboard or of the monitor, valid until the logger is closed; NULL until monitoring is
 * running. Never blocks. */
IFM_API const char *ifm_logger_monitoring_url(const ifm_logger *logger);

#ifdef __cplusplus
}
#endif

#endif

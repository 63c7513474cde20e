/* SPDX-License-Identifier: Apache-2.0
 *
 * Opening and closing: metrics, then the endpoint, then the text file, then the registration. The file is
 * after the endpoint, as stopping writes it: a logger that cannot open, because another process has the port,
 * must not replace the file of that process. Closing takes the target off the list, ends the endpoint, then
 * the file, then the metrics, which are in its last text. A second logger on one registry shares its metrics
 * (pipeline_metrics.h).
 */
#include "pipeline/logger.h"

#include "base/base.h"
#include "pipeline/config.h"
#include "pipeline/registration.h"

#include <errno.h>

enum { PIPELINE_NAME_BUCKETS = 1024 };

static bool logger_start_text_file(ifm_logger *logger, const ifm_logger_options *settings, ifm_error *err)
{
    if (settings->text_directory == NULL) {
        return true;
    }
    const ifm_text_file_options options = {
        .directory = settings->text_directory,
        .name = settings->text_name,
        .every_pokes = settings->text_every,
        .every_seconds = settings->text_seconds,
    };
    logger->text_file = ifm_text_file_start(settings->registry, &options, err);
    return logger->text_file != NULL;
}

static bool logger_start_endpoint(ifm_logger *logger, const ifm_logger_options *settings, ifm_error *err)
{
    if (settings->port == IFM_LOGGER_PORT_NONE) {
        return true;
    }
    const ifm_endpoint_options options = {
        .address = settings->address,
        .port = settings->port,
        .user = settings->user,
        .password_hash = settings->password_hash,
        .tls_cert_file = settings->tls_cert_file,
        .tls_key_file = settings->tls_key_file,
    };
    logger->endpoint = ifm_endpoint_start(settings->registry, &options, err);
    return logger->endpoint != NULL;
}

/* A pipeline that nobody hears of runs as well: what goes wrong is logged, no more. */
static void logger_register(ifm_logger *logger, const ifm_logger_options *settings)
{
    if (logger->endpoint == NULL || settings->registration == IFM_REGISTRATION_OFF) {
        return;
    }
    ifm_error err;
    logger->registration =
        ifm_registration_open(program_invocation_short_name, ifm_endpoint_url(logger->endpoint), &err);
    if (logger->registration == NULL) {
        ifm_log(IFM_LOG_INFO, "the logger is not registered as a target: %s", err.message);
    }
}

/* Cannot fail: what becomes of it is for ifm_logger_monitoring() to tell. */
static void logger_start_monitoring(ifm_logger *logger, const ifm_logger_options *settings)
{
    const ifm_monitoring_options options = {
        .monitoring = settings->monitoring,
        .url = logger->endpoint == NULL ? NULL : ifm_endpoint_url(logger->endpoint),
        .is_registered = logger->registration != NULL,
    };
    ifm_monitoring_start(&logger->monitoring, &options);
}

static ifm_logger *logger_open(ifm_logger_options *settings, ifm_error *err)
{
    settings->registry = settings->registry == NULL ? ifm_registry_default() : settings->registry;
    ifm_logger *logger = settings->registry == NULL ? NULL : ifm_alloc_zero(1, sizeof *logger);
    if (logger == NULL) {
        ifm_error_nomem(err);
        return NULL;
    }
    logger->naming = settings->naming;
    ifm_monitoring_init(&logger->monitoring);
    logger->metrics = ifm_pipeline_metrics_acquire(settings, err);
    if (logger->metrics == NULL || !ifm_names_init(&logger->pipelines, PIPELINE_NAME_BUCKETS, err) ||
        !logger_start_endpoint(logger, settings, err) || !logger_start_text_file(logger, settings, err)) {
        ifm_logger_close(logger);
        return NULL;
    }
    logger_register(logger, settings);
    logger_start_monitoring(logger, settings);
    return logger;
}

ifm_logger *ifm_logger_open(const ifm_logger_options *options, ifm_error *err)
{
    ifm_config config;
    ifm_logger *logger = NULL;
    if (ifm_config_init(&config, options, ifm_environment_real, err)) {
        logger = logger_open(&config.settings, err);
        ifm_config_deinit(&config);
    }
    if (logger == NULL) {
        ifm_error_wrap(err, "could not open the logger");
    }
    return logger;
}

static void logger_free_pipeline(void *pipeline)
{
    ifm_pipeline_free(pipeline);
}

void ifm_logger_close(ifm_logger *logger)
{
    if (logger == NULL) {
        return;
    }
    ifm_os_presence_close(logger->registration); /* first: a target that is down would be news */
    ifm_monitoring_stop(&logger->monitoring);
    ifm_endpoint_stop(logger->endpoint);
    ifm_text_file_stop(logger->text_file); /* writes a last time: before the metrics go */
    if (logger->metrics != NULL) {
        ifm_pipeline_metrics_release(logger->metrics);
    }
    ifm_names_deinit(&logger->pipelines, logger_free_pipeline);
    ifm_free(logger);
}

/* Under the lock. */
static ifm_pipeline *logger_add_pipeline(ifm_logger *logger, const char *name, ifm_error *err)
{
    ifm_pipeline *pipeline = ifm_names_find(&logger->pipelines, name);
    if (pipeline != NULL) {
        return pipeline;
    }
    if (logger->pipelines.count >= IFM_PIPELINES_MAX) {
        ifm_error_set(err, IFM_LIMIT, "the logger has %d pipelines", IFM_PIPELINES_MAX);
        return NULL;
    }
    pipeline = ifm_pipeline_new(logger->metrics, logger->naming, logger->text_file, name, err);
    if (pipeline != NULL && ifm_names_add(&logger->pipelines, name, pipeline, err) == NULL) {
        ifm_pipeline_free(pipeline);
        pipeline = NULL;
    }
    return pipeline;
}

ifm_pipeline *ifm_logger_pipeline(ifm_logger *logger, const char *name, ifm_error *err)
{
    if (logger == NULL) {
        ifm_error_set(err, IFM_INVALID, "a pipeline cannot be made: there is no logger");
        return NULL;
    }
    if (!ifm_pipeline_name_check("pipeline", name, err)) {
        return NULL;
    }
    ifm_pipeline *pipeline = ifm_names_find(&logger->pipelines, name);
    if (pipeline == NULL) {
        ifm_pipelines_lock();
        pipeline = logger_add_pipeline(logger, name, err);
        ifm_pipelines_unlock();
        if (pipeline == NULL) {
            ifm_error_wrap(err, "could not make pipeline \"%.60s\"", name);
        }
    }
    return pipeline;
}

ifm_registry *ifm_logger_registry(const ifm_logger *logger)
{
    return logger == NULL ? NULL : logger->metrics->registry;
}

int ifm_logger_port(const ifm_logger *logger)
{
    return logger == NULL || logger->endpoint == NULL ? 0 : ifm_endpoint_port(logger->endpoint);
}

const char *ifm_logger_url(const ifm_logger *logger)
{
    return logger == NULL || logger->endpoint == NULL ? NULL : ifm_endpoint_url(logger->endpoint);
}

ifm_monitoring_state ifm_logger_monitoring(const ifm_logger *logger, ifm_error *err)
{
    return logger == NULL ? IFM_MONITORING_STATE_OFF : ifm_monitoring_look(&logger->monitoring, err);
}

const char *ifm_logger_monitoring_url(const ifm_logger *logger)
{
    ifm_error ignored;
    return ifm_logger_monitoring(logger, &ignored) == IFM_MONITORING_STATE_RUNNING ? logger->monitoring.url
                                                                                   : NULL;
}

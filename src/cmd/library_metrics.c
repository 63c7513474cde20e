/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/library_metrics.h"

#include "base/base.h"

#include <inferometer/inferometer.h>
#include <stdlib.h>
#include <string.h>

/* The name of the pipeline and of its data: a family that ends so has the name of what the user names in
 * it. */
static const char marker[] = "inferometer_probe";

/* A port, a folder or a stack that is meant for the user's own programs. */
static void environment_clear(void)
{
    static const char prefix[] = "INFEROMETER_";
    extern char **environ;
    for (char **at = environ; at != NULL && *at != NULL;) {
        char name[256];
        size_t size = strcspn(*at, "=");
        if (strncmp(*at, prefix, sizeof prefix - 1) != 0 || size >= sizeof name) {
            at++;
            continue;
        }
        memcpy(name, *at, size);
        name[size] = '\0';
        unsetenv(name); /* those behind it move up */
    }
}

static bool report_everything(ifm_pipeline *pipeline, ifm_error *err)
{
    static const double bounds[] = {1};
    ifm_histogram data;
    if (!ifm_pipeline_data(pipeline, marker, "A probe.", bounds, 1, &data, err)) {
        return false;
    }
    ifm_pipeline_model(pipeline, marker, "1", "none");
    ifm_histogram_observe(data, 1);
    ifm_inference run = ifm_inference_begin(pipeline);
    ifm_inference_queue_time(&run, 0);
    ifm_inference_batch_size(&run, 1);
    ifm_inference_stage(&run, IFM_PRE_PROCESS);
    ifm_inference_stage(&run, IFM_ENGINE_FORWARD);
    ifm_inference_tokens(&run, IFM_TOKENS_INPUT, 1);
    ifm_inference_first_token(&run);
    ifm_inference_tokens(&run, IFM_TOKENS_OUTPUT, 2);
    ifm_inference_stage(&run, IFM_POST_PROCESS);
    ifm_inference_end(&run, IFM_SUCCESS);
    run = ifm_inference_begin(pipeline);
    ifm_inference_fail(&run, "probe");
    return true;
}

static bool add_exposed(ifm_registry *registry, dashboard_metrics *metrics, ifm_error *err)
{
    char *text;
    size_t size;
    if (!ifm_registry_expose(registry, NULL, &text, &size, err)) {
        return false;
    }
    bool ok = dashboard_metrics_add_exposition(metrics, text, size, marker, err);
    ifm_free(text);
    return ok;
}

static bool add_logger(ifm_registry *registry, dashboard_metrics *metrics, ifm_error *err)
{
    const ifm_logger_options options = {.port = IFM_LOGGER_PORT_NONE,
                                        .naming = IFM_NAMING_BOTH,
                                        .text_directory =
                                            "/dev/null/none", /* no folder: nothing is written */
                                        .registration = IFM_REGISTRATION_OFF,
                                        .registry = registry};
    ifm_logger *logger = ifm_logger_open(&options, err);
    if (logger == NULL) {
        return false;
    }
    ifm_pipeline *pipeline = ifm_logger_pipeline(logger, marker, err);
    bool ok = pipeline != NULL && report_everything(pipeline, err) && add_exposed(registry, metrics, err);
    ifm_logger_close(logger);
    return ok;
}

bool library_metrics_add(dashboard_metrics *metrics, ifm_error *err)
{
    environment_clear();
    ifm_registry *registry = ifm_registry_new(NULL, err);
    if (registry == NULL) {
        return false;
    }
    bool ok = ifm_process_collector_register(registry, err) && ifm_build_info_register(registry, err) &&
              add_logger(registry, metrics, err);
    ifm_registry_free(registry);
    return ok || ifm_error_wrap(err, "could not ask the library for its metrics");
}

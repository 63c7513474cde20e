/* SPDX-License-Identifier: Apache-2.0
 *
 * A program of somebody else, in C: counts, measures an inference, and looks at the result.
 */
#include <inferometer/inferometer.h>
#include <stdio.h>
#include <string.h>

static int fail(const char *what, const ifm_error *err)
{
    fprintf(stderr, "%s: %s\n", what, err->message);
    return 1;
}

static int measure(ifm_logger *logger)
{
    ifm_error err;
    ifm_pipeline *pipeline = ifm_logger_pipeline(logger, "install", &err);
    if (pipeline == NULL) {
        return fail("pipeline", &err);
    }
    ifm_inference run = ifm_inference_begin(pipeline);
    ifm_inference_stage(&run, IFM_ENGINE_FORWARD);
    ifm_inference_end(&run, IFM_SUCCESS);

    double count = 0;
    if (!ifm_registry_sample(ifm_logger_registry(logger),
                             "inference_duration_seconds_count{pipeline=\"install\"}", &count, &err)) {
        return fail("sample", &err);
    }
    printf("inferences: %g\n", count);
    return count == 1 ? 0 : 1;
}

int main(void)
{
    ifm_error err;
    if (strcmp(ifm_version(), IFM_VERSION) != 0) {
        fprintf(stderr, "library %s, headers %s\n", ifm_version(), IFM_VERSION);
        return 1;
    }
    ifm_logger_options options = {.port = IFM_ENDPOINT_PORT_ANY};
    ifm_logger *logger = ifm_logger_open(&options, &err);
    if (logger == NULL) {
        return fail("logger", &err);
    }
    int code = measure(logger);
    ifm_logger_close(logger);
    return code;
}
